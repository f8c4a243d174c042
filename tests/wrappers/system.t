# The audit rules, kernel parameters, units and packages: check-augenrules, check-sysctl, check-systemd-unit, check-dpkg.
. "$SRCDIR/tests/wrappers/lib.sh"

# --- auditd

if component /usr/sbin/augenrules; then
	mkdir -p /etc/audit/rules.d
	printf -- '-D\n-b 8192\n' >/etc/audit/rules.d/audit.rules
	# Without --load it writes them and loads nothing into the kernel.
	rm -f /etc/audit/audit.rules
	check 0 - direct /usr/sbin/augenrules
	good $wrappers/check-augenrules
	echo '-w /etc/passwd -p wa -k accounts' >>/etc/audit/rules.d/audit.rules
	check 0 - direct /usr/sbin/augenrules --check
	bad 'Rules have changed and should be updated' $wrappers/check-augenrules
	rm -r /etc/audit/rules.d
	bad 'No rules directory' $wrappers/check-augenrules
	mv /usr/sbin/augenrules saved
	bad 'not found' $wrappers/check-augenrules
	mv saved /usr/sbin/augenrules
fi

# --- sysctl

printf '# comment\nkernel.pid_max = %s\n-no.such.thing = 1\n' "$(cat /proc/sys/kernel/pid_max)" >sysctl.good
good $wrappers/check-sysctl "$PWD/sysctl.good"
echo 'kernel.pid_max 1' >sysctl.bad
check 0 - direct /usr/sbin/sysctl --dry-run -p "$PWD/sysctl.bad"
bad 'sysctl.bad(1): invalid syntax' $wrappers/check-sysctl "$PWD/sysctl.bad"
bad 'sysctl.bad(1): invalid syntax' $wrappers/check-sysctl "$PWD/sysctl.bad" "$PWD/sysctl.good"
echo 'no.such.thing = 1' >sysctl.bad
bad '/proc/sys/no/such/thing: No such file' $wrappers/check-sysctl "$PWD/sysctl.bad"
cp sysctl.good /etc/sysctl.conf
good $wrappers/check-sysctl
bad 'nowhere.conf' $wrappers/check-sysctl "$PWD/nowhere.conf"

# --- units

if component /usr/bin/systemd-analyze; then
	unit=/etc/systemd/system/case.service
	printf '[Unit]\nDescription=A case\n[Service]\nExecStart=/bin/true\n' >unit.good
	cp unit.good $unit
	good $wrappers/check-systemd-unit $unit
	echo 'Bogus=yes' >>$unit
	check 0 - direct /usr/bin/systemd-analyze verify --man=no $unit
	bad "Bogus" $wrappers/check-systemd-unit $unit
	sed 's|/bin/true|/nowhere/true|' unit.good >$unit
	bad '/nowhere/true is not executable' $wrappers/check-systemd-unit $unit
	cp unit.good $unit
	printf '[Timer]\nOnCalendar=sometimes\n' >/etc/systemd/system/case.timer
	bad 'sometimes' $wrappers/check-systemd-unit /etc/systemd/system/case.timer
	printf '[Timer]\nOnCalendar=daily\n' >/etc/systemd/system/case.timer
	good $wrappers/check-systemd-unit /etc/systemd/system/case.timer
	# What is wrong with another one is not its fault.
	printf '[Unit]\nDescription=Another\n[Service]\nExecStart=/bin/true\nBogus=yes\n' >/etc/systemd/system/other.service
	sed 's/^Description.*/&\nRequires=other.service/' unit.good >$unit
	good $wrappers/check-systemd-unit $unit
	bad 'nowhere.service' $wrappers/check-systemd-unit /etc/systemd/system/nowhere.service
fi

# --- packages

# One whose files all are as they were, but for those that check-dpkg passes over; and as it ends with 0 whatever it finds.
if command -v dpkg >/dev/null && good $wrappers/check-dpkg passwd; then
	echo changed >>/usr/bin/expiry
	check 0 - direct /usr/bin/dpkg --verify passwd
	bad '/usr/bin/expiry' $wrappers/check-dpkg passwd
	rm /usr/bin/expiry
	bad 'missing     /usr/bin/expiry' $wrappers/check-dpkg passwd
	bad 'nosuchpackage' $wrappers/check-dpkg nosuchpackage
	echo '# changed by the administrator' >>/etc/pam.d/passwd
	bad '/usr/bin/expiry' $wrappers/check-dpkg passwd
	has_not '/etc/pam.d' "$ERR"
fi
finish

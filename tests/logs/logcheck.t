# logcheck(8), with the rules of its packages and those of samples/, on a log that rsyslog has written: each finding is reported
# once and where it belongs, changes of the database are not, and after a clean run there is nothing to report.
. "$SRCDIR/tests/logs/lib.sh"
component /usr/sbin/logcheck || finish
component /etc/logcheck/ignore.d.server/rsyslog || finish

for rules in cracking:cracking.d violations:violations.d ignore.server:ignore.d.server; do
	cp "$SRCDIR/samples/tcbck.logcheck.${rules%:*}" "/etc/logcheck/${rules#*:}/tcbck"
done
check 0 empty direct $wrappers/check-logcheck
account logcheck
install -d -o logcheck /run/lock/logcheck /var/lib/logcheck
rm -f /etc/logcheck/logcheck.logfiles.d/journal.logfiles

# As cron starts it, but that it prints what it would mail. Its files are those of Debian: /var/log/syslog and auth.log.
run_logcheck()
{
	(cd / && setpriv --reuid=logcheck --regid=logcheck --groups="$(getent group adm | cut -d: -f3)" \
		/usr/sbin/logcheck -o) >report 2>&1 </dev/null
	# Headlines are underlined.
	awk '/^Security Alerts|^Security Events|^System Events/ { section = $1 $2; next } { print section ": " $0 }' report |
		grep -vE ': (|This email is sent by logcheck.*|.*/usr/share/doc/logcheck.*|[=-]+)$' >sorted
}

start_logger rsyslog || finish
# That it starts is an event of the system, too.
expect_true "rsyslog has started" wait_until grep -q 'rsyslogd.* start' /var/log/syslog
: >/var/log/syslog
: >/var/log/auth.log
chgrp adm /var/log/syslog /var/log/auth.log
chmod 640 /var/log/syslog /var/log/auth.log

# --- an installation with one of everything

root=$PWD/root
mkdir "$root" "$root/d" "$root/other" "$root/etc"
cp /etc/passwd /etc/group "$root/etc/"
for name in type owner group mode size checksum hash_value acl capabilities links missing linked symlinked duplicate; do
	echo "$name" >"$root/d/$name"
done
ln -s mode "$root/d/target"
mknod "$root/d/device" c 1 3
tcb() { timeout 60 /usr/sbin/tcbck --root "$root" --database "$PWD/root.cfg" "$@"; }
check 0 empty tcb -o -a -r "/d" class=c owner group mode acl size target links
for name in checksum hash_value; do
	check 0 empty tcb -o -a "/d/$name" "$name" size=
done
check 0 empty tcb -o -a /d/capabilities capabilities
check 0 empty tcb -o -a /d/device device
check 0 empty tcb -o -a /d/symlinked symlinks=/d/nowhere
printf '/other/link/x:\n\ttype = FILE\n\n/d/duplicate:\n\ttype = FILE\n' >>root.cfg
rm "$root/d/type" "$root/d/missing" "$root/d/device"
mkdir "$root/d/type"
chown 1 "$root/d/owner"
chgrp 1 "$root/d/group"
chmod 600 "$root/d/mode"
for name in size checksum hash_value; do
	echo changed >>"$root/d/$name"
done
ln -sf type "$root/d/target"
mknod "$root/d/device" c 1 5
setfacl -m u:1:r "$root/d/acl" 2>/dev/null
setcap cap_net_raw=ep "$root/d/capabilities" 2>/dev/null
ln "$root/d/linked" "$root/d/second"
ln -s d/symlinked "$root/a-symlink"
ln -s /d "$root/other/link"
chown -h 1 "$root/other" "$root/other/link"
for name in setuid setgid capabilities; do
	cp /bin/true "$root/stray-$name"
done
chmod u+s "$root/stray-setuid"
chmod g+s "$root/stray-setgid"
setcap cap_net_raw=ep "$root/stray-capabilities" 2>/dev/null
mknod "$root/stray-device" b 7 0
"$CHTCB" on "$root/etc/group" 2>/dev/null
check 4 - tcb -o -n tree
# What was accepted, and what was put right.
printf 'u\nu\n' | tcb -o -t /d/size /d/mode >"$OUT" 2>"$ERR"
check 1 - tcb -o -y /d/owner
echo x >"$root/d/hash_value"
check 4 - tcb -o -p /d/hash_value
check 0 empty tcb -o -d /d/size
echo x >checked
check 0 empty tcbck -o -a "$PWD/checked" program=/bin/false
check 4 - tcbck -o -n "$PWD/checked"
logger -p authpriv.notice -t other 'something else'
expect_true "all is logged" wait_until grep -q 'something else' /var/log/auth.log

run_logcheck
cracking='type|device|target|size|checksum|hash_value|capabilities|tree-(tcb|setuid|setgid|capabilities|link|device)'
grep 'TCBCK_Check' /var/log/auth.log >findings
grep -E " error=($cracking) " findings | grep -vE ' status=(unverified|database-updated) ' | sort >cracking
sort findings | comm -23 - cracking >violations
for section in SecurityAlerts:cracking SecurityEvents:violations; do
	sed -n "s/^${section%:*}: //p" sorted | sort >"reported.${section#*:}"
	same "${section#*:}" "reported.${section#*:}"
done
sed -n 's/^SystemEvents: //p' sorted >others
expect_true "else only what is not ours: $(cat others)" test "$(sed 's/.* other: //' others)" = 'something else'
expect_true "updates are in the log" test "$(grep -c 'TCBCK_Update' /var/log/auth.log)" -gt 20
has_not TCBCK_Update report
sed -n 's/.* error=\([^ ]*\) .*/\1/p' findings | sort -u >kinds
ok "kinds: $(tr '\n' ' ' <kinds)"
for kind in type device target owner group mode size checksum hash_value links missing program duplicate unsafe-path tree-link \
	tree-symlink tree-setuid tree-setgid tree-device; do
	expect_true "there was one of $kind" grep -qx "$kind" kinds
done

# --- a clean run, and who starts it

rm "$PWD/checked"
check 0 empty tcbck -o -d "$PWD/checked"
echo x >good
check 0 empty tcbck -o -a "$PWD/good" owner mode hash_value
check 0 empty tcbck -o -n ALL
line=$(sed -n 's/^17 4 \* \* \*[[:blank:]]*root[[:blank:]]*//p' "$SRCDIR/samples/tcbck.cron")
logger -p cron.info -t 'CRON[42]' "(root) CMD ($line)"
description=$(sed -n 's/^Description=//p' "$SRCDIR/samples/tcbck.service")
for text in "Starting tcbck.service - $description..." 'tcbck.service: Deactivated successfully.' \
	"Finished tcbck.service - $description." 'tcbck.service: Consumed 12.345s CPU time.'; do
	logger -p daemon.info -t 'systemd[1]' "$text"
done
expect_true "all is logged" wait_until grep -q 'Consumed' /var/log/syslog
run_logcheck
expect_true "nothing to report: $(cat report)" test ! -s report
stop_logger
finish

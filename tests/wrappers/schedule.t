# Auditing on schedule: samples/tcbck.service and its timer, run by systemd as the first process of a case's own; what
# samples/tcbck.cron runs. Nothing is said of a clean run; a finding is in the journal, in the report and in the mail.
. "$SRCDIR/tests/wrappers/lib.sh"
. "$SRCDIR/tests/wrappers/stage.sh"

# Findings, and only they, make output: cron mails what is printed. The report has all.
stage_all
db=/etc/security/sysck.cfg
mkdir -p /etc/security
# shellcheck disable=SC2086 # a list of names
define $systems
rm "$db.part"
make_devices

# --- by cron

line=$(sed -n 's/^17 4 \* \* \*[[:blank:]]*root[[:blank:]]*//p' "$SRCDIR/samples/tcbck.cron")
# The search of the whole file system takes its time; the definitions will do.
line=$(printf '%s\n' "$line" | sed 's/ tree$/ ALL/')
expect_true "the line: $line" test -n "$line"
if component /usr/sbin/rsyslogd; then
	cat >rsyslog.conf <<-TEXT
		module(load="imuxsock" SysSock.Name="/dev/log")
		*.* action(type="omfile" file="$PWD/log")
	TEXT
	/usr/sbin/rsyslogd -n -f "$PWD/rsyslog.conf" -i "$PWD/rsyslog.pid" </dev/null >/dev/null 2>&1 &
	logger=$!
	wait_until test -S /dev/log
	install -d -m 0750 /var/log/tcbck
	check 0 empty direct /bin/sh -c "$line"
	check_out empty
	expect_true "the report has one line" test "$(wc -l </var/log/tcbck/report.json)" -eq 1
	echo 'half:x:1001' >>/etc/passwd
	check 4 - direct /bin/sh -c "$line"
	has '/etc/passwd: program is 2 '
	expect_true "the finding is logged" wait_until grep -q 'TCBCK_Check file=/etc/passwd error=program' log
	sed -i '$d' /etc/passwd
	mv "$db" saved.cfg
	check 0 empty direct /bin/sh -c "$line"
	mv saved.cfg "$db"
	rm -r /var/log/tcbck
	kill "$logger"
	rm -f /dev/log
fi

if ! component /usr/lib/systemd/systemd; then
	finish
fi

# --- by systemd

units=/etc/systemd/system
printf '#!/bin/sh\ncat >>/run/mail\n' >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
cp "$SRCDIR"/samples/tcbck*.service "$SRCDIR"/samples/tcbck.timer $units/
for unit in tcbck.service tcbck-mail.service tcbck.timer; do
	check 0 empty direct $wrappers/check-systemd-unit $units/$unit
	check_out empty
done
direct systemd-analyze security --no-pager --offline=yes $units/tcbck.service >exposure 2>&1
figure=$(sed -n 's/.*Overall exposure level for tcbck.service: \([0-9]*\)\.\([0-9]\).*/\1\2/p' exposure)
expect_true "tenths of exposure of the service: $figure" test "$figure" -le 40
sed -i 's/ tree$/ ALL/' $units/tcbck.service
mkdir $units/tcbck.timer.d
printf '[Timer]\nOnCalendar=\nOnActiveSec=1\nAccuracySec=100ms\nRandomizedDelaySec=0\n' >$units/tcbck.timer.d/now.conf

# Nothing else is to run: no unit wants another one, but for ours.
rm -rf /usr/lib/systemd/system/*.wants $units/*.wants $units/*.requires
cat >$units/case.target <<TEXT
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service case.service
TEXT
cat >$units/case.service <<TEXT
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
WorkingDirectory=$PWD
ExecStart=/bin/sh $PWD/run
StandardOutput=file:$PWD/run.log
StandardError=file:$PWD/run.log
TEXT
cat >run <<'TEXT'
echo started
state()
{
	journalctl --sync
	journalctl -o cat --no-pager -u tcbck _TRANSPORT=stdout >"$1.journal"
	systemctl show tcbck -p Result,ExecMainStatus >"$1.state"
	cp /var/log/tcbck/report.json "$1.report"
	[ ! -e /run/mail ] || cp /run/mail "$1.mail"
}
systemctl start tcbck.timer
for i in $(seq 300); do
	sleep 0.2
	[ ! -s /var/log/tcbck/report.json ] || [ "$(systemctl is-active tcbck)" != inactive ] || break
done
state clean
echo 'half:x:1001' >>/etc/passwd
systemctl start tcbck
for i in $(seq 300); do
	[ ! -s /run/mail ] || [ "$(systemctl is-active tcbck-mail)" != inactive ] || break
	sleep 0.2
done
state broken
systemctl exit
TEXT
timeout -k 5 120 unshare --mount --pid --fork --kill-child --mount-proc --cgroup --uts --ipc \
	env container=case /usr/lib/systemd/systemd --system --unit=case.target --log-target=null --show-status=no \
	</dev/null >systemd.log 2>&1
if [ ! -s run.log ]; then
	skip "systemd does not run here as a first process"
	finish
fi
expect_true "a clean run, by the timer, prints nothing" test ! -s clean.journal
expect_true "mails nothing" test ! -e clean.mail
has Result=success clean.state
expect_true "and reports that it was" test "$(wc -l <clean.report)" -eq 1
has '"status":0' clean.report
has Result=exit-code broken.state
has ExecMainStatus=4 broken.state
has '/etc/passwd: program is 2 ' broken.journal
has '"attribute":"program"' broken.report
has 'To: root' broken.mail
has '/etc/passwd: program is 2 ' broken.mail
finish

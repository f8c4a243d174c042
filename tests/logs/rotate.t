# logrotate(8), with samples/tcbck.logrotate, in the middle of a run: the old and the new files of its report and of its log
# have every line, whole and once, whichever logger there is.
. "$SRCDIR/tests/logs/lib.sh"
need jq
component /usr/sbin/logrotate || finish

cp "$SRCDIR/samples/tcbck.logrotate" /etc/logrotate.d/tcbck
chmod 644 /etc/logrotate.d/tcbck
check 0 empty direct $wrappers/check-logrotate /etc/logrotate.d/tcbck
report=/var/log/tcbck/report.json
change 1000 many

rotate()
{
	check 0 empty direct /usr/sbin/logrotate -f -s "$PWD/state" /etc/logrotate.d/tcbck
}

# all N: N findings are in the reports, strict JSON each, of N files.
all_reported()
{
	expect_true "each line is strict" sh -c "cat $report* | jq -es 'all(.[]; .v == 1)' >/dev/null"
	cat $report* | jq -r 'select(.event == "finding").path' >paths
	expect_true "$1 findings" test "$(wc -l <paths)" -eq "$1"
	expect_true "of 1000 files" test "$(sort -u paths | wc -l)" -eq 1000
}

for name in rsyslog syslog-ng inetutils; do
	start_logger $name || continue
	begin_run -o --report $report many
	answer 400
	await 400
	rotate
	expect_true "$name: the report has another name" test ! -e $report -a -s $report.1
	expect_true "$name: the log has another name" test -s $log.1
	# Once more while the run goes on.
	answer 300
	wait_until grep -q 'id=[0-9a-f]*-700$' $log
	rotate
	answer 300
	end_run
	expect_true "$name: the log is written anew" wait_until grep -q 'id=[0-9a-f]*-1000$' $log
	all_reported 1000
	expect_true "$name: the run's end is there" test "$(cat $report* | grep -c '"event":"summary"')" -eq 1
	check 4 - tcbck -n --report $report many
	expect_true "$name: the next run has a file of its own" test "$(wc -l <$report)" -eq 1001
	all_reported 2000
	expect_true "nobody else can read it" test "$(stat -c %a $report)" = 600
	wait_until grep -q 'id=[0-9a-f]*-1000$' $log
	stop_logger
	cat $log* | sed -n 's/.* id=//p' >ids
	expect_true "$name: all are in the log" test "$(sort -u ids | wc -l)" -eq 1000 -a "$(wc -l <ids)" -eq 1000
	rm -f $log* $report* state
done

# Runs without an end, and rotations meanwhile.
(
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		tcbck -n --report $report many 2>/dev/null
	done
	: >over
) &
# Less than what the sample keeps.
count=0
while [ ! -e over ] && [ $count -lt 20 ]; do
	count=$((count + 1))
	direct /usr/sbin/logrotate -f -s "$PWD/state" /etc/logrotate.d/tcbck || fail "logrotate ends with $?"
	sleep 0.1
done
wait
ok "$count rotations"
all_reported 12000
finish

# Where /dev/log is absent, with a real logger that has stopped, and full of what that has not read: the audit ends in time,
# with all findings on standard error, and says what got lost; the logger has the rest when it goes on. One that is started
# anew during a run gets everything.
. "$SRCDIR/tests/logs/lib.sh"

change 200 many
fields='TCBCK_Check file=[^ =]+ error=mode status=reported id=[0-9a-f]{32}-[0-9]+$'
tcbck -n many 2>findings

# lossy TEXT: a run that can't tell the logger
lossy()
{
	begun=$(date +%s%N)
	check 12 - tcbck -o -n many
	milliseconds=$((($(date +%s%N) - begun) / 1000000))
	lost=$(sed -n "s|^tcbck: syslog: \([0-9]*\) of 200 events could not be sent to /dev/log: $1\$|\1|p" "$ERR")
	expect_true "it says that $lost were lost" test -n "$lost"
	expect_true "after $milliseconds ms" test "$milliseconds" -lt 2500
	grep -v '^tcbck: syslog: ' "$ERR" >told
	same findings told
}

lossy 'No such file or directory'
expect_true "all of them" test "$lost" -eq 200
for name in $loggers; do
	start_logger $name || continue
	check 4 - tcbck -o -n "$PWD/many/0001"
	expect_true "$name has it" await 1
	kill -STOP "$logger"
	lossy 'Resource temporarily unavailable'
	first=$lost
	expect_true "some were taken" test "$first" -lt 200
	# Nothing is taken any more.
	lossy 'Resource temporarily unavailable'
	expect_true "$name: all of them" test "$lost" -eq 200
	kill -CONT "$logger"
	expect_true "$name: $((200 - first)) waited for it" await $((201 - first))
	check 4 - tcbck -o -n many
	expect_true "$name goes on" await $((401 - first))
	stop_logger
	read_log log
	expect_true "$name: all lines are whole" test "$(grep -cE "$header$fields" log)" -eq $((401 - first))
	expect_true "$name: once each" test "$(sed -n 's/.* id=//p' log | sort -u | wc -l)" -eq $((401 - first))
	rm -f $log
done
lossy 'No such file or directory'

for name in $loggers; do
	# The journal of the one before would go on.
	rm -rf /run/log
	start_logger $name || continue
	begin_run -o many
	answer 100
	expect_true "$name: half of a run" await 100
	stop_logger
	start_logger $name
	answer 100
	end_run
	expect_true "$name has all" await 200
	stop_logger
	read_log log
	expect_true "$name: once each" test "$(sed -n 's/.* id=//p' log | sort | uniq -c | grep -c ' 1 ')" -eq 200
	rm -f $log
done
finish

# --report FILE: everything as JSON lines, appended; rotation loses nothing; what cannot be written is told.
. "$SRCDIR/tests/cli/lib.sh"
need jq

db=$PWD/sysck.cfg
tcb() { "$TCBCK" --database "$db" "$@"; }
# Does that hold for all lines of a file?
json() { jq -es "$@" >/dev/null; }
mkdir t
i=0
while [ $i -lt 500 ]; do
	: >t/$i
	i=$((i + 1))
done

check 0 empty tcb -a -r "$PWD/t" mode class=c --report report
expect_true "it is nobody else's" test "$(stat -c %a report)" = 600
expect_true "an update is a line for each definition, and the summary" test \
	"$(jq -rc '[.event, .function] | join(" ")' report | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 summary 501 update add '
check 0 empty tcb -n --report report c
check 0 - tcb --why "$PWD/t/1" --report report
chmod 600 t/*
check 4 - tcb -n --report report c
expect_true "the terminal has the same" test "$(grep -c 'mode is' "$ERR")" -eq 500
check 1 empty tcb -p --report report "$PWD/t/0"
expect_true "each line is strict" json 'length > 1000 and all(.[]; .v == 1 and (.event | type == "string"))' report
expect_true "what was fixed is there, also where nobody is told" test \
	"$(jq -c 'select(.outcome == "fixed").path' report)" = "\"$PWD/t/0\""
expect_true "each run ends with a summary" test \
	"$(jq -r 'select(.event == "summary").status' report | tr '\n' ' ')" = '0 0 0 4 1 '
# Beside JSON on standard output, with the same lines.
rm report
check 4 empty tcb -n --format json --report report "$PWD/t/1" "$PWD/t/2"
same "$OUT" report

# What other files, and nobody else, may have: nothing of theirs is written to.
printf keep >other
ln -s other link
ln other second
mkfifo fifo
for name in link second fifo t no/report; do
	check 12 - tcb -n --report $name "$PWD/t/1"
	has "tcbck: --report $name: "
	has 'mode is'
done
rm second
expect_true "a link's file is as it was" test "$(cat other)" = keep
check 4 - tcb -n --report other "$PWD/t/1"
expect_true "a line that had no end gets one" test "$(head -n 1 other)" = keep
check 16 - tcb -n --report '' c
check 16 - tcb -n --report a --report b c

# Renamed while runs go on: no line is lost or broken.
rm -f report
(
	i=0
	while [ $i -lt 40 ]; do
		tcb -n --report report c 2>/dev/null
		i=$((i + 1))
	done
	: >over
) &
n=0
while [ ! -e over ]; do
	if [ -e report ]; then
		n=$((n + 1))
		mv report "report.$n"
	fi
	sleep 0.02
done
wait
[ ! -e report ] || mv report report.last
expect_true "in $n pieces: each line is strict" json 'all(.[]; .v == 1)' report.*
expect_true "all findings of all runs" test "$(cat report.* | grep -c '"event":"finding"')" -eq $((40 * 499))
expect_true "all summaries" test "$(cat report.* | grep -c '"event":"summary"')" -eq 40

# Two at once.
rm -f report.* over
ten() { for i in 1 2 3 4 5 6 7 8 9 10; do tcb -n --report report c 2>/dev/null; done; }
ten &
ten
wait
expect_true "two at once: each line is strict" json 'length == 20 * 500 and all(.[]; .v == 1)' report

need_mount
mkdir full
cat >inside <<'END'
mount -t tmpfs -o size=64k,mode=0755 none full || exit 77
"$TCBCK" --database "$1" -n --report full/report c
END
unshare -m sh inside "$db" >"$OUT" 2>"$ERR"
status=$?
expect_true "a full file system: status $status is 12" test $status -eq 12
has 'tcbck: report full/report: No space left on device'
expect_true "all findings are there" test "$(grep -c 'mode is' "$ERR")" -eq 499
finish

# Where the report goes can be closed, full or gone: what was not said never ends in 0, and nothing else gets it.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
i=0
mkdir t
while [ $i -lt 900 ]; do
	echo x >"t/file-with-a-name-of-some-length-so-that-the-report-is-larger-than-what-a-pipe-takes-at-once-$i"
	i=$((i + 1))
done
"$TCBCK" --database "$db" -a -r "$PWD/t" size || fail "cannot define the tree"
cp "$db" good.cfg
sed -i 's/size = 2/size = 3/' "$db"
cp "$db" before.cfg

# ended WANTED TEXT: the status is that of the last command
ended()
{
	status=$?
	expect_true "$2: status $status is $1" test $status -eq "$1"
}
"$TCBCK" --database "$db" -n ALL 2>/dev/full
ended 12 "a full standard error"
"$TCBCK" --database "$db" --format json -n ALL >/dev/full
ended 12 "a full standard output"
"$TCBCK" --database "$PWD/good.cfg" --format json -n ALL >/dev/full
ended 8 "a full standard output, nothing found"
"$TCBCK" --database "$PWD/good.cfg" -n ALL 2>/dev/full
ended 0 "a full standard error, nothing to say"
"$TCBCK" --help >/dev/full
ended 8 "--help into a full device"
"$TCBCK" --version >/dev/full
ended 8 "--version into a full device"

# A reader that goes away.
closing()
{
	{ "$@"; echo $? >status; } 2>&1 | head -n 1 >first
	ended 0 "head"
	has size first
	expect_true "a reader that goes away: status $(cat status) is 12" test "$(cat status)" -eq 12
}
closing "$TCBCK" --database "$db" -n ALL
closing "$TCBCK" --database "$db" --format json -n ALL

# Descriptors that are closed: nothing is written to a file opened in their place.
"$TCBCK" --database "$db" -n ALL 2>&-
ended 4 "a closed standard error"
"$TCBCK" --database "$db" -n ALL <&- >&- 2>&-
ended 4 "all three closed"
"$TCBCK" --database "$PWD/good.cfg" -n ALL <&- >&- 2>&-
ended 0 "all three closed, nothing found"
"$TCBCK" --database "$db" --format json -n ALL >&-
status=$?
expect_true "JSON to a closed standard output: status $status is 4 or 12" test $status -eq 4 -o $status -eq 12
same "$db" before.cfg
cp "$db" update.cfg
"$TCBCK" --database "$PWD/update.cfg" -a "$PWD/good.cfg" mode <&- >&- 2>&-
ended 0 "an update with all three closed"
"$TCBCK" --database "$PWD/update.cfg" -n "$PWD/good.cfg" 2>"$ERR"
ended 0 "what it wrote"

# A pipe that is slow and one that does not block.
{ "$TCBCK" --database "$db" -n ALL; echo $? >status; } 2>&1 | { sleep 0.3; cat; } >slow
"$TCBCK" --database "$db" -n ALL 2>quick
same slow quick
expect_true "a slow reader: status $(cat status) is 4" test "$(cat status)" -eq 4

# Text is on standard error alone, JSON on standard output alone.
check 4 - "$TCBCK" --database "$db" -n ALL
check_out empty
check 4 empty "$TCBCK" --database "$db" --format json -n ALL
# A limit of size for files, met by the report, is an error of writing.
(ulimit -f 1 && exec "$TCBCK" --database "$db" -n ALL 2>limited)
ended 12 "a report that outgrows the limit for files"
finish

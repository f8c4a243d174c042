# Exit statuses: a sum of 4, 8 and 32; 16 for each command line that is wrong, which then does nothing at all.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
echo x >good
echo x >bad
echo x >lost
"$TCBCK" --database "$db" -a "$PWD/good" size=2 class=good || fail "cannot define"
"$TCBCK" --database "$db" -a "$PWD/bad" size=3 class=bad || fail "cannot define"
printf '%s:\n\ttype = FILE\n\tprogram = /nowhere/program\n\tclass = unknown\n' "$PWD/lost" >>"$db"

tcbck()
{
	"$TCBCK" --database "$db" "$@"
}
check 0 empty tcbck -n good
check 4 - tcbck -n bad
check 8 - tcbck -n unknown
check 12 - tcbck -n bad unknown
check 12 - tcbck -n ALL
check 8 - tcbck -n nothing
check 8 - tcbck -n ''
check 8 - tcbck -n good nothing
check 12 - tcbck -n bad nothing
check 8 - "$TCBCK" --database "$PWD/none.cfg" -n ALL
check 8 - "$TCBCK" --database "$PWD" -n ALL
# An empty database: everything in it was examined.
: >empty.cfg
check 0 empty "$TCBCK" --database "$PWD/empty.cfg" -n ALL
check 0 - "$TCBCK" --help
has usage: "$OUT"
check 0 empty "$TCBCK" --version
check 16 - "$TCBCK"
has usage:
check_out empty

# --- usage

cp "$db" before.cfg
usage()
{
	check 16 - tcbck "$@"
	if [ -s "$OUT" ]; then
		fail "$*: something is on standard output"
	fi
	expect_true "and it is said why" test -s "$ERR"
}
path=$PWD/good
usage
usage ALL
usage "$path"
usage -n
usage -n ALL good
usage -n good ALL
usage -n ALL ALL
usage -na "$path"
usage -nd good
usage -n -l /dev/null
usage -a -d "$path"
usage -n --why "$path"
usage -np good
usage -ny good
usage -t -y good
usage -p
usage -y
usage -t
usage -y ALL good
usage -p -d good
usage -y -a "$path" size
usage --fix-limit x -y good
usage --fix-limit -1 -y good
usage --fix-limit= -y good
usage --why
usage --why "$path" good
usage -n -r good
usage -n -f file
usage -d -r "$PWD"
usage -l -f file
usage -l
usage -d
usage -d ALL
usage -d good ALL
usage -d -f file good
usage -a
usage -a sysck
usage -a ALL size
usage -a -f
usage -a -f file "$path"
usage -a -f file -r "$PWD"
usage -a -f file -f other
usage -a --if-present "$path" size
usage -n --if-present ALL
usage -d --if-present -f file
usage -j
usage -j 0 -n ALL
usage -j -1 -n ALL
usage -j x -n ALL
usage -j 1x -n ALL
usage -j 99999999999999999999 -n ALL
usage -j '' -n ALL
usage --jobs=0 -n ALL
usage --format xml -n ALL
usage --format= -n ALL
usage --format
usage --root
usage --root= -n ALL
usage --database= -n ALL
usage --database "$db" -n ALL
usage --root / --root / -n ALL
usage --no-such-option -n ALL
usage -X -n ALL
usage -n -X ALL
usage --verbose=yes -n ALL
usage --pro -n ALL --f
usage -v
usage -- ALL
usage "$(printf -- '--\033[31m')" -n ALL
expect_true "a hostile option is escaped" sh -c '! LC_ALL=C grep -q "$(printf "\033")" "$1"' sh "$ERR"
same before.cfg "$db"
# What getopt_long(3) makes of options: grouped, shortened, anywhere, ended by `--`.
check 0 - tcbck -vn good
check 0 - tcbck -vnj1 good
check 0 - tcbck -j 2 --verb good -n
check 0 empty tcbck --no-prog -n -- good
check 0 empty "$TCBCK" "--data=$db" -n good
check 8 - tcbck -n -- -n
has "-n: no definition of that class"

# --- signals

cat >slow <<'END'
#!/bin/sh
echo $$ >"$1"
sleep 100
END
chmod 755 slow
interrupted()
{
	rm -f pid
	# What stands in the background ignores SIGINT, and tcbck leaves ignored what it finds ignored.
	env --default-signal "$TCBCK" --database "$db" --format json -j1 -n "$@" >"$OUT" 2>"$ERR" &
	running=$!
	wait_until test -s pid
	kill -"$signal" $running
	begin=$(date +%s)
	wait $running
	status=$?
	expect_true "$signal: it ends soon" test $(($(date +%s) - begin)) -lt 50
	expect_true "$signal: status $status has 32" test $((status & 32)) -eq 32
	expect_true "$signal: no signal ended it" test $status -lt 64
	expect_true "$signal: what was found is told" grep -q '"attribute":"size"' "$OUT"
	tail -n 1 "$OUT" >last
	expect_true "$signal: the last line is the summary" grep -q "\"event\":\"summary\".*\"status\":$status}" last
	expect_true "$signal: its command is gone" sh -c "! kill -0 $(cat pid) 2>/dev/null"
}
"$TCBCK" --database "$db" -a "$PWD/good" program="$PWD/slow,$PWD/pid" || fail "cannot define a slow one"
tcbck -d "$PWD/good" "$PWD/lost" || fail "cannot delete"
tcbck -a "$PWD/good" program="$PWD/slow,$PWD/pid" || fail "cannot define a slow one"
for signal in INT TERM HUP; do
	interrupted ALL
done
# What is ignored stays so, as under nohup(1).
rm -f pid
(trap '' HUP && exec "$TCBCK" --database "$db" -n "$PWD/good") >"$OUT" 2>"$ERR" &
running=$!
wait_until test -s pid
kill -HUP $running
sleep 0.2
expect_true "an ignored SIGHUP does not end it" kill -0 $running
kill -TERM $running
wait $running
# An explanation, too.
rm -f pid
"$TCBCK" --database "$db" --why "$PWD/good" >"$OUT" 2>"$ERR" &
running=$!
wait_until test -s pid
kill -TERM $running
wait $running
status=$?
expect_true "--why: status $status has 32" test $((status & 32)) -eq 32
# An update that is interrupted changes nothing.
cp "$db" before.cfg
mkfifo input
"$TCBCK" --database "$db" -a -f - <input >"$OUT" 2>"$ERR" &
running=$!
exec 8>input
printf '/etc/passwd:\n\ttype = FILE\n' >&8
wait_until catches $running
sleep 0.3
kill -TERM $running
exec 8>&-
wait $running
status=$?
same before.cfg "$db"
expect_true "an update: status $status has 32" test $((status & 32)) -eq 32
finish

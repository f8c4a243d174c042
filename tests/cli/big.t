# A database of 300 MB: one named file, one class, an explanation and an error at its end, within bounds of time and memory.
. "$SRCDIR/tests/cli/lib.sh"

if grep -q -- -fsanitize "$BUILDDIR/flags" 2>/dev/null; then
	skip "a database of 300 MB: not with a sanitizer"
	finish
fi
space=$(df -Pk . | awk 'NR == 2 { print $4 }')
if [ "${space:-0}" -lt 700000 ]; then
	skip "a database of 300 MB: no room for it"
	finish
fi

db=$PWD/big.cfg
echo content >file
# 900 stanzas of some 250 bytes are one piece; the pieces differ in their number, so that no name is there twice.
awk 'BEGIN {
	hash = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for (piece = 0; piece < 1400; piece++)
		for (i = 0; i < 900; i++)
			printf "/nowhere/at/all/directory-%d/with/a/longer/name/file-%d:\n\tacl =\n\tclass = class%d\n" \
				"\tgroup = root\n\thash_value = %s\n\tlinks =\n" \
				"\tmode = rwxr-xr-x\n\towner = root\n\tsize = %d\n\ttype = FILE\n\n",
				piece, i, i % 7, hash, i
}' >"$db"
cat >>"$db" <<END
$PWD/file:
	class = last
	size = 8
	type = FILE
END
size=$(wc -c <"$db")
expect_true "the database has $size bytes" test "$size" -ge 300000000

# bounded SECONDS TEXT COMMAND...: with no more memory than that, status in $status
bounded()
{
	limit=$1
	text=$2
	shift 2
	begin=$(date +%s)
	# The text itself, and something for each stanza and name.
	# shellcheck disable=SC3045 # every sh of Debian has it
	(ulimit -v 1200000 && exec timeout 60 "$@") >"$OUT" 2>"$ERR"
	status=$?
	took=$(($(date +%s) - begin))
	expect_true "$text: $took seconds are at most $limit" test $took -le "$limit"
}
bounded 40 "one file" "$TCBCK" --database "$db" -n "$PWD/file"
expect_true "one file: it is good" test $status -eq 0 -a ! -s "$ERR"
bounded 40 "one class" "$TCBCK" --database "$db" -j1 -n last
expect_true "one class: it is good" test $status -eq 0 -a ! -s "$ERR"
bounded 40 "--why" "$TCBCK" --database "$db" --why "$PWD/file"
expect_true "--why: it is good" test $status -eq 0
has "$PWD/file: size good: 8"
printf 'oops\n\n%s/file:\n\ttype = FILE\n' "$PWD" >>"$db"
bounded 40 "an error at the end" "$TCBCK" --database "$db" -n "$PWD/file"
expect_true "an error at the end: status $status is 12" test $status -eq 12
has "big.cfg:$(($(wc -l <"$db") - 3)):"
has "$PWD/file: duplicate is "
# More than the limit for all databases is refused, not read.
"$HELPERS/make" sparse "$PWD/huge.cfg" 5000 && bounded 40 "5 GB" "$TCBCK" --database "$PWD/huge.cfg" -n ALL
expect_true "5 GB: status $status is 8" test $status -eq 8
# Memory that does not do is an error, and no crash. For one file it does.
# shellcheck disable=SC3045
(ulimit -v 200000 && exec timeout 60 "$TCBCK" --database "$db" -n "$PWD/file") >"$OUT" 2>"$ERR"
status=$?
expect_true "little memory for one file: status $status is 12" test $status -eq 12
has "$PWD/file: duplicate is "
# shellcheck disable=SC3045
(ulimit -v 200000 && exec timeout 60 "$TCBCK" --database "$db" -n last) >"$OUT" 2>"$ERR"
status=$?
expect_true "too little memory: status $status is 8" test $status -eq 8
has memory
finish

# The progress line: on a terminal it appears after a second and is wiped before the first finding; elsewhere there is none.
. "$SRCDIR/tests/cli/lib.sh"
need_terminal

db=$PWD/sysck.cfg
echo x >file
cat >slow <<'END'
#!/bin/sh
sleep 1.7
exit 3
END
chmod 755 slow
"$TCBCK" --database "$db" -a "$PWD/file" program="$PWD/slow" || fail "cannot define"
cat >quick.cfg <<END
$PWD/file:
	type = FILE
	size = 7
END

# on_terminal COMMAND...: what a terminal gets, in ./typescript
on_terminal()
{
	printf '%s ' "$@" >terminal.sh
	echo "; echo \$? >'$PWD/status'" >>terminal.sh
	script -q -f -c "sh '$PWD/terminal.sh'" typescript </dev/null >/dev/null 2>&1
}
escape=$(printf '\033')
on_terminal "$TCBCK" --database "$db" -n ALL
expect_true "status $(cat status) is 4" test "$(cat status)" -eq 4
has "0 of 1 objects" typescript
tr '\r' '\n' <typescript | tr -s '\n' >lines
expect_true "the line is wiped right before the finding" \
	sh -c 'grep -F "program is 3" "$1" | grep -q "^$2\[K[^ ]*/file: program"' sh lines "$escape"
expect_true "the finding is not on the line" sh -c '! grep -F "program is 3" "$1" | grep -q objects,' sh lines
expect_true "nothing is drawn after the finding" sh -c '! sed "1,/program is 3/d" "$1" | grep -q "of 1 objects"' sh lines
has "1 definition, 1 object, 1 finding" typescript
drawn=$(grep -c '0 of 1 objects' lines)
expect_true "it is redrawn now and then: $drawn times" test "$drawn" -ge 2 -a "$drawn" -le 10
# Some redrawings fit into no more than a line.
expect_true "it is one line" sh -c '! grep "of 1 objects" "$1" | grep -q ".\{120\}"' sh lines

on_terminal "$TCBCK" --no-progress --database "$db" -n ALL
has_not "of 1 objects" typescript
has "program is 3" typescript
on_terminal "$TCBCK" --database "$PWD/quick.cfg" -n ALL
has_not "of 1 objects" typescript
has "size is 2, should be 7" typescript
on_terminal "$TCBCK" --database "$db" --format json -n ALL ">json"
has "0 of 1 objects" typescript
has_not program typescript
has '"event":"summary"' json
has_not objects, json

# No terminal: none, unless it is asked for.
check 4 - "$TCBCK" --database "$db" -n ALL
has_not "of 1 objects"
expect_true "and no summary" test "$(wc -l <"$ERR")" -eq 1
check 4 - "$TCBCK" --progress --database "$db" -n ALL
has "0 of 1 objects"
finish

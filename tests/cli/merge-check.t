# -a -f: after merging, what was merged is checked and repaired, as -y or as the policy beside it says; nothing else is.
. "$SRCDIR/tests/cli/lib.sh"

need_root
mkdir t undo
t=$PWD/t
db=$PWD/sysck.cfg

tcbck()
{
	"$TCBCK" --database "$db" --undo "$PWD/undo" "$@"
}

set_up()
{
	for i in 1 2 3; do
		echo content >"$t/$i"
		chmod 644 "$t/$i"
	done
	printf '* kept\n%s:\n\ttype = FILE\n\tmode = rwx------\n' "$t/3" >"$db"
	printf '%s:\n\ttype = FILE\n\tmode = rw-------\n\n%s:\n\tmode\n\tsize\n' "$t/1" "$t/2" >file
}

modes()
{
	found=$(cd t && stat -c '%n:%a' 1 2 3 | tr '\n' ' ')
	expect_true "are ${found}should be $1" test "$found" = "$1 "
}

# Fixes and reports; the third is not its business.
set_up
check 1 - tcbck -a -f file
has "$t/1: mode is rw-r--r--, should be rw------- [fixed]"
has "tcbck: undo record: "
modes '1:600 2:644 3:644'
expect_true "it was merged" grep -q "^$t/2:" "$db"
expect_true "the rest stays" grep -qx '\* kept' "$db"
record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" -y ALL
modes '1:644 2:644 3:644'
# As -y and -p, -n, -t say.
set_up
check 1 - tcbck -a -y -f file
has '[fixed]'
set_up
check 1 empty tcbck -a -p -f file
modes '1:600 2:644 3:644'
set_up
check 4 - tcbck -a -n -f file
has "$t/1: mode is rw-r--r--, should be rw-------"
has_not '['
modes '1:644 2:644 3:644'
expect_true "merged all the same" grep -q "^$t/2:" "$db"
set_up
check 1 - sh -c 'echo y | "$@"' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -a -t -f file
modes '1:600 2:644 3:644'
set_up
check 4 - sh -c 'echo n | "$@"' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -a -t -f file
has '[left]'
modes '1:644 2:644 3:644'
# From standard input, which then can't answer.
set_up
check 1 - sh -c '"$@" <file' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -a -f -
modes '1:600 2:644 3:644'
# Nothing wrong.
set_up
chmod 600 t/1
check 0 empty tcbck -a -f file
# An error in the file: nothing is merged and nothing is repaired.
set_up
cp "$db" before
printf '\n%s:\n\ttype = NONSENSE\n' "$t/x" >>file
check 8 - tcbck -a -f file
same before "$db"
modes '1:644 2:644 3:644'
# One in the database: the same.
set_up
printf '\n%s:\n\ttype = NONSENSE\n' "$t/x" >>"$db"
cp "$db" before
check 8 - tcbck -a -f file
same before "$db"
modes '1:644 2:644 3:644'
# Content is judged; the limit holds.
set_up
printf '\n%s:\n\ttype = FILE\n\tsize = 1\n' "$t/3" >>file
check 4 - tcbck -a -f file --fix-limit 0
has '[refused: 1 object'
modes '1:644 2:644 3:644'
check 5 - tcbck -a -f file
has "$t/3: size is 8, should be 1 [left: disabled: no source to restore it from]"
modes '1:600 2:644 3:0'
# What is not there, and what is left out.
set_up
printf '\n%s:\n\ttype = FILE\n' "$t/nowhere" >>file
check 5 - tcbck -a -f file
has "$t/nowhere: missing is absent, should be FILE [failed: no source to restore it from]"
set_up
check 1 - tcbck -a --if-present -f file
has '[fixed]'
has_not 'nowhere'
# JSON has outcomes, and the summary last.
set_up
check 1 empty tcbck -a --format json -f file
has '"outcome":"fixed"' "$OUT"
expect_true "the summary is last" sh -c 'tail -n 1 "$1" | grep -q "\"event\":\"summary\".*\"status\":1}"' sh "$OUT"
# A policy goes with nothing else.
for policy in -n -p -t -y; do
	check 16 - tcbck -a $policy "$t/1" size
	check 16 - tcbck -d $policy -f file
	check 16 - tcbck -l $policy /dev/null
done
check 16 - tcbck -a -n -y -f file
finish

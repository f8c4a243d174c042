# Updates at the same time: all of them are in, and whole.
. "$SRCDIR/tests/cli/lib.sh"

printf '# head\nsysck:\n\thash = sha256\n' >db
cp db before
for round in 1 2 3 4 5; do
	"$TCBCK" --database "$PWD/db" -a "/two/a$round" type=FILE &
	first=$!
	"$TCBCK" --database "$PWD/db" -a "/two/b$round" type=FILE &
	second=$!
	wait $first && wait $second || fail "one of two failed"
done
expect_true "both of two are in, five times" test "$(grep -c '^/two/[ab][1-5]:' db)" -eq 10

# Twenty, that add, replace, delete and set.
cp before db
for i in 1 2 3 4; do
	printf '\n/old/%d:\n\ttype = FILE\n' $i >>db
done
pids=
for i in 1 2 3 4; do
	"$TCBCK" --database "$PWD/db" -a "/new/a$i" type=FILE mode=0600 &
	pids="$pids $!"
	"$TCBCK" --database "$PWD/db" -a "/new/b$i" type=DIRECTORY &
	pids="$pids $!"
	: >"c$i"
	: >"d$i"
	# What these define is there and good, since it is looked at afterwards.
	printf '%s/c%d:\n\tsize\n\n%s/d%d:\n\ttype = FILE\n' "$PWD" $i "$PWD" $i |
		"$TCBCK" --database "$PWD/db" -a -f - &
	pids="$pids $!"
	"$TCBCK" --database "$PWD/db" -d "/old/$i" &
	pids="$pids $!"
	"$TCBCK" --database "$PWD/db" -a sysck "program_timeout=1$i" &
	pids="$pids $!"
done
failed=0
for pid in $pids; do
	wait "$pid" || failed=$((failed + 1))
done
expect_true "twenty at once ended well" test $failed -eq 0
expect_true "all new ones are in" test "$(grep -c '^/.*/[abcd][1-4]:$' db)" -eq 16
expect_true "all old ones are out" test "$(grep -c '^/old/' db)" -eq 0
expect_true "the setting is there once" test "$(grep -c 'program_timeout = 1[1-4]$' db)" -eq 1
expect_true "nothing else is there" test "$(grep -c '^[/s]' db)" -eq 17
rm [cd][1-4]
expect_true "nothing is left beside it" test "$(ls -A | tr '\n' ' ')" = "before db db.lock "
check 4 - "$TCBCK" --database "$PWD/db" -n ALL
has_not db:

# One that waits reads what the other wrote: the lock is held for a second, and the database replaced meanwhile.
need flock
is_held() { ! flock -n db.lock true; }
flock db.lock sh -c 'sleep 1; printf "/other:\n\ttype = FILE\n" >db.x; chmod 600 db.x; mv db.x db' &
wait_until is_held
check 0 empty "$TCBCK" --database "$PWD/db" -a /mine type=FILE
wait
printf '/other:\n\ttype = FILE\n\n/mine:\n\ttype = FILE\n' >expected
same expected db
# A check takes no lock.
exec 9<db.lock
flock 9
check 4 - timeout 50 "$TCBCK" --database "$PWD/db" -n ALL
has '/mine: missing is absent, should be FILE'
exec 9<&-
finish

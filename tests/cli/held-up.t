# What takes long - a file of 200 GB, a file system that is slow, a file that grows for ever - does not hold up the rest: the
# other worker examines everything else meanwhile, the progress line goes on, and a signal ends the run, which tells what it
# has found.
. "$SRCDIR/tests/cli/lib.sh"

need timeout
need truncate
mkdir files
i=0
while [ $i -lt 300 ]; do
	echo $i >files/$i
	i=$((i + 1))
done
chmod 755 . files
# Its findings on all of them, and a definition before them that takes long: $1.
define()
{
	"$TCBCK" --database "$PWD/all.cfg" -a -r "$PWD/files" hash_value mode || fail "cannot define"
	printf '%s:\n\ttype = FILE\n\thash_value = sha256:%064d\n\n' "$1" 0 >sysck.cfg
	sed 's/mode = rw-r--r--/mode = rwx------/' all.cfg >>sysck.cfg
	rm all.cfg
}

# The last state of the progress line.
progress()
{
	tr '\r' '\n' <err | grep -o '^[0-9]* of [0-9]* objects' | tail -n 1
}

has_examined_others() { [ "$(progress)" = "301 of 302 objects" ]; }

# held_up WHAT - runs the check, on two threads, until all but what takes long is examined, and a signal ends it.
held_up()
{
	"$TCBCK" --database "$PWD/sysck.cfg" -j 2 --progress -n ALL 2>err &
	run=$!
	wait_until has_examined_others && ok "$1: meanwhile all others are examined"
	kill -TERM $run
	wait $run
	status=$?
	expect_true "$1: then the run is ended: status $status" test $status -eq 44
	expect_true "$1: and all others are told" test "$(grep -c 'mode is rw-r--r--, should be rwx------$' err)" -eq 300
}

# --- 200 GB without a block: its size, and what it is, cost nothing; its digest is not waited for

truncate -s 200G large
define "$PWD/large"
held_up "200 GB"
printf '%s:\n\ttype = FILE\n\tsize = %d\n\tmode = rw-r--r--\n' "$PWD/large" $((200 * 1024 * 1024 * 1024)) >size.cfg
start=$(date +%s)
check 0 empty "$HELPERS/make" peak peak "$TCBCK" --database "$PWD/size.cfg" -n ALL
expect_true "200 GB: its size is known at once" test $(($(date +%s) - start)) -le 30
timeout -s TERM 2 "$HELPERS/make" peak peak timeout -s TERM 1 "$TCBCK" --database "$PWD/sysck.cfg" -n ALL 2>err
expect_true "200 GB: reading it takes $(cat peak) kB of memory" test "$(cat peak)" -lt 40000
rm large

# --- a file that grows for ever: it is no longer waited for, and nothing is said of its content

head -c 40000000 /dev/zero >growing
define "$PWD/growing"
dd if=/dev/zero bs=500 count=20000000 status=none >>growing &
writer=$!
timeout 25 "$TCBCK" --database "$PWD/sysck.cfg" -j 2 -n ALL 2>err
status=$?
kill $writer
wait $writer 2>/dev/null
expect_true "growing: status $status" test $status -eq 12
grep -v ': mode is ' err >others
has "$PWD/growing: hash_value unverified: changes while it is read" others
expect_true "growing: the others are told" test "$(grep -c 'mode is rw-r--r--, should be rwx------$' err)" -eq 300
rm growing

# --- a file system that takes its time

need_mount
if [ ! -c /dev/fuse ] || ! grep -q 'fuse$' /proc/filesystems; then
	skip "the rest needs FUSE"
	finish
fi
mkdir fuse
# serve BLOCKS MILLISECONDS COMMAND - runs it beside a slow file system that nobody else sees.
cat >serve <<'END'
"$HELPERS/slow" fuse $1 $2 >mounted &
server=$!
# It says so, or ends.
while [ ! -s mounted ] && kill -0 $server 2>/dev/null; do
	sleep 0.05
done
[ -s mounted ] || exit 77
shift 2
"$@"
status=$?
umount -l fuse
kill $server 2>/dev/null
wait $server 2>/dev/null
: >mounted
exit $status
END
define "$PWD/fuse/slow"
# Examined to its end, it is as it is.
digest=$(head -c 40960 /dev/zero | sha256sum | cut -d' ' -f1)
sed "s/sha256:0\{64\}/sha256:$digest/" sysck.cfg >good.cfg
unshare -m sh serve 10 50 "$TCBCK" --database "$PWD/good.cfg" -j 2 -n ALL 2>err
status=$?
if [ $status -eq 77 ]; then
	skip "the rest needs FUSE mounts"
	finish
fi
expect_true "slow, 50 ms a block: status $status" test $status -eq 4
expect_true "slow: it is good, and the others are told" test "$(wc -l <err)" -eq 300
# What is read at once is 256 kB: that much of it is waited for. The case's own functions, as sh does not export them.
{
	echo '. "$SRCDIR/tests/cli/lib.sh"'
	sed -n '/^progress()/,/^# ---/p' "$SRCDIR/tests/cli/held-up.t"
	echo 'held_up "slow, 80 s in all"'
	echo finish
} >later
unshare -m sh serve 4000 20 sh later
finish

# What takes long - a file of 10 GB, a file system that is slow, a file that grows for ever - does not hold up the rest: the
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
# Its findings on all of them, and a definition before them, in the middle and after them that takes long: $1.
define()
{
	"$TCBCK" --database "$PWD/all.cfg" -a -r "$PWD/files" hash_value mode || fail "cannot define"
	sed 's/mode = rw-r--r--/mode = rwx------/' all.cfg >sysck.cfg
	printf '\n%s:\n\ttype = FILE\n\thash_value = sha256:%064d\n' "$1" 0 >>sysck.cfg
	rm all.cfg
}

# The last state of the progress line.
progress()
{
	tr '\r' '\n' <err | grep -o '^[0-9]* of [0-9]* objects' | tail -n 1
}

# held_up WHAT - runs the check, on two threads, until it is stopped after three seconds.
held_up()
{
	start=$(date +%s)
	timeout -s TERM 3 "$TCBCK" --database "$PWD/sysck.cfg" -j 2 --progress -n ALL 2>err
	seconds=$(($(date +%s) - start))
	expect_true "$1: the run is ended in $seconds s" test $seconds -le 5
	expect_true "$1: meanwhile all others are examined ($(progress))" test "$(progress)" = "301 of 302 objects"
	expect_true "$1: and told" test "$(grep -c 'mode is rw-r--r--, should be rwx------$' err)" -eq 300
}

# --- 10 GB without a block: its size, and what it is, cost nothing; its digest is not waited for

truncate -s 10G large
define "$PWD/large"
held_up "10 GB"
printf '%s:\n\ttype = FILE\n\tsize = %d\n\tmode = rw-r--r--\n' "$PWD/large" $((10 * 1024 * 1024 * 1024)) >size.cfg
start=$(date +%s)
check 0 empty "$HELPERS/make" peak peak "$TCBCK" --database "$PWD/size.cfg" -n ALL
expect_true "10 GB: its size is known at once" test $(($(date +%s) - start)) -le 1
timeout -s TERM 2 "$HELPERS/make" peak peak timeout -s TERM 1 "$TCBCK" --database "$PWD/sysck.cfg" -n ALL 2>err
expect_true "10 GB: reading it takes $(cat peak) kB of memory" test "$(cat peak)" -lt 40000
rm large

# --- a file that grows for ever: it is no longer waited for, and nothing is said of its content

head -c 40000000 /dev/zero >growing
define "$PWD/growing"
dd if=/dev/zero bs=500 count=4000000 status=none >>growing &
writer=$!
start=$(date +%s)
timeout 30 "$TCBCK" --database "$PWD/sysck.cfg" -j 2 -n ALL 2>err
status=$?
seconds=$(($(date +%s) - start))
kill $writer
wait $writer 2>/dev/null
expect_true "growing: status $status after $seconds s" test $status -eq 12 -a $seconds -le 10
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
tries=0
while [ ! -s mounted ] && [ $tries -lt 100 ]; do
	sleep 0.05
	tries=$((tries + 1))
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
cat >later <<'END'
timeout -s TERM 3 "$TCBCK" --database "$PWD/sysck.cfg" -j 2 --progress -n ALL 2>err
END
start=$(date +%s)
# What is read at once is 256 kB: that much of it is waited for.
unshare -m sh serve 2000 20 sh later
seconds=$(($(date +%s) - start))
expect_true "slow, 40 s in all: the run is ended in $seconds s" test $seconds -le 6
expect_true "slow: meanwhile all others are examined ($(progress))" test "$(progress)" = "301 of 302 objects"
expect_true "slow: and told" test "$(grep -c 'mode is rw-r--r--, should be rwx------$' err)" -eq 300
finish

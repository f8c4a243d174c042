# `tcbck -a` is killed at each of its system calls, and each call that opens, reads or changes something fails: the database
# is always whole, old or new, to the byte; what was confirmed (exit status 0) is in; the next update works and leaves
# nothing behind.
. "$SRCDIR/tests/cli/lib.sh"

need_ptrace

# A sanitizer's leak check does not work under strace.
export ASAN_OPTIONS=detect_leaks=0 LSAN_OPTIONS=detect_leaks=0
dir=$PWD/etc
db=$dir/sysck.cfg
mkdir etc tree
printf 'abc' >tree/file
printf '* kept\nsysck:\n\thash = sha512   \n\n/bin/a:\n\ttype = FILE   ' >old
next='\n/next:\n\ttype = FILE\n'

# The update under test, under strace, whose options stand before --.
traced()
{
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options
	strace -f -qq -o strace.log $options "$TCBCK" --database "$db" -j 1 "$@" >out 2>err
}

set_up()
{
	rm -f "$dir"/* "$dir"/.[!.]*
	cat old >"$db"
}

# The database has the bytes of $1. (A number is as good as a name where the names of users can't be read.)
has_bytes()
{
	cmp -s "$db" "$1" || sed "s/owner = $(id -u)\$/owner = $(id -un)/" "$db" | cmp -s - "$1"
}

# Judges what is there after an update that was disturbed and ended with $2; $1 says how.
judge()
{
	if has_bytes new; then
		state=new
	elif cmp -s "$db" old; then
		state=old
	else
		broken="$broken; $1: the database is neither old nor new"
		return
	fi
	[ "$2" -ne 0 ] || [ $state = new ] || broken="$broken; $1: confirmed, but not in"
	[ "$(stat -c %a "$db")" = 644 ] || broken="$broken; $1: the mode is not kept"
	"$TCBCK" --database "$db" -a /next type=FILE 2>err2 || broken="$broken; $1: the next update fails: $(cat err2)"
	has_bytes $state.next || broken="$broken; $1: the next update is wrong"
	# shellcheck disable=SC2012 # names of our own
	[ "$(ls -A "$dir" | tr '\n' ' ')" = "sysck.cfg sysck.cfg.lock " ] || broken="$broken; $1: left: $(ls -A "$dir")"
}

result()
{
	if [ -z "$broken" ]; then
		ok "$1"
	else
		fail "$1$broken"
	fi
}

# Runs the update "$@" undisturbed: what it makes, and which calls it makes how often, in the files new and calls.
measure()
{
	set_up
	check 0 empty traced -- "$@"
	cp "$db" new
	# shellcheck disable=SC2059 # the text is one
	{ cat new; printf "$next"; } >new.next
	# shellcheck disable=SC2059
	{ cat old; printf "\n$next"; } >old.next
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' strace.log | grep -vxE 'execve|exit|exit_group|rt_sigreturn' |
		sort | uniq -c >calls
	expect_true "renameat is made once" grep -qE '^ *1 renameat2?$' calls
	expect_true "fsync is made twice" grep -qE '^ *2 fsync$' calls
}

# Kills the update "$@" on entering each call that the pattern $1 has.
kill_at_each()
{
	pattern=$1
	shift
	broken=
	kills=0
	states=
	grep -E " ($pattern)\$" calls >chosen
	while read -r count call; do
		i=1
		while [ "$i" -le "$count" ]; do
			set_up
			traced -e "inject=$call:signal=KILL:when=$i" -- "$@"
			status=$?
			[ $status -eq 137 ] || broken="$broken; $call $i: ended with $status instead of being killed"
			judge "killed at $call $i" $status
			states="$states$state "
			kills=$((kills + 1))
			i=$((i + 1))
		done
	done <chosen
	result "$2: killed at each of $kills calls"
	case $states in
	*old*new* | *new*old*) ok "some left the old, some the new database" ;;
	*) fail "all left the same database: $states" ;;
	esac
}

# Lets each call that the pattern $2 has fail with the error $1 in the update "$@".
fail_each()
{
	error=$1
	pattern=$2
	shift 2
	broken=
	made=0
	refused=0
	grep -E " ($pattern)\$" calls >chosen
	while read -r count call; do
		i=1
		while [ "$i" -le "$count" ]; do
			set_up
			traced -e "inject=$call:error=$error:when=$i" -- "$@"
			status=$?
			# Without a word nobody knows what to do. (127 is the dynamic loader's, which a failing mmap(2) kills.)
			case $status/$call/$i in
			0/* | 139/mmap/1) ;;
			8/* | 127/*) [ -s err ] || broken="$broken; $error of $call $i: ended with $status, saying nothing" ;;
			*) [ $status/$memory = 1/none ] || broken="$broken; $error of $call $i: ended with $status" ;;
			esac
			[ $status -eq 0 ] || refused=$((refused + 1))
			judge "$error of $call $i" $status
			made=$((made + 1))
			i=$((i + 1))
		done
	done <chosen
	result "$2: $error of each of $made calls"
	expect_true "$error: $refused of them are told" test $refused -gt 3
}

# A sanitizer ends the program where it gets no memory.
memory='mmap'
! grep -q fsanitize "$BUILDDIR/flags" || memory=none
changing='openat|openat2|write|fchown|fchmod|fsetxattr|fsync|renameat|renameat2|unlinkat|flock|ftruncate|mkdirat'
measure -a "$PWD/tree/file" size hash_value mode
expect_true "over 100 calls were there" test "$(awk '{ n += $1 } END { print n }' calls)" -gt 100
kill_at_each '.*' -a "$PWD/tree/file" size hash_value mode
fail_each EIO "$changing|read|statx|fgetxattr|flistxattr|close|getdents64" -a "$PWD/tree/file" size hash_value mode
fail_each ENOSPC "$changing" -a "$PWD/tree/file" size hash_value mode
fail_each EMFILE 'openat|openat2' -a "$PWD/tree/file" size hash_value mode
fail_each ENOMEM "$changing|$memory|statx|newfstatat" -a "$PWD/tree/file" size hash_value mode

# A whole directory, with its threads.
printf 'x%.0s' 1 2 3 4 5 6 7 8 9 >tree/more
measure -a -r "$PWD/tree" size owner
kill_at_each "$changing|getdents64" -a -r "$PWD/tree" size owner
fail_each EIO "$changing|getdents64|statx|clone3|clone" -a -r "$PWD/tree" size owner

# Deleting: the old database has one more.
cp old old.short
printf '\n\n/gone:\n\ttype = FILE\n' >>old
measure -d /gone
# shellcheck disable=SC2059
{ cat old; printf "$next"; } >old.next
kill_at_each "$changing" -d /gone
fail_each ENOSPC "$changing" -d /gone

# What fails after the new file was begun is taken away at once, and it is said why.
cp old.short old
measure -a "$PWD/tree/file" size
for injection in 'fsync:error=EIO:when=1' 'fchown:error=EPERM:when=1' '?renameat,?renameat2:error=EIO:when=1'; do
	set_up
	check 8 - strace -qq -o strace.log -e "inject=$injection" "$TCBCK" --database "$db" -a "$PWD/tree/file" size
	has "etc/sysck.cfg: "
	same "$db" old
	expect_true "$injection: no new file is left" test ! -e "$dir/.sysck.cfg.new"
done
set_up
check 8 - strace -qq -o strace.log -e inject=fsync:error=EIO:when=2 "$TCBCK" --database "$db" -a "$PWD/tree/file" size
has "was replaced, but its directory cannot be flushed"
same "$db" new

# A limit on the size of files, a full disk: it stays as it was.
set_up
i=0
while [ $i -lt 400 ]; do
	printf '\n\n/bin/%d:\n\ttype = FILE' $i
	i=$((i + 1))
done >>"$db"
cp "$db" big
check 8 - sh -c 'ulimit -f 4; exec "$@"' sh "$TCBCK" --database "$db" -a "$PWD/tree/file" size
has 'the new file beside it cannot be written: File too large'
same big "$db"
expect_true "no new file is left" test ! -e "$dir/.sysck.cfg.new"
need_mount
cat >on-full-disk <<'END'
mount -t tmpfs -o size=20k,mode=755 none etc || exit
cp big etc/sysck.cfg
"$1" --database etc/sysck.cfg -a "$PWD/tree/file" size 2>full
echo $? >full.status
cp etc/sysck.cfg full.after
ls -A etc >full.left
END
check 0 empty unshare -m sh on-full-disk "$TCBCK"
expect_true "a full disk: 8" test "$(cat full.status)" = 8
has 'No space left on device' full
same big full.after
has_not .new full.left
finish

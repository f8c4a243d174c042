# The database is whole at any moment: an update is killed at each of its system calls, each call that changes anything fails,
# the disk is full, and many updates run at once. See store-replace.c for the program.
. "$SRCDIR/tests/cli/lib.sh"

need_ptrace

# A sanitizer's leak check does not work under strace.
export ASAN_OPTIONS=detect_leaks=0 LSAN_OPTIONS=detect_leaks=0
replace=$HELPERS/store-replace
dir=$PWD/etc
db=$dir/sysck.cfg
mkdir "$dir"

# The states that a file may be in: as it was, and with one definition more, and with two.
printf '* kept\nsysck:\n\thash = sha512\n\n/bin/a:\n\ttype = FILE   ' >old
{ cat old; printf '\n\n/new:\n\ttype = FILE\n'; } >new
{ cat new; printf '\n/new:\n\ttype = FILE\n'; } >newer

rights()
{
	stat -c '%a %u %g' "$1"
	if [ "$(id -u)" -eq 0 ]; then
		getfacl -ncp "$1" 2>/dev/null
		getfattr -dm - "$1" 2>/dev/null | grep security
	fi
}

set_up()
{
	rm -rf "$dir"
	mkdir "$dir"
	cp old "$db"
	chmod 0640 "$db"
	if [ "$(id -u)" -eq 0 ]; then
		chown 0:54321 "$db"
		setfacl -m u:54321:r "$db" 2>/dev/null
		setfattr -n security.selinux -v system_u:object_r:etc_t:s0 "$db" 2>/dev/null
	fi
	rights "$db" >rights.wanted
}

# Judges what is there after an update that was disturbed; $1 says how. Sets `broken`.
judge()
{
	confirmed=$(cat out)
	if cmp -s "$db" new; then
		state=new
	elif cmp -s "$db" old && [ -z "$confirmed" ]; then
		state=old
	else
		broken="$broken; $1: the database is neither old nor new, or not what was confirmed ($confirmed)"
		return
	fi
	rights "$db" >rights.is
	cmp -s rights.wanted rights.is || broken="$broken; $1: rights are not kept"
	if [ -e "$dir/sysck.cfg.lock" ] && [ "$(stat -c %a "$dir/sysck.cfg.lock")" != 600 ]; then
		broken="$broken; $1: the lock file has another mode"
	fi
	# The next one works, and leaves nothing behind.
	"$replace" "$db" >out2 2>err2 || broken="$broken; $1: the next update fails: $(cat err2)"
	if [ "$state" = new ]; then
		cmp -s "$db" newer || broken="$broken; $1: the next update after the new one is wrong"
	else
		cmp -s "$db" new || broken="$broken; $1: the next update after the old one is wrong"
	fi
	rights "$db" >rights.is
	cmp -s rights.wanted rights.is || broken="$broken; $1: rights are not kept by the next one"
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

set_up
check 0 empty "$replace" "$db"
same "$db" new
check 0 empty "$replace" "$db"
same "$db" newer
check 8 - "$replace" "$PWD/none/sysck.cfg"
has "none/sysck.cfg: "

# Each call of an undisturbed run, and how often it is made. execve(2) is strace's own, the last ones end the process.
set_up
strace -qq -o strace.log "$replace" "$db" >out
sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' strace.log | grep -vxE 'execve|exit|exit_group' | sort | uniq -c >calls
expect_true "renameat is among the calls" grep -qE ' renameat2?$' calls
expect_true "fsync is made twice" grep -qE '^ *2 fsync$' calls

# Killed on entering each.
broken=
kills=0
states=
while read -r count call; do
	i=1
	while [ "$i" -le "$count" ]; do
		set_up
		strace -qq -o strace.log -e "inject=$call:signal=KILL:when=$i" "$replace" "$db" >out 2>err
		status=$?
		[ "$status" -eq 137 ] || broken="$broken; $call $i: ended with $status instead of being killed"
		judge "killed at $call $i"
		states="$states$state "
		kills=$((kills + 1))
		i=$((i + 1))
	done
done <calls
result "killed at each of $kills calls"
expect_true "more than 50 calls were there" test "$kills" -gt 50
case $states in
*old*new* | *new*old*) ok "some left the old, some the new database" ;;
*) fail "all left the same database: $states" ;;
esac

# Failing, each of those that change or open anything.
for error in EIO ENOSPC; do
	broken=
	failures_made=0
	refused=0
	for call in openat write fchown fchmod fsetxattr fsync renameat renameat2 unlinkat close flock fstat newfstatat read; do
		count=$(awk -v call="$call" '$2 == call { print $1 }' calls)
		i=1
		while [ "$i" -le "${count:-0}" ]; do
			set_up
			strace -qq -o strace.log -e "inject=$call:error=$error:when=$i" "$replace" "$db" >out 2>err
			[ $? -eq 0 ] || refused=$((refused + 1))
			judge "$error of $call $i"
			failures_made=$((failures_made + 1))
			i=$((i + 1))
		done
	done
	result "$error of each of $failures_made calls"
	expect_true "$error: most of them are told" test "$refused" -gt 10
done

# What fails after the new file was begun takes it away at once, not only at the next update; it says why.
for injection in 'write:error=ENOSPC:when=1' 'fsync:error=EIO:when=1' 'fchown:error=EPERM:when=1' 'fsetxattr:error=EIO:when=1' \
	'?renameat,?renameat2:error=EIO:when=1'; do
	# Without labels and ACLs there is no fsetxattr(2).
	case $injection in fsetxattr*) grep -q ' fsetxattr$' calls || continue ;; esac
	set_up
	check 8 - strace -qq -o strace.log -e "inject=$injection" "$replace" "$db"
	has "etc/sysck.cfg: "
	same "$db" old
	expect_true "$injection: no new file is left" test ! -e "$dir/.sysck.cfg.new"
done

# After the rename the new one is there, but it is not confirmed.
set_up
check 8 - strace -qq -o strace.log -e inject=fsync:error=EIO:when=2 "$replace" "$db"
has "was replaced"
same "$db" new

# Interrupted calls are made again.
for call in write read flock; do
	count=$(awk -v call="$call" '$2 == call { print $1 }' calls)
	[ "$call" != write ] || count=1
	set_up
	check 0 empty strace -qq -o strace.log -e "inject=$call:error=EINTR:when=$count" "$replace" "$db"
	same "$db" new
done

# A lock that is never given back: the wait has an end. The pauses are taken out of it.
set_up
check 8 - strace -qq -o /dev/null -e inject=flock:error=EAGAIN -e 'inject=?nanosleep,?clock_nanosleep:retval=0' "$replace" "$db"
has "locked by another update for over 60 seconds"
same "$db" old

# A first database: nothing, or all of it.
rm -f new.first
printf '/new:\n\ttype = FILE\n' >new.first
broken=
while read -r count call; do
	i=1
	while [ "$i" -le "$count" ]; do
		rm -rf "$dir"
		mkdir "$dir"
		strace -qq -o strace.log -e "inject=$call:signal=KILL:when=$i" "$replace" "$db" >out 2>err
		if [ -e "$db" ]; then
			cmp -s "$db" new.first || broken="$broken; killed at $call $i: the first database is not whole"
			[ "$(stat -c %a "$db")" = 640 ] || broken="$broken; killed at $call $i: mode $(stat -c %a "$db")"
		elif [ -s out ]; then
			broken="$broken; killed at $call $i: confirmed, but there is nothing"
		fi
		i=$((i + 1))
	done
done <<END
$(grep -E ' (openat|write|fchmod|fsync|renameat|renameat2|unlinkat|close|flock)$' calls)
END
result "a first database is whole or not there"

# Two at once, and ten: nothing is lost.
for many in 2 10; do
	set_up
	rm -f failed
	i=1
	while [ "$i" -le "$many" ]; do
		(
			for j in 1 2 3 4 5; do
				"$replace" "$db" "/by/$i/$j" >/dev/null || echo "$i $j" >>failed
			done
		) &
		i=$((i + 1))
	done
	wait
	expect_true "$many at once: all were confirmed" test ! -e failed
	expect_true "$many at once: all are in" test "$(grep -c '^/by/' "$db")" -eq $((many * 5))
	expect_true "$many at once: none is in twice" test "$(grep '^/by/' "$db" | sort -u | wc -l)" -eq $((many * 5))
	expect_true "$many at once: the old is in" test "$(head -c 20 "$db")" = "$(head -c 20 old)"
done

# Who holds the lock keeps others waiting, and no longer once it is killed.
set_up
(
	umask 077
	exec 9>"$db.lock"
	flock 9
	exec sleep 100
) &
holder=$!
while [ ! -e "$db.lock" ] || flock -n "$db.lock" true; do
	sleep 0.1
done
check 124 empty timeout 1 "$replace" "$db" /waits
same "$db" old
kill -KILL "$holder"
check 0 empty timeout 60 "$replace" "$db"
same "$db" new

# A disk that is full, really.
need_mount
cat >full.sh <<'END'
mount -t tmpfs -o size=64k,mode=0755 tmpfs "$1" || exit 77
head -c 40000 /dev/zero | tr '\0' '#' >"$1/sysck.cfg" && chmod 0644 "$1/sysck.cfg"
cp "$1/sysck.cfg" before
"$2" "$1/sysck.cfg" >out 2>err
echo $? >status
cmp "$1/sysck.cfg" before >cmp.out 2>&1
echo $? >whole
ls -A "$1" >left
END
rm -rf "$dir"
mkdir "$dir"
unshare -m sh full.sh "$dir" "$replace"
expect_true "a full disk is an error" test "$(cat status)" = 8
has "No space left" err
expect_true "a full disk leaves the old database" test "$(cat whole)" = 0
expect_true "a full disk leaves no new file" test "$(tr '\n' ' ' <left)" = "sysck.cfg sysck.cfg.lock "
finish

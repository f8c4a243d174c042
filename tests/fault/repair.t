# A run of -y is killed on entering each call that changes anything, and each of them fails once: never is a set-id bit or a
# capability with a wrong owner or wrong content, never half a file under its name, and the undo record is enough to go back.
# The short form takes a part of them, with FAULT_LONG=1 it is killed at every call that it makes at all, and each one that
# changes anything fails with each error.
. "$SRCDIR/tests/cli/lib.sh"

need_xattr
need setcap
need_ptrace

# A sanitizer's leak check does not work under strace.
export ASAN_OPTIONS=detect_leaks=0 LSAN_OPTIONS=detect_leaks=0
state="$SRCDIR/tests/cli/state"
db=$PWD/sysck.cfg
t=$PWD/t
mkdir sources
echo 'the good program' >sources/program
seq 1 20000 >sources/big
hash()
{
	sha256sum <"$1" | cut -d' ' -f1
}

# Owner, mode and capabilities wrong at once; content wrong, with two names; missing; of wrong type; to be disabled; names.
rm -rf pristine
mkdir pristine
cp sources/program pristine/program
chown 54321:54322 pristine/program
chmod 755 pristine/program
setcap cap_sys_admin=ep pristine/program
echo 'bad content' >pristine/content
chmod 755 pristine/content
setfacl -m u:54321:r pristine/content
ln pristine/content pristine/content.link
mkfifo pristine/type
echo 'to be disabled' >pristine/disabled
setfacl -m u:54321:rwx pristine/disabled
echo 'names' >pristine/names
echo 'another file' >pristine/names.link
chmod 755 pristine/names.link
ln -s wrong pristine/target
mkdir pristine/directory
chmod 711 pristine/directory
cat >"$db" <<END
$t/program:
	type = FILE
	owner = root
	group = root
	mode = SUID,rwxr-xr-x
	capabilities = cap_net_raw=ep
	hash_value = $(hash sources/program)

$t/content:
	type = FILE
	mode = SUID,rwxr-xr-x
	acl =
	capabilities = cap_net_raw=ep
	hash_value = $(hash sources/big)
	links = $t/content.link
	source = $PWD/sources/big

$t/missing:
	type = FILE
	owner = 54321
	mode = rw-r-----
	hash_value = $(hash sources/big)
	source = $PWD/sources/big

$t/type:
	type = DIRECTORY
	mode = rwxr-x---
	source =

$t/disabled:
	type = FILE
	size = 1

$t/names:
	type = FILE
	links = $t/names.link,$t/names.new
	symlinks = $t/names.symlink

$t/target:
	type = SYMLINK
	target = right

$t/directory:
	type = DIRECTORY
	owner = root
	acl = u::rwx,u:54321:r-x,g::r-x,m::r-x,o::---,default:u::rwx,default:g::r-x,default:o::---
	mode = rwxr-x---
END
for file in sources/program sources/big pristine/content pristine/disabled pristine/names pristine/names.link; do
	hash $file
done | sort >contents

set_up()
{
	rm -rf t undo undo2
	cp -a pristine t
}

# The repair, under strace, whose options are the arguments.
traced()
{
	strace -f -qq -o strace.log "$@" "$TCBCK" --database "$db" --undo "$PWD/undo" -j 1 -y ALL >out 2>err
}

is_content()
{
	[ "$(stat -c %i t/content)" = "$(stat -c %i "$1")" ]
}

# What must be so at any moment. $1 says when.
invariants()
{
	find t -type f -perm /6000 >powerful
	while read -r file; do
		[ "$(stat -c '%u %a' "$file")" = '0 4755' ] || broken="$broken; $1: $file is $(stat -c '%u %a' "$file")"
		case $file:$(hash "$file") in
		"t/program:$program" | "t/content:$big" | "t/content.link:$big") ;;
		# A second name of a program that is as it should be, about to become one of its links.
		t/.tcbck.*:"$big") is_content "$file" || broken="$broken; $1: $file is set-id" ;;
		*) broken="$broken; $1: $file is set-id with other content, or under another name" ;;
		esac
	done <powerful
	getcap -r t 2>/dev/null | sed -n 's/ .*cap_net_raw.*//p' >powerful
	while read -r file; do
		[ "$(stat -c %u "$file")" = 0 ] || broken="$broken; $1: $file has capabilities and a wrong owner"
		case $file:$(hash "$file") in
		"t/program:$program" | "t/content:$big" | "t/content.link:$big") ;;
		t/.tcbck.*:"$big") is_content "$file" || broken="$broken; $1: $file has capabilities" ;;
		*) broken="$broken; $1: $file has capabilities and other content" ;;
		esac
	done <powerful
	find t -type f ! -name '.tcbck.*' -exec sha256sum '{}' + | cut -d' ' -f1 | sort -u >found
	[ -z "$(comm -13 contents found)" ] || broken="$broken; $1: half a file"
}

# The record alone brings everything back.
goes_back()
{
	find t -name '.tcbck.*' -exec rm -r '{}' +
	set -- "$1" undo/*.cfg
	if [ -e "$2" ]; then
		"$TCBCK" --database "$PWD/$2" --undo "$PWD/undo2" -j 1 -y ALL >out2 2>err2
		[ $? -le 1 ] || broken="$broken; $1: undoing fails: $(cat err2)"
	fi
	sh "$state" t >back
	cmp -s before back || broken="$broken; $1: it is not as before: $(diff before back | sed -n 2,4p)"
}

result()
{
	if [ -z "$broken" ]; then
		ok "$1"
	else
		fail "$1: $(printf '%s' "$broken" | cut -c1-3000)"
	fi
}

# --- undisturbed

program=$(hash sources/program)
big=$(hash sources/big)
set_up
sh "$state" t >before
check 5 - traced
expect_true "all but one are fixed" test "$(grep -c '\[fixed\]' err) $(grep -c ' is ' err)" = "15 16"
broken=
invariants "undisturbed"
expect_true "the program is right after one run" test "$(stat -c '%u %g %a' t/program) $(getcap t/program)" = \
	"0 0 4755 t/program cap_net_raw=ep"
cp strace.log calls.log
goes_back "undisturbed"
result "and back"

# Names of calls with their ordinals: those that change something, and all.
sed -n 's/^[0-9]* *\([a-z0-9_]*\)(\(.*\)/\1 \2/p' calls.log | awk '
	$1 ~ /^(execve|exit|exit_group|rt_sigreturn)$/ { next }
	{
		n[$1]++
		print $1, n[$1] >"all"
		changes = $1 ~ /^(f?chmod(at2?)?|fchown(at)?|f?setxattr|f?removexattr|linkat|symlinkat|mknodat|mkdir(at)?)$/ ||
			$1 ~ /^(renameat2?|unlink(at)?|write|fsync|ftruncate)$/
		if (changes || ($1 == "openat" && /O_WRONLY|O_CREAT/))
			print $1, n[$1] >"changing"
	}'
for call in fchmod fchownat fsetxattr fremovexattr linkat symlinkat renameat2 unlinkat write fsync; do
	expect_true "$call is among the calls" grep -q "^$call " changing
done
expect_true "$(wc -l <changing) of $(wc -l <all) calls change something" test "$(wc -l <changing)" -gt 60

# --- killed

chosen=all
if [ -z "${FAULT_LONG-}" ]; then
	# Records and flushes are many and alike: every fourth.
	awk '$1 !~ /^(write|fsync|openat)$/ || ++n % 4 == 0' changing >some
	chosen=some
fi
broken=
kills=0
while read -r call i; do
	set_up
	traced -e "inject=$call:signal=KILL:when=$i"
	status=$?
	[ $status -eq 137 ] || broken="$broken; $call $i: ended with $status instead of being killed"
	invariants "killed at $call $i"
	goes_back "killed at $call $i"
	kills=$((kills + 1))
done <$chosen
result "killed at each of $kills calls"

# --- failing

for error in EIO ENOSPC EPERM; do
	broken=
	failed=0
	told=0
	while read -r call i; do
		# Every sixth in the short form, other ones with each error.
		failed=$((failed + 1))
		case ${FAULT_LONG:+long}/$error/$((failed % 6)) in
		long/* | /EIO/0 | /ENOSPC/2 | /EPERM/4) ;;
		*) continue ;;
		esac
		set_up
		traced -e "inject=$call:error=$error:when=$i"
		status=$?
		[ $status -lt 64 ] || broken="$broken; $error of $call $i: ended with $status"
		[ $status -eq 5 ] || told=$((told + 1))
		[ -s err ] || [ "$call" = write ] || broken="$broken; $error of $call $i: it says nothing"
		cp err err.$error
		invariants "$error of $call $i"
		# What is told to be fixed is, and only what was not is left: the next audit agrees.
		"$TCBCK" --database "$db" -j 1 -n ALL 2>err2
		sed -n 's/^\([^ ]*: [a-z_]*\) is .* \[fixed\]$/\1 is /p' err >told.fixed
		if [ "$call" != write ] && grep -F -f told.fixed err2 >/dev/null && [ -s told.fixed ]; then
			broken="$broken; $error of $call $i: not fixed after all: $(grep -F -f told.fixed err2)"
		fi
		goes_back "$error of $call $i"
	done <changing
	result "$error of each call that changes something"
	expect_true "$error: $told are told" test $told -gt 2
done
finish

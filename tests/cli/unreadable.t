# What cannot be examined never counts as good, and nothing but regular files is ever read: the program neither hangs on
# what stands in a file's place nor stops at depth, length or size.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
top=$PWD/t
mkdir t
all='owner group mode size checksum hash_value'

# No run of this case may wait for anything. Words of $all are split on purpose.
run()
{
	timeout 60 "$TCBCK" --database "$db" "$@"
}
define()
{
	# shellcheck disable=SC2086
	if ! run -a "$@" $all; then
		fail "cannot define $*"
	fi
}

# --- in place of a regular file

for name in fifo socket directory loop dangling vanished; do
	echo "$name" >t/$name
done
define -r "$top"
rm t/*
mkfifo t/fifo
"$HELPERS/make" socket t/socket
mkdir t/directory
ln -s loop t/loop
ln -s nowhere t/dangling
cat >expected <<END
@DIR@/t/dangling: type is SYMLINK, should be FILE
@DIR@/t/directory: type is DIRECTORY, should be FILE
@DIR@/t/fifo: type is FIFO, should be FILE
@DIR@/t/loop: type is SYMLINK, should be FILE
@DIR@/t/socket: type is SOCKET, should be FILE
@DIR@/t/vanished: missing is absent, should be FILE
END
sed -i "/^@DIR@.t:/d" expected
run -n ALL 2>found
status=$?
expect_true "ALL: status $status is 4" test $status -eq 4
grep -v "^$top: " found | sed "s|$PWD|@DIR@|" >found-below
same expected found-below
for name in fifo socket directory loop dangling vanished; do
	check 4 - run -n "$top/$name"
done

# The same with nothing but the content defined, and as what other attributes name.
cat >"$db" <<END
$top/fifo:
	type = FILE
	hash_value = sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

$top/directory:
	type = DIRECTORY
	symlinks = $top/loop,$top/dangling

$top/socket:
	type = SOCKET
	links = $top/fifo
	source = $top/loop
	program = $top/fifo
END
check 12 - run -n ALL
has "$top/fifo: type is FIFO, should be FILE"
has "$top/directory: symlinks is $top/loop"
has "$top/dangling -> nowhere"
has "$top/socket: links is 1 in all, $top/fifo another file, should be 2 in all with $top/fifo"
has "$top/socket: program unverified: "
has "$top/socket: source unverified: "

# --- a parent that is none

mkdir t/a t/a/b
echo x >t/a/b/c
define "$top/a/b/c"
rm -r t/a/b
echo file >t/a/b
check 4 - run -n "$top/a/b/c"
has "$top/a/b/c: missing is absent, should be FILE"

# --- calls that fail

injected()
{
	what=$1
	shift
	timeout 60 strace -f -qq -o trace -e trace=all -P "$top/fault" "$@" "$TCBCK" --database "$db" -j1 -n "$top/fault" \
		>"$OUT" 2>"$ERR"
	status=$?
	expect_true "$*: is done" grep -q INJECTED trace
	expect_true "$*: status $status is 8" test $status -eq 8
	has "$what"
	has_not ", should be"
}
if command -v strace >/dev/null && ! grep -q -- -fsanitize "$BUILDDIR/flags" 2>/dev/null; then
	echo content >t/fault
	define "$top/fault"
	injected "$top/fault: hash_value unverified: Input/output error" -e inject=read,pread64,preadv2:error=EIO
	has "$top/fault: checksum unverified: Input/output error"
	has_not "$top/fault: mode"
	injected "$top/fault: mode unverified: Input/output error" -e inject=flistxattr,listxattr:error=EIO
	if setfattr -n security.tcb -v 1 t/fault 2>/dev/null; then
		injected "$top/fault: mode unverified: Input/output error" -e inject=fgetxattr,getxattr:error=EIO
		setfattr -x security.tcb t/fault
	fi
	# A file that is always of another size than was read cannot be told good.
	injected "$top/fault: hash_value unverified: changes while it is read" -e inject=read,pread64,preadv2:retval=0
	for call in openat fstat,newfstatat,fstatat64,statx; do
		timeout 60 strace -f -qq -o trace -P fault -P "$top/fault" -e inject=?openat2:error=ENOSYS \
			-e inject="$(echo $call | sed 's/[^,]*/?&/g')":error=EIO "$TCBCK" --database "$db" -j1 -n "$top/fault" \
			>"$OUT" 2>"$ERR"
		status=$?
		if grep -q 'EIO.*INJECTED' trace; then
			expect_true "$call fails: status $status has 8" test $((status & 8)) -eq 8
			has "$top/fault: "
		fi
	done
else
	skip "failing calls: no strace, or a sanitizer"
fi

# --- for an unprivileged user

unprivileged()
{
	mkdir public public/closed
	echo secret >public/secret
	echo open >public/open
	echo inside >public/closed/inside
	chmod 600 public/secret
	chmod 700 public/closed
	# shellcheck disable=SC2086
	"$TCBCK" --database "$PWD/public.cfg" -a -r "$PWD/public" $all acl capabilities || fail "cannot define files"
	chmod 644 public.cfg
	# The program itself, not a wrapper that chooses the number of threads and finds it by its own name.
	cp "${TCBCK%-j8}" tcbck-copy
	chmod 755 tcbck-copy
	as_nobody -n ALL >"$OUT" 2>"$ERR"
	status=$?
	expect_true "nobody: status $status is 8" test $status -eq 8
	has "$PWD/public/closed/inside: type unverified: Permission denied"
	has "$PWD/public/secret: checksum unverified: Permission denied"
	has "$PWD/public/secret: hash_value unverified: Permission denied"
	has_not "$PWD/public/open"
	has_not "$PWD/public/secret: size"
	has_not "$PWD/public/secret: owner"
	check 8 - as_nobody -n "$PWD/public/secret"
	check 8 - as_nobody -n "$PWD/public/closed/inside"
	check 0 empty as_nobody -n "$PWD/public/open"
	# What could be examined and differs is told beside.
	chmod 4600 public/secret
	check 12 - as_nobody -n "$PWD/public/secret"
	has "$PWD/public/secret: mode is SUID,rw-------, should be rw-------"
	cp public.cfg nobody.cfg
	chown 65534 nobody.cfg
	check 8 - "$TCBCK" --database "$PWD/nobody.cfg" -n ALL
	has nobody.cfg
	chmod 600 public.cfg
	check 8 - as_nobody -n ALL
	has "Permission denied"
}
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups timeout 60 "$PWD/tcbck-copy" --database "$PWD/public.cfg" "$@"
}

# A symlink of somebody else's on the way, and one of root's in a directory of somebody else's.
unsafe()
{
	mkdir real other
	echo x >real/file
	ln -s "$PWD/real" theirs
	ln -s "$PWD/real" ours
	ln -s "$PWD/real" other/link
	define "$PWD/theirs/file"
	define "$PWD/ours/file"
	define "$PWD/other/link/file"
	chown -h 65534 theirs
	chown 65534 other
	wanted="should be a path that root alone controls"
	not_followed="is not followed"
	theirs="belongs to user 65534"
	cat >expected <<-END
	@DIR@/theirs/file: unsafe-path is symlink @DIR@/theirs $not_followed: it belongs to user 65534, $wanted
	@DIR@/other/link/file: unsafe-path is symlink @DIR@/other/link $not_followed: directory @DIR@/other $theirs, $wanted
	END
	check 4 expected run -n "$PWD/theirs/file" "$PWD/ours/file" "$PWD/other/link/file"
	check 0 empty run -n "$PWD/ours/file"
	check 8 - run -a "$PWD/theirs/file" size
	has "unsafe path"
	ln -s around around
	printf '%s:\n\ttype = FILE\n' "$PWD/around/file" >loop.cfg
	check 4 - timeout 60 "$TCBCK" --database "$PWD/loop.cfg" -n ALL
	has "unsafe-path"
}

# Devices and files without an end.
endless()
{
	mkdir t/dev
	for name in zero null tty random; do
		echo x >t/dev/$name
	done
	define -r "$top/dev"
	rm t/dev/*
	if ! mknod t/dev/zero c 1 5; then
		skip "no devices can be made here"
		return
	fi
	mknod t/dev/null b 1 3
	mknod t/dev/tty c 5 0
	mknod t/dev/random c 1 8
	for name in zero null tty random; do
		check 4 - run -n "$top/dev/$name"
		has "_DEV, should be FILE"
	done
	# /proc says size 0 of files that have content, and of some that have no end.
	cat >proc.cfg <<-END
	/proc/kmsg:
		type = FILE
		checksum = "00000     0"

	/proc/version:
		type = FILE
		checksum = "00000     0"

	/proc/1/mem:
		type = FILE
		hash_value = sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
	END
	timeout 60 "$TCBCK" --database "$PWD/proc.cfg" -n ALL >"$OUT" 2>"$ERR"
	status=$?
	expect_true "files of /proc: status $status, not 0 and no hanging" test $status -ge 4 -a $status -le 12
	has "/proc/version: checksum "
	has "/proc/kmsg: checksum "
}

if [ "$(id -u)" -eq 0 ]; then
	if command -v setpriv >/dev/null; then
		unprivileged
	else
		skip "unprivileged runs need setpriv"
	fi
	unsafe
	endless
else
	skip "other users and devices need root"
fi

# --- depth, and length of what is told

mkdir t/deep
deep=$("$HELPERS/make" deep "$top/deep" 150 file) || fail "cannot make a deep path"
expect_true "the path has ${#deep} bytes" test ${#deep} -ge 30000
check 0 empty run -a -r "$top/deep" owner group mode acl links size checksum hash_value >deep.log
sed "s|/d\{200\}||g" deep.log
expect_true "it is defined" grep -qxF "$deep:" "$db"
run -n "$top/deep" "$deep" 2>"$ERR" && ok "it is found good" || fail "it is not found good"
run -a "$deep" class=deep size=6 2>"$ERR" && ok "it is defined otherwise" || fail "it cannot be defined otherwise"
run -n deep 2>"$ERR"
expect_true "it is found wrong" test $? -eq 4
expect_true "its finding tells all of its path" grep -qxF "$deep: size is 5, should be 6" "$ERR"
run --why "$deep" 2>"$ERR"
expect_true "--why: it is found wrong" test $? -eq 4
expect_true "--why tells all of its path" grep -qxF "$deep: size differs: is 5, should be 6" "$ERR"
expect_true "--why tells where it is defined" grep -qF "$deep: defined in " "$ERR"
run --format json -n deep >"$OUT"
expect_true "JSON tells all of its path" grep -qF "\"path\":\"$deep\"" "$OUT"
rm -rf t/deep
run -n "$deep" 2>"$ERR"
expect_true "it is gone" test $? -eq 4
expect_true "its absence is told" grep -qxF "$deep: missing is absent, should be FILE" "$ERR"

# --- ACLs of 65,536 bytes, the most that Linux has

need_mount
need setfacl
cat >large-acl <<'SCRIPT'
mount -t tmpfs none mounted || exit 77
echo x >mounted/file
mkdir mounted/directory
# 4 bytes of header, 8 an entry: 8191 entries at most, 5 of which are not the users'.
{
	printf 'user::rw-\ngroup::r--\ngroup:77777:--x\nmask::r-x\nother::r--\n'
	seq -f 'user:%.0f:r--' 100000 108185
} >access
setfacl --set-file=access mounted/file || exit 76
setfacl -d --set-file=access mounted/directory || exit 76
getfattr -n system.posix_acl_access --only-values mounted/file | wc -c >bytes
tcbck()
{
	timeout 60 "$TCBCK" --database "$PWD/acl.cfg" "$@"
}
tcbck -a -r "$PWD/mounted" type owner mode acl || exit 1
tcbck -n ALL || exit 2
[ "$(grep -c '[:,]u:108185:r--' acl.cfg)" -eq 2 ] || exit 3
setfacl -n -m u:104000:rw mounted/file
setfacl -n -m d:u:104001:rw mounted/directory
tcbck -n ALL 2>findings
[ $? -eq 4 ] || exit 4
[ "$(grep -c ': acl is ' findings)" -eq 2 ] || exit 5
[ "$(wc -l <findings)" -eq 2 ] || exit 6
tcbck -a "$PWD/mounted/file" acl mode || exit 7
tcbck -n "$PWD/mounted/file" || exit 8
SCRIPT
mkdir mounted
unshare -m sh large-acl >large.out 2>&1
result=$?
case $result in
0) ok "an ACL of $(cat bytes) bytes is defined and checked" ;;
76 | 77) skip "no large ACLs here: $(cut -c1-200 large.out)" ;;
*)
	fail "large ACLs: step $result"
	cut -c1-200 large.out | sed 's/^/has: /'
	;;
esac
finish

# tree: what a review has found to be missed, told wrongly or taken away, and what made the walk hang.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/tree.sh"

mkdir db undo root
root=$PWD/root
: >db/empty
database=empty
tree()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/$database" --undo "$PWD/undo" "$@" tree
}
setuid()
{
	for file in "$@"; do
		cp /bin/true "$file" && chmod 4755 "$file"
	done
}
begin()
{
	[ ! -d root ] || umount -l root 2>/dev/null
	rm -rf --one-file-system root
	mkdir root
	mount --bind root root
	mkdir root/etc
	database=empty
}
# Nothing but these lines, whatever the number of threads.
says()
{
	cat >expected
	status=4
	[ -s expected ] || status=0
	for jobs in 1 8; do
		check $status expected tree -n -j $jobs
	done
}

# --- a file that is mounted by itself is no stray where it is the object of a definition; nor is a directory

begin
mkdir root/flagged root/mounted
setuid root/defined root/linked
ln root/linked root/too
setfattr -n security.tcb -v 1 root/flagged
: >root/point
: >root/points
mount --bind root/defined root/point
mount --bind root/linked root/points
mount --bind root/flagged root/mounted
cat >db/defined <<END
/defined:
	type = FILE

/linked:
	type = FILE
	links = /too

/flagged:
	type = DIRECTORY
END
database=defined
says </dev/null

# --- treeck_nodir leaves out what is covered elsewhere and shows below it

begin
mkdir -p root/covered root/again root/mounts/again
setuid root/covered/hidden
mount --bind root root/again
mount --bind root root/mounts/again
mount -t tmpfs tmpfs root/covered
says <<END
/again/covered/hidden: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID
END
for directories in /again,/mounts/again /again/covered,/mounts/again/covered; do
	printf 'sysck:\n\ttreeck_nodir = %s\n' $directories >db/nodir
	database=nodir
	says </dev/null
done
# What is mounted below such a directory is walked.
printf 'sysck:\n\ttreeck_nodir = /again,/mounts\n' >db/nodir
says <<END
/mounts/again/covered/hidden: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID
END

# --- the root of a chroot is in no table of mounts: what is covered is found all the same

begin
mkdir -p chroot/etc chroot/covered chroot/again chroot/proc chroot/db
cp "$TCBCK" chroot/tcbck
ldd "$TCBCK" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "chroot$(dirname "$library")"
	cp -L "$library" "chroot$library"
done
: >chroot/db/empty
setuid chroot/covered/hidden
mount --bind chroot chroot/again
mount -t tmpfs tmpfs chroot/covered
mount -t proc proc chroot/proc
if chroot chroot /tcbck --version >/dev/null 2>&1; then
	check 4 - chroot chroot /tcbck -n --no-progress --database /db/empty tree
	has '/again/covered/hidden: tree-setuid is'
else
	skip 'the program does not start in a chroot'
fi
umount chroot/proc chroot/covered chroot/again

# --- a mount that is hidden is not told to be walked

begin
mkdir -p root/a/b root/elsewhere
mount -t tmpfs hidden root/a/b
mount -t tmpfs above root/a
ln -s /elsewhere root/a/b
check 0 - tree -n -v
has 'tcbck: file system left out: /a/b (tmpfs): covered by another mount'
begin
mkdir -p root/a/b/c root/elsewhere
mount -t tmpfs hidden root/a/b/c
mount -t tmpfs above root/a
mkdir root/elsewhere/c
ln -s /elsewhere root/a/b
check 0 - tree -n -v
has 'tcbck: file system left out: /a/b/c (tmpfs): not there'
chmod 0755 root/a
check 0 - tree -n -v
has 'tcbck: file system left out: /a/b/c (tmpfs): covered by another mount'

# --- a user's file system that nobody else may look at, and one whose server does not answer

begin
mkdir -p root/run/user
# unanswered TYPE [OPTION]: mounts it, if that can be done
unanswered()
{
	: >mounted
	"$HELPERS/unanswered" root/run/user "$@" >mounted &
	server=$!
	wait_until sh -c '[ -s mounted ] || ! kill -0 $1 2>/dev/null' sh $server
	[ -s mounted ]
}
answered()
{
	umount -l root/run/user
	kill $server
	wait $server 2>/dev/null
}
if unanswered x; then
	check 0 - tree -n -v
	has 'tcbck: file system left out: /run/user (fuse.x): nodev: on no device'
	has_not unverified:
	answered
	unanswered "$(printf 'x): walked\n\033[1m')" allow_other
	check 0 - timeout -s KILL 60 "$TCBCK" -n -v --no-progress --root "$root" --database "$PWD/db/empty" tree
	has 'tcbck: file system left out: /run/user ("fuse.x): walked\n\x1b[1m"): nodev: on no device'
	answered
else
	skip 'file systems in user space are not to be had'
fi

# --- the flag of what is no file; symlinks whose target nothing can have

begin
mkfifo root/fifo
"$HELPERS/make" socket root/socket
setfattr -n security.tcb -v 1 root/fifo
setfattr -n security.tcb -v 1 root/socket
cp /bin/true root/named
ln -s "$(printf 'x%0299d' 0)" root/long
ln -s "named/$(printf 'x%0299d' 0)" root/longer
printf '/named:\n\ttype = FILE\n\tsymlinks = /way\n' >db/symlinks
ln -s named root/way
database=symlinks
says <<END
/fifo: tree-tcb is TCB,rw-r--r--, should be without TCB
/socket: tree-tcb is TCB,rwxr-xr-x, should be without TCB
END
check 1 - tree -y
says </dev/null
for record in undo/*.cfg; do
	check 1 - "$TCBCK" -y --root "$root" --database "$PWD/$record" --undo "$PWD/undo" ALL
done
expect_true 'the flags are there again' test "$(getfattr -d -m security.tcb root/fifo root/socket | grep -c tcb)" = 2

# --- memory does not grow with the square of the mounts

begin
mkdir -p root/source root/mounts
cp /bin/true root/source/file
few=$("$HELPERS/make" peak peak "$TCBCK" -n --no-progress --root "$root" --database "$PWD/db/empty" tree && cat peak)
number=0
while [ $number -lt 1000 ]; do
	mkdir root/mounts/$number
	mount --bind root/source root/mounts/$number
	number=$((number + 1))
done
many=$("$HELPERS/make" peak peak "$TCBCK" -n --no-progress --root "$root" --database "$PWD/db/empty" tree && cat peak)
expect_true "with 1000 mounts of one file system it takes $many kB, with one $few" test "$many" -lt $((few * 2))

# --- the kernel may refuse to follow another's symlink in a sticky directory (fs.protected_symlinks)

if [ "$(cat /proc/sys/fs/protected_symlinks)" = 1 ]; then
	others=$(find / -mindepth 1 -maxdepth 1 ! -path "/$(echo "$PWD" | cut -d/ -f2)" | paste -sd,)
	mkdir -m 1777 sticky
	echo file >file
	ln -s ../file sticky/way
	chown -h 65534 sticky/way
	printf '%s:\n\ttype = FILE\n\tsymlinks =\n\nsysck:\n\ttreeck_nodir = %s\n' "$PWD/file" "$others" >db/sticky
	"$TCBCK" -n -i --no-progress --database "$PWD/db/sticky" tree >"$OUT" 2>"$ERR"
	has "$PWD/sticky/way: tree-symlink is a symlink to $PWD/file"
	has_not 'sticky/way: tree unverified'
else
	skip 'fs.protected_symlinks is off'
fi

# --- what is defined is not taken away, though it was a stray when the audit met it

begin
setuid root/stray
mknod root/node c 1 3
printf '/defined:\n\ttype = FILE\n\n/second/node:\n\ttype = CHAR_DEV\n' >db/later
database=later
echo text >root/defined
mkfifo answers
tree -t <answers >"$OUT" 2>"$ERR" &
pid=$!
exec 8>answers
asked() { wait_until grep -q "$1: [mt]" "$ERR"; }
asked /second/node
echo n >&8
asked '^/node'
ln -s . root/second
echo y >&8
asked ^/stray
ln -f root/stray root/defined
echo y >&8
exec 8>&-
wait $pid
has '/node: tree-device is CHAR_DEV 1,3, should be absent [refused: it is defined: /second/node]'
has '/stray: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID [refused: it is defined: /defined]'
expect_true 'both are as they were' test -u root/stray -a -c root/node
finish

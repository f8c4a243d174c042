# tree below --root takes ids and names from that tree alone; in a chroot without /proc it tells what it can't know.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/tree.sh"

mkdir -p root/etc root/bin db
root=$PWD/root
: >db/cfg
tree()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/cfg" "$@" tree
}
for id in 0 100 101 499 500 999 1000 2000; do
	cp /bin/true root/bin/u$id
	cp /bin/true root/bin/g$id
	chown $id:0 root/bin/u$id
	chown 0:$id root/bin/g$id
	chmod 4755 root/bin/u$id
	chmod 2755 root/bin/g$id
done
# finds USERS GROUPS: ids of the set-id programs that are told.
finds()
{
	{
		for id in $1; do
			echo "/bin/u$id tree-setuid"
		done
		for id in $2; do
			echo "/bin/g$id tree-setgid"
		done
	} | LC_ALL=C sort >wanted
	check 4 - tree -n
	strays >found
	same_strays "users $1, groups $2"
}
all='0 100 101 499 500 999'
finds "$all" "$all"
echo 'nothing of this kind' >root/etc/login.defs
finds "$all" "$all"
printf '# SYS_UID_MAX 1\nSYS_UID_MAX\t\t499\n  SYS_GID_MAX 100   \nSYS_UID_MAXIMUM 7\nUID_MAX 60000\n' >root/etc/login.defs
finds '0 100 101 499' '0 100'
# The last one counts.
printf 'SYS_UID_MAX 100\nSYS_GID_MAX 999\nSYS_UID_MAX 101' >root/etc/login.defs
finds '0 100 101' "$all"
printf 'SYS_UID_MAX 0\nSYS_GID_MAX 0\n' >root/etc/login.defs
finds 0 0
for value in -1 1x 4294967295 0x10 '1 2'; do
	echo "SYS_GID_MAX $value" >root/etc/login.defs
	check 8 - tree -n
	has '/etc/login.defs:1:1: SYS_GID_MAX: expected a number, 0 to 4294967294'
done
# A way out of the tree is none; what others control is not read.
rm root/etc/login.defs
echo 'SYS_UID_MAX 100' >outside
ln -s ../../outside root/etc/login.defs
finds "$all" "$all"
rm root/etc/login.defs
mkdir root/usr
echo 'SYS_UID_MAX 100' >root/usr/login.defs
ln -s /usr/login.defs root/etc/login.defs
finds '0 100' "$all"
chown -h 65534 root/etc/login.defs
check 8 - tree -n
has '/etc/login.defs'
rm root/etc/login.defs
mkfifo root/etc/login.defs
check 8 - timeout 60 "$TCBCK" -n --no-progress --root "$root" --database "$PWD/db/cfg" tree
rm root/etc/login.defs
# Its own users and groups: nobody here has that id, and root has none.
printf 'clerk:x:2000:1::/:/bin/sh\n' >root/etc/passwd
printf 'clerks:x:1000:\n' >root/etc/group
printf 'sysck:\n\tsetuids = clerk\n\tsetgids = clerks\n' >db/cfg
finds "$all 2000" "$all 1000"
has '/bin/u2000: tree-setuid is SUID,rwxr-xr-x of user clerk, should be without SUID'
has '/bin/g1000: tree-setgid is SGID,rwxr-xr-x of group clerks, should be without SGID'
has '/bin/u0: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID'
check 0 - tree -a
has 'owner = clerk' db/cfg
has 'group = clerks' db/cfg
check 0 empty tree -n
printf 'sysck:\n\tsetuids = root\n' >db/cfg
check 8 - tree -n
has 'setuids: no such name: root'
# The database of the tree itself.
mkdir -p root/etc/security
: >root/etc/security/sysck.cfg
check 4 - "$TCBCK" -n --no-progress --root "$root" tree
expect_true 'its own database defines nothing' test "$(strays | wc -l)" -gt 10

# --- a chroot without /proc: a tree with nothing in it but the program and what it needs

if grep -q -- -fsanitize "$BUILDDIR/flags"; then
	skip 'sanitizers need /proc'
	finish
fi
if ! ldd "$TCBCK" >libraries 2>/dev/null; then
	skip 'the rest needs ldd, and the program itself'
	finish
fi
rm -rf --one-file-system root
mkdir -p root/etc root/db root/strays/mounted
cp "$TCBCK" root/program
grep -o '/[^ ]*' libraries | while read -r library; do
	mkdir -p "root$(dirname "$library")"
	cp "$library" "root$library"
done
printf 'root:x:0:0::/:/bin/sh\n' >root/etc/passwd
cat >root/db/cfg <<'END'
/strays/listed:
	type = FILE
	links =
	symlinks =
END
cp /bin/true root/strays/set-id
chmod 4755 root/strays/set-id
cp /bin/true root/strays/capable
setcap cap_net_raw+ep root/strays/capable
echo flagged >root/strays/flagged
setfattr -n security.tcb -v 1 root/strays/flagged
mkdir root/strays/directory
setfattr -n security.tcb -v 1 root/strays/directory
echo listed >root/strays/listed
ln root/strays/listed root/strays/link
ln -s listed root/strays/symlink
mount -t tmpfs tmpfs root/strays/mounted
without_proc()
{
	chroot root /program --no-progress --database /db/cfg "$@"
}
cat >expected <<'END'
/strays/listed: links is 2 in all, should be 1 in all
/strays/capable: tree-capabilities is cap_net_raw=ep, should be none
/strays/directory: tree-tcb is TCB,rwxr-xr-x, should be without TCB
/strays/flagged: tree-tcb is TCB,rw-r--r--, should be without TCB
/strays/link: tree-link is a link to /strays/listed, should be absent, or in its links
/strays/mounted: tree unverified: another file system; which one, only /proc tells
/strays/set-id: tree-setuid is SUID,rwxr-xr-x of user root, should be without SUID
/strays/symlink: tree-symlink is a symlink to /strays/listed, should be absent, or in its symlinks
END
check 12 expected without_proc -n tree
check 12 - without_proc -n -v tree
has 'tcbck: file system walked: / (unknown)'
printf 'SYS_UID_MAX 0\nSYS_GID_MAX 0\n' >root/etc/login.defs
check 12 expected without_proc -n tree
# What was followed can't be opened again: a symlink is not read.
mv root/etc/login.defs root/etc/defs
ln -s defs root/etc/login.defs
check 12 - without_proc -n tree
has '/etc/login.defs: without /proc it must be a regular file, and no symlink to one'
rm root/etc/login.defs
# Whether a name may be removed is not known without the type of its file system.
check 13 - without_proc -y --undo /undo tree
has 'should be absent, or in its links [refused: the type of its file system is not known]'
found=$(stat -c %a root/strays/set-id)$(getcap root/strays/capable)
expect_true 'bits, capabilities and flags are taken away' test "$found" = 755
expect_true 'names stay' test -e root/strays/link -a -L root/strays/symlink
umount root/strays/mounted
check 0 - without_proc -a tree
has 'links = /strays/link' root/db/cfg
check 0 empty without_proc -n tree
finish

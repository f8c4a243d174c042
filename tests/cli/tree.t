# tree: every stray of a tree is found, once, whatever hides it; what is walked and what is not is told.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/tree.sh"

mkdir db undo root
root=$PWD/root
: >db/empty
tree()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/$database" "$@" tree
}
database=empty
setuid()
{
	cp /bin/true "$1" && chmod 4755 "$1"
}
# A line for the path must be there, once.
once()
{
	expect_true "$(printf %.30s "$1") is found once" test "$(grep -cF "$1: tree-" "$ERR")" = 1
}

# --- the same as other programs see, with an empty, a half and a full database; the same at every number of threads

make_strays root
strays_by_others root >wanted
check 4 - tree -n
strays >found
same_strays 'nothing is defined'
expect_true 'there is one of each kind' test "$(sed 's/.* //' found | sort -u | tr '\n' ' ')" = \
	'tree-capabilities tree-device tree-setgid tree-setuid tree-tcb '
expect_true 'each line is a finding' test "$(wc -l <"$ERR")" = "$(wc -l <found)"
has '/bin/6755-0:0: tree-setuid is SUID,SGID,rwxr-xr-x of user 0, should be without SUID'
has '/bin/6755-0:0: tree-setgid is SUID,SGID,rwxr-xr-x of group 0, should be without SGID'
has '/lib/deeper/capable: tree-capabilities is cap_chown,cap_net_raw=ep, should be none'
has '/lib/flagged directory: tree-tcb is TCB,rwxr-xr-x, should be without TCB'
has '/dev/blank name: tree-device is BLK_DEV 7,200, should be absent'
cp "$ERR" first
for jobs in 1 2 8; do
	check 4 first tree -n -j $jobs
	check 4 - tree -n -v -j $jobs
	sed 's/ in [0-9.]* s$//' "$ERR" >"verbose.$jobs"
done
same verbose.1 verbose.2
same verbose.1 verbose.8

cat >db/half <<END
/bin/4755-0:0:
	type = FILE

/lib/deeper/capable:
	type = FILE

/dev/null:
	type = CHAR_DEV

/lib/flagged:
	type = FILE
	mode = TCB,rw-r--r--
END
database=half
grep -vE '^/(bin/(4755-0:0|other name)|lib/deeper/capable|dev/null|lib/flagged) tree' wanted >without
{
	cat without
	echo '/bin/other name tree-link'
} | LC_ALL=C sort >wanted
check 4 - tree -n
strays >found
same_strays 'some are defined'
has '/bin/other name: tree-link is a link to /bin/4755-0:0, should be absent, or in its links'

cp db/empty db/full
database=full
check 0 - tree -a
check 0 empty tree -n

# --- links and symlinks

rm -rf --one-file-system root
mkdir -p root/usr/bin root/sub root/etc
setuid root/usr/bin/su
ln -s usr/bin root/bin
database=links
cat >db/links <<END
/bin/su:
	type = FILE
	links = /sub/listed,/bin/again
	symlinks = /sub/named

/sub/two:
	type = FILE
	links = /sub/three

/sub/three:
	type = FILE
	links = /sub/two

/sub/symlink:
	type = SYMLINK
END
for name in sub/listed usr/bin/again; do
	ln root/usr/bin/su root/$name
done
ln -s /bin/su root/sub/named
echo two >root/sub/two
ln root/sub/two root/sub/three
ln -s two root/sub/symlink
check 0 empty tree -n
# Other names, and ways to it.
ln root/usr/bin/su root/usr/bin/extra
ln root/sub/two root/etc/four
ln -s ../usr/bin/su root/sub/relative
ln -s /bin/su root/absolute
ln -s relative root/sub/chain
ln -s /../../../bin/su root/sub/above
ln -s bin root/sub/directory
ln -s two root/sub/unasked
ln root/sub/symlink root/sub/hard-symlink
ln -s loop root/sub/loop
ln -s /nothing root/sub/dangling
cat >wanted <<END
/absolute tree-symlink
/etc/four tree-link
/sub/above tree-symlink
/sub/chain tree-symlink
/sub/hard-symlink tree-link
/sub/relative tree-symlink
/usr/bin/extra tree-link
END
check 4 - tree -n
strays >found
same_strays 'names of what is defined'
find root -samefile root/usr/bin/su | sed -e 's/^root//' -e '/^\/usr\/bin\/\(su\|again\)$/d' -e '/^\/sub\/listed$/d' >wanted
grep -F 'a link to /bin/su,' "$ERR" | sed 's/: .*//' >found
same_strays 'all links of an inode'

# --- far down, in a crowd, behind a closed door, under odd names

rm -rf --one-file-system root
mkdir -p root/crowd root/names root/closed root/deep
database=empty
seq "$([ -z "${TREE_LONG-}" ] && echo 20000 || echo 1000000)" >numbers
(cd root/crowd && xargs touch <../../numbers)
setuid root/crowd/needle
setuid root/closed/hidden
chmod 0000 root/closed
"$HELPERS/make" deep root/deep 150 needle 4755 >deep.path
# Each byte but the slash, alone and in company; 255 bytes long; what could be taken for something else.
byte=1
while [ $byte -le 255 ]; do
	# shellcheck disable=SC2059
	name=$(printf "\\$(printf %o $byte)."; echo x)
	name=${name%.x}
	if [ $byte -ne 47 ]; then
		: >"root/names/n$name"
		[ $byte -eq 46 ] || : >"root/names/$name"
	fi
	byte=$((byte + 1))
done
: >"root/names/$(printf 'n%0254d' 0)"
: >"root/names/$(printf 'x: tree-setuid is gone\nx: mode is good')"
: >"root/names/..."
: >root/names/-n
find root/names -type f -exec chmod 4755 {} +
names=$(find root/names -type f -printf x | wc -c)
check 4 - tree -n
once /crowd/needle
once /closed/hidden
once "$(sed 's/^root//' deep.path)"
cp "$ERR" found.all
expect_true 'it is 30,000 bytes deep' test "$(awk '{ if (length > max) max = length } END { print max }' found.all)" -gt 30000
expect_true "each of $names names is one line" test "$(grep -cE '^"?/names/' found.all)" = "$names"
expect_true 'and no more' test "$(wc -l <found.all)" = $((names + 3))
expect_true 'no line is there twice' test -z "$(sort found.all | uniq -d)"
expect_true 'nothing but printable characters' sh -c '! grep -q "[^[:print:]]" "$1"' sh found.all
LC_ALL=C check 4 - tree -n
expect_true 'in another locale, nothing but ASCII' sh -c "! LC_ALL=C grep -q '[^ -~]' '$ERR'"
expect_true 'and as many lines' test "$(wc -l <"$ERR")" = $((names + 3))
check 4 empty tree -n --format json
jq -r 'select(.event == "finding") | .path_hex // (.path | @json)' "$OUT" >paths
expect_true 'JSON has as many paths' test "$(wc -l <paths)" = $((names + 3))
expect_true 'each another one' test "$(sort -u paths | wc -l)" = $((names + 3))

# --- memory does not grow with the tree

peak_of()
{
	"$HELPERS/make" peak peak "$TCBCK" -n -j 2 --no-progress --root "$PWD/$1" --database "$PWD/db/empty" tree 2>"$ERR"
	cat peak
}
mkdir small large
mount -t tmpfs -o nr_inodes=1200000 tmpfs small
mount -t tmpfs -o nr_inodes=1200000 tmpfs large
fill()
{
	(
		cd "$1" || exit 1
		seq -f 'd%g' "$(($2 / 1000))" | xargs mkdir
		for directory in d*; do
			(cd "$directory" && xargs touch <../../thousand)
		done
	)
}
seq 1000 >thousand
fill small 10000
fill large "$([ -z "${TREE_LONG-}" ] && echo 100000 || echo 1000000)"
few=$(peak_of small)
many=$(peak_of large)
# A sanitizer's own memory grows with the number of calls.
if grep -q -- -fsanitize "$BUILDDIR/flags"; then
	skip 'what memory it takes, with a sanitizer'
else
	expect_true "$(find large -type f -printf x | wc -c) files take $many kB, 10000 take $few" \
		test "$many" -le $((few + few / 16))
fi
umount small large

# --- whoever is not root sees less, and is told so

rm -rf --one-file-system root
mkdir -p root/open root/closed root/etc
setuid root/open/seen
setuid root/closed/unseen
cp /bin/true root/open/capable
setcap cap_net_raw+ep root/open/capable
chmod 0000 root/open/capable
chmod 0700 root/closed
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
if as_nobody test -x "$TCBCK" && as_nobody test -r db/empty; then
	cat >expected <<-END
		/closed: tree unverified: Permission denied
		/open/capable: tree-capabilities is cap_net_raw=ep, should be none
		/open/seen: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID
	END
	check 12 expected as_nobody "$TCBCK" -n --no-progress --root "$root" --database "$PWD/db/empty" tree
	rm -rf --one-file-system root/open
	echo '/closed: tree unverified: Permission denied' >expected
	check 8 expected as_nobody "$TCBCK" -n --no-progress --root "$root" --database "$PWD/db/empty" tree
else
	skip 'nobody can reach this directory'
fi

# --- the settings

rm -rf --one-file-system root
mkdir -p root/a root/b root/etc
for id in 0 999 1000 1001 60000; do
	cp /bin/true root/a/u$id
	cp /bin/true root/a/g$id
	chown $id:$id root/a/u$id root/a/g$id
	chmod 4755 root/a/u$id
	chmod 2755 root/a/g$id
done
printf 'clerk:x:1001:1::/:/bin/sh\n' >root/etc/passwd
printf 'clerks:x:60000:\n' >root/etc/group
printf 'sysck:\n\tsetuids = clerk,60000\n\tsetgids = clerks\n' >db/settings
database=settings
for name in g0 g60000 g999 u0 u1001 u60000 u999; do
	case $name in
	u*) echo "/a/$name tree-setuid" ;;
	*) echo "/a/$name tree-setgid" ;;
	esac
done >wanted
check 4 - tree -n
strays >found
same_strays 'setuids and setgids'
printf '\nsysck:\n\tsetuids = nosuch\n\n/a:\n\ttype = FILE\n' >db/settings
check 12 - tree -n
has 'setuids: no such name: nosuch'
has '/a: type is DIRECTORY, should be FILE'
check 8 - tree -y --undo "$PWD/undo"
expect_true 'and nothing is repaired' test ! -e undo/*.cfg

# --- this host: nothing but reading, below directories that stand still

# Wherever tests run, something comes and goes.
others=$SRCDIR,$BUILDDIR
for directory in /*; do
	case $directory in
	/bin | /boot | /etc | /lib* | /opt | /sbin | /usr) ;;
	*) others="$others,$directory" ;;
	esac
done
printf 'sysck:\n\ttreeck_nodir = %s\n' "$others" >db/host
cp db/host db/host-full
host()
{
	"$TCBCK" --no-progress --database "$PWD/db/$1" "$2" -i tree
}
# shellcheck disable=SC2046 # a list of paths
strays_by_others / $(echo "$others" | tr ',' '\n' | sed -e 's|.*|-path .& -prune -o|') >wanted
check "$([ -s wanted ] && echo 4 || echo 0)" - host host -n
strays >found
same_strays 'this host'
check 0 - host host-full -a
strays >found
same_strays 'this host is registered'
expect_true 'as each line says' test "$(grep -c '\[database updated\]$' "$ERR")" = "$(wc -l <"$ERR")"
check 0 empty host host-full -n

# --- another tree, such as debootstrap makes

if [ -n "${TREE_ROOT-}" ]; then
	root=$TREE_ROOT
	database=empty
	strays_by_others "$root" >wanted
	check 4 - tree -n
	strays >found
	same_strays "$root"
	cp db/empty db/full
	database=full
	check 0 - tree -a
	check 0 empty tree -n
fi
finish

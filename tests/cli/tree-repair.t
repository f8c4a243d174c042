# -p, -t, -y and -a with tree: what strays must not have is taken away, or taken into the database; all of it can be undone.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/tree.sh"

mkdir db
root=$PWD/root
tree()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/cfg" "$@"
}
repair()
{
	rm -rf undo
	tree --undo "$PWD/undo" "$@" tree
}
undo()
{
	mv undo/*.cfg undo/record
	"$TCBCK" --no-progress --root "$root" --database "$PWD/undo/record" --undo "$PWD/undo" -y ALL
}
setuid()
{
	for file in "$@"; do
		cp /bin/true "$file" && chmod 4755 "$file"
	done
}
# Everything that can be seen of the tree, with the numbers of the inodes of regular files.
state()
{
	sh "$SRCDIR/tests/cli/state" root
	find root -type f -printf '%p %i\n' | LC_ALL=C sort
}
unchanged()
{
	state >now
	same "$1" now
}
# Answers, one a line, and the status that they end with.
answers()
{
	rm -rf undo
	# shellcheck disable=SC2059 # it is a format
	printf "$2" | tree --undo "$PWD/undo" -t tree >"$OUT" 2>"$ERR"
	status=$?
	expect_true "-t, $(echo "$2" | tr -d '\n'): $status" test $status -eq "$1"
}
stanza()
{
	sed -n "\\|^$1:\$|,/^\$/p" db/cfg | sed '/^$/d' >stanza
	if diff -u "$2" stanza; then
		ok "the stanza of $1"
	else
		fail "the stanza of $1"
	fi
}
begin()
{
	rm -rf --one-file-system root
	mkdir -p root/lib root/etc
	echo defined >root/defined
	chmod 0644 root/defined
	ln root/defined root/listed
	ln -s defined root/named
	cat >db/cfg <<'END'
/defined:
	type = FILE
	owner = 0
	mode = rw-r--r--
	links = /listed
	symlinks = /named
END
	cp db/cfg db/before
}

# --- -y, -p and the way back

begin
make_strays root
ln root/defined root/lib/extra
ln root/defined root/extra
ln root/lib/extra root/lib/deeper/extra
ln -s ../defined root/lib/way
ln -s /lib/way root/way
ln root/lib/both root/lib/both.too
setfacl -m u:4711:r root/lib/both
state >before
check 4 - tree -n tree
sed 's/$/ [fixed]/' "$ERR" >expected
check 1 - repair -y
grep -v '^tcbck: undo record' "$ERR" >said
same expected said
state >fixed
check 0 empty tree -n tree
strays_by_others root | grep -v ' tree-link$' >found
: >wanted
same_strays 'nothing is left, as others see it'
modes()
{
	expect_true "$1: $2" test "$(stat -c %a "$3" "$4" | tr '\n' ' ')" = "$2 "
}
modes 'set-id bits of users stay' '4755 4755' root/bin/4755-1000:1000 root/bin/6755-1000:0
expect_true 'links are gone' test "$(stat -c %h root/defined)" = 2
expect_true 'symlinks are gone' test ! -L root/way -a ! -L root/lib/way -a -L root/named
check 1 - undo
expect_true 'undone: all is fixed' test -z "$(grep -vE '\[fixed\]$|^tcbck: undo record' "$ERR")"
unchanged before
check 4 - tree -n tree
check 0 empty "$TCBCK" --no-progress --root "$root" --database "$PWD/undo/record" -n ALL

check 1 empty repair -p
unchanged fixed
check 1 - undo
unchanged before
# Content that was changed meanwhile gets nothing back.
check 1 - repair -y
echo x >>root/lib/both
check 5 - undo
has '/lib/both: '
expect_true 'no set-id bit and no capabilities' test "$(stat -c %a root/lib/both)" != 4755 -a -z "$(getcap root/lib/both)"

# --- refused: an empty database, the limit, what can't be changed, what others control

begin
setuid root/lib/a root/lib/b
mknod root/lib/c c 1 3
ln root/defined root/lib/d
: >db/cfg
state >before
for option in -y -p; do
	check 4 - repair $option
	expect_true "$option: all three are refused" test "$(grep -c '\[refused: the database defines nothing\]$' "$ERR")" = 3
	unchanged before
done
printf 'sysck:\n\tsetuids = 5\n' >db/cfg
check 4 - repair -y
has '[refused: the database defines nothing]'
unchanged before
cp db/before db/cfg
for option in -y -p; do
	check 4 - repair $option --fix-limit 3
	expect_true "$option: all are refused" test \
		"$(grep -c '\[refused: 4 objects would be disabled or stripped, more than --fix-limit 3\]$' "$ERR")" = 5
	unchanged before
done
expect_true 'no undo record is made' test ! -e undo
check 1 - repair -y --fix-limit 4

begin
mkdir root/still root/still/d root/ro root/theirs root/devices
setuid root/still/immutable root/still/append root/theirs/one root/theirs/two
mknod root/still/d/node c 1 3
mknod root/theirs/node c 1 3
ln root/defined root/theirs/link
ln -s /defined root/theirs/symlink
ln root/theirs/two root/lib/two
setcap cap_net_raw+ep root/theirs/one
chown 4711:4711 root/theirs
mount -t tmpfs tmpfs root/ro
setuid root/ro/set-id
mknod root/ro/node c 1 3
mount -o remount,ro root/ro
mknod root/lib/source c 1 7
: >root/mounted.node
mount --bind root/lib/source root/mounted.node
if chattr +i root/still/immutable root/still/d && chattr +a root/still/append; then
	flags=yes
else
	flags=
	skip 'no immutable files here'
	rm -r root/still
fi
check 5 - repair -y
# A finding of FILE must be refused, and say that.
refused()
{
	grep -F "$1: tree-" "$ERR" >told
	has "[refused: $2" told
}
refused /ro/set-id 'the file system is read-only]'
refused /ro/node 'the file system is read-only]'
if [ -n "$flags" ]; then
	refused /still/immutable 'the file is immutable]'
	refused /still/append 'the file is append-only]'
	refused /still/d/node ''
	chattr -i root/still/immutable root/still/d
	chattr -a root/still/append
	modes 'they are as they were' '4755 4755' root/still/immutable root/still/append
fi
refused /theirs/link 'directory /theirs belongs to user 4711]'
refused /theirs/symlink 'directory /theirs belongs to user 4711]'
refused /theirs/node 'directory /theirs belongs to user 4711]'
refused /mounted.node 'it is a mount point]'
expect_true 'a bit is taken away there' test "$(stat -c %a root/theirs/one)" = 755
expect_true 'and capabilities' test -z "$(getcap root/theirs/one)"
has '/theirs/two: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID [fixed]'
expect_true 'names are left' test -e root/theirs/link -a -L root/theirs/symlink -a -c root/theirs/node -a -c root/ro/node
umount root/ro root/mounted.node
# Of two names in a directory of others, which file is meant can't be known.
begin
mkdir root/theirs
setuid root/theirs/one
ln root/theirs/one root/theirs/two
chown 4711:4711 root/theirs
check 4 - repair -y
expect_true 'both are refused' test \
	"$(grep -c '\[refused: it has other names, and others control its directory\]$' "$ERR")" = 2
expect_true 'and not stripped' test "$(stat -c %a root/theirs/one)" = 4755

# --- devices of the kernel's own are never removed

# There is one devtmpfs, wherever it is mounted: only a directory of our own in it is shown to the program.
begin
mkdir devtmpfs root/dev
own=devtmpfs/tcbck-test.$$
mount -t devtmpfs devtmpfs devtmpfs
trap 'rm -f "$own/null" "$own/disk" && rmdir "$own"' EXIT
trap 'exit 32' INT TERM HUP
mkdir "$own"
mknod "$own/null" c 1 3
mknod "$own/disk" b 7 250
mount --bind "$own" root/dev
: >root/node
mount --bind "$own/null" root/node
check 4 - repair -y
refused /dev/null 'the kernel makes what is on devtmpfs]'
refused /dev/disk 'the kernel makes what is on devtmpfs]'
refused /node 'it is a mount point]'
expect_true 'they are told by no more' test "$(wc -l <"$ERR")" = 3
# What stays in any case does not use up the limit.
setuid root/lib/limited
check 5 - repair -y --fix-limit 1
has '/lib/limited: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID [fixed]'
refused /dev/null 'the kernel makes what is on devtmpfs]'
rm root/lib/limited
yes y | tree --undo "$PWD/undo" -t tree >"$OUT" 2>"$ERR"
has '[refused: the kernel makes what is on devtmpfs]'
expect_true 'they stay' test -c "$own/null" -a -b "$own/disk"
umount root/node root/dev

# --- -t: fix, leave, and what is missing in the database

begin
setuid root/lib/a
mknod root/lib/b c 1 3
ln root/defined root/lib/c
ln -s ../defined root/lib/d
setcap cap_net_raw+ep root/lib/a
state >before
answers 36 ''
expect_true 'end of input: one question' test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 1
expect_true 'the others are told' test "$(strays | wc -l)" = 5
unchanged before
same db/before db/cfg
# n to the number of links; then n, and n again.
answers 4 'n\nn\nn\nn\nn\nn\nn\nn\nn\nn\nn\n'
expect_true 'n: five second questions' test "$(grep -o 'Update the database? \[y,n\]' "$ERR" | wc -l)" = 5
expect_true 'none of what is defined' test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 6
unchanged before
same db/before db/cfg
# The end of input at the second question is the end.
answers 36 'n\nn\n'
expect_true 'end of input at the second question' test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 2
same db/before db/cfg
answers 36 'n\nn\ny'
same db/before db/cfg
# What is no y is n; s asks neither question again.
answers 4 'n\ns\ns\nn\nyep\nn\nu\nn\n\n'
same db/before db/cfg
answers 36 'n\ns\ns\nq\n'
expect_true 's: no second question' test "$(grep -c 'Update the database' "$ERR")" = 0
# ? tells more.
answers 36 'n\n?\nq\n'
for line in '  path       /lib/a' '  attribute  tree-setuid' '  is         SUID,rwxr-xr-x of user 0' \
	'  should be  without SUID' '  defined    nowhere' '  fixing     takes that away; the file stays'; do
	has "$line"
done
unchanged before
# y after n registers: a file with all it has, a device, a link, a symlink.
answers 5 'n\nn\ny\nn\nYES\nn\ny\nn\n y \n'
expect_true 'no more is asked about what was registered' test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 5
expect_true 'it says so' test "$(grep -c '\[database updated\]$' "$ERR")" = 5
unchanged before
cat >expected.a <<'END'
/lib/a:
	capabilities = cap_net_raw=ep
	group = 0
	mode = SUID,rwxr-xr-x
	owner = 0
	type = FILE
END
cat >expected.b <<'END'
/lib/b:
	device = 1,3
	group = 0
	mode = rw-r--r--
	owner = 0
	type = CHAR_DEV
END
stanza /lib/a expected.a
stanza /lib/b expected.b
has 'links = /listed,/lib/c' db/cfg
has 'symlinks = /named,/lib/d' db/cfg
check 0 empty tree -n tree
# So does u.
cp db/before db/cfg
answers 5 'n\nu\nu\nu\nu\n'
stanza /lib/a expected.a
has 'links = /listed,/lib/c' db/cfg
check 0 empty tree -n tree
unchanged before
# y fixes, a fixes the rest of its kind; what is registered after that is what is left.
cp db/before db/cfg
setuid root/lib/e
mkdir root/lib/f
setuid root/lib/f/g
answers 5 'n\ny\nu\nn\nn\nn\nn\nn\nn\na\n'
expect_true 'y: the bit is gone' test "$(stat -c %a root/lib/a)" = 755
expect_true 'u: the capabilities stay' test -n "$(getcap root/lib/a)"
sed 's/SUID,//' expected.a >expected.a.fixed
stanza /lib/a expected.a.fixed
modes 'a: both others are fixed' '755 755' root/lib/e root/lib/f/g
check 4 - tree -n tree
expect_true 'the rest is left' test "$(strays | tr '\n' ' ')" = \
	'/lib/b tree-device /lib/c tree-link /lib/d tree-symlink '
# The number of links is asked about before the links are: it is right after these.
answers 5 'n\ny\ny\ny\n'
expect_true 'y: all three are removed' test ! -e root/lib/b -a ! -e root/lib/c -a ! -L root/lib/d
check 0 empty tree -n tree

# --- -a tree

begin
rm db/cfg
setuid root/lib/a
mknod root/lib/b c 1 3
setcap cap_net_raw+ep root/lib/a
check 8 - tree -n tree
check 0 - tree -a tree
expect_true 'a database is made' test "$(stat -c '%a %u' db/cfg)" = '640 0'
cat >expected <<'END'
/lib/a: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID [database updated]
/lib/a: tree-capabilities is cap_net_raw=ep, should be none [database updated]
/lib/b: tree-device is CHAR_DEV 1,3, should be absent [database updated]
END
same expected "$ERR"
stanza /lib/a expected.a
stanza /lib/b expected.b
cp db/cfg db/first
check 0 empty tree -a tree
same db/first db/cfg
check 0 empty tree -n tree
# Links and symlinks go where they lead to, what is there is kept, comments too.
cp db/before db/cfg
sed -i '1i# head' db/cfg
printf '# tail\n' >>db/cfg
ln root/defined root/lib/c
ln root/defined root/lib/c2
ln -s ../defined root/lib/d
ln -s /defined "$(printf 'root/lib/d,\n2')"
check 0 - tree -a tree class=apply mode hash_value
expect_true 'links are told' test "$(grep -c 'tree-link.*\[database updated\]$' "$ERR")" = 2
cat >expected <<'END'
/defined:
	type = FILE
	owner = 0
	mode = rw-r--r--
	links = /listed,/lib/c,/lib/c2
	symlinks = /named,/lib/d,"/lib/d\,\n2"
# tail
END
stanza /defined expected
has '# head' db/cfg
cat >expected <<END
/lib/a:
	class = apply
	hash_value = sha256:$(sha256sum <root/lib/a | cut -d' ' -f1)
	mode = SUID,rwxr-xr-x
	type = FILE
END
stanza /lib/a expected
cat >expected <<'END'
/lib/b:
	class = apply
	mode = rw-r--r--
	type = CHAR_DEV
END
stanza /lib/b expected
check 0 empty tree -n tree
cp db/cfg db/first
check 0 empty tree -a tree class=apply
same db/first db/cfg
# Nothing is changed by what is wrong: an attribute, an error in the database, something that can't be computed.
cp db/before db/cfg
check 8 - tree -a tree colour size=x
has 'colour: no such attribute'
has 'size=x'
has 'tcbck: nothing was changed'
same db/before db/cfg
check 8 - tree -a tree program
same db/before db/cfg
ln root/lib/a root/lib/a2
check 8 - tree -a tree links
has '/lib/a: it has other names; give them: links = /path,...'
has_not '[database updated]'
same db/before db/cfg
printf '\n/broken:\n\tcolour = red\n' >>db/cfg
cp db/cfg db/broken
check 8 - tree -a tree
has 'errors in the database: nothing is changed'
same db/broken db/cfg
check 16 - tree -a tree -r
check 16 - tree -a -i "$PWD"
check 16 - tree -n tree ALL
# Files that are missing are none of its business.
cp db/before db/cfg
rm root/named
check 0 - tree -a tree
has_not missing
check 4 - tree -n tree
has '/defined: symlinks'
# JSON.
cp db/before db/cfg
check 0 empty tree -a --format json tree
jq -r 'select(.event == "finding") | [.path, .attribute, .outcome] | join(" ")' "$OUT" >found
grep -q '^/lib/a tree-setuid database-updated$' found && ok 'JSON tells what was registered' || fail "JSON: $(cat found)"
expect_true 'and its status' test "$(jq 'select(.event == "summary").status' "$OUT")" = 0
# What is gone, or another object, when its turn comes keeps nothing else from being registered. The walk is over when the lock
# is waited for.
if command -v flock >/dev/null; then
	begin
	rm db/cfg
	setuid root/lib/a
	setuid root/lib/b
	setuid root/lib/c
	mknod root/lib/d c 1 3
	(umask 077 && : >db/cfg.lock)
	exec 9<db/cfg.lock
	flock 9
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/cfg" -a tree >"$OUT" 2>"$ERR" 9<&- &
	run=$!
	becomes_idle $run
	rm root/lib/a root/lib/d
	cp root/lib/b root/lib/new
	mv root/lib/new root/lib/b
	exec 9<&-
	wait $run
	status=$?
	expect_true "the other one is told: status $status" test $status -eq 8
	cat >expected <<'END'
/lib/b: tree-setuid unverified: it changed since it was found
/lib/c: tree-setuid is SUID,rwxr-xr-x of user 0, should be without SUID [database updated]
END
	same expected "$ERR"
	expect_true "the rest is registered" test "$(grep -c '^/' db/cfg)" -eq 1
	has 'mode = SUID,rwxr-xr-x' db/cfg
fi
finish

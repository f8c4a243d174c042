# Read-only file systems, immutable and append-only files: refused with that reason, and nothing is half done.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
need_mount
make_sentinel 0640
mkdir -m 0755 b
echo good >good
hash=sha256:$(sha256sum <good | cut -d' ' -f1)

make_objects()
{
	echo good >b/rights
	chown daemon b/rights
	chmod 4777 b/rights
	echo evil >b/content
	chmod 4755 b/content
	ln -s nowhere b/target
	mkfifo b/fifo
	chmod 0666 b/fifo
	echo good >b/names
}

state()
{
	(cd b && stat -c '%n %f %u %g %s %N' ./* && ls -A . && getfattr -h -d -m - ./*)
}

define <<X
$PWD/b/rights:
	type = FILE
	owner = root
	acl = u::rwx,u:daemon:r-x,g::r-x,m::r-x,o::r-x
	mode = SUID,rwxr-xr-x
	hash_value = $hash

$PWD/b/content:
	type = FILE
	mode = SUID,rwxr-xr-x
	hash_value = $hash
	source = $PWD/good

$PWD/b/fifo:
	type = FIFO
	owner = root
	mode = rw-------

$PWD/b/target:
	type = SYMLINK
	target = good
	owner = daemon

$PWD/b/names:
	type = FILE
	links = $PWD/b/link
	symlinks = $PWD/b/symlink

$PWD/b/missing:
	type = FILE
	source = $PWD/good
	hash_value = $hash
X
make_objects
state >before

# shellcheck disable=SC2016 # for the inner shell
check 4 - unshare -m sh -c 'mount --bind b b && mount -o remount,bind,ro b && exec "$@"' sh \
	"$TCBCK" -y --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL
expect_true "each finding says why" test "$(grep -c '\[refused: the file system is read-only\]' "$ERR")" -ge 8
has "b/missing: missing is absent, should be FILE [refused: "
has_not "[fixed]"
state >after
same before after

if chattr +i b/rights 2>/dev/null; then
	chattr +i b/content
	chattr +a b/names
	refused 5 "b/rights: owner is daemon, should be root [refused: the file is immutable]" \
		"b/rights: mode is SUID,rwxrwxrwx, should be SUID,rwxr-xr-x [refused: the file is immutable]" \
		"b/names: links is 1 in all" "[refused: the file is append-only]"
	expect_true "wrong content says why" grep -q "b/content: hash_value .*\[refused: the file is immutable\]" "$ERR"
	is "4777 1:0" b/rights
	is "4755 0:0" b/content
	chattr -i b/rights b/content
	chattr -a b/names

	# Nothing can be made in an immutable directory.
	rm -rf b/*
	make_objects
	chattr +i b
	repair
	has "b/missing: missing is absent, should be FILE [refused: "
	expect_true "nothing new in an immutable directory" test ! -e b/missing -a ! -e b/link -a ! -e b/symlink
	is "0 0:0" b/content
	chattr -i b
else
	skip "immutable files: not on this file system"
fi
refused 1 "[fixed]"
refused 0
sentinel_is_safe "all the while"
finish

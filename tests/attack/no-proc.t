# Without /proc, or on a kernel without fchmodat2, files are repaired all the same; what can't be repaired without either
# is told with that reason.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
need_mount
make_sentinel 0640
echo good >good
hash=sha256:$(sha256sum <good | cut -d' ' -f1)
why="the kernel lacks fchmodat2 and /proc is not mounted"

make_objects()
{
	rm -rf b undo
	mkdir -m 0755 b
	mkdir -m 0777 b/directory
	cp good b/file
	chown $attacker b/file
	chmod 0644 b/file
	mkfifo -m 0666 b/fifo
	chown $attacker b/fifo
}

define <<X
$PWD/b/directory:
	type = DIRECTORY
	mode = rwxr-xr-x

$PWD/b/file:
	type = FILE
	owner = root
	group = root
	mode = SUID,TCB,rwxr-xr-x
	hash_value = $hash

$PWD/b/fifo:
	type = FIFO
	owner = root
	mode = rw-------
X

without_proc()
{
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'umount -l /proc && exec "$@"' sh "$@"
}

set -- "$TCBCK" -y -j1 --no-progress --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL

make_objects
check 1 - "$@"
is "755 0:0" b/directory
is "4755 0:0" b/file
is "600 0:0" b/fifo

make_objects
check 1 - "$HELPERS/no-fchmodat2" "$@"
is "755 0:0" b/directory
is "4755 0:0" b/file
is "600 0:0" b/fifo

# Without /proc an object that can't be opened for reading can't be examined whole; it is left alone.
make_objects
without_proc "$@" >"$OUT" 2>"$ERR"
status=$?
expect_true "ends with what was fixed, left and not examined ($status)" test $((status & ~13)) -eq 0
has "b/directory: mode is rwxrwxrwx, should be rwxr-xr-x [fixed]"
has "b/file: owner is nobody, should be root [fixed]"
has "b/file: mode is rw-r--r--, should be SUID,TCB,rwxr-xr-x [fixed]"
is "755 0:0" b/directory
is "4755 0:0" b/file
if [ "$(stat -c %a:%u b/fifo)" = 600:0 ]; then
	ok "the FIFO is right"
else
	is "666 $attacker:0" b/fifo
	expect_true "the FIFO says why" grep -qE "b/fifo: (mode|owner) .*(refused|unverified|failed)" "$ERR"
fi

# Neither.
make_objects
without_proc "$HELPERS/no-fchmodat2" "$@" >"$OUT" 2>"$ERR"
status=$?
expect_true "neither: ends with an error left ($status)" test $((status & 4)) -eq 4
is "755 0:0" b/directory
is "4755 0:0" b/file
is "666 $attacker:0" b/fifo
has "$why"
sentinel_is_safe "all the while"
finish

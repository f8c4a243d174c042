# Something else stands where a file should: a FIFO, a symlink to the sentinel, a device, a socket, a directory. It is never
# opened, followed or acted on, and nothing waits.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0640
mkdir -m 0755 b
echo good >source
hash=sha256:$(sha256sum <source | cut -d' ' -f1)

put()
{
	case $1 in
	fifo) mkfifo -m 0666 "$2" ;;
	symlink) ln -s "$PWD/out/sentinel" "$2" ;;
	device) mknod -m 0666 "$2" c 1 5 ;;
	directory) mkdir -m 0777 "$2" ;;
	esac
}

for type in fifo symlink device directory; do
	put $type b/f
	put $type b/g
	put $type a/f
	define <<-X
	$PWD/b/f:
		type = FILE
		owner = root
		mode = SUID,rwxrwxrwx
		hash_value = $hash

	$PWD/a/f:
		type = FILE
		owner = root
		mode = SUID,rwxrwxrwx
		hash_value = $hash

	$PWD/b/g:
		type = FILE
		mode = rwxr-xr-x
		source = $PWD/source
		hash_value = $hash
	X
	refused 5 "b/f: type is" "a/f: type is"
	if [ $type = symlink ]; then
		has "b/f: type is SYMLINK, should be FILE [failed: a symlink has no mode to take away]"
	else
		has "[left: disabled: no source to restore it from]"
		is "0 0:0" b/f
		is "0 0:0" a/f
	fi
	is "755 0:0" b/g
	same source b/g
	sentinel_is_safe "$type in place of a file"
	rm -rf b/f b/g a/f
done

# It becomes one while the repair goes on.
as_attacker sh -c 'umask 0; echo mine >a/f; mkfifo a/fifo'
define <<X
$PWD/a/f:
	type = FILE
	mode = rw-------
	size = 5
X
start exchange a/f a/fifo
race as_attacker chmod 0666 a/f a/fifo
stop
expect_true "no repair waited for a FIFO" test "$status" -ne 124
sentinel_is_safe "a FIFO that comes and goes"
finish

# A directory on the way is exchanged, as fast as can be, with a symlink to the sentinel's directory and with a directory
# that has a hard link to it.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0666
define <<X
$PWD/a/sub/sentinel:
	type = FILE
	mode = rw-------
	size = 1
X

restart_file()
{
	as_attacker sh -c 'chmod 0666 a/sub/own a/other/own' 2>/dev/null
}

as_attacker mkdir a/sub a/other
for name in sub other; do
	as_attacker sh -c "umask 0; echo mine >a/$name/own; ln a/$name/own a/$name/more"
done
as_attacker sh -c 'umask 0; echo mine >a/sub/sentinel'
as_attacker ln out/sentinel a/other/sentinel
as_attacker ln -s "$PWD/out" a/symlink

start exchange a/sub a/symlink
race restart_file
stop
sentinel_is_safe "a directory exchanged with a symlink"
has "unsafe-path" said

start symlink a/sub "$PWD/out"
race restart_file
stop
sentinel_is_safe "a directory replaced by a symlink"

start exchange a/sub a/other
race restart_file
stop
sentinel_is_safe "a directory exchanged with one that has a hard link"
has "[refused: it has other names, and others control its directory]" said
finish

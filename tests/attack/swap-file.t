# The file is exchanged, as fast as can be, with a hard link to the sentinel, with a symlink to it and with another file of
# the attacker's, while its mode is narrowed in the attacker's own directory.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0666
define <<X
$PWD/a/f:
	type = FILE
	mode = rw-------

$PWD/a/g:
	type = FILE
	mode = rw-------
	size = 1
X

restart_file()
{
	as_attacker chmod 0666 a/f a/g a/other 2>/dev/null
}

for name in f g other; do
	as_attacker sh -c "umask 0; echo mine >a/$name"
done
as_attacker ln out/sentinel a/link
expect_true "the attacker has a hard link to the sentinel" test a/link -ef out/sentinel
ln -s "$PWD/out/sentinel" a/symlink
chown -h $attacker a/symlink

start exchange a/f a/link
race restart_file
stop
sentinel_is_safe "exchanged with a hard link"
has "[refused: it has other names, and others control its directory]" said

start exchange a/g a/link
race restart_file
stop
sentinel_is_safe "exchanged with a hard link, of wrong content"

# From here on the sentinel has no name but its own.
for name in a/f a/g a/link; do
	# shellcheck disable=SC3013 # dash and bash have it
	if [ $name -ef out/sentinel ]; then
		rm $name
	fi
	[ -e $name ] || as_attacker sh -c "umask 0; echo mine >$name"
done
start exchange a/f a/symlink
race restart_file
stop
sentinel_is_safe "exchanged with a symlink"

start symlink a/f "$PWD/out/sentinel"
race restart_file
stop
sentinel_is_safe "replaced by a symlink"

# The same, of an attacker who is always in time, with a file that looks like the sentinel.
rm -f a/f
as_attacker sh -c "umask 0; echo mine >a/f"
setfattr -n security.tcb -v 1 a/f
LD_PRELOAD=$HELPERS/preload_race.so ATTACK_NAME=f ATTACK_TARGET=$PWD/out/sentinel repair -j1
expect_true "it became a symlink" test -L a/f
has "a/f: mode is TCB,rw-rw-rw-, should be rw------- [refused: the object changed since it was judged]"
sentinel_is_safe "replaced by a symlink when it is opened"
rm -f a/f
as_attacker sh -c "umask 0; echo mine >a/f"

start exchange a/f a/other
race restart_file
stop
sentinel_is_safe "exchanged with another file"
finish

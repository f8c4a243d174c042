# A hard link to the sentinel is planted where a definition has its file: for good, and for moments only.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0666
mkdir -m 1777 sticky
as_attacker ln out/sentinel a/f
as_attacker ln out/sentinel sticky/f

define <<X
$PWD/a/f:
	type = FILE
	mode = rw-------
X
refused 4 "[refused: it has other names, and others control its directory]"
sentinel_is_safe "in the attacker's directory"

# The sentinel belongs to root, as files in a sticky directory must to be safe there.
define <<X
$PWD/sticky/f:
	type = FILE
	mode = rwxrwxrwx
	group = daemon
X
refused 4 "[refused: it has other names, and others control its directory]"
sentinel_is_safe "in a sticky directory"

define <<X
$PWD/a/f:
	type = FILE
	mode = rw-------
	size = 1
X
refused 4 "[refused: it has other names, and others control its directory]"
sentinel_is_safe "disabling"

# Taken away again once it was opened: the link count is right then, but it is that of the sentinel's own name.
rm -f a/f sticky/f
start link out/sentinel a/f
race true
stop
sentinel_is_safe "a hard link that comes and goes"
rm -f a/f
# The same, of an attacker who is always in time.
for attribute in "mode = rw-------" "size = 1"; do
	printf '%s:\n\ttype = FILE\n\t%s\n' "$PWD/a/sentinel" "$attribute" >sysck.cfg
	as_attacker ln -f out/sentinel a/sentinel
	LD_PRELOAD=$HELPERS/preload_race.so ATTACK_NAME=sentinel repair -j1
	expect_true "$attribute: it was taken away" test ! -e a/sentinel
	expect_true "$attribute: status $status" test "$status" -eq 4
	has "[refused: it has other names, and others control its directory]"
	sentinel_is_safe "$attribute: a hard link that is gone after it was opened"
done
finish

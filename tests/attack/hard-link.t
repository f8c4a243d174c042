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
rm -f a/f
start link out/sentinel a/f
race true
stop
sentinel_is_safe "a hard link that comes and goes"
if command -v strace >/dev/null; then
	start link out/sentinel a/f
	runs=0
	while [ $runs -lt $((ATTACK_RUNS / 3)) ]; do
		timeout 60 strace -f -qq -o /dev/null -e trace=newfstatat,fstat -e inject=newfstatat,fstat:delay_exit=200 \
			"$TCBCK" -y --no-progress --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL 2>>said
		runs=$((runs + 1))
	done
	stop
	sentinel_is_safe "a hard link that comes and goes, of a slow tcbck"
fi
finish

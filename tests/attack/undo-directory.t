# The directory of undo records is the attacker's, can be written by others, or is reached through a symlink that somebody
# placed: nothing is written there, and without a record nothing is changed.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0640
mkdir -m 0755 b trusted
mkdir -m 0777 open open/below
mkdir -m 0775 group
mkdir -m 1777 sticky
chmod 0700 open/below
chgrp daemon group
mkdir a/roots
ln -s "$PWD/trusted" theirs
chown -h $attacker theirs
as_attacker ln -s "$PWD/out" a/symlink
as_attacker ln -s "$PWD/trusted" a/trusted
ln -s "$PWD/trusted" open/link
ln -s "$PWD/trusted" sticky/link
as_attacker ln -s "$PWD/trusted" sticky/theirs
echo file >file
echo good >good

define <<X
$PWD/b/f:
	type = FILE
	owner = root
	mode = rw-------

$PWD/b/symlink:
	type = SYMLINK
	owner = root
	target = good

$PWD/b/missing:
	type = FILE
	source = $PWD/good

$PWD/b/wrong:
	type = FILE
	size = 1
X
echo f >b/f
chmod 0666 b/f
ln -s nowhere b/symlink
chown -h daemon b/f b/symlink
echo wrong >b/wrong
look()
{
	stat -c '%n %f %u %g %s %i %N' b/* out/* trusted
	ls -A b out trusted
}
look >before

for undo in open open/below group sticky a a/roots a/new theirs theirs/new a/symlink a/symlink/new \
	a/trusted a/trusted/new open/link \
	open/link/new open/new sticky/link sticky/link/new sticky/theirs sticky/theirs/new sticky/new/deeper file file/new; do
	check 12 - "$TCBCK" -y --database "$PWD/sysck.cfg" --undo "$PWD/$undo" ALL
	expect_true "$undo: each is refused with the reason" test "$(grep -c '\[refused: .*' "$ERR")" -eq 6
	look >after
	if ! same before after; then
		diff before after
	fi
	sentinel_is_safe "$undo"
done

# The same, relative; and one that is there only as a symlink of root's, which is followed.
check 12 - "$TCBCK" -y --database "$PWD/sysck.cfg" --undo theirs ALL
ln -s trusted roots
check 5 - "$TCBCK" -y --database "$PWD/sysck.cfg" --undo roots ALL
expect_true "the record is the only file there, for root alone" test "$(stat -c '%a %u' trusted/*.cfg)" = "600 0"

# New directories are root's alone, whatever the umask.
chmod 0666 b/f
(umask 0 && "$TCBCK" -y --database "$PWD/sysck.cfg" --undo "$PWD/new/deeper" ALL) 2>"$ERR"
is "700 0:0" new
is "700 0:0" new/deeper
finish

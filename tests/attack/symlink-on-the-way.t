# A symlink on the way that the attacker made, or could have placed, is not followed.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0640
mkdir -m 0777 open
mkdir -m 1777 sticky
ln -s "$PWD/out" owned
chown -h $attacker owned
ln -s "$PWD/out" a/roots
mkdir -m 0755 a/deep
ln -s "$PWD/out" a/deep/roots
ln -s "$PWD/out" open/roots
ln -s "$PWD/out" sticky/roots
as_attacker ln -s "$PWD/out" sticky/owned

for way in owned a/roots a/deep/roots open/roots sticky/roots sticky/owned; do
	define <<-X
	$PWD/$way/sentinel:
		type = FILE
		mode = rwxrwxrwx
		owner = daemon

	$PWD/$way/new:
		type = FILE
		source = ""
	X
	refused 4 "$PWD/$way/sentinel: unsafe-path is symlink $PWD/$way is not followed: " "$PWD/$way/new: unsafe-path is "
	sentinel_is_safe "through $way"
done

# One of root's is.
ln -s out roots
define <<X
$PWD/roots/sentinel:
	type = FILE
	mode = TCB,rw-------
X
refused 1 "[fixed]"
is "600 0:0" out/sentinel
finish

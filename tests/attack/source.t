# The attacker writes, exchanges or places `source`: only a copy that hash_value proves is used, and it is the copy that is
# proven.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0644
mkdir -m 0755 b
echo good >good
hash=sha256:$(sha256sum <good | cut -d' ' -f1)
unproven="others than root can write source, and no hash_value proves the copy"

# one SOURCE ATTRIBUTES...
one()
{
	{
		printf '%s:\n\ttype = FILE\n\towner = root\n\tmode = SUID,rwxr-xr-x\n\tsource = %s\n' "$PWD/b/f" "$1"
		shift
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
	} >sysck.cfg
}

# --- who can write it

cp good theirs
chown $attacker theirs
cp good group
chmod 0664 group
cp good others
chmod 0646 others
cp good acl
setfacl -m u:$attacker:rw acl
cp good a/good
ln -s "$PWD/a/good" symlink
as_attacker cp good a/own
as_attacker ln -s "$PWD/a/own" a/symlink
mkdir -m 1777 sticky
as_attacker cp good sticky/own

for source in theirs group others acl a/good symlink sticky/own; do
	one "$PWD/$source"
	refused 4 "b/f: missing is absent, should be FILE [refused: $unproven]"
	expect_true "$source: nothing was made" test ! -e b/f
	# The weak sum does not do.
	one "$PWD/$source" "checksum = \"$(sum -r <good)\""
	refused 4 "[refused: $unproven]"
	expect_true "$source, checksum: nothing was made" test ! -e b/f
	one "$PWD/$source" "hash_value = $hash"
	refused 1 "b/f: missing is absent, should be FILE [fixed]"
	is "4755 0:0" b/f
	same good b/f
	rm -f b/f
done
expect_true "nothing is left beside" test -z "$(ls -A b)"

# A symlink that the attacker made is not followed, whatever is proven.
one "$PWD/a/symlink" "hash_value = $hash"
refused 4 "is not followed"
expect_true "a symlink: nothing was made" test ! -e b/f

# Of root's, but the attacker still has it mapped.
as_attacker cp good a/mapped
chmod 0600 a/mapped
start map a/mapped
chown root a/mapped
mv a/mapped mapped
one "$PWD/mapped"
refused 4 "[refused: $unproven]"
stop
refused 1 "[fixed]"
rm -f b/f

# Another file, a FIFO, a device, a directory.
mkfifo a/fifo
mknod device c 1 3
for source in a/fifo device out; do
	one "$PWD/$source" "hash_value = $hash"
	refused 4 "b/f: missing is absent"
	expect_true "$source: nothing was made" test ! -e b/f
done

# --- content that does not satisfy

echo evil >evil
one "$PWD/evil" "hash_value = $hash"
refused 4 "[refused: source does not satisfy hash_value]"
expect_true "nothing was made of evil content" test ! -e b/f
echo wrong >b/f
chmod 4755 b/f
refused 4 "[left: disabled: source does not satisfy hash_value]"
is "0 0:0" b/f
expect_true "nothing is left beside the disabled file" test "$(ls -A b)" = f
rm -f b/f

# --- it changes between check and copy

bad=0
look_and_remove()
{
	if [ -e b/f ] && ! cmp -s good b/f; then
		bad=$((bad + 1))
	fi
	rm -f b/f
}

one "$PWD/a/own" "hash_value = $hash"
for verb in flip blink; do
	as_attacker sh -c 'echo good >a/own; echo evil >a/own.evil'
	start $verb a/own
	race look_and_remove
	look_and_remove
	stop
	expect_true "$verb: both were met" grep -q 'fixed]' said
	has "does not satisfy hash_value" said
done
expect_true "no evil copy was made ($bad)" test $bad -eq 0
expect_true "nothing is left beside after all" test -z "$(ls -A b)"

# A link to the sentinel in place of the source: the sentinel is read only where its content is right.
start symlink a/own "$PWD/out/sentinel"
race look_and_remove
look_and_remove
stop
expect_true "no copy of the sentinel was made ($bad)" test $bad -eq 0
sentinel_is_safe "all the while"

# It grows without end: the disk is not filled.
if command -v strace >/dev/null; then
	rm -f a/own a/own.aside
	as_attacker cp good a/own
	start grow a/own
	timeout 60 strace -f -qq -o /dev/null -e trace=pread64,preadv2 -e inject=pread64,preadv2:delay_enter=8000 \
		"$TCBCK" -y --no-progress --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL 2>"$ERR"
	status=$?
	stop
	expect_true "a growing source is not copied for ever ($status)" test $status -eq 4
	expect_true "nothing was made of it" test -z "$(ls -A b)"
fi
finish

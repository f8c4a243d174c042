# The attacker could write the file while its owner or mode was wrong: it gets no set-id bit and no capabilities unless its
# content is proven, and nobody can write it any more; not in a later run either.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
need setcap
make_sentinel 0640
mkdir -m 0755 b
echo good >source
hash=sha256:$(sha256sum <source | cut -d' ' -f1)
nothing_proves="[refused: others could write it, and neither hash_value nor checksum proves its content]"

# put OWNER MODE
put()
{
	rm -f b/f
	cp source b/f
	chown "$1" b/f
	chmod "$2" b/f
}

not_set_id()
{
	if [ -u b/f ] || [ -g b/f ] || getcap b/f | grep -q .; then
		fail "$1: it is set-id or has capabilities"
	else
		ok "$1: it is not set-id"
	fi
}

# --- nothing proves the content

define <<X
$PWD/b/f:
	type = FILE
	owner = root
	group = root
	mode = SUID,rwxr-xr-x
X
for case in "$attacker 0755" "$attacker 4755" "$attacker 4777" "root 0777" "root 4777" "root 4775" "root:$attacker 0775"; do
	# shellcheck disable=SC2086
	put $case
	for time in first second third; do
		refused 4 "$nothing_proves"
		not_set_id "$case, the $time run"
	done
done

# A checksum that may be anything proves nothing.
define <<X
$PWD/b/f:
	type = FILE
	owner = root
	mode = SUID,rwxr-xr-x
	size = 5
	checksum = VOLATILE
	hash_value = VOLATILE
X
put $attacker 0755
refused 4 "$nothing_proves"
not_set_id "volatile"

define <<X
$PWD/b/f:
	type = FILE
	owner = root
	mode = rwxr-xr-x
	capabilities = cap_net_raw=ep
X
put $attacker 0755
refused 4 "$nothing_proves"
refused 4 "$nothing_proves"
not_set_id "capabilities for a file of the attacker's"
put root 0777
setcap cap_net_raw=ep b/f
refused 4 "$nothing_proves"
not_set_id "capabilities that others could use"

# --- the content is proven

define <<X
$PWD/b/f:
	type = FILE
	owner = root
	group = root
	mode = SUID,rwxr-xr-x
	hash_value = $hash
X
put $attacker 0755
refused 1 "owner is nobody, should be root [fixed]"
is "4755 0:0" b/f

# Evil content.
put $attacker 4755
echo evil >b/f
chmod 4755 b/f
refused 4 "[left: disabled: no source to restore it from]" "owner is"
is "0 $attacker:0" b/f
chmod 0755 b/f
refused 4 "its content is not as defined: it gets nothing back"
not_set_id "evil content"

# Somebody has it open, or has it mapped: in the first run and in a later one.
for verb in hold map; do
	put $attacker 0755
	start $verb b/f
	for time in first second; do
		refused "$([ $time = first ] && echo 5 || echo 4)" "[refused: somebody has it open for writing]"
		not_set_id "$verb, the $time run"
	done
	stop
	same source b/f
	refused 1 "mode is rwxr-xr-x, should be SUID,rwxr-xr-x [fixed]"
	is "4755 0:0" b/f
done

# The right owner, but somebody had it open before.
put $attacker 0755
start map b/f
chown root b/f
refused 4 "[refused: somebody has it open for writing]"
not_set_id "mapped before it was given to root"
stop

# An ACL that nobody defined gives the attacker what the mode gives the group.
put $attacker 0775
setfacl -m u:$attacker:rwx b/f
define <<X
$PWD/b/f:
	type = FILE
	owner = root
	group = root
	mode = SUID,rwxrwxr-x
	hash_value = $hash
X
refused 5 "[refused: others can write it by its ACL]"
not_set_id "an ACL"
setfacl -b b/f

# The owner must be right before anything is given; with -t he may stay wrong.
define <<X
$PWD/b/f:
	type = FILE
	owner = root
	mode = SUID,rwxr-xr-x
	hash_value = $hash
X
put $attacker 0755
printf 'n\ny\n' >answers
"$TCBCK" -t --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL <answers 2>"$ERR"
has "[refused: its owner or group stays wrong]"
not_set_id "a wrong owner that stays"

# --- the attacker writes whenever he can, and makes it writable as long as he may

bad=0
look_and_put_again()
{
	if [ -u b/f ] && ! cmp -s source b/f; then
		bad=$((bad + 1))
	fi
	put $attacker 0777
}

start grab b/f
race look_and_put_again
look_and_put_again
stop
if command -v strace >/dev/null; then
	start grab b/f
	runs=0
	while [ $runs -lt $((ATTACK_RUNS / 3)) ]; do
		put $attacker 0777
		timeout 60 strace -f -qq -o /dev/null -e trace=fchownat,fchmod -e inject=fchownat,fchmod:delay_enter=3000 \
			"$TCBCK" -y --no-progress --database "$PWD/sysck.cfg" --undo "$PWD/undo" ALL 2>>said
		look_and_put_again
		runs=$((runs + 1))
	done
	stop
fi
expect_true "no evil content was made set-id ($bad)" test $bad -eq 0
sentinel_is_safe "all the while"
finish

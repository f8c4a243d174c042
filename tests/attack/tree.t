# The whole tree is audited and its strays repaired, again and again, while the attacker exchanges what is in his directory for
# links to a defined file of root's, and what root's names lead to. The sentinel must stay as it is and where it is; nothing but
# what was judged may be stripped or removed; and undoing gives nobody a privilege.
. "$SRCDIR/tests/cli/lib.sh"
work=$PWD
mkdir -m 0755 tree
cd tree || exit 1
. "$SRCDIR/tests/attack/attack.sh"
need setcap
policy=-y

# As attack.sh has it, but of the tree; -y and -p in turn.
repair()
{
	timeout 60 "$TCBCK" $policy --no-progress --root "$PWD" --database "$work/sysck.cfg" --undo "$work/undo" "$@" tree \
		>"$OUT" 2>"$ERR"
	status=$?
	cat "$ERR" >>said
	case $policy in -y) policy=-p ;; *) policy=-y ;; esac
}

define()
{
	cat >"$work/sysck.cfg"
}

undo()
{
	for record in "$work"/undo/*.cfg; do
		[ -e "$record" ] || continue
		timeout 60 "$TCBCK" -y --no-progress --root "$PWD" --database "$record" --undo "$work/undo" ALL >"$OUT" 2>>said
	done
	rm -rf "$work/undo"
}

# stray OWNER MODE PATH
stray()
{
	rm -f "$3"
	echo good >"$3"
	chown "$1" "$3"
	chmod "$2" "$3"
}

# The strays behind descriptors 8 and 9 are what they were: by their names anything might be found.
stray_again()
{
	chmod 4755 /proc/self/fd/8 /proc/self/fd/9
}

mkdir -m 0755 open
make_sentinel 0666
setcap cap_net_raw=ep out/sentinel
cat >definition <<X
/out/sentinel:
	type = FILE
	owner = 0
	mode = TCB,rw-rw-rw-
	capabilities = cap_net_raw=ep
X
define <definition
look_at_sentinel >sentinel.before

# --- its own further names

as_attacker ln out/sentinel a/link
stray root 4755 a/s
exec 8<a/s 9<a/s
start exchange a/s a/link
race stray_again
stop
sentinel_is_safe "exchanged with a stray"
has 'tree-link is a link to /out/sentinel, should be absent, or in its links [refused: directory /a belongs to user' said
expect_true 'both names of the directory are there' test -e a/s -a -e a/link
rm -rf "$work/undo" a/s a/link

# A link that comes and goes: when definitions were looked at, the sentinel had no other name.
start link out/sentinel a/f
race true
stop
sentinel_is_safe "a hard link that comes and goes"
rm -rf "$work/undo" a/f
printf '/open:\n\ttype = DIRECTORY\n\nsysck:\n\ttreeck_nodir = /out\n' | define
# The same, of an attacker who is always in time.
policy=-y
as_attacker ln out/sentinel a/now
LD_PRELOAD=$HELPERS/preload_race.so ATTACK_NAME=now repair -j1
expect_true "it was taken away" test ! -e a/now
has '/a/now: tree-tcb is TCB,rw-rw-rw-, should be without TCB [refused: it has other names, and others control its directory]'
sentinel_is_safe "a link that is gone after it was opened"
policy=-y
as_attacker ln out/sentinel a/now
LD_PRELOAD=$HELPERS/preload_race.so ATTACK_NAME=now ATTACK_TARGET=$PWD/out/sentinel repair -j1
expect_true "it became a symlink" test -L a/now
has '/a/now: tree-tcb is TCB,rw-rw-rw-, should be without TCB [refused: the object changed since it was judged]'
sentinel_is_safe "a symlink in the place of a link when it is opened"
rm -rf "$work/undo" a/now
define <definition

# --- other objects in the place of a stray

stray root 4755 a/s
exec 8<a/s 9<a/s
start symlink a/s "$PWD/out/sentinel"
race stray_again
stop
sentinel_is_safe "a symlink in the place of a stray"
rm -rf "$work/undo" a/s*
mknod a/null c 1 3
mkfifo a/pipe
chown $attacker a/pipe
start exchange a/null a/pipe
race true
stop
sentinel_is_safe "a device and a pipe"
has 'tree-device is CHAR_DEV 1,3, should be absent [refused: directory /a belongs to user' said
expect_true 'nothing is removed from his directory' test -e a/null -a -e a/pipe
rm -rf "$work/undo" a/null a/pipe

# --- other directories on the way to it

mkdir a/d
mknod a/d/node c 1 3
ln -s ../out a/e
chown -h $attacker a/e
mknod out/node c 1 3
{
	cat definition
	printf '\n/out/node:\n\ttype = CHAR_DEV\n'
} | define
look_at_sentinel >sentinel.before
stray root 4755 a/d/sentinel
exec 8<a/d/sentinel 9<a/d/sentinel
start exchange a/d a/e
race stray_again
stop
sentinel_is_safe "a symlink to its directory"
rm -rf "$work/undo" a/d a/e out/node
mkdir a/d a/e
chown $attacker a/d a/e
as_attacker ln out/sentinel a/e/sentinel
stray root 4755 a/d/sentinel
exec 8<a/d/sentinel 9<a/d/sentinel
look_at_sentinel >sentinel.before
start exchange a/d a/e
race stray_again
stop
sentinel_is_safe "a directory with a link to it"
rm -rf "$work/undo" a/d a/e

# --- names of root's that lead through the attacker's directory, or are further names of what is defined there

{
	cat definition
	printf '\tsymlinks = /out/known\n'
} | define
ln -s sentinel out/known
ln -s ../a/way out/way
ln -s ../a/../out/sentinel out/detour
echo harmless >a/other
chown $attacker a/other
as_attacker ln -s ../out/sentinel a/way
look_at_sentinel >sentinel.before
start exchange a/way a/other
race true
stop
sentinel_is_safe "a symlink of root's that leads through his directory"
has '/out/way: tree-symlink is a symlink to /out/sentinel' said
has '[refused: others control where it leads to: directory /a belongs to user' said
rm -rf "$work/undo" a/way a/other out/known out/way out/detour

# It is no stray itself.
setcap -r out/sentinel
setfattr -x security.tcb out/sentinel
printf '/a/defined:\n\ttype = FILE\n' | define
look_at_sentinel >sentinel.before
start link out/sentinel a/defined
race true
stop
sentinel_is_safe "a link to it comes and goes where something is defined"
as_attacker ln -f out/sentinel a/defined
policy=-y
repair
has '/out/sentinel: tree-link is a link to /a/defined, '
has '[refused: what is defined can be replaced: directory /a belongs to user'
sentinel_is_safe "a link to it where something is defined"
rm -rf "$work/undo" a/defined
setcap cap_net_raw=ep out/sentinel
setfattr -n security.tcb -v 1 out/sentinel
look_at_sentinel >sentinel.before
mkdir -m 1777 open/sticky
as_attacker ln out/sentinel open/sticky/link
define <definition
policy=-y
repair
has '/open/sticky/link: tree-link is a link to /out/sentinel, '
has '[refused: directory /open/sticky is sticky'
sentinel_is_safe "in a sticky directory"
rm -rf "$work/undo" open/sticky

# --- undoing

undo_exchanged()
{
	# Whatever the repair has left is taken away: what is there after the undoing came from that.
	chmod 0755 /proc/self/fd/8 /proc/self/fd/9 a/g
	undo
	[ ! -u /proc/self/fd/8 ] && [ ! -u /proc/self/fd/9 ] && [ ! -g a/g ] || back=$((back + 1))
	stray_again
	chmod 2755 a/g
}
back=0
stray root 0755 a/s
stray root 0755 a/evil
echo evil >>a/evil
stray $attacker:root 0755 a/g
exec 8<a/s 9<a/evil
start exchange a/s a/evil
race undo_exchanged
undo_exchanged
stop
expect_true "nothing comes back in his directory ($back)" test $back -eq 0
exec 8<&- 9<&-
rm -rf a/s a/g a/evil

evil=0
undo_written()
{
	undo
	for path in open/w open/g; do
		if [ -u $path ] || [ -g $path ]; then
			grep -qx good $path || evil=$((evil + 1))
		fi
	done
	stray root 4777 open/w
	stray $attacker:root 2777 open/g
}
for path in open/w open/g; do
	start flip $path
	race undo_written
	undo_written
	stop
done
expect_true "no other content was made set-id ($evil)" test $evil -eq 0
rm -rf "$work/undo"
policy=-y
stray $attacker:root 2755 open/g
start hold open/g
repair
has '/open/g: tree-setgid is SGID,rwxr-xr-x of group 0, should be without SGID [fixed]'
undo
expect_true 'no set-id bit comes back while he has it open for writing' test ! -g open/g
stop

# --- symlinks, which anybody can make, do not use up --fix-limit

{
	cat definition
	printf '\n/out/other:\n\ttype = FILE\n\tmode = rw-r--r--\n\tsymlinks = /out/known\n'
} | define
stray root 0600 out/other
ln -s other out/known
count=0
while [ $count -lt 101 ]; do
	as_attacker ln -s ../out/other a/way.$count
	count=$((count + 1))
done
policy=-y
repair
has '/out/other: mode is rw-------, should be rw-r--r-- [fixed]'
has '/a/way.100: tree-symlink is a symlink to /out/other, should be absent, or in its symlinks [refused: directory /a belongs'
rm -f a/way.* out/known out/other

# --- a lease keeps the file from being opened, but not from being stripped

policy=-y
define <definition
stray $attacker:root 2755 a/g
start lease a/g
repair
stop
has '/a/g: tree-setgid is SGID,rwxr-xr-x of group 0, should be without SGID [fixed]'
expect_true 'what he holds a lease on is stripped' test ! -g a/g
sentinel_is_safe "all the while"
finish

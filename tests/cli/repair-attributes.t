# What is done about each attribute and type: wording, outcome, exit status; what a repair gives back and what it doesn't.
. "$SRCDIR/tests/cli/lib.sh"

need_xattr
need setcap
state="$SRCDIR/tests/cli/state"
mkdir undo t
t=$PWD/t

# Puts a database of one definition in place: its name below t, then lines.
define()
{
	name=$1
	shift
	db=$PWD/$name.cfg
	{
		printf '%s:\n' "$t/$name"
		printf '\t%s\n' "$@"
	} >"$db"
}

tcbck()
{
	"$TCBCK" --database "$db" --undo "$PWD/undo" "$@"
}

# fixes STATUS LINES COMMAND...: the command's lines, without the undo record's name, are those, and the next -n finds nothing.
said()
{
	grep -v '^tcbck: undo record: ' "$ERR" | sed -e "s|$t/||g" -e "s|$PWD|@DIR@|g" >said
	printf '%s\n' "$@" >wanted
	[ -n "$*" ] || : >wanted
	if diff -u wanted said; then
		ok "says: $*"
	else
		fail "says something else than: $*"
	fi
}

is()
{
	found=$(stat -c '%F %a %u %g' "$t/$1" 2>/dev/null)
	expect_true "$1 is $found, should be $2" test "$found" = "$2"
}

undo()
{
	record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
	check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" -y ALL
	check 0 empty "$TCBCK" --database "$record" -n ALL
}

# repairs NAME STATUS [LINE]...: -n finds what it should, -y says the lines, -n then 0 (status 1), and undoing brings all back.
repairs()
{
	name=$1
	wanted_exit=$2
	shift 2
	sh "$state" t >before
	check 4 - tcbck -n ALL
	check "$wanted_exit" - tcbck -y ALL
	said "$@"
	if [ "$wanted_exit" -eq 1 ]; then
		cp "$ERR" kept
		check 0 empty tcbck -n ALL
		cp kept "$ERR"
	fi
	record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
	[ -n "$record" ] || return
	check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" -y ALL
	sh "$state" t >back
	same before back
	# And forth again, silently.
	check "$wanted_exit" - tcbck -p ALL
	if [ "$wanted_exit" -eq 1 ]; then
		expect_true "-p prints nothing" test ! -s "$ERR"
	fi
	expect_true "$name: nothing is left beside" sh -c '! ls -A t | grep tcbck'
}

# --- owner, group, mode, flag, ACL, capabilities

make()
{
	rm -rf t
	mkdir t
	echo content >"$t/f"
	chmod 644 "$t/f"
}
hash=$(echo content | sha256sum | cut -d' ' -f1)
make
define f 'type = FILE' 'owner = root' 'group = root'
chown 54321:54322 "$t/f"
repairs f 1 'f: owner is 54321, should be root [fixed]' 'f: group is 54322, should be root [fixed]'
is f 'regular file 644 0 0'

make
define f 'type = FILE' 'mode = TCB,rwxr-x---'
repairs f 1 'f: mode is rw-r--r--, should be TCB,rwxr-x--- [fixed]'
expect_true "the flag is set" sh -c '"$1" query "$2" | grep -q on' sh "$CHTCB" "$t/f"
make
setfattr -n security.tcb -v 1 "$t/f"
define f 'type = FILE' 'mode = rw-r--r--'
repairs f 1 'f: mode is TCB,rw-r--r--, should be rw-r--r-- [fixed]'

make
setfacl -m u:54321:rw,g:54322:r "$t/f"
define f 'type = FILE' 'acl =' 'mode = rw-r--r--'
repairs f 1 'f: acl is u::rw-,u:54321:rw-,g::r--,g:54322:r--,m::rw-,o::r--, should be none [fixed]' \
	'f: mode is rw-rw-r--, should be rw-r--r-- [fixed]'
make
define f 'type = FILE' 'acl = u::rw-,u:54321:r-x,g::r--,m::r-x,o::---' 'mode = rw-r-x---'
repairs f 1 'f: acl is none, should be u::rw-,u:54321:r-x,g::r--,m::r-x,o::--- [fixed]' \
	'f: mode is rw-r--r--, should be rw-r-x--- [fixed]'
# An ACL without a mode: the mask is its own.
make
define f 'type = FILE' 'acl = u::rw-,u:54321:r-x,g::r--,m::r-x,o::---'
repairs f 1 'f: acl is none, should be u::rw-,u:54321:r-x,g::r--,m::r-x,o::--- [fixed]'
make
setfacl -m u:54321:rwx "$t/f"
define f 'type = FILE' 'acl ='
repairs f 1 'f: acl is u::rw-,u:54321:rwx,g::r--,m::rwx,o::r--, should be none [fixed]'
is f 'regular file 644 0 0'

make
define f 'type = FILE' 'capabilities = cap_net_raw=ep'
repairs f 1 'f: capabilities is none, should be cap_net_raw=ep [fixed]'
make
setcap cap_sys_admin=ep "$t/f"
define f 'type = FILE' 'capabilities ='
repairs f 1 'f: capabilities is cap_sys_admin=ep, should be none [fixed]'

# What chown takes away comes back if it is defined, and only then.
make
chmod 6755 "$t/f"
setcap cap_net_raw=ep "$t/f"
define f 'type = FILE' 'group = 54321'
check 1 - tcbck -y ALL
is f 'regular file 755 0 54321'
expect_true "capabilities that nobody defined are gone" test -z "$(getcap "$t/f")"
undo
is f 'regular file 6755 0 0'
expect_true "and are back when it is undone" sh -c 'getcap "$1" | grep -q cap_net_raw' sh "$t/f"
define f 'type = FILE' 'group = 54321' 'mode = SUID,SGID,rwxr-xr-x' 'capabilities = cap_net_raw=ep'
repairs f 1 'f: group is root, should be 54321 [fixed]'
is f 'regular file 6755 0 54321'
expect_true "capabilities that are defined are there" sh -c 'getcap "$1" | grep -q cap_net_raw' sh "$t/f"

# Power only for content that is proven, when others could write it.
make
chown 54321 "$t/f"
define f 'type = FILE' 'owner = root' 'mode = SUID,rwxr-xr-x' 'capabilities = cap_net_raw=ep'
why='others could write it, and neither hash_value nor checksum proves its content'
# The owner stays as well: a later run would not know any more that another one could have written it.
for run in first second; do
	check 4 - tcbck -y ALL
	said "f: owner is 54321, should be root [refused: $why]" \
		"f: mode is rw-r--r--, should be SUID,rwxr-xr-x [refused: $why]" \
		"f: capabilities is none, should be cap_net_raw=ep [refused: $why]"
	is f 'regular file 644 54321 0'
done
expect_true "no capabilities" test -z "$(getcap "$t/f")"
for writable in 'chmod 664' 'chmod 646'; do
	make
	$writable "$t/f"
	define f 'type = FILE' 'mode = SUID,rwxr-xr-x'
	for run in first second; do
		check 4 - tcbck -y ALL
		has "[refused: $why]"
		expect_true "it is not set-id after the $run run" test ! -u "$t/f"
	done
	define f 'type = FILE' 'mode = SUID,rwxr-xr-x' "hash_value = sha256:$hash"
	check 1 - tcbck -y ALL
	is f 'regular file 4755 0 0'
done

# Must show: a setuid program whose owner, mode and capabilities are wrong at once is right after one run.
make
chmod 777 "$t/f"
setcap cap_sys_admin=ep "$t/f"
chown 54321 "$t/f"
setcap cap_sys_admin=ep "$t/f"
chmod 2777 "$t/f"
define f 'type = FILE' 'owner = root' 'group = root' 'mode = SUID,rwxr-xr-x' 'capabilities = cap_net_raw=ep' \
	"hash_value = sha256:$hash"
repairs f 1 'f: owner is 54321, should be root [fixed]' 'f: mode is SGID,rwxrwxrwx, should be SUID,rwxr-xr-x [fixed]' \
	'f: capabilities is cap_sys_admin=ep, should be cap_net_raw=ep [fixed]'
is f 'regular file 4755 0 0'
# Not while somebody has it open for writing.
make
chown 54321 "$t/f"
exec 7>>"$t/f"
check 5 - tcbck -y ALL
has 'mode is rw-r--r--, should be SUID,rwxr-xr-x [refused: somebody has it open for writing]'
is f 'regular file 644 0 0'
exec 7>&-
check 1 - tcbck -y ALL
is f 'regular file 4755 0 0'

# --- content: disabled, and stays so

for attribute in 'size = 9' 'checksum = "00001     1"' "hash_value = sha256:$(echo x | sha256sum | cut -d' ' -f1)"; do
	make
	chmod 4755 "$t/f"
	setfacl -m u:54321:rwx "$t/f"
	setcap cap_net_raw=ep "$t/f"
	setfattr -n security.tcb -v 1 "$t/f"
	sh "$state" t >before
	kind=${attribute%% *}
	define f 'type = FILE' 'owner = 54321' "$attribute"
	check 4 - tcbck -y ALL
	record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
	has "[left: disabled: no source to restore it from]"
	has "f: owner is root, should be 54321 [refused: its content is not as defined: it gets nothing back]"
	is f 'regular file 0 0 0'
	expect_true "nothing is left of its rights" test -z "$(getcap "$t/f")$(getfattr -m - "$t/f")$(getfacl -pcs "$t/f")"
	# Later runs give nothing back.
	printf '\tmode = rw-r--r--\n' >>"$db"
	sh "$state" t >disabled
	check 4 - tcbck -y ALL
	has "$kind is "
	has "f: mode is ---------, should be rw-r--r-- [refused: its content is not as defined: it gets nothing back]"
	sh "$state" t >back
	same disabled back
	check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" -y ALL
	sh "$state" t >back
	same before back
done
# VOLATILE is never wrong.
make
define f 'type = FILE' 'size = 1,VOLATILE' 'checksum = VOLATILE' 'hash_value = VOLATILE' 'mode = rw-------'
repairs f 1 'f: mode is rw-r--r--, should be rw------- [fixed]'

# --- source

make
echo content >source
echo bad >"$t/f"
define f 'type = FILE' 'owner = 54321' 'mode = SUID,rwxr-xr-x' 'size = 8' "hash_value = $hash" "source = $PWD/source" \
	'capabilities = cap_net_raw=ep' 'acl = u::rwx,u:5:r-x,g::r-x,m::r-x,o::r-x'
check 1 - tcbck -y ALL
has 'f: size is 4, should be 8 [fixed]'
is f 'regular file 4755 54321 0'
same source "$t/f"
check 0 empty "$TCBCK" --database "$db" -n ALL
check 0 empty tcbck -y ALL
echo bad >"$t/f"
check 1 - tcbck -y ALL
undo
expect_true "the old content is back" test "$(cat "$t/f")" = bad
rm "$t/f"
check 1 - tcbck -y ALL
said 'f: missing is absent, should be FILE [fixed]'
same source "$t/f"
undo
expect_true "it is absent again" test ! -e "$t/f"
mkdir "$t/f"
repairs f 1 'f: type is DIRECTORY, should be FILE [fixed]'
rm "$t/f"
mkdir "$t/f"
echo x >"$t/f/inside"
check 4 - tcbck -y ALL
has 'f: type is DIRECTORY, should be FILE [left: disabled: '
is f 'directory 0 0 0'
rm -r "$t/f"
# A source that is wrong is not used.
echo bad >"$t/f"
echo other >source
check 4 - tcbck -y ALL
has 'disabled: source does not satisfy size'
is f 'regular file 0 0 0'
expect_true "the content stays" test "$(cat "$t/f")" = bad
rm "$t/f"
check 4 - tcbck -y ALL
has 'f: missing is absent, should be FILE [refused: source does not satisfy size]'
expect_true "no copy is left" test -z "$(ls -A t)"
rm source
check 4 - tcbck -y ALL
has 'f: missing is absent, should be FILE [failed: '
# One that others can write needs a hash.
printf '01234567' >source
chmod 666 source
define f 'type = FILE' 'size = 8' "source = $PWD/source"
check 4 - tcbck -y ALL
has '[refused: others than root can write source, and no hash_value proves the copy]'
chmod 644 source
repairs f 1 'f: missing is absent, should be FILE [fixed]'
define f 'type = FILE' 'size = 8'
rm "$t/f"
check 4 - tcbck -y ALL
said 'f: missing is absent, should be FILE [failed: no source to restore it from]'
# Empty: in place of wrong content, too.
echo bad >"$t/f"
define f 'type = FILE' 'size = 0' 'source =' 'mode = rw-------'
repairs f 1 'f: mode is rw-r--r--, should be rw------- [fixed]' 'f: size is 4, should be 0 [fixed]'

# --- types

for type in DIRECTORY FIFO SOCKET CHAR_DEV BLK_DEV SYMLINK FILE; do
	more='mode = rwx--x--x'
	case $type in
	CHAR_DEV | BLK_DEV) set -- 'device = 240,7' ;;
	SYMLINK)
		more=target\ =\ 'else where'
		set --
		;;
	*) set -- ;;
	esac
	make
	define f "type = $type" 'owner = 54321' "$more" 'source =' "$@"
	rm "$t/f"
	repairs f 1 "f: missing is absent, should be $type [fixed]"
	# In place of each other type.
	for wrong in mkdir mkfifo 'ln -s nowhere' "$HELPERS/make socket" touch; do
		case $type/$wrong in
		DIRECTORY/mkdir | FIFO/mkfifo | SYMLINK/ln* | SOCKET/*socket | FILE/touch) continue ;;
		esac
		rm -rf "$t/f"
		$wrong "$t/f"
		case $wrong in
		mkdir) is=DIRECTORY ;;
		mkfifo) is=FIFO ;;
		ln*) is=SYMLINK ;;
		touch) is=FILE ;;
		*) is=SOCKET ;;
		esac
		repairs f 1 "f: type is $is, should be $type [fixed]"
	done
	# Without a source it is disabled; a symlink can't be.
	define f "type = $type" 'owner = 54321' "$more" "$@"
	wrong=FIFO
	[ $type = FIFO ] && wrong=DIRECTORY
	rm -rf "$t/f"
	case $wrong in FIFO) mkfifo "$t/f" ;; *) mkdir "$t/f" ;; esac
	check 4 - tcbck -y ALL
	said "f: type is $wrong, should be $type [left: disabled: no source to restore it from]"
	expect_true "it has no mode" test "$(stat -c %a "$t/f")" = 0
	undo
done
make
ln -sf nowhere "$t/f"
define f 'type = FILE'
check 4 - tcbck -y ALL
said 'f: type is SYMLINK, should be FILE [failed: a symlink has no mode to take away]'
rm "$t/f"
mknod "$t/f" c 240 8
define f 'type = CHAR_DEV' 'device = 240,7' 'source =' 'mode = rw-r-----'
repairs f 1 'f: mode is rw-r--r--, should be rw-r----- [fixed]' 'f: device is 240,8, should be 240,7 [fixed]'
define f 'type = CHAR_DEV' 'device = 240,9'
check 4 - tcbck -y ALL
said 'f: device is 240,7, should be 240,9 [left: disabled: no source to restore it from]'

# --- target, links, symlinks

make
ln -sfn wrong "$t/f"
chown -h 54321 "$t/f"
define f 'type = SYMLINK' 'target = "with blank and \"quote\""'
repairs f 1 'f: target is wrong, should be "with blank and \"quote\"" [fixed]'
is f 'symbolic link 777 54321 0'
define f 'type = SYMLINK' 'owner = root' 'target = right'
repairs f 1 'f: owner is 54321, should be root [fixed]' 'f: target is "with blank and \"quote\"", should be right [fixed]'

make
define f 'type = FILE' "links = $t/a,$t/b" "symlinks = $t/c,$t/d"
repairs f 1 'f: links is 1 in all, a absent, b absent, should be 3 in all with a,b [fixed]' \
	'f: symlinks is c absent, d absent, should be c,d [fixed]'
expect_true "both names are the file" test "$(stat -c %i "$t/a")" = "$(stat -c %i "$t/f")" -a "$(stat -c %h "$t/b")" = 3
expect_true "both symlinks lead to it" test "$(readlink "$t/c") $(readlink "$t/d")" = "$t/f $t/f"
rm "$t/a" "$t/b" "$t/c" "$t/d"
echo other >"$t/a"
chmod 4755 "$t/a"
setfacl -m u:5:rwx "$t/a"
mkfifo "$t/b"
echo file >"$t/c"
ln -s f "$t/d"
repairs f 1 'f: links is 1 in all, a another file, b another file, should be 3 in all with a,b [fixed]' \
	'f: symlinks is c no symlink, should be c,d [fixed]'
# What is no link of it never goes for its sake.
ln "$t/f" "$t/unknown"
check 4 - tcbck -y ALL
has 'f: links is 4 in all, should be 3 in all with '
has '[failed: it is not good afterwards]'
expect_true "an unknown link stays" test -e "$t/unknown"
rm "$t/unknown" "$t/a"
mkdir "$t/a"
check 4 - tcbck -y ALL
has '[refused: '
has 'a directory has the name]'
# A file that is restored keeps its names.
rm -rf "$t/a"
ln "$t/f" "$t/a"
echo content >source
chmod 4755 "$t/f"
define f 'type = FILE' "links = $t/a,$t/b" 'mode = SUID,rwxr-xr-x' "hash_value = $hash" "source = $PWD/source"
echo changed >"$t/f"
chmod 4755 "$t/f"
repairs f 1 "f: hash_value is sha256:$(echo changed | sha256sum | cut -d' ' -f1), should be sha256:$hash [fixed]"
is b 'regular file 4755 0 0'

# --- what nothing is done about

make
define f 'type = FILE' 'source = /nowhere' 'program = /usr/bin/false'
check 4 - tcbck -y ALL
said 'f: program is 1, should be 0' 'f: source is absent, should be /nowhere'
check 4 - tcbck -p ALL
said 'f: program is 1, should be 0' 'f: source is absent, should be /nowhere'
make
define f 'type = FILE' 'mode = rw-------'
cat f.cfg >double.cfg
printf '\n%s:\n\ttype = FIFO\n' "$t/f" >>double.cfg
db=$PWD/double.cfg
check 5 - tcbck -y ALL
has 'f: duplicate is '
has 'f: mode is rw-r--r--, should be rw------- [fixed]'

# --- ABSENT

make
define f 'type = ABSENT'
repairs f 1 'f: type is FILE, should be ABSENT [fixed]'
for wrong in mkdir mkfifo 'ln -s nowhere'; do
	rm -rf "$t/f"
	$wrong "$t/f"
	check 1 - tcbck -y ALL
	expect_true "$wrong: nothing is there" test ! -e "$t/f" -a ! -L "$t/f"
	check 0 empty tcbck -n ALL
	check 0 empty tcbck -y ALL
done
mkdir -p "$t/f/g"
check 4 - tcbck -y ALL
has '[failed: '
expect_true "a directory that is not empty stays" test -d "$t/f/g"

# --- --fix-limit

many()
{
	rm -rf t
	mkdir t
	db=$PWD/many.cfg
	: >"$db"
	for i in 1 2 3; do
		echo bad >"$t/$i"
		printf '%s:\n\ttype = FILE\n\tsize = 99\n\n' "$t/$i" >>"$db"
	done
	echo good >"$t/4"
	printf '%s:\n\ttype = FILE\n\tmode = rw-------\n' "$t/4" >>"$db"
}
many
sh "$state" t >before
for limit in 0 1 2; do
	for policy in -y -p; do
		check 4 - tcbck $policy --fix-limit $limit ALL
		has "[refused: 3 objects would be disabled or stripped, more than --fix-limit $limit]"
		has "1: size is 4, should be 99 [refused: 3 objects would"
		has "4: mode is rw-r--r--, should be rw------- [refused: 3 objects would"
		has_not "undo record"
		sh "$state" t >back
		same before back
	done
done
check 5 - tcbck -y --fix-limit 3 ALL
has "4: mode is rw-r--r--, should be rw------- [fixed]"
has "1: size is 4, should be 99 [left: disabled: "
many
check 1 - tcbck -y --fix-limit 0 "$t/4"
for wrong in '' -1 x 1x 1000000001 99999999999999999999; do
	check 16 - tcbck -y --fix-limit "$wrong" ALL
done
check 16 - tcbck -y --undo '' ALL
check 16 - tcbck -n -y ALL
check 16 - tcbck -p -y ALL
# Over a hundred, as nobody said otherwise.
i=0
while [ $i -lt 101 ]; do
	echo bad >"$t/more$i"
	printf '\n%s:\n\ttype = FILE\n\tsize = 99\n' "$t/more$i"
	i=$((i + 1))
done >>"$db"
check 4 - tcbck -y ALL
has "[refused: 104 objects would be disabled or stripped, more than --fix-limit 100]"

# --- where it does not start

make
define f 'type = FILE' 'mode = rw-------' 'nonsense = 1'
for policy in -y -p -t; do
	check 8 - tcbck $policy ALL
	has 'nonsense'
	has 'errors in the database: nothing is changed'
	is f 'regular file 644 0 0'
done
printf 'x:\n\ttype = FILE\n' >>f.cfg
check 8 - tcbck -y ALL
# Errors elsewhere than in what is to be repaired count as well.
define f 'type = FILE' 'mode = rw-------' '' 'elsewhere = 1'
check 8 - tcbck -y "$t/f"
is f 'regular file 644 0 0'

# --- the undo record

define f 'type = FILE' 'mode = rw-------'
: >file
chmod 755 .
check 12 - "$TCBCK" --database "$db" --undo "$PWD/file/undo" -y ALL
has '[refused: '
has 'tcbck: the undo record could not be written; what needed it was not repaired'
is f 'regular file 644 0 0'
mkdir -m 777 open
check 12 - "$TCBCK" --database "$db" --undo "$PWD/open" -y ALL
has '[refused: '
is f 'regular file 644 0 0'
expect_true "nothing is in there" test -z "$(ls -A open)"
# Named in another way, it is an absolute path all the same; directories are made.
echo bad >"$t/f"
define f 'type = FILE' "hash_value = $hash" "source = $PWD/source"
for undo in relative//deep/../deep ./plain; do
	[ $undo = ./plain ] || mkdir -p relative/deep
	echo bad >"$t/f"
	check 1 - "$TCBCK" --database "$db" --undo $undo -y ALL
	record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
	check 1 - "$TCBCK" --database "$record" --undo $undo -y ALL
	expect_true "it was of use" test "$(cat "$t/f")" = bad
	check 1 - tcbck -y ALL
	check 1 - "$TCBCK" --database "$record" -y --undo "$PWD/undo" ALL
	expect_true "also with another directory of records" test "$(cat "$t/f")" = bad
done
expect_true "the directory is 0700" test "$(stat -c %a plain)" = 700
expect_true "so is that of old content" sh -c '[ "$(stat -c %a plain/*.d | sort -u)" = 700 ]'
expect_true "and nobody else may read that" sh -c '[ "$(stat -c %a plain/*.d/* | sort -u)" = 600 ]'
# Nothing to repair: no record.
check 1 - tcbck -y ALL
check 0 empty "$TCBCK" --database "$db" --undo "$PWD/never" -y ALL
expect_true "no record is made for nothing" test ! -e never

# A directory that is given back to others is the last: what is below it can still be undone.
rm -rf t
mkdir -p t/d/e
echo content >t/d/e/f
chown -R 54321 t/d
sh "$state" t >before
cat >dirs.cfg <<END
$t/d:
	type = DIRECTORY
	owner = root

$t/d/e:
	type = DIRECTORY
	owner = root
	mode = rwxr-xr-x

$t/d/e/f:
	type = FILE
	owner = root
	mode = rw-------
END
db=$PWD/dirs.cfg
check 1 - tcbck -y ALL
said 'd: owner is 54321, should be root [fixed]' 'd/e: owner is 54321, should be root [fixed]' \
	'd/e/f: owner is 54321, should be root [fixed]' 'd/e/f: mode is rw-r--r--, should be rw------- [fixed]'
undo
said
sh "$state" t >back
same before back

# --- another root: records on the host, which undo it there

rm -rf t
mkdir -p image/etc image/bin
printf 'wheel:x:0:0::/:/bin/sh\nguest:x:54321:0::/:/bin/sh\n' >image/etc/passwd
echo content >image/bin/f
echo content >image/good
ln -s bin/f image/l
cat >root.cfg <<END
/bin/f:
	type = FILE
	owner = guest
	mode = rwxr-x---
	hash_value = $hash
	source = /good
	symlinks = /s

/l:
	type = SYMLINK
	target = /bin/f
END
echo bad >image/bin/f
sh "$state" image >before
db=$PWD/root.cfg
check 1 - tcbck --root image -y ALL
has 'undo record'
record=$(sed -n 's/^tcbck: undo record: //p' "$ERR")
expect_true "the record is the host's" sh -c 'case $1 in "$2"/undo/*) [ -f "$1" ] ;; *) false ;; esac' sh "$record" "$PWD"
expect_true "repaired" test "$(stat -c '%u %a' image/bin/f) $(cat image/bin/f) $(readlink image/s) $(readlink image/l)" = \
	"54321 750 content /bin/f /bin/f"
check 0 empty tcbck --root image -n ALL
check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" --root image -y ALL
sh "$state" image >back
same before back
finish

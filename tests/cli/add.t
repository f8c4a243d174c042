# -a Path Attribute[=Value]...: what is computed, taken and removed, and every kind of wrong operand. Nothing that is wrong
# changes anything.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }
user=$(id -un)
group=$(id -gn)
printf 'abc' >file
chmod 0754 file
mkdir dir
ln -s 'some where' link
mkfifo fifo
sha256=$(sha256sum <file | cut -d' ' -f1)

# Type alone; then more, whatever is there stays.
check 0 empty tcb -a "$PWD/file"
printf '%s:\n\ttype = FILE\n' "$PWD/file" >expected
same expected db
check 0 empty tcb -a "$PWD/file" size owner
printf '\towner = %s\n\tsize = 3\n' "$user" >>expected
same expected db
check 0 empty tcb -a "$PWD/file" mode=0600 'size = 5 , VOLATILE' owner=0
sed -i -e 's/size = 3/size = 5 , VOLATILE/' -e "s/owner = .*/owner = 0/" expected
printf '\tmode = 0600\n' >>expected
same expected db
# Computed again over a given value; and a second time nothing moves.
check 0 empty tcb -a "$PWD/file" mode size owner
sed -i -e 's/0600/rwxr-xr--/' -e 's/size = .*/size = 3/' -e "s/owner = .*/owner = $user/" expected
same expected db
check 0 empty tcb -a "$PWD/file" mode size owner
same expected db

# Removed, and removed again; a type never is.
check 0 empty tcb -a "$PWD/file" size= mode=
grep -v -e size -e mode expected >expected.2
same expected.2 db
check 0 empty tcb -a "$PWD/file" size=
same expected.2 db
check 8 - tcb -a "$PWD/file" type= owner=
has "tcbck: type=: every definition has a type"
same expected.2 db

# All that can be computed of a file, of each other type; the attributes in alphabetical order.
rm db
check 0 empty tcb -a "$PWD/file" size checksum hash_value type owner group mode acl capabilities links
cat >expected <<END
$PWD/file:
	acl =
	capabilities =
	checksum = "$(sum -r <file)"
	group = $group
	hash_value = sha256:$sha256
	mode = rwxr-xr--
	owner = $user
	size = 3
	type = FILE
END
sed 's/ *$//' db | grep -v links >shown
same expected shown
check 0 empty tcb -a "$PWD/link" target owner group
check 0 empty tcb -a "$PWD/dir" mode
check 0 empty tcb -a "$PWD/fifo" mode
cat >>expected <<END

$PWD/link:
	group = $group
	owner = $user
	target = "some where"
	type = SYMLINK

$PWD/dir:
	mode = rwxr-xr-x
	type = DIRECTORY

$PWD/fifo:
	mode = rw-r--r--
	type = FIFO
END
sed 's/ *$//' db | grep -v links >shown
sed -i 's/target = some where/target = "some where"/' shown
same expected shown
check 0 empty tcb -n ALL

# The algorithm is the setting's.
check 0 empty tcb -a sysck hash=sha512
check 0 empty tcb -a "$PWD/file" hash_value
has "hash_value = sha512:$(sha512sum <file | cut -d' ' -f1)" db

# Values are written as they are given, quotes and escapes included, and mean that.
rm db
check 0 empty tcb -a /not/there type=symlink 'target="a\tb\\c\x01"' 'class= one, "two" ,three'
printf '/not/there:\n\tclass = one, "two" ,three\n\ttarget = "a\\tb\\\\c\\x01"\n\ttype = symlink\n' >expected
same expected db
check 8 - tcb -a /not/there 'target="open'
has 'the quote is not closed'
same expected db
check 0 empty tcb -a /not/there2 type=FILE 'acl=""' 'source=""'
has 'acl = ""' db
has 'source = ""' db
check 0 empty tcb -d /not/there2
same expected db
# A name that must be quoted is quoted.
name=$(printf '/no/a\nb\\"c ')
check 0 empty tcb -a "$name" type=FILE
has '"/no/a\nb\\\"c ":' db
check 0 empty tcb -a "$name" mode=0644
check 0 empty tcb -d "$name"
same expected db

# Each wrong value with its message; nothing is changed.
wrong()
{
	text=$1
	shift
	check 8 - tcb -a "$@"
	has "$text"
	has "tcbck: nothing was changed"
}
cp db before
f=$PWD/file
wrong 'tcbck: size=x: expected a size in bytes, or bytes,VOLATILE, or VOLATILE' "$f" size=x
wrong 'size=-1: expected a size' "$f" size=-1
wrong 'size=99999999999999999999: expected a size' "$f" size=99999999999999999999
wrong 'tcbck: mode=rwx: expected a mode such as SUID,rwxr-xr-x (flags SUID SGID SVTX TCB) or 4755' "$f" mode=rwx
wrong 'mode=17777: expected a mode' "$f" mode=17777
wrong 'tcbck: owner=no-such-user: unknown user no-such-user' "$f" owner=no-such-user
wrong 'owner=4294967295' "$f" owner=4294967295
wrong 'tcbck: group=no-such-group: unknown group no-such-group' "$f" group=no-such-group
wrong 'tcbck: type=MPX_DEV: ' "$f" type=MPX_DEV
wrong 'tcbck: type=THING: ' "$f" type=THING
wrong 'tcbck: acl=u::rwz: ' "$f" acl=u::rwz
wrong 'tcbck: capabilities=cap_none+ep: ' "$f" capabilities=cap_none+ep
wrong 'tcbck: device=1: ' /dev/x type=CHAR_DEV device=1
wrong 'tcbck: links=rel: ' "$f" links=rel
wrong 'tcbck: symlinks=/a/../b: ' "$f" symlinks=/a/../b
wrong 'tcbck: hash_value=sha256:12: ' "$f" hash_value=sha256:12
sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709
wrong "tcbck: hash_value=sha1:$sha1: " "$f" "hash_value=sha1:$sha1"
wrong 'tcbck: source=rel: ' "$f" source=rel
wrong 'tcbck: program=rel: ' "$f" program=rel
wrong 'tcbck: color=red: no such attribute; sysck.cfg(5) lists them' "$f" color=red
wrong 'tcbck: SIZE: no such attribute' "$f" SIZE
wrong 'size=4: size is given twice' "$f" size=3 size=4
wrong 'size: size is given twice' "$f" size= size
wrong 'program needs a value' "$f" program
wrong 'class needs a value' "$f" class
wrong 'source needs a value' "$f" source
wrong 'symlinks needs a value' "$f" symlinks
wrong 'tcbck: =3: ' "$f" =3
wrong 'expected' "$f" ''
wrong 'expected' "$f" 'size 3'
# For another type; computed and given.
wrong 'device is no attribute of a FILE' "$f" device
wrong 'device is no attribute of a FILE' "$f" device=1,3
wrong 'target is no attribute of a FILE' "$f" target=/x
wrong 'size is no attribute of a DIRECTORY' "$PWD/dir" size
wrong 'mode is no attribute of a SYMLINK' "$PWD/link" mode
wrong 'size is no attribute of a FIFO' "$PWD/fifo" size=3
wrong 'hash_value is no attribute of a FIFO' "$PWD/fifo" hash_value
# Not there, or no path.
wrong "tcbck: $PWD/none: no such file; nothing can be computed" "$PWD/none"
wrong 'no such file; nothing can be computed' "$PWD/none" size
wrong 'no such file; nothing can be computed' "$PWD/file/none" size
wrong 'tcbck: /a//b: expected' /a//b type=FILE
wrong 'tcbck: /a/: expected' /a/ type=FILE
wrong 'tcbck: rel: expected' rel type=FILE
wrong 'tcbck: "": expected an absolute path' '' type=FILE
# Every wrong operand is named, the path too.
cat >expected.errors <<'END'
tcbck: size=x: expected a size in bytes, or bytes,VOLATILE, or VOLATILE
tcbck: mode=q: expected a mode such as SUID,rwxr-xr-x (flags SUID SGID SVTX TCB) or 4755
tcbck: color=1: no such attribute; sysck.cfg(5) lists them
tcbck: owner=no-such-user: unknown user no-such-user
tcbck: @DIR@/none: no such file; nothing can be computed
tcbck: nothing was changed
END
check 8 expected.errors tcb -a "$PWD/none" size=x mode=q color=1 owner=no-such-user group
same before db
# An ACL and a mode that contradict each other are no definition.
wrong 'mode' "$f" acl=u::rw-,u:0:r--,g::---,m::r--,o::--- mode=0600
same before db

# What must not be there at all.
check 16 - tcb -a ALL size
check 16 - tcb -a -r tree size
check 16 - tcb -a
check 16 - tcb -a sysck
same before db

# Hard links: computed only where there are no others; given otherwise.
ln file file.2
wrong 'it has 2 names; give the others: links=/path,...' "$f" links
same before db
check 0 empty tcb -a "$f" "links=$PWD/file.2"
has "links = $PWD/file.2" db
check 0 empty tcb -n "$f"
rm file.2

# All the bytes around a change stay: comments, order, spacing, CRLF, no last newline.
{
	printf '# first\r\n*second\r\n\r\nsysck:\r\n  setuids=0 ,  1\r\n\r\n%s:  \r\n   type=file\r\n* inside\r\n' "$f"
	printf '\t\tmode   = "rwx,r-x,r-x"\r\n size=7\r\n\r\n   # between\r\n/z:\r\ntype   =FILE'
} >db
cp db before
check 0 empty tcb -a "$f" size=8
sed 's/ size=7/ size=8/' before >expected
same expected db
check 0 empty tcb -a "$f" size=
sed /size/d before >expected
same expected db
check 0 empty tcb -a "$f.new" type=FILE
{ cat expected; printf '\n\n%s:\n\ttype = FILE\n' "$f.new"; } >expected.2
same expected.2 db
check 0 empty tcb -a /z mode=0600
check 0 empty tcb -a /z mode=
check 0 empty tcb -d "$f.new"
{ cat expected; echo; } >expected.2
same expected.2 db
finish

# -a -r Directory: the directory and all below it on its file system, in path order, in one rewrite.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }
every='type owner group mode acl capabilities device target links size checksum hash_value'
names() { grep '^["/].*:$' db; }

mkdir -p top/a/deep top/a.b top/Z
printf 'abc' >top/a/file
printf 'x' >top/a.b/file
: >top/Z/empty
ln -s ../file top/a/link
mkfifo top/pipe
: >"top/a/$(printf 'new\nline')"
: >"top/a/$(printf 'q"b\\s ')"
: >"top/a/$(printf '\377')"
: >top/ä
chmod 1755 top/Z
python=$(command -v python3)
[ -z "$python" ] || "$python" -c 'import socket; socket.socket(socket.AF_UNIX).bind("top/socket")'

check 0 empty tcb -a -r "$PWD/top" type
cat >expected <<END
$PWD/top:
$PWD/top/Z:
$PWD/top/Z/empty:
$PWD/top/a:
$PWD/top/a/deep:
$PWD/top/a/file:
$PWD/top/a/link:
"$PWD/top/a/new\\nline":
"$PWD/top/a/q\\"b\\\\s ":
"$PWD/top/a/\\xff":
$PWD/top/a.b:
$PWD/top/a.b/file:
$PWD/top/pipe:
$([ -z "$python" ] || echo "$PWD/top/socket:")
$PWD/top/ä:
END
sed -i '/^$/d' expected
names >shown
same expected shown
expect_true "a stanza has one blank line before it" test "$(grep -c '^$' db)" -eq "$(($(wc -l <expected) - 1))"

# What a type can't have is left out, given or computed; all that is written is found again.
rm db
# shellcheck disable=SC2086 # operands
check 0 empty tcb -a -r "$PWD/top" $every class=all
names >shown
same expected shown
stanza() { sed -n "\\|^$PWD/$1:\$|,/^\$/p" db | sed -e 's/ = .*//' -e 's/ =$//' | tr -d '\t\n'; }
expect_true "a directory" test "$(stanza top/a)" = "$PWD/top/a:aclclassgroupmodeownertype"
expect_true "a file" test "$(stanza top/a/file)" = \
	"$PWD/top/a/file:aclcapabilitieschecksumclassgrouphash_valuelinksmodeownersizetype"
expect_true "a symlink" test "$(stanza top/a/link)" = "$PWD/top/a/link:classgrouplinksownertargettype"
expect_true "a FIFO" test "$(stanza top/pipe)" = "$PWD/top/pipe:aclclassgrouplinksmodeownertype"
check 0 empty tcb -n ALL
check 0 empty tcb -n all
for jobs in 1 2 8; do
	rm db
	# shellcheck disable=SC2086
	check 0 empty tcb -a -r -j $jobs "$PWD/top" $every class=all
	cp db db.$jobs
done
same db.1 db.2
same db.1 db.8

# What is defined keeps its comments, its place and its other attributes; a second time changes nothing.
cat >db <<END
# head
$PWD/top/a/file:
* of it
	source =  $PWD/src
	size = 77
	type = FILE

/other:
	type = FILE
# tail
END
sed -e 's/size = 77/size = 3/' -e '6a\	mode = 0644' db >expected
check 0 empty tcb -a -r "$PWD/top/a" size mode=0644
head -n 11 db >shown
same expected shown
expect_true "it is not there twice" test "$(grep -c "^$PWD/top/a/file:" db)" -eq 1
cp db before
check 0 empty tcb -a -r "$PWD/top/a" size mode=0644
same before db
check 0 empty tcb -a -r "$PWD/top/a" size=
expect_true "an attribute is taken out everywhere" test "$(grep -c 'size' db)" -eq 0

# Links: those below the directory find each other; who has more outside has none.
rm -r db top/a/new* top/a/q* top/a/"$(printf '\377')"
ln top/a/file top/Z/one
ln top/a/file top/two,b
ln top/a.b/file outside
check 0 - tcb -a -r "$PWD/top" links type
echo 'tcbck: links left out for 1 file with names outside of the directory' >expected
same expected "$ERR"
has "links = $PWD/top/Z/one,\"$PWD/top/two\\,b\"" db
has "links = $PWD/top/a/file,\"$PWD/top/two\\,b\"" db
has "links = $PWD/top/Z/one,$PWD/top/a/file" db
sed -n "\\|/top/a.b/file|,/^\$/p" db >shown
has_not links shown
check 0 empty tcb -n ALL
ln top/Z/empty outside.2
check 0 - tcb -a -r "$PWD/top" links
has 'tcbck: links left out for 2 files with names outside of the directory'
sed -n "\\|/top/Z/empty|,/^\$/p" db >shown
has_not links shown
check 0 empty tcb -n ALL
rm outside outside.2 top/two* top/Z/one

# Wrong operands, all named; nothing is changed.
cp db before
printf '%s\n' 'tcbck: size=x: expected a size in bytes, or bytes,VOLATILE, or VOLATILE' \
	'tcbck: color: no such attribute; sysck.cfg(5) lists them' 'tcbck: @DIR@/none: no such directory' \
	'tcbck: nothing was changed' >expected
check 8 expected tcb -a -r "$PWD/none" size=x color
printf '%s\n' 'tcbck: type: computed for each object below a directory; give it no value' \
	'tcbck: @DIR@/top/a/file: not a directory (a symlink is not followed)' 'tcbck: nothing was changed' >expected
check 8 expected tcb -a -r "$PWD/top/a/file" type=FILE
ln -s top toplink
check 8 - tcb -a -r "$PWD/toplink" type
has 'not a directory'
check 8 - tcb -a -r top type
has 'tcbck: top: expected an absolute path'
check 8 - tcb -a -r "$PWD/top/" type
check 8 - tcb -a -r "$PWD/top" program
has 'program needs a value'
check 16 - tcb -a -r
check 16 - tcb -n -r "$PWD/top"
same before db
# An object that would not make a definition stops all of it, and each is named.
chmod 0640 top/a/file top/Z/empty
if setfacl -m u:0:r top/a/file top/Z/empty 2>/dev/null; then
	check 8 - tcb -a -r "$PWD/top" acl mode=0600
	has "tcbck: $PWD/top/a/file: "
	has "tcbck: $PWD/top/Z/empty: "
	has 'tcbck: nothing was changed'
	same before db
	setfacl -b top/a/file top/Z/empty
fi

# Entries that come and go meanwhile are no error. (A directory in the place of another is one: it was not looked at.)
mkdir top/busy
sh -c 'n=0; while [ ! -e stop ]; do n=$((n + 1)); for i in 1 2 3 4 5; do
	: >top/busy/$n.$i; mkdir top/busy/d$n.$i; : >top/busy/d$n.$i/f; done
	rm -rf top/busy/*; done' &
churn=$!
bad=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	# shellcheck disable=SC2086
	tcb -a -r -j 2 "$PWD/top" $every >"$OUT" 2>"$ERR" || { bad=$((bad + 1)); sed 's/^/stderr: /' "$ERR"; }
	rm db
done
: >stop
wait $churn
expect_true "entries that vanish are no error, twenty times" test $bad -eq 0
rm -rf top/busy

# Deeper and longer than a path may be.
if [ -n "$python" ]; then
	"$python" - <<'END'
import os
os.mkdir("top/deep")
os.chdir("top/deep")
for i in range(30):
    os.mkdir("d" * 250)
    os.chdir("d" * 250)
open("leaf", "w").close()
END
	# shellcheck disable=SC2086
	check 0 empty tcb -a -r "$PWD/top/deep" $every
	expect_true "the leaf is there" grep -q 'ddd/leaf:$' db
	check 0 empty tcb -n ALL
	rm -rf top/deep
fi

need_root
need setpriv
# A directory that can't be read: an error, and nothing is changed.
mkdir top/closed theirs
: >top/closed/file
chown 65534:65534 theirs
chmod 0700 top/closed
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$TCBCK" --database "$PWD/theirs/db" "$@"; }
check 8 - nobody -a -r "$PWD/top" owner
has "tcbck: $PWD/top/closed: cannot be read: Permission denied"
has 'tcbck: nothing was changed'
expect_true "no database was made" test ! -e theirs/db
chmod 0711 top/closed
check 8 - nobody -a -r "$PWD/top" owner
has 'cannot be read: Permission denied'
chmod 0755 top/closed
check 0 empty nobody -a -r "$PWD/top" owner
chmod 0600 top/closed/file
check 8 - nobody -a -r "$PWD/top" size hash_value
has "tcbck: $PWD/top/closed/file: hash_value cannot be computed: "
rm -rf top/closed

need_mount
# What is mounted below is another file system: its mount point is left out too, and what lies under it.
mkdir top/mount
: >top/mount/under
rm -f db
cat >mounted <<'END'
mount -t tmpfs none top/mount && mkdir top/mount/in && exec "$@"
END
check 0 empty unshare -m sh mounted "$TCBCK" --database "$PWD/db" -a -r "$PWD/top" owner
has_not /mount db
has "$PWD/top/pipe:" db
# As the directory itself it is one like any other.
check 0 empty unshare -m sh mounted "$TCBCK" --database "$PWD/db" -a -r "$PWD/top/mount" owner
has "$PWD/top/mount:" db
has "$PWD/top/mount/in:" db
# A part of the tree that is mounted into itself does not make it endless.
rm db
echo 'mount --bind top top/mount && exec "$@"' >mounted
check 0 empty timeout 60 unshare -m sh mounted "$TCBCK" --database "$PWD/db" -a -r "$PWD/top" owner
has "$PWD/top/pipe:" db
finish

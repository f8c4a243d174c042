# -a -f File: stanzas with values and with bare attributes are merged; a wrong one changes nothing. The check-and-fix that
# follows is looked at elsewhere: what is defined here is good, or --if-present leaves it out.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }
printf 'abc' >file
printf 'defg' >file2
mkdir dir
ln -s x link

cat >new <<END
* A comment of the file, which is not taken over.
sysck:
	setuids = 0
	hash = sha384

$PWD/file:
	class = one, two
	size
	mode
	hash_value

$PWD/dir:
	type = DIRECTORY
	owner = $(id -u)

$PWD/link:
	target
$PWD/file2:
END
check 0 empty tcb -a -f new
cat >expected <<END
$PWD/file:
	class = one, two
	hash_value = sha256:$(sha256sum <file | cut -d' ' -f1)
	mode = rw-r--r--
	size = 3
	type = FILE

$PWD/dir:
	owner = $(id -u)
	type = DIRECTORY

$PWD/link:
	target = x
	type = SYMLINK

$PWD/file2:
	type = FILE

sysck:
	setuids = 0
	hash = sha384
END
same expected db

# Merged into what is there: comments and other attributes stay, also of the settings; order is the database's.
cat >text <<END
# head
sysck:
	* s
	setuids =  7
	setgids = 7

$PWD/file:
# of it
	source =   $PWD/file2
	type = FILE
	size = 99

$PWD/link:
	type = SYMLINK
END
# Without the last line break.
printf '%s' "$(cat text)" >db
printf 'sysck:\n\tsetuids = 0\n\n%s:\n\tsize\n\n%s:\n\ttype = FILE\n' "$PWD/file" "$PWD/file2" >new
sed -e 's/setuids =  7/setuids =  0/' -e 's/size = 99/size = 3/' text >expected
printf '\n%s:\n\ttype = FILE\n' "$PWD/file2" >>expected
check 0 empty tcb -a -f new
same expected db
check 0 empty tcb -a -f new
same expected db

# The values of a file may be empty where that says something, and are written as they are.
rm db
printf '%s:\n  acl=\n  capabilities =  \n  mode="rw-,r--,r--"\n  type=file\n\n"/no/a\\nb":\n  type = FILE\n' "$PWD/file" >new
check 0 - tcb -a -f new --if-present
has 'tcbck: 1 definition left out, of files that are not there'
printf '%s:\n\tacl =\n\tcapabilities =\n\tmode = "rw-,r--,r--"\n\ttype = file\n' "$PWD/file" >expected
sed 's/ *$//' db >shown
same expected shown

# Standard input, a FIFO, and what a shell substitutes.
printf '%s:\n\tsize\n' "$PWD/file" >new
printf '%s:\n\tsize = 3\n\ttype = FILE\n' "$PWD/file" >expected
rm db
check 0 empty sh -c '"$1" --database db -a -f - <new' sh "$TCBCK"
same expected db
rm db
check 0 empty sh -c 'cat new | "$1" --database db -a --file=-' sh "$TCBCK"
same expected db
rm db
mkfifo fifo
cat new >fifo &
check 0 empty timeout 60 "$TCBCK" --database db -a -f fifo
wait
same expected db
if command -v bash >/dev/null; then
	rm db
	check 0 empty bash -c '"$1" --database db -a -f <(cat new)' bash "$TCBCK"
	same expected db
fi
cp db before
check 0 empty tcb -a -f /dev/null
same before db

# What is wrong is told with its place, all of it, and nothing is changed.
cat >new <<END
relative:
	type = FILE

$PWD/file:
	size = 3x
	color = red
	owner = no-such-user
	mode = "rw-
$PWD/file2:
	size = 4
	program
  no attribute

$PWD/dir:
	type = DIRECTORY
	size = 3

$PWD/file2:
	type = FILE
"/a
END
check 8 - tcb -a -f new
sed "s|^$PWD|@DIR@|" "$ERR" >shown
cat >expected <<'END'
new:8:9: the quote is not closed
new:12:6: expected `attribute = value'
new:20:1: the quote is not closed on its line
new:1:1: relative: expected an absolute path
new:5:9: expected a size in bytes, or bytes,VOLATILE, or VOLATILE
new:6:2: unknown attribute color
new:7:10: unknown user no-such-user
new:11:2: expected `program = value'
new:16:2: size is no attribute of a DIRECTORY
new:18:1: defined again; first in line 9
tcbck: nothing was changed
END
same expected shown
same before db
printf '%s:\n\tsize\n\n%s/none:\n\tsize\n\n%s:\n\tdevice\n' "$PWD/file" "$PWD" "$PWD/dir" >new
check 8 - tcb -a -f new
has "tcbck: $PWD/none: no such file; nothing can be computed"
has "tcbck: $PWD/dir: device is no attribute of a DIRECTORY"
same before db
printf 'sysck:\n\thash = md5\n' >new
check 8 - tcb -a -f new
has 'new:2:9: expected sha256'
check 8 - tcb -a -f none
has 'none: cannot be opened: No such file or directory'
check 8 - tcb -a -f dir
has 'dir: cannot be read: Is a directory'
check 16 - tcb -a -f new "$PWD/file"
check 16 - tcb -a -f new -r "$PWD"
check 16 - tcb -a -f ''
check 16 - tcb -n --if-present ALL
check 16 - tcb -a --if-present "$PWD/file"
same before db
# A name once more, in other words.
printf '/x:\n\ttype = FILE\n\n"/x":\n\ttype = FILE\n' >new
check 8 - tcb -a -f new
has 'new:4:1: defined again; first in line 1'
same before db
ln file file.2
printf '%s:\n\tlinks\n' "$PWD/file" >new
check 8 - tcb -a -f new
has 'it has 2 names; give the others: links = /path,...'
same before db
rm file.2

# --if-present leaves out what is not there, bare or not, and counts it.
printf '%s/none%d:\n\ttype = FILE\n\n' "$PWD" 1 "$PWD" 2 >new
printf '%s/none3:\n\tsize\n\n%s:\n\tsize\n\n%s/none/4:\n\ttype = FILE\n\tsource =\n' "$PWD" "$PWD/file2" "$PWD" >>new
check 0 - tcb -a -f new --if-present
echo 'tcbck: 4 definitions left out, of files that are not there' >expected
same expected "$ERR"
{ cat before; printf '\n%s:\n\tsize = 4\n\ttype = FILE\n' "$PWD/file2"; } >expected
same expected db
# But what is wrong in it is wrong.
printf '%s/none:\n\tsize = x\n' "$PWD" >new
check 8 - tcb -a -f new --if-present
has 'new:2:9: expected a size'
same expected db

# A database with an error: no update begins, the error is named.
printf '%s:\n\ttype = FILE\n' "$PWD/file2" >new
for text in '/a:\n\tsize = x\n\ttype = FILE\n' '/a:\n\ttype = FILE\n\tcolor = red\n' '/a:\n\ttype\n' '/a:\n\tsize = 1\n' \
	'/a\n' 'rel:\n\ttype = FILE\n' '/a:\n\ttype = FILE\n\towner = no-such-user\n' '/a:\n\ttype = "FILE\n' \
	'sysck:\n\tcolor = red\n'; do
	# shellcheck disable=SC2059 # the text is one
	printf "# head\n$text" >db
	cp db before
	for how in '-a -f new' '-a /x type=FILE' '-a sysck hash=sha256' '-d /a' '-l /dev/null' '-a -r /dev/null' '-d -f new'; do
		# shellcheck disable=SC2086 # options
		tcb $how >"$OUT" 2>"$ERR"
		if [ $? -ne 8 ] || ! grep -q "^$PWD/db:[2-4]:[0-9]*: " "$ERR" || ! cmp -s db before; then
			fail "$how on $text: not refused, without a place, or changed"
			sed 's/^/stderr: /' "$ERR"
			rm -f db
			break
		fi
	done
	[ -e db ] && ok "no update of: $text"
done
# A duplicate is a finding and no error.
printf '/a:\n\ttype = FILE\n\n/a:\n\ttype = FIFO\n' >db
check 0 empty tcb -a "$PWD/file"
finish

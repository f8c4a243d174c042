# -d: by path, by class, by a file of names; duplicates go with their first one; a wrong operand changes nothing.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }
make_db()
{
	cat >db <<'END'
# head
sysck:
	hash = sha256

* of a
/a:
	class = one
	type = FILE
/b:
	class = one, two
	type = FILE

# of c
/c:
	type = FILE
	class = "two" three

"/d\n:":
	type = FILE


# tail
END
	cp db before
}

make_db
check 0 empty tcb -d /a
sed '/^\/a:/,/FILE/d' before >expected
same expected db
make_db
check 0 empty tcb -d two
sed -e '/^\/b:/,/FILE/d' -e '/^\/c:/,/class/d' before >expected
same expected db
make_db
check 0 empty tcb -d three one /a two
sed -e '/^\/a:/,/FILE/d' -e '/^\/b:/,/FILE/d' -e '/^\/c:/,/class/d' before >expected
same expected db
make_db
check 0 empty tcb -d "$(printf '/d\n:')"
sed '/^"/,/^$/d' before >expected
same expected db
check 0 empty tcb -d /a /b /c
printf '# head\nsysck:\n\thash = sha256\n\n* of a\n\n# of c\n\n\n# tail\n' >expected
same expected db
make_db

# Wrong operands are all named, and nothing is changed.
printf '%s\n' 'tcbck: /none: no definition of that path' \
	"tcbck: four: no definition of that class (a path begins with \`/')" 'tcbck: nothing was changed' >expected
check 8 expected tcb -d /a /none four two
same before db
check 8 - tcb -d /a/
same before db
check 8 - tcb -d ''
same before db
for operand in ALL tree; do
	check 16 - tcb -d $operand
	has "-d: ALL and tree can't be deleted; name paths or classes"
	check 16 - tcb -d /a $operand
done
check 16 - tcb -d
check 16 - tcb -d -r /a
same before db

# Names from a file: only the names count.
printf '/a:\n\ttype = DIRECTORY\n\n/c:\n' >names
check 0 empty tcb -d -f names
sed -e '/^\/a:/,/FILE/d' -e '/^\/c:/,/class/d' before >expected
same expected db
make_db
printf '"/d\\n:":\n' >names
check 0 empty sh -c '"$1" --database db -d -f - <names' sh "$TCBCK"
sed '/^"/,/^$/d' before >expected
same expected db
make_db
printf '/a:\n\n/none:\n\n/b:\n' >names
printf '%s\n' 'tcbck: /none: no definition of that path' 'tcbck: nothing was changed' >expected
check 8 expected tcb -d -f names
same before db
printf '/a:\n\n/b\n' >names
check 8 - tcb -d -f names
has 'names:3:'
same before db
check 8 - tcb -d -f names.none
has 'names.none: cannot be opened: No such file or directory'
check 16 - tcb -d -f names /a
same before db

# A duplicate goes with the first one, of which it is one.
printf '/a:\n\ttype = FILE\n\n/b:\n\ttype = FILE\n\n/a:\n\ttype = DIRECTORY\n' >db
check 0 empty tcb -d /a
printf '/b:\n\ttype = FILE\n' >expected
same expected db
# The last one leaves nothing.
check 0 empty tcb -d /b
same /dev/null db
check 8 - tcb -d /b

# No database: nothing to delete from, and none is made.
rm -f db db.lock
check 8 - tcb -d /b
has 'db: cannot be opened: No such file or directory'
expect_true "no database was made" test ! -e db
finish

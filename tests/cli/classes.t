# What is checked: paths, classes, both, ALL; an operand that names nothing is an error, and the others are still checked.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
top=$PWD/t
mkdir t
for name in a b c d e f g; do
	echo x >t/$name
done
cat >"$db" <<END
$top/a:
	type = FILE
	class = one
	size = 0

$top/b:
	class = one,two
	type = FILE
	size = 0

$top/c:
	type = FILE
	size = 0
	class = two   three

$top/d:
	type = FILE
	size = 0

$top/e:
	type = FILE
	size = 0
	class = "all", One, a/b

$top/f:
	type = FILE
	size = 2
	class = good

$top/b:
	type = FILE
	size = 0
	class = later
END
checks()
{
	wanted=$1
	shift
	: >expected
	for name in $wanted; do
		case $name in
		again)
			echo "@DIR@/t/b: duplicate is defined again in line 30, should be defined once, in line 6" >>expected
			;;
		*) echo "@DIR@/t/$name: size is 2, should be 0" >>expected ;;
		esac
	done
	status=4
	[ -n "$wanted" ] || status=0
	check $status expected "$TCBCK" --database "$db" -n "$@"
}
checks 'a b c d e again' ALL
checks 'a b again' one
checks 'b c again' two
checks c three
checks '' good
checks e all
checks e One
checks e a/b
# Operands add up; none is checked twice, and the order is that of the database.
checks 'a b c again' two one
checks 'a b again' one one "$top/a" "$top/b" "$top/a"
checks 'c d' "$top/d" three
checks 'a d' "$top/d" "$top/a"
checks d "$top/d" good
for jobs in 1 2 16; do
	checks 'a b c d e again' -j$jobs one two three "$top/d" all good
done
checks a -- "$top/a"

# A class that only a second stanza of the same name has is of no use: the first one counts.
check 8 - "$TCBCK" --database "$db" -n later
has "tcbck: later: no definition of that class"

# Operands that name nothing: each is an error, and the others are checked.
cat >expected <<END
tcbck: @DIR@/t/none: no definition of that path
tcbck: none: no definition of that class (a path begins with \`/')
tcbck: @DIR@/t: no definition of that path
tcbck: "two\\nlines\\x1b": no definition of that class (a path begins with \`/')
@DIR@/t/a: size is 2, should be 0
@DIR@/t/d: size is 2, should be 0
END
check 12 expected "$TCBCK" --database "$db" -n "$top/none" "$top/d" none "$top" "$top/a" "$(printf 'two\nlines\033')"
check 8 - "$TCBCK" --database "$db" -n good none
check 8 - "$TCBCK" --database "$db" -n "$top/f" "$top/none"
# A path is one only as it is written: other spellings name nothing.
for name in "$top//a" "$top/./a" "$top/a/" "$top/../t/a" t/a; do
	check 8 - "$TCBCK" --database "$db" -n "$name"
done
# ALL stands alone, and is spelled so.
check 16 - "$TCBCK" --database "$db" -n ALL one
check 16 - "$TCBCK" --database "$db" -n "$top/a" ALL
check 8 - "$TCBCK" --database "$db" -n All

# What does not read in one stanza hinders no other, and its other attributes are checked.
cat >faulty.cfg <<END
$top/a:
	type = FILE
	owner = nobody-of-that-name
	size = 0
	class = one

$top/b:
	type = FILE
	colour = red
	size = 0
	class = one

$top/c
	type = FILE

$top/d:
	size = 0
	class = one

$top/e:
	type = MPX_DEV
	class = one

$top/f:
	type = FILE
	size = many
	target = somewhere
	class = one

$top/g:
	type = FILE
	size = 0
	class = one
END
check 12 - "$TCBCK" --database "$PWD/faulty.cfg" -n ALL
for place in 3:10 9:2 13:; do
	has "faulty.cfg:$place"
done
has "faulty.cfg:16"
has "faulty.cfg:21:"
has "faulty.cfg:26:"
has "faulty.cfg:27:"
for name in a b d g; do
	has "$top/$name: size is 2, should be 0"
done
has_not "$top/f: "
cp "$ERR" one.err
check 12 - "$TCBCK" --database "$PWD/faulty.cfg" -j8 -n ALL
same one.err "$ERR"
# Errors come in the order of the file at any number of threads.
i=1
while [ $i -le 600 ]; do
	printf '/nowhere/%d:\n\ttype = FILE\n\tcolour = red\n\tsize = %dx\n\n' $i $i
	i=$((i + 1))
done >many.cfg
check 12 - "$TCBCK" --database "$PWD/many.cfg" -j1 -n ALL
cp "$ERR" many.err
expect_true "all errors are told" test "$(grep -c '^/.*many.cfg:' many.err)" -eq 1200
for jobs in 2 8; do
	check 12 - "$TCBCK" --database "$PWD/many.cfg" -j$jobs -n ALL
	same many.err "$ERR"
done
check 12 - "$TCBCK" --database "$PWD/faulty.cfg" -n one
same one.err "$ERR"
check 12 - "$TCBCK" --database "$PWD/faulty.cfg" -n "$top/g"
has "faulty.cfg:13:"
has_not "faulty.cfg:3:"
finish

# --why: the stanza, its classes and each attribute with its verdict; or what applies to a path that is not defined. It ends
# with the status of -n.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
me=$(id -un)
mine=$(id -gn)
echo content >file
chmod 640 file
hash=sha256:$(sha256sum <file | cut -d' ' -f1)
why()
{
	"$TCBCK" --database "$db" "$@"
}

cat >"$db" <<END
* A comment, so that the stanza is not in the first line.
sysck:
	treeck_novfs = $PWD/mounts
	treeck_nodir = $PWD/spool,$PWD/mounts/inner

$PWD/file:
	type = FILE
	class = one,two
	owner = $me
	group = $mine
	mode = rw-r-----
	size = 8
	checksum = VOLATILE
	hash_value = $hash
END
cat >expected <<END
@DIR@/file: defined in @DIR@/sysck.cfg:6, class one,two
@DIR@/file: type good: FILE
@DIR@/file: owner good: $me
@DIR@/file: group good: $mine
@DIR@/file: mode good: rw-r-----
@DIR@/file: size good: 8
@DIR@/file: checksum good: not looked at
@DIR@/file: hash_value good: $hash
END
check 0 expected why --why "$PWD/file"
check_out empty
check 0 empty why -n "$PWD/file"

# What differs is told with both values, and every attribute still has its line.
chmod 644 file
printf 'CONTENT\n' >file
new=sha256:$(sha256sum <file | cut -d' ' -f1)
sed -i -e 's|^\(@DIR@/file: mode\) good.*|\1 differs: is rw-r--r--, should be rw-r-----|' \
	-e "s|^\\(@DIR@/file: hash_value\\) good.*|\\1 differs: is $new, should be $hash|" expected
check 4 expected why --why "$PWD/file"
check 4 - why -n "$PWD/file"
check 4 - why --format json --why "$PWD/file"
cp "$OUT" json
if command -v jq >/dev/null; then
	expect_true "its JSON has a verdict for each attribute" test \
		"$(jq -r 'select(.event == "why").attribute' json | xargs)" = \
		"type owner group mode size checksum hash_value"
	expect_true "and tells both values" test \
		"$(jq -r 'select(.attribute == "mode") | [.verdict, .wanted, .present] | join(" ")' json)" = \
		"differs rw-r----- rw-r--r--"
	expect_true "and the status" test "$(jq -r 'select(.event == "summary").status' json)" = 4
	expect_true "and the place of the stanza" sh -c 'jq -r "select(.event == \"note\").text" json | grep -q "sysck.cfg:6"'
fi

# Another type, none at all, and what cannot be examined.
rm file
mkdir file
cat >expected <<END
@DIR@/file: defined in @DIR@/sysck.cfg:6, class one,two
@DIR@/file: type is DIRECTORY, should be FILE
END
check 4 expected why --why "$PWD/file"
rmdir file
cat >expected <<END
@DIR@/file: defined in @DIR@/sysck.cfg:6, class one,two
@DIR@/file: missing is absent, should be FILE
END
check 4 expected why --why "$PWD/file"
echo x >file
cat >other.cfg <<END
$PWD/file:
	type = FILE
	program = $PWD/nothing

$PWD/file:
	type = FILE
	program = /bin/true
END
db=$PWD/other.cfg
check 12 - why --why "$PWD/file"
has "$PWD/file: defined in $PWD/other.cfg:1, class none"
has "$PWD/file: program unverified: "
has "$PWD/file: duplicate is "
check 12 - why -n "$PWD/file"

# An error in the stanza: the rest of it is told, and the status has 8.
printf '%s:\n\ttype = FILE\n\towner = no-such-user\n\tsize = 2\n' "$PWD/file" >other.cfg
check 8 - why --why "$PWD/file"
has "$PWD/other.cfg:3:10: "
has "$PWD/file: size good: 2"
check 8 - why -n "$PWD/file"
# A line of another stanza that does not read, too, as with -n.
printf '%s:\n\ttype = FILE\n\n/other:\n\ttype = "FILE\n' "$PWD/file" >other.cfg
check 8 - why --why "$PWD/file"
check 8 - why -n "$PWD/file"

# A path that is not defined: which settings apply.
db=$PWD/sysck.cfg
none()
{
	path=$1
	shift
	{
		echo "tcbck: @DIR@$path: no definition of that path in @DIR@/sysck.cfg"
		printf '%s\n' "$@"
	} >expected
	check 8 expected why --why "$PWD$path"
	check 8 - why -n "$PWD$path"
}
none /other "@DIR@/other: no setting applies to it"
none /mounts "@DIR@/mounts: treeck_novfs applies: below @DIR@/mounts"
none /mounts/a/b "@DIR@/mounts/a/b: treeck_novfs applies: below @DIR@/mounts"
none /spool/x "@DIR@/spool/x: treeck_nodir applies: below @DIR@/spool"
none /mounts/inner/x "@DIR@/mounts/inner/x: treeck_novfs applies: below @DIR@/mounts" \
	"@DIR@/mounts/inner/x: treeck_nodir applies: below @DIR@/mounts/inner"
none /spoolx "@DIR@/spoolx: no setting applies to it"

# What is no path, and a name that is hostile.
for bad in relative /a/../b // /a/ ''; do
	"$TCBCK" --database "$db" --why "$bad" >"$OUT" 2>"$ERR"
	status=$?
	expect_true "--why '$bad': status $status is 8 or 16" test $status -eq 8 -o $status -eq 16
done
name=$(printf '%s/a\nb\033c\377' "$PWD")
echo x >"$name"
"$TCBCK" --database "$db" -a "$name" size=3 || fail "cannot define a hostile name"
check 4 - why --why "$name"
has "\"$PWD/a\\nb\\x1bc\\xff\": size differs: is 2, should be 3"
expect_true "it is three lines" test "$(wc -l <"$ERR")" -eq 3
finish

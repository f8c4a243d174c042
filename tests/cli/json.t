# --format json: each line is one strictly valid object with the fields that are promised, the last one is the summary, and
# nothing goes to standard error.
. "$SRCDIR/tests/cli/lib.sh"
need jq

db=$PWD/sysck.cfg
mkdir t
chmod 755 t
odd=$(printf 't/\377\n"\\\033\342\200\256.')
echo x >"${odd%.}"
echo x >t/plain
echo x >t/ü
ln -s "$(printf 'a\377b')" t/symlink
json()
{
	"$TCBCK" --database "$db" --format json "$@"
}
event='type == "object" and .v == 1 and (.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")) and
	(.host | type == "string") and
	(.event | IN("finding", "unverified", "update", "error", "why", "note", "coverage", "summary"))'
# Each line of $OUT stands alone and parses; the last is the summary, and no other is.
strict()
{
	lines=0
	bad=0
	while IFS= read -r line; do
		lines=$((lines + 1))
		printf '%s\n' "$line" | jq -e "$event" >/dev/null || bad=$((bad + 1))
	done <"$OUT"
	expect_true "$1: all of $lines lines are strict" test $bad -eq 0 -a $lines -gt 0
	expect_true "$1: it is UTF-8" sh -c 'iconv -f UTF-8 -t UTF-8 "$1" >/dev/null' sh "$OUT"
	expect_true "$1: the last line is the summary" test "$(tail -n 1 "$OUT" | jq -r .event)" = summary
	expect_true "$1: there is one summary" test "$(jq -r 'select(.event == "summary").event' "$OUT" | wc -l)" -eq 1
	expect_true "$1: the summary has the status" test "$(tail -n 1 "$OUT" | jq .status)" = "$status"
	expect_true "$1: no line has a key twice" sh -c '! jq -c --stream "select(length == 2) | .[0]" "$1" |
		awk "/\\[\"v\"\\]/ { split(\"\", seen) } seen[\$0]++ { found = 1 } END { exit !found }"' sh "$OUT"
}

check 0 empty json -a -r "$PWD/t" owner mode size target class=all
strict "-a -r"
check 0 empty json -n ALL
strict "nothing found"
expect_true "the summary counts" test "$(jq -c '[.definitions, .objects, .reported, .unverified, .errors, .status]' "$OUT")" = \
	'[5,5,0,0,0,0]'

# One finding of each sort.
chmod 600 t/plain
echo more >>"${odd%.}"
rm t/symlink
ln -s "$(printf 'a\376b')" t/symlink
rm t/ü
cat >>"$db" <<END

$PWD/t/plain:
	type = FILE

$PWD/t/none:
	type = FILE
	owner = no-such-user
	class = "two words", other

$PWD/t:
	type = DIRECTORY

$PWD/t/plain/x:
	type = FILE
END
printf '\n%s:\n\ttype = FILE\n\tprogram = %s/nowhere\n' "$PWD/sysck.cfg" "$PWD" >>"$db"
check 12 empty json -n ALL
strict "everything"
check 16 - json -n ALL unknown
check_out empty
check 12 empty json -n all unknown "$PWD/sysck.cfg" "$PWD/t/none" /nowhere
strict "findings"
finding()
{
	jq -c "select(.path == \"$1\" and .attribute == \"$2\") | $3" "$OUT"
}
expect_true "a finding has all fields" test \
	"$(finding "$PWD/t/plain" mode '[.event, .actual, .expected, .outcome, .reason, .class]')" = \
	'["finding","rw-------","rw-r--r--","reported",null,["all"]]'
line=$(grep -n "^$PWD/t/plain:" "$db" | head -n 1 | cut -d: -f1)
expect_true "a finding has its place" test "$(finding "$PWD/t/plain" mode .at)" = "\"$db:$line\""
expect_true "a missing file" test "$(finding "$PWD/t/ü" missing '[.actual, .expected]')" = '["absent","FILE"]'
expect_true "a duplicate" test "$(finding "$PWD/t/plain" duplicate .event)" = '"finding"'
expect_true "a name that is no UTF-8 has its bytes beside" test \
	"$(jq -r 'select(.path_hex != null and .attribute == "size").path_hex' "$OUT")" = \
	"$(printf '%s' "$PWD/${odd%.}" | od -An -v -tx1 | tr -d ' \n')"
jq -r "select(.path_hex != null).path" "$OUT" >paths
expect_true "and replacement characters in place" grep -q "$(printf '\357\277\275')" paths
expect_true "other names have none" test "$(finding "$PWD/t/plain" mode .path_hex)" = null
expect_true "a value that is no UTF-8 is escaped" test "$(finding "$PWD/t/symlink" target '[.actual, .expected]')" = \
	'["\"a\\xfeb\"","\"a\\xffb\""]'
expect_true "what cannot be examined" test \
	"$(finding "$PWD/sysck.cfg" program '[.event, (.reason | length > 0), .outcome]')" = \
	'["unverified",true,null]'
expect_true "errors of operands" test \
	"$(jq -r 'select(.event == "error" and .file == null).text' "$OUT" | grep -c unknown)" -eq 1
expect_true "errors of the database" test \
	"$(jq -c 'select(.event == "error" and .line != null) | [.file, (.line | type), .column]' "$OUT")" = \
	"[\"$db\",\"number\",10]"
expect_true "the summary counts them" test \
	"$(jq -c 'select(.event == "summary") | [.reported, .unverified, .errors]' "$OUT")" = \
	"[$(grep -c '"event":"finding"' "$OUT"),1,3]"
# ... and the text has the same.
"$TCBCK" --database "$db" -n all unknown "$PWD/sysck.cfg" "$PWD/t/none" /nowhere 2>text
expect_true "text has as many lines" test "$(wc -l <text)" -eq $(($(wc -l <"$OUT") - 1))
# In another locale the bytes of the names are the same.
LC_ALL=C "$TCBCK" --database "$db" --format json -n all unknown "$PWD/sysck.cfg" "$PWD/t/none" /nowhere >other
jq -c 'del(.time, .seconds)' "$OUT" >utf8
jq -c 'del(.time, .seconds)' other >ascii
same utf8 ascii

# Whatever fails, the last line is the summary.
"$TCBCK" --format json --database /nowhere/sysck.cfg -n ALL >"$OUT" 2>"$ERR"
status=$?
strict "no database"
expect_true "no database: status $status is 8" test $status -eq 8
printf 'no stanza at all\n' >bad.cfg
check 8 empty "$TCBCK" --format json --database "$PWD/bad.cfg" -n ALL
strict "a bad database"
check 8 empty "$TCBCK" --format json --database "$PWD/bad.cfg" -a /etc/passwd size
strict "a refused update"
check 4 empty json --why "$PWD/t/plain"
strict "--why"
check 12 empty json -v -n ALL
strict "-v"
expect_true "the coverage counts classes" test \
	"$(jq -c 'select(.event == "coverage").classes[] | select(.class == "all").definitions' "$OUT")" = 5
check 8 empty "$TCBCK" --format json --database "$db" --root /nowhere -n ALL
strict "no root"
finish

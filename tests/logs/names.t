# Findings of hostile names, through real loggers: exactly one line each, in their form; the name back from it, or known by
# its digest; and no line that somebody else seems to have written.
. "$SRCDIR/tests/logs/lib.sh"

forged='Nov 20 20:00:00 vm sshd[1]: forged'
mkdir t
for name in plain 'with blank' "it's" 'a"b' 'back\slash' 'trailing\' '\x0a' '#012' '%s%n' '$(id)' '`id`' \
	'x error=none status=fixed' '<34>Nov 20 20:00:00 vm su: forged' '[42]: forged' "$(printf 'new\nline')" \
	"$(printf 'x\n%s' "$forged")" "$(printf 'x\r\n<34>1 2026-11-20T20:00:00Z vm sshd 1 - - forged')" \
	"$(printf 'x\r%s' "$forged")" "$(printf 'end\n.')" "$(printf 'esc\033[31m\033]0;forged\007')" \
	"$(printf 'ff\377\376')" "$(printf 'c1\200\233')" "$(printf 'del\177')" "$(printf '\303\251t\303\251')" \
	"$(printf 'tab\ttab')"; do
	echo x >"t/$name"
done
newline='
'
echo x >"t/at the end$newline"
# The longest paths that there are, of plain names and of hostile ones.
for byte in 0 "$newline" "$(printf '\377')" "$(printf '\033')"; do
	long=$PWD/t
	while [ "$(printf %s "$long" | wc -c)" -lt 3800 ]; do
		long=$long/$(printf '%0200d' 0 | sed "s/0/x/" | tr 0 "$byte")
	done
	mkdir -p "$long"
	echo x >"$long/file"
	printf %s "$long/file" | sha256sum | cut -d' ' -f1 >>digests
done
sort -o digests digests
"$TCBCK" -a --database "$db" -r "$PWD/t" mode class=names
find t -type f -exec chmod 600 '{}' +
find t -type f -printf '%i\n' | sort >files
count=$(wc -l <files)
fields='TCBCK_Check file=[^ =]+ error=mode status=reported id=[0-9a-f]{32}-[0-9]+( digest=sha256:[0-9a-f]{64})?$'

# Prints the inode of each file that a record names whole.
find_files()
{
	sed -n 's/.* file=\([^ ]*\) .* id=[^ ]*$/\1/p' "$1" | while IFS= read -r name; do
		# The shell's own printf(1) knows no \xHH.
		path=$(env printf '%b.' "$name")
		stat -c %i "${path%.}"
	done
}

for name in $loggers; do
	start_logger $name || continue
	check 4 - tcbck -o -n ALL
	expect_true "$name: $count findings" test "$(wc -l <"$ERR")" -eq "$count"
	expect_true "$name has them" await "$count"
	stop_logger
	read_log log
	grep 'TCBCK_' log >found
	expect_true "$name: as many lines" test "$(wc -l <found)" -eq "$count"
	expect_true "$name: all of one form" test "$(grep -cE "$header$fields" found)" -eq "$count"
	sed 's/.* id=\([^ ]*\).*/\1/' found | sort -u >ids
	expect_true "$name: each with an id of its own" test "$(wc -l <ids)" -eq "$count"
	sed -n 's/.* digest=sha256:\([0-9a-f]*\)$/\1/p' found | sort >digests.found
	same digests digests.found
	find_files found | sort >files.found
	expect_true "$name: the other names are those of files" test -z "$(comm -13 files files.found)"
	expect_true "$name: of all but four" test "$(sort -u files.found | wc -l)" -eq $((count - 4))
	# Wherever else it has written.
	cat log /var/log/* >all 2>/dev/null
	expect_true "$name: nothing is forged" test -z "$(grep -a forged all | grep -avE "$header$fields")"
	expect_true "$name: nothing but printable ASCII" test -z "$(LC_ALL=C tr -d '\n -~' <all)"
	rm -f $log
done
finish

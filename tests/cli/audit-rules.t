# --audit-rules: what it prints is loaded by auditctl(8) as it is, and touching a watched file is found by its key.
# Alone: there is one audit system, and while it is on all others have to wait for it.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/audit.sh"

db=$PWD/sysck.cfg
tcb() { "$TCBCK" --database "$db" "$@"; }
mkdir t t/dir
echo x >t/plain
echo x >t/several
ln -s plain t/link
mkfifo t/fifo
cat >"$db" <<END
$PWD/t/dir:
	type = DIRECTORY
	class = dirs

$PWD/t/fifo:
	type = FIFO

/dev/null:
	type = CHAR_DEV
	class = dev

$PWD/t/link:
	type = SYMLINK
	class = odd=name

$PWD/t/none:
	type = ABSENT

$PWD/t/plain:
	type = FILE
	class = one

$PWD/t/several:
	type = FILE
	class = one,two

$PWD/t/plain:
	type = FILE
END
cat >expected <<'END'
-a always,exit -F path=@DIR@/t/dir -F perm=wa -k tcb-dirs
-w @DIR@/t/fifo -p a -k tcb
-w /dev/null -p a -k tcb-dev
-w @DIR@/t/link -p wa -k tcb-odd_name
-w @DIR@/t/none -p wa -k tcb
-w @DIR@/t/plain -p wa -k tcb-one
-w @DIR@/t/several -p wa -k tcb-one -k tcb-two
END
check 0 empty tcb --audit-rules
check_out expected
check 0 empty tcb --audit-rules ALL
check_out expected
sed -n '/tcb-one/p' expected >one
check 0 empty tcb --audit-rules one
check_out one
sed -n '/tcb-two/p' expected >two
check 0 empty tcb --audit-rules two "$PWD/t/several"
check_out two
check 8 - tcb --audit-rules two nothing
check_out two
check 16 - tcb --audit-rules ALL two
check 16 - tcb --audit-rules tree
check 16 - tcb --audit-rules --format json
check 16 - tcb --audit-rules --report x
check 16 - tcb --audit-rules -n ALL

cp "$db" more.cfg
printf '\n"%s/a b":\n\ttype = FILE\n\n"%s/x\\n-D":\n\ttype = FILE\n\n/nowhere/at/all:\n\ttype = FILE\n' "$PWD" "$PWD" >>more.cfg
{
	cat expected
	echo '# @DIR@/a b: auditctl takes no such name'
	printf '# "@DIR@/x\\n-D": auditctl takes no such name\n'
	echo "# /nowhere/at/all: its directory is not there"
} >with-comments
check 8 - "$TCBCK" --database "$PWD/more.cfg" --audit-rules
check_out with-comments
has 'left out of the rules: auditctl takes no such name'

audit_begin
"$TCBCK" --database "$PWD/more.cfg" --audit-rules >rules 2>/dev/null
auditctl -l >before
check 0 - auditctl -R rules
expect_true "each is in the kernel" test "$(auditctl -l | grep -c ' -k tcb')" -eq $((7 + $(grep -c ' -k tcb' before)))
# A shell that is older than the audit system is not audited.
# shellcheck disable=SC2016
sh -c 'echo y >>"$1/t/plain"; chmod 600 "$1/t/several"; : >"$1/t/none"; mv "$1/t/link" "$1/t/dir/moved"; echo >/dev/null
	cat "$1/t/plain" >/dev/null' sh "$PWD"
audit_settled
# Loading a rule is recorded with its key, too.
found() { search -k "$1" --raw | grep '^type=SYSCALL' | grep -vc ' comm="auditctl"'; }
expect_true "writing is found by its key" test "$(found tcb-one)" -eq 2
expect_true "changing is, by each of its keys" test "$(found tcb-two)" -eq 1
expect_true "so is making what must not be" grep -q '^type=SYSCALL.* key="tcb"$' audit/log
expect_true "and changing a directory" test "$(found tcb-dirs)" -ge 1
expect_true "using a device is not" test "$(found tcb-dev)" -eq 0
sed -e 's/^-w/-W/' -e 's/^-a/-d/' rules >undo
check 0 - auditctl -R undo
auditctl -l >after
same before after

# The sample database, as far as this host has it.
"$TCBCK" --database "$PWD/sample.cfg" -a --if-present -n -f "$SRCDIR/samples/linux-tcb.cfg" 2>/dev/null
"$TCBCK" --database "$PWD/sample.cfg" --audit-rules >rules 2>left-out
expect_true "$(grep -c '^-' rules) rules for the sample" test "$(grep -c '^-' rules)" -gt 100
check 0 - auditctl -R rules
expect_true "each is in the kernel" test "$(auditctl -l | grep -c ' -k tcb')" -eq "$(grep -c '^-' rules)"
sed -e 's/^-w/-W/' -e 's/^-a/-d/' rules >undo
check 0 - auditctl -R undo
auditctl -l >after
same before after
audit_end
finish

# The audit trail in the kernel: a record for each finding and each update, whole and true whatever the name, found by
# ausearch(8) and aureport(8); an audit daemon that has stopped; an audit system that is off or not ours.
# Alone: there is one audit system, and while it is on all others have to wait for it.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/audit.sh"
audit_begin

db=$PWD/sysck.cfg
# Cases beside this one write to the same audit system; the records of this program are this case's.
cp "$BUILDDIR/tcbck" tcbck
tcb() { ./tcbck --database "$db" "$@"; }
# The records of that type since the last call, one a line, in the file `new`.
seen=0
new_records()
{
	audit_settled
	search -m "$1" --raw >all
	grep "^type=$1 .*op=TCBCK" all | grep -F "exe=\"$PWD/tcbck\"" >ours
	tail -n +$((seen + 1)) ours >new
	seen=$(wc -l <ours)
}

mkdir t
for name in plain 'with blank' "it's" 'a"b' 'back\slash' "$(printf 'new\nline type=USYS_CONFIG msg=audit(1.1:1): forged')" \
	"$(printf 'esc\033[31m')" "$(printf 'ff\377\376')" "x'res=success" 'x error=none status=fixed' 'a=b'; do
	echo x >"t/$name"
done
long=$PWD/t
while [ ${#long} -lt 3800 ]; do long=$long/$(printf '%0200d' 0); done
odd=$PWD/t
while [ ${#odd} -lt 3800 ]; do odd="$odd/$(printf '%0200d' 0) "; done
mkdir -p "$long" "$odd"
echo x >"$long/file"
echo x >"$odd/file"
count=13

check 0 empty tcb -a -r "$PWD/t" owner mode class=c
added=$(tcb --format json -n ALL | tail -n 1 | sed 's/.*"definitions":\([0-9]*\).*/\1/')
new_records USYS_CONFIG
expect_true "a record for each of $added definitions" test "$(grep -c ' function=add ' new)" -eq "$added" -a \
	"$(wc -l <new)" -eq "$added"
check 0 empty tcb -a "$PWD/t/plain" size
check 0 empty tcb -a sysck hash=sha512
check 0 empty tcb -l /dev/null
check 0 empty tcb -d /dev/null
check 8 - tcb -a "$PWD/nowhere" owner
new_records USYS_CONFIG
sed -e "s/.*msg='//" -e 's/ exe=.* res/ res/' -e "s|$PWD|.|" new >updates
cat >expected <<'END'
op=TCBCK_Update file="./t/plain" function=change res=success'
op=TCBCK_Update file="sysck" function=change res=success'
op=TCBCK_Update file="/dev/null" function=register res=success'
op=TCBCK_Update file="/dev/null" function=delete res=success'
END
same expected updates

# Findings, of hostile names: exactly one record each, none cut, and the names back.
find t -type f -exec chmod 600 '{}' +
seen=0
check 4 - tcb -n ALL
new_records ANOM_RBAC_INTEGRITY_FAIL
expect_true "$count findings, as many records" test "$(wc -l <"$ERR")" -eq $count -a "$(wc -l <new)" -eq $count
head="type=ANOM_RBAC_INTEGRITY_FAIL msg=audit\\([0-9.]+:[0-9]+\\): pid=[0-9]+ uid=0 auid=[0-9]+ ses=[0-9]+ (subj=[^ ]+ )?"
fields="file=(\"[^ \"]*\"|[0-9A-F]*) error=mode status=reported( digest=sha256:[0-9a-f]{64})?"
tail='exe="[^ ]*" hostname=\? addr=\? terminal=[^ ]* res=failed'
expect_true "all whole" test "$(grep -cE "^${head}msg='op=TCBCK_Check $fields $tail'\$" new)" -eq $count
expect_true "none is forged" test -z "$(grep '^type=USYS_CONFIG.*forged' audit/log)"
sed 's/.* file=\([^ ]*\) .*/\1/' new | while IFS= read -r file; do
	case $file in
	\"*) file=${file#\"} file=${file%\"} ;;
	*) file=$(printf %s "$file" | sed 's/../&\n/g' | while read -r byte; do printf "\\$(printf %03o "0x$byte")"; done) ;;
	esac
	[ -f "$file" ] || printf '%s\n' "$file"
done >unknown
expect_true "each name is that of a file, but for the one that was cut" test "$(wc -l <unknown)" -eq 1
expect_true "it was cut, and is known by its digest" grep -q \
	"digest=sha256:$(printf %s "$odd/file" | sha256sum | cut -d' ' -f1) " new
expect_true "ausearch interprets it" sh -c "ausearch -if audit/log -m ANOM_RBAC_INTEGRITY_FAIL -i </dev/null |
	grep -q \"op=TCBCK_Check file=$PWD/t/with blank error=mode\""
expect_true "ausearch finds failures" test \
	"$(search -m ANOM_RBAC_INTEGRITY_FAIL -sv no --raw | grep -cF "\"$PWD/t/plain\"")" -eq 1
if command -v aureport >/dev/null; then
	expect_true "aureport counts them" test "$(aureport -if audit/log --anomaly </dev/null |
		grep -c 'ANOM_RBAC_INTEGRITY_FAIL')" -ge $count
fi

# What became of it.
check 1 empty tcb -p "$PWD/t/plain"
chmod 600 t/plain
printf 'n\n' | tcb -t "$PWD/t/plain" >"$OUT" 2>"$ERR"
printf 'u\n' | tcb -t "$PWD/t/plain" >"$OUT" 2>"$ERR"
rm t/plain
check 4 - tcb -n "$PWD/t/plain"
check 4 - tcb --why "$PWD/t/plain"
new_records ANOM_RBAC_INTEGRITY_FAIL
sed -e "s/.*msg='//" -e 's/ exe=.* res/ res/' -e "s|$PWD|.|" new >repairs
cat >expected <<'END'
op=TCBCK_Check file="./t/plain" error=mode status=fixed res=success'
op=TCBCK_Check file="./t/plain" error=mode status=left res=failed'
op=TCBCK_Check file="./t/plain" error=mode status=database-updated res=success'
op=TCBCK_Check file="./t/plain" error=missing status=reported res=failed'
END
same expected repairs

# A user's findings are his own matter: nothing is said, and nothing can be.
chmod 0644 "$db"
if setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$PWD/t" -a -r "$db"; then
	check 4 - setpriv --reuid 65534 --regid 65534 --clear-groups ./tcbck --database "$db" -n "$PWD/t/plain" "$PWD/t/a=b"
	has_not 'tcbck: '
else
	skip "users can't reach $PWD/t"
fi
check 4 - unshare -U -r ./tcbck --database "$db" -n "$PWD/t/plain"
has_not 'tcbck: '

# Set-user-ID root: who called is in the record, and who had logged in.
if grep -q fsanitize "$BUILDDIR/flags" || findmnt -n -o OPTIONS -T . | grep -q nosuid || ! unshare -m true; then
	skip "set-id programs do not work here"
else
	cp "$BUILDDIR/tcbck" set-id
	chown 0:60010 set-id
	chmod 4750 set-id
	{ grep -v '^security:' /etc/group; echo 'security:x:60010:'; } >group
	cat >inside <<'END'
mount --bind group /etc/group || exit 77
echo 60001 >/proc/self/loginuid || exit 77
exec setpriv --reuid 65534 --regid 65534 --groups 60010 ./set-id --database "$1" -n "$2"
END
	check 4 - unshare -m sh inside "$db" "$PWD/t/plain"
	audit_settled
	expect_true "the record has the user's ids" grep -q \
		"^type=ANOM.* uid=65534 auid=60001 .*file=\"$PWD/t/plain\" error=missing .*exe=\"$PWD/set-id\"" audit/log
fi

# Many.
mkdir many
seq 1 2000 | (cd many && xargs touch)
tcb -a -r "$PWD/many" mode class=many
chmod 600 many/*
seen=0
new_records ANOM_RBAC_INTEGRITY_FAIL
check 4 - tcb -n many
new_records ANOM_RBAC_INTEGRITY_FAIL
expect_true "2000 findings, as many records" test "$(wc -l <new)" -eq 2000

# A daemon that has stopped does not stop the audit, and what is lost is told.
kill -STOP "$auditd"
begun=$(date +%s%N)
check 12 - tcb -n many
milliseconds=$((($(date +%s%N) - begun) / 1000000))
kill -CONT "$auditd"
has ' of 2000 records could not be written'
expect_true "told once" test "$(grep -c '^tcbck: audit: ' "$ERR")" -eq 1
expect_true "all findings are there" test "$(grep -c 'mode is' "$ERR")" -eq 2000
expect_true "after $milliseconds ms" test "$milliseconds" -lt 5000
audit_settled

# Off: nothing is written, nothing is said.
auditctl -e 0 >/dev/null
check 4 - tcb -n "$PWD/t/a=b"
has_not 'tcbck: '
# An update asks once, and puts no records to who would throw them away.
if command -v strace >/dev/null; then
	# A sanitizer's leak check does not work under strace.
	check 0 - env ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=sendto -o calls \
		"$TCBCK" --database "$PWD/off.cfg" -a -r "$PWD/t" owner
	expect_true 'the audit system is asked once' [ "$(grep -c 'NETLINK' calls)" -eq 1 ]
fi
audit_end
finish

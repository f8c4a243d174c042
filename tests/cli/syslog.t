# -o: findings and updates in syslog, one line each whatever the name; loggers that are absent, stopped, full, or a stream.
# /dev is one of the case's own, in a mount namespace of its own.
. "$SRCDIR/tests/cli/lib.sh"
need_mount
need mknod
if [ -z "${SYSLOG_INSIDE-}" ]; then
	SYSLOG_INSIDE=yes exec unshare -m sh "$0"
fi
mkdir dev
mount -t tmpfs -o mode=0755 none dev && mknod -m 666 dev/null c 1 3 && mount --bind dev /dev ||
	{ skip "the rest needs a /dev of its own"; finish; }

db=$PWD/sysck.cfg
tcb() { "$TCBCK" --database "$db" "$@"; }
logger=
# Starts a logger of that kind, which writes to the file $2.
start()
{
	"$HELPERS/take-log" "$1" /dev/log >"$2" &
	logger=$!
	if ! wait_until test -S /dev/log; then
		fail "no logger"
		finish
	fi
}
stop()
{
	# What was sent is written at once, but for what is still in the socket.
	sleep 0.2
	kill "$logger"
	wait "$logger" 2>/dev/null
	rm -f /dev/log
}
lines() { grep -c "$1" "$2"; }
# Runs a command; its time in seconds is in the file `seconds`.
timed()
{
	begun=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - begun) / 1000000)) >milliseconds
}

mkdir t
for name in plain 'with blank' "it's" 'a"b' 'back\slash' "$(printf 'new\nline Nov 20 20:00:00 vm sshd[1]: forged')" \
	"$(printf 'esc\033[31m')" "$(printf 'ff\377\376')" 'x error=none status=fixed'; do
	echo x >"t/$name"
done
long=$PWD/t
while [ ${#long} -lt 3800 ]; do long=$long/$(printf '%0200d' 0); done
mkdir -p "$long"
echo x >"$long/file"
count=9

# Updates.
start datagram log
check 0 empty tcb -o -a -r "$PWD/t" owner mode class=c
added=$(tcb --format json -n ALL | tail -n 1 | sed 's/.*"definitions":\([0-9]*\).*/\1/')
expect_true "each of $added definitions is one line" test "$(lines 'function=add id=' log)" -eq "$added"
check 0 empty tcb -o -a -r "$PWD/t" owner mode class=c
expect_true "what was so already is none" test "$(lines TCBCK_Update log)" -eq "$added"
check 0 empty tcb -o -a "$PWD/t/plain" size
check 0 empty tcb -o -a sysck hash=sha512
check 0 empty tcb -o -l /dev/null
check 0 empty tcb -o -d /dev/null
check 8 - tcb -o -a "$PWD/nowhere" owner
stop
tail -n +$((added + 1)) log | sed -e 's/^<\([0-9]*\)>.\{16\}tcbck\[[0-9]*\]: /\1 /' -e 's/ id=.*//' -e "s|$PWD|.|" >updates
cat >expected <<'END'
85 TCBCK_Update file=./t/plain function=change
85 TCBCK_Update file=sysck function=change
85 TCBCK_Update file=/dev/null function=register
85 TCBCK_Update file=/dev/null function=delete
END
same expected updates

# Findings: hostile names, one line each, and back again.
find t -type f -exec chmod 600 '{}' +
start datagram log
check 4 - tcb -o -n ALL
stop
findings=$(wc -l <"$ERR")
expect_true "$findings findings, as many lines" test "$findings" -eq $((count + 1)) -a "$(wc -l <log)" -eq "$findings"
head='[A-Z][a-z][a-z] [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} tcbck\[[0-9]+\]: '
fields='TCBCK_Check file=[^ =]+ error=mode status=reported id=[0-9a-f]{32}-[0-9]+( digest=sha256:[0-9a-f]{64})?'
expect_true "all of one form" test "$(grep -cE "^<84>$head$fields\$" log)" -eq "$findings"
expect_true "of printable ASCII" test -z "$(LC_ALL=C tr -d '\n -~' <log)"
expect_true "none of 1,000 bytes" test "$(awk 'length >= 1000' log | wc -l)" -eq 0
expect_true "each has an id of its own" test "$(sed 's/.* id=\([^ ]*\).*/\1/' log | sort -u | wc -l)" -eq "$findings"
expect_true "the long one is known by its digest" grep -q \
	"digest=sha256:$(printf %s "$long/file" | sha256sum | cut -d' ' -f1)\$" log
sed -n "s|.*file=$PWD/t/\([^/ ]*\) .*|\1|p" log | while IFS= read -r name; do
	# printf(1) of sh knows octal escapes only.
	path=$(printf %s "$name" | awk '
		BEGIN { for (i = 1; i < 256; i++) octal[sprintf("%02x", i)] = sprintf("\\%03o", i) }
		{
			while (match($0, /\\x[0-9a-f][0-9a-f]/)) {
				printf "%s%s", substr($0, 1, RSTART - 1), octal[substr($0, RSTART + 2, 2)]
				$0 = substr($0, RSTART + 4)
			}
			print
		}')
	# shellcheck disable=SC2059 # the format is made above
	[ -f "t/$(printf "$path")" ] || echo "$name"
done >unknown
expect_true "each name is that of a file" test ! -s unknown

# What was fixed is a line, also where nobody is told of it; so is what somebody wants to have in the database.
start datagram log
check 1 empty tcb -o -p "$PWD/t/plain"
chmod 600 t/plain
printf 'u\n' | tcb -o -t "$PWD/t/plain" >"$OUT" 2>"$ERR"
check 0 empty tcb -o -n "$PWD/t/plain"
check 4 - tcb -n c
stop
sed -e 's/^<\([0-9]*\)>.\{16\}tcbck\[[0-9]*\]: /\1 /' -e 's/ id=.*//' -e "s|$PWD|.|" log >repairs
cat >expected <<'END'
85 TCBCK_Check file=./t/plain error=mode status=fixed
85 TCBCK_Update file=./t/plain function=change
85 TCBCK_Check file=./t/plain error=mode status=database-updated
END
same expected repairs

# A stream.
start stream log
check 4 - tcb -o -n c
stop
expect_true "a stream has a line for each finding" test "$(lines TCBCK_Check log)" -eq "$(wc -l <"$ERR")"

# With --root, names are those of the host.
mkdir -p root/etc
printf '/x:\n\ttype = FILE\n' >root.cfg
start datagram log
check 4 - "$TCBCK" -o -n --root "$PWD/root" --database "$PWD/root.cfg" ALL
stop
expect_true "--root stands before the name" grep -q "file=$PWD/root/x error=missing" log

# Nobody takes it: said once, with how much was lost, after a second at most.
tcb -n c 2>told
findings=$(wc -l <told)
timed check 12 - tcb -o -n c
has "tcbck: syslog: $findings of $findings events could not be sent to /dev/log: No such file or directory"
expect_true "after $(cat milliseconds) ms" test "$(cat milliseconds)" -lt 1800
grep -v '^tcbck: ' "$ERR" >findings
same told findings
check 0 empty tcb -o -n "$PWD/t/plain"

mkdir many
i=0
while [ $i -lt 200 ]; do
	: >many/$i
	i=$((i + 1))
done
tcb -a -r "$PWD/many" mode class=many
chmod 600 many/*
start stopped log
for reader in stopped full; do
	timed check 12 - tcb -o -n many
	has ' of 200 events could not be sent to /dev/log: Resource temporarily unavailable'
	expect_true "$reader: all findings are there" test "$(grep -c 'mode is' "$ERR")" -eq 200
	expect_true "$reader: after $(cat milliseconds) ms" test "$(cat milliseconds)" -lt 1800
done
timed check 12 empty tcb -o --format json -n many
expect_true "in JSON it is an error" grep -q '"event":"error".*of 200 events could not be sent' "$OUT"
expect_true "and counts" test "$(tail -n 1 "$OUT" | grep -c '"errors":1,.*"status":12}')" -eq 1
stop

check 16 - tcb -o --why /x
check 16 - tcb -o --audit-rules
finish

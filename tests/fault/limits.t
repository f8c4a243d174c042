# What a run may use is at its end - disk, descriptors, size of files, a file system that can only be read -, or the database
# is replaced in the middle of it: nothing is lost, torn or good without having been looked at. (A full disk and the size
# of files under an update are in add.t and store.t.)
. "$SRCDIR/tests/cli/lib.sh"

need_mount
r=$PWD/r
db=$r/etc/security/sysck.cfg
export r db

# A root with two findings, whose repair needs space for content.
set_up()
{
	rm -rf r/* undo
	mkdir -p r/etc/security r/files undo
	printf 'root:x:0:0::/:/bin/sh\n' >r/etc/passwd
	printf 'root:x:0:\n' >r/etc/group
	head -c 30000 /dev/zero | tr '\0' 'a' >r/source
	head -c 30000 /dev/zero | tr '\0' 'b' >r/files/content
	chmod 700 r/files/content
	: >r/files/mode
	chmod 600 r/files/mode
	cat >"$db" <<END
/files/content:
	type = FILE
	mode = rwxr-xr-x
	hash_value = $(sha256sum <r/source | cut -d' ' -f1)
	source = /source

/files/mode:
	type = FILE
	mode = rw-r--r--
END
	cp "$db" before.cfg
}
mkdir r
set_up
check 4 - "$TCBCK" --root "$r" -n ALL
cp "$ERR" findings
expect_true "three findings" test "$(wc -l <findings)" -eq 3

# --- a disk of 64 kB

cat >full <<'END'
mount -t tmpfs -o size=$1,mode=755 none r || exit 77
. ./set_up
set_up
head -c 100000 /dev/zero >r/filled 2>/dev/null
"$TCBCK" --root "$r" -n ALL 2>full.check
echo $? >full.check.status
"$TCBCK" --root "$r" -a /source size 2>full.update
echo $? >full.update.status
cmp "$db" before.cfg >full.cmp 2>&1 || echo "the database is changed"
"$TCBCK" --root "$r" --undo "$PWD/undo" -j 1 -y ALL 2>full.repair
echo $? >full.repair.status
tr -d 'ab' <r/files/content | wc -c >full.other
stat -c %s r/files/content >full.size
stat -c '%a' r/files/mode >full.mode
find r -name '.tcbck.*' -o -name '.sysck*' >full.left
# Its record on a full disk: nothing is done.
. ./set_up
set_up
mkdir r/undo
head -c 100000 /dev/zero >r/filled 2>/dev/null
find r/files -type f -exec stat -c '%n %a %s' '{}' + >full.before
"$TCBCK" --root "$r" --undo "$r/undo" -j 1 -y ALL 2>full.undo
echo $? >full.undo.status
find r/files -type f -exec stat -c '%n %a %s' '{}' + >full.after
END
sed -n '/^set_up()/,/^}/p' "$0" >set_up
check 0 empty unshare -m sh full 88k
expect_true "a full disk: a check needs none" test "$(cat full.check.status)" = 4
same findings full.check
expect_true "a full disk: an update is refused" test "$(cat full.update.status)" = 8
has 'No space left on device' full.update
expect_true "a full disk: the database is as before" test ! -s full.cmp
has 'hash_value is' full.repair
has 'copying source: No space left on device]' full.repair
expect_true "a full disk: content can't be repaired, but the modes are" test "$(($(cat full.repair.status) & 5))" = 5
expect_true "a full disk: the content is whole" test "$(cat full.size) $(cat full.other)" = "30000 0"
expect_true "a full disk: the other is repaired" test "$(cat full.mode)" = 644
expect_true "a full disk: nothing is left" test ! -s full.left
expect_true "a full disk for the record: 4 and 8" test "$(($(cat full.undo.status) & 13))" = 12
same full.before full.after

# --- only to be read

cat >read-only <<'END'
mount --bind r r && mount -o remount,bind,ro r || exit 77
"$TCBCK" --root "$r" -n ALL 2>ro.check
echo $? >ro.check.status
"$TCBCK" --root "$r" -a /source size 2>ro.update
echo $? >ro.update.status
"$TCBCK" --root "$r" --undo "$PWD/undo" -j 1 -y ALL 2>ro.repair
echo $? >ro.repair.status
END
set_up
check 0 empty unshare -m sh read-only
expect_true "read-only: a check is the same" test "$(cat ro.check.status)" = 4
same findings ro.check
expect_true "read-only: an update is refused" test "$(cat ro.update.status)" = 8
has 'Read-only file system' ro.update
expect_true "read-only: a repair is refused" test "$(($(cat ro.repair.status) & 5))" = 4
has_not '[fixed]' ro.repair
same "$db" before.cfg

# --- the size of files

set_up
check 13 - sh -c 'ulimit -f 16; exec "$@"' sh "$TCBCK" --root "$r" --undo "$PWD/undo" -j 1 -y ALL
has 'cannot keep old content'
has 'File too large]'
has 'mode: mode is rw-------, should be rw-r--r-- [fixed]'
expect_true "the content is whole" test "$(stat -c %s r/files/content) $(tr -d b <r/files/content | wc -c)" = "30000 0"
expect_true "nothing is left" test -z "$(find r -name '.tcbck.*')"

# --- descriptors

broken=
told=0
for limit in 3 4 5 6 7 8 10 12 14 16; do
	for mode in check tree update repair; do
		set_up
		case $mode in
		check) set -- -n ALL ;;
		tree) set -- -n tree ;;
		update) set -- -a /source size ;;
		repair) set -- --undo "$PWD/undo" -j 1 -y ALL ;;
		esac
		# Where few are left, those that this shell inherited count too, the loader itself can't start the program.
		sh -c "ulimit -n $limit"' && exec "$@"' sh "$TCBCK" --root "$r" "$@" >out 2>err
		status=$?
		case $mode/$limit/$status in
		*/127) grep -q 'while loading shared libraries' err || broken="$broken; $mode with $limit: $(cat err)" ;;
		update/*/0) ;;
		check/*/4 | tree/*/4) cmp -s findings err || broken="$broken; $mode with $limit: other findings: $(cat err)" ;;
		repair/*/[15]) ;;
		*/8 | */9 | */1[23])
			told=$((told + 1))
			[ -s err ] || broken="$broken; $mode with $limit: ended with $status, saying nothing"
			;;
		*) broken="$broken; $mode with $limit: ended with $status: $(cat err)" ;;
		esac
		case $mode/$status in
		update/0) ;;
		*) cmp -s "$db" before.cfg || broken="$broken; $mode with $limit: the database is changed" ;;
		esac
		[ "$(stat -c %s r/files/content)" = 30000 ] || broken="$broken; $mode with $limit: half a file"
		[ -z "$(find r -name '.tcbck.*' -o -name .sysck.cfg.new)" ] ||
			broken="$broken; $mode with $limit: a file is left"
	done
done
if [ -z "$broken" ]; then ok "3 to 16 descriptors: $told are told"; else fail "descriptors$broken"; fi
expect_true "some are told" test $told -gt 4
set_up
check 4 findings sh -c 'ulimit -n 16; exec "$@"' sh "$TCBCK" --root "$r" -n tree
check 1 - sh -c 'ulimit -n 16; exec "$@"' sh "$TCBCK" --root "$r" --undo "$PWD/undo" -j 1 -y ALL
check 0 empty sh -c 'ulimit -n 16; exec "$@"' sh "$TCBCK" --root "$r" -a /source size

# --- the database is replaced, again and again: each run sees one of both, whole

set_up
{
	cat before.cfg
	i=0
	while [ $i -lt 300 ]; do
		printf '\n/gone/%d:\n\ttype = FILE\n' $i
		i=$((i + 1))
	done
} >long.cfg
cp long.cfg "$db"
"$TCBCK" --root "$r" -n ALL 2>findings.long
expect_true "the long one has 303" test "$(wc -l <findings.long)" -eq 303
(
	while [ -e r ] && [ ! -e enough ]; do
		for next in before long; do
			cp $next.cfg r/etc/security/new
			mv r/etc/security/new "$db"
		done
	done
) &
replacer=$!
broken=
seen=
i=0
while [ $i -lt 40 ]; do
	"$TCBCK" --root "$r" -n ALL 2>err
	status=$?
	if [ $status -eq 4 ] && cmp -s err findings; then
		seen="$seen short"
	elif [ $status -eq 4 ] && cmp -s err findings.long; then
		seen="$seen long"
	elif [ $((status & 8)) -ne 0 ] && [ -s err ]; then
		seen="$seen told"
	else
		broken="$broken; ended with $status: $(wc -l <err) findings"
	fi
	i=$((i + 1))
done
: >enough
wait $replacer
if [ -z "$broken" ]; then ok "each of 40 checks saw a whole one"; else fail "replaced$broken"; fi
expect_true "some saw the one, some the other:$(echo "$seen" | tr ' ' '\n' | sort | uniq -c | tr '\n' ' ')" \
	sh -c 'case $1 in *short*long* | *long*short*) ;; *) exit 1 ;; esac' sh "$seen"

# --- an editor, which takes no lock, saves the database while an update flushes its own: the edit is not lost

need_ptrace
set_up
{ cat before.cfg; printf '\n/edited:\n\ttype = FILE\n'; } >edited.cfg
(
	while [ ! -e r/etc/security/.sysck.cfg.new ]; do
		sleep 0.05
	done
	cp edited.cfg r/etc/security/edited
	mv r/etc/security/edited "$db"
) &
check 8 - env ASAN_OPTIONS=detect_leaks=0 strace -qq -o strace.log -e inject=fsync:delay_enter=2000000:when=1 \
	"$TCBCK" --root "$r" -a /source size
wait
has 'changed by somebody else meanwhile; nothing was written'
same "$db" edited.cfg
expect_true "nothing is left" test ! -e r/etc/security/.sysck.cfg.new
finish

# A run that waits - for somebody to read what it says, or for the lock of the database - ends at a signal, with 32 in its
# status, and within seconds. Nothing is lost while somebody reads, however slowly, signal or no signal.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
i=0
while [ $i -lt 6000 ]; do
	printf '/gone/%0100d:\n\ttype = FILE\n' $i
	i=$((i + 1))
done >"$db"
"$TCBCK" --database "$db" -n ALL 2>all.text
"$TCBCK" --database "$db" --format json -n ALL >all.json
expect_true "more is said than a pipe takes" test "$(wc -c <all.text)" -gt 300000

# Waits for a process to end, $2 tenths of a second at most; leaves its status.
ends()
{
	waited=0
	while kill -0 "$1" 2>/dev/null && [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ]; do
		if [ $waited -ge "$2" ]; then
			kill -KILL "$1"
			wait "$1"
			status=late
			return 1
		fi
		sleep 0.1
		waited=$((waited + 1))
	done
	wait "$1"
	status=$?
}

# --- nobody reads

mkfifo pipe
# unread DESCRIPTOR SIGNAL STATUS ARGUMENT...: what is written to the descriptor is never read.
unread()
{
	descriptor=$1
	signal=$2
	wanted=$3
	shift 3
	# shellcheck disable=SC2217 # a reader that does not read
	sleep 200 <pipe &
	reader=$!
	case $descriptor in
	1) "$TCBCK" --database "$db" "$@" >pipe 2>err & ;;
	*) "$TCBCK" --database "$db" "$@" 2>pipe >out & ;;
	esac
	run=$!
	becomes_idle $run
	expect_true "$*: waits for a reader" kill -0 $run
	kill "-$signal" $run
	expect_true "$*: ends at SIG$signal" ends $run 500
	expect_true "$*: status $status is $wanted" test "$status" = "$wanted"
	kill $reader
	wait $reader 2>/dev/null
}
unread 2 TERM 44 -n ALL
unread 1 HUP 44 --format json -n ALL
unread 2 TERM 44 --progress -n ALL
# Rules are only for what the kernel can watch: of directories that are there.
sed "s|^/gone|$PWD|" "$db" >db.rules
db=$PWD/db.rules
unread 1 TERM 40 --audit-rules ALL
db=$PWD/sysck.cfg

# --- somebody reads, late, in pieces, and has all of it; a signal while it waits changes nothing in that

(
	sleep 0.7
	while dd bs=20000 count=1 2>/dev/null; do
		[ "$(wc -c <got.text)" -lt "$(wc -c <all.text)" ] || break
		sleep 0.05
	done
) <pipe >got.text &
reader=$!
"$TCBCK" --database "$db" -n ALL 2>pipe
status=$?
wait $reader
expect_true "read late: status $status" test $status -eq 4
same all.text got.text

(
	until [ -e signalled ]; do
		sleep 0.05
	done
	sleep 0.3
	cat
) <pipe >got.json &
reader=$!
"$TCBCK" --database "$db" --format json -n ALL >pipe &
run=$!
# All is found and explained by then.
becomes_idle $run
kill -TERM $run
: >signalled
expect_true "read soon after a signal: ends" ends $run 500
wait $reader
expect_true "read soon after a signal: status $status" test "$status" = 4
# Time and duration differ.
sed 's/"time":"[^"]*"//; s/"seconds":[0-9.e-]*//' all.json >all.comparable
sed 's/"time":"[^"]*"//; s/"seconds":[0-9.e-]*//' got.json >got.comparable
same all.comparable got.comparable

# --- another update that does not end

need flock
printf '/one:\n\ttype = FILE\n' >small.cfg
cp small.cfg before
# waits SIGNAL ARGUMENT...
waits()
{
	signal=$1
	shift
	"$TCBCK" --database "$PWD/small.cfg" "$@" 2>err &
	run=$!
	wait_until catches $run
	sleep 0.3
	expect_true "$*: waits for the lock" kill -0 $run
	kill "-$signal" $run
	expect_true "$*: ends at SIG$signal" ends $run 300
	expect_true "$*: status $status is 32" test "$status" = 32
	has 'nothing was changed' err
	same before small.cfg
}
(umask 077 && : >small.cfg.lock)
# Held by this shell: a command that it is held for would outlive flock(1) when that is killed.
exec 9<small.cfg.lock
flock 9
printf '/two:\n\ttype = FILE\n' >further
waits TERM -a /two type=FILE
waits HUP -d /one
waits HUP -a -f further
waits TERM -a -r "$PWD" owner
waits TERM --progress -a sysck hash=sha512
exec 9<&-
finish

# shellcheck shell=sh
# attack.sh - what all attacks have in common; a case sources it after lib.sh. It makes these in the case's directory:
#	sysck.cfg   written by define (standard input)          undo/     records
#	a           a directory of the attacker's               out/sentinel   what must never change
# ATTACK_RUNS is how often a race is tried (default 150).
#	as_attacker COMMAND...      runs it as the unprivileged user
#	start VERB NAME [OTHER]     starts tests/attack/attacker.c as that user; stop ends it
#	repair [OPTION...]          one run of tcbck -y; its status is $status, what it says is added to the file said
#	race COMMAND...             ATTACK_RUNS repairs, the command before each
#	sentinel_is_safe            tells whether the sentinel is as it was
# shellcheck disable=SC2034,SC2154 # read by the cases, given by run-cli and lib.sh
need_xattr
need setpriv
: "${ATTACK_RUNS:=150}"
attacker=65534
attacker_pid=

as_attacker()
{
	setpriv --reuid=$attacker --regid=$attacker --clear-groups -- "$@"
}

define()
{
	cat >sysck.cfg
}

start()
{
	rm -f ready
	mkfifo ready
	as_attacker "$HELPERS/attacker" "$@" >ready &
	attacker_pid=$!
	# shellcheck disable=SC2034
	exec 7<ready
	read -r line <&7 || fail "the attacker does not start: $*"
}

stop()
{
	kill -KILL "$attacker_pid" 2>/dev/null
	wait "$attacker_pid" 2>/dev/null
	cat <&7 >/dev/null
	exec 7<&-
	attacker_pid=
}

# shellcheck disable=SC2120 # its cases give it arguments
repair()
{
	timeout 60 "$TCBCK" -y --database "$PWD/sysck.cfg" --undo "$PWD/undo" "$@" ALL >"$OUT" 2>"$ERR"
	status=$?
	cat "$ERR" >>said
}

race()
{
	runs=0
	: >said
	statuses=
	while [ $runs -lt "$ATTACK_RUNS" ]; do
		"$@"
		repair
		case $statuses in *" $status "*) ;; *) statuses="$statuses $status " ;; esac
		runs=$((runs + 1))
	done
	rm -rf undo
	for status in $statuses; do
		case $status in
		0 | 1 | 4 | 5 | 8 | 9 | 12 | 13) ;;
		*) fail "a repair under attack ended with $status" ;;
		esac
	done
}

# Mode, owner, content and extended attributes; without its link count, which is the attacker's to change.
look_at_sentinel()
{
	stat -c '%f %u %g %s %i' out/sentinel
	sha256sum <out/sentinel
	getfattr --absolute-names -d -m - -e hex out/sentinel
	stat -c '%n %f %u %g' out
	ls -a out
}

# $1: its mode. A sentinel that the attacker may write can be given further names, even where hard links are protected.
make_sentinel()
{
	[ -d out ] || mkdir -m 0755 out
	echo sentinel >out/sentinel
	chmod "$1" out/sentinel
	setfattr -n security.tcb -v 1 out/sentinel
	setfattr -n user.note -v mine out/sentinel
	look_at_sentinel >sentinel.before
}

sentinel_is_safe()
{
	look_at_sentinel >sentinel.after
	if diff -u sentinel.before sentinel.after; then
		ok "the sentinel is as it was: $1"
	else
		fail "the sentinel changed: $1"
	fi
}

# file MODE PATH: its permissions, owner and group are
is()
{
	found=$(stat -c '%a %u:%g' "$2")
	if [ "$found" = "$1" ]; then
		ok "$2 is $1"
	else
		fail "$2 is $found, should be $1"
	fi
}

# One repair that must end with a status and say these.
refused()
{
	wanted=$1
	shift
	repair
	if [ "$status" -eq "$wanted" ]; then
		ok "status $status"
	else
		fail "status $status, should be $wanted"
		sed 's/^/says: /' "$ERR"
	fi
	for text in "$@"; do
		has "$text"
	done
}

mkdir a
chown $attacker:$attacker a

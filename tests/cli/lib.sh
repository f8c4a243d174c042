# shellcheck shell=sh
# lib.sh - the functions of a script test; see tests/run-cli for what surrounds one.
#
#	check STATUS STDERR COMMAND...    runs a command: its exit status must be STATUS and its standard error what the
#	                                  file STDERR has; `-`: whatever it is; `empty`: nothing. A relative STDERR is
#	                                  looked for here, then beside the case. Output stays in the files $OUT and $ERR.
#	check_out FILE                    the last check's standard output must be what FILE has (`empty`, relative: as above)
#	has TEXT [FILE]                   FILE (default: $ERR) must have a line with TEXT in it
#	has_not TEXT [FILE]               the opposite
#	same FILE FILE                    two files must have the same bytes
#	expect_true TEXT COMMAND...       a command must succeed
#	wait_until COMMAND...             waits for a command to succeed, for a minute at most; does it?
#	catches PROCESS                   has tcbck, which runs, its handlers of signals?
#	becomes_idle PROCESS              waits until it waits itself: it sleeps, and has used no time for a while
#	ok TEXT, fail TEXT, skip TEXT     one result
#	need_root, need COMMAND           skips the rest of the case where it is not there
#	need_ptrace, need_xattr, need_mount, need_terminal
#	                                  skips the rest where there is none of it: tracing, security attributes, ...
#
# Before comparing, the case's own directory is written as @DIR@ in output, so that expected files can name it.
# shellcheck disable=SC2034 # read by the cases
failures=0

ok()
{
	printf 'ok - %s\n' "$*"
}

fail()
{
	printf 'not ok - %s\n' "$*"
	failures=$((failures + 1))
}

skip()
{
	printf 'skip - %s\n' "$*"
}

# Prints where an expected file is.
expected_file()
{
	if [ "$1" = empty ]; then
		echo /dev/null
	elif [ -e "$1" ]; then
		printf '%s\n' "$1"
	else
		for directory in cli attack fault; do
			if [ -e "$SRCDIR/tests/$directory/$1" ]; then
				printf '%s\n' "$SRCDIR/tests/$directory/$1"
				return
			fi
		done
		printf '%s\n' "$1"
	fi
}

case_directory=$(pwd)

# Compares a command's output in file $2 with what the file $1 has; shows how they differ.
compare()
{
	sed "s|$case_directory|@DIR@|g" "$2" >"$2.shown"
	diff -u "$(expected_file "$1")" "$2.shown"
}

check()
{
	wanted_status=$1
	wanted_stderr=$2
	shift 2
	"$@" >"$OUT" 2>"$ERR"
	status=$?
	command=$(printf '%s ' "$@" | sed -e "s|$TCBCK|tcbck|g" -e "s|$CHTCB|chtcb|g" -e "s|$case_directory|.|g" | tr '\n' ' ')
	command=${command% }
	if [ "$status" -ne "$wanted_status" ]; then
		fail "$command: status $status, should be $wanted_status"
		sed 's/^/stdout: /' "$OUT"
		sed 's/^/stderr: /' "$ERR"
	elif [ "$wanted_stderr" != - ] && ! compare "$wanted_stderr" "$ERR"; then
		fail "$command: standard error differs"
	else
		ok "$command: $status"
	fi
}

check_out()
{
	if compare "$1" "$OUT"; then
		ok "standard output is $1"
	else
		fail "standard output differs from $1"
	fi
}

has()
{
	if grep -qF -e "$1" "${2:-$ERR}"; then
		ok "says: $1"
	else
		fail "does not say: $1"
		sed 's/^/has: /' "${2:-$ERR}"
	fi
}

has_not()
{
	if grep -F -e "$1" "${2:-$ERR}"; then
		fail "says: $1"
	else
		ok "does not say: $1"
	fi
}

same()
{
	if cmp "$1" "$2"; then
		ok "$1 and $2 are the same"
	else
		fail "$1 and $2 differ"
		diff "$1" "$2" | cut -c1-300 | head -n 6
	fi
}

expect_true()
{
	text=$1
	shift
	if "$@"; then
		ok "$text"
	else
		fail "$text"
	fi
}

wait_until()
{
	waited=0
	until "$@"; do
		[ $waited -lt 600 ] || return 1
		sleep 0.1
		waited=$((waited + 1))
	done
}

catches()
{
	# SIGHUP is number 1, and the last of those that are set up.
	caught=$(sed -n 's/^SigCgt:[[:space:]]*/0x/p' "/proc/$1/status")
	[ $((${caught:-0} & 1)) -eq 1 ]
}

becomes_idle()
{
	before=
	tries=0
	while [ $tries -lt 300 ]; do
		sleep 0.2
		# State, and time used, behind the name.
		now=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 1,12,13)
		case $now in
		S*) [ "$now" != "$before" ] || return 0 ;;
		esac
		before=$now
		tries=$((tries + 1))
	done
	return 1
}

finish()
{
	[ "$failures" -eq 0 ]
	exit
}

need_root()
{
	if [ "$(id -u)" -ne 0 ]; then
		skip "the rest needs root"
		finish
	fi
}

need()
{
	if ! command -v "$1" >/dev/null; then
		skip "the rest needs $1"
		finish
	fi
}

need_ptrace()
{
	need strace
	if ! strace -qq -o strace.log true; then
		skip "the rest needs ptrace(2)"
		finish
	fi
}

need_xattr()
{
	need_root
	need setfattr
	: >"$TMPDIR/xattr"
	if ! setfattr -n security.tcb -v 1 "$TMPDIR/xattr" 2>/dev/null; then
		skip "the rest needs security attributes, which $TMPDIR does not have"
		finish
	fi
	rm "$TMPDIR/xattr"
}

need_terminal()
{
	need script
	script -q -c true pty.made </dev/null >/dev/null 2>&1
	if [ ! -s pty.made ]; then
		skip "the rest needs pseudo-terminals (/dev/pts)"
		finish
	fi
	rm -f pty.made
}

need_mount()
{
	need_root
	if ! unshare -m true 2>/dev/null; then
		skip "the rest needs mount namespaces"
		finish
	fi
}

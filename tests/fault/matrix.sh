# shellcheck shell=sh
# matrix.sh - what matrix.t injects, and how it judges.
#
# `modes` has a function a mode, MODE_NAME, which runs tcbck with the arguments of the mode, as "$@" says; see traced().
# Verdicts of an injected run:
#	same      its exit status is that of the run without it, and so are all its findings and errors
#	told      its exit status has 8 in it (repair: or 4, and a repair more that failed or was refused), and a line says why;
#	          or it is the same, and the finding itself says what could not be examined
#	loader    the dynamic loader could not start the program (127; 139 where it gets no memory), before anything was done
#	stopped   a signal ended it: as its own doing (32), or by the signal
# Everything else is broken. Whatever the verdict, what is on disk must be as it was or as it was to be: see the judge of
# each mode.
# shellcheck disable=SC2034,SC2154 # used by matrix.t; set there

# The errors that each call can return, by its manual page; EACCES too where only a security module returns it. brk(2) is none
# of them: the kernel's returns no error, and the C library takes an injected one for an address. Nor is futex(2): only waiting
# can be interrupted, and which of a thread's calls waits is different each time. syscall_0x1d1 is listxattrat(2), as
# strace(1) names what it does not know.
cat >errors <<'END'
EIO read pread64 preadv2 readv write writev openat openat2 statx newfstatat fstat fstatfs getdents64 close fsync
EIO readlink readlinkat listxattr llistxattr flistxattr getxattr lgetxattr fgetxattr fsetxattr setxattr lsetxattr
EIO fremovexattr lremovexattr removexattr fchmod fchmodat fchmodat2 chmod fchown fchownat lchown renameat renameat2
EIO unlinkat unlink linkat symlinkat
EIO syscall_0x1d1 listxattrat mknodat mkdirat mkdir ftruncate statmount listmount access faccessat2 utimensat fallocate
EIO copy_file_range
ENOSPC write writev openat fsync fsetxattr setxattr lsetxattr linkat symlinkat mknodat mkdirat mkdir renameat renameat2
ENOSPC ftruncate fallocate copy_file_range
EINTR read pread64 preadv2 readv write writev openat openat2 close flock fcntl poll ppoll connect sendto recvfrom recvmsg wait4
EINTR waitid fsync fstatfs ftruncate fallocate getrandom clock_nanosleep
EACCES read write openat openat2 statx newfstatat access faccessat2 socket connect sendto readlink readlinkat getdents64
EACCES listxattr llistxattr flistxattr getxattr lgetxattr fgetxattr fsetxattr setxattr lsetxattr fremovexattr lremovexattr
EACCES syscall_0x1d1 listxattrat removexattr fchmod fchmodat fchmodat2 fchown fchownat renameat renameat2 unlinkat unlink linkat
EACCES symlinkat mknodat mkdirat mkdir ftruncate statmount listmount utimensat fstatfs seccomp flock
EMFILE openat openat2 socket pipe2 fcntl epoll_create1 eventfd2 timerfd_create landlock_create_ruleset
ENOMEM mmap mprotect openat openat2 statx newfstatat getdents64 readlink readlinkat listxattr llistxattr flistxattr getxattr
ENOMEM lgetxattr fgetxattr fsetxattr socket connect sendto clone clone3 seccomp landlock_create_ruleset landlock_restrict_self
ENOMEM syscall_0x1d1 listxattrat poll ppoll statmount listmount fchownat renameat renameat2 unlinkat linkat symlinkat
ENOMEM mknodat mkdirat write fchmodat2
END

# Writes the errors for the calls of the log $1 of the mode $2: lines "MODE CALL N ERROR PHASE". Where threads have calls of
# their own, strace counts for each. The calls that the dynamic loader makes are alike in all modes; one mode has them.
plan()
{
	awk -v mode="$2" -v loader="$3" -v memory="$memory" -v signals="${4-}" '
	FILENAME == "errors" {
		for (i = 2; i <= NF; i++)
			if ($i != "mmap" && $i != "mprotect" || memory)
				errors[$i] = errors[$i] " " $1
		next
	}
	!match($0, /^[0-9]+ +[a-z0-9_]+\(/) { next }
	{
		pid = $1
		call = substr($0, 1, RLENGTH - 1)
		sub(/^[0-9]+ +/, "", call)
		n = ++count[pid, call]
		lines++
		if (call ~ /^(execve|exit|exit_group|rt_sigreturn)$/ || ((call, n) in had))
			next
		had[call, n] = 1
		many = split(errors[call], list, " ")
		for (i = 1; i <= many; i++)
			if (started || loader)
				print mode, call, n, list[i], started ? "run" : "loader"
		if (started && signals != "" && lines % signals == 0 && call !~ /^syscall_/)
			for (i = split("INT TERM HUP PIPE KILL", list, " "); i > 0; i--)
				print mode, call, n, "SIG" list[i], "run"
		# The loader gives back its list of libraries at last.
		if (call == "munmap")
			started = 1
	}' errors "$1"
}

# Runs `tcbck "$@"` under strace with the options $injection, or under fail-call.
traced()
{
	case $call in
	syscall_0x*)
		timeout -k 5 60 "$HELPERS/fail-call" $((${call#syscall_})) "$error" "$n" "$TCBCK" "$@" >out 2>err </dev/null
		return
		;;
	esac
	# shellcheck disable=SC2086 # options
	timeout -k 5 60 strace -f -qq $by_filter -o strace.log $injection "$TCBCK" "$@" >out 2>err </dev/null
}

# Prints what was found and which errors there were, without what differs from run to run.
found()
{
	sed -e '/^tcbck: [0-9]* definition/d' -e '/^tcbck: undo record: /d' \
		-e 's/"time":"[^"]*"//' -e 's/"seconds":[0-9.e-]*//' \
		-e '/^tcbck: .*confined/d' -e 's/: program is .*, should/: program is X, should/' out err
}

# Says whether an injected run of $mode, which ended with $status, told what it could not do. Sets `verdict`.
judge_status()
{
	found >found.is
	verdict=broken
	case $error/$status in
	SIGKILL/137 | SIGINT/130 | SIGTERM/143 | SIGHUP/129 | SIGPIPE/141 | SIG*/3[2-9] | SIG*/4[0-7])
		verdict=stopped
		return
		;;
	*/124)
		why="is not over after 60 seconds"
		return
		;;
	esac
	case $phase/$status in
	loader/127 | loader/139)
		verdict=loader
		return
		;;
	*/127)
		# A name service's library.
		if grep -q 'error while loading' err; then
			verdict=loader
			return
		fi
		;;
	esac
	if [ "$status" -ge 64 ]; then
		why="ended with $status"
	elif [ "$status" -eq "$status_wanted" ] && cmp -s found.is "found.$mode"; then
		verdict=same
	elif [ "$status" -eq "$status_wanted" ] && [ "$(wc -l <found.is)" -eq "$(wc -l <"found.$mode")" ] &&
		! grep -vxF -f "found.$mode" found.is | grep -v 'cannot be examined: ' >/dev/null; then
		verdict=told
	elif [ $((status & 8)) -ne 0 ] && [ "$call" = write ]; then
		# What is reported of it can't be written.
		verdict=told
	elif [ $((status & 8)) -ne 0 ] && ! grep -vxF -f "found.$mode" found.is >told.is; then
		why="ended with $status and says nothing of it"
	elif [ $((status & 8)) -ne 0 ]; then
		verdict=told
	elif [ "$repairs" = yes ] && [ $((status & 4)) -ne 0 ] &&
		grep -vxF -f "found.$mode" found.is | grep -qE '\[(failed|refused|left: disabled): '; then
		verdict=told
	else
		why="ended with $status (undisturbed: $status_wanted), with other findings: $(diff "found.$mode" found.is |
			grep '^[<>]' | head -n 3 | tr '\n' ' ')"
	fi
}

# Prints the table: a row a call and error, a column a mode, in it how many of them were same/told (loader, stopped: +).
table()
{
	awk '
	{
		if (!($1 in column)) {
			column[$1] = ++columns
			names[columns] = $1
		}
		sub(/^syscall_0x1d1$/, "listxattrat", $2)
		row = $2 " | " $4
		if (!(row in rows)) {
			rows[row] = 1
			order[++count] = row
		}
		n[row, $1, $5]++
		total[$1, $5]++
		all[$5]++
	}
	function cell(row, mode) {
		a = n[row, mode, "same"] + 0
		b = n[row, mode, "told"] + n[row, mode, "stopped"] + n[row, mode, "loader"]
		c = n[row, mode, "broken"] + 0
		return a + b + c == 0 ? "" : a "/" b (c ? " **" c "**" : "")
	}
	END {
		line = "| call | error"
		rule = "|---|---"
		for (i = 1; i <= columns; i++) {
			line = line " | " names[i]
			rule = rule "|---"
		}
		print line " |\n" rule "|"
		for (j = 1; j <= count; j++) {
			line = "| " order[j]
			for (i = 1; i <= columns; i++)
				line = line " | " cell(order[j], names[i])
			print line " |" | "sort"
		}
		close("sort")
		line = "| all | "
		for (i = 1; i <= columns; i++) {
			m = names[i]
			told = total[m, "told"] + total[m, "stopped"] + total[m, "loader"]
			line = line " | " (total[m, "same"] + 0) "/" told
		}
		print line " |"
		printf "\n%d injections: %d without effect, %d told, %d stopped by a signal, %d not even loaded, %d broken.\n",
			NR, all["same"], all["told"], all["stopped"], all["loader"], all["broken"]
	}' "$1"
}

# Prints the table in the file $1 as MATRIX.md.
document()
{
	cat <<'END'
# Faults: calls, errors, modes

Written by `MATRIX_LONG=1 MATRIX_TABLE=$PWD/tests/fault/MATRIX.md TEST_TIMEOUT=1800 sh tests/run-cli tests/fault/matrix.t`;
every run of the tests takes a sample. Each call that a run makes failed once, at each of its occurrences, with each error;
every 40th was met by each signal. `3/5`: three times the run found all that it finds without, with the same exit status; five
times it ended with 8 in its exit status, and said why (repairs: with 4, and `[failed: ...]` or `[refused: ...]`), or was ended
by the signal, or, on calls of the dynamic loader, was not begun. **Bold**: neither. Databases and files were whole, old or
new.

Modes: `check` -n ALL; `verbose` the same with -v; `json` with --format json; `tree` -n tree; `host` -n ALL without --root,
with the host's name services and a `program`; `jobs` -n tree by three threads, where a call fails once in each; `add` -a FILE;
`recursive` -a -r DIRECTORY; `register` -a tree; `delete` -d; `repair` -y ALL; `undo` -y ALL with the record of that.

END
	cat "$1"
}

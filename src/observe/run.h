/*
 * run.h - the only exec: `program` and `checksum` commands.
 *
 * A command runs with a fixed environment, standard input from /dev/null, in its own process group, all other descriptors
 * closed, default signal dispositions, empty signal mask, umask 077, in "/"; it is killed with its whole group when its
 * time is over, and its output is bounded. Safe to use from several threads at once.
 */
#ifndef TCBCK_RUN_H
#define TCBCK_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <sysck/buf.h>
#include <sysck/err.h>

#include "observe/path.h"

/* Most bytes of output that are kept; the rest is read and thrown away. */
#define TCBCK_RUN_OUTPUT_MAX 65536u
/* Most arguments of a program, itself included. */
#define TCBCK_RUN_ARGUMENTS_MAX 256
/* Longest time a command may be given, in seconds: a day. */
#define TCBCK_RUN_TIMEOUT_MAX 86400u

struct tcbck_run_result {
	struct sysck_buf output; /* of standard output (and error, if joined), at most TCBCK_RUN_OUTPUT_MAX bytes */
	bool timed_out;
	int status; /* exit status 0-255, or 128 + signal number */
};

void tcbck_run_result_done(struct tcbck_run_result *result);

/*
 * Runs the program `arguments[0]` (absolute path) with `count` arguments, without a shell. The file is opened by
 * descriptor below the root through `opener` (symlinks by the rule of path.h), must be an executable regular file owned
 * by root (or by the effective user), not writable for group or others (ACL included, whose mask the group bits show),
 * and every directory on its way must be controlled by root alone; it is executed by that same descriptor (execveat(2);
 * a script is given as /proc/self/fd or /dev/fd, so its descriptor stays open in it). Standard output and error both go
 * to result->output. `timeout` in seconds, 1 to TCBCK_RUN_TIMEOUT_MAX; when *stop (may be NULL) becomes true the command
 * is killed and -ECANCELED is returned. Returns 0 when the program ran (whatever its status, or timed out), or a
 * negative errno with the reason in `err`: -EPERM for an untrusted program, -EACCES for what is no executable regular
 * file, -ECHILD when SIGCHLD is ignored (a status would be lost). `result` is written only on success, whatever it held
 * before.
 */
int tcbck_run_program(struct tcbck_opener *opener, const struct sysck_slice *arguments, size_t count, unsigned timeout,
		      const atomic_bool *stop, struct tcbck_run_result *result, struct sysck_err *err);

/*
 * Runs a checksum command through /bin/sh, as its documented form `/usr/bin/sum -r <` needs: the shell is given the text
 * `COMMAND "$1"` and the name of the file's descriptor (/proc/self/fd/N of `descriptor`, which the child inherits, at
 * offset 0 and open for reading) as positional parameter 1, never as shell text. Only standard output is kept; standard
 * error goes to /dev/null. timeout, stop, result and errors as above.
 */
int tcbck_run_checksum(struct sysck_slice command, int descriptor, unsigned timeout, const atomic_bool *stop,
		       struct tcbck_run_result *result, struct sysck_err *err);

#endif

/*
 * check.h - one audit: chooses targets, walks, observes, judges, joins, sorts.
 */
#ifndef TCBCK_CHECK_H
#define TCBCK_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/sysck.h>

#include "judge/finding.h"
#include "observe/path.h"
#include "observe/users.h"

/* What a progress line shows; written by the workers. */
struct tcbck_check_counters {
	atomic_size_t total; /* objects to look at */
	atomic_size_t done;
	atomic_uint_least64_t bytes; /* of content read */
};

struct tcbck_known;

struct tcbck_check_options {
	const struct sysck_db *db;
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	unsigned jobs;
	const char *mode;        /* as in struct tcbck_observer_options */
	const atomic_bool *stop; /* may be NULL: when it becomes true, what was not begun is left */
	struct tcbck_check_counters *counters;
	const struct sysck_err_sink *errors; /* of definitions and operands; called by one thread, in the order of the file */
	struct tcbck_known
		*known;  /* made for `jobs` workers: is told where each definition's object stands; NULL: not wanted */
	bool only_known; /* nothing is judged, and no content read: `known` is all that is wanted */
};

struct tcbck_check_result {
	struct tcbck_findings findings; /* sorted */
	size_t definitions;             /* chosen */
	size_t objects;                 /* that are there */
	size_t errors;                  /* reported: of definitions and operands */
	size_t through_symlink;         /* definitions whose path was followed through symlinks */
	struct sysck_slice *symlinked;  /* their paths, in the order of the database; live as long as the database */
	bool cancelled;                 /* not everything was looked at */
};

void tcbck_check_result_done(struct tcbck_check_result *result);

/* Definitions by index, ascending, each once. */
struct tcbck_targets {
	size_t *indexes;
	size_t count;
};

void tcbck_targets_done(struct tcbck_targets *targets);

/* True if the definition is among them. */
bool tcbck_targets_hold(const struct tcbck_targets *targets, size_t index);

/* All definitions but duplicates. 0 or -ENOMEM. */
int tcbck_targets_all(const struct sysck_db *db, struct tcbck_targets *ret);

/*
 * The definitions that operands name: a path (begins with `/`) or a class. One that names none is reported to `errors` and
 * counted in *ret_errors; the others still count. 0 or -ENOMEM.
 */
int tcbck_targets_named(const struct sysck_db *db, const struct sysck_slice *operands, size_t count,
			const struct sysck_err_sink *errors, struct tcbck_targets *ret, size_t *ret_errors);

/*
 * True if auditing them may run commands: a `program`, or a `checksum` with a command of one's own. Lines that don't read
 * count too.
 */
bool tcbck_targets_run_commands(const struct sysck_db *db, const struct tcbck_targets *targets);

/*
 * Audits the targets. Changes nothing. Returns 0 with *ret (release with tcbck_check_result_done()), or a negative errno with
 * `err` set when the audit as a whole could not be done.
 */
int tcbck_check_run(const struct tcbck_check_options *options, const struct tcbck_targets *targets,
		    struct tcbck_check_result *ret, struct sysck_err *err);

#endif

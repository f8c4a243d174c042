/*
 * tree.h - every stray of the installed tree: objects without a definition that should not be what they are.
 */
#ifndef TCBCK_TREE_H
#define TCBCK_TREE_H

#include "judge/check.h"
#include "judge/known.h"
#include "observe/mounts.h"

struct tcbck_tree_options {
	const struct sysck_db *db;
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	const struct tcbck_known *known; /* frozen: what the definitions have been found to be */
	unsigned jobs;
	bool below_too;          /* -i: leave out what is mounted below treeck_nodir, too */
	const atomic_bool *stop; /* may be NULL */
	struct tcbck_check_counters *counters;
};

/* What was walked, and what not. Slices are the coverage's. */
struct tcbck_tree_coverage {
	struct tcbck_mounts mounts;
	struct sysck_slice *pruned; /* directories not entered because of treeck_nodir, sorted */
	size_t pruned_count;
	size_t objects; /* met */
	bool cancelled; /* stopped: not all was walked */
	struct sysck_arena arena;
};

/*
 * Walks the tree below the root: the root's file system, and each mounted one that is not left out (tcbck_mounts_read()). Adds
 * strays to `findings`, and as unverified what could not be looked at; sorts nothing. Changes nothing. Returns 0 with
 * *ret (release with tcbck_tree_coverage_done()), or a negative errno with `err` set when there was nothing to walk.
 */
int tcbck_tree_run(const struct tcbck_tree_options *options, struct tcbck_findings *findings, struct tcbck_tree_coverage *ret,
		   struct sysck_err *err);
void tcbck_tree_coverage_done(struct tcbck_tree_coverage *coverage);

#endif

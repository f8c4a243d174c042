/*
 * explain.h - findings in the light of the package manager: is this what a package has installed?
 */
#ifndef TCBCK_EXPLAIN_H
#define TCBCK_EXPLAIN_H

#include <stdatomic.h>
#include <time.h>

#include <sysck/sysck.h>

#include "judge/finding.h"
#include "judge/origins.h"
#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/* The class of all definitions that were made from packages; the name of the package stands behind it. */
#define TCBCK_CLASS_INVENTORY "inventory"

struct tcbck_explain_options {
	const struct sysck_db *db; /* what was judged by */
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	const struct tcbck_packages *packages; /* frozen */
	const struct tcbck_origins *origins;   /* from which packages definitions of class inventory were made */
	struct timespec defined;               /* when the database was last changed */
	unsigned jobs;
	const atomic_bool *stop;               /* may be NULL: what was not begun stays unexplained */
	struct tcbck_check_counters *counters; /* of bytes read */
};

/*
 * Sets explanation, package, version and `accepted` of each finding that is a difference. A finding is explained when
 *   - what is there is what the package has: its digest, computed in the same read as the one that was found, or the owner,
 *     group, mode, capabilities, device, target or type that the package manager vouches for; and it is still what was found;
 *   - and the package is newer than the definition: installed again after the inventory that the definition is of, or, for
 *     any other definition, after the database was last changed;
 *   - or the file is missing, its definition is of the inventory, and its package no longer has it, or is no longer
 *     installed.
 * Nothing of a package that is half installed is explained. `findings` are sorted, and stay so. 0, or a negative errno with
 * `err` set.
 */
int tcbck_explain(const struct tcbck_explain_options *options, struct tcbck_findings *findings, struct sysck_err *err);

/*
 * The class of the files of a package: its name, except where that has another meaning for a class or an operand (`tree`).
 */
struct sysck_slice tcbck_explain_class(struct sysck_slice package);
/*
 * The package that a definition of the inventory was made from: the class behind `inventory`; empty if it has none.
 */
struct sysck_slice tcbck_explain_origin(const struct sysck_list *classes);

#endif

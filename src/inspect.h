/*
 * inspect.h - the checking modes: one audit of what is named, what is done about its findings, and --why.
 */
#ifndef TCBCK_INSPECT_H
#define TCBCK_INSPECT_H

#include "setup.h"

/* What is audited. */
enum tcbck_scope {
	TCBCK_SCOPE_NAMED, /* the definitions that operands name */
	TCBCK_SCOPE_ALL,   /* all definitions */
	TCBCK_SCOPE_TREE   /* all definitions, then every other object of the installed tree */
};

/*
 * Audits, repairs by the policy of the run's options, and tells each finding with what became of it. `operands` are paths
 * and classes, for TCBCK_SCOPE_NAMED. 0, or a negative errno with `err` set when the audit as a whole could not be done.
 */
int tcbck_inspect(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
		  struct sysck_err *err);

/*
 * -a tree: takes every stray into the database, with the attributes of `operands`, and tells each as a finding whose
 * outcome is database-updated. *ret as of every update. 0, or a negative errno with `err` set.
 */
int tcbck_inspect_register(struct tcbck_run *run, const struct sysck_slice *operands, size_t count,
			   struct tcbck_update_result *ret, struct sysck_err *err);

/*
 * -a --accept-explained: audits, and takes every finding that a package explains into the database; all findings are told.
 * *ret as of every update. 0, or a negative errno with `err` set.
 */
int tcbck_inspect_accept(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
			 struct tcbck_update_result *ret, struct sysck_err *err);

/* --why: one path, each attribute's wanted and present value. As above. */
int tcbck_inspect_why(struct tcbck_run *run, struct sysck_err *err);

#endif

/*
 * rules.h - the defined files as rules of the Linux audit system, for auditctl(8).
 */
#ifndef TCBCK_RULES_H
#define TCBCK_RULES_H

#include "judge/check.h"
#include "report/report.h"

struct tcbck_rules_options {
	const struct sysck_db *db;
	const struct tcbck_targets *targets; /* the definitions */
	const struct tcbck_users *users;
	struct sysck_slice root;     /* path of the root that is looked at; empty on the running system */
	struct tcbck_report *report; /* hears of errors */
	const atomic_bool *stop;     /* may be NULL */
	int descriptor;              /* where the rules go; stays the caller's */
};

/*
 * Writes a line `-w PATH -p wa -k tcb-CLASS` for each definition, with a key for each of its classes, or `tcb` without one, so
 * that writing, changing attributes, renaming and removing are recorded; `auditctl -R` loads the whole as it is.
 *
 * - A directory has a rule for itself (`-a always,exit -F path=`): with -w it would be one for everything below it.
 * - Of device nodes, FIFOs and sockets only changes of attributes are watched: writing to them does not change them.
 * - Keys are cut to 31 bytes, at most eight of them; characters in them but letters, digits, `.`, `_` and `-` become `_`.
 *
 * What auditctl can't carry (blanks, quotes, backslashes, control characters, the directory `/`), and a path whose
 * directory is not there, at which auditctl would stop, is a comment line, and an error for the report; with type ABSENT a
 * missing directory is only the former. Returns 0, or a negative errno with `err` set: -ENOMEM, or what writing failed with.
 */
int tcbck_rules_write(const struct tcbck_rules_options *options, struct sysck_err *err);

#endif

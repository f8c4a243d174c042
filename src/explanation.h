/*
 * explanation.h - what the package manager says of an audit's findings, and what is done about those that it explains.
 */
#ifndef TCBCK_EXPLANATION_H
#define TCBCK_EXPLANATION_H

#include "repair/policy.h"
#include "setup.h"

/* True if somebody will see explanations, or something is decided by them. */
bool tcbck_explanation_wanted(const struct tcbck_run *run);

/*
 * Reads what can't be read any more when the run is confined: call it before. What goes wrong is told as an error.
 */
void tcbck_explanation_prepare(struct tcbck_run *run);

/*
 * Explains the findings, where the root has a package manager. What can't be read of it is told as an error, and explains
 * nothing. 0, or -ENOMEM with `err` set.
 */
int tcbck_explanation_find(struct tcbck_run *run, const struct sysck_db *db, struct tcbck_findings *findings,
			   struct sysck_err *err);

/* Takes those that are explained out of the list, for --unexplained; returns how many. */
size_t tcbck_explanation_hide(struct tcbck_findings *findings);

/* Shows what is explained, and asks whether it is to be accepted. */
bool tcbck_explanation_ask(struct tcbck_run *run, struct tcbck_asker *asker, const struct tcbck_findings *findings);

/* --why: tells whose the path is, and whether packages are followed. 0, or a negative errno with `err` set. */
int tcbck_explanation_why(struct tcbck_run *run, const struct sysck_db *db, struct sysck_slice path, struct sysck_err *err);

#endif

/*
 * repair.h - all findings of an audit, one object after the other, by policy.
 */
#ifndef TCBCK_REPAIR_H
#define TCBCK_REPAIR_H

#include "judge/check.h"
#include "repair/policy.h"
#include "repair/update.h"

/* --fix-limit where it is not given, and at most. */
#define TCBCK_FIX_LIMIT     100u
#define TCBCK_FIX_LIMIT_MAX 1000000000u

struct tcbck_repair_options {
	enum tcbck_policy policy;
	const struct sysck_db *db;
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	const char *undo; /* directory of the records */
	size_t fix_limit;
	enum sysck_charset charset;                /* of the question */
	struct tcbck_asker *asker;                 /* TCBCK_POLICY_ASK */
	const atomic_bool *stop;                   /* the repair in hand is finished, the rest is left */
	const struct tcbck_update_options *update; /* for the answer `u` */
	/* Hears each finding with its outcome, in order. */
	void (*tell)(void *context, const struct tcbck_finding *finding);
	/* Shows what is waiting, before a question. */
	void (*flush)(void *context);
	/* The sentence of a finding, for the question. */
	void (*write)(const struct tcbck_finding *finding, enum sysck_charset charset, struct sysck_buf *out);
	void *context;
};

struct tcbck_repair_result {
	bool undo_failed;              /* something was refused because the undo record could not be written */
	bool quit;                     /* somebody said so, or the input ended */
	bool limited;                  /* more than fix_limit grave repairs: nothing was changed */
	bool cancelled;                /* by a signal */
	char undo[SYSCK_ERR_FILE_MAX]; /* the record's path, escaped; empty if there is none */
};

/*
 * Repairs what the policy says. `findings` are sorted; their outcomes and reasons are set. Returns 0, or a negative
 * errno with `err` set.
 */
int tcbck_repair_run(const struct tcbck_repair_options *options, struct tcbck_findings *findings,
		     struct tcbck_repair_result *ret, struct sysck_err *err);

#endif

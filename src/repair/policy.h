/*
 * policy.h - what is done about findings: -n, -p, -t, -y as a table; and the question of -t.
 */
#ifndef TCBCK_POLICY_H
#define TCBCK_POLICY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "judge/finding.h"

enum tcbck_policy {
	TCBCK_POLICY_REPORT,       /* -n */
	TCBCK_POLICY_FIX_SILENTLY, /* -p */
	TCBCK_POLICY_ASK,          /* -t */
	TCBCK_POLICY_FIX           /* -y */
};

/* Does anything change under this policy; is somebody asked; is what was fixed told? */
bool tcbck_policy_repairs(enum tcbck_policy policy);
bool tcbck_policy_asks(enum tcbck_policy policy);
bool tcbck_policy_tells_fixed(enum tcbck_policy policy);

/* Its option: "-n", "-p", "-t" or "-y". */
const char *tcbck_policy_option(enum tcbck_policy policy);

enum tcbck_answer {
	TCBCK_ANSWER_FIX,
	TCBCK_ANSWER_LEAVE,
	TCBCK_ANSWER_UPDATE, /* the database */
	TCBCK_ANSWER_QUIT    /* this finding and all others are left */
};

/* Longest line of an answer, in bytes; what is longer is read to its end and means "leave". */
#define TCBCK_ANSWER_MAX 256

struct tcbck_asker_options {
	int input;  /* answers, a line each: a terminal or a pipe */
	int output; /* the question */
	enum sysck_charset charset;
	bool colour;
	const atomic_bool *stop; /* a signal means quit */
};

struct tcbck_asker;

/* 0 or -ENOMEM. */
int tcbck_asker_new(const struct tcbck_asker_options *options, struct tcbck_asker **ret);
void tcbck_asker_free(struct tcbck_asker *asker);

/*
 * Shows `sentence` (the finding, escaped, one line) and asks until there is an answer; `more` (lines, escaped) is
 * what `?` shows.
 * Remembers `a` and `s` for all later findings of the same kind, and `q` and the end of input for all others.
 */
enum tcbck_answer tcbck_asker_ask(struct tcbck_asker *asker, unsigned kind, struct sysck_slice sentence,
				  struct sysck_slice more);

/*
 * After "leave": asks whether the database is to be updated. True: yes. Nothing is asked, and the answer is no, after `s` for
 * this kind, after `q`, and at the end of input, which is `q`.
 */
bool tcbck_asker_confirm(struct tcbck_asker *asker, unsigned kind);

/*
 * Before all others: asks whether the `count` findings that packages explain are to be taken into the database; `more` (lines,
 * escaped) is what `?` shows. True: yes. `q` and the end of input quit, as above.
 */
bool tcbck_asker_accept(struct tcbck_asker *asker, size_t count, struct sysck_slice more);

#endif

/*
 * judge.h - definition and observation in, findings out.
 *
 * Pure: no system call but what a name of a user may cost through sysck_names, no output, no state.
 */
#ifndef TCBCK_JUDGE_H
#define TCBCK_JUDGE_H

#include <sysck/def.h>
#include <sysck/names.h>

#include "judge/finding.h"
#include "observe/observe.h"

/* The definition that is judged by. */
struct tcbck_judgement {
	const struct sysck_def *def;
	size_t index;              /* of the definition in its database */
	struct sysck_names *names; /* for the texts of owners, groups and ACLs */
	bool sum_numbers;          /* checksums are those of sum -r: they are compared as numbers */
};

/*
 * Adds a finding for each attribute of the definition that differs, or that could not be examined, in the order of
 * enum sysck_attr; one finding alone if the object is missing, can't be reached, or is of another type. Returns 0 or -ENOMEM.
 */
int tcbck_judge(const struct tcbck_judgement *judgement, const struct tcbck_observation *observation,
		struct tcbck_findings *findings);

/*
 * Compares one attribute, which both must have. The answer is `same`; nothing is told. For --why and for repairs.
 */
bool tcbck_judge_same(const struct tcbck_judgement *judgement, const struct tcbck_observation *observation,
		      enum sysck_attr attribute);

/* Appends what the observation says of an attribute, or what the definition wants, as a finding's text. */
void tcbck_judge_write_actual(const struct tcbck_judgement *judgement, const struct tcbck_observation *observation,
			      enum sysck_attr attribute, struct sysck_buf *out);
void tcbck_judge_write_expected(const struct tcbck_judgement *judgement, enum sysck_attr attribute, struct sysck_buf *out);

#endif

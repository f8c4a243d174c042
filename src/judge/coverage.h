/*
 * coverage.h - how many of the definitions that were checked are of which class.
 */
#ifndef TCBCK_COVERAGE_H
#define TCBCK_COVERAGE_H

#include "judge/check.h"

struct tcbck_class_count {
	struct sysck_slice name; /* raw bytes; empty: of no class */
	size_t count;
};

struct tcbck_class_counts {
	struct tcbck_class_count *items; /* sorted by name */
	size_t count;
	struct sysck_arena arena;
};

/* Counts the classes of the targets. 0 with *ret (release with tcbck_class_counts_done()) or -ENOMEM. */
int tcbck_class_counts(const struct sysck_db *db, const struct tcbck_targets *targets, struct tcbck_class_counts *ret);
void tcbck_class_counts_done(struct tcbck_class_counts *counts);

#endif

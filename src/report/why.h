/*
 * why.h - why one path is found good or not: its definition, and each attribute's wanted and present value.
 */
#ifndef TCBCK_WHY_H
#define TCBCK_WHY_H

#include "judge/check.h"
#include "report/report.h"

/*
 * Tells where `path` is defined, its classes, a verdict for each attribute, and counts its findings as -n would; for a path
 * without a definition, which settings apply to it, and an error. Returns 0, or a negative errno with `err` set.
 */
int tcbck_why(const struct tcbck_check_options *options, struct sysck_slice path, struct tcbck_report *report,
	      struct sysck_err *err);

#endif

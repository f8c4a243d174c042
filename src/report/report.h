/*
 * report.h - events to the sinks it is handed; counts, exit status.
 */
#ifndef TCBCK_REPORT_H
#define TCBCK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/err.h>

#include "judge/coverage.h"
#include "judge/finding.h"
#include "judge/tree.h"

/* Exit status, a sum as in fsck(8). */
#define TCBCK_EXIT_FIXED     1u
#define TCBCK_EXIT_LEFT      4u
#define TCBCK_EXIT_FAILED    8u
#define TCBCK_EXIT_USAGE     16u
#define TCBCK_EXIT_CANCELLED 32u

/* What a run did, for its last line. */
struct tcbck_summary {
	size_t definitions;
	size_t objects;
	size_t outcomes[TCBCK_OUTCOME_COUNT]; /* findings, by outcome */
	size_t unverified;
	size_t errors;
	uint64_t bytes; /* of content read */
	double seconds;
	unsigned status; /* exit status */
};

/* What a run looked at, and what it did not. */
struct tcbck_coverage {
	const struct tcbck_class_count *classes;
	size_t class_count;
	const struct sysck_slice *symlinked; /* paths that were followed through symlinks; raw bytes */
	size_t symlinked_count;
	const struct tcbck_tree_coverage *tree; /* NULL: it was not walked */
};

/* One attribute of one object, for --why. Texts are escaped for UTF-8. */
struct tcbck_verdict {
	struct sysck_slice path; /* raw bytes */
	const char *attribute;
	const char *verdict; /* "good", "differs" or "unverified" */
	struct sysck_slice wanted;
	struct sysck_slice present; /* or the reason */
};

/*
 * A form of output. Functions that are NULL are not called. settle() says whether everything has reached those it is for:
 * negative errno with `err` set if not, and how much was lost. finish() writes what is still waiting; negative errno if
 * anything could not be written.
 */
struct tcbck_sink {
	void *context;
	void (*finding)(void *context, const struct tcbck_finding *finding, struct sysck_slice file);
	void (*update)(void *context, struct sysck_slice path, const char *function);
	void (*error)(void *context, const struct sysck_err *err);
	void (*verdict)(void *context, const struct tcbck_verdict *verdict);
	void (*note)(void *context, struct sysck_slice text); /* a line of text, escaped for UTF-8 */
	void (*coverage)(void *context, const struct tcbck_coverage *coverage);
	void (*summary)(void *context, const struct tcbck_summary *summary);
	int (*settle)(void *context, struct sysck_err *err);
	int (*finish)(void *context);
	void (*free)(void *context);
};

/* Most sinks of one report. */
#define TCBCK_SINKS_MAX 4

struct tcbck_report;

/* 0 or -ENOMEM. */
int tcbck_report_new(struct tcbck_report **ret);
/* Ends it and its sinks. */
void tcbck_report_free(struct tcbck_report *report);
/* Adds a sink, which the report ends by its free(). */
void tcbck_report_add(struct tcbck_report *report, const struct tcbck_sink *sink);

/* Tells and counts a finding of a definition in `file`. */
void tcbck_report_finding(struct tcbck_report *report, const struct tcbck_finding *finding, struct sysck_slice file);
/* Tells a finding that was asked for, to be taken into the database: it counts, but says nothing of the exit status. */
void tcbck_report_registered(struct tcbck_report *report, const struct tcbck_finding *finding, struct sysck_slice file);
/* Counts it only: --why tells it in its own words. */
void tcbck_report_count(struct tcbck_report *report, const struct tcbck_finding *finding);
/*
 * Tells that the database was changed: the definition of `path` (raw bytes; `sysck`: the settings), by the function `add`,
 * `change`, `delete` or `register`.
 */
void tcbck_report_update(struct tcbck_report *report, struct sysck_slice path, const char *function);
void tcbck_report_error(struct tcbck_report *report, const struct sysck_err *err);
/* The same as a sink for errors. */
struct sysck_err_sink tcbck_report_errors(struct tcbck_report *report);
void tcbck_report_verdict(struct tcbck_report *report, const struct tcbck_verdict *verdict);
/* One line, printf(3)-like; arguments that come from the system are escaped by the caller. */
void tcbck_report_note(struct tcbck_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tcbck_report_coverage(struct tcbck_report *report, const struct tcbck_coverage *coverage);
/* Not everything was looked at, because somebody stopped the run. */
void tcbck_report_cancelled(struct tcbck_report *report);
/* Findings counted so far, unverified ones included. */
size_t tcbck_report_findings(const struct tcbck_report *report);

/* Writes what is waiting now: before a question. A failure is told by tcbck_report_finish(). */
void tcbck_report_flush(struct tcbck_report *report);

/* Tells as an error, once each, what the sinks could not get to those it is for. Before the summary, after everything else. */
void tcbck_report_settle(struct tcbck_report *report);

/* Fills in counts and status, and tells the summary. */
void tcbck_report_summary(struct tcbck_report *report, struct tcbck_summary *summary);

/* Writes what is still waiting; returns the exit status, with 8 in it if anything could not be written. */
unsigned tcbck_report_finish(struct tcbck_report *report);

#endif

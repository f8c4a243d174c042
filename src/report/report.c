/*
 * report.c - events to the sinks it is handed; counts, exit status.
 *
 * Knows how many findings had which outcome; gives the exit status. Must not know how an event is spelled.
 */
#include "report/report.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct tcbck_report {
	struct tcbck_sink sinks[TCBCK_SINKS_MAX];
	size_t count;
	size_t outcomes[TCBCK_OUTCOME_COUNT];
	size_t registered; /* of those with the outcome database-updated: nobody was asked */
	size_t unverified;
	size_t errors;
	bool cancelled;
};

int tcbck_report_new(struct tcbck_report **ret)
{
	struct tcbck_report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return -ENOMEM;
	*ret = report;
	return 0;
}

void tcbck_report_free(struct tcbck_report *report)
{
	if (report == NULL)
		return;
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].free != NULL)
			report->sinks[i].free(report->sinks[i].context);
	free(report);
}

void tcbck_report_add(struct tcbck_report *report, const struct tcbck_sink *sink)
{
	assert(report->count < TCBCK_SINKS_MAX);
	report->sinks[report->count++] = *sink;
}

void tcbck_report_count(struct tcbck_report *report, const struct tcbck_finding *finding)
{
	if (finding->unverified)
		report->unverified++;
	else
		report->outcomes[finding->outcome]++;
}

void tcbck_report_finding(struct tcbck_report *report, const struct tcbck_finding *finding, struct sysck_slice file)
{
	tcbck_report_count(report, finding);
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].finding != NULL)
			report->sinks[i].finding(report->sinks[i].context, finding, file);
}

void tcbck_report_registered(struct tcbck_report *report, const struct tcbck_finding *finding, struct sysck_slice file)
{
	report->registered++;
	tcbck_report_finding(report, finding, file);
}

void tcbck_report_update(struct tcbck_report *report, struct sysck_slice path, const char *function)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].update != NULL)
			report->sinks[i].update(report->sinks[i].context, path, function);
}

void tcbck_report_error(struct tcbck_report *report, const struct sysck_err *err)
{
	report->errors++;
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].error != NULL)
			report->sinks[i].error(report->sinks[i].context, err);
}

static void take_error(void *context, const struct sysck_err *err)
{
	tcbck_report_error(context, err);
}

struct sysck_err_sink tcbck_report_errors(struct tcbck_report *report)
{
	return (struct sysck_err_sink){ take_error, report };
}

void tcbck_report_verdict(struct tcbck_report *report, const struct tcbck_verdict *verdict)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].verdict != NULL)
			report->sinks[i].verdict(report->sinks[i].context, verdict);
}

void tcbck_report_note(struct tcbck_report *report, const char *format, ...)
{
	va_list arguments;
	char *text;
	int len;

	/* A path in it has no limit. */
	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0) {
		struct sysck_err err;

		sysck_err_set(&err, -ENOMEM, "out of memory");
		tcbck_report_error(report, &err);
		return;
	}
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].note != NULL)
			report->sinks[i].note(report->sinks[i].context, (struct sysck_slice){ text, (size_t)len });
	free(text);
}

void tcbck_report_coverage(struct tcbck_report *report, const struct tcbck_coverage *coverage)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].coverage != NULL)
			report->sinks[i].coverage(report->sinks[i].context, coverage);
}

void tcbck_report_cancelled(struct tcbck_report *report)
{
	report->cancelled = true;
}

size_t tcbck_report_findings(const struct tcbck_report *report)
{
	size_t count = report->unverified;

	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		count += report->outcomes[i];
	return count;
}

static unsigned status_of(const struct tcbck_report *report)
{
	const size_t *outcomes = report->outcomes;
	unsigned status = 0;

	if (outcomes[TCBCK_OUTCOME_FIXED] + outcomes[TCBCK_OUTCOME_DATABASE_UPDATED] > report->registered)
		status |= TCBCK_EXIT_FIXED;
	if (outcomes[TCBCK_OUTCOME_REPORTED] + outcomes[TCBCK_OUTCOME_REFUSED] + outcomes[TCBCK_OUTCOME_FAILED] +
		    outcomes[TCBCK_OUTCOME_LEFT] >
	    0)
		status |= TCBCK_EXIT_LEFT;
	if (report->unverified + report->errors > 0)
		status |= TCBCK_EXIT_FAILED;
	if (report->cancelled)
		status |= TCBCK_EXIT_CANCELLED;
	return status;
}

void tcbck_report_settle(struct tcbck_report *report)
{
	struct sysck_err err;

	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].settle != NULL && report->sinks[i].settle(report->sinks[i].context, &err) < 0)
			tcbck_report_error(report, &err);
}

void tcbck_report_summary(struct tcbck_report *report, struct tcbck_summary *summary)
{
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		summary->outcomes[i] = report->outcomes[i];
	summary->unverified = report->unverified;
	summary->errors = report->errors;
	summary->status = status_of(report);
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].summary != NULL)
			report->sinks[i].summary(report->sinks[i].context, summary);
}

void tcbck_report_flush(struct tcbck_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->sinks[i].finish != NULL)
			(void)report->sinks[i].finish(report->sinks[i].context);
}

unsigned tcbck_report_finish(struct tcbck_report *report)
{
	unsigned status = status_of(report);

	for (size_t i = 0; i < report->count; i++) {
		int r = report->sinks[i].finish == NULL ? 0 : report->sinks[i].finish(report->sinks[i].context);

		if (r < 0)
			status |= TCBCK_EXIT_FAILED;
		if (r == -ECANCELED)
			status |= TCBCK_EXIT_CANCELLED;
	}
	return status;
}

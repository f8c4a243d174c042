/*
 * test_report.c - tests of src/report/report.c: counts, exit status, who is told what.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "suites.h"

/* What a sink was told, in short. */
struct heard {
	char text[8192];
	size_t len;
	int finish; /* what finish() returns */
	int settle; /* what settle() returns */
	bool freed;
};

static void hear(struct heard *heard, const char *word)
{
	size_t len = strlen(word);

	CU_ASSERT_FATAL(heard->len + len < sizeof(heard->text));
	memcpy(heard->text + heard->len, word, len + 1);
	heard->len += len;
}

static void on_finding(void *context, const struct tcbck_finding *finding, struct sysck_slice file)
{
	hear(context, tcbck_kind_name(finding->kind));
	CU_ASSERT_TRUE(sysck_slice_equal(file, SYSCK_SLICE("db")));
	hear(context, ";");
}

static void on_update(void *context, struct sysck_slice path, const char *function)
{
	CU_ASSERT_TRUE(sysck_slice_equal(path, SYSCK_SLICE("/x")));
	hear(context, function);
	hear(context, ";");
}

static void on_error(void *context, const struct sysck_err *err)
{
	hear(context, err->text);
	hear(context, ";");
}

static void on_verdict(void *context, const struct tcbck_verdict *verdict)
{
	hear(context, verdict->verdict);
	hear(context, ";");
}

static void on_note(void *context, struct sysck_slice text)
{
	char copy[8192];

	CU_ASSERT_FATAL(text.len < sizeof(copy));
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	hear(context, copy);
	hear(context, ";");
}

static void on_coverage(void *context, const struct tcbck_coverage *coverage)
{
	hear(context, coverage->class_count == 3 ? "coverage;" : "?;");
}

static void on_summary(void *context, const struct tcbck_summary *summary)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "summary %zu %zu %u;", summary->unverified, summary->errors, summary->status);
	hear(context, text);
}

static int on_settle(void *context, struct sysck_err *err)
{
	struct heard *heard = context;

	return heard->settle == 0 ? 0 : sysck_err_set(err, heard->settle, "lost");
}

static int on_finish(void *context)
{
	return ((struct heard *)context)->finish;
}

static void on_free(void *context)
{
	((struct heard *)context)->freed = true;
}

static struct tcbck_sink sink_of(struct heard *heard)
{
	*heard = (struct heard){ .len = 0 };
	return (struct tcbck_sink){ .context = heard,
				    .finding = on_finding,
				    .update = on_update,
				    .error = on_error,
				    .verdict = on_verdict,
				    .note = on_note,
				    .coverage = on_coverage,
				    .summary = on_summary,
				    .settle = on_settle,
				    .finish = on_finish,
				    .free = on_free };
}

static void sinks_hear_everything_in_turn(void)
{
	const struct tcbck_finding finding = { .kind = SYSCK_ATTR_MODE };
	const struct tcbck_verdict verdict = { .verdict = "good" };
	const struct tcbck_coverage coverage = { .class_count = 3 };
	struct tcbck_sink deaf = { .context = NULL }, sink;
	struct tcbck_summary summary = { .definitions = 1 };
	struct tcbck_report *report = NULL;
	struct heard heard[2];
	struct sysck_err err;
	struct sysck_err_sink errors;

	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	sink = sink_of(&heard[0]);
	tcbck_report_add(report, &sink);
	tcbck_report_add(report, &deaf);
	sink = sink_of(&heard[1]);
	tcbck_report_add(report, &sink);
	tcbck_report_finding(report, &finding, SYSCK_SLICE("db"));
	tcbck_report_count(report, &finding);
	tcbck_report_update(report, SYSCK_SLICE("/x"), "add");
	sysck_err_set(&err, -EINVAL, "bad");
	errors = tcbck_report_errors(report);
	sysck_err_report(&errors, &err);
	tcbck_report_verdict(report, &verdict);
	tcbck_report_note(report, "n%d%s", 1, "o");
	tcbck_report_coverage(report, &coverage);
	CU_ASSERT_EQUAL(tcbck_report_findings(report), 2);
	tcbck_report_settle(report);
	tcbck_report_summary(report, &summary);
	CU_ASSERT_EQUAL(summary.outcomes[TCBCK_OUTCOME_REPORTED], 2);
	CU_ASSERT_EQUAL(summary.definitions, 1);
	CU_ASSERT_EQUAL(tcbck_report_finish(report), TCBCK_EXIT_LEFT | TCBCK_EXIT_FAILED);
	tcbck_report_free(report);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_STRING_EQUAL(heard[i].text, "mode;add;bad;good;n1o;coverage;summary 0 1 12;");
		CU_ASSERT_TRUE(heard[i].freed);
	}
	tcbck_report_free(NULL);
}

/* Exit status for a run with findings of some outcomes. */
static unsigned status_with(unsigned outcomes, bool unverified, bool error, bool cancelled)
{
	struct tcbck_report *report = NULL;
	struct tcbck_summary summary = { .definitions = 0 };
	struct sysck_err err;
	unsigned status;

	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		const struct tcbck_finding finding = { .outcome = (enum tcbck_outcome)i };

		if ((outcomes >> i & 1) != 0)
			tcbck_report_finding(report, &finding, SYSCK_SLICE("db"));
	}
	if (unverified) {
		const struct tcbck_finding finding = { .unverified = true, .outcome = TCBCK_OUTCOME_FIXED };

		tcbck_report_finding(report, &finding, SYSCK_SLICE("db"));
	}
	sysck_err_set(&err, -EINVAL, "bad");
	if (error)
		tcbck_report_error(report, &err);
	if (cancelled)
		tcbck_report_cancelled(report);
	tcbck_report_summary(report, &summary);
	status = tcbck_report_finish(report);
	CU_ASSERT_EQUAL(summary.status, status);
	CU_ASSERT_EQUAL(summary.unverified, unverified);
	tcbck_report_free(report);
	return status;
}

static void exit_status_is_the_sum(void)
{
	for (unsigned outcomes = 0; outcomes < 1u << TCBCK_OUTCOME_COUNT; outcomes++)
		for (unsigned more = 0; more < 8; more++) {
			bool fixed = (outcomes & (1u << TCBCK_OUTCOME_FIXED | 1u << TCBCK_OUTCOME_DATABASE_UPDATED)) != 0;
			bool left = (outcomes & (1u << TCBCK_OUTCOME_REPORTED | 1u << TCBCK_OUTCOME_REFUSED |
						 1u << TCBCK_OUTCOME_FAILED | 1u << TCBCK_OUTCOME_LEFT)) != 0;
			unsigned expected = (fixed ? 1u : 0u) + (left ? 4u : 0u) + ((more & 3) != 0 ? 8u : 0u) +
					    ((more & 4) != 0 ? 32u : 0u);

			CU_ASSERT_EQUAL(status_with(outcomes, (more & 1) != 0, (more & 2) != 0, (more & 4) != 0), expected);
		}
}

static void output_that_fails_is_told_by_the_status(void)
{
	struct tcbck_report *report = NULL;
	struct heard heard[2];
	struct tcbck_sink sink = sink_of(&heard[0]);

	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	tcbck_report_add(report, &sink);
	sink = sink_of(&heard[1]);
	heard[1].finish = -EPIPE;
	tcbck_report_add(report, &sink);
	CU_ASSERT_EQUAL(tcbck_report_finish(report), TCBCK_EXIT_FAILED);
	tcbck_report_free(report);
}

/* Everybody hears of it, and it counts before the summary. */
static void what_was_lost_is_an_error(void)
{
	struct tcbck_report *report = NULL;
	struct tcbck_summary summary = { .definitions = 0 };
	struct heard heard[2];
	struct tcbck_sink sink = sink_of(&heard[0]);

	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	tcbck_report_add(report, &sink);
	sink = sink_of(&heard[1]);
	heard[1].settle = -EAGAIN;
	tcbck_report_add(report, &sink);
	tcbck_report_settle(report);
	tcbck_report_summary(report, &summary);
	CU_ASSERT_EQUAL(tcbck_report_finish(report), TCBCK_EXIT_FAILED);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_STRING_EQUAL(heard[i].text, "lost;summary 0 1 8;");
	tcbck_report_free(report);
}

/* A path in a note has no limit. */
static void long_notes_arrive_whole(void)
{
	struct tcbck_report *report = NULL;
	struct heard heard;
	struct tcbck_sink sink = sink_of(&heard);
	char text[8001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	tcbck_report_add(report, &sink);
	tcbck_report_note(report, "%s", text);
	CU_ASSERT_EQUAL(heard.len, sizeof(text));
	tcbck_report_free(report);
}

void suite_report(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(sinks_hear_everything_in_turn),
		UNIT_TEST(exit_status_is_the_sum),
		UNIT_TEST(output_that_fails_is_told_by_the_status),
		UNIT_TEST(what_was_lost_is_an_error),
		UNIT_TEST(long_notes_arrive_whole),
	};

	unit_add("report", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * inspect.c - the checking modes: one audit of what is named, what is done about its findings, and --why.
 *
 * Knows the order: load, check, decide, repair, tell. Must not know how any of them is done.
 */
#include "inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "judge/coverage.h"
#include "repair/repair.h"
#include "repair/session.h"
#include "repair/undo.h"
#include "report/text.h"
#include "report/why.h"

static int tell_coverage(struct tcbck_run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
			 const struct tcbck_check_result *result)
{
	struct tcbck_class_counts counts;
	int r = tcbck_class_counts(db, targets, &counts);

	if (r < 0)
		return r;
	tcbck_report_coverage(run->report, &(struct tcbck_coverage){ counts.items, counts.count, result->symlinked,
								     result->through_symlink });
	tcbck_class_counts_done(&counts);
	return 0;
}

static void tell_finding(void *context, const struct tcbck_finding *finding)
{
	struct tcbck_run *run = context;

	tcbck_report_finding(run->report, finding, run->file);
}

static void flush_report(void *context)
{
	struct tcbck_run *run = context;

	tcbck_report_flush(run->report);
}

static int new_asker(const struct tcbck_run *run, struct tcbck_asker **ret)
{
	const struct tcbck_asker_options options = {
		.input = STDIN_FILENO,
		.output = STDERR_FILENO,
		.charset = run->charset,
		.colour = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == NULL,
		.stop = run->stop,
	};

	return tcbck_asker_new(&options, ret);
}

/* Repairs by policy, and tells each finding with what became of it. */
static int repair(struct tcbck_run *run, const struct sysck_db *db, struct tcbck_findings *findings, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_update_options update = tcbck_setup_update_options(run, &errors);
	struct tcbck_repair_options options = {
		.policy = run->options->policy,
		.db = db,
		.root = run->root,
		.users = run->users,
		.undo = run->options->undo != NULL ? run->options->undo : TCBCK_UNDO,
		.fix_limit = run->options->fix_limit,
		.charset = run->charset,
		.stop = run->stop,
		.update = &update,
		.tell = tell_finding,
		.flush = flush_report,
		.write = tcbck_text_finding,
		.context = run,
	};
	struct tcbck_repair_result result = { .undo_failed = false };
	int r = 0;

	if (tcbck_policy_asks(options.policy) && new_asker(run, &options.asker) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = tcbck_repair_run(&options, findings, &result, err);
	tcbck_asker_free(options.asker);
	if (r < 0)
		return r;
	if (result.undo_failed) {
		struct sysck_err failure;

		sysck_err_set(&failure, -EIO, "the undo record could not be written; what needed it was not repaired");
		tcbck_report_error(run->report, &failure);
	}
	if (result.cancelled || result.quit)
		tcbck_report_cancelled(run->report);
	if (result.undo[0] != '\0' && tcbck_policy_tells_fixed(options.policy))
		tcbck_report_note(run->report, "tcbck: undo record: %s", result.undo);
	return 0;
}

static int report_check(struct tcbck_run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
			struct tcbck_check_result *result, struct sysck_err *err)
{
	int r = 0;

	run->file = sysck_db_file(db);
	if (tcbck_policy_repairs(run->options->policy) && !result->cancelled)
		r = repair(run, db, &result->findings, err);
	for (size_t i = 0; !(tcbck_policy_repairs(run->options->policy) && !result->cancelled) && i < result->findings.count;
	     i++)
		tell_finding(run, &result->findings.items[i]);
	if (result->cancelled)
		tcbck_report_cancelled(run->report);
	if (r == 0 && run->options->verbose && tell_coverage(run, db, targets, result) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	run->summary.definitions = result->definitions;
	run->summary.objects = result->objects;
	run->checked = true;
	return r;
}

/* Repairing starts only on a database without errors: what it says might be half of what was meant. */
static int check_database(struct tcbck_run *run, const struct sysck_db *db, const struct sysck_err_sink *errors,
			  struct sysck_err *err)
{
	size_t faults = sysck_db_errors(db);
	int r = tcbck_session_judge(db, run->users, errors, &faults);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	return faults == 0 ? 0 : sysck_err_set(err, -EINVAL, "errors in the database: nothing is repaired");
}

/* Audits what the operands name, or ALL; repairs by policy. */
int tcbck_inspect(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
		  struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	struct tcbck_check_options options = { .root = run->root,
					       .users = run->users,
					       .jobs = run->jobs,
					       .mode = tcbck_policy_option(run->options->policy),
					       .stop = run->stop,
					       .counters = &run->counters,
					       .errors = &errors };
	struct tcbck_check_result result;
	struct tcbck_targets targets = { NULL, 0 };
	struct sysck_db *db = NULL;
	size_t unknown = 0;
	int r = tcbck_setup_load(run, &errors, &db, err);

	if (r < 0)
		return r;
	options.db = db;
	if (tcbck_policy_repairs(run->options->policy))
		r = check_database(run, db, &errors, err);
	if (r == 0) {
		r = scope != TCBCK_SCOPE_NAMED ? tcbck_targets_all(db, &targets)
					       : tcbck_targets_named(db, operands, count, &errors, &targets, &unknown);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	if (r == 0) {
		tcbck_setup_start_progress(run);
		r = tcbck_check_run(&options, &targets, &result, err);
		tcbck_setup_stop_progress(run);
	}
	if (r == 0) {
		r = report_check(run, db, &targets, &result, err);
		tcbck_check_result_done(&result);
	}
	tcbck_targets_done(&targets);
	sysck_db_free(db);
	return r;
}

int tcbck_inspect_why(struct tcbck_run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	struct tcbck_check_options options = { .root = run->root,
					       .users = run->users,
					       .jobs = 1,
					       .stop = run->stop,
					       .counters = &run->counters,
					       .errors = &errors };
	struct sysck_db *db = NULL;
	int r = tcbck_setup_load(run, &errors, &db, err);

	if (r < 0)
		return r;
	options.db = db;
	r = tcbck_why(&options, sysck_slice_of(run->options->why), run->report, err);
	sysck_db_free(db);
	return r;
}

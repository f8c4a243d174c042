/*
 * main.c - the front door.
 *
 * The house, in the order in which everything walks through it:
 *
 *	cli.c           argv -> one const struct options
 *	confine.c       what the process may do
 *	setup.c         what a run has open: report, root, database
 *	db/             what should be      store -> stanza -> definition -> database (libsysck)
 *	observe/        what is             path -> walk -> observation
 *	judge/          what differs        definition x observation -> findings; check.c runs one audit
 *	repair/         what is done        policy -> undo -> fix -> outcome; update: the only way back into the database
 *	report/         what is said        text, JSON, syslog, audit, progress; the exit status
 *	inspect.c       the checking modes: load, check, decide, repair, tell
 *
 * main reads the options, opens what a run needs, lets one of the modes do its work, and ends with the status that the
 * report has counted. It is the only exit.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "confine.h"
#include "inspect.h"
#include "repair/update.h"
#include "report/rules.h"
#include "setup.h"

static void report_update(struct tcbck_run *run, const struct tcbck_update_result *result)
{
	if (result->cancelled)
		tcbck_report_cancelled(run->report);
	if (result->errors > 0 || result->cancelled) {
		tcbck_report_note(run->report, "tcbck: nothing was changed");
		return;
	}
	if (result->absent > 0)
		tcbck_report_note(run->report, "tcbck: %zu definition%s left out, of files that are not there", result->absent,
				  result->absent == 1 ? "" : "s");
	if (result->unlinked > 0)
		tcbck_report_note(run->report, "tcbck: links left out for %zu file%s with names outside of the directory",
				  result->unlinked, result->unlinked == 1 ? "" : "s");
	if (run->options->verbose || isatty(STDERR_FILENO) == 1)
		tcbck_report_note(run->report, "tcbck: %zu added, %zu changed, %zu deleted", result->added, result->changed,
				  result->deleted);
}

/* The definitions of `named` that the database now has, as operands. */
static int check_merged(struct tcbck_run *run, const struct sysck_db *named, struct sysck_err *err)
{
	struct sysck_slice *operands = calloc(sysck_db_count(named) + 1, sizeof(*operands));
	struct sysck_db *db = NULL;
	size_t count = 0, index;
	int r = operands == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : tcbck_setup_load(run, NULL, &db, err);

	for (size_t i = 0; r == 0 && i < sysck_db_count(named); i++)
		if (sysck_db_find(db, sysck_db_path(named, i), &index) == 0)
			operands[count++] = sysck_db_path(named, i);
	sysck_db_free(db);
	if (r == 0 && count > 0)
		r = tcbck_inspect(run, TCBCK_SCOPE_NAMED, operands, count, err);
	free(operands);
	return r;
}

/* -a -f: merges, tells what became of it, then checks what was merged and repairs it by policy. */
static int merge_and_check(struct tcbck_run *run, const struct tcbck_update_options *options, struct sysck_buf *bytes,
			   struct sysck_slice name, struct sysck_err *err)
{
	struct tcbck_update_result result = { 0 };
	struct sysck_buf copy = SYSCK_BUF_INIT;
	struct sysck_db *named = NULL;
	int r;

	sysck_buf_add_slice(&copy, sysck_buf_slice(bytes));
	r = sysck_buf_error(&copy) < 0 ? sysck_err_set(err, -ENOMEM, "out of memory")
				       : sysck_db_parse(&copy, name, NULL, &named, err);
	sysck_buf_done(&copy);
	if (r == 0)
		r = tcbck_update_merge(options, bytes, name, run->options->if_present, &result, err);
	tcbck_setup_stop_progress(run);
	if (r == 0) {
		report_update(run, &result);
		if (result.errors == 0 && !result.cancelled)
			r = check_merged(run, named, err);
	}
	sysck_db_free(named);
	return r;
}

static int update_from_file(struct tcbck_run *run, const struct tcbck_update_options *options, struct sysck_err *err)
{
	struct tcbck_update_result result = { 0 };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_slice name;
	int r = tcbck_setup_read_file(run, &bytes, &name, err);

	if (r == 0 && run->options->mode == TCBCK_MODE_ADD) {
		r = merge_and_check(run, options, &bytes, name, err);
	} else if (r == 0) {
		r = tcbck_update_delete_named(options, &bytes, name, &result, err);
		tcbck_setup_stop_progress(run);
		if (r == 0)
			report_update(run, &result);
	}
	sysck_buf_done(&bytes);
	return r;
}

static int update_by_mode(struct tcbck_run *run, const struct tcbck_update_options *update, struct tcbck_update_result *result,
			  struct sysck_err *err)
{
	const struct tcbck_options *options = run->options;

	if (options->mode == TCBCK_MODE_DELETE)
		return tcbck_update_delete(update, options->operands, options->operand_count, result, err);
	if (options->mode == TCBCK_MODE_DEVICES)
		return tcbck_update_devices(update, options->operands, options->operand_count, result, err);
	if (options->tree)
		return tcbck_inspect_register(run, options->operands + 1, options->operand_count - 1, result, err);
	if (options->recursive)
		return tcbck_update_tree(update, options->operands, options->operand_count, result, err);
	if (sysck_slice_equal(options->operands[0], SYSCK_SLICE("sysck")))
		return tcbck_update_settings(update, options->operands, options->operand_count, result, err);
	return tcbck_update_add(update, options->operands, options->operand_count, result, err);
}

static int update(struct tcbck_run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_update_options options = tcbck_setup_update_options(run, &errors);
	struct tcbck_update_result result = { 0 };
	int r;

	tcbck_setup_start_progress(run);
	if (run->options->file != NULL) {
		r = update_from_file(run, &options, err);
		tcbck_setup_stop_progress(run);
		return r;
	}
	r = update_by_mode(run, &options, &result, err);
	tcbck_setup_stop_progress(run);
	if (r == 0)
		report_update(run, &result);
	return r;
}

static int write_rules(struct tcbck_run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_options *options = run->options;
	struct tcbck_rules_options rules = {
		.users = run->users,
		.root = sysck_slice_of(run->root_path),
		.report = run->report,
		.stop = run->stop,
		.descriptor = STDOUT_FILENO,
	};
	struct tcbck_targets targets = { NULL, 0 };
	struct sysck_db *db = NULL;
	size_t unknown = 0;
	int r = tcbck_setup_load(run, &errors, &db, err);

	if (r < 0)
		return r;
	r = options->all ? tcbck_targets_all(db, &targets)
			 : tcbck_targets_named(db, options->operands, options->operand_count, &errors, &targets, &unknown);
	rules.db = db;
	rules.targets = &targets;
	r = r < 0 ? sysck_err_set(err, r, "out of memory") : tcbck_rules_write(&rules, err);
	tcbck_targets_done(&targets);
	sysck_db_free(db);
	return r;
}

static int run_mode(struct tcbck_run *run, struct sysck_err *err)
{
	switch (run->options->mode) {
	case TCBCK_MODE_CHECK:
		return tcbck_inspect(run,
				     run->options->tree  ? TCBCK_SCOPE_TREE
				     : run->options->all ? TCBCK_SCOPE_ALL
							 : TCBCK_SCOPE_NAMED,
				     run->options->operands, run->options->operand_count, err);
	case TCBCK_MODE_WHY: return tcbck_inspect_why(run, err);
	case TCBCK_MODE_AUDIT_RULES: return write_rules(run, err);
	case TCBCK_MODE_ADD:
	case TCBCK_MODE_DELETE:
	case TCBCK_MODE_DEVICES: return update(run, err);
	case TCBCK_MODE_SYNOPSIS:
	case TCBCK_MODE_HELP:
	case TCBCK_MODE_VERSION: break;
	}
	return 0;
}

/* One run from its options to its exit status. */
static unsigned run_options(const struct tcbck_options *options)
{
	struct tcbck_run run;
	struct sysck_err err;
	int r = tcbck_setup_begin(&run, options);

	if (r < 0)
		return TCBCK_EXIT_FAILED;
	r = tcbck_setup_open(&run, &err);
	if (r == 0)
		r = run_mode(&run, &err);
	if (r < 0)
		tcbck_report_error(run.report, &err);
	return tcbck_setup_end(&run);
}

int main(int argc, char **argv)
{
	struct tcbck_options options;
	struct sysck_err err;
	unsigned status;
	int r = tcbck_confine_start(&err);

	if (r < 0) {
		tcbck_cli_complain(&err);
		return (int)TCBCK_EXIT_FAILED;
	}
	r = tcbck_cli_parse(argc, argv, &options, &err);
	if (r < 0) {
		tcbck_cli_complain(&err);
		return (int)(r == -ENOMEM ? TCBCK_EXIT_FAILED : TCBCK_EXIT_USAGE);
	}
	switch (options.mode) {
	case TCBCK_MODE_SYNOPSIS:
		tcbck_cli_synopsis();
		status = TCBCK_EXIT_USAGE;
		break;
	case TCBCK_MODE_HELP:
		tcbck_cli_help();
		status = fflush(stdout) == 0 ? 0 : TCBCK_EXIT_FAILED;
		break;
	case TCBCK_MODE_VERSION:
		tcbck_cli_version();
		status = fflush(stdout) == 0 ? 0 : TCBCK_EXIT_FAILED;
		break;
	case TCBCK_MODE_CHECK:
	case TCBCK_MODE_ADD:
	case TCBCK_MODE_DELETE:
	case TCBCK_MODE_DEVICES:
	case TCBCK_MODE_WHY:
	case TCBCK_MODE_AUDIT_RULES:
	default: status = run_options(&options); break;
	}
	tcbck_cli_done(&options);
	return (int)status;
}

/*
 * change.c - the updating modes: -a, -d, -l, from what the command line names to what is said about it.
 *
 * Knows which update an option asks for, and which check follows it. Must not know how any of them is done.
 */
#include "change.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "inspect.h"

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

static void report_inventory(struct tcbck_run *run, const struct tcbck_inventory_result *result)
{
	if (result->waiting > 0)
		tcbck_report_note(run->report, "tcbck: %zu package%s half installed: left as defined before", result->waiting,
				  result->waiting == 1 ? " is" : "s are");
	if (!run->options->verbose && isatty(STDERR_FILENO) != 1)
		return;
	tcbck_report_note(run->report, "tcbck: %zu package%s, %zu file%s, %zu archive%s read", result->packages,
			  result->packages == 1 ? "" : "s", result->files, result->files == 1 ? "" : "s", result->archives,
			  result->archives == 1 ? "" : "s");
	if (result->unknown > 0)
		tcbck_report_note(run->report, "tcbck: %zu file%s missing that nobody knows the type of: not defined",
				  result->unknown, result->unknown == 1 ? "" : "s");
	if (result->undigested > 0)
		tcbck_report_note(run->report, "tcbck: %zu file%s without a digest in the package: content is not defined",
				  result->undigested, result->undigested == 1 ? "" : "s");
	if (result->unvouched > 0)
		tcbck_report_note(run->report, "tcbck: %zu file%s with owner, group and mode as they are: no archive was there",
				  result->unvouched, result->unvouched == 1 ? "" : "s");
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

/* -a --packages: defines, then checks what is not as its package has it. */
static int update_from_packages(struct tcbck_run *run, const struct tcbck_update_options *update, struct sysck_err *err)
{
	const struct tcbck_options *options = run->options;
	const struct tcbck_inventory_options wanted = { options->operands, options->operand_count, options->archives,
							options->follow };
	struct tcbck_inventory_result result = { .packages = 0 };
	int r = tcbck_update_inventory(update, &wanted, &result, err);

	tcbck_setup_stop_progress(run);
	if (r < 0)
		return r;
	if (result.off && options->verbose)
		tcbck_report_note(run->report, "tcbck: packages are not followed: follow_packages is not yes");
	if (!result.off)
		report_update(run, &result.update);
	if (!result.off && result.update.errors == 0 && !result.update.cancelled) {
		report_inventory(run, &result);
		if (result.wrong_count > 0)
			r = tcbck_inspect(run, TCBCK_SCOPE_NAMED, result.wrong, result.wrong_count, err);
	}
	tcbck_inventory_result_done(&result);
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
	if (options->accept)
		return tcbck_inspect_accept(run, options->all ? TCBCK_SCOPE_ALL : TCBCK_SCOPE_NAMED, options->operands,
					    options->operand_count, result, err);
	if (options->tree)
		return tcbck_inspect_register(run, options->operands + 1, options->operand_count - 1, result, err);
	if (options->recursive)
		return tcbck_update_tree(update, options->operands, options->operand_count, result, err);
	if (sysck_slice_equal(options->operands[0], SYSCK_SLICE("sysck")))
		return tcbck_update_settings(update, options->operands, options->operand_count, result, err);
	return tcbck_update_add(update, options->operands, options->operand_count, result, err);
}

int tcbck_change(struct tcbck_run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_update_options options = tcbck_setup_update_options(run, &errors);
	bool in_steps = run->options->file != NULL || run->options->packages;
	struct tcbck_update_result result = { 0 };
	int r;

	tcbck_setup_start_progress(run);
	if (run->options->packages)
		r = update_from_packages(run, &options, err);
	else if (run->options->file != NULL)
		r = update_from_file(run, &options, err);
	else
		r = update_by_mode(run, &options, &result, err);
	tcbck_setup_stop_progress(run);
	/* While it waited for another update. */
	if (r == -ECANCELED)
		result.cancelled = true;
	if (r == -ECANCELED || (r == 0 && !in_steps))
		report_update(run, &result);
	return r == -ECANCELED ? 0 : r;
}

/*
 * main.c - the front door.
 *
 * The house, in the order in which everything walks through it:
 *
 *	cli.c           argv -> one const struct options
 *	confine.c       what the process may do
 *	db/             what should be      store -> stanza -> definition -> database (libsysck)
 *	observe/        what is             path -> walk -> observation
 *	judge/          what differs        definition x observation -> findings; check.c runs one audit
 *	repair/         what is done        policy -> undo -> fix -> outcome; update: the only way back into the database
 *	report/         what is said        text, JSON, progress; the exit status
 *
 * main reads the options, opens what a run needs, lets one of the modes do its work, and ends with the status that the
 * report has counted. It is the only exit.
 */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "confine.h"
#include "judge/check.h"
#include "judge/coverage.h"
#include "observe/walk.h"
#include "repair/repair.h"
#include "repair/session.h"
#include "repair/undo.h"
#include "repair/update.h"
#include "report/json.h"
#include "report/progress.h"
#include "report/report.h"
#include "report/text.h"
#include "report/why.h"

/* Set by a signal; everything that takes long looks at it. */
static atomic_bool stopped;

static void stop(int number)
{
	(void)number;
	atomic_store_explicit(&stopped, true, memory_order_relaxed);
}

/* Everything one run has open. */
struct run {
	const struct tcbck_options *options;
	struct tcbck_report *report;
	struct tcbck_root *root;
	struct tcbck_users *users;
	char *root_path; /* canonical; NULL on the running system */
	char *database;  /* path of the database */
	enum sysck_store_links links;
	enum sysck_charset charset;
	struct sysck_slice file; /* the database's name, while findings are told */
	struct tcbck_check_counters counters;
	struct tcbck_summary summary;
	bool checked; /* an audit was done: its summary is told */
	struct tcbck_progress *progress;
	struct timespec begun;
	unsigned jobs;
};

static void catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop }, before;

	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* What the caller ignores, as under nohup(1), stays ignored. */
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			(void)sigaction(numbers[i], &action, NULL);
	}
}

static enum sysck_charset terminal_charset(void)
{
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return SYSCK_CHARSET_ASCII;
	return SYSCK_CHARSET_UTF8;
}

static int open_report(struct run *run)
{
	bool fixed = tcbck_policy_tells_fixed(run->options->policy);
	const struct tcbck_text_options text = {
		.descriptor = STDERR_FILENO,
		.charset = run->charset,
		.summary = run->options->verbose || (fixed && isatty(STDERR_FILENO) == 1),
		.fixed = fixed,
	};
	struct tcbck_sink sink;
	int r = tcbck_report_new(&run->report);

	if (r == 0)
		r = run->options->json ? tcbck_json_new(STDOUT_FILENO, fixed, &sink) : tcbck_text_new(&text, &sink);
	if (r == 0)
		tcbck_report_add(run->report, &sink);
	return r;
}

/*
 * A database that is not the caller's to choose: in a privileged run one that is named must be readable for him. Trust is
 * the store's matter.
 */
static int choose_database(struct run *run, struct sysck_err *err)
{
	const char *name = run->options->database;
	int r = 0;

	if (name != NULL)
		r = tcbck_confine_check_readable(name, err);
	if (r < 0)
		return r;
	run->links = SYSCK_STORE_FOLLOW;
	if (name != NULL) {
		run->database = strdup(name);
	} else if (run->root_path != NULL) {
		run->links = SYSCK_STORE_NO_LINKS;
		if (asprintf(&run->database, "%s%s", run->root_path, "/etc/security/sysck.cfg") < 0)
			run->database = NULL;
	} else {
		run->database = strdup(TCBCK_DATABASE);
	}
	return run->database == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : 0;
}

/* In a privileged run another root must be as trusted as a database: looked at as the place of one. */
static int check_root(const char *path, struct sysck_err *err)
{
	struct sysck_store *store;
	char *inside;
	int r;

	if (!tcbck_confine_is_privileged())
		return 0;
	if (asprintf(&inside, "%s/etc", path) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = sysck_store_open(inside, SYSCK_STORE_NO_LINKS, &store, err);
	if (r == 0)
		sysck_store_close(store);
	free(inside);
	return r == -EISDIR ? 0 : r;
}

/* In a privileged run the caller has no say in where root writes. */
static int check_undo(const struct run *run, struct sysck_err *err)
{
	if (run->options->undo == NULL || !tcbck_confine_is_privileged())
		return 0;
	return sysck_err_set(err, -EPERM, "--undo: only root names the directory of undo records");
}

static int open_root(struct run *run, struct sysck_err *err)
{
	const char *name = run->options->root;
	char quoted[SYSCK_QUOTE_MAX];
	int r = 0;

	if (name != NULL && strcmp(name, "/") != 0) {
		r = tcbck_confine_check_readable(name, err);
		if (r < 0)
			return r;
		run->root_path = realpath(name, NULL);
		if (run->root_path == NULL)
			return sysck_err_errno(err, -errno, "--root %s",
					       sysck_quote(sysck_slice_of(name), quoted, sizeof(quoted)));
		r = check_root(run->root_path, err);
	}
	if (r == 0)
		r = tcbck_root_open(run->root_path, &run->root, err);
	if (r == 0)
		r = tcbck_users_open(run->root, &run->users, err);
	return r;
}

static void start_progress(struct run *run)
{
	enum tcbck_progress_choice choice = run->options->progress;

	if (choice == TCBCK_PROGRESS_OFF || (choice == TCBCK_PROGRESS_AUTOMATIC && isatty(STDERR_FILENO) != 1))
		return;
	if (tcbck_progress_start(STDERR_FILENO, &run->counters, &run->progress) < 0)
		run->progress = NULL;
}

static void stop_progress(struct run *run)
{
	tcbck_progress_stop(run->progress);
	run->progress = NULL;
}

static void tell_error(void *context, const struct sysck_err *err)
{
	struct run *run = context;

	stop_progress(run);
	tcbck_report_error(run->report, err);
}

/* Where errors go while a progress line may be drawn: it ends first. */
static struct sysck_err_sink errors_of(struct run *run)
{
	return (struct sysck_err_sink){ tell_error, run };
}

static double seconds_since(const struct timespec *begun)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/* Reads the database for a check. Errors in it were reported; the run goes on with what reads. */
static int load(struct run *run, const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	int r = sysck_store_open(run->database, run->links, &store, err);

	if (r == 0)
		r = sysck_store_read(store, &bytes, err);
	sysck_store_close(store);
	if (r == 0)
		r = sysck_db_parse(&bytes, sysck_slice_of(run->database), errors, ret, err);
	sysck_buf_done(&bytes);
	if (r == -ENOENT) {
		sysck_err_set(err, r, "no such database; -a makes one, --database names another");
		sysck_err_place(err, sysck_slice_of(run->database), 0, 0);
	}
	return r;
}

static int tell_coverage(struct run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
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
	struct run *run = context;

	tcbck_report_finding(run->report, finding, run->file);
}

static void flush_report(void *context)
{
	struct run *run = context;

	tcbck_report_flush(run->report);
}

static struct tcbck_update_options update_options(struct run *run, const struct sysck_err_sink *errors)
{
	return (struct tcbck_update_options){
		.database = run->database,
		.links = run->links,
		.root = run->root,
		.users = run->users,
		.jobs = run->jobs,
		.stop = &stopped,
		.counters = &run->counters,
		.errors = errors,
	};
}

static int new_asker(const struct run *run, struct tcbck_asker **ret)
{
	const struct tcbck_asker_options options = {
		.input = STDIN_FILENO,
		.output = STDERR_FILENO,
		.charset = run->charset,
		.colour = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == NULL,
		.stop = &stopped,
	};

	return tcbck_asker_new(&options, ret);
}

/* Repairs by policy, and tells each finding with what became of it. */
static int repair(struct run *run, const struct sysck_db *db, struct tcbck_findings *findings, struct sysck_err *err)
{
	const struct sysck_err_sink errors = errors_of(run);
	const struct tcbck_update_options update = update_options(run, &errors);
	struct tcbck_repair_options options = {
		.policy = run->options->policy,
		.db = db,
		.root = run->root,
		.users = run->users,
		.undo = run->options->undo != NULL ? run->options->undo : TCBCK_UNDO,
		.fix_limit = run->options->fix_limit,
		.charset = run->charset,
		.stop = &stopped,
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

static int report_check(struct run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
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
static int check_database(struct run *run, const struct sysck_db *db, const struct sysck_err_sink *errors,
			  struct sysck_err *err)
{
	size_t faults = sysck_db_errors(db);
	int r = tcbck_session_judge(db, run->users, errors, &faults);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	return faults == 0 ? 0 : sysck_err_set(err, -EINVAL, "errors in the database: nothing is repaired");
}

/* Audits what the operands name, or ALL; repairs by policy. */
static int audit(struct run *run, bool all, const struct sysck_slice *operands, size_t count, struct sysck_err *err)
{
	const struct sysck_err_sink errors = errors_of(run);
	struct tcbck_check_options options = { .root = run->root,
					       .users = run->users,
					       .jobs = run->jobs,
					       .mode = tcbck_policy_option(run->options->policy),
					       .stop = &stopped,
					       .counters = &run->counters,
					       .errors = &errors };
	struct tcbck_check_result result;
	struct tcbck_targets targets = { NULL, 0 };
	struct sysck_db *db = NULL;
	size_t unknown = 0;
	int r = load(run, &errors, &db, err);

	if (r < 0)
		return r;
	options.db = db;
	if (tcbck_policy_repairs(run->options->policy))
		r = check_database(run, db, &errors, err);
	if (r == 0) {
		r = all ? tcbck_targets_all(db, &targets)
			: tcbck_targets_named(db, operands, count, &errors, &targets, &unknown);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	if (r == 0) {
		start_progress(run);
		r = tcbck_check_run(&options, &targets, &result, err);
		stop_progress(run);
	}
	if (r == 0) {
		r = report_check(run, db, &targets, &result, err);
		tcbck_check_result_done(&result);
	}
	tcbck_targets_done(&targets);
	sysck_db_free(db);
	return r;
}

static int why(struct run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = errors_of(run);
	struct tcbck_check_options options = { .root = run->root,
					       .users = run->users,
					       .jobs = 1,
					       .stop = &stopped,
					       .counters = &run->counters,
					       .errors = &errors };
	struct sysck_db *db = NULL;
	int r = load(run, &errors, &db, err);

	if (r < 0)
		return r;
	options.db = db;
	r = tcbck_why(&options, sysck_slice_of(run->options->why), run->report, err);
	sysck_db_free(db);
	return r;
}

/* Reads the file of -f. In a privileged run it must be as trusted as a database, and readable for the caller. */
static int read_file(const struct run *run, struct sysck_buf *ret, struct sysck_slice *ret_name, struct sysck_err *err)
{
	const char *name = run->options->file;
	struct sysck_store *store = NULL;
	int descriptor, r;

	*ret_name = strcmp(name, "-") == 0 ? SYSCK_SLICE("standard input") : sysck_slice_of(name);
	if (strcmp(name, "-") == 0 && tcbck_confine_is_privileged())
		return sysck_err_set(err, -EPERM, "-f -: root trusts no standard input of another user");
	if (strcmp(name, "-") == 0)
		return sysck_store_read_descriptor(STDIN_FILENO, *ret_name, ret, err);
	if (tcbck_confine_is_privileged()) {
		r = tcbck_confine_check_readable(name, err);
		if (r == 0)
			r = sysck_store_open(name, SYSCK_STORE_FOLLOW, &store, err);
		if (r == 0)
			r = sysck_store_read(store, ret, err);
		sysck_store_close(store);
		return r;
	}
	descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (descriptor < 0) {
		r = sysck_err_errno(err, -errno, "cannot be opened");
		sysck_err_place(err, *ret_name, 0, 0);
		return r;
	}
	r = sysck_store_read_descriptor(descriptor, *ret_name, ret, err);
	close(descriptor);
	return r;
}

static void report_update(struct run *run, const struct tcbck_update_result *result)
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
static int check_merged(struct run *run, const struct sysck_db *named, struct sysck_err *err)
{
	struct sysck_slice *operands = calloc(sysck_db_count(named) + 1, sizeof(*operands));
	struct sysck_db *db = NULL;
	size_t count = 0, index;
	int r = operands == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : load(run, NULL, &db, err);

	for (size_t i = 0; r == 0 && i < sysck_db_count(named); i++)
		if (sysck_db_find(db, sysck_db_path(named, i), &index) == 0)
			operands[count++] = sysck_db_path(named, i);
	sysck_db_free(db);
	if (r == 0 && count > 0)
		r = audit(run, false, operands, count, err);
	free(operands);
	return r;
}

/* -a -f: merges, tells what became of it, then checks what was merged and repairs it by policy. */
static int merge_and_check(struct run *run, const struct tcbck_update_options *options, struct sysck_buf *bytes,
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
	stop_progress(run);
	if (r == 0) {
		report_update(run, &result);
		if (result.errors == 0 && !result.cancelled)
			r = check_merged(run, named, err);
	}
	sysck_db_free(named);
	return r;
}

static int update_from_file(struct run *run, const struct tcbck_update_options *options, struct sysck_err *err)
{
	struct tcbck_update_result result = { 0 };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_slice name;
	int r = read_file(run, &bytes, &name, err);

	if (r == 0 && run->options->mode == TCBCK_MODE_ADD) {
		r = merge_and_check(run, options, &bytes, name, err);
	} else if (r == 0) {
		r = tcbck_update_delete_named(options, &bytes, name, &result, err);
		stop_progress(run);
		if (r == 0)
			report_update(run, &result);
	}
	sysck_buf_done(&bytes);
	return r;
}

static int update_by_mode(struct run *run, const struct tcbck_update_options *update, struct tcbck_update_result *result,
			  struct sysck_err *err)
{
	const struct tcbck_options *options = run->options;

	if (options->mode == TCBCK_MODE_DELETE)
		return tcbck_update_delete(update, options->operands, options->operand_count, result, err);
	if (options->mode == TCBCK_MODE_DEVICES)
		return tcbck_update_devices(update, options->operands, options->operand_count, result, err);
	if (options->recursive)
		return tcbck_update_tree(update, options->operands, options->operand_count, result, err);
	if (sysck_slice_equal(options->operands[0], SYSCK_SLICE("sysck")))
		return tcbck_update_settings(update, options->operands, options->operand_count, result, err);
	return tcbck_update_add(update, options->operands, options->operand_count, result, err);
}

static int update(struct run *run, struct sysck_err *err)
{
	const struct sysck_err_sink errors = errors_of(run);
	const struct tcbck_update_options options = update_options(run, &errors);
	struct tcbck_update_result result = { 0 };
	int r;

	start_progress(run);
	if (run->options->file != NULL) {
		r = update_from_file(run, &options, err);
		stop_progress(run);
		return r;
	}
	r = update_by_mode(run, &options, &result, err);
	stop_progress(run);
	if (r == 0)
		report_update(run, &result);
	return r;
}

static int run_mode(struct run *run, struct sysck_err *err)
{
	switch (run->options->mode) {
	case TCBCK_MODE_CHECK: return audit(run, run->options->all, run->options->operands, run->options->operand_count, err);
	case TCBCK_MODE_WHY: return why(run, err);
	case TCBCK_MODE_ADD:
	case TCBCK_MODE_DELETE:
	case TCBCK_MODE_DEVICES: return update(run, err);
	case TCBCK_MODE_SYNOPSIS:
	case TCBCK_MODE_HELP:
	case TCBCK_MODE_VERSION: break;
	}
	return 0;
}

static bool only_reads(const struct tcbck_options *options)
{
	return options->mode == TCBCK_MODE_WHY || (options->mode == TCBCK_MODE_CHECK && !tcbck_policy_repairs(options->policy));
}

/* One run from its options to its exit status. */
static unsigned run_options(const struct tcbck_options *options)
{
	struct run run = { .options = options, .jobs = options->jobs > 0 ? options->jobs : tcbck_walk_default_jobs() };
	struct sysck_err err;
	unsigned status = TCBCK_EXIT_FAILED;
	int r;

	(void)clock_gettime(CLOCK_MONOTONIC, &run.begun);
	run.charset = terminal_charset();
	catch_signals();
	if (open_report(&run) < 0)
		return TCBCK_EXIT_FAILED;
	r = only_reads(options) ? tcbck_confine_to_reading(&err) : 0;
	if (r == 0)
		r = check_undo(&run, &err);
	if (r == 0)
		r = open_root(&run, &err);
	if (r == 0)
		r = choose_database(&run, &err);
	if (r == 0)
		r = run_mode(&run, &err);
	if (r < 0)
		tcbck_report_error(run.report, &err);
	run.summary.bytes = atomic_load(&run.counters.bytes);
	run.summary.seconds = seconds_since(&run.begun);
	/* The last line of JSON is always the summary, whatever happened. */
	if (run.checked || options->json)
		tcbck_report_summary(run.report, &run.summary);
	status = tcbck_report_finish(run.report);
	tcbck_report_free(run.report);
	tcbck_users_free(run.users);
	tcbck_root_free(run.root);
	free(run.root_path);
	free(run.database);
	return status;
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
	default: status = run_options(&options); break;
	}
	tcbck_cli_done(&options);
	return (int)status;
}

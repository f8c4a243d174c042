/*
 * setup.c - everything one run has open: its report, root, database and counters.
 *
 * Knows the options and what they name; gives a run that the modes work with, and at its end the exit status. Must not look
 * at what is audited.
 */
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "confine.h"
#include "observe/crew.h"
#include "report/audit.h"
#include "report/file.h"
#include "report/json.h"
#include "report/syslog.h"
#include "report/text.h"

/* Set by a signal; everything that takes long looks at it. */
static atomic_bool stopped;

static void stop(int number)
{
	(void)number;
	atomic_store_explicit(&stopped, true, memory_order_relaxed);
}

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

static enum tcbck_text_explanations explanations_of(const struct tcbck_options *options)
{
	if (options->verbose || options->unexplained || options->accept)
		return TCBCK_TEXT_EXPLAIN_ALL;
	return tcbck_policy_asks(options->policy) ? TCBCK_TEXT_EXPLAIN_PACKAGED : TCBCK_TEXT_EXPLAIN_NOTHING;
}

static int open_report(struct tcbck_run *run)
{
	bool fixed = tcbck_policy_tells_fixed(run->options->policy);
	bool checks = run->options->mode == TCBCK_MODE_CHECK || run->options->file != NULL;
	const struct tcbck_text_options text = {
		.descriptor = STDERR_FILENO,
		.charset = run->charset,
		.summary = checks && (run->options->verbose || (fixed && isatty(STDERR_FILENO) == 1)),
		.fixed = fixed,
		.explanations = explanations_of(run->options),
		.stop = run->stop,
	};
	const struct tcbck_json_options json = { .descriptor = STDOUT_FILENO, .fixed = fixed, .stop = run->stop };
	struct tcbck_sink sink;
	int r = tcbck_report_new(&run->report);

	if (r == 0)
		r = run->options->json ? tcbck_json_new(&json, &sink) : tcbck_text_new(&text, &sink);
	if (r == 0)
		tcbck_report_add(run->report, &sink);
	return r;
}

/* --report: a file that can't be had is an error of the run, which is done all the same. */
static int open_file(struct tcbck_run *run)
{
	struct tcbck_json_options json = { .file = run->options->report, .fixed = true, .stop = run->stop };
	struct tcbck_sink sink;
	struct sysck_err err;
	int r = 0;

	if (json.file == NULL)
		return 0;
	/* In a privileged run the caller has no say in where root writes. */
	if (tcbck_confine_is_privileged())
		r = sysck_err_set(&err, -EPERM, "--report: only root names a file for reports");
	if (r == 0)
		r = tcbck_file_open(json.file, &json.descriptor, &err);
	if (r < 0) {
		tcbck_report_error(run->report, &err);
		return 0;
	}
	r = tcbck_json_new(&json, &sink);
	if (r < 0)
		close(json.descriptor);
	else
		tcbck_report_add(run->report, &sink);
	return r;
}

/* What is asked about one path, or printed as rules, is no event. */
static bool has_trail(const struct tcbck_options *options)
{
	return options->mode != TCBCK_MODE_WHY && options->mode != TCBCK_MODE_AUDIT_RULES;
}

static int open_trail(struct tcbck_run *run)
{
	const struct tcbck_syslog_options options = { TCBCK_SYSLOG_SOCKET, sysck_slice_of(run->root_path) };
	struct tcbck_sink sink;
	int r;

	if (!has_trail(run->options))
		return 0;
	r = run->audit_off ? 0 : tcbck_audit_new(options.root, &sink);
	if (r == 0 && !run->audit_off)
		tcbck_report_add(run->report, &sink);
	if (r < 0 || !run->options->syslog)
		return r;
	r = tcbck_syslog_new(&options, &sink);
	if (r == 0)
		tcbck_report_add(run->report, &sink);
	return r;
}

/*
 * A database that is not the caller's to choose: in a privileged run one that is named must be readable for him. Trust is
 * the store's matter.
 */
static int choose_database(struct tcbck_run *run, struct sysck_err *err)
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

/* In a privileged run the caller has no say in where root writes, nor in what holds it in. */
static int check_privileged(const struct tcbck_run *run, struct sysck_err *err)
{
	if (!tcbck_confine_is_privileged())
		return 0;
	if (run->options->undo != NULL)
		return sysck_err_set(err, -EPERM, "--undo: only root names the directory of undo records");
	if (run->options->archives != NULL)
		return sysck_err_set(err, -EPERM, "--deb: only root names a directory of archives");
	if (run->options->unconfined)
		return sysck_err_set(err, -EPERM, "--no-confine: only root goes without confinement");
	return 0;
}

static int open_root(struct tcbck_run *run, struct sysck_err *err)
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

void tcbck_setup_start_progress(struct tcbck_run *run)
{
	enum tcbck_progress_choice choice = run->options->progress;

	if (choice == TCBCK_PROGRESS_OFF || (choice == TCBCK_PROGRESS_AUTOMATIC && isatty(STDERR_FILENO) != 1))
		return;
	if (tcbck_progress_start(STDERR_FILENO, &run->counters, &run->progress) < 0)
		run->progress = NULL;
}

void tcbck_setup_stop_progress(struct tcbck_run *run)
{
	tcbck_progress_stop(run->progress);
	run->progress = NULL;
}

static void tell_error(void *context, const struct sysck_err *err)
{
	struct tcbck_run *run = context;

	tcbck_setup_stop_progress(run);
	tcbck_report_error(run->report, err);
}

/* Where errors go while a progress line may be drawn: it ends first. */
struct sysck_err_sink tcbck_setup_errors(struct tcbck_run *run)
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
int tcbck_setup_load(struct tcbck_run *run, const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err)
{
	return tcbck_setup_load_named(run, NULL, 0, errors, ret, err);
}

static bool only_reads(const struct tcbck_options *options)
{
	return options->mode == TCBCK_MODE_WHY || options->mode == TCBCK_MODE_AUDIT_RULES ||
	       (options->mode == TCBCK_MODE_CHECK && !tcbck_policy_repairs(options->policy));
}

int tcbck_setup_load_named(struct tcbck_run *run, const struct sysck_slice *names, size_t count,
			   const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err)
{
	const struct sysck_crew crew = tcbck_crew_lend(&run->jobs);
	const struct sysck_load_options options = {
		.errors = errors,
		.names = names,
		.name_count = count,
		.crew = &crew,
		/* What is repaired is what was read, whatever becomes of the file. */
		.mapped = run->options->mode == TCBCK_MODE_CHECK && only_reads(run->options),
	};
	struct sysck_store *store = NULL;
	int r = sysck_store_open(run->database, run->links, &store, err);

	if (r == 0)
		r = sysck_db_read(store, sysck_slice_of(run->database), &options, ret, err);
	if (r == 0)
		run->defined = sysck_store_time(store);
	sysck_store_close(store);
	if (r == -ENOENT) {
		sysck_err_set(err, r, "no such database; -a makes one, --database names another");
		sysck_err_place(err, sysck_slice_of(run->database), 0, 0);
	}
	return r;
}

/* Reads the file of -f. In a privileged run it must be as trusted as a database, and readable for the caller. */
int tcbck_setup_read_file(const struct tcbck_run *run, struct sysck_buf *ret, struct sysck_slice *ret_name,
			  struct sysck_err *err)
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

int tcbck_setup_begin(struct tcbck_run *run, const struct tcbck_options *options)
{
	*run = (struct tcbck_run){
		.options = options,
		.jobs = options->jobs > 0 ? options->jobs : tcbck_crew_default_jobs(),
		.stop = &stopped,
	};
	(void)clock_gettime(CLOCK_MONOTONIC, &run->begun);
	run->charset = terminal_charset();
	catch_signals();
	return open_report(run);
}

int tcbck_setup_open(struct tcbck_run *run, struct sysck_err *err)
{
	const struct tcbck_confine_needs needs = { .changes = !only_reads(run->options) };
	int r = open_file(run);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	/* To ask takes a right that is given up next. */
	if (has_trail(run->options))
		run->audit_off = tcbck_audit_is_off();
	r = tcbck_confine_capabilities(&needs, err);
	if (r == 0)
		r = check_privileged(run, err);
	if (r == 0)
		r = open_root(run, err);
	if (r == 0)
		r = choose_database(run, err);
	if (r == 0) {
		r = open_trail(run);
		if (r < 0)
			sysck_err_errno(err, r, "cannot open the audit trail");
	}
	return r;
}

/* What name services load, they load now: no code is loaded afterwards. */
static int load_name_services(const struct tcbck_run *run, struct sysck_err *err)
{
	struct sysck_names *names = NULL;
	uint32_t id;

	if (tcbck_users_names(run->users, &names) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	(void)sysck_names_user_id(names, SYSCK_SLICE("tcbck-nobody"), &id);
	(void)sysck_names_group_id(names, SYSCK_SLICE("tcbck-nobody"), &id);
	sysck_names_free(names);
	return 0;
}

int tcbck_setup_confine(struct tcbck_run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
			struct sysck_err *err)
{
	const struct tcbck_confine_needs needs = {
		.changes = !only_reads(run->options),
		.programs = tcbck_root_is_host(run->root) && tcbck_targets_run_commands(db, targets),
		.plain = run->options->unconfined,
	};
	int r = load_name_services(run, err);

	return r < 0 ? r : tcbck_confine_to(&needs, run->confinement, err);
}

static void tell_update(void *context, struct sysck_slice path, const char *function)
{
	struct tcbck_run *run = context;

	tcbck_setup_stop_progress(run);
	tcbck_report_update(run->report, path, function);
}

struct tcbck_update_options tcbck_setup_update_options(struct tcbck_run *run, const struct sysck_err_sink *errors)
{
	return (struct tcbck_update_options){
		.database = run->database,
		.links = run->links,
		.root = run->root,
		.users = run->users,
		.jobs = run->jobs,
		.stop = run->stop,
		.counters = &run->counters,
		.errors = errors,
		.changed = tell_update,
		.context = run,
	};
}

unsigned tcbck_setup_end(struct tcbck_run *run)
{
	unsigned status;

	run->summary.bytes = atomic_load(&run->counters.bytes);
	run->summary.seconds = seconds_since(&run->begun);
	tcbck_report_settle(run->report);
	/* The last line of JSON is always the summary, whatever happened. */
	if (run->checked || run->options->json || run->options->report != NULL)
		tcbck_report_summary(run->report, &run->summary);
	status = tcbck_report_finish(run->report);
	tcbck_report_free(run->report);
	tcbck_packages_free(run->packages);
	tcbck_users_free(run->users);
	tcbck_root_free(run->root);
	free(run->root_path);
	free(run->database);
	return status;
}

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
 *	change.c        the updating modes
 *
 * main reads the options, opens what a run needs, lets one of the modes do its work, and ends with the status that the
 * report has counted. It is the only exit.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "change.h"
#include "cli.h"
#include "confine.h"
#include "inspect.h"
#include "report/rules.h"
#include "setup.h"

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
	case TCBCK_MODE_DEVICES: return tcbck_change(run, err);
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

/*
 * The database that a check has mapped (sysck_db_read()) was cut short, or can't be read: whichever thread it is that looks at
 * it, there is no going on.
 */
static void lose_database(int number, siginfo_t *info, void *context)
{
	static const char text[] = "tcbck: the database was cut short while it was being checked, or cannot be read\n";

	(void)context;
	if (info->si_code == BUS_ADRERR && write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		_exit((int)TCBCK_EXIT_FAILED);
	(void)signal(number, SIG_DFL);
}

static void catch_loss(void)
{
	struct sigaction action = { .sa_sigaction = lose_database, .sa_flags = SA_SIGINFO };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
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
	catch_loss();
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

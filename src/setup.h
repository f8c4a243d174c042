/*
 * setup.h - everything one run has open: its report, root, database and counters.
 */
#ifndef TCBCK_SETUP_H
#define TCBCK_SETUP_H

#include <stdatomic.h>
#include <time.h>

#include <sysck/store.h>
#include <sysck/sysck.h>

#include "cli.h"
#include "confine.h"
#include "judge/check.h"
#include "observe/packages.h"
#include "repair/update.h"
#include "report/progress.h"
#include "report/report.h"

/* One run, from its options to its exit status. */
struct tcbck_run {
	const struct tcbck_options *options;
	struct tcbck_report *report;
	struct tcbck_root *root;
	struct tcbck_users *users;
	char *root_path; /* canonical; NULL on the running system */
	char *database;  /* path of the database */
	enum sysck_store_links links;
	enum sysck_charset charset;
	struct tcbck_packages *packages; /* read before the run was confined; NULL: not needed so early */
	bool packages_failed;            /* that was tried, and told */
	struct sysck_slice file;         /* the database's name, while findings are told */
	struct timespec defined;         /* when the database that was read was last changed */
	struct tcbck_check_counters counters;
	struct tcbck_summary summary;
	bool checked;   /* an audit was done: its summary is told */
	bool audit_off; /* nobody takes records of the audit system */
	struct tcbck_progress *progress;
	struct timespec begun;
	unsigned jobs;
	const atomic_bool *stop;                  /* becomes true on SIGINT, SIGTERM, SIGHUP */
	char confinement[TCBCK_CONFINE_NOTE_MAX]; /* how far it is confined; empty: not decided */
};

/*
 * Begins a run: catches signals and opens the report. `options` must outlive it. Returns 0, after which tcbck_setup_end() is
 * due, or -ENOMEM.
 */
int tcbck_setup_begin(struct tcbck_run *run, const struct tcbck_options *options);

/*
 * Gives up what the mode does not need, then opens the root and its users and chooses the database. In a privileged run
 * nothing is opened that the caller could not read himself. 0, or a negative errno with `err` set.
 */
int tcbck_setup_open(struct tcbck_run *run, struct sysck_err *err);

/*
 * Reads the database. Errors in it go to `errors` (may be NULL); what reads is in *ret, which the caller frees with
 * sysck_db_free(). 0, or a negative errno with `err` set when there is no database to work with.
 */
int tcbck_setup_load(struct tcbck_run *run, const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err);

/*
 * The same with the definitions of these names only (count 0: all), of which there should be few. All other stanzas are read
 * for their errors, and forgotten.
 */
int tcbck_setup_load_named(struct tcbck_run *run, const struct sysck_slice *names, size_t count,
			   const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err);

/*
 * Gives up what auditing these definitions (and repairing them, if the mode does) does not need; before any thread is
 * started, and once. 0, or a negative errno with `err` set.
 */
int tcbck_setup_confine(struct tcbck_run *run, const struct sysck_db *db, const struct tcbck_targets *targets,
			struct sysck_err *err);

/*
 * Reads the file of -f into `ret` (the caller's); *ret_name is how messages call it. In a privileged run it must be as
 * trusted as a database. 0, or a negative errno with `err` set.
 */
int tcbck_setup_read_file(const struct tcbck_run *run, struct sysck_buf *ret, struct sysck_slice *ret_name,
			  struct sysck_err *err);

/* Starts the progress line where the options and the terminal want one, and ends it. Both may be called at any time. */
void tcbck_setup_start_progress(struct tcbck_run *run);
void tcbck_setup_stop_progress(struct tcbck_run *run);

/* Where errors go while a progress line may be drawn: it ends first. Valid as long as the run. */
struct sysck_err_sink tcbck_setup_errors(struct tcbck_run *run);

/* What every update of this run is given; `errors` must outlive what is returned. */
struct tcbck_update_options tcbck_setup_update_options(struct tcbck_run *run, const struct sysck_err_sink *errors);

/* Tells the summary, closes everything, and returns the exit status. */
unsigned tcbck_setup_end(struct tcbck_run *run);

#endif

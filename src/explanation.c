/*
 * explanation.c - what the package manager says of an audit's findings, and what is done about those that it explains.
 *
 * Knows when a package manager is asked: only where there is something to explain, and somebody who wants to know. Must not
 * know how anything is explained.
 */
#include "explanation.h"

#include <errno.h>

#include "judge/explain.h"
#include "judge/origins.h"
#include "observe/package.h"
#include "repair/update.h"
#include "report/text.h"

bool tcbck_explanation_wanted(const struct tcbck_run *run)
{
	const struct tcbck_options *options = run->options;

	return options->unexplained || options->accept || options->verbose || options->json || options->report != NULL ||
	       tcbck_policy_asks(options->policy);
}

/* Is there a difference at all? */
static bool has_difference(const struct tcbck_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!findings->items[i].unverified)
			return true;
	return false;
}

/*
 * What an unprivileged caller may not read counts as not known: a package is then newer if it is newer than the database.
 */
static int read_origins(const struct tcbck_run *run, struct tcbck_origins **ret, struct sysck_err *err)
{
	int r = tcbck_origins_read(run->database, run->links, ret, err);

	if (r == -EACCES)
		r = tcbck_origins_new(ret) < 0 ? sysck_err_set(err, -ENOMEM, "out of memory") : 0;
	return r;
}

/* Reads the table, which belongs to the run, once. What failed, and was told, has nothing more to say. */
static int read_packages(struct tcbck_run *run, struct sysck_err *err)
{
	const struct tcbck_package_options options = { .root = run->root, .users = run->users, .stop = run->stop };

	if (run->packages_failed)
		return -ENOENT;
	return run->packages != NULL ? 0 : tcbck_package_read(&options, &run->packages, NULL, err);
}

void tcbck_explanation_prepare(struct tcbck_run *run)
{
	struct sysck_err err;
	int r = 0;

	if (tcbck_package_needs_freedom(run->root))
		r = read_packages(run, &err);
	if (r == 0 || r == -ENOENT)
		return;
	run->packages_failed = true;
	tcbck_report_error(run->report, &err);
}

int tcbck_explanation_find(struct tcbck_run *run, const struct sysck_db *db, struct tcbck_findings *findings,
			   struct sysck_err *err)
{
	struct tcbck_explain_options options = {
		.db = db,
		.root = run->root,
		.users = run->users,
		.defined = run->defined,
		.jobs = run->jobs,
		.stop = run->stop,
		.counters = &run->counters,
	};
	struct tcbck_origins *origins = NULL;
	int r;

	if (!has_difference(findings))
		return 0;
	r = read_packages(run, err);
	if (r == 0)
		r = read_origins(run, &origins, err);
	options.packages = run->packages;
	options.origins = origins;
	if (r == 0)
		r = tcbck_explain(&options, findings, err);
	if (r == 0 && tcbck_packages_is_partial(run->packages))
		r = sysck_err_set(err, -EBADMSG, "not all packages could be read: what is of none of them is not explained");
	tcbck_origins_free(origins);
	if (r == 0 || r == -ENOMEM || r == -ENOENT)
		return r == -ENOENT ? 0 : r;
	tcbck_report_error(run->report, err);
	return 0;
}

size_t tcbck_explanation_hide(struct tcbck_findings *findings)
{
	size_t count = 0, hidden;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].unverified || findings->items[i].explanation != TCBCK_EXPLAINED)
			findings->items[count++] = findings->items[i];
	hidden = findings->count - count;
	findings->count = count;
	return hidden;
}

bool tcbck_explanation_ask(struct tcbck_run *run, struct tcbck_asker *asker, const struct tcbck_findings *findings)
{
	struct sysck_buf more = SYSCK_BUF_INIT;
	bool accepted;

	for (size_t i = 0; i < findings->count; i++)
		if (!findings->items[i].unverified && findings->items[i].explanation == TCBCK_EXPLAINED) {
			sysck_buf_add_text(&more, "  ");
			tcbck_text_finding(&findings->items[i], run->charset, &more);
			sysck_buf_add_char(&more, '\n');
		}
	tcbck_report_flush(run->report);
	accepted = tcbck_asker_accept(asker, tcbck_update_acceptable(findings), sysck_buf_slice(&more));
	sysck_buf_done(&more);
	return accepted;
}

/* False if it is of no package: nothing is told. */
static bool tell_package(struct tcbck_run *run, const struct tcbck_origins *origins, struct sysck_slice path,
			 struct sysck_slice resolved)
{
	const struct tcbck_packages *packages = run->packages;
	char quoted[SYSCK_QUOTE_MAX], name[SYSCK_QUOTE_MAX], version[SYSCK_QUOTE_MAX];
	const struct tcbck_package *package;
	const char *what;
	size_t first;

	sysck_quote(path, quoted, sizeof(quoted));
	if (tcbck_packages_find(packages, resolved, &first) == 0)
		return false;
	package = tcbck_packages_get(packages, tcbck_packages_at(packages, first)->package);
	what = !package->whole                        ? "which is half installed"
	       : !tcbck_origins_has(origins, package) ? "which is not in the inventory"
	       : tcbck_origins_same(origins, package) ? "which is as the inventory has it"
						      : "which is newer than the inventory";
	tcbck_report_note(run->report, "%s: of package %s %s, %s", quoted, sysck_quote(package->name, name, sizeof(name)),
			  sysck_quote(package->version, version, sizeof(version)), what);
	return true;
}

int tcbck_explanation_why(struct tcbck_run *run, const struct sysck_db *db, struct sysck_slice path, struct sysck_err *err)
{
	struct tcbck_origins *origins = NULL;
	struct tcbck_opener *opener = NULL;
	struct tcbck_place place;
	int r = read_packages(run, err);

	if (r == 0)
		r = read_origins(run, &origins, err);
	if (r == 0 && tcbck_opener_new(run->root, &opener) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0) {
		bool found = tcbck_path_find(opener, path, &place, NULL) == 0;

		if (tell_package(run, origins, path, found ? place.resolved : path))
			tcbck_report_note(run->report, "tcbck: packages are %s (follow_packages)",
					  sysck_db_settings(db)->follow_packages ? "followed" : "not followed");
	}
	tcbck_opener_free(opener);
	tcbck_origins_free(origins);
	return r == -ENOENT ? 0 : r;
}

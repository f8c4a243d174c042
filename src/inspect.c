/*
 * inspect.c - the checking modes: one audit of what is named, what is done about its findings, and --why.
 *
 * Knows the order: load, check, decide, repair, tell. Must not know how any of them is done.
 */
#include "inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "explanation.h"
#include "judge/coverage.h"
#include "repair/repair.h"
#include "repair/session.h"
#include "repair/undo.h"
#include "report/text.h"
#include "report/why.h"

/* As many names are compared with each stanza of the database sooner than all of them are kept. */
#define FEW_PATHS 16

/* What one audit has found. */
struct audit {
	struct sysck_db *db;
	struct tcbck_targets targets;
	struct tcbck_check_result result;
	struct tcbck_tree_coverage tree;
	bool has_tree;
	bool only_known;           /* the definitions are not judged */
	struct tcbck_asker *asker; /* of -t */
	bool accepted;             /* what was explained is in the database: it is audited again */
};

#define AUDIT_INIT ((struct audit){ .result = { .findings = TCBCK_FINDINGS_INIT }, .tree = { .arena = SYSCK_ARENA_INIT } })

static int tell_coverage(struct tcbck_run *run, const struct audit *audit)
{
	const struct tcbck_check_result *result = &audit->result;
	struct tcbck_class_counts counts;
	int r = tcbck_class_counts(audit->db, &audit->targets, &counts);

	if (r < 0)
		return r;
	tcbck_report_note(run->report, "tcbck: %s", run->confinement);
	tcbck_report_coverage(run->report,
			      &(struct tcbck_coverage){ counts.items, counts.count, result->symlinked, result->through_symlink,
							audit->has_tree ? &audit->tree : NULL });
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
static int repair(struct tcbck_run *run, const struct sysck_db *db, struct tcbck_findings *findings, struct tcbck_asker *asker,
		  struct sysck_err *err)
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
		.asker = asker,
		.stop = run->stop,
		.update = &update,
		.tell = tell_finding,
		.flush = flush_report,
		.write = tcbck_text_finding,
		.context = run,
	};
	struct tcbck_repair_result result = { .undo_failed = false };
	int r = tcbck_repair_run(&options, findings, &result, err);

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

static int report_audit(struct tcbck_run *run, struct audit *audit, struct sysck_err *err)
{
	struct tcbck_findings *findings = &audit->result.findings;
	bool repairs = tcbck_policy_repairs(run->options->policy) && !audit->result.cancelled;
	int r = 0;

	run->file = sysck_db_file(audit->db);
	if (repairs)
		r = repair(run, audit->db, findings, audit->asker, err);
	for (size_t i = 0; !repairs && i < findings->count; i++)
		tell_finding(run, &findings->items[i]);
	if (audit->result.cancelled)
		tcbck_report_cancelled(run->report);
	if (r == 0 && run->options->verbose && tell_coverage(run, audit) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	run->summary.definitions = audit->result.definitions;
	run->summary.objects = audit->has_tree ? audit->tree.objects : audit->result.objects;
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
	return faults == 0 ? 0 : sysck_err_set(err, -EINVAL, "errors in the database: nothing is changed");
}

/* The walk of the tree, after its definitions: strays come behind the findings of these. */
static int walk_tree(struct tcbck_run *run, const struct tcbck_known *known, struct audit *audit, struct sysck_err *err)
{
	const struct tcbck_tree_options options = {
		.db = audit->db,
		.root = run->root,
		.users = run->users,
		.known = known,
		.jobs = run->jobs,
		.below_too = run->options->below_too,
		.stop = run->stop,
		.counters = &run->counters,
	};
	int r = audit->result.cancelled ? 0 : tcbck_tree_run(&options, &audit->result.findings, &audit->tree, err);

	if (r < 0 || audit->result.cancelled)
		return r;
	audit->has_tree = true;
	audit->result.cancelled = audit->tree.cancelled;
	tcbck_findings_sort(&audit->result.findings);
	return 0;
}

static int check(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_err_sink *errors, struct audit *audit,
		 struct sysck_err *err)
{
	struct tcbck_check_options options = {
		.db = audit->db,
		.root = run->root,
		.users = run->users,
		.jobs = run->jobs,
		.mode = tcbck_policy_option(run->options->policy),
		.stop = run->stop,
		.counters = &run->counters,
		.errors = errors,
		.only_known = audit->only_known,
	};
	int r = 0;

	if (scope == TCBCK_SCOPE_TREE && tcbck_known_new(run->jobs, &options.known) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = tcbck_check_run(&options, &audit->targets, &audit->result, err);
	if (r == 0 && options.known != NULL && tcbck_known_freeze(options.known) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0 && options.known != NULL) {
		r = walk_tree(run, options.known, audit, err);
		/* What was found of the definitions is told all the same, where nothing else is done about it. */
		if (r < 0 && r != -ENOMEM && !audit->only_known && !tcbck_policy_repairs(run->options->policy)) {
			tcbck_report_error(run->report, err);
			r = 0;
		}
	}
	tcbck_known_free(options.known);
	return r;
}

/* True if the definitions of a few paths are all that the audit needs: not to choose by class, nor to judge before a repair. */
static bool are_few_paths(const struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count)
{
	bool paths = scope == TCBCK_SCOPE_NAMED && count <= FEW_PATHS && !tcbck_policy_repairs(run->options->policy) &&
		     !run->options->accept;

	for (size_t i = 0; paths && i < count; i++)
		paths = operands[i].len > 0 && operands[i].data[0] == '/';
	return paths;
}

/* Takes what is explained into the database; told is what was taken. */
static int accept(struct tcbck_run *run, struct audit *audit, struct tcbck_update_result *ret, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_update_options update = tcbck_setup_update_options(run, &errors);
	struct tcbck_findings *findings = &audit->result.findings;
	int r = tcbck_update_accept(&update, audit->db, findings, ret, err);

	run->file = sysck_db_file(audit->db);
	for (size_t i = 0; r == 0 && i < findings->count; i++)
		if (findings->items[i].outcome == TCBCK_OUTCOME_DATABASE_UPDATED)
			tell_finding(run, &findings->items[i]);
	/* Where nothing was taken, another audit would find the same. */
	audit->accepted = r == 0 && ret->errors == 0 && ret->changed + ret->deleted > 0;
	return r;
}

/* What packages explain: left out, or, with -t, accepted where somebody says so. */
static int explain(struct tcbck_run *run, struct audit *audit, struct sysck_err *err)
{
	struct tcbck_findings *findings = &audit->result.findings;
	struct tcbck_update_result accepted;
	size_t hidden;
	int r;

	if (audit->result.cancelled || !tcbck_explanation_wanted(run))
		return 0;
	r = tcbck_explanation_find(run, audit->db, findings, err);
	if (r == 0 && audit->asker != NULL && tcbck_update_acceptable(findings) > 0 &&
	    (run->options->accept || tcbck_explanation_ask(run, audit->asker, findings)))
		r = accept(run, audit, &accepted, err);
	if (r < 0 || !run->options->unexplained)
		return r;
	hidden = tcbck_explanation_hide(findings);
	if (hidden > 0 && (run->options->verbose || isatty(STDERR_FILENO) == 1))
		tcbck_report_note(run->report, "tcbck: %zu finding%s left out: explained by packages", hidden,
				  hidden == 1 ? "" : "s");
	return 0;
}

static int choose(const struct sysck_db *db, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
		  const struct sysck_err_sink *errors, struct tcbck_targets *ret, struct sysck_err *err)
{
	size_t unknown = 0;
	int r = scope != TCBCK_SCOPE_NAMED ? tcbck_targets_all(db, ret)
					   : tcbck_targets_named(db, operands, count, errors, ret, &unknown);

	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

/* Audits once. `audit` has what was found; the caller ends it. */
static int examine(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
		   struct audit *audit, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	int r = are_few_paths(run, scope, operands, count)
			? tcbck_setup_load_named(run, operands, count, &errors, &audit->db, err)
			: tcbck_setup_load(run, &errors, &audit->db, err);

	if (r < 0)
		return r;
	if (tcbck_policy_repairs(run->options->policy) || run->options->accept)
		r = check_database(run, audit->db, &errors, err);
	if (r == 0)
		r = choose(audit->db, scope, operands, count, &errors, &audit->targets, err);
	if (r == 0 && tcbck_explanation_wanted(run))
		tcbck_explanation_prepare(run);
	if (r == 0 && run->confinement[0] == '\0')
		r = tcbck_setup_confine(run, audit->db, &audit->targets, err);
	if (r == 0) {
		atomic_store(&run->counters.done, 0);
		tcbck_setup_start_progress(run);
		r = check(run, scope, &errors, audit, err);
		tcbck_setup_stop_progress(run);
	}
	return r;
}

static void end_audit(struct audit *audit)
{
	tcbck_check_result_done(&audit->result);
	tcbck_tree_coverage_done(&audit->tree);
	tcbck_targets_done(&audit->targets);
	sysck_db_free(audit->db);
}

/* What was judged may be half of the one text and half of the other. */
static void tell_torn(struct tcbck_run *run, const struct sysck_db *db)
{
	struct sysck_err err;

	sysck_err_set(&err, -ESTALE, "changed while it was being checked; the result is not to be trusted: check again");
	sysck_err_place(&err, sysck_db_file(db), 0, 0);
	tcbck_report_error(run->report, &err);
}

/* Audits what the operands name, or everything; repairs by policy. What was accepted is judged by its new definitions. */
int tcbck_inspect(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
		  struct sysck_err *err)
{
	struct tcbck_asker *asker = NULL;
	bool again = true;
	int r = 0;

	if (tcbck_policy_asks(run->options->policy) && new_asker(run, &asker) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	while (r == 0 && again) {
		struct audit audit = AUDIT_INIT;

		audit.asker = asker;
		r = examine(run, scope, operands, count, &audit, err);
		if (r == 0)
			r = explain(run, &audit, err);
		again = audit.accepted;
		if (r == 0 && !again)
			r = report_audit(run, &audit, err);
		if (r == 0 && !sysck_db_is_as_read(audit.db))
			tell_torn(run, audit.db);
		end_audit(&audit);
	}
	tcbck_asker_free(asker);
	return r;
}

int tcbck_inspect_accept(struct tcbck_run *run, enum tcbck_scope scope, const struct sysck_slice *operands, size_t count,
			 struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct audit audit = AUDIT_INIT;
	struct tcbck_update_result result = { .added = 0 };
	struct tcbck_findings *findings = &audit.result.findings;
	int r = examine(run, scope, operands, count, &audit, err);

	if (r == 0 && audit.result.cancelled)
		result.cancelled = true;
	else if (r == 0)
		r = tcbck_explanation_find(run, audit.db, findings, err);
	run->summary.definitions = audit.result.definitions;
	run->summary.objects = audit.result.objects;
	if (r == 0 && !result.cancelled)
		r = accept(run, &audit, &result, err);
	for (size_t i = 0; r == 0 && i < findings->count; i++)
		if (findings->items[i].outcome != TCBCK_OUTCOME_DATABASE_UPDATED)
			tell_finding(run, &findings->items[i]);
	end_audit(&audit);
	if (r == 0)
		*ret = result;
	return r;
}

/* The database as it is, or an empty one where there is none yet. */
static int load_or_begin(struct tcbck_run *run, const struct sysck_err_sink *errors, struct sysck_db **ret,
			 struct sysck_err *err)
{
	struct sysck_buf nothing = SYSCK_BUF_INIT;
	int r = tcbck_setup_load(run, errors, ret, err);

	return r == -ENOENT ? sysck_db_parse(&nothing, sysck_slice_of(run->database), errors, ret, err) : r;
}

/* Keeps the strays alone: this is no check of what is defined. */
static void keep_strays(struct tcbck_findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].index == TCBCK_NO_DEFINITION)
			findings->items[count++] = findings->items[i];
	findings->count = count;
}

static void tell_registered(struct tcbck_run *run, const struct tcbck_update_result *result, struct tcbck_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct tcbck_finding *finding = &findings->items[i];

		if (finding->unverified) {
			tell_finding(run, finding);
		} else if (result->errors == 0 && !result->cancelled && finding->outcome != TCBCK_OUTCOME_LEFT) {
			finding->outcome = TCBCK_OUTCOME_DATABASE_UPDATED;
			tcbck_report_registered(run->report, finding, run->file);
		}
	}
}

int tcbck_inspect_register(struct tcbck_run *run, const struct sysck_slice *operands, size_t count,
			   struct tcbck_update_result *ret, struct sysck_err *err)
{
	const struct sysck_err_sink errors = tcbck_setup_errors(run);
	const struct tcbck_update_options options = tcbck_setup_update_options(run, &errors);
	struct audit audit = AUDIT_INIT;
	struct sysck_db *db = NULL;
	int r = load_or_begin(run, &errors, &db, err);

	if (r < 0)
		return r;
	audit.db = db;
	audit.only_known = true;
	r = check_database(run, db, &errors, err);
	if (r == 0 && tcbck_targets_all(db, &audit.targets) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = check(run, TCBCK_SCOPE_TREE, &errors, &audit, err);
	keep_strays(&audit.result.findings);
	if (r == 0 && audit.result.cancelled)
		*ret = (struct tcbck_update_result){ .cancelled = true };
	else if (r == 0)
		r = tcbck_update_register(&options, audit.result.findings.items, audit.result.findings.count, operands, count,
					  ret, err);
	tcbck_setup_stop_progress(run);
	if (r == 0)
		tell_registered(run, ret, &audit.result.findings);
	end_audit(&audit);
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
	size_t index = 0;
	struct tcbck_targets targets = { &index, 1 };
	struct sysck_db *db = NULL;
	int r = tcbck_setup_load(run, &errors, &db, err);

	if (r < 0)
		return r;
	options.db = db;
	if (sysck_db_find(db, sysck_slice_of(run->options->why), &index) < 0)
		targets.count = 0;
	if (targets.count > 0)
		tcbck_explanation_prepare(run);
	r = tcbck_setup_confine(run, db, &targets, err);
	if (r == 0)
		r = tcbck_why(&options, sysck_slice_of(run->options->why), run->report, err);
	if (r == 0 && targets.count > 0)
		r = tcbck_explanation_why(run, db, sysck_slice_of(run->options->why), err);
	sysck_db_free(db);
	return r;
}

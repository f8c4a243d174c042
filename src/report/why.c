/*
 * why.c - why one path is found good or not.
 *
 * Knows how a single judgement is told in full; uses the same observation and judgement as an audit. Must not have an opinion
 * of its own.
 */
#include "report/why.h"

#include <errno.h>

#include "judge/judge.h"
#include "observe/crew.h"
#include "observe/observe.h"

/* One path that is explained. */
struct why {
	const struct tcbck_check_options *options;
	struct tcbck_report *report;
	struct sysck_slice path;
	struct sysck_names *names;
	struct tcbck_observer *observer;
	struct sysck_arena arena;
	struct tcbck_findings findings;
};

static bool is_below(struct sysck_slice path, struct sysck_slice directory)
{
	if (directory.len == 1)
		return true;
	return path.len >= directory.len && memcmp(path.data, directory.data, directory.len) == 0 &&
	       (path.len == directory.len || path.data[directory.len] == '/');
}

static bool tell_settings_of(const struct why *why, const struct sysck_list *directories, const char *setting)
{
	char quoted[SYSCK_QUOTE_MAX], directory[SYSCK_QUOTE_MAX];
	bool any = false;

	for (size_t i = 0; i < directories->count; i++) {
		if (!is_below(why->path, directories->items[i]))
			continue;
		tcbck_report_note(why->report, "%s: %s applies: below %s", sysck_quote(why->path, quoted, sizeof(quoted)),
				  setting, sysck_quote(directories->items[i], directory, sizeof(directory)));
		any = true;
	}
	return any;
}

static void tell_undefined(const struct why *why)
{
	const struct sysck_settings *settings = sysck_db_settings(why->options->db);
	char quoted[SYSCK_QUOTE_MAX], file[SYSCK_QUOTE_MAX];
	struct sysck_err err;
	bool any;

	sysck_quote(why->path, quoted, sizeof(quoted));
	sysck_err_set(&err, -ENOENT, "%s: no definition of that path in %s", quoted,
		      sysck_quote(sysck_db_file(why->options->db), file, sizeof(file)));
	tcbck_report_error(why->report, &err);
	any = tell_settings_of(why, &settings->treeck_novfs, "treeck_novfs");
	any = tell_settings_of(why, &settings->treeck_nodir, "treeck_nodir") || any;
	if (!any)
		tcbck_report_note(why->report, "%s: no setting applies to it", quoted);
}

static void tell_definition(const struct why *why, const struct sysck_def *def)
{
	struct sysck_buf text = SYSCK_BUF_INIT;

	sysck_buf_add_quoted(&text, def->path, SYSCK_CHARSET_UTF8);
	sysck_buf_add_text(&text, ": defined in ");
	sysck_buf_add_quoted(&text, sysck_db_file(why->options->db), SYSCK_CHARSET_UTF8);
	sysck_buf_add_format(&text, ":%u, class ", def->line);
	for (size_t i = 0; sysck_def_has(def, SYSCK_ATTR_CLASS) && i < def->classes.count; i++) {
		sysck_buf_add_text(&text, i > 0 ? "," : "");
		sysck_buf_add_item(&text, def->classes.items[i]);
	}
	if (!sysck_def_has(def, SYSCK_ATTR_CLASS))
		sysck_buf_add_text(&text, "none");
	if (sysck_buf_error(&text) == 0)
		tcbck_report_note(why->report, "%.*s", (int)text.len, text.data);
	sysck_buf_done(&text);
}

/* The finding about that attribute, or NULL. */
static const struct tcbck_finding *finding_of(const struct why *why, unsigned kind)
{
	for (size_t i = 0; i < why->findings.count; i++)
		if (why->findings.items[i].kind == kind)
			return &why->findings.items[i];
	return NULL;
}

static void tell_attribute(const struct why *why, const struct tcbck_judgement *judgement, const struct tcbck_observation *o,
			   enum sysck_attr attribute)
{
	const struct tcbck_finding *finding = finding_of(why, attribute);
	struct sysck_buf wanted = SYSCK_BUF_INIT, present = SYSCK_BUF_INIT;
	struct tcbck_verdict verdict = { why->path, sysck_attr_name(attribute), "good", { "", 0 }, { "", 0 } };

	tcbck_judge_write_expected(judgement, attribute, &wanted);
	if (finding != NULL && finding->unverified) {
		verdict.verdict = "unverified";
		sysck_buf_add_slice(&present, finding->reason);
	} else if (finding != NULL) {
		verdict.verdict = "differs";
		sysck_buf_add_slice(&present, finding->actual);
	} else if ((o->is.present & SYSCK_ATTR_BIT(attribute)) != 0) {
		tcbck_judge_write_actual(judgement, o, attribute, &present);
	} else {
		sysck_buf_add_text(&present, "not looked at");
	}
	verdict.wanted = sysck_buf_slice(&wanted);
	verdict.present = sysck_buf_slice(&present);
	if (sysck_buf_error(&wanted) == 0 && sysck_buf_error(&present) == 0)
		tcbck_report_verdict(why->report, &verdict);
	sysck_buf_done(&wanted);
	sysck_buf_done(&present);
}

static void tell_verdicts(const struct why *why, const struct tcbck_judgement *judgement, const struct tcbck_observation *o)
{
	bool whole = o->presence == TCBCK_PRESENT && (finding_of(why, SYSCK_ATTR_TYPE) == NULL);

	/* A finding about the object as a whole is told as an audit tells it. */
	for (size_t i = 0; i < why->findings.count; i++) {
		const struct tcbck_finding *finding = &why->findings.items[i];

		if (whole && finding->kind < SYSCK_ATTR_COUNT)
			tcbck_report_count(why->report, finding);
		else
			tcbck_report_finding(why->report, finding, sysck_db_file(why->options->db));
	}
	for (int i = 0; whole && i < SYSCK_ATTR_COUNT; i++)
		if (i != SYSCK_ATTR_CLASS && sysck_def_has(judgement->def, (enum sysck_attr)i))
			tell_attribute(why, judgement, o, (enum sysck_attr)i);
}

static int explain(struct why *why, size_t index)
{
	const struct sysck_db *db = why->options->db;
	const struct sysck_def_options reading = { why->names, &why->arena, why->options->errors, false };
	struct tcbck_observation observation;
	struct tcbck_judgement judgement;
	struct sysck_def def;
	int r = sysck_db_def(db, index, &reading, &def);

	if (r < 0)
		return r;
	tell_definition(why, &def);
	r = tcbck_observe(why->observer, &def, def.present, &why->arena, &observation);
	judgement = (struct tcbck_judgement){ &def, index, why->names, sysck_db_settings(db)->checksum_is_default };
	if (r == 0)
		r = tcbck_judge(&judgement, &observation, &why->findings);
	if (r == 0)
		tell_verdicts(why, &judgement, &observation);
	return r;
}

static int explain_duplicates(struct why *why, size_t index)
{
	size_t count;
	const struct sysck_duplicate *duplicates = sysck_db_duplicates(why->options->db, &count);

	for (size_t i = 0; i < count; i++)
		if (duplicates[i].first == index) {
			const struct tcbck_finding finding = {
				.kind = TCBCK_KIND_DUPLICATE,
				.path = why->path,
				.actual = SYSCK_SLICE("defined again"),
				.expected = SYSCK_SLICE("defined once"),
				.line = sysck_db_line(why->options->db, duplicates[i].index),
			};

			tcbck_report_finding(why->report, &finding, sysck_db_file(why->options->db));
		}
	return 0;
}

int tcbck_why(const struct tcbck_check_options *options, struct sysck_slice path, struct tcbck_report *report,
	      struct sysck_err *err)
{
	const struct tcbck_observer_options observing = { .root = options->root,
							  .settings = sysck_db_settings(options->db),
							  .stop = options->stop };
	struct why why = { .options = options, .report = report, .path = path, .findings = TCBCK_FINDINGS_INIT };
	size_t index;
	int r = sysck_path_check(path, err);

	if (r < 0)
		return r;
	if (sysck_db_find(options->db, path, &index) < 0) {
		tell_undefined(&why);
		return 0;
	}
	r = tcbck_observer_new(&observing, &why.observer, err);
	if (r == 0) {
		r = tcbck_users_names(options->users, &why.names);
		if (r == 0)
			r = explain(&why, index);
		if (r == 0)
			r = explain_duplicates(&why, index);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	if (tcbck_crew_is_stopped(options->stop))
		tcbck_report_cancelled(report);
	tcbck_observer_free(why.observer);
	sysck_names_free(why.names);
	sysck_arena_done(&why.arena);
	tcbck_findings_done(&why.findings);
	return r;
}

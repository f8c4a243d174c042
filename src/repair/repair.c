/*
 * repair.c - all findings of an audit, one object after the other, by policy.
 *
 * Knows the order of a run: count what is grave, ask, repair, tell. Must never repair anything when more than the
 * limit would be
 * taken away, and never two objects at once.
 */
#include "repair/repair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "observe/crew.h"
#include "observe/observe.h"
#include "repair/fix.h"

struct run {
	const struct tcbck_repair_options *options;
	struct tcbck_findings *findings;
	struct tcbck_fixer fixer;
	struct tcbck_observer_options observing;
	struct sysck_arena arena; /* of the object in hand */
	struct tcbck_repair_result result;
};

/* Text that is escaped for UTF-8, where only ASCII can be shown. */
static void add_escaped(struct sysck_buf *out, struct sysck_slice text, enum sysck_charset charset)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x80 && charset == SYSCK_CHARSET_ASCII)
			sysck_buf_add_format(out, "\\x%02x", c);
		else
			sysck_buf_add_char(out, text.data[i]);
	}
}

/* Is the database an undo record? */
static bool is_record(const struct tcbck_repair_options *options)
{
	struct sysck_slice name = sysck_db_file(options->db);
	char *copy = strndup(name.data, name.len);
	char *file = copy == NULL ? NULL : realpath(copy, NULL), *undo = realpath(options->undo, NULL);
	size_t len = undo == NULL ? 0 : strlen(undo);
	bool is = file != NULL && len > 0 && strncmp(file, undo, len) == 0 && file[len] == '/';

	free(copy);
	free(file);
	free(undo);
	return is;
}

static int start(struct run *run, struct sysck_err *err)
{
	const struct tcbck_repair_options *options = run->options;
	int r;

	run->observing = (struct tcbck_observer_options){ .root = options->root, .settings = sysck_db_settings(options->db) };
	run->fixer.root = options->root;
	run->fixer.db = options->db;
	run->fixer.all = run->findings;
	run->fixer.undoing = is_record(options);
	run->fixer.sum_numbers = sysck_db_settings(options->db)->checksum_is_default;
	r = tcbck_observer_new(&run->observing, &run->fixer.observer, err);
	if (r < 0)
		return r;
	r = tcbck_opener_new(options->root, &run->fixer.opener);
	if (r == 0)
		r = tcbck_users_names(options->users, &run->fixer.names);
	if (r == 0)
		r = tcbck_undo_new(options->undo, run->fixer.names, &run->fixer.undo);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

static void end(struct run *run)
{
	tcbck_undo_free(run->fixer.undo);
	tcbck_observer_free(run->fixer.observer);
	tcbck_opener_free(run->fixer.opener);
	sysck_names_free(run->fixer.names);
	sysck_arena_done(&run->arena);
}

/* Objects that would be disabled, removed or stripped. */
static size_t count_grave(struct run *run)
{
	const struct tcbck_findings *findings = run->findings;
	const struct tcbck_finding *last = NULL;
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (tcbck_fix_is_grave(&findings->items[i]) &&
		    (last == NULL || !tcbck_finding_same_object(last, &findings->items[i])) &&
		    !tcbck_fix_stray_stays(&run->fixer, &findings->items[i])) {
			last = &findings->items[i];
			count++;
		}
	return count;
}

static void refuse_all(struct run *run, size_t grave)
{
	char text[160];
	struct sysck_slice reason = { "", 0 };

	(void)snprintf(text, sizeof(text), "%zu objects would be disabled or stripped, more than --fix-limit %zu", grave,
		       run->options->fix_limit);
	(void)sysck_arena_copy(&run->findings->arena, sysck_slice_of(text), &reason);
	for (size_t i = 0; i < run->findings->count; i++) {
		struct tcbck_finding *finding = &run->findings->items[i];

		if (!finding->unverified && finding->remedy != TCBCK_REMEDY_NONE) {
			finding->outcome = TCBCK_OUTCOME_REFUSED;
			finding->reason = reason;
		}
		run->options->tell(run->options->context, finding);
	}
	run->result.limited = true;
}

/* What `?` shows. */
static void write_more(const struct run *run, const struct tcbck_finding *finding, struct sysck_buf *out)
{
	enum sysck_charset charset = run->options->charset;

	sysck_buf_add_text(out, "  path       ");
	sysck_buf_add_quoted(out, finding->path, charset);
	sysck_buf_add_format(out, "\n  attribute  %s\n  is         ", tcbck_kind_name(finding->kind));
	add_escaped(out, finding->actual, charset);
	sysck_buf_add_text(out, "\n  should be  ");
	add_escaped(out, finding->expected, charset);
	sysck_buf_add_text(out, "\n  class      ");
	for (size_t i = 0; i < finding->classes.count; i++) {
		sysck_buf_add_text(out, i > 0 ? "," : "");
		sysck_buf_add_quoted(out, finding->classes.items[i], charset);
	}
	sysck_buf_add_text(out, finding->classes.count > 0 ? "\n  defined    " : "none\n  defined    ");
	if (finding->line > 0) {
		sysck_buf_add_quoted(out, sysck_db_file(run->options->db), charset);
		sysck_buf_add_format(out, ":%u\n", finding->line);
	} else {
		sysck_buf_add_text(out, "nowhere\n");
	}
	if (finding->package.len > 0) {
		sysck_buf_add_text(out, "  package    ");
		sysck_buf_add_quoted(out, finding->package, charset);
		sysck_buf_add_char(out, '\n');
	}
	if (finding->remedy == TCBCK_REMEDY_DISABLE)
		sysck_buf_add_text(out, "  fixing     takes all access away: no source to restore it from\n");
	if (finding->remedy == TCBCK_REMEDY_REMOVE)
		sysck_buf_add_text(out, "  fixing     removes it\n");
	if (finding->remedy == TCBCK_REMEDY_STRIP)
		sysck_buf_add_text(out, "  fixing     takes that away; the file stays\n");
	sysck_buf_add_text(out, "  y fix  n leave  u take it into the database  a fix all of this attribute\n"
				"  s leave all of this attribute  q leave everything else\n");
}

static enum tcbck_answer ask(struct run *run, const struct tcbck_finding *finding)
{
	struct sysck_buf sentence = SYSCK_BUF_INIT, more = SYSCK_BUF_INIT;
	enum tcbck_answer answer = TCBCK_ANSWER_LEAVE;

	run->options->write(finding, run->options->charset, &sentence);
	write_more(run, finding, &more);
	run->options->flush(run->options->context);
	if (sysck_buf_error(&sentence) == 0 && sysck_buf_error(&more) == 0)
		answer =
			tcbck_asker_ask(run->options->asker, finding->kind, sysck_buf_slice(&sentence), sysck_buf_slice(&more));
	sysck_buf_done(&sentence);
	sysck_buf_done(&more);
	return answer;
}

/* The first error of an update, for the outcome's reason. */
static void keep_first(void *context, const struct sysck_err *err)
{
	struct sysck_err *first = context;

	if (first->code == 0)
		*first = *err;
}

/* `links` or `symlinks` with the names that are right. */
static int write_good_names(struct run *run, const struct sysck_def *def, unsigned kind, struct sysck_buf *out)
{
	const struct sysck_list *paths = kind == SYSCK_ATTR_LINKS ? &def->links : &def->symlinks;
	struct tcbck_observation o;
	int r = tcbck_observe(run->fixer.observer, def, SYSCK_ATTR_BIT(kind), &run->arena, &o);
	const struct tcbck_link *links;
	size_t good = 0;

	if (r < 0 || o.presence != TCBCK_PRESENT)
		return -EINVAL;
	links = kind == SYSCK_ATTR_LINKS ? o.links : o.symlinks;
	sysck_buf_add_format(out, "%s=", sysck_attr_name((enum sysck_attr)kind));
	for (size_t i = 0; i < paths->count; i++) {
		if (links[i].state != TCBCK_LINK_GOOD)
			continue;
		sysck_buf_add_text(out, good++ > 0 ? "," : "");
		sysck_buf_add_item(out, paths->items[i]);
	}
	if (good == 0)
		sysck_buf_add_text(out, "\"\"");
	if (kind == SYSCK_ATTR_LINKS && o.link_count != good + 1)
		return -EINVAL;
	return sysck_buf_error(out);
}

/* The operands that change the definition to what is: the attribute, or a new type without what it can't have. */
static size_t write_operands(struct run *run, const struct sysck_def *def, const struct tcbck_finding *finding,
			     struct sysck_slice operands[SYSCK_ATTR_COUNT + 2], struct sysck_buf *value)
{
	size_t count = 0;
	enum sysck_type type;

	operands[count++] = def->path;
	if (finding->kind == SYSCK_ATTR_LINKS || finding->kind == SYSCK_ATTR_SYMLINKS) {
		if (write_good_names(run, def, finding->kind, value) < 0)
			return 0;
		operands[count++] = sysck_buf_slice(value);
		return count;
	}
	operands[count++] = sysck_slice_of(sysck_attr_name((enum sysck_attr)finding->kind));
	if (finding->kind != SYSCK_ATTR_TYPE || sysck_type_parse(finding->actual, &type, NULL) < 0)
		return count;
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		char text[32];
		struct sysck_slice copy;

		if (!sysck_def_has(def, (enum sysck_attr)i) || sysck_attr_applies((enum sysck_attr)i, type))
			continue;
		(void)snprintf(text, sizeof(text), "%s=", sysck_attr_name((enum sysck_attr)i));
		if (sysck_arena_copy(&run->arena, sysck_slice_of(text), &copy) == 0)
			operands[count++] = copy;
	}
	return count;
}

static void update(struct run *run, const struct sysck_def *def, struct tcbck_finding *finding)
{
	struct sysck_err first = { .code = 0 }, err;
	const struct sysck_err_sink sink = { keep_first, &first };
	struct tcbck_update_options options = *run->options->update;
	struct sysck_slice operands[SYSCK_ATTR_COUNT + 2];
	struct sysck_buf value = SYSCK_BUF_INIT;
	struct tcbck_update_result result;
	size_t count;
	int r;

	options.errors = &sink;
	if (finding->index == TCBCK_NO_DEFINITION) {
		r = tcbck_update_register(&options, finding, 1, NULL, 0, &result, &err);
	} else if (finding->kind == TCBCK_KIND_MISSING) {
		r = tcbck_update_delete(&options, &def->path, 1, &result, &err);
	} else {
		count = write_operands(run, def, finding, operands, &value);
		r = count == 0 ? sysck_err_set(&err, -EINVAL, "its other names are not known; define them with -a")
			       : tcbck_update_add(&options, operands, count, &result, &err);
	}
	sysck_buf_done(&value);
	if (r == 0 && result.errors > 0)
		err = first;
	if (r == 0 && result.errors == 0 && (finding->unverified || finding->outcome == TCBCK_OUTCOME_LEFT)) {
		/* It stays what somebody was asked about. */
		finding->unverified = false;
		finding->outcome = TCBCK_OUTCOME_FAILED;
		return;
	}
	if (r == 0 && result.errors == 0) {
		finding->outcome = TCBCK_OUTCOME_DATABASE_UPDATED;
		return;
	}
	finding->outcome = TCBCK_OUTCOME_FAILED;
	if (sysck_arena_copy(&run->findings->arena, sysck_slice_of(err.text), &finding->reason) < 0)
		finding->reason = SYSCK_SLICE("out of memory");
}

/* Decides about one finding. What is left is settled. */
static enum tcbck_answer decide(struct run *run, struct tcbck_finding *finding)
{
	enum tcbck_answer answer;

	if (finding->unverified || finding->remedy == TCBCK_REMEDY_NONE || run->result.quit)
		return TCBCK_ANSWER_LEAVE;
	if (!tcbck_policy_asks(run->options->policy))
		return TCBCK_ANSWER_FIX;
	answer = ask(run, finding);
	/* What nobody defined may be right as it is. */
	if (answer == TCBCK_ANSWER_LEAVE && finding->index == TCBCK_NO_DEFINITION &&
	    tcbck_asker_confirm(run->options->asker, finding->kind))
		answer = TCBCK_ANSWER_UPDATE;
	run->result.quit = run->result.quit || answer == TCBCK_ANSWER_QUIT;
	if (answer == TCBCK_ANSWER_LEAVE || answer == TCBCK_ANSWER_QUIT)
		finding->outcome = TCBCK_OUTCOME_LEFT;
	return answer;
}

/*
 * All findings of one stray: fixes what is chosen. What goes into the database goes as a whole, as it is then; so nothing is
 * asked about it any more.
 */
static int repair_stray(struct run *run, struct tcbck_finding *findings, size_t count, bool *chosen)
{
	struct tcbck_finding *registered = NULL;
	bool any = false;
	int r = 0;

	for (size_t i = 0; registered == NULL && i < count; i++) {
		enum tcbck_answer answer = decide(run, &findings[i]);

		chosen[i] = answer == TCBCK_ANSWER_FIX;
		any = any || chosen[i];
		if (answer == TCBCK_ANSWER_UPDATE)
			registered = &findings[i];
	}
	if (any)
		r = tcbck_fix_stray(&run->fixer, findings, count, chosen, &run->findings->arena);
	if (r < 0 || registered == NULL)
		return r;
	update(run, NULL, registered);
	for (struct tcbck_finding *finding = registered + 1; finding < findings + count; finding++)
		if (!finding->unverified) {
			finding->outcome = registered->outcome;
			finding->reason = registered->reason;
		}
	return 0;
}

/* All findings of one defined object. */
static int repair_defined(struct run *run, struct tcbck_finding *findings, size_t count, bool *chosen)
{
	const struct sysck_def_options reading = { run->fixer.names, &run->arena, NULL, false };
	struct sysck_def def = { .path = findings[0].path };
	bool any = false;
	int r = sysck_db_def(run->options->db, findings[0].index, &reading, &def);

	for (size_t i = 0; r >= 0 && i < count; i++) {
		enum tcbck_answer answer = decide(run, &findings[i]);

		if (answer == TCBCK_ANSWER_UPDATE)
			update(run, &def, &findings[i]);
		chosen[i] = answer == TCBCK_ANSWER_FIX;
		any = any || chosen[i];
	}
	if (r >= 0 && any)
		r = tcbck_fix_object(&run->fixer, &def, findings, count, chosen, &run->findings->arena);
	return r;
}

/* All findings of one object. */
static int repair_object(struct run *run, struct tcbck_finding *findings, size_t count)
{
	bool *chosen = calloc(count, sizeof(*chosen));
	int r;

	sysck_arena_reset(&run->arena);
	if (chosen == NULL)
		return -ENOMEM;
	r = findings[0].index == TCBCK_NO_DEFINITION ? repair_stray(run, findings, count, chosen)
						     : repair_defined(run, findings, count, chosen);
	free(chosen);
	return r;
}

static void tell(struct run *run, const struct tcbck_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run->options->tell(run->options->context, &findings[i]);
}

/* Is one of its unknown links a stray of this run? */
static bool has_stray(const struct tcbck_findings *findings, struct sysck_slice path)
{
	for (size_t i = findings->count; i > 0 && findings->items[i - 1].index == TCBCK_NO_DEFINITION; i--)
		if (findings->items[i - 1].kind == TCBCK_KIND_TREE_LINK && sysck_slice_equal(findings->items[i - 1].of, path))
			return true;
	return false;
}

/*
 * True for a directory that is to be given to others than root, as when a repair is undone: after that nothing below it
 * could be repaired, so it is the last.
 */
static bool gives_away(struct run *run, const struct tcbck_finding *finding)
{
	const struct sysck_def_options reading = { run->fixer.names, &run->arena, NULL, false };
	struct sysck_def def;

	sysck_arena_reset(&run->arena);
	if (finding->index == TCBCK_NO_DEFINITION || tcbck_policy_asks(run->options->policy) ||
	    sysck_db_def(run->options->db, finding->index, &reading, &def) < 0 || def.type != SYSCK_TYPE_DIRECTORY)
		return false;
	for (size_t i = 0; i < def.acl.count; i++)
		if ((def.acl.entries[i].permissions & 2) != 0)
			return true;
	return (sysck_def_has(&def, SYSCK_ATTR_OWNER) && def.owner != 0) ||
	       (sysck_def_has(&def, SYSCK_ATTR_MODE) && (def.mode & 022) != 0);
}

/* True where nothing but the number of links is wrong, which is right when their strays are gone: after these. */
static bool awaits_strays(const struct run *run, const struct tcbck_finding *finding, size_t count)
{
	return count == 1 && finding->kind == SYSCK_ATTR_LINKS && !tcbck_policy_asks(run->options->policy) &&
	       has_stray(run->findings, finding->path);
}

static bool is_stopped(const struct run *run)
{
	return tcbck_crew_is_stopped(run->options->stop);
}

/* What a record keeps is on the host, also when another root is repaired, where the audit did not find it. */
static void forget_sources(struct run *run)
{
	struct tcbck_findings *findings = run->findings;
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].kind != SYSCK_ATTR_SOURCE)
			findings->items[count++] = findings->items[i];
	findings->count = count;
}

static int repair_unless_stopped(struct run *run, struct tcbck_finding *findings, size_t count)
{
	if (!is_stopped(run))
		return repair_object(run, findings, count);
	run->result.cancelled = true;
	return 0;
}

/* Directories that are given away, from the last one back to `first`: what is deeper comes behind. */
static int give_away(struct run *run, size_t first)
{
	struct tcbck_findings *findings = run->findings;
	int r = 0;

	for (size_t end = findings->count, i; r >= 0 && end > first; end = i) {
		for (i = end - 1; i > first && tcbck_finding_same_object(&findings->items[i - 1], &findings->items[i]);)
			i--;
		if (gives_away(run, &findings->items[i]))
			r = repair_unless_stopped(run, &findings->items[i], end - i);
	}
	return r;
}

/* Objects of which strays were taken away, from `first` on. */
static int repair_links(struct run *run, size_t first)
{
	struct tcbck_findings *findings = run->findings;
	size_t count;
	int r = 0;

	for (size_t i = first; r >= 0 && i < findings->count; i += count) {
		count = tcbck_findings_of_object(findings, i);
		if (awaits_strays(run, &findings->items[i], count))
			r = repair_unless_stopped(run, &findings->items[i], count);
	}
	return r;
}

/* Findings are told in order: from the first that waits on, they wait, too. */
static int repair_all(struct run *run)
{
	struct tcbck_findings *findings = run->findings;
	size_t count, waiting = findings->count;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < findings->count; i += count) {
		count = tcbck_findings_of_object(findings, i);
		if (gives_away(run, &findings->items[i]) || awaits_strays(run, &findings->items[i], count)) {
			waiting = i < waiting ? i : waiting;
			continue;
		}
		r = repair_unless_stopped(run, &findings->items[i], count);
		if (r >= 0 && i < waiting)
			tell(run, &findings->items[i], count);
	}
	if (r >= 0)
		r = repair_links(run, waiting);
	if (r >= 0)
		r = give_away(run, waiting);
	if (r >= 0 && waiting < findings->count)
		tell(run, &findings->items[waiting], findings->count - waiting);
	return r < 0 ? r : 0;
}

int tcbck_repair_run(const struct tcbck_repair_options *options, struct tcbck_findings *findings,
		     struct tcbck_repair_result *ret, struct sysck_err *err)
{
	struct run run = { .options = options, .findings = findings };
	size_t grave;
	int r = start(&run, err);

	grave = r == 0 ? count_grave(&run) : 0;
	run.fixer.disable_budget = tcbck_policy_asks(options->policy) ? SIZE_MAX
				   : grave < options->fix_limit       ? options->fix_limit - grave
								      : 0;
	if (r == 0 && run.fixer.undoing && !tcbck_root_is_host(options->root))
		forget_sources(&run);
	if (r == 0 && !tcbck_policy_asks(options->policy) && grave > options->fix_limit) {
		refuse_all(&run, grave);
	} else if (r == 0) {
		r = repair_all(&run);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	run.result.undo_failed = run.fixer.undo_failed;
	if (run.fixer.undo != NULL && tcbck_undo_path(run.fixer.undo).len > 0)
		(void)sysck_quote(tcbck_undo_path(run.fixer.undo), run.result.undo, sizeof(run.result.undo));
	end(&run);
	if (r == 0)
		*ret = run.result;
	return r;
}

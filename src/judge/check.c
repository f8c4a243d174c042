/*
 * check.c - one audit: walks the targets, observes, judges, joins the workers, sorts.
 *
 * Knows workers and what each keeps to itself; gives findings and errors in an order that does not depend on their
 * number. Must never print or change anything.
 */
#include "judge/check.h"

#include <errno.h>
#include <stdlib.h>

#include "judge/judge.h"
#include "judge/known.h"
#include "observe/observe.h"
#include "observe/crew.h"

/* An error of a definition, kept until all are known. */
struct fault {
	unsigned line, column;
	struct sysck_slice text;
};

/* What one thread has and finds. */
struct worker {
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena arena; /* of the object in hand */
	struct tcbck_findings findings;
	struct sysck_arena fault_arena;
	struct fault *faults;
	size_t fault_count, fault_room;
	size_t *symlinked; /* indexes */
	size_t symlinked_count, symlinked_room;
	size_t objects;
	size_t skipped;
	int error; /* -ENOMEM */
};

struct check {
	const struct tcbck_check_options *options;
	const struct tcbck_targets *targets;
	struct tcbck_observer_options observing;
	struct worker *workers;
	unsigned jobs;
	size_t *large; /* definitions to begin with, so that nobody ends the run alone with one of them */
	size_t large_count;
};

void tcbck_check_result_done(struct tcbck_check_result *result)
{
	tcbck_findings_done(&result->findings);
	free(result->symlinked);
	*result = (struct tcbck_check_result){ .findings = TCBCK_FINDINGS_INIT };
}

/* Room for one more element of `size` bytes; twice as much each time it is used up. NULL when memory has run out. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room == 0 ? 16 : *room * 2;
	void *more;

	if (count < *room)
		return items;
	more = reallocarray(items, wanted, size);
	if (more != NULL)
		*room = wanted;
	return more;
}

static void keep_fault(void *context, const struct sysck_err *err)
{
	struct worker *worker = context;
	struct fault fault = { err->line, err->column, { "", 0 } };
	struct fault *more = grow(worker->faults, worker->fault_count, &worker->fault_room, sizeof(*more));

	if (more != NULL)
		worker->faults = more;
	if (more == NULL || sysck_arena_copy(&worker->fault_arena, sysck_slice_of(err->text), &fault.text) < 0) {
		worker->error = -ENOMEM;
		return;
	}
	worker->faults[worker->fault_count++] = fault;
}

static int keep_symlinked(struct worker *worker, size_t index)
{
	size_t *more = grow(worker->symlinked, worker->symlinked_count, &worker->symlinked_room, sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	worker->symlinked = more;
	worker->symlinked[worker->symlinked_count++] = index;
	return 0;
}

static int note(const struct check *check, struct worker *worker, const struct sysck_def *def, size_t index,
		const struct tcbck_observation *observation)
{
	if (check->options->known == NULL)
		return 0;
	return tcbck_known_note(check->options->known, (unsigned)(worker - check->workers),
				tcbck_observer_opener(worker->observer), def, index, observation);
}

static int check_definition(const struct check *check, struct worker *worker, size_t index)
{
	const sysck_attr_set learned = check->options->only_known ? SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) : SYSCK_ATTR_ALL;
	const struct sysck_err_sink sink = { keep_fault, worker };
	const struct sysck_def_options reading = { worker->names, &worker->arena, &sink, false };
	struct tcbck_observation observation;
	struct sysck_def def;
	int r;

	sysck_arena_reset(&worker->arena);
	r = sysck_db_def(check->options->db, index, &reading, &def);
	if (r < 0)
		return r;
	r = tcbck_observe(worker->observer, &def, def.present & learned, &worker->arena, &observation);
	if (r == 0 && observation.through_symlink)
		r = keep_symlinked(worker, index);
	worker->objects += observation.presence == TCBCK_PRESENT;
	if (r == 0)
		r = note(check, worker, &def, index, &observation);
	if (r == 0 && !check->options->only_known) {
		const struct tcbck_judgement judgement = { &def, index, worker->names,
							   sysck_db_settings(check->options->db)->checksum_is_default };

		r = tcbck_judge(&judgement, &observation, &worker->findings);
	}
	return r;
}

/* The large ones come first, and are passed over in their places. */
static void visit(void *context, unsigned number, size_t turn)
{
	struct check *check = context;
	struct worker *worker = &check->workers[number];
	const atomic_bool *stop = check->options->stop;
	bool first = turn < check->large_count;
	size_t index = first ? check->large[turn] : check->targets->indexes[turn - check->large_count];
	int r;

	if (!first && check->large_count > 0 && sysck_db_is_large(check->options->db, index))
		return;
	if (tcbck_crew_is_stopped(stop)) {
		worker->skipped++;
		return;
	}
	r = check_definition(check, worker, index);
	if (r < 0)
		worker->error = r;
	if (!first)
		sysck_db_passed(check->options->db, index);
	atomic_fetch_add_explicit(&check->options->counters->done, 1, memory_order_relaxed);
}

struct large {
	struct sysck_slice size; /* as it is written */
	size_t index;
};

/* The longer number is the larger one. */
static int compare_large(const void *left, const void *right)
{
	const struct large *a = left, *b = right;
	int order = a->size.len != b->size.len ? (a->size.len < b->size.len ? -1 : 1) : sysck_slice_compare(a->size, b->size);

	if (order != 0)
		return -order;
	return a->index < b->index ? -1 : a->index > b->index;
}

static struct sysck_slice written_size(const struct sysck_db *db, size_t index)
{
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;

	while (sysck_db_next(db, index, &cursor, &line))
		if (sysck_slice_is(line.name, "size"))
			return line.value;
	return SYSCK_SLICE("");
}

static int choose_large(struct check *check)
{
	const struct tcbck_targets *targets = check->targets;
	const struct sysck_db *db = check->options->db;
	struct large *large;
	size_t count = 0, at = 0;

	/* One worker ends the run alone in any case. */
	for (size_t i = 0; check->jobs > 1 && i < targets->count; i++)
		count += sysck_db_is_large(db, targets->indexes[i]);
	if (count == 0)
		return 0;
	large = calloc(count + 1, sizeof(*large));
	check->large = calloc(count + 1, sizeof(*check->large));
	if (large == NULL || check->large == NULL) {
		free(large);
		return -ENOMEM;
	}
	for (size_t i = 0; i < targets->count; i++)
		if (sysck_db_is_large(db, targets->indexes[i]))
			large[at++] = (struct large){ written_size(db, targets->indexes[i]), targets->indexes[i] };
	qsort(large, count, sizeof(*large), compare_large);
	for (size_t i = 0; i < count; i++)
		check->large[i] = large[i].index;
	check->large_count = count;
	free(large);
	return 0;
}

static int start_workers(struct check *check, struct sysck_err *err)
{
	check->workers = calloc(check->jobs, sizeof(*check->workers));
	if (check->workers == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < check->jobs; i++) {
		int r = tcbck_observer_new(&check->observing, &check->workers[i].observer, err);

		if (r < 0)
			return r;
		r = tcbck_users_names(check->options->users, &check->workers[i].names);
		if (r < 0)
			return sysck_err_set(err, r, "out of memory");
	}
	return 0;
}

static void end_workers(struct check *check)
{
	for (unsigned i = 0; check->workers != NULL && i < check->jobs; i++) {
		struct worker *worker = &check->workers[i];

		tcbck_observer_free(worker->observer);
		sysck_names_free(worker->names);
		sysck_arena_done(&worker->arena);
		sysck_arena_done(&worker->fault_arena);
		tcbck_findings_done(&worker->findings);
		free(worker->faults);
		free(worker->symlinked);
	}
	free(check->workers);
	free(check->large);
}

static int compare_faults(const void *left, const void *right)
{
	const struct fault *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return sysck_slice_compare(a->text, b->text);
}

/* Reports the faults of all workers in the order of the file. */
static int report_faults(const struct check *check, struct tcbck_check_result *result)
{
	size_t count = 0, at = 0;
	struct fault *all;

	for (unsigned i = 0; i < check->jobs; i++)
		count += check->workers[i].fault_count;
	all = calloc(count + 1, sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < check->jobs; i++)
		for (size_t j = 0; j < check->workers[i].fault_count; j++)
			all[at++] = check->workers[i].faults[j];
	qsort(all, count, sizeof(*all), compare_faults);
	for (size_t i = 0; i < count; i++) {
		struct sysck_err err;

		sysck_err_set(&err, -EINVAL, "%.*s", (int)all[i].text.len, all[i].text.data);
		sysck_err_place(&err, sysck_db_file(check->options->db), all[i].line, all[i].column);
		sysck_err_report(check->options->errors, &err);
	}
	result->errors += count;
	free(all);
	return 0;
}

static int compare_indexes(const void *left, const void *right)
{
	const size_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static int collect_symlinked(const struct check *check, struct tcbck_check_result *result)
{
	size_t count = 0, at = 0, *indexes;
	int r = 0;

	for (unsigned i = 0; i < check->jobs; i++)
		count += check->workers[i].symlinked_count;
	indexes = calloc(count + 1, sizeof(*indexes));
	result->symlinked = calloc(count + 1, sizeof(*result->symlinked));
	if (indexes == NULL || result->symlinked == NULL)
		r = -ENOMEM;
	for (unsigned i = 0; r == 0 && i < check->jobs; i++)
		for (size_t j = 0; j < check->workers[i].symlinked_count; j++)
			indexes[at++] = check->workers[i].symlinked[j];
	if (r == 0) {
		qsort(indexes, count, sizeof(*indexes), compare_indexes);
		for (size_t i = 0; i < count; i++)
			result->symlinked[i] = sysck_db_path(check->options->db, indexes[i]);
		result->through_symlink = count;
	}
	free(indexes);
	return r;
}

static int add_duplicates(const struct check *check, struct tcbck_findings *findings)
{
	const struct sysck_db *db = check->options->db;
	size_t count;
	const struct sysck_duplicate *duplicates = sysck_db_duplicates(db, &count);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct sysck_buf text = SYSCK_BUF_INIT;
		struct tcbck_finding finding = { .index = duplicates[i].index, .kind = TCBCK_KIND_DUPLICATE };
		size_t split;

		if (!tcbck_targets_hold(check->targets, duplicates[i].first))
			continue;
		finding.path = sysck_db_path(db, duplicates[i].index);
		finding.line = sysck_db_line(db, duplicates[i].index);
		sysck_buf_add_format(&text, "defined again in line %u", finding.line);
		split = text.len;
		sysck_buf_add_format(&text, "defined once, in line %u", sysck_db_line(db, duplicates[i].first));
		finding.actual = (struct sysck_slice){ text.data, split };
		finding.expected = (struct sysck_slice){ text.data + split, text.len - split };
		r = sysck_buf_error(&text);
		if (r == 0)
			r = tcbck_findings_add(findings, &finding);
		sysck_buf_done(&text);
	}
	return r;
}

static int join(const struct check *check, struct tcbck_check_result *result)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < check->jobs; i++) {
		struct worker *worker = &check->workers[i];

		r = worker->error;
		result->objects += worker->objects;
		result->cancelled = result->cancelled || worker->skipped > 0;
		if (r == 0)
			r = tcbck_findings_join(&result->findings, &worker->findings);
	}
	if (r == 0)
		r = add_duplicates(check, &result->findings);
	if (r == 0)
		r = collect_symlinked(check, result);
	if (r == 0)
		r = report_faults(check, result);
	tcbck_findings_sort(&result->findings);
	return r;
}

int tcbck_check_run(const struct tcbck_check_options *options, const struct tcbck_targets *targets,
		    struct tcbck_check_result *ret, struct sysck_err *err)
{
	struct check check = {
		.options = options,
		.targets = targets,
		.observing = {
			.root = options->root,
			.settings = sysck_db_settings(options->db),
			.mode = options->mode,
			.stop = options->stop,
			.bytes_read = &options->counters->bytes,
		},
		.jobs = options->jobs,
	};
	struct tcbck_check_result result = { .findings = TCBCK_FINDINGS_INIT, .definitions = targets->count };
	int r;

	/* No more threads than there is work for. */
	if (check.jobs > targets->count)
		check.jobs = targets->count == 0 ? 1 : (unsigned)targets->count;
	atomic_store(&options->counters->total, targets->count);
	r = start_workers(&check, err);
	if (r == 0 && choose_large(&check) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0) {
		tcbck_crew_each_long(check.large_count, check.large_count + targets->count, check.jobs, visit, &check,
				     options->stop);
		/* The object in hand when it was stopped counts as done, though its content was not read. */
		result.cancelled =
			atomic_load(&options->counters->done) < targets->count || tcbck_crew_is_stopped(options->stop);
		r = join(&check, &result);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	end_workers(&check);
	if (r < 0) {
		tcbck_check_result_done(&result);
		return r;
	}
	*ret = result;
	return 0;
}

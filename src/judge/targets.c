/*
 * targets.c - which definitions an audit, or a deletion, is about.
 *
 * Knows operands: paths and classes; gives indexes of definitions in the order of the database. Must not look at files.
 */
#include <errno.h>
#include <stdlib.h>

#include "judge/check.h"

void tcbck_targets_done(struct tcbck_targets *targets)
{
	free(targets->indexes);
	*targets = (struct tcbck_targets){ NULL, 0 };
}

static int compare_indexes(const void *left, const void *right)
{
	const size_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

bool tcbck_targets_hold(const struct tcbck_targets *targets, size_t index)
{
	return targets->count > 0 && bsearch(&index, targets->indexes, targets->count, sizeof(index), compare_indexes) != NULL;
}

/* One bit for each definition: chosen, or a duplicate. */
struct marks {
	unsigned char *chosen;
	unsigned char *duplicate;
};

static void marks_done(struct marks *marks)
{
	free(marks->chosen);
	free(marks->duplicate);
}

static int marks_init(struct marks *marks, const struct sysck_db *db)
{
	size_t count = sysck_db_count(db), duplicates;
	const struct sysck_duplicate *duplicate = sysck_db_duplicates(db, &duplicates);

	marks->chosen = calloc(count + 1, 1);
	marks->duplicate = calloc(count + 1, 1);
	if (marks->chosen == NULL || marks->duplicate == NULL) {
		marks_done(marks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < duplicates; i++)
		marks->duplicate[duplicate[i].index] = 1;
	return 0;
}

/* The marked definitions as a list. */
static int collect(const struct marks *marks, size_t count, struct tcbck_targets *ret)
{
	struct tcbck_targets targets = { calloc(count + 1, sizeof(*targets.indexes)), 0 };

	if (targets.indexes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (marks->chosen[i] && !marks->duplicate[i])
			targets.indexes[targets.count++] = i;
	*ret = targets;
	return 0;
}

int tcbck_targets_all(const struct sysck_db *db, struct tcbck_targets *ret)
{
	struct marks marks;
	int r = marks_init(&marks, db);

	if (r < 0)
		return r;
	memset(marks.chosen, 1, sysck_db_count(db));
	r = collect(&marks, sysck_db_count(db), ret);
	marks_done(&marks);
	return r;
}

static bool choose_path(const struct sysck_db *db, struct sysck_slice path, struct marks *marks)
{
	size_t index;

	if (sysck_db_find(db, path, &index) < 0)
		return false;
	marks->chosen[index] = 1;
	return true;
}

static bool is_path(struct sysck_slice operand)
{
	return operand.len > 0 && operand.data[0] == '/';
}

/* Marks the operands that name one of the classes in `found`. True if any does. */
static bool names_class(const struct sysck_slice *operands, size_t count, const struct sysck_list *classes, bool *found)
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; !is_path(operands[i]) && j < classes->count; j++)
			if (sysck_slice_equal(operands[i], classes->items[j]))
				found[i] = any = true;
	return any;
}

/*
 * Chooses the definitions of all classes among the operands, reading each definition's classes once. One whose classes do
 * not read may be of any: it is chosen, and its error told.
 */
static int choose_classes(const struct sysck_db *db, const struct sysck_slice *operands, size_t count, struct marks *marks,
			  bool *found)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	int r = 0;

	for (size_t i = 0; r != -ENOMEM && i < sysck_db_count(db); i++) {
		struct sysck_list classes = { NULL, 0 };

		if (marks->duplicate[i])
			continue;
		sysck_arena_reset(&arena);
		r = sysck_db_classes(db, i, &arena, &classes);
		if (r == -EINVAL || (r == 0 && names_class(operands, count, &classes, found)))
			marks->chosen[i] = 1;
	}
	sysck_arena_done(&arena);
	return r == -ENOMEM ? r : 0;
}

static void report_unknown(struct sysck_slice operand, const struct sysck_err_sink *errors)
{
	char quoted[SYSCK_QUOTE_MAX];
	struct sysck_err err;

	sysck_err_set(&err, -ENOENT, "%s: no definition of that %s", sysck_quote(operand, quoted, sizeof(quoted)),
		      is_path(operand) ? "path" : "class (a path begins with `/')");
	sysck_err_report(errors, &err);
}

/* Paths at once, classes only if there are any. */
static int choose(const struct sysck_db *db, const struct sysck_slice *operands, size_t count, struct marks *marks, bool *found)
{
	bool classes = false;

	for (size_t i = 0; i < count; i++) {
		if (is_path(operands[i]))
			found[i] = choose_path(db, operands[i], marks);
		else
			classes = true;
	}
	return classes ? choose_classes(db, operands, count, marks, found) : 0;
}

int tcbck_targets_named(const struct sysck_db *db, const struct sysck_slice *operands, size_t count,
			const struct sysck_err_sink *errors, struct tcbck_targets *ret, size_t *ret_errors)
{
	bool *found = calloc(count + 1, sizeof(*found));
	struct marks marks;
	size_t faults = 0;
	int r = found == NULL ? -ENOMEM : marks_init(&marks, db);

	if (r < 0) {
		free(found);
		return r;
	}
	r = choose(db, operands, count, &marks, found);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!found[i]) {
			report_unknown(operands[i], errors);
			faults++;
		}
	if (r == 0)
		r = collect(&marks, sysck_db_count(db), ret);
	marks_done(&marks);
	free(found);
	if (r == 0)
		*ret_errors = faults;
	return r;
}

static bool runs_commands(const struct sysck_db *db, size_t index)
{
	bool checksum = !sysck_db_settings(db)->checksum_is_default;
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;
	enum sysck_attr attribute;

	while (sysck_db_next(db, index, &cursor, &line))
		if (sysck_attr_find(line.name, &attribute) == 0 &&
		    (attribute == SYSCK_ATTR_PROGRAM || (attribute == SYSCK_ATTR_CHECKSUM && checksum)))
			return true;
	return false;
}

bool tcbck_targets_run_commands(const struct sysck_db *db, const struct tcbck_targets *targets)
{
	bool any = sysck_db_may_have(db, SYSCK_ATTR_PROGRAM) ||
		   (!sysck_db_settings(db)->checksum_is_default && sysck_db_may_have(db, SYSCK_ATTR_CHECKSUM));

	for (size_t i = 0; any && i < targets->count; i++)
		if (runs_commands(db, targets->indexes[i]))
			return true;
	return false;
}

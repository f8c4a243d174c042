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

/* A definition whose classes do not read may be of any: it is chosen, and its error told. */
static bool choose_class(const struct sysck_db *db, struct sysck_slice name, struct marks *marks)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	bool any = false;

	for (size_t i = 0; i < sysck_db_count(db); i++) {
		int r;

		sysck_arena_reset(&arena);
		r = marks->duplicate[i] ? 0 : sysck_db_in_class(db, i, name, &arena);
		if (r == 0)
			continue;
		marks->chosen[i] = 1;
		any = any || r == 1;
	}
	sysck_arena_done(&arena);
	return any;
}

int tcbck_targets_named(const struct sysck_db *db, const struct sysck_slice *operands, size_t count,
			const struct sysck_err_sink *errors, struct tcbck_targets *ret, size_t *ret_errors)
{
	struct marks marks;
	size_t faults = 0;
	int r = marks_init(&marks, db);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		bool path = operands[i].len > 0 && operands[i].data[0] == '/';
		char quoted[SYSCK_QUOTE_MAX];
		struct sysck_err err;

		if (path ? choose_path(db, operands[i], &marks) : choose_class(db, operands[i], &marks))
			continue;
		if (path)
			sysck_err_set(&err, -ENOENT, "%s: no definition of that path",
				      sysck_quote(operands[i], quoted, sizeof(quoted)));
		else
			sysck_err_set(&err, -ENOENT, "%s: no definition of that class (a path begins with `/')",
				      sysck_quote(operands[i], quoted, sizeof(quoted)));
		faults++;
		sysck_err_report(errors, &err);
	}
	r = collect(&marks, sysck_db_count(db), ret);
	marks_done(&marks);
	if (r == 0)
		*ret_errors = faults;
	return r;
}

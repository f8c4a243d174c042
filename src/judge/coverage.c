/*
 * coverage.c - how many of the definitions that were checked are of which class.
 *
 * Knows the class lines of definitions; counts. Must not look at files.
 */
#include "judge/coverage.h"

#include <errno.h>
#include <stdlib.h>

static int count_class(struct tcbck_class_counts *counts, struct sysck_slice name)
{
	size_t low = 0, high = counts->count;
	struct tcbck_class_count *more;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = sysck_slice_compare(counts->items[middle].name, name);

		if (order == 0) {
			counts->items[middle].count++;
			return 0;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	more = reallocarray(counts->items, counts->count + 1, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	counts->items = more;
	for (size_t i = counts->count; i > low; i--)
		more[i] = more[i - 1];
	more[low] = (struct tcbck_class_count){ { "", 0 }, 1 };
	counts->count++;
	return sysck_arena_copy(&counts->arena, name, &more[low].name);
}

/* True if one of the first `count` items is that name. */
static bool is_among(const struct sysck_list *list, size_t count, struct sysck_slice name)
{
	for (size_t i = 0; i < count; i++)
		if (sysck_slice_equal(list->items[i], name))
			return true;
	return false;
}

static int count_definition(const struct sysck_db *db, size_t index, struct sysck_arena *scratch,
			    struct tcbck_class_counts *counts)
{
	struct sysck_list list = { NULL, 0 };
	int r = sysck_db_classes(db, index, scratch, &list);

	/* Classes that do not read were reported as an error of the definition. */
	if (r == -EINVAL)
		r = 0;
	if (r == 0 && list.count == 0)
		return count_class(counts, (struct sysck_slice){ "", 0 });
	for (size_t i = 0; r == 0 && i < list.count; i++)
		if (!is_among(&list, i, list.items[i]))
			r = count_class(counts, list.items[i]);
	return r;
}

int tcbck_class_counts(const struct sysck_db *db, const struct tcbck_targets *targets, struct tcbck_class_counts *ret)
{
	struct tcbck_class_counts counts = { NULL, 0, SYSCK_ARENA_INIT };
	struct sysck_arena scratch = SYSCK_ARENA_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && i < targets->count; i++) {
		sysck_arena_reset(&scratch);
		r = count_definition(db, targets->indexes[i], &scratch, &counts);
	}
	sysck_arena_done(&scratch);
	if (r < 0)
		tcbck_class_counts_done(&counts);
	else
		*ret = counts;
	return r;
}

void tcbck_class_counts_done(struct tcbck_class_counts *counts)
{
	free(counts->items);
	sysck_arena_done(&counts->arena);
	*counts = (struct tcbck_class_counts){ NULL, 0, SYSCK_ARENA_INIT };
}

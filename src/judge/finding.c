/*
 * finding.c - one difference: attribute, wanted, found, remedy, outcome; lists and their order.
 *
 * Knows what a finding is made of; gives lists that can be joined and sorted. Must not know how one is found or told.
 */
#include "judge/finding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *tcbck_kind_name(unsigned kind)
{
	if (kind < SYSCK_ATTR_COUNT)
		return sysck_attr_name((enum sysck_attr)kind);
	switch ((enum tcbck_kind)kind) {
	case TCBCK_KIND_DUPLICATE: return "duplicate";
	case TCBCK_KIND_UNSAFE_PATH: return "unsafe-path";
	case TCBCK_KIND_MISSING: return "missing";
	case TCBCK_KIND_TREE: return "tree";
	case TCBCK_KIND_TREE_TCB: return "tree-tcb";
	case TCBCK_KIND_TREE_SETUID: return "tree-setuid";
	case TCBCK_KIND_TREE_SETGID: return "tree-setgid";
	case TCBCK_KIND_TREE_CAPABILITIES: return "tree-capabilities";
	case TCBCK_KIND_TREE_LINK: return "tree-link";
	case TCBCK_KIND_TREE_SYMLINK: return "tree-symlink";
	case TCBCK_KIND_TREE_DEVICE: return "tree-device";
	case TCBCK_KIND_COUNT: break;
	}
	return "unknown";
}

const char *tcbck_outcome_name(enum tcbck_outcome outcome)
{
	static const char *const names[TCBCK_OUTCOME_COUNT] = {
		[TCBCK_OUTCOME_REPORTED] = "reported", [TCBCK_OUTCOME_FIXED] = "fixed",
		[TCBCK_OUTCOME_REFUSED] = "refused",   [TCBCK_OUTCOME_FAILED] = "failed",
		[TCBCK_OUTCOME_LEFT] = "left",         [TCBCK_OUTCOME_DATABASE_UPDATED] = "database-updated",
	};

	return names[outcome];
}

const char *tcbck_explanation_name(enum tcbck_explanation explanation)
{
	switch (explanation) {
	case TCBCK_EXPLANATION_NONE: break;
	case TCBCK_EXPLAINED: return "explained";
	case TCBCK_UNEXPLAINED: return "unexplained";
	case TCBCK_NOT_PACKAGED: return "not packaged";
	}
	return NULL;
}

void tcbck_findings_done(struct tcbck_findings *findings)
{
	free(findings->items);
	sysck_arena_done(&findings->arena);
	*findings = TCBCK_FINDINGS_INIT;
}

static int make_room(struct tcbck_findings *findings, size_t extra)
{
	size_t room = findings->room < 16 ? 16 : findings->room;
	struct tcbck_finding *more;

	if (findings->count + extra <= findings->room)
		return 0;
	while (room < findings->count + extra)
		room *= 2;
	more = reallocarray(findings->items, room, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	findings->items = more;
	findings->room = room;
	return 0;
}

static int copy_list(struct sysck_arena *arena, struct sysck_list *list)
{
	struct sysck_slice *items = sysck_arena_alloc(arena, list->count, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		if (sysck_arena_copy(arena, list->items[i], &items[i]) < 0)
			return -ENOMEM;
	list->items = items;
	return 0;
}

int tcbck_findings_add(struct tcbck_findings *findings, const struct tcbck_finding *finding)
{
	struct tcbck_finding copy = *finding;
	struct sysck_arena *arena = &findings->arena;

	if (make_room(findings, 1) < 0 || sysck_arena_copy(arena, finding->path, &copy.path) < 0 ||
	    sysck_arena_copy(arena, finding->actual, &copy.actual) < 0 ||
	    sysck_arena_copy(arena, finding->expected, &copy.expected) < 0 ||
	    sysck_arena_copy(arena, finding->reason, &copy.reason) < 0 || sysck_arena_copy(arena, finding->of, &copy.of) < 0 ||
	    copy_list(arena, &copy.classes) < 0)
		return -ENOMEM;
	findings->items[findings->count++] = copy;
	return 0;
}

int tcbck_findings_join(struct tcbck_findings *to, struct tcbck_findings *from)
{
	if (make_room(to, from->count) < 0)
		return -ENOMEM;
	if (from->count > 0)
		memcpy(to->items + to->count, from->items, from->count * sizeof(*from->items));
	to->count += from->count;
	sysck_arena_join(&to->arena, &from->arena);
	free(from->items);
	*from = TCBCK_FINDINGS_INIT;
	return 0;
}

bool tcbck_finding_same_object(const struct tcbck_finding *a, const struct tcbck_finding *b)
{
	return a->index == b->index && (a->index != TCBCK_NO_DEFINITION || sysck_slice_equal(a->path, b->path));
}

size_t tcbck_findings_of_object(const struct tcbck_findings *findings, size_t first)
{
	size_t count = 1;

	while (first + count < findings->count &&
	       tcbck_finding_same_object(&findings->items[first + count], &findings->items[first]))
		count++;
	return count;
}

static int compare(const void *left, const void *right)
{
	const struct tcbck_finding *a = left, *b = right;
	int order;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	order = a->index == TCBCK_NO_DEFINITION ? sysck_slice_compare(a->path, b->path) : 0;
	if (order != 0)
		return order;
	return a->kind < b->kind ? -1 : a->kind > b->kind;
}

void tcbck_findings_sort(struct tcbck_findings *findings)
{
	if (findings->count > 0)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
}

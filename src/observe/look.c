/*
 * look.c - one object while it is looked at: what was learned of it, what could not be, and why.
 *
 * Knows how answers are kept. Must not look itself.
 */
#include "observe/look.h"

#include <sys/stat.h>

struct sysck_slice tcbck_look_keep(struct tcbck_look *look, struct sysck_slice text)
{
	struct sysck_slice copy = { "", 0 };

	if (sysck_arena_copy(look->arena, text, &copy) < 0)
		look->out_of_memory = true;
	return copy;
}

struct sysck_slice tcbck_look_error(struct tcbck_look *look, int error)
{
	char text[128];

	return tcbck_look_keep(look, sysck_slice_of(strerror_r(-error, text, sizeof(text))));
}

bool tcbck_look_wants(const struct tcbck_look *look, enum sysck_attr attribute)
{
	return (look->wanted & SYSCK_ATTR_BIT(attribute)) != 0;
}

void tcbck_look_learned(struct tcbck_look *look, enum sysck_attr attribute)
{
	look->o->is.present |= SYSCK_ATTR_BIT(attribute);
}

void tcbck_look_failed_because(struct tcbck_look *look, enum sysck_attr attribute, struct sysck_slice reason)
{
	look->o->failed |= SYSCK_ATTR_BIT(attribute);
	look->o->reasons[attribute] = reason;
}

void tcbck_look_failed(struct tcbck_look *look, enum sysck_attr attribute, int error)
{
	tcbck_look_failed_because(look, attribute, tcbck_look_error(look, error));
}

bool tcbck_look_same_object(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

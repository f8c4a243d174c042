/*
 * links.h - what stands under the names of `links` and `symlinks`.
 */
#ifndef TCBCK_LINKS_H
#define TCBCK_LINKS_H

#include <stdbool.h>
#include <sys/types.h>

#include <sysck/arena.h>
#include <sysck/stanza.h>

#include "observe/path.h"

/* What stands under a name of `links` or `symlinks`. */
enum tcbck_link_state {
	TCBCK_LINK_GOOD,
	TCBCK_LINK_ABSENT,
	TCBCK_LINK_OTHER, /* another object; a symlink to another one */
	TCBCK_LINK_UNSAFE,
	TCBCK_LINK_UNKNOWN,
	TCBCK_LINK_REPEATED /* the same name as another one of the list, or as the object's own, spelled in another way */
};

struct tcbck_link {
	enum tcbck_link_state state;
	struct sysck_slice detail; /* OTHER: a symlink's target, raw, or empty; UNSAFE, UNKNOWN: why, escaped */
};

/* The object that they should lead to. */
struct tcbck_links_object {
	struct sysck_slice path;
	dev_t device;
	ino_t inode;
};

/*
 * Looks at each of `paths`: with `hard`, is it a hard link of the object (and no other spelling of a name that was
 * counted); else, is it a
 * symlink that resolves to it? The states are `arena`'s, one for each path. Returns 0 with *ret, or -ENOMEM.
 */
int tcbck_links_look(struct tcbck_opener *opener, const struct tcbck_links_object *object, const struct sysck_list *paths,
		     bool hard, struct sysck_arena *arena, struct tcbck_link **ret);

#endif

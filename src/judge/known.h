/*
 * known.h - where defined objects stand, so that the walk of a tree knows them whatever their path is spelled like.
 *
 * Filled by the workers of an audit, each its own part; then frozen, and shared by the threads that walk.
 */
#ifndef TCBCK_KNOWN_H
#define TCBCK_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <sysck/def.h>

#include "observe/observe.h"
#include "observe/path.h"

struct tcbck_known;

/* For `jobs` workers. 0 or -ENOMEM. */
int tcbck_known_new(unsigned jobs, struct tcbck_known **ret);
void tcbck_known_free(struct tcbck_known *known);

/*
 * Notes where the definition's path, and each of its `links` and `symlinks`, stands: directory and name. Of an object that
 * has other names, or whose symlinks are defined, also which inode it is. `path` is the definition's and must outlive the
 * table. What can't be found is not noted. Only worker `number` (0 to jobs - 1) may use that number. 0 or -ENOMEM.
 */
int tcbck_known_note(struct tcbck_known *known, unsigned number, struct tcbck_opener *opener, const struct sysck_def *def,
		     size_t index, const struct tcbck_observation *observation);

/* Ends the noting: after this the table is only read. 0 or -ENOMEM. */
int tcbck_known_freeze(struct tcbck_known *known);

/* True if `name` in that directory is defined: by a definition, or in the `links` or `symlinks` of one. */
bool tcbck_known_has_name(const struct tcbck_known *known, dev_t device, ino_t inode, const char *name);

/* True if the path of the walk, without symlinks, is defined: some file systems number their directories anew. */
bool tcbck_known_has_path(const struct tcbck_known *known, struct sysck_slice path);

/* True if that inode is the object of a definition, and no directory. */
bool tcbck_known_is_object(const struct tcbck_known *known, dev_t device, ino_t inode);

/* A defined object that has, or may have, other names. */
struct tcbck_known_object {
	dev_t device;
	ino_t inode;
	size_t index;      /* of the first definition of it */
	bool has_symlinks; /* one of its definitions has the attribute: `symlinks_index` */
	size_t symlinks_index;
};

/* The defined object of that inode, or NULL. */
const struct tcbck_known_object *tcbck_known_find(const struct tcbck_known *known, dev_t device, ino_t inode);

/* How many objects tcbck_known_find() can find; of how many of them symlinks are defined. */
size_t tcbck_known_count(const struct tcbck_known *known);
size_t tcbck_known_symlinked(const struct tcbck_known *known);

#endif

/*
 * walk.h - down a tree, by several threads at once.
 *
 * It knows nothing of definitions. Visitors are called from several threads at once, with the number of the worker, so
 * that each worker can keep what it finds to itself. The order of visits is not defined; whoever prints sorts.
 */
#ifndef TCBCK_WALK_H
#define TCBCK_WALK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <sysck/buf.h>
#include <sysck/err.h>

#include "observe/crew.h"
#include "observe/path.h"

/* One entry of a directory, or the top of the walk. Valid during the visit only. */
struct tcbck_walk_entry {
	int directory;          /* descriptor of the directory that holds it; usable with *at() calls */
	dev_t directory_device; /* which directory that is */
	ino_t directory_inode;
	bool directory_closed;   /* tcbck_path_is_closed() said so when it was opened */
	const char *name;        /* one component, NUL-terminated */
	struct sysck_slice path; /* whole path below the root, no symlink in it; any length. Not NUL-terminated. */
	unsigned char type;      /* d_type of readdir(3), DT_UNKNOWN where the file system doesn't tell */
};

struct tcbck_walk_visitor {
	/*
	 * Looks at one entry. True: it is a directory and is to be entered. The walk then opens it without following
	 * and checks that it still has the `*ret_device`/`*ret_inode` that the visitor saw (as statx(2) tells them:
	 * makedev(3) of stx_dev, stx_ino).
	 */
	bool (*visit)(void *context, unsigned worker, const struct tcbck_walk_entry *entry, dev_t *ret_device,
		      ino_t *ret_inode);
	/*
	 * A directory could not be opened or read to its end (negative errno `error`), or was replaced meanwhile
	 * (-ESTALE). Entries that vanish between reading the directory and the visit are the visitor's matter; a
	 * directory that vanished (-ENOENT) is reported here like any other trouble.
	 */
	void (*trouble)(void *context, unsigned worker, struct sysck_slice path, int error);
	/*
	 * True: what the visitor lets be entered is on the mount of the top. What is mounted over it between the look and
	 * the opening is -ESTALE, and is not asked anything: a server in user space need not answer.
	 */
	bool stays;
	void *context;
};

/*
 * Goes down from `top` (absolute, normalised, below `root`), visiting `top` itself first and then every entry below it,
 * on `jobs` threads, or fewer where RLIMIT_NOFILE is too low for them (an eighth of it, at most). No recursion; no limit to
 * depth, to the length of names and paths, or to the size of a directory; memory grows with the directories still to be
 * read, not with the entries. Open descriptors stay below half of RLIMIT_NOFILE: a directory whose descriptor had to be
 * given up is opened again, from one below it or from the root, and compared. *stop as above. Returns 0, or a negative
 * errno with `err` set when `top` can't be found or memory has run out; troubles further down go to the visitor.
 */
int tcbck_walk_tree(const struct tcbck_root *root, struct sysck_slice top, unsigned jobs,
		    const struct tcbck_walk_visitor *visitor, const atomic_bool *stop, struct sysck_err *err);

#endif

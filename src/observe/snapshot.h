/*
 * snapshot.h - a private copy of a few files, for a library that would write beside what it reads.
 */
#ifndef TCBCK_SNAPSHOT_H
#define TCBCK_SNAPSHOT_H

#include <sysck/err.h>

/* A directory with copies of files, this process's alone. */
struct tcbck_snapshot {
	char path[32]; /* NUL-terminated; empty: none */
};

/* Most bytes of one file. */
#define TCBCK_SNAPSHOT_FILE_MAX (UINT64_C(1) << 34)

/*
 * Copies those of the files `names` (eight at most, the list ends with NULL) that `directory` has, all as they were at one
 * moment: if one of them changes meanwhile, it is done again, a few times. Only regular files are opened; a name that is
 * something else is an error.
 * The copy lies below /run, /var/tmp or /tmp of the running system, the first that takes it, in a directory with mode 0700,
 * whatever the root is. A confined run can make none. Returns 0, after which tcbck_snapshot_drop() is due; -EAGAIN (they go on
 * changing), -EINVAL (no regular file), or a negative errno, with `err` set and nothing left behind.
 */
int tcbck_snapshot_take(int directory, const char *const *names, struct tcbck_snapshot *ret, struct sysck_err *err);

/* Removes the copy, and whatever else was put into its directory. */
void tcbck_snapshot_drop(struct tcbck_snapshot *snapshot);

#endif

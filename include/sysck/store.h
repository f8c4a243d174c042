/*
 * store.h - the database as a file: read only if it can be trusted, replaced whole or not at all.
 */
#ifndef SYSCK_STORE_H
#define SYSCK_STORE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include <sysck/buf.h>
#include <sysck/err.h>

/* Largest stanza file, in bytes. */
#define SYSCK_TEXT_MAX (UINT32_MAX - 1)

/* Seconds that a change waits for another one to end. */
#define SYSCK_STORE_WAIT 60u

/* Where a database is, or will be: a directory and a name in it, both found by the rule of trust. */
struct sysck_store;

enum sysck_store_links {
	SYSCK_STORE_FOLLOW,  /* symlinks of a trusted owner in trusted directories are followed */
	SYSCK_STORE_NO_LINKS /* none is followed: the path lies in a root that is not the running system's */
};

/*
 * Finds the place of the database `path` (absolute, or relative to the working directory). Every directory on its way
 * must be owned by root or the effective user, and not be writable for group or others (what an ACL gives shows in the
 * group bits); a sticky directory of root's is accepted as an ancestor of a trusted directory, never as the one that
 * holds the file. The file itself need not exist. Returns 0 with *ret (release with sysck_store_close()), -EPERM when
 * a directory can't be trusted, or what the system said, with `err` set and placed at `path`.
 */
int sysck_store_open(const char *path, enum sysck_store_links links, struct sysck_store **ret, struct sysck_err *err);
void sysck_store_close(struct sysck_store *store);

/*
 * Appends the whole file to `ret`. It must be a regular file owned by root or the effective user, not writable for group
 * or others, at most SYSCK_TEXT_MAX bytes. Returns 0, -ENOENT (no such file), -EPERM (not to be trusted), -EFBIG, -ENOMEM, or
 * what the system said, with `err` set and placed.
 */
int sysck_store_read(struct sysck_store *store, struct sysck_buf *ret, struct sysck_err *err);

/* When the file that was opened for reading was last changed (its modification time); 0: none was. */
struct timespec sysck_store_time(const struct sysck_store *store);

/*
 * Opens the file for reading where it may be read, as above, and no further. 0 with *ret (the caller's) and *ret_st, or a
 * negative errno with `err` set and placed.
 */
int sysck_store_enter(struct sysck_store *store, int *ret, struct stat *ret_st, struct sysck_err *err);

/* The same as sysck_store_read() for an open descriptor of any readable kind, without a question of trust; `name` is told. */
int sysck_store_read_descriptor(int descriptor, struct sysck_slice name, struct sysck_buf *ret, struct sysck_err *err);

/*
 * Takes the lock of the database, the file PATH.lock (0600) beside it, waiting SYSCK_STORE_WAIT seconds at most. What is
 * read after that stays true until the store is closed, among those who take the lock. Returns 0, -EAGAIN (still
 * taken), -EPERM,
 * or what the system said, with `err` set. Once for a store.
 */
int sysck_store_lock(struct sysck_store *store, struct sysck_err *err);

/* The same without waiting: -EAGAIN at once. For callers that have something else to look at meanwhile. */
int sysck_store_try_lock(struct sysck_store *store, struct sysck_err *err);

/*
 * Replaces the file by `bytes`: a new file beside it, flushed, renamed over it, the directory flushed. At any moment of a
 * crash the old or the new file is there, whole. Owner, group, mode, ACL and security label of the old file are kept; without
 * an old file the mode is 0640. The lock must be held. If somebody without the lock changed the file since
 * sysck_store_read(), nothing is done: -ESTALE. Before it is replaced once more it must be read again. More than
 * SYSCK_TEXT_MAX
 * bytes: -EFBIG. Returns 0 or a negative errno with `err` set.
 */
int sysck_store_replace(struct sysck_store *store, struct sysck_slice bytes, struct sysck_err *err);

#endif

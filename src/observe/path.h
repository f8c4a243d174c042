/*
 * path.h - the only opener of paths.
 *
 * A path is taken below a root descriptor. It is walked by descriptors; the last component is never followed. A symlink on
 * the way is followed only where root alone controls the link and the directory that holds it (spec: "Paths"); anything
 * else is the error -ELOOP with the reason, which the caller reports as the finding `unsafe-path`. Under a root other
 * than "/", absolute targets and ".." stay inside it.
 */
#ifndef TCBCK_PATH_H
#define TCBCK_PATH_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sysck/buf.h>
#include <sysck/err.h>

/* Symlinks followed in one path before it is an error, as the kernel's own limit (path_resolution(7)). */
#define TCBCK_PATH_LINKS_MAX 40
/* Longest path, in bytes. Longer than PATH_MAX on purpose: the walk is by descriptors. */
#define TCBCK_PATH_MAX (1u << 20)

/* True if `path` is `directory` or below it. Both are absolute and normalised. */
static inline bool tcbck_path_is_below(struct sysck_slice path, struct sysck_slice directory)
{
	if (directory.len == 1)
		return true;
	return path.len >= directory.len && memcmp(path.data, directory.data, directory.len) == 0 &&
	       (path.len == directory.len || path.data[directory.len] == '/');
}

/*
 * True if root (or the effective user, when that is not root) alone can rename, remove and replace what stands in the
 * directory of this stat. With an ACL its group bits are the mask, so that they tell of others, too.
 */
bool tcbck_path_is_closed(const struct stat *directory);

/* The top of an installation. Frozen once opened: shared by threads. */
struct tcbck_root;

/*
 * Opens the directory `dir` (NUL-terminated; NULL or "/": the running system). The directory itself may be reached in
 * any way the caller likes: it is the caller's operand. Returns 0 with *ret (free with tcbck_root_free()), or a negative
 * errno with `err` set.
 */
int tcbck_root_open(const char *dir, struct tcbck_root **ret, struct sysck_err *err);
void tcbck_root_free(struct tcbck_root *root);
/* True if this is the running system. */
bool tcbck_root_is_host(const struct tcbck_root *root);
/* The O_PATH descriptor of the top; owned by `root`. */
int tcbck_root_descriptor(const struct tcbck_root *root);

/* One thread's way of opening paths below a root; keeps the last directory open, since neighbours are asked for in turn. */
struct tcbck_opener;

/* Returns 0 or -ENOMEM. `root` must outlive the opener. */
int tcbck_opener_new(const struct tcbck_root *root, struct tcbck_opener **ret);
void tcbck_opener_free(struct tcbck_opener *opener);
/* Forgets the directory kept open, so that the next path is walked anew. */
void tcbck_opener_forget(struct tcbck_opener *opener);

/* Where an object stands: a directory and a name in it. Valid until the opener's next call. */
struct tcbck_place {
	int directory;               /* descriptor of the directory, usable with *at() calls; owned by the opener */
	const char *name;            /* one component, NUL-terminated; "." for the root itself */
	struct sysck_slice resolved; /* the object's path below the root with no symlink on the way, normalised */
	bool through_symlink;        /* at least one symlink was followed */
	bool closed;                 /* tcbck_path_is_closed(directory), as it was when that was opened */
};

/*
 * Finds where `path` (absolute, normalised, at most TCBCK_PATH_MAX bytes; no part of a place of this opener) stands. The
 * object itself need not exist.
 * Returns 0, or a negative errno with `err` set to the reason:
 *   -ENOENT, -ENOTDIR  a directory on the way is missing, or is no directory: the object is missing
 *   -ELOOP             an unsafe symlink on the way, too many symlinks, or a way out of the root: `unsafe-path`
 *   -EACCES, -EIO, ... it could not be found out: unverified
 */
int tcbck_path_find(struct tcbck_opener *opener, struct sysck_slice path, struct tcbck_place *ret, struct sysck_err *err);

/*
 * As tcbck_path_find(), but walks every component and tells in *ret_controlled whether root (or the effective user, when
 * that is not root) alone can rename or replace the object and every directory on its way; if not, *ret_why (at least
 * SYSCK_ERR_TEXT_MAX bytes) names the first directory that others control. A sticky directory of root's protects the
 * entries of root in it.
 */
int tcbck_path_find_controlled(struct tcbck_opener *opener, struct sysck_slice path, struct tcbck_place *ret,
			       bool *ret_controlled, char *ret_why, struct sysck_err *err);

/*
 * Opens the directory `path` (absolute, of any length, with no ".", ".." or "//" in it) with O_PATH, where not one symlink is
 * followed: for going back to a directory whose resolved path is known. Two descriptors at most are open on the way.
 * Returns 0 with *ret (the caller's), or a negative errno: -ELOOP or -ENOTDIR where there is a symlink.
 */
int tcbck_path_open_resolved(const struct tcbck_root *root, struct sysck_slice path, int *ret);

/*
 * Follows `path` to its end, the last component included, by the same rule of trust, and opens the object reached with
 * O_PATH | O_CLOEXEC. For `symlinks`, `source`, programs and the etc/passwd of a root. Errors as tcbck_path_find();
 * -ENOENT also when the object itself is missing. On success *ret_descriptor is the caller's.
 */
int tcbck_path_follow(struct tcbck_opener *opener, struct sysck_slice path, int *ret_descriptor, struct sysck_err *err);

/*
 * Where the symlink `name` in `directory`, whose path is `path`, leads to in the end, as the kernel follows it: to tell what
 * uses a name, not whether it may be trusted. Nothing is opened for reading; no way leads out of the root. Returns 0 with *ret,
 * or a negative errno: -ENOENT, -ENOTDIR, -ELOOP when it leads to nothing.
 */
int tcbck_path_reach(const struct tcbck_root *root, int directory, const char *name, struct sysck_slice path, struct stat *ret);

/*
 * Opens for reading the very inode behind `descriptor` (O_PATH or not) through /proc/self/fd, with O_NONBLOCK, O_NOCTTY,
 * O_CLOEXEC, and O_NOATIME where that is allowed. Only for regular files and directories: others are refused with
 * -EINVAL before anything is opened. Returns 0 with *ret (the caller's), or a negative errno.
 */
int tcbck_path_reopen(int descriptor, int *ret);

/*
 * Opens `name` in `directory` for reading with O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_CLOEXEC, and O_NOATIME where allowed.
 * The caller has seen by statx(2) that it is a regular file or directory, and looks again at what it got. Returns 0 with
 * *ret (the caller's), or a negative errno.
 */
int tcbck_path_open_at(int directory, const char *name, int *ret);

#endif

/*
 * mounts.h - which file systems the tree is made of, and which of them are walked.
 */
#ifndef TCBCK_MOUNTS_H
#define TCBCK_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <sysck/arena.h>
#include <sysck/err.h>
#include <sysck/stanza.h>

#include "observe/path.h"

/* One mounted file system. Slices are the table's. */
struct tcbck_mount {
	uint64_t number; /* of the mount, proc_pid_mountinfo(5); statx(2) calls it stx_mnt_id */
	uint64_t parent; /* of the mount that it is mounted on */
	dev_t device;
	struct sysck_slice path;   /* of the mount point, below the root; raw bytes */
	struct sysck_slice inside; /* of its top in the file system: `/`; another one of bind mounts; empty: not known */
	struct sysck_slice type;   /* "ext4" */
	const char *left_out;      /* why it is not walked; NULL: it is walked */
};

/* The mounts at and below the root, in the order in which they are walked: the root first, whole file systems before parts. */
struct tcbck_mounts {
	struct tcbck_mount *items;
	size_t count;
	bool only_root; /* there is no /proc: nothing is known but the root */
	struct sysck_arena arena;
};

/* What leaves file systems out. Paths without a symlink on the way. */
struct tcbck_mounts_options {
	const struct sysck_list *no_file_systems; /* treeck_novfs: mount points */
	const struct sysck_list *no_directories;  /* treeck_nodir */
	bool below_too;                           /* -i: also what is mounted below those directories */
};

/*
 * Reads the mounts below the root from /proc/self/mountinfo, and the types that are on no device from /proc/filesystems. The
 * root itself is always the first, whether or not it is a mount point, and is walked whatever its type is. Returns 0 with
 * *ret (release with tcbck_mounts_done()), or a negative errno with `err` set. Where there is no /proc the table has
 * the root only.
 */
int tcbck_mounts_read(const struct tcbck_root *root, const struct tcbck_mounts_options *options, struct tcbck_mounts *ret,
		      struct sysck_err *err);
void tcbck_mounts_done(struct tcbck_mounts *mounts);

/*
 * Where walks begin so that each directory of a file system that is mounted at several places is met: at the top of each mount
 * that is walked, and where one of them shows what is covered by another mount elsewhere. One after the other, in this order.
 */
struct tcbck_top {
	size_t mount;            /* number in the table */
	struct sysck_slice path; /* the table's */
	bool is_covered_part;    /* not the mount's own top */
	bool is_shared;          /* other walks are in the same file system: their directories may be met again */
};

/* 0 with *ret (free(3) it) or -ENOMEM. */
int tcbck_mounts_tops(struct tcbck_mounts *mounts, struct tcbck_top **ret, size_t *ret_count);

/* The mount of that number, or NULL. */
const struct tcbck_mount *tcbck_mounts_find(const struct tcbck_mounts *mounts, uint64_t number);

#endif

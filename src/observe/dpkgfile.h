/*
 * dpkgfile.h - dpkg's files, read whole, as far as root alone can write them.
 */
#ifndef TCBCK_DPKGFILE_H
#define TCBCK_DPKGFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <sysck/arena.h>
#include <sysck/buf.h>
#include <sysck/err.h>

#include "observe/dpkgtext.h"
#include "observe/path.h"

/* Where dpkg keeps what it knows. */
#define TCBCK_DPKG_HOME    "/var/lib/dpkg"
#define TCBCK_DPKG_LISTS   TCBCK_DPKG_HOME "/info"
#define TCBCK_DPKG_UPDATES TCBCK_DPKG_HOME "/updates"
#define TCBCK_DPKG_CONFIG  "/etc/dpkg"
#define TCBCK_DPKG_CONFIGS TCBCK_DPKG_CONFIG "/dpkg.cfg.d"

/* Most entries of a list below. */
#define TCBCK_DPKG_LIST_MAX 50000000u

/* A directory of dpkg's. */
struct tcbck_dpkg_place {
	const char *path;
	int descriptor; /* -1: none */
};

/* Which file it was, for messages, and when it was last changed. */
struct tcbck_dpkg_source {
	char path[sizeof(TCBCK_DPKG_LISTS) + 256];
	struct timespec modified;
};

/* A list that grows; release with free(items). */
struct tcbck_dpkg_list {
	void *items;
	size_t count, room;
};

/* Room for one more item of `size` bytes at the end; NULL: memory has run out, or there are TCBCK_DPKG_LIST_MAX. */
void *tcbck_dpkgfile_list_add(struct tcbck_dpkg_list *list, size_t size);

/*
 * Opens a directory that root (or the effective user) alone controls. `path` is absolute and normalised, and outlives *ret. 0
 * with *ret, -ENOENT (there is none), -EPERM (others control it), or what the system said, with `err` set and placed.
 */
int tcbck_dpkgfile_open(struct tcbck_opener *opener, const char *path, struct tcbck_dpkg_place *ret, struct sysck_err *err);
void tcbck_dpkgfile_close(struct tcbck_dpkg_place *place);

/*
 * Opens for reading a regular file that root (or the effective user) alone can write and that has at most `max` bytes; no
 * symlink is followed. The descriptor (the caller's), or -ENOENT, -EINVAL (no regular file), -EPERM, -EFBIG, or what the system
 * said, with `err` set, not placed.
 */
int tcbck_dpkgfile_open_file(const struct tcbck_dpkg_place *place, const char *name, uint64_t max, struct stat *ret,
			     struct sysck_err *err);

/*
 * Replaces the content of `ret` by that of such a file of at most TCBCK_DPKG_FILE_MAX bytes. *ret_source says which in any
 * case. 0 or as above, with `err` placed too.
 */
int tcbck_dpkgfile_read(const struct tcbck_dpkg_place *place, const char *name, struct sysck_buf *ret,
			struct tcbck_dpkg_source *ret_source, struct sysck_err *err);

/* The same into an arena; a file that is not there is empty. */
int tcbck_dpkgfile_read_kept(const struct tcbck_dpkg_place *place, const char *name, struct sysck_arena *arena,
			     struct sysck_slice *ret, struct tcbck_dpkg_source *ret_source, struct sysck_err *err);

/*
 * The names in the directory that `fits`, sorted by bytes: *ret (release with free(ret->items)) is of const char *, in
 * `arena`. 0 or a negative errno with `err` set.
 */
int tcbck_dpkgfile_names(const struct tcbck_dpkg_place *place, bool (*fits)(const char *name), struct sysck_arena *arena,
			 struct tcbck_dpkg_list *ret, struct sysck_err *err);

/* Hands an error in a line to the sink; line 0: in the file. */
void tcbck_dpkgfile_report(const struct sysck_err_sink *errors, const struct tcbck_dpkg_source *source, unsigned line,
			   const char *why);

#endif

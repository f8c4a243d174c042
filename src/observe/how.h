/*
 * how.h - openat2(2), and all the ways in which it is used.
 */
#ifndef TCBCK_HOW_H
#define TCBCK_HOW_H

#include <stddef.h>

struct open_how;

enum tcbck_how {
	TCBCK_HOW_BENEATH,        /* a directory, as a place; no symlink anywhere on the way, never above where it begins */
	TCBCK_HOW_LIST,           /* a directory, to be read, on the same mount: -EXDEV if something is mounted there */
	TCBCK_HOW_LIST_UNTOUCHED, /* the same, without changing its access time, which is not allowed to everybody: -EPERM */
	TCBCK_HOW_UP,             /* a directory, as a place, by "..", on the same mount */
	TCBCK_HOW_COUNT
};

/*
 * Opens `path` below `directory`. Descriptor or negative errno; -ENOSYS (Linux before 5.6) or -EPERM (forbidden by a sandbox)
 * where there is no such call.
 */
int tcbck_how_open(int directory, const char *path, enum tcbck_how how);

/*
 * What that calls openat2(2) with: TCBCK_HOW_COUNT constants, all in one page, for a filter that can compare a pointer, but not
 * look behind it (filter.h).
 */
const struct open_how *tcbck_how_all(void);

#endif

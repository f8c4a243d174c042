/*
 * filter.h - the system calls of a run that only reads (seccomp(2), by libseccomp).
 */
#ifndef TCBCK_FILTER_H
#define TCBCK_FILTER_H

#include <stddef.h>

#include <sysck/err.h>

struct open_how;

/*
 * From now on, and for good, this process, its threads and whatever it becomes can only read: a call that is not on the list
 * of filter.c fails with EPERM, or with ENOSYS where a library has another way then. What is open stays open: it can still
 * write to the descriptors that it has.
 *
 * The `count` structures at `hows` are what openat2(2) may still be called with (see observe/how.h): a filter can compare a
 * pointer, not look behind it. So the page that holds them can't be written to, moved or replaced any more. It must be
 * read-only, and they must not cross the end of a page.
 *
 * The process must have no_new_privs set (prctl(2)) and have no children. Returns 0, or a negative errno with `err` set:
 * -EOPNOTSUPP where this kernel, or what confines this process already, has no filters. Nothing is in force after a failure.
 */
int tcbck_filter_reading(const struct open_how *hows, size_t count, struct sysck_err *err);

#endif

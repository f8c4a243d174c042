/*
 * filter.h - the system calls of a run that only reads (seccomp(2), by libseccomp).
 */
#ifndef TCBCK_FILTER_H
#define TCBCK_FILTER_H

#include <sysck/err.h>

/*
 * From now on, and for good, this process, its threads and whatever it becomes can only read: a call that is not on the list
 * of filter.c fails with EPERM, or with ENOSYS where a library has another way then. What is open stays open: it can still
 * write to the descriptors that it has.
 *
 * `beneath` is what openat2(2) may still be called with (see observe/path.h): a filter can compare a pointer, not look behind
 * it. So the page that holds the structure can't be written to, moved or replaced any more. It must be read-only, and the
 * structure must not cross the end of a page.
 *
 * The process must have no_new_privs set (prctl(2)) and have no children. Returns 0, or a negative errno with `err` set:
 * -EOPNOTSUPP where this kernel, or what confines this process already, has no filters. Nothing is in force after a failure.
 */
int tcbck_filter_reading(const void *beneath, struct sysck_err *err);

#endif

/*
 * file.h - the file that a report is appended to.
 */
#ifndef TCBCK_FILE_H
#define TCBCK_FILE_H

#include <sysck/err.h>

/*
 * Opens `path` for appending; it is made with mode 0600 if it is not there. It must be a regular file with no further name, and
 * its last component no symlink: else -EINVAL, -EMLINK or -ELOOP. Whoever writes whole lines to it, each by one write(2), may
 * share it with others, and have it renamed or truncated (logrotate(8)) meanwhile. If its last line has no end, as after a
 * full file system, that is written first. Returns 0 with *ret_descriptor, or a negative errno with `err` set.
 */
int tcbck_file_open(const char *path, int *ret_descriptor, struct sysck_err *err);

#endif

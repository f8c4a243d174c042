/*
 * package.h - which package a file belongs to, as far as dpkg knows.
 */
#ifndef TCBCK_PACKAGE_H
#define TCBCK_PACKAGE_H

#include "observe/path.h"

/*
 * Finds the package whose list of files names `path` (also in its spelling without /usr in front, as lists of
 * merged-/usr systems may have
 * it) in /var/lib/dpkg/info below the root. Appends its name, with the architecture where dpkg tells it, to `ret`.
 * 0, -ENOENT (no
 * package, or no dpkg), or what the system said.
 */
int tcbck_package_of(const struct tcbck_root *root, struct sysck_slice path, struct sysck_buf *ret);

#endif

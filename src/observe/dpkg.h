/*
 * dpkg.h - what dpkg(1) knows of the packages of an installation.
 */
#ifndef TCBCK_DPKG_H
#define TCBCK_DPKG_H

#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/* Largest status file, list of files or list of digests that is read, in bytes. */
#define TCBCK_DPKG_FILE_MAX (512u << 20)

/*
 * Reads /var/lib/dpkg below the root: status with what is in updates/, and for each installed package its list of files,
 * md5sums and conffiles; diversions and statoverride are applied (names of users as `names` has them; an override of a
 * user that there is not is an error). Paths are as dpkg spells them, diverted. Entries that are directories are left
 * out, as far as dpkg's lists tell (an entry that is the parent of another one is a directory; what is a directory on
 * the host is found by the caller). Adds what it reads to `packages`. Errors of single packages (a list that is missing
 * or does not read) go to `errors`, placed; such a package is not `whole`. Returns 0, -ENOENT (no dpkg there), or a
 * negative errno with `err` set.
 */
int tcbck_dpkg_read(struct tcbck_opener *opener, struct sysck_names *names, const struct sysck_err_sink *errors,
		    struct tcbck_packages *packages, struct sysck_err *err);

#endif

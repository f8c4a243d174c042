/*
 * rpm.h - what rpm(8) knows of the packages of an installation.
 */
#ifndef TCBCK_RPM_H
#define TCBCK_RPM_H

#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/* True if rpm's database can be read: librpm is there. It is loaded at the first need. */
bool tcbck_rpm_available(void);

/*
 * Reads rpm's database below the root: of each installed package its files with type, owner, group, mode, capabilities,
 * device, target, size and digest (of the package's own algorithm); %ghost files are `optional` and have no content; digests of
 * an algorithm that struct sysck_digest has not are left out. Adds it to `packages`. Nothing below the root is written,
 * and no configuration or script of it is used. Returns 0, -ENOENT (no database of rpm there), -ENOTSUP (there is one,
 * and no librpm), or a negative errno with `err` set.
 */
int tcbck_rpm_read(const struct tcbck_root *root, struct sysck_names *names, const struct sysck_err_sink *errors,
		   struct tcbck_packages *packages, struct sysck_err *err);

#endif

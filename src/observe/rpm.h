/*
 * rpm.h - what rpm(8) knows of the packages of an installation.
 */
#ifndef TCBCK_RPM_H
#define TCBCK_RPM_H

#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/*
 * True if rpm's database can be read: this program was built with librpm, and the library is there (librpm.so.9 or .10). It is
 * loaded at the first need, by this or by tcbck_rpm_read(), as observe/plugin.h tells.
 */
bool tcbck_rpm_available(void);

/* True if there is a database of rpm below the root, as far as can be seen. */
bool tcbck_rpm_is_there(const struct tcbck_root *root);

/*
 * Reads rpm's database below the root (usr/lib/sysimage/rpm, var/lib/rpm, usr/share/rpm: the first that has one): of each
 * installed package its files with type, owner, group, mode, capabilities, device, target, size and digest (of the package's
 * own algorithm); digests of an algorithm that struct sysck_digest has not are left out, so are owners whom `names` does not
 * know, and what the package does not vouch for (%verify). %ghost files are `optional`, may be of any type, and have no
 * content. Directories, files that another package has replaced, and files that were left out at installation are not there.
 * Adds it to `packages`. Headers that are not as rpm wrote them are an error. What does not read of one package goes to
 * `errors` (may be NULL).
 *
 * Nothing below the root is written, and no configuration or script is used, neither the root's nor the host's. What reads a
 * database writes beside it, so it reads a private copy, see observe/snapshot.h. One thread at a time: librpm has writable
 * variables. Not in a confined run, which can make no copies: who confines himself reads before that.
 *
 * Returns 0, -ENOENT (no database of rpm there), -ENOTSUP (there is one, and no librpm), -EBADMSG (damaged, or of a kind that
 * librpm does not know), -EAGAIN (rpm is at work), or a negative errno, with `err` set.
 */
int tcbck_rpm_read(const struct tcbck_root *root, struct sysck_names *names, const struct sysck_err_sink *errors,
		   struct tcbck_packages *packages, struct sysck_err *err);

#endif

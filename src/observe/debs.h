/*
 * debs.h - the archives of installed Debian packages: which there are, and what they tell of the packages' files.
 */
#ifndef TCBCK_DEBS_H
#define TCBCK_DEBS_H

#include <stdatomic.h>

#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/* Largest archive that is read, in bytes. */
#define TCBCK_DEBS_SIZE_MAX ((uint64_t)64 << 30)

struct tcbck_debs_options {
	const bool *wanted; /* of each package: is its archive looked for? */
	struct sysck_names *names;
	enum sysck_hash algorithm; /* of the digests that are put in the place of dpkg's */
	const struct sysck_err_sink *errors;
	const atomic_bool *stop; /* may be NULL */
};

/* Archives of packages in a table that is not frozen yet. */
struct tcbck_debs;

/* 0 or -ENOMEM; release with tcbck_debs_free(). `options` and `packages` must outlive it. */
int tcbck_debs_new(const struct tcbck_debs_options *options, struct tcbck_packages *packages, struct tcbck_debs **ret);
void tcbck_debs_free(struct tcbck_debs *debs);

/*
 * Reads the archives in the directory `path` (absolute, normalised) that are of packages wanted and not found so far, and adds
 * what they tell to the packages' files: type, owner, group and mode (but those of statoverride stay), target, device, size and
 * digest. Package, version and architecture must be those installed. If dpkg knows another MD5 of a file, the archive is
 * not used. A configuration file keeps dpkg's digest where that is another one. Entries that are directories get an
 * empty path. `named`: only files named as apt does are opened; else all that end in ".deb".
 *
 * The directory and the archives must be root's (or the effective user's) alone to change. What is wrong with single archives
 * goes to `errors`. Returns 0, -ENOENT (no such directory), -EPERM (others control it), -ENOTSUP (archives can't be read here),
 * -ECANCELED, or a negative errno, with `err` set.
 */
int tcbck_debs_read(struct tcbck_debs *debs, struct tcbck_opener *opener, const char *path, bool named, struct sysck_err *err);

/* Archives that were used. */
size_t tcbck_debs_used(const struct tcbck_debs *debs);

#endif

/*
 * package.h - the packages of an installation, whatever manages them, with what their archives tell.
 */
#ifndef TCBCK_PACKAGE_H
#define TCBCK_PACKAGE_H

#include <stdatomic.h>

#include "observe/packages.h"
#include "observe/path.h"
#include "observe/users.h"

/* Directory of apt's cache of archives, below the root. */
#define TCBCK_PACKAGE_CACHE "/var/cache/apt/archives"

struct tcbck_package_options {
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	const char *archives; /* --deb: a directory with archives besides the cache, of the caller's system; NULL: none */
	/*
	 * Which packages' archives are to be read: true for each that `wants` says (NULL: none are). An archive gives owner,
	 * group, mode, target and a digest of `algorithm`; it counts only if package, version and architecture are those
	 * installed, and where both know a file's MD5, only if they agree. It must lie where root alone can put it.
	 */
	bool (*wants)(void *context, const struct tcbck_package *package);
	void *context;
	enum sysck_hash algorithm;
	const struct sysck_err_sink *errors; /* what could not be read of single packages and archives */
	const atomic_bool *stop;             /* may be NULL */
};

/*
 * True if reading takes more than a confined run may do: loading a library, and writing a private copy. Then it is read before.
 * So it is where rpm has a database, and dpkg has none.
 */
bool tcbck_package_needs_freedom(const struct tcbck_root *root);

/*
 * Reads what the package manager knows, frozen: dpkg where there is one, else rpm. Paths are canonical: no symlink in the
 * directory of a file (with /bin -> usr/bin, dpkg's /bin/su is /usr/bin/su). Entries that are directories on the host are left
 * out. *ret_archives (may be NULL) is the number of archives that were used. Returns 0 with *ret
 * (release with tcbck_packages_free()), -ENOENT: no package manager, or a negative errno with `err` set.
 */
int tcbck_package_read(const struct tcbck_package_options *options, struct tcbck_packages **ret, size_t *ret_archives,
		       struct sysck_err *err);

#endif

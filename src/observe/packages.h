/*
 * packages.h - what a package manager knows of an installation: packages and their files, as one frozen table.
 *
 * Filled by the reader of one package manager, then frozen: sorted by path, shared by threads without a lock.
 */
#ifndef TCBCK_PACKAGES_H
#define TCBCK_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <sysck/arena.h>
#include <sysck/def.h>

/* Most packages and most files of all packages that are read; more is an error. */
#define TCBCK_PACKAGES_MAX       1000000u
#define TCBCK_PACKAGES_FILES_MAX 50000000u

struct tcbck_package {
	struct sysck_slice name; /* without architecture */
	struct sysck_slice version;
	struct sysck_slice architecture;
	struct timespec installed; /* when its files were last put in place, as the package manager tells */
	bool whole;                /* it is installed and nothing of it is under way: what is known of its files holds */
};

/*
 * One file of one package. Everything is what the package manager vouches for: what it does not know is not in `known`.
 * Directories are no part of the table: packages share them.
 */
struct tcbck_packaged {
	struct sysck_slice path;   /* where it is on the host: diversions applied, no symlink in its directory; raw bytes */
	struct sysck_slice listed; /* as the package itself spells it, before all that; left empty when added: the same */
	size_t package;            /* index of the package */
	sysck_attr_set known;      /* of TYPE, OWNER, GROUP, MODE, CAPABILITIES, DEVICE, TARGET, SIZE and HASH_VALUE */
	enum sysck_type type;
	bool configuration; /* a configuration file: administrators change it, package managers keep that */
	bool optional;      /* it may be missing: rpm's %ghost and missingok; or paths that dpkg is told to leave out */
	uint32_t owner, group, mode;    /* mode: 07777 bits */
	struct sysck_digest hash_value; /* of the content; dpkg: MD5, or that of a package's archive */
	struct sysck_digest proof; /* if has_proof: a second digest of the same content (dpkg's MD5 beside the archive's) */
	bool has_proof;
	uint64_t size;
	struct sysck_device device;
	struct sysck_capabilities capabilities;
	struct sysck_slice target; /* of a symlink */
};

struct tcbck_packages;

/* 0 or -ENOMEM; release with tcbck_packages_free(). */
int tcbck_packages_new(struct tcbck_packages **ret);
void tcbck_packages_free(struct tcbck_packages *packages);

/*
 * Filling. Texts are copied. 0, -EFBIG (more than the limits above) or -ENOMEM. *ret_index is the new package's; a file
 * names its package by that.
 */
int tcbck_packages_add(struct tcbck_packages *packages, const struct tcbck_package *package, size_t *ret_index);
int tcbck_packages_add_file(struct tcbck_packages *packages, const struct tcbck_packaged *file);

/* Files while the table is being filled, in the order in which they were added, for what is learned later. */
size_t tcbck_packages_added(const struct tcbck_packages *packages);
struct tcbck_packaged *tcbck_packages_file(struct tcbck_packages *packages, size_t index);
/* A copy of a text that lives as long as the table. 0 or -ENOMEM. */
int tcbck_packages_copy(struct tcbck_packages *packages, struct sysck_slice text, struct sysck_slice *ret);

/*
 * Sorts by path (then by package). A file whose path was made empty while the table was being filled is left out, and so are
 * directories: also one of unknown type that has another one below it. Nothing is added afterwards.
 */
void tcbck_packages_freeze(struct tcbck_packages *packages);

/*
 * Says that not all that the package manager knows could be read: who is not in the table may be installed all the same. May
 * be said at any time.
 */
void tcbck_packages_set_partial(struct tcbck_packages *packages);
bool tcbck_packages_is_partial(const struct tcbck_packages *packages);

/* Reading a frozen table. */
size_t tcbck_packages_count(const struct tcbck_packages *packages);
const struct tcbck_package *tcbck_packages_get(const struct tcbck_packages *packages, size_t index);
/* The package of that name (without architecture), the first if there are several: 0 or -ENOENT. */
int tcbck_packages_named(const struct tcbck_packages *packages, struct sysck_slice name, size_t *ret_index);
size_t tcbck_packages_file_count(const struct tcbck_packages *packages);
/* In the order of paths. */
const struct tcbck_packaged *tcbck_packages_at(const struct tcbck_packages *packages, size_t index);
/*
 * The files of that path (several packages may have it: the same package for several architectures): *ret_first is the index of
 * the first, the result how many there are; 0 if none.
 */
size_t tcbck_packages_find(const struct tcbck_packages *packages, struct sysck_slice path, size_t *ret_first);
/* What proves the file's content in the package manager's own words: its `proof`, else its hash_value; NULL: nothing does. */
const struct sysck_digest *tcbck_packages_digest(const struct tcbck_packaged *file);
/* True if there is a file below the directory `path`. */
bool tcbck_packages_has_below(const struct tcbck_packages *packages, struct sysck_slice path);

#endif

/*
 * update.h - the only way back into the database: -a, -d, -l.
 *
 * An update is all or nothing: when one operand is wrong, every wrong one is named and the database stays as it was.
 */
#ifndef TCBCK_UPDATE_H
#define TCBCK_UPDATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <sysck/sysck.h>

#include "judge/check.h"
#include "observe/path.h"
#include "observe/users.h"

struct tcbck_update_options {
	const char *database;
	enum sysck_store_links links; /* how its path is followed */
	const struct tcbck_root *root;
	const struct tcbck_users *users;
	unsigned jobs;
	const atomic_bool *stop;               /* may be NULL */
	struct tcbck_check_counters *counters; /* for a progress line */
	const struct sysck_err_sink *errors;   /* every error, one by one */
	/*
	 * Hears of each definition that was changed, after the database was replaced: its path (raw bytes; `sysck`: the
	 * settings), and `add`, `change`, `delete` or, of -l, `register`. May be NULL.
	 */
	void (*changed)(void *context, struct sysck_slice path, const char *function);
	void *context;
};

struct tcbck_update_result {
	size_t added; /* definitions */
	size_t changed;
	size_t deleted;
	size_t absent;   /* left out by --if-present */
	size_t unlinked; /* -r: objects whose `links` was left out, since they have names outside of the directory */
	size_t errors;   /* reported; if any, nothing was changed */
	bool cancelled;  /* stopped; nothing was changed */
};

/*
 * All of these return 0 with *ret when the database was changed, or found to need no change, or errors were reported
 * (ret->errors); a negative errno with `err` set when the update as a whole failed. In any case but the first the
 * database is as it was.
 */

/* -a Path attribute[=value]...; operands[0] is the path. */
int tcbck_update_add(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
		     struct tcbck_update_result *ret, struct sysck_err *err);

/* -a sysck setting=value...; operands[0] is `sysck`. */
int tcbck_update_settings(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			  struct tcbck_update_result *ret, struct sysck_err *err);

/* -a -r Directory attribute[=value]...; operands[0] is the directory. */
int tcbck_update_tree(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
		      struct tcbck_update_result *ret, struct sysck_err *err);

/*
 * -a tree attribute[=value]...: registers strays, sorted as findings are: each object without a definition gets one, with
 * these attributes or, when there are none, as it is now: type, owner, group, mode, device, capabilities; a link or
 * symlink goes into the `links` or `symlinks` of the definition that it leads to. Unverified ones are passed over. So are
 * those that are no longer there, which get the outcome LEFT, and those that are other objects by now, which become unverified;
 * each has its reason.
 */
int tcbck_update_register(const struct tcbck_update_options *options, struct tcbck_finding *strays, size_t stray_count,
			  const struct sysck_slice *operands, size_t count, struct tcbck_update_result *ret,
			  struct sysck_err *err);

/* How many findings --accept-explained would take: explained, of a definition, nothing done about them yet. */
size_t tcbck_update_acceptable(const struct tcbck_findings *findings);

/*
 * Takes every explained finding (tcbck_explain()) into the database, with the values that were proven: none of the others. A
 * missing file's definition goes. `judged` is the database that they were found by: a definition that is another one by now
 * is left. Sets the outcome of what was taken.
 */
int tcbck_update_accept(const struct tcbck_update_options *options, const struct sysck_db *judged,
			struct tcbck_findings *findings, struct tcbck_update_result *ret, struct sysck_err *err);

/* What -a --packages is asked for. */
struct tcbck_inventory_options {
	const struct sysck_slice *names; /* of packages, without architecture; none: all */
	size_t count;
	const char *archives; /* --deb; NULL: none */
	/*
	 * Only what the inventory has and the package manager changed since: packages that are newer, gone, or, when the
	 * inventory is of all packages, new. Nothing at all unless the setting follow_packages is on.
	 */
	bool follow;
};

struct tcbck_inventory_result {
	bool off; /* follow, and the setting is off: nothing was done */
	struct tcbck_update_result update;
	size_t packages;
	size_t archives;   /* that were read */
	size_t files;      /* that are defined now */
	size_t unknown;    /* that are missing, of a type that nobody knows: not defined */
	size_t undigested; /* of those: the package manager knows no digest; their content is not defined */
	size_t unvouched;  /* new definitions whose owner, group and mode are those of the host */
	size_t waiting;    /* packages that are half installed: left as they were */
	/* Paths that are not what their packages have: to be checked. Owned by the result. */
	struct sysck_slice *wrong;
	size_t wrong_count;
	struct sysck_arena arena;
};

void tcbck_inventory_result_done(struct tcbck_inventory_result *result);

/*
 * -a --packages: defines the files of packages, in class inventory and the class of the package's name. The digest of a file
 * is that of the very read that proved the package's digest; a file that does not match gets the package's digest, and is in
 * `wrong`. Owner, group, mode, capabilities, device and target are the package manager's where it vouches for them, else
 * what the definition had, else the host's. What is VOLATILE stays so. Definitions of the inventory whose package no
 * longer has them go; those that somebody else made lose the two classes. A name that is neither installed nor in the
 * inventory is an error.
 */
int tcbck_update_inventory(const struct tcbck_update_options *options, const struct tcbck_inventory_options *inventory,
			   struct tcbck_inventory_result *ret, struct sysck_err *err);

/* -a -f: merges `bytes`, a stanza file named `file`, which it takes over. */
int tcbck_update_merge(const struct tcbck_update_options *options, struct sysck_buf *bytes, struct sysck_slice file,
		       bool if_present, struct tcbck_update_result *ret, struct sysck_err *err);

/* -d Path or class... */
int tcbck_update_delete(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			struct tcbck_update_result *ret, struct sysck_err *err);

/* -d -f: deletes the definitions of the paths that `bytes` names, which it takes over. */
int tcbck_update_delete_named(const struct tcbck_update_options *options, struct sysck_buf *bytes, struct sysck_slice file,
			      struct tcbck_update_result *ret, struct sysck_err *err);

/* -l /dev/name... */
int tcbck_update_devices(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			 struct tcbck_update_result *ret, struct sysck_err *err);

#endif

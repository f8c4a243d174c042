/*
 * dpkgrules.h - what dpkg is told to do otherwise with files than their packages say: diversions, statoverride, path-exclude.
 */
#ifndef TCBCK_DPKGRULES_H
#define TCBCK_DPKGRULES_H

#include <sysck/arena.h>
#include <sysck/def.h>

#include "observe/dpkgfile.h"

/* Frozen once read. */
struct tcbck_dpkg_rules {
	struct sysck_arena arena;
	struct tcbck_dpkg_list diversions; /* of struct tcbck_dpkg_diversion, sorted */
	struct tcbck_dpkg_list overrides;  /* of struct tcbck_dpkg_stat, sorted */
	struct tcbck_dpkg_list filters;    /* of patterns, in dpkg's order */
};

struct tcbck_dpkg_stat {
	struct sysck_slice path;
	sysck_attr_set known; /* of OWNER, GROUP and MODE */
	uint32_t owner, group, mode;
};

/*
 * Reads diversions and statoverride in `home` and the filters of dpkg.cfg. Lines that don't read go to `errors`; so do users
 * and groups that there are not: then what else the line says holds. Returns 0 or a negative errno with `err` set; release with
 * tcbck_dpkgrules_done() in any case.
 */
int tcbck_dpkgrules_read(struct tcbck_dpkg_rules *rules, struct tcbck_opener *opener, const struct tcbck_dpkg_place *home,
			 struct sysck_names *names, const struct sysck_err_sink *errors, struct sysck_err *err);
void tcbck_dpkgrules_done(struct tcbck_dpkg_rules *rules);

/* Where the file `path` of the package is. */
struct sysck_slice tcbck_dpkgrules_divert(const struct tcbck_dpkg_rules *rules, struct sysck_slice path,
					  struct sysck_slice package);
/* The override of the path, or NULL. */
const struct tcbck_dpkg_stat *tcbck_dpkgrules_stat(const struct tcbck_dpkg_rules *rules, struct sysck_slice path);
/* True if dpkg is told to leave the path out. `text` is the path with a NUL behind it. */
bool tcbck_dpkgrules_leaves_out(const struct tcbck_dpkg_rules *rules, const char *text);

#endif

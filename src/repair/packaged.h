/*
 * packaged.h - what a package has installed, as text of a definition.
 */
#ifndef TCBCK_PACKAGED_H
#define TCBCK_PACKAGED_H

#include "observe/packages.h"
#include "repair/adopt.h"

/* One thread's means. */
struct tcbck_packaging {
	const struct tcbck_adopter *adopter;
	const struct tcbck_packages *packages; /* frozen */
	const struct sysck_db *db;             /* what is defined already */
	struct sysck_arena *kept;              /* of `fault` */
};

/* What became of a file. */
struct tcbck_taken {
	bool wrong;               /* the host has not what the definition says: it is to be checked */
	bool unknown;             /* it is missing, and nobody knows what it is: not defined */
	bool undigested;          /* nobody knows a digest: its content is not defined */
	bool unvouched;           /* owner, group or mode are those of the host */
	struct sysck_slice fault; /* why it could not be defined; escaped; empty: nothing was wrong */
};

/* True if the list has that name in it. */
bool tcbck_packaged_has_class(const struct sysck_list *classes, struct sysck_slice name);

/*
 * Appends the stanza that the file gets, the one at index `file` of the table, the first of its path. Nothing is appended
 * for what is not there and may be missing, for a directory, and with a fault. 0 or -ENOMEM.
 */
int tcbck_packaged_define(const struct tcbck_packaging *packaging, size_t file, struct sysck_buf *out, struct tcbck_taken *ret);

#endif

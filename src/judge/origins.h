/*
 * origins.h - from which installation of each package the definitions of class `inventory` were made.
 *
 * Kept beside the database, in the file DATABASE.packages, which is trusted as the database is. A package that was
 * installed again since is newer than its definitions.
 */
#ifndef TCBCK_ORIGINS_H
#define TCBCK_ORIGINS_H

#include <sysck/store.h>

#include "observe/packages.h"

/* Added to the name of the database. */
#define TCBCK_ORIGINS_SUFFIX ".packages"

struct tcbck_origins;

/* Nothing known. 0 or -ENOMEM; release with tcbck_origins_free(). */
int tcbck_origins_new(struct tcbck_origins **ret);
void tcbck_origins_free(struct tcbck_origins *origins);

/*
 * Reads them for the database at `database`; a file that is not there knows nothing. 0, or a negative errno with `err` set:
 * -EPERM (not to be trusted), -EBADMSG (it does not read), or what the system said.
 */
int tcbck_origins_read(const char *database, enum sysck_store_links links, struct tcbck_origins **ret, struct sysck_err *err);
/* The same from bytes, which are copied. `name` is for messages. */
int tcbck_origins_parse(struct sysck_slice bytes, struct sysck_slice name, struct tcbck_origins **ret, struct sysck_err *err);

/* True if the inventory is of all packages: new ones belong to it. */
bool tcbck_origins_all(const struct tcbck_origins *origins);
void tcbck_origins_set_all(struct tcbck_origins *origins);

/* True if definitions were made from that package, however long ago (name and architecture decide). */
bool tcbck_origins_has(const struct tcbck_origins *origins, const struct tcbck_package *package);
/* True if they were made from a package of that name (without architecture). */
bool tcbck_origins_has_name(const struct tcbck_origins *origins, struct sysck_slice name);
/* True if they were made from this very installation of it: version and time are the same. */
bool tcbck_origins_same(const struct tcbck_origins *origins, const struct tcbck_package *package);
/* From now on they are made from this installation. 0 or -ENOMEM. */
int tcbck_origins_set(struct tcbck_origins *origins, const struct tcbck_package *package);
/* Forgets each package that keep() says no to. */
void tcbck_origins_keep(struct tcbck_origins *origins,
			bool (*keep)(void *context, struct sysck_slice name, struct sysck_slice architecture), void *context);

size_t tcbck_origins_count(const struct tcbck_origins *origins);
/* Appends the whole text. */
void tcbck_origins_write(const struct tcbck_origins *origins, struct sysck_buf *out);

#endif

/*
 * landlock.h - what a run that only reads may do with files (landlock(7)).
 */
#ifndef TCBCK_LANDLOCK_H
#define TCBCK_LANDLOCK_H

#include <sysck/err.h>

/*
 * From now on, and for good, this thread and those it starts can open no file for writing, make, rename or remove no name,
 * execute nothing; as far as the kernel knows how to forbid it, also not act on devices, use TCP, or signal and connect to what
 * is outside (but for sockets that have a name in a file system). Reading is left alone. Owners, modes, attributes and
 * truncating are not Landlock's matter: see filter.h.
 *
 * The thread must have no_new_privs set (prctl(2)). Returns 0, or a negative errno with `err` set: -EOPNOTSUPP where this
 * kernel, or what confines this process already, has no Landlock. Nothing is in force after a failure.
 */
int tcbck_landlock_reading(struct sysck_err *err);

/*
 * The same for signals and abstract sockets of what is outside only, which filter.h can't tell from others: no file is looked
 * at for it, and opening costs nothing more. -EOPNOTSUPP before Linux 6.12.
 */
int tcbck_landlock_scopes(struct sysck_err *err);

#endif

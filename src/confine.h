/*
 * confine.h - what the program may do, and what it takes from whoever calls it.
 */
#ifndef TCBCK_CONFINE_H
#define TCBCK_CONFINE_H

#include <stdbool.h>

#include <sysck/err.h>

/* The group whose members may run an installation that is setuid root. */
#define TCBCK_CONFINE_GROUP "security"

/* True if the program runs with more than its caller's rights (setuid root). */
bool tcbck_confine_is_privileged(void);

/*
 * First thing of all: descriptors 0 to 2 are opened if closed, the umask is set, signals get a known disposition, the
 * limits that a caller can hurt with are lifted where allowed. A privileged run discards the environment, and is for
 * root and the members of
 * TCBCK_CONFINE_GROUP: anybody else gets -EPERM with `err` set. Returns 0 or a negative errno with `err` set.
 */
int tcbck_confine_start(struct sysck_err *err);

/*
 * In a privileged run: may the caller have `path` read for him? It must be readable with his own rights, so that no message
 * quotes what he could not read. 0, or a negative errno with `err` set.
 */
int tcbck_confine_check_readable(const char *path, struct sysck_err *err);

/*
 * Gives up every capability that reading does not need, for good. What remains is CAP_DAC_READ_SEARCH and CAP_FOWNER (for
 * O_NOATIME). Programs that are run get what root's programs get. 0 or a negative errno with `err` set.
 */
int tcbck_confine_to_reading(struct sysck_err *err);

#endif

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

/* Longest text that tells how far a run is confined, in bytes with the final NUL. */
#define TCBCK_CONFINE_NOTE_MAX 256

/* What a run has to be able to do. */
struct tcbck_confine_needs {
	bool changes;  /* files or the database */
	bool programs; /* runs `program` or `checksum` commands, which get what root's programs get */
	bool plain;    /* --no-confine: capabilities only */
};

/*
 * Gives up, for good, every capability that neither reading nor, with needs->changes, repairing and updating takes; before
 * anything is opened. Of needs, only `changes` is looked at. 0 or a negative errno with `err` set. See capabilities(7).
 */
int tcbck_confine_capabilities(const struct tcbck_confine_needs *needs, struct sysck_err *err);

/*
 * Gives up the rest, for good, once it is known what has to be done; before the first thread is started. Without programs:
 * gaining rights by executing something. If nothing is changed either: all but reading, see filter.h and landlock.h, as far
 * as the kernel knows them. `ret_note` (TCBCK_CONFINE_NOTE_MAX bytes) gets a line about it. Once only. 0, or a negative
 * errno with `err` set: what the kernel knows could not be put in force.
 */
int tcbck_confine_to(const struct tcbck_confine_needs *needs, char *ret_note, struct sysck_err *err);

#endif

/*
 * users.h - whose names count: those of the running system, or those of another root.
 */
#ifndef TCBCK_USERS_H
#define TCBCK_USERS_H

#include <sysck/err.h>
#include <sysck/names.h>

#include "observe/path.h"

/* Frozen once opened: each thread makes itself names out of it. */
struct tcbck_users;

/*
 * For the running system, nothing is read. For another root its etc/passwd and etc/group are read; one that is missing
 * has no users. Returns 0 with *ret (release with tcbck_users_free()), or a negative errno with `err` set.
 */
int tcbck_users_open(const struct tcbck_root *root, struct tcbck_users **ret, struct sysck_err *err);
void tcbck_users_free(struct tcbck_users *users);

/* One thread's names. 0 or -ENOMEM; release with sysck_names_free(). */
int tcbck_users_names(const struct tcbck_users *users, struct sysck_names **ret);

#endif

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

/* The highest id of a system user and of a system group: administrative ids. Read from /etc/login.defs below the root
 * (login.defs(5): SYS_UID_MAX, SYS_GID_MAX); 999 where it, or the line, is missing. */
struct tcbck_system_ids {
	uint32_t user_max;
	uint32_t group_max;
};

/* 0 with *ret, or a negative errno with `err` set (placed where a number does not read). */
int tcbck_users_system_ids(const struct tcbck_root *root, struct tcbck_system_ids *ret, struct sysck_err *err);

/* One thread's names. 0 or -ENOMEM; release with sysck_names_free(). */
int tcbck_users_names(const struct tcbck_users *users, struct sysck_names **ret);

#endif

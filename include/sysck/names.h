/*
 * names.h - users and groups, by name and by number.
 *
 * Either those of the running system (NSS), or those of the etc/passwd and etc/group of another root. Answers are
 * kept, so that
 * asking again costs a look into a table. An object belongs to one thread.
 */
#ifndef SYSCK_NAMES_H
#define SYSCK_NAMES_H

#include <stdint.h>

#include <sysck/buf.h>

/* Highest numeric user or group id. */
#define SYSCK_ID_MAX 4294967294u

struct sysck_names;

/* Of the running system, through NSS (getpwnam_r(3) and its sisters). Returns 0 or -ENOMEM. */
int sysck_names_new(struct sysck_names **ret);

/*
 * Of the given contents of a passwd(5) and a group(5) file; malformed lines are passed over, the first of two lines
 * with the same name or number counts, as in files of NSS. The contents are copied. Returns 0 or -ENOMEM.
 */
int sysck_names_new_files(struct sysck_slice passwd, struct sysck_slice group, struct sysck_names **ret);

void sysck_names_free(struct sysck_names *names);

/* 0, -ENOENT (no such name), -ENOMEM, or what NSS failed with. *ret is untouched on failure. */
int sysck_names_user_id(struct sysck_names *names, struct sysck_slice name, uint32_t *ret);
int sysck_names_group_id(struct sysck_names *names, struct sysck_slice name, uint32_t *ret);

/* The name of an id; it lives as long as `names`. 0, -ENOENT, -ENOMEM, or what NSS failed with. */
int sysck_names_user(struct sysck_names *names, uint32_t uid, struct sysck_slice *ret);
int sysck_names_group(struct sysck_names *names, uint32_t gid, struct sysck_slice *ret);

#endif

/*
 * acl.h - POSIX.1e ACLs, acl(5), as sorted lists of entries.
 */
#ifndef SYSCK_ACL_H
#define SYSCK_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/acl.h>

#include <sysck/arena.h>
#include <sysck/buf.h>
#include <sysck/err.h>
#include <sysck/names.h>
#include <sysck/stanza.h>

/* Most entries of an access and a default ACL together; Linux has room for 8191 in each. */
#define SYSCK_ACL_MAX 16384u

/* Who an entry is for, in the order of acl(5). */
enum sysck_acl_tag {
	SYSCK_ACL_USER_OBJ,
	SYSCK_ACL_USER,
	SYSCK_ACL_GROUP_OBJ,
	SYSCK_ACL_GROUP,
	SYSCK_ACL_MASK,
	SYSCK_ACL_OTHER,
	SYSCK_ACL_TAG_COUNT
};

struct sysck_acl_entry {
	bool is_default;     /* of the default ACL of a directory */
	uint8_t tag;         /* enum sysck_acl_tag */
	uint8_t permissions; /* 4 read, 2 write, 1 execute */
	uint32_t id;         /* of SYSCK_ACL_USER and SYSCK_ACL_GROUP; else 0 */
};

/* An ACL as a sorted list (access before default, then tag, then id). Empty: none beyond the mode. */
struct sysck_acl {
	const struct sysck_acl_entry *entries;
	size_t count;
};

/*
 * Items in the short or long text form of acl_from_text(3); "default:" or "d:" before entries of the default ACL. Each of
 * the two ACLs must be valid by acl_valid(3), and there are SYSCK_ACL_MAX entries at most. Entries are in the arena.
 * Returns 0, -EINVAL, -ENOENT (no such user or group) or
 * -ENOMEM, with `err` set.
 */
int sysck_acl_parse(const struct sysck_list *items, struct sysck_names *names, struct sysck_arena *arena, struct sysck_acl *ret,
		    struct sysck_err *err);

/* Appends the short text form, comma separated, fit for the database. Names where there are such, else numbers. */
void sysck_acl_write(struct sysck_buf *buf, struct sysck_names *names, const struct sysck_acl *acl);

bool sysck_acl_equal(const struct sysck_acl *a, const struct sysck_acl *b);

/*
 * One ACL out of what libacl gave for an access and a default ACL, either of which may be NULL; they stay the caller's.
 * Returns 0, -EINVAL (entries that POSIX.1e does not have) or -ENOMEM.
 */
int sysck_acl_convert(acl_t access, acl_t by_default, struct sysck_arena *arena, struct sysck_acl *ret);

/* The entries that the permission bits of a mode stand for: user::, group::, other::. -ENOMEM when memory has run out. */
int sysck_acl_of_mode(uint32_t mode, struct sysck_arena *arena, struct sysck_acl *ret);

/* The rwxrwxrwx bits that the access entries stand for (the mask stands for the group's); false if there are none. */
bool sysck_acl_mode(const struct sysck_acl *acl, uint32_t *ret);

/* True if there is more in it than a mode can say: a mask, named entries, or a default ACL. */
bool sysck_acl_is_extended(const struct sysck_acl *acl);

#endif

/*
 * apply.c - owner, mode, ACL, flag and capabilities of one pinned object.
 *
 * Knows the system calls that change attributes, and their order: permission is taken away first and given last. Must never
 * use a name: only the descriptor it is handed.
 */
#include "repair/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/acl.h>
#include <sys/capability.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "observe/path.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define SET_ID             06000u
#define XATTR_TCB          "security.tcb"
#define XATTR_CAPABILITIES "security.capability"
#define XATTR_ACCESS       "system.posix_acl_access"
#define XATTR_DEFAULT      "system.posix_acl_default"

/* The name by which calls that refuse O_PATH can be told of a descriptor. */
struct way {
	char text[32];
};

static struct way way_to(const struct tcbck_pinned *pinned)
{
	struct way way;

	(void)snprintf(way.text, sizeof(way.text), "/proc/self/fd/%d", pinned->descriptor);
	return way;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int tcbck_apply_pin(int directory, const char *name, struct tcbck_pinned *ret)
{
	struct tcbck_pinned pinned = { .descriptor = -1 };
	struct stat before;
	int r = 0;

	if (fstatat(directory, name, &before, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	pinned.is_path = !S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode);
	if (pinned.is_path) {
		pinned.descriptor = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (pinned.descriptor < 0)
			r = -errno;
	} else {
		r = tcbck_path_open_at(directory, name, &pinned.descriptor);
	}
	/* It was a file or a directory a moment ago: now it is a symlink, a socket or a device without a driver. */
	if (r == -ELOOP || r == -ENXIO || r == -ENODEV)
		r = -EAGAIN;
	if (r < 0)
		return r;
	if (fstat(pinned.descriptor, &pinned.st) < 0)
		r = -errno;
	else if (!same(&before, &pinned.st) || (before.st_mode & S_IFMT) != (pinned.st.st_mode & S_IFMT))
		r = -EAGAIN;
	if (r < 0) {
		close(pinned.descriptor);
		return r;
	}
	*ret = pinned;
	return 0;
}

/* fchmodat2(2) on the descriptor; before Linux 6.6 the way through /proc, which needs it to be mounted. */
static int set_mode(const struct tcbck_pinned *pinned, uint32_t mode)
{
	struct way way = way_to(pinned);

	if (S_ISLNK(pinned->st.st_mode))
		return 0;
	if (!pinned->is_path)
		return fchmod(pinned->descriptor, (mode_t)mode) < 0 ? -errno : 0;
	if (syscall(SYS_fchmodat2, pinned->descriptor, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS)
		return -errno;
	if (chmod(way.text, (mode_t)mode) == 0)
		return 0;
	return errno == ENOENT ? -ENOSYS : -errno;
}

static int set_owner(const struct tcbck_pinned *pinned, uint32_t owner, uint32_t group)
{
	return fchownat(pinned->descriptor, "", owner, group, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int remove_xattr(const struct tcbck_pinned *pinned, const char *name)
{
	struct way way = way_to(pinned);
	int r = pinned->is_path ? removexattr(way.text, name) : fremovexattr(pinned->descriptor, name);

	/* A symlink has none of these, and a file system may have none at all. */
	if (r == 0 || errno == ENODATA || errno == ENOTSUP || S_ISLNK(pinned->st.st_mode))
		return 0;
	return errno == ENOENT ? -ENOSYS : -errno;
}

static int set_flag(const struct tcbck_pinned *pinned, bool on)
{
	struct way way = way_to(pinned);
	int r;

	if (!on)
		return remove_xattr(pinned, XATTR_TCB);
	r = pinned->is_path ? setxattr(way.text, XATTR_TCB, "1", 1, 0) : fsetxattr(pinned->descriptor, XATTR_TCB, "1", 1, 0);
	if (r == 0)
		return 0;
	return errno == ENOENT ? -ENOSYS : -errno;
}

static int set_capabilities(const struct tcbck_pinned *pinned, const struct sysck_capabilities *capabilities)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct sysck_capabilities plain = *capabilities;
	cap_t set = NULL;
	int r = 0;

	if (sysck_capabilities_empty(capabilities))
		return remove_xattr(pinned, XATTR_CAPABILITIES);
	plain.root_id = 0;
	sysck_capabilities_write(&text, &plain);
	sysck_buf_add_char(&text, '\0');
	if (sysck_buf_error(&text) == 0)
		set = cap_from_text(text.data);
	if (set == NULL)
		r = -ENOMEM;
	if (r == 0 && capabilities->root_id != 0 && cap_set_nsowner(set, capabilities->root_id) < 0)
		r = -errno;
	if (r == 0 && cap_set_fd(pinned->descriptor, set) < 0)
		r = -errno;
	if (set != NULL)
		(void)cap_free(set);
	sysck_buf_done(&text);
	return r;
}

static int add_entry(acl_t *acl, const struct sysck_acl_entry *from)
{
	static const acl_tag_t tags[SYSCK_ACL_TAG_COUNT] = {
		[SYSCK_ACL_USER_OBJ] = ACL_USER_OBJ, [SYSCK_ACL_USER] = ACL_USER, [SYSCK_ACL_GROUP_OBJ] = ACL_GROUP_OBJ,
		[SYSCK_ACL_GROUP] = ACL_GROUP,       [SYSCK_ACL_MASK] = ACL_MASK, [SYSCK_ACL_OTHER] = ACL_OTHER,
	};
	acl_permset_t permissions;
	acl_entry_t entry;
	id_t id = from->id;

	if (acl_create_entry(acl, &entry) < 0 || acl_set_tag_type(entry, tags[from->tag]) < 0 ||
	    acl_get_permset(entry, &permissions) < 0 || acl_clear_perms(permissions) < 0)
		return -errno;
	if (((from->permissions & 4) != 0 && acl_add_perm(permissions, ACL_READ) < 0) ||
	    ((from->permissions & 2) != 0 && acl_add_perm(permissions, ACL_WRITE) < 0) ||
	    ((from->permissions & 1) != 0 && acl_add_perm(permissions, ACL_EXECUTE) < 0))
		return -errno;
	if (from->tag == SYSCK_ACL_USER || from->tag == SYSCK_ACL_GROUP)
		return acl_set_qualifier(entry, &id) < 0 ? -errno : 0;
	return 0;
}

/* Sets the access or the default part of an ACL; a part without entries is removed. */
static int set_acl_part(const struct tcbck_pinned *pinned, const struct sysck_acl *wanted, bool by_default)
{
	struct way way = way_to(pinned);
	size_t count = 0;
	acl_t acl;
	int r = 0;

	for (size_t i = 0; i < wanted->count; i++)
		count += wanted->entries[i].is_default == by_default;
	if (count == 0)
		return remove_xattr(pinned, by_default ? XATTR_DEFAULT : XATTR_ACCESS);
	acl = acl_init((int)count);
	if (acl == NULL)
		return -errno;
	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		if (wanted->entries[i].is_default == by_default)
			r = add_entry(&acl, &wanted->entries[i]);
	if (r == 0 && !by_default && !pinned->is_path)
		r = acl_set_fd(pinned->descriptor, acl) < 0 ? -errno : 0;
	else if (r == 0)
		r = acl_set_file(way.text, by_default ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS, acl) < 0 ? -errno : 0;
	(void)acl_free(acl);
	return r == -ENOENT ? -ENOSYS : r;
}

static int set_acl(const struct tcbck_pinned *pinned, const struct sysck_acl *wanted)
{
	int r = set_acl_part(pinned, wanted, false);

	if (r == 0 && S_ISDIR(pinned->st.st_mode))
		r = set_acl_part(pinned, wanted, true);
	return r;
}

static int fail(struct sysck_err *err, int code, const char *what)
{
	if (code == -ENOSYS)
		return sysck_err_set(err, code, "%s: the kernel lacks fchmodat2 and /proc is not mounted", what);
	return sysck_err_errno(err, code, "%s", what);
}

static bool sets(const struct tcbck_state *state, enum sysck_attr attribute)
{
	return (state->set & SYSCK_ATTR_BIT(attribute)) != 0;
}

int tcbck_apply_narrow(const struct tcbck_pinned *pinned, const struct tcbck_state *state, struct sysck_err *err)
{
	bool owner = sets(state, SYSCK_ATTR_OWNER), group = sets(state, SYSCK_ATTR_GROUP);
	bool narrows = owner || group || sets(state, SYSCK_ATTR_MODE) || sets(state, SYSCK_ATTR_ACL);
	uint32_t kept = pinned->st.st_mode & 07777;
	int r = 0;

	if (sets(state, SYSCK_ATTR_MODE))
		kept &= state->mode;
	/* What an ACL gives beyond the mode is in the mask; while it changes, nobody but the owner has anything. */
	if (sets(state, SYSCK_ATTR_ACL))
		kept &= ~077u;
	if (sets(state, SYSCK_ATTR_MODE) || owner || group)
		kept &= ~SET_ID;
	/* Until its content is looked at again, only the owner can write it. */
	if (sets(state, SYSCK_ATTR_MODE) && S_ISREG(pinned->st.st_mode))
		kept &= ~022u;
	/* The mode may be another one by now: a wrong owner can set it. */
	if (narrows)
		r = set_mode(pinned, kept);
	if (r < 0)
		return fail(err, r, "narrowing the mode");
	if (sets(state, SYSCK_ATTR_CAPABILITIES) && S_ISREG(pinned->st.st_mode))
		r = remove_xattr(pinned, XATTR_CAPABILITIES);
	if (r < 0)
		return fail(err, r, "removing capabilities");
	if (owner || group)
		r = set_owner(pinned, owner ? state->owner : (uint32_t)-1, group ? state->group : (uint32_t)-1);
	if (r < 0)
		return fail(err, r, "setting the owner");
	/* What the old owner did in between; from here on he can't. */
	if (owner || group)
		r = set_mode(pinned, kept);
	return r < 0 ? fail(err, r, "narrowing the mode") : 0;
}

int tcbck_apply_grant(const struct tcbck_pinned *pinned, const struct tcbck_state *state, struct sysck_err *err)
{
	int r = 0;

	if (sets(state, SYSCK_ATTR_ACL) && !S_ISLNK(pinned->st.st_mode))
		r = set_acl(pinned, &state->acl);
	if (r < 0)
		return fail(err, r, "setting the ACL");
	if (sets(state, SYSCK_ATTR_MODE))
		r = set_mode(pinned, state->mode & 07777);
	if (r < 0)
		return fail(err, r, "setting the mode");
	if (sets(state, SYSCK_ATTR_MODE) && !S_ISLNK(pinned->st.st_mode))
		r = set_flag(pinned, (state->mode & SYSCK_MODE_TCB) != 0);
	if (r < 0)
		return fail(err, r, "setting the TCB flag");
	if (sets(state, SYSCK_ATTR_CAPABILITIES))
		r = set_capabilities(pinned, &state->capabilities);
	return r < 0 ? fail(err, r, "setting capabilities") : 0;
}

int tcbck_apply_disable(const struct tcbck_pinned *pinned, struct sysck_err *err)
{
	int r;

	if (S_ISLNK(pinned->st.st_mode))
		return sysck_err_set(err, -EOPNOTSUPP, "a symlink has no mode to take away");
	r = set_mode(pinned, 0);
	if (r == 0)
		r = remove_xattr(pinned, XATTR_CAPABILITIES);
	if (r == 0)
		r = remove_xattr(pinned, XATTR_TCB);
	if (r == 0)
		r = remove_xattr(pinned, XATTR_ACCESS);
	if (r == 0 && S_ISDIR(pinned->st.st_mode))
		r = remove_xattr(pinned, XATTR_DEFAULT);
	/* Without the ACL the mask is the group's bits: they are taken away once more. */
	if (r == 0)
		r = set_mode(pinned, 0);
	return r < 0 ? fail(err, r, "disabling") : 0;
}

int tcbck_apply_strip(const struct tcbck_pinned *pinned, struct sysck_err *err)
{
	uint32_t mode = pinned->st.st_mode & 07777;
	int r = 0;

	if (S_ISREG(pinned->st.st_mode) && (mode & SET_ID) != 0)
		r = set_mode(pinned, mode & ~SET_ID);
	if (r == 0 && S_ISREG(pinned->st.st_mode))
		r = remove_xattr(pinned, XATTR_CAPABILITIES);
	return r < 0 ? fail(err, r, "taking set-id bits and capabilities from the old file") : 0;
}

int tcbck_apply_take(const struct tcbck_pinned *pinned, uint32_t bits, bool capabilities, struct sysck_err *err)
{
	struct stat st;
	int r = 0;

	if (fstat(pinned->descriptor, &st) < 0)
		return fail(err, -errno, "looking at it again");
	if ((st.st_mode & bits & 07777) != 0)
		r = set_mode(pinned, st.st_mode & 07777 & ~bits);
	if (r < 0)
		return fail(err, r, "narrowing the mode");
	if ((bits & SYSCK_MODE_TCB) != 0)
		r = set_flag(pinned, false);
	if (r < 0)
		return fail(err, r, "clearing the TCB flag");
	if (capabilities && S_ISREG(pinned->st.st_mode))
		r = remove_xattr(pinned, XATTR_CAPABILITIES);
	return r < 0 ? fail(err, r, "removing capabilities") : 0;
}

int tcbck_apply_check_writers(const struct tcbck_pinned *pinned)
{
	/* Who opens it for writing in the moment of the lease sends a signal, which would end this process: not this one. */
	if (fcntl(pinned->descriptor, F_SETSIG, SIGURG) < 0)
		return -errno;
	if (fcntl(pinned->descriptor, F_SETLEASE, F_RDLCK) < 0)
		return errno == EAGAIN ? -EBUSY : -errno;
	return fcntl(pinned->descriptor, F_SETLEASE, F_UNLCK) < 0 ? -errno : 0;
}

int tcbck_apply_check_changeable(const struct tcbck_pinned *pinned, struct sysck_err *err)
{
	struct statvfs vfs;
	struct statx stx;

	if (fstatvfs(pinned->descriptor, &vfs) == 0 && (vfs.f_flag & ST_RDONLY) != 0)
		return sysck_err_set(err, -EROFS, "the file system is read-only");
	if (statx(pinned->descriptor, "", AT_EMPTY_PATH, 0, &stx) == 0 &&
	    (stx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0)
		return sysck_err_set(err, -EPERM, "the file is %s",
				     (stx.stx_attributes & STATX_ATTR_IMMUTABLE) != 0 ? "immutable" : "append-only");
	return 0;
}

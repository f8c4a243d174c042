/*
 * glance.c - the cheap look at an object that nobody defined.
 *
 * Knows the two system calls that tell whether anything about an object asks for a closer look. Must never open the object
 * where it can do without.
 */
#include "observe/glance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Since Linux 6.13; the same number everywhere. */
#ifndef SYS_listxattrat
#define SYS_listxattrat 465
#endif
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u
#endif

/* Longest list of names of extended attributes, Linux's limit (xattr(7)). */
#define NAMES_MAX 65536
/* What nearly every list fits in: the kernel takes memory for all the room it is offered. */
#define NAMES_USUAL 256
/* Longest name of a file, in bytes, of any file system of Linux, with room for those that allow more than NAME_MAX. */
#define WAY_MAX 1100

#define XATTR_CAPABILITIES "security.capability"
#define XATTR_TCB          "security.tcb"

struct tcbck_glancer {
	bool no_listxattrat; /* the kernel, or a filter, does not have it */
	uint64_t mount;      /* 0: any */
	dev_t bare_device;   /* a file system without extended attributes; 0: none met */
	char names[NAMES_MAX];
};

int tcbck_glancer_new(struct tcbck_glancer **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret == NULL ? -ENOMEM : 0;
}

void tcbck_glancer_free(struct tcbck_glancer *glancer)
{
	free(glancer);
}

void tcbck_glancer_stay(struct tcbck_glancer *glancer, uint64_t mount)
{
	glancer->mount = mount;
}

ssize_t tcbck_glance_list(int directory, const char *name, char *names, size_t room)
{
	ssize_t size = syscall(SYS_listxattrat, directory, name, AT_SYMLINK_NOFOLLOW, names, room);

	return size < 0 ? -errno : size;
}

/* Before Linux 6.13: by the directory's descriptor in /proc, which opens nothing either. */
static ssize_t list_through_proc(struct tcbck_glancer *glancer, int directory, const char *name, bool may_open, size_t room)
{
	char way[WAY_MAX];
	ssize_t size;
	int descriptor, error, length = snprintf(way, sizeof(way), "/proc/self/fd/%d/%s", directory, name);

	if (length < 0 || (size_t)length >= sizeof(way)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	size = llistxattr(way, glancer->names, room);
	if (size >= 0 || errno != ENOENT)
		return size;
	/* There is no /proc, or no such file. Opening is harmless only for files and directories. */
	if (!may_open) {
		errno = ENOSYS;
		return -1;
	}
	descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (descriptor < 0)
		return -1;
	size = flistxattr(descriptor, glancer->names, room);
	error = errno;
	close(descriptor);
	errno = error;
	return size;
}

static ssize_t list(struct tcbck_glancer *glancer, int directory, const char *name, bool may_open, size_t room)
{
	if (!glancer->no_listxattrat) {
		ssize_t size = tcbck_glance_list(directory, name, glancer->names, room);

		if (size >= 0)
			return size;
		errno = (int)-size;
		if (errno != ENOSYS && errno != EPERM)
			return -1;
		glancer->no_listxattrat = true;
	}
	return list_through_proc(glancer, directory, name, may_open, room);
}

static void look_at_attributes(struct tcbck_glancer *glancer, int directory, const char *name, struct tcbck_glance *glance)
{
	bool may_open = S_ISREG(glance->mode) || S_ISDIR(glance->mode);
	ssize_t size = list(glancer, directory, name, may_open, NAMES_USUAL);

	if (size < 0 && errno == ERANGE)
		size = list(glancer, directory, name, may_open, NAMES_MAX);

	if (size < 0 && errno == EOPNOTSUPP)
		glancer->bare_device = glance->device;
	else if (size < 0)
		glance->attributes_error = -errno;
	for (const char *p = glancer->names; size > 0 && p < glancer->names + size; p += strlen(p) + 1) {
		glance->has_capabilities = glance->has_capabilities || strcmp(p, XATTR_CAPABILITIES) == 0;
		glance->has_tcb = glance->has_tcb || strcmp(p, XATTR_TCB) == 0;
	}
}

static bool may_have_flag(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
}

int tcbck_glance(struct tcbck_glancer *glancer, int directory, const char *name, struct tcbck_glance *ret)
{
	const unsigned wanted = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_NLINK | STATX_INO | STATX_MNT_ID;
	/* Whose server does not answer is another file system, and left out: that is known without it. */
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
	struct statx stx;

	if (statx(directory, name, flags, wanted, &stx) < 0)
		return -errno;
	if ((stx.stx_mask & STATX_MNT_ID) == 0)
		return -ENOSYS;
	*ret = (struct tcbck_glance){
		.mode = stx.stx_mode,
		.owner = stx.stx_uid,
		.group = stx.stx_gid,
		.link_count = stx.stx_nlink,
		.device = makedev(stx.stx_dev_major, stx.stx_dev_minor),
		.inode = stx.stx_ino,
		.mount = stx.stx_mnt_id,
	};
	if (glancer->mount != 0 && glancer->mount != ret->mount)
		return 0;
	if (may_have_flag(ret->mode) && (ret->device != glancer->bare_device || ret->device == 0))
		look_at_attributes(glancer, directory, name, ret);
	return ret->attributes_error == -ENOENT ? -ENOENT : 0;
}

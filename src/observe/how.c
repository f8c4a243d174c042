/*
 * how.c - openat2(2), and all the ways in which it is used.
 *
 * Knows the call, which the C library lacks. Its parameters are constants: a filter of system calls lets these pass and no
 * others, so there must never be one that creates, empties or writes.
 */
#include "observe/how.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACE (O_PATH | O_DIRECTORY | O_CLOEXEC)
#define LIST  (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Aligned to more than they take, so that no page ends between them. */
_Alignas(128) static const struct open_how hows[TCBCK_HOW_COUNT] = {
	[TCBCK_HOW_BENEATH] = { .flags = PLACE | O_NOFOLLOW,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS },
	[TCBCK_HOW_LIST] = { .flags = LIST, .resolve = RESOLVE_NO_XDEV },
	[TCBCK_HOW_LIST_UNTOUCHED] = { .flags = LIST | O_NOATIME, .resolve = RESOLVE_NO_XDEV },
	[TCBCK_HOW_UP] = { .flags = PLACE, .resolve = RESOLVE_NO_XDEV },
};

_Static_assert(sizeof(hows) <= 128, "a page may end between the ways of opening");

const struct open_how *tcbck_how_all(void)
{
	return hows;
}

int tcbck_how_open(int directory, const char *path, enum tcbck_how how)
{
	long fd;

	/* File systems in user space may interrupt it. */
	do
		fd = syscall(SYS_openat2, directory, path, &hows[how], sizeof(hows[how]));
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : (int)fd;
}

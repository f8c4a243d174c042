/*
 * chtcb.c - the TCB flag of files: on, off, query.
 *
 * A program of its own. The flag is the extended attribute security.tcb with the value 1. Acts on descriptors of regular
 * files and directories, never through a symlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <sysck/buf.h>

#define XATTR_TCB "security.tcb"

enum { EXIT_SOME_FAILED = 1, EXIT_USAGE = 2 };

enum action { ACTION_ON, ACTION_OFF, ACTION_QUERY };

/* 1: the file has the flag; 0: it has not; negative errno: not known. */
static int query(int descriptor)
{
	char value[4];
	ssize_t len = fgetxattr(descriptor, XATTR_TCB, value, sizeof(value));

	if (len < 0)
		return errno == ENODATA || errno == ENOTSUP ? 0 : -errno;
	return len == 1 && value[0] == '1';
}

static int clear(int descriptor)
{
	if (fremovexattr(descriptor, XATTR_TCB) == 0 || errno == ENODATA || errno == ENOTSUP)
		return 0;
	return -errno;
}

static int act_on(int descriptor, enum action action)
{
	struct stat st;

	if (fstat(descriptor, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -EINVAL;
	switch (action) {
	case ACTION_ON: return fsetxattr(descriptor, XATTR_TCB, "1", 1, 0) < 0 ? -errno : 0;
	case ACTION_OFF: return clear(descriptor);
	case ACTION_QUERY: return query(descriptor);
	}
	return -EINVAL;
}

static int act(const char *name, enum action action)
{
	char quoted[SYSCK_QUOTE_MAX], reason[128];
	int descriptor = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;

	r = descriptor < 0 ? -errno : act_on(descriptor, action);
	if (descriptor >= 0)
		close(descriptor);
	sysck_quote(sysck_slice_of(name), quoted, sizeof(quoted));
	if (r == -EINVAL || r == -ELOOP)
		(void)fprintf(stderr, "chtcb: %s: no regular file or directory\n", quoted);
	else if (r < 0)
		(void)fprintf(stderr, "chtcb: %s: %s\n", quoted, strerror_r(-r, reason, sizeof(reason)));
	else if (action == ACTION_QUERY)
		(void)printf("%s: %s\n", quoted, r == 1 ? "on" : "off");
	return r;
}

int main(int argc, char **argv)
{
	enum action action;
	int status = 0;

	if (argc >= 3 && strcmp(argv[1], "on") == 0) {
		action = ACTION_ON;
	} else if (argc >= 3 && strcmp(argv[1], "off") == 0) {
		action = ACTION_OFF;
	} else if (argc >= 3 && strcmp(argv[1], "query") == 0) {
		action = ACTION_QUERY;
	} else {
		(void)fputs("usage: chtcb {on|off|query} File ...\n", stderr);
		return EXIT_USAGE;
	}
	for (int i = 2; i < argc; i++)
		if (act(argv[i], action) < 0)
			status = EXIT_SOME_FAILED;
	if (fflush(stdout) != 0)
		status = EXIT_SOME_FAILED;
	return status;
}

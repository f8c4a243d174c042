/*
 * file.c - the file that a report is appended to.
 *
 * Knows how a file is opened that others rotate and read. Must not write to anything but a regular file.
 */
#include "report/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ends a line that a run before could not end. */
static int end_last_line(int descriptor, off_t size)
{
	char last = '\n';

	if (size > 0 && pread(descriptor, &last, 1, size - 1) < 0)
		return -errno;
	return last == '\n' || write(descriptor, "\n", 1) == 1 ? 0 : -errno;
}

static int check(int descriptor)
{
	struct stat status;

	if (fstat(descriptor, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	/* Another name may be in a place that others write to, and stand for a file that is not for reports. */
	if (status.st_nlink > 1)
		return -EMLINK;
	return end_last_line(descriptor, status.st_size);
}

int tcbck_file_open(const char *path, int *ret_descriptor, struct sysck_err *err)
{
	/* Without waiting: a FIFO is opened, too, before it is seen to be one. */
	int descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	int r = descriptor < 0 ? -errno : check(descriptor);
	char quoted[SYSCK_QUOTE_MAX];

	if (r == 0) {
		*ret_descriptor = descriptor;
		return 0;
	}
	if (descriptor >= 0)
		close(descriptor);
	sysck_quote(sysck_slice_of(path), quoted, sizeof(quoted));
	return r == -EINVAL   ? sysck_err_set(err, r, "--report %s: not a regular file", quoted)
	       : r == -EMLINK ? sysck_err_set(err, r, "--report %s: a file with further names", quoted)
			      : sysck_err_errno(err, r, "--report %s", quoted);
}

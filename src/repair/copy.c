/*
 * copy.c - the content of one descriptor into another.
 *
 * Knows short reads and short writes. Must not know which files they are.
 */
#include "repair/copy.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int tcbck_copy(int from, int to)
{
	char data[65536];
	off_t offset = 0;
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	for (;;) {
		ssize_t n = pread(from, data, sizeof(data), offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		offset += n;
		/* Who writes it as fast as it is copied would fill the disk. */
		if (offset > st.st_size)
			return -EAGAIN;
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(to, data + done, (size_t)(n - done));

			if (written < 0 && errno != EINTR)
				return -errno;
			done += written > 0 ? written : 0;
		}
	}
}

/*
 * mapping.c - the text of a database where it stands, in its file.
 *
 * Knows pages; gives bytes that take no more memory than what is being read. Must never let a change of the file go unseen.
 */
#include "mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int sysck_mapping_open(int descriptor, const struct stat *st, struct sysck_mapping *ret)
{
	struct sysck_mapping mapping = { { NULL, (size_t)st->st_size }, -1, *st };
	void *bytes;

	mapping.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	if (mapping.descriptor < 0)
		return -errno;
	bytes = mmap(NULL, mapping.bytes.len, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (bytes == MAP_FAILED) {
		int r = -errno;

		close(mapping.descriptor);
		return r;
	}
	mapping.bytes.data = bytes;
	*ret = mapping;
	return 0;
}

void sysck_mapping_done(struct sysck_mapping *mapping)
{
	if (mapping->bytes.len > 0) {
		(void)munmap((void *)(uintptr_t)mapping->bytes.data, mapping->bytes.len);
		close(mapping->descriptor);
	}
	*mapping = SYSCK_MAPPING_NONE;
}

void sysck_mapping_leave(const struct sysck_mapping *mapping, size_t begin, size_t end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	begin -= begin % page;
	if (end > mapping->bytes.len)
		end = mapping->bytes.len;
	/* What is not given back only takes its place. */
	if (begin < end)
		(void)madvise((void *)(uintptr_t)(mapping->bytes.data + begin), end - begin, MADV_DONTNEED);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool sysck_mapping_is_as_read(const struct sysck_mapping *mapping)
{
	const struct stat *seen = &mapping->seen;
	struct stat st;

	if (mapping->bytes.len == 0)
		return true;
	if (fstat(mapping->descriptor, &st) < 0 || st.st_size != seen->st_size || !same_time(&st.st_mtim, &seen->st_mtim))
		return false;
	/* An update that puts another file in its place takes the name away, which shows in the time of the last change. */
	return st.st_nlink == 0 || same_time(&st.st_ctim, &seen->st_ctim);
}

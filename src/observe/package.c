/*
 * package.c - which package a file belongs to, as far as dpkg knows.
 *
 * Knows where dpkg keeps its lists; reads them one after the other, for one question. Must never run anything.
 */
#include "observe/package.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include <sysck/store.h>

#define LISTS "/var/lib/dpkg/info"

/* True if a line of `list` is the path. */
static bool has_line(struct sysck_slice list, struct sysck_slice path)
{
	const char *at = list.data, *end = at + list.len;

	while (path.len > 0 && at < end && (at = memmem(at, (size_t)(end - at), path.data, path.len)) != NULL) {
		const char *behind = at + path.len;

		if ((at == list.data || at[-1] == '\n') && (behind == end || *behind == '\n'))
			return true;
		at++;
	}
	return false;
}

/* The path without /usr, for /usr/bin, /usr/sbin and /usr/lib*: the name under which an older package may know it. */
static struct sysck_slice without_usr(struct sysck_slice path)
{
	static const char *const merged[] = { "/usr/bin/", "/usr/sbin/", "/usr/lib" };

	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
		size_t len = strlen(merged[i]);

		if (path.len > len && memcmp(path.data, merged[i], len) == 0)
			return (struct sysck_slice){ path.data + 4, path.len - 4 };
	}
	return (struct sysck_slice){ NULL, 0 };
}

static bool names(int directory, const char *file, struct sysck_slice path, struct sysck_buf *bytes)
{
	int descriptor;
	bool found = false;

	sysck_buf_clear(bytes);
	if (tcbck_path_open_at(directory, file, &descriptor) < 0)
		return false;
	if (sysck_store_read_descriptor(descriptor, sysck_slice_of(file), bytes, NULL) == 0)
		found = has_line(sysck_buf_slice(bytes), path) || has_line(sysck_buf_slice(bytes), without_usr(path));
	close(descriptor);
	return found;
}

static int search(DIR *lists, struct sysck_slice path, struct sysck_buf *ret)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	const struct dirent *entry;
	int r = -ENOENT;

	while (r == -ENOENT && (entry = readdir(lists)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".list") != 0 ||
		    !names(dirfd(lists), entry->d_name, path, &bytes))
			continue;
		sysck_buf_add(ret, entry->d_name, len - 5);
		r = sysck_buf_error(ret);
	}
	sysck_buf_done(&bytes);
	return r;
}

int tcbck_package_of(const struct tcbck_root *root, struct sysck_slice path, struct sysck_buf *ret)
{
	struct tcbck_opener *opener;
	int pinned, descriptor, r = tcbck_opener_new(root, &opener);
	DIR *lists;

	if (r < 0)
		return r;
	r = tcbck_path_follow(opener, SYSCK_SLICE(LISTS), &pinned, NULL);
	tcbck_opener_free(opener);
	if (r < 0)
		return r;
	r = tcbck_path_reopen(pinned, &descriptor);
	close(pinned);
	if (r < 0)
		return r;
	lists = fdopendir(descriptor);
	if (lists == NULL) {
		close(descriptor);
		return -errno;
	}
	r = search(lists, path, ret);
	(void)closedir(lists);
	return r;
}

/*
 * dpkgfile.c - dpkg's files, read whole.
 *
 * Knows where dpkg keeps what it knows; reads nothing that others than root can write: whoever writes there would decide
 * what is taken for genuine. Must never open what is no regular file, nor follow a symlink to one.
 */
#include "observe/dpkgfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sysck/store.h>

#include "observe/dpkg.h"

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

void *tcbck_dpkgfile_list_add(struct tcbck_dpkg_list *list, size_t size)
{
	if (list->count >= TCBCK_DPKG_LIST_MAX)
		return NULL;
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 64 : list->room * 2;
		void *grown = reallocarray(list->items, room, size);

		if (grown == NULL)
			return NULL;
		list->items = grown;
		list->room = room;
	}
	return (char *)list->items + list->count++ * size;
}

static bool is_roots(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int tcbck_dpkgfile_open(struct tcbck_opener *opener, const char *path, struct tcbck_dpkg_place *ret, struct sysck_err *err)
{
	struct sysck_buf inside = SYSCK_BUF_INIT;
	char why[SYSCK_ERR_TEXT_MAX];
	struct tcbck_place found;
	bool controlled = false;
	int r;

	/* Who controls an entry controls the directory: one that need not be there will do. */
	sysck_buf_add_text(&inside, path);
	sysck_buf_add_text(&inside, "/x");
	r = sysck_buf_error(&inside) < 0
		    ? out_of_memory(err)
		    : tcbck_path_find_controlled(opener, sysck_buf_slice(&inside), &found, &controlled, why, err);
	if (r == 0 && !controlled)
		r = sysck_err_set(err, -EPERM, "can't be trusted: %s", why);
	if (r == 0) {
		ret->path = path;
		ret->descriptor = fcntl(found.directory, F_DUPFD_CLOEXEC, 3);
		if (ret->descriptor < 0)
			r = sysck_err_errno(err, -errno, "cannot be opened");
	}
	sysck_buf_done(&inside);
	if (r < 0)
		sysck_err_place(err, sysck_slice_of(path), 0, 0);
	return r == -ENOTDIR ? -ENOENT : r;
}

void tcbck_dpkgfile_close(struct tcbck_dpkg_place *place)
{
	if (place->descriptor >= 0)
		close(place->descriptor);
	place->descriptor = -1;
}

/* What was looked at before it was opened must be what is open: nothing else is without side effects. */
int tcbck_dpkgfile_open_file(const struct tcbck_dpkg_place *place, const char *name, uint64_t max, struct stat *ret,
			     struct sysck_err *err)
{
	struct stat st;
	int descriptor, r;

	if (fstatat(place->descriptor, name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return sysck_err_errno(err, -errno, "cannot be looked at");
	if (!S_ISREG(ret->st_mode))
		return sysck_err_set(err, -EINVAL, "expected a regular file");
	if (!is_roots(ret))
		return sysck_err_set(err, -EPERM, "can't be trusted: others than root can write it");
	if ((uint64_t)ret->st_size > max)
		return sysck_err_set(err, -EFBIG, "larger than %" PRIu64 " bytes", max);
	r = tcbck_path_open_at(place->descriptor, name, &descriptor);
	if (r < 0)
		return sysck_err_errno(err, r, "cannot be opened");
	if (fstat(descriptor, &st) < 0 || st.st_dev != ret->st_dev || st.st_ino != ret->st_ino) {
		close(descriptor);
		return sysck_err_set(err, -ESTALE, "replaced while it was being opened");
	}
	return descriptor;
}

int tcbck_dpkgfile_read(const struct tcbck_dpkg_place *place, const char *name, struct sysck_buf *ret,
			struct tcbck_dpkg_source *ret_source, struct sysck_err *err)
{
	struct stat st;
	int descriptor, r;

	sysck_buf_clear(ret);
	snprintf(ret_source->path, sizeof(ret_source->path), "%s/%s", place->path, name);
	descriptor = tcbck_dpkgfile_open_file(place, name, TCBCK_DPKG_FILE_MAX, &st, err);
	if (descriptor < 0) {
		sysck_err_place(err, sysck_slice_of(ret_source->path), 0, 0);
		return descriptor;
	}
	ret_source->modified = st.st_mtim;
	r = sysck_store_read_descriptor(descriptor, sysck_slice_of(ret_source->path), ret, err);
	close(descriptor);
	return r;
}

int tcbck_dpkgfile_read_kept(const struct tcbck_dpkg_place *place, const char *name, struct sysck_arena *arena,
			     struct sysck_slice *ret, struct tcbck_dpkg_source *ret_source, struct sysck_err *err)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_slice kept = { "", 0 };
	int r = tcbck_dpkgfile_read(place, name, &bytes, ret_source, err);

	if (r == 0 && bytes.len > 0 && sysck_arena_copy(arena, sysck_buf_slice(&bytes), &kept) < 0)
		r = out_of_memory(err);
	sysck_buf_done(&bytes);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = kept;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static int add_name(struct tcbck_dpkg_list *list, struct sysck_arena *arena, const char *name)
{
	struct sysck_slice copy;
	const char **kept;

	if (sysck_arena_copy(arena, (struct sysck_slice){ name, strlen(name) + 1 }, &copy) < 0)
		return -ENOMEM;
	kept = tcbck_dpkgfile_list_add(list, sizeof(*kept));
	if (kept == NULL)
		return -ENOMEM;
	*kept = copy.data;
	return 0;
}

int tcbck_dpkgfile_names(const struct tcbck_dpkg_place *place, bool (*fits)(const char *name), struct sysck_arena *arena,
			 struct tcbck_dpkg_list *ret, struct sysck_err *err)
{
	struct tcbck_dpkg_list list = { .items = NULL };
	const struct dirent *entry;
	DIR *directory = NULL;
	int descriptor, r = tcbck_path_open_at(place->descriptor, ".", &descriptor);

	if (r == 0) {
		directory = fdopendir(descriptor);
		if (directory == NULL) {
			r = -errno;
			close(descriptor);
		}
	}
	while (r == 0 && (errno = 0, entry = readdir(directory)) != NULL)
		if (fits(entry->d_name))
			r = add_name(&list, arena, entry->d_name);
	if (r == 0)
		r = -errno;
	if (directory != NULL)
		(void)closedir(directory);
	if (r < 0) {
		free(list.items);
		sysck_err_errno(err, r, "cannot be read");
		sysck_err_place(err, sysck_slice_of(place->path), 0, 0);
		return r;
	}
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(const char *), compare_names);
	*ret = list;
	return 0;
}

void tcbck_dpkgfile_report(const struct sysck_err_sink *errors, const struct tcbck_dpkg_source *source, unsigned line,
			   const char *why)
{
	struct sysck_err err;

	sysck_err_set(&err, -EINVAL, "%s", why);
	sysck_err_place(&err, sysck_slice_of(source->path), line, line > 0);
	sysck_err_report(errors, &err);
}

/*
 * snapshot.c - a private copy of a few files.
 *
 * Knows how to copy files that others may be writing to. It is the one place among what looks that writes; it must never write
 * anywhere but into a directory that it has made itself, outside of what is audited unless that is the running system.
 */
#include "observe/snapshot.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/path.h"

#define BUFFER_SIZE ((size_t)256 * 1024)
#define TRIES       5
#define FILES_MAX   8
/* Letters that mkdtemp(3) makes up. */
#define UNIQUE 6

/* What the files of a list were, by which a change of one of them is noticed. */
struct state {
	bool there[FILES_MAX];
	struct stat stats[FILES_MAX];
};

static int look(int directory, const char *const *names, struct state *ret, struct sysck_err *err)
{
	for (size_t i = 0; i < FILES_MAX && names[i] != NULL; i++) {
		ret->there[i] = fstatat(directory, names[i], &ret->stats[i], AT_SYMLINK_NOFOLLOW) == 0;
		if (!ret->there[i] && errno != ENOENT)
			return sysck_err_errno(err, -errno, "%s", names[i]);
		if (ret->there[i] && !S_ISREG(ret->stats[i].st_mode))
			return sysck_err_set(err, -EINVAL, "%s is no regular file", names[i]);
		if (ret->there[i] && (uint64_t)ret->stats[i].st_size > TCBCK_SNAPSHOT_FILE_MAX)
			return sysck_err_errno(err, -EFBIG, "%s", names[i]);
	}
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static bool same_state(const struct state *a, const struct state *b, const char *const *names)
{
	for (size_t i = 0; i < FILES_MAX && names[i] != NULL; i++)
		if (a->there[i] != b->there[i] || (a->there[i] && !same_file(&a->stats[i], &b->stats[i])))
			return false;
	return true;
}

/* Whole, or what write(2) failed with. */
static int write_all(int descriptor, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write(descriptor, data, size);

		if (written < 0 && errno != EINTR)
			return -errno;
		data += written > 0 ? written : 0;
		size -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/* No more than `size` bytes: a file that grows is noticed afterwards. */
static int copy_bytes(int from, int to, uint64_t size, char *buffer)
{
	int r = 0;

	while (r == 0 && size > 0) {
		ssize_t got = read(from, buffer, size < BUFFER_SIZE ? (size_t)size : BUFFER_SIZE);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		if (got > 0) {
			r = write_all(to, buffer, (size_t)got);
			size -= (uint64_t)got;
		}
	}
	return r;
}

/* Its name is new in `into` at the first try, and its content is replaced by another one. */
static int copy_file(int directory, const char *name, const struct stat *stat, int into, char *buffer)
{
	int to = -1, from = -1, r = tcbck_path_open_at(directory, name, &from);
	struct stat opened;

	if (r < 0)
		return r;
	if (fstat(from, &opened) < 0)
		r = -errno;
	else if (!S_ISREG(opened.st_mode))
		r = -EINVAL;
	if (r == 0) {
		to = openat(into, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = to < 0 ? -errno : copy_bytes(from, to, (uint64_t)stat->st_size, buffer);
	}
	if (to >= 0)
		close(to);
	close(from);
	return r;
}

static int copy_files(int directory, const char *const *names, const struct state *state, int into, char *buffer,
		      struct sysck_err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < FILES_MAX && names[i] != NULL; i++) {
		if (state->there[i])
			r = copy_file(directory, names[i], &state->stats[i], into, buffer);
		else if (unlinkat(into, names[i], 0) < 0 && errno != ENOENT)
			r = -errno;
		if (r < 0)
			sysck_err_errno(err, r, "cannot copy %s", names[i]);
	}
	return r;
}

/* All of them, as they were at one moment. */
static int copy_state(int directory, const char *const *names, int into, struct sysck_err *err)
{
	char *buffer = malloc(BUFFER_SIZE);
	int r = buffer == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < TRIES; i++) {
		struct state before = { .there = { false } }, after = { .there = { false } };

		r = look(directory, names, &before, err);
		if (r == 0)
			r = copy_files(directory, names, &before, into, buffer, err);
		/* Gone, or another one, since it was looked at. */
		if (r == -ENOENT || r == -ELOOP)
			r = -EAGAIN;
		if (r == 0)
			r = look(directory, names, &after, err);
		if (r == 0 && !same_state(&before, &after, names))
			r = -EAGAIN;
	}
	if (r == -EAGAIN)
		sysck_err_set(err, r, "changes while it is copied");
	free(buffer);
	return r;
}

static int take_below(const char *place, int directory, const char *const *names, struct tcbck_snapshot *ret,
		      struct sysck_err *err)
{
	int length, into, r;

	length = snprintf(ret->path, sizeof(ret->path) - UNIQUE, "%s/tcbck.", place);
	assert(length > 0 && (size_t)length < sizeof(ret->path) - UNIQUE);
	memset(ret->path + length, 'X', UNIQUE);
	ret->path[length + UNIQUE] = '\0';
	if (mkdtemp(ret->path) == NULL) {
		r = sysck_err_errno(err, -errno, "no directory can be made in %s", place);
		ret->path[0] = '\0';
		return r;
	}
	into = open(ret->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = into < 0 ? sysck_err_errno(err, -errno, "%s", ret->path) : copy_state(directory, names, into, err);
	if (into >= 0)
		close(into);
	if (r < 0)
		tcbck_snapshot_drop(ret);
	return r;
}

int tcbck_snapshot_take(int directory, const char *const *names, struct tcbck_snapshot *ret, struct sysck_err *err)
{
	/* In memory, then where there is room for a long time, then where anybody may write. */
	static const char *const places[] = { "/run", "/var/tmp", "/tmp" };
	struct tcbck_snapshot made = { "" };
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && r != -EAGAIN && r != -EINVAL && i < sizeof(places) / sizeof(places[0]); i++)
		r = take_below(places[i], directory, names, &made, err);
	if (r == 0) {
		sysck_err_clear(err);
		*ret = made;
	}
	return r;
}

void tcbck_snapshot_drop(struct tcbck_snapshot *snapshot)
{
	DIR *directory = snapshot->path[0] == '\0' ? NULL : opendir(snapshot->path);
	const struct dirent *entry;

	if (directory != NULL) {
		while ((entry = readdir(directory)) != NULL)
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				(void)unlinkat(dirfd(directory), entry->d_name, 0);
		(void)closedir(directory);
		(void)rmdir(snapshot->path);
	}
	snapshot->path[0] = '\0';
}

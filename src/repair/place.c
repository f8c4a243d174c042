/*
 * place.c - giving a name to a new object.
 *
 * Knows renameat2(2): at any moment the name stands for the old object or the new one, whole. Must never remove an object
 * that was not looked at after it had lost its name.
 */
#include "repair/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* Names tried before it is given up. */
#define TRIES 16

void tcbck_place_name(unsigned number, char name[TCBCK_PLACE_NAME_MAX])
{
	unsigned long long noise = 0;

	if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) != (ssize_t)sizeof(noise))
		noise = 0;
	(void)snprintf(name, TCBCK_PLACE_NAME_MAX, ".tcbck.%d.%u.%016llx", (int)getpid(), number, noise);
}

int tcbck_place_make(int directory, int (*make)(void *context, int directory, const char *name), void *context,
		     char name[TCBCK_PLACE_NAME_MAX])
{
	int r = -EEXIST;

	for (unsigned i = 0; r == -EEXIST && i < TRIES; i++) {
		tcbck_place_name(i, name);
		r = make(context, directory, name);
	}
	return r;
}

static int remove_name(int directory, const char *name, const struct stat *st)
{
	return unlinkat(directory, name, S_ISDIR(st->st_mode) ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

static bool is_same(int directory, const char *name, const struct stat *wanted)
{
	struct stat st;

	return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == wanted->st_dev &&
	       st.st_ino == wanted->st_ino;
}

static void drop(int directory, const char *name)
{
	if (unlinkat(directory, name, 0) < 0 && (errno == EISDIR || errno == EPERM))
		(void)unlinkat(directory, name, AT_REMOVEDIR);
}

static int exchange(int directory, const char *from, const char *to, const struct stat *old, struct sysck_err *err)
{
	int r;

	if (renameat2(directory, from, directory, to, RENAME_EXCHANGE) < 0)
		return sysck_err_errno(err, -errno, "exchanging names");
	/* Now `from` is what had the name. */
	r = is_same(directory, from, old) ? remove_name(directory, from, old) : -EAGAIN;
	if (r == 0)
		return 0;
	if (renameat2(directory, from, directory, to, RENAME_EXCHANGE) < 0)
		return sysck_err_errno(err, -errno, "putting the old object back");
	if (r == -EAGAIN)
		return sysck_err_set(err, r, "the object changed since it was judged");
	return sysck_err_errno(err, r, "removing the old object");
}

int tcbck_place_flush(int directory)
{
	int descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (descriptor < 0)
		return -errno;
	r = fsync(descriptor) < 0 ? -errno : 0;
	close(descriptor);
	return r;
}

int tcbck_place_swap(int directory, const char *from, const char *to, const struct stat *old, struct sysck_err *err)
{
	int r = 0;

	if (old != NULL)
		r = exchange(directory, from, to, old, err);
	else if (renameat2(directory, from, directory, to, RENAME_NOREPLACE) < 0)
		r = errno == EEXIST ? sysck_err_set(err, -EAGAIN, "the object changed since it was judged")
				    : sysck_err_errno(err, -errno, "giving the name");
	if (r < 0) {
		drop(directory, from);
		return r;
	}
	r = tcbck_place_flush(directory);
	return r < 0 ? sysck_err_errno(err, r, "flushing the directory") : 0;
}

int tcbck_place_remove(int directory, const char *name, const struct stat *old, struct sysck_err *err)
{
	char aside[TCBCK_PLACE_NAME_MAX];
	int r;

	tcbck_place_name(0, aside);
	if (renameat2(directory, name, directory, aside, RENAME_NOREPLACE) < 0)
		return sysck_err_errno(err, -errno, "renaming it aside");
	r = is_same(directory, aside, old) ? remove_name(directory, aside, old) : -EAGAIN;
	if (r == 0) {
		r = tcbck_place_flush(directory);
		return r < 0 ? sysck_err_errno(err, r, "flushing the directory") : 0;
	}
	if (renameat2(directory, aside, directory, name, RENAME_NOREPLACE) < 0)
		return sysck_err_errno(err, -errno, "putting the object back");
	if (r == -EAGAIN)
		return sysck_err_set(err, r, "the object changed since it was judged");
	return sysck_err_errno(err, r, "removing it");
}

/*
 * users.c - whose names count: those of the running system, or those of another root.
 *
 * Knows where a root keeps its users; gives each thread names of its own. Must never ask the running system for the users of
 * another root.
 */
#include "observe/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysck/store.h>

#define LOGIN_DEFS SYSCK_SLICE("/etc/login.defs")
/* SYS_UID_MAX and SYS_GID_MAX where nothing is set. */
#define SYSTEM_MAX 999u

struct tcbck_users {
	bool host;
	struct sysck_buf passwd, group;
};

/* Without /proc what was followed can't be opened again: then the file itself is opened, which must be no symlink. */
static int open_plainly(struct tcbck_opener *opener, struct sysck_slice path, const struct stat *followed, int *ret,
			struct sysck_err *err)
{
	struct tcbck_place place;
	struct stat st;
	int descriptor, r = tcbck_path_find(opener, path, &place, err);

	if (r < 0)
		return r;
	if (fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sysck_err_errno(err, -errno, "cannot be looked at");
	if (!S_ISREG(st.st_mode) || st.st_dev != followed->st_dev || st.st_ino != followed->st_ino)
		return sysck_err_set(err, -EINVAL, "without /proc it must be a regular file, and no symlink to one");
	r = tcbck_path_open_at(place.directory, place.name, &descriptor);
	if (r < 0)
		return sysck_err_errno(err, r, "cannot be opened");
	if (fstat(descriptor, &st) < 0 || st.st_dev != followed->st_dev || st.st_ino != followed->st_ino) {
		close(descriptor);
		return sysck_err_set(err, -ESTALE, "replaced while it was being opened");
	}
	*ret = descriptor;
	return 0;
}

/* Opens for reading what `path` leads to. */
static int open_followed(struct tcbck_opener *opener, struct sysck_slice path, int *ret, struct sysck_err *err)
{
	struct stat st;
	int pinned, r = tcbck_path_follow(opener, path, &pinned, err);

	if (r < 0)
		return r;
	r = fstat(pinned, &st) < 0 ? -errno : tcbck_path_reopen(pinned, ret);
	close(pinned);
	if (r == -ENOENT)
		return open_plainly(opener, path, &st, ret, err);
	return r < 0 ? sysck_err_errno(err, r, "cannot be opened") : 0;
}

static int read_file(struct tcbck_opener *opener, struct sysck_slice path, struct sysck_buf *ret, struct sysck_err *err)
{
	int descriptor, r = open_followed(opener, path, &descriptor, err);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0) {
		sysck_err_place(err, path, 0, 0);
		return r;
	}
	r = sysck_store_read_descriptor(descriptor, path, ret, err);
	close(descriptor);
	return r;
}

int tcbck_users_open(const struct tcbck_root *root, struct tcbck_users **ret, struct sysck_err *err)
{
	struct tcbck_users *users = calloc(1, sizeof(*users));
	struct tcbck_opener *opener = NULL;
	int r;

	if (users == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	users->host = tcbck_root_is_host(root);
	if (!users->host) {
		r = tcbck_opener_new(root, &opener);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
		else
			r = read_file(opener, SYSCK_SLICE("/etc/passwd"), &users->passwd, err);
		if (r == 0)
			r = read_file(opener, SYSCK_SLICE("/etc/group"), &users->group, err);
		tcbck_opener_free(opener);
		if (r < 0) {
			tcbck_users_free(users);
			return r;
		}
	}
	*ret = users;
	return 0;
}

void tcbck_users_free(struct tcbck_users *users)
{
	if (users == NULL)
		return;
	sysck_buf_done(&users->passwd);
	sysck_buf_done(&users->group);
	free(users);
}

int tcbck_users_names(const struct tcbck_users *users, struct sysck_names **ret)
{
	if (users->host)
		return sysck_names_new(ret);
	return sysck_names_new_files(sysck_buf_slice(&users->passwd), sysck_buf_slice(&users->group), ret);
}

/* The value of `name` on one line, "NAME VALUE"; empty: another line, or a comment. */
static struct sysck_slice value_of(struct sysck_slice line, struct sysck_slice name)
{
	line = sysck_slice_trim(line);
	if (line.len <= name.len || memcmp(line.data, name.data, name.len) != 0 ||
	    (line.data[name.len] != ' ' && line.data[name.len] != '\t'))
		return (struct sysck_slice){ "", 0 };
	return sysck_slice_trim((struct sysck_slice){ line.data + name.len, line.len - name.len });
}

/* The last line with the name counts, as for shadow's own tools. */
static int find_number(struct sysck_slice text, const char *name, uint32_t *ret, struct sysck_err *err)
{
	unsigned number = 0;

	while (text.len > 0) {
		const char *end = memchr(text.data, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.data);
		struct sysck_slice value = value_of((struct sysck_slice){ text.data, len }, sysck_slice_of(name));
		uint64_t id;

		number++;
		if (value.len > 0 && sysck_number_parse(value, SYSCK_ID_MAX, &id) < 0) {
			sysck_err_set(err, -EINVAL, "%s: expected a number, 0 to %u", name, SYSCK_ID_MAX);
			sysck_err_place(err, LOGIN_DEFS, number, 1);
			return -EINVAL;
		}
		if (value.len > 0)
			*ret = (uint32_t)id;
		len += end != NULL;
		text = (struct sysck_slice){ text.data + len, text.len - len };
	}
	return 0;
}

int tcbck_users_system_ids(const struct tcbck_root *root, struct tcbck_system_ids *ret, struct sysck_err *err)
{
	struct tcbck_system_ids ids = { SYSTEM_MAX, SYSTEM_MAX };
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct tcbck_opener *opener;
	int r = tcbck_opener_new(root, &opener);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = read_file(opener, LOGIN_DEFS, &text, err);
	tcbck_opener_free(opener);
	if (r == 0)
		r = find_number(sysck_buf_slice(&text), "SYS_UID_MAX", &ids.user_max, err);
	if (r == 0)
		r = find_number(sysck_buf_slice(&text), "SYS_GID_MAX", &ids.group_max, err);
	sysck_buf_done(&text);
	if (r == 0)
		*ret = ids;
	return r;
}

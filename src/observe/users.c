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
#include <unistd.h>

#include <sysck/store.h>

struct tcbck_users {
	bool host;
	struct sysck_buf passwd, group;
};

static int read_file(struct tcbck_opener *opener, struct sysck_slice path, struct sysck_buf *ret, struct sysck_err *err)
{
	int pinned, descriptor, r = tcbck_path_follow(opener, path, &pinned, err);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0) {
		sysck_err_place(err, path, 0, 0);
		return r;
	}
	r = tcbck_path_reopen(pinned, &descriptor);
	close(pinned);
	if (r < 0) {
		sysck_err_errno(err, r, "cannot be opened");
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

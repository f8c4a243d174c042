/*
 * test_users.c - tests of src/observe/users.c: the users of another root are its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/users.h"
#include "scratch.h"
#include "suites.h"

static void put(const struct scratch *scratch, const char *path, const char *content)
{
	int fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

/* The ids of a user and a group in the root; -1: no such. */
static void ids_are(const struct scratch *scratch, long user, long group)
{
	struct tcbck_users *users = NULL;
	struct sysck_names *names[2] = { NULL, NULL };
	struct sysck_err err;
	uint32_t id = 0;

	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(scratch->root, &users, &err), 0);
	/* Each thread has names of its own. */
	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(tcbck_users_names(users, &names[i]), 0);
	tcbck_users_free(users);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(sysck_names_user_id(names[i], SYSCK_SLICE("fred"), &id), user < 0 ? -ENOENT : 0);
		CU_ASSERT_TRUE(user < 0 || id == user);
		CU_ASSERT_EQUAL(sysck_names_group_id(names[i], SYSCK_SLICE("freds"), &id), group < 0 ? -ENOENT : 0);
		CU_ASSERT_TRUE(group < 0 || id == group);
		/* Those of the running system are not there. */
		CU_ASSERT_EQUAL(sysck_names_user_id(names[i], SYSCK_SLICE("root"), &id), -ENOENT);
		sysck_names_free(names[i]);
	}
}

static void a_root_has_its_own(void)
{
	struct scratch scratch;

	scratch_begin(&scratch);
	ids_are(&scratch, -1, -1);
	scratch_directory(&scratch, "etc", 0755);
	ids_are(&scratch, -1, -1);
	put(&scratch, "etc/passwd", "fred:x:4711:1:::\n");
	ids_are(&scratch, 4711, -1);
	put(&scratch, "etc/group", "freds:x:42:\n");
	ids_are(&scratch, 4711, 42);
	scratch_end(&scratch);
}

static void symlinks_stay_inside(void)
{
	struct scratch scratch;

	scratch_begin(&scratch);
	scratch_directory(&scratch, "etc", 0755);
	scratch_directory(&scratch, "usr", 0755);
	put(&scratch, "usr/passwd", "fred:x:7:1:::\n");
	scratch_link(&scratch, "/usr/passwd", "etc/passwd");
	scratch_link(&scratch, "/nothing", "etc/group");
	ids_are(&scratch, 7, -1);
	scratch_end(&scratch);
}

static void what_cannot_be_read_is_an_error(void)
{
	struct tcbck_users *users = NULL;
	struct scratch scratch;
	struct sysck_err err;

	scratch_begin(&scratch);
	scratch_directory(&scratch, "etc", 0755);
	scratch_directory(&scratch, "etc/passwd", 0755);
	CU_ASSERT_TRUE(tcbck_users_open(scratch.root, &users, &err) < 0);
	CU_ASSERT_STRING_EQUAL(err.file, "/etc/passwd");
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "etc/passwd", AT_REMOVEDIR), 0);
	CU_ASSERT_EQUAL(mknodat(scratch.fd, "etc/passwd", S_IFIFO | 0644, 0), 0);
	CU_ASSERT_TRUE(tcbck_users_open(scratch.root, &users, &err) < 0);
	CU_ASSERT_PTR_NULL(users);
	scratch_end(&scratch);
}

/* Somebody's symlink could bring users of his own. */
static void unsafe_symlinks_are_an_error(void)
{
	struct tcbck_users *users = NULL;
	struct scratch scratch;
	struct sysck_err err;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	scratch_directory(&scratch, "etc", 0755);
	put(&scratch, "etc/mine", "fred:x:0:0:::\n");
	scratch_link(&scratch, "mine", "etc/passwd");
	scratch_give_away(&scratch, "etc/passwd");
	CU_ASSERT_EQUAL(tcbck_users_open(scratch.root, &users, &err), -ELOOP);
	scratch_end(&scratch);
}

static void the_host_has_those_of_nss(void)
{
	struct tcbck_root *root = NULL;
	struct tcbck_users *users = NULL;
	struct sysck_names *names = NULL;
	struct sysck_err err;
	uint32_t id = 1;

	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &root, &err), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(root, &users, &err), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_names(users, &names), 0);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("root"), &id), 0);
	CU_ASSERT_EQUAL(id, 0);
	sysck_names_free(names);
	tcbck_users_free(users);
	tcbck_users_free(NULL);
	tcbck_root_free(root);
}

/* The highest system ids with that /etc/login.defs. */
static void system_ids_are(const struct scratch *scratch, const char *text, uint32_t user, uint32_t group)
{
	struct tcbck_system_ids ids = { 7, 7 };
	struct sysck_err err;

	if (text != NULL)
		put(scratch, "etc/login.defs", text);
	CU_ASSERT_EQUAL(tcbck_users_system_ids(scratch->root, &ids, &err), 0);
	CU_ASSERT_EQUAL(ids.user_max, user);
	CU_ASSERT_EQUAL(ids.group_max, group);
}

static void system_ids_are_fails(const struct scratch *scratch, const char *text, unsigned line)
{
	struct tcbck_system_ids ids = { 7, 7 };
	struct sysck_err err;

	put(scratch, "etc/login.defs", text);
	CU_ASSERT_EQUAL(tcbck_users_system_ids(scratch->root, &ids, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.file, "/etc/login.defs");
	CU_ASSERT_EQUAL(err.line, line);
	CU_ASSERT_TRUE(ids.user_max == 7 && ids.group_max == 7);
}

static void system_ids_are_of_login_defs(void)
{
	struct scratch scratch;

	scratch_begin(&scratch);
	system_ids_are(&scratch, NULL, 999, 999);
	scratch_directory(&scratch, "etc", 0755);
	system_ids_are(&scratch, NULL, 999, 999);
	system_ids_are(&scratch, "", 999, 999);
	system_ids_are(&scratch, "SYS_UID_MAX 499\n", 499, 999);
	system_ids_are(&scratch, "# SYS_UID_MAX 1\n\n  SYS_GID_MAX\t \t200 \n\tSYS_UID_MAX 300", 300, 200);
	system_ids_are(&scratch, "SYS_UID_MAX 1\nSYS_UID_MAX 2\nSYS_UID_MAX 3\n", 3, 999);
	system_ids_are(&scratch, "SYS_UID_MAXIMUM 1\nUID_MAX 2\nXSYS_UID_MAX 3\nSYS_UID_MAX\nSYS_GID_MAX=4\n", 999, 999);
	system_ids_are(&scratch, "SYS_UID_MAX 0\nSYS_GID_MAX 4294967294\n", 0, 4294967294u);
	system_ids_are(&scratch, "SYS_UID_MAX 5\r\nSYS_GID_MAX 6\r\n", 5, 6);
	system_ids_are_fails(&scratch, "SYS_UID_MAX 1\nSYS_UID_MAX -1\n", 2);
	system_ids_are_fails(&scratch, "\n\nSYS_GID_MAX 4294967295\n", 3);
	system_ids_are_fails(&scratch, "SYS_UID_MAX 1 # one\n", 1);
	system_ids_are_fails(&scratch, "SYS_UID_MAX 0x10\n", 1);
	scratch_end(&scratch);
}

static bool without_proc(void *context)
{
	const struct scratch *scratch = context;
	struct tcbck_system_ids ids = { 7, 7 };
	struct sysck_err err;
	bool good;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0)
		return false;
	good = tcbck_users_system_ids(scratch->root, &ids, &err) == 0 && ids.user_max == 5;
	/* What a symlink led to can't be opened again. */
	good = good && renameat(scratch->fd, "etc/login.defs", scratch->fd, "etc/defs") == 0 &&
	       symlinkat("defs", scratch->fd, "etc/login.defs") == 0;
	return good && tcbck_users_system_ids(scratch->root, &ids, &err) == -EINVAL && scratch_says(err.text, "no symlink");
}

static void without_proc_a_file_is_read(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	scratch_directory(&scratch, "etc", 0755);
	put(&scratch, "etc/login.defs", "SYS_UID_MAX 5\n");
	CU_ASSERT_TRUE(scratch_child(without_proc, &scratch));
	scratch_end(&scratch);
}

void suite_users(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_root_has_its_own),
		UNIT_TEST(symlinks_stay_inside),
		UNIT_TEST(what_cannot_be_read_is_an_error),
		UNIT_TEST(unsafe_symlinks_are_an_error),
		UNIT_TEST(the_host_has_those_of_nss),
		UNIT_TEST(system_ids_are_of_login_defs),
		UNIT_TEST(without_proc_a_file_is_read),
	};

	unit_add("users", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_reach.c - tests of tcbck_path_reach(), in src/observe/path.c: where symlinks lead to in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/path.h"
#include "scratch.h"
#include "suites.h"

/* As the walk asks: by the directory that holds the link, and its path below the root. */
static int reach(const struct scratch *scratch, const char *directory, const char *name, struct stat *ret)
{
	char path[128];
	int fd = openat(scratch->fd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC), r;

	CU_ASSERT_FATAL(fd >= 0);
	(void)snprintf(path, sizeof(path), "%s%s/%s", strcmp(directory, ".") == 0 ? "" : "/",
		       strcmp(directory, ".") == 0 ? "" : directory, name);
	r = tcbck_path_reach(scratch->root, fd, name, sysck_slice_of(path), ret);
	close(fd);
	return r;
}

static bool leads_to(const struct scratch *scratch, const char *directory, const char *name, const char *target)
{
	struct stat wanted, st = { .st_ino = 0 };

	CU_ASSERT_EQUAL_FATAL(fstatat(scratch->fd, target, &wanted, AT_SYMLINK_NOFOLLOW), 0);
	return reach(scratch, directory, name, &st) == 0 && st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino;
}

static void make(const struct scratch *scratch)
{
	scratch_directory(scratch, "usr", 0755);
	scratch_directory(scratch, "usr/bin", 0755);
	scratch_file(scratch, "usr/bin/su");
	scratch_link(scratch, "usr/bin", "bin");
	scratch_link(scratch, "su", "usr/bin/near");
	scratch_link(scratch, "/usr/bin/su", "usr/absolute");
	scratch_link(scratch, "bin/near", "usr/chain");
	scratch_link(scratch, "/bin/su", "usr/through");
	scratch_link(scratch, "../../../../bin/su", "usr/bin/above");
	scratch_link(scratch, "/", "usr/top");
	scratch_link(scratch, "..", "usr/up");
	scratch_link(scratch, "nothing", "usr/dangling");
	scratch_link(scratch, "bin/su/below", "usr/through-file");
	scratch_link(scratch, "loop2", "usr/loop1");
	scratch_link(scratch, "loop1", "usr/loop2");
	scratch_link(scratch, "/etc/passwd", "usr/outside");
}

static void links_are_followed_to_their_end(void)
{
	struct scratch scratch;

	scratch_begin(&scratch);
	make(&scratch);
	CU_ASSERT_TRUE(leads_to(&scratch, ".", "bin", "usr/bin"));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr/bin", "near", "usr/bin/su"));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "chain", "usr/bin/su"));
	/* What is no symlink leads to itself. */
	CU_ASSERT_TRUE(leads_to(&scratch, "usr/bin", "su", "usr/bin/su"));
	scratch_end(&scratch);
}

static void no_way_leads_out(void)
{
	struct scratch scratch;
	struct stat st;

	scratch_begin(&scratch);
	make(&scratch);
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "absolute", "usr/bin/su"));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "through", "usr/bin/su"));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr/bin", "above", "usr/bin/su"));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "top", "."));
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "up", "."));
	CU_ASSERT_EQUAL(reach(&scratch, "usr", "outside", &st), -ENOENT);
	scratch_end(&scratch);
}

static void ends_nowhere(void)
{
	struct scratch scratch;
	struct stat st;

	scratch_begin(&scratch);
	make(&scratch);
	CU_ASSERT_EQUAL(reach(&scratch, "usr", "dangling", &st), -ENOENT);
	CU_ASSERT_EQUAL(reach(&scratch, "usr", "through-file", &st), -ENOTDIR);
	CU_ASSERT_EQUAL(reach(&scratch, "usr", "loop1", &st), -ELOOP);
	CU_ASSERT_EQUAL(reach(&scratch, "usr", "no-link", &st), -ENOENT);
	scratch_end(&scratch);
}

/* Somebody's link is followed too: it is not trusted, only told. */
static void others_links_are_followed(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	make(&scratch);
	scratch_give_away(&scratch, "usr/absolute");
	CU_ASSERT_TRUE(leads_to(&scratch, "usr", "absolute", "usr/bin/su"));
	scratch_end(&scratch);
}

static void the_hosts_links_are_the_kernels(void)
{
	struct tcbck_root *host = NULL;
	struct scratch scratch;
	struct stat wanted, st;
	struct sysck_err err;

	scratch_begin(&scratch);
	make(&scratch);
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &host, &err), 0);
	CU_ASSERT_EQUAL(tcbck_path_reach(host, scratch.fd, "bin", SYSCK_SLICE("/never/looked/at"), &st), 0);
	CU_ASSERT_EQUAL(fstatat(scratch.fd, "usr/bin", &wanted, 0), 0);
	CU_ASSERT_EQUAL(st.st_ino, wanted.st_ino);
	CU_ASSERT_EQUAL(tcbck_path_reach(host, scratch.fd, "usr/outside", SYSCK_SLICE("/x"), &st), 0);
	CU_ASSERT_EQUAL(stat("/etc/passwd", &wanted), 0);
	CU_ASSERT_EQUAL(st.st_ino, wanted.st_ino);
	CU_ASSERT_EQUAL(tcbck_path_reach(host, scratch.fd, "usr/dangling", SYSCK_SLICE("/x"), &st), -ENOENT);
	tcbck_root_free(host);
	scratch_end(&scratch);
}

void suite_reach(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(links_are_followed_to_their_end),
		UNIT_TEST(no_way_leads_out),
		UNIT_TEST(ends_nowhere),
		UNIT_TEST(others_links_are_followed),
		UNIT_TEST(the_hosts_links_are_the_kernels),
	};

	unit_add("reach", tests, sizeof(tests) / sizeof(tests[0]));
}

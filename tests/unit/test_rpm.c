/*
 * test_rpm.c - tests of src/observe/rpm.c and snapshot.c: what is no database, and copies. Databases that rpm(8) made are
 * tests/cli/rpm.t's.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/rpm.h"
#include "observe/snapshot.h"
#include "observe/users.h"
#include "scratch.h"
#include "suites.h"

static void put(const struct scratch *scratch, const char *path, const char *text)
{
	int descriptor = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CU_ASSERT_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL_FATAL(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	close(descriptor);
}

/* Is `wanted` what the file has? */
static bool has_text(const char *directory, const char *name, const char *wanted)
{
	char path[100], text[100] = "";
	int descriptor;
	ssize_t got;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	got = descriptor < 0 ? -1 : read(descriptor, text, sizeof(text) - 1);
	if (descriptor >= 0)
		close(descriptor);
	return got == (ssize_t)strlen(wanted) && strcmp(text, wanted) == 0;
}

static size_t count_copies(void)
{
	glob_t found = { .gl_pathc = 0 };
	size_t count;

	(void)glob("/run/tcbck.*", 0, NULL, &found);
	(void)glob("/var/tmp/tcbck.*", GLOB_APPEND, NULL, &found);
	(void)glob("/tmp/tcbck.*", GLOB_APPEND, NULL, &found);
	count = found.gl_pathc;
	globfree(&found);
	return count;
}

static int read_root(const struct scratch *scratch, struct sysck_err *err)
{
	struct tcbck_packages *packages = NULL;
	struct sysck_names *names = NULL;
	struct tcbck_users *users = NULL;
	int r;

	sysck_err_clear(err);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(scratch->root, &users, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_names(users, &names), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	r = tcbck_rpm_read(scratch->root, names, NULL, packages, err);
	CU_ASSERT(r == 0 || err->text[0] != '\0');
	tcbck_packages_free(packages);
	sysck_names_free(names);
	tcbck_users_free(users);
	return r;
}

static void no_database(void)
{
	struct scratch scratch;
	struct sysck_err err;

	scratch_begin(&scratch);
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -ENOENT);
	scratch_directory(&scratch, "var", 0755);
	scratch_file(&scratch, "var/lib");
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -ENOENT);
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var/lib", 0), 0);
	scratch_directory(&scratch, "var/lib", 0755);
	scratch_directory(&scratch, "var/lib/rpm", 0755);
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -ENOENT);
	/* A directory that is not root's to replace is left alone. */
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var/lib/rpm", AT_REMOVEDIR), 0);
	scratch_link(&scratch, "/var/lib", "var/lib/rpm");
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -ENOENT);
	scratch_end(&scratch);
}

/* In a child: librpm forgets memory, and a descriptor, where it could not open a file as a database. */
static bool is_damaged(void *context)
{
	struct sysck_err err;

	return read_root(context, &err) == -EBADMSG;
}

static void wrong_database(void)
{
	size_t copies = count_copies();
	unsigned descriptors;
	struct scratch scratch;
	struct sysck_err err;

	scratch_begin(&scratch);
	scratch_directory(&scratch, "var", 0755);
	scratch_directory(&scratch, "var/lib", 0755);
	scratch_directory(&scratch, "var/lib/rpm", 0755);
	put(&scratch, "var/lib/rpm/rpmdb.sqlite", "nonsense\n");
	if (!tcbck_rpm_available()) {
		CU_ASSERT_EQUAL(read_root(&scratch, &err), -ENOTSUP);
		scratch_end(&scratch);
		unit_skip("librpm is not there");
		return;
	}
	CU_ASSERT(scratch_child(is_damaged, &scratch));
	descriptors = scratch_descriptors();
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var/lib/rpm/rpmdb.sqlite", 0), 0);
	scratch_link(&scratch, "/etc/passwd", "var/lib/rpm/rpmdb.sqlite");
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -EINVAL);
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var/lib/rpm/rpmdb.sqlite", 0), 0);
	CU_ASSERT_EQUAL(mkfifoat(scratch.fd, "var/lib/rpm/rpmdb.sqlite", 0644), 0);
	CU_ASSERT_EQUAL(read_root(&scratch, &err), -EINVAL);
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var/lib/rpm/rpmdb.sqlite", 0), 0);
	/* A kind that librpm may not know must not be an empty one. */
	put(&scratch, "var/lib/rpm/Packages.db", "nonsense\n");
	CU_ASSERT(scratch_child(is_damaged, &scratch));
	CU_ASSERT_EQUAL(scratch_descriptors(), descriptors);
	CU_ASSERT_EQUAL(count_copies(), copies);
	scratch_end(&scratch);
}

static void copies(void)
{
	static const char *const names[] = { "a", "b", "c", NULL };
	struct tcbck_snapshot copy = { "" };
	size_t before = count_copies();
	struct scratch scratch;
	struct sysck_err err;
	struct stat st;

	scratch_begin(&scratch);
	put(&scratch, "a", "first");
	put(&scratch, "c", "");
	put(&scratch, "d", "not asked for");
	CU_ASSERT_EQUAL_FATAL(tcbck_snapshot_take(scratch.fd, names, &copy, &err), 0);
	CU_ASSERT(has_text(copy.path, "a", "first"));
	CU_ASSERT(has_text(copy.path, "c", ""));
	CU_ASSERT(!has_text(copy.path, "d", "not asked for"));
	CU_ASSERT(stat(copy.path, &st) == 0 && (st.st_mode & 07777) == 0700 && st.st_uid == geteuid());
	CU_ASSERT_EQUAL(count_copies(), before + 1);
	tcbck_snapshot_drop(&copy);
	CU_ASSERT_EQUAL(count_copies(), before);
	tcbck_snapshot_drop(&copy);
	scratch_link(&scratch, "a", "b");
	CU_ASSERT_EQUAL(tcbck_snapshot_take(scratch.fd, names, &copy, &err), -EINVAL);
	CU_ASSERT_EQUAL(copy.path[0], '\0');
	CU_ASSERT_EQUAL(count_copies(), before);
	scratch_end(&scratch);
}

/* Writes to two files, first the one and then the other, until told to stop. */
struct writer {
	const struct scratch *scratch;
	atomic_bool stop;
};

static void *write_on(void *context)
{
	struct writer *writer = context;
	int one = openat(writer->scratch->fd, "a", O_WRONLY | O_CLOEXEC);
	int two = openat(writer->scratch->fd, "b", O_WRONLY | O_CLOEXEC);

	while (!atomic_load(&writer->stop)) {
		(void)!pwrite(one, "x", 1, 0);
		(void)!pwrite(two, "x", 1, 0);
		usleep(1000);
	}
	close(one);
	close(two);
	return NULL;
}

/* Big enough that there is always a change while they are copied. */
static void changing(void)
{
	static const char *const names[] = { "a", "b", NULL };
	struct tcbck_snapshot copy = { "" };
	struct writer writer = { .stop = false };
	size_t before = count_copies();
	struct scratch scratch;
	struct sysck_err err;
	pthread_t thread;

	scratch_begin(&scratch);
	writer.scratch = &scratch;
	put(&scratch, "a", "first");
	put(&scratch, "b", "second");
	for (const char *const *name = names; *name != NULL; name++) {
		int descriptor = openat(scratch.fd, *name, O_WRONLY | O_CLOEXEC);

		CU_ASSERT_EQUAL(ftruncate(descriptor, 64 << 20), 0);
		close(descriptor);
	}
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_on, &writer), 0);
	usleep(20000);
	CU_ASSERT_EQUAL(tcbck_snapshot_take(scratch.fd, names, &copy, &err), -EAGAIN);
	atomic_store(&writer.stop, true);
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(count_copies(), before);
	CU_ASSERT_EQUAL(tcbck_snapshot_take(scratch.fd, names, &copy, &err), 0);
	tcbck_snapshot_drop(&copy);
	scratch_end(&scratch);
}

void suite_rpm(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(no_database),
		UNIT_TEST(wrong_database),
		UNIT_TEST(copies),
		UNIT_TEST(changing),
	};

	unit_add("rpm", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_landlock.c - tests of src/landlock.c, in children that it confines.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "landlock.h"
#include "scratch.h"
#include "suites.h"

static bool confine(void *context)
{
	struct sysck_err err;

	(void)context;
	return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 && tcbck_landlock_reading(&err) == 0;
}

static bool has_landlock(void)
{
	if (scratch_child(confine, NULL))
		return true;
	unit_skip("Landlock is not to be had here");
	return false;
}

/* Was a call refused by Landlock? */
static bool is_refused(const char *what, long r)
{
	if (r == -1 && errno == EACCES)
		return true;
	printf("    %s: %ld, errno %d\n", what, r, errno);
	(void)fflush(stdout);
	return false;
}

static bool refuses_content(int directory)
{
	const struct open_how how = { .flags = O_WRONLY };

	return is_refused("O_WRONLY", openat(directory, "file", O_WRONLY | O_CLOEXEC)) &&
	       is_refused("O_RDWR", openat(directory, "file", O_RDWR | O_CLOEXEC)) &&
	       is_refused("O_CREAT", openat(directory, "new", O_RDONLY | O_CREAT | O_CLOEXEC, 0600)) &&
	       is_refused("O_TMPFILE", openat(directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600)) &&
	       is_refused("openat2", syscall(SYS_openat2, directory, "file", &how, sizeof(how))) &&
	       is_refused("execveat", syscall(SYS_execveat, directory, "program", NULL, NULL, 0));
}

static bool refuses_names(int directory)
{
	return is_refused("mkdir", mkdirat(directory, "new", 0700)) &&
	       is_refused("symlink", symlinkat("file", directory, "new")) &&
	       is_refused("mknod", mknodat(directory, "new", S_IFIFO | 0600, 0)) &&
	       is_refused("link", linkat(directory, "file", directory, "new", 0)) &&
	       is_refused("rename", renameat(directory, "file", directory, "new")) &&
	       is_refused("unlink", unlinkat(directory, "file", 0)) &&
	       is_refused("rmdir", unlinkat(directory, "directory", AT_REMOVEDIR));
}

static bool refuses_changes(void *context)
{
	const struct scratch *scratch = context;

	return confine(NULL) && refuses_content(scratch->fd) && refuses_names(scratch->fd);
}

static void *open_for_writing(void *context)
{
	const struct scratch *scratch = context;

	return openat(scratch->fd, "file", O_WRONLY | O_CLOEXEC) < 0 && errno == EACCES ? NULL : context;
}

static bool confines_later_threads(void *context)
{
	pthread_t thread;
	void *result = context;

	return confine(NULL) && pthread_create(&thread, NULL, open_for_writing, context) == 0 &&
	       pthread_join(thread, &result) == 0 && result == NULL;
}

static bool leaves_reading(void *context)
{
	const struct scratch *scratch = context;
	int before = openat(scratch->fd, "file", O_RDWR | O_CLOEXEC), file, directory;

	if (before < 0 || !confine(NULL))
		return false;
	file = openat(scratch->fd, "file", O_RDONLY | O_CLOEXEC);
	directory = openat(scratch->fd, "directory", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* What was open stays as it is. */
	return file >= 0 && directory >= 0 && open("/proc/self/status", O_RDONLY | O_CLOEXEC) >= 0 &&
	       write(before, "x", 1) == 1;
}

static void changes_are_refused(void)
{
	struct scratch scratch;

	if (!has_landlock())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	scratch_file(&scratch, "program");
	scratch_directory(&scratch, "directory", 0755);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "program", 0755, 0), 0);
	CU_ASSERT_TRUE(scratch_child(refuses_changes, &scratch));
	CU_ASSERT_TRUE(scratch_child(confines_later_threads, &scratch));
	CU_ASSERT_TRUE(scratch_child(leaves_reading, &scratch));
	CU_ASSERT_EQUAL(faccessat(scratch.fd, "file", F_OK, 0), 0);
	CU_ASSERT_EQUAL(faccessat(scratch.fd, "directory", F_OK, 0), 0);
	CU_ASSERT_EQUAL(faccessat(scratch.fd, "new", F_OK, 0), -1);
	scratch_end(&scratch);
}

/* What is outside can't be reached by an abstract socket, nor signalled; files are left alone, to write them, too. */
static bool only_scopes(void *context)
{
	const struct scratch *scratch = context;
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0tcbck-test-landlock" };
	int outside = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client;
	struct sysck_err err;

	if (bind(outside, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(outside, 1) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 || tcbck_landlock_scopes(&err) != 0)
		return false;
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(client, (struct sockaddr *)&address, sizeof(address)) == -1 && errno == EPERM &&
	       kill(getppid(), 0) == -1 && errno == EPERM && openat(scratch->fd, "file", O_RDWR | O_CLOEXEC) >= 0;
}

static bool has_scopes(void *context)
{
	struct sysck_err err;

	(void)context;
	return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 && tcbck_landlock_scopes(&err) == 0;
}

static void scopes_are_no_files(void)
{
	struct scratch scratch;

	if (!scratch_child(has_scopes, NULL)) {
		unit_skip("Landlock has no scopes here");
		return;
	}
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_TRUE(scratch_child(only_scopes, &scratch));
	scratch_end(&scratch);
}

/* Without no_new_privs nobody but root may confine himself. */
static bool fails_for_somebody(void *context)
{
	struct sysck_err err;

	(void)context;
	return setresuid(SCRATCH_SOMEBODY, SCRATCH_SOMEBODY, SCRATCH_SOMEBODY) == 0 && tcbck_landlock_reading(&err) == -EPERM &&
	       scratch_says(err.text, "Landlock");
}

static void failures_are_told(void)
{
	if (!scratch_is_root() || !has_landlock())
		return;
	CU_ASSERT_TRUE(scratch_child(fails_for_somebody, NULL));
}

void suite_landlock(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(changes_are_refused),
		UNIT_TEST(failures_are_told),
		UNIT_TEST(scopes_are_no_files),
	};

	unit_add("landlock", tests, sizeof(tests) / sizeof(tests[0]));
}

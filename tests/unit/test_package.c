/*
 * test_package.c - tests of src/observe/package.c: paths as they are on the host, whatever packages call them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dpkg_tree.h"
#include "observe/package.h"
#include "suites.h"

static int read_tree(const struct scratch *scratch, struct tcbck_packages **ret)
{
	struct dpkg_errors errors;
	const struct sysck_err_sink sink = dpkg_errors_sink(&errors);
	struct tcbck_package_options options = { .root = scratch->root, .errors = &sink };
	struct tcbck_users *users = NULL;
	struct sysck_err err;
	int r;

	*ret = NULL;
	if (tcbck_users_open(scratch->root, &users, NULL) < 0)
		return -EIO;
	options.users = users;
	r = tcbck_package_read(&options, ret, NULL, &err);
	tcbck_users_free(users);
	return r < 0 || errors.count == 0 ? r : -EIO;
}

static void begin_merged(struct scratch *scratch)
{
	dpkg_tree_begin(scratch);
	dpkg_tree_put(scratch, "usr/bin/su", "a");
	dpkg_tree_put(scratch, "usr/lib/x/y", "a");
	scratch_link(scratch, "usr/bin", "bin");
	scratch_link(scratch, "/usr/lib", "lib");
}

static void paths_are_those_of_the_host(void)
{
	const struct tcbck_packaged *file;
	struct tcbck_packages *packages;
	struct scratch scratch;

	begin_merged(&scratch);
	scratch_link(&scratch, "x", "usr/lib/link");
	dpkg_tree_install(
		&scratch, "a",
		"/bin\n/bin/su\n/lib\n/lib/x\n/lib/x/y\n/lib/gone\n/lib/gone/below\n/lib/gone/below/z\n/usr\n/usr/lib\n"
		"/usr/lib/link\n/usr/lib/plain\n/top\n",
		MD5_A "  bin/su\n" MD5_A "  lib/x/y\n" MD5_B "  lib/gone/below/z\n");
	CU_ASSERT_EQUAL_FATAL(read_tree(&scratch, &packages), 0);
	file = dpkg_tree_file(packages, "/usr/bin/su");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_A));
	CU_ASSERT_TRUE(file != NULL && sysck_slice_equal(file->listed, SYSCK_SLICE("/bin/su")));
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(packages, "/usr/lib/x/y"), MD5_A));
	/* As far as the way is there. */
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(packages, "/usr/lib/gone/below/z"), MD5_B));
	/* A symlink to a directory is itself the package's. */
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/lib/link"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/lib/plain"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/top"), 1);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(packages), 6);
	tcbck_packages_free(packages);
	scratch_end(&scratch);
}

/* More directories than are remembered at once. */
static void many_directories_are_told_apart(void)
{
	struct sysck_buf list = SYSCK_BUF_INIT;
	struct tcbck_packages *packages;
	struct scratch scratch;
	char path[64];

	begin_merged(&scratch);
	for (unsigned i = 0; i < 5000; i++)
		sysck_buf_add_format(&list, "/bin/%u/x\n/opt/%u/x\n/bin/%u/y\n", i, i, i);
	sysck_buf_add_char(&list, '\0');
	dpkg_tree_install(&scratch, "a", list.data, NULL);
	CU_ASSERT_EQUAL_FATAL(read_tree(&scratch, &packages), 0);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(packages), 15000);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "/usr/bin/%u/x", i);
		CU_ASSERT_EQUAL(dpkg_tree_files(packages, path), 1);
		snprintf(path, sizeof(path), "/usr/bin/%u/y", i);
		CU_ASSERT_EQUAL(dpkg_tree_files(packages, path), 1);
		snprintf(path, sizeof(path), "/opt/%u/x", i);
		CU_ASSERT_EQUAL(dpkg_tree_files(packages, path), 1);
	}
	tcbck_packages_free(packages);
	scratch_end(&scratch);
	sysck_buf_done(&list);
}

static void directories_of_the_host_are_left_out(void)
{
	struct tcbck_packages *packages;
	struct scratch scratch;

	begin_merged(&scratch);
	dpkg_tree_put(&scratch, "etc/empty.d/x", "");
	dpkg_tree_put(&scratch, "usr/file/x", "");
	dpkg_tree_install(&scratch, "a", "/etc\n/etc/empty.d\n/bin\n/lib/x\n/usr/file\n/etc/none.d\n", MD5_A "  usr/file\n");
	CU_ASSERT_EQUAL_FATAL(read_tree(&scratch, &packages), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/etc/empty.d"), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/lib/x"), 0);
	/* One that should be a file is missed. */
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(packages, "/usr/file"), MD5_A));
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/bin"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/etc/none.d"), 1);
	tcbck_packages_free(packages);
	scratch_end(&scratch);
}

static void unsafe_ways_keep_their_spelling(void)
{
	struct tcbck_packages *packages;
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	begin_merged(&scratch);
	scratch_give_away(&scratch, "bin");
	dpkg_tree_install(&scratch, "a", "/bin/su\n/lib/x/y\n/usr/bin/su/no-directory\n",
			  MD5_A "  bin/su\n" MD5_A "  lib/x/y\n");
	CU_ASSERT_EQUAL_FATAL(read_tree(&scratch, &packages), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/bin/su"), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/bin/su"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/lib/x/y"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(packages, "/usr/bin/su/no-directory"), 1);
	tcbck_packages_free(packages);
	scratch_end(&scratch);
}

static void no_package_manager_is_told(void)
{
	struct tcbck_packages *packages;
	struct scratch scratch;

	scratch_begin(&scratch);
	CU_ASSERT_EQUAL(read_tree(&scratch, &packages), -ENOENT);
	CU_ASSERT_PTR_NULL(packages);
	scratch_end(&scratch);
	dpkg_tree_begin(&scratch);
	CU_ASSERT_EQUAL_FATAL(read_tree(&scratch, &packages), 0);
	CU_ASSERT_EQUAL(tcbck_packages_count(packages), 0);
	tcbck_packages_free(packages);
	scratch_end(&scratch);
}

static bool without_proc(void *context)
{
	struct tcbck_packages *packages;
	size_t first;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0)
		return false;
	return read_tree(context, &packages) == 0 && tcbck_packages_find(packages, SYSCK_SLICE("/usr/bin/su"), &first) == 1;
}

static void proc_is_not_needed(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	begin_merged(&scratch);
	dpkg_tree_install(&scratch, "a", "/bin/su\n", MD5_A "  bin/su\n");
	CU_ASSERT_TRUE(scratch_child(without_proc, &scratch));
	scratch_end(&scratch);
}

static void nothing_stays_open(void)
{
	struct tcbck_packages *packages;
	struct scratch scratch;
	unsigned before;

	begin_merged(&scratch);
	dpkg_tree_put(&scratch, "etc/dpkg/dpkg.cfg.d/a", "path-exclude=/x\n");
	dpkg_tree_put(&scratch, DPKG_HOME "updates/0001", "Package: b\nStatus: deinstall ok config-files\n");
	dpkg_tree_install(&scratch, "a", "/bin/su\n/lib/none/x\n", MD5_A "  bin/su\n");
	before = scratch_descriptors();
	CU_ASSERT_EQUAL(read_tree(&scratch, &packages), 0);
	tcbck_packages_free(packages);
	CU_ASSERT_EQUAL(scratch_descriptors(), before);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_INFO, 0777, 0), 0);
	CU_ASSERT_EQUAL(read_tree(&scratch, &packages), -EPERM);
	CU_ASSERT_EQUAL(scratch_descriptors(), before);
	scratch_end(&scratch);
}

static void a_run_that_is_stopped_ends(void)
{
	const atomic_bool stop = true;
	struct tcbck_package_options options = { .stop = &stop };
	struct tcbck_packages *packages = NULL;
	struct tcbck_users *users = NULL;
	struct scratch scratch;
	struct sysck_err err;

	begin_merged(&scratch);
	dpkg_tree_install(&scratch, "a", "/bin/su\n", NULL);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(scratch.root, &users, NULL), 0);
	options.root = scratch.root;
	options.users = users;
	CU_ASSERT_EQUAL(tcbck_package_read(&options, &packages, NULL, &err), -ECANCELED);
	CU_ASSERT_PTR_NULL(packages);
	tcbck_users_free(users);
	scratch_end(&scratch);
}

void suite_package(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(paths_are_those_of_the_host),
		UNIT_TEST(many_directories_are_told_apart),
		UNIT_TEST(directories_of_the_host_are_left_out),
		UNIT_TEST(unsafe_ways_keep_their_spelling),
		UNIT_TEST(no_package_manager_is_told),
		UNIT_TEST(proc_is_not_needed),
		UNIT_TEST(nothing_stays_open),
		UNIT_TEST(a_run_that_is_stopped_ends),
	};

	unit_add("package", tests, sizeof(tests) / sizeof(tests[0]));
}

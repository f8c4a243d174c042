/*
 * test_dpkg.c - tests of src/observe/dpkg.c and the files that it is made of: a root with dpkg's files of every kind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dpkg_tree.h"
#include "observe/dpkg.h"
#include "suites.h"

/* What was read of a root. */
struct got {
	struct tcbck_packages *packages;
	struct dpkg_errors errors;
	struct sysck_err err;
	int result;
};

static void read_tree(const struct scratch *scratch, struct got *got)
{
	const struct sysck_err_sink sink = dpkg_errors_sink(&got->errors);
	struct tcbck_opener *opener = NULL;
	struct tcbck_users *users = NULL;
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(scratch->root, &users, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_names(users, &names), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_opener_new(scratch->root, &opener), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&got->packages), 0);
	got->result = tcbck_dpkg_read(opener, names, &sink, got->packages, &got->err);
	tcbck_packages_freeze(got->packages);
	tcbck_opener_free(opener);
	sysck_names_free(names);
	tcbck_users_free(users);
}

static void done(struct got *got)
{
	tcbck_packages_free(got->packages);
}

/* Reads, and expects no error. */
static void read_well(const struct scratch *scratch, struct got *got)
{
	read_tree(scratch, got);
	CU_ASSERT_EQUAL_FATAL(got->result, 0);
	CU_ASSERT_STRING_EQUAL(got->errors.text, "");
}

/* Reads, and expects one error, and a package `a` that is not whole. */
static void read_badly(const struct scratch *scratch, const char *error)
{
	const struct tcbck_package *package;
	struct got got;

	read_tree(scratch, &got);
	CU_ASSERT_EQUAL(got.result, 0);
	CU_ASSERT_EQUAL(got.errors.count, 1);
	CU_ASSERT_TRUE(scratch_says(got.errors.text, error));
	package = dpkg_tree_package(got.packages, "a");
	CU_ASSERT_TRUE(package != NULL && !package->whole);
	done(&got);
}

static void lists_digests_and_conffiles(void)
{
	const struct timespec times[2] = { { 5, 6 }, { 1234567, 89 } };
	const struct tcbck_package *package;
	const struct tcbck_packaged *file;
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "status",
		      DPKG_STATUS("a", "Conffiles:\n /etc/a.conf " MD5_A "\n /etc/old " MD5_A " obsolete\n"
				       " /etc/new newconffile\n /etc/elsewhere " MD5_A "\n"));
	dpkg_tree_put(&scratch, DPKG_INFO "a.list",
		      "/.\n/usr\n/usr/bin\n/usr/bin/a\n/usr/bin/link\n/etc\n/etc/a.conf\n/etc/new\n/etc/old\n/usr/bin/a\n");
	dpkg_tree_put(&scratch, DPKG_INFO "a.md5sums",
		      MD5_EMPTY "  usr/bin/a\n" MD5_B "  usr/bin/taken-over\n" MD5_B "  etc/a.conf\n" MD5_B "  etc/new\n" MD5_B
				"  usr\n");
	CU_ASSERT_EQUAL(utimensat(scratch.fd, DPKG_INFO "a.list", times, 0), 0);
	read_well(&scratch, &got);
	CU_ASSERT_EQUAL(tcbck_packages_count(got.packages), 1);
	package = dpkg_tree_package(got.packages, "a");
	CU_ASSERT_TRUE(package != NULL && package->whole);
	CU_ASSERT_TRUE(package != NULL && package->installed.tv_sec == 1234567 && package->installed.tv_nsec == 89);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(got.packages), 4);
	file = dpkg_tree_file(got.packages, "/usr/bin/a");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_EMPTY));
	CU_ASSERT_TRUE(file != NULL && !file->configuration && !file->optional && !file->has_proof);
	file = dpkg_tree_file(got.packages, "/usr/bin/link");
	CU_ASSERT_TRUE(file != NULL && file->known == 0 && file->type == SYSCK_TYPE_NONE);
	/* What status says of a conffile counts before digests. */
	file = dpkg_tree_file(got.packages, "/etc/a.conf");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_A));
	CU_ASSERT_TRUE(file != NULL && file->configuration);
	file = dpkg_tree_file(got.packages, "/etc/new");
	CU_ASSERT_TRUE(file != NULL && file->configuration && file->known == 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/etc/old"), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/etc/elsewhere"), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/usr/bin/taken-over"), 0);
	done(&got);
	scratch_end(&scratch);
}

static void unsorted_lists_are_matched(void)
{
	struct sysck_buf list = SYSCK_BUF_INIT, sums = SYSCK_BUF_INIT;
	struct scratch scratch;
	struct got got;
	char path[64];

	dpkg_tree_begin(&scratch);
	sysck_buf_add_text(&list, "/.\n/d\n");
	for (unsigned i = 0; i < 1000; i++) {
		sysck_buf_add_format(&list, "/d/%03u\n", i * 7 % 1000);
		if (i % 10 != 3) /* 3, 13, ... are symlinks, as it were */
			sysck_buf_add_format(&sums, "%032x  d/%03u\n", i, i);
	}
	sysck_buf_add_char(&list, '\0');
	sysck_buf_add_char(&sums, '\0');
	dpkg_tree_install(&scratch, "a", list.data, sums.data);
	read_well(&scratch, &got);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(got.packages), 1000);
	for (unsigned i = 0; i < 1000; i++) {
		const struct tcbck_packaged *file;
		char md5[33];

		snprintf(path, sizeof(path), "/d/%03u", i);
		snprintf(md5, sizeof(md5), "%032x", i);
		file = dpkg_tree_file(got.packages, path);
		CU_ASSERT_EQUAL(dpkg_tree_has_md5(file, md5), i % 10 != 3);
	}
	done(&got);
	scratch_end(&scratch);
	sysck_buf_done(&list);
	sysck_buf_done(&sums);
}

static void states_decide(void)
{
	static const char status[] =
		"Package: half\nStatus: install ok unpacked\nVersion: 1\nArchitecture: all\n\n"
		"Package: failed\nStatus: install ok half-configured\nVersion: 1\nArchitecture: all\n\n"
		"Package: rest\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n\n"
		"Package: begun\nStatus: install reinstreq half-installed\nVersion: 1\nArchitecture: all\n\n"
		"Package: waits\nStatus: install ok triggers-awaited\nVersion: 1\nArchitecture: all\n";
	const struct tcbck_package *half, *failed, *waits, *begun;
	struct scratch scratch;
	struct got got;
	size_t index;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "status", status);
	dpkg_tree_put(&scratch, DPKG_INFO "half.list", "/.\n/half\n");
	dpkg_tree_put(&scratch, DPKG_INFO "failed.list", "/failed\n");
	dpkg_tree_put(&scratch, DPKG_INFO "rest.list", "/etc\n/etc/rest\n");
	dpkg_tree_put(&scratch, DPKG_INFO "waits.list", "/waits\n");
	read_well(&scratch, &got); /* of one half installed nobody expects a list */
	half = dpkg_tree_package(got.packages, "half");
	failed = dpkg_tree_package(got.packages, "failed");
	waits = dpkg_tree_package(got.packages, "waits");
	begun = dpkg_tree_package(got.packages, "begun");
	CU_ASSERT_TRUE(half != NULL && !half->whole && failed != NULL && failed->whole);
	CU_ASSERT_TRUE(waits != NULL && waits->whole && begun != NULL && !begun->whole);
	CU_ASSERT_EQUAL(tcbck_packages_named(got.packages, SYSCK_SLICE("rest"), &index), -ENOENT);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/half"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/etc/rest"), 0);
	done(&got);
	scratch_end(&scratch);
}

static void updates_overrule_status(void)
{
	struct scratch scratch;
	struct got got;
	size_t index;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "status", DPKG_STATUS("a", "") DPKG_STATUS("b", "") DPKG_STATUS("c", ""));
	dpkg_tree_put(&scratch, DPKG_HOME "updates/0009",
		      "Package: a\nStatus: install ok unpacked\nVersion: 2\nArchitecture: all\n");
	dpkg_tree_put(&scratch, DPKG_HOME "updates/00010",
		      "Package: a\nStatus: install ok installed\nVersion: 3\nArchitecture: amd64\n#padding\n");
	dpkg_tree_put(&scratch, DPKG_HOME "updates/0001", "Package: b\nStatus: deinstall ok config-files\nVersion: 1\n");
	dpkg_tree_put(&scratch, DPKG_HOME "updates/tmp.i", "Package: c\nStatus: deinstall ok config-files\nVersion: 1\n");
	dpkg_tree_put(&scratch, DPKG_INFO "a.list", "/a\n");
	dpkg_tree_put(&scratch, DPKG_INFO "b.list", "/b\n");
	dpkg_tree_put(&scratch, DPKG_INFO "c.list", "/c\n");
	read_well(&scratch, &got);
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_count(got.packages), 2);
	CU_ASSERT_EQUAL(tcbck_packages_named(got.packages, SYSCK_SLICE("a"), &index), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(tcbck_packages_get(got.packages, index)->version, SYSCK_SLICE("3")));
	CU_ASSERT_TRUE(tcbck_packages_get(got.packages, index)->whole);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/a"), 1);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/b"), 0);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/c"), 1);
	done(&got);
	scratch_end(&scratch);
}

#define LIBC(architecture, status) \
	"Package: libc6\nStatus: " status "\nMulti-Arch: same\nVersion: 1\nArchitecture: " architecture "\n\n"

static void architectures_stand_side_by_side(void)
{
	const struct tcbck_packaged *file;
	struct scratch scratch;
	struct got got;
	size_t first = 0;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "status",
		      LIBC("amd64", "install ok installed") LIBC("i386", "install ok installed")
			      LIBC("arm64", "deinstall ok config-files") DPKG_STATUS("plain", ""));
	dpkg_tree_put(&scratch, DPKG_INFO "libc6:amd64.list", "/doc\n/lib64\n");
	dpkg_tree_put(&scratch, DPKG_INFO "libc6:amd64.md5sums", MD5_A "  doc\n" MD5_A "  lib64\n");
	dpkg_tree_put(&scratch, DPKG_INFO "libc6:i386.list", "/doc\n/lib32\n");
	dpkg_tree_put(&scratch, DPKG_INFO "libc6:i386.md5sums", MD5_B "  doc\n");
	/* Named with the architecture though it need not be. */
	dpkg_tree_put(&scratch, DPKG_INFO "plain:all.list", "/plain\n");
	read_well(&scratch, &got);
	CU_ASSERT_EQUAL(tcbck_packages_count(got.packages), 3);
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_find(got.packages, SYSCK_SLICE("/doc"), &first), 2);
	file = tcbck_packages_at(got.packages, first);
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_A));
	CU_ASSERT_TRUE(sysck_slice_equal(tcbck_packages_get(got.packages, file->package)->architecture, SYSCK_SLICE("amd64")));
	CU_ASSERT_TRUE(dpkg_tree_has_md5(tcbck_packages_at(got.packages, first + 1), MD5_B));
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/plain"), 1);
	done(&got);
	scratch_end(&scratch);
}

static void diverted_files_are_elsewhere(void)
{
	const struct tcbck_packaged *file;
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "diversions",
		      "/bin/sh\n/bin/sh.distrib\ndash\n/bin/local\n/bin/local.moved\n:\n/bin/none\n/bin/none.x\nnobody\n");
	dpkg_tree_install(&scratch, "dash", "/bin\n/bin/sh\n", MD5_A "  bin/sh\n");
	dpkg_tree_install(&scratch, "bash", "/bin\n/bin/sh\n/bin/local\n/bin/bash\n", MD5_B "  bin/sh\n" MD5_B "  bin/local\n");
	read_well(&scratch, &got);
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(got.packages, "/bin/sh"), MD5_A));
	file = dpkg_tree_file(got.packages, "/bin/sh.distrib");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_B));
	CU_ASSERT_TRUE(file != NULL && sysck_slice_equal(file->listed, SYSCK_SLICE("/bin/sh")));
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/bin/local"), 0);
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(got.packages, "/bin/local.moved"), MD5_B));
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/bin/bash"), 1);
	done(&got);
	scratch_end(&scratch);
}

static bool has_rights(const struct tcbck_packages *packages, const char *path, sysck_attr_set known, uint32_t owner,
		       uint32_t group, uint32_t mode)
{
	const struct tcbck_packaged *file = dpkg_tree_file(packages, path);

	return file != NULL &&
	       (file->known & ~(SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) | SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE))) == known &&
	       file->owner == owner && file->group == group && file->mode == mode;
}

#define OWNER SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER)
#define GROUP SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP)
#define MODE  SYSCK_ATTR_BIT(SYSCK_ATTR_MODE)

static void overrides_are_known(void)
{
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, DPKG_HOME "statoverride",
		      "fred staff 2755 /bin/a b\n#7 #8 4711 /bin/numbers\nnobody-here root 4755 /bin/nobody\nroot\n"
		      "root root 700 /not/there\n");
	dpkg_tree_install(&scratch, "a", "/bin\n/bin/a b\n/bin/c\n/bin/nobody\n/bin/numbers\n", MD5_A "  bin/a b\n");
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, 0);
	CU_ASSERT_EQUAL(got.errors.count, 2);
	CU_ASSERT_TRUE(scratch_says(got.errors.text, "/var/lib/dpkg/statoverride:3:1: there is no such user"));
	CU_ASSERT_TRUE(scratch_says(got.errors.text, "/var/lib/dpkg/statoverride:4:1: expected"));
	CU_ASSERT_TRUE(has_rights(got.packages, "/bin/a b", OWNER | GROUP | MODE, 1000, 50, 02755));
	CU_ASSERT_TRUE(has_rights(got.packages, "/bin/numbers", OWNER | GROUP | MODE, 7, 8, 04711));
	CU_ASSERT_TRUE(has_rights(got.packages, "/bin/nobody", GROUP | MODE, 0, 0, 04755));
	CU_ASSERT_TRUE(has_rights(got.packages, "/bin/c", 0, 0, 0, 0));
	done(&got);
	scratch_end(&scratch);
}

static bool is_optional(const struct tcbck_packages *packages, const char *path)
{
	const struct tcbck_packaged *file = dpkg_tree_file(packages, path);

	return file != NULL && file->optional;
}

/* The last one that matches counts; dpkg.cfg comes after its directory. */
static void excluded_files_are_optional(void)
{
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_put(&scratch, "etc/dpkg/dpkg.cfg.d/b", "path-include=/doc/*/copyright\npath-exclude=/man/x\n");
	dpkg_tree_put(&scratch, "etc/dpkg/dpkg.cfg.d/a", "path-exclude=/doc/*\npath-include=/man/x");
	dpkg_tree_put(&scratch, "etc/dpkg/dpkg.cfg.d/c.bak", "path-exclude=/*\n");
	dpkg_tree_put(&scratch, "etc/dpkg/dpkg.cfg", "# x\npath-exclude /locale/??\npath-include=/locale/de");
	dpkg_tree_install(&scratch, "a",
			  "/doc\n/doc/a\n/doc/a/copyright\n/doc/a/b/README\n/man\n/man/x\n/locale\n/locale/de\n/locale/fr\n"
			  "/locale/f\n",
			  NULL);
	read_well(&scratch, &got);
	CU_ASSERT_FALSE(is_optional(got.packages, "/doc/a/copyright"));
	CU_ASSERT_TRUE(is_optional(got.packages, "/doc/a/b/README"));
	CU_ASSERT_TRUE(is_optional(got.packages, "/man/x"));
	CU_ASSERT_FALSE(is_optional(got.packages, "/locale/de"));
	CU_ASSERT_TRUE(is_optional(got.packages, "/locale/fr"));
	CU_ASSERT_FALSE(is_optional(got.packages, "/locale/f"));
	done(&got);
	scratch_end(&scratch);
}

static void faults_make_a_package_not_whole(void)
{
	struct scratch scratch;

	dpkg_tree_begin(&scratch);
	dpkg_tree_install(&scratch, "a", "/a\n", NULL);
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, DPKG_INFO "a.list", 0), 0);
	read_badly(&scratch, "/var/lib/dpkg/info/a:all.list: cannot be looked at");
	/* A name with a newline in it is two lines. */
	dpkg_tree_put(&scratch, DPKG_INFO "a.list", "/a\nb\nc\n/d\n");
	read_badly(&scratch, "/var/lib/dpkg/info/a.list:2:1: expected an absolute path");
	dpkg_tree_put_bytes(&scratch, DPKG_INFO "a.list", SYSCK_SLICE("/a\0b\n"));
	read_badly(&scratch, "/var/lib/dpkg/info/a.list:1:1: ");
	dpkg_tree_put(&scratch, DPKG_INFO "a.list", "/a\n/b");
	read_badly(&scratch, "/var/lib/dpkg/info/a.list:2:1: ends in the middle");
	dpkg_tree_put(&scratch, DPKG_INFO "a.list", "/a\n/b\n");
	dpkg_tree_put(&scratch, DPKG_INFO "a.md5sums", MD5_A "  a\nnonsense\n");
	read_badly(&scratch, "/var/lib/dpkg/info/a.md5sums:2:1: expected an MD5");
	dpkg_tree_put(&scratch, DPKG_INFO "a.md5sums", MD5_A "  a\n" MD5_B "  b");
	read_badly(&scratch, "/var/lib/dpkg/info/a.md5sums:2:1: ends in the middle");
	dpkg_tree_put(&scratch, DPKG_INFO "a.md5sums", "");
	dpkg_tree_put(&scratch, DPKG_HOME "status", DPKG_STATUS("a", "Conffiles:\n /a 12\n"));
	read_badly(&scratch, "/var/lib/dpkg/status:6:1: expected a path and an MD5");
	/* It may be a line of this package that was cut off. */
	dpkg_tree_put(&scratch, DPKG_HOME "status",
		      "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nConff");
	read_badly(&scratch, "/var/lib/dpkg/status:5:1: ends in the middle");
	scratch_end(&scratch);
}

/* What is in a list that has an error is there all the same, and other packages are not concerned. */
static void faults_are_of_one_package(void)
{
	const struct tcbck_package *package;
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_install(&scratch, "a", "/a\nx\ny\n/b\n", "z\n" MD5_A "  b\n");
	dpkg_tree_install(&scratch, "b", "/c\n", MD5_A "  c\n");
	dpkg_tree_put(&scratch, DPKG_HOME "diversions", "/x\n");
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.errors.count, 2);
	CU_ASSERT_TRUE(dpkg_tree_has_md5(dpkg_tree_file(got.packages, "/b"), MD5_A));
	package = dpkg_tree_package(got.packages, "b");
	CU_ASSERT_TRUE(package != NULL && package->whole);
	done(&got);
	scratch_end(&scratch);
}

/* Whoever can write there decides what is genuine. */
static void what_others_write_is_not_read(void)
{
	struct scratch scratch;
	struct got got;

	dpkg_tree_begin(&scratch);
	dpkg_tree_install(&scratch, "a", "/a\n", MD5_A "  a\n");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_INFO "a.md5sums", 0664, 0), 0);
	read_badly(&scratch, "/var/lib/dpkg/info/a.md5sums: can't be trusted");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_INFO "a.md5sums", 0644, 0), 0);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_INFO, 0777, 0), 0);
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -EPERM);
	CU_ASSERT_STRING_EQUAL(got.err.file, "/var/lib/dpkg/info");
	done(&got);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_INFO, 0755, 0), 0);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "var", 0775, 0), 0);
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -EPERM);
	done(&got);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "var", 0755, 0), 0);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, DPKG_HOME "status", 0666, 0), 0);
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -EPERM);
	CU_ASSERT_EQUAL(tcbck_packages_count(got.packages), 0);
	done(&got);
	scratch_end(&scratch);
}

static void only_regular_files_are_read(void)
{
	struct scratch scratch;

	dpkg_tree_begin(&scratch);
	dpkg_tree_install(&scratch, "a", "/a\n", NULL);
	scratch_link(&scratch, "a.list", DPKG_INFO "a.md5sums");
	read_badly(&scratch, "/var/lib/dpkg/info/a.md5sums: expected a regular file");
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, DPKG_INFO "a.md5sums", 0), 0);
	CU_ASSERT_EQUAL(mknodat(scratch.fd, DPKG_INFO "a.md5sums", S_IFIFO | 0644, 0), 0);
	read_badly(&scratch, "/var/lib/dpkg/info/a.md5sums: expected a regular file");
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, DPKG_INFO "a.list", 0), 0);
	CU_ASSERT_EQUAL(mkdirat(scratch.fd, DPKG_INFO "a.list", 0755), 0);
	read_badly(&scratch, "/var/lib/dpkg/info/a.list: expected a regular file");
	scratch_end(&scratch);
}

static void without_dpkg_there_is_none(void)
{
	struct scratch scratch;
	struct got got;

	scratch_begin(&scratch);
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -ENOENT);
	done(&got);
	dpkg_tree_put(&scratch, "var", "no directory");
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -ENOENT);
	done(&got);
	CU_ASSERT_EQUAL(unlinkat(scratch.fd, "var", 0), 0);
	dpkg_tree_put(&scratch, DPKG_HOME "available", "");
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -ENOENT);
	done(&got);
	dpkg_tree_put(&scratch, DPKG_HOME "status", "");
	read_well(&scratch, &got);
	CU_ASSERT_EQUAL(tcbck_packages_count(got.packages), 0);
	done(&got);
	/* Packages without lists are no dpkg that is not there. */
	dpkg_tree_put(&scratch, DPKG_HOME "status", DPKG_STATUS("a", ""));
	read_tree(&scratch, &got);
	CU_ASSERT_EQUAL(got.result, -EINVAL);
	done(&got);
	scratch_end(&scratch);
}

void suite_dpkg(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(lists_digests_and_conffiles),
		UNIT_TEST(unsorted_lists_are_matched),
		UNIT_TEST(states_decide),
		UNIT_TEST(updates_overrule_status),
		UNIT_TEST(architectures_stand_side_by_side),
		UNIT_TEST(diverted_files_are_elsewhere),
		UNIT_TEST(overrides_are_known),
		UNIT_TEST(excluded_files_are_optional),
		UNIT_TEST(faults_make_a_package_not_whole),
		UNIT_TEST(faults_are_of_one_package),
		UNIT_TEST(what_others_write_is_not_read),
		UNIT_TEST(only_regular_files_are_read),
		UNIT_TEST(without_dpkg_there_is_none),
	};

	unit_add("dpkg", tests, sizeof(tests) / sizeof(tests[0]));
}

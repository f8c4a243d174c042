/*
 * test_debs.c - tests of src/observe/debs.c: what archives add to what dpkg knows, and which of them are believed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deb_file.h"
#include "dpkg_tree.h"
#include "observe/deb.h"
#include "observe/package.h"
#include "suites.h"

#define CACHE "var/cache/apt/archives/"
/* MD5 and SHA-256 of "a". */
#define SHA256_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)

struct got {
	struct tcbck_packages *packages;
	struct dpkg_errors errors;
	struct sysck_err err;
	size_t used;
	int result;
};

static bool wants(void *context, const struct tcbck_package *package)
{
	const char *not_this = context;

	return not_this == NULL || !sysck_slice_equal(package->name, sysck_slice_of(not_this));
}

static void read_with(const struct scratch *scratch, const char *archives, char *not_this, struct got *got)
{
	const struct sysck_err_sink sink = dpkg_errors_sink(&got->errors);
	struct tcbck_package_options options = { .root = scratch->root,
						 .archives = archives,
						 .wants = wants,
						 .context = not_this,
						 .algorithm = SYSCK_HASH_SHA256,
						 .errors = &sink };
	struct tcbck_users *users = NULL;

	got->packages = NULL;
	got->used = 99;
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(scratch->root, &users, NULL), 0);
	options.users = users;
	got->result = tcbck_package_read(&options, &got->packages, &got->used, &got->err);
	tcbck_users_free(users);
}

/* Reads the cache: `used` archives, and an error that says `error` (NULL: none). */
static void read_cache(const struct scratch *scratch, size_t used, const char *error, struct got *got)
{
	read_with(scratch, NULL, NULL, got);
	CU_ASSERT_EQUAL_FATAL(got->result, 0);
	CU_ASSERT_EQUAL(got->used, used);
	CU_ASSERT_EQUAL(got->errors.count, error == NULL ? 0 : 1);
	CU_ASSERT_TRUE(error == NULL || scratch_says(got->errors.text, error));
}

static bool has_sha256(const struct tcbck_packaged *file, const char *sha256)
{
	char text[2 * SYSCK_DIGEST_MAX + 1] = "";

	if (file == NULL || (file->known & BIT(HASH_VALUE)) == 0 || file->hash_value.algorithm != SYSCK_HASH_SHA256)
		return false;
	for (size_t i = 0; i < sysck_hash_length(SYSCK_HASH_SHA256); i++)
		snprintf(text + 2 * i, 3, "%02x", file->hash_value.bytes[i]);
	return strcmp(text, sha256) == 0;
}

/* What is in the tests' archives, but for what a test adds. */
static const struct deb_member ordinary[] = {
	{ "./", '5', 0755, 0, 0, "root", "root", NULL, NULL },
	{ "./bin/", '5', 0755, 0, 0, "root", "root", NULL, NULL },
	{ "./bin/a", '0', 04755, 0, 5, "root", "staff", NULL, "a" },
	{ "./bin/hard", '1', 0755, 0, 0, "root", "root", "./bin/a", NULL },
	{ "./bin/link", '2', 0777, 3, 4, "", "", "a/../b", NULL },
	{ "./bin/numbers", '0', 0600, 7, 8, "nobody-here", "", NULL, "a" },
	{ "./dev/", '5', 0755, 0, 0, "root", "root", NULL, NULL },
	{ "./dev/null", '3', 0666, 0, 0, "root", "root", NULL, NULL },
	{ "./empty/", '5', 0755, 0, 0, "root", "root", NULL, NULL },
};

#define LIST           "/.\n/bin\n/bin/a\n/bin/hard\n/bin/link\n/bin/numbers\n/dev\n/dev/null\n/empty\n/not/in/it\n"
#define SUMS           MD5_A "  bin/a\n" MD5_A "  bin/hard\n"
#define COUNT(members) (sizeof(members) / sizeof((members)[0]))

static bool begin(struct scratch *scratch)
{
	if (!tcbck_deb_available()) {
		unit_skip("needs libarchive");
		return false;
	}
	dpkg_tree_begin(scratch);
	dpkg_tree_install(scratch, "a", LIST, SUMS);
	return true;
}

static void archives_tell_of_files(void)
{
	const sysck_attr_set rights = BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(MODE);
	const struct tcbck_packaged *file;
	struct scratch scratch;
	struct got got;

	if (!begin(&scratch))
		return;
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	read_cache(&scratch, 1, NULL, &got);
	file = dpkg_tree_file(got.packages, "/bin/a");
	CU_ASSERT_TRUE_FATAL(file != NULL);
	CU_ASSERT_EQUAL(file->known, rights | BIT(SIZE) | BIT(HASH_VALUE));
	CU_ASSERT_TRUE(file->type == SYSCK_TYPE_FILE && file->owner == 0 && file->group == 50 && file->mode == 04755);
	CU_ASSERT_TRUE(has_sha256(file, SHA256_A) && file->size == 1 && file->has_proof);
	CU_ASSERT_EQUAL(file->proof.algorithm, SYSCK_HASH_MD5);
	CU_ASSERT_EQUAL(file->proof.bytes[0], 0x0c);
	/* Another name of the same inode. */
	file = dpkg_tree_file(got.packages, "/bin/hard");
	CU_ASSERT_TRUE(has_sha256(file, SHA256_A) && file->mode == 04755 && file->group == 50 && file->size == 1);
	file = dpkg_tree_file(got.packages, "/bin/link");
	CU_ASSERT_TRUE(file != NULL && file->known == (BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(TARGET)));
	CU_ASSERT_TRUE(file != NULL && file->type == SYSCK_TYPE_SYMLINK && file->owner == 3 && file->group == 4 &&
		       sysck_slice_equal(file->target, SYSCK_SLICE("a/../b")));
	/* Names that there are not: then the numbers. Without a digest of dpkg's there is nothing to prove. */
	file = dpkg_tree_file(got.packages, "/bin/numbers");
	CU_ASSERT_TRUE(file != NULL && file->owner == 7 && file->group == 8 && file->mode == 0600 && !file->has_proof);
	CU_ASSERT_TRUE(has_sha256(file, SHA256_A));
	file = dpkg_tree_file(got.packages, "/dev/null");
	CU_ASSERT_TRUE(file != NULL && file->known == (rights | BIT(DEVICE)) && file->type == SYSCK_TYPE_CHAR_DEV &&
		       file->device.major == 5 && file->device.minor == 6);
	CU_ASSERT_EQUAL(dpkg_tree_files(got.packages, "/empty"), 0);
	file = dpkg_tree_file(got.packages, "/not/in/it");
	CU_ASSERT_TRUE(file != NULL && file->known == 0);
	tcbck_packages_free(got.packages);
	scratch_end(&scratch);
}

static void not_used(const struct scratch *scratch, const char *error)
{
	const struct tcbck_packaged *file;
	struct got got;

	read_cache(scratch, 0, error, &got);
	file = dpkg_tree_file(got.packages, "/bin/a");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_A));
	CU_ASSERT_TRUE(file != NULL && file->known == (BIT(TYPE) | BIT(HASH_VALUE)));
	file = dpkg_tree_file(got.packages, "/bin/link");
	CU_ASSERT_TRUE(file != NULL && file->known == 0);
	tcbck_packages_free(got.packages);
}

static void other_packages_are_not_used(void)
{
	struct scratch scratch;

	if (!begin(&scratch))
		return;
	not_used(&scratch, NULL);
	deb_file_put(&scratch, CACHE "a_2_all.deb", "a", "2", "all", ordinary, COUNT(ordinary));
	deb_file_put(&scratch, CACHE "b_1_all.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	deb_file_put(&scratch, CACHE "a_1_all.deb.part", "a", "1", "all", ordinary, COUNT(ordinary));
	deb_file_put(&scratch, CACHE "a.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	not_used(&scratch, NULL);
	/* The name is right, but not what is in it. */
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "amd64", ordinary, COUNT(ordinary));
	not_used(&scratch, NULL);
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "2", "all", ordinary, COUNT(ordinary));
	not_used(&scratch, NULL);
	scratch_end(&scratch);
}

/* One file that is not what dpkg installed, and the archive is no authority for any. */
static void what_contradicts_dpkg_is_not_used(void)
{
	struct deb_member members[COUNT(ordinary)];
	struct scratch scratch;

	if (!begin(&scratch))
		return;
	memcpy(members, ordinary, sizeof(members));
	members[2].content = "b";
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", members, COUNT(members));
	not_used(&scratch, "/var/cache/apt/archives/a_1_all.deb: not used: it has another /bin/a than dpkg knows");
	memcpy(members, ordinary, sizeof(members));
	members[2].type = '2';
	members[2].link = "hard";
	members[3].type = '0';
	members[3].content = "a";
	members[2].content = NULL;
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", members, COUNT(members));
	not_used(&scratch, "not used: it has another /bin/a");
	scratch_end(&scratch);
}

static void damaged_archives_are_not_used(void)
{
	struct scratch scratch;
	struct stat st;

	if (!begin(&scratch))
		return;
	dpkg_tree_put(&scratch, CACHE "a_1_all.deb", "nonsense");
	not_used(&scratch, "/var/cache/apt/archives/a_1_all.deb: ");
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	CU_ASSERT_EQUAL(fstatat(scratch.fd, CACHE "a_1_all.deb", &st, 0), 0);
	{
		int fd = openat(scratch.fd, CACHE "a_1_all.deb", O_WRONLY | O_CLOEXEC);

		CU_ASSERT_EQUAL(ftruncate(fd, st.st_size - 3 * 512), 0);
		close(fd);
	}
	not_used(&scratch, "/var/cache/apt/archives/a_1_all.deb: ");
	scratch_end(&scratch);
}

static void what_others_can_put_there_is_not_used(void)
{
	struct scratch scratch;

	if (!begin(&scratch))
		return;
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, CACHE "a_1_all.deb", 0664, 0), 0);
	not_used(&scratch, "/var/cache/apt/archives/a_1_all.deb: can't be trusted");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, CACHE "a_1_all.deb", 0644, 0), 0);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, CACHE, 0777, 0), 0);
	not_used(&scratch, "/var/cache/apt/archives: can't be trusted");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, CACHE, 01777, 0), 0);
	not_used(&scratch, "/var/cache/apt/archives: can't be trusted");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, CACHE, 0755, 0), 0);
	CU_ASSERT_EQUAL(renameat(scratch.fd, CACHE "a_1_all.deb", scratch.fd, CACHE "other"), 0);
	scratch_link(&scratch, "other", CACHE "a_1_all.deb");
	not_used(&scratch, "/var/cache/apt/archives/a_1_all.deb: expected a regular file");
	if (scratch_is_root()) {
		CU_ASSERT_EQUAL(renameat(scratch.fd, CACHE "other", scratch.fd, CACHE "a_1_all.deb"), 0);
		scratch_give_away(&scratch, CACHE "a_1_all.deb");
		not_used(&scratch, "can't be trusted");
	}
	scratch_end(&scratch);
}

static void overrides_and_conffiles_stay(void)
{
	static const struct deb_member members[] = {
		{ "./bin/a", '0', 0755, 0, 0, "root", "root", NULL, "a" },
		{ "./bin/m", '0', 0755, 0, 0, "root", "root", NULL, "a" },
		{ "./etc/changed", '0', 0640, 0, 50, "", "", NULL, "a" },
		{ "./etc/new", '0', 0640, 0, 50, "", "", NULL, "a" },
		{ "./etc/same", '0', 0640, 0, 50, "", "", NULL, "a" },
	};
	const struct tcbck_packaged *file;
	struct scratch scratch;
	struct got got;

	if (!begin(&scratch))
		return;
	dpkg_tree_put(&scratch, DPKG_HOME "status",
		      DPKG_STATUS("a", "Conffiles:\n /etc/same " MD5_A "\n /etc/changed " MD5_B "\n /etc/new newconffile\n"));
	dpkg_tree_put(&scratch, DPKG_HOME "statoverride", "fred staff 4711 /bin/a\nno-such no-such 4710 /bin/m\n");
	dpkg_tree_put(&scratch, DPKG_HOME "diversions", "/bin/m\n/bin/m.moved\n:\n");
	dpkg_tree_put(&scratch, DPKG_INFO "a.list", "/bin/a\n/bin/m\n/etc/same\n/etc/changed\n/etc/new\n");
	deb_file_put(&scratch, CACHE "a_1_all.deb", "a", "1", "all", members, COUNT(members));
	read_with(&scratch, NULL, NULL, &got);
	CU_ASSERT_EQUAL_FATAL(got.result, 0);
	CU_ASSERT_EQUAL(got.used, 1);
	CU_ASSERT_EQUAL(got.errors.count, 2); /* the user and the group that there are not */
	file = dpkg_tree_file(got.packages, "/bin/a");
	CU_ASSERT_TRUE(file != NULL && file->owner == 1000 && file->group == 50 && file->mode == 04711);
	CU_ASSERT_TRUE(has_sha256(file, SHA256_A));
	/* That file is found where it was diverted to; with that mode it must not be root's. */
	file = dpkg_tree_file(got.packages, "/bin/m.moved");
	CU_ASSERT_TRUE(file != NULL && file->known == (BIT(TYPE) | BIT(MODE) | BIT(SIZE) | BIT(HASH_VALUE)) &&
		       file->mode == 04710);
	file = dpkg_tree_file(got.packages, "/etc/same");
	CU_ASSERT_TRUE(has_sha256(file, SHA256_A) && file->has_proof && file->mode == 0640 && file->group == 50);
	file = dpkg_tree_file(got.packages, "/etc/changed");
	CU_ASSERT_TRUE(dpkg_tree_has_md5(file, MD5_B) && !file->has_proof && file->mode == 0640);
	file = dpkg_tree_file(got.packages, "/etc/new");
	CU_ASSERT_TRUE(file != NULL && file->known == (BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(MODE)) && file->configuration);
	tcbck_packages_free(got.packages);
	scratch_end(&scratch);
}

/* An epoch in the name; and one that is not wanted is not opened. */
static void names_are_apts(void)
{
	static char not_this[] = "a";
	struct scratch scratch;
	struct got got;

	if (!begin(&scratch))
		return;
	dpkg_tree_put(&scratch, DPKG_HOME "status",
		      "Package: a\nStatus: install ok installed\nVersion: 1:2~3\nArchitecture: all\n");
	deb_file_put(&scratch, CACHE "a_1%3A2~3_all.deb", "a", "1:2~3", "all", ordinary, COUNT(ordinary));
	read_cache(&scratch, 1, NULL, &got);
	tcbck_packages_free(got.packages);
	dpkg_tree_put(&scratch, CACHE "a_1%3a2~3_all.deb", "nonsense");
	read_with(&scratch, NULL, not_this, &got);
	CU_ASSERT_EQUAL(got.result, 0);
	CU_ASSERT_EQUAL(got.used, 0);
	CU_ASSERT_EQUAL(got.errors.count, 0);
	tcbck_packages_free(got.packages);
	scratch_end(&scratch);
}

/* The caller's directory is one of the running system; there the control file decides. */
static void a_directory_is_given(void)
{
	struct scratch scratch;
	struct got got;
	char path[64], here[512];

	if (!begin(&scratch) || !scratch_is_root())
		return;
	/* /tmp is sticky: what is below root's own directory in it is root's alone. */
	deb_file_put(&scratch, "debs/anything.deb", "a", "1", "all", ordinary, COUNT(ordinary));
	deb_file_put(&scratch, "debs/b.deb", "b", "1", "all", ordinary, COUNT(ordinary));
	snprintf(path, sizeof(path), "%s//debs/./", scratch.top);
	read_with(&scratch, path, NULL, &got);
	CU_ASSERT_EQUAL(got.result, 0);
	CU_ASSERT_EQUAL(got.used, 1);
	CU_ASSERT_EQUAL(got.errors.count, 0);
	tcbck_packages_free(got.packages);
	CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(here, sizeof(here)));
	snprintf(path, sizeof(path), "%s/etc", scratch.top);
	CU_ASSERT_EQUAL_FATAL(chdir(path), 0);
	read_with(&scratch, "../debs", NULL, &got);
	CU_ASSERT_EQUAL(got.result, 0);
	CU_ASSERT_EQUAL(got.used, 1);
	tcbck_packages_free(got.packages);
	read_with(&scratch, "../debs/../debs", NULL, &got);
	CU_ASSERT_EQUAL(got.result, -EINVAL);
	read_with(&scratch, "debs", NULL, &got);
	CU_ASSERT_EQUAL(got.result, -ENOENT);
	CU_ASSERT_PTR_NULL(got.packages);
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "debs", 0777, 0), 0);
	read_with(&scratch, "../debs", NULL, &got);
	CU_ASSERT_EQUAL(got.result, -EPERM);
	CU_ASSERT_EQUAL(chdir(here), 0);
	scratch_end(&scratch);
}

void suite_debs(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(archives_tell_of_files),
		UNIT_TEST(other_packages_are_not_used),
		UNIT_TEST(what_contradicts_dpkg_is_not_used),
		UNIT_TEST(damaged_archives_are_not_used),
		UNIT_TEST(what_others_can_put_there_is_not_used),
		UNIT_TEST(overrides_and_conffiles_stay),
		UNIT_TEST(names_are_apts),
		UNIT_TEST(a_directory_is_given),
	};

	unit_add("debs", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_packages.c - tests of src/observe/packages.c: filled in any order, read by path and by name.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "observe/packages.h"
#include "suites.h"

static size_t add(struct tcbck_packages *packages, const char *name)
{
	const struct tcbck_package package = {
		.name = sysck_slice_of(name), .version = SYSCK_SLICE("1"), .architecture = SYSCK_SLICE("all"), .whole = true
	};
	size_t index = 999;

	CU_ASSERT_EQUAL(tcbck_packages_add(packages, &package, &index), 0);
	return index;
}

/* A file of unknown type. */
static void add_file(struct tcbck_packages *packages, size_t package, const char *path)
{
	const struct tcbck_packaged file = { .path = sysck_slice_of(path), .package = package };

	CU_ASSERT_EQUAL(tcbck_packages_add_file(packages, &file), 0);
}

static void add_typed(struct tcbck_packages *packages, size_t package, const char *path, enum sysck_type type)
{
	const struct tcbck_packaged file = {
		.path = sysck_slice_of(path), .package = package, .known = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE), .type = type
	};

	CU_ASSERT_EQUAL(tcbck_packages_add_file(packages, &file), 0);
}

static void has_paths(const struct tcbck_packages *packages, const char *const *paths, size_t count)
{
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_file_count(packages), count);
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_TRUE(sysck_slice_equal(tcbck_packages_at(packages, i)->path, sysck_slice_of(paths[i])));
}

static void an_empty_table_is_read(void)
{
	struct tcbck_packages *packages = NULL;
	size_t index = 7;

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	tcbck_packages_freeze(packages);
	CU_ASSERT_EQUAL(tcbck_packages_count(packages), 0);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(packages), 0);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/a"), &index), 0);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE("a"), &index), -ENOENT);
	CU_ASSERT_EQUAL(index, 7);
	tcbck_packages_free(packages);
	tcbck_packages_free(NULL);
}

static void files_are_found_by_path(void)
{
	static const char *const sorted[] = { "/a", "/a", "/a-b", "/ab", "/b/c", "/\xff" };
	struct tcbck_packages *packages = NULL;
	size_t first = 99, one, two;

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	one = add(packages, "one");
	two = add(packages, "two");
	add_file(packages, two, "/\xff");
	add_file(packages, two, "/b/c");
	add_file(packages, two, "/a");
	add_file(packages, one, "/ab");
	add_file(packages, one, "/a");
	add_file(packages, one, "/a-b");
	CU_ASSERT_EQUAL(tcbck_packages_added(packages), 6);
	CU_ASSERT_EQUAL(tcbck_packages_file(packages, 1)->path.len, 4);
	tcbck_packages_freeze(packages);
	has_paths(packages, sorted, 6);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/a"), &first), 2);
	CU_ASSERT_EQUAL(first, 0);
	CU_ASSERT_EQUAL(tcbck_packages_at(packages, 0)->package, one);
	CU_ASSERT_EQUAL(tcbck_packages_at(packages, 1)->package, two);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/\xff"), &first), 1);
	CU_ASSERT_EQUAL(first, 5);
	first = 99;
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/b"), &first), 0);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/"), &first), 0);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/\xff\xff"), &first), 0);
	CU_ASSERT_EQUAL(first, 99);
	tcbck_packages_free(packages);
}

static void packages_are_found_by_name(void)
{
	struct tcbck_packages *packages = NULL;
	size_t index = 99;

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	add(packages, "zsh");
	add(packages, "libc6");
	add(packages, "libc");
	add(packages, "libc6");
	tcbck_packages_freeze(packages);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE("libc6"), &index), 0);
	CU_ASSERT_EQUAL(index, 1);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE("zsh"), &index), 0);
	CU_ASSERT_EQUAL(index, 0);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE("libc5"), &index), -ENOENT);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE("zz"), &index), -ENOENT);
	CU_ASSERT_EQUAL(tcbck_packages_named(packages, SYSCK_SLICE(""), &index), -ENOENT);
	tcbck_packages_free(packages);
}

/* What is handed in may go away. */
static void texts_are_copied(void)
{
	char name[] = "name", path[] = "/path", target[] = "target", listed[] = "/listed";
	struct tcbck_package package = { { name, 4 }, { name, 4 }, { name, 4 }, { 1, 2 }, true };
	struct tcbck_packaged file = { .path = { path, 5 }, .listed = { listed, 7 }, .target = { target, 6 } };
	struct tcbck_packages *packages = NULL;
	const struct tcbck_packaged *got;

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	CU_ASSERT_EQUAL(tcbck_packages_add(packages, &package, &file.package), 0);
	CU_ASSERT_EQUAL(tcbck_packages_add_file(packages, &file), 0);
	file.listed = (struct sysck_slice){ NULL, 0 };
	CU_ASSERT_EQUAL(tcbck_packages_add_file(packages, &file), 0);
	memset(name, 'x', sizeof(name));
	memset(path, 'x', sizeof(path));
	memset(target, 'x', sizeof(target));
	memset(listed, 'x', sizeof(listed));
	tcbck_packages_freeze(packages);
	CU_ASSERT_TRUE(sysck_slice_equal(tcbck_packages_get(packages, 0)->architecture, SYSCK_SLICE("name")));
	CU_ASSERT_EQUAL(tcbck_packages_get(packages, 0)->installed.tv_nsec, 2);
	CU_ASSERT_EQUAL_FATAL(tcbck_packages_file_count(packages), 2);
	got = tcbck_packages_at(packages, 0);
	CU_ASSERT_TRUE(sysck_slice_equal(got->path, SYSCK_SLICE("/path")));
	CU_ASSERT_TRUE(sysck_slice_equal(got->target, SYSCK_SLICE("target")));
	/* One that was left out is the path itself. */
	CU_ASSERT_EQUAL(sysck_slice_equal(got->listed, SYSCK_SLICE("/listed")) +
				sysck_slice_equal(tcbck_packages_at(packages, 1)->listed, SYSCK_SLICE("/listed")),
			1);
	CU_ASSERT_EQUAL(sysck_slice_equal(got->listed, SYSCK_SLICE("/path")) +
				sysck_slice_equal(tcbck_packages_at(packages, 1)->listed, SYSCK_SLICE("/path")),
			1);
	tcbck_packages_free(packages);
}

static void directories_are_left_out(void)
{
	static const char *const left[] = { "/a-b", "/a/b!", "/a/b/x", "/f", "/f/below", "/z" };
	struct tcbck_packages *packages = NULL;
	size_t one, two;

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	one = add(packages, "one");
	two = add(packages, "two");
	add_file(packages, one, "/a"); /* those below it are of another package, and don't come next */
	add_file(packages, one, "/a-b");
	add_file(packages, one, "/a/b");
	add_file(packages, one, "/a/b!");
	add_file(packages, two, "/a/b/x");
	add_typed(packages, two, "/d", SYSCK_TYPE_DIRECTORY);
	add_typed(packages, two, "/f", SYSCK_TYPE_FILE); /* known to be none, whatever else somebody says */
	add_file(packages, two, "/f/below");
	add_file(packages, two, "/gone");
	add_file(packages, two, "/z");
	tcbck_packages_file(packages, 8)->path.len = 0;
	tcbck_packages_freeze(packages);
	has_paths(packages, left, 6);
	tcbck_packages_free(packages);
}

static void many_are_kept(void)
{
	struct tcbck_packages *packages = NULL;
	size_t first;
	char path[32];

	CU_ASSERT_EQUAL_FATAL(tcbck_packages_new(&packages), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "p%u", i);
		CU_ASSERT_EQUAL(add(packages, path), i);
	}
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "/%04u", i * 7 % 5000);
		add_file(packages, i % 1000, path);
	}
	tcbck_packages_freeze(packages);
	CU_ASSERT_EQUAL(tcbck_packages_count(packages), 1000);
	CU_ASSERT_EQUAL(tcbck_packages_file_count(packages), 5000);
	CU_ASSERT_EQUAL(tcbck_packages_find(packages, SYSCK_SLICE("/4321"), &first), 1);
	CU_ASSERT_EQUAL(first, 4321);
	tcbck_packages_free(packages);
}

void suite_packages(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(an_empty_table_is_read), UNIT_TEST(files_are_found_by_path),  UNIT_TEST(packages_are_found_by_name),
		UNIT_TEST(texts_are_copied),       UNIT_TEST(directories_are_left_out), UNIT_TEST(many_are_kept),
	};

	unit_add("packages", tests, sizeof(tests) / sizeof(tests[0]));
}

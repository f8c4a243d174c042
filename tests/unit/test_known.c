/*
 * test_known.c - tests of src/judge/known.c: where definitions stand, whatever their paths are spelled like.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge/known.h"
#include "scratch.h"
#include "suites.h"

struct site {
	struct scratch scratch;
	struct tcbck_opener *opener;
	struct tcbck_known *known;
};

static void begin(struct site *site, unsigned jobs)
{
	scratch_begin(&site->scratch);
	scratch_directory(&site->scratch, "usr", 0755);
	scratch_directory(&site->scratch, "usr/bin", 0755);
	scratch_link(&site->scratch, "usr/bin", "bin");
	scratch_file(&site->scratch, "usr/bin/su");
	CU_ASSERT_EQUAL_FATAL(linkat(site->scratch.fd, "usr/bin/su", site->scratch.fd, "usr/su2", 0), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_opener_new(site->scratch.root, &site->opener), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_known_new(jobs, &site->known), 0);
}

static void end(struct site *site)
{
	tcbck_known_free(site->known);
	tcbck_opener_free(site->opener);
	scratch_end(&site->scratch);
}

static struct tcbck_observation look(const struct site *site, const char *path)
{
	struct tcbck_observation o = { .presence = TCBCK_MISSING };
	struct stat st;

	if (fstatat(site->scratch.fd, path, &st, 0) < 0)
		return o;
	o.presence = TCBCK_PRESENT;
	o.is.type = S_ISDIR(st.st_mode) ? SYSCK_TYPE_DIRECTORY : SYSCK_TYPE_FILE;
	o.device = st.st_dev;
	o.inode = st.st_ino;
	o.link_count = st.st_nlink;
	return o;
}

/* `links` and `symlinks`: at most one path each, NULL: not defined. */
static void note(struct site *site, unsigned number, const char *path, size_t index, const char *links, const char *symlinks)
{
	const struct tcbck_observation o = look(site, path + 1);
	const struct sysck_slice items[] = { sysck_slice_of(links == NULL ? "" : links),
					     sysck_slice_of(symlinks == NULL ? "" : symlinks) };
	struct sysck_def def = { .path = sysck_slice_of(path) };

	if (links != NULL)
		def.present |= SYSCK_ATTR_BIT(SYSCK_ATTR_LINKS);
	if (symlinks != NULL)
		def.present |= SYSCK_ATTR_BIT(SYSCK_ATTR_SYMLINKS);
	def.links = (struct sysck_list){ items, items[0].len > 0 };
	def.symlinks = (struct sysck_list){ items + 1, items[1].len > 0 };
	CU_ASSERT_EQUAL(tcbck_known_note(site->known, number, site->opener, &def, index, &o), 0);
}

static bool has(const struct site *site, const char *directory, const char *name)
{
	struct stat st;

	CU_ASSERT_EQUAL_FATAL(fstatat(site->scratch.fd, directory, &st, 0), 0);
	return tcbck_known_has_name(site->known, st.st_dev, st.st_ino, name);
}

static const struct tcbck_known_object *find(const struct site *site, const char *path)
{
	const struct tcbck_observation o = look(site, path);

	return tcbck_known_find(site->known, o.device, o.inode);
}

static void nothing_is_known_of_nothing(void)
{
	struct site site;

	begin(&site, 3);
	CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
	CU_ASSERT_FALSE(has(&site, "usr/bin", "su"));
	CU_ASSERT_PTR_NULL(find(&site, "usr/bin/su"));
	CU_ASSERT_EQUAL(tcbck_known_count(site.known), 0);
	CU_ASSERT_EQUAL(tcbck_known_symlinked(site.known), 0);
	end(&site);
	tcbck_known_free(NULL);
}

static void names_are_known_by_their_directory(void)
{
	struct site site;

	begin(&site, 2);
	note(&site, 0, "/bin/su", 0, "/usr/one", "/bin/two");
	note(&site, 1, "/", 1, NULL, NULL);
	note(&site, 1, "/bin", 2, NULL, NULL);
	note(&site, 1, "/usr/missing", 3, NULL, NULL);
	note(&site, 1, "/nowhere/at/all", 4, NULL, NULL);
	CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
	CU_ASSERT_TRUE(has(&site, "usr/bin", "su"));
	CU_ASSERT_TRUE(has(&site, "bin", "su"));
	CU_ASSERT_TRUE(has(&site, "usr", "one"));
	CU_ASSERT_TRUE(has(&site, "usr/bin", "two"));
	CU_ASSERT_TRUE(has(&site, ".", "."));
	CU_ASSERT_TRUE(has(&site, ".", "bin"));
	CU_ASSERT_TRUE(has(&site, "usr", "missing"));
	/* Another directory, another name, part of a name. */
	CU_ASSERT_FALSE(has(&site, "usr", "su"));
	CU_ASSERT_FALSE(has(&site, "usr/bin", "one"));
	CU_ASSERT_FALSE(has(&site, "usr/bin", "s"));
	CU_ASSERT_FALSE(has(&site, "usr/bin", "su2"));
	CU_ASSERT_FALSE(has(&site, ".", "all"));
	end(&site);
}

static void objects_are_known_where_other_names_matter(void)
{
	struct site site;

	begin(&site, 1);
	scratch_file(&site.scratch, "single");
	scratch_file(&site.scratch, "symlinked");
	note(&site, 0, "/single", 0, NULL, NULL);
	note(&site, 0, "/symlinked", 1, NULL, "/way");
	note(&site, 0, "/bin/su", 2, NULL, NULL);
	note(&site, 0, "/usr", 3, NULL, "/way2");
	note(&site, 0, "/missing", 4, "/l", "/s");
	CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
	CU_ASSERT_EQUAL(tcbck_known_count(site.known), 2);
	CU_ASSERT_EQUAL(tcbck_known_symlinked(site.known), 1);
	CU_ASSERT_PTR_NULL(find(&site, "single"));
	CU_ASSERT_PTR_NULL(find(&site, "usr"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(find(&site, "symlinked"));
	CU_ASSERT_TRUE(find(&site, "symlinked")->has_symlinks);
	CU_ASSERT_EQUAL(find(&site, "symlinked")->index, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(find(&site, "usr/su2"));
	CU_ASSERT_FALSE(find(&site, "usr/su2")->has_symlinks);
	CU_ASSERT_EQUAL(find(&site, "usr/su2")->index, 2);
	end(&site);
}

/* Two definitions of one inode are one object: the first one's, and the first one's with symlinks; whoever noted them. */
static void definitions_of_one_inode_join(void)
{
	for (unsigned order = 0; order < 2; order++) {
		struct site site;

		begin(&site, 2);
		note(&site, order, "/usr/bin/su", 5, "/usr/su2", NULL);
		note(&site, !order, "/usr/su2", 9, "/usr/bin/su", "/way");
		CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
		CU_ASSERT_EQUAL(tcbck_known_count(site.known), 1);
		CU_ASSERT_EQUAL(tcbck_known_symlinked(site.known), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(find(&site, "usr/bin/su"));
		CU_ASSERT_EQUAL(find(&site, "usr/bin/su")->index, 5);
		CU_ASSERT_TRUE(find(&site, "usr/bin/su")->has_symlinks);
		CU_ASSERT_EQUAL(find(&site, "usr/bin/su")->symlinks_index, 9);
		end(&site);
	}
}

/* Where directories are numbered anew, the path without symlinks tells; of what has one name, only that it is defined. */
static void paths_and_objects_are_known(void)
{
	struct tcbck_observation o;
	struct site site;

	begin(&site, 2);
	scratch_file(&site.scratch, "single");
	scratch_file(&site.scratch, "other");
	note(&site, 0, "/bin/su", 0, "/bin/one", "/bin/two");
	note(&site, 1, "/single", 1, NULL, NULL);
	note(&site, 1, "/usr", 2, NULL, NULL);
	CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
	CU_ASSERT_TRUE(tcbck_known_has_path(site.known, SYSCK_SLICE("/usr/bin/su")));
	CU_ASSERT_TRUE(tcbck_known_has_path(site.known, SYSCK_SLICE("/usr/bin/one")));
	CU_ASSERT_TRUE(tcbck_known_has_path(site.known, SYSCK_SLICE("/usr/bin/two")));
	CU_ASSERT_FALSE(tcbck_known_has_path(site.known, SYSCK_SLICE("/usr/su2")));
	CU_ASSERT_FALSE(tcbck_known_has_path(site.known, SYSCK_SLICE("su")));
	o = look(&site, "single");
	CU_ASSERT_TRUE(tcbck_known_is_object(site.known, o.device, o.inode));
	o = look(&site, "usr/su2");
	CU_ASSERT_TRUE(tcbck_known_is_object(site.known, o.device, o.inode));
	o = look(&site, "other");
	CU_ASSERT_FALSE(tcbck_known_is_object(site.known, o.device, o.inode));
	o = look(&site, "usr");
	CU_ASSERT_FALSE(tcbck_known_is_object(site.known, o.device, o.inode));
	end(&site);
}

/* The table grows, and every name is found in it, and no other. */
static void thousands_are_known(void)
{
	static char paths[5000][16];
	struct site site;

	begin(&site, 8);
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(paths[i], sizeof(paths[i]), "/usr/%u", i * 2);
		note(&site, i % 8, paths[i], i, NULL, NULL);
	}
	CU_ASSERT_EQUAL(tcbck_known_freeze(site.known), 0);
	for (unsigned i = 0; i < 10000; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%u", i);
		if (has(&site, "usr", name) != (i % 2 == 0) || has(&site, "usr/bin", name))
			CU_FAIL("a name is known, or is not");
	}
	end(&site);
}

void suite_known(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(nothing_is_known_of_nothing),
		UNIT_TEST(names_are_known_by_their_directory),
		UNIT_TEST(objects_are_known_where_other_names_matter),
		UNIT_TEST(definitions_of_one_inode_join),
		UNIT_TEST(paths_and_objects_are_known),
		UNIT_TEST(thousands_are_known),
	};

	unit_add("known", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_sysck.c - tests of db/sysck.c: the database by path and by class, duplicates, the settings among the definitions.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sysck/sysck.h>

#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

static void keep(void *context, const struct sysck_err *err)
{
	struct sysck_buf *places = context;

	sysck_buf_add_format(places, "%s%u:%u", places->len > 0 ? " " : "", err->line, err->column);
	CU_ASSERT_TRUE(err->code < 0 && err->text[0] != '\0');
}

static struct sysck_db *parse_bytes(struct sysck_slice text, struct sysck_buf *places)
{
	struct sysck_err_sink sink = { keep, places };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	sysck_buf_add_slice(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("t.cfg"), places == NULL ? NULL : &sink, &db, &err), 0);
	CU_ASSERT_TRUE(bytes.data == NULL && bytes.len == 0);
	return db;
}

static struct sysck_db *parse(const char *text)
{
	return parse_bytes(sysck_slice_of(text), NULL);
}

/* "PATH@LINE " of each definition, `!` behind a faulty one, then "INDEX=FIRST " of each duplicate. */
static void describe(const struct sysck_db *db, struct sysck_buf *out)
{
	const struct sysck_duplicate *duplicates;
	size_t count;

	for (size_t i = 0; i < sysck_db_count(db); i++) {
		sysck_buf_add_slice(out, sysck_db_path(db, i));
		sysck_buf_add_format(out, "@%u%s ", sysck_db_line(db, i), sysck_db_is_faulty(db, i) ? "!" : "");
	}
	duplicates = sysck_db_duplicates(db, &count);
	for (size_t i = 0; i < count; i++)
		sysck_buf_add_format(out, "%zu=%zu ", duplicates[i].index, duplicates[i].first);
}

static void databases(void)
{
	static const struct {
		const char *text, *description, *places;
		const char *hash; /* the setting, which shows whose stanza was read */
	} rows[] = {
		{ "", "", "", "sha256" },
		{ "\n\n* only comments\n", "", "", "sha256" },
		{ "sysck:\n\thash = sha512\n", "", "", "sha512" },
		{ "sysck:", "", "", "sha256" },
		{ "/a:\n\ttype = FILE\n\n/b:\n\ttype = FILE\n", "/a@1 /b@4 ", "", "sha256" },
		{ "/a:\n\ttype = FILE\n/b:\n\ttype = FILE", "/a@1 /b@3 ", "", "sha256" },
		{ "/a:\r\n\ttype = FILE\r\n\r\nsysck:\r\n\thash = sha384\r\n/b:\r\n\ttype = FILE", "/a@1 /b@6 ", "", "sha384" },
		/* The settings stand anywhere: before, between, behind. */
		{ "sysck:\n\thash=sha384\n/a:\n/b:\n", "/a@3 /b@4 ", "", "sha384" },
		{ "/a:\nsysck:\n\thash=sha384\n/b:\n", "/a@1 /b@4 ", "", "sha384" },
		{ "/a:\n/b:\nsysck:\n\thash=sha384\n", "/a@1 /b@2 ", "", "sha384" },
		{ "\"sysck\":\n\thash=sha384\n", "", "", "sha384" },
		{ "\"sys\\x63k\":\n\thash=sha384\n", "", "", "sha384" },
		/* At most one: the first counts, the second is an error and no definition. */
		{ "sysck:\n\thash=sha384\n\nsysck:\n\thash=sha512\n", "", "4:1", "sha384" },
		{ "/a:\nsysck:\n\thash=sha384\n/b:\n  sysck:\n\thash=sha512\n/c:\nsysck:\n/a:\n", "/a@1 /b@4 /c@7 /a@9 3=0 ",
		  "5:3 8:1", "sha384" },
		{ "sysck:\nsysck:\n\thash=sha512\n/a:\nsysck:\n", "/a@4 ", "2:1 5:1", "sha256" },
		/* Not the settings, and no path either: an error, and no definition. */
		{ "Sysck:\n\thash=sha384\n", "", "1:1", "sha256" },
		{ "/a:\n\n/b/:\n\ttype = FILE\n/c:\n", "/a@1 /c@5 ", "3:1", "sha256" },
		{ "/sysck:\n", "/sysck@1 ", "", "sha256" },
		/* Duplicates, by index; each with the first of its path. */
		{ "/a:\n/a:\n/b:\n/a:\n/b:\n", "/a@1 /a@2 /b@3 /a@4 /b@5 1=0 3=0 4=2 ", "", "sha256" },
		{ "/a:\n\"/\\x61\":\n", "/a@1 /a@2 1=0 ", "", "sha256" },
		{ "/a:\n/A:\n/a/b:\n/aa:\n", "/a@1 /A@2 /a/b@3 /aa@4 ", "", "sha256" },
		/* A line that does not read makes its stanza faulty, and reading goes on. */
		{ "/a:\n\towner root\n\n/b:\n\ttype = FILE\n", "/a@1! /b@4 ", "2:8", "sha256" },
		{ "/a:\n\towner = \"x\n\n/b:\n", "/a@1! /b@4 ", "2:10", "sha256" },
		{ "\ttype = FILE\n/b:\n", "/b@2 ", "1:2", "sha256" },
		{ "/a\n\ttype = FILE\n/b:\n", "/b@3 ", "1:3", "sha256" },
		{ "sysck:\n\thash=md5\n/a:\n", "/a@3 ", "2:7", "sha256" },
		{ "sysck:\n\thash\n\tfoo=1\n\thash=sha512\n/a:\n", "/a@5 ", "2:2 3:2 4:2", "sha256" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf places = SYSCK_BUF_INIT, description = SYSCK_BUF_INIT;
		struct sysck_db *db = parse_bytes(sysck_slice_of(rows[i].text), &places);

		describe(db, &description);
		if (!sysck_slice_equal(sysck_buf_slice(&places), sysck_slice_of(rows[i].places)))
			printf("    errors at [%.*s]\n", (int)places.len, places.data == NULL ? "" : places.data);
		if (!sysck_slice_equal(sysck_buf_slice(&description), sysck_slice_of(rows[i].description)))
			printf("    is [%.*s]\n", (int)description.len, description.data == NULL ? "" : description.data);
		expect(sysck_slice_equal(sysck_buf_slice(&places), sysck_slice_of(rows[i].places)), rows[i].text);
		expect(sysck_slice_equal(sysck_buf_slice(&description), sysck_slice_of(rows[i].description)), rows[i].text);
		expect((sysck_db_errors(db) > 0) == (rows[i].places[0] != '\0'), rows[i].text);
		expect(strcmp(sysck_hash_name(sysck_db_settings(db)->hash), rows[i].hash) == 0, rows[i].text);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_file(db), SYSCK_SLICE("t.cfg")));
		sysck_buf_done(&places);
		sysck_buf_done(&description);
		sysck_db_free(db);
	}
}

static void finding(void)
{
	static const struct {
		const char *path;
		int index; /* -1: there is none */
	} rows[] = {
		{ "/a", 0 },
		{ "/b", 1 },
		{ "/c", 3 },
		{ "/a b", 4 },
		{ "/long/long/long/path", 5 },
		{ "", -1 },
		{ "/", -1 },
		{ "/A", -1 },
		{ "sysck", -1 },
		{ "/a ", -1 },
		{ "/long/long/long/patH", -1 },
		{ "/long/long/long/pat", -1 },
	};
	struct sysck_db *db = parse("/a:\nsysck:\n/b:\n/a:\n/c:\n\"/a b\":\n/long/long/long/path:\n");
	struct sysck_db *empty = parse("sysck:\n");
	size_t index;

	for (size_t i = 0; i < COUNT(rows); i++) {
		index = 99;
		expect(sysck_db_find(db, sysck_slice_of(rows[i].path), &index) == (rows[i].index < 0 ? -ENOENT : 0),
		       rows[i].path);
		expect(index == (rows[i].index < 0 ? 99 : (size_t)rows[i].index), rows[i].path);
		expect(sysck_db_find(empty, sysck_slice_of(rows[i].path), &index) == -ENOENT, rows[i].path);
	}
	CU_ASSERT_EQUAL(sysck_db_find(db, (struct sysck_slice){ NULL, 0 }, &index), -ENOENT);
	CU_ASSERT_EQUAL(sysck_db_find(db, (struct sysck_slice){ "/a\0", 3 }, &index), -ENOENT);
	sysck_db_free(db);
	sysck_db_free(empty);
	sysck_db_free(NULL);
}

static void many_definitions(void)
{
	enum { DEFINITIONS = 100000 };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	const struct sysck_duplicate *duplicates;
	struct sysck_db *db;
	clock_t begin = clock();
	size_t count, wrong = 0;

	for (unsigned i = 0; i < DEFINITIONS; i++)
		sysck_buf_add_format(&bytes, "%s/usr/share/%u/file%u:\n\ttype = FILE\n\n", i == 777 ? "sysck:\n\n" : "",
				     i % 100, i);
	sysck_buf_add_text(&bytes, "/usr/share/5/file5:\n");
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(&bytes), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("t"), NULL, &db, NULL), 0);
	CU_ASSERT_EQUAL(sysck_db_count(db), DEFINITIONS + 1);
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		char path[64];
		size_t index = 0;

		(void)snprintf(path, sizeof(path), "/usr/share/%u/file%u", i % 100, i);
		wrong += sysck_db_find(db, sysck_slice_of(path), &index) != 0 || index != i;
		path[1] = 'x';
		wrong += sysck_db_find(db, sysck_slice_of(path), &index) != -ENOENT;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	duplicates = sysck_db_duplicates(db, &count);
	CU_ASSERT_EQUAL(count, 1);
	CU_ASSERT_TRUE(count == 1 && duplicates[0].index == DEFINITIONS && duplicates[0].first == 5);
	CU_ASSERT_EQUAL(sysck_db_line(db, DEFINITIONS - 1), 3 * (DEFINITIONS - 1) + 1 + 2);
	CU_ASSERT_TRUE((clock() - begin) / CLOCKS_PER_SEC < 60);
	sysck_db_free(db);
}

static void many_duplicates(void)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	const struct sysck_duplicate *duplicates;
	struct sysck_db *db;
	size_t count, wrong = 0;

	for (unsigned i = 0; i < 20000; i++)
		sysck_buf_add_format(&bytes, "/%u:\n", i % 3);
	db = parse_bytes(sysck_buf_slice(&bytes), NULL);
	duplicates = sysck_db_duplicates(db, &count);
	CU_ASSERT_EQUAL(count, 19997);
	for (size_t i = 0; i < count; i++)
		wrong += duplicates[i].index != i + 3 || duplicates[i].first != i % 3;
	CU_ASSERT_EQUAL(wrong, 0);
	sysck_buf_done(&bytes);
	sysck_db_free(db);
}

static void classes(void)
{
	static const struct {
		const char *lines, *name;
		int r;
	} rows[] = {
		{ "\tclass = a\n", "a", 1 },
		{ "\tclass = a\n", "b", 0 },
		{ "\tclass = a\n", "A", 0 },
		{ "\tclass = a\n", "", 0 },
		{ "\tclass = abc\n", "ab", 0 },
		{ "\tclass = ab\n", "abc", 0 },
		{ "\tclass = a,b\n", "b", 1 },
		{ "\tclass = a b\n", "b", 1 },
		{ "\tclass = a , b\tc\n", "c", 1 },
		{ "\tclass = \"a b\"\n", "b", 1 },
		{ "\tclass = \"a,\n\tb\"\n", "b", 1 },
		{ "\tclass = \"a\\,b\"\n", "b", 0 },
		{ "\tclass = \"a\\,b\"\n", "a,b", 1 },
		{ "\tclass = a\r\n", "a", 1 },
		{ "\tclass = a", "a", 1 },
		{ "\tclass =\n", "a", 0 },
		{ "\ttype = FILE\n\towner = a\n", "a", 0 },
		{ "", "a", 0 },
		{ "\ttype = FILE\n* comment\n\tclass = a\n", "a", 1 },
		/* The first one counts, as in sysck_db_def(). */
		{ "\tclass = a\n\tclass = b\n", "b", 0 },
		{ "\tclass = a\n\tclass = b\n", "a", 1 },
		{ "\tclass\n", "class", 0 },
		/* Behind a blank line it belongs to nothing. */
		{ "\n\tclass = a\n", "a", 0 },
		/* What does not read is neither in nor out. */
		{ "\tclass = a,,b\n", "a", -EINVAL },
		{ "\tclass = \"\\q\"\n", "a", -EINVAL },
		{ "\tclass = a\"b\n", "a", -EINVAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_arena arena = SYSCK_ARENA_INIT;
		struct sysck_buf text = SYSCK_BUF_INIT;
		struct sysck_db *db;

		sysck_buf_add_format(&text, "sysck:\n\n/before:\n\tclass = other\n\n/t:\n%s", rows[i].lines);
		db = parse_bytes(sysck_buf_slice(&text), NULL);
		expect(sysck_db_in_class(db, 1, sysck_slice_of(rows[i].name), &arena) == rows[i].r, rows[i].lines);
		sysck_db_free(db);
		sysck_buf_done(&text);
		sysck_arena_done(&arena);
	}
}

static void definitions(void)
{
	struct sysck_names *names;
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_buf places = SYSCK_BUF_INIT;
	struct sysck_err_sink sink = { keep, &places };
	struct sysck_db *db = parse("/a:\n\ttype = FILE\n\tsize = 5\nsysck:\n/b:\n\ttype = DIRECTORY\n\tfoo = 1\n");
	struct sysck_def_options options;
	struct sysck_def def;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new(&names), 0);
	options = (struct sysck_def_options){ names, &arena, &sink, false };
	CU_ASSERT_EQUAL(sysck_db_def(db, 0, &options, &def), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(def.path, SYSCK_SLICE("/a")));
	CU_ASSERT_TRUE(def.size.bytes == 5 && def.line == 1);
	CU_ASSERT_EQUAL(sysck_db_def(db, 1, &options, &def), 1);
	CU_ASSERT_TRUE(sysck_slice_equal(def.path, SYSCK_SLICE("/b")));
	CU_ASSERT_EQUAL(def.type, SYSCK_TYPE_DIRECTORY);
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&places), SYSCK_SLICE("7:2")));
	/* Errors of definitions are reported where they are read, and don't count as of the loading. */
	CU_ASSERT_EQUAL(sysck_db_errors(db), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_stanza(db, 0), SYSCK_SLICE("/a:\n\ttype = FILE\n\tsize = 5\n")));
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_stanza(db, 1), SYSCK_SLICE("/b:\n\ttype = DIRECTORY\n\tfoo = 1\n")));
	sysck_db_free(db);
	sysck_buf_done(&places);
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

/* From a file, by the rules of trust. */
static void loading(void)
{
	char directory[] = "/tmp/test_sysck.XXXXXX", path[64];
	struct sysck_db *db = NULL;
	struct sysck_err err;
	FILE *file;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/sysck.cfg", directory);
	CU_ASSERT_EQUAL(sysck_db_load(path, NULL, &db, &err), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.file, path);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	(void)fputs("/a:\n\ttype = FILE\n", file);
	(void)fclose(file);
	(void)chmod(path, 0600);
	CU_ASSERT_EQUAL_FATAL(sysck_db_load(path, NULL, &db, &err), 0);
	CU_ASSERT_EQUAL(sysck_db_count(db), 1);
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_file(db), sysck_slice_of(path)));
	sysck_db_free(db);
	(void)chmod(path, 0620);
	CU_ASSERT_EQUAL(sysck_db_load(path, NULL, &db, &err), -EPERM);
	CU_ASSERT_EQUAL(sysck_db_load(path, NULL, &db, NULL), -EPERM);
	(void)unlink(path);
	(void)rmdir(directory);
}

void suite_sysck(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(databases), UNIT_TEST(finding),     UNIT_TEST(many_definitions), UNIT_TEST(many_duplicates),
		UNIT_TEST(classes),   UNIT_TEST(definitions), UNIT_TEST(loading),
	};

	unit_add("sysck", tests, sizeof(tests) / sizeof(tests[0]));
}

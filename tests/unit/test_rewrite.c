/*
 * test_rewrite.c - tests of db/rewrite.c: many changes in one pass, and every other byte as it was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/sysck.h>

#include "suites.h"

static struct sysck_db *load(const char *text)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	sysck_buf_add_text(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &db, &err), 0);
	return db;
}

static struct sysck_rewrite *begin(const struct sysck_db *db)
{
	struct sysck_rewrite *rewrite = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_rewrite_new(db, &rewrite), 0);
	return rewrite;
}

/* Ends both and compares what came out. */
static bool gives(struct sysck_db *db, struct sysck_rewrite *rewrite, const char *expected)
{
	struct sysck_buf out = SYSCK_BUF_INIT;
	bool good =
		sysck_rewrite_finish(rewrite, &out) == 0 && sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(expected));

	if (!good)
		printf("became\n%.*s\nnot\n%s\n", (int)out.len, out.data, expected);
	sysck_buf_done(&out);
	sysck_rewrite_free(rewrite);
	sysck_db_free(db);
	return good;
}

static struct sysck_edit set(const char *name, const char *value)
{
	return (struct sysck_edit){ sysck_slice_of(name), sysck_slice_of(value), false };
}

static void changes_nothing(void)
{
	static const char *const texts[] = {
		"", "\n", "* c", "/a:", "/a:\n\tx = 1\r\n\n\n\n* c\n/b:\ny=\"1\n2\"", "garbage\n\tx\n\n\"/a\\q\":\n x =\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sysck_db *db = load(texts[i]);

		CU_ASSERT_TRUE(gives(db, begin(db), texts[i]));
	}
	sysck_rewrite_free(NULL);
}

static void changes_in_any_order(void)
{
	struct sysck_db *db = load("* top\n/a:\n\tx = 1\n\n* b\n/b:\n\tx = 1\n/c:\n\tx = 1\n* end");
	struct sysck_rewrite *rewrite = begin(db);
	struct sysck_edit edit = set("x", "22"), more[] = { set("y", "3"), set("x", "") };

	CU_ASSERT_EQUAL(sysck_rewrite_change(rewrite, 2, more, 2), 0);
	CU_ASSERT_EQUAL(sysck_rewrite_change(rewrite, 0, &edit, 1), 0);
	CU_ASSERT_TRUE(gives(db, rewrite, "* top\n/a:\n\tx = 22\n\n* b\n/b:\n\tx = 1\n/c:\n\tx =\n\ty = 3\n* end"));
}

static void keeps_a_missing_newline(void)
{
	struct sysck_db *db = load("/a:\n\tx = 1\n\n/b:\n\tx = 1");
	struct sysck_rewrite *rewrite = begin(db);
	struct sysck_edit edit = set("x", "2");

	CU_ASSERT_EQUAL(sysck_rewrite_change(rewrite, 1, &edit, 1), 0);
	CU_ASSERT_TRUE(gives(db, rewrite, "/a:\n\tx = 1\n\n/b:\n\tx = 2"));
}

static void changes_many(void)
{
	struct sysck_buf text = SYSCK_BUF_INIT, expected = SYSCK_BUF_INIT;
	struct sysck_edit edit = set("x", "2");
	struct sysck_rewrite *rewrite;
	struct sysck_db *db;

	for (unsigned i = 0; i < 3000; i++) {
		sysck_buf_add_format(&text, "/%u:\n\tx = 1\n\n", i);
		if (i % 3 == 0)
			sysck_buf_add_format(&expected, "/%u:\n\tx = 2\n\n", i);
		else if (i % 3 == 1)
			sysck_buf_add_format(&expected, "/%u:\n\tx = 1\n\n", i);
	}
	/* The last one goes, and the blank line before it. */
	expected.len--;
	sysck_buf_add_char(&text, '\0');
	sysck_buf_add_char(&expected, '\0');
	db = load(text.data);
	rewrite = begin(db);
	for (size_t i = 3000; i-- > 0;) {
		if (i % 3 == 0)
			CU_ASSERT_EQUAL(sysck_rewrite_change(rewrite, i, &edit, 1), 0);
		if (i % 3 == 2)
			CU_ASSERT_EQUAL(sysck_rewrite_delete(rewrite, i), 0);
	}
	CU_ASSERT_TRUE(gives(db, rewrite, expected.data));
	sysck_buf_done(&text);
	sysck_buf_done(&expected);
}

/* Takes out the definitions whose digits are in `which`. */
static bool deletes(const char *text, const char *which, const char *expected)
{
	struct sysck_db *db = load(text);
	struct sysck_rewrite *rewrite = begin(db);

	for (; *which != '\0'; which++)
		CU_ASSERT_EQUAL(sysck_rewrite_delete(rewrite, (size_t)(*which - '0')), 0);
	return gives(db, rewrite, expected);
}

static void deletes_stanzas(void)
{
	const char *text = "/a:\n\tx = 1\n\n/b:\n\tx = 1\n\n/c:\n\tx = 1\n";

	CU_ASSERT_TRUE(deletes(text, "0", "/b:\n\tx = 1\n\n/c:\n\tx = 1\n"));
	CU_ASSERT_TRUE(deletes(text, "1", "/a:\n\tx = 1\n\n/c:\n\tx = 1\n"));
	CU_ASSERT_TRUE(deletes(text, "10", "/c:\n\tx = 1\n"));
	CU_ASSERT_TRUE(deletes(text, "2", "/a:\n\tx = 1\n\n/b:\n\tx = 1\n"));
	CU_ASSERT_TRUE(deletes(text, "12", "/a:\n\tx = 1\n"));
	CU_ASSERT_TRUE(deletes(text, "012", ""));
	CU_ASSERT_TRUE(deletes("/a:\r\n\r\n/b:\r\n \t\r\n/c:\r\n", "1", "/a:\r\n\r\n/c:\r\n"));
	CU_ASSERT_TRUE(deletes("/a:\n\tx = 1\n* c\n\n/b:", "0", "* c\n\n/b:"));
	CU_ASSERT_TRUE(deletes("sysck:\n\thash = sha512\n\n/a:\n", "0", "sysck:\n\thash = sha512\n"));
	CU_ASSERT_TRUE(deletes("* c\n \t\n/a:", "0", "* c\n"));
	CU_ASSERT_TRUE(deletes("\n\n/a:\n\n", "0", "\n"));
}

/* A blank line that ends more than the stanza that goes stays: what follows must not fall to another stanza. */
static void deletes_no_separation(void)
{
	CU_ASSERT_TRUE(deletes("/a:\n\tx = 1\n/b:\n\n/c:\n", "1", "/a:\n\tx = 1\n\n/c:\n"));
	CU_ASSERT_TRUE(deletes("/a:\n\tx = 1\n/b:\n\n\tstray = 1\n", "1", "/a:\n\tx = 1\n\n\tstray = 1\n"));
	CU_ASSERT_TRUE(deletes("/a:\n\tx = 1\n* c\n/b:\n\n\tstray = 1\n", "1", "/a:\n\tx = 1\n* c\n\n\tstray = 1\n"));
	CU_ASSERT_TRUE(deletes("/a:\n/b:\n/c:\n\n* d\n", "12", "/a:\n\n* d\n"));
	CU_ASSERT_TRUE(deletes("/a:\n\tx = 1\n/b:", "1", "/a:\n\tx = 1\n"));
}

static bool adds(const char *text, const char *expected)
{
	struct sysck_db *db = load(text);
	struct sysck_rewrite *rewrite = begin(db);
	struct sysck_edit edit = set("type", "FILE");

	CU_ASSERT_EQUAL(sysck_rewrite_add(rewrite, SYSCK_SLICE("/new"), &edit, 1), 0);
	CU_ASSERT_EQUAL(sysck_rewrite_add(rewrite, SYSCK_SLICE("/new\n"), &edit, 1), 0);
	return gives(db, rewrite, expected);
}

#define ADDED "/new:\n\ttype = FILE\n\n\"/new\\n\":\n\ttype = FILE\n"

static void adds_at_the_end(void)
{
	CU_ASSERT_TRUE(adds("", ADDED));
	CU_ASSERT_TRUE(adds("\n", "\n" ADDED));
	CU_ASSERT_TRUE(adds("/a:\n\tx = 1\n", "/a:\n\tx = 1\n\n" ADDED));
	CU_ASSERT_TRUE(adds("/a:\n\tx = 1\n\n", "/a:\n\tx = 1\n\n" ADDED));
	CU_ASSERT_TRUE(adds("/a:\n\tx = 1", "/a:\n\tx = 1\n\n" ADDED));
	CU_ASSERT_TRUE(adds("/a:\r\n \r\n", "/a:\r\n \r\n" ADDED));
	CU_ASSERT_TRUE(adds("* c", "* c\n\n" ADDED));
	CU_ASSERT_TRUE(adds("/a:\n ", "/a:\n \n" ADDED));
}

static void changes_settings(void)
{
	struct sysck_edit edit = set("hash", "sha512");
	struct sysck_db *db = load("/a:\n\tx = 1\n\nsysck:\n\tsetuids = bin\n\n/b:\n");
	struct sysck_rewrite *rewrite = begin(db);

	CU_ASSERT_EQUAL(sysck_rewrite_settings(rewrite, &edit, 1), 0);
	CU_ASSERT_EQUAL(sysck_rewrite_delete(rewrite, 1), 0);
	CU_ASSERT_TRUE(gives(db, rewrite, "/a:\n\tx = 1\n\nsysck:\n\tsetuids = bin\n\thash = sha512\n"));
	db = load("/a:\n");
	rewrite = begin(db);
	CU_ASSERT_EQUAL(sysck_rewrite_settings(rewrite, &edit, 1), 0);
	CU_ASSERT_TRUE(gives(db, rewrite, "/a:\n\nsysck:\n\thash = sha512\n"));
}

void suite_rewrite(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(changes_nothing), UNIT_TEST(changes_in_any_order), UNIT_TEST(keeps_a_missing_newline),
		UNIT_TEST(changes_many),    UNIT_TEST(deletes_stanzas),      UNIT_TEST(deletes_no_separation),
		UNIT_TEST(adds_at_the_end), UNIT_TEST(changes_settings),
	};

	unit_add("rewrite", tests, sizeof(tests) / sizeof(tests[0]));
}

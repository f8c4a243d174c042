/*
 * test_err.c - tests of db/err.c: the error object.
 */
#include <errno.h>
#include <string.h>

#include <sysck/err.h>

#include "suites.h"

static void sets_and_clears(void)
{
	struct sysck_err err = { .code = 7, .line = 1, .column = 2, .file = "f", .text = "t" };

	CU_ASSERT_EQUAL(sysck_err_set(&err, -EINVAL, "%s %d", "expected", 3), -EINVAL);
	CU_ASSERT_EQUAL(err.code, -EINVAL);
	CU_ASSERT_EQUAL(err.line, 0);
	CU_ASSERT_EQUAL(err.column, 0);
	CU_ASSERT_STRING_EQUAL(err.file, "");
	CU_ASSERT_STRING_EQUAL(err.text, "expected 3");
	sysck_err_clear(&err);
	CU_ASSERT_EQUAL(err.code, 0);
	CU_ASSERT_STRING_EQUAL(err.text, "");
}

static void takes_no_object(void)
{
	sysck_err_clear(NULL);
	CU_ASSERT_EQUAL(sysck_err_set(NULL, -EINVAL, "%s", "x"), -EINVAL);
	CU_ASSERT_EQUAL(sysck_err_errno(NULL, -EIO, "%s", "x"), -EIO);
	sysck_err_place(NULL, SYSCK_SLICE("f"), 1, 1);
}

static void says_what_the_system_said(void)
{
	struct sysck_err err;
	char text[64];

	CU_ASSERT_EQUAL(sysck_err_errno(&err, -ENOENT, "open %s", "/x"), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "open /x: No such file or directory");
	sysck_err_errno(&err, -9999, "x");
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, text, sizeof(text)), "x: Unknown error 9999");
}

static void cuts_what_is_too_long(void)
{
	char text[3 * SYSCK_ERR_TEXT_MAX], out[3 * SYSCK_ERR_TEXT_MAX];
	struct sysck_err err;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	sysck_err_set(&err, -EINVAL, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.text), SYSCK_ERR_TEXT_MAX - 1);
	sysck_err_errno(&err, -ENOENT, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.text), SYSCK_ERR_TEXT_MAX - 1);
	sysck_err_place(&err, sysck_slice_of(text), 4294967295u, 4294967295u);
	CU_ASSERT_TRUE(strlen(err.file) < SYSCK_ERR_FILE_MAX);
	CU_ASSERT_STRING_EQUAL(err.file + strlen(err.file) - 3, "...");
	sysck_err_format(&err, out, sizeof(out));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, ":4294967295:4294967295: xxx"));
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, 5), "xxxx");
	out[0] = '!';
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, 1), "");
}

static void tells_its_place(void)
{
	struct sysck_err err;
	char out[128];

	sysck_err_set(&err, -EINVAL, "why");
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "why");
	sysck_err_place(&err, SYSCK_SLICE("/etc/f"), 3, 14);
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "/etc/f:3:14: why");
	sysck_err_place(&err, SYSCK_SLICE("/etc/f"), 3, 0);
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "/etc/f:3: why");
	sysck_err_place(&err, SYSCK_SLICE("/etc/f"), 0, 0);
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "/etc/f: why");
	sysck_err_place(&err, SYSCK_SLICE("a\n\x1b[0m"), 1, 1);
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "\"a\\n\\x1b[0m\":1:1: why");
	/* No file is no file, and not one whose name is empty. */
	sysck_err_place(&err, (struct sysck_slice){ NULL, 0 }, 3, 14);
	CU_ASSERT_STRING_EQUAL(err.file, "");
	CU_ASSERT_STRING_EQUAL(sysck_err_format(&err, out, sizeof(out)), "3:14: why");
}

static void count_report(void *context, const struct sysck_err *err)
{
	*(int *)context += err->code;
}

static void reports(void)
{
	struct sysck_err_sink nobody = { NULL, NULL };
	struct sysck_err err;
	int sum = 0;
	struct sysck_err_sink sink = { count_report, &sum };

	sysck_err_set(&err, -5, "x");
	sysck_err_report(NULL, &err);
	sysck_err_report(&nobody, &err);
	sysck_err_report(&sink, &err);
	sysck_err_report(&sink, &err);
	CU_ASSERT_EQUAL(sum, -10);
}

void suite_err(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(sets_and_clears),       UNIT_TEST(takes_no_object), UNIT_TEST(says_what_the_system_said),
		UNIT_TEST(cuts_what_is_too_long), UNIT_TEST(tells_its_place), UNIT_TEST(reports),
	};

	unit_add("err", tests, sizeof(tests) / sizeof(tests[0]));
}

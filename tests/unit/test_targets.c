/*
 * test_targets.c - tests of src/judge/targets.c: operands to definitions.
 */
#include <stdio.h>
#include <string.h>

#include "judge/check.h"
#include "suites.h"

static const char database[] = "/a:\n\ttype = FILE\n\tclass = red,blue\n" /* 0 */
			       "/b:\n\ttype = FILE\n\tclass = red\n"      /* 1 */
			       "/a:\n\ttype = FIFO\n\tclass = red\n"      /* 2: repeats 0 */
			       "sysck:\n\thash = sha256\n"
			       "/c:\n\ttype = FILE\n"                          /* 3 */
			       "/d:\n\ttype = FILE\n\tclass = \"red\\xZZ\"\n"  /* 4: does not read */
			       "\"/e\\n\":\n\ttype = FILE\n\tclass = green\n"; /* 5 */

static struct sysck_db *load(const char *text)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;

	sysck_buf_add_text(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &db, NULL), 0);
	return db;
}

static void append(void *context, const struct sysck_err *err)
{
	sysck_buf_add_text(context, err->text);
	sysck_buf_add_char(context, '\n');
}

/* Are the chosen definitions these, as digits? */
static bool holds(const struct tcbck_targets *targets, const char *digits)
{
	bool same = targets->count == strlen(digits);

	for (size_t i = 0; same && i < targets->count; i++)
		same = targets->indexes[i] == (size_t)(digits[i] - '0');
	return same;
}

static void all_but_duplicates(void)
{
	struct sysck_db *db = load(database), *empty = load("");
	struct tcbck_targets targets;

	CU_ASSERT_EQUAL_FATAL(tcbck_targets_all(db, &targets), 0);
	CU_ASSERT_TRUE(holds(&targets, "01345"));
	for (size_t i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(tcbck_targets_hold(&targets, i), i <= 5 && i != 2);
	tcbck_targets_done(&targets);
	CU_ASSERT_FALSE(tcbck_targets_hold(&targets, 0));
	CU_ASSERT_EQUAL_FATAL(tcbck_targets_all(empty, &targets), 0);
	CU_ASSERT_EQUAL(targets.count, 0);
	tcbck_targets_done(&targets);
	sysck_db_free(db);
	sysck_db_free(empty);
}

static void operands_choose(void)
{
	static const struct {
		const char *operands[4];
		const char *chosen;
		const char *says;
	} cases[] = {
		{ { "/a" }, "0", "" },
		{ { "/c", "/a" }, "03", "" },
		{ { "/a", "/a", "/a" }, "0", "" },
		{ { "/e\n" }, "5", "" },
		/* What does not read may be of any class: it is looked at, so that its fault is told. */
		{ { "red" }, "014", "" },
		{ { "blue" }, "04", "" },
		{ { "green", "/b" }, "145", "" },
		{ { "red", "green", "/c" }, "01345", "" },
		{ { "/x" }, "", "/x: no definition of that path\n" },
		{ { "/x", "/b" }, "1", "/x: no definition of that path\n" },
		{ { "/e" }, "", "/e: no definition of that path\n" },
		{ { "/a/" }, "", "/a/: no definition of that path\n" },
		{ { "/a\x1b[m" }, "", "\"/a\\x1b[m\": no definition of that path\n" },
		{ { "none", "blue" }, "04", "none: no definition of that class (a path begins with `/')\n" },
		{ { "Red" }, "4", "Red: no definition of that class (a path begins with `/')\n" },
		{ { "" }, "4", "\"\": no definition of that class (a path begins with `/')\n" },
		{ { "/x", "", "/y" },
		  "4",
		  "/x: no definition of that path\n\"\": no definition of that class (a path begins with `/')\n"
		  "/y: no definition of that path\n" },
		{ { NULL }, "", "" },
	};
	struct sysck_db *db = load(database);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sysck_buf says = SYSCK_BUF_INIT;
		const struct sysck_err_sink sink = { append, &says };
		struct sysck_slice operands[4];
		struct tcbck_targets targets;
		size_t count = 0, errors = 99, lines = 0;

		for (; count < 4 && cases[i].operands[count] != NULL; count++)
			operands[count] = sysck_slice_of(cases[i].operands[count]);
		CU_ASSERT_EQUAL_FATAL(tcbck_targets_named(db, operands, count, &sink, &targets, &errors), 0);
		CU_ASSERT_TRUE(holds(&targets, cases[i].chosen));
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&says), sysck_slice_of(cases[i].says)));
		for (const char *p = cases[i].says; *p != '\0'; p++)
			lines += *p == '\n';
		CU_ASSERT_EQUAL(errors, lines);
		tcbck_targets_done(&targets);
		sysck_buf_done(&says);
	}
	sysck_db_free(db);
}

void suite_targets(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(all_but_duplicates),
		UNIT_TEST(operands_choose),
	};

	unit_add("targets", tests, sizeof(tests) / sizeof(tests[0]));
}

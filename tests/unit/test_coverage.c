/*
 * test_coverage.c - tests of src/judge/coverage.c: definitions per class.
 */
#include <stdio.h>
#include <string.h>

#include "judge/coverage.h"
#include "suites.h"

static void counts(const char *text, const char *says)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	struct tcbck_class_counts counts;
	struct tcbck_targets targets;
	struct sysck_db *db = NULL;

	sysck_buf_add_text(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &db, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_targets_all(db, &targets), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_class_counts(db, &targets, &counts), 0);
	for (size_t i = 0; i < counts.count; i++) {
		sysck_buf_add_slice(&out, counts.items[i].name);
		sysck_buf_add_format(&out, ":%zu ", counts.items[i].count);
	}
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(says)));
	if (!sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(says)))
		printf("    says \"%.*s\", not \"%s\"\n", (int)out.len, out.data == NULL ? "" : out.data, says);
	tcbck_class_counts_done(&counts);
	CU_ASSERT_EQUAL(counts.count, 0);
	tcbck_class_counts_done(&counts);
	tcbck_targets_done(&targets);
	sysck_db_free(db);
	sysck_buf_done(&out);
}

static void classes_are_counted(void)
{
	counts("", "");
	counts("/a:\n\ttype = FILE\n", ":1 ");
	counts("/a:\n\tclass = z\n/b:\n\tclass = a\n/c:\n\tclass = m,a\n/d:\n/e:\n\tclass = zz\n", ":1 a:2 m:1 z:1 zz:1 ");
	counts("/a:\n\tclass = z y\n/b:\n\tclass = \"y\"\n", "y:2 z:1 ");
}

static void a_definition_counts_once_in_a_class(void)
{
	counts("/a:\n\tclass = x,x,y,x\n", "x:1 y:1 ");
}

static void duplicates_and_faults_do_not_count(void)
{
	counts("/a:\n\tclass = x\n/a:\n\tclass = x\n", "x:1 ");
	counts("/a:\n\tclass = \"\\xZZ\"\n/b:\n\tclass = x\n", ":1 x:1 ");
}

void suite_coverage(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(classes_are_counted),
		UNIT_TEST(a_definition_counts_once_in_a_class),
		UNIT_TEST(duplicates_and_faults_do_not_count),
	};

	unit_add("coverage", tests, sizeof(tests) / sizeof(tests[0]));
}

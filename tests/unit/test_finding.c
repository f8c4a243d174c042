/*
 * test_finding.c - tests of src/judge/finding.c: names, lists that own their texts, order.
 */
#include <stdio.h>
#include <string.h>

#include "judge/finding.h"
#include "suites.h"

static void kinds_have_names(void)
{
	static const char *const names[] = { "type",         "owner",     "group",       "acl",     "mode",
					     "capabilities", "device",    "target",      "links",   "symlinks",
					     "size",         "checksum",  "hash_value",  "program", "source",
					     "class",        "duplicate", "unsafe-path", "missing" };

	CU_ASSERT_TRUE(TCBCK_KIND_COUNT >= sizeof(names) / sizeof(names[0]));
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CU_ASSERT_STRING_EQUAL(tcbck_kind_name(i), names[i]);
	CU_ASSERT_STRING_EQUAL(tcbck_kind_name(TCBCK_KIND_COUNT), "unknown");
}

static void outcomes_have_names(void)
{
	static const char *const names[] = { "reported", "fixed", "refused", "failed", "left", "database-updated" };

	CU_ASSERT_EQUAL(TCBCK_OUTCOME_COUNT, sizeof(names) / sizeof(names[0]));
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		CU_ASSERT_STRING_EQUAL(tcbck_outcome_name((enum tcbck_outcome)i), names[i]);
}

/* A finding whose texts are in `bytes` (5 characters), which may be overwritten when it was added. */
static void add(struct tcbck_findings *findings, size_t index, unsigned kind, char *bytes)
{
	const struct sysck_slice classes[] = { { bytes + 3, 1 }, { bytes + 4, 1 } };
	const struct tcbck_finding finding = { .index = index,
					       .kind = kind,
					       .path = { bytes, 1 },
					       .actual = { bytes + 1, 1 },
					       .expected = { bytes + 2, 1 },
					       .reason = { bytes, 5 },
					       .classes = { classes, 2 },
					       .line = 9,
					       .remedy = TCBCK_REMEDY_LINK };

	CU_ASSERT_EQUAL(tcbck_findings_add(findings, &finding), 0);
	memset(bytes, 'X', 5);
}

static bool is(struct sysck_slice slice, const char *text)
{
	return sysck_slice_equal(slice, sysck_slice_of(text));
}

static void lists_own_their_texts(void)
{
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
	const struct tcbck_finding empty = { .index = 1 };
	char bytes[] = "abcde";

	add(&findings, 4, SYSCK_ATTR_MODE, bytes);
	CU_ASSERT_EQUAL(tcbck_findings_add(&findings, &empty), 0);
	CU_ASSERT_EQUAL_FATAL(findings.count, 2);
	CU_ASSERT_TRUE(is(findings.items[0].path, "a") && is(findings.items[0].actual, "b") &&
		       is(findings.items[0].expected, "c"));
	CU_ASSERT_TRUE(is(findings.items[0].reason, "abcde") && is(findings.items[0].classes.items[1], "e"));
	CU_ASSERT_EQUAL(findings.items[0].line, 9);
	CU_ASSERT_EQUAL(findings.items[0].remedy, TCBCK_REMEDY_LINK);
	CU_ASSERT_EQUAL(findings.items[1].path.len, 0);
	tcbck_findings_done(&findings);
	CU_ASSERT_EQUAL(findings.count, 0);
	CU_ASSERT_PTR_NULL(findings.items);
	tcbck_findings_done(&findings);
}

static void lists_join(void)
{
	struct tcbck_findings to = TCBCK_FINDINGS_INIT, from = TCBCK_FINDINGS_INIT;

	CU_ASSERT_EQUAL(tcbck_findings_join(&to, &from), 0);
	CU_ASSERT_EQUAL(to.count, 0);
	for (unsigned i = 0; i < 1000; i++) {
		char bytes[6];

		(void)snprintf(bytes, sizeof(bytes), "%05u", i);
		add(i % 3 == 0 ? &to : &from, i, 0, bytes);
	}
	CU_ASSERT_EQUAL(tcbck_findings_join(&to, &from), 0);
	CU_ASSERT_EQUAL(from.count, 0);
	CU_ASSERT_PTR_NULL(from.items);
	tcbck_findings_done(&from);
	CU_ASSERT_EQUAL_FATAL(to.count, 1000);
	tcbck_findings_sort(&to);
	for (unsigned i = 0; i < 1000; i++) {
		char bytes[6];

		(void)snprintf(bytes, sizeof(bytes), "%05u", i);
		CU_ASSERT_EQUAL(to.items[i].index, i);
		CU_ASSERT_TRUE(is(to.items[i].reason, bytes));
	}
	tcbck_findings_done(&to);
}

static void order_is_index_then_kind(void)
{
	static const struct {
		size_t index;
		unsigned kind;
	} sorted[] = { { 0, SYSCK_ATTR_TYPE },      { 0, SYSCK_ATTR_OWNER },       { 0, SYSCK_ATTR_SOURCE },
		       { 0, TCBCK_KIND_DUPLICATE }, { 1, TCBCK_KIND_UNSAFE_PATH }, { 2, TCBCK_KIND_MISSING },
		       { 10, SYSCK_ATTR_ACL },      { 11, SYSCK_ATTR_TYPE } };
	const size_t count = sizeof(sorted) / sizeof(sorted[0]);
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;

	tcbck_findings_sort(&findings);
	for (size_t i = 0; i < count; i++) {
		char bytes[] = "abcde";
		size_t from = (i * 5 + 3) % count;

		add(&findings, sorted[from].index, sorted[from].kind, bytes);
	}
	tcbck_findings_sort(&findings);
	for (size_t i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(findings.items[i].index, sorted[i].index);
		CU_ASSERT_EQUAL(findings.items[i].kind, sorted[i].kind);
	}
	tcbck_findings_done(&findings);
}

void suite_finding(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(kinds_have_names), UNIT_TEST(outcomes_have_names),      UNIT_TEST(lists_own_their_texts),
		UNIT_TEST(lists_join),       UNIT_TEST(order_is_index_then_kind),
	};

	unit_add("finding", tests, sizeof(tests) / sizeof(tests[0]));
}

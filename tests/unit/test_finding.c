/*
 * test_finding.c - tests of src/judge/finding.c: names, lists that own their texts, order.
 */
#include <stdio.h>
#include <string.h>

#include "judge/finding.h"
#include "suites.h"

static void kinds_have_names(void)
{
	static const char *const names[] = { "type",       "owner",        "group",       "acl",
					     "mode",       "capabilities", "device",      "target",
					     "links",      "symlinks",     "size",        "checksum",
					     "hash_value", "program",      "source",      "class",
					     "duplicate",  "unsafe-path",  "missing",     "tree",
					     "tree-tcb",   "tree-setuid",  "tree-setgid", "tree-capabilities",
					     "tree-link",  "tree-symlink", "tree-device" };

	CU_ASSERT_EQUAL(TCBCK_KIND_COUNT, sizeof(names) / sizeof(names[0]));
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
					       .of = { bytes + 2, 2 },
					       .device = 5,
					       .inode = 6,
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
	CU_ASSERT_TRUE(is(findings.items[0].of, "cd") && findings.items[0].device == 5 && findings.items[0].inode == 6);
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

/* Strays come last, in the order of their paths, whatever order they were met in. */
static void strays_are_ordered_by_path(void)
{
	static const struct {
		size_t index;
		const char *path;
		unsigned kind;
	} sorted[] = { { 0, "/z", SYSCK_ATTR_MODE },
		       { 7, "/y", TCBCK_KIND_MISSING },
		       { TCBCK_NO_DEFINITION, "/", TCBCK_KIND_TREE },
		       { TCBCK_NO_DEFINITION, "/a", TCBCK_KIND_TREE_TCB },
		       { TCBCK_NO_DEFINITION, "/a", TCBCK_KIND_TREE_SETUID },
		       { TCBCK_NO_DEFINITION, "/a", TCBCK_KIND_TREE_CAPABILITIES },
		       { TCBCK_NO_DEFINITION, "/a/b", TCBCK_KIND_TREE_DEVICE },
		       { TCBCK_NO_DEFINITION, "/a0", TCBCK_KIND_TREE_TCB } };
	const size_t count = sizeof(sorted) / sizeof(sorted[0]);
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;

	for (size_t i = 0; i < count; i++) {
		size_t from = (i * 3 + 5) % count;
		const struct tcbck_finding finding = { .index = sorted[from].index,
						       .kind = sorted[from].kind,
						       .path = sysck_slice_of(sorted[from].path) };

		CU_ASSERT_EQUAL(tcbck_findings_add(&findings, &finding), 0);
	}
	tcbck_findings_sort(&findings);
	for (size_t i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(findings.items[i].kind, sorted[i].kind);
		CU_ASSERT_TRUE(is(findings.items[i].path, sorted[i].path));
	}
	tcbck_findings_done(&findings);
}

/* Of definitions the index tells which object it is, of strays the path. */
static void objects_are_told_apart(void)
{
	const struct tcbck_finding one = { .index = 1, .path = SYSCK_SLICE("/a") };
	const struct tcbck_finding same = { .index = 1, .path = SYSCK_SLICE("/b"), .kind = 3 };
	const struct tcbck_finding other = { .index = 2, .path = SYSCK_SLICE("/a") };
	const struct tcbck_finding stray = { .index = TCBCK_NO_DEFINITION, .path = SYSCK_SLICE("/a") };
	const struct tcbck_finding stray_too = { .index = TCBCK_NO_DEFINITION, .path = SYSCK_SLICE("/a"), .kind = 3 };
	const struct tcbck_finding another = { .index = TCBCK_NO_DEFINITION, .path = SYSCK_SLICE("/a/") };

	CU_ASSERT_TRUE(tcbck_finding_same_object(&one, &same));
	CU_ASSERT_FALSE(tcbck_finding_same_object(&one, &other));
	CU_ASSERT_FALSE(tcbck_finding_same_object(&one, &stray));
	CU_ASSERT_TRUE(tcbck_finding_same_object(&stray, &stray_too));
	CU_ASSERT_FALSE(tcbck_finding_same_object(&stray, &another));
}

void suite_finding(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(kinds_have_names),         UNIT_TEST(outcomes_have_names),
		UNIT_TEST(lists_own_their_texts),    UNIT_TEST(lists_join),
		UNIT_TEST(order_is_index_then_kind), UNIT_TEST(strays_are_ordered_by_path),
		UNIT_TEST(objects_are_told_apart),
	};

	unit_add("finding", tests, sizeof(tests) / sizeof(tests[0]));
}

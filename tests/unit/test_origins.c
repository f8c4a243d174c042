/*
 * test_origins.c - tests of src/judge/origins.c: what is remembered of packages, as text and back.
 */
#include <errno.h>

#include "judge/origins.h"
#include "suites.h"

/* An installed package. */
static struct tcbck_package make_tools(void)
{
	return (struct tcbck_package){
		.name = SYSCK_SLICE("tools"),
		.version = SYSCK_SLICE("1:2.0-1"),
		.architecture = SYSCK_SLICE("amd64"),
		.installed = { 1700000000, 7 },
		.whole = true,
	};
}

static struct tcbck_origins *parse(const char *text)
{
	struct tcbck_origins *origins = NULL;
	struct sysck_err err;

	CU_ASSERT_EQUAL_FATAL(tcbck_origins_parse(sysck_slice_of(text), SYSCK_SLICE("f"), &origins, &err), 0);
	return origins;
}

static void writes_as(const struct tcbck_origins *origins, const char *wanted)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	const char *body;

	tcbck_origins_write(origins, &text);
	sysck_buf_add_char(&text, '\0');
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(&text), 0);
	CU_ASSERT_EQUAL(text.data[0], '*');
	body = strchr(text.data, '\n');
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	CU_ASSERT_STRING_EQUAL(body + 1, wanted);
	sysck_buf_done(&text);
}

static void remembers(void)
{
	struct tcbck_origins *origins = parse("* nothing yet\n\n");
	const struct tcbck_package tools = make_tools();
	struct tcbck_package other = tools;

	CU_ASSERT_FALSE(tcbck_origins_has(origins, &tools));
	CU_ASSERT_FALSE(tcbck_origins_all(origins));
	CU_ASSERT_EQUAL(tcbck_origins_set(origins, &tools), 0);
	CU_ASSERT_TRUE(tcbck_origins_has(origins, &tools));
	CU_ASSERT_TRUE(tcbck_origins_same(origins, &tools));
	/* Another version, another time of the same version: newer. Another architecture: another package. */
	other.version = SYSCK_SLICE("1:2.0-2");
	CU_ASSERT_TRUE(tcbck_origins_has(origins, &other));
	CU_ASSERT_FALSE(tcbck_origins_same(origins, &other));
	other = tools;
	other.installed.tv_nsec++;
	CU_ASSERT_FALSE(tcbck_origins_same(origins, &other));
	other.installed = (struct timespec){ tools.installed.tv_sec + 1, tools.installed.tv_nsec };
	CU_ASSERT_FALSE(tcbck_origins_same(origins, &other));
	other.architecture = SYSCK_SLICE("i386");
	CU_ASSERT_FALSE(tcbck_origins_has(origins, &other));
	CU_ASSERT_EQUAL(tcbck_origins_set(origins, &other), 0);
	other.name = SYSCK_SLICE("aaa");
	CU_ASSERT_EQUAL(tcbck_origins_set(origins, &other), 0);
	CU_ASSERT_EQUAL(tcbck_origins_set(origins, &other), 0);
	CU_ASSERT_EQUAL(tcbck_origins_count(origins), 3);
	tcbck_origins_set_all(origins);
	writes_as(origins, "all\naaa:i386 1:2.0-1 1700000001.000000007\ntools:amd64 1:2.0-1 1700000000.000000007\n"
			   "tools:i386 1:2.0-1 1700000001.000000007\n");
	tcbck_origins_free(origins);
}

static void reads_what_it_writes(void)
{
	static const char text[] = "all\na:amd64 1 0.000000000\nb:all 2~rc1+x 1700000000.999999999\n";
	struct tcbck_origins *origins = parse(text);
	const struct tcbck_package b = { .name = SYSCK_SLICE("b"),
					 .version = SYSCK_SLICE("2~rc1+x"),
					 .architecture = SYSCK_SLICE("all"),
					 .installed = { 1700000000, 999999999 } };

	CU_ASSERT_TRUE(tcbck_origins_all(origins));
	CU_ASSERT_TRUE(tcbck_origins_same(origins, &b));
	writes_as(origins, text);
	tcbck_origins_free(origins);
}

/* What would not read again is not remembered. */
static void takes_no_hostile_words(void)
{
	static const char *const hostile[] = { "", "a b", "a\nall", "*a" };
	struct tcbck_origins *origins = parse("");

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct tcbck_package package = make_tools();

		package.version = sysck_slice_of(hostile[i]);
		if (hostile[i][0] == '*') {
			package.version = SYSCK_SLICE("1");
			package.name = sysck_slice_of(hostile[i]);
		}
		CU_ASSERT_EQUAL(tcbck_origins_set(origins, &package), 0);
	}
	CU_ASSERT_EQUAL(tcbck_origins_count(origins), 0);
	tcbck_origins_free(origins);
}

static void refuses_other_lines(void)
{
	static const char *const bad[] = { "a:amd64",
					   "a:amd64 1",
					   "a:amd64 1 ",
					   "a:amd64 1 1",
					   "a:amd64 1 1.0",
					   "a:amd64 1 1.1234567890",
					   "a:amd64 1 -1.000000000",
					   "a:amd64 1 x.000000000",
					   " a 1 1.000000000",
					   "a:amd64 1 1.000000000 ",
					   "a:amd64 1 99999999999999999999.000000000" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sysck_buf text = SYSCK_BUF_INIT;
		struct tcbck_origins *origins = NULL;
		struct sysck_err err;

		sysck_buf_add_text(&text, "all\n");
		sysck_buf_add_text(&text, bad[i]);
		CU_ASSERT_EQUAL(tcbck_origins_parse(sysck_buf_slice(&text), SYSCK_SLICE("f"), &origins, &err), -EBADMSG);
		CU_ASSERT_EQUAL(err.line, 2);
		CU_ASSERT_PTR_NULL(origins);
		sysck_buf_done(&text);
	}
}

static bool keep_amd64(void *context, struct sysck_slice name, struct sysck_slice architecture)
{
	size_t *calls = context;

	(*calls)++;
	return !sysck_slice_is(name, "gone") && sysck_slice_is(architecture, "amd64");
}

static void forgets(void)
{
	struct tcbck_origins *origins = parse("gone:amd64 1 1.000000000\nhere:amd64 1 1.000000000\nhere:i386 1 1.000000000\n");
	size_t calls = 0;

	tcbck_origins_keep(origins, keep_amd64, &calls);
	CU_ASSERT_EQUAL(calls, 3);
	writes_as(origins, "here:amd64 1 1.000000000\n");
	tcbck_origins_free(origins);
}

void suite_origins(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(remembers),
		UNIT_TEST(reads_what_it_writes),
		UNIT_TEST(takes_no_hostile_words),
		UNIT_TEST(refuses_other_lines),
		UNIT_TEST(forgets),
	};

	unit_add("origins", tests, sizeof(tests) / sizeof(tests[0]));
}

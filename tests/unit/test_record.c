/*
 * test_record.c - tests of src/report/record.c: one line of printable ASCII whatever the name, and the name back from it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/record.h"
#include "suites.h"

#define LONGEST 70000u

static struct tcbck_recorder *new_recorder(const char *root)
{
	struct tcbck_recorder *recorder;

	CU_ASSERT_EQUAL_FATAL(tcbck_recorder_new(sysck_slice_of(root), &recorder), 0);
	return recorder;
}

/* The line of a finding, with a final NUL. */
static void write_line(struct tcbck_recorder *recorder, const struct tcbck_finding *finding, struct sysck_buf *line)
{
	struct tcbck_record record;

	sysck_buf_clear(line);
	CU_ASSERT_EQUAL_FATAL(tcbck_record_finding(recorder, finding, &record), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_record_write(recorder, &record, line), 0);
	sysck_buf_add_char(line, '\0');
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(line), 0);
}

/* Does the text begin with this? What follows is in *ret_rest. */
static bool begins(const char *text, const char *beginning, const char **ret_rest)
{
	size_t len = strlen(beginning);

	*ret_rest = text + len;
	return strncmp(text, beginning, len) == 0;
}

static void a_finding_is_a_line(void)
{
	struct tcbck_recorder *recorder = new_recorder(""), *another = new_recorder("");
	struct tcbck_finding finding = { .kind = SYSCK_ATTR_MODE, .path = SYSCK_SLICE("/bin/boo") };
	struct sysck_buf first = SYSCK_BUF_INIT, second = SYSCK_BUF_INIT, other = SYSCK_BUF_INIT;
	static const char form[] = "TCBCK_Check file=/bin/boo error=mode status=reported id=";
	const char *id, *next, *foreign;

	write_line(recorder, &finding, &first);
	write_line(recorder, &finding, &second);
	write_line(another, &finding, &other);
	CU_ASSERT_TRUE_FATAL(begins(first.data, form, &id));
	CU_ASSERT_TRUE_FATAL(begins(second.data, form, &next));
	CU_ASSERT_TRUE_FATAL(begins(other.data, form, &foreign));
	CU_ASSERT_EQUAL(strspn(id, "0123456789abcdef"), 32);
	CU_ASSERT_STRING_EQUAL(id + 32, "-1");
	CU_ASSERT_EQUAL(strncmp(id, next, 32), 0);
	CU_ASSERT_STRING_EQUAL(next + 32, "-2");
	CU_ASSERT_NOT_EQUAL(strncmp(id, foreign, 32), 0);
	sysck_buf_done(&first);
	sysck_buf_done(&second);
	sysck_buf_done(&other);
	tcbck_recorder_free(recorder);
	tcbck_recorder_free(another);
	tcbck_recorder_free(NULL);
}

static void an_update_is_a_line(void)
{
	struct tcbck_recorder *recorder = new_recorder("/mnt");
	struct sysck_buf line = SYSCK_BUF_INIT;
	struct tcbck_record record;
	const char *rest;

	CU_ASSERT_EQUAL_FATAL(tcbck_record_update(recorder, SYSCK_SLICE("/bin/boo"), "add", &record), 0);
	CU_ASSERT_TRUE(record.settled);
	CU_ASSERT_EQUAL_FATAL(tcbck_record_write(recorder, &record, &line), 0);
	sysck_buf_add_char(&line, '\0');
	CU_ASSERT_TRUE(begins(line.data, "TCBCK_Update file=/mnt/bin/boo function=add id=", &rest));
	/* The settings are below no root. */
	CU_ASSERT_EQUAL_FATAL(tcbck_record_update(recorder, SYSCK_SLICE("sysck"), "change", &record), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(record.file, SYSCK_SLICE("sysck")));
	sysck_buf_done(&line);
	tcbck_recorder_free(recorder);
}

static void the_outcome_is_the_status(void)
{
	struct tcbck_recorder *recorder = new_recorder("");
	struct tcbck_finding finding = { .kind = TCBCK_KIND_MISSING, .path = SYSCK_SLICE("/x") };
	struct tcbck_record record;

	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		char expected[128];

		finding.outcome = (enum tcbck_outcome)i;
		(void)snprintf(expected, sizeof(expected), "error=missing status=%s", tcbck_outcome_name(finding.outcome));
		CU_ASSERT_EQUAL_FATAL(tcbck_record_finding(recorder, &finding, &record), 0);
		CU_ASSERT_STRING_EQUAL(record.details, expected);
		CU_ASSERT_EQUAL(record.settled, i == TCBCK_OUTCOME_FIXED || i == TCBCK_OUTCOME_DATABASE_UPDATED);
	}
	/* What was not looked at has no outcome, whatever stands there. */
	finding.outcome = TCBCK_OUTCOME_FIXED;
	finding.unverified = true;
	CU_ASSERT_EQUAL_FATAL(tcbck_record_finding(recorder, &finding, &record), 0);
	CU_ASSERT_STRING_EQUAL(record.details, "error=missing status=unverified");
	CU_ASSERT_FALSE(record.settled);
	/* The longest of each fits. */
	for (unsigned kind = 0; kind < TCBCK_KIND_COUNT; kind++) {
		finding =
			(struct tcbck_finding){ .kind = kind, .path = finding.path, .outcome = TCBCK_OUTCOME_DATABASE_UPDATED };
		CU_ASSERT_EQUAL_FATAL(tcbck_record_finding(recorder, &finding, &record), 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(record.details, " status=database-updated"));
	}
	tcbck_recorder_free(recorder);
}

/* Every line is printable ASCII, not too long, and has the fields of a record once each. */
static void check_form(const char *line, size_t fields)
{
	size_t blanks = 0, equals = 0;

	CU_ASSERT_TRUE(strlen(line) <= TCBCK_RECORD_MAX);
	for (const char *c = line; *c != '\0'; c++) {
		CU_ASSERT_TRUE(*c >= ' ' && *c < 0x7f);
		blanks += *c == ' ';
		equals += *c == '=';
	}
	CU_ASSERT_EQUAL(blanks, fields);
	CU_ASSERT_EQUAL(equals, fields);
}

static void hostile_names_stay_names(void)
{
	static const char *const names[] = {
		"/a b",
		"/a\nNov 20 20:00:00 vm sshd[1]: forged",
		"/\033[31mred",
		"/\377\376",
		"/\"quoted\"",
		"/it's",
		"/x error=none status=fixed id=1",
		"/x\\x20y",
		"/\xe2\x80\xae",
		"/",
		"/\x7f\x01",
		"/#012",
	};
	struct tcbck_recorder *recorder = new_recorder("");
	struct sysck_buf line = SYSCK_BUF_INIT, name = SYSCK_BUF_INIT;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct tcbck_finding finding = { .kind = SYSCK_ATTR_SIZE, .path = sysck_slice_of(names[i]) };
		const char *file, *end;

		write_line(recorder, &finding, &line);
		check_form(line.data, 4);
		CU_ASSERT_TRUE_FATAL(begins(line.data, "TCBCK_Check file=", &file));
		end = strchr(file, ' ');
		CU_ASSERT_PTR_NOT_NULL_FATAL(end);
		sysck_buf_clear(&name);
		CU_ASSERT_EQUAL(sysck_text_unescape((struct sysck_slice){ file, (size_t)(end - file) }, &name, &(size_t){ 0 }),
				0);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&name), finding.path));
	}
	sysck_buf_done(&line);
	sysck_buf_done(&name);
	tcbck_recorder_free(recorder);
}

static void every_byte_comes_back(void)
{
	struct tcbck_recorder *recorder = new_recorder("");
	struct sysck_buf line = SYSCK_BUF_INIT, name = SYSCK_BUF_INIT;

	for (int c = 1; c < 256; c++) {
		const char path[] = { '/', (char)c, 'z' };
		const struct tcbck_finding finding = { .path = { path, sizeof(path) } };
		const char *file;

		write_line(recorder, &finding, &line);
		check_form(line.data, 4);
		CU_ASSERT_TRUE_FATAL(begins(line.data, "TCBCK_Check file=", &file));
		sysck_buf_clear(&name);
		CU_ASSERT_EQUAL(sysck_text_unescape((struct sysck_slice){ file, strcspn(file, " ") }, &name, &(size_t){ 0 }),
				0);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&name), finding.path));
	}
	sysck_buf_done(&line);
	sysck_buf_done(&name);
	tcbck_recorder_free(recorder);
}

/* Of any length, of bytes that stand as they are and of bytes that grow to four. */
static void long_names_are_cut_and_known(void)
{
	struct tcbck_recorder *recorder = new_recorder("");
	struct sysck_buf line = SYSCK_BUF_INIT;
	char *name = malloc(LONGEST);
	size_t cut = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	for (int plain = 0; plain < 2; plain++) {
		memset(name, plain ? 'a' : '\n', LONGEST);
		name[0] = '/';
		for (size_t len = 1; len < LONGEST; len += len < 700 ? 1 : 7777) {
			const struct tcbck_finding finding = { .kind = SYSCK_ATTR_HASH_VALUE, .path = { name, len } };
			bool whole = len <= (plain ? 600 : 150);

			write_line(recorder, &finding, &line);
			check_form(line.data, whole ? 4 : 5);
			CU_ASSERT_EQUAL(strstr(line.data, " digest=sha256:") == NULL, whole);
			cut += !whole;
		}
	}
	CU_ASSERT_TRUE(cut > 0);
	sysck_buf_done(&line);
	free(name);
	tcbck_recorder_free(recorder);
}

static void the_digest_is_of_the_whole_name(void)
{
	/* printf '/%04999d' 0 | sha256sum */
	static const char expected[] = "sha256:09714cdebe331424f2a1c6a463dbed327bec965e92eec103f21a2ccc21c8ee74";
	struct tcbck_recorder *recorder = new_recorder("");
	struct sysck_buf line = SYSCK_BUF_INIT;
	struct tcbck_finding finding = { .path = { NULL, 5000 } };
	char *name = malloc(5000), digest[TCBCK_RECORD_DIGEST_MAX];

	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	memset(name, '0', 5000);
	name[0] = '/';
	finding.path.data = name;
	write_line(recorder, &finding, &line);
	CU_ASSERT_PTR_NOT_NULL(strstr(line.data, expected));
	/* One that ends otherwise is another. */
	name[4999] = '1';
	CU_ASSERT_EQUAL(tcbck_record_digest(recorder, finding.path, digest), 0);
	CU_ASSERT_STRING_NOT_EQUAL(digest, expected);
	sysck_buf_done(&line);
	free(name);
	tcbck_recorder_free(recorder);
}

void suite_record(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_finding_is_a_line),
		UNIT_TEST(an_update_is_a_line),
		UNIT_TEST(the_outcome_is_the_status),
		UNIT_TEST(hostile_names_stay_names),
		UNIT_TEST(every_byte_comes_back),
		UNIT_TEST(long_names_are_cut_and_known),
		UNIT_TEST(the_digest_is_of_the_whole_name),
	};

	unit_add("record", tests, sizeof(tests) / sizeof(tests[0]));
}

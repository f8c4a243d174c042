/*
 * test_text.c - tests of src/report/text.c: exact sentences, and one line for each, whatever is in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge/judge.h"
#include "report/text.h"
#include "suites.h"

static struct sysck_slice slice(const char *text)
{
	return sysck_slice_of(text);
}

static bool says(const struct sysck_buf *buf, const char *text)
{
	bool same = sysck_slice_equal(sysck_buf_slice(buf), slice(text));

	if (!same)
		printf("    says \"%.*s\"\n    not  \"%s\"\n", (int)buf->len, buf->data == NULL ? "" : buf->data, text);
	return same;
}

static void sentences(void)
{
	static const struct {
		const char *path;
		unsigned kind;
		bool unverified;
		const char *actual, *expected, *reason;
		enum tcbck_outcome outcome;
		const char *utf8, *ascii;
	} cases[] = {
		{ "/bin/boo", TCBCK_KIND_MISSING, false, "absent", "FILE", "", TCBCK_OUTCOME_REPORTED,
		  "/bin/boo: missing is absent, should be FILE", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "rwx------", "rwxr-xr-x", "", TCBCK_OUTCOME_FIXED,
		  "/a: mode is rwx------, should be rwxr-xr-x [fixed]", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "x", "y", "", TCBCK_OUTCOME_LEFT, "/a: mode is x, should be y [left]", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "x", "y", "", TCBCK_OUTCOME_DATABASE_UPDATED,
		  "/a: mode is x, should be y [database updated]", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "x", "y", "the file is immutable", TCBCK_OUTCOME_REFUSED,
		  "/a: mode is x, should be y [refused: the file is immutable]", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "x", "y", "No space left on device", TCBCK_OUTCOME_FAILED,
		  "/a: mode is x, should be y [failed: No space left on device]", NULL },
		{ "/a", SYSCK_ATTR_MODE, false, "x", "y", "", TCBCK_OUTCOME_REFUSED, "/a: mode is x, should be y [refused]",
		  NULL },
		{ "/a", SYSCK_ATTR_SIZE, true, "", "", "Permission denied", TCBCK_OUTCOME_REPORTED,
		  "/a: size unverified: Permission denied", NULL },
		{ "/a\nb", SYSCK_ATTR_OWNER, false, "x", "y", "", TCBCK_OUTCOME_REPORTED, "\"/a\\nb\": owner is x, should be y",
		  NULL },
		{ "/a ", SYSCK_ATTR_OWNER, false, "x", "y", "", TCBCK_OUTCOME_REPORTED, "\"/a \": owner is x, should be y",
		  NULL },
		{ "/ä", SYSCK_ATTR_TARGET, false, "ö", "ü", "", TCBCK_OUTCOME_REPORTED, "/ä: target is ö, should be ü",
		  "\"/\\xc3\\xa4\": target is \\xc3\\xb6, should be \\xc3\\xbc" },
		{ "/a", SYSCK_ATTR_SIZE, true, "", "", "/ö: is odd", TCBCK_OUTCOME_REPORTED, "/a: size unverified: /ö: is odd",
		  "/a: size unverified: /\\xc3\\xb6: is odd" },
		{ "/a", SYSCK_ATTR_SIZE, false, "1", "2", "ß", TCBCK_OUTCOME_FAILED, "/a: size is 1, should be 2 [failed: ß]",
		  "/a: size is 1, should be 2 [failed: \\xc3\\x9f]" },
		{ "/\xe2\x80\xae", SYSCK_ATTR_SIZE, false, "1", "2", "", TCBCK_OUTCOME_REPORTED,
		  "\"/\\xe2\\x80\\xae\": size is 1, should be 2", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tcbck_finding finding = { .path = slice(cases[i].path),
						       .kind = cases[i].kind,
						       .unverified = cases[i].unverified,
						       .actual = slice(cases[i].actual),
						       .expected = slice(cases[i].expected),
						       .reason = slice(cases[i].reason),
						       .outcome = cases[i].outcome };
		struct sysck_buf out = SYSCK_BUF_INIT;

		tcbck_text_finding(&finding, SYSCK_CHARSET_UTF8, &out);
		CU_ASSERT_TRUE(says(&out, cases[i].utf8));
		sysck_buf_clear(&out);
		tcbck_text_finding(&finding, SYSCK_CHARSET_ASCII, &out);
		CU_ASSERT_TRUE(says(&out, cases[i].ascii == NULL ? cases[i].utf8 : cases[i].ascii));
		sysck_buf_done(&out);
	}
}

/* Only characters that can be shown; for UTF-8 the bytes above ASCII are looked at by the tests of db/buf.c. */
static bool is_line(const struct sysck_buf *buf, enum sysck_charset charset)
{
	for (size_t i = 0; i < buf->len; i++) {
		unsigned char c = (unsigned char)buf->data[i];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && charset == SYSCK_CHARSET_ASCII))
			return false;
	}
	return true;
}

/* Hostile names, targets, reasons and output of programs, as the judge hands them on. */
static void hostile_bytes_stay_in_one_line(void)
{
	uint64_t state = 99;

	for (int i = 0; i < 3000; i++) {
		struct sysck_slice item = { NULL, 0 }, list[1];
		struct tcbck_link links[] = { { TCBCK_LINK_OTHER, { NULL, 0 } } };
		struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
		struct tcbck_observation o = { .presence = TCBCK_PRESENT, .symlinks = links };
		struct sysck_def def = { .type = SYSCK_TYPE_SYMLINK };
		const struct tcbck_judgement judgement = { &def, 0, NULL, true };
		char path[20], target[20];

		for (size_t j = 0; j < sizeof(path); j++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			path[j] = (char)(1 + (state >> 33) % 255);
			target[j] = (char)(1 + (state >> 43) % 255);
		}
		path[0] = '/';
		item = (struct sysck_slice){ target, sizeof(target) };
		list[0] = item;
		links[0].detail = def.target = item;
		def.path = (struct sysck_slice){ path, sizeof(path) };
		def.symlinks = (struct sysck_list){ list, 1 };
		o.program.status = 1;
		o.program.output = item;
		o.is.type = SYSCK_TYPE_SYMLINK;
		o.is.target = def.path;
		def.present = o.is.present = SYSCK_ATTR_BIT(SYSCK_ATTR_TARGET) | SYSCK_ATTR_BIT(SYSCK_ATTR_SYMLINKS) |
					     SYSCK_ATTR_BIT(SYSCK_ATTR_PROGRAM);
		CU_ASSERT_EQUAL_FATAL(tcbck_judge(&judgement, &o, &findings), 0);
		CU_ASSERT_EQUAL(findings.count, 3);
		for (size_t j = 0; j < findings.count; j++)
			for (int charset = SYSCK_CHARSET_ASCII; charset <= SYSCK_CHARSET_UTF8; charset++) {
				struct sysck_buf out = SYSCK_BUF_INIT;

				tcbck_text_finding(&findings.items[j], (enum sysck_charset)charset, &out);
				CU_ASSERT_TRUE(out.len > 0 && is_line(&out, (enum sysck_charset)charset));
				sysck_buf_done(&out);
			}
		tcbck_findings_done(&findings);
	}
}

struct told {
	int descriptor;
	struct tcbck_sink sink;
	char text[4096];
};

static void begin(struct told *told, enum sysck_charset charset, bool summary)
{
	struct tcbck_text_options options = { .charset = charset, .summary = summary, .fixed = true };

	told->descriptor = memfd_create("told", MFD_CLOEXEC);
	CU_ASSERT_FATAL(told->descriptor >= 0);
	options.descriptor = told->descriptor;
	CU_ASSERT_EQUAL_FATAL(tcbck_text_new(&options, &told->sink), 0);
}

static const char *end(struct told *told)
{
	ssize_t n;

	CU_ASSERT_EQUAL(told->sink.finish(told->sink.context), 0);
	told->sink.free(told->sink.context);
	n = pread(told->descriptor, told->text, sizeof(told->text) - 1, 0);
	CU_ASSERT_FATAL(n >= 0);
	told->text[n] = '\0';
	close(told->descriptor);
	return told->text;
}

static void errors_have_a_place_or_the_name(void)
{
	struct sysck_err err;
	struct told told;

	begin(&told, SYSCK_CHARSET_ASCII, true);
	sysck_err_set(&err, -EINVAL, "nothing works");
	told.sink.error(told.sink.context, &err);
	sysck_err_place(&err, slice("/etc/x\n.cfg"), 3, 14);
	told.sink.error(told.sink.context, &err);
	sysck_err_place(&err, slice("/etc/x.cfg"), 0, 0);
	told.sink.error(told.sink.context, &err);
	CU_ASSERT_STRING_EQUAL(end(&told),
			       "tcbck: nothing works\n\"/etc/x\\n.cfg\":3:14: nothing works\n/etc/x.cfg: nothing works\n");
}

static void findings_notes_and_verdicts_are_lines(void)
{
	const struct tcbck_finding finding = {
		.path = slice("/a"), .kind = SYSCK_ATTR_SIZE, .actual = slice("1"), .expected = slice("2")
	};
	const struct tcbck_verdict good = { slice("/a\t"), "mode", "good", slice("755"), slice("rwx") },
				   differs = { slice("/a"), "mode", "differs", slice("w"), slice("p") },
				   unverified = { slice("/a"), "mode", "unverified", slice("w"), slice("why") };
	struct told told;

	begin(&told, SYSCK_CHARSET_UTF8, true);
	told.sink.finding(told.sink.context, &finding, slice("db"));
	told.sink.note(told.sink.context, slice("a note"));
	told.sink.verdict(told.sink.context, &good);
	told.sink.verdict(told.sink.context, &differs);
	told.sink.verdict(told.sink.context, &unverified);
	CU_ASSERT_STRING_EQUAL(end(&told), "/a: size is 1, should be 2\na note\n\"/a\\t\": mode good: rwx\n"
					   "/a: mode differs: is p, should be w\n/a: mode unverified: why\n");
}

/* With -p what was fixed is not told. */
static void what_was_fixed_can_be_left_out(void)
{
	struct tcbck_finding finding = {
		.path = slice("/a"), .kind = SYSCK_ATTR_SIZE, .actual = slice("1"), .expected = slice("2")
	};
	struct tcbck_text_options options = { .charset = SYSCK_CHARSET_UTF8 };
	struct told told = { .descriptor = memfd_create("told", MFD_CLOEXEC) };

	options.descriptor = told.descriptor;
	CU_ASSERT_EQUAL_FATAL(tcbck_text_new(&options, &told.sink), 0);
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		finding.outcome = (enum tcbck_outcome)i;
		told.sink.finding(told.sink.context, &finding, slice("db"));
	}
	CU_ASSERT_STRING_EQUAL(
		end(&told),
		"/a: size is 1, should be 2\n/a: size is 1, should be 2 [refused]\n/a: size is 1, should be 2 [failed]\n"
		"/a: size is 1, should be 2 [left]\n/a: size is 1, should be 2 [database updated]\n");
}

static void coverage_is_told(void)
{
	const struct tcbck_class_count classes[] = { { { "", 0 }, 1 }, { { "a\x1b", 2 }, 2 }, { { "b", 1 }, 0 } };
	const struct sysck_slice symlinked[] = { { "/bin/su", 7 }, { "/a\n", 3 } };
	const struct tcbck_coverage coverage = {
		.classes = classes, .class_count = 3, .symlinked = symlinked, .symlinked_count = 2
	};
	struct told told;

	begin(&told, SYSCK_CHARSET_UTF8, true);
	told.sink.coverage(told.sink.context, &coverage);
	CU_ASSERT_STRING_EQUAL(end(&told), "tcbck: without a class: 1 definition\ntcbck: class \"a\\x1b\": 2 definitions\n"
					   "tcbck: class b: 0 definitions\ntcbck: reached through a symlink: /bin/su\n"
					   "tcbck: reached through a symlink: \"/a\\n\"\n");
}

static void the_tree_is_covered(void)
{
	struct tcbck_mount mounts[] = {
		{ .path = SYSCK_SLICE("/"), .type = SYSCK_SLICE("ext4") },
		{ .path = SYSCK_SLICE("/a\n"), .type = SYSCK_SLICE("\x1b"), .left_out = "treeck_novfs" },
	};
	struct sysck_slice pruned[] = { SYSCK_SLICE("/var/tmp"), SYSCK_SLICE("/b\n") };
	const struct tcbck_tree_coverage tree = { .mounts = { .items = mounts, .count = 2 },
						  .pruned = pruned,
						  .pruned_count = 2 };
	const struct tcbck_coverage coverage = { .tree = &tree };
	struct told told;

	begin(&told, SYSCK_CHARSET_UTF8, true);
	told.sink.coverage(told.sink.context, &coverage);
	CU_ASSERT_STRING_EQUAL(end(&told), "tcbck: file system walked: / (ext4)\n"
					   "tcbck: file system left out: \"/a\\n\" (\"\\x1b\"): treeck_novfs\n"
					   "tcbck: directory not entered: /var/tmp: treeck_nodir\n"
					   "tcbck: directory not entered: \"/b\\n\": treeck_nodir\n");
}

static void the_summary_counts(void)
{
	struct tcbck_summary summary = { .definitions = 1, .objects = 1, .bytes = 999, .seconds = 0.04 };
	struct told told;

	begin(&told, SYSCK_CHARSET_UTF8, true);
	told.sink.summary(told.sink.context, &summary);
	summary = (struct tcbck_summary){ .definitions = 2,
					  .outcomes = { 1, 2, 3, 4, 5, 6 },
					  .unverified = 7,
					  .errors = 1,
					  .bytes = 12345678,
					  .seconds = 61.25 };
	told.sink.summary(told.sink.context, &summary);
	summary = (struct tcbck_summary){ .outcomes = { 1 }, .bytes = UINT64_MAX };
	told.sink.summary(told.sink.context, &summary);
	CU_ASSERT_STRING_EQUAL(
		end(&told),
		"tcbck: 1 definition, 1 object, 0 findings, 0 unverified, 0 errors, 999 bytes read in 0.0 s\n"
		"tcbck: 2 definitions, 0 objects, 21 findings (2 fixed) (3 refused) (4 failed) (5 left) (6 database-updated), "
		"7 unverified, 1 error, 12.3 MB read in 61.2 s\n"
		"tcbck: 0 definitions, 0 objects, 1 finding, 0 unverified, 0 errors, 18446.7 PB read in 0.0 s\n");
	begin(&told, SYSCK_CHARSET_UTF8, false);
	told.sink.summary(told.sink.context, &summary);
	CU_ASSERT_STRING_EQUAL(end(&told), "");
}

void suite_text(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(sentences),
		UNIT_TEST(hostile_bytes_stay_in_one_line),
		UNIT_TEST(errors_have_a_place_or_the_name),
		UNIT_TEST(coverage_is_told),
		UNIT_TEST(the_tree_is_covered),
		UNIT_TEST(the_summary_counts),
		UNIT_TEST(findings_notes_and_verdicts_are_lines),
		UNIT_TEST(what_was_fixed_can_be_left_out),
	};

	unit_add("text", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_buf.c - tests of db/buf.c: slices, the buffer, quoting and escapes, strict numbers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/buf.h>

#include "suites.h"

static bool is(struct sysck_slice s, const char *text)
{
	return sysck_slice_equal(s, sysck_slice_of(text));
}

static void compares_slices(void)
{
	struct sysck_slice none = { NULL, 0 };

	CU_ASSERT_TRUE(sysck_slice_equal(none, SYSCK_SLICE("")));
	CU_ASSERT_TRUE(sysck_slice_equal(SYSCK_SLICE("a\0b"), SYSCK_SLICE("a\0b")));
	CU_ASSERT_FALSE(sysck_slice_equal(SYSCK_SLICE("a\0b"), SYSCK_SLICE("a\0c")));
	CU_ASSERT_EQUAL(sysck_slice_compare(none, SYSCK_SLICE("")), 0);
	CU_ASSERT_TRUE(sysck_slice_compare(none, SYSCK_SLICE("a")) < 0);
	CU_ASSERT_TRUE(sysck_slice_compare(SYSCK_SLICE("ab"), SYSCK_SLICE("a")) > 0);
	CU_ASSERT_TRUE(sysck_slice_compare(SYSCK_SLICE("a\xff"), SYSCK_SLICE("az")) > 0);
	CU_ASSERT_EQUAL(sysck_slice_of(NULL).len, 0);
}

static void knows_keywords_in_any_case(void)
{
	CU_ASSERT_TRUE(sysck_slice_is(SYSCK_SLICE("volatile"), "VOLATILE"));
	CU_ASSERT_TRUE(sysck_slice_is(SYSCK_SLICE("VoLaTiLe"), "VOLATILE"));
	CU_ASSERT_FALSE(sysck_slice_is(SYSCK_SLICE("VOLATIL"), "VOLATILE"));
	CU_ASSERT_FALSE(sysck_slice_is(SYSCK_SLICE("VOLATILEX"), "VOLATILE"));
	CU_ASSERT_FALSE(sysck_slice_is(SYSCK_SLICE("VOLATILE\0"), "VOLATILE"));
	CU_ASSERT_FALSE(sysck_slice_is(SYSCK_SLICE("@"), "`"));
	CU_ASSERT_FALSE(sysck_slice_is(SYSCK_SLICE("["), "{"));
	CU_ASSERT_TRUE(sysck_slice_is((struct sysck_slice){ NULL, 0 }, ""));
}

static void trims_edges_only(void)
{
	CU_ASSERT_TRUE(is(sysck_slice_trim(SYSCK_SLICE(" \t\r\na b\n ")), "a b"));
	CU_ASSERT_TRUE(is(sysck_slice_trim(SYSCK_SLICE(" \r\n")), ""));
	CU_ASSERT_TRUE(is(sysck_slice_trim((struct sysck_slice){ NULL, 0 }), ""));
	CU_ASSERT_TRUE(is(sysck_slice_trim(SYSCK_SLICE("\va\f")), "\va\f"));
}

static void grows(void)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	char expected[5000];
	size_t len = 0;

	for (int i = 0; i < 500; i++) {
		sysck_buf_add_format(&buf, "%d,", i);
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%d,", i);
	}
	CU_ASSERT_EQUAL(buf.len, len);
	CU_ASSERT_EQUAL(memcmp(buf.data, expected, len), 0);
	CU_ASSERT_TRUE(buf.capacity >= buf.len);
	sysck_buf_clear(&buf);
	CU_ASSERT_EQUAL(buf.len, 0);
	CU_ASSERT_PTR_NOT_NULL(buf.data);
	sysck_buf_add(&buf, NULL, 0);
	sysck_buf_add_slice(&buf, (struct sysck_slice){ NULL, 0 });
	sysck_buf_add_text(&buf, "");
	CU_ASSERT_EQUAL(buf.len, 0);
	sysck_buf_add_char(&buf, '\0');
	CU_ASSERT_EQUAL(buf.len, 1);
	CU_ASSERT_EQUAL(sysck_buf_error(&buf), 0);
	sysck_buf_done(&buf);
	CU_ASSERT_PTR_NULL(buf.data);
	sysck_buf_done(&buf);
}

static void keeps_its_error(void)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;

	sysck_buf_add_text(&buf, "kept");
	CU_ASSERT_EQUAL(sysck_buf_reserve(&buf, SIZE_MAX), -ENOMEM);
	CU_ASSERT_EQUAL(sysck_buf_error(&buf), -ENOMEM);
	sysck_buf_add_text(&buf, "not");
	sysck_buf_add_format(&buf, "%s", "not");
	CU_ASSERT_EQUAL(sysck_buf_reserve(&buf, 1), -ENOMEM);
	CU_ASSERT_TRUE(is(sysck_buf_slice(&buf), "kept"));
	sysck_buf_clear(&buf);
	CU_ASSERT_EQUAL(sysck_buf_error(&buf), 0);
	sysck_buf_add_text(&buf, "again");
	CU_ASSERT_TRUE(is(sysck_buf_slice(&buf), "again"));
	sysck_buf_done(&buf);
}

static void knows_what_is_plain(void)
{
	static const struct {
		const char *text;
		bool ascii, utf8;
	} rows[] = {
		{ "", false, false },
		{ "a", true, true },
		{ "a b:c,d*#", true, true },
		{ " a", false, false },
		{ "a ", false, false },
		{ "a\tb", false, false },
		{ "a\"", false, false },
		{ "\\", false, false },
		{ "\x7f", false, false },
		{ "\x1b[31m", false, false },
		{ "\xc3\xa4", false, true },
		{ "\xe2\x82\xac", false, true },
		{ "\xf0\x9f\x99\x82", false, true },
		/* Not UTF-8: alone, overlong, surrogate, beyond Unicode, cut short. */
		{ "\xa4", false, false },
		{ "\xff", false, false },
		{ "\xc0\xaf", false, false },
		{ "\xc1\xbf", false, false },
		{ "\xe0\x80\xaf", false, false },
		{ "\xf0\x80\x80\xaf", false, false },
		{ "\xed\xa0\x80", false, false },
		{ "\xf4\x90\x80\x80", false, false },
		{ "\xf5\x80\x80\x80", false, false },
		{ "\xe2\x82", false, false },
		{ "\xc3", false, false },
		{ "\xc3(", false, false },
		/* Controls: C1, LRM, RLE, RLO, LRI, PDI, line separator, zero width, byte order mark, noncharacters. */
		{ "\xc2\x9b", false, false },
		{ "\xe2\x80\x8e", false, false },
		{ "\xe2\x80\xab", false, false },
		{ "\xe2\x80\xae", false, false },
		{ "\xe2\x81\xa6", false, false },
		{ "\xe2\x81\xa9", false, false },
		{ "\xd8\x9c", false, false },
		{ "\xe2\x80\xa8", false, false },
		{ "\xe2\x80\xa9", false, false },
		{ "\xe2\x80\x8b", false, false },
		{ "\xef\xbb\xbf", false, false },
		{ "\xef\xbf\xbe", false, false },
		{ "\xf3\xa0\x80\xa0", false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(sysck_text_is_plain(sysck_slice_of(rows[i].text), SYSCK_CHARSET_ASCII), rows[i].ascii);
		CU_ASSERT_EQUAL(sysck_text_is_plain(sysck_slice_of(rows[i].text), SYSCK_CHARSET_UTF8), rows[i].utf8);
	}
	CU_ASSERT_FALSE(sysck_text_is_plain(SYSCK_SLICE("a\0"), SYSCK_CHARSET_UTF8));
}

typedef void writer(struct sysck_buf *buf, struct sysck_slice s);

static void quoted(struct sysck_buf *buf, struct sysck_slice s)
{
	sysck_buf_add_quoted(buf, s, SYSCK_CHARSET_UTF8);
}

static void quoted_ascii(struct sysck_buf *buf, struct sysck_slice s)
{
	sysck_buf_add_quoted(buf, s, SYSCK_CHARSET_ASCII);
}

static void escaped(struct sysck_buf *buf, struct sysck_slice s)
{
	sysck_buf_add_escaped(buf, s, SYSCK_CHARSET_ASCII);
}

static bool writes(writer *write, struct sysck_slice s, const char *expected)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	bool same;

	write(&buf, s);
	same = is(sysck_buf_slice(&buf), expected);
	if (!same)
		printf("wrote %.*s, should be %s\n", (int)buf.len, buf.data, expected);
	sysck_buf_done(&buf);
	return same;
}

static void quotes_what_must_be(void)
{
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("/tmp/a b"), "/tmp/a b"));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("/tmp/a\nb"), "\"/tmp/a\\nb\""));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE(""), "\"\""));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE(" a,b "), "\" a,b \""));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("a\"b\\c"), "\"a\\\"b\\\\c\""));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("\0\r\x7f\xff\t"), "\"\\x00\\x0d\\x7f\\xff\\t\""));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("\xc3\xa4"), "\xc3\xa4"));
	CU_ASSERT_TRUE(writes(quoted, SYSCK_SLICE("\xc3\xa4\xe2\x80\xae"), "\"\xc3\xa4\\xe2\\x80\\xae\""));
	CU_ASSERT_TRUE(writes(quoted_ascii, SYSCK_SLICE("\xc3\xa4"), "\"\\xc3\\xa4\""));
	CU_ASSERT_TRUE(writes(escaped, SYSCK_SLICE("a b\"\n"), "a b\\\"\\n"));
	CU_ASSERT_TRUE(writes(escaped, SYSCK_SLICE(""), ""));
}

static void writes_items(void)
{
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE("/a b"), "/a b"));
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE("/a,b"), "\"/a\\,b\""));
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE("  a "), "\"\\x20\\x20a\\x20\""));
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE("   "), "\"\\x20\\x20\\x20\""));
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE("\ta\n"), "\"\\ta\\n\""));
	CU_ASSERT_TRUE(writes(sysck_buf_add_item, SYSCK_SLICE(""), "\"\""));
}

static void quotes_for_messages(void)
{
	char out[SYSCK_QUOTE_MAX], small[16], at_guard[17];
	char text[4096];

	CU_ASSERT_STRING_EQUAL(sysck_quote(SYSCK_SLICE("/etc/passwd"), out, sizeof(out)), "/etc/passwd");
	CU_ASSERT_STRING_EQUAL(sysck_quote(SYSCK_SLICE(""), out, sizeof(out)), "\"\"");
	CU_ASSERT_STRING_EQUAL(sysck_quote(SYSCK_SLICE("a\n\t\"\\\x1b\0"), out, sizeof(out)), "\"a\\n\\t\\\"\\\\\\x1b\\x00\"");
	CU_ASSERT_STRING_EQUAL(sysck_quote(SYSCK_SLICE("\xc3\xa4"), out, sizeof(out)), "\"\\xc3\\xa4\"");
	CU_ASSERT_STRING_EQUAL(sysck_quote(SYSCK_SLICE("abcdef"), small, sizeof(small)), "abcdef");
	/* Cut, never beyond the room, always one terminated line that ends in "...". */
	for (size_t size = 16; size <= 64; size++) {
		for (size_t len = 0; len < 80; len++) {
			for (int kind = 0; kind < 3; kind++) {
				char *room = malloc(size);
				size_t used;

				CU_ASSERT_PTR_NOT_NULL_FATAL(room);
				memset(text, kind == 0 ? 'a' : kind == 1 ? '\x01' : '"', len);
				sysck_quote((struct sysck_slice){ text, len }, room, size);
				used = strlen(room);
				CU_ASSERT_TRUE(used < size);
				if (len > size)
					CU_ASSERT_PTR_NOT_NULL(strstr(room, "..."));
				free(room);
			}
		}
	}
	memset(at_guard, '!', sizeof(at_guard));
	memset(text, '\x01', sizeof(text));
	sysck_quote((struct sysck_slice){ text, sizeof(text) }, at_guard, 16);
	CU_ASSERT_EQUAL(at_guard[16], '!');
}

static int unescape(const char *text, const char *expected, size_t *offset)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	int r = sysck_text_unescape(sysck_slice_of(text), &buf, offset);

	if (r == 0 && !is(sysck_buf_slice(&buf), expected))
		r = 1;
	sysck_buf_done(&buf);
	return r;
}

static void undoes_escapes(void)
{
	static const struct {
		const char *text;
		size_t offset;
	} faults[] = {
		{ "a\\", 1 },   { "\\q", 0 },    { "ab\\x1", 2 }, { "\\x", 0 },   { "\\xg0", 0 },
		{ "\\x0g", 0 }, { "\\\\\\", 2 }, { "\\N", 0 },    { "\\X41", 0 }, { "\\ ", 0 },
	};
	size_t offset = 99;

	CU_ASSERT_EQUAL(unescape("", "", &offset), 0);
	CU_ASSERT_EQUAL(unescape("a b", "a b", &offset), 0);
	CU_ASSERT_EQUAL(unescape("\\\"\\\\\\n\\t\\,\\x41\\xfF", "\"\\\n\t,A\xff", &offset), 0);
	CU_ASSERT_EQUAL(unescape("\\x410", "A0", &offset), 0);
	CU_ASSERT_EQUAL(offset, 99);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		CU_ASSERT_EQUAL(unescape(faults[i].text, "", &offset), -EINVAL);
		CU_ASSERT_EQUAL(offset, faults[i].offset);
	}
}

static void reads_strict_numbers(void)
{
	static const char *const bad[] = { "", "+1", "-1", " 1", "1 ", "0x1", "1a", "1.0", "\xb2" };
	uint64_t value = 42;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(sysck_number_parse(sysck_slice_of(bad[i]), UINT64_MAX, &value), -EINVAL);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("18446744073709551616"), UINT64_MAX, &value), -ERANGE);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("99999999999999999999999999x"), UINT64_MAX, &value), -EINVAL);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("4294967295"), 4294967294u, &value), -ERANGE);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("9"), 7, &value), -ERANGE);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("1"), 0, &value), -ERANGE);
	CU_ASSERT_EQUAL(value, 42);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("18446744073709551615"), UINT64_MAX, &value), 0);
	CU_ASSERT_EQUAL(value, UINT64_MAX);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("000000000000000000000000000007"), 7, &value), 0);
	CU_ASSERT_EQUAL(value, 7);
	CU_ASSERT_EQUAL(sysck_number_parse(SYSCK_SLICE("4294967294"), 4294967294u, &value), 0);
	CU_ASSERT_EQUAL(value, 4294967294u);
	CU_ASSERT_EQUAL(sysck_octal_parse(SYSCK_SLICE("7777"), 07777, &value), 0);
	CU_ASSERT_EQUAL(value, 07777);
	CU_ASSERT_EQUAL(sysck_octal_parse(SYSCK_SLICE("10000"), 07777, &value), -ERANGE);
	CU_ASSERT_EQUAL(sysck_octal_parse(SYSCK_SLICE("8"), 07777, &value), -EINVAL);
	CU_ASSERT_EQUAL(sysck_octal_parse(SYSCK_SLICE("1777777777777777777777"), UINT64_MAX, &value), 0);
	CU_ASSERT_EQUAL(value, UINT64_MAX);
	CU_ASSERT_EQUAL(sysck_octal_parse(SYSCK_SLICE("2000000000000000000000"), UINT64_MAX, &value), -ERANGE);
}

void suite_buf(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(compares_slices),      UNIT_TEST(knows_keywords_in_any_case),
		UNIT_TEST(trims_edges_only),     UNIT_TEST(grows),
		UNIT_TEST(keeps_its_error),      UNIT_TEST(knows_what_is_plain),
		UNIT_TEST(quotes_what_must_be),  UNIT_TEST(writes_items),
		UNIT_TEST(quotes_for_messages),  UNIT_TEST(undoes_escapes),
		UNIT_TEST(reads_strict_numbers),
	};

	unit_add("buf", tests, sizeof(tests) / sizeof(tests[0]));
}

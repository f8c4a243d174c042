/*
 * test_stanza.c - tests of db/stanza.c: lines, names, quotes, lists, faults with their places, and edits.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/stanza.h>

#include "suites.h"

/* A text that was parsed, and the errors in it, a line each. */
struct parsed {
	struct sysck_text text;
	struct sysck_arena arena;
	struct sysck_err err;
	char errors[4096];
};

static void note(void *context, const struct sysck_err *err)
{
	struct parsed *parsed = context;
	size_t used = strlen(parsed->errors);

	(void)snprintf(parsed->errors + used, sizeof(parsed->errors) - used, "%u:%u: %s\n", err->line, err->column, err->text);
}

static struct parsed *parse_bytes(struct sysck_slice bytes)
{
	struct parsed *parsed = calloc(1, sizeof(*parsed));
	struct sysck_err_sink sink = { note, parsed };

	CU_ASSERT_PTR_NOT_NULL_FATAL(parsed);
	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(bytes, SYSCK_SLICE("f"), &sink, &parsed->text, &parsed->err), 0);
	return parsed;
}

static struct parsed *parse(const char *text)
{
	return parse_bytes(sysck_slice_of(text));
}

static void done(struct parsed *parsed)
{
	sysck_text_done(&parsed->text);
	sysck_arena_done(&parsed->arena);
	free(parsed);
}

/* `NAME(attribute=raw value;bare;...)` of each stanza, to be compared with what it should be. */
static bool reads(const char *text, const char *expected, const char *errors)
{
	struct parsed *parsed = parse(text);
	struct sysck_buf buf = SYSCK_BUF_INIT;
	bool good;

	for (size_t i = 0; i < parsed->text.count; i++) {
		const struct sysck_stanza *stanza = &parsed->text.stanzas[i];
		struct sysck_cursor cursor = { 0, 0 };
		struct sysck_line line;

		sysck_buf_add_escaped(&buf, sysck_stanza_name(&parsed->text, stanza), SYSCK_CHARSET_ASCII);
		sysck_buf_add_text(&buf, stanza->faulty ? "!(" : "(");
		while (sysck_stanza_next(&parsed->text, stanza, &cursor, &line)) {
			sysck_buf_add_slice(&buf, line.name);
			if (!line.bare)
				sysck_buf_add_char(&buf, '=');
			sysck_buf_add_escaped(&buf, line.value, SYSCK_CHARSET_ASCII);
			sysck_buf_add_char(&buf, ';');
		}
		sysck_buf_add_char(&buf, ')');
	}
	good = sysck_slice_equal(sysck_buf_slice(&buf), sysck_slice_of(expected)) && strcmp(parsed->errors, errors) == 0;
	if (!good)
		printf("%s\nread as %.*s\nnot as  %s\nerrors: %s", text, (int)buf.len, buf.data, expected, parsed->errors);
	sysck_buf_done(&buf);
	done(parsed);
	return good;
}

static void reads_stanzas(void)
{
	CU_ASSERT_TRUE(reads("", "", ""));
	CU_ASSERT_TRUE(reads("\n\n  \n* only\n\t# comments", "", ""));
	CU_ASSERT_TRUE(
		reads("* comment\nsysck:\n\ttreeck_novfs = /backup,/scratch\n\n/usr/bin/passwd:\n\ttype = FILE\n* inside\n"
		      "\tmode = SUID,rwxr-xr-x\n\tsize\n\tclass =\n",
		      "sysck(treeck_novfs=/backup,/scratch;)/usr/bin/passwd(type=FILE;mode=SUID,rwxr-xr-x;size;class=;)", ""));
	/* Up to the next name, without a blank line; a stanza of nothing. */
	CU_ASSERT_TRUE(reads("/a:\n/b:\nx=1\n/c:", "/a()/b(x=1;)/c()", ""));
	/* A comment ends nothing. */
	CU_ASSERT_TRUE(reads("/a:\n#c\nx = 1\n *d\ny = 2\n", "/a(x=1;y=2;)", ""));
}

static void accepts_any_layout(void)
{
	CU_ASSERT_TRUE(reads("   /a:  \n x=1\n\t\ty  =  2  \nz =3\t", "/a(x=1;y=2;z=3;)", ""));
	CU_ASSERT_TRUE(
		reads("/a:\r\n\tx = 1\r\n\ty\r\n\tz =\r\n\r\n/b:\r\n\tx = \"q\"\r\n", "/a(x=1;y;z=;)/b(x=\\\"q\\\";)", ""));
	CU_ASSERT_TRUE(reads("/a:\n\tx = 1\n \t\r\n/b:\n", "/a(x=1;)/b()", ""));
	/* A blank line of any kind ends the stanza. */
	CU_ASSERT_TRUE(reads("/a:\n\tx = 1\n \t\r\n\ty = 2\n", "/a(x=1;)",
			     "4:2: expected the name of a stanza before its attributes\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx == 1\n\ty = a = b\n\tz = /b:\n", "/a(x== 1;y=a = b;z=/b:;)", ""));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \xff\x01\n", "/a(x=\\xff\\x01;)", ""));
}

static void reads_names(void)
{
	CU_ASSERT_TRUE(reads("/a:b:\n/c::\n/d :\n/e = f:\n/g: h:\n", "/a:b()/c:()/d()/e = f()/g: h()", ""));
	CU_ASSERT_TRUE(reads("\"/tmp/a\\nb\":\n\tx = 1\n\"/\\x00\\xff\\,\\t\\\"\\\\ \":\n\"sysck\" :\n",
			     "/tmp/a\\nb(x=1;)/\\x00\\xff,\\t\\\"\\\\ ()sysck()", ""));
	CU_ASSERT_TRUE(reads("/\xc3\xa4:\n/\xe4:\n", "/\\xc3\\xa4()/\\xe4()", ""));
	/* What a name must be is judged elsewhere. */
	CU_ASSERT_TRUE(reads("relative:\n\"\":\nfoo bar:\n", "relative()()foo bar()", ""));
}

static void faults_of_names(void)
{
	CU_ASSERT_TRUE(reads("/a:\n\tx = 1\n/b\n\tx = 2\n/c:\n\tx = 3\n", "/a(x=1;)/c(x=3;)",
			     "3:3: expected `:' after the name of the stanza\n"));
	CU_ASSERT_TRUE(reads("\"/b:\n\tx = 2\n", "", "1:1: the quote is not closed on its line\n"));
	CU_ASSERT_TRUE(reads("\"/b\": x\n\tx = 2\n", "", "1:5: expected `:' and the end of the line after the name\n"));
	CU_ASSERT_TRUE(reads("\"/b\"\n\tx = 2\n", "", "1:5: expected `:' and the end of the line after the name\n"));
	CU_ASSERT_TRUE(reads("/a\"b:\n/a\\b:\n/a\x01:\n", "",
			     "1:3: a name with a control character, quote or backslash must be in double quotes\n"
			     "2:3: a name with a control character, quote or backslash must be in double quotes\n"
			     "3:3: a name with a control character, quote or backslash must be in double quotes\n"));
	CU_ASSERT_TRUE(reads("/ok:\n\n  \"/a\\q\":\n\tx = 1\n", "/ok()", "3:6: expected one of \\\" \\\\ \\n \\t \\, \\xHH\n"));
	CU_ASSERT_TRUE(reads(":\n", "", "1:1: expected a name before `:'\n"));
}

static void faults_of_lines(void)
{
	CU_ASSERT_TRUE(reads("\tx = 1\n\ty\n", "",
			     "1:2: expected the name of a stanza before its attributes\n"
			     "2:2: expected the name of a stanza before its attributes\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = 1\n\t= 2\n\ty z\n\t? = 1\n\tw = 4\n", "/a!(x=1;w=4;)",
			     "3:2: expected `attribute = value'\n"
			     "4:4: expected `attribute = value'\n"
			     "5:2: expected `attribute = value'\n"));
}

static void faults_of_quotes(void)
{
	/* A quote that is left open costs its own line, not what follows. */
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\n\ty = 2\n\n/b:\n\tx = \"1\"\n", "/a!(y=2;)/b(x=\\\"1\\\";)",
			     "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\n\ty = 2\n/b:\n\tx = \"1\"\n", "/a!(y=2;)/b(x=\\\"1\\\";)",
			     "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(
		reads("/a:\n\tx = \"1\n\ty = 2\n\"/b\":\n\tx = 1\n", "/a!(y=2;)/b(x=1;)", "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\n\ty = 2", "/a!(y=2;)", "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\\\"\n", "/a!()", "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\\", "/a!()", "2:6: the quote is not closed\n"));
	CU_ASSERT_TRUE(reads("/a:\n\tx = 1,\"2\n", "/a!()", "2:8: the quote is not closed\n"));
	/* A quote that opens nothing concerns its own line only. */
	CU_ASSERT_TRUE(reads("/a:\n\tx = 6\" nails\n\ty = 7\" nails\n", "/a(x=6\\\" nails;y=7\\\" nails;)", ""));
}

static void values_run_over_lines(void)
{
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"/1,\n\t\t/2,\n  /3\"  \n\ty = 2\n/b:\n",
			     "/a(x=\\\"/1,\\n\\t\\t/2,\\n  /3\\\";y=2;)/b()", ""));
	CU_ASSERT_TRUE(reads("/a:\r\n\tx = \"/1,\r\n\t\t/2\"\r\n\ty\r\n", "/a(x=\\\"/1,\\x0d\\n\\t\\t/2\\\";y;)", ""));
	CU_ASSERT_TRUE(reads("/a:\n\tx = \"1\\\n\" , \"2\n# no comment\"\n\ty\n",
			     "/a(x=\\\"1\\\\\\n\\\" , \\\"2\\n# no comment\\\";y;)", ""));
	CU_ASSERT_TRUE(reads("/a:\n\tx = /1, \"2\n/b\"\n\ty", "/a(x=/1, \\\"2\\n/b\\\";y;)", ""));
	/* Lines are counted through them. */
	CU_ASSERT_TRUE(
		reads("/a:\n\tx = \"1\n2\n3\"\n\t?\n", "/a!(x=\\\"1\\n2\\n3\\\";)", "5:2: expected `attribute = value'\n"));
}

static void places_lines(void)
{
	struct parsed *parsed = parse("\n  /a:\n\tx = \"1\n2\"\n\t  abc  =  d\n\te\n");
	const struct sysck_stanza *stanza = &parsed->text.stanzas[0];
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;
	struct sysck_err err;

	CU_ASSERT_EQUAL(stanza->line, 2);
	CU_ASSERT_EQUAL(stanza->begin, 1);
	CU_ASSERT_EQUAL(stanza->end, parsed->text.bytes.len);
	CU_ASSERT_TRUE(sysck_stanza_next(&parsed->text, stanza, &cursor, &line));
	CU_ASSERT_EQUAL(line.line, 3);
	CU_ASSERT_EQUAL(line.column, 2);
	CU_ASSERT_EQUAL(line.value_column, 6);
	CU_ASSERT_TRUE(sysck_stanza_next(&parsed->text, stanza, &cursor, &line));
	CU_ASSERT_EQUAL(line.line, 5);
	CU_ASSERT_EQUAL(line.column, 4);
	CU_ASSERT_EQUAL(line.value_column, 12);
	sysck_err_set(&err, -EINVAL, "x");
	sysck_line_place(&parsed->text, &line, true, &err);
	CU_ASSERT_STRING_EQUAL(err.file, "f");
	CU_ASSERT_EQUAL(err.line, 5);
	CU_ASSERT_EQUAL(err.column, 12);
	sysck_line_place(&parsed->text, &line, false, &err);
	CU_ASSERT_EQUAL(err.column, 4);
	CU_ASSERT_TRUE(sysck_stanza_next(&parsed->text, stanza, &cursor, &line));
	CU_ASSERT_TRUE(line.bare);
	sysck_line_place(&parsed->text, &line, true, &err);
	CU_ASSERT_EQUAL(err.line, 6);
	CU_ASSERT_EQUAL(err.column, 2);
	CU_ASSERT_FALSE(sysck_stanza_next(&parsed->text, stanza, &cursor, &line));
	CU_ASSERT_FALSE(sysck_stanza_next(&parsed->text, stanza, &cursor, &line));
	done(parsed);
}

static struct sysck_line first_line(const struct parsed *parsed)
{
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line = { .line = 0 };

	CU_ASSERT_EQUAL_FATAL(parsed->text.count, 1);
	CU_ASSERT_TRUE_FATAL(sysck_stanza_next(&parsed->text, &parsed->text.stanzas[0], &cursor, &line));
	return line;
}

/* What `x = RAW` is: its text, or for an error `LINE:COLUMN`. */
static bool value_is(const char *raw, const char *expected)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_slice value = { NULL, 0 };
	struct parsed *parsed;
	struct sysck_line line;
	bool good;

	sysck_buf_add_format(&buf, "/a:\n\tx = %s", raw);
	parsed = parse_bytes(sysck_buf_slice(&buf));
	line = first_line(parsed);
	if (sysck_line_value(&parsed->text, &line, &parsed->arena, &value, &parsed->err) < 0) {
		CU_ASSERT_PTR_NULL(value.data);
		(void)snprintf(parsed->errors, sizeof(parsed->errors), "%u:%u", parsed->err.line, parsed->err.column);
		value = sysck_slice_of(parsed->errors);
	}
	good = sysck_slice_equal(value, sysck_slice_of(expected));
	if (!good)
		printf("%s reads as %.*s, not %s\n", raw, (int)value.len, value.data, expected);
	done(parsed);
	sysck_buf_done(&buf);
	return good;
}

static void reads_values(void)
{
	CU_ASSERT_TRUE(value_is("", ""));
	CU_ASSERT_TRUE(value_is("\"\"", ""));
	CU_ASSERT_TRUE(value_is("a, b", "a, b"));
	CU_ASSERT_TRUE(value_is("a\\nb", "a\\nb"));
	CU_ASSERT_TRUE(value_is("\"12345    67\"", "12345    67"));
	CU_ASSERT_TRUE(value_is("\" a,b \"", " a,b "));
	CU_ASSERT_TRUE(value_is("\"a\\n\\t\\\"\\\\\\,\\x41\"  \n", "a\n\t\"\\,A"));
	CU_ASSERT_TRUE(value_is("\"a\nb\"\n", "a\nb"));
	CU_ASSERT_TRUE(value_is("a\"b\"", "2:7"));
	CU_ASSERT_TRUE(value_is("\"a\"b", "2:9"));
	CU_ASSERT_TRUE(value_is("\"a\",b", "2:9"));
	CU_ASSERT_TRUE(value_is("\"a\\q\"", "2:8"));
	CU_ASSERT_TRUE(value_is("\"a\n b\\x4\"", "3:3"));
	CU_ASSERT_TRUE(value_is("\"a\\ \"", "2:8"));
}

/* What `x = RAW` is as a list: its items, each followed by `|`, or `LINE:COLUMN`. */
static bool items_are(const char *raw, bool blanks, const char *expected)
{
	struct sysck_buf buf = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	struct sysck_list list = { NULL, 99 };
	struct parsed *parsed;
	struct sysck_line line;
	bool good;

	sysck_buf_add_format(&buf, "/a:\n\tx = %s", raw);
	parsed = parse_bytes(sysck_buf_slice(&buf));
	line = first_line(parsed);
	if (sysck_line_list(&parsed->text, &line, blanks, &parsed->arena, &list, &parsed->err) < 0) {
		CU_ASSERT_EQUAL(list.count, 99);
		sysck_buf_add_format(&out, "%u:%u", parsed->err.line, parsed->err.column);
		list.count = 0;
	}
	for (size_t i = 0; i < list.count; i++) {
		sysck_buf_add_slice(&out, list.items[i]);
		sysck_buf_add_char(&out, '|');
	}
	good = sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(expected));
	if (!good)
		printf("%s reads as %.*s, not %s\n", raw, (int)out.len, out.data, expected);
	done(parsed);
	sysck_buf_done(&out);
	sysck_buf_done(&buf);
	return good;
}

static void reads_lists(void)
{
	static const struct {
		const char *raw, *items, *blank_items;
	} rows[] = {
		{ "", "", "" },
		{ "\"\"", "", "" },
		{ "/a", "/a|", "/a|" },
		{ "/a,/b", "/a|/b|", "/a|/b|" },
		{ "/a ,  /b", "/a|/b|", "/a|/b|" },
		{ "/a b,/c", "/a b|/c|", "/a|b|/c|" },
		{ "\"/a,/b\"", "/a|/b|", "/a|/b|" },
		{ "\"/a\",\"/b\"", "/a|/b|", "/a|/b|" },
		{ "\"/a\" , /b", "/a|/b|", "/a|/b|" },
		{ "/a,\"/b,/c\",/d", "/a|/b|/c|/d|", "/a|/b|/c|/d|" },
		{ "\"/a\\,b\"", "/a,b|", "/a,b|" },
		{ "\"/a\\\\,b\"", "/a\\|b|", "/a\\|b|" },
		{ "\" /a , /b \"", "/a|/b|", "/a|/b|" },
		{ "\"\\x20a\\x20\"", " a |", " a |" },
		{ "\"a\\x20b\"", "a b|", "a b|" },
		{ "\"a\\n,\\t\"", "a\n|\t|", "a\n|\t|" },
		{ "\"/a,\n\t/b\"", "/a|/b|", "/a|/b|" },
		{ "\"/a,\r\n\t/b\r\n\"\n", "/a|/b|", "/a|/b|" },
		{ "a\\,b", "a\\|b|", "a\\|b|" },
		/* Blanks separate, where they may. */
		{ "a b  c\td", "a b  c\td|", "a|b|c|d|" },
		{ "\"a b\nc\"", "a b\nc|", "a|b|c|" },
		{ "\"a\n\t,b\"", "a|b|", "a|b|" },
		{ "a , b ,c", "a|b|c|", "a|b|c|" },
		{ "\"a\" \"b\"", "2:10", "a|b|" },
		{ "a \"b c\"", "2:8", "a|b|c|" },
		{ "\"a\" b,c", "2:10", "a|b|c|" },
		/* An empty item is an error, wherever it is. */
		{ ",", "2:6", "2:6" },
		{ "a,", "2:8", "2:8" },
		{ ",a", "2:6", "2:6" },
		{ "a,,b", "2:8", "2:8" },
		{ "a, ,b", "2:9", "2:9" },
		{ "\"a,,b\"", "2:9", "2:9" },
		{ "\"a,\"", "2:9", "2:9" },
		{ "\",a\"", "2:7", "2:7" },
		{ "a,\"\"", "2:9", "2:9" },
		{ "\"\",a", "2:7", "2:7" },
		{ "\" \"", "2:7", "2:7" },
		{ "a,\" \"", "2:9", "2:9" },
		/* Quotes in the wrong place, faulty escapes. */
		{ "a\"b\"", "2:7", "2:7" },
		{ "\"a\"b", "2:9", "2:9" },
		{ "/a,\"b\"\"c\"", "2:12", "2:12" },
		{ "\"a,\\q\"", "2:9", "2:9" },
		{ "\"a,\n\\x4g\"", "3:1", "3:1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_TRUE(items_are(rows[i].raw, false, rows[i].items));
		CU_ASSERT_TRUE(items_are(rows[i].raw, true, rows[i].blank_items));
	}
}

static void limits_lists(void)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;

	for (unsigned extra = 0; extra < 2; extra++) {
		struct sysck_list list = { NULL, 0 };
		struct parsed *parsed;
		struct sysck_line line;

		sysck_buf_clear(&buf);
		sysck_buf_add_text(&buf, "/a:\n\tx = a");
		for (unsigned i = 1; i < SYSCK_LIST_MAX + extra; i++)
			sysck_buf_add_text(&buf, ",a");
		parsed = parse_bytes(sysck_buf_slice(&buf));
		line = first_line(parsed);
		CU_ASSERT_EQUAL(sysck_line_list(&parsed->text, &line, false, &parsed->arena, &list, &parsed->err),
				extra == 0 ? 0 : -E2BIG);
		CU_ASSERT_EQUAL(list.count, extra == 0 ? SYSCK_LIST_MAX : 0);
		done(parsed);
	}
	sysck_buf_done(&buf);
}

static void limits_names_and_texts(void)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_text text = { .count = 77 };
	struct sysck_err err;

	for (unsigned extra = 0; extra < 2; extra++) {
		struct parsed *parsed;

		sysck_buf_clear(&buf);
		sysck_buf_add_char(&buf, '/');
		for (unsigned i = 1; i < SYSCK_NAME_MAX + extra; i++)
			sysck_buf_add_char(&buf, 'a');
		sysck_buf_add_text(&buf, ":\n\tx = 1\n\n/b:\n");
		parsed = parse_bytes(sysck_buf_slice(&buf));
		CU_ASSERT_EQUAL(parsed->text.count, 2 - extra);
		CU_ASSERT_STRING_EQUAL(parsed->errors, extra == 0 ? "" : "1:1: the name is longer than 1,048,576 bytes\n");
		CU_ASSERT_EQUAL(parsed->text.errors, extra);
		done(parsed);
	}
	CU_ASSERT_EQUAL(sysck_text_parse((struct sysck_slice){ buf.data, (size_t)SYSCK_TEXT_MAX + 1 }, SYSCK_SLICE("f"), NULL,
					 &text, &err),
			-EFBIG);
	CU_ASSERT_EQUAL(err.code, -EFBIG);
	CU_ASSERT_STRING_EQUAL(err.file, "f");
	CU_ASSERT_EQUAL(text.count, 77);
	sysck_buf_done(&buf);
}

static void reads_arguments(void)
{
	static const char *const bad[] = {
		"",        "=1", "\"x\" = 1", "x y", "/a:",       "* c",          "x = 1\ny = 2", "x\ny",
		"x = \"1", "x:", "\n",        " ",   "x = 1\n\n", "x = \"1\"\n#", "\nx = 1",
	};
	struct sysck_line line = { .line = 77 };
	struct sysck_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(sysck_line_parse(sysck_slice_of(bad[i]), &line, &err), -EINVAL);
	CU_ASSERT_EQUAL(line.line, 77);
	CU_ASSERT_EQUAL(sysck_line_parse(SYSCK_SLICE("mode=rwxr-xr-x"), &line, &err), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(line.name, SYSCK_SLICE("mode")));
	CU_ASSERT_TRUE(sysck_slice_equal(line.value, SYSCK_SLICE("rwxr-xr-x")));
	CU_ASSERT_FALSE(line.bare);
	CU_ASSERT_EQUAL(sysck_line_parse(SYSCK_SLICE("mode"), &line, &err), 0);
	CU_ASSERT_TRUE(line.bare);
	CU_ASSERT_EQUAL(sysck_line_parse(SYSCK_SLICE("mode="), &line, &err), 0);
	CU_ASSERT_FALSE(line.bare);
	CU_ASSERT_EQUAL(line.value.len, 0);
	CU_ASSERT_EQUAL(sysck_line_parse(SYSCK_SLICE("links = \"/a\n/b\""), &line, &err), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(line.value, SYSCK_SLICE("\"/a\n/b\"")));
	CU_ASSERT_EQUAL(sysck_line_parse(SYSCK_SLICE("x = \"1"), &line, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.text, "column 5: the quote is not closed");
}

/* Edits the first stanza of a text by `NAME=VALUE`, or `-NAME`, each; compares the stanza. */
static bool edits(const char *text, const char *const *changes, const char *expected)
{
	struct parsed *parsed = parse(text);
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct sysck_edit list[8];
	size_t count = 0;
	bool good;

	for (; changes[count] != NULL; count++) {
		bool remove = changes[count][0] == '-';
		const char *name = changes[count] + remove, *equals = strchrnul(name, '=');

		list[count] = (struct sysck_edit){
			.name = { name, (size_t)(equals - name) },
			.value = sysck_slice_of(*equals == '\0' ? equals : equals + 1),
			.remove = remove,
		};
	}
	sysck_stanza_edit(&parsed->text, &parsed->text.stanzas[0], list, count, &out);
	good = sysck_buf_error(&out) == 0 && sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(expected));
	if (!good)
		printf("%s\nbecame\n%.*s\nnot\n%s\n", text, (int)out.len, out.data, expected);
	sysck_buf_done(&out);
	done(parsed);
	return good;
}

#define EDITS(text, expected, ...) edits(text, (const char *const[]){ __VA_ARGS__, NULL }, expected)

static void edits_in_place(void)
{
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n\ty = 2\n", "/a:\n\tx = 3\n\ty = 2\n", "x=3"));
	CU_ASSERT_TRUE(EDITS(" /a :\n * c\n  x=1  \n\ty  =\t2\t\n", " /a :\n * c\n  x=3  \n\ty  =\t44\t\n", "y=44", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\r\n\tx = 1\r\n\ty = 2\r\n", "/a:\r\n\tx = 3\r\n\ty = 2\r\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = \"1,\n\t2\"\n\ty = 2\n", "/a:\n\tx = 3\n\ty = 2\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n", "/a:\n\tx = \"1,\n\t2\"\n", "x=\"1,\n\t2\""));
	/* The last newline that was missing is still missing, unless a line must follow. */
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1", "/a:\n\tx = 3", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1", "/a:\n\tx = 3\n\ty = 4\n", "x=3", "y=4"));
	CU_ASSERT_TRUE(EDITS("/a:", "/a:\n\ty = 4\n", "y=4"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1", "/a:\n", "-x"));
	/* Nothing but the stanza. */
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n* c\n\n/b:\n\tx = 1\n", "/a:\n\tx = 3\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n", "/a:\n\tx = 1\n", "-y"));
	/* Names are known in their own case only. */
	CU_ASSERT_TRUE(EDITS("/a:\n\tX = 1\n", "/a:\n\tX = 1\n\tx = 3\n", "x=3"));
}

static void edits_empty_and_bare(void)
{
	CU_ASSERT_TRUE(EDITS("/a:\n\tx =\n", "/a:\n\tx = 3\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx=\n", "/a:\n\tx= 3\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 3\n", "/a:\n\tx =\n", "x="));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx=3\r\n", "/a:\n\tx=\r\n", "x="));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx\n", "/a:\n\tx = 3\n", "x=3"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx\r\n", "/a:\n\tx =\r\n", "x="));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx", "/a:\n\tx = 3", "x=3"));
}

static void adds_and_removes(void)
{
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n\n", "/a:\n\tx = 1\n\ty = 2\n\tz =\n", "y=2", "z="));
	CU_ASSERT_TRUE(EDITS("/a:\r\n    x = 1\r\n", "/a:\r\n    x = 1\r\n\ty = 2\r\n", "y=2"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = \"1\n2\"\n#c\n\ty = 2\n", "/a:\n#c\n\ty = 2\n", "-x"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n\ty = 2\n\tx = 3\n", "/a:\n\ty = 2\n", "-x"));
	CU_ASSERT_TRUE(EDITS("/a:\n\tx = 1\n\ty = 2\n\tx = 3\n", "/a:\n\tx = 4\n\ty = 2\n", "x=4"));
}

static void writes_stanzas(void)
{
	static const struct sysck_edit list[] = {
		{ { "class", 5 }, { "", 0 }, false },
		{ { "mode", 4 }, { "rw-r--r--", 9 }, false },
		{ { "owner", 5 }, { "", 0 }, true },
	};
	struct sysck_buf out = SYSCK_BUF_INIT;

	sysck_stanza_write(SYSCK_SLICE("/a:b"), list, 3, &out);
	sysck_stanza_write(SYSCK_SLICE("/a\nb "), list, 0, &out);
	sysck_stanza_write(SYSCK_SLICE("/\xc3\xa4\xff"), list + 1, 1, &out);
	CU_ASSERT_TRUE(
		sysck_slice_equal(sysck_buf_slice(&out), SYSCK_SLICE("/a:b:\n\tclass =\n\tmode = rw-r--r--\n\"/a\\nb \":\n"
								     "\"/\xc3\xa4\\xff\":\n\tmode = rw-r--r--\n")));
	sysck_buf_done(&out);
}

void suite_stanza(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(reads_stanzas),         UNIT_TEST(accepts_any_layout), UNIT_TEST(reads_names),
		UNIT_TEST(faults_of_names),       UNIT_TEST(faults_of_lines),    UNIT_TEST(faults_of_quotes),
		UNIT_TEST(values_run_over_lines), UNIT_TEST(places_lines),       UNIT_TEST(reads_values),
		UNIT_TEST(reads_lists),           UNIT_TEST(limits_lists),       UNIT_TEST(limits_names_and_texts),
		UNIT_TEST(reads_arguments),       UNIT_TEST(edits_in_place),     UNIT_TEST(edits_empty_and_bare),
		UNIT_TEST(adds_and_removes),      UNIT_TEST(writes_stanzas),
	};

	unit_add("stanza", tests, sizeof(tests) / sizeof(tests[0]));
}

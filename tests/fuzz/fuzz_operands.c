/*
 * fuzz_operands.c - any bytes as operands of -a, and through quotes and escapes and back.
 *
 * NUL separates the operands. What is accepted must come to a stanza that has just these attributes, and reads.
 */
#include "must.h"

#include <errno.h>

#include "repair/adopt.h"

#define OPERANDS_MAX 32

static void count_error(void *context, const struct sysck_err *err)
{
	must(err->code < 0 && err->text[0] != '\0', "an error without a text");
	for (const char *p = err->text; *p != '\0'; p++)
		must(*p >= ' ' && *p < 0x7f, "an unprintable byte in an error");
	(*(int *)context)++;
}

/* The values stand in the stanza as they were given: none of them ends its line, or the stanza. */
static void write_stanza(const struct tcbck_request *request)
{
	struct sysck_edit edits[SYSCK_ATTR_COUNT];
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct sysck_text text;
	struct sysck_line line;
	size_t count = 0, errors = 0;

	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if ((request->given & SYSCK_ATTR_BIT(i)) != 0)
			edits[count++] = (struct sysck_edit){ sysck_slice_of(sysck_attr_name((enum sysck_attr)i)),
							      request->values[i], false };
	sysck_stanza_write(SYSCK_SLICE("/x"), edits, count, &out);
	sysck_buf_add_text(&out, "\n/y:\n\ttype = FILE\n");
	must(sysck_text_parse(sysck_buf_slice(&out), SYSCK_SLICE("f"), NULL, &text, NULL) == 0, "does not parse");
	errors = text.errors;
	must(errors == 0 && text.count == 2, "an operand breaks its stanza");
	for (size_t i = 0; i < count; i++) {
		must(sysck_stanza_next(&text, &text.stanzas[0], &cursor, &line), "an attribute is lost");
		must(!line.bare && sysck_slice_equal(line.name, edits[i].name) && sysck_slice_equal(line.value, edits[i].value),
		     "an attribute has another value");
	}
	must(!sysck_stanza_next(&text, &text.stanzas[0], &cursor, &line), "an operand smuggles an attribute in");
	sysck_text_done(&text);
	sysck_buf_done(&out);
}

static void read_operands(struct sysck_slice rest, struct sysck_names *names)
{
	struct sysck_slice operands[OPERANDS_MAX];
	struct tcbck_request request = { 0 };
	int r, errors = 0;
	const struct sysck_err_sink sink = { count_error, &errors };
	size_t count = 0;

	while (count < OPERANDS_MAX && must_next(&rest, &operands[count]))
		count++;
	r = tcbck_adopt_operands(operands, count, names, &sink, &request);
	must(r >= 0 && r == errors, "wrong operands are not counted");
	must((request.computed & request.given) == 0 && (request.given & request.removed) == 0 &&
		     (request.computed & request.removed) == 0,
	     "an attribute is asked for in two ways");
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		must((request.computed & SYSCK_ATTR_BIT(i)) == 0 || sysck_attr_is_computable((enum sysck_attr)i),
		     "computed, though it can't be");
	if (r > 0)
		return;
	must((size_t)__builtin_popcount(request.computed | request.given | request.removed) == count, "an operand is lost");
	write_stanza(&request);
}

/* Escaped, then unescaped: the same bytes; and nothing in between that is more than one printable line. */
static void escape(struct sysck_slice bytes, enum sysck_charset charset)
{
	struct sysck_buf escaped = SYSCK_BUF_INIT, back = SYSCK_BUF_INIT, quoted = SYSCK_BUF_INIT;
	size_t offset = 0;

	sysck_buf_add_escaped(&escaped, bytes, charset);
	for (size_t i = 0; i < escaped.len; i++)
		must((unsigned char)escaped.data[i] >= ' ' && escaped.data[i] != 0x7f &&
			     (charset == SYSCK_CHARSET_UTF8 || (unsigned char)escaped.data[i] < 0x7f),
		     "an unprintable byte in what was escaped");
	must(sysck_text_unescape(sysck_buf_slice(&escaped), &back, &offset) == 0, "what was escaped does not unescape");
	must(sysck_slice_equal(bytes, sysck_buf_slice(&back)), "unescapes as other bytes");
	sysck_buf_add_quoted(&quoted, bytes, charset);
	must(sysck_text_is_plain(bytes, charset) == sysck_slice_equal(bytes, sysck_buf_slice(&quoted)),
	     "plain text is quoted, or other text is not");
	sysck_buf_done(&escaped);
	sysck_buf_done(&back);
	sysck_buf_done(&quoted);
}

/* In quotes as the value of an attribute, whole and as an item: the same bytes. */
static void quote_value(struct sysck_slice bytes)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_buf whole = SYSCK_BUF_INIT, item = SYSCK_BUF_INIT;
	struct sysck_text text = { .count = 0 };
	struct sysck_slice value;
	struct sysck_list list;
	struct sysck_line line;

	sysck_buf_add_text(&whole, "target = ");
	sysck_buf_add_quoted(&whole, bytes, SYSCK_CHARSET_UTF8);
	text.bytes = sysck_buf_slice(&whole);
	must(sysck_line_parse(text.bytes, &line, NULL) == 0, "a quoted value is no line");
	must(sysck_line_value(&text, &line, &arena, &value, NULL) == 0 && sysck_slice_equal(value, bytes),
	     "a quoted value reads as another one");
	if (bytes.len > 0) {
		sysck_buf_add_text(&item, "class = ");
		sysck_buf_add_item(&item, bytes);
		text.bytes = sysck_buf_slice(&item);
		must(sysck_line_parse(text.bytes, &line, NULL) == 0, "a quoted item is no line");
		must(sysck_line_list(&text, &line, false, &arena, &list, NULL) == 0 && list.count == 1 &&
			     sysck_slice_equal(list.items[0], bytes),
		     "a quoted item reads as another one");
	}
	sysck_arena_done(&arena);
	sysck_buf_done(&whole);
	sysck_buf_done(&item);
}

static void unescape(struct sysck_slice bytes)
{
	struct sysck_buf out = SYSCK_BUF_INIT;
	size_t offset = SIZE_MAX;
	int r = sysck_text_unescape(bytes, &out, &offset);

	must(r == 0 || (r == -EINVAL && offset < bytes.len), "a fault without a place");
	must(out.len <= bytes.len, "unescaped text grew");
	sysck_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sysck_slice bytes = { (const char *)data, size };
	struct sysck_names *names = must_names();
	char quoted[16 + 255];

	read_operands(bytes, names);
	escape(bytes, SYSCK_CHARSET_ASCII);
	escape(bytes, SYSCK_CHARSET_UTF8);
	quote_value(bytes);
	unescape(bytes);
	if (size > 0)
		must(strlen(sysck_quote(bytes, quoted, (size_t)16 + data[0] % 240u)) < (size_t)16 + data[0] % 240u,
		     "a quoted name is longer than its room");
	sysck_names_free(names);
	return 0;
}

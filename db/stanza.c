/*
 * stanza.c - bytes to stanzas and back, lossless.
 *
 * Knows lines, names, quotes and commas; gives stanzas, attribute lines, decoded values, and new bytes for an edited
 * stanza. Must know nothing of what an attribute means, and never change a byte that an edit did not ask for.
 */
#include <sysck/stanza.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A size of that many digits or more makes a definition a large one. */
#define LARGE_DIGITS 9

enum line_kind { LINE_BLANK, LINE_COMMENT, LINE_NAME, LINE_ATTRIBUTE, LINE_BAD };

/* One line of a stanza file, classified. A quoted value makes it run over several physical lines. */
struct raw_line {
	enum line_kind kind;
	uint32_t begin, end; /* with the newline */
	uint32_t next_line;  /* number of the physical line behind it */
	struct sysck_slice name;
	struct sysck_slice value;
	bool bare;
	bool quoted_name;
	const char *fault;     /* LINE_BAD: what was expected */
	uint32_t fault_offset; /* LINE_BAD: where */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Letters, digits, `_' and `-'. Asked for every byte of every attribute's name. */
static bool is_word(char c)
{
	static const bool words[256] = {
		['-'] = true, ['_'] = true, ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
		['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
		['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true,
		['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
		['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true,
		['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
		['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
		['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true
	};

	return words[(unsigned char)c];
}

static void set_fault(struct raw_line *raw, const char *fault, const char *at, const char *data)
{
	raw->kind = LINE_BAD;
	raw->fault = fault;
	raw->fault_offset = (uint32_t)(at - data);
}

/* The byte behind the quote that closes the one at `open`, on the same line; NULL if none does. */
static const char *closing_quote(const char *open, const char *end)
{
	for (const char *p = open + 1; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

/* `"NAME" :` or `NAME:`; [first, last) has no blank at its edges. */
static void read_name(struct raw_line *raw, const char *first, const char *last, const char *data)
{
	raw->kind = LINE_NAME;
	if (*first == '"') {
		const char *close = closing_quote(first, last), *p = close;

		if (close == NULL) {
			set_fault(raw, "the quote is not closed on its line", first, data);
			return;
		}
		while (p < last && is_blank(*p))
			p++;
		if (p + 1 != last || *p != ':') {
			set_fault(raw, "expected `:' and the end of the line after the name", p, data);
			return;
		}
		raw->quoted_name = true;
		raw->name = (struct sysck_slice){ first + 1, (size_t)(close - first) - 2 };
		return;
	}
	if (last[-1] != ':') {
		set_fault(raw, "expected `:' after the name of the stanza", last, data);
		return;
	}
	raw->name = sysck_slice_trim((struct sysck_slice){ first, (size_t)(last - first) - 1 });
	for (size_t i = 0; i < raw->name.len; i++) {
		unsigned char c = (unsigned char)raw->name.data[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
			set_fault(raw, "a name with a control character, quote or backslash must be in double quotes",
				  raw->name.data + i, data);
			return;
		}
	}
	if (raw->name.len == 0)
		set_fault(raw, "expected a name before `:'", first, data);
}

bool sysck_stanza_ends_quote(struct sysck_slice line)
{
	struct sysck_slice text = sysck_slice_trim(line);

	return text.len == 0 || ((*line.data == '/' || *line.data == '"') && text.data[text.len - 1] == ':');
}

static bool ends_open_quote(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return sysck_stanza_ends_quote((struct sysck_slice){ line, (size_t)((newline == NULL ? end : newline) - line) });
}

/* Finds the end of a value that has quotes in it, maybe some lines below. False, with the fault set, if one stays open. */
static bool find_value_end(struct raw_line *raw, const char *data, const char *end, const char **p)
{
	const char *begin = *p, *open = NULL;

	for (; *p < end; (*p)++) {
		if (open == NULL) {
			if (**p == '\n')
				return true;
			/* Elsewhere it is a fault of this line, and must not reach for another one below. */
			if (**p == '"' && (*p == begin || (*p)[-1] == ',' || is_blank((*p)[-1])))
				open = *p;
		} else if (**p == '\\' && *p + 1 < end && (*p)[1] != '\n') {
			(*p)++;
		} else if (**p == '"') {
			open = NULL;
		} else if (**p == '\n') {
			if (*p + 1 < end && ends_open_quote(*p + 1, end))
				break;
			raw->next_line++;
		}
	}
	if (open == NULL)
		return true;
	set_fault(raw, "the quote is not closed", open, data);
	return false;
}

/* `name = value` or `name`; [first, last) is the physical line without edge blanks. */
static void read_attribute(struct raw_line *raw, const char *first, const char *last, const char *data, const char *end)
{
	const char *word = first, *p, *stop;
	uint32_t physical_end = raw->end, physical_next = raw->next_line;

	while (word < last && is_word(*word))
		word++;
	for (p = word; p < last && is_blank(*p); p++)
		;
	if (word == first || (p < last && *p != '=')) {
		if (last[-1] == ':')
			read_name(raw, first, last, data);
		else
			set_fault(raw, "expected `attribute = value'", word == first ? first : p, data);
		return;
	}
	raw->kind = LINE_ATTRIBUTE;
	raw->name = (struct sysck_slice){ first, (size_t)(word - first) };
	raw->bare = p == last;
	raw->value = (struct sysck_slice){ last, 0 };
	if (raw->bare)
		return;
	for (p++; p < last && is_blank(*p); p++)
		;
	if (memchr(p, '"', (size_t)(last - p)) == NULL) {
		raw->value = (struct sysck_slice){ p, (size_t)(last - p) };
		return;
	}
	stop = p;
	if (!find_value_end(raw, data, end, &stop)) {
		raw->end = physical_end;
		raw->next_line = physical_next;
		return;
	}
	raw->end = (uint32_t)(stop - data) + (stop < end);
	raw->value = (struct sysck_slice){ p, (size_t)(stop - p) };
	while (raw->value.len > 0 && is_blank(raw->value.data[raw->value.len - 1]))
		raw->value.len--;
}

/* Classifies the line that begins at `offset`. */
static void read_line(struct sysck_slice bytes, uint32_t offset, uint32_t line, struct raw_line *raw)
{
	const char *data = bytes.data, *end = data + bytes.len, *first = data + offset;
	const char *newline = memchr(first, '\n', (size_t)(end - first)), *last = newline == NULL ? end : newline;

	raw->begin = offset;
	raw->end = (uint32_t)(last - data) + (newline != NULL);
	raw->next_line = line + 1;
	raw->quoted_name = raw->bare = false;
	while (first < last && is_blank(*first))
		first++;
	while (last > first && is_blank(last[-1]))
		last--;
	if (first == last)
		raw->kind = LINE_BLANK;
	else if (*first == '*' || *first == '#')
		raw->kind = LINE_COMMENT;
	else if (*first == '/' || *first == '"')
		read_name(raw, first, last, data);
	else
		read_attribute(raw, first, last, data, end);
}

/* 1-based column of an offset: bytes since the last newline. */
static unsigned column_of(struct sysck_slice bytes, uint32_t offset)
{
	const char *newline = offset == 0 ? NULL : memrchr(bytes.data, '\n', offset);

	return newline == NULL ? offset + 1 : offset - (unsigned)(newline - bytes.data);
}

/* Sets the place of an offset that lies in the lines from `line` on, which begin at `begin`. */
static void place_offset(const struct sysck_text *text, uint32_t begin, unsigned line, uint32_t offset, struct sysck_err *err)
{
	for (const char *p = text->bytes.data + begin; p < text->bytes.data + offset; p++)
		line += *p == '\n';
	sysck_err_place(err, text->file, line, column_of(text->bytes, offset));
}

struct parser {
	struct sysck_text *text;
	const struct sysck_err_sink *errors;
	size_t room;
	bool inside;   /* of a stanza */
	bool skipping; /* the lines of a stanza whose name does not read */
};

static void report(struct parser *parser, const struct raw_line *raw, uint32_t line, uint32_t offset, const char *fault)
{
	struct sysck_err err;

	sysck_err_set(&err, -EINVAL, "%s", fault);
	place_offset(parser->text, raw->begin, line, offset, &err);
	parser->text->errors++;
	sysck_err_report(parser->errors, &err);
}

static int add_stanza(struct parser *parser, const struct raw_line *raw, uint32_t line)
{
	struct sysck_text *text = parser->text;
	struct sysck_stanza *stanza;

	if (text->count == parser->room) {
		size_t room = parser->room < 64 ? 64 : parser->room + parser->room / 2;
		struct sysck_stanza *more = reallocarray(text->stanzas, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		text->stanzas = more;
		parser->room = room;
	}
	stanza = &text->stanzas[text->count++];
	*stanza = (struct sysck_stanza){
		.begin = raw->begin,
		.end = raw->end,
		.line = line,
		.name = (uint32_t)(raw->name.data - text->bytes.data),
		.name_length = (uint32_t)raw->name.len,
	};
	return 0;
}

/* Decodes the quoted name of a line into text->names. 0, -ENOMEM, or 1 when it does not read (reported). */
static int decode_name(struct parser *parser, struct raw_line *raw, uint32_t line, uint32_t *ret_offset)
{
	struct sysck_buf *names = &parser->text->names;
	size_t before = names->len, fault;
	int r = sysck_text_unescape(raw->name, names, &fault);

	if (r == -EINVAL) {
		names->len = before;
		report(parser, raw, line, (uint32_t)((size_t)(raw->name.data - parser->text->bytes.data) + fault),
		       "expected one of \\\" \\\\ \\n \\t \\, \\xHH");
		return 1;
	}
	*ret_offset = (uint32_t)before;
	return r;
}

/* Here, where several threads read, each its piece. */
static void describe_name(const struct sysck_text *text, struct sysck_stanza *stanza)
{
	struct sysck_slice name = sysck_stanza_name(text, stanza);

	stanza->name_hash = sysck_slice_hash(name);
	stanza->name_is_path = sysck_path_check(name, NULL) == 0;
}

static int take_name(struct parser *parser, struct raw_line *raw, uint32_t line)
{
	struct sysck_text *text = parser->text;
	uint32_t decoded = 0;
	int r = 0;

	parser->inside = false;
	parser->skipping = true;
	if (raw->name.len > SYSCK_NAME_MAX) {
		report(parser, raw, line, raw->begin, "the name is longer than 1,048,576 bytes");
		return 0;
	}
	if (raw->quoted_name)
		r = decode_name(parser, raw, line, &decoded);
	if (r != 0)
		return r < 0 ? r : 0;
	r = add_stanza(parser, raw, line);
	if (r < 0)
		return r;
	if (raw->quoted_name) {
		struct sysck_stanza *stanza = &text->stanzas[text->count - 1];

		stanza->name = decoded;
		stanza->name_length = (uint32_t)(text->names.len - decoded);
		stanza->name_decoded = true;
	}
	describe_name(text, &text->stanzas[text->count - 1]);
	parser->inside = true;
	parser->skipping = false;
	return 0;
}

static uint32_t initial_bit(struct sysck_slice name)
{
	char c = name.data[0];

	return UINT32_C(1) << (c >= 'a' && c <= 'z' ? c - 'a' : 26);
}

bool sysck_text_may_have(const struct sysck_text *text, struct sysck_slice attribute)
{
	return (text->initials & initial_bit(attribute)) != 0;
}

static void add_line(struct sysck_stanza *stanza, const struct raw_line *raw)
{
	stanza->end = raw->end;
	if (raw->name.len == 4 && raw->value.len >= LARGE_DIGITS && memcmp(raw->name.data, "size", 4) == 0)
		stanza->is_large = true;
}

static int take_line(struct parser *parser, struct raw_line *raw, uint32_t line)
{
	struct sysck_text *text = parser->text;

	switch (raw->kind) {
	case LINE_BLANK: parser->inside = parser->skipping = false; return 0;
	case LINE_COMMENT: return 0;
	case LINE_NAME: return take_name(parser, raw, line);
	case LINE_ATTRIBUTE:
		text->initials |= initial_bit(raw->name);
		if (parser->inside)
			add_line(&text->stanzas[text->count - 1], raw);
		else if (!parser->skipping)
			report(parser, raw, line, (uint32_t)(raw->name.data - text->bytes.data),
			       "expected the name of a stanza before its attributes");
		return 0;
	case LINE_BAD:
		report(parser, raw, line, raw->fault_offset, raw->fault);
		if (text->bytes.data[raw->begin] == '/' || text->bytes.data[raw->begin] == '"') {
			parser->inside = false;
			parser->skipping = true;
		} else if (parser->inside) {
			text->stanzas[text->count - 1].end = raw->end;
			text->stanzas[text->count - 1].faulty = true;
		}
		return 0;
	}
	return 0;
}

int sysck_text_parse(struct sysck_slice bytes, struct sysck_slice file, const struct sysck_err_sink *errors,
		     struct sysck_text *ret, struct sysck_err *err)
{
	struct sysck_text text = { .file = file, .bytes = bytes, .names = SYSCK_BUF_INIT };
	struct parser parser = { .text = &text, .errors = errors };
	uint32_t offset = 0, line = 1;
	int r = 0;

	if (bytes.len > SYSCK_TEXT_MAX) {
		r = sysck_err_set(err, -EFBIG, "larger than 4 GiB");
		sysck_err_place(err, file, 0, 0);
		return r;
	}
	while (r == 0 && offset < bytes.len) {
		struct raw_line raw;

		read_line(bytes, offset, line, &raw);
		r = take_line(&parser, &raw, line);
		offset = raw.end;
		line = raw.next_line;
	}
	if (r < 0) {
		sysck_text_done(&text);
		return sysck_err_set(err, r, "out of memory");
	}
	text.lines = line - 1;
	*ret = text;
	return 0;
}

void sysck_text_done(struct sysck_text *text)
{
	free(text->stanzas);
	sysck_buf_done(&text->names);
	*text = (struct sysck_text){ .names = SYSCK_BUF_INIT };
}

struct sysck_slice sysck_stanza_name(const struct sysck_text *text, const struct sysck_stanza *stanza)
{
	const char *base = stanza->name_decoded ? text->names.data : text->bytes.data;

	if (stanza->name_length == 0)
		return (struct sysck_slice){ "", 0 };
	return (struct sysck_slice){ base + stanza->name, stanza->name_length };
}

void sysck_stanza_place(const struct sysck_text *text, const struct sysck_stanza *stanza, struct sysck_err *err)
{
	unsigned column = 1;

	while (stanza->begin + column <= stanza->end && is_blank(text->bytes.data[stanza->begin + column - 1]))
		column++;
	sysck_err_place(err, text->file, stanza->line, column);
}

static void fill_line(struct sysck_slice bytes, const struct raw_line *raw, uint32_t line, struct sysck_line *ret)
{
	uint32_t name = (uint32_t)(raw->name.data - bytes.data), value = (uint32_t)(raw->value.data - bytes.data);

	*ret = (struct sysck_line){
		.name = raw->name,
		.value = raw->value,
		.bare = raw->bare,
		.begin = raw->begin,
		.end = raw->end,
		.line = line,
		.column = name - raw->begin + 1,
		.value_column = value - raw->begin + 1,
	};
}

bool sysck_stanza_next(const struct sysck_text *text, const struct sysck_stanza *stanza, struct sysck_cursor *cursor,
		       struct sysck_line *ret)
{
	struct raw_line raw;

	if (cursor->line == 0) {
		/* A name ends with its line. */
		const char *name = text->bytes.data + stanza->begin;
		const char *newline = memchr(name, '\n', stanza->end - stanza->begin);

		cursor->offset = newline == NULL ? stanza->end : stanza->begin + (uint32_t)(newline - name) + 1;
		cursor->line = stanza->line + 1;
	}
	while (cursor->offset < stanza->end) {
		uint32_t line = cursor->line;

		read_line(text->bytes, cursor->offset, line, &raw);
		*cursor = (struct sysck_cursor){ raw.end, raw.next_line };
		if (raw.kind == LINE_ATTRIBUTE) {
			fill_line(text->bytes, &raw, line, ret);
			return true;
		}
	}
	return false;
}

int sysck_line_parse(struct sysck_slice bytes, struct sysck_line *ret, struct sysck_err *err)
{
	struct raw_line raw;

	if (bytes.len > SYSCK_NAME_MAX)
		return sysck_err_set(err, -E2BIG, "the argument is longer than 1,048,576 bytes");
	if (bytes.len == 0)
		return sysck_err_set(err, -EINVAL, "expected `attribute = value'");
	read_line(bytes, 0, 1, &raw);
	if (raw.kind == LINE_BAD && raw.fault != NULL)
		return sysck_err_set(err, -EINVAL, "column %u: %s", raw.fault_offset + 1, raw.fault);
	if (raw.kind != LINE_ATTRIBUTE || raw.end != bytes.len)
		return sysck_err_set(err, -EINVAL, "expected one `attribute' or `attribute=value'");
	fill_line(bytes, &raw, 1, ret);
	return 0;
}

void sysck_line_place(const struct sysck_text *text, const struct sysck_line *line, bool value, struct sysck_err *err)
{
	sysck_err_place(err, text->file, line->line, value && !line->bare ? line->value_column : line->column);
}

/* The fault `what` at `p`, a byte of the line's value. */
static int value_fault(const struct sysck_text *text, const struct sysck_line *line, const char *p, const char *what,
		       struct sysck_err *err)
{
	int r = sysck_err_set(err, -EINVAL, "%s", what);

	place_offset(text, line->begin, line->line, (uint32_t)(p - text->bytes.data), err);
	return r;
}

/* Undoes the escapes of `s` into the arena, or returns `s` itself if it has none. */
static int decode(const struct sysck_text *text, const struct sysck_line *line, struct sysck_slice s, struct sysck_arena *arena,
		  struct sysck_slice *ret, struct sysck_err *err)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	size_t fault = 0;
	int r;

	if (s.len == 0 || memchr(s.data, '\\', s.len) == NULL) {
		*ret = s;
		return 0;
	}
	r = sysck_text_unescape(s, &buf, &fault);
	if (r == -EINVAL)
		r = value_fault(text, line, s.data + fault, "expected one of \\\" \\\\ \\n \\t \\, \\xHH", err);
	else if (r == 0)
		r = sysck_arena_copy(arena, sysck_buf_slice(&buf), ret);
	sysck_buf_done(&buf);
	if (r == -ENOMEM)
		sysck_err_set(err, r, "out of memory");
	return r;
}

int sysck_line_value(const struct sysck_text *text, const struct sysck_line *line, struct sysck_arena *arena,
		     struct sysck_slice *ret, struct sysck_err *err)
{
	struct sysck_slice value = line->value;
	const char *end = value.data + value.len, *quote, *close;

	if (value.len == 0) {
		*ret = (struct sysck_slice){ "", 0 };
		return 0;
	}
	if (value.data[0] == '"') {
		close = closing_quote(value.data, end);
		if (close != end)
			return value_fault(text, line, close == NULL ? end : close,
					   "expected the end of the value after its quote", err);
		return decode(text, line, (struct sysck_slice){ value.data + 1, value.len - 2 }, arena, ret, err);
	}
	quote = memchr(value.data, '"', value.len);
	if (quote != NULL)
		return value_fault(text, line, quote, "a quote inside a value; quote the whole value and write \\\"", err);
	*ret = value;
	return 0;
}

/* A list that is being taken apart. */
struct splitter {
	const struct sysck_text *text;
	const struct sysck_line *line;
	struct sysck_arena *arena;
	struct sysck_err *err;
	struct sysck_slice *items;
	size_t count, room;
	bool blanks;
};

static int add_item(struct splitter *splitter, struct sysck_slice raw, bool quoted)
{
	struct sysck_slice item = sysck_slice_trim(raw);
	int r;

	if (item.len == 0)
		return value_fault(splitter->text, splitter->line, raw.data, "an empty item in the list", splitter->err);
	if (splitter->count == SYSCK_LIST_MAX)
		return sysck_err_set(splitter->err, -E2BIG, "more than %u items in the list", SYSCK_LIST_MAX);
	if (splitter->count == splitter->room) {
		size_t room = splitter->room == 0 ? 4 : splitter->room * 2;
		struct sysck_slice *more = sysck_arena_alloc(splitter->arena, room, sizeof(*more));

		if (more == NULL)
			return sysck_err_set(splitter->err, -ENOMEM, "out of memory");
		if (splitter->count > 0)
			memcpy(more, splitter->items, splitter->count * sizeof(*more));
		splitter->items = more;
		splitter->room = room;
	}
	if (quoted) {
		r = decode(splitter->text, splitter->line, item, splitter->arena, &item, splitter->err);
		if (r < 0)
			return r;
	}
	splitter->items[splitter->count++] = item;
	return 0;
}

/* What stands between two commas: one item, or where blanks separate too, one or more. */
static int add_words(struct splitter *splitter, struct sysck_slice s, bool quoted)
{
	struct sysck_slice rest = sysck_slice_trim(s);
	int r = 0;

	if (!splitter->blanks || rest.len == 0)
		return add_item(splitter, s, quoted);
	while (r == 0 && rest.len > 0) {
		size_t len = 0;

		while (len < rest.len && !is_blank(rest.data[len]) && rest.data[len] != '\n')
			len++;
		r = add_item(splitter, (struct sysck_slice){ rest.data, len }, quoted);
		rest = sysck_slice_trim((struct sysck_slice){ rest.data + len, rest.len - len });
	}
	return r;
}

/* The items in [p, end), the inside of one pair of quotes. */
static int add_quoted(struct splitter *splitter, const char *p, const char *end)
{
	const char *begin = p;

	for (; p < end; p++) {
		int r;

		if (*p == '\\' && p + 1 < end) {
			p++;
			continue;
		}
		if (*p != ',')
			continue;
		r = add_words(splitter, (struct sysck_slice){ begin, (size_t)(p - begin) }, true);
		if (r < 0)
			return r;
		begin = p + 1;
	}
	return add_words(splitter, (struct sysck_slice){ begin, (size_t)(end - begin) }, true);
}

/* One run of the value: bare text up to the next comma, or one quoted text. Advances *p behind it and its comma. */
static int split_run(struct splitter *splitter, const char **p, const char *end, bool *more)
{
	const char *quote, *stop;
	int r;

	while (*p < end && is_blank(**p))
		(*p)++;
	if (*p < end && **p == '"') {
		quote = closing_quote(*p, end);
		if (quote == NULL)
			return value_fault(splitter->text, splitter->line, *p, "the quote is not closed", splitter->err);
		r = add_quoted(splitter, *p + 1, quote - 1);
		stop = quote;
		while (stop < end && is_blank(*stop))
			stop++;
		if (r == 0 && stop < end && *stop != ',' && (!splitter->blanks || stop == quote))
			return value_fault(splitter->text, splitter->line, stop, "expected a comma after the quote",
					   splitter->err);
	} else {
		stop = memchr(*p, ',', (size_t)(end - *p));
		if (stop == NULL)
			stop = end;
		quote = memchr(*p, '"', (size_t)(stop - *p));
		if (quote != NULL && (!splitter->blanks || !is_blank(quote[-1])))
			return value_fault(splitter->text, splitter->line, quote,
					   "a quote inside an item; quote the whole item and write \\\"", splitter->err);
		if (quote != NULL)
			stop = quote;
		r = add_words(splitter, (struct sysck_slice){ *p, (size_t)(stop - *p) }, false);
	}
	*more = stop < end;
	*p = *more && *stop == ',' ? stop + 1 : stop;
	return r;
}

int sysck_line_list(const struct sysck_text *text, const struct sysck_line *line, bool blanks, struct sysck_arena *arena,
		    struct sysck_list *ret, struct sysck_err *err)
{
	struct splitter splitter = { .text = text, .line = line, .arena = arena, .err = err, .blanks = blanks };
	const char *p = line->value.data, *end = p + line->value.len;
	bool more = line->value.len > 0 && !sysck_slice_equal(line->value, SYSCK_SLICE("\"\""));

	while (more) {
		int r = split_run(&splitter, &p, end, &more);

		if (r < 0)
			return r;
	}
	*ret = (struct sysck_list){ splitter.items, splitter.count };
	return 0;
}

static const struct sysck_edit *find_edit(const struct sysck_edit *edits, size_t count, struct sysck_slice name,
					  size_t *ret_index)
{
	for (size_t i = 0; i < count; i++)
		if (sysck_slice_equal(edits[i].name, name)) {
			*ret_index = i;
			return &edits[i];
		}
	return NULL;
}

/* Adds `\tname = value`; an empty value is `\tname =`. */
static void add_attribute(const struct sysck_edit *edit, const char *line_end, struct sysck_buf *out)
{
	sysck_buf_add_char(out, '\t');
	sysck_buf_add_slice(out, edit->name);
	sysck_buf_add_text(out, edit->value.len > 0 ? " = " : " =");
	sysck_buf_add_slice(out, edit->value);
	sysck_buf_add_text(out, line_end);
}

/* Puts the new value in the place of the old one, with everything round it as it was. */
static void replace_value(const struct sysck_text *text, const struct sysck_line *line, struct sysck_slice value,
			  struct sysck_buf *out)
{
	const char *begin = text->bytes.data + line->begin, *end = text->bytes.data + line->end;
	const char *old = line->value.data, *old_end = old + line->value.len;

	/* The blanks before a value go with it: `x =` stays when the value goes. */
	while (value.len == 0 && !line->bare && is_blank(old[-1]))
		old--;
	sysck_buf_add(out, begin, (size_t)(old - begin));
	if (line->bare)
		sysck_buf_add_text(out, value.len > 0 ? " = " : " =");
	else if (old == old_end && old[-1] == '=' && value.len > 0)
		sysck_buf_add_char(out, ' ');
	sysck_buf_add_slice(out, value);
	sysck_buf_add(out, old_end, (size_t)(end - old_end));
}

void sysck_stanza_edit(const struct sysck_text *text, const struct sysck_stanza *stanza, const struct sysck_edit *edits,
		       size_t count, struct sysck_buf *out)
{
	const char *data = text->bytes.data, *newline = memchr(data + stanza->begin, '\n', stanza->end - stanza->begin);
	const char *line_end = newline != NULL && newline > data && newline[-1] == '\r' ? "\r\n" : "\n";
	struct sysck_cursor cursor = { 0, 0 };
	uint32_t copied = stanza->begin;
	struct sysck_line line;
	bool *done;

	done = calloc(count + 1, sizeof(*done));
	if (done == NULL) {
		out->error = -ENOMEM;
		return;
	}
	while (sysck_stanza_next(text, stanza, &cursor, &line)) {
		size_t index = 0;
		const struct sysck_edit *edit = find_edit(edits, count, line.name, &index);

		if (edit == NULL)
			continue;
		sysck_buf_add(out, data + copied, line.begin - copied);
		/* A second line of the same attribute says nothing once the first is set. */
		if (!edit->remove && !done[index])
			replace_value(text, &line, edit->value, out);
		done[index] = true;
		copied = line.end;
	}
	sysck_buf_add(out, data + copied, stanza->end - copied);
	for (size_t i = 0; i < count; i++) {
		if (done[i] || edits[i].remove)
			continue;
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			sysck_buf_add_text(out, line_end);
		add_attribute(&edits[i], line_end, out);
	}
	free(done);
}

void sysck_stanza_write(struct sysck_slice name, const struct sysck_edit *edits, size_t count, struct sysck_buf *out)
{
	sysck_buf_add_quoted(out, name, SYSCK_CHARSET_UTF8);
	sysck_buf_add_text(out, ":\n");
	for (size_t i = 0; i < count; i++)
		if (!edits[i].remove)
			add_attribute(&edits[i], "\n", out);
}

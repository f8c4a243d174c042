/*
 * buf.c - byte slices, a growable buffer, strict numbers, and the quoting of hostile bytes.
 *
 * Knows which bytes are fit to be seen; gives the one escaped form that the database and every message share. Must never
 * let a control character, or one that changes the direction of writing, through unescaped.
 */
#include <sysck/buf.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool sysck_slice_is(struct sysck_slice s, const char *keyword)
{
	size_t i;

	for (i = 0; i < s.len && keyword[i] != '\0'; i++)
		if (lower(s.data[i]) != lower(keyword[i]))
			return false;
	return i == s.len && keyword[i] == '\0';
}

int sysck_slice_compare(struct sysck_slice a, struct sysck_slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

uint64_t sysck_slice_hash(struct sysck_slice s)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ s.len, word;

	for (; s.len >= sizeof(word); s.data += sizeof(word), s.len -= sizeof(word)) {
		memcpy(&word, s.data, sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	word = 0;
	if (s.len > 0)
		memcpy(&word, s.data, s.len);
	hash = (hash ^ word) * 0xc4ceb9fe1a85ec53u;
	return hash ^ hash >> 29;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sysck_slice sysck_slice_trim(struct sysck_slice s)
{
	while (s.len > 0 && is_blank(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

void sysck_buf_done(struct sysck_buf *buf)
{
	free(buf->data);
	*buf = SYSCK_BUF_INIT;
}

void sysck_buf_clear(struct sysck_buf *buf)
{
	buf->len = 0;
	buf->error = 0;
}

int sysck_buf_reserve(struct sysck_buf *buf, size_t extra)
{
	size_t wanted, capacity;
	char *data;

	if (buf->error != 0)
		return buf->error;
	if (__builtin_add_overflow(buf->len, extra, &wanted))
		return buf->error = -ENOMEM;
	if (wanted <= buf->capacity)
		return 0;
	capacity = buf->capacity < 64 ? 64 : buf->capacity;
	while (capacity < wanted)
		if (__builtin_add_overflow(capacity, capacity / 2, &capacity))
			capacity = wanted;
	data = realloc(buf->data, capacity);
	if (data == NULL)
		return buf->error = -ENOMEM;
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

void sysck_buf_add(struct sysck_buf *buf, const void *data, size_t len)
{
	if (len == 0 || sysck_buf_reserve(buf, len) < 0)
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void sysck_buf_add_slice(struct sysck_buf *buf, struct sysck_slice s)
{
	sysck_buf_add(buf, s.data, s.len);
}

void sysck_buf_add_text(struct sysck_buf *buf, const char *text)
{
	sysck_buf_add(buf, text, strlen(text));
}

void sysck_buf_add_char(struct sysck_buf *buf, char c)
{
	if (buf->error == 0 && buf->len < buf->capacity)
		buf->data[buf->len++] = c;
	else
		sysck_buf_add(buf, &c, 1);
}

void sysck_buf_add_format(struct sysck_buf *buf, const char *format, ...)
{
	size_t room = buf->error != 0 ? 0 : buf->capacity - buf->len;
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(room == 0 ? NULL : buf->data + buf->len, room, format, arguments);
	va_end(arguments);
	if (len < 0 || sysck_buf_reserve(buf, (size_t)len + 1) < 0)
		return;
	if ((size_t)len >= room) {
		va_start(arguments, format);
		(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, arguments);
		va_end(arguments);
	}
	buf->len += (size_t)len;
}

/* Characters of UTF-8 beyond ASCII that are not shown: controls, formats, separators of lines (Unicode Cc, Cf, Zl, Zp). */
static bool is_hidden(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x80, 0x9f },       { 0xad, 0xad },       { 0x600, 0x605 },     { 0x61c, 0x61c },     { 0x6dd, 0x6dd },
		{ 0x70f, 0x70f },     { 0x890, 0x891 },     { 0x8e2, 0x8e2 },     { 0x180e, 0x180e },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0xd800, 0xdfff },   { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	if ((character & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return true;
	return false;
}

/* Length of the printable character that the slice begins with; 0 if it begins with none. RFC 3629, shortest form only. */
static size_t printable_length(struct sysck_slice s, enum sysck_charset charset)
{
	unsigned char first = (unsigned char)s.data[0];
	size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character;

	if (length == 1)
		return first >= 0x20 && first < 0x7f;
	if (charset == SYSCK_CHARSET_ASCII || length == 0 || s.len < length)
		return 0;
	character = first & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)s.data[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (next & 0x3fu);
	}
	return character < lowest[length] || character > 0x10ffff || is_hidden(character) ? 0 : length;
}

static struct sysck_slice rest_after(struct sysck_slice s, size_t count)
{
	return (struct sysck_slice){ s.data + count, s.len - count };
}

bool sysck_text_is_plain(struct sysck_slice s, enum sysck_charset charset)
{
	if (s.len == 0 || s.data[0] == ' ' || s.data[s.len - 1] == ' ')
		return false;
	while (s.len > 0) {
		size_t length = printable_length(s, charset);

		if (length == 0 || s.data[0] == '"' || s.data[0] == '\\')
			return false;
		s = rest_after(s, length);
	}
	return true;
}

/* Adds the slice escaped; with `comma`, a comma is escaped too. */
static void add_escaped(struct sysck_buf *buf, struct sysck_slice s, enum sysck_charset charset, bool comma)
{
	while (s.len > 0) {
		size_t length = printable_length(s, charset);
		char c = s.data[0];

		if (c == '\n') {
			sysck_buf_add_text(buf, "\\n");
		} else if (c == '\t') {
			sysck_buf_add_text(buf, "\\t");
		} else if (length == 0) {
			sysck_buf_add_format(buf, "\\x%02x", (unsigned)(unsigned char)c);
		} else {
			if (c == '"' || c == '\\' || (comma && c == ','))
				sysck_buf_add_char(buf, '\\');
			sysck_buf_add(buf, s.data, length);
		}
		s = rest_after(s, length == 0 ? 1 : length);
	}
}

void sysck_buf_add_escaped(struct sysck_buf *buf, struct sysck_slice s, enum sysck_charset charset)
{
	add_escaped(buf, s, charset, false);
}

void sysck_buf_add_quoted(struct sysck_buf *buf, struct sysck_slice s, enum sysck_charset charset)
{
	if (sysck_text_is_plain(s, charset)) {
		sysck_buf_add_slice(buf, s);
		return;
	}
	sysck_buf_add_char(buf, '"');
	add_escaped(buf, s, charset, false);
	sysck_buf_add_char(buf, '"');
}

void sysck_buf_add_item(struct sysck_buf *buf, struct sysck_slice s)
{
	size_t trailing = 0;

	if (sysck_text_is_plain(s, SYSCK_CHARSET_UTF8) && memchr(s.data, ',', s.len) == NULL) {
		sysck_buf_add_slice(buf, s);
		return;
	}
	sysck_buf_add_char(buf, '"');
	/* Blanks at the edges of an item are cut when it is read, unless they are escaped. */
	for (; s.len > 0 && s.data[0] == ' '; s = rest_after(s, 1))
		sysck_buf_add_text(buf, "\\x20");
	while (s.len > trailing && s.data[s.len - 1 - trailing] == ' ')
		trailing++;
	add_escaped(buf, (struct sysck_slice){ s.data, s.len - trailing }, SYSCK_CHARSET_UTF8, true);
	while (trailing-- > 0)
		sysck_buf_add_text(buf, "\\x20");
	sysck_buf_add_char(buf, '"');
}

const char *sysck_quote(struct sysck_slice s, char *out, size_t size)
{
	bool plain = sysck_text_is_plain(s, SYSCK_CHARSET_ASCII);
	size_t used = 0, room = size - 5; /* the longest escape, and the NUL */

	if (!plain)
		out[used++] = '"';
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (used + 5 > room) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		if (c == '\n' || c == '\t' || c == '"' || c == '\\') {
			out[used++] = '\\';
			out[used++] = c == '\n' ? 'n' : c == '\t' ? 't' : (char)c;
		} else if (c < 0x20 || c >= 0x7f) {
			used += (size_t)snprintf(out + used, 5, "\\x%02x", c);
		} else {
			out[used++] = (char)c;
		}
	}
	if (!plain)
		out[used++] = '"';
	out[used] = '\0';
	return out;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape at the start of `s` (behind the backslash): its byte and its length, or length 0 if it is none. */
static size_t unescape_one(struct sysck_slice s, char *ret)
{
	if (s.len == 0)
		return 0;
	switch (s.data[0]) {
	case '"':
	case '\\':
	case ',': *ret = s.data[0]; return 1;
	case 'n': *ret = '\n'; return 1;
	case 't': *ret = '\t'; return 1;
	case 'x':
		if (s.len < 3 || hex_value(s.data[1]) < 0 || hex_value(s.data[2]) < 0)
			return 0;
		*ret = (char)(unsigned char)(hex_value(s.data[1]) * 16 + hex_value(s.data[2]));
		return 3;
	default: return 0;
	}
}

int sysck_text_unescape(struct sysck_slice s, struct sysck_buf *out, size_t *ret_offset)
{
	for (size_t i = 0; i < s.len;) {
		size_t length;
		char c;

		if (s.data[i] != '\\') {
			sysck_buf_add_char(out, s.data[i++]);
			continue;
		}
		length = unescape_one(rest_after(s, i + 1), &c);
		if (length == 0) {
			*ret_offset = i;
			return -EINVAL;
		}
		sysck_buf_add_char(out, c);
		i += 1 + length;
	}
	return sysck_buf_error(out);
}

static int parse_digits(struct sysck_slice s, unsigned base, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < '0' || s.data[i] >= (char)('0' + base))
			return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.data[i] - '0');

		if (value > (max - digit) / base || digit > max)
			return -ERANGE;
		value = value * base + digit;
	}
	*ret = value;
	return 0;
}

int sysck_number_parse(struct sysck_slice s, uint64_t max, uint64_t *ret)
{
	return parse_digits(s, 10, max, ret);
}

int sysck_octal_parse(struct sysck_slice s, uint64_t max, uint64_t *ret)
{
	return parse_digits(s, 8, max, ret);
}

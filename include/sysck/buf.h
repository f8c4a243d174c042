/*
 * buf.h - byte slices, a growable buffer, strict numbers, and the quoting of hostile bytes.
 *
 * Names of files are bytes: they travel as slices and are escaped only where they leave the program. The escaped
 * form is that of the database, sysck.cfg(5): \" \\ \n \t \, \xHH inside double quotes.
 */
#ifndef SYSCK_BUF_H
#define SYSCK_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else. `data` may be NULL only when `len` is 0. */
struct sysck_slice {
	const char *data;
	size_t len;
};

#define SYSCK_SLICE(literal) ((struct sysck_slice){ (literal), sizeof(literal) - 1 })

static inline struct sysck_slice sysck_slice_of(const char *text)
{
	return (struct sysck_slice){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool sysck_slice_equal(struct sysck_slice a, struct sysck_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Compares a slice with a keyword without regard to ASCII case. */
bool sysck_slice_is(struct sysck_slice s, const char *keyword);

/* Order of bytes, as memcmp(3); a prefix comes first. Returns <0, 0 or >0. */
int sysck_slice_compare(struct sysck_slice a, struct sysck_slice b);

/* A number that is the same for the same bytes, and nearly always another for others. */
uint64_t sysck_slice_hash(struct sysck_slice s);

/* The slice without blanks (space, tab, CR, LF) at its edges. */
struct sysck_slice sysck_slice_trim(struct sysck_slice s);

/*
 * A growable buffer. Its error is sticky: after memory has run out, every addition is a no-op and sysck_buf_error()
 * says -ENOMEM, so that one check at the end is enough. `data` is not NUL-terminated.
 */
struct sysck_buf {
	char *data;
	size_t len;
	size_t capacity;
	int error; /* 0 or -ENOMEM */
};

#define SYSCK_BUF_INIT ((struct sysck_buf){ NULL, 0, 0, 0 })

void sysck_buf_done(struct sysck_buf *buf);
/* Forgets the content and the error, keeps the memory. */
void sysck_buf_clear(struct sysck_buf *buf);
/* Makes room for `extra` more bytes. 0 or -ENOMEM. */
int sysck_buf_reserve(struct sysck_buf *buf, size_t extra);
void sysck_buf_add(struct sysck_buf *buf, const void *data, size_t len);
void sysck_buf_add_slice(struct sysck_buf *buf, struct sysck_slice s);
void sysck_buf_add_text(struct sysck_buf *buf, const char *text);
void sysck_buf_add_char(struct sysck_buf *buf, char c);
void sysck_buf_add_format(struct sysck_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline int sysck_buf_error(const struct sysck_buf *buf)
{
	return buf->error;
}
static inline struct sysck_slice sysck_buf_slice(const struct sysck_buf *buf)
{
	return (struct sysck_slice){ buf->data, buf->len };
}

/* Which characters count as printable: ASCII only, or also UTF-8 without control and direction-changing ones. */
enum sysck_charset { SYSCK_CHARSET_ASCII, SYSCK_CHARSET_UTF8 };

/*
 * True if the slice can stand in the database, or in a message, without quotes: not empty, every character printable in
 * `charset`, no double quote, no backslash, no blank at either edge.
 */
bool sysck_text_is_plain(struct sysck_slice s, enum sysck_charset charset);

/* Adds the slice with everything unprintable, `"` and `\` escaped; no quotes around it. The result is one line. */
void sysck_buf_add_escaped(struct sysck_buf *buf, struct sysck_slice s, enum sysck_charset charset);

/* Adds the slice as it is if sysck_text_is_plain(), else escaped and in double quotes. The result is one line. */
void sysck_buf_add_quoted(struct sysck_buf *buf, struct sysck_slice s, enum sysck_charset charset);

/* Adds one item of a comma separated list in the database's form: a comma in it becomes `\,` in quotes. */
void sysck_buf_add_item(struct sysck_buf *buf, struct sysck_slice s);

/*
 * sysck_buf_add_quoted() in ASCII into `out` of `size` bytes (at least 16), NUL-terminated; what does not fit is cut and
 * ends in "...". For arguments of messages. Returns `out`.
 */
const char *sysck_quote(struct sysck_slice s, char *out, size_t size);

/* Size of a buffer for sysck_quote() that suits messages. */
#define SYSCK_QUOTE_MAX 256

/*
 * Undoes the escapes of one quoted text (without its quotes) into `out`, appending. `\xHH` takes exactly two hexadecimal
 * digits, an unknown escape is an error. Returns 0, -ENOMEM, or -EINVAL with the offset of the fault in *ret_offset.
 */
int sysck_text_unescape(struct sysck_slice s, struct sysck_buf *out, size_t *ret_offset);

/*
 * Strict decimal number: digits only, no sign, no blank, at most `max`. Returns 0, -EINVAL (not a number) or -ERANGE.
 * *ret is untouched on failure.
 */
int sysck_number_parse(struct sysck_slice s, uint64_t max, uint64_t *ret);

/* The same for octal digits. */
int sysck_octal_parse(struct sysck_slice s, uint64_t max, uint64_t *ret);

#endif

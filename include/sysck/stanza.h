/*
 * stanza.h - bytes to stanzas and back, lossless.
 *
 * A text is the content of a stanza file and an index of its stanzas. Lines are classified once; values are taken apart
 * only when they are asked for. An edit gives new bytes for one stanza and touches only its own lines.
 */
#ifndef SYSCK_STANZA_H
#define SYSCK_STANZA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/arena.h>
#include <sysck/buf.h>
#include <sysck/err.h>
#include <sysck/form.h>
#include <sysck/store.h>

/* Most items of one list. */
#define SYSCK_LIST_MAX 65536u

/* One stanza, as offsets into its text: 300,000 of them must cost little. */
struct sysck_stanza {
	uint64_t name_hash;   /* sysck_slice_hash(): wide, so that other names need not be looked at */
	uint32_t begin;       /* of the name's line */
	uint32_t end;         /* behind the last line of an attribute, its newline included */
	uint32_t line;        /* of the name, 1-based */
	uint32_t name;        /* where the name begins: in the text, or among the decoded names */
	uint32_t name_length; /* in bytes */
	bool name_decoded;    /* the name was quoted */
	bool name_is_path;    /* sysck_path_check() says so */
	bool faulty;          /* at least one line of it does not read */
	bool is_large;        /* see sysck_db_is_large() */
};

struct sysck_text {
	struct sysck_slice file;  /* the name of the file, for messages */
	struct sysck_slice bytes; /* the whole content; both belong to the caller and must outlive the text */
	struct sysck_stanza *stanzas;
	size_t count;
	struct sysck_buf names; /* names that were quoted, decoded */
	size_t errors;          /* how many errors were reported */
	uint32_t lines;         /* of the whole text */
	uint32_t initials;      /* with which the names of its attributes begin: see sysck_text_may_have() */
};

/*
 * Finds the stanzas of `bytes` (at most SYSCK_TEXT_MAX). Each line that does not read goes to `errors` with its place, and
 * reading goes on. Names are as they stand: whether they are fit for a definition is not judged here. Returns 0 with *ret
 * (release with sysck_text_done()), -EFBIG or -ENOMEM with `err` set.
 */
int sysck_text_parse(struct sysck_slice bytes, struct sysck_slice file, const struct sysck_err_sink *errors,
		     struct sysck_text *ret, struct sysck_err *err);
void sysck_text_done(struct sysck_text *text);

/* False if no line of the text can be of that attribute: a quick answer, where the other one needs all lines. */
bool sysck_text_may_have(const struct sysck_text *text, struct sysck_slice attribute);

/*
 * True for a line (without its newline) that ends a quote left open above it, so that one missing quote does not swallow all
 * stanzas below: a blank one, or one that names a stanza at its very beginning. What stands before such a line bears neither
 * on it nor on what follows: there a text can be cut, and its parts be parsed alone.
 */
bool sysck_stanza_ends_quote(struct sysck_slice line);

/* The decoded name of a stanza; lives as long as the text. */
struct sysck_slice sysck_stanza_name(const struct sysck_text *text, const struct sysck_stanza *stanza);

/* Gives `err` the place of the stanza's name. */
void sysck_stanza_place(const struct sysck_text *text, const struct sysck_stanza *stanza, struct sysck_err *err);

/* One attribute line of a stanza, raw. */
struct sysck_line {
	struct sysck_slice name;
	struct sysck_slice value; /* with its quotes and escapes, edge blanks cut */
	bool bare;                /* there was no `=` */
	uint32_t begin, end;      /* its bytes in the text, newline included */
	unsigned line;            /* 1-based; a quoted value may run over further lines */
	unsigned column;          /* of the name, 1-based */
	unsigned value_column;    /* of the value's first byte, 1-based */
};

/* Where a stanza is being read. Start with { 0, 0 }. */
struct sysck_cursor {
	uint32_t offset;
	uint32_t line;
};

/* The next attribute line of the stanza; false when there is none. Lines that don't read, and comments, are passed over. */
bool sysck_stanza_next(const struct sysck_text *text, const struct sysck_stanza *stanza, struct sysck_cursor *cursor,
		       struct sysck_line *ret);

/*
 * Reads one line of an attribute, `name = value` or `name`, as given to -a on the command line: no stanza around it. A
 * newline ends it unless quoted. Returns 0, -E2BIG (above SYSCK_NAME_MAX bytes) or -EINVAL, with `err` set.
 */
int sysck_line_parse(struct sysck_slice bytes, struct sysck_line *ret, struct sysck_err *err);

/* A list of byte strings. */
struct sysck_list {
	const struct sysck_slice *items;
	size_t count;
};

/*
 * The value of a line as one text: quotes and escapes undone, commas as they are. What needs no decoding is a slice of
 * the text itself, the rest is in the arena. Returns 0, -ENOMEM, or -EINVAL with `err` set and placed.
 */
int sysck_line_value(const struct sysck_text *text, const struct sysck_line *line, struct sysck_arena *arena,
		     struct sysck_slice *ret, struct sysck_err *err);

/*
 * The value as a list, separated by commas (and by blanks too if `blanks`). An empty value is an empty list; an empty item is
 * an error. Returns as above; -E2BIG above SYSCK_LIST_MAX items.
 */
int sysck_line_list(const struct sysck_text *text, const struct sysck_line *line, bool blanks, struct sysck_arena *arena,
		    struct sysck_list *ret, struct sysck_err *err);

/* Gives `err` the place of the line's value (or of its name if `value` is false). */
void sysck_line_place(const struct sysck_text *text, const struct sysck_line *line, bool value, struct sysck_err *err);

/* What to do with one attribute of a stanza. */
struct sysck_edit {
	struct sysck_slice name;
	struct sysck_slice value; /* in the database's form, with quotes and escapes where needed */
	bool remove;              /* take the attribute's lines out */
};

/*
 * Appends the stanza's bytes to `out` with the edits made: the value of an attribute that is there is replaced where it
 * stands, one that is not there is added behind the last line, indented by a tab; all other bytes stay. Line ends are as
 * those of the name's line. Memory: see `out`'s error.
 */
void sysck_stanza_edit(const struct sysck_text *text, const struct sysck_stanza *stanza, const struct sysck_edit *edits,
		       size_t count, struct sysck_buf *out);

/* Appends a new stanza: the name (quoted if it must be), then the edits that are not removals, in the order given. */
void sysck_stanza_write(struct sysck_slice name, const struct sysck_edit *edits, size_t count, struct sysck_buf *out);

#endif

/*
 * rewrite.c - many changes of a database in one pass over its text.
 *
 * Knows which stanzas change and into which bytes; gives the new text. Must never change a byte between stanzas, but for one
 * blank line behind (at the end: before) a stanza that is taken out, and never give out less than all changes.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"

/* What stands in the place of one stanza: bytes of `bytes`, maybe none. */
struct change {
	size_t stanza;
	size_t begin, end;
};

struct sysck_rewrite {
	const struct sysck_db *db;
	struct change *changes;
	size_t count, room;
	struct sysck_buf bytes; /* of the changes */
	struct sysck_buf added; /* new stanzas */
};

int sysck_rewrite_new(const struct sysck_db *db, struct sysck_rewrite **ret)
{
	struct sysck_rewrite *rewrite = calloc(1, sizeof(*rewrite));

	if (rewrite == NULL)
		return -ENOMEM;
	rewrite->db = db;
	*ret = rewrite;
	return 0;
}

void sysck_rewrite_free(struct sysck_rewrite *rewrite)
{
	if (rewrite == NULL)
		return;
	sysck_buf_done(&rewrite->bytes);
	sysck_buf_done(&rewrite->added);
	free(rewrite->changes);
	free(rewrite);
}

static int add_change(struct sysck_rewrite *rewrite, size_t stanza, size_t begin)
{
	if (sysck_buf_error(&rewrite->bytes) < 0)
		return -ENOMEM;
	if (rewrite->count == rewrite->room) {
		size_t room = rewrite->room == 0 ? 16 : rewrite->room * 2;
		struct change *more = reallocarray(rewrite->changes, room, sizeof(*more));

		if (more == NULL)
			return rewrite->bytes.error = -ENOMEM;
		rewrite->changes = more;
		rewrite->room = room;
	}
	rewrite->changes[rewrite->count++] = (struct change){ stanza, begin, rewrite->bytes.len };
	return 0;
}

static int edit_stanza(struct sysck_rewrite *rewrite, size_t stanza, const struct sysck_edit *edits, size_t count)
{
	const struct sysck_text *text = &rewrite->db->text;
	size_t begin = rewrite->bytes.len;

	sysck_stanza_edit(text, &text->stanzas[stanza], edits, count, &rewrite->bytes);
	return add_change(rewrite, stanza, begin);
}

int sysck_rewrite_change(struct sysck_rewrite *rewrite, size_t index, const struct sysck_edit *edits, size_t count)
{
	assert(index < rewrite->db->count);
	return edit_stanza(rewrite, rewrite->db->definitions[index], edits, count);
}

int sysck_rewrite_replace(struct sysck_rewrite *rewrite, size_t index, struct sysck_slice stanza)
{
	size_t begin = rewrite->bytes.len;

	assert(index < rewrite->db->count && stanza.len > 0);
	sysck_buf_add_slice(&rewrite->bytes, stanza);
	return add_change(rewrite, rewrite->db->definitions[index], begin);
}

int sysck_rewrite_delete(struct sysck_rewrite *rewrite, size_t index)
{
	assert(index < rewrite->db->count);
	return add_change(rewrite, rewrite->db->definitions[index], rewrite->bytes.len);
}

int sysck_rewrite_append(struct sysck_rewrite *rewrite, struct sysck_slice stanza)
{
	if (rewrite->added.len > 0)
		sysck_buf_add_char(&rewrite->added, '\n');
	sysck_buf_add_slice(&rewrite->added, stanza);
	return sysck_buf_error(&rewrite->added);
}

int sysck_rewrite_add(struct sysck_rewrite *rewrite, struct sysck_slice name, const struct sysck_edit *edits, size_t count)
{
	if (rewrite->added.len > 0)
		sysck_buf_add_char(&rewrite->added, '\n');
	sysck_stanza_write(name, edits, count, &rewrite->added);
	return sysck_buf_error(&rewrite->added);
}

int sysck_rewrite_settings(struct sysck_rewrite *rewrite, const struct sysck_edit *edits, size_t count)
{
	const struct sysck_db *db = rewrite->db;

	if (db->has_settings)
		return edit_stanza(rewrite, db->settings_at, edits, count);
	return sysck_rewrite_add(rewrite, SYSCK_SLICE("sysck"), edits, count);
}

static int compare_changes(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return a->stanza < b->stanza ? -1 : a->stanza > b->stanza;
}

/* The offset behind the line break at `offset`, if a blank line is there; else `offset`. */
static size_t skip_blank_line(struct sysck_slice bytes, size_t offset)
{
	size_t at = offset;

	while (at < bytes.len && (bytes.data[at] == ' ' || bytes.data[at] == '\t' || bytes.data[at] == '\r'))
		at++;
	return at < bytes.len && bytes.data[at] == '\n' ? at + 1 : offset;
}

/* True if there is nothing yet, or the last line (which has its line break) is blank. */
static bool ends_blank(const struct sysck_buf *out)
{
	size_t line;

	if (out->len == 0)
		return true;
	for (line = out->len - 1; line > 0 && out->data[line - 1] != '\n';)
		line--;
	return sysck_slice_trim((struct sysck_slice){ out->data + line, out->len - line }).len == 0;
}

/* Takes a blank line, if one is last, off again. */
static void drop_blank_line(struct sysck_buf *out)
{
	if (out->len == 0 || !ends_blank(out))
		return;
	for (out->len--; out->len > 0 && out->data[out->len - 1] != '\n';)
		out->len--;
}

/* Ends `out` with a line break and, if there is anything before, a blank line. */
static void begin_stanza(struct sysck_buf *out)
{
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		sysck_buf_add_char(out, '\n');
	if (!ends_blank(out))
		sysck_buf_add_char(out, '\n');
}

static void add_range(struct sysck_buf *out, struct sysck_slice bytes, size_t begin, size_t end)
{
	if (begin < end)
		sysck_buf_add(out, bytes.data + begin, end - begin);
}

int sysck_rewrite_finish(struct sysck_rewrite *rewrite, struct sysck_buf *out)
{
	const struct sysck_text *text = &rewrite->db->text;
	size_t copied = 0;

	if (sysck_buf_error(&rewrite->bytes) < 0 || sysck_buf_error(&rewrite->added) < 0)
		return -ENOMEM;
	/* All is new: no byte needs to be moved. */
	if (rewrite->count == 0 && text->bytes.len == 0 && out->len == 0) {
		sysck_buf_done(out);
		*out = rewrite->added;
		rewrite->added = SYSCK_BUF_INIT;
		return out->len > SYSCK_TEXT_MAX ? -EFBIG : 0;
	}
	if (rewrite->count > 0)
		qsort(rewrite->changes, rewrite->count, sizeof(*rewrite->changes), compare_changes);
	for (size_t i = 0; i < rewrite->count; i++) {
		const struct change *change = &rewrite->changes[i];
		const struct sysck_stanza *stanza = &text->stanzas[change->stanza];

		assert(stanza->begin >= copied);
		add_range(out, text->bytes, copied, stanza->begin);
		add_range(out, sysck_buf_slice(&rewrite->bytes), change->begin, change->end);
		copied = stanza->end;
		/* Without a blank line before, the one behind still ends what comes before. */
		if (change->begin == change->end && ends_blank(out))
			copied = skip_blank_line(text->bytes, copied);
		/* Behind the last stanza there is none; the one before has nothing to part any more. */
		if (change->begin == change->end && copied == text->bytes.len)
			drop_blank_line(out);
	}
	add_range(out, text->bytes, copied, text->bytes.len);
	if (rewrite->added.len > 0) {
		begin_stanza(out);
		sysck_buf_add_slice(out, sysck_buf_slice(&rewrite->added));
	}
	if (sysck_buf_error(out) < 0)
		return -ENOMEM;
	return out->len > SYSCK_TEXT_MAX ? -EFBIG : 0;
}

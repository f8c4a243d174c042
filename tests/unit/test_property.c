/*
 * test_property.c - what holds for every database, tried on thousands that are made from fixed seeds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/sysck.h>

#include "suites.h"

/* xorshift64*: the same numbers everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

static size_t below(uint64_t *state, size_t limit)
{
	return (size_t)(next_random(state) >> 33) % limit;
}

static bool chance(uint64_t *state, size_t of)
{
	return below(state, of) == 0;
}

/* Characters that mean something in the syntax come more often than others. */
static char any_byte(uint64_t *state)
{
	static const char special[] = " \t\r\n\"\\,:=*#/.x0n\x7f\x80\xc3\xa4\xe2\x80\xae\0\x1b";

	return chance(state, 3)   ? (char)below(state, 256)
	       : chance(state, 2) ? special[below(state, sizeof(special) - 1)]
				  : (char)('a' + below(state, 26));
}

/* `len` bytes or fewer, at least one, none of them in `without` (a NUL counts if `nul` is false). */
static struct sysck_slice any_bytes(uint64_t *state, struct sysck_arena *arena, size_t len, const char *without, bool nul)
{
	struct sysck_slice text = { NULL, 1 + below(state, len) };
	char *bytes = sysck_arena_alloc(arena, text.len, 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	for (size_t i = 0; i < text.len; i++)
		do
			bytes[i] = any_byte(state);
		while (bytes[i] == '\0' ? !nul : strchr(without, bytes[i]) != NULL);
	text.data = bytes;
	return text;
}

static struct sysck_slice any_path(uint64_t *state, struct sysck_arena *arena)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_slice path;
	size_t components = 1 + below(state, 4);

	while (components-- > 0) {
		struct sysck_slice name = any_bytes(state, arena, 8, "/", false);

		sysck_buf_add_char(&buf, '/');
		sysck_buf_add_slice(&buf, name);
		if (sysck_slice_equal(name, SYSCK_SLICE(".")) || sysck_slice_equal(name, SYSCK_SLICE("..")))
			sysck_buf_add_char(&buf, 'x');
	}
	CU_ASSERT_EQUAL_FATAL(sysck_arena_copy(arena, sysck_buf_slice(&buf), &path), 0);
	sysck_buf_done(&buf);
	return path;
}

static bool holds(const struct sysck_slice *items, size_t count, struct sysck_slice path)
{
	for (size_t i = 0; i < count; i++)
		if (sysck_slice_equal(items[i], path))
			return true;
	return false;
}

/* Distinct paths: a link named twice is an error. */
static struct sysck_list any_paths(uint64_t *state, struct sysck_arena *arena, size_t minimum)
{
	struct sysck_list list = { NULL, minimum + below(state, 4) };
	struct sysck_slice *items = sysck_arena_alloc(arena, list.count, sizeof(*items));

	CU_ASSERT_PTR_NOT_NULL_FATAL(items);
	for (size_t i = 0; i < list.count; i++)
		do
			items[i] = any_path(state, arena);
		while (holds(items, i, items[i]));
	list.items = items;
	return list;
}

/* Words of any kind, without these characters; for a program with a path before them. */
static struct sysck_list any_words(uint64_t *state, struct sysck_arena *arena, bool program, const char *without)
{
	struct sysck_list list = { NULL, 1 + below(state, 5) };
	struct sysck_slice *items = sysck_arena_alloc(arena, list.count, sizeof(*items));

	CU_ASSERT_PTR_NOT_NULL_FATAL(items);
	for (size_t i = 0; i < list.count; i++)
		items[i] = program && i == 0 ? any_path(state, arena) : any_bytes(state, arena, 8, without, !program);
	list.items = items;
	return list;
}

static void add_entry(struct sysck_acl_entry *entries, size_t *count, bool is_default, enum sysck_acl_tag tag, uint32_t id,
		      uint64_t *state)
{
	entries[(*count)++] = (struct sysck_acl_entry){ is_default, (uint8_t)tag, (uint8_t)below(state, 8), id };
}

/* One of the two lists, in order, as acl_valid(3) wants it. */
static void add_entries(struct sysck_acl_entry *entries, size_t *count, bool is_default, uint64_t *state)
{
	static const uint32_t ids[] = { 0, 7, 1000, 70000, SYSCK_ID_MAX };
	size_t users = below(state, 4), groups = below(state, 4);

	add_entry(entries, count, is_default, SYSCK_ACL_USER_OBJ, 0, state);
	for (size_t i = 0; i < users; i++)
		add_entry(entries, count, is_default, SYSCK_ACL_USER, ids[i + (users < 4 && i > 0)], state);
	add_entry(entries, count, is_default, SYSCK_ACL_GROUP_OBJ, 0, state);
	for (size_t i = 0; i < groups; i++)
		add_entry(entries, count, is_default, SYSCK_ACL_GROUP, ids[i + 1], state);
	if (users + groups > 0 || chance(state, 4))
		add_entry(entries, count, is_default, SYSCK_ACL_MASK, 0, state);
	add_entry(entries, count, is_default, SYSCK_ACL_OTHER, 0, state);
}

static struct sysck_acl any_acl(uint64_t *state, struct sysck_arena *arena)
{
	struct sysck_acl_entry *entries = sysck_arena_alloc(arena, 32, sizeof(*entries));
	size_t count = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(entries);
	if (!chance(state, 4))
		add_entries(entries, &count, false, state);
	if (chance(state, 2))
		add_entries(entries, &count, true, state);
	return (struct sysck_acl){ entries, count };
}

static uint32_t any_id(uint64_t *state)
{
	static const uint32_t ids[] = { 0, 1, 50, 60, 61, 1000, 4000000000u, SYSCK_ID_MAX };

	return ids[below(state, sizeof(ids) / sizeof(ids[0]))];
}

static struct sysck_checksum any_checksum(uint64_t *state, struct sysck_arena *arena)
{
	struct sysck_checksum value = { .is_volatile = chance(state, 8) };

	if (!value.is_volatile)
		do
			value.text = sysck_slice_trim(any_bytes(state, arena, 20, "", true));
		while (value.text.len == 0);
	return value;
}

/* A definition with every attribute, whatever its type can have: values are tried one by one. */
static struct sysck_def any_def(uint64_t *state, struct sysck_arena *arena)
{
	struct sysck_def def = {
		.type = (enum sysck_type)(1 + below(state, SYSCK_TYPE_COUNT - 1)),
		.owner = any_id(state),
		.group = any_id(state),
		.mode = (uint32_t)below(state, 010000) | (chance(state, 2) ? SYSCK_MODE_TCB : 0),
		.acl = any_acl(state, arena),
		.device = { (uint32_t)below(state, 0x1000), (uint32_t)below(state, 0x100000) },
		.target = any_bytes(state, arena, 30, "", false),
		.links = any_paths(state, arena, 0),
		.symlinks = any_paths(state, arena, 0),
		.size = { next_random(state) >> (1 + below(state, 63)), true, chance(state, 3) },
		.checksum = any_checksum(state, arena),
		.program = any_words(state, arena, true, ""),
		.source = chance(state, 3) ? SYSCK_SLICE("") : any_path(state, arena),
		.classes = any_words(state, arena, false, "/ "),
		.path = any_path(state, arena),
	};

	while (holds(def.links.items, def.links.count, def.path))
		def.path = any_path(state, arena);
	if (def.type == SYSCK_TYPE_DIRECTORY)
		def.source = SYSCK_SLICE("");
	if (def.size.is_volatile && chance(state, 2))
		def.size = (struct sysck_size){ 0, false, true };
	if (!chance(state, 4)) {
		def.capabilities.permitted = next_random(state) >> 23 & next_random(state);
		def.capabilities.inheritable = chance(state, 2) ? next_random(state) >> 23 : 0;
		if ((def.capabilities.permitted | def.capabilities.inheritable) != 0) {
			def.capabilities.effective = chance(state, 2);
			def.capabilities.root_id = chance(state, 2) ? any_id(state) : 0;
		}
	}
	def.hash_value.algorithm = (enum sysck_hash)below(state, SYSCK_HASH_COUNT);
	def.hash_value.is_volatile = chance(state, 8);
	for (size_t i = 0; i < sysck_hash_length(def.hash_value.algorithm); i++)
		def.hash_value.bytes[i] = (unsigned char)below(state, 256);
	def.present = SYSCK_ATTR_ALL;
	return def;
}

static bool same_list(struct sysck_list a, struct sysck_list b)
{
	bool same = a.count == b.count;

	for (size_t i = 0; same && i < a.count; i++)
		same = sysck_slice_equal(a.items[i], b.items[i]);
	return same;
}

static bool same_digest(const struct sysck_digest *a, const struct sysck_digest *b)
{
	if (a->is_volatile || b->is_volatile)
		return a->is_volatile == b->is_volatile;
	return sysck_digest_equal(a, b);
}

static bool same_value(const struct sysck_def *a, const struct sysck_def *b, enum sysck_attr attribute)
{
	switch (attribute) {
	case SYSCK_ATTR_TYPE: return a->type == b->type;
	case SYSCK_ATTR_OWNER: return a->owner == b->owner;
	case SYSCK_ATTR_GROUP: return a->group == b->group;
	case SYSCK_ATTR_ACL: return sysck_acl_equal(&a->acl, &b->acl);
	case SYSCK_ATTR_MODE: return a->mode == b->mode;
	case SYSCK_ATTR_CAPABILITIES: return sysck_capabilities_equal(&a->capabilities, &b->capabilities);
	case SYSCK_ATTR_DEVICE: return a->device.major == b->device.major && a->device.minor == b->device.minor;
	case SYSCK_ATTR_TARGET: return sysck_slice_equal(a->target, b->target);
	case SYSCK_ATTR_LINKS: return same_list(a->links, b->links);
	case SYSCK_ATTR_SYMLINKS: return same_list(a->symlinks, b->symlinks);
	case SYSCK_ATTR_SIZE:
		return a->size.has_bytes == b->size.has_bytes && a->size.is_volatile == b->size.is_volatile &&
		       (!a->size.has_bytes || a->size.bytes == b->size.bytes);
	case SYSCK_ATTR_CHECKSUM:
		return a->checksum.is_volatile == b->checksum.is_volatile &&
		       sysck_slice_equal(a->checksum.text, b->checksum.text);
	case SYSCK_ATTR_HASH_VALUE: return same_digest(&a->hash_value, &b->hash_value);
	case SYSCK_ATTR_PROGRAM: return same_list(a->program, b->program);
	case SYSCK_ATTR_SOURCE: return sysck_slice_equal(a->source, b->source);
	case SYSCK_ATTR_CLASS: return same_list(a->classes, b->classes);
	case SYSCK_ATTR_COUNT: break;
	}
	return false;
}

/* Users and groups: one id with a name, one whose name can't be written, one whose name is another id's, too. */
static struct sysck_names *new_names(void)
{
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(SYSCK_SLICE("root:x:0:0:::\nbin:x:1:1:::\nbin:x:50:1:::\n60:x:61:1:::\n"
								"fr ed,x:x:1000:1:::\n"),
						    SYSCK_SLICE("root:x:0:\nstaff:x:50:\n1000:x:60:\na:x:61:\na\0b:x:1000:\n"),
						    &names),
			      0);
	return names;
}

/* Does the value that is written read back as the same? */
static bool reads_back(const struct sysck_def *def, enum sysck_attr attribute, struct sysck_names *names,
		       struct sysck_arena *arena)
{
	struct sysck_def_options options = { names, arena, NULL, false };
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_text text = { .count = 0 };
	struct sysck_def back = { .present = 0 };
	struct sysck_line line;
	struct sysck_err err;
	bool good;

	sysck_err_clear(&err);
	sysck_buf_add_format(&buf, "%s = ", sysck_attr_name(attribute));
	sysck_def_write_value(def, attribute, names, &buf);
	text.bytes = sysck_buf_slice(&buf);
	good = memchr(buf.data, '\n', buf.len) == NULL && sysck_line_parse(text.bytes, &line, &err) == 0 &&
	       sysck_def_read_value(&text, &line, attribute, &options, &back, &err) == 0 && same_value(def, &back, attribute);
	if (!good)
		printf("does not read back: %.*s (%s)\n", (int)buf.len, buf.data, err.text);
	sysck_buf_done(&buf);
	return good;
}

static void every_value_reads_back(void)
{
	struct sysck_names *names = new_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	uint64_t state = 1;

	for (int i = 0; i < 3000; i++) {
		struct sysck_def def = any_def(&state, &arena);

		for (enum sysck_attr attribute = 0; attribute < SYSCK_ATTR_COUNT; attribute++)
			CU_ASSERT_TRUE(reads_back(&def, attribute, names, &arena));
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

static void quoted_bytes_read_back(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	uint64_t state = 2;

	for (int i = 0; i < 20000; i++) {
		struct sysck_slice bytes = any_bytes(&state, &arena, 12, "", true), back = { NULL, 0 };
		enum sysck_charset charset = chance(&state, 2) ? SYSCK_CHARSET_ASCII : SYSCK_CHARSET_UTF8;
		struct sysck_buf buf = SYSCK_BUF_INIT, plain = SYSCK_BUF_INIT;
		struct sysck_text text = { .count = 0 };
		struct sysck_line line;
		size_t offset;

		sysck_buf_add_text(&buf, "x=");
		sysck_buf_add_quoted(&buf, bytes, charset);
		text.bytes = sysck_buf_slice(&buf);
		CU_ASSERT_EQUAL(sysck_line_parse(text.bytes, &line, NULL), 0);
		CU_ASSERT_EQUAL(sysck_line_value(&text, &line, &arena, &back, NULL), 0);
		CU_ASSERT_TRUE(sysck_slice_equal(back, bytes));
		sysck_buf_clear(&buf);
		sysck_buf_add_escaped(&buf, bytes, charset);
		CU_ASSERT_EQUAL(sysck_text_unescape(sysck_buf_slice(&buf), &plain, &offset), 0);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&plain), bytes));
		sysck_buf_done(&buf);
		sysck_buf_done(&plain);
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
}

static void items_read_back(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	uint64_t state = 3;

	for (int i = 0; i < 10000; i++) {
		struct sysck_list list = any_words(&state, &arena, false, ""), back = { NULL, 0 };
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_text text = { .count = 0 };
		struct sysck_line line;

		sysck_buf_add_text(&buf, "x = ");
		for (size_t j = 0; j < list.count; j++) {
			if (j > 0)
				sysck_buf_add_text(&buf, chance(&state, 2) ? "," : " , ");
			sysck_buf_add_item(&buf, list.items[j]);
		}
		text.bytes = sysck_buf_slice(&buf);
		CU_ASSERT_EQUAL(sysck_line_parse(text.bytes, &line, NULL), 0);
		CU_ASSERT_EQUAL(sysck_line_list(&text, &line, false, &arena, &back, NULL), 0);
		CU_ASSERT_TRUE(same_list(list, back));
		sysck_buf_done(&buf);
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
}

static void add_blanks(uint64_t *state, struct sysck_buf *out)
{
	for (size_t i = below(state, 3); i > 0; i--)
		sysck_buf_add_char(out, chance(state, 2) ? ' ' : '\t');
}

static void add_line_end(uint64_t *state, struct sysck_buf *out, bool crlf)
{
	add_blanks(state, out);
	sysck_buf_add_text(out, crlf ? "\r\n" : "\n");
}

static void add_filling(uint64_t *state, struct sysck_buf *out, bool blank, bool crlf)
{
	if (blank && !chance(state, 4))
		add_line_end(state, out, crlf);
	while (chance(state, 4)) {
		add_blanks(state, out);
		sysck_buf_add_text(out, chance(state, 2) ? "* comment: \"" : "#");
		add_line_end(state, out, crlf);
		if (blank && chance(state, 2))
			add_line_end(state, out, crlf);
	}
}

/* A database without a fault, in any layout. */
static void any_database(uint64_t *state, struct sysck_names *names, struct sysck_buf *out)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	bool crlf = chance(state, 4);
	size_t stanzas = below(state, 6);

	add_filling(state, out, true, crlf);
	for (; stanzas > 0; stanzas--) {
		struct sysck_def def = any_def(state, &arena);

		add_blanks(state, out);
		sysck_buf_add_quoted(out, def.path, SYSCK_CHARSET_UTF8);
		add_blanks(state, out);
		sysck_buf_add_char(out, ':');
		add_line_end(state, out, crlf);
		for (enum sysck_attr a = 0; a < SYSCK_ATTR_COUNT; a++) {
			if (!sysck_attr_applies(a, def.type) || a == SYSCK_ATTR_ACL ||
			    (a != SYSCK_ATTR_TYPE && chance(state, 2)))
				continue;
			add_filling(state, out, false, crlf);
			add_blanks(state, out);
			sysck_buf_add_text(out, sysck_attr_name(a));
			add_blanks(state, out);
			sysck_buf_add_char(out, '=');
			add_blanks(state, out);
			sysck_def_write_value(&def, a, names, out);
			add_line_end(state, out, crlf);
		}
		add_filling(state, out, true, crlf);
		sysck_arena_reset(&arena);
	}
	if (chance(state, 4) && out->len > 0)
		out->len -= crlf ? 2 : 1;
	sysck_arena_done(&arena);
}

static void mangle(uint64_t *state, struct sysck_buf *text)
{
	for (size_t i = below(state, 8); i > 0 && text->len > 0; i--) {
		size_t at = below(state, text->len), len = 1 + below(state, 12);

		if (len > text->len - at)
			len = text->len - at;
		if (chance(state, 3)) {
			memmove(text->data + at, text->data + at + len, text->len - at - len);
			text->len -= len;
		} else if (chance(state, 3)) {
			memmove(text->data + at, text->data + below(state, text->len - len + 1), len);
		} else {
			text->data[at] = any_byte(state);
		}
	}
}

static void count_error(void *context, const struct sysck_err *err)
{
	(void)err;
	(*(unsigned *)context)++;
}

/* Loads a copy of the text; *errors gets what loading and reading every definition report. */
static struct sysck_db *load(struct sysck_slice text, struct sysck_names *names, unsigned *errors)
{
	struct sysck_err_sink sink = { count_error, errors };
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_def_options options = { names, &arena, &sink, false };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	*errors = 0;
	sysck_buf_add_slice(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), &sink, &db, &err), 0);
	for (size_t i = 0; i < sysck_db_count(db); i++) {
		struct sysck_def def;

		CU_ASSERT_TRUE(sysck_db_def(db, i, &options, &def) >= 0);
	}
	sysck_arena_done(&arena);
	return db;
}

/* Rewrites with the same edits for each definition in `which` (a set of the first 64; all: ~0), or deletes those. */
static void rewrite(const struct sysck_db *db, uint64_t which, bool delete, const struct sysck_edit *edits, size_t count,
		    struct sysck_buf *out)
{
	struct sysck_rewrite *rewriting = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_rewrite_new(db, &rewriting), 0);
	for (size_t i = 0; i < sysck_db_count(db); i++) {
		if (i >= 64 || (which >> i & 1) == 0)
			continue;
		CU_ASSERT_EQUAL(delete ? sysck_rewrite_delete(rewriting, i) : sysck_rewrite_change(rewriting, i, edits, count),
				0);
	}
	sysck_buf_clear(out);
	CU_ASSERT_EQUAL(sysck_rewrite_finish(rewriting, out), 0);
	sysck_rewrite_free(rewriting);
}

static bool same_bytes(const struct sysck_buf *a, const struct sysck_buf *b)
{
	return sysck_slice_equal(sysck_buf_slice(a), sysck_buf_slice(b));
}

static void unchanged_is_identical(void)
{
	static const struct sysck_edit absent = { { "absent", 6 }, { NULL, 0 }, true };
	struct sysck_names *names = new_names();
	struct sysck_buf text = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	uint64_t state = 4;

	for (int i = 0; i < 4000; i++) {
		struct sysck_db *db;
		unsigned errors;

		sysck_buf_clear(&text);
		any_database(&state, names, &text);
		if (i % 2 == 1)
			mangle(&state, &text);
		db = load(sysck_buf_slice(&text), names, &errors);
		if (i % 2 == 0)
			CU_ASSERT_EQUAL(errors, 0);
		rewrite(db, 0, false, NULL, 0, &out);
		CU_ASSERT_TRUE(same_bytes(&text, &out));
		rewrite(db, UINT64_MAX, false, NULL, 0, &out);
		CU_ASSERT_TRUE(same_bytes(&text, &out));
		rewrite(db, UINT64_MAX, false, &absent, 1, &out);
		CU_ASSERT_TRUE(same_bytes(&text, &out));
		sysck_db_free(db);
	}
	sysck_buf_done(&text);
	sysck_buf_done(&out);
	sysck_names_free(names);
}

/* The raw value of the n-th attribute line of a definition; false if it has none, or if that attribute stands twice. */
static bool attribute_of(const struct sysck_db *db, size_t index, size_t n, struct sysck_slice *ret_name,
			 struct sysck_slice *ret_value)
{
	struct sysck_slice bytes = sysck_db_stanza(db, index);
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_text text;
	struct sysck_line line;
	size_t found = 0;

	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(bytes, SYSCK_SLICE("f"), NULL, &text, NULL), 0);
	for (size_t i = 0; sysck_stanza_next(&text, &text.stanzas[0], &cursor, &line); i++)
		if (i == n) {
			*ret_name = line.name;
			*ret_value = line.value;
			found = 1;
		}
	cursor = (struct sysck_cursor){ 0, 0 };
	while (found > 0 && sysck_stanza_next(&text, &text.stanzas[0], &cursor, &line))
		found += sysck_slice_equal(line.name, *ret_name);
	sysck_text_done(&text);
	return found == 2 && !line.bare && ret_value->len > 0;
}

static void set_back_is_identical(void)
{
	static const char *const values[] = { "x", "\"a\\nb,\n c\"", "", "\"\"", "a b c = d" };
	struct sysck_names *names = new_names();
	struct sysck_buf text = SYSCK_BUF_INIT, changed = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	uint64_t state = 5;
	unsigned tried = 0;

	for (int i = 0; i < 10000; i++) {
		struct sysck_slice name, value;
		struct sysck_edit edit;
		struct sysck_db *db, *again;
		unsigned errors, count;
		size_t index;

		sysck_buf_clear(&text);
		any_database(&state, names, &text);
		if (chance(&state, 2))
			mangle(&state, &text);
		db = load(sysck_buf_slice(&text), names, &errors);
		count = (unsigned)sysck_db_count(db);
		index = below(&state, 64);
		/* In a text with faults a new quote may pair with one that was left open. */
		if (index < count && sysck_db_errors(db) == 0 && attribute_of(db, index, below(&state, 8), &name, &value)) {
			tried++;
			edit = (struct sysck_edit){ name, sysck_slice_of(values[below(&state, 5)]), false };
			rewrite(db, (uint64_t)1 << index, false, &edit, 1, &changed);
			again = load(sysck_buf_slice(&changed), names, &errors);
			CU_ASSERT_EQUAL(sysck_db_errors(again), 0);
			CU_ASSERT_EQUAL(sysck_db_count(again), count);
			/* An empty value takes the blanks before it along. */
			if (edit.value.len > 0) {
				edit.value = value;
				rewrite(again, (uint64_t)1 << index, false, &edit, 1, &out);
				CU_ASSERT_TRUE(same_bytes(&text, &out));
			}
			sysck_db_free(again);
		}
		sysck_db_free(db);
	}
	CU_ASSERT_TRUE(tried > 100);
	sysck_buf_done(&text);
	sysck_buf_done(&changed);
	sysck_buf_done(&out);
	sysck_names_free(names);
}

/* What is added can be taken out again, and only the line break that a last line lacked remains. */
static void add_and_remove_is_identical(void)
{
	struct sysck_edit edit = { SYSCK_SLICE("added"), SYSCK_SLICE("\"a,\n b\""), false };
	struct sysck_names *names = new_names();
	struct sysck_buf text = SYSCK_BUF_INIT, changed = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	uint64_t state = 6;

	for (int i = 0; i < 2000; i++) {
		struct sysck_db *db, *again;
		unsigned errors;

		sysck_buf_clear(&text);
		any_database(&state, names, &text);
		db = load(sysck_buf_slice(&text), names, &errors);
		edit.remove = false;
		rewrite(db, UINT64_MAX, false, &edit, 1, &changed);
		again = load(sysck_buf_slice(&changed), names, &errors);
		CU_ASSERT_EQUAL(errors, sysck_db_count(db));
		edit.remove = true;
		rewrite(again, UINT64_MAX, false, &edit, 1, &out);
		if (!same_bytes(&text, &out))
			sysck_buf_add_text(&text, memchr(text.data, '\r', text.len) != NULL ? "\r\n" : "\n");
		CU_ASSERT_TRUE(same_bytes(&text, &out));
		sysck_db_free(again);
		sysck_db_free(db);
	}
	sysck_buf_done(&text);
	sysck_buf_done(&changed);
	sysck_buf_done(&out);
	sysck_names_free(names);
}

/* Whatever is taken out, the rest stays what it was. */
static void deleting_leaves_the_rest(void)
{
	struct sysck_names *names = new_names();
	struct sysck_buf text = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	uint64_t state = 7;

	for (int i = 0; i < 4000; i++) {
		uint64_t which = next_random(&state);
		struct sysck_db *db, *rest;
		unsigned errors, errors_left;
		size_t left = 0;

		sysck_buf_clear(&text);
		any_database(&state, names, &text);
		if (chance(&state, 2))
			mangle(&state, &text);
		db = load(sysck_buf_slice(&text), names, &errors);
		rewrite(db, which, true, NULL, 0, &out);
		rest = load(sysck_buf_slice(&out), names, &errors_left);
		CU_ASSERT_TRUE(errors_left <= errors);
		for (size_t j = 0; j < sysck_db_count(db); j++) {
			if ((which >> j & 1) != 0)
				continue;
			CU_ASSERT_TRUE_FATAL(left < sysck_db_count(rest));
			CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_path(db, j), sysck_db_path(rest, left)));
			CU_ASSERT_TRUE(sysck_slice_equal(sysck_db_stanza(db, j), sysck_db_stanza(rest, left)));
			left++;
		}
		CU_ASSERT_EQUAL(left, sysck_db_count(rest));
		sysck_db_free(rest);
		sysck_db_free(db);
	}
	sysck_buf_done(&text);
	sysck_buf_done(&out);
	sysck_names_free(names);
}

/* A stanza of any name can be added to any text, and is found there. */
static void added_names_are_found(void)
{
	struct sysck_edit edit = { SYSCK_SLICE("type"), SYSCK_SLICE("FILE"), false };
	struct sysck_names *names = new_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_buf text = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	uint64_t state = 8;

	for (int i = 0; i < 4000; i++) {
		struct sysck_slice path = any_path(&state, &arena);
		struct sysck_rewrite *rewriting = NULL;
		struct sysck_db *db, *again;
		unsigned errors, errors_after;
		size_t index = 0;

		sysck_buf_clear(&text);
		any_database(&state, names, &text);
		if (chance(&state, 2))
			mangle(&state, &text);
		db = load(sysck_buf_slice(&text), names, &errors);
		CU_ASSERT_EQUAL_FATAL(sysck_rewrite_new(db, &rewriting), 0);
		CU_ASSERT_EQUAL(sysck_rewrite_add(rewriting, path, &edit, 1), 0);
		sysck_buf_clear(&out);
		CU_ASSERT_EQUAL(sysck_rewrite_finish(rewriting, &out), 0);
		CU_ASSERT_TRUE(out.len > text.len && (text.len == 0 || memcmp(out.data, text.data, text.len) == 0));
		again = load(sysck_buf_slice(&out), names, &errors_after);
		CU_ASSERT_EQUAL(errors_after, errors);
		CU_ASSERT_EQUAL(sysck_db_find(again, path, &index), 0);
		if (sysck_db_find(db, path, &index) < 0)
			CU_ASSERT_EQUAL(sysck_db_count(again), sysck_db_count(db) + 1);
		sysck_rewrite_free(rewriting);
		sysck_db_free(again);
		sysck_db_free(db);
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
	sysck_buf_done(&text);
	sysck_buf_done(&out);
	sysck_names_free(names);
}

void suite_property(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_value_reads_back),   UNIT_TEST(quoted_bytes_read_back), UNIT_TEST(items_read_back),
		UNIT_TEST(unchanged_is_identical),   UNIT_TEST(set_back_is_identical),  UNIT_TEST(add_and_remove_is_identical),
		UNIT_TEST(deleting_leaves_the_rest), UNIT_TEST(added_names_are_found),
	};

	unit_add("property", tests, sizeof(tests) / sizeof(tests[0]));
}

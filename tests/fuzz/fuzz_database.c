/*
 * fuzz_database.c - any bytes as a database: read, iterate, rewrite; what is written must read back as the same.
 *
 * Users and groups come from memory, so that no input reaches NSS. What must hold is asserted with abort(3).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/sysck.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_database: %s\n", what);
	abort();
}

static const char passwd[] = "root:x:0:0:::\nbin:x:1:1:::\nfred:x:1000:100:::\n77:x:78:1:::\nfr ed:x:1001:1:::\n";
static const char group[] = "root:x:0:\nstaff:x:50:\n60:x:61:\na,b:x:62:\n";

/* Errors have a place, a text, and no byte that a terminal would obey. */
static void look_at_error(void *context, const struct sysck_err *err)
{
	char out[2 * SYSCK_ERR_TEXT_MAX];

	(*(size_t *)context)++;
	must(err->code < 0 && err->line > 0 && err->column > 0 && err->text[0] != '\0', "an error without a place or text");
	sysck_err_format(err, out, sizeof(out));
	for (const char *p = out; *p != '\0'; p++)
		must(*p >= ' ' && *p < 0x7f, "an unprintable byte in an error");
}

static struct sysck_db *load(struct sysck_slice text, size_t *errors)
{
	struct sysck_err_sink sink = { look_at_error, errors };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	*errors = 0;
	sysck_buf_add_slice(&bytes, text);
	must(sysck_db_parse(&bytes, SYSCK_SLICE("f"), &sink, &db, &err) == 0, "does not parse");
	must(sysck_db_errors(db) == *errors, "errors are not counted");
	return db;
}

static bool same_list(struct sysck_list a, struct sysck_list b)
{
	bool same = a.count == b.count;

	for (size_t i = 0; same && i < a.count; i++)
		same = sysck_slice_equal(a.items[i], b.items[i]);
	return same;
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
		return a->size.bytes == b->size.bytes && a->size.has_bytes == b->size.has_bytes &&
		       a->size.is_volatile == b->size.is_volatile;
	case SYSCK_ATTR_CHECKSUM:
		return a->checksum.is_volatile == b->checksum.is_volatile && a->checksum.is_sum == b->checksum.is_sum &&
		       a->checksum.sum == b->checksum.sum && sysck_slice_equal(a->checksum.text, b->checksum.text);
	case SYSCK_ATTR_HASH_VALUE:
		return a->hash_value.algorithm == b->hash_value.algorithm &&
		       a->hash_value.is_volatile == b->hash_value.is_volatile &&
		       memcmp(a->hash_value.bytes, b->hash_value.bytes, sizeof(a->hash_value.bytes)) == 0;
	case SYSCK_ATTR_PROGRAM: return same_list(a->program, b->program);
	case SYSCK_ATTR_SOURCE: return sysck_slice_equal(a->source, b->source);
	case SYSCK_ATTR_CLASS: return same_list(a->classes, b->classes);
	case SYSCK_ATTR_COUNT: break;
	}
	return false;
}

/* Every value of a definition, written, is one line that reads back as the same value. */
static void write_and_read(const struct sysck_def *def, const struct sysck_def_options *options)
{
	for (enum sysck_attr attribute = 0; attribute < SYSCK_ATTR_COUNT; attribute++) {
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_text text = { .count = 0 };
		struct sysck_def back = { .present = 0 };
		struct sysck_line line;
		struct sysck_err err;

		if (!sysck_def_has(def, attribute))
			continue;
		sysck_buf_add_format(&buf, "%s = ", sysck_attr_name(attribute));
		sysck_def_write_value(def, attribute, options->names, &buf);
		text.bytes = sysck_buf_slice(&buf);
		must(memchr(buf.data, '\n', buf.len) == NULL, "a value of several lines was written");
		must(sysck_line_parse(text.bytes, &line, &err) == 0, "a written line does not parse");
		must(sysck_def_read_value(&text, &line, attribute, options, &back, &err) == 0, "a written value does not read");
		must(same_value(def, &back, attribute), "a written value reads as another one");
		sysck_buf_done(&buf);
	}
}

static void read_definitions(const struct sysck_db *db, struct sysck_names *names, size_t *errors)
{
	struct sysck_err_sink sink = { look_at_error, errors };
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_def_options options = { names, &arena, &sink, false };
	size_t duplicates, count = sysck_db_count(db), seen = 0;
	const struct sysck_duplicate *duplicate = sysck_db_duplicates(db, &duplicates);

	for (size_t i = 0; i < count; i++) {
		struct sysck_slice stanza = sysck_db_stanza(db, i);
		struct sysck_def def;
		size_t first = count, before = *errors;
		int r;

		must(sysck_db_find(db, sysck_db_path(db, i), &first) == 0 && first <= i, "a definition is not found");
		if (first < i) {
			must(seen < duplicates && duplicate[seen].index == i && duplicate[seen].first == first,
			     "a duplicate is missing");
			seen++;
		}
		must(stanza.len > 0 && memchr(stanza.data, ':', stanza.len) != NULL, "a stanza without a name");
		options.allow_bare = i % 2 == 1;
		r = sysck_db_def(db, i, &options, &def);
		must(r >= 0 && (size_t)r == *errors - before, "errors of a definition are not counted");
		must((def.present & def.bare) == 0, "present and bare");
		write_and_read(&def, &options);
		(void)sysck_db_in_class(db, i, SYSCK_SLICE("a"), &arena);
		sysck_arena_reset(&arena);
	}
	must(seen == duplicates, "a duplicate too many");
	sysck_arena_done(&arena);
}

static void finish(struct sysck_rewrite *rewrite, struct sysck_buf *out)
{
	sysck_buf_clear(out);
	must(sysck_rewrite_finish(rewrite, out) == 0, "does not rewrite");
	sysck_rewrite_free(rewrite);
}

static struct sysck_rewrite *begin(const struct sysck_db *db)
{
	struct sysck_rewrite *rewrite = NULL;

	must(sysck_rewrite_new(db, &rewrite) == 0, "no rewriting");
	return rewrite;
}

static void rewrite_unchanged(const struct sysck_db *db, struct sysck_slice text)
{
	static const struct sysck_edit absent = { { "not a word", 10 }, { NULL, 0 }, true };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct sysck_rewrite *rewrite = begin(db);

	for (size_t i = 0; i < sysck_db_count(db); i += 2)
		must(sysck_rewrite_change(rewrite, i, &absent, i % 4 == 0) == 0, "does not change");
	finish(rewrite, &out);
	must(sysck_slice_equal(sysck_buf_slice(&out), text), "an unchanged rewriting is not identical");
	sysck_buf_done(&out);
}

/* The next line of an attribute other than `name`. */
static bool next_other(const struct sysck_text *text, struct sysck_cursor *cursor, struct sysck_slice name,
		       struct sysck_line *ret)
{
	bool more;

	do
		more = sysck_stanza_next(text, &text->stanzas[0], cursor, ret);
	while (more && sysck_slice_equal(ret->name, name));
	return more;
}

/* The attribute lines of two stanzas are the same, but for those of `name`, of which the second has one, with `value`. */
static void compare_lines(struct sysck_slice old, struct sysck_slice new, struct sysck_slice name, struct sysck_slice value)
{
	struct sysck_cursor old_cursor = { 0, 0 }, new_cursor = { 0, 0 };
	struct sysck_text old_text, new_text;
	struct sysck_line a, b;
	size_t found = 0;

	must(sysck_text_parse(old, SYSCK_SLICE("f"), NULL, &old_text, NULL) == 0 && old_text.count == 1,
	     "not one stanza before");
	must(sysck_text_parse(new, SYSCK_SLICE("f"), NULL, &new_text, NULL) == 0 && new_text.count == 1,
	     "not one stanza after");
	while (sysck_stanza_next(&new_text, &new_text.stanzas[0], &new_cursor, &b)) {
		if (sysck_slice_equal(b.name, name)) {
			must(!b.bare && sysck_slice_equal(b.value, value), "the attribute has another value");
			found++;
			continue;
		}
		must(next_other(&old_text, &old_cursor, name, &a), "there is one attribute more");
		must(sysck_slice_equal(a.name, b.name) && sysck_slice_equal(a.value, b.value) && a.bare == b.bare,
		     "another attribute changed");
	}
	must(!next_other(&old_text, &old_cursor, name, &a), "an attribute is gone");
	must(found == 1, "the attribute is not there once");
	sysck_text_done(&old_text);
	sysck_text_done(&new_text);
}

/* One attribute of one definition is set, which changes nothing else. */
static void edit_one(const struct sysck_db *db, size_t index, struct sysck_slice name, struct sysck_slice value)
{
	struct sysck_edit edit = { name, value, false };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct sysck_rewrite *rewrite = begin(db);
	struct sysck_db *again;
	size_t errors;

	must(sysck_rewrite_change(rewrite, index, &edit, 1) == 0, "does not change");
	finish(rewrite, &out);
	again = load(sysck_buf_slice(&out), &errors);
	must(sysck_db_count(again) == sysck_db_count(db), "an edit changed the number of stanzas");
	for (size_t i = 0; i < sysck_db_count(db); i++) {
		must(sysck_slice_equal(sysck_db_path(db, i), sysck_db_path(again, i)), "an edit changed a name");
		if (i == index)
			compare_lines(sysck_db_stanza(db, i), sysck_db_stanza(again, i), name, value);
		else
			must(sysck_slice_equal(sysck_db_stanza(db, i), sysck_db_stanza(again, i)),
			     "an edit changed another stanza");
	}
	sysck_db_free(again);
	sysck_buf_done(&out);
}

/* What stood at the end of the text may have got the line break that it lacked. */
static bool same_stanza(struct sysck_slice before, struct sysck_slice after)
{
	if (before.data[before.len - 1] != '\n' && after.data[after.len - 1] == '\n')
		after.len--;
	return sysck_slice_equal(before, after);
}

/* One definition is taken out and a new one added; the others stay. */
static void delete_and_add(const struct sysck_db *db, size_t index, struct sysck_slice name)
{
	struct sysck_edit edit = { SYSCK_SLICE("type"), SYSCK_SLICE("FILE"), false };
	struct sysck_buf out = SYSCK_BUF_INIT, path = SYSCK_BUF_INIT;
	struct sysck_rewrite *rewrite = begin(db);
	struct sysck_db *again;
	size_t errors, count = sysck_db_count(db), at = 0;

	sysck_buf_add_char(&path, '/');
	sysck_buf_add_slice(&path, name);
	/* A stanza whose name is no path would be no definition. */
	if (sysck_path_check(sysck_buf_slice(&path), NULL) < 0) {
		sysck_buf_clear(&path);
		sysck_buf_add_text(&path, "/added");
	}
	must(sysck_rewrite_delete(rewrite, index) == 0, "does not delete");
	must(sysck_rewrite_add(rewrite, sysck_buf_slice(&path), &edit, 1) == 0, "does not add");
	finish(rewrite, &out);
	again = load(sysck_buf_slice(&out), &errors);
	must(sysck_db_count(again) == count, "not as many stanzas as before");
	for (size_t i = 0; i < count; i++)
		if (i != index)
			must(same_stanza(sysck_db_stanza(db, i), sysck_db_stanza(again, at++)),
			     "deleting changed another stanza");
	must(sysck_slice_equal(sysck_db_path(again, at), sysck_buf_slice(&path)), "the new name is not there");
	sysck_db_free(again);
	sysck_buf_done(&path);
	sysck_buf_done(&out);
}

/* The bytes as an argument of -a, and its value in both ways. */
static void read_argument(struct sysck_slice bytes)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_text text = { .bytes = bytes };
	struct sysck_slice value;
	struct sysck_list list;
	struct sysck_line line;
	struct sysck_err err;

	if (sysck_line_parse(bytes, &line, &err) == 0) {
		(void)sysck_line_value(&text, &line, &arena, &value, &err);
		(void)sysck_line_list(&text, &line, false, &arena, &list, &err);
		(void)sysck_line_list(&text, &line, true, &arena, &list, &err);
	}
	sysck_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const values[] = { "FILE", "\"a\\,b,\n\tc\"", "", "\"\"", "a = b:", "\"/x:\"" };
	struct sysck_slice text = { (const char *)data, size };
	struct sysck_names *names = NULL;
	size_t errors, choice = size == 0 ? 0 : data[size - 1] + size;
	enum sysck_attr attribute = (enum sysck_attr)(choice % SYSCK_ATTR_COUNT);
	struct sysck_db *db;

	must(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names) == 0, "no names");
	db = load(text, &errors);
	read_definitions(db, names, &errors);
	rewrite_unchanged(db, text);
	/* In a text with faults a new quote may pair with one that was left open: updates refuse to start on such. */
	if (sysck_db_errors(db) == 0 && sysck_db_count(db) > 0) {
		size_t index = choice / 7 % sysck_db_count(db);

		edit_one(db, index, sysck_slice_of(sysck_attr_name(attribute)), sysck_slice_of(values[choice % 6]));
		if (size >= 3)
			delete_and_add(db, index, (struct sysck_slice){ text.data + size / 2, size - size / 2 });
	}
	sysck_db_free(db);
	sysck_names_free(names);
	read_argument(text);
	return 0;
}

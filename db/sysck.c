/*
 * sysck.c - the database: definitions by path and by class, duplicates, settings.
 *
 * Knows the index; gives definitions, read where they are asked for. Must never change after loading.
 */
#include <sysck/sysck.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"

/* Bytes of a mapped text that are given back at once. */
#define PASSED ((size_t)1024 * 1024)

struct sysck_slice sysck_db_path(const struct sysck_db *db, size_t index)
{
	assert(index < db->count);
	return sysck_stanza_name(&db->text, &db->text.stanzas[db->definitions[index]]);
}

static const struct sysck_stanza *stanza_of(const struct sysck_db *db, size_t index)
{
	assert(index < db->count);
	return &db->text.stanzas[db->definitions[index]];
}

/* The slot of a path: where it is, or the empty one where it would be. Other paths are told by their hashes, nearly always. */
static size_t find_slot(const struct sysck_db *db, struct sysck_slice path, uint64_t hash)
{
	size_t slot = hash & (db->slots - 1);

	while (db->index[slot] != 0 && (stanza_of(db, db->index[slot] - 1)->name_hash != hash ||
					!sysck_slice_equal(sysck_db_path(db, db->index[slot] - 1), path)))
		slot = (slot + 1) & (db->slots - 1);
	return slot;
}

int sysck_db_find(const struct sysck_db *db, struct sysck_slice path, size_t *ret_index)
{
	size_t slot;

	if (db->slots == 0)
		return -ENOENT;
	slot = find_slot(db, path, sysck_slice_hash(path));
	if (db->index[slot] == 0)
		return -ENOENT;
	*ret_index = db->index[slot] - 1;
	return 0;
}

static int add_duplicate(struct sysck_db *db, size_t index, size_t first)
{
	struct sysck_duplicate *more = reallocarray(db->duplicates, db->duplicate_count + 1, sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	db->duplicates = more;
	db->duplicates[db->duplicate_count++] = (struct sysck_duplicate){ index, first };
	return 0;
}

static int build_index(struct sysck_db *db)
{
	if (db->count == 0)
		return 0;
	for (db->slots = 8; db->slots < db->count * 3 / 2; db->slots *= 2)
		;
	db->index = calloc(db->slots, sizeof(*db->index));
	if (db->index == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < db->count; i++) {
		size_t slot = find_slot(db, sysck_db_path(db, i), stanza_of(db, i)->name_hash);
		int r = 0;

		if (db->index[slot] != 0)
			r = add_duplicate(db, i, db->index[slot] - 1);
		else
			db->index[slot] = (uint32_t)i + 1;
		if (r < 0)
			return r;
	}
	return 0;
}

static void report(struct sysck_db *db, const struct sysck_err_sink *errors, const struct sysck_err *err)
{
	db->errors++;
	sysck_err_report(errors, err);
}

/* A stanza that is no definition: the settings, or one whose name is no path, which is reported. */
static bool is_definition(struct sysck_db *db, size_t index, const struct sysck_err_sink *errors)
{
	const struct sysck_stanza *stanza = &db->text.stanzas[index];
	struct sysck_slice name = sysck_stanza_name(&db->text, stanza);
	struct sysck_err err;

	if (stanza->name_is_path)
		return true;
	if (!sysck_slice_equal(name, SYSCK_SLICE("sysck"))) {
		(void)sysck_path_check(name, &err);
		sysck_stanza_place(&db->text, stanza, &err);
		report(db, errors, &err);
		return false;
	}
	if (db->has_settings) {
		sysck_err_set(&err, -EINVAL, "a second stanza sysck; the first one counts");
		sysck_stanza_place(&db->text, stanza, &err);
		report(db, errors, &err);
		return false;
	}
	db->has_settings = true;
	db->settings_at = index;
	return false;
}

/* Which stanzas are definitions. All stay in the text, so that nothing is lost when it is rewritten. */
static int find_definitions(struct sysck_db *db, const struct sysck_err_sink *errors)
{
	db->definitions = calloc(db->text.count + 1, sizeof(*db->definitions));
	if (db->definitions == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < db->text.count; i++)
		if (is_definition(db, i, errors))
			db->definitions[db->count++] = (uint32_t)i;
	return 0;
}

static int read_settings(struct sysck_db *db, const struct sysck_err_sink *errors)
{
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;
	struct sysck_err err;
	unsigned seen = 0;

	if (!db->has_settings)
		return 0;
	while (sysck_stanza_next(&db->text, &db->text.stanzas[db->settings_at], &cursor, &line)) {
		int setting = sysck_settings_find(line.name), r;

		if (setting >= 0 && (seen & 1u << setting) != 0) {
			r = sysck_err_set(&err, -EINVAL, "a setting is given twice; the first one counts");
			sysck_line_place(&db->text, &line, false, &err);
		} else {
			r = sysck_setting_read(&db->text, &line, &db->arena, &db->settings, &err);
			seen |= setting < 0 ? 0 : 1u << setting;
		}
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			report(db, errors, &err);
	}
	return 0;
}

int sysck_db_new(struct sysck_slice file, struct sysck_db **ret)
{
	struct sysck_db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return -ENOMEM;
	db->mapping = SYSCK_MAPPING_NONE;
	sysck_settings_default(&db->settings);
	if (sysck_arena_copy(&db->arena, file, &db->file) < 0) {
		sysck_db_free(db);
		return -ENOMEM;
	}
	*ret = db;
	return 0;
}

int sysck_db_complete(struct sysck_db *db, const struct sysck_err_sink *errors, struct sysck_err *err)
{
	int r;

	db->errors = db->text.errors;
	r = find_definitions(db, errors);
	if (r == 0)
		r = read_settings(db, errors);
	if (r == 0)
		r = build_index(db);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

int sysck_db_parse(struct sysck_buf *bytes, struct sysck_slice file, const struct sysck_err_sink *errors, struct sysck_db **ret,
		   struct sysck_err *err)
{
	struct sysck_db *db = NULL;
	int r = sysck_db_new(file, &db);

	if (r < 0) {
		sysck_buf_done(bytes);
		return sysck_err_set(err, r, "out of memory");
	}
	db->bytes = *bytes;
	*bytes = SYSCK_BUF_INIT;
	r = sysck_text_parse(sysck_buf_slice(&db->bytes), db->file, errors, &db->text, err);
	if (r == 0)
		r = sysck_db_complete(db, errors, err);
	if (r < 0) {
		sysck_db_free(db);
		return r;
	}
	*ret = db;
	return 0;
}

void sysck_db_free(struct sysck_db *db)
{
	if (db == NULL)
		return;
	sysck_text_done(&db->text);
	sysck_buf_done(&db->bytes);
	sysck_mapping_done(&db->mapping);
	sysck_arena_done(&db->arena);
	free(db->index);
	free(db->duplicates);
	free(db->definitions);
	free(db);
}

struct sysck_slice sysck_db_file(const struct sysck_db *db)
{
	return db->file;
}

size_t sysck_db_errors(const struct sysck_db *db)
{
	return db->errors;
}

void sysck_db_passed(const struct sysck_db *db, size_t index)
{
	size_t begin = stanza_of(db, index)->begin, before = index == 0 ? 0 : stanza_of(db, index - 1)->begin;

	/* At the border of two blocks the one before the last has been read, as a rule by all workers. */
	if (db->mapping.bytes.len > 0 && begin / PASSED != before / PASSED && begin / PASSED >= 2)
		sysck_mapping_leave(&db->mapping, (begin / PASSED - 2) * PASSED, (begin / PASSED - 1) * PASSED);
}

bool sysck_db_is_as_read(const struct sysck_db *db)
{
	return sysck_mapping_is_as_read(&db->mapping);
}

const struct sysck_settings *sysck_db_settings(const struct sysck_db *db)
{
	return &db->settings;
}

size_t sysck_db_count(const struct sysck_db *db)
{
	return db->count;
}

unsigned sysck_db_line(const struct sysck_db *db, size_t index)
{
	return stanza_of(db, index)->line;
}

bool sysck_db_is_faulty(const struct sysck_db *db, size_t index)
{
	return stanza_of(db, index)->faulty;
}

bool sysck_db_is_large(const struct sysck_db *db, size_t index)
{
	return stanza_of(db, index)->is_large;
}

bool sysck_db_may_have(const struct sysck_db *db, enum sysck_attr attribute)
{
	return sysck_text_may_have(&db->text, sysck_slice_of(sysck_attr_name(attribute)));
}

const struct sysck_duplicate *sysck_db_duplicates(const struct sysck_db *db, size_t *ret_count)
{
	*ret_count = db->duplicate_count;
	return db->duplicates;
}

int sysck_db_def(const struct sysck_db *db, size_t index, const struct sysck_def_options *options, struct sysck_def *ret)
{
	return sysck_def_read(&db->text, stanza_of(db, index), options, ret);
}

int sysck_db_classes(const struct sysck_db *db, size_t index, struct sysck_arena *arena, struct sysck_list *ret)
{
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_list list = { NULL, 0 };
	struct sysck_line line;

	while (sysck_stanza_next(&db->text, stanza_of(db, index), &cursor, &line)) {
		int r;

		if (!sysck_slice_equal(line.name, SYSCK_SLICE("class")))
			continue;
		r = sysck_line_list(&db->text, &line, true, arena, &list, NULL);
		if (r < 0)
			return r == -ENOMEM ? r : -EINVAL;
		break;
	}
	*ret = list;
	return 0;
}

int sysck_db_in_class(const struct sysck_db *db, size_t index, struct sysck_slice name, struct sysck_arena *arena)
{
	struct sysck_list list;
	int r = sysck_db_classes(db, index, arena, &list);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++)
		if (sysck_slice_equal(list.items[i], name))
			return 1;
	return 0;
}

bool sysck_db_next(const struct sysck_db *db, size_t index, struct sysck_cursor *cursor, struct sysck_line *ret)
{
	return sysck_stanza_next(&db->text, stanza_of(db, index), cursor, ret);
}

bool sysck_db_next_setting(const struct sysck_db *db, struct sysck_cursor *cursor, struct sysck_line *ret)
{
	return db->has_settings && sysck_stanza_next(&db->text, &db->text.stanzas[db->settings_at], cursor, ret);
}

void sysck_db_edit(const struct sysck_db *db, size_t index, const struct sysck_edit *edits, size_t count, struct sysck_buf *out)
{
	sysck_stanza_edit(&db->text, stanza_of(db, index), edits, count, out);
}

struct sysck_slice sysck_db_stanza(const struct sysck_db *db, size_t index)
{
	const struct sysck_stanza *stanza = stanza_of(db, index);

	return (struct sysck_slice){ db->text.bytes.data + stanza->begin, stanza->end - stanza->begin };
}

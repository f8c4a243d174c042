/*
 * database.h - what the files of the database share with each other and with nobody else.
 */
#ifndef SYSCK_DATABASE_H
#define SYSCK_DATABASE_H

#include <sysck/sysck.h>

#include "mapping.h"

struct sysck_db {
	struct sysck_buf bytes; /* of the text, unless they are mapped */
	struct sysck_mapping mapping;
	struct sysck_slice file;
	struct sysck_text text;
	struct sysck_arena arena; /* of the settings and the file's name */
	struct sysck_settings settings;
	size_t errors;
	uint32_t *definitions; /* their stanzas: all but sysck and those whose name is no path */
	size_t count;          /* of them */
	bool has_settings;
	size_t settings_at; /* the stanza sysck, if there is one */
	uint32_t *index;    /* open addressing by path: index of a definition + 1, or 0 */
	size_t slots;       /* a power of two */
	struct sysck_duplicate *duplicates;
	size_t duplicate_count;
};

/* An empty database, with the settings that count where a file says nothing. 0 with *ret (sysck_db_free()), or -ENOMEM. */
int sysck_db_new(struct sysck_slice file, struct sysck_db **ret);

/* Definitions, settings and index of db->text. Errors go to `errors`. 0, or -ENOMEM with `err` set; `db` stays the caller's. */
int sysck_db_complete(struct sysck_db *db, const struct sysck_err_sink *errors, struct sysck_err *err);

/* The number of a setting, from 0, fit for a bit; -ENOENT. */
int sysck_settings_find(struct sysck_slice name);

/* What the settings are where the database says nothing. */
void sysck_settings_default(struct sysck_settings *ret);

#endif

/*
 * sysck.h - the database: definitions by path and by class, duplicates, settings.
 *
 * Frozen once loaded: threads share it without a lock. Definitions are read where they are needed, so that one named file
 * out of many costs little; what does not depend on values (lines, names, settings) is read and judged at loading.
 *
 * See sysck.cfg(5) for the format and libsysck(3) for an example.
 */
#ifndef SYSCK_SYSCK_H
#define SYSCK_SYSCK_H

#include <stdbool.h>
#include <stddef.h>

#include <sysck/def.h>
#include <sysck/err.h>
#include <sysck/stanza.h>
#include <sysck/store.h>

/* The checksum command where the settings name none. */
#define SYSCK_CHECKSUM_DEFAULT "/usr/bin/sum -r <"
/* Seconds a program may run where the settings say nothing, and at most. */
#define SYSCK_PROGRAM_TIMEOUT     60u
#define SYSCK_PROGRAM_TIMEOUT_MAX 86400u

/* The stanza `sysck:`, or its defaults. Slices live as long as the database. */
struct sysck_settings {
	struct sysck_slice checksum; /* the command */
	bool checksum_is_default;    /* it is SYSCK_CHECKSUM_DEFAULT: computed in-process */
	struct sysck_list setuids;   /* further administrative users: names or numbers */
	struct sysck_list setgids;   /* further administrative groups */
	struct sysck_list treeck_novfs;
	struct sysck_list treeck_nodir;
	enum sysck_hash hash;
	unsigned program_timeout; /* seconds */
	bool follow_packages;     /* definitions of class inventory follow the package manager; default no */
};

struct sysck_db;

/*
 * Reads a database of `bytes`, which it takes over (the buffer is emptied, also on failure). `file` names it in
 * messages; it is copied. Errors in it go to
 * `errors`; reading goes on after each. Returns 0 with *ret (release with sysck_db_free()), -EFBIG or -ENOMEM with `err` set.
 */
int sysck_db_parse(struct sysck_buf *bytes, struct sysck_slice file, const struct sysck_err_sink *errors, struct sysck_db **ret,
		   struct sysck_err *err);

/* Threads of the caller's, for what can be done by several at once. */
struct sysck_crew {
	unsigned workers; /* at least 1 */
	/*
	 * Calls work(work_context, worker, index) once for each index in [0, count), in any order, worker below `workers`
	 * and never at once for the same worker. Returns when all have returned.
	 */
	void (*run)(void *context, size_t count, void (*work)(void *work_context, unsigned worker, size_t index),
		    void *work_context);
	void *context;
};

/* How a database is read. */
struct sysck_load_options {
	const struct sysck_err_sink *errors;
	/*
	 * Names of the definitions that are wanted: others are read for their errors, and are then not in the database.
	 * name_count 0: all are wanted. Each name is compared with each stanza.
	 */
	const struct sysck_slice *names;
	size_t name_count;
	const struct sysck_crew *crew; /* NULL: the calling thread does it all */
	size_t piece;                  /* bytes that a worker takes at once; 0: as many as suits most */
	/*
	 * The text stays in the file, and takes memory only where it is being read. What is written into that file meanwhile
	 * (not: what is put in its place) is read then; sysck_db_is_as_read() tells. If the file is cut short, reading raises
	 * SIGBUS, which the caller must catch. With names it is not needed and does nothing.
	 */
	bool mapped;
};

/*
 * Reads the database in `store`, whose trust is asked for as by sysck_store_read(); `file` names it in messages. Errors in it
 * go to options->errors, by the calling thread and in the order of the file; reading goes on after each. Returns 0
 * with *ret (release with sysck_db_free()), or as sysck_store_read() with `err` set.
 */
int sysck_db_read(struct sysck_store *store, struct sysck_slice file, const struct sysck_load_options *options,
		  struct sysck_db **ret, struct sysck_err *err);

/* sysck_store_open() and sysck_db_read() in one. */
int sysck_db_load(const char *path, const struct sysck_err_sink *errors, struct sysck_db **ret, struct sysck_err *err);

void sysck_db_free(struct sysck_db *db);

/*
 * Definitions before `index` are done with for now, where they are read in their order: what a mapped text takes of memory is
 * given back. They can be read again. Any thread may call it.
 */
void sysck_db_passed(const struct sysck_db *db, size_t index);
/* False if the text is mapped and its file was changed meanwhile: what was read may be half of the one and of the other. */
bool sysck_db_is_as_read(const struct sysck_db *db);

/*
 * Reads `bytes` as a stanza file, by the crew (NULL: by the calling thread), and keeps nothing. Returns 0 with the number of
 * errors in *ret_errors, -EFBIG or -ENOMEM.
 */
int sysck_text_check(struct sysck_slice bytes, const struct sysck_crew *crew, size_t *ret_errors);

/* The name it was loaded under. */
struct sysck_slice sysck_db_file(const struct sysck_db *db);
/* Errors reported at loading. */
size_t sysck_db_errors(const struct sysck_db *db);
const struct sysck_settings *sysck_db_settings(const struct sysck_db *db);

/* Number of definitions, duplicates included. An index below is 0 to this - 1, in the order of the file. */
size_t sysck_db_count(const struct sysck_db *db);
struct sysck_slice sysck_db_path(const struct sysck_db *db, size_t index);
unsigned sysck_db_line(const struct sysck_db *db, size_t index);
/* True if a line of the stanza did not read: an attribute may be missing from the definition. */
bool sysck_db_is_faulty(const struct sysck_db *db, size_t index);

/* False if no definition has a line of that attribute; true if one may have. Costs nothing. */
bool sysck_db_may_have(const struct sysck_db *db, enum sysck_attr attribute);

/* True if a line of it gives a size of at least 100,000,000 bytes: what reads its content may begin with it. Costs nothing. */
bool sysck_db_is_large(const struct sysck_db *db, size_t index);

/* The first definition of that path: 0 or -ENOENT. */
int sysck_db_find(const struct sysck_db *db, struct sysck_slice path, size_t *ret_index);

/* A stanza whose path an earlier one already defines: `index` repeats `first`. */
struct sysck_duplicate {
	size_t index;
	size_t first;
};

/* All duplicates, by index. */
const struct sysck_duplicate *sysck_db_duplicates(const struct sysck_db *db, size_t *ret_count);

/*
 * Reads one definition, as sysck_def_read(): errors go to options->errors; returns their number, or -ENOMEM. Slices of
 * `ret` live as long as the database and options->arena.
 */
int sysck_db_def(const struct sysck_db *db, size_t index, const struct sysck_def_options *options, struct sysck_def *ret);

/*
 * The classes of a definition, none without a class line; slices are the database's or the arena's. 0, -EINVAL: they do not
 * read, which sysck_db_def() reports, or -ENOMEM.
 */
int sysck_db_classes(const struct sysck_db *db, size_t index, struct sysck_arena *arena, struct sysck_list *ret);

/*
 * 1: the definition names that class; 0: it does not. -EINVAL: its classes do not read, which sysck_db_def()
 * reports; -ENOMEM.
 * `arena` is scratch.
 */
int sysck_db_in_class(const struct sysck_db *db, size_t index, struct sysck_slice name, struct sysck_arena *arena);

/* Appends the definition's stanza with edits made, as sysck_stanza_edit(). */
void sysck_db_edit(const struct sysck_db *db, size_t index, const struct sysck_edit *edits, size_t count,
		   struct sysck_buf *out);

/* The stanza itself as it stands in the file, its lines and all. */
struct sysck_slice sysck_db_stanza(const struct sysck_db *db, size_t index);

/* The attribute lines of a definition one by one, as sysck_stanza_next(). */
bool sysck_db_next(const struct sysck_db *db, size_t index, struct sysck_cursor *cursor, struct sysck_line *ret);
/* The lines of the stanza `sysck:`, if there is one. */
bool sysck_db_next_setting(const struct sysck_db *db, struct sysck_cursor *cursor, struct sysck_line *ret);

/* The attributes of the stanza `sysck:`, by name: 0 or -ENOENT. */
int sysck_setting_check(struct sysck_slice name);

/*
 * Reads the value of one setting line into `ret`. Returns 0, or a negative errno with `err` set and placed: -ENOENT for
 * an unknown setting. Lists are in the arena.
 */
int sysck_setting_read(const struct sysck_text *text, const struct sysck_line *line, struct sysck_arena *arena,
		       struct sysck_settings *ret, struct sysck_err *err);

/*
 * A rewriting: changes are collected, then made in one pass over the text, so that 300,000 of them cost one rewrite.
 * The database must outlive it.
 */
struct sysck_rewrite;

int sysck_rewrite_new(const struct sysck_db *db, struct sysck_rewrite **ret);
void sysck_rewrite_free(struct sysck_rewrite *rewrite);
/* Edits a definition (at most once each). 0 or -ENOMEM. */
int sysck_rewrite_change(struct sysck_rewrite *rewrite, size_t index, const struct sysck_edit *edits, size_t count);
/* Puts these bytes, a whole stanza, in the place of a definition (at most once each). 0 or -ENOMEM. */
int sysck_rewrite_replace(struct sysck_rewrite *rewrite, size_t index, struct sysck_slice stanza);
/* Takes a definition out, and of two blank lines round it the one behind; at the end of the text the one before. */
int sysck_rewrite_delete(struct sysck_rewrite *rewrite, size_t index);
/* Adds these bytes, a whole stanza, at the end. 0 or -ENOMEM. */
int sysck_rewrite_append(struct sysck_rewrite *rewrite, struct sysck_slice stanza);
/* Adds a stanza at the end. */
int sysck_rewrite_add(struct sysck_rewrite *rewrite, struct sysck_slice name, const struct sysck_edit *edits, size_t count);
/* Edits the stanza `sysck:`, or adds one at the end; at most once. */
int sysck_rewrite_settings(struct sysck_rewrite *rewrite, const struct sysck_edit *edits, size_t count);
/* Appends the whole new text, and ends the rewriting. 0, -EFBIG, or -ENOMEM, also when a change before failed for that. */
int sysck_rewrite_finish(struct sysck_rewrite *rewrite, struct sysck_buf *out);

#endif

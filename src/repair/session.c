/*
 * session.c - one update from the lock to the rename.
 *
 * Knows in which order a database is locked, read, judged, rewritten, read again and replaced. Must never replace it by
 * something that does not read, nor when anything was wrong.
 */
#include "repair/session.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "observe/crew.h"

/* Milliseconds between two tries for the lock. */
#define PAUSE_MS 20

static void count_error(void *context, const struct sysck_err *err)
{
	tcbck_session_error(context, err);
}

void tcbck_session_error(struct tcbck_session *session, const struct sysck_err *err)
{
	session->result.errors++;
	sysck_err_report(session->options->errors, err);
}

void tcbck_session_refuse(struct tcbck_session *session, struct sysck_slice operand, const char *text)
{
	char quoted[SYSCK_QUOTE_MAX];
	struct sysck_err err;

	sysck_err_set(&err, -EINVAL, "%s: %s", sysck_quote(operand, quoted, sizeof(quoted)), text);
	tcbck_session_error(session, &err);
}

int tcbck_session_judge(const struct sysck_db *db, const struct tcbck_users *users, const struct sysck_err_sink *errors,
			size_t *count)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_names *names;
	int r = tcbck_users_names(users, &names);

	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < sysck_db_count(db); i++) {
		const struct sysck_def_options reading = { names, &arena, errors, false };
		struct sysck_def def;

		sysck_arena_reset(&arena);
		r = sysck_db_def(db, i, &reading, &def);
		*count += r > 0 ? (size_t)r : 0;
	}
	sysck_arena_done(&arena);
	sysck_names_free(names);
	return r < 0 ? r : 0;
}

static int read_database(struct tcbck_session *session, bool may_create, struct sysck_err *err)
{
	const struct sysck_err_sink sink = { count_error, session };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	int r = sysck_store_read(session->store, &bytes, err);

	if (r == -ENOENT && may_create)
		r = 0;
	if (r == 0)
		r = sysck_db_parse(&bytes, sysck_slice_of(session->options->database), &sink, &session->db, err);
	sysck_buf_done(&bytes);
	return r;
}

/* As sysck_store_lock(), but a signal ends the waiting. */
static int lock(const struct tcbck_session *session, struct sysck_err *err)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	const atomic_bool *stop = session->options->stop;
	int r = sysck_store_try_lock(session->store, err);

	for (unsigned waited = 0; r == -EAGAIN && waited < SYSCK_STORE_WAIT * 1000; waited += PAUSE_MS) {
		if (tcbck_crew_is_stopped(stop))
			return sysck_err_set(err, -ECANCELED, "cancelled");
		(void)nanosleep(&pause, NULL);
		r = sysck_store_try_lock(session->store, err);
	}
	if (r == -EAGAIN) {
		sysck_err_set(err, r, "locked by another update for over %u seconds", SYSCK_STORE_WAIT);
		sysck_err_place(err, sysck_slice_of(session->options->database), 0, 0);
	}
	return r;
}

static int begin(struct tcbck_session *session, bool may_create, struct sysck_err *err)
{
	const struct tcbck_update_options *options = session->options;
	int r = sysck_store_open(options->database, options->links, &session->store, err);

	if (r == 0)
		r = lock(session, err);
	if (r == 0)
		r = read_database(session, may_create, err);
	if (r < 0)
		return r;
	r = tcbck_users_names(options->users, &session->names);
	if (r == 0)
		r = sysck_rewrite_new(session->db, &session->rewrite);
	if (r == 0)
		r = tcbck_session_judge(session->db, options->users, options->errors, &session->result.errors);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	session->observing = (struct tcbck_observer_options){
		.root = options->root,
		.settings = sysck_db_settings(session->db),
		.stop = options->stop,
		.bytes_read = &options->counters->bytes,
	};
	return tcbck_observer_new(&session->observing, &session->observer, err);
}

int tcbck_session_begin(struct tcbck_session *session, const struct tcbck_update_options *options, bool may_create,
			struct sysck_err *err)
{
	*session = (struct tcbck_session){ .options = options };
	return begin(session, may_create, err);
}

/* Remembers what is to be told when the database has changed. */
static int add_change(struct tcbck_session *session, struct sysck_slice path, const char *function)
{
	if (session->options->changed == NULL)
		return 0;
	if (session->change_count == session->change_room) {
		size_t room = session->change_room == 0 ? 64 : session->change_room * 2;
		struct tcbck_change *more = reallocarray(session->changes, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		session->changes = more;
		session->change_room = room;
	}
	session->changes[session->change_count++] = (struct tcbck_change){ path, function };
	return 0;
}

int tcbck_session_put(struct tcbck_session *session, struct sysck_slice path, struct sysck_slice stanza)
{
	size_t index;
	int r;

	if (sysck_db_find(session->db, path, &index) < 0) {
		session->result.added++;
		r = add_change(session, path, session->registers ? "register" : "add");
		return r < 0 ? r : sysck_rewrite_append(session->rewrite, stanza);
	}
	/* What comes out as it was is no change. */
	if (sysck_slice_equal(stanza, sysck_db_stanza(session->db, index)))
		return 0;
	session->result.changed++;
	r = add_change(session, path, session->registers ? "register" : "change");
	return r < 0 ? r : sysck_rewrite_replace(session->rewrite, index, stanza);
}

int tcbck_session_delete(struct tcbck_session *session, size_t index)
{
	int r = add_change(session, sysck_db_path(session->db, index), "delete");

	session->result.deleted++;
	return r < 0 ? r : sysck_rewrite_delete(session->rewrite, index);
}

int tcbck_session_settings(struct tcbck_session *session, const struct sysck_edit *edits, size_t count)
{
	int r = add_change(session, SYSCK_SLICE("sysck"), "change");

	session->result.changed++;
	return r < 0 ? r : sysck_rewrite_settings(session->rewrite, edits, count);
}

static int reread(const struct tcbck_session *session, struct sysck_slice bytes, struct sysck_err *err)
{
	unsigned jobs = session->options->jobs;
	const struct sysck_crew crew = tcbck_crew_lend(&jobs);
	size_t errors;
	int r = sysck_text_check(bytes, &crew, &errors);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	return errors == 0 ? 0 : sysck_err_set(err, -EILSEQ, "the new database would not read; nothing was changed");
}

int tcbck_session_commit(struct tcbck_session *session, struct sysck_err *err)
{
	const struct tcbck_update_result *result = &session->result;
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	int r;

	if (result->errors > 0 || result->cancelled)
		return 0;
	r = sysck_rewrite_finish(session->rewrite, &bytes);
	if (r < 0)
		sysck_err_set(err, r, r == -EFBIG ? "the new database would be larger than 4 GiB" : "out of memory");
	if (r == 0)
		r = reread(session, sysck_buf_slice(&bytes), err);
	if (r == 0)
		r = sysck_store_replace(session->store, sysck_buf_slice(&bytes), err);
	sysck_buf_done(&bytes);
	for (size_t i = 0; r == 0 && i < session->change_count; i++)
		session->options->changed(session->options->context, session->changes[i].path, session->changes[i].function);
	return r;
}

void tcbck_session_end(struct tcbck_session *session)
{
	tcbck_observer_free(session->observer);
	sysck_rewrite_free(session->rewrite);
	sysck_db_free(session->db);
	sysck_store_close(session->store);
	sysck_names_free(session->names);
	sysck_arena_done(&session->arena);
	free(session->changes);
}

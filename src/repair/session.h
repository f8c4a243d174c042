/*
 * session.h - one update from the lock to the rename.
 */
#ifndef TCBCK_SESSION_H
#define TCBCK_SESSION_H

#include "repair/adopt.h"
#include "repair/update.h"

/* One definition that changes. */
struct tcbck_change {
	struct sysck_slice path;
	const char *function;
};

/* An update in hand. Open to the files of src/repair that make updates. */
struct tcbck_session {
	const struct tcbck_update_options *options;
	struct sysck_store *store;
	struct sysck_db *db;
	struct sysck_rewrite *rewrite;
	struct sysck_names *names;
	struct tcbck_observer *observer;
	struct sysck_arena arena; /* of the object in hand */
	struct tcbck_observer_options observing;
	struct tcbck_update_result result;
	bool registers; /* -l: changes are told as `register` */
	struct tcbck_change *changes;
	size_t change_count, change_room;
};

/*
 * Takes the lock, reads the database (one that is not there is empty, if `may_create`) and judges every definition
 * in it: with an error in it no
 * update begins, which is told in session->result.errors. Returns 0 or a negative errno with `err` set; call
 * tcbck_session_end() in any case.
 */
int tcbck_session_begin(struct tcbck_session *session, const struct tcbck_update_options *options, bool may_create,
			struct sysck_err *err);

/*
 * Reads every definition of `db` for its errors, which go to `errors`; adds their number to *count. An update or a repair
 * starts only on a database without any. 0 or -ENOMEM.
 */
int tcbck_session_judge(const struct sysck_db *db, const struct tcbck_users *users, const struct sysck_err_sink *errors,
			size_t *count);

/* Tells an error of this update; it will change nothing. */
void tcbck_session_error(struct tcbck_session *session, const struct sysck_err *err);

/* Tells an error about an operand: "OPERAND: text". */
void tcbck_session_refuse(struct tcbck_session *session, struct sysck_slice operand, const char *text);

/*
 * Puts a stanza made by tcbck_adopt() into the rewrite: in the place of the path's definition, or at the end. `path` must
 * last until the session ends. 0 or -ENOMEM.
 */
int tcbck_session_put(struct tcbck_session *session, struct sysck_slice path, struct sysck_slice stanza);

/* Takes the definition of that index out. 0 or -ENOMEM. */
int tcbck_session_delete(struct tcbck_session *session, size_t index);

/* Edits the settings. 0 or -ENOMEM. */
int tcbck_session_settings(struct tcbck_session *session, const struct sysck_edit *edits, size_t count);

/*
 * Writes the new database if there was no error and nothing was cancelled. It is read again first: what would not read is
 * not written. Then tells what was changed. Returns 0 or a negative errno with `err` set.
 */
int tcbck_session_commit(struct tcbck_session *session, struct sysck_err *err);

void tcbck_session_end(struct tcbck_session *session);

#endif

/*
 * accept.c - explained findings become definitions: --accept-explained, and the question of -t.
 *
 * Knows that a definition takes the value that was proven, never what is there by now. Must take nothing that is not
 * explained, and change no definition that is not the one that was judged by.
 */
#include <errno.h>
#include <stdlib.h>

#include "judge/explain.h"
#include "repair/session.h"

/* Of another type, the definition would say nothing of content and rights by its type alone: that is the inventory's. */
static bool is_explained(const struct tcbck_finding *finding)
{
	return !finding->unverified && finding->explanation == TCBCK_EXPLAINED && finding->index != TCBCK_NO_DEFINITION &&
	       finding->outcome == TCBCK_OUTCOME_REPORTED && finding->kind != SYSCK_ATTR_TYPE;
}

size_t tcbck_update_acceptable(const struct tcbck_findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += is_explained(&findings->items[i]);
	return count;
}

/* The request that an object's explained findings come to. True: its definition goes. */
static bool make_request(const struct tcbck_finding *findings, size_t count, struct tcbck_request *request)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_explained(&findings[i]))
			continue;
		if (findings[i].kind == TCBCK_KIND_MISSING)
			return true;
		request->given |= SYSCK_ATTR_BIT(findings[i].kind);
		request->values[findings[i].kind] = findings[i].accepted;
	}
	return false;
}

/* One object. *ret_done: it is in the update. */
static int accept_object(struct tcbck_session *session, const struct sysck_db *judged, const struct tcbck_finding *findings,
			 size_t count, bool *ret_done)
{
	const struct tcbck_adopter adopter = { session->observer, session->names, &session->arena };
	const struct tcbck_object object = { sysck_db_path(judged, findings[0].index), -1, NULL, false };
	struct tcbck_request request = { .given = 0 };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct tcbck_adopted adopted;
	struct sysck_err err;
	size_t index;
	int r;

	*ret_done = false;
	/* Another definition by now: what was judged says nothing of it. */
	if (sysck_db_find(session->db, object.path, &index) < 0 ||
	    !sysck_slice_equal(sysck_db_stanza(session->db, index), sysck_db_stanza(judged, findings[0].index)))
		return 0;
	sysck_arena_reset(&session->arena);
	if (make_request(findings, count, &request)) {
		*ret_done = true;
		return tcbck_session_delete(session, index);
	}
	r = tcbck_adopt(&adopter, session->db, &request, &object, &out, &adopted, &err);
	if (r == 0 && adopted.adoption == TCBCK_ADOPTED) {
		*ret_done = true;
		r = tcbck_session_put(session, object.path, sysck_buf_slice(&out));
	}
	sysck_buf_done(&out);
	return r;
}

static bool any_explained(const struct tcbck_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_explained(&findings[i]))
			return true;
	return false;
}

static void set_outcome(struct tcbck_finding *findings, size_t count, enum tcbck_outcome outcome, const char *reason)
{
	for (size_t i = 0; i < count; i++)
		if (is_explained(&findings[i])) {
			findings[i].outcome = outcome;
			findings[i].reason = sysck_slice_of(reason);
		}
}

static int accept_all(struct tcbck_session *session, const struct sysck_db *judged, struct tcbck_findings *findings, bool *done)
{
	size_t count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < findings->count; i += count) {
		count = tcbck_findings_of_object(findings, i);
		if (!any_explained(findings->items + i, count))
			continue;
		r = accept_object(session, judged, findings->items + i, count, &done[i]);
	}
	return r;
}

static void settle_outcomes(struct tcbck_findings *findings, const bool *done)
{
	size_t count;

	for (size_t i = 0; i < findings->count; i += count) {
		count = tcbck_findings_of_object(findings, i);
		if (done[i])
			set_outcome(findings->items + i, count, TCBCK_OUTCOME_DATABASE_UPDATED, "");
		else
			set_outcome(findings->items + i, count, TCBCK_OUTCOME_FAILED, "its definition changed meanwhile");
	}
}

int tcbck_update_accept(const struct tcbck_update_options *options, const struct sysck_db *judged,
			struct tcbck_findings *findings, struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct tcbck_session session;
	bool *done = calloc(findings->count + 1, sizeof(*done));
	int r = tcbck_session_begin(&session, options, false, err);

	if (done == NULL)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0 && session.result.errors == 0 && accept_all(&session, judged, findings, done) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = tcbck_session_commit(&session, err);
	if (r == 0 && session.result.errors == 0)
		settle_outcomes(findings, done);
	if (r == 0)
		*ret = session.result;
	tcbck_session_end(&session);
	free(done);
	return r;
}

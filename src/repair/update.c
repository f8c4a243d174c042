/*
 * update.c - the only way back into the database: named definitions, settings, devices, deletions.
 *
 * Knows what each form of an update changes; each is one session. (Many objects at once: bulk.c.) Must never change anything
 * but the database.
 */
#include "repair/update.h"

#include <errno.h>
#include <stdio.h>

#include "repair/session.h"

/* Runs one update: `change` collects it and reports what is wrong. */
static int run(const struct tcbck_update_options *options, bool may_create,
	       int (*change)(struct tcbck_session *session, void *context, struct sysck_err *err), void *context,
	       struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct tcbck_session session;
	int r = tcbck_session_begin(&session, options, may_create, err);

	if (r == 0 && session.result.errors == 0)
		r = change(&session, context, err);
	if (r == 0)
		r = tcbck_session_commit(&session, err);
	if (r == 0)
		*ret = session.result;
	tcbck_session_end(&session);
	return r;
}

struct operands {
	const struct sysck_slice *items;
	size_t count;
};

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

/* Adopts one object by its path and puts its stanza into the rewrite. */
static int put_object(struct tcbck_session *session, const struct tcbck_request *request, struct sysck_slice path,
		      struct sysck_err *err)
{
	const struct tcbck_adopter adopter = { session->observer, session->names, &session->arena };
	const struct tcbck_object object = { .path = path, .directory = -1 };
	struct sysck_buf stanza = SYSCK_BUF_INIT;
	struct tcbck_adopted adopted;
	struct sysck_err wrong;
	char text[128];
	int r;

	sysck_arena_reset(&session->arena);
	r = tcbck_adopt(&adopter, session->db, request, &object, &stanza, &adopted, &wrong);
	if (r < 0) {
		sysck_buf_done(&stanza);
		return out_of_memory(err);
	}
	if (adopted.adoption == TCBCK_ABSENT) {
		tcbck_session_refuse(session, path, "no such file; nothing can be computed");
	} else if (adopted.adoption == TCBCK_WRONG) {
		tcbck_session_error(session, &wrong);
	} else if (adopted.links_open) {
		(void)snprintf(text, sizeof(text), "it has %llu names; give the others: links=/path,...",
			       (unsigned long long)adopted.link_count);
		tcbck_session_refuse(session, path, text);
	} else if (tcbck_session_put(session, path, sysck_buf_slice(&stanza)) < 0) {
		r = out_of_memory(err);
	}
	sysck_buf_done(&stanza);
	return r;
}

/* A path as an operand. False if it is none, which was told. */
static bool check_path(struct tcbck_session *session, struct sysck_slice path)
{
	struct sysck_err err;

	if (sysck_path_check(path, &err) == 0)
		return true;
	tcbck_session_error(session, &err);
	return false;
}

static int add(struct tcbck_session *session, void *context, struct sysck_err *err)
{
	const struct operands *operands = context;
	const struct sysck_err_sink *errors = session->options->errors;
	struct tcbck_request request;
	int faults = tcbck_adopt_operands(operands->items + 1, operands->count - 1, session->names, errors, &request);
	bool good = check_path(session, operands->items[0]);

	if (faults < 0)
		return out_of_memory(err);
	session->result.errors += (size_t)faults;
	/* Even with wrong attributes the object is looked at, so that all that is wrong is named at once. */
	return good ? put_object(session, &request, operands->items[0], err) : 0;
}

int tcbck_update_add(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
		     struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct operands context = { operands, count };

	return run(options, true, add, &context, ret, err);
}

/* One `setting=value` or `setting=` as an edit. */
static bool take_setting(struct tcbck_session *session, struct sysck_slice operand, struct sysck_edit *ret)
{
	const struct sysck_text text = { .bytes = operand };
	struct sysck_settings settings;
	struct sysck_line line;
	struct sysck_err fault;
	int r = sysck_line_parse(operand, &line, &fault);

	if (r == 0 && !line.bare && line.value.len == 0 && sysck_setting_check(line.name) == 0) {
		*ret = (struct sysck_edit){ .name = line.name, .remove = true };
		return true;
	}
	if (r == 0)
		r = sysck_setting_read(&text, &line, &session->arena, &settings, &fault);
	if (r < 0) {
		tcbck_session_refuse(session, operand, fault.text);
		return false;
	}
	*ret = (struct sysck_edit){ .name = line.name, .value = line.value };
	return true;
}

static int change_settings(struct tcbck_session *session, void *context, struct sysck_err *err)
{
	const struct operands *operands = context;
	struct sysck_edit *edits = sysck_arena_alloc(&session->arena, operands->count, sizeof(*edits));
	size_t count = 0;

	if (edits == NULL)
		return out_of_memory(err);
	for (size_t i = 1; i < operands->count; i++) {
		struct sysck_edit edit;
		bool twice = false;

		if (!take_setting(session, operands->items[i], &edit))
			continue;
		for (size_t j = 0; j < count; j++)
			twice = twice || sysck_slice_equal(edits[j].name, edit.name);
		if (twice)
			tcbck_session_refuse(session, operands->items[i], "given twice");
		else
			edits[count++] = edit;
	}
	return tcbck_session_settings(session, edits, count) < 0 ? out_of_memory(err) : 0;
}

int tcbck_update_settings(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			  struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct operands context = { operands, count };

	return run(options, true, change_settings, &context, ret, err);
}

static int add_devices(struct tcbck_session *session, void *context, struct sysck_err *err)
{
	static const struct tcbck_request request = {
		.computed = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) | SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER) |
			    SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP) | SYSCK_ATTR_BIT(SYSCK_ATTR_MODE) |
			    SYSCK_ATTR_BIT(SYSCK_ATTR_DEVICE) | SYSCK_ATTR_BIT(SYSCK_ATTR_TARGET),
		.lenient = true,
	};
	const struct operands *operands = context;
	int r = 0;

	session->registers = true;
	for (size_t i = 0; r == 0 && i < operands->count; i++) {
		struct sysck_slice path = operands->items[i];
		bool twice = false;

		if (path.len > 0 && path.data[0] == '/' && !check_path(session, path))
			continue;
		if (path.len < 6 || memcmp(path.data, "/dev/", 5) != 0) {
			tcbck_session_refuse(session, path, "not below /dev");
			continue;
		}
		for (size_t j = 0; j < i; j++)
			twice = twice || sysck_slice_equal(operands->items[j], path);
		if (!twice)
			r = put_object(session, &request, path, err);
	}
	return r;
}

int tcbck_update_devices(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			 struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct operands context = { operands, count };

	return run(options, true, add_devices, &context, ret, err);
}

/* Takes out the targets and what repeats them. */
static int delete_targets(struct tcbck_session *session, const struct tcbck_targets *targets)
{
	size_t count;
	const struct sysck_duplicate *duplicates = sysck_db_duplicates(session->db, &count);
	int r = 0;

	for (size_t i = 0; r == 0 && i < targets->count; i++)
		r = tcbck_session_delete(session, targets->indexes[i]);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (tcbck_targets_hold(targets, duplicates[i].first))
			r = tcbck_session_delete(session, duplicates[i].index);
	return r;
}

static int delete_operands(struct tcbck_session *session, void *context, struct sysck_err *err)
{
	const struct operands *operands = context;
	struct tcbck_targets targets = { NULL, 0 };
	size_t errors = 0;
	int r = tcbck_targets_named(session->db, operands->items, operands->count, session->options->errors, &targets, &errors);

	session->result.errors += errors;
	if (r == 0)
		r = delete_targets(session, &targets);
	tcbck_targets_done(&targets);
	return r < 0 ? out_of_memory(err) : 0;
}

int tcbck_update_delete(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
			struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct operands context = { operands, count };

	return run(options, false, delete_operands, &context, ret, err);
}

struct named {
	struct sysck_buf *bytes;
	struct sysck_slice file;
};

static void count_error(void *context, const struct sysck_err *err)
{
	tcbck_session_error(context, err);
}

static int delete_named(struct tcbck_session *session, void *context, struct sysck_err *err)
{
	struct named *named = context;
	const struct sysck_err_sink sink = { count_error, session };
	struct operands operands = { NULL, 0 };
	struct sysck_slice *paths;
	struct sysck_db *db;
	int r = sysck_db_parse(named->bytes, named->file, &sink, &db, err);

	if (r < 0)
		return r;
	operands.count = sysck_db_count(db);
	paths = sysck_arena_alloc(&session->arena, operands.count, sizeof(*paths));
	if (paths == NULL)
		r = out_of_memory(err);
	for (size_t i = 0; r == 0 && i < operands.count; i++)
		paths[i] = sysck_db_path(db, i);
	operands.items = paths;
	if (r == 0)
		r = delete_operands(session, &operands, err);
	sysck_db_free(db);
	return r;
}

int tcbck_update_delete_named(const struct tcbck_update_options *options, struct sysck_buf *bytes, struct sysck_slice file,
			      struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct named context = { bytes, file };

	return run(options, false, delete_named, &context, ret, err);
}

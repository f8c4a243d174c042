/*
 * register.c - strays become definitions: -a tree, and "update the database" of a stray.
 *
 * Knows what a stray's definition is made of. Must take nothing into the database but what it was handed as a finding.
 */
#include <errno.h>
#include <stdlib.h>

#include "repair/session.h"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)

/*
 * What came and went is nothing to register; what is another object by now was not judged, and that is told. Neither is
 * anybody's means of keeping others from being registered.
 */
static void pass_over(struct tcbck_finding *stray, bool gone)
{
	stray->outcome = gone ? TCBCK_OUTCOME_LEFT : TCBCK_OUTCOME_REPORTED;
	stray->unverified = !gone;
	stray->reason = gone ? SYSCK_SLICE("it is gone") : SYSCK_SLICE("it changed since it was found");
}

/* The rest of what was found of an object goes the way of the first, which told why. */
static void follow(struct tcbck_finding *stray, const struct tcbck_finding *first)
{
	if (first->unverified || first->outcome == TCBCK_OUTCOME_LEFT)
		stray->outcome = TCBCK_OUTCOME_LEFT;
}

/* The stanza that an object gets, put into the rewrite. */
static int adopt(struct tcbck_session *session, struct tcbck_finding *stray, const struct tcbck_request *request,
		 struct sysck_slice path)
{
	const struct tcbck_adopter adopter = { session->observer, session->names, &session->arena };
	const struct tcbck_object object = { .path = path, .directory = -1 };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct tcbck_adopted adopted;
	struct sysck_err err;
	int r = tcbck_adopt(&adopter, session->db, request, &object, &out, &adopted, &err);
	bool same = r < 0 || adopted.link_count == 0 || !sysck_slice_equal(path, stray->path) ||
		    (adopted.device == stray->device && adopted.inode == stray->inode);

	if (r == 0 && adopted.adoption == TCBCK_WRONG)
		tcbck_session_error(session, &err);
	else if (r == 0 && (adopted.adoption == TCBCK_ABSENT || !same))
		pass_over(stray, adopted.adoption == TCBCK_ABSENT);
	else if (r == 0 && adopted.links_open)
		tcbck_session_refuse(session, path, "it has other names; give them: links = /path,...");
	else if (r == 0)
		r = tcbck_session_put(session, path, sysck_buf_slice(&out));
	sysck_buf_done(&out);
	return r;
}

static int compare_names(const void *left, const void *right)
{
	struct tcbck_finding *const *a = left, *const *b = right;
	int order = sysck_slice_compare((*a)->of, (*b)->of);

	return order != 0 ? order : sysck_slice_compare((*a)->path, (*b)->path);
}

static void add_path(struct sysck_buf *out, struct sysck_slice path)
{
	if (out->len > 0)
		sysck_buf_add_char(out, ',');
	sysck_buf_add_item(out, path);
}

/* `links`, or `symlinks`, as it is, with those of the strays behind that are of this kind. */
static int join_names(const struct sysck_list *present, struct tcbck_finding *const *strays, size_t count, unsigned kind,
		      struct sysck_buf *out)
{
	size_t before;

	for (size_t i = 0; i < present->count; i++)
		add_path(out, present->items[i]);
	before = out->len;
	for (size_t i = 0; i < count; i++)
		if (strays[i]->kind == kind)
			add_path(out, strays[i]->path);
	if (out->len == before)
		out->len = 0;
	return sysck_buf_error(out);
}

/* All strays that lead to one definition. */
static int add_names(struct tcbck_session *session, struct tcbck_finding *const *strays, size_t count)
{
	const struct sysck_def_options reading = { session->names, &session->arena, NULL, false };
	struct sysck_buf links = SYSCK_BUF_INIT, symlinks = SYSCK_BUF_INIT;
	struct tcbck_request request = { .given = 0 };
	struct sysck_def def;
	size_t index;
	int r;

	sysck_arena_reset(&session->arena);
	if (sysck_db_find(session->db, strays[0]->of, &index) < 0) {
		tcbck_session_refuse(session, strays[0]->of, "its definition is gone");
		return 0;
	}
	r = sysck_db_def(session->db, index, &reading, &def);
	if (r >= 0)
		r = join_names(&def.links, strays, count, TCBCK_KIND_TREE_LINK, &links);
	if (r == 0)
		r = join_names(&def.symlinks, strays, count, TCBCK_KIND_TREE_SYMLINK, &symlinks);
	if (links.len > 0) {
		request.given |= BIT(LINKS);
		request.values[SYSCK_ATTR_LINKS] = sysck_buf_slice(&links);
	}
	if (symlinks.len > 0) {
		request.given |= BIT(SYMLINKS);
		request.values[SYSCK_ATTR_SYMLINKS] = sysck_buf_slice(&symlinks);
	}
	if (r == 0)
		r = adopt(session, strays[0], &request, strays[0]->of);
	for (size_t i = 1; i < count; i++)
		follow(strays[i], strays[0]);
	sysck_buf_done(&links);
	sysck_buf_done(&symlinks);
	return r;
}

/* What leads to a definition goes into it, each definition once. */
static int register_names(struct tcbck_session *session, struct tcbck_finding *strays, size_t count)
{
	struct tcbck_finding **names = calloc(count + 1, sizeof(*names));
	size_t found = 0, group;
	int r = names == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		if (!strays[i].unverified && strays[i].of.len > 0)
			names[found++] = &strays[i];
	if (found > 0)
		qsort(names, found, sizeof(struct tcbck_finding *), compare_names);
	for (size_t i = 0; r == 0 && i < found; i += group) {
		for (group = 1; i + group < found && sysck_slice_equal(names[i + group]->of, names[i]->of);)
			group++;
		r = add_names(session, names + i, group);
	}
	free(names);
	return r;
}

static int register_objects(struct tcbck_session *session, struct tcbck_finding *strays, size_t count,
			    const struct tcbck_request *request)
{
	struct tcbck_finding *last = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (strays[i].unverified || strays[i].of.len > 0)
			continue;
		if (last != NULL && tcbck_finding_same_object(last, &strays[i])) {
			follow(&strays[i], last);
			continue;
		}
		last = &strays[i];
		sysck_arena_reset(&session->arena);
		r = adopt(session, last, request, last->path);
	}
	return r;
}

int tcbck_update_register(const struct tcbck_update_options *options, struct tcbck_finding *strays, size_t stray_count,
			  const struct sysck_slice *operands, size_t count, struct tcbck_update_result *ret,
			  struct sysck_err *err)
{
	struct tcbck_request request = { .given = 0 };
	struct tcbck_session session;
	int r = tcbck_session_begin(&session, options, true, err), faults = 0;

	if (r == 0)
		faults = tcbck_adopt_operands(operands, count, session.names, options->errors, &request);
	if (faults < 0)
		r = sysck_err_set(err, faults, "out of memory");
	session.result.errors += faults > 0 ? (size_t)faults : 0;
	if (count == 0)
		request.computed = BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(CAPABILITIES) | BIT(DEVICE);
	request.computed |= BIT(TYPE) & ~request.given;
	request.lenient = true;
	if (r == 0 && session.result.errors == 0) {
		r = register_objects(&session, strays, stray_count, &request);
		if (r == 0)
			r = register_names(&session, strays, stray_count);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	if (r == 0)
		r = tcbck_session_commit(&session, err);
	if (r == 0)
		*ret = session.result;
	tcbck_session_end(&session);
	return r;
}

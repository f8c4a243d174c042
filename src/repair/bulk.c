/*
 * bulk.c - many definitions in one update: -a -f File and -a -r Directory.
 *
 * Knows how objects are adopted by several threads and come together again in one order; hard links below a directory find
 * each other here. Must give the same database at any number of threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "observe/walk.h"
#include "repair/session.h"

/* One object that was adopted, or what was wrong with it. */
struct item {
	struct sysck_slice path;
	size_t order;      /* -f: of the stanza in the file */
	size_t begin, end; /* its stanza, in its worker's `out` */
	unsigned worker;
	bool links_open;
	nlink_t link_count;
	dev_t device;
	ino_t inode;
	struct sysck_slice fault; /* empty: none */
};

struct worker {
	struct tcbck_adopter adopter;
	struct sysck_arena arena; /* of the object in hand */
	struct sysck_arena kept;  /* paths and faults */
	struct sysck_buf out;
	struct item *items;
	size_t count, room;
	size_t absent;
	int error;
};

struct bulk {
	struct tcbck_session *session;
	struct worker *workers;
	unsigned jobs;
	/* -f */
	const struct sysck_db *file;
	bool if_present;
	/* -r */
	struct tcbck_request request;
	dev_t device;
	struct sysck_slice top;
};

static int start(struct bulk *bulk, struct sysck_err *err)
{
	const struct tcbck_update_options *options = bulk->session->options;

	bulk->workers = calloc(bulk->jobs, sizeof(*bulk->workers));
	if (bulk->workers == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < bulk->jobs; i++) {
		struct worker *worker = &bulk->workers[i];
		int r = tcbck_observer_new(&bulk->session->observing, &worker->adopter.observer, err);

		if (r < 0)
			return r;
		if (tcbck_users_names(options->users, &worker->adopter.names) < 0)
			return sysck_err_set(err, -ENOMEM, "out of memory");
		worker->adopter.arena = &worker->arena;
	}
	return 0;
}

static void end(struct bulk *bulk)
{
	for (unsigned i = 0; bulk->workers != NULL && i < bulk->jobs; i++) {
		struct worker *worker = &bulk->workers[i];

		tcbck_observer_free(worker->adopter.observer);
		sysck_names_free(worker->adopter.names);
		sysck_arena_done(&worker->arena);
		sysck_arena_done(&worker->kept);
		sysck_buf_done(&worker->out);
		free(worker->items);
	}
	free(bulk->workers);
}

static struct item *add_item(struct bulk *bulk, unsigned number, struct sysck_slice path, size_t order)
{
	struct worker *worker = &bulk->workers[number];
	struct item item = { .order = order, .worker = number, .fault = { "", 0 } };

	if (worker->count == worker->room) {
		size_t room = worker->room == 0 ? 256 : worker->room * 2;
		struct item *more = reallocarray(worker->items, room, sizeof(*more));

		if (more == NULL)
			return NULL;
		worker->items = more;
		worker->room = room;
	}
	if (sysck_arena_copy(&worker->kept, path, &item.path) < 0)
		return NULL;
	worker->items[worker->count] = item;
	return &worker->items[worker->count++];
}

static void add_fault(struct bulk *bulk, unsigned number, struct sysck_slice path, size_t order, const char *text)
{
	struct item *item = add_item(bulk, number, path, order);

	if (item == NULL || sysck_arena_copy(&bulk->workers[number].kept, sysck_slice_of(text), &item->fault) < 0)
		bulk->workers[number].error = -ENOMEM;
}

static void add_adopted(struct bulk *bulk, unsigned number, struct sysck_slice path, size_t order, size_t begin,
			const struct tcbck_adopted *adopted)
{
	struct worker *worker = &bulk->workers[number];
	struct item *item = add_item(bulk, number, path, order);

	if (item == NULL) {
		worker->error = -ENOMEM;
		return;
	}
	item->begin = begin;
	item->end = worker->out.len;
	item->links_open = adopted->links_open;
	item->link_count = adopted->link_count;
	item->device = adopted->device;
	item->inode = adopted->inode;
}

/* Puts '/' before all other bytes, so that what is below a directory follows it at once. */
static int compare_paths(struct sysck_slice a, struct sysck_slice b)
{
	size_t common = a.len < b.len ? a.len : b.len, i = 0;

	/* Below one directory much is the same; eight bytes are compared at once. */
	while (common - i >= 8 && memcmp(a.data + i, b.data + i, 8) == 0)
		i += 8;
	for (; i < common; i++) {
		unsigned char left = (unsigned char)a.data[i], right = (unsigned char)b.data[i];

		if (left == right)
			continue;
		if (left == '/' || right == '/')
			return left == '/' ? -1 : 1;
		return left < right ? -1 : 1;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return compare_paths(a->path, b->path);
}

static void sort_worker(void *context, unsigned number, size_t index)
{
	struct worker *worker = &((struct bulk *)context)->workers[index];

	(void)number;
	if (worker->count > 0)
		qsort(worker->items, worker->count, sizeof(*worker->items), compare_items);
}

/* Merges two neighbouring runs of `from`, [begin, middle) and [middle, end), into `to`. */
static void merge_runs(struct item **from, struct item **to, size_t begin, size_t middle, size_t end)
{
	size_t left = begin, right = middle;

	for (size_t at = begin; at < end; at++) {
		bool first = right == end || (left < middle && compare_items(from[left], from[right]) <= 0);

		to[at] = first ? from[left++] : from[right++];
	}
}

/* Merges the runs that end at ends[0], ends[1], ..., two by two, until one is left. Where that is: `all` or `spare`. */
static struct item **merge_all(struct item **all, struct item **spare, size_t *ends, size_t runs)
{
	while (runs > 1) {
		struct item **from = all;
		size_t begin = 0, merged = 0;

		for (size_t i = 0; i < runs; i += 2) {
			size_t middle = ends[i], end = i + 1 < runs ? ends[i + 1] : middle;

			merge_runs(from, spare, begin, middle, end);
			ends[merged++] = begin = end;
		}
		runs = merged;
		all = spare;
		spare = from;
	}
	return all;
}

/* All items of all workers, in order; they stay the workers'. */
static int gather(struct bulk *bulk, struct item ***ret, size_t *ret_count)
{
	struct item **all, **spare, **merged;
	size_t ends[TCBCK_CREW_MAX], count = 0, at = 0;

	for (unsigned i = 0; i < bulk->jobs; i++) {
		if (bulk->workers[i].error < 0 || sysck_buf_error(&bulk->workers[i].out) < 0)
			return -ENOMEM;
		count += bulk->workers[i].count;
		bulk->session->result.absent += bulk->workers[i].absent;
	}
	all = calloc(count + 1, sizeof(*all));
	spare = calloc(count + 1, sizeof(*spare));
	if (all == NULL || spare == NULL) {
		free(all);
		free(spare);
		return -ENOMEM;
	}
	tcbck_crew_each(bulk->jobs, bulk->jobs, sort_worker, bulk, NULL);
	for (unsigned i = 0; i < bulk->jobs; i++) {
		for (size_t j = 0; j < bulk->workers[i].count; j++)
			all[at++] = &bulk->workers[i].items[j];
		ends[i] = at;
	}
	merged = merge_all(all, spare, ends, bulk->jobs);
	free(merged == all ? spare : all);
	*ret = merged;
	*ret_count = count;
	return 0;
}

static int compare_inodes(const void *left, const void *right)
{
	const struct item *const *a = left, *const *b = right;

	if ((*a)->device != (*b)->device)
		return (*a)->device < (*b)->device ? -1 : 1;
	if ((*a)->inode != (*b)->inode)
		return (*a)->inode < (*b)->inode ? -1 : 1;
	return compare_paths((*a)->path, (*b)->path);
}

/* The stanza of an item with `links =` filled in: the other names of its group, or taken out if the group is not whole. */
static int close_links(struct bulk *bulk, struct item *const *group, size_t count, size_t self)
{
	struct item *item = group[self];
	struct worker *worker = &bulk->workers[item->worker];
	struct sysck_buf value = SYSCK_BUF_INIT, stanza = SYSCK_BUF_INIT;
	struct sysck_edit edit = { .name = SYSCK_SLICE("links"), .remove = count != item->link_count };
	struct sysck_text text;
	int r = sysck_text_parse((struct sysck_slice){ worker->out.data + item->begin, item->end - item->begin }, item->path,
				 NULL, &text, NULL);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (i == self)
			continue;
		if (value.len > 0)
			sysck_buf_add_char(&value, ',');
		sysck_buf_add_item(&value, group[i]->path);
	}
	edit.value = sysck_buf_slice(&value);
	sysck_stanza_edit(&text, &text.stanzas[0], &edit, 1, &stanza);
	item->begin = worker->out.len;
	sysck_buf_add_slice(&worker->out, sysck_buf_slice(&stanza));
	item->end = worker->out.len;
	bulk->session->result.unlinked += edit.remove;
	r = sysck_buf_error(&value) < 0 || sysck_buf_error(&stanza) < 0 ? -ENOMEM : sysck_buf_error(&worker->out);
	sysck_text_done(&text);
	sysck_buf_done(&value);
	sysck_buf_done(&stanza);
	return r;
}

/* Lets the hard links below the directory find each other. */
static int close_all_links(struct bulk *bulk, struct item *const *items, size_t count)
{
	struct item **open = calloc(count + 1, sizeof(*open));
	size_t found = 0, group;
	int r = 0;

	if (open == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (items[i]->links_open && items[i]->fault.len == 0)
			open[found++] = items[i];
	if (found > 0)
		qsort(open, found, sizeof(struct item *), compare_inodes);
	for (size_t i = 0; r == 0 && i < found; i += group) {
		for (group = 1; i + group < found && open[i + group]->device == open[i]->device &&
				open[i + group]->inode == open[i]->inode;)
			group++;
		for (size_t self = 0; r == 0 && self < group; self++)
			r = close_links(bulk, open + i, group, self);
	}
	free(open);
	return r;
}

/* Hands the items to the session: faults are told, stanzas are put. */
static int put_all(struct bulk *bulk, struct item *const *items, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct item *item = items[i];
		const struct worker *worker = &bulk->workers[item->worker];

		if (item->fault.len > 0) {
			struct sysck_err err;

			sysck_err_set(&err, -EINVAL, "%.*s", (int)item->fault.len, item->fault.data);
			tcbck_session_error(bulk->session, &err);
			continue;
		}
		r = tcbck_session_put(bulk->session, item->path,
				      (struct sysck_slice){ worker->out.data + item->begin, item->end - item->begin });
	}
	return r;
}

static int finish(struct bulk *bulk)
{
	struct item **items = NULL;
	size_t count = 0;
	int r = gather(bulk, &items, &count);

	if (r == 0)
		r = close_all_links(bulk, items, count);
	if (r == 0)
		r = put_all(bulk, items, count);
	free(items);
	return r;
}

/* The request that a stanza of a file for -a -f makes. */
static void request_of_stanza(const struct bulk *bulk, size_t index, struct tcbck_request *request)
{
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;
	enum sysck_attr attribute;

	*request = (struct tcbck_request){ .lenient = bulk->if_present };
	while (sysck_db_next(bulk->file, index, &cursor, &line)) {
		if (sysck_attr_find(line.name, &attribute) < 0)
			continue;
		if (line.bare) {
			request->computed |= SYSCK_ATTR_BIT(attribute);
			continue;
		}
		request->given |= SYSCK_ATTR_BIT(attribute);
		request->values[attribute] = line.value;
	}
}

/* With --if-present even a definition that needs nothing computed is looked for. */
static bool is_absent(struct worker *worker, struct sysck_slice path)
{
	struct tcbck_observation observation;
	struct sysck_def asked = { .path = path };

	return tcbck_observe(worker->adopter.observer, &asked, SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE), &worker->arena, &observation) ==
		       0 &&
	       observation.presence == TCBCK_MISSING;
}

static void adopt_path(struct bulk *bulk, unsigned number, const struct tcbck_request *request, struct sysck_slice path,
		       size_t order)
{
	struct worker *worker = &bulk->workers[number];
	const struct tcbck_object object = { .path = path, .directory = -1 };
	char quoted[SYSCK_QUOTE_MAX], text[SYSCK_ERR_TEXT_MAX];
	size_t begin = worker->out.len;
	struct tcbck_adopted adopted;
	struct sysck_err err;

	if (tcbck_adopt(&worker->adopter, bulk->session->db, request, &object, &worker->out, &adopted, &err) < 0) {
		worker->error = -ENOMEM;
		return;
	}
	sysck_quote(path, quoted, sizeof(quoted));
	if (adopted.adoption == TCBCK_ABSENT && bulk->if_present) {
		worker->absent++;
	} else if (adopted.adoption == TCBCK_ABSENT) {
		(void)snprintf(text, sizeof(text), "%s: no such file; nothing can be computed", quoted);
		add_fault(bulk, number, path, order, text);
	} else if (adopted.adoption == TCBCK_WRONG) {
		add_fault(bulk, number, path, order, err.text);
	} else if (adopted.links_open) {
		(void)snprintf(text, sizeof(text), "%s: it has %llu names; give the others: links = /path,...", quoted,
			       (unsigned long long)adopted.link_count);
		add_fault(bulk, number, path, order, text);
	} else {
		add_adopted(bulk, number, path, order, begin, &adopted);
	}
}

static void visit_stanza(void *context, unsigned number, size_t index)
{
	struct bulk *bulk = context;
	struct worker *worker = &bulk->workers[number];
	struct sysck_slice path = sysck_db_path(bulk->file, index);
	struct tcbck_request request;

	sysck_arena_reset(&worker->arena);
	request_of_stanza(bulk, index, &request);
	if (bulk->if_present && request.computed == 0 && is_absent(worker, path))
		worker->absent++;
	else
		adopt_path(bulk, number, &request, path, index);
	atomic_fetch_add_explicit(&bulk->session->options->counters->done, 1, memory_order_relaxed);
}

static void count_error(void *context, const struct sysck_err *err)
{
	tcbck_session_error(context, err);
}

/* Tells every error of the file before anything is computed. */
static int judge_file(struct bulk *bulk)
{
	struct tcbck_session *session = bulk->session;
	const struct sysck_err_sink sink = { count_error, session };
	const struct sysck_def_options reading = { session->names, &session->arena, &sink, true };
	size_t count;
	const struct sysck_duplicate *duplicates = sysck_db_duplicates(bulk->file, &count);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sysck_db_count(bulk->file); i++) {
		struct sysck_def def;

		sysck_arena_reset(&session->arena);
		r = sysck_db_def(bulk->file, i, &reading, &def);
	}
	for (size_t i = 0; i < count; i++) {
		struct sysck_err err;

		sysck_err_set(&err, -EINVAL, "defined again; first in line %u", sysck_db_line(bulk->file, duplicates[i].first));
		sysck_err_place(&err, sysck_db_file(bulk->file), sysck_db_line(bulk->file, duplicates[i].index), 1);
		tcbck_session_error(session, &err);
	}
	return r < 0 ? r : 0;
}

static int merge_settings(struct bulk *bulk)
{
	/* There are fewer settings than attributes. */
	struct sysck_edit edits[SYSCK_ATTR_COUNT];
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;
	size_t count = 0;

	while (count < SYSCK_ATTR_COUNT && sysck_db_next_setting(bulk->file, &cursor, &line))
		edits[count++] = (struct sysck_edit){ .name = line.name, .value = line.value };
	if (count == 0)
		return 0;
	return tcbck_session_settings(bulk->session, edits, count);
}

static int merge(struct bulk *bulk, struct sysck_err *err)
{
	struct tcbck_session *session = bulk->session;
	size_t count = sysck_db_count(bulk->file);
	int r;

	if (judge_file(bulk) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	if (session->result.errors > 0)
		return 0;
	r = start(bulk, err);
	if (r < 0)
		return r;
	atomic_store(&session->options->counters->total, count);
	tcbck_crew_each(count, bulk->jobs, visit_stanza, bulk, session->options->stop);
	session->result.cancelled = atomic_load(&session->options->counters->done) < count;
	r = finish(bulk);
	if (r == 0)
		r = merge_settings(bulk);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

int tcbck_update_merge(const struct tcbck_update_options *options, struct sysck_buf *bytes, struct sysck_slice file,
		       bool if_present, struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct tcbck_session session;
	struct bulk bulk = { .session = &session, .jobs = options->jobs, .if_present = if_present };
	const struct sysck_err_sink sink = { count_error, &session };
	struct sysck_db *parsed = NULL;
	int r = tcbck_session_begin(&session, options, true, err);

	if (r == 0 && session.result.errors == 0) {
		r = sysck_db_parse(bytes, file, &sink, &parsed, err);
		bulk.file = parsed;
		if (r == 0)
			r = merge(&bulk, err);
	}
	if (r == 0)
		r = tcbck_session_commit(&session, err);
	if (r == 0)
		*ret = session.result;
	end(&bulk);
	sysck_db_free(parsed);
	tcbck_session_end(&session);
	sysck_buf_done(bytes);
	return r;
}

/* One object below the directory. True: go into it. */
static bool visit_entry(void *context, unsigned number, const struct tcbck_walk_entry *entry, dev_t *ret_device,
			ino_t *ret_inode)
{
	struct bulk *bulk = context;
	struct worker *worker = &bulk->workers[number];
	const struct tcbck_object object = { entry->path, entry->directory, entry->name, entry->directory_closed };
	size_t begin = worker->out.len;
	struct tcbck_adopted adopted;
	struct sysck_err err;

	sysck_arena_reset(&worker->arena);
	if (tcbck_adopt(&worker->adopter, bulk->session->db, &bulk->request, &object, &worker->out, &adopted, &err) < 0) {
		worker->error = -ENOMEM;
		return false;
	}
	atomic_fetch_add_explicit(&bulk->session->options->counters->done, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&bulk->session->options->counters->total, 1, memory_order_relaxed);
	/* What vanished since the directory was read was not there; what is mounted here is another file system. */
	if (adopted.adoption == TCBCK_ABSENT)
		return false;
	if (adopted.link_count > 0 && adopted.device != bulk->device) {
		worker->out.len = begin;
		return false;
	}
	if (adopted.adoption == TCBCK_WRONG)
		add_fault(bulk, number, entry->path, 0, err.text);
	else
		add_adopted(bulk, number, entry->path, 0, begin, &adopted);
	*ret_device = adopted.device;
	*ret_inode = adopted.inode;
	return adopted.link_count > 0 && adopted.type == SYSCK_TYPE_DIRECTORY;
}

static void trouble(void *context, unsigned number, struct sysck_slice path, int error)
{
	struct bulk *bulk = context;
	char quoted[SYSCK_QUOTE_MAX], text[SYSCK_ERR_TEXT_MAX], reason[128];

	if (error == -ENOENT)
		return;
	(void)snprintf(text, sizeof(text), "%s: cannot be read: %s", sysck_quote(path, quoted, sizeof(quoted)),
		       strerror_r(-error, reason, sizeof(reason)));
	add_fault(bulk, number, path, 0, text);
}

/* Is the operand a directory, and on which file system? */
static int find_top(struct bulk *bulk, struct sysck_err *err)
{
	struct tcbck_observation observation;
	struct sysck_def asked = { .path = bulk->top };
	int r = tcbck_observe(bulk->session->observer, &asked, SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE), &bulk->session->arena,
			      &observation);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	if (observation.presence == TCBCK_PRESENT && observation.is.type == SYSCK_TYPE_DIRECTORY)
		bulk->device = observation.device;
	else if (observation.presence == TCBCK_PRESENT)
		tcbck_session_refuse(bulk->session, bulk->top, "not a directory (a symlink is not followed)");
	else if (observation.presence == TCBCK_MISSING)
		tcbck_session_refuse(bulk->session, bulk->top, "no such directory");
	else {
		char reason[SYSCK_ERR_TEXT_MAX];

		(void)snprintf(reason, sizeof(reason), "%.*s", (int)observation.reason.len, observation.reason.data);
		tcbck_session_refuse(bulk->session, bulk->top, reason);
	}
	return 0;
}

static int add_tree(struct bulk *bulk, struct sysck_err *err)
{
	const struct tcbck_walk_visitor visitor = { .visit = visit_entry, .trouble = trouble, .context = bulk };
	struct tcbck_session *session = bulk->session;
	const atomic_bool *stop = session->options->stop;
	int r = find_top(bulk, err);

	if (r < 0 || session->result.errors > 0)
		return r;
	r = start(bulk, err);
	if (r == 0)
		r = tcbck_walk_tree(session->options->root, bulk->top, bulk->jobs, &visitor, stop, err);
	if (r < 0)
		return r;
	session->result.cancelled = tcbck_crew_is_stopped(stop);
	return finish(bulk) < 0 ? sysck_err_set(err, -ENOMEM, "out of memory") : 0;
}

int tcbck_update_tree(const struct tcbck_update_options *options, const struct sysck_slice *operands, size_t count,
		      struct tcbck_update_result *ret, struct sysck_err *err)
{
	struct tcbck_session session;
	struct bulk bulk = { .session = &session, .jobs = options->jobs, .top = operands[0] };
	struct sysck_err wrong;
	int r = tcbck_session_begin(&session, options, true, err), faults = 0;

	if (r == 0)
		faults = tcbck_adopt_operands(operands + 1, count - 1, session.names, options->errors, &bulk.request);
	if (faults < 0)
		r = sysck_err_set(err, faults, "out of memory");
	session.result.errors += faults > 0 ? (size_t)faults : 0;
	if (r == 0 && (bulk.request.given & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) != 0)
		tcbck_session_refuse(&session, SYSCK_SLICE("type"),
				     "computed for each object below a directory; give it no value");
	/* The type tells what to go into. */
	bulk.request.computed |= SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE);
	bulk.request.lenient = true;
	if (r == 0 && sysck_path_check(bulk.top, &wrong) < 0)
		tcbck_session_error(&session, &wrong);
	else if (r == 0)
		r = add_tree(&bulk, err);
	if (r == 0)
		r = tcbck_session_commit(&session, err);
	if (r == 0)
		*ret = session.result;
	end(&bulk);
	tcbck_session_end(&session);
	return r;
}

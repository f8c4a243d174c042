/*
 * inventory.c - definitions of what packages have installed: -a --packages.
 *
 * Knows which packages are taken in hand, which definitions go, and from which installation the others are. Must never
 * change a definition of a package that is half installed, nor say that a package is done before the database has it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "judge/explain.h"
#include "judge/origins.h"
#include "observe/package.h"
#include "observe/crew.h"
#include "repair/packaged.h"
#include "repair/session.h"

/* What became of one file. */
struct item {
	size_t file; /* in the table of packages: the first of its path */
	unsigned worker;
	size_t begin, end; /* its stanza, in its worker's `out`; none: it is not defined */
	struct tcbck_taken taken;
};

/* What is known of one package. */
struct mark {
	bool chosen; /* it is taken in hand */
	bool faulty; /* a file of it could not be defined: it is not done */
};

struct worker {
	struct tcbck_adopter adopter;
	struct sysck_arena arena; /* of the object in hand */
	struct sysck_arena kept;  /* faults */
	struct sysck_buf out;
	int error;
};

struct inventory {
	const struct tcbck_inventory_options *options;
	struct tcbck_session session;
	struct tcbck_packages *packages;
	struct tcbck_origins *origins;
	struct worker *workers;
	unsigned jobs;
	struct item *items; /* one a path, in their order */
	size_t count;
	struct mark *marks; /* of the packages */
	struct tcbck_inventory_result result;
};

void tcbck_inventory_result_done(struct tcbck_inventory_result *result)
{
	free(result->wrong);
	sysck_arena_done(&result->arena);
	*result = (struct tcbck_inventory_result){ .packages = 0 };
}

static bool is_named(const struct tcbck_inventory_options *options, struct sysck_slice name)
{
	for (size_t i = 0; i < options->count; i++)
		if (sysck_slice_equal(options->names[i], name))
			return true;
	return false;
}

/* Is this package to be taken in hand? */
static bool is_chosen(const struct inventory *inventory, const struct tcbck_package *package)
{
	const struct tcbck_inventory_options *options = inventory->options;

	if (!options->follow)
		return options->count == 0 || is_named(options, package->name);
	if (!tcbck_origins_has(inventory->origins, package))
		return tcbck_origins_all(inventory->origins);
	return !tcbck_origins_same(inventory->origins, package);
}

static bool wants_archive(void *context, const struct tcbck_package *package)
{
	return package->whole && is_chosen(context, package);
}

static void visit(void *context, unsigned number, size_t index)
{
	struct inventory *inventory = context;
	struct worker *worker = &inventory->workers[number];
	const struct tcbck_packaging packaging = { &worker->adopter, inventory->packages, inventory->session.db,
						   &worker->kept };
	struct item *item = &inventory->items[index];
	int r;

	sysck_arena_reset(&worker->arena);
	item->worker = number;
	item->begin = worker->out.len;
	r = tcbck_packaged_define(&packaging, item->file, &worker->out, &item->taken);
	item->end = worker->out.len;
	if (r < 0)
		worker->error = r;
	atomic_fetch_add_explicit(&inventory->session.options->counters->done, 1, memory_order_relaxed);
}

/* Asks once of each package, not of each file. */
static int mark_packages(struct inventory *inventory)
{
	size_t count = tcbck_packages_count(inventory->packages);

	inventory->marks = calloc(count + 1, sizeof(*inventory->marks));
	if (inventory->marks == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct tcbck_package *package = tcbck_packages_get(inventory->packages, i);

		inventory->marks[i].chosen = is_chosen(inventory, package);
		inventory->result.packages += inventory->marks[i].chosen && package->whole;
		inventory->result.waiting += inventory->marks[i].chosen && !package->whole;
	}
	return 0;
}

/* The paths of what is chosen, each once. */
static int choose_files(struct inventory *inventory)
{
	const struct tcbck_packages *packages = inventory->packages;
	size_t total = tcbck_packages_file_count(packages);

	inventory->items = calloc(total + 1, sizeof(*inventory->items));
	if (inventory->items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < total; i++) {
		const struct tcbck_packaged *file = tcbck_packages_at(packages, i);

		if (!tcbck_packages_get(packages, file->package)->whole || !inventory->marks[file->package].chosen)
			continue;
		if (inventory->count > 0 &&
		    sysck_slice_equal(tcbck_packages_at(packages, inventory->items[inventory->count - 1].file)->path,
				      file->path))
			continue;
		inventory->items[inventory->count++].file = i;
	}
	return 0;
}

static int start(struct inventory *inventory, struct sysck_err *err)
{
	const struct tcbck_session *session = &inventory->session;

	inventory->workers = calloc(inventory->jobs, sizeof(*inventory->workers));
	if (inventory->workers == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < inventory->jobs; i++) {
		struct worker *worker = &inventory->workers[i];
		int r = tcbck_observer_new(&session->observing, &worker->adopter.observer, err);

		if (r < 0)
			return r;
		worker->adopter.arena = &worker->arena;
		if (tcbck_users_names(session->options->users, &worker->adopter.names) < 0)
			return sysck_err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static void end(struct inventory *inventory)
{
	for (unsigned i = 0; inventory->workers != NULL && i < inventory->jobs; i++) {
		struct worker *worker = &inventory->workers[i];

		tcbck_observer_free(worker->adopter.observer);
		sysck_names_free(worker->adopter.names);
		sysck_arena_done(&worker->arena);
		sysck_arena_done(&worker->kept);
		sysck_buf_done(&worker->out);
	}
	free(inventory->workers);
	free(inventory->items);
	free(inventory->marks);
	tcbck_packages_free(inventory->packages);
	tcbck_origins_free(inventory->origins);
}

/* What is to be checked when all is done. */
static int add_wrong(struct inventory *inventory, struct sysck_slice path)
{
	struct tcbck_inventory_result *result = &inventory->result;

	if (sysck_arena_copy(&result->arena, path, &result->wrong[result->wrong_count]) < 0)
		return -ENOMEM;
	result->wrong_count++;
	return 0;
}

static int put_item(struct inventory *inventory, const struct item *item)
{
	const struct worker *worker = &inventory->workers[item->worker];
	const struct tcbck_packaged *file = tcbck_packages_at(inventory->packages, item->file);
	struct tcbck_inventory_result *result = &inventory->result;
	struct sysck_err err;

	/* Who owns a directory that a package has must not hold up the rest by what he puts there. */
	if (item->taken.fault.len > 0) {
		sysck_err_set(&err, -EINVAL, "%.*s", (int)item->taken.fault.len, item->taken.fault.data);
		sysck_err_report(inventory->session.options->errors, &err);
		inventory->marks[file->package].faulty = true;
		return 0;
	}
	result->unknown += item->taken.unknown;
	if (item->end == item->begin)
		return 0;
	result->files++;
	result->undigested += item->taken.undigested;
	result->unvouched += item->taken.unvouched;
	if (item->taken.wrong && add_wrong(inventory, file->path) < 0)
		return -ENOMEM;
	return tcbck_session_put(&inventory->session, file->path,
				 (struct sysck_slice){ worker->out.data + item->begin, item->end - item->begin });
}

static int put_all(struct inventory *inventory)
{
	int r = 0;

	for (unsigned i = 0; i < inventory->jobs; i++)
		if (inventory->workers[i].error < 0 || sysck_buf_error(&inventory->workers[i].out) < 0)
			return -ENOMEM;
	inventory->result.wrong =
		calloc(inventory->count + sysck_db_count(inventory->session.db) + 1, sizeof(*inventory->result.wrong));
	if (inventory->result.wrong == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < inventory->count; i++)
		r = put_item(inventory, &inventory->items[i]);
	return r;
}

/* Does a definition of the inventory, whose path no package has, go with this run? */
static bool is_gone(const struct inventory *inventory, struct sysck_slice origin)
{
	size_t index;

	/* That it is not installed counts only where all packages could be read, and where it once was. */
	if (tcbck_packages_named(inventory->packages, origin, &index) < 0)
		return !tcbck_packages_is_partial(inventory->packages) && tcbck_origins_has_name(inventory->origins, origin) &&
		       (inventory->options->count == 0 || is_named(inventory->options, origin));
	return tcbck_packages_get(inventory->packages, index)->whole && inventory->marks[index].chosen;
}

/*
 * A directory in the place of what was defined is in no table, whatever the package has there. It is believed if packages have
 * files in it; else the definition stays, and finds it.
 */
static int is_directory(struct inventory *inventory, size_t index, bool *ret)
{
	struct tcbck_session *session = &inventory->session;
	const struct sysck_def asked = { .path = sysck_db_path(session->db, index) };
	struct tcbck_observation observation;
	int r = tcbck_observe(session->observer, &asked, SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE), &session->arena, &observation);

	*ret = r == 0 && observation.presence == TCBCK_PRESENT && observation.is.type == SYSCK_TYPE_DIRECTORY &&
	       !tcbck_packages_has_below(inventory->packages, asked.path);
	return r;
}

/* A definition that somebody made before the inventory came to it: it is theirs again. */
static int take_classes_out(struct inventory *inventory, size_t index, const struct sysck_list *classes)
{
	struct tcbck_session *session = &inventory->session;
	const struct tcbck_adopter adopter = { session->observer, session->names, &session->arena };
	const struct tcbck_object object = { sysck_db_path(session->db, index), -1, NULL, false };
	struct tcbck_request request = { .given = SYSCK_ATTR_BIT(SYSCK_ATTR_CLASS) };
	struct sysck_buf value = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	struct tcbck_adopted adopted;
	struct sysck_err err;
	int r;

	for (size_t i = 0; !sysck_slice_equal(classes->items[i], SYSCK_SLICE(TCBCK_CLASS_INVENTORY)); i++) {
		sysck_buf_add_text(&value, i > 0 ? "," : "");
		sysck_buf_add_item(&value, classes->items[i]);
	}
	request.values[SYSCK_ATTR_CLASS] = sysck_buf_slice(&value);
	r = sysck_buf_error(&value);
	if (r == 0)
		r = tcbck_adopt(&adopter, session->db, &request, &object, &out, &adopted, &err);
	if (r == 0 && adopted.adoption == TCBCK_ADOPTED)
		r = tcbck_session_put(session, object.path, sysck_buf_slice(&out));
	sysck_buf_done(&value);
	sysck_buf_done(&out);
	return r;
}

/* Definitions of the inventory that no package has any more. Marks the names of options that are known by them. */
static int remove_gone(struct inventory *inventory, bool *known)
{
	struct tcbck_session *session = &inventory->session;
	const struct tcbck_inventory_options *options = inventory->options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sysck_db_count(session->db); i++) {
		struct sysck_list classes;
		struct sysck_slice origin;
		bool directory;
		size_t first;

		sysck_arena_reset(&session->arena);
		if (sysck_db_classes(session->db, i, &session->arena, &classes) < 0)
			continue;
		origin = tcbck_explain_origin(&classes);
		if (origin.len == 0)
			continue;
		for (size_t name = 0; name < options->count; name++)
			known[name] =
				known[name] || tcbck_packaged_has_class(&classes, tcbck_explain_class(options->names[name]));
		if (tcbck_packages_find(inventory->packages, sysck_db_path(session->db, i), &first) > 0 ||
		    !is_gone(inventory, origin))
			continue;
		r = is_directory(inventory, i, &directory);
		if (r == 0 && directory)
			r = add_wrong(inventory, sysck_db_path(session->db, i));
		if (r < 0 || directory)
			continue;
		if (sysck_slice_equal(classes.items[0], SYSCK_SLICE(TCBCK_CLASS_INVENTORY)))
			r = tcbck_session_delete(session, i);
		else
			r = take_classes_out(inventory, i, &classes);
	}
	return r;
}

/* A name that nothing is known by is the caller's mistake. */
static int check_names(struct inventory *inventory)
{
	const struct tcbck_inventory_options *options = inventory->options;
	bool *known = calloc(options->count + 1, sizeof(*known));
	int r = known == NULL ? -ENOMEM : remove_gone(inventory, known);
	size_t index;

	for (size_t i = 0; r == 0 && i < options->count; i++)
		if (!known[i] && tcbck_packages_named(inventory->packages, options->names[i], &index) < 0)
			tcbck_session_refuse(&inventory->session, options->names[i], "no such package is installed");
	free(known);
	return r;
}

/* Is an origin still needed? That of a package that is gone is, until its definitions are. */
static bool is_needed(void *context, struct sysck_slice name, struct sysck_slice architecture)
{
	const struct inventory *inventory = context;

	if (tcbck_packages_is_partial(inventory->packages) ||
	    (inventory->options->count > 0 && !is_named(inventory->options, name)))
		return true;

	for (size_t i = 0; i < tcbck_packages_count(inventory->packages); i++) {
		const struct tcbck_package *package = tcbck_packages_get(inventory->packages, i);

		if (sysck_slice_equal(package->name, name) && sysck_slice_equal(package->architecture, architecture))
			return true;
	}
	return false;
}

/* Remembers from which installations the definitions are now. */
static int write_origins(struct inventory *inventory, struct sysck_err *err)
{
	const struct tcbck_update_options *update = inventory->session.options;
	struct sysck_buf before = SYSCK_BUF_INIT, bytes = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	char *name;
	int r = 0;

	if (asprintf(&name, "%s%s", update->database, TCBCK_ORIGINS_SUFFIX) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	tcbck_origins_keep(inventory->origins, is_needed, inventory);
	for (size_t i = 0; r == 0 && i < tcbck_packages_count(inventory->packages); i++) {
		const struct tcbck_package *package = tcbck_packages_get(inventory->packages, i);

		if (package->whole && inventory->marks[i].chosen && !inventory->marks[i].faulty)
			r = tcbck_origins_set(inventory->origins, package);
	}
	if (inventory->options->count == 0 && !inventory->options->follow)
		tcbck_origins_set_all(inventory->origins);
	tcbck_origins_write(inventory->origins, &bytes);
	if (r < 0 || sysck_buf_error(&bytes) < 0)
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = sysck_store_open(name, update->links, &store, err);
	if (r == 0)
		r = sysck_store_lock(store, err);
	if (r == 0) {
		r = sysck_store_read(store, &before, err);
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0 && !sysck_slice_equal(sysck_buf_slice(&before), sysck_buf_slice(&bytes)))
		r = sysck_store_replace(store, sysck_buf_slice(&bytes), err);
	sysck_store_close(store);
	sysck_buf_done(&before);
	sysck_buf_done(&bytes);
	free(name);
	return r;
}

static int take_inventory(struct inventory *inventory, struct sysck_err *err)
{
	const struct tcbck_update_options *update = inventory->session.options;
	const struct tcbck_package_options reading = {
		.root = update->root,
		.users = update->users,
		.archives = inventory->options->archives,
		.wants = wants_archive,
		.context = inventory,
		.algorithm = sysck_db_settings(inventory->session.db)->hash,
		.errors = update->errors,
		.stop = update->stop,
	};
	int r = tcbck_package_read(&reading, &inventory->packages, &inventory->result.archives, err);

	if (r == 0 && (mark_packages(inventory) < 0 || choose_files(inventory) < 0))
		r = sysck_err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = start(inventory, err);
	if (r < 0)
		return r;
	atomic_store(&update->counters->total, inventory->count);
	tcbck_crew_each(inventory->count, inventory->jobs, visit, inventory, update->stop);
	inventory->session.result.cancelled = tcbck_crew_is_stopped(update->stop);
	r = put_all(inventory);
	if (r == 0)
		r = check_names(inventory);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

/* Was there never an inventory with this database? If nobody can tell, there was. */
static bool had_none(const struct tcbck_update_options *options)
{
	struct tcbck_origins *origins = NULL;
	struct sysck_err err;
	bool none =
		tcbck_origins_read(options->database, options->links, &origins, &err) == 0 && tcbck_origins_count(origins) == 0;

	tcbck_origins_free(origins);
	return none;
}

/* With follow, a database that never was there follows nothing. */
static int begin(struct inventory *inventory, const struct tcbck_update_options *options, struct sysck_err *err)
{
	bool follow = inventory->options->follow;
	int r = tcbck_session_begin(&inventory->session, options, !follow, err);

	if (follow &&
	    ((r == -ENOENT && had_none(options)) || (r == 0 && !sysck_db_settings(inventory->session.db)->follow_packages))) {
		inventory->result.off = true;
		return 0;
	}
	return r == 0 ? tcbck_origins_read(options->database, options->links, &inventory->origins, err) : r;
}

int tcbck_update_inventory(const struct tcbck_update_options *options, const struct tcbck_inventory_options *wanted,
			   struct tcbck_inventory_result *ret, struct sysck_err *err)
{
	struct inventory inventory = { .options = wanted, .jobs = options->jobs };
	struct tcbck_session *session = &inventory.session;
	int r = begin(&inventory, options, err);
	bool on = r == 0 && !inventory.result.off && session->result.errors == 0;

	if (on)
		r = take_inventory(&inventory, err);
	if (r == 0 && on)
		r = tcbck_session_commit(session, err);
	if (r == 0 && on && session->result.errors == 0 && !session->result.cancelled)
		r = write_origins(&inventory, err);
	inventory.result.update = session->result;
	if (r == 0)
		*ret = inventory.result;
	else
		tcbck_inventory_result_done(&inventory.result);
	end(&inventory);
	tcbck_session_end(session);
	return r;
}

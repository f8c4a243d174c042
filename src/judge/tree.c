/*
 * tree.c - every stray of the installed tree.
 *
 * Knows which directories are entered, and when one look at an object is not enough; gives findings. Memory does not grow with
 * the tree, but for the directories of file systems that are mounted at several places. Must never print or change anything.
 */
#include "judge/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/stray.h"
#include "observe/glance.h"
#include "observe/observe.h"
#include "observe/walk.h"

/* Objects that a worker meets before it tells the progress line. */
#define TELL_EVERY 256u

struct directory {
	dev_t device;
	ino_t inode;
};

/* Directories; sorted where they are looked for. */
struct directories {
	struct directory *items;
	size_t count, room;
};

struct worker {
	struct tcbck_glancer *glancer;
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena arena; /* of the object in hand */
	struct sysck_arena kept;  /* paths of `pruned` */
	struct tcbck_findings findings;
	struct directories met; /* in the walk in hand, where it is shared; and files of `tree.files` */
	struct sysck_slice *pruned;
	size_t pruned_count, pruned_room;
	size_t objects, told;
	int error; /* -ENOMEM */
};

struct tree {
	const struct tcbck_tree_options *options;
	struct tcbck_mounts mounts;
	struct tcbck_administrators administrators;
	struct sysck_list nodir; /* treeck_nodir, without symlinks on the way */
	struct sysck_arena arena;
	struct tcbck_observer_options observing;
	struct worker *workers;
	const struct tcbck_top *top; /* of the walk in hand */
	struct directories met;      /* in walks before, of file systems that are walked more than once; sorted */
	struct directories files;    /* so can be met files that are covered elsewhere; sorted */
};

static void add_unverified(struct worker *worker, struct sysck_slice path, enum tcbck_kind kind, const char *reason)
{
	if (tcbck_stray_unverified(path, kind, sysck_slice_of(reason), &worker->findings) < 0)
		worker->error = -ENOMEM;
}

static void add_trouble(struct worker *worker, struct sysck_slice path, int error)
{
	char text[128];

	add_unverified(worker, path, TCBCK_KIND_TREE,
		       error == -ESTALE ? "replaced while it was being read" : strerror_r(-error, text, sizeof(text)));
}

/* --- directories met before --- */

static int add_directory(struct directories *list, dev_t device, ino_t inode)
{
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 256 : list->room * 2;
		struct directory *more = reallocarray(list->items, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		list->items = more;
		list->room = room;
	}
	list->items[list->count++] = (struct directory){ device, inode };
	return 0;
}

static int compare_directories(const void *left, const void *right)
{
	const struct directory *a = left, *b = right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static bool was_met(const struct directories *list, dev_t device, ino_t inode)
{
	const struct directory wanted = { device, inode };

	return list->count > 0 && bsearch(&wanted, list->items, list->count, sizeof(*list->items), compare_directories) != NULL;
}

static void sort_directories(struct directories *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), compare_directories);
}

/* What the walk that ended has met is met for the next ones. */
static int remember_directories(struct tree *tree)
{
	size_t before = tree->met.count;
	int r = 0;

	for (unsigned i = 0; i < tree->options->jobs; i++) {
		struct directories *met = &tree->workers[i].met;

		for (size_t j = 0; r == 0 && j < met->count; j++)
			r = add_directory(&tree->met, met->items[j].device, met->items[j].inode);
		met->count = 0;
	}
	if (tree->met.count > before)
		sort_directories(&tree->met);
	return r;
}

/* --- one object --- */

/* By directory and name, or else by the path; by the very path also where its directory could not be found before. */
static bool is_defined(const struct tree *tree, const struct tcbck_walk_entry *entry)
{
	const struct tcbck_known *known = tree->options->known;
	size_t index;

	return tcbck_known_has_name(known, entry->directory_device, entry->directory_inode, entry->name) ||
	       tcbck_known_has_path(known, entry->path) || sysck_db_find(tree->options->db, entry->path, &index) == 0;
}

static void judge_name(struct tree *tree, struct worker *worker, const struct tcbck_walk_entry *entry, enum tcbck_kind kind,
		       const struct tcbck_glance *glance, size_t index)
{
	const struct tcbck_stray_name name = { entry->path, sysck_db_path(tree->options->db, index), glance->device,
					       glance->inode };

	if (tcbck_stray_name(&name, kind, &worker->findings) < 0)
		worker->error = -ENOMEM;
}

static void judge_symlink(struct tree *tree, struct worker *worker, const struct tcbck_walk_entry *entry,
			  const struct tcbck_glance *glance)
{
	const struct tcbck_known_object *object;
	struct stat st;
	int r = tcbck_path_reach(tree->options->root, entry->directory, entry->name, entry->path, &st);

	/* One that leads to nothing leads to no defined file; nothing has a name that is too long. */
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENAMETOOLONG)
		return;
	if (r < 0) {
		add_trouble(worker, entry->path, r);
		return;
	}
	object = tcbck_known_find(tree->options->known, st.st_dev, st.st_ino);
	if (object != NULL && object->has_symlinks && !is_defined(tree, entry))
		judge_name(tree, worker, entry, TCBCK_KIND_TREE_SYMLINK, glance, object->symlinks_index);
}

static void look_closer(struct tree *tree, struct worker *worker, const struct tcbck_walk_entry *entry)
{
	const struct sysck_def asked = { .path = entry->path };
	struct tcbck_observation observation;
	int r;

	sysck_arena_reset(&worker->arena);
	r = tcbck_observe_at(worker->observer, entry->directory, entry->name, &asked, tcbck_stray_wanted, &worker->arena,
			     &observation);
	if (r == 0)
		r = tcbck_stray_judge(&tree->administrators, worker->names, entry->path, &observation, &worker->findings);
	if (r < 0)
		worker->error = r;
}

static void judge_entry(struct tree *tree, struct worker *worker, const struct tcbck_walk_entry *entry,
			const struct tcbck_glance *glance)
{
	const struct tcbck_known *known = tree->options->known;
	const struct tcbck_known_object *object = NULL;

	if (glance->link_count > 1 && !S_ISDIR(glance->mode))
		object = tcbck_known_find(known, glance->device, glance->inode);
	if (object != NULL) {
		/* The object itself was judged by its definition. */
		if (!is_defined(tree, entry))
			judge_name(tree, worker, entry, TCBCK_KIND_TREE_LINK, glance, object->index);
	} else if (S_ISLNK(glance->mode)) {
		if (tcbck_known_symlinked(known) > 0)
			judge_symlink(tree, worker, entry, glance);
	} else if (tcbck_stray_is_suspicious(&tree->administrators, glance) && !is_defined(tree, entry)) {
		look_closer(tree, worker, entry);
	}
}

/* --- one step of a walk --- */

static void keep_pruned(struct worker *worker, struct sysck_slice path)
{
	if (worker->pruned_count == worker->pruned_room) {
		size_t room = worker->pruned_room == 0 ? 16 : worker->pruned_room * 2;
		struct sysck_slice *more = reallocarray(worker->pruned, room, sizeof(*more));

		if (more == NULL) {
			worker->error = -ENOMEM;
			return;
		}
		worker->pruned = more;
		worker->pruned_room = room;
	}
	if (sysck_arena_copy(&worker->kept, path, &worker->pruned[worker->pruned_count]) < 0)
		worker->error = -ENOMEM;
	else
		worker->pruned_count++;
}

static bool enters(struct tree *tree, struct worker *worker, struct sysck_slice path, const struct tcbck_glance *glance)
{
	for (size_t i = 0; i < tree->nodir.count; i++)
		if (sysck_slice_equal(tree->nodir.items[i], path)) {
			keep_pruned(worker, path);
			return false;
		}
	if (tree->top->is_shared && add_directory(&worker->met, glance->device, glance->inode) < 0)
		worker->error = -ENOMEM;
	return true;
}

static bool is_top(const struct tree *tree, const struct tcbck_walk_entry *entry)
{
	return sysck_slice_equal(entry->path, tree->top->path);
}

/* Something is mounted here: it is the top of a walk of its own, or left out. A single file can be mounted, too. */
static void meet_mount(struct tree *tree, struct worker *worker, const struct tcbck_walk_entry *entry,
		       const struct tcbck_glance *glance)
{
	const struct tcbck_mount *mount = tcbck_mounts_find(&tree->mounts, glance->mount);

	if (mount == NULL && !is_top(tree, entry)) {
		add_unverified(worker, entry->path, TCBCK_KIND_TREE,
			       tree->mounts.only_root ? "another file system; which one, only /proc tells"
						      : "mounted meanwhile");
	}
}

/* Is something mounted here that does not let itself be looked at, as a user's FUSE file system? The table tells of it. */
static bool is_mount_point(const struct tree *tree, struct sysck_slice path)
{
	for (size_t i = 0; i < tree->mounts.count; i++) {
		const struct tcbck_mount *mount = &tree->mounts.items[i];

		if (i != tree->top->mount && mount->parent == tree->mounts.items[tree->top->mount].number &&
		    sysck_slice_equal(mount->path, path))
			return true;
	}
	return false;
}

/*
 * A directory is judged, and walked, where it is met first; so is a file that another mount covers elsewhere. A file that is
 * mounted by itself has one more path, and is a stray there, too, unless it is the object of a definition.
 */
static bool is_met(struct tree *tree, struct worker *worker, bool top, const struct tcbck_glance *glance)
{
	bool file = !S_ISDIR(glance->mode), covered = tree->top->is_covered_part;

	if (file && top && !covered)
		return tcbck_known_is_object(tree->options->known, glance->device, glance->inode);
	if ((!file || top) && was_met(&tree->met, glance->device, glance->inode))
		return true;
	if (file && was_met(&tree->files, glance->device, glance->inode) &&
	    add_directory(&worker->met, glance->device, glance->inode) < 0)
		worker->error = -ENOMEM;
	return false;
}

static void count_object(struct tree *tree, struct worker *worker)
{
	struct tcbck_check_counters *counters = tree->options->counters;

	worker->objects++;
	if (worker->objects - worker->told < TELL_EVERY)
		return;
	atomic_fetch_add_explicit(&counters->total, worker->objects - worker->told, memory_order_relaxed);
	atomic_fetch_add_explicit(&counters->done, worker->objects - worker->told, memory_order_relaxed);
	worker->told = worker->objects;
}

static bool visit(void *context, unsigned number, const struct tcbck_walk_entry *entry, dev_t *ret_device, ino_t *ret_inode)
{
	struct tree *tree = context;
	struct worker *worker = &tree->workers[number];
	const struct tcbck_known *known = tree->options->known;
	struct tcbck_glance glance;
	bool top = is_top(tree, entry);
	int r;

	count_object(tree, worker);
	/* A symlink can be nothing but another name of a defined one, or a way to it. */
	if (entry->type == DT_LNK && tcbck_known_count(known) == 0)
		return false;
	r = tcbck_glance(worker->glancer, entry->directory, entry->name, &glance);
	if (r < 0) {
		if (r != -ENOENT && !is_mount_point(tree, entry->path))
			add_trouble(worker, entry->path, r);
		return false;
	}
	if (glance.mount != tree->mounts.items[tree->top->mount].number) {
		meet_mount(tree, worker, entry, &glance);
		return false;
	}
	if (tree->top->is_shared && is_met(tree, worker, top, &glance))
		return false;
	judge_entry(tree, worker, entry, &glance);
	*ret_device = glance.device;
	*ret_inode = glance.inode;
	return S_ISDIR(glance.mode) && enters(tree, worker, entry->path, &glance);
}

static void trouble(void *context, unsigned number, struct sysck_slice path, int error)
{
	struct tree *tree = context;

	if (error != -ENOENT)
		add_trouble(&tree->workers[number], path, error);
}

/* --- a run --- */

static int start_workers(struct tree *tree, struct sysck_err *err)
{
	tree->workers = calloc(tree->options->jobs, sizeof(*tree->workers));
	if (tree->workers == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < tree->options->jobs; i++) {
		struct worker *worker = &tree->workers[i];
		int r = tcbck_observer_new(&tree->observing, &worker->observer, err);

		if (r < 0)
			return r;
		if (tcbck_glancer_new(&worker->glancer) < 0 || tcbck_users_names(tree->options->users, &worker->names) < 0)
			return sysck_err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static void end_workers(struct tree *tree)
{
	for (unsigned i = 0; tree->workers != NULL && i < tree->options->jobs; i++) {
		struct worker *worker = &tree->workers[i];

		tcbck_glancer_free(worker->glancer);
		tcbck_observer_free(worker->observer);
		sysck_names_free(worker->names);
		sysck_arena_done(&worker->arena);
		sysck_arena_done(&worker->kept);
		tcbck_findings_done(&worker->findings);
		free(worker->met.items);
		free(worker->pruned);
	}
	free(tree->workers);
}

/* The ids of a list of names. */
static int read_ids(struct tree *tree, const struct sysck_list *list, const char *setting,
		    int (*find)(struct sysck_names *names, struct sysck_slice name, uint32_t *ret), struct tcbck_ids *ret,
		    struct sysck_err *err)
{
	uint32_t *ids = sysck_arena_alloc(&tree->arena, list->count + 1, sizeof(*ids));
	struct sysck_names *names = NULL;
	int r = ids == NULL ? -ENOMEM : tcbck_users_names(tree->options->users, &names);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	for (size_t i = 0; r == 0 && i < list->count; i++) {
		char quoted[SYSCK_QUOTE_MAX];
		uint64_t number;

		if (sysck_number_parse(list->items[i], SYSCK_ID_MAX, &number) == 0)
			ids[i] = (uint32_t)number;
		else if (find(names, list->items[i], &ids[i]) < 0)
			r = sysck_err_set(err, -EINVAL, "%s: no such name: %s", setting,
					  sysck_quote(list->items[i], quoted, sizeof(quoted)));
	}
	sysck_names_free(names);
	ret->further = ids;
	ret->further_count = list->count;
	return r;
}

static int read_administrators(struct tree *tree, struct sysck_err *err)
{
	const struct sysck_settings *settings = sysck_db_settings(tree->options->db);
	struct tcbck_system_ids ids;
	int r = tcbck_users_system_ids(tree->options->root, &ids, err);

	if (r == 0) {
		tree->administrators.users.system_max = ids.user_max;
		tree->administrators.groups.system_max = ids.group_max;
		r = read_ids(tree, &settings->setuids, "setuids", sysck_names_user_id, &tree->administrators.users, err);
	}
	if (r == 0)
		r = read_ids(tree, &settings->setgids, "setgids", sysck_names_group_id, &tree->administrators.groups, err);
	return r;
}

/* Paths of the settings as the walk spells them. What is not there leaves nothing out. */
static int resolve(struct tree *tree, const struct sysck_list *paths, struct sysck_list *ret, struct sysck_err *err)
{
	struct sysck_slice *items = sysck_arena_alloc(&tree->arena, paths->count + 1, sizeof(*items));
	struct tcbck_opener *opener = NULL;
	int r = items == NULL ? -ENOMEM : tcbck_opener_new(tree->options->root, &opener);

	*ret = (struct sysck_list){ items, 0 };
	for (size_t i = 0; r == 0 && i < paths->count; i++) {
		struct tcbck_place place;
		struct sysck_err ignored;

		if (tcbck_path_find(opener, paths->items[i], &place, &ignored) == 0)
			r = sysck_arena_copy(&tree->arena, place.resolved, &items[ret->count++]);
	}
	tcbck_opener_free(opener);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

/* Without /proc only the root is known; whatever else is mounted is met, and told. */
static int read_mounts(struct tree *tree, struct sysck_err *err)
{
	const struct sysck_settings *settings = sysck_db_settings(tree->options->db);
	struct sysck_list novfs;
	struct tcbck_mounts_options options = { &novfs, &tree->nodir, tree->options->below_too };
	int r = resolve(tree, &settings->treeck_nodir, &tree->nodir, err);

	if (r == 0)
		r = resolve(tree, &settings->treeck_novfs, &novfs, err);
	return r < 0 ? r : tcbck_mounts_read(tree->options->root, &options, &tree->mounts, err);
}

static int start(struct tree *tree, struct sysck_err *err)
{
	int r = read_administrators(tree, err);

	tree->observing = (struct tcbck_observer_options){
		.root = tree->options->root,
		.settings = sysck_db_settings(tree->options->db),
		.stop = tree->options->stop,
	};
	if (r == 0)
		r = read_mounts(tree, err);
	/* Without reading, extended attributes are reached through /proc. */
	tree->observing.no_reading = !tree->mounts.only_root;
	return r == 0 ? start_workers(tree, err) : r;
}

static bool is_stopped(const struct tree *tree)
{
	return tcbck_crew_is_stopped(tree->options->stop);
}

/*
 * Looks at what is where a walk is to begin: 1 if that is the walk's mount, 0 if another one is over it; or a negative errno.
 * The server of that other one may never answer.
 */
static int is_shown(struct tree *tree, const struct tcbck_top *top, struct tcbck_glance *ret)
{
	struct tcbck_glancer *glancer = tree->workers[0].glancer;
	uint64_t number = tree->mounts.items[top->mount].number;
	struct tcbck_opener *opener;
	struct tcbck_place place;
	struct sysck_err ignored;
	int r = tcbck_opener_new(tree->options->root, &opener);

	if (r < 0)
		return r;
	tcbck_glancer_stay(glancer, number);
	r = tcbck_path_find(opener, top->path, &place, &ignored);
	if (r == 0)
		r = tcbck_glance(glancer, place.directory, place.name, ret);
	tcbck_opener_free(opener);
	return r == 0 ? ret->mount == number : r;
}

/* Files that another mount covers elsewhere can be met by several paths. Which ones must be known before the walks. */
static int find_files(struct tree *tree, const struct tcbck_top *tops, size_t count)
{
	struct tcbck_glance glance;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		if (tops[i].is_covered_part && is_shown(tree, &tops[i], &glance) > 0 && !S_ISDIR(glance.mode))
			r = add_directory(&tree->files, glance.device, glance.inode);
	sort_directories(&tree->files);
	return r;
}

/* What treeck_nodir leaves out of a file system is left out, too, where another mount covers it elsewhere. */
static bool is_excluded(const struct tree *tree, const struct tcbck_top *top)
{
	const struct tcbck_mount *mount = &tree->mounts.items[top->mount];

	for (size_t i = 0; top->is_covered_part && i < tree->nodir.count; i++)
		if (tcbck_path_is_below(tree->nodir.items[i], mount->path) &&
		    tcbck_path_is_below(top->path, tree->nodir.items[i]))
			return true;
	return false;
}

/* Why there was no walk: `error` as of is_shown(). What was unmounted meanwhile, or lies behind a symlink, is not there. */
static void tell_no_walk(struct tree *tree, const struct tcbck_top *top, int error)
{
	const char *why = "covered by another mount";

	if (error == -ENOENT || error == -ENOTDIR || error == -ELOOP) {
		why = "not there";
	} else if (error < 0 && !is_mount_point(tree, top->path)) {
		why = "cannot be examined";
		add_trouble(&tree->workers[0], top->path, error);
	}
	if (!top->is_covered_part)
		tree->mounts.items[top->mount].left_out = why;
}

static int walk(struct tree *tree, const struct tcbck_top *top, struct sysck_err *err)
{
	const struct tcbck_walk_visitor visitor = { .visit = visit, .trouble = trouble, .stays = true, .context = tree };
	struct tcbck_glance glance;
	int r;

	tree->top = top;
	r = is_shown(tree, top, &glance);
	for (unsigned i = 0; i < tree->options->jobs; i++)
		tcbck_glancer_stay(tree->workers[i].glancer, tree->mounts.items[top->mount].number);
	if (r > 0)
		r = tcbck_walk_tree(tree->options->root, top->path, tree->options->jobs, &visitor, tree->options->stop, err);
	else if (r == 0)
		tell_no_walk(tree, top, 0);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		tell_no_walk(tree, top, r);
	return top->is_shared ? remember_directories(tree) : 0;
}

static int walk_all(struct tree *tree, struct sysck_err *err)
{
	struct tcbck_top *tops = NULL;
	size_t count = 0;
	int r = tcbck_mounts_tops(&tree->mounts, &tops, &count);

	if (r == 0)
		r = find_files(tree, tops, count);
	for (size_t i = 0; r == 0 && i < count && !is_stopped(tree); i++)
		if (!is_excluded(tree, &tops[i]))
			r = walk(tree, &tops[i], err);
	tree->top = NULL;
	free(tops);
	return r < 0 ? sysck_err_set(err, r, "out of memory") : 0;
}

static int compare_slices(const void *left, const void *right)
{
	const struct sysck_slice *a = left, *b = right;

	return sysck_slice_compare(*a, *b);
}

/* What a mount covers is met at a top of its own, and may have been met already on the way from the mount that shows it. */
static void drop_repeated(struct tcbck_findings *findings)
{
	size_t count = 0;

	tcbck_findings_sort(findings);
	for (size_t i = 0; i < findings->count; i++) {
		const struct tcbck_finding *last = count > 0 ? &findings->items[count - 1] : NULL;

		if (last == NULL || last->kind != findings->items[i].kind ||
		    !tcbck_finding_same_object(last, &findings->items[i]))
			findings->items[count++] = findings->items[i];
	}
	findings->count = count;
}

static int join_workers(struct tree *tree, struct tcbck_findings *findings, struct tcbck_tree_coverage *coverage)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < tree->options->jobs; i++) {
		struct worker *worker = &tree->workers[i];

		r = worker->error;
		coverage->objects += worker->objects;
		for (size_t j = 0; j < worker->pruned_count; j++)
			coverage->pruned[coverage->pruned_count++] = worker->pruned[j];
		sysck_arena_join(&coverage->arena, &worker->kept);
		if (r == 0)
			r = tcbck_findings_join(findings, &worker->findings);
	}
	qsort(coverage->pruned, coverage->pruned_count, sizeof(*coverage->pruned), compare_slices);
	return r;
}

static int join(struct tree *tree, struct tcbck_findings *findings, struct tcbck_tree_coverage *coverage)
{
	struct tcbck_findings strays = TCBCK_FINDINGS_INIT;
	size_t count = 0;
	int r;

	for (unsigned i = 0; i < tree->options->jobs; i++)
		count += tree->workers[i].pruned_count;
	coverage->pruned = calloc(count + 1, sizeof(*coverage->pruned));
	if (coverage->pruned == NULL)
		return -ENOMEM;
	r = join_workers(tree, &strays, coverage);
	drop_repeated(&strays);
	if (r == 0)
		r = tcbck_findings_join(findings, &strays);
	tcbck_findings_done(&strays);
	coverage->cancelled = is_stopped(tree);
	return r;
}

void tcbck_tree_coverage_done(struct tcbck_tree_coverage *coverage)
{
	tcbck_mounts_done(&coverage->mounts);
	free(coverage->pruned);
	sysck_arena_done(&coverage->arena);
	*coverage = (struct tcbck_tree_coverage){ .arena = SYSCK_ARENA_INIT };
}

int tcbck_tree_run(const struct tcbck_tree_options *options, struct tcbck_findings *findings, struct tcbck_tree_coverage *ret,
		   struct sysck_err *err)
{
	struct tree tree = { .options = options, .arena = SYSCK_ARENA_INIT };
	struct tcbck_tree_coverage coverage = { .arena = SYSCK_ARENA_INIT };
	int r = start(&tree, err);

	if (r == 0)
		r = walk_all(&tree, err);
	if (r == 0) {
		r = join(&tree, findings, &coverage);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	coverage.mounts = tree.mounts;
	end_workers(&tree);
	sysck_arena_done(&tree.arena);
	free(tree.met.items);
	free(tree.files.items);
	if (r < 0) {
		tcbck_tree_coverage_done(&coverage);
		return r;
	}
	*ret = coverage;
	return 0;
}

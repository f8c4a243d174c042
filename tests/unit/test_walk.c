/*
 * test_walk.c - tests of src/observe/walk.c: every entry exactly once, at every number of threads, in trees that are deep,
 * wide, oddly named, or change under the walk.
 *
 * Trees are made below /tmp by descriptors, since their paths are longer than PATH_MAX.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/walk.h"
#include "scratch.h"
#include "suites.h"

#define DEPTH    15000u
#define WIDTH    100000u
#define SEEN_MAX 4096u

static const unsigned jobs_of[] = { 1, 2, 8, 256 };
#define JOBS (sizeof(jobs_of) / sizeof(jobs_of[0]))

/* What a walk has met. Guarded by the lock, for the sake of tests that look at all of it. */
struct tree {
	struct scratch scratch;
	pthread_mutex_t lock;
	unsigned visits;
	unsigned directories;
	unsigned troubles;
	unsigned wrong; /* contradictions between an entry's directory, name, path and type */
	size_t longest; /* path */
	size_t path_bytes;
	int error;        /* of the last trouble */
	char trouble[64]; /* its path */
	bool keep;        /* paths are kept */
	char *seen[SEEN_MAX];
	unsigned descriptors; /* most that were open */
	bool watch_descriptors;
	atomic_bool stop;
	/* Called before an entry is looked at; false: not to be entered. */
	bool (*hook)(struct tree *tree, const struct tcbck_walk_entry *entry);
	mode_t replacement; /* for replace_b() */
	unsigned jobs;
	struct sysck_err err;
};

static void begin(struct tree *tree)
{
	*tree = (struct tree){ .lock = PTHREAD_MUTEX_INITIALIZER };
	scratch_begin(&tree->scratch);
}

static void begin_big(struct tree *tree)
{
	*tree = (struct tree){ .lock = PTHREAD_MUTEX_INITIALIZER };
	scratch_begin_big(&tree->scratch);
}

static void forget(struct tree *tree)
{
	unsigned i;

	for (i = 0; i < SEEN_MAX; i++) {
		free(tree->seen[i]);
		tree->seen[i] = NULL;
	}
	tree->visits = tree->directories = tree->troubles = tree->wrong = tree->descriptors = 0;
	tree->longest = tree->path_bytes = 0;
	tree->error = 0;
	atomic_store(&tree->stop, false);
}

static void end(struct tree *tree)
{
	forget(tree);
	scratch_end(&tree->scratch);
}

/* Does the entry's path end in its name, and is the entry what it says? */
static bool is_consistent(const struct tcbck_walk_entry *entry, const struct stat *st)
{
	size_t len = strlen(entry->name);

	if (strcmp(entry->name, ".") == 0)
		return sysck_slice_equal(entry->path, SYSCK_SLICE("/"));
	return entry->path.len > len && entry->path.data[0] == '/' && entry->path.data[entry->path.len - len - 1] == '/' &&
	       memcmp(entry->path.data + entry->path.len - len, entry->name, len) == 0 &&
	       memchr(entry->path.data, '\0', entry->path.len) == NULL &&
	       (entry->type == DT_UNKNOWN || entry->type == IFTODT(st->st_mode));
}

static void note_visit(struct tree *tree, const struct tcbck_walk_entry *entry, const struct stat *st, bool enter)
{
	if (!is_consistent(entry, st))
		tree->wrong++;
	if (tree->keep && tree->visits < SEEN_MAX)
		tree->seen[tree->visits] = strndup(entry->path.data, entry->path.len);
	tree->visits++;
	tree->directories += enter;
	tree->path_bytes += entry->path.len;
	if (entry->path.len > tree->longest)
		tree->longest = entry->path.len;
	if (tree->watch_descriptors) {
		unsigned descriptors = scratch_descriptors();

		if (descriptors > tree->descriptors)
			tree->descriptors = descriptors;
	}
}

static bool tree_visit(void *context, unsigned worker, const struct tcbck_walk_entry *entry, dev_t *ret_device,
		       ino_t *ret_inode)
{
	struct tree *tree = context;
	bool enter;
	struct stat st;

	if (fstatat(entry->directory, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret_device = st.st_dev;
	*ret_inode = st.st_ino;
	enter = S_ISDIR(st.st_mode);
	pthread_mutex_lock(&tree->lock);
	if (worker >= tree->jobs)
		tree->wrong++;
	note_visit(tree, entry, &st, enter);
	if (tree->hook != NULL)
		enter = tree->hook(tree, entry) && enter;
	pthread_mutex_unlock(&tree->lock);
	return enter;
}

static void tree_trouble(void *context, unsigned worker, struct sysck_slice path, int error)
{
	struct tree *tree = context;

	pthread_mutex_lock(&tree->lock);
	if (worker >= tree->jobs)
		tree->wrong++;
	tree->troubles++;
	tree->error = error;
	sysck_quote(path, tree->trouble, sizeof(tree->trouble));
	pthread_mutex_unlock(&tree->lock);
}

static int walk(struct tree *tree, const char *top, unsigned jobs)
{
	const struct tcbck_walk_visitor visitor = { .visit = tree_visit, .trouble = tree_trouble, .context = tree };

	forget(tree);
	tree->jobs = jobs;
	sysck_err_clear(&tree->err);
	return tcbck_walk_tree(tree->scratch.root, sysck_slice_of(top), jobs, &visitor, &tree->stop, &tree->err);
}

static int compare_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Are the paths seen, sorted, those of `wanted`? */
static bool has_seen(struct tree *tree, const char *const *wanted, unsigned count)
{
	unsigned i;

	qsort(tree->seen, tree->visits, sizeof(tree->seen[0]), compare_text);
	for (i = 0; i < count && i < tree->visits; i++) {
		if (strcmp(tree->seen[i], wanted[i]) != 0) {
			printf("    %s instead of %s\n", tree->seen[i], wanted[i]);
			return false;
		}
	}
	return tree->visits == count && tree->troubles == 0 && tree->wrong == 0;
}

static void make_small_tree(const struct tree *tree)
{
	scratch_directory(&tree->scratch, "a", 0755);
	scratch_directory(&tree->scratch, "a/b", 0755);
	scratch_directory(&tree->scratch, "a/b/empty", 0755);
	scratch_file(&tree->scratch, "a/b/x");
	scratch_file(&tree->scratch, "a/y");
	scratch_directory(&tree->scratch, "c", 0755);
	scratch_file(&tree->scratch, "c/z");
	scratch_link(&tree->scratch, "../a", "c/link");
	scratch_link(&tree->scratch, "a", "to-a");
	CU_ASSERT_EQUAL_FATAL(mknodat(tree->scratch.fd, "fifo", S_IFIFO | 0600, 0), 0);
}

static void visits_each_entry_once(void)
{
	static const char *const all[] = { "/",  "/a",      "/a/b", "/a/b/empty", "/a/b/x", "/a/y",
					   "/c", "/c/link", "/c/z", "/fifo",      "/to-a" };
	static const char *const below[] = { "/a/b", "/a/b/empty", "/a/b/x" };
	static const char *const file[] = { "/a/y" };
	static const char *const link[] = { "/to-a" };
	struct tree tree;
	size_t i;

	begin(&tree);
	make_small_tree(&tree);
	tree.keep = true;
	for (i = 0; i < JOBS; i++) {
		CU_ASSERT_EQUAL(walk(&tree, "/", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, all, 11));
		CU_ASSERT_EQUAL(tree.directories, 5);
		CU_ASSERT_EQUAL(walk(&tree, "/a/b", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, below, 3));
		/* the path told is the one without symlinks */
		CU_ASSERT_EQUAL(walk(&tree, "/to-a/b", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, below, 3));
		CU_ASSERT_EQUAL(walk(&tree, "/a/y", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, file, 1));
		/* a symlink is an object, not a way */
		CU_ASSERT_EQUAL(walk(&tree, "/to-a", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, link, 1));
	}
	end(&tree);
}

static void tells_when_the_top_is_missing(void)
{
	struct tree tree;

	begin(&tree);
	make_small_tree(&tree);
	CU_ASSERT_EQUAL(walk(&tree, "/none", 2), -ENOENT);
	CU_ASSERT_STRING_EQUAL(tree.err.text, "/none: No such file or directory");
	CU_ASSERT_EQUAL(walk(&tree, "/none/x", 2), -ENOENT);
	CU_ASSERT_EQUAL(walk(&tree, "/a/y/z", 2), -ENOTDIR);
	CU_ASSERT_EQUAL(walk(&tree, "a", 2), -EINVAL);
	CU_ASSERT_EQUAL(tree.visits + tree.troubles, 0);
	end(&tree);
}

static bool prune_b(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	(void)tree;
	return strcmp(entry->name, "b") != 0;
}

static bool stop_at_b(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	if (strcmp(entry->name, "b") == 0)
		atomic_store(&tree->stop, true);
	return true;
}

static void enters_only_what_it_is_told(void)
{
	static const char *const pruned[] = { "/a", "/a/b", "/a/y" };
	struct tree tree;
	size_t i;

	begin(&tree);
	make_small_tree(&tree);
	tree.keep = true;
	for (i = 0; i < JOBS; i++) {
		tree.hook = prune_b;
		CU_ASSERT_EQUAL(walk(&tree, "/a", jobs_of[i]), 0);
		CU_ASSERT_TRUE(has_seen(&tree, pruned, 3));
		tree.hook = stop_at_b;
		CU_ASSERT_EQUAL(walk(&tree, "/a", jobs_of[i]), 0);
		CU_ASSERT_TRUE(tree.visits <= 3);
		CU_ASSERT_EQUAL(tree.troubles, 0);
	}
	end(&tree);
}

/* Every byte but "/" and NUL, as a name, in a name, and as the name of a directory. */
static void takes_any_name(void)
{
	struct tree tree;
	char name[NAME_MAX + 1], path[NAME_MAX + 3];
	unsigned byte, i, made = 1;
	bool met[256] = { false };

	begin(&tree);
	for (byte = 1; byte < 256; byte++) {
		if (byte == '/')
			continue;
		path[0] = (char)byte;
		path[1] = byte == '.' ? '.' : '\0';
		path[2] = byte == '.' ? '.' : '\0';
		path[3] = '\0';
		scratch_directory(&tree.scratch, path, 0755);
		i = (unsigned)strlen(path);
		path[i] = '/';
		path[i + 1] = (char)byte;
		path[i + 2] = 'x';
		path[i + 3] = '\0';
		scratch_file(&tree.scratch, path);
		made += 2;
	}
	for (i = 0; i < NAME_MAX; i++)
		name[i] = (char)(i % 255 + 1 == '/' ? 'x' : i % 255 + 1);
	name[NAME_MAX] = '\0';
	scratch_directory(&tree.scratch, name, 0755);
	snprintf(path, sizeof(path), "%s/y", name);
	scratch_file(&tree.scratch, path);
	made += 2;
	tree.keep = true;
	CU_ASSERT_EQUAL(walk(&tree, "/", 2), 0);
	CU_ASSERT_EQUAL(tree.visits, made);
	CU_ASSERT_EQUAL(tree.wrong + tree.troubles, 0);
	for (i = 0; i < tree.visits; i++) {
		size_t len = strlen(tree.seen[i]);

		if (len > 2 && tree.seen[i][len - 1] == 'x')
			met[(unsigned char)tree.seen[i][len - 2]] = true;
	}
	for (byte = 1; byte < 256; byte++)
		CU_ASSERT_EQUAL(met[byte], byte != '/');
	CU_ASSERT_EQUAL(tree.longest, NAME_MAX + 3);
	end(&tree);
}

/* Runs the walk with few descriptors to be had, and checks that it stays below half of them. */
static void walk_with_few(struct tree *tree, unsigned jobs, unsigned limit)
{
	struct rlimit before, few;
	unsigned open_before = scratch_descriptors();

	CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){ .rlim_cur = limit, .rlim_max = before.rlim_max };
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
	CU_ASSERT_EQUAL(walk(tree, "/", jobs), 0);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
	if (tree->descriptors >= open_before + limit / 2)
		printf("    %u descriptors of %u with %u jobs\n", tree->descriptors - open_before, limit, jobs);
	CU_ASSERT_TRUE(!tree->watch_descriptors || tree->descriptors < open_before + limit / 2);
	CU_ASSERT_EQUAL(scratch_descriptors(), open_before);
}

static void goes_deep(void)
{
	struct tree tree;
	size_t i;

	begin_big(&tree);
	close(scratch_chain(dup(tree.scratch.fd), "d", DEPTH, 0));
	for (i = 0; i < JOBS; i++) {
		CU_ASSERT_EQUAL(walk(&tree, "/", jobs_of[i]), 0);
		CU_ASSERT_EQUAL(tree.visits, DEPTH + 1);
		CU_ASSERT_EQUAL(tree.longest, 2 * DEPTH);
		/* 1 for the top, and 2, 4, ... */
		CU_ASSERT_EQUAL(tree.path_bytes, 1 + (size_t)DEPTH * (DEPTH + 1));
		CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
	}
	walk_with_few(&tree, 8, 32);
	CU_ASSERT_EQUAL(tree.visits, DEPTH + 1);
	CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
	end(&tree);
}

/* Directories wait on every level, far more than may be open. */
static void goes_deep_with_few_descriptors(void)
{
	enum { LEVELS = 2500, SIBLINGS = 2 };
	struct tree tree;
	size_t i;

	begin_big(&tree);
	close(scratch_chain(dup(tree.scratch.fd), "d", LEVELS, SIBLINGS));
	for (i = 0; i < JOBS; i++) {
		walk_with_few(&tree, jobs_of[i], i % 2 == 0 ? 32 : 64);
		CU_ASSERT_EQUAL(tree.visits, 1 + LEVELS * (1 + 2 * SIBLINGS));
		CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
		CU_ASSERT_EQUAL(tree.longest, 2 * LEVELS + 3);
	}
	end(&tree);
}

static void keeps_below_half_of_the_descriptors(void)
{
	static const unsigned limits[] = { 20, 24, 32, 48, 256 };
	struct tree tree;
	size_t i, j;

	begin_big(&tree);
	close(scratch_chain(dup(tree.scratch.fd), "d", 100, 3));
	tree.watch_descriptors = true;
	for (i = 0; i < JOBS; i++) {
		for (j = 0; j < sizeof(limits) / sizeof(limits[0]); j++) {
			walk_with_few(&tree, jobs_of[i], limits[j]);
			CU_ASSERT_EQUAL(tree.visits, 1 + 100 * 7);
			CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
		}
	}
	end(&tree);
}

/* Others have taken nearly all descriptors: the walk gives up all it can spare. */
static void gets_by_when_descriptors_run_out(void)
{
	struct rlimit before, few;
	struct tree tree;
	int taken[64];
	unsigned count = 0, spare;

	begin(&tree);
	close(scratch_chain(dup(tree.scratch.fd), "d", 100, 3));
	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){ .rlim_cur = 64, .rlim_max = before.rlim_max };
	setrlimit(RLIMIT_NOFILE, &few);
	while (count < 64 && (taken[count] = dup(tree.scratch.fd)) >= 0)
		count++;
	for (spare = 0; spare < 5; spare++)
		close(taken[--count]);
	CU_ASSERT_EQUAL(walk(&tree, "/", 1), 0);
	setrlimit(RLIMIT_NOFILE, &before);
	while (count > 0)
		close(taken[--count]);
	CU_ASSERT_EQUAL(tree.visits, 1 + 100 * 7);
	CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
	end(&tree);
}

/*
 * Two chains stand side by side; at the end of each there is so much waiting that the directory of both must give its
 * descriptor up, too far away to be climbed to. So the second chain is opened by coming from the root again.
 */
static void make_two_chains(const struct tree *tree)
{
	scratch_directory(&tree->scratch, "top", 0755);
	scratch_directory(&tree->scratch, "top/one", 0755);
	scratch_directory(&tree->scratch, "top/two", 0755);
	close(scratch_chain(scratch_chain(openat(tree->scratch.fd, "top/one", O_RDONLY), "d", 200, 0), "d", 50, 8));
	close(scratch_chain(scratch_chain(openat(tree->scratch.fd, "top/two", O_RDONLY), "d", 200, 0), "d", 50, 8));
}

#define TWO_CHAINS (4u + 2 * (200 + 50 * 17))

static bool replace_top_when_deep(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	if (entry->path.len > 2 * 240 && faccessat(tree->scratch.fd, "away", F_OK, 0) < 0) {
		CU_ASSERT_EQUAL(renameat(tree->scratch.fd, "top", tree->scratch.fd, "away"), 0);
		CU_ASSERT_EQUAL(mkdirat(tree->scratch.fd, "top", 0755), 0);
		CU_ASSERT_EQUAL(mkdirat(tree->scratch.fd, "top/one", 0755), 0);
		CU_ASSERT_EQUAL(mkdirat(tree->scratch.fd, "top/two", 0755), 0);
	}
	return true;
}

static bool link_top_when_deep(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	if (entry->path.len > 2 * 240 && faccessat(tree->scratch.fd, "away", F_OK, 0) < 0) {
		CU_ASSERT_EQUAL(renameat(tree->scratch.fd, "top", tree->scratch.fd, "away"), 0);
		CU_ASSERT_EQUAL(symlinkat("away", tree->scratch.fd, "top"), 0);
	}
	return true;
}

static void comes_back_from_the_root(void)
{
	struct tree tree;
	size_t i;

	begin_big(&tree);
	make_two_chains(&tree);
	for (i = 0; i < JOBS; i++) {
		walk_with_few(&tree, jobs_of[i], 32);
		CU_ASSERT_EQUAL(tree.visits, TWO_CHAINS);
		CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
	}
	/* what is there now is not what was seen */
	tree.hook = replace_top_when_deep;
	walk_with_few(&tree, 1, 32);
	CU_ASSERT_TRUE(tree.visits < TWO_CHAINS && tree.visits > TWO_CHAINS / 2);
	CU_ASSERT_EQUAL(tree.troubles, 1);
	CU_ASSERT_EQUAL(tree.error, -ESTALE);
	CU_ASSERT_TRUE(strcmp(tree.trouble, "/top/one") == 0 || strcmp(tree.trouble, "/top/two") == 0);
	end(&tree);

	begin_big(&tree);
	make_two_chains(&tree);
	tree.hook = link_top_when_deep; /* to the right directory, but by a symlink */
	walk_with_few(&tree, 1, 32);
	CU_ASSERT_EQUAL(tree.troubles, 1);
	CU_ASSERT_EQUAL(tree.error, -ESTALE);
	end(&tree);
}

static void goes_wide(void)
{
	struct tree tree;
	char name[16];
	unsigned i;
	int wide;

	begin_big(&tree);
	scratch_directory(&tree.scratch, "wide", 0755);
	wide = openat(tree.scratch.fd, "wide", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < WIDTH; i++) {
		snprintf(name, sizeof(name), "%u", i);
		if ((i % 1000 == 0 ? mkdirat(wide, name, 0755) : mknodat(wide, name, S_IFREG | 0600, 0)) < 0)
			break;
	}
	close(wide);
	CU_ASSERT_EQUAL_FATAL(i, WIDTH);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(walk(&tree, "/wide", jobs_of[i]), 0);
		CU_ASSERT_EQUAL(tree.visits, WIDTH + 1);
		CU_ASSERT_EQUAL(tree.directories, WIDTH / 1000 + 1);
		CU_ASSERT_EQUAL(tree.troubles + tree.wrong, 0);
	}
	end(&tree);
}

/* The directory "b" is moved away when the visitor has just looked at it, and something else put in its place. */
static bool replace_b(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	if (strcmp(entry->name, "b") != 0)
		return true;
	CU_ASSERT_EQUAL(renameat(tree->scratch.fd, "a/b", tree->scratch.fd, "gone"), 0);
	if (tree->replacement == S_IFDIR)
		scratch_directory(&tree->scratch, "a/b", 0755);
	else if (tree->replacement == S_IFLNK)
		scratch_link(&tree->scratch, "../gone", "a/b");
	else if (tree->replacement != 0)
		CU_ASSERT_EQUAL(mknodat(tree->scratch.fd, "a/b", tree->replacement | 0600, 0), 0);
	return true;
}

static void tells_of_replaced_directories(void)
{
	static const mode_t replacements[] = { 0, S_IFDIR, S_IFLNK, S_IFIFO, S_IFREG };
	static const char *const rest[] = { "/a", "/a/b", "/a/y" };
	struct tree tree;
	size_t i, j;

	for (i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
		for (j = 0; j < JOBS; j++) {
			begin(&tree);
			make_small_tree(&tree);
			tree.keep = true;
			tree.hook = replace_b;
			tree.replacement = replacements[i];
			CU_ASSERT_EQUAL(walk(&tree, "/a", jobs_of[j]), 0);
			CU_ASSERT_EQUAL(tree.troubles, 1);
			CU_ASSERT_EQUAL(tree.error, replacements[i] == 0 ? -ENOENT : -ESTALE);
			CU_ASSERT_STRING_EQUAL(tree.trouble, "/a/b");
			tree.troubles = 0;
			CU_ASSERT_TRUE(has_seen(&tree, rest, 3));
			end(&tree);
		}
	}
}

/* The very top is replaced. */
static bool replace_top(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	(void)entry;
	CU_ASSERT_EQUAL(renameat(tree->scratch.fd, "a", tree->scratch.fd, "gone"), 0);
	scratch_directory(&tree->scratch, "a", 0755);
	return true;
}

/* Its own directory is removed while it is read. */
static bool empty_a(struct tree *tree, const struct tcbck_walk_entry *entry)
{
	if (entry->path.len > 2) {
		unlinkat(tree->scratch.fd, "a/x", 0);
		unlinkat(tree->scratch.fd, "a/y", 0);
		unlinkat(tree->scratch.fd, "a", AT_REMOVEDIR);
	}
	return true;
}

static void tells_of_a_vanished_top(void)
{
	struct tree tree;

	begin(&tree);
	make_small_tree(&tree);
	tree.hook = replace_top;
	CU_ASSERT_EQUAL(walk(&tree, "/a", 2), 0);
	CU_ASSERT_TRUE(tree.visits == 1 && tree.troubles == 1 && tree.error == -ESTALE);
	CU_ASSERT_STRING_EQUAL(tree.trouble, "/a");
	end(&tree);

	begin(&tree);
	scratch_directory(&tree.scratch, "a", 0755);
	scratch_file(&tree.scratch, "a/x");
	scratch_file(&tree.scratch, "a/y");
	tree.hook = empty_a;
	CU_ASSERT_EQUAL(walk(&tree, "/a", 2), 0);
	/* the entry that was still in the buffer is the visitor's matter; reading on is not */
	CU_ASSERT_TRUE(tree.visits == 2 && tree.troubles == 1 && tree.error == -ENOENT);
	CU_ASSERT_STRING_EQUAL(tree.trouble, "/a");
	end(&tree);
}

struct vandal {
	const struct tree *tree;
	atomic_bool done;
};

/* Makes and removes directories, and moves them about, as fast as it can. */
static void *vandalise(void *context)
{
	struct vandal *vandal = context;
	unsigned i;
	char from[32], to[32];

	for (i = 0; !atomic_load(&vandal->done); i++) {
		snprintf(from, sizeof(from), "v%u", i % 50);
		snprintf(to, sizeof(to), "v%u/w", (i + 7) % 50);
		mkdirat(vandal->tree->scratch.fd, from, 0755);
		mkdirat(vandal->tree->scratch.fd, to, 0755);
		if (i % 3 == 0)
			renameat(vandal->tree->scratch.fd, from, vandal->tree->scratch.fd, to);
		if (i % 5 == 0)
			unlinkat(vandal->tree->scratch.fd, to, AT_REMOVEDIR);
		if (i % 11 == 0) {
			unlinkat(vandal->tree->scratch.fd, from, AT_REMOVEDIR);
			if (symlinkat("/", vandal->tree->scratch.fd, from) < 0)
				continue;
		}
		if (i % 13 == 0)
			unlinkat(vandal->tree->scratch.fd, from, 0);
	}
	return NULL;
}

static void survives_a_changing_tree(void)
{
	struct tree tree;
	struct vandal vandal = { .tree = &tree };
	pthread_t thread;
	unsigned i;

	begin(&tree);
	make_small_tree(&tree);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, vandalise, &vandal), 0);
	for (i = 0; i < 300; i++) {
		walk_with_few(&tree, jobs_of[i % JOBS], i % 2 == 0 ? 32 : 256);
		CU_ASSERT_TRUE(tree.visits >= 10);
		CU_ASSERT_TRUE(tree.error == 0 || tree.error == -ENOENT || tree.error == -ESTALE);
	}
	atomic_store(&vandal.done, true);
	pthread_join(thread, NULL);
	end(&tree);
}

static void tells_of_closed_directories(void)
{
	static const char *const rest[] = { "/", "/a", "/a/b", "/a/y", "/c", "/c/link", "/c/z", "/fifo", "/to-a" };
	struct tree tree;

	begin(&tree);
	make_small_tree(&tree);
	CU_ASSERT_EQUAL(fchmodat(tree.scratch.fd, "a/b", 0, 0), 0);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(fchmod(tree.scratch.fd, 0755), 0);
		CU_ASSERT_EQUAL_FATAL(seteuid(65534), 0);
	}
	tree.keep = true;
	CU_ASSERT_EQUAL(walk(&tree, "/", 2), 0);
	CU_ASSERT_TRUE(seteuid(getuid()) == 0);
	CU_ASSERT_EQUAL(tree.troubles, 1);
	CU_ASSERT_EQUAL(tree.error, -EACCES);
	CU_ASSERT_STRING_EQUAL(tree.trouble, "/a/b");
	tree.troubles = 0;
	CU_ASSERT_TRUE(has_seen(&tree, rest, 9));
	CU_ASSERT_EQUAL(fchmodat(tree.scratch.fd, "a/b", 0755, 0), 0);
	end(&tree);
}

void suite_walk(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(visits_each_entry_once),
		UNIT_TEST(tells_when_the_top_is_missing),
		UNIT_TEST(enters_only_what_it_is_told),
		UNIT_TEST(takes_any_name),
		UNIT_TEST(goes_deep),
		UNIT_TEST(goes_deep_with_few_descriptors),
		UNIT_TEST(keeps_below_half_of_the_descriptors),
		UNIT_TEST(gets_by_when_descriptors_run_out),
		UNIT_TEST(comes_back_from_the_root),
		UNIT_TEST(goes_wide),
		UNIT_TEST(tells_of_replaced_directories),
		UNIT_TEST(tells_of_a_vanished_top),
		UNIT_TEST(survives_a_changing_tree),
		UNIT_TEST(tells_of_closed_directories),
	};

	unit_add("walk", tests, sizeof(tests) / sizeof(tests[0]));
}

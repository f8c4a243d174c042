/*
 * walk.c - down a tree, with all hands of a crew.
 *
 * Knows: directories still to be read, and how many descriptors may be open. Gives: visits. Must never: know what a
 * definition is, follow a symlink, recurse, or write.
 *
 * A tree is walked through a stack of directories, taken newest first: so the walk goes deep before it goes wide, and what
 * waits is little. A directory keeps its descriptor while its subdirectories wait to be opened through it; when too many
 * are open, the one not used for longest gives its up, which is the one that is needed last. It is opened again by
 * climbing ".." from the directory read last, or else from the root, and must then be the same inode as before.
 */
#include "observe/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "observe/how.h"

/* Bytes of directory entries read at once, per worker. */
#define READ_SIZE 65536u
/* Descriptors that one worker needs: of the directory read last, of the one to open next, and of that one's parent. */
#define WORKER_DESCRIPTORS 3u
/* More open descriptors than this gain nothing. */
#define DESCRIPTORS_MAX 2048u
/* Levels that are climbed from the directory read last; from further away, it comes from the root. */
#define CLIMB_MAX 64u
#define NOT_BELOW UINT_MAX

/*
 * A directory that waits to be read, is being read, or is on the way to one of those. All but the constant fields belong to
 * the walk's lock.
 */
struct node {
	struct node *parent;    /* constant; NULL: the top */
	struct node *next;      /* below it on the stack */
	TAILQ_ENTRY(node) idle; /* in walk->idle while is_idle */
	bool is_idle;
	dev_t device; /* constant: what the visitor saw */
	ino_t inode;
	size_t references; /* its own life on the stack, its children, and workers that stand in it */
	size_t unopened;   /* children that will be opened through it */
	unsigned users;    /* workers that use the descriptor */
	int descriptor;    /* -1: not open */
	char name[];       /* constant; NUL-terminated */
};

TAILQ_HEAD(node_list, node);

struct walk {
	const struct tcbck_root *root;
	const struct tcbck_walk_visitor *visitor;
	const atomic_bool *stop;
	const struct tcbck_place *top;
	atomic_bool out_of_memory;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct node *stack;
	unsigned busy;         /* workers that may still put something on the stack */
	struct node_list idle; /* open and unused, the least recently used first */
	unsigned open;         /* nodes with a descriptor */
	unsigned open_max;     /* above this, idle ones are closed */
};

struct worker {
	struct walk *walk;
	unsigned number;
	struct node *last;     /* the directory read last, kept open; NULL: none yet */
	bool closed;           /* `last` is: tcbck_path_is_closed() */
	struct sysck_buf path; /* of whatever is at hand; empty for "/" */
	size_t path_len;       /* length of the path of `last` */
	bool path_fits;        /* `path` begins with it */
	char *entries;         /* READ_SIZE bytes */
};

static struct node *node_new(struct node *parent, const char *name, dev_t device, ino_t inode)
{
	size_t size = strlen(name) + 1;
	struct node *node = malloc(sizeof(*node) + size);

	if (node == NULL)
		return NULL;
	*node = (struct node){ .parent = parent, .device = device, .inode = inode, .references = 1, .descriptor = -1 };
	memcpy(node->name, name, size);
	return node;
}

static bool is_stopped(const struct walk *walk)
{
	return tcbck_crew_is_stopped(walk->stop) || tcbck_crew_is_stopped(&walk->out_of_memory);
}

/* The following functions, up to the next comment of this kind, want the lock held. */

static void node_close(struct walk *walk, struct node *node)
{
	if (node->is_idle)
		TAILQ_REMOVE(&walk->idle, node, idle);
	node->is_idle = false;
	if (node->descriptor < 0)
		return;
	close(node->descriptor);
	node->descriptor = -1;
	walk->open--;
}

static void close_idle(struct walk *walk, unsigned open_max)
{
	while (walk->open > open_max && !TAILQ_EMPTY(&walk->idle))
		node_close(walk, TAILQ_FIRST(&walk->idle));
}

/* A descriptor that there is, or will be, stays open until node_release(). */
static void node_use(struct walk *walk, struct node *node)
{
	node->users++;
	if (node->is_idle)
		TAILQ_REMOVE(&walk->idle, node, idle);
	node->is_idle = false;
}

static void node_release(struct walk *walk, struct node *node)
{
	node->users--;
	if (node->users > 0)
		return;
	if (node->unopened == 0) {
		node_close(walk, node);
	} else if (node->descriptor >= 0) {
		TAILQ_INSERT_TAIL(&walk->idle, node, idle);
		node->is_idle = true;
	}
	close_idle(walk, walk->open_max);
}

static void node_set_descriptor(struct walk *walk, struct node *node, int descriptor)
{
	node->descriptor = descriptor;
	walk->open++;
	close_idle(walk, walk->open_max);
}

/* Gives one reference back, and those of the parents that go with it. */
static void node_unref(struct walk *walk, struct node *node)
{
	while (node != NULL && --node->references == 0) {
		struct node *parent = node->parent;

		node_close(walk, node);
		free(node);
		node = parent;
	}
}

/* A child is opened, or never will be. */
static void node_child_opened(struct walk *walk, struct node *parent)
{
	parent->unopened--;
	node_release(walk, parent);
}

/* The following functions take the lock themselves. */

/* Waits for a directory to read. NULL: there will be none. */
static struct node *walk_take(struct walk *walk)
{
	struct node *node = NULL;

	pthread_mutex_lock(&walk->lock);
	while (walk->stack == NULL && walk->busy > 0 && !is_stopped(walk))
		pthread_cond_wait(&walk->changed, &walk->lock);
	if (walk->stack != NULL && !is_stopped(walk)) {
		node = walk->stack;
		walk->stack = node->next;
		walk->busy++;
	}
	pthread_mutex_unlock(&walk->lock);
	return node;
}

/* Puts `count` children of `parent`, chained from `first` to `last`, on the stack. */
static void walk_put(struct walk *walk, struct node *parent, struct node *first, struct node *last, size_t count)
{
	pthread_mutex_lock(&walk->lock);
	last->next = walk->stack;
	walk->stack = first;
	parent->references += count;
	parent->unopened += count;
	if (count > 1)
		pthread_cond_broadcast(&walk->changed);
	else
		pthread_cond_signal(&walk->changed);
	pthread_mutex_unlock(&walk->lock);
}

/* The worker stands in `node` now, or (NULL) nowhere, and has left what it stood in. */
static void worker_stand(struct worker *worker, struct node *node)
{
	struct walk *walk = worker->walk;

	pthread_mutex_lock(&walk->lock);
	if (worker->last != NULL) {
		node_release(walk, worker->last);
		node_unref(walk, worker->last);
	}
	if (node != NULL)
		node->references++;
	worker->last = node;
	pthread_mutex_unlock(&walk->lock);
}

static void worker_finished(struct worker *worker, struct node *node)
{
	struct walk *walk = worker->walk;

	pthread_mutex_lock(&walk->lock);
	node_unref(walk, node);
	walk->busy--;
	if ((walk->busy == 0 && walk->stack == NULL) || is_stopped(walk))
		pthread_cond_broadcast(&walk->changed);
	pthread_mutex_unlock(&walk->lock);
}

static void out_of_memory(struct walk *walk)
{
	atomic_store_explicit(&walk->out_of_memory, true, memory_order_relaxed);
}

static struct sysck_slice path_of(const struct sysck_buf *path)
{
	return path->len == 0 ? SYSCK_SLICE("/") : sysck_buf_slice(path);
}

static void tell_trouble(struct worker *worker, int error)
{
	const struct tcbck_walk_visitor *visitor = worker->walk->visitor;

	visitor->trouble(visitor->context, worker->number, path_of(&worker->path), error);
}

/*
 * How many levels the worker stands below `node`; *ret_len: length of the path of `node`, taken from that of where it stands.
 * NOT_BELOW: it doesn't, or is further down than CLIMB_MAX.
 */
static unsigned levels_below(const struct worker *worker, const struct node *node, size_t *ret_len)
{
	const struct node *at = worker->last;
	size_t len = worker->path_len;
	unsigned levels;

	for (levels = 0; at != NULL && levels <= CLIMB_MAX; levels++) {
		if (at == node) {
			*ret_len = len;
			return levels;
		}
		if (at->parent != NULL)
			len -= strlen(at->name) + 1;
		at = at->parent;
	}
	return NOT_BELOW;
}

/*
 * Makes worker->path the path of `node`, the directory to be read next. That is near the one read last, as a rule, and costs
 * one name; else the names are put in place from the last to the first.
 */
static int compose_path(struct worker *worker, const struct node *node)
{
	struct sysck_slice top = worker->walk->top->resolved;
	const struct node *at;
	size_t name_len, len;

	if (worker->path_fits && node->parent != NULL && levels_below(worker, node->parent, &len) != NOT_BELOW) {
		worker->path_fits = len == worker->path_len;
		worker->path.len = len;
		sysck_buf_add_char(&worker->path, '/');
		sysck_buf_add_text(&worker->path, node->name);
		return sysck_buf_error(&worker->path);
	}
	worker->path_fits = false;
	len = top.len > 1 ? top.len : 0;
	for (at = node; at->parent != NULL; at = at->parent)
		len += strlen(at->name) + 1;
	sysck_buf_clear(&worker->path);
	if (sysck_buf_reserve(&worker->path, len) < 0)
		return -ENOMEM;
	worker->path.len = len;
	for (at = node; at->parent != NULL; at = at->parent) {
		name_len = strlen(at->name);
		len -= name_len + 1;
		worker->path.data[len] = '/';
		memcpy(worker->path.data + len + 1, at->name, name_len);
	}
	if (len > 0)
		memcpy(worker->path.data, top.data, len);
	return 0;
}

/* Where there was a directory when the visitor looked, there is something else now. */
static int replaced(int error)
{
	return error == -ENOTDIR || error == -ELOOP ? -ESTALE : error;
}

/* Is the open directory the one that the visitor saw? Its stat is in *ret. */
static int check_same(int descriptor, const struct node *node, struct stat *ret)
{
	if (fstat(descriptor, ret) < 0)
		return -errno;
	return ret->st_dev == node->device && ret->st_ino == node->inode ? 0 : -ESTALE;
}

/* Reaches `node` by ".." from where the worker stands, if that is below it and not too far. Descriptor or negative errno. */
static int climb(const struct worker *worker, const struct node *node)
{
	char up[3 * CLIMB_MAX];
	unsigned i, levels;
	struct stat st;
	size_t len;
	int fd, r;

	levels = levels_below(worker, node, &len);
	if (levels == NOT_BELOW || levels == 0)
		return -ESRCH;
	for (i = 0; i < levels; i++)
		memcpy(up + 3 * (size_t)i, "../", 3);
	up[3 * levels - 1] = '\0';
	fd = worker->walk->visitor->stays ? tcbck_how_open(worker->last->descriptor, up, TCBCK_HOW_UP) : -ENOSYS;
	if (fd == -ENOSYS || fd == -EPERM)
		fd = openat(worker->last->descriptor, up, O_PATH | O_DIRECTORY | O_CLOEXEC);
	else if (fd < 0)
		return fd;
	if (fd < 0)
		return -errno;
	r = check_same(fd, node, &st);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* Opens a directory again that had to give its descriptor up. Its path is worker->path without the last component. */
static int open_again(struct worker *worker, struct node *node)
{
	struct sysck_slice path = sysck_buf_slice(&worker->path);
	int r, fd = climb(worker, node);
	struct stat st;

	/* What covers it now is not asked. */
	if (fd >= 0 || fd == -EXDEV)
		return fd >= 0 ? fd : -ESTALE;
	while (path.data[path.len - 1] != '/')
		path.len--;
	path.len--;
	r = tcbck_path_open_resolved(worker->walk->root, path, &fd);
	if (r < 0)
		return replaced(r);
	r = check_same(fd, node, &st);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* Descriptor of a directory that this worker uses, opened again if need be; or negative errno. */
static int descriptor_of(struct worker *worker, struct node *node)
{
	struct walk *walk = worker->walk;
	int again, fd;

	pthread_mutex_lock(&walk->lock);
	fd = node->descriptor;
	pthread_mutex_unlock(&walk->lock);
	if (fd >= 0)
		return fd;
	again = open_again(worker, node);
	if (again < 0)
		return again;
	pthread_mutex_lock(&walk->lock);
	if (node->descriptor < 0)
		node_set_descriptor(walk, node, again);
	else /* another worker was faster */
		close(again);
	fd = node->descriptor;
	pthread_mutex_unlock(&walk->lock);
	return fd;
}

/* The same on the mount that `directory` is on, and no other. -ENOSYS where the kernel can't tell. */
static int open_staying(int directory, const char *name)
{
	int fd = tcbck_how_open(directory, name, TCBCK_HOW_LIST_UNTOUCHED);

	if (fd == -EPERM)
		fd = tcbck_how_open(directory, name, TCBCK_HOW_LIST);
	if (fd == -EXDEV)
		return -ESTALE;
	/* Forbidden by a sandbox. */
	return fd == -EPERM ? -ENOSYS : replaced(fd);
}

static int open_directory(int directory, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd;

	do
		fd = openat(directory, name, flags | O_NOATIME);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && errno == EPERM)
		fd = openat(directory, name, flags);
	if (fd >= 0)
		return fd;
	return replaced(-errno);
}

/* Opens `node`, whose path is worker->path. Descriptor of the very directory that the visitor saw, or negative errno. */
static int open_seen(struct worker *worker, struct node *node)
{
	const struct tcbck_place *top = worker->walk->top;
	struct stat st;
	int r, fd;

	fd = node->parent == NULL ? top->directory : descriptor_of(worker, node->parent);
	if (fd >= 0) {
		int directory = fd;

		/* The top of a mount is on another one than the directory that holds it. */
		fd = node->parent != NULL && worker->walk->visitor->stays ? open_staying(directory, node->name) : -ENOSYS;
		if (fd == -ENOSYS)
			fd = open_directory(directory, node->parent == NULL ? top->name : node->name);
	}
	if (fd < 0)
		return fd;
	r = check_same(fd, node, &st);
	if (r < 0) {
		close(fd);
		return r;
	}
	worker->closed = tcbck_path_is_closed(&st);
	return fd;
}

/* Opens `node` for this worker to stand in. 0 or negative errno. */
static int open_node(struct worker *worker, struct node *node)
{
	struct walk *walk = worker->walk;
	int fd;

	if (node->parent != NULL) {
		pthread_mutex_lock(&walk->lock);
		node_use(walk, node->parent);
		pthread_mutex_unlock(&walk->lock);
	}
	fd = open_seen(worker, node);
	if (fd == -EMFILE || fd == -ENFILE) { /* others hold more than their half */
		pthread_mutex_lock(&walk->lock);
		close_idle(walk, 0);
		pthread_mutex_unlock(&walk->lock);
		fd = open_seen(worker, node);
	}
	pthread_mutex_lock(&walk->lock);
	if (fd >= 0) {
		node->users++;
		node_set_descriptor(walk, node, fd);
	}
	if (node->parent != NULL)
		node_child_opened(walk, node->parent);
	pthread_mutex_unlock(&walk->lock);
	return fd < 0 ? fd : 0;
}

/* Visits one entry of the directory in which the worker stands. *ret_child: the directory to be entered, or NULL. */
static int visit_entry(struct worker *worker, const struct dirent64 *found, struct node **ret_child)
{
	const struct tcbck_walk_visitor *visitor = worker->walk->visitor;
	struct tcbck_walk_entry entry = { .name = found->d_name, .type = found->d_type };
	dev_t device;
	ino_t inode;

	*ret_child = NULL;
	worker->path.len = worker->path_len;
	sysck_buf_add_char(&worker->path, '/');
	sysck_buf_add_text(&worker->path, found->d_name);
	if (sysck_buf_error(&worker->path) < 0)
		return sysck_buf_error(&worker->path);
	entry.path = sysck_buf_slice(&worker->path);
	entry.directory = worker->last->descriptor;
	entry.directory_device = worker->last->device;
	entry.directory_inode = worker->last->inode;
	entry.directory_closed = worker->closed;
	if (!visitor->visit(visitor->context, worker->number, &entry, &device, &inode))
		return 0;
	*ret_child = node_new(worker->last, found->d_name, device, inode);
	return *ret_child == NULL ? -ENOMEM : 0;
}

/* Visits the first `size` bytes of the worker's buffer. 0 or -ENOMEM. */
static int visit_entries(struct worker *worker, size_t size)
{
	struct node *first = NULL, *last = NULL, *child;
	size_t at, count = 0;
	int r = 0;

	for (at = 0; at < size && r == 0 && !is_stopped(worker->walk);) {
		const struct dirent64 *found = (const void *)(worker->entries + at);

		at += found->d_reclen;
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		r = visit_entry(worker, found, &child);
		if (child == NULL)
			continue;
		child->next = first;
		first = child;
		if (last == NULL)
			last = child;
		count++;
	}
	if (count > 0)
		walk_put(worker->walk, worker->last, first, last, count);
	return r;
}

/* Reads the directory in which the worker stands. 0 or -ENOMEM. */
static int read_directory(struct worker *worker)
{
	ssize_t size;
	int r = 0;

	do {
		size = getdents64(worker->last->descriptor, worker->entries, READ_SIZE);
		if (size > 0)
			r = visit_entries(worker, (size_t)size);
		else if (size < 0 && errno != EINTR)
			r = -errno;
	} while (size != 0 && r == 0 && !is_stopped(worker->walk));
	if (size >= 0)
		return r;
	if (r < 0) {
		worker->path.len = worker->path_len;
		tell_trouble(worker, r);
	}
	return 0;
}

/* Everything that is done with one directory. -ENOMEM ends the walk. */
static int do_node(struct worker *worker, struct node *node)
{
	int r;

	r = compose_path(worker, node);
	if (r < 0)
		return r;
	r = open_node(worker, node);
	if (r < 0) {
		tell_trouble(worker, r);
		return 0;
	}
	worker_stand(worker, node);
	worker->path_len = worker->path.len;
	worker->path_fits = true;
	return read_directory(worker);
}

static void tree_work(void *context, unsigned number)
{
	struct walk *walk = context;
	struct worker worker = { .walk = walk, .number = number, .path = SYSCK_BUF_INIT };
	struct node *node;

	worker.entries = malloc(READ_SIZE);
	if (worker.entries == NULL) /* the others do its work, if there are any */
		return;
	while ((node = walk_take(walk)) != NULL) {
		if (do_node(&worker, node) < 0)
			out_of_memory(walk);
		worker_finished(&worker, node);
	}
	worker_stand(&worker, NULL);
	sysck_buf_done(&worker.path);
	free(worker.entries);
}

/*
 * How many descriptors may be open at once: half of what the process may have. Decides how many of them directories may
 * hold for later, and lowers the number of workers where these would need more.
 */
static void divide_descriptors(unsigned *jobs, unsigned *ret_open_max)
{
	struct rlimit limit;
	rlim_t half = DESCRIPTORS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur / 2 < half)
		half = limit.rlim_cur / 2;
	half = half > 2 ? half - 2 : 0; /* one for the way to the top; and below half, not at it */
	*jobs = tcbck_crew_clamp(*jobs, (size_t)half / (WORKER_DESCRIPTORS + 1));
	*ret_open_max = half > (rlim_t)*jobs * WORKER_DESCRIPTORS ? (unsigned)half - *jobs * WORKER_DESCRIPTORS : 0;
}

/* Walks down from the top, which the visitor wants to be entered. */
static int walk_down(struct walk *walk, unsigned jobs, dev_t device, ino_t inode)
{
	struct node *node;

	node = node_new(NULL, walk->top->name, device, inode);
	if (node == NULL)
		return -ENOMEM;
	walk->stack = node;
	divide_descriptors(&jobs, &walk->open_max);
	tcbck_crew_run(jobs, tree_work, walk);
	if (walk->stack != NULL && !tcbck_crew_is_stopped(walk->stop)) /* no worker had memory for itself */
		out_of_memory(walk);
	while (walk->stack != NULL) {
		node = walk->stack;
		walk->stack = node->next;
		node_unref(walk, node);
	}
	return tcbck_crew_is_stopped(&walk->out_of_memory) ? -ENOMEM : 0;
}

static int visit_top(struct walk *walk, unsigned jobs, struct sysck_err *err)
{
	const struct tcbck_walk_visitor *visitor = walk->visitor;
	const struct tcbck_place *top = walk->top;
	struct tcbck_walk_entry entry = { .directory = top->directory, .name = top->name, .path = top->resolved };
	char quoted[SYSCK_QUOTE_MAX];
	struct stat st;
	dev_t device;
	ino_t inode;

	if (fstatat(top->directory, top->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sysck_err_errno(err, -errno, "%s", sysck_quote(top->resolved, quoted, sizeof(quoted)));
	entry.type = (unsigned char)IFTODT(st.st_mode);
	if (fstat(top->directory, &st) < 0)
		return sysck_err_errno(err, -errno, "%s", sysck_quote(top->resolved, quoted, sizeof(quoted)));
	entry.directory_device = st.st_dev;
	entry.directory_inode = st.st_ino;
	entry.directory_closed = top->closed;
	if (is_stopped(walk) || !visitor->visit(visitor->context, 0, &entry, &device, &inode))
		return 0;
	if (walk_down(walk, jobs, device, inode) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory below %s",
				     sysck_quote(top->resolved, quoted, sizeof(quoted)));
	return 0;
}

int tcbck_walk_tree(const struct tcbck_root *root, struct sysck_slice top, unsigned jobs,
		    const struct tcbck_walk_visitor *visitor, const atomic_bool *stop, struct sysck_err *err)
{
	struct tcbck_opener *opener;
	struct tcbck_place place;
	struct walk walk = {
		.root = root,
		.visitor = visitor,
		.stop = stop,
		.top = &place,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	int r;

	r = tcbck_opener_new(root, &opener);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	TAILQ_INIT(&walk.idle);
	r = tcbck_path_find(opener, top, &place, err);
	if (r == 0)
		r = visit_top(&walk, jobs, err);
	tcbck_opener_free(opener);
	pthread_cond_destroy(&walk.changed);
	pthread_mutex_destroy(&walk.lock);
	return r;
}

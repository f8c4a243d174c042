/*
 * store.c - the database as a file: read only if it can be trusted, replaced whole or not at all.
 *
 * Knows directories, owners, locks and renames; gives bytes. The only file of the library that changes anything on disk, and
 * it changes nothing but the database, its lock and its successor. Must never look into the bytes.
 */
#include <sysck/store.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <acl/libacl.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/acl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* Symlinks followed on the way to a database. */
#define LINKS_MAX 16
/* Bytes of one extended attribute and of the list of their names, Linux's limit (xattr(7)). */
#define XATTR_MAX 65536
/* Milliseconds between two tries for the lock. */
#define LOCK_PAUSE 20

struct sysck_store {
	char *given;             /* the path as given */
	struct sysck_slice path; /* the same, for messages */
	int directory;
	char *name; /* last component, of the real file */
	int lock;   /* -1: not held */
	bool was_read;
	bool existed;
	struct stat seen; /* what was read */
	struct timespec modified;
};

static int fail(const struct sysck_store *store, struct sysck_err *err, int code, const char *what)
{
	sysck_err_errno(err, code, "%s", what);
	sysck_err_place(err, store->path, 0, 0);
	return code;
}

static int distrust(const struct sysck_store *store, struct sysck_err *err, const char *what)
{
	sysck_err_set(err, -EPERM, "%s", what);
	sysck_err_place(err, store->path, 0, 0);
	return -EPERM;
}

static bool trusted_owner(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static bool writable_by_others(const struct stat *st)
{
	return (st->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* A walk from the root to the directory of the database. */
struct walk {
	struct sysck_store *store;
	enum sysck_store_links links;
	int directory;        /* where the walk is */
	struct stat st;       /* of it */
	struct sysck_buf way; /* components still to go, NUL-terminated */
	size_t at;            /* how far it has gone in `way` */
	unsigned followed;
};

static int enter_root(struct walk *walk, struct sysck_err *err)
{
	int descriptor = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (descriptor < 0)
		return fail(walk->store, err, -errno, "/");
	if (walk->directory >= 0)
		close(walk->directory);
	walk->directory = descriptor;
	return fstat(descriptor, &walk->st) < 0 ? fail(walk->store, err, -errno, "/") : 0;
}

static int distrust_directory(const struct walk *walk, const char *name, const char *what, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];

	sysck_err_set(err, -EPERM, "not trusted: the directory that holds %s is %s",
		      sysck_quote(sysck_slice_of(name), quoted, sizeof(quoted)), what);
	sysck_err_place(err, walk->store->path, 0, 0);
	return -EPERM;
}

/* The directory the walk is in, as the holder of `name`; `entry` is NULL if there is none yet. */
static int check_directory(const struct walk *walk, const char *name, const struct stat *entry, struct sysck_err *err)
{
	if (!trusted_owner(&walk->st))
		return distrust_directory(walk, name, "owned by another user", err);
	if (!writable_by_others(&walk->st))
		return 0;
	if ((walk->st.st_mode & S_ISVTX) != 0 && entry != NULL && S_ISDIR(entry->st_mode) && trusted_owner(entry))
		return 0;
	return distrust_directory(walk, name, "writable for group or others", err);
}

/* Puts the target of a symlink before the rest of the way. */
static int follow_link(struct walk *walk, const char *name, const struct stat *st, struct sysck_err *err)
{
	struct sysck_buf way = SYSCK_BUF_INIT;
	char target[4096];
	ssize_t len;

	if (walk->links == SYSCK_STORE_NO_LINKS)
		return distrust(walk->store, err, "not trusted: a symbolic link on its way in another root");
	if (!trusted_owner(st))
		return distrust(walk->store, err, "not trusted: a symbolic link on its way is owned by another user");
	if (++walk->followed > LINKS_MAX)
		return fail(walk->store, err, -ELOOP, "cannot be opened");
	len = readlinkat(walk->directory, name, target, sizeof(target));
	if (len < 0 || len == (ssize_t)sizeof(target))
		return fail(walk->store, err, len < 0 ? -errno : -ENAMETOOLONG, "cannot read a symbolic link on its way");
	sysck_buf_add(&way, target, (size_t)len);
	sysck_buf_add_char(&way, '/');
	sysck_buf_add_text(&way, walk->way.data + walk->at);
	sysck_buf_add_char(&way, '\0');
	sysck_buf_done(&walk->way);
	walk->way = way;
	walk->at = 0;
	if (sysck_buf_error(&way) < 0)
		return fail(walk->store, err, -ENOMEM, "cannot be opened");
	return target[0] == '/' ? enter_root(walk, err) : 0;
}

static int enter_directory(struct walk *walk, const char *name, const struct stat *st, struct sysck_err *err)
{
	int descriptor = openat(walk->directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat now;

	if (descriptor < 0)
		return fail(walk->store, err, -errno, "cannot be opened");
	if (fstat(descriptor, &now) < 0 || now.st_dev != st->st_dev || now.st_ino != st->st_ino) {
		close(descriptor);
		return distrust(walk->store, err, "not trusted: a directory on its way changed meanwhile");
	}
	close(walk->directory);
	walk->directory = descriptor;
	walk->st = now;
	return 0;
}

/* Cuts the next component off the way; NULL at its end. */
static char *next_component(struct walk *walk)
{
	char *name = walk->way.data + walk->at, *slash;

	while (*name == '/')
		name++;
	if (*name == '\0')
		return NULL;
	slash = strchrnul(name, '/');
	walk->at = (size_t)(slash - walk->way.data) + (*slash != '\0');
	*slash = '\0';
	return name;
}

static bool at_end(const struct walk *walk)
{
	return walk->way.data[walk->at + strspn(walk->way.data + walk->at, "/")] == '\0';
}

/* One component. 1: it is the file (or where it will be); 0: go on. */
static int step(struct walk *walk, char *name, struct sysck_err *err)
{
	bool last = at_end(walk), missing;
	struct stat st;
	int r;

	missing = fstatat(walk->directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0;
	if (missing && (errno != ENOENT || !last))
		return fail(walk->store, err, -errno, "cannot be opened");
	r = check_directory(walk, name, missing ? NULL : &st, err);
	if (r < 0)
		return r;
	if (!missing && S_ISLNK(st.st_mode))
		return follow_link(walk, name, &st, err);
	if (last && (missing || !S_ISDIR(st.st_mode))) {
		walk->store->name = strdup(name);
		return walk->store->name == NULL ? fail(walk->store, err, -ENOMEM, "cannot be opened") : 1;
	}
	return enter_directory(walk, name, &st, err);
}

static int find_place(struct walk *walk, struct sysck_err *err)
{
	int r = enter_root(walk, err);

	while (r == 0) {
		char *name = next_component(walk);

		r = name == NULL ? fail(walk->store, err, -EISDIR, "cannot be opened") : step(walk, name, err);
	}
	return r < 0 ? r : 0;
}

/* The way from the root: the path itself, or the working directory's and the path. */
static int set_way(struct walk *walk, const char *path, struct sysck_err *err)
{
	if (path[0] != '/') {
		char *here = getcwd(NULL, 0);

		if (here == NULL)
			return fail(walk->store, err, -errno, "the working directory");
		sysck_buf_add_text(&walk->way, here);
		sysck_buf_add_char(&walk->way, '/');
		free(here);
	}
	sysck_buf_add_text(&walk->way, path);
	sysck_buf_add_char(&walk->way, '\0');
	return sysck_buf_error(&walk->way) < 0 ? fail(walk->store, err, -ENOMEM, "cannot be opened") : 0;
}

int sysck_store_open(const char *path, enum sysck_store_links links, struct sysck_store **ret, struct sysck_err *err)
{
	struct sysck_store *store = calloc(1, sizeof(*store));
	struct walk walk = { .store = store, .links = links, .directory = -1, .way = SYSCK_BUF_INIT };
	char *copy = strdup(path);
	int r;

	if (store == NULL || copy == NULL) {
		free(store);
		free(copy);
		return sysck_err_set(err, -ENOMEM, "out of memory");
	}
	store->given = copy;
	store->path = sysck_slice_of(copy);
	store->directory = store->lock = -1;
	r = set_way(&walk, path, err);
	if (r == 0)
		r = find_place(&walk, err);
	sysck_buf_done(&walk.way);
	store->directory = walk.directory;
	if (r < 0) {
		sysck_store_close(store);
		return r;
	}
	*ret = store;
	return 0;
}

void sysck_store_close(struct sysck_store *store)
{
	if (store == NULL)
		return;
	if (store->lock >= 0)
		close(store->lock);
	if (store->directory >= 0)
		close(store->directory);
	free(store->name);
	free(store->given);
	free(store);
}

int sysck_store_read_descriptor(int descriptor, struct sysck_slice name, struct sysck_buf *ret, struct sysck_err *err)
{
	size_t begin = ret->len, chunk = 65536;
	bool more = true;
	struct stat st;
	int r = 0;

	if (fstat(descriptor, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		if (st.st_size > (off_t)SYSCK_TEXT_MAX)
			r = sysck_err_set(err, -EFBIG, "larger than 4 GiB");
		else
			chunk = (size_t)st.st_size + 1;
	}
	while (r == 0 && more) {
		ssize_t n = sysck_buf_reserve(ret, chunk) < 0 ? 0 : read(descriptor, ret->data + ret->len, chunk);

		more = n != 0;
		if (sysck_buf_error(ret) < 0)
			r = sysck_err_set(err, -ENOMEM, "out of memory");
		else if (n < 0 && errno != EINTR)
			r = sysck_err_errno(err, -errno, "cannot be read");
		if (n <= 0)
			continue;
		ret->len += (size_t)n;
		if (ret->len - begin > SYSCK_TEXT_MAX)
			r = sysck_err_set(err, -EFBIG, "larger than 4 GiB");
		chunk = chunk > (size_t)n ? chunk - (size_t)n : 65536;
	}
	if (r < 0) {
		ret->len = begin;
		sysck_err_place(err, name, 0, 0);
	}
	return r;
}

struct timespec sysck_store_time(const struct sysck_store *store)
{
	return store->modified;
}

int sysck_store_enter(struct sysck_store *store, int *ret, struct stat *ret_st, struct sysck_err *err)
{
	int descriptor = openat(store->directory, store->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int r = 0;

	store->was_read = true;
	store->existed = false;
	if (descriptor < 0)
		return fail(store, err, -errno, "cannot be opened");
	if (fstat(descriptor, &st) < 0)
		r = fail(store, err, -errno, "cannot be examined");
	else if (!S_ISREG(st.st_mode))
		r = distrust(store, err, "not trusted: not a regular file");
	else if (!trusted_owner(&st))
		r = distrust(store, err, "not trusted: owned by another user");
	else if (writable_by_others(&st))
		r = distrust(store, err, "not trusted: writable for group or others");
	if (r < 0) {
		close(descriptor);
		return r;
	}
	store->modified = st.st_mtim;
	*ret = descriptor;
	*ret_st = st;
	return 0;
}

int sysck_store_read(struct sysck_store *store, struct sysck_buf *ret, struct sysck_err *err)
{
	struct stat st;
	int descriptor, r = sysck_store_enter(store, &descriptor, &st, err);

	if (r < 0)
		return r;
	r = sysck_store_read_descriptor(descriptor, store->path, ret, err);
	close(descriptor);
	if (r == 0) {
		store->existed = true;
		store->seen = st;
	}
	return r;
}

static char *name_beside(const struct sysck_store *store, const char *before, const char *after)
{
	char *name;

	return asprintf(&name, "%s%s%s", before, store->name, after) < 0 ? NULL : name;
}

/* Opens the lock file, making it if it is not there. */
static int open_lock(struct sysck_store *store, struct sysck_err *err)
{
	char *name = name_beside(store, "", ".lock");
	struct stat st;
	int descriptor;

	if (name == NULL)
		return fail(store, err, -ENOMEM, "the lock file");
	descriptor = openat(store->directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	free(name);
	if (descriptor < 0)
		return fail(store, err, -errno, "the lock file beside it cannot be opened");
	if (fstat(descriptor, &st) < 0 || !S_ISREG(st.st_mode) || !trusted_owner(&st) || (st.st_mode & 077) != 0) {
		close(descriptor);
		return distrust(store, err, "the lock file beside it can't be trusted (regular file, 0600, owned by root)");
	}
	return descriptor;
}

/* Tries that many times, with a pause between two. -EAGAIN, without `err`, if it is still taken. */
static int lock(struct sysck_store *store, unsigned tries, struct sysck_err *err)
{
	const struct timespec pause = { 0, LOCK_PAUSE * 1000000L };
	int descriptor, error = EWOULDBLOCK;

	/* Against one's own lock one would wait in vain. */
	assert(store->lock < 0);
	descriptor = open_lock(store, err);
	if (descriptor < 0)
		return descriptor;
	while (tries-- > 0 && (error == EWOULDBLOCK || error == EINTR)) {
		if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
			store->lock = descriptor;
			return 0;
		}
		error = errno;
		if (tries > 0)
			(void)nanosleep(&pause, NULL);
	}
	close(descriptor);
	return error == EWOULDBLOCK || error == EINTR ? -EAGAIN : fail(store, err, -error, "cannot be locked");
}

int sysck_store_lock(struct sysck_store *store, struct sysck_err *err)
{
	int r = lock(store, SYSCK_STORE_WAIT * 1000 / LOCK_PAUSE, err);

	if (r == -EAGAIN) {
		sysck_err_set(err, r, "locked by another update for over %u seconds", SYSCK_STORE_WAIT);
		sysck_err_place(err, store->path, 0, 0);
	}
	return r;
}

int sysck_store_try_lock(struct sysck_store *store, struct sysck_err *err)
{
	int r = lock(store, 1, err);

	if (r == -EAGAIN) {
		sysck_err_set(err, r, "locked by another update");
		sysck_err_place(err, store->path, 0, 0);
	}
	return r;
}

static int write_all(int descriptor, struct sysck_slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(descriptor, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

/* Is it the label of a security module? Capabilities mean nothing on a database; ima and evm are sums of the old content. */
static bool is_label(const char *name)
{
	return strncmp(name, XATTR_SECURITY_PREFIX, XATTR_SECURITY_PREFIX_LEN) == 0 && strcmp(name, XATTR_NAME_CAPS) != 0 &&
	       strcmp(name, XATTR_NAME_IMA) != 0 && strcmp(name, XATTR_NAME_EVM) != 0;
}

static int copy_labels(int from, int to)
{
	char *names = malloc(XATTR_MAX), *value = malloc(XATTR_MAX);
	ssize_t len = names == NULL || value == NULL ? -1 : flistxattr(from, names, XATTR_MAX);
	int r = names == NULL || value == NULL ? -ENOMEM : len < 0 && errno != ENOTSUP ? -errno : 0;

	for (const char *name = names; r == 0 && len > 0 && name < names + len; name += strlen(name) + 1) {
		ssize_t size;

		if (!is_label(name))
			continue;
		size = fgetxattr(from, name, value, XATTR_MAX);
		if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0)
			r = -errno;
	}
	free(names);
	free(value);
	return r;
}

/*
 * Gives the new file owner, group, label, ACL and mode of the old one. The mode is last: until then nobody else can open it.
 */
static int copy_rights(int from, int to)
{
	struct stat st;
	int r;

	if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0)
		return -errno;
	r = copy_labels(from, to);
	if (r < 0)
		return r;
	/* An ACL knows nothing of the bits above 0777. */
	if (perm_copy_fd("", from, "", to, NULL) < 0 || fchmod(to, st.st_mode & 07777) < 0)
		return -errno;
	return 0;
}

static bool as_seen(const struct sysck_store *store, const struct stat *st)
{
	return store->existed && st->st_dev == store->seen.st_dev && st->st_ino == store->seen.st_ino &&
	       st->st_size == store->seen.st_size && st->st_mtim.tv_sec == store->seen.st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == store->seen.st_mtim.tv_nsec;
}

static int stale(const struct sysck_store *store, struct sysck_err *err)
{
	sysck_err_set(err, -ESTALE, "changed by somebody else meanwhile; nothing was written");
	sysck_err_place(err, store->path, 0, 0);
	return -ESTALE;
}

/* Is the file still the one that was read? Opens it (-1 in *ret if there is none and was none). */
static int open_old(struct sysck_store *store, int *ret, struct sysck_err *err)
{
	int descriptor = openat(store->directory, store->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	bool same;

	*ret = -1;
	if (descriptor < 0 && errno != ENOENT)
		return fail(store, err, -errno, "cannot be opened");
	if (descriptor < 0)
		same = !store->existed;
	else
		same = fstat(descriptor, &st) == 0 && as_seen(store, &st);
	if (same) {
		*ret = descriptor;
		return 0;
	}
	if (descriptor >= 0)
		close(descriptor);
	return stale(store, err);
}

/* Flushing takes its time, in which an editor may have saved the old file. */
static int look_again(const struct sysck_store *store, struct sysck_err *err)
{
	struct stat st;

	if (fstatat(store->directory, store->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return as_seen(store, &st) ? 0 : stale(store, err);
	if (errno != ENOENT)
		return fail(store, err, -errno, "cannot be examined");
	return store->existed ? stale(store, err) : 0;
}

static int write_successor(struct sysck_store *store, const char *name, int old, struct sysck_slice bytes,
			   struct sysck_err *err)
{
	int descriptor, r;

	/* With the lock held, one that is there was left by an update that was killed. */
	if (unlinkat(store->directory, name, 0) < 0 && errno != ENOENT)
		return fail(store, err, -errno, "an unfinished file beside it cannot be removed");
	descriptor = openat(store->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return fail(store, err, -errno, "a new file beside it cannot be made");
	r = write_all(descriptor, bytes);
	if (r == 0)
		r = old >= 0 ? copy_rights(old, descriptor) : fchmod(descriptor, 0640) < 0 ? -errno : 0;
	if (r == 0 && fsync(descriptor) < 0)
		r = -errno;
	if (close(descriptor) < 0 && r == 0)
		r = -errno;
	return r < 0 ? fail(store, err, r, "the new file beside it cannot be written") : 0;
}

/* Flushes the directory, so that the rename survives a crash. It was opened with O_PATH, which can't be flushed. */
static int flush_directory(const struct sysck_store *store)
{
	int descriptor = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (descriptor < 0)
		return -errno;
	r = fsync(descriptor) < 0 ? -errno : 0;
	close(descriptor);
	return r;
}

int sysck_store_replace(struct sysck_store *store, struct sysck_slice bytes, struct sysck_err *err)
{
	char *name = name_beside(store, ".", ".new");
	int old = -1, r;

	assert(store->lock >= 0 && store->was_read);
	if (bytes.len > SYSCK_TEXT_MAX) {
		free(name);
		return fail(store, err, -EFBIG, "cannot be replaced");
	}
	if (name == NULL)
		return fail(store, err, -ENOMEM, "cannot be replaced");
	r = open_old(store, &old, err);
	if (r == 0)
		r = write_successor(store, name, old, bytes, err);
	if (r == 0)
		r = look_again(store, err);
	if (r == 0 && renameat(store->directory, name, store->directory, store->name) < 0)
		r = fail(store, err, -errno, "cannot be replaced");
	if (r < 0) {
		(void)unlinkat(store->directory, name, 0);
	} else {
		r = flush_directory(store);
		if (r < 0)
			fail(store, err, r, "was replaced, but its directory cannot be flushed");
	}
	if (old >= 0)
		close(old);
	free(name);
	return r;
}

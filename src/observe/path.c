/*
 * path.c - the only opener of paths.
 *
 * Knows: a root descriptor, and who may be trusted to place a symlink. Gives: the directory and the name where an object
 * stands, the object at the end of its symlinks, and descriptors to read from. Must never: change anything on disk, follow
 * a symlink that somebody other than root could have placed, leave the root, or open a device.
 *
 * There are two ways down. The short one lets the kernel refuse every symlink: openat2(2), one system call for up to
 * PATH_MAX bytes. Whatever it can't open goes the long way, component by component, which follows symlinks by the rule of
 * trust and knows the reason for every refusal. So the short way need not tell why it failed.
 */
#include "observe/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysck/form.h>

#include "observe/how.h"

#define OPEN_DIRECTORY (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
/* For reading: never wait for a fifo or a drive, never become a terminal's session. */
#define OPEN_READ (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct tcbck_root {
	int descriptor;
	bool is_host;
};

struct tcbck_opener {
	const struct tcbck_root *root;
	int directory; /* what `parent` leads to; -1: nothing is kept */
	bool through_symlink, closed;
	struct sysck_buf parent;   /* the directory as it was asked for; empty: the root */
	struct sysck_buf resolved; /* its path without symlinks, then "/", the name of the object and a NUL */
	size_t resolved_len;       /* length of the directory's part */
};

/* openat(2) with negative errno; file systems in user space may interrupt it. */
static int open_at(int directory, const char *name, int flags)
{
	int fd;

	do
		fd = openat(directory, name, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* O_NOATIME is for the owner and CAP_FOWNER only; others read without it. */
static int open_for_reading(int directory, const char *name, int flags)
{
	int fd = open_at(directory, name, flags | O_NOATIME);

	return fd == -EPERM ? open_at(directory, name, flags) : fd;
}

static void close_directory(const struct tcbck_root *root, int directory)
{
	if (directory >= 0 && directory != root->descriptor)
		close(directory);
}

/* Adds "/" and the component; a NUL stands behind it, uncounted, so that it can be handed to a system call. */
static int add_component(struct sysck_buf *path, struct sysck_slice component)
{
	sysck_buf_add_char(path, '/');
	sysck_buf_add_slice(path, component);
	sysck_buf_add_char(path, '\0');
	if (sysck_buf_error(path) < 0)
		return sysck_buf_error(path);
	path->len--;
	return 0;
}

static const char *quote_path(struct sysck_slice path, char *out)
{
	return sysck_quote(path.len == 0 ? SYSCK_SLICE("/") : path, out, SYSCK_QUOTE_MAX);
}

/* Is it "/", seen through the same mount? A bind mount of "/" elsewhere need not show the same system. */
static bool is_top(int descriptor)
{
	struct statx a, b;

	if (statx(descriptor, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &a) < 0 ||
	    statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &b) < 0)
		return false;
	return a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor &&
	       ((a.stx_mask & b.stx_mask & STATX_MNT_ID) == 0 || a.stx_mnt_id == b.stx_mnt_id);
}

int tcbck_root_open(const char *dir, struct tcbck_root **ret, struct sysck_err *err)
{
	struct tcbck_root *root;
	char quoted[SYSCK_QUOTE_MAX];
	int fd;

	if (dir == NULL)
		dir = "/";
	root = malloc(sizeof(*root));
	if (root == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	fd = open_at(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		free(root);
		return sysck_err_errno(err, fd, "root directory %s", sysck_quote(sysck_slice_of(dir), quoted, sizeof(quoted)));
	}
	root->descriptor = fd;
	root->is_host = is_top(fd);
	*ret = root;
	return 0;
}

void tcbck_root_free(struct tcbck_root *root)
{
	if (root == NULL)
		return;
	close(root->descriptor);
	free(root);
}

bool tcbck_root_is_host(const struct tcbck_root *root)
{
	return root->is_host;
}

int tcbck_root_descriptor(const struct tcbck_root *root)
{
	return root->descriptor;
}

int tcbck_opener_new(const struct tcbck_root *root, struct tcbck_opener **ret)
{
	struct tcbck_opener *opener = calloc(1, sizeof(*opener));

	if (opener == NULL)
		return -ENOMEM;
	opener->root = root;
	opener->directory = -1;
	opener->parent = SYSCK_BUF_INIT;
	opener->resolved = SYSCK_BUF_INIT;
	*ret = opener;
	return 0;
}

void tcbck_opener_free(struct tcbck_opener *opener)
{
	if (opener == NULL)
		return;
	tcbck_opener_forget(opener);
	sysck_buf_done(&opener->parent);
	sysck_buf_done(&opener->resolved);
	free(opener);
}

void tcbck_opener_forget(struct tcbck_opener *opener)
{
	close_directory(opener->root, opener->directory);
	opener->directory = -1;
	sysck_buf_clear(&opener->parent);
	sysck_buf_clear(&opener->resolved);
	opener->resolved_len = 0;
}

/*
 * How many bytes of `path` one system call may take: with openat2(2), which looks at every component for symlinks, as many
 * whole components as fit PATH_MAX; with openat(2), which looks at the last one only, a single one. 0: too long.
 */
static size_t stride(struct sysck_slice path, bool has_openat2)
{
	const char *end;

	if (has_openat2) {
		if (path.len < PATH_MAX)
			return path.len;
		end = memrchr(path.data, '/', PATH_MAX);
		return end == NULL ? 0 : (size_t)(end - path.data);
	}
	end = memchr(path.data, '/', path.len);
	if (end != NULL)
		path.len = (size_t)(end - path.data);
	return path.len < PATH_MAX ? path.len : 0;
}

/* Goes one stride from `directory`. Descriptor or negative errno. Lowers *has_openat2 where a sandbox forbids it. */
static int open_stride(int directory, struct sysck_slice rest, bool *has_openat2, size_t *ret_len)
{
	char piece[PATH_MAX];
	int fd;

	do {
		*ret_len = stride(rest, *has_openat2);
		if (*ret_len == 0)
			return -ENAMETOOLONG;
		memcpy(piece, rest.data, *ret_len);
		piece[*ret_len] = '\0';
		if (!*has_openat2)
			return open_at(directory, piece, OPEN_DIRECTORY);
		fd = tcbck_how_open(directory, piece, TCBCK_HOW_BENEATH);
		*has_openat2 = fd != -ENOSYS && fd != -EPERM;
	} while (!*has_openat2);
	return fd;
}

int tcbck_path_open_resolved(const struct tcbck_root *root, struct sysck_slice path, int *ret)
{
	struct sysck_slice rest;
	bool has_openat2 = true;
	int fd, directory = root->descriptor;
	size_t len;

	if (path.len <= 1) { /* "/", or nothing */
		fd = open_at(root->descriptor, ".", OPEN_DIRECTORY);
		if (fd < 0)
			return fd;
		*ret = fd;
		return 0;
	}
	rest = (struct sysck_slice){ path.data + 1, path.len - 1 };
	while (rest.len > 0) {
		fd = open_stride(directory, rest, &has_openat2, &len);
		close_directory(root, directory);
		if (fd < 0)
			return fd;
		directory = fd;
		if (len < rest.len) /* the slash */
			len++;
		rest.data += len;
		rest.len -= len;
	}
	*ret = directory;
	return 0;
}

/* A walk by components, the long way. */
struct way {
	const struct tcbck_root *root;
	uid_t self;                /* effective user: trusted beside root */
	int directory;             /* where it stands; -1: at `resolved`, to be opened again */
	int object;                /* what the last component was, if no directory; else -1 */
	struct sysck_buf resolved; /* path of `directory`, without symlinks; empty: the root */
	struct sysck_buf rest;     /* still to go, from byte `rest_at` on */
	size_t rest_at;
	bool any;       /* symlinks of anybody are followed */
	unsigned links; /* symlinks followed */
	uid_t uid;      /* owner and mode of `directory` */
	mode_t mode;
	size_t open_len; /* length of `resolved` at the first directory that others control; SIZE_MAX: none */
	uid_t open_uid;  /* owner and mode of that one */
	mode_t open_mode;
};

/* Who can rename, remove and replace the entries of a directory? With an ACL the group bits are its mask. */
enum hold {
	HOLD_CLOSED, /* root (and the effective user) alone */
	HOLD_STICKY, /* others too, but only what is theirs */
	HOLD_OPEN    /* others */
};

static bool is_trusted(const struct way *way, uid_t uid)
{
	return uid == 0 || uid == way->self;
}

static enum hold hold_of(const struct way *way, uid_t uid, mode_t mode)
{
	if (!is_trusted(way, uid))
		return HOLD_OPEN;
	if ((mode & (S_IWGRP | S_IWOTH)) == 0)
		return HOLD_CLOSED;
	return (mode & S_ISVTX) != 0 ? HOLD_STICKY : HOLD_OPEN;
}

/* Says why others control the directory. */
static void describe_hold(const struct way *way, struct sysck_slice path, uid_t uid, mode_t mode, char *out, size_t size)
{
	char quoted[SYSCK_QUOTE_MAX];

	quote_path(path, quoted);
	if (!is_trusted(way, uid))
		snprintf(out, size, "directory %s belongs to user %u", quoted, uid);
	else
		snprintf(out, size, "directory %s is writable for group or others (mode %04o)", quoted, mode & 07777u);
}

bool tcbck_path_is_closed(const struct stat *directory)
{
	const struct way way = { .self = geteuid() };

	return hold_of(&way, directory->st_uid, directory->st_mode) == HOLD_CLOSED;
}

static void way_done(struct way *way)
{
	close_directory(way->root, way->directory);
	if (way->object >= 0)
		close(way->object);
	sysck_buf_done(&way->resolved);
	sysck_buf_done(&way->rest);
}

static void way_leave(struct way *way)
{
	close_directory(way->root, way->directory);
	way->directory = -1;
}

/* Stands in `directory` (taken over), whose path is in `resolved` already. */
static void way_enter(struct way *way, int directory, const struct stat *st)
{
	way_leave(way);
	way->directory = directory;
	way->uid = st->st_uid;
	way->mode = st->st_mode;
	if (way->open_len == SIZE_MAX && hold_of(way, st->st_uid, st->st_mode) == HOLD_OPEN) {
		way->open_len = way->resolved.len;
		way->open_uid = st->st_uid;
		way->open_mode = st->st_mode;
	}
}

static int way_fail(const struct way *way, int code, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];

	return sysck_err_errno(err, code, "%s", quote_path(sysck_buf_slice(&way->resolved), quoted));
}

/* Opens where it stands, after a ".." or at the beginning: from the root by a path in which there was no symlink. */
static int way_settle(struct way *way, struct sysck_err *err)
{
	struct stat st;
	int r, fd = way->root->descriptor;

	if (way->directory >= 0)
		return 0;
	if (way->resolved.len > 0) {
		r = tcbck_path_open_resolved(way->root, sysck_buf_slice(&way->resolved), &fd);
		if (r < 0)
			return way_fail(way, r, err);
	}
	if (fstat(fd, &st) < 0) {
		r = way_fail(way, -errno, err);
		close_directory(way->root, fd);
		return r;
	}
	way_enter(way, fd, &st);
	return 0;
}

/* One level up, but never out of the root. The path has no symlink in it, so this is what the kernel's ".." means. */
static void way_up(struct way *way)
{
	const char *slash;

	if (way->resolved.len == 0)
		return;
	slash = memrchr(way->resolved.data, '/', way->resolved.len);
	way->resolved.len = slash == NULL ? 0 : (size_t)(slash - way->resolved.data);
	if (way->open_len != SIZE_MAX && way->open_len > way->resolved.len)
		way->open_len = SIZE_MAX;
	way_leave(way);
}

/* May the symlink be followed? `resolved` names it; its directory's path are the first `holder_len` bytes of that. */
static int way_judge_link(struct way *way, const struct stat *link, size_t holder_len, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX], why[SYSCK_QUOTE_MAX + 64];

	quote_path(sysck_buf_slice(&way->resolved), quoted);
	if (!way->any && !is_trusted(way, link->st_uid))
		return sysck_err_set(err, -ELOOP, "symlink %s is not followed: it belongs to user %u", quoted, link->st_uid);
	if (!way->any && way->open_len != SIZE_MAX) {
		describe_hold(way, (struct sysck_slice){ way->resolved.data, way->open_len }, way->open_uid, way->open_mode,
			      why, sizeof(why));
		return sysck_err_set(err, -ELOOP, "symlink %s is not followed: %s", quoted, why);
	}
	/* A sticky directory does not do here: whoever finds a symlink of root's elsewhere can move it into it. */
	if (!way->any && hold_of(way, way->uid, way->mode) != HOLD_CLOSED) {
		describe_hold(way, (struct sysck_slice){ way->resolved.data, holder_len }, way->uid, way->mode, why,
			      sizeof(why));
		return sysck_err_set(err, -ELOOP, "symlink %s is not followed: %s", quoted, why);
	}
	if (++way->links > TCBCK_PATH_LINKS_MAX)
		return sysck_err_set(err, -ELOOP, "more than %d symlinks on the way, the last is %s", TCBCK_PATH_LINKS_MAX,
				     quoted);
	return 0;
}

/* Puts the target of the symlink `fd` before what is still to go. */
static int way_follow_link(struct way *way, int fd, const struct stat *link, size_t holder_len, struct sysck_err *err)
{
	char target[PATH_MAX];
	struct sysck_buf rest = SYSCK_BUF_INIT;
	ssize_t len;
	int r;

	r = way_judge_link(way, link, holder_len, err);
	if (r < 0)
		return r;
	len = readlinkat(fd, "", target, sizeof(target));
	if (len < 0)
		return way_fail(way, -errno, err);
	if (len == 0 || (size_t)len == sizeof(target))
		return way_fail(way, len == 0 ? -ENOENT : -ENAMETOOLONG, err);
	sysck_buf_add(&rest, target, (size_t)len);
	sysck_buf_add(&rest, way->rest.data + way->rest_at, way->rest.len - way->rest_at);
	if (sysck_buf_error(&rest) < 0) {
		sysck_buf_done(&rest);
		return sysck_err_set(err, -ENOMEM, "out of memory");
	}
	sysck_buf_done(&way->rest);
	way->rest = rest;
	way->rest_at = 0;
	way->resolved.len = holder_len;
	if (target[0] == '/') {
		way->resolved.len = 0;
		way_leave(way);
	}
	return 0;
}

/* One component further. `last`: nothing comes after it, and it need not be a directory. */
static int way_step(struct way *way, struct sysck_slice component, bool last, struct sysck_err *err)
{
	size_t holder_len = way->resolved.len;
	const char *name;
	struct stat st;
	int r, fd = -ENOTDIR;

	r = add_component(&way->resolved, component);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	name = way->resolved.data + holder_len + 1;
	if (!last) /* asking for a directory is what mounts a directory of automount's */
		fd = open_at(way->directory, name, OPEN_DIRECTORY);
	if (fd == -ENOTDIR || fd == -ELOOP)
		fd = open_at(way->directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return way_fail(way, fd, err);
	if (fstat(fd, &st) < 0) {
		r = way_fail(way, -errno, err);
		goto out;
	}
	if (S_ISLNK(st.st_mode)) {
		r = way_follow_link(way, fd, &st, holder_len, err);
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		way_enter(way, fd, &st);
		return 0;
	}
	if (last) {
		way->object = fd;
		return 0;
	}
	r = way_fail(way, -ENOTDIR, err);
out:
	close(fd);
	return r;
}

/* Takes the next component off the rest; empty when there is none. Slashes before it don't count, those behind stay. */
static struct sysck_slice way_next(struct way *way)
{
	struct sysck_slice component;
	const char *end;

	while (way->rest_at < way->rest.len && way->rest.data[way->rest_at] == '/')
		way->rest_at++;
	component = (struct sysck_slice){ way->rest.data + way->rest_at, way->rest.len - way->rest_at };
	if (component.len == 0)
		return component;
	end = memchr(component.data, '/', component.len);
	if (end != NULL)
		component.len = (size_t)(end - component.data);
	way->rest_at += component.len;
	return component;
}

/* How a path is gone. */
enum {
	WAY_TO_OBJECT = 1, /* the end may be anything (then way->object is set if it is no directory), else it is a directory */
	WAY_THROUGH_ANY = 2 /* symlinks are followed whoever controls them, as the kernel does */
};

/* Goes `path` to its end. way_done() is due in any case. */
static int way_go(struct way *way, const struct tcbck_root *root, struct sysck_slice path, unsigned how, struct sysck_err *err)
{
	struct sysck_slice component;
	int r;

	*way = (struct way){ .root = root, .self = geteuid(), .directory = -1, .object = -1, .open_len = SIZE_MAX };
	way->any = (how & WAY_THROUGH_ANY) != 0;
	sysck_buf_add_slice(&way->rest, path);
	if ((how & WAY_TO_OBJECT) == 0) /* a slash at the end asks for a directory, and does so through symlinks too */
		sysck_buf_add_char(&way->rest, '/');
	if (sysck_buf_error(&way->rest) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = way_settle(way, err);
	while (r == 0 && (component = way_next(way)).len > 0) {
		if (sysck_slice_equal(component, SYSCK_SLICE(".")))
			continue;
		if (sysck_slice_equal(component, SYSCK_SLICE(".."))) {
			way_up(way);
			continue;
		}
		r = way_settle(way, err);
		if (r == 0)
			r = way_step(way, component, way->rest_at == way->rest.len, err);
	}
	return r == 0 && way->object < 0 ? way_settle(way, err) : r;
}

/* The opener, which has forgotten what it kept, keeps the directory `parent` in which the way has ended. */
static int adopt(struct tcbck_opener *opener, struct sysck_slice parent, struct way *way, struct sysck_err *err)
{
	struct stat st;

	sysck_buf_add_slice(&opener->parent, parent);
	sysck_buf_add_slice(&opener->resolved, sysck_buf_slice(&way->resolved));
	if (sysck_buf_error(&opener->parent) < 0 || sysck_buf_error(&opener->resolved) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	opener->resolved_len = way->resolved.len;
	opener->through_symlink = way->links > 0;
	opener->directory = way->directory;
	opener->closed = fstat(way->directory, &st) == 0 && tcbck_path_is_closed(&st);
	way->directory = -1;
	return 0;
}

/* Opens the directory in which an object stands, and keeps it. Nothing is kept on failure. */
static int enter_parent(struct tcbck_opener *opener, struct sysck_slice parent, struct sysck_err *err)
{
	struct way way = { .root = opener->root, .directory = -1, .object = -1 };
	int r = 0;

	tcbck_opener_forget(opener);
	if (parent.len == 0) {
		way.directory = opener->root->descriptor;
	} else if (tcbck_path_open_resolved(opener->root, parent, &way.directory) == 0) {
		sysck_buf_add_slice(&way.resolved, parent); /* no symlink in it */
		r = sysck_buf_error(&way.resolved);
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	} else {
		r = way_go(&way, opener->root, parent, 0, err);
	}
	if (r == 0)
		r = adopt(opener, parent, &way, err);
	if (r < 0)
		tcbck_opener_forget(opener);
	way_done(&way);
	return r;
}

static int check_path(struct sysck_slice path, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];

	if (path.len > TCBCK_PATH_MAX)
		return sysck_err_set(err, -ENAMETOOLONG, "%s: longer than %u bytes", quote_path(path, quoted), TCBCK_PATH_MAX);
	return sysck_path_check(path, err);
}

/* "/a/b" is "/a" and "b", "/a" is "" and "a", "/" is "" and "". */
static void split(struct sysck_slice path, struct sysck_slice *ret_parent, struct sysck_slice *ret_name)
{
	const char *slash = memrchr(path.data, '/', path.len);
	size_t len = (size_t)(slash - path.data);

	*ret_parent = (struct sysck_slice){ path.data, len };
	*ret_name = (struct sysck_slice){ path.data + len + 1, path.len - len - 1 };
}

/* Fills *ret for `name` in the directory that is kept. */
static int tell_place(struct tcbck_opener *opener, struct sysck_slice name, struct tcbck_place *ret, struct sysck_err *err)
{
	int r;

	if (name.len == 0) {
		*ret = (struct tcbck_place){ opener->directory, ".", SYSCK_SLICE("/"), false, false };
		return 0;
	}
	opener->resolved.len = opener->resolved_len;
	r = add_component(&opener->resolved, name);
	if (r < 0) {
		tcbck_opener_forget(opener);
		return sysck_err_set(err, r, "out of memory");
	}
	*ret = (struct tcbck_place){
		.directory = opener->directory,
		.name = opener->resolved.data + opener->resolved_len + 1,
		.resolved = sysck_buf_slice(&opener->resolved),
		.through_symlink = opener->through_symlink,
		.closed = opener->closed,
	};
	return 0;
}

int tcbck_path_find(struct tcbck_opener *opener, struct sysck_slice path, struct tcbck_place *ret, struct sysck_err *err)
{
	struct sysck_slice parent, name;
	int r;

	r = check_path(path, err);
	if (r < 0)
		return r;
	split(path, &parent, &name);
	if (opener->directory < 0 || !sysck_slice_equal(parent, sysck_buf_slice(&opener->parent))) {
		r = enter_parent(opener, parent, err);
		if (r < 0)
			return r;
	}
	return tell_place(opener, name, ret, err);
}

/* In a sticky directory an object is safe only from the moment on when it is there and is root's. */
static int judge_sticky(const struct way *way, const struct tcbck_place *place, struct sysck_slice holder, bool *ret_controlled,
			char *ret_why, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	struct stat st;

	if (fstatat(place->directory, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		/* A second name there may be one that somebody gave to a file of root's elsewhere. */
		*ret_controlled = is_trusted(way, st.st_uid) && (S_ISDIR(st.st_mode) || st.st_nlink == 1);
		if (is_trusted(way, st.st_uid) && !*ret_controlled)
			snprintf(ret_why, SYSCK_ERR_TEXT_MAX, "directory %s is sticky, and the object has other names",
				 quote_path(holder, quoted));
		else if (!*ret_controlled)
			snprintf(ret_why, SYSCK_ERR_TEXT_MAX, "directory %s is sticky, but the object belongs to user %u",
				 quote_path(holder, quoted), st.st_uid);
		return 0;
	}
	if (errno != ENOENT)
		return sysck_err_errno(err, -errno, "%s", quote_path(place->resolved, quoted));
	*ret_controlled = false;
	describe_hold(way, holder, way->uid, way->mode, ret_why, SYSCK_ERR_TEXT_MAX);
	return 0;
}

/* Who can rename or replace what stands at `place`, to which `way` has led? */
static int judge_place(const struct way *way, const struct tcbck_place *place, size_t holder_len, bool *ret_controlled,
		       char *ret_why, struct sysck_err *err)
{
	const char *path = place->resolved.data;

	*ret_controlled = true;
	if (place->resolved.len == 1) /* the root itself stands in no directory */
		return 0;
	if (way->open_len != SIZE_MAX) {
		*ret_controlled = false;
		describe_hold(way, (struct sysck_slice){ path, way->open_len }, way->open_uid, way->open_mode, ret_why,
			      SYSCK_ERR_TEXT_MAX);
		return 0;
	}
	if (hold_of(way, way->uid, way->mode) == HOLD_STICKY)
		return judge_sticky(way, place, (struct sysck_slice){ path, holder_len }, ret_controlled, ret_why, err);
	return 0;
}

int tcbck_path_find_controlled(struct tcbck_opener *opener, struct sysck_slice path, struct tcbck_place *ret,
			       bool *ret_controlled, char *ret_why, struct sysck_err *err)
{
	struct sysck_slice parent, name;
	struct tcbck_place place;
	bool controlled;
	struct way way;
	int r;

	r = check_path(path, err);
	if (r < 0)
		return r;
	split(path, &parent, &name);
	tcbck_opener_forget(opener);
	r = way_go(&way, opener->root, parent, 0, err);
	if (r == 0)
		r = adopt(opener, parent, &way, err);
	if (r == 0)
		r = tell_place(opener, name, &place, err);
	if (r == 0)
		r = judge_place(&way, &place, opener->resolved_len, &controlled, ret_why, err);
	if (r == 0) {
		*ret = place;
		*ret_controlled = controlled;
	} else {
		tcbck_opener_forget(opener);
	}
	way_done(&way);
	return r;
}

int tcbck_path_follow(struct tcbck_opener *opener, struct sysck_slice path, int *ret_descriptor, struct sysck_err *err)
{
	struct way way;
	int r;

	r = check_path(path, err);
	if (r < 0)
		return r;
	r = way_go(&way, opener->root, path, WAY_TO_OBJECT, err);
	if (r < 0)
		goto out;
	if (way.object >= 0) {
		*ret_descriptor = way.object;
		way.object = -1;
	} else if (way.directory != opener->root->descriptor) {
		*ret_descriptor = way.directory;
		way.directory = -1;
	} else {
		r = tcbck_path_open_resolved(opener->root, SYSCK_SLICE("/"), ret_descriptor);
		if (r < 0)
			way_fail(&way, r, err);
	}
out:
	way_done(&way);
	return r;
}

int tcbck_path_reopen(int descriptor, int *ret)
{
	char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat before, after;
	int fd;

	if (fstat(descriptor, &before) < 0)
		return -errno;
	if (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	fd = open_for_reading(AT_FDCWD, link, OPEN_READ);
	if (fd < 0)
		return fd;
	/* Nothing but a /proc that isn't one can lead elsewhere. */
	if (fstat(fd, &after) < 0 || after.st_dev != before.st_dev || after.st_ino != before.st_ino) {
		close(fd);
		return -ESTALE;
	}
	*ret = fd;
	return 0;
}

int tcbck_path_open_at(int directory, const char *name, int *ret)
{
	int fd = open_for_reading(directory, name, OPEN_READ | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	*ret = fd;
	return 0;
}

int tcbck_path_reach(const struct tcbck_root *root, int directory, const char *name, struct sysck_slice path, struct stat *ret)
{
	struct sysck_err err;
	struct way way;
	int r;

	/* In a sticky directory the kernel may refuse even root another's symlink (fs.protected_symlinks, proc_sys_fs(5)). */
	if (root->is_host && fstatat(directory, name, ret, AT_NO_AUTOMOUNT) == 0)
		return 0;
	if (root->is_host && errno != EACCES)
		return -errno;
	r = way_go(&way, root, path, WAY_TO_OBJECT | WAY_THROUGH_ANY, &err);
	if (r == 0 && fstat(way.object >= 0 ? way.object : way.directory, ret) < 0)
		r = -errno;
	way_done(&way);
	return r;
}

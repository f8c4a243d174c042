/*
 * mounts.c - which file systems the tree is made of, and which of them are walked.
 *
 * Knows /proc/self/mountinfo and /proc/filesystems; gives a table in the order of the walk. Must not look at what is mounted.
 */
#include "observe/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <sysck/store.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u
#endif

/* Where the root stands on the host. */
struct base {
	char path[PATH_MAX];
	uint64_t number; /* of its mount */
	dev_t device;
};

struct reading {
	const struct tcbck_mounts_options *options;
	struct base base;
	struct sysck_slice types; /* /proc/filesystems */
	struct tcbck_mounts mounts;
	size_t room;
};

static int read_file(const char *path, struct sysck_buf *ret, struct sysck_err *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	if (descriptor < 0)
		return sysck_err_errno(err, -errno, "%s", path);
	r = sysck_store_read_descriptor(descriptor, sysck_slice_of(path), ret, err);
	close(descriptor);
	return r;
}

static int find_base(const struct tcbck_root *root, bool has_proc, struct base *base, struct sysck_err *err)
{
	char way[32];
	struct statx stx;
	struct stat st;
	ssize_t len;

	if (statx(tcbck_root_descriptor(root), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &stx) < 0 ||
	    fstat(tcbck_root_descriptor(root), &st) < 0)
		return sysck_err_errno(err, -errno, "the root cannot be looked at");
	if ((stx.stx_mask & STATX_MNT_ID) == 0)
		return sysck_err_set(err, -ENOSYS, "the kernel does not tell mounts; Linux 5.8 is needed");
	base->number = stx.stx_mnt_id;
	base->device = st.st_dev;
	base->path[0] = '\0';
	if (!has_proc)
		return 0;
	(void)snprintf(way, sizeof(way), "/proc/self/fd/%d", tcbck_root_descriptor(root));
	len = readlink(way, base->path, sizeof(base->path) - 1);
	if (len <= 0 || base->path[0] != '/')
		return sysck_err_errno(err, len < 0 ? -errno : -EIO, "%s", way);
	base->path[len] = '\0';
	return 0;
}

/* The next field of a line, up to a blank; the line loses it. */
static struct sysck_slice next_field(struct sysck_slice *line)
{
	struct sysck_slice field = { line->data, 0 };

	while (field.len < line->len && line->data[field.len] != ' ')
		field.len++;
	line->data += field.len < line->len ? field.len + 1 : field.len;
	line->len -= field.len < line->len ? field.len + 1 : field.len;
	return field;
}

static struct sysck_slice next_line(struct sysck_slice *text)
{
	const char *end = memchr(text->data, '\n', text->len);
	struct sysck_slice line = { text->data, end == NULL ? text->len : (size_t)(end - text->data) };
	size_t skip = end == NULL ? line.len : line.len + 1;

	text->data += skip;
	text->len -= skip;
	return line;
}

/* Undoes the octal escapes of proc_pid_mountinfo(5): \040 \011 \012 \134. */
static int unescape(struct sysck_arena *arena, struct sysck_slice field, struct sysck_slice *ret)
{
	char *out = sysck_arena_alloc(arena, field.len + 1, 1);
	size_t len = 0;

	if (out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < field.len; i++) {
		uint64_t byte;

		if (field.data[i] == '\\' && i + 3 < field.len &&
		    sysck_octal_parse((struct sysck_slice){ field.data + i + 1, 3 }, UCHAR_MAX, &byte) == 0) {
			out[len++] = (char)byte;
			i += 3;
		} else {
			out[len++] = field.data[i];
		}
	}
	*ret = (struct sysck_slice){ out, len };
	return 0;
}

static int read_device(struct sysck_slice field, dev_t *ret)
{
	const char *colon = memchr(field.data, ':', field.len);
	uint64_t numbers[2];
	size_t split = colon == NULL ? 0 : (size_t)(colon - field.data);

	if (colon == NULL || sysck_number_parse((struct sysck_slice){ field.data, split }, UINT_MAX, &numbers[0]) < 0 ||
	    sysck_number_parse((struct sysck_slice){ colon + 1, field.len - split - 1 }, UINT_MAX, &numbers[1]) < 0)
		return -EINVAL;
	*ret = makedev((unsigned)numbers[0], (unsigned)numbers[1]);
	return 0;
}

/* "36 35 98:0 /inside /path rw,noatime shared:1 - ext4 /dev/root rw": 0, -EINVAL or -ENOMEM. */
static int read_mount(struct sysck_arena *arena, struct sysck_slice line, struct tcbck_mount *ret)
{
	struct sysck_slice field;

	*ret = (struct tcbck_mount){ .left_out = NULL };
	if (sysck_number_parse(next_field(&line), UINT64_MAX, &ret->number) < 0 ||
	    sysck_number_parse(next_field(&line), UINT64_MAX, &ret->parent) < 0 ||
	    read_device(next_field(&line), &ret->device) < 0)
		return -EINVAL;
	if (unescape(arena, next_field(&line), &ret->inside) < 0 || unescape(arena, next_field(&line), &ret->path) < 0)
		return -ENOMEM;
	/* Options, then optional fields up to a hyphen. */
	do
		field = next_field(&line);
	while (line.len > 0 && !sysck_slice_equal(field, SYSCK_SLICE("-")));
	if (line.len == 0 || ret->path.len == 0 || ret->path.data[0] != '/')
		return -EINVAL;
	return unescape(arena, next_field(&line), &ret->type);
}

static int add(struct reading *reading, const struct tcbck_mount *mount)
{
	struct tcbck_mounts *mounts = &reading->mounts;

	if (mounts->count == reading->room) {
		size_t room = reading->room == 0 ? 32 : reading->room * 2;
		struct tcbck_mount *more = reallocarray(mounts->items, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		mounts->items = more;
		reading->room = room;
	}
	mounts->items[mounts->count++] = *mount;
	return 0;
}

static bool is_on_no_device(struct sysck_slice types, struct sysck_slice type)
{
	/* "fuse.sshfs" is fuse. */
	const char *dot = memchr(type.data, '.', type.len);

	if (dot != NULL)
		type.len = (size_t)(dot - type.data);
	while (types.len > 0) {
		struct sysck_slice line = next_line(&types);

		if (line.len > 6 && memcmp(line.data, "nodev\t", 6) == 0 &&
		    sysck_slice_equal((struct sysck_slice){ line.data + 6, line.len - 6 }, type))
			return true;
	}
	return false;
}

static bool list_has(const struct sysck_list *list, struct sysck_slice path)
{
	for (size_t i = 0; i < list->count; i++)
		if (sysck_slice_equal(list->items[i], path))
			return true;
	return false;
}

static const char *why_left_out(const struct reading *reading, const struct tcbck_mount *mount)
{
	static const char *const walked[] = { "tmpfs", "ramfs", "devtmpfs", "zfs" };
	const struct sysck_list *directories = reading->options->no_directories;
	bool is_walked = false;

	if (list_has(reading->options->no_file_systems, mount->path))
		return "treeck_novfs";
	for (size_t i = 0; reading->options->below_too && i < directories->count; i++)
		if (tcbck_path_is_below(mount->path, directories->items[i]))
			return "below treeck_nodir, -i";
	for (size_t i = 0; i < sizeof(walked) / sizeof(walked[0]); i++)
		is_walked = is_walked || sysck_slice_equal(mount->type, sysck_slice_of(walked[i]));
	if (!is_walked && is_on_no_device(reading->types, mount->type))
		return "nodev: on no device";
	return NULL;
}

/* Takes the root's own path off. False: the mount is not below the root. */
static bool take_base_off(const struct base *base, struct sysck_slice *path)
{
	struct sysck_slice top = sysck_slice_of(base->path);

	if (!tcbck_path_is_below(*path, top))
		return false;
	if (top.len > 1) {
		path->data += top.len;
		path->len -= top.len;
	}
	if (path->len == 0)
		*path = SYSCK_SLICE("/");
	return true;
}

/* `inside` of the root, which may be any directory of the mount that it is on. */
static int join_inside(struct sysck_arena *arena, const struct tcbck_mount *mount, const struct base *base,
		       struct sysck_slice *ret)
{
	struct sysck_slice rest = sysck_slice_of(base->path);
	struct sysck_buf joined = SYSCK_BUF_INIT;
	size_t skip = mount->path.len == 1 ? 0 : mount->path.len;
	int r;

	rest = (struct sysck_slice){ rest.data + skip, rest.len - skip };
	if (mount->inside.len > 1)
		sysck_buf_add_slice(&joined, mount->inside);
	if (rest.len > 1)
		sysck_buf_add_slice(&joined, rest);
	if (joined.len == 0)
		sysck_buf_add_char(&joined, '/');
	r = sysck_buf_error(&joined) < 0 ? -ENOMEM : sysck_arena_copy(arena, sysck_buf_slice(&joined), ret);
	sysck_buf_done(&joined);
	return r;
}

/* Which of the mounts the root is on; it becomes the first of the table. */
static int add_root(struct reading *reading, struct sysck_slice text)
{
	const struct base *base = &reading->base;
	/* The root of a chroot that is no mount point is not in the table: where it is in its file system, nobody says. */
	struct tcbck_mount root = { .number = base->number, .device = base->device, .inside = SYSCK_SLICE("") };
	int r = 0;

	root.type = SYSCK_SLICE("unknown");
	while (r == 0 && text.len > 0) {
		struct tcbck_mount mount;

		r = read_mount(&reading->mounts.arena, next_line(&text), &mount);
		if (r == -EINVAL)
			r = 0;
		else if (r == 0 && mount.number == base->number) {
			root = mount;
			r = join_inside(&reading->mounts.arena, &mount, base, &root.inside);
		}
	}
	root.path = SYSCK_SLICE("/");
	root.left_out = list_has(reading->options->no_file_systems, root.path) ? "treeck_novfs" : NULL;
	return r == 0 ? add(reading, &root) : r;
}

static int add_others(struct reading *reading, struct sysck_slice text, struct sysck_err *err)
{
	while (text.len > 0) {
		struct sysck_slice line = next_line(&text);
		struct tcbck_mount mount;
		int r = read_mount(&reading->mounts.arena, line, &mount);

		if (r == -EINVAL)
			return sysck_err_set(err, r, "/proc/self/mountinfo does not read");
		if (r == 0 && (mount.number == reading->base.number || !take_base_off(&reading->base, &mount.path)))
			continue;
		mount.left_out = why_left_out(reading, &mount);
		if (r == 0)
			r = add(reading, &mount);
		if (r < 0)
			return sysck_err_set(err, r, "out of memory");
	}
	return 0;
}

static size_t depth(struct sysck_slice path)
{
	size_t count = 0;

	for (size_t i = 0; i < path.len; i++)
		count += path.data[i] == '/';
	return path.len == 1 ? 0 : count;
}

/* A file system before its parts, so that what is mounted at two places is met at the one that shows more. */
static int compare(const void *left, const void *right)
{
	const struct tcbck_mount *a = left, *b = right;
	size_t deep = depth(a->inside), deeper = depth(b->inside);

	if (deep != deeper)
		return deep < deeper ? -1 : 1;
	return sysck_slice_compare(a->path, b->path);
}

int tcbck_mounts_read(const struct tcbck_root *root, const struct tcbck_mounts_options *options, struct tcbck_mounts *ret,
		      struct sysck_err *err)
{
	struct reading reading = { .options = options, .mounts = { .arena = SYSCK_ARENA_INIT } };
	struct sysck_buf mounts = SYSCK_BUF_INIT, types = SYSCK_BUF_INIT;
	int r = read_file("/proc/self/mountinfo", &mounts, err);

	reading.mounts.only_root = r == -ENOENT;
	if (r == 0)
		r = read_file("/proc/filesystems", &types, err);
	if (r == 0 || reading.mounts.only_root)
		r = find_base(root, !reading.mounts.only_root, &reading.base, err);
	reading.types = sysck_buf_slice(&types);
	if (r == 0) {
		r = add_root(&reading, sysck_buf_slice(&mounts));
		if (r < 0)
			sysck_err_set(err, r, "out of memory");
	}
	if (r == 0)
		r = add_others(&reading, sysck_buf_slice(&mounts), err);
	sysck_buf_done(&mounts);
	sysck_buf_done(&types);
	if (r < 0) {
		tcbck_mounts_done(&reading.mounts);
		return r;
	}
	qsort(reading.mounts.items + 1, reading.mounts.count - 1, sizeof(*reading.mounts.items), compare);
	*ret = reading.mounts;
	return 0;
}

void tcbck_mounts_done(struct tcbck_mounts *mounts)
{
	free(mounts->items);
	sysck_arena_done(&mounts->arena);
	*mounts = (struct tcbck_mounts){ .arena = SYSCK_ARENA_INIT };
}

const struct tcbck_mount *tcbck_mounts_find(const struct tcbck_mounts *mounts, uint64_t number)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->items[i].number == number)
			return &mounts->items[i];
	return NULL;
}

/*
 * True if directories of the one may be met again in the other, and what is covered in the one can be found in the other. Where
 * that can't be found, both are walked as if they had nothing in common.
 */
static bool is_walked_with(const struct tcbck_mount *a, const struct tcbck_mount *b)
{
	return a != b && a->left_out == NULL && b->left_out == NULL && a->device == b->device && a->inside.len > 0 &&
	       b->inside.len > 0;
}

static bool is_shared(const struct tcbck_mounts *mounts, const struct tcbck_mount *mount)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (is_walked_with(&mounts->items[i], mount))
			return true;
	return false;
}

/* `path` with `from` at its front replaced by `to`. */
static int move_path(struct sysck_arena *arena, struct sysck_slice path, struct sysck_slice from, struct sysck_slice to,
		     struct sysck_slice *ret)
{
	size_t skip = from.len == 1 ? 0 : from.len;
	struct sysck_buf moved = SYSCK_BUF_INIT;
	int r;

	if (to.len > 1)
		sysck_buf_add_slice(&moved, to);
	if (path.len > skip)
		sysck_buf_add_slice(&moved, (struct sysck_slice){ path.data + skip, path.len - skip });
	if (moved.len > 1 && moved.data[moved.len - 1] == '/')
		moved.len--;
	if (moved.len == 0)
		sysck_buf_add_char(&moved, '/');
	r = sysck_buf_error(&moved) < 0 ? -ENOMEM : sysck_arena_copy(arena, sysck_buf_slice(&moved), ret);
	sysck_buf_done(&moved);
	return r;
}

struct tops {
	struct tcbck_top *items;
	size_t count, room;
};

static int add_top(struct tops *tops, const struct tcbck_top *top)
{
	if (tops->count == tops->room) {
		size_t room = tops->room == 0 ? 32 : tops->room * 2;
		struct tcbck_top *more = reallocarray(tops->items, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		tops->items = more;
		tops->room = room;
	}
	tops->items[tops->count++] = *top;
	return 0;
}

/* What mount number `cover` hides of the file system of `below`, where it is mounted, and other mounts show. */
static int add_covered(struct tcbck_mounts *mounts, const struct tcbck_mount *below, size_t cover, struct tops *tops)
{
	struct sysck_slice inside;
	int r = move_path(&mounts->arena, mounts->items[cover].path, below->path, below->inside, &inside);

	for (size_t i = 0; r == 0 && i < mounts->count; i++) {
		const struct tcbck_mount *shows = &mounts->items[i];
		struct tcbck_top top = { .mount = i, .is_covered_part = true, .is_shared = true };

		if (!is_walked_with(below, shows) || !tcbck_path_is_below(inside, shows->inside) ||
		    inside.len == shows->inside.len)
			continue;
		r = move_path(&mounts->arena, inside, shows->inside, shows->path, &top.path);
		if (r == 0)
			r = add_top(tops, &top);
	}
	return r;
}

int tcbck_mounts_tops(struct tcbck_mounts *mounts, struct tcbck_top **ret, size_t *ret_count)
{
	struct tops tops = { NULL, 0, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < mounts->count; i++) {
		const struct tcbck_mount *mount = &mounts->items[i];
		const struct tcbck_top top = { i, mount->path, false, is_shared(mounts, mount) };

		if (mount->left_out == NULL)
			r = add_top(&tops, &top);
	}
	for (size_t i = 0; r == 0 && i < mounts->count; i++) {
		const struct tcbck_mount *below = tcbck_mounts_find(mounts, mounts->items[i].parent);

		if (below != NULL && below != &mounts->items[i])
			r = add_covered(mounts, below, i, &tops);
	}
	if (r < 0) {
		free(tops.items);
		return r;
	}
	*ret = tops.items;
	*ret_count = tops.count;
	return 0;
}

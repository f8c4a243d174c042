/*
 * links.c - what stands under the names of `links` and `symlinks`.
 *
 * Knows names and where they lead; gives a state for each. Must never take two spellings of one name for two links.
 */
#include "observe/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One object whose names are looked at. */
struct look {
	struct tcbck_opener *opener;
	const struct tcbck_links_object *object;
	struct sysck_arena *arena;
	bool out_of_memory;
};

static struct sysck_slice keep(struct look *look, struct sysck_slice text)
{
	struct sysck_slice copy = { "", 0 };

	if (sysck_arena_copy(look->arena, text, &copy) < 0)
		look->out_of_memory = true;
	return copy;
}

static bool same_object(const struct look *look, const struct stat *st)
{
	return st->st_dev == look->object->device && st->st_ino == look->object->inode;
}

/* What a failure to find a name means for a link. */
static void link_trouble(struct look *look, struct tcbck_link *link, int error, const char *why)
{
	link->state = error == -ENOENT || error == -ENOTDIR ? TCBCK_LINK_ABSENT
		      : error == -ELOOP                     ? TCBCK_LINK_UNSAFE
							    : TCBCK_LINK_UNKNOWN;
	if (link->state != TCBCK_LINK_ABSENT)
		link->detail = keep(look, sysck_slice_of(why));
}

static void look_at_link(struct look *look, struct sysck_slice path, struct tcbck_link *link)
{
	struct tcbck_place place;
	struct sysck_err err;
	struct stat st;
	int r = tcbck_path_find(look->opener, path, &place, &err);

	if (r == 0 && fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = sysck_err_errno(&err, -errno, "cannot be examined");
	if (r < 0)
		link_trouble(look, link, r, err.text);
	else
		link->state = same_object(look, &st) ? TCBCK_LINK_GOOD : TCBCK_LINK_OTHER;
}

/* Where a symlink of another object leads, for the finding. */
static void read_wrong_symlink(struct look *look, struct sysck_slice path, struct tcbck_link *link)
{
	struct tcbck_place place;
	char target[4096];
	ssize_t len;

	link->state = TCBCK_LINK_OTHER;
	if (tcbck_path_find(look->opener, path, &place, NULL) < 0)
		return;
	len = readlinkat(place.directory, place.name, target, sizeof(target));
	if (len > 0)
		link->detail = keep(look, (struct sysck_slice){ target, (size_t)len });
}

static void look_at_symlink(struct look *look, struct sysck_slice path, struct tcbck_link *link)
{
	struct tcbck_place place;
	struct sysck_err err;
	struct stat st;
	int descriptor = -1, r = tcbck_path_find(look->opener, path, &place, &err);

	if (r == 0 && fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = sysck_err_errno(&err, -errno, "cannot be examined");
	if (r == 0 && !S_ISLNK(st.st_mode)) {
		link->state = TCBCK_LINK_OTHER;
		return;
	}
	if (r == 0) {
		r = tcbck_path_follow(look->opener, path, &descriptor, &err);
		if (r == -ENOENT || r == -ENOTDIR) {
			read_wrong_symlink(look, path, link);
			return;
		}
	}
	if (r == 0 && fstat(descriptor, &st) < 0)
		r = sysck_err_errno(&err, -errno, "cannot be examined");
	if (descriptor >= 0)
		close(descriptor);
	if (r < 0)
		link_trouble(look, link, r, err.text);
	else if (same_object(look, &st))
		link->state = TCBCK_LINK_GOOD;
	else
		read_wrong_symlink(look, path, link);
}

/* An entry of a directory, however its path is spelled. */
struct entry {
	dev_t device; /* of the directory */
	ino_t inode;
	struct sysck_slice name;
	struct tcbck_link *link; /* NULL: the object's own name */
};

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	order = sysck_slice_compare(a->name, b->name);
	/* The object's own name comes first, then the links in their order: the later ones repeat the first. */
	return order != 0 ? order : a->link < b->link ? -1 : a->link > b->link;
}

static bool find_entry(struct look *look, struct sysck_slice path, struct tcbck_link *link, struct entry *ret)
{
	struct tcbck_place place;
	struct stat st;

	if (tcbck_path_find(look->opener, path, &place, NULL) < 0 || fstat(place.directory, &st) < 0)
		return false;
	*ret = (struct entry){ st.st_dev, st.st_ino, keep(look, sysck_slice_of(place.name)), link };
	return true;
}

/*
 * Two paths may be one name, as /bin/x and /usr/bin/x where /bin is a symlink. Such a link is none: counted twice, it would
 * hide a name that nobody knows.
 */
static void mark_repeated(struct look *look, const struct sysck_list *list, struct tcbck_link *links)
{
	struct entry *entries = sysck_arena_alloc(look->arena, list->count + 1, sizeof(*entries));
	size_t count = 0;

	if (entries == NULL) {
		look->out_of_memory = true;
		return;
	}
	count += find_entry(look, look->object->path, NULL, &entries[count]);
	for (size_t i = 0; i < list->count; i++)
		if (links[i].state == TCBCK_LINK_GOOD)
			count += find_entry(look, list->items[i], &links[i], &entries[count]);
	qsort(entries, count, sizeof(*entries), compare_entries);
	for (size_t i = 1; i < count; i++)
		if (entries[i].device == entries[i - 1].device && entries[i].inode == entries[i - 1].inode &&
		    sysck_slice_equal(entries[i].name, entries[i - 1].name) && entries[i].link != NULL)
			entries[i].link->state = TCBCK_LINK_REPEATED;
}

int tcbck_links_look(struct tcbck_opener *opener, const struct tcbck_links_object *object, const struct sysck_list *paths,
		     bool hard, struct sysck_arena *arena, struct tcbck_link **ret)
{
	struct look look = { .opener = opener, .object = object, .arena = arena };
	struct tcbck_link *links = sysck_arena_alloc(arena, paths->count, sizeof(*links));

	if (links == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < paths->count; i++) {
		if (hard)
			look_at_link(&look, paths->items[i], &links[i]);
		else
			look_at_symlink(&look, paths->items[i], &links[i]);
	}
	if (hard && paths->count > 0)
		mark_repeated(&look, paths, links);
	if (look.out_of_memory)
		return -ENOMEM;
	*ret = links;
	return 0;
}

/*
 * known.c - where defined objects stand.
 *
 * Knows directories and names of definitions, and inodes of those that have more than one name. Must not know what is stray.
 */
#include "judge/known.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct name {
	dev_t device; /* of the directory; 0, with inode 0: the name is a whole path */
	ino_t inode;
	struct sysck_slice name; /* empty: the inode is an object's, no directory's */
};

/* What one worker notes. */
struct part {
	struct name *names;
	size_t name_count, name_room;
	struct tcbck_known_object *objects;
	size_t object_count, object_room;
	struct sysck_arena arena; /* names of links, and paths */
};

struct tcbck_known {
	struct part *parts;
	unsigned jobs;
	/* Frozen: all names and an index to them by hash; all objects, sorted by inode. */
	struct name *names;
	size_t name_count;
	size_t *slots;     /* number of a name + 1, or 0 */
	size_t slot_count; /* a power of two */
	struct tcbck_known_object *objects;
	size_t object_count;
	size_t symlinked;
};

int tcbck_known_new(unsigned jobs, struct tcbck_known **ret)
{
	struct tcbck_known *known = calloc(1, sizeof(*known));

	if (known != NULL)
		known->parts = calloc(jobs, sizeof(*known->parts));
	if (known == NULL || known->parts == NULL) {
		free(known);
		return -ENOMEM;
	}
	known->jobs = jobs;
	*ret = known;
	return 0;
}

void tcbck_known_free(struct tcbck_known *known)
{
	if (known == NULL)
		return;
	for (unsigned i = 0; i < known->jobs; i++) {
		free(known->parts[i].names);
		free(known->parts[i].objects);
		sysck_arena_done(&known->parts[i].arena);
	}
	free(known->parts);
	free(known->names);
	free(known->slots);
	free(known->objects);
	free(known);
}

/* Room for one more; NULL when memory has run out. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room == 0 ? 64 : *room * 2;
	void *more;

	if (count < *room)
		return items;
	more = reallocarray(items, wanted, size);
	if (more != NULL)
		*room = wanted;
	return more;
}

static struct sysck_slice last_component(struct sysck_slice path)
{
	size_t begin = path.len;

	while (begin > 0 && path.data[begin - 1] != '/')
		begin--;
	return begin == path.len ? SYSCK_SLICE(".") : (struct sysck_slice){ path.data + begin, path.len - begin };
}

static int add_name(struct part *part, dev_t device, ino_t inode, struct sysck_slice name)
{
	struct name *more = grow(part->names, part->name_count, &part->name_room, sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	part->names = more;
	part->names[part->name_count++] = (struct name){ device, inode, name };
	return 0;
}

/* `name` lives as long as the table. */
static int note_name(struct part *part, struct tcbck_opener *opener, struct sysck_slice path, struct sysck_slice name)
{
	struct sysck_slice resolved;
	struct tcbck_place place;
	struct sysck_err err;
	struct stat st;
	int r;

	/* Whatever can't be found now is not met by the walk, or not as what is defined. */
	if (tcbck_path_find(opener, path, &place, &err) < 0 || fstat(place.directory, &st) < 0)
		return 0;
	r = sysck_arena_copy(&part->arena, place.resolved, &resolved);
	if (r == 0)
		r = add_name(part, 0, 0, resolved);
	return r == 0 ? add_name(part, st.st_dev, st.st_ino, name) : r;
}

static int note_list(struct part *part, struct tcbck_opener *opener, const struct sysck_list *paths)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->count; i++) {
		struct sysck_slice name;

		r = sysck_arena_copy(&part->arena, last_component(paths->items[i]), &name);
		if (r == 0)
			r = note_name(part, opener, paths->items[i], name);
	}
	return r;
}

int tcbck_known_note(struct tcbck_known *known, unsigned number, struct tcbck_opener *opener, const struct sysck_def *def,
		     size_t index, const struct tcbck_observation *observation)
{
	struct part *part = &known->parts[number];
	bool has_symlinks = sysck_def_has(def, SYSCK_ATTR_SYMLINKS);
	struct tcbck_known_object *more;
	int r = note_name(part, opener, def->path, last_component(def->path));

	if (r == 0 && sysck_def_has(def, SYSCK_ATTR_LINKS))
		r = note_list(part, opener, &def->links);
	if (r == 0 && has_symlinks)
		r = note_list(part, opener, &def->symlinks);
	if (r < 0 || observation->presence != TCBCK_PRESENT || observation->is.type == SYSCK_TYPE_DIRECTORY)
		return r;
	r = add_name(part, observation->device, observation->inode, SYSCK_SLICE(""));
	if (r < 0 || (observation->link_count < 2 && !has_symlinks))
		return r;
	more = grow(part->objects, part->object_count, &part->object_room, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	part->objects = more;
	part->objects[part->object_count++] =
		(struct tcbck_known_object){ observation->device, observation->inode, index, has_symlinks, index };
	return 0;
}

static size_t hash(const struct name *name)
{
	uint64_t hash = (uint64_t)name->device * 0x9e3779b97f4a7c15u ^ (uint64_t)name->inode;

	for (size_t i = 0; i < name->name.len; i++)
		hash = (hash ^ (unsigned char)name->name.data[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	hash *= 0xff51afd7ed558ccdu;
	return (size_t)(hash ^ hash >> 29);
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->device == b->device && a->inode == b->inode && sysck_slice_equal(a->name, b->name);
}

/* The slot of a name: where it is, or the empty one where it would be. */
static size_t find_slot(const struct tcbck_known *known, const struct name *name)
{
	size_t slot = hash(name) & (known->slot_count - 1);

	while (known->slots[slot] != 0 && !same_name(&known->names[known->slots[slot] - 1], name))
		slot = (slot + 1) & (known->slot_count - 1);
	return slot;
}

static int compare_objects(const void *left, const void *right)
{
	const struct tcbck_known_object *a = left, *b = right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int freeze_names(struct tcbck_known *known)
{
	size_t count = 0;

	for (unsigned i = 0; i < known->jobs; i++)
		count += known->parts[i].name_count;
	known->slot_count = 16;
	while (known->slot_count < count * 2)
		known->slot_count *= 2;
	known->names = calloc(count + 1, sizeof(*known->names));
	known->slots = calloc(known->slot_count, sizeof(*known->slots));
	if (known->names == NULL || known->slots == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < known->jobs; i++) {
		struct part *part = &known->parts[i];

		for (size_t j = 0; j < part->name_count; j++) {
			size_t slot = find_slot(known, &part->names[j]);

			if (known->slots[slot] != 0)
				continue;
			known->names[known->name_count++] = part->names[j];
			known->slots[slot] = known->name_count;
		}
		free(part->names);
		part->names = NULL;
	}
	return 0;
}

/* One object for all definitions of an inode. */
static void merge_objects(struct tcbck_known *known)
{
	size_t count = 0;

	for (size_t i = 0; i < known->object_count; i++) {
		struct tcbck_known_object *object = &known->objects[i];
		struct tcbck_known_object *last = count > 0 ? &known->objects[count - 1] : NULL;

		if (last != NULL && last->device == object->device && last->inode == object->inode) {
			if (object->has_symlinks && !last->has_symlinks)
				last->symlinks_index = object->index;
			last->has_symlinks = last->has_symlinks || object->has_symlinks;
		} else {
			known->objects[count++] = *object;
		}
	}
	known->object_count = count;
	for (size_t i = 0; i < count; i++)
		known->symlinked += known->objects[i].has_symlinks;
}

int tcbck_known_freeze(struct tcbck_known *known)
{
	size_t count = 0;

	for (unsigned i = 0; i < known->jobs; i++)
		count += known->parts[i].object_count;
	known->objects = calloc(count + 1, sizeof(*known->objects));
	if (known->objects == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < known->jobs; i++)
		for (size_t j = 0; j < known->parts[i].object_count; j++)
			known->objects[known->object_count++] = known->parts[i].objects[j];
	qsort(known->objects, known->object_count, sizeof(*known->objects), compare_objects);
	merge_objects(known);
	return freeze_names(known);
}

bool tcbck_known_has_name(const struct tcbck_known *known, dev_t device, ino_t inode, const char *name)
{
	const struct name wanted = { device, inode, sysck_slice_of(name) };

	return known->slots[find_slot(known, &wanted)] != 0;
}

bool tcbck_known_has_path(const struct tcbck_known *known, struct sysck_slice path)
{
	const struct name wanted = { 0, 0, path };

	return known->slots[find_slot(known, &wanted)] != 0;
}

bool tcbck_known_is_object(const struct tcbck_known *known, dev_t device, ino_t inode)
{
	return tcbck_known_has_name(known, device, inode, "");
}

const struct tcbck_known_object *tcbck_known_find(const struct tcbck_known *known, dev_t device, ino_t inode)
{
	size_t low = 0, high = known->object_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct tcbck_known_object *object = &known->objects[middle];

		if (object->device == device && object->inode == inode)
			return object;
		if (object->device < device || (object->device == device && object->inode < inode))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

size_t tcbck_known_count(const struct tcbck_known *known)
{
	return known->object_count;
}

size_t tcbck_known_symlinked(const struct tcbck_known *known)
{
	return known->symlinked;
}

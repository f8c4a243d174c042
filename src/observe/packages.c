/*
 * packages.c - what a package manager knows of an installation, as one frozen table.
 *
 * Knows packages and files in memory; gives them by path and by name. Must never look at the system.
 */
#include "observe/packages.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Files that get their memory at once. */
#define CHUNK 256u

struct tcbck_packages {
	struct sysck_arena arena;
	struct tcbck_package *packages;
	size_t *by_name; /* indices of packages; sorted when frozen */
	size_t package_count, package_room;
	struct tcbck_packaged **files; /* in the order of adding; sorted when frozen */
	size_t file_count, file_room;
	struct tcbck_packaged *chunk; /* where the next files go */
	size_t chunk_left;
	bool frozen, partial;
};

int tcbck_packages_new(struct tcbck_packages **ret)
{
	struct tcbck_packages *packages = calloc(1, sizeof(*packages));

	if (packages == NULL)
		return -ENOMEM;
	packages->arena = SYSCK_ARENA_INIT;
	*ret = packages;
	return 0;
}

void tcbck_packages_free(struct tcbck_packages *packages)
{
	if (packages == NULL)
		return;
	sysck_arena_done(&packages->arena);
	free(packages->packages);
	free(packages->by_name);
	free(packages->files);
	free(packages);
}

static int grow_packages(struct tcbck_packages *packages)
{
	size_t room = packages->package_room == 0 ? 64 : packages->package_room * 2;
	struct tcbck_package *grown;
	size_t *names;

	grown = reallocarray(packages->packages, room, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	packages->packages = grown;
	names = reallocarray(packages->by_name, room, sizeof(*names));
	if (names == NULL)
		return -ENOMEM;
	packages->by_name = names;
	packages->package_room = room;
	return 0;
}

int tcbck_packages_add(struct tcbck_packages *packages, const struct tcbck_package *package, size_t *ret_index)
{
	struct tcbck_package copy = *package;
	size_t index = packages->package_count;

	assert(!packages->frozen);
	if (index >= TCBCK_PACKAGES_MAX)
		return -EFBIG;
	if ((index == packages->package_room && grow_packages(packages) < 0) ||
	    tcbck_packages_copy(packages, package->name, &copy.name) < 0 ||
	    tcbck_packages_copy(packages, package->version, &copy.version) < 0 ||
	    tcbck_packages_copy(packages, package->architecture, &copy.architecture) < 0)
		return -ENOMEM;
	packages->packages[index] = copy;
	packages->by_name[index] = index;
	packages->package_count++;
	*ret_index = index;
	return 0;
}

static int grow_files(struct tcbck_packages *packages)
{
	size_t room = packages->file_room == 0 ? 1024 : packages->file_room * 2;
	struct tcbck_packaged **grown = reallocarray(packages->files, room, sizeof(struct tcbck_packaged *));

	if (grown == NULL)
		return -ENOMEM;
	packages->files = grown;
	packages->file_room = room;
	return 0;
}

static int grow_chunk(struct tcbck_packages *packages)
{
	struct tcbck_packaged *chunk = sysck_arena_alloc(&packages->arena, CHUNK, sizeof(*chunk));

	if (chunk == NULL)
		return -ENOMEM;
	packages->chunk = chunk;
	packages->chunk_left = CHUNK;
	return 0;
}

int tcbck_packages_add_file(struct tcbck_packages *packages, const struct tcbck_packaged *file)
{
	struct tcbck_packaged copy = *file;

	assert(!packages->frozen && file->package < packages->package_count);
	if (packages->file_count >= TCBCK_PACKAGES_FILES_MAX)
		return -EFBIG;
	if ((packages->file_count == packages->file_room && grow_files(packages) < 0) ||
	    (packages->chunk_left == 0 && grow_chunk(packages) < 0) ||
	    tcbck_packages_copy(packages, file->path, &copy.path) < 0)
		return -ENOMEM;
	if (file->listed.len == 0 || sysck_slice_equal(file->listed, file->path))
		copy.listed = copy.path;
	else if (tcbck_packages_copy(packages, file->listed, &copy.listed) < 0)
		return -ENOMEM;
	if (tcbck_packages_copy(packages, file->target, &copy.target) < 0)
		return -ENOMEM;
	*packages->chunk = copy;
	packages->files[packages->file_count++] = packages->chunk++;
	packages->chunk_left--;
	return 0;
}

size_t tcbck_packages_added(const struct tcbck_packages *packages)
{
	return packages->file_count;
}

struct tcbck_packaged *tcbck_packages_file(struct tcbck_packages *packages, size_t index)
{
	assert(!packages->frozen && index < packages->file_count);
	return packages->files[index];
}

int tcbck_packages_copy(struct tcbck_packages *packages, struct sysck_slice text, struct sysck_slice *ret)
{
	if (text.len > 0)
		return sysck_arena_copy(&packages->arena, text, ret);
	*ret = (struct sysck_slice){ "", 0 };
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct tcbck_packaged *const *left = a, *const *right = b;
	int order = sysck_slice_compare((*left)->path, (*right)->path);

	if (order != 0)
		return order;
	return ((*left)->package > (*right)->package) - ((*left)->package < (*right)->package);
}

static int compare_names(const void *a, const void *b, void *context)
{
	const struct tcbck_packages *packages = context;
	const size_t *left = a, *right = b;
	int order = sysck_slice_compare(packages->packages[*left].name, packages->packages[*right].name);

	return order != 0 ? order : (*left > *right) - (*left < *right);
}

/* The index of the first file whose path is not before `path`, with a "/" behind it if `below`. */
static size_t first_not_before(const struct tcbck_packages *packages, struct sysck_slice path, bool below)
{
	size_t low = 0, high = packages->file_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct sysck_slice at = packages->files[middle]->path;
		bool before;

		if (below && at.len >= path.len && memcmp(at.data, path.data, path.len) == 0)
			before = at.len == path.len || (unsigned char)at.data[path.len] < '/';
		else
			before = sysck_slice_compare(at, path) < 0;
		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool tcbck_packages_has_below(const struct tcbck_packages *packages, struct sysck_slice path)
{
	size_t index = first_not_before(packages, path, true);
	struct sysck_slice at;

	if (index == packages->file_count)
		return false;
	at = packages->files[index]->path;
	return at.len > path.len && memcmp(at.data, path.data, path.len) == 0 && at.data[path.len] == '/';
}

/* Takes those with an empty path out of the array; what is left keeps its order. */
static void drop_empty(struct tcbck_packages *packages)
{
	size_t kept = 0;

	for (size_t i = 0; i < packages->file_count; i++)
		if (packages->files[i]->path.len > 0)
			packages->files[kept++] = packages->files[i];
	packages->file_count = kept;
}

static void drop_directories(struct tcbck_packages *packages)
{
	/* All are looked up before the first one goes: until then the array is sorted. */
	for (size_t i = 0; i < packages->file_count; i++) {
		struct tcbck_packaged *file = packages->files[i];

		if ((file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) == 0 && tcbck_packages_has_below(packages, file->path))
			file->type = SYSCK_TYPE_DIRECTORY;
	}
	for (size_t i = 0; i < packages->file_count; i++)
		if (packages->files[i]->type == SYSCK_TYPE_DIRECTORY)
			packages->files[i]->path.len = 0;
	drop_empty(packages);
}

void tcbck_packages_freeze(struct tcbck_packages *packages)
{
	assert(!packages->frozen);
	drop_empty(packages);
	if (packages->file_count > 0)
		qsort(packages->files, packages->file_count, sizeof(struct tcbck_packaged *), compare_files);
	if (packages->package_count > 0)
		qsort_r(packages->by_name, packages->package_count, sizeof(*packages->by_name), compare_names, packages);
	drop_directories(packages);
	packages->frozen = true;
}

void tcbck_packages_set_partial(struct tcbck_packages *packages)
{
	packages->partial = true;
}

bool tcbck_packages_is_partial(const struct tcbck_packages *packages)
{
	return packages->partial;
}

size_t tcbck_packages_count(const struct tcbck_packages *packages)
{
	return packages->package_count;
}

const struct tcbck_package *tcbck_packages_get(const struct tcbck_packages *packages, size_t index)
{
	assert(index < packages->package_count);
	return &packages->packages[index];
}

int tcbck_packages_named(const struct tcbck_packages *packages, struct sysck_slice name, size_t *ret_index)
{
	size_t low = 0, high = packages->package_count;

	assert(packages->frozen);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sysck_slice_compare(packages->packages[packages->by_name[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == packages->package_count || !sysck_slice_equal(packages->packages[packages->by_name[low]].name, name))
		return -ENOENT;
	*ret_index = packages->by_name[low];
	return 0;
}

size_t tcbck_packages_file_count(const struct tcbck_packages *packages)
{
	return packages->file_count;
}

const struct tcbck_packaged *tcbck_packages_at(const struct tcbck_packages *packages, size_t index)
{
	assert(packages->frozen && index < packages->file_count);
	return packages->files[index];
}

size_t tcbck_packages_find(const struct tcbck_packages *packages, struct sysck_slice path, size_t *ret_first)
{
	size_t first, behind;

	assert(packages->frozen);
	first = first_not_before(packages, path, false);
	for (behind = first; behind < packages->file_count; behind++)
		if (!sysck_slice_equal(packages->files[behind]->path, path))
			break;
	if (behind > first)
		*ret_first = first;
	return behind - first;
}

const struct sysck_digest *tcbck_packages_digest(const struct tcbck_packaged *file)
{
	if (file->has_proof)
		return &file->proof;
	return (file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE)) != 0 ? &file->hash_value : NULL;
}

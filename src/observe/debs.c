/*
 * debs.c - the archives of installed Debian packages.
 *
 * Knows where each file of a package stands in the table, by the path that the package itself gives it. An archive is read
 * whole before anything of it is taken: one that contradicts dpkg is no authority. Must never believe an archive that
 * others than root could have put there.
 */
#include "observe/debs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/crew.h"
#include "observe/deb.h"
#include "observe/dpkgfile.h"

/* Hard links to hard links that are followed. */
#define LINKS_MAX 40u

#define SUFFIX ".deb"

/* What is kept of a member of the archive that is being read. */
struct member {
	struct sysck_slice path, target, link;
	enum sysck_type type;
	uint32_t owner, group, mode;
	struct sysck_device device;
	uint64_t size;
	struct sysck_digest hash_value, proof;
	size_t number;
};

struct tcbck_debs {
	const struct tcbck_debs_options *options;
	struct tcbck_packages *packages;
	size_t *wanted; /* packages whose archives were not found yet, by name, version and architecture */
	size_t wanted_count;
	struct tcbck_packaged **files; /* of these packages, by package and path */
	size_t file_count;
	size_t used;
	/* Of the archive that is being read: */
	size_t package; /* SIZE_MAX: not known yet */
	struct sysck_arena arena;
	struct tcbck_dpkg_list members; /* of struct member */
};

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

/* --- packages and their files ---------------------------------------------------------------------------------------- */

static int compare_identities(const struct tcbck_package *a, const struct tcbck_deb_control *b)
{
	int order = sysck_slice_compare(a->name, b->package);

	if (order == 0)
		order = sysck_slice_compare(a->version, b->version);
	return order != 0 ? order : sysck_slice_compare(a->architecture, b->architecture);
}

static int compare_wanted(const void *a, const void *b, void *context)
{
	const struct tcbck_packages *packages = context;
	const size_t *left = a, *right = b;
	const struct tcbck_package *other = tcbck_packages_get(packages, *right);
	const struct tcbck_deb_control key = { other->name, other->version, other->architecture };

	return compare_identities(tcbck_packages_get(packages, *left), &key);
}

static int compare_files(const void *a, const void *b)
{
	const struct tcbck_packaged *const *left = a, *const *right = b;

	if ((*left)->package != (*right)->package)
		return (*left)->package < (*right)->package ? -1 : 1;
	return sysck_slice_compare((*left)->listed, (*right)->listed);
}

/* The package that is wanted and is this one; SIZE_MAX: none. */
static size_t find_wanted(const struct tcbck_debs *debs, const struct tcbck_deb_control *control)
{
	size_t low = 0, high = debs->wanted_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_identities(tcbck_packages_get(debs->packages, debs->wanted[middle]), control);

		if (order == 0)
			return debs->wanted[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

static void forget_wanted(struct tcbck_debs *debs, size_t package)
{
	size_t kept = 0;

	for (size_t i = 0; i < debs->wanted_count; i++)
		if (debs->wanted[i] != package)
			debs->wanted[kept++] = debs->wanted[i];
	debs->wanted_count = kept;
}

static bool is_wanted(const struct tcbck_debs *debs, const struct tcbck_packaged *file)
{
	return file->path.len > 0 && debs->options->wanted[file->package];
}

static int list_wanted(struct tcbck_debs *debs)
{
	size_t packages = tcbck_packages_count(debs->packages), files = tcbck_packages_added(debs->packages);

	debs->wanted = calloc(packages + 1, sizeof(*debs->wanted));
	debs->files = calloc(files + 1, sizeof(*debs->files));
	if (debs->wanted == NULL || debs->files == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < packages; i++)
		if (debs->options->wanted[i])
			debs->wanted[debs->wanted_count++] = i;
	for (size_t i = 0; i < files; i++) {
		struct tcbck_packaged *file = tcbck_packages_file(debs->packages, i);

		if (is_wanted(debs, file))
			debs->files[debs->file_count++] = file;
	}
	qsort_r(debs->wanted, debs->wanted_count, sizeof(*debs->wanted), compare_wanted, debs->packages);
	qsort(debs->files, debs->file_count, sizeof(*debs->files), compare_files);
	return 0;
}

int tcbck_debs_new(const struct tcbck_debs_options *options, struct tcbck_packages *packages, struct tcbck_debs **ret)
{
	struct tcbck_debs *debs = calloc(1, sizeof(*debs));

	if (debs == NULL)
		return -ENOMEM;
	debs->options = options;
	debs->packages = packages;
	debs->arena = SYSCK_ARENA_INIT;
	if (list_wanted(debs) < 0) {
		tcbck_debs_free(debs);
		return -ENOMEM;
	}
	*ret = debs;
	return 0;
}

void tcbck_debs_free(struct tcbck_debs *debs)
{
	if (debs == NULL)
		return;
	free(debs->wanted);
	free(debs->files);
	free(debs->members.items);
	sysck_arena_done(&debs->arena);
	free(debs);
}

size_t tcbck_debs_used(const struct tcbck_debs *debs)
{
	return debs->used;
}

/* --- one archive ----------------------------------------------------------------------------------------------------- */

static int see_control(void *context, const struct tcbck_deb_control *control)
{
	struct tcbck_debs *debs = context;

	debs->package = find_wanted(debs, control);
	return debs->package == SIZE_MAX ? 1 : 0;
}

/* A name counts before a number, as for dpkg. */
static int find_id(struct sysck_names *names, struct sysck_slice name, uint32_t number,
		   int (*look_up)(struct sysck_names *names, struct sysck_slice name, uint32_t *ret), uint32_t *ret)
{
	int r = name.len == 0 ? -ENOENT : look_up(names, name, ret);

	if (r == -ENOENT) {
		*ret = number;
		r = 0;
	}
	return r;
}

static int see_member(void *context, const struct tcbck_deb_member *member)
{
	struct tcbck_debs *debs = context;
	struct sysck_names *names = debs->options->names;
	struct member copy = {
		.type = member->type,
		.mode = member->mode & 07777,
		.device = member->device,
		.size = member->size,
		.hash_value = member->hash_value,
		.proof = member->proof,
		.number = debs->members.count,
	};
	struct member *kept;
	int r = find_id(names, member->user, member->user_id, sysck_names_user_id, &copy.owner);

	if (r == 0)
		r = find_id(names, member->group, member->group_id, sysck_names_group_id, &copy.group);
	if (r < 0)
		return r;
	kept = tcbck_dpkgfile_list_add(&debs->members, sizeof(*kept));
	if (kept == NULL || sysck_arena_copy(&debs->arena, member->path, &copy.path) < 0 ||
	    sysck_arena_copy(&debs->arena, member->target, &copy.target) < 0 ||
	    sysck_arena_copy(&debs->arena, member->link, &copy.link) < 0)
		return -ENOMEM;
	*kept = copy;
	return 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	int order = sysck_slice_compare(left->path, right->path);

	return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

/* Of several members of one path the last is what dpkg leaves. */
static const struct member *find_member(const struct tcbck_debs *debs, struct sysck_slice path)
{
	const struct member *members = debs->members.items;
	size_t low = 0, high = debs->members.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sysck_slice_compare(members[middle].path, path) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && sysck_slice_equal(members[low - 1].path, path) ? &members[low - 1] : NULL;
}

/* The member that has the content and the attributes of the file; NULL: the archive does not have it. */
static const struct member *resolve_member(const struct tcbck_debs *debs, struct sysck_slice path)
{
	const struct member *member = find_member(debs, path);

	for (unsigned i = 0; member != NULL && member->link.len > 0; i++)
		member = i < LINKS_MAX ? find_member(debs, member->link) : NULL;
	return member;
}

static bool knows(const struct tcbck_packaged *file, enum sysck_attr attribute)
{
	return (file->known & SYSCK_ATTR_BIT(attribute)) != 0;
}

/* Does dpkg know the same content? */
static bool agrees(const struct tcbck_packaged *file, const struct member *member)
{
	return member->type == SYSCK_TYPE_FILE && sysck_digest_equal(&file->hash_value, &member->proof);
}

/* The files of the package in debs->files. */
static struct tcbck_packaged **first_file(const struct tcbck_debs *debs, size_t *ret_count)
{
	size_t low = 0, high = debs->file_count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (debs->files[middle]->package < debs->package)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < debs->file_count; end++)
		if (debs->files[end]->package != debs->package)
			break;
	*ret_count = end - low;
	return debs->files + low;
}

static void take_content(struct tcbck_packaged *file, const struct member *member)
{
	if (knows(file, SYSCK_ATTR_HASH_VALUE)) {
		file->proof = file->hash_value;
		file->has_proof = true;
	}
	file->hash_value = member->hash_value;
	file->size = member->size;
	file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE) | SYSCK_ATTR_BIT(SYSCK_ATTR_SIZE);
}

/* Takes owner, group and mode, unless an override has a say in them. A symlink has no mode of its own. */
static void take_rights(struct tcbck_packaged *file, const struct member *member)
{
	if (knows(file, SYSCK_ATTR_OWNER) || knows(file, SYSCK_ATTR_GROUP) || knows(file, SYSCK_ATTR_MODE))
		return;
	file->owner = member->owner;
	file->group = member->group;
	file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER) | SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP);
	if (member->type == SYSCK_TYPE_SYMLINK)
		return;
	file->mode = member->mode;
	file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_MODE);
}

static int take_member(struct tcbck_debs *debs, struct tcbck_packaged *file, const struct member *member)
{
	if (member->type == SYSCK_TYPE_DIRECTORY) {
		file->path.len = 0;
		return 0;
	}
	take_rights(file, member);
	/* What dpkg knows of a configuration file may be of another version than the one that is in the archive. */
	if (member->type == SYSCK_TYPE_FILE &&
	    (!file->configuration || (knows(file, SYSCK_ATTR_HASH_VALUE) && agrees(file, member))))
		take_content(file, member);
	file->type = member->type;
	file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE);
	if (member->type == SYSCK_TYPE_BLK_DEV || member->type == SYSCK_TYPE_CHAR_DEV) {
		file->device = member->device;
		file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_DEVICE);
	}
	if (member->type == SYSCK_TYPE_SYMLINK) {
		file->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_TARGET);
		return tcbck_packages_copy(debs->packages, member->target, &file->target);
	}
	return 0;
}

/* What the archive says of the package's files, if it does not contradict dpkg: then nothing of it is taken. */
static int take_members(struct tcbck_debs *debs, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	const struct member *member;
	struct tcbck_packaged **files;
	size_t count;

	if (debs->members.count == 0)
		return 0;
	qsort(debs->members.items, debs->members.count, sizeof(struct member), compare_members);
	files = first_file(debs, &count);
	for (size_t i = 0; i < count; i++) {
		member = resolve_member(debs, files[i]->listed);
		if (member != NULL && knows(files[i], SYSCK_ATTR_HASH_VALUE) && !files[i]->configuration &&
		    !agrees(files[i], member))
			return sysck_err_set(err, -EBADMSG, "not used: it has another %s than dpkg knows",
					     sysck_quote(files[i]->listed, quoted, sizeof(quoted)));
	}
	for (size_t i = 0; i < count; i++) {
		member = resolve_member(debs, files[i]->listed);
		if (member != NULL && take_member(debs, files[i], member) < 0)
			return out_of_memory(err);
	}
	debs->used++;
	return 0;
}

static int read_archive(struct tcbck_debs *debs, const struct tcbck_dpkg_place *place, const char *name, struct sysck_err *err)
{
	const struct tcbck_deb_visitor visitor = { see_control, see_member, debs };
	struct stat st;
	int descriptor, r;

	debs->package = SIZE_MAX;
	debs->members.count = 0;
	sysck_arena_reset(&debs->arena);
	descriptor = tcbck_dpkgfile_open_file(place, name, TCBCK_DEBS_SIZE_MAX, &st, err);
	if (descriptor < 0)
		return descriptor;
	r = tcbck_deb_read(descriptor, debs->options->algorithm, &visitor, debs->options->stop, err);
	close(descriptor);
	if (r != 0)
		return r < 0 ? r : 0;
	r = take_members(debs, err);
	if (r == 0)
		forget_wanted(debs, debs->package);
	return r;
}

/* --- a directory of them --------------------------------------------------------------------------------------------- */

static bool is_archive(const char *name)
{
	size_t len = strlen(name);

	return len > sizeof(SUFFIX) - 1 && strcmp(name + len - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

/* True if it is named as apt names the archive of a package that is wanted: NAME_VERSION_ARCHITECTURE.deb, ":" as "%3a". */
static bool names_wanted(const struct tcbck_debs *debs, const char *name)
{
	const char *end = name + strlen(name) - (sizeof(SUFFIX) - 1), *first = strchr(name, '_');
	const char *last = memrchr(name, '_', (size_t)(end - name));
	char version[TCBCK_DPKGTEXT_WORD_MAX];
	struct tcbck_deb_control control;
	size_t len = 0;

	if (first == NULL || last == NULL || first == last)
		return false;
	for (const char *p = first + 1; p < last; p++) {
		if (len == sizeof(version))
			return false;
		if (last - p >= 3 && strncasecmp(p, "%3a", 3) == 0) {
			version[len++] = ':';
			p += 2;
		} else {
			version[len++] = *p;
		}
	}
	control.package = (struct sysck_slice){ name, (size_t)(first - name) };
	control.version = (struct sysck_slice){ version, len };
	control.architecture = (struct sysck_slice){ last + 1, (size_t)(end - last - 1) };
	return find_wanted(debs, &control) != SIZE_MAX;
}

/* Errors that are not of one archive alone. */
static bool ends_all(int r)
{
	return r == -ENOMEM || r == -ECANCELED || r == -ENOTSUP;
}

static void report(const struct tcbck_debs *debs, const struct tcbck_dpkg_place *place, const char *name, struct sysck_err *err)
{
	struct sysck_buf path = SYSCK_BUF_INIT;

	sysck_buf_add_text(&path, place->path);
	sysck_buf_add_char(&path, '/');
	sysck_buf_add_text(&path, name);
	sysck_err_place(err, sysck_buf_slice(&path), 0, 0);
	sysck_buf_done(&path);
	sysck_err_report(debs->options->errors, err);
}

static int read_archives(struct tcbck_debs *debs, const struct tcbck_dpkg_place *place, bool named,
			 const struct tcbck_dpkg_list *names, struct sysck_err *err)
{
	const char *const *all = names->items;

	for (size_t i = 0; i < names->count && debs->wanted_count > 0; i++) {
		int r;

		if (tcbck_crew_is_stopped(debs->options->stop))
			return sysck_err_set(err, -ECANCELED, "stopped");
		if (named && !names_wanted(debs, all[i]))
			continue;
		r = read_archive(debs, place, all[i], err);
		if (ends_all(r))
			return r;
		if (r < 0)
			report(debs, place, all[i], err);
	}
	return 0;
}

int tcbck_debs_read(struct tcbck_debs *debs, struct tcbck_opener *opener, const char *path, bool named, struct sysck_err *err)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct tcbck_dpkg_list names = { .items = NULL };
	struct tcbck_dpkg_place place;
	int r;

	if (debs->wanted_count == 0)
		return 0;
	r = tcbck_dpkgfile_open(opener, path, &place, err);
	if (r < 0)
		return r;
	r = tcbck_dpkgfile_names(&place, is_archive, &arena, &names, err);
	if (r == 0)
		r = read_archives(debs, &place, named, &names, err);
	tcbck_dpkgfile_close(&place);
	free(names.items);
	sysck_arena_done(&arena);
	return r;
}

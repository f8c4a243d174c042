/*
 * model.c - what an audit must find, by plain lstat(2) and comparison.
 *
 * Knows the manual, and none of the program's own code but the names of attributes and kinds.
 */
#include "model.h"

#include <acl/libacl.h>
#include <dirent.h>
#include <linux/capability.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "must.h"

#define HAS(def, attribute) (((def)->present & SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)) != 0)

/* A path below the root as one of the host. Only for paths with no symlink on the way. */
static const char *host(const struct model *model, const char *path, char *out)
{
	(void)snprintf(out, MODEL_PATH_MAX, "%s%s", model->root, strcmp(path, "/") == 0 ? "" : path);
	return out;
}

static bool look(const struct model *model, const char *path, struct stat *ret)
{
	char file[MODEL_PATH_MAX];

	return lstat(host(model, path, file), ret) == 0;
}

/* --- paths --- */

enum way { FOUND, MISSING, UNSAFE };

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Root alone decides what is in the directory, and in all above it; a sticky one above protects what is root's. */
static bool is_controlled(const struct model *model, const char *directory)
{
	char path[MODEL_PATH_MAX];
	struct stat st;

	for (size_t len = strlen(directory); len > 0; len--) {
		bool last = directory[len] == '\0';

		if (!last && directory[len] != '/')
			continue;
		(void)snprintf(path, sizeof(path), "%.*s", (int)len, directory);
		if (!look(model, path, &st) || !is_trusted(st.st_uid) ||
		    ((st.st_mode & 022) != 0 && (last || (st.st_mode & 01000) == 0)))
			return false;
	}
	return look(model, "/", &st) && is_trusted(st.st_uid) && (st.st_mode & 022) == 0;
}

/*
 * Where a path stands, without symlinks: `out`. The last component is followed only if `last`; symlinks of anybody are
 * followed if `any`. FOUND says nothing of whether the last component is there, unless it was followed.
 */
static enum way resolve(const struct model *model, const char *path, bool last, bool any, char *out)
{
	char rest[MODEL_PATH_MAX], next[MODEL_PATH_MAX], target[MODEL_PATH_MAX];
	unsigned links = 0;
	struct stat st;

	(void)snprintf(rest, sizeof(rest), "%s", path);
	out[0] = '\0';
	for (;;) {
		size_t skip = strspn(rest, "/"), len = strcspn(rest + skip, "/"), before = strlen(out);
		const char *behind = rest + skip + len;
		bool final = behind[strspn(behind, "/")] == '\0';
		ssize_t size;

		if (len == 0)
			break;
		(void)snprintf(next, sizeof(next), "%.*s", (int)len, rest + skip);
		memmove(rest, behind, strlen(behind) + 1);
		if (strcmp(next, ".") == 0)
			continue;
		if (strcmp(next, "..") == 0) {
			char *slash = strrchr(out, '/');

			if (slash != NULL)
				*slash = '\0';
			continue;
		}
		(void)snprintf(out + before, MODEL_PATH_MAX - before, "/%s", next);
		if (final && !last)
			return FOUND;
		if (!look(model, out, &st))
			return MISSING;
		if (!S_ISLNK(st.st_mode)) {
			if (!final && !S_ISDIR(st.st_mode))
				return MISSING;
			continue;
		}
		size = readlink(host(model, out, next), target, sizeof(target) - 1);
		must(size > 0, "a symlink vanished");
		target[size] = '\0';
		out[before] = '\0';
		if (!any && (!is_trusted(st.st_uid) || !is_controlled(model, out)))
			return UNSAFE;
		if (++links > 40)
			return UNSAFE;
		(void)snprintf(next, sizeof(next), "%s/%s", target, rest);
		if (final)
			next[size] = '\0';
		memcpy(rest, next, sizeof(rest));
		if (target[0] == '/')
			out[0] = '\0';
	}
	if (out[0] == '\0')
		memcpy(out, "/", 2);
	return FOUND;
}

/* --- one object --- */

static void add(struct model_findings *findings, size_t index, unsigned kind, bool unverified, const char *path)
{
	struct model_finding *finding = &findings->items[findings->count];

	must(findings->count < MODEL_FINDINGS_MAX, "more findings than there is room for");
	*finding = (struct model_finding){ .index = index, .kind = kind, .unverified = unverified };
	(void)snprintf(finding->path, sizeof(finding->path), "%s", path);
	findings->count++;
}

static bool has_tcb(const char *file)
{
	char value[8];

	return lgetxattr(file, "security.tcb", value, sizeof(value)) == 1 && value[0] == '1';
}

bool model_capabilities(const char *file, uint64_t *ret_permitted, bool *ret_effective)
{
	struct vfs_ns_cap_data data = { 0 };

	if (lgetxattr(file, "security.capability", &data, sizeof(data)) < (ssize_t)sizeof(struct vfs_cap_data))
		return false;
	*ret_permitted = (uint64_t)data.data[1].permitted << 32 | data.data[0].permitted;
	*ret_effective = (data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) != 0;
	return true;
}

void model_digest(const char *file, struct model_def *ret)
{
	unsigned char bytes[4096];
	FILE *stream = fopen(file, "r");
	size_t len;

	must(stream != NULL, "a file can't be read");
	len = fread(bytes, 1, sizeof(bytes), stream);
	(void)fclose(stream);
	ret->size = len;
	ret->sum = 0;
	for (size_t i = 0; i < len; i++)
		ret->sum = ((ret->sum >> 1) + ((ret->sum & 1) << 15) + bytes[i]) & 0xffff;
	ret->blocks = (len + 1023) / 1024;
	must(EVP_Digest(bytes, len, ret->sha256, NULL, EVP_sha256(), NULL) == 1, "no SHA-256");
}

/* Entries as a text with numbers, one way only; "" for none. */
static void spell_acl(acl_t acl, char *out)
{
	char *text = acl == NULL ? NULL : acl_to_any_text(acl, NULL, ',', TEXT_NUMERIC_IDS | TEXT_ABBREVIATE);

	(void)snprintf(out, MODEL_PATH_MAX, "%s", text == NULL ? "" : text);
	if (text != NULL)
		acl_free(text);
	if (acl != NULL)
		acl_free(acl);
}

static bool same_acl_part(const char *file, acl_type_t type, const char *wanted)
{
	char is[MODEL_PATH_MAX], should[MODEL_PATH_MAX];
	acl_t acl = acl_get_file(file, type);

	must(acl != NULL, "an ACL can't be read");
	if (type == ACL_TYPE_ACCESS && wanted[0] == '\0') {
		int extended = acl_equiv_mode(acl, NULL);

		acl_free(acl);
		return extended == 0;
	}
	spell_acl(acl, is);
	spell_acl(wanted[0] == '\0' ? NULL : acl_from_text(wanted), should);
	return strcmp(is, should) == 0;
}

static bool same_acl(const char *file, const struct stat *st, const struct model_acl *acl)
{
	return same_acl_part(file, ACL_TYPE_ACCESS, acl->access) &&
	       (!S_ISDIR(st->st_mode) || same_acl_part(file, ACL_TYPE_DEFAULT, acl->by_default));
}

static enum sysck_type type_of(const struct stat *st)
{
	return S_ISREG(st->st_mode)    ? SYSCK_TYPE_FILE
	       : S_ISDIR(st->st_mode)  ? SYSCK_TYPE_DIRECTORY
	       : S_ISFIFO(st->st_mode) ? SYSCK_TYPE_FIFO
	       : S_ISLNK(st->st_mode)  ? SYSCK_TYPE_SYMLINK
	       : S_ISBLK(st->st_mode)  ? SYSCK_TYPE_BLK_DEV
	       : S_ISCHR(st->st_mode)  ? SYSCK_TYPE_CHAR_DEV
				       : SYSCK_TYPE_SOCKET;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* `links`: each is a name of the object, no two are one name; and there are no others. */
static void check_links(const struct model *model, size_t index, const struct stat *object, struct model_findings *findings)
{
	const struct model_def *def = &model->defs[index];
	char names[MODEL_LIST_MAX + 1][MODEL_PATH_MAX];
	bool wrong = object->st_nlink != def->links.count + 1, unknown = false;

	(void)resolve(model, def->path, false, false, names[0]);
	for (size_t i = 0; i < def->links.count; i++) {
		enum way way = resolve(model, def->links.items[i], false, false, names[i + 1]);
		struct stat st;

		unknown = unknown || way == UNSAFE;
		if (way == UNSAFE) {
			names[i + 1][0] = '\0';
			continue;
		}
		if (way == MISSING || !look(model, names[i + 1], &st) || !is_same(&st, object))
			wrong = true;
		for (size_t j = 0; j <= i; j++)
			wrong = wrong || strcmp(names[j], names[i + 1]) == 0;
	}
	if (wrong || unknown)
		add(findings, index, SYSCK_ATTR_LINKS, !wrong, def->path);
}

/* `symlinks`: each is a symlink that resolves to the object. */
static void check_symlinks(const struct model *model, size_t index, const struct stat *object, struct model_findings *findings)
{
	const struct model_def *def = &model->defs[index];
	bool wrong = false, unknown = false;

	for (size_t i = 0; i < def->symlinks.count; i++) {
		char name[MODEL_PATH_MAX], end[MODEL_PATH_MAX];
		enum way way = resolve(model, def->symlinks.items[i], false, false, name);
		struct stat st;

		if (way == FOUND && (!look(model, name, &st) || !S_ISLNK(st.st_mode)))
			way = MISSING;
		if (way == FOUND)
			way = resolve(model, def->symlinks.items[i], true, false, end);
		unknown = unknown || way == UNSAFE;
		wrong = wrong || way == MISSING || (way == FOUND && (!look(model, end, &st) || !is_same(&st, object)));
	}
	if (wrong || unknown)
		add(findings, index, SYSCK_ATTR_SYMLINKS, !wrong, def->path);
}

static void check_source(const struct model *model, size_t index, struct model_findings *findings)
{
	const struct model_def *def = &model->defs[index];
	char end[MODEL_PATH_MAX];
	enum way way = def->source[0] == '\0' ? FOUND : resolve(model, def->source, true, false, end);

	if (way != FOUND)
		add(findings, index, SYSCK_ATTR_SOURCE, way == UNSAFE, def->path);
}

static void check_content(const char *file, const struct model_def *def, size_t index, struct model_findings *findings)
{
	struct model_def is;

	model_digest(file, &is);
	if (HAS(def, SIZE) && def->size != is.size)
		add(findings, index, SYSCK_ATTR_SIZE, false, def->path);
	if (HAS(def, CHECKSUM) && (def->sum != is.sum || def->blocks != is.blocks))
		add(findings, index, SYSCK_ATTR_CHECKSUM, false, def->path);
	if (HAS(def, HASH_VALUE) && memcmp(def->sha256, is.sha256, sizeof(is.sha256)) != 0)
		add(findings, index, SYSCK_ATTR_HASH_VALUE, false, def->path);
}

/* Access entries of an ACL and a mode say the same of rwxrwxrwx, or the definition is in error. */
static bool contradicts(const struct model_def *def)
{
	acl_t acl;
	mode_t mode = 0;
	acl_entry_t entry;
	acl_permset_t set;
	acl_tag_t tag;
	bool mask = false;

	if (!HAS(def, ACL) || !HAS(def, MODE) || def->acl->access[0] == '\0')
		return false;
	acl = acl_from_text(def->acl->access);
	for (int r = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry); r == 1; r = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
		mode_t bits;

		must(acl_get_tag_type(entry, &tag) == 0 && acl_get_permset(entry, &set) == 0, "an ACL of the model");
		bits = (mode_t)(acl_get_perm(set, ACL_READ) * 4 + acl_get_perm(set, ACL_WRITE) * 2 +
				acl_get_perm(set, ACL_EXECUTE));
		if (tag == ACL_USER_OBJ)
			mode |= bits << 6;
		else if (tag == ACL_OTHER)
			mode |= bits;
		else if (tag == ACL_MASK)
			mode = (mode & ~(mode_t)070) | bits << 3;
		else if (tag == ACL_GROUP_OBJ && !mask)
			mode |= bits << 3;
		mask = mask || tag == ACL_MASK;
	}
	acl_free(acl);
	return mode != (def->mode & 0777);
}

static void check_object(const struct model *model, size_t index, const char *file, const struct stat *st,
			 struct model_findings *findings)
{
	const struct model_def *def = &model->defs[index];
	bool dropped = contradicts(def), effective = false;
	uint32_t mode = (st->st_mode & 07777) | (has_tcb(file) ? SYSCK_MODE_TCB : 0);
	uint64_t permitted = 0;
	char target[MODEL_PATH_MAX];

	if (HAS(def, OWNER) && def->owner != st->st_uid)
		add(findings, index, SYSCK_ATTR_OWNER, false, def->path);
	if (HAS(def, GROUP) && def->group != st->st_gid)
		add(findings, index, SYSCK_ATTR_GROUP, false, def->path);
	if (HAS(def, ACL) && !dropped && !same_acl(file, st, def->acl))
		add(findings, index, SYSCK_ATTR_ACL, false, def->path);
	if (HAS(def, MODE) && !dropped && def->mode != mode)
		add(findings, index, SYSCK_ATTR_MODE, false, def->path);
	(void)model_capabilities(file, &permitted, &effective);
	if (HAS(def, CAPABILITIES) && (def->permitted != permitted || (permitted != 0 && def->effective != effective)))
		add(findings, index, SYSCK_ATTR_CAPABILITIES, false, def->path);
	if (HAS(def, DEVICE) && (def->device_major != major(st->st_rdev) || def->device_minor != minor(st->st_rdev)))
		add(findings, index, SYSCK_ATTR_DEVICE, false, def->path);
	if (HAS(def, TARGET)) {
		ssize_t len = readlink(file, target, sizeof(target));

		if (len < 0 || (size_t)len != strlen(def->target) || memcmp(target, def->target, (size_t)len) != 0)
			add(findings, index, SYSCK_ATTR_TARGET, false, def->path);
	}
	if (HAS(def, LINKS))
		check_links(model, index, st, findings);
	if (HAS(def, SYMLINKS))
		check_symlinks(model, index, st, findings);
	if (S_ISREG(st->st_mode))
		check_content(file, def, index, findings);
	if (HAS(def, SOURCE))
		check_source(model, index, findings);
}

/* --- definitions --- */

static bool is_duplicate(const struct model *model, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(model->defs[i].path, model->defs[index].path) == 0)
			return true;
	return false;
}

/* The object of a definition; false if there is none. */
static bool object_of(const struct model *model, size_t index, struct stat *ret)
{
	char name[MODEL_PATH_MAX];

	return !is_duplicate(model, index) && resolve(model, model->defs[index].path, false, false, name) == FOUND &&
	       look(model, name, ret);
}

static void check_definition(const struct model *model, size_t index, struct model_findings *findings)
{
	const struct model_def *def = &model->defs[index];
	char name[MODEL_PATH_MAX], file[MODEL_PATH_MAX];
	struct stat st;
	enum way way;

	if (is_duplicate(model, index)) {
		add(findings, index, TCBCK_KIND_DUPLICATE, false, def->path);
		return;
	}
	findings->errors += contradicts(def);
	way = resolve(model, def->path, false, false, name);
	if (way == FOUND && !look(model, name, &st))
		way = MISSING;
	if (way == UNSAFE)
		add(findings, index, TCBCK_KIND_UNSAFE_PATH, false, def->path);
	else if (way == MISSING && def->type != SYSCK_TYPE_ABSENT)
		add(findings, index, TCBCK_KIND_MISSING, false, def->path);
	else if (way == FOUND && def->type != type_of(&st))
		add(findings, index, SYSCK_ATTR_TYPE, false, def->path);
	else if (way == FOUND)
		check_object(model, index, host(model, name, file), &st, findings);
}

/* --- strays --- */

static bool list_leads_to(const struct model *model, const struct model_list *list, const char *path)
{
	char name[MODEL_PATH_MAX];

	for (size_t i = 0; i < list->count; i++)
		if (resolve(model, list->items[i], false, false, name) == FOUND && strcmp(name, path) == 0)
			return true;
	return false;
}

/* A name is defined by a definition, or in the `links` or `symlinks` of one, however it is spelled there. */
static bool is_defined(const struct model *model, const char *path)
{
	char name[MODEL_PATH_MAX];

	for (size_t i = 0; i < model->count; i++) {
		const struct model_def *def = &model->defs[i];

		if (is_duplicate(model, i))
			continue;
		if (strcmp(def->path, path) == 0 ||
		    (resolve(model, def->path, false, false, name) == FOUND && strcmp(name, path) == 0))
			return true;
		if ((HAS(def, LINKS) && list_leads_to(model, &def->links, path)) ||
		    (HAS(def, SYMLINKS) && list_leads_to(model, &def->symlinks, path)))
			return true;
	}
	return false;
}

/* Is it the object of a definition, no directory; one that has `symlinks` if they are asked for? */
static bool is_defined_object(const struct model *model, const struct stat *st, bool symlinks)
{
	struct stat object;

	for (size_t i = 0; i < model->count && !S_ISDIR(st->st_mode); i++)
		if ((!symlinks || HAS(&model->defs[i], SYMLINKS)) && object_of(model, i, &object) && is_same(&object, st))
			return true;
	return false;
}

static bool is_administrative(const struct model *model, uint32_t id, bool user)
{
	return id <= 999 || (user && model->further_uid != 0 && id == model->further_uid);
}

static void check_stray(const struct model *model, const char *path, const char *file, const struct stat *st,
			struct model_findings *findings)
{
	char end[MODEL_PATH_MAX];
	uint64_t permitted;
	struct stat reached;
	bool effective;

	if (is_defined(model, path))
		return;
	if (is_defined_object(model, st, false)) {
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_LINK, false, path);
		return;
	}
	if (S_ISLNK(st->st_mode)) {
		if (resolve(model, path, true, true, end) == FOUND && look(model, end, &reached) &&
		    is_defined_object(model, &reached, true))
			add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_SYMLINK, false, path);
		return;
	}
	if (has_tcb(file))
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_TCB, false, path);
	if (S_ISREG(st->st_mode) && (st->st_mode & S_ISUID) != 0 && is_administrative(model, st->st_uid, true))
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_SETUID, false, path);
	if (S_ISREG(st->st_mode) && (st->st_mode & S_ISGID) != 0 && is_administrative(model, st->st_gid, false))
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_SETGID, false, path);
	if (S_ISREG(st->st_mode) && model_capabilities(file, &permitted, &effective))
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_CAPABILITIES, false, path);
	if (S_ISBLK(st->st_mode) || S_ISCHR(st->st_mode))
		add(findings, TCBCK_NO_DEFINITION, TCBCK_KIND_TREE_DEVICE, false, path);
}

static bool is_pruned(const struct model *model, const char *path)
{
	char name[MODEL_PATH_MAX];

	return model->nodir != NULL && resolve(model, model->nodir, false, false, name) == FOUND && strcmp(name, path) == 0;
}

static void check_tree(const struct model *model, const char *path, struct model_findings *findings)
{
	char file[MODEL_PATH_MAX], below[MODEL_PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *directory;

	must(look(model, path, &st), "an object vanished");
	check_stray(model, path, host(model, path, file), &st, findings);
	if (!S_ISDIR(st.st_mode) || is_pruned(model, path))
		return;
	directory = opendir(file);
	must(directory != NULL, "a directory can't be read");
	while ((entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", strcmp(path, "/") == 0 ? "" : path, entry->d_name);
		check_tree(model, below, findings);
	}
	(void)closedir(directory);
}

void model_run(const struct model *model, struct model_findings *ret)
{
	ret->count = ret->errors = 0;
	for (size_t i = 0; i < model->count; i++)
		check_definition(model, i, ret);
	check_tree(model, "/", ret);
}

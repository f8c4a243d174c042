/*
 * stray.c - takes away what a stray must not have, or the stray itself.
 *
 * Knows the repairs of `tree` and every reason to refuse one. Must never act on another object than the one that was judged,
 * nor remove anything by a name that others than root control.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "judge/stray.h"
#include "observe/mounts.h"
#include "repair/fix.h"
#include "repair/place.h"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)
#define SETUID         04000u
#define SETGID         02000u

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

/* One stray while it is repaired. */
struct stray {
	struct tcbck_fixer *fixer;
	struct tcbck_finding *findings;
	size_t count;
	const bool *chosen;
	struct sysck_arena *arena;
	struct tcbck_place place;
	bool controlled; /* root alone can rename or replace it */
	char why[SYSCK_ERR_TEXT_MAX];
	struct tcbck_pinned pinned;
	struct tcbck_observation before;
	bool out_of_memory;
};

static bool is_open(const struct stray *stray, size_t i)
{
	return stray->chosen[i] && stray->findings[i].outcome == TCBCK_OUTCOME_REPORTED && !stray->findings[i].unverified &&
	       stray->findings[i].remedy != TCBCK_REMEDY_NONE;
}

static void settle(struct stray *stray, struct tcbck_finding *finding, enum tcbck_outcome outcome, const char *reason)
{
	finding->outcome = outcome;
	if (sysck_arena_copy(stray->arena, sysck_slice_of(reason), &finding->reason) < 0)
		stray->out_of_memory = true;
}

static void settle_all(struct stray *stray, enum tcbck_outcome outcome, const char *reason)
{
	for (size_t i = 0; i < stray->count; i++)
		if (is_open(stray, i))
			settle(stray, &stray->findings[i], outcome, reason);
}

static const struct tcbck_finding *find(const struct tcbck_findings *findings, unsigned kind)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].kind == kind)
			return &findings->items[i];
	return NULL;
}

/* Judged as strictly as can be: every id is administrative. What the audit found is among it, or has changed. */
static int judge_again(const struct stray *stray, struct tcbck_observation *o, struct tcbck_findings *ret)
{
	static const struct tcbck_administrators everybody = { .users = { UINT32_MAX, NULL, 0 },
							       .groups = { UINT32_MAX, NULL, 0 } };
	const struct sysck_def asked = { .path = stray->findings[0].path };
	sysck_attr_set wanted = tcbck_stray_wanted | BIT(TARGET) | BIT(ACL);
	int r;

	/* To bring a set-id bit or capabilities back, an undo must be able to prove the content. */
	if (S_ISREG(stray->pinned.st.st_mode))
		wanted |= BIT(HASH_VALUE) | BIT(SIZE);
	r = tcbck_observe_descriptor(stray->fixer->observer, stray->pinned.descriptor, &asked, wanted, stray->arena, o);
	return r == 0 ? tcbck_stray_judge(&everybody, stray->fixer->names, asked.path, o, ret) : r;
}

static bool is_name(unsigned kind)
{
	return kind == TCBCK_KIND_TREE_LINK || kind == TCBCK_KIND_TREE_SYMLINK;
}

/* What the audit found must still be so. */
static int refuse_changed(struct stray *stray)
{
	struct tcbck_findings now = TCBCK_FINDINGS_INIT;
	int r = judge_again(stray, &stray->before, &now);

	for (size_t i = 0; r == 0 && i < stray->count; i++) {
		const struct tcbck_finding *same = find(&now, stray->findings[i].kind);

		if (!is_open(stray, i) || is_name(stray->findings[i].kind))
			continue;
		/* An earlier repair of this run may have put it right through another name. */
		if (same == NULL)
			settle(stray, &stray->findings[i], TCBCK_OUTCOME_FIXED, "");
		else if (!sysck_slice_equal(same->actual, stray->findings[i].actual) && stray->before.link_count == 1)
			settle(stray, &stray->findings[i], TCBCK_OUTCOME_REFUSED, "the object changed since it was judged");
	}
	tcbck_findings_done(&now);
	return r;
}

/* What is mounted on the name is another name of something else; devices of the kernel's own are not ours to remove. */
static int check_mount(struct stray *stray, bool removes, struct sysck_err *err)
{
	const struct sysck_list none = { NULL, 0 };
	const struct tcbck_mounts_options options = { &none, &none, false };
	const struct tcbck_mount *mount;
	struct tcbck_mounts mounts;
	struct statx stx;
	int r;

	if (statx(stray->pinned.descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &stx) < 0)
		return sysck_err_errno(err, -errno, "its mount cannot be found out");
	if ((stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
		return sysck_err_set(err, -EPERM, "it is a mount point");
	if (!removes)
		return 0;
	r = tcbck_mounts_read(stray->fixer->root, &options, &mounts, err);
	if (r < 0)
		return r;
	mount = tcbck_mounts_find(&mounts, stx.stx_mnt_id);
	if (mount == NULL || mounts.only_root)
		r = sysck_err_set(err, -EPERM, "the type of its file system is not known");
	else if (sysck_slice_equal(mount->type, SYSCK_SLICE("devtmpfs")) ||
		 sysck_slice_equal(mount->type, SYSCK_SLICE("devpts")))
		r = sysck_err_set(err, -EPERM, "the kernel makes what is on %s", mount->type.data);
	tcbck_mounts_done(&mounts);
	return r;
}

static int record(struct stray *stray, const struct sysck_def *is, int content, struct sysck_err *err)
{
	bool kept;
	int r = tcbck_undo_record(stray->fixer->undo, is, content, &kept, err);

	if (r < 0)
		stray->fixer->undo_failed = true;
	return r;
}

static void settle_failure(struct stray *stray, int error, const struct sysck_err *err)
{
	settle_all(stray, stray->fixer->undo_failed ? TCBCK_OUTCOME_REFUSED : tcbck_fix_outcome(error), err->text);
}

/* Only what is not found any more is fixed. */
static int settle_by_look(struct stray *stray)
{
	struct tcbck_findings after = TCBCK_FINDINGS_INIT;
	struct tcbck_observation o;
	int r = judge_again(stray, &o, &after);

	for (size_t i = 0; r == 0 && i < stray->count; i++)
		if (is_open(stray, i) && find(&after, stray->findings[i].kind) == NULL)
			settle(stray, &stray->findings[i], TCBCK_OUTCOME_FIXED, "");
	if (r == 0)
		settle_all(stray, TCBCK_OUTCOME_FAILED, "it is not good afterwards");
	tcbck_findings_done(&after);
	return r;
}

/* Where the definition's object is, which nobody but root can have put there; else a name of root's would go for another's. */
static int find_definition(const struct stray *stray, struct tcbck_opener *opener, struct stat *ret, struct sysck_err *err)
{
	char why[SYSCK_ERR_TEXT_MAX];
	struct tcbck_place place;
	bool controlled;
	int r = tcbck_path_find_controlled(opener, stray->findings[0].of, &place, &controlled, why, err);

	if (r == 0 && !controlled)
		return sysck_err_set(err, -EPERM, "what is defined can be replaced: %s", why);
	if (r == 0 && fstatat(place.directory, place.name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
	return r == -ELOOP ? sysck_err_set(err, -EPERM, "%s", err->text) : r;
}

/* It must still be the one that the stray is a name of, and keep its own name. */
static int check_link(const struct stray *stray, struct tcbck_opener *opener, struct sysck_err *err)
{
	const struct tcbck_finding *finding = &stray->findings[0];
	struct stat st;
	int r = find_definition(stray, opener, &st, err);

	if (r == 0 && (st.st_nlink < 2 || st.st_dev != finding->device || st.st_ino != finding->inode))
		return sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
	return r;
}

/* `path` becomes the target, seen from the directory of `from`. False if it has ".." where that may lead through a symlink. */
static bool follow(struct sysck_slice from, struct sysck_slice target, struct sysck_buf *path)
{
	bool deep = false;

	sysck_buf_clear(path);
	if (target.len > 0 && target.data[0] != '/')
		sysck_buf_add(path, from.data, (size_t)((const char *)memrchr(from.data, '/', from.len) - from.data));
	while (target.len > 0) {
		const char *end = memchr(target.data, '/', target.len);
		struct sysck_slice name = { target.data, end == NULL ? target.len : (size_t)(end - target.data) };
		const char *slash = path->len == 0 ? NULL : memrchr(path->data, '/', path->len);

		target.data += name.len + (end != NULL);
		target.len -= name.len + (end != NULL);
		if (sysck_slice_equal(name, SYSCK_SLICE("..")) && deep)
			return false;
		if (sysck_slice_equal(name, SYSCK_SLICE(".."))) {
			path->len = slash == NULL ? 0 : (size_t)(slash - path->data);
		} else if (name.len > 0 && !sysck_slice_equal(name, SYSCK_SLICE("."))) {
			sysck_buf_add_char(path, '/');
			sysck_buf_add_slice(path, name);
			deep = true;
		}
	}
	return deep;
}

/* Was it a symlink to the same object, which this run has removed? */
static bool was_removed(const struct stray *stray, struct sysck_slice path)
{
	const struct tcbck_findings *all = stray->fixer->all;

	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].kind == TCBCK_KIND_TREE_SYMLINK && all->items[i].outcome == TCBCK_OUTCOME_FIXED &&
		    sysck_slice_equal(all->items[i].path, path))
			return sysck_slice_equal(all->items[i].of, stray->findings[0].of);
	return false;
}

/*
 * One step: `path` becomes what the symlink of that name says. *ret_st: what has the name, if it is no symlink; `wanted` where
 * this run has removed one that led to that.
 */
static int follow_controlled(const struct stray *stray, struct tcbck_opener *opener, struct sysck_buf *path,
			     const struct stat *wanted, struct stat *ret_st, struct sysck_err *err)
{
	struct sysck_buf asked = SYSCK_BUF_INIT;
	char why[SYSCK_ERR_TEXT_MAX], target[PATH_MAX];
	struct tcbck_place place;
	bool controlled;
	ssize_t len;
	int r;

	sysck_buf_add_slice(&asked, sysck_buf_slice(path));
	if (sysck_buf_error(&asked) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = tcbck_path_find_controlled(opener, sysck_buf_slice(&asked), &place, &controlled, why, err);
	sysck_buf_done(&asked);
	if (r == -ELOOP || (r == 0 && !controlled))
		return sysck_err_set(err, -EPERM, "others control where it leads to: %s", r == 0 ? why : err->text);
	if (r < 0)
		return sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
	if (fstatat(place.directory, place.name, ret_st, AT_SYMLINK_NOFOLLOW) < 0) {
		*ret_st = *wanted;
		return was_removed(stray, place.resolved)
			       ? 0
			       : sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
	}
	if (!S_ISLNK(ret_st->st_mode))
		return 0;
	len = readlinkat(place.directory, place.name, target, sizeof(target));
	if (len <= 0 || (size_t)len == sizeof(target) ||
	    !follow(place.resolved, (struct sysck_slice){ target, (size_t)len }, path))
		return sysck_err_set(err, -EPERM, "where it leads to is not told by its target alone");
	return sysck_buf_error(path) < 0 ? sysck_err_set(err, -ENOMEM, "out of memory") : 0;
}

/*
 * It must still lead to the definition's object, on a way that root alone controls: else others decide what a symlink of root's
 * leads to, and that it is removed.
 */
static int check_symlink(const struct stray *stray, struct tcbck_opener *opener, struct sysck_err *err)
{
	struct sysck_buf path = SYSCK_BUF_INIT;
	struct stat wanted, st = { .st_mode = S_IFLNK };
	int r = find_definition(stray, opener, &wanted, err);

	sysck_buf_add_slice(&path, stray->findings[0].path);
	for (int i = 0; r == 0 && S_ISLNK(st.st_mode) && i <= TCBCK_PATH_LINKS_MAX; i++)
		r = follow_controlled(stray, opener, &path, &wanted, &st, err);
	sysck_buf_done(&path);
	if (r == 0 && (st.st_dev != wanted.st_dev || st.st_ino != wanted.st_ino))
		return sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
	return r;
}

/* Is it the name in hand, or (`objects`) a name of the object in hand? 1, 0, or a negative errno with `err` set. */
static int names_it(const struct stray *stray, struct tcbck_opener *opener, struct sysck_slice path, bool objects,
		    struct sysck_err *err)
{
	struct stat here, there, st;
	struct tcbck_place place;
	int r = sysck_path_check(path, NULL) < 0 ? -ENOENT : tcbck_path_find(opener, path, &place, err);

	/* Root gets EACCES from file systems of users only. */
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EACCES)
		return 0;
	if (r == 0 && (fstat(place.directory, &there) < 0 || fstat(stray->place.directory, &here) < 0))
		r = sysck_err_errno(err, -errno, "cannot be looked at");
	if (r < 0)
		return r;
	if (there.st_dev == here.st_dev && there.st_ino == here.st_ino && strcmp(place.name, stray->place.name) == 0)
		return 1;
	return objects && fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == stray->pinned.st.st_dev && st.st_ino == stray->pinned.st.st_ino;
}

static int check_names(const struct stray *stray, struct tcbck_opener *opener, const struct sysck_list *paths,
		       struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->count; i++) {
		r = names_it(stray, opener, paths->items[i], stray->findings[0].of.len == 0, err);
		if (r > 0)
			r = sysck_err_set(err, -EPERM, "it is defined: %s",
					  sysck_quote(paths->items[i], quoted, sizeof(quoted)));
	}
	return r;
}

/*
 * What is defined is no stray. The audit may have taken it for one: it got another name since, or was not found among what is
 * defined (no descriptors left; a file system that numbers its directories anew).
 */
static int check_undefined(const struct stray *stray, struct tcbck_opener *opener, struct sysck_err *err)
{
	const struct tcbck_fixer *fixer = stray->fixer;
	const struct sysck_def_options reading = { fixer->names, stray->arena, NULL, false };
	struct sysck_def def = { .present = 0 };
	size_t index;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sysck_db_count(fixer->db); i++) {
		struct sysck_slice path = sysck_db_path(fixer->db, i);

		r = check_names(stray, opener, &(struct sysck_list){ &path, 1 }, err);
	}
	if (r < 0 || stray->findings[0].of.len == 0)
		return r;
	if (sysck_db_find(fixer->db, stray->findings[0].of, &index) < 0 || sysck_db_def(fixer->db, index, &reading, &def) < 0)
		return sysck_err_set(err, -EAGAIN, "its definition is gone");
	if (sysck_def_has(&def, SYSCK_ATTR_LINKS))
		r = check_names(stray, opener, &def.links, err);
	if (r == 0 && sysck_def_has(&def, SYSCK_ATTR_SYMLINKS))
		r = check_names(stray, opener, &def.symlinks, err);
	return r;
}

/* Is it still what the audit took it for, so far as other names tell? */
static int check_stray(const struct stray *stray, struct sysck_err *err)
{
	struct tcbck_opener *opener;
	int r = tcbck_opener_new(stray->fixer->root, &opener);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = check_undefined(stray, opener, err);
	if (r == 0 && stray->findings[0].kind == TCBCK_KIND_TREE_LINK)
		r = check_link(stray, opener, err);
	if (r == 0 && stray->findings[0].kind == TCBCK_KIND_TREE_SYMLINK)
		r = check_symlink(stray, opener, err);
	tcbck_opener_free(opener);
	return r;
}

static int strip(struct stray *stray)
{
	struct sysck_def is = stray->before.is;
	bool capabilities = false;
	struct sysck_err err;
	uint32_t bits = 0;
	int r = check_mount(stray, false, &err);

	if (r == 0 && !stray->controlled && !S_ISDIR(stray->pinned.st.st_mode) &&
	    !tcbck_fix_has_names(stray->place.directory, stray->place.name, &stray->pinned, 1))
		r = sysck_err_set(&err, -EPERM, "it has other names, and others control its directory");
	if (r == 0)
		r = check_stray(stray, &err);
	for (size_t i = 0; i < stray->count; i++) {
		if (!is_open(stray, i))
			continue;
		bits |= stray->findings[i].kind == TCBCK_KIND_TREE_SETUID ? SETUID : 0;
		bits |= stray->findings[i].kind == TCBCK_KIND_TREE_SETGID ? SETGID : 0;
		bits |= stray->findings[i].kind == TCBCK_KIND_TREE_TCB ? SYSCK_MODE_TCB : 0;
		capabilities = capabilities || stray->findings[i].kind == TCBCK_KIND_TREE_CAPABILITIES;
	}
	is.present &= ~BIT(SIZE);
	if (r == 0)
		r = record(stray, &is, TCBCK_UNDO_NOTHING, &err);
	if (r == 0)
		r = tcbck_apply_take(&stray->pinned, bits, capabilities, &err);
	if (r == 0)
		return settle_by_look(stray);
	settle_failure(stray, r, &err);
	return 0;
}

static bool holds(const struct sysck_slice *names, size_t count, struct sysck_slice name)
{
	for (size_t i = 0; i < count; i++)
		if (sysck_slice_equal(names[i], name))
			return true;
	return false;
}

/* All other names that are known: the definition's path, its `links`, and strays of the same inode. */
static int list_names(struct stray *stray, struct sysck_list *ret, struct sysck_err *err)
{
	const struct tcbck_fixer *fixer = stray->fixer;
	const struct sysck_def_options reading = { fixer->names, stray->arena, NULL, false };
	const struct tcbck_finding *finding = &stray->findings[0];
	struct sysck_slice *names;
	size_t index, count = 0, room = fixer->all->count + 1;
	struct sysck_def def = { .present = 0 };

	if (sysck_db_find(fixer->db, finding->of, &index) < 0 || sysck_db_def(fixer->db, index, &reading, &def) < 0)
		return sysck_err_set(err, -EAGAIN, "its definition is gone");
	if (sysck_def_has(&def, SYSCK_ATTR_LINKS))
		room += def.links.count;
	names = sysck_arena_alloc(stray->arena, room, sizeof(*names));
	if (names == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	names[count++] = finding->of;
	for (size_t i = 0; sysck_def_has(&def, SYSCK_ATTR_LINKS) && i < def.links.count; i++)
		if (!holds(names, count, def.links.items[i]))
			names[count++] = def.links.items[i];
	for (size_t i = 0; i < fixer->all->count; i++) {
		const struct tcbck_finding *other = &fixer->all->items[i];

		if (other->kind == TCBCK_KIND_TREE_LINK && other->device == finding->device && other->inode == finding->inode &&
		    !sysck_slice_equal(other->path, finding->path) && !holds(names, count, other->path))
			names[count++] = other->path;
	}
	*ret = (struct sysck_list){ names, count };
	return 0;
}

static int record_removal(struct stray *stray, struct sysck_err *err)
{
	struct sysck_def is = stray->before.is;
	int r;

	is.present &= ~BIT(SIZE);
	if (stray->findings[0].kind != TCBCK_KIND_TREE_LINK)
		return record(stray, &is, TCBCK_UNDO_EMPTY, err);
	r = list_names(stray, &is.links, err);
	if (r < 0)
		return r;
	is.source = stray->findings[0].of;
	is.present |= BIT(LINKS) | BIT(SOURCE);
	return record(stray, &is, TCBCK_UNDO_LINKED, err);
}

static void take_name(struct stray *stray)
{
	struct sysck_err err;
	int r = stray->controlled ? check_mount(stray, true, &err) : sysck_err_set(&err, -EPERM, "%s", stray->why);

	if (r == 0)
		r = check_stray(stray, &err);
	if (r == 0)
		r = record_removal(stray, &err);
	if (r == 0)
		r = tcbck_place_remove(stray->place.directory, stray->place.name, &stray->pinned.st, &err);
	if (r == 0)
		settle_all(stray, TCBCK_OUTCOME_FIXED, "");
	else
		settle_failure(stray, r, &err);
}

static int repair_pinned(struct stray *stray)
{
	const struct tcbck_finding *finding = &stray->findings[0];
	struct sysck_err err;
	bool any = false;
	int r;

	if (stray->pinned.st.st_dev != finding->device || stray->pinned.st.st_ino != finding->inode) {
		settle_all(stray, TCBCK_OUTCOME_REFUSED, "the object changed since it was judged");
		return 0;
	}
	r = tcbck_apply_check_changeable(&stray->pinned, &err);
	if (r < 0) {
		settle_all(stray, TCBCK_OUTCOME_REFUSED, err.text);
		return 0;
	}
	r = refuse_changed(stray);
	for (size_t i = 0; i < stray->count; i++)
		any = any || is_open(stray, i);
	if (r < 0 || !any)
		return r;
	if (finding->remedy != TCBCK_REMEDY_REMOVE)
		return strip(stray);
	take_name(stray);
	return 0;
}

/*
 * Who owns a file can take a lease on it (fcntl(2)), against which it can't be opened for reading. What is to be taken away
 * needs no reading.
 */
static int pin(struct stray *stray)
{
	struct tcbck_pinned *pinned = &stray->pinned;
	int r = tcbck_apply_pin(stray->place.directory, stray->place.name, pinned);

	if (r != -EAGAIN)
		return r;
	*pinned = (struct tcbck_pinned){ .is_path = true };
	pinned->descriptor = openat(stray->place.directory, stray->place.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (pinned->descriptor < 0)
		return -errno;
	if (fstat(pinned->descriptor, &pinned->st) == 0)
		return 0;
	r = -errno;
	close(pinned->descriptor);
	return r;
}

int tcbck_fix_stray(struct tcbck_fixer *fixer, struct tcbck_finding *findings, size_t count, const bool *chosen,
		    struct sysck_arena *arena)
{
	struct stray stray = { .fixer = fixer, .findings = findings, .count = count, .chosen = chosen, .arena = arena };
	struct sysck_err err;
	int r;

	if (sysck_db_count(fixer->db) == 0) {
		settle_all(&stray, TCBCK_OUTCOME_REFUSED, "the database defines nothing");
		return stray.out_of_memory ? -ENOMEM : 0;
	}
	r = tcbck_path_find_controlled(fixer->opener, findings[0].path, &stray.place, &stray.controlled, stray.why, &err);
	if (r == 0) {
		r = pin(&stray);
		if (r < 0)
			sysck_err_set(&err, r == -ENOENT ? -EAGAIN : r, "the object changed since it was judged");
	}
	if (r < 0) {
		settle_all(&stray, r == -ELOOP || err.code == -EAGAIN ? TCBCK_OUTCOME_REFUSED : TCBCK_OUTCOME_FAILED, err.text);
		return stray.out_of_memory ? -ENOMEM : 0;
	}
	r = repair_pinned(&stray);
	close(stray.pinned.descriptor);
	return stray.out_of_memory ? -ENOMEM : r;
}

bool tcbck_fix_stray_stays(struct tcbck_fixer *fixer, const struct tcbck_finding *finding)
{
	struct stray stray = { .fixer = fixer };
	struct sysck_err err;
	int r;

	if (finding->index != TCBCK_NO_DEFINITION || finding->remedy != TCBCK_REMEDY_REMOVE)
		return false;
	r = tcbck_path_find_controlled(fixer->opener, finding->path, &stray.place, &stray.controlled, stray.why, &err);
	if (r < 0 || !stray.controlled || pin(&stray) < 0)
		return true;
	r = check_mount(&stray, true, &err);
	close(stray.pinned.descriptor);
	return r < 0;
}

/*
 * restore.c - a copy of `source`, or an empty object, in the place of what is missing or wrong.
 *
 * Knows how a copy is made beside, proven, given its rights and put in place. Must never give a copy a name before it
 * satisfies the definition, and never leave set-id bits on the inode that it replaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "repair/copy.h"
#include "repair/fix.h"
#include "repair/place.h"

struct source {
	int descriptor; /* of the file to copy, open for reading; -1: an empty object */
	struct stat st;
	bool trusted; /* nobody but root can write it */
};

/*
 * An old content that an undo record keeps lies on the host, also when the definitions are another root's. Its
 * directory must be
 * as trusted as a database's.
 */
static int open_kept(const char *path, struct source *source, struct sysck_err *err)
{
	struct sysck_store *store;
	int r = sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, err);

	if (r < 0)
		return r;
	sysck_store_close(store);
	source->descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (source->descriptor < 0 || fstat(source->descriptor, &source->st) < 0)
		return sysck_err_errno(err, -errno, "source cannot be opened");
	source->trusted = source->st.st_uid == 0 && (source->st.st_mode & 022) == 0;
	return S_ISREG(source->st.st_mode) ? 0 : sysck_err_set(err, -EPERM, "source is no regular file");
}

/* True if the path of `source` lies below the directory of undo records. */
static bool is_kept(const struct tcbck_repair *repair)
{
	struct sysck_slice path = repair->def->source, undo = sysck_slice_of(tcbck_undo_directory(repair->fixer->undo));

	return path.len > undo.len && memcmp(path.data, undo.data, undo.len) == 0 && path.data[undo.len] == '/';
}

static bool has_writers(const struct source *source)
{
	const struct tcbck_pinned pinned = { .descriptor = source->descriptor, .st = source->st };

	return tcbck_apply_check_writers(&pinned) == -EBUSY;
}

static int open_source(struct tcbck_repair *repair, struct source *source, struct sysck_err *err)
{
	struct sysck_slice path = repair->def->source;
	char why[SYSCK_ERR_TEXT_MAX];
	struct tcbck_opener *opener;
	struct tcbck_place place;
	struct stat st;
	bool controlled;
	int pinned, r;

	source->descriptor = -1;
	source->trusted = true;
	if (path.len == 0)
		return 0;
	if (!tcbck_root_is_host(repair->fixer->root) && is_kept(repair)) {
		char *copy = strndup(path.data, path.len);

		r = copy == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : open_kept(copy, source, err);
		free(copy);
		return r;
	}
	/* An opener of its own: the object's place must stay. */
	r = tcbck_opener_new(repair->fixer->root, &opener);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = tcbck_path_find_controlled(opener, path, &place, &controlled, why, err);
	/* Of the directory that a symlink leads to nothing is known. */
	if (r == 0 && fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		controlled = false;
	if (r == 0)
		r = tcbck_path_follow(opener, path, &pinned, err);
	tcbck_opener_free(opener);
	if (r < 0)
		return r;
	r = tcbck_path_reopen(pinned, &source->descriptor);
	close(pinned);
	if (r < 0 || fstat(source->descriptor, &source->st) < 0)
		return sysck_err_errno(err, r < 0 ? r : -errno, "source cannot be opened");
	source->trusted = controlled && source->st.st_uid == 0 && (source->st.st_mode & 022) == 0;
	if (!S_ISREG(source->st.st_mode))
		return sysck_err_set(err, -EPERM, "source is no regular file");
	/* Who opened it while he was allowed to can still write it. */
	if (source->trusted && has_writers(source))
		source->trusted = false;
	return 0;
}

/* What the new object is made of. */
struct making {
	const struct sysck_def *def;
};

static int make_object(void *context, int directory, const char *name)
{
	const struct sysck_def *def = ((const struct making *)context)->def;
	dev_t device = sysck_def_has(def, SYSCK_ATTR_DEVICE) ? makedev(def->device.major, def->device.minor) : 0;
	char *target;
	int descriptor, r = 0;

	switch (def->type) {
	case SYSCK_TYPE_FILE:
		descriptor = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
		if (descriptor < 0)
			return -errno;
		close(descriptor);
		return 0;
	case SYSCK_TYPE_DIRECTORY: return mkdirat(directory, name, 0) < 0 ? -errno : 0;
	case SYSCK_TYPE_FIFO: return mknodat(directory, name, S_IFIFO, 0) < 0 ? -errno : 0;
	case SYSCK_TYPE_SOCKET: return mknodat(directory, name, S_IFSOCK, 0) < 0 ? -errno : 0;
	case SYSCK_TYPE_BLK_DEV: return mknodat(directory, name, S_IFBLK, device) < 0 ? -errno : 0;
	case SYSCK_TYPE_CHAR_DEV: return mknodat(directory, name, S_IFCHR, device) < 0 ? -errno : 0;
	case SYSCK_TYPE_SYMLINK:
		target = strndup(def->target.data, def->target.len);
		if (target == NULL || symlinkat(target, directory, name) < 0)
			r = target == NULL ? -ENOMEM : -errno;
		free(target);
		return r;
	case SYSCK_TYPE_NONE:
	case SYSCK_TYPE_ABSENT:
	case SYSCK_TYPE_COUNT: break;
	}
	return -EINVAL;
}

/*
 * What the definition says nothing of is as it was on the old object of the same type, or as on the source, without
 * set-id bits.
 */
static void state_of_copy(const struct tcbck_repair *repair, const struct source *source, struct tcbck_state *state)
{
	const struct sysck_def *def = repair->def;
	bool old = repair->there && repair->before.is.type == def->type;
	const struct sysck_def *was = &repair->before.is;

	*state = (struct tcbck_state){
		.set = SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER) | SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP) | SYSCK_ATTR_BIT(SYSCK_ATTR_MODE),
		.owner = sysck_def_has(def, SYSCK_ATTR_OWNER) ? def->owner
			 : old                                ? was->owner
							      : 0,
		.group = sysck_def_has(def, SYSCK_ATTR_GROUP) ? def->group
			 : old                                ? was->group
							      : 0,
	};
	if (sysck_def_has(def, SYSCK_ATTR_MODE))
		state->mode = def->mode;
	else if (old)
		state->mode = was->mode & 0777;
	else
		state->mode = source->descriptor >= 0 ? source->st.st_mode & 0755 : 0600;
	if (sysck_def_has(def, SYSCK_ATTR_ACL)) {
		state->set |= SYSCK_ATTR_BIT(SYSCK_ATTR_ACL);
		state->acl = def->acl;
	}
	if (sysck_def_has(def, SYSCK_ATTR_CAPABILITIES)) {
		state->set |= SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES);
		state->capabilities = def->capabilities;
	}
}

/* Takes set-id bits and capabilities out of the state. True if there were any. */
static bool withhold(struct tcbck_state *state)
{
	bool any = (state->mode & 06000) != 0 || (state->set & SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES)) != 0;

	state->mode &= ~06000u;
	state->set &= ~SYSCK_ATTR_BIT(SYSCK_ATTR_CAPABILITIES);
	return any;
}

#define CONTENT (SYSCK_ATTR_BIT(SYSCK_ATTR_SIZE) | SYSCK_ATTR_BIT(SYSCK_ATTR_CHECKSUM) | SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE))

/* Does the copy satisfy the definition? And is it proven, where its source could be written by others? */
static int prove(struct tcbck_repair *repair, const struct tcbck_pinned *copied, const struct source *source,
		 struct sysck_err *err)
{
	const struct sysck_def *def = repair->def;
	const struct tcbck_judgement judgement = { def, 0, repair->fixer->names, repair->fixer->sum_numbers };
	struct tcbck_observation o;
	int r;

	if (def->type != SYSCK_TYPE_FILE)
		return 0;
	r = tcbck_observe_descriptor(repair->fixer->observer, copied->descriptor, def, def->present & CONTENT, repair->arena,
				     &o);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	for (int i = SYSCK_ATTR_SIZE; i <= SYSCK_ATTR_HASH_VALUE; i++) {
		if (!sysck_def_has(def, (enum sysck_attr)i))
			continue;
		if ((o.failed & SYSCK_ATTR_BIT(i)) != 0 || !tcbck_judge_same(&judgement, &o, (enum sysck_attr)i))
			return sysck_err_set(err, -EPERM, "source does not satisfy %s", sysck_attr_name((enum sysck_attr)i));
	}
	if (!source->trusted && (!sysck_def_has(def, SYSCK_ATTR_HASH_VALUE) || def->hash_value.is_volatile))
		return sysck_err_set(err, -EPERM, "others than root can write source, and no hash_value proves the copy");
	return 0;
}

/*
 * Fills the new object and gives it its rights: without set-id bits and capabilities, which come when it has its name, so that
 * none of them is left behind under another one by a run that is killed. (Where the owner is not root they come at once, while
 * nobody knows the name.) On success *ret_copied is open.
 */
static int fill(struct tcbck_repair *repair, const char *name, const struct source *source, struct tcbck_pinned *ret_copied,
		struct sysck_err *err)
{
	struct tcbck_pinned copied;
	struct tcbck_state state;
	int to, r = 0;

	if (source->descriptor >= 0) {
		to = openat(repair->directory, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
		r = to < 0 ? -errno : tcbck_copy(source->descriptor, to);
		if (r == 0 && fsync(to) < 0)
			r = -errno;
		if (to >= 0)
			close(to);
		if (r < 0)
			return sysck_err_errno(err, r, "copying source");
	}
	r = tcbck_apply_pin(repair->directory, name, &copied);
	if (r < 0)
		return sysck_err_errno(err, r, "the copy cannot be opened");
	r = prove(repair, &copied, source, err);
	state_of_copy(repair, source, &state);
	if (state.owner == 0)
		withhold(&state);
	if (r == 0)
		r = tcbck_apply_narrow(&copied, &state, err);
	if (r == 0)
		r = tcbck_apply_grant(&copied, &state, err);
	if (r == 0 && !copied.is_path && fsync(copied.descriptor) < 0)
		r = sysck_err_errno(err, -errno, "flushing the copy");
	if (r < 0)
		close(copied.descriptor);
	else
		*ret_copied = copied;
	return r;
}

/* Fills the new object `name`, and puts it in the place of the old one. */
static int put(struct tcbck_repair *repair, const char *name, const struct source *source, struct sysck_err *err)
{
	/* When undoing, other names of the old object may be as they should be. */
	bool strip = repair->there && !(repair->fixer->undoing && repair->pinned.st.st_nlink > 1);
	struct tcbck_pinned copied;
	struct tcbck_state state;
	int r = fill(repair, name, source, &copied, err);

	if (r == 0) {
		r = strip ? tcbck_apply_strip(&repair->pinned, err) : 0;
		if (r < 0)
			close(copied.descriptor);
	}
	if (r < 0) {
		(void)unlinkat(repair->directory, name, repair->def->type == SYSCK_TYPE_DIRECTORY ? AT_REMOVEDIR : 0);
		return r;
	}
	r = tcbck_place_swap(repair->directory, name, repair->name, repair->there ? &repair->pinned.st : NULL, err);
	state_of_copy(repair, source, &state);
	if (r == 0 && state.owner == 0 && withhold(&state)) {
		state_of_copy(repair, source, &state);
		r = tcbck_apply_grant(&copied, &state, err);
	}
	close(copied.descriptor);
	return r;
}

/* What can't be made at all is found before anything is touched. */
static int check_possible(const struct tcbck_repair *repair, struct sysck_err *err)
{
	const struct sysck_def *def = repair->def;

	if (!repair->controlled)
		return sysck_err_set(err, -EPERM, "%s", repair->why);
	if (def->source.len > 0 && def->type != SYSCK_TYPE_FILE)
		return sysck_err_set(err, -EPERM, "only a FILE can be copied from source");
	if ((def->type == SYSCK_TYPE_BLK_DEV || def->type == SYSCK_TYPE_CHAR_DEV) && !sysck_def_has(def, SYSCK_ATTR_DEVICE))
		return sysck_err_set(err, -EPERM, "a node needs `device'");
	if (def->type == SYSCK_TYPE_SYMLINK && !sysck_def_has(def, SYSCK_ATTR_TARGET))
		return sysck_err_set(err, -EPERM, "a symlink needs `target'");
	if (repair->there && S_ISDIR(repair->pinned.st.st_mode) && def->type == SYSCK_TYPE_DIRECTORY)
		return sysck_err_set(err, -EPERM, "a directory can't be replaced");
	return 0;
}

static int record(struct tcbck_repair *repair, bool *ret_kept, struct sysck_err *err)
{
	struct sysck_def is = repair->before.is;
	int content = TCBCK_UNDO_EMPTY, r;

	*ret_kept = true;
	if (repair->there && S_ISREG(repair->pinned.st.st_mode))
		content = repair->pinned.descriptor;
	if (repair->good_links.items != NULL) {
		is.links = repair->good_links;
		is.present |= SYSCK_ATTR_BIT(SYSCK_ATTR_LINKS);
	}
	if (repair->there)
		r = tcbck_undo_record(repair->fixer->undo, &is, content, ret_kept, err);
	else
		r = tcbck_undo_record_absent(repair->fixer->undo, repair->def->path, err);
	if (r < 0)
		repair->fixer->undo_failed = true;
	return r;
}

static bool is_link_of_source(const struct tcbck_repair *repair)
{
	const struct sysck_def *def = repair->def;

	for (size_t i = 0; !repair->there && sysck_def_has(def, SYSCK_ATTR_LINKS) && i < def->links.count; i++)
		if (sysck_slice_equal(def->links.items[i], def->source))
			return def->type == SYSCK_TYPE_FILE;
	return false;
}

/* Its source is one of its own names: it is no copy, but another name of that. */
static int link_from_source(struct tcbck_repair *repair, struct sysck_err *err)
{
	const struct source trusted = { .descriptor = -1, .trusted = true };
	struct tcbck_repair anew = *repair;
	struct tcbck_opener *opener;
	struct tcbck_place place;
	char why[SYSCK_ERR_TEXT_MAX];
	bool controlled;
	int r = tcbck_opener_new(repair->fixer->root, &opener);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = tcbck_path_find_controlled(opener, repair->def->source, &place, &controlled, why, err);
	if (r == 0 && !controlled)
		r = sysck_err_set(err, -EPERM, "source: %s", why);
	if (r == 0) {
		r = tcbck_apply_pin(place.directory, place.name, &anew.pinned);
		if (r < 0)
			sysck_err_errno(err, r, "source cannot be opened");
	}
	tcbck_opener_free(opener);
	if (r < 0)
		return r;
	r = S_ISREG(anew.pinned.st.st_mode) ? prove(repair, &anew.pinned, &trusted, err)
					    : sysck_err_set(err, -EPERM, "source is no regular file");
	if (r == 0)
		r = tcbck_names_link(&anew, repair->def->path, false, err);
	close(anew.pinned.descriptor);
	return r;
}

int tcbck_restore(struct tcbck_repair *repair, bool *ret_kept, struct sysck_err *err)
{
	struct making making = { repair->def };
	struct source source = { .descriptor = -1 };
	char name[TCBCK_PLACE_NAME_MAX];
	int r = check_possible(repair, err);

	if (r == 0 && is_link_of_source(repair))
		return link_from_source(repair, err);
	if (r == 0)
		r = open_source(repair, &source, err);
	if (r == 0)
		r = record(repair, ret_kept, err);
	if (r == 0) {
		r = tcbck_place_make(repair->directory, make_object, &making, name);
		r = r < 0 ? sysck_err_errno(err, r, "a new object beside it cannot be made") : put(repair, name, &source, err);
	}
	if (source.descriptor >= 0)
		close(source.descriptor);
	return r;
}

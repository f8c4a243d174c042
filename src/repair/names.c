/*
 * names.c - hard links, symlinks and targets.
 *
 * Knows how a name is made to stand for the pinned object, or replaced. Must never remove a name that was not exchanged for
 * the right one, nor work in a directory that others than root control.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "repair/fix.h"
#include "repair/place.h"

/* One name that is to be made or replaced. */
struct naming {
	struct tcbck_repair *repair;
	struct tcbck_opener *opener;
	struct tcbck_place place;
	bool there;
	struct tcbck_pinned old;
	char *text;    /* of a symlink */
	bool recorded; /* what has the name */
};

static int find_place(struct naming *naming, struct sysck_slice path, struct sysck_err *err)
{
	char why[SYSCK_ERR_TEXT_MAX];
	bool controlled;
	int r = tcbck_opener_new(naming->repair->fixer->root, &naming->opener);

	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	r = tcbck_path_find_controlled(naming->opener, path, &naming->place, &controlled, why, err);
	if (r < 0)
		return r;
	if (!controlled)
		return sysck_err_set(err, -EPERM, "%s", why);
	r = tcbck_apply_pin(naming->place.directory, naming->place.name, &naming->old);
	naming->there = r == 0;
	return r == 0 || r == -ENOENT ? 0 : sysck_err_errno(err, r, "cannot be opened");
}

/* The object that loses its name is written down, with its content. */
static int record_old(struct naming *naming, struct sysck_slice path, struct sysck_err *err)
{
	struct tcbck_fixer *fixer = naming->repair->fixer;
	struct sysck_def asked = { .path = path };
	struct tcbck_observation o;
	bool regular, kept = true;
	int r;

	if (!naming->there) {
		r = tcbck_undo_record_absent(fixer->undo, path, err);
	} else {
		regular = S_ISREG(naming->old.st.st_mode);
		if (naming->recorded)
			return 0;
		if (S_ISDIR(naming->old.st.st_mode))
			return sysck_err_set(err, -EPERM, "a directory has the name");
		if (regular && naming->old.st.st_size > (off_t)TCBCK_UNDO_CONTENT_MAX)
			return sysck_err_set(err, -EPERM, "a file has the name that is too large to be kept");
		r = tcbck_observe_descriptor(fixer->observer, naming->old.descriptor, &asked,
					     SYSCK_ATTR_ALL & ~SYSCK_ATTR_BIT(SYSCK_ATTR_CHECKSUM), naming->repair->arena, &o);
		if (r < 0)
			return sysck_err_set(err, r, "out of memory");
		r = tcbck_undo_record(fixer->undo, &o.is, regular ? naming->old.descriptor : TCBCK_UNDO_EMPTY, &kept, err);
	}
	if (r < 0)
		fixer->undo_failed = true;
	return r;
}

static int make_link(void *context, int directory, const char *name)
{
	const struct naming *naming = context;
	int descriptor = naming->repair->pinned.descriptor;
	char way[32];

	if (linkat(descriptor, "", directory, name, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT && errno != EPERM)
		return -errno;
	/* Without CAP_DAC_READ_SEARCH in the initial namespace: through /proc. */
	(void)snprintf(way, sizeof(way), "/proc/self/fd/%d", descriptor);
	return linkat(AT_FDCWD, way, directory, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

static int make_symlink(void *context, int directory, const char *name)
{
	const struct naming *naming = context;

	return symlinkat(naming->text, directory, name) < 0 ? -errno : 0;
}

static void end(struct naming *naming)
{
	if (naming->there)
		close(naming->old.descriptor);
	tcbck_opener_free(naming->opener);
	free(naming->text);
}

static int give(struct naming *naming, struct sysck_slice path, int (*make)(void *context, int directory, const char *name),
		struct sysck_err *err)
{
	char temporary[TCBCK_PLACE_NAME_MAX];
	int r = find_place(naming, path, err);

	if (r == 0)
		r = record_old(naming, path, err);
	/* What loses its only name must not live on, set-id, under another one, if the run is killed here. */
	if (r == 0 && naming->there && naming->old.st.st_nlink == 1)
		r = tcbck_apply_strip(&naming->old, err);
	if (r < 0)
		return r;
	/* Where nothing has the name there is no other one on the way to it. */
	if (!naming->there) {
		r = make(naming, naming->place.directory, naming->place.name);
		if (r == -EEXIST)
			return sysck_err_set(err, -EAGAIN, "the object changed since it was judged");
		if (r == 0)
			r = tcbck_place_flush(naming->place.directory);
		return r < 0 ? sysck_err_errno(err, r, "cannot be made") : 0;
	}
	r = tcbck_place_make(naming->place.directory, make, naming, temporary);
	if (r < 0)
		return sysck_err_errno(err, r, "cannot be made");
	return tcbck_place_swap(naming->place.directory, temporary, naming->place.name, &naming->old.st, err);
}

int tcbck_names_link(struct tcbck_repair *repair, struct sysck_slice path, bool recorded, struct sysck_err *err)
{
	struct naming naming = { .repair = repair, .recorded = recorded };
	int r = give(&naming, path, make_link, err);

	end(&naming);
	return r;
}

int tcbck_names_symlink(struct tcbck_repair *repair, struct sysck_slice path, struct sysck_err *err)
{
	struct naming naming = { .repair = repair };
	int r;

	naming.text = strndup(repair->def->path.data, repair->def->path.len);
	r = naming.text == NULL ? sysck_err_set(err, -ENOMEM, "out of memory") : give(&naming, path, make_symlink, err);
	end(&naming);
	return r;
}

/* A new symlink beside, with the old one's owner (or the defined one), in its place. */
int tcbck_names_target(struct tcbck_repair *repair, struct sysck_err *err)
{
	struct naming naming = { .repair = repair };
	const struct sysck_def *def = repair->def;
	uint32_t owner = sysck_def_has(def, SYSCK_ATTR_OWNER) ? def->owner : repair->before.is.owner;
	uint32_t group = sysck_def_has(def, SYSCK_ATTR_GROUP) ? def->group : repair->before.is.group;
	char temporary[TCBCK_PLACE_NAME_MAX];
	int r;

	naming.text = strndup(def->target.data, def->target.len);
	if (naming.text == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = tcbck_place_make(repair->directory, make_symlink, &naming, temporary);
	if (r < 0)
		sysck_err_errno(err, r, "a new symlink beside it cannot be made");
	if (r == 0 && fchownat(repair->directory, temporary, owner, group, AT_SYMLINK_NOFOLLOW) < 0) {
		r = sysck_err_errno(err, -errno, "setting the owner");
		(void)unlinkat(repair->directory, temporary, 0);
	} else if (r == 0) {
		r = tcbck_place_swap(repair->directory, temporary, repair->name, &repair->pinned.st, err);
	}
	free(naming.text);
	return r;
}

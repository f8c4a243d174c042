/*
 * fix.c - puts one object right, or refuses.
 *
 * Knows the order of a repair and every reason to refuse one. Must never act on an object that it did not look at
 * and judge through
 * the descriptor it acts on, and never call anything fixed that it has not seen to be good.
 */
#include "repair/fix.h"

#include "repair/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)
#define CONTENT        (BIT(SIZE) | BIT(CHECKSUM) | BIT(HASH_VALUE))
/* What is set on the object itself. */
#define RIGHTS (BIT(OWNER) | BIT(GROUP) | BIT(ACL) | BIT(MODE) | BIT(CAPABILITIES))
/* What an undo record tells. */
#define RECORDED (RIGHTS | BIT(TYPE) | BIT(DEVICE) | BIT(TARGET) | BIT(SIZE))
#define SET_ID   06000u
/* At a name that others control. */
#define LOOKS 8

/* One object's findings while it is repaired. */
struct work {
	struct tcbck_repair repair;
	struct tcbck_finding *findings;
	size_t count;
	const bool *chosen;
	struct tcbck_findings now; /* judged again */
	bool out_of_memory;
};

static struct sysck_slice keep(struct work *work, const char *text)
{
	struct sysck_slice copy = { "", 0 };

	if (sysck_arena_copy(work->repair.arena, sysck_slice_of(text), &copy) < 0)
		work->out_of_memory = true;
	return copy;
}

static void settle(struct work *work, struct tcbck_finding *finding, enum tcbck_outcome outcome, const char *reason)
{
	finding->outcome = outcome;
	finding->reason = keep(work, reason);
}

/* A finding that is still to be decided. */
static bool is_open(const struct work *work, size_t i)
{
	return work->chosen[i] && work->findings[i].outcome == TCBCK_OUTCOME_REPORTED && !work->findings[i].unverified &&
	       work->findings[i].remedy != TCBCK_REMEDY_NONE;
}

static bool any_open(const struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (is_open(work, i))
			return true;
	return false;
}

static void settle_all(struct work *work, sysck_attr_set attributes, enum tcbck_outcome outcome, const char *reason)
{
	for (size_t i = 0; i < work->count; i++)
		if (is_open(work, i) &&
		    (work->findings[i].kind >= SYSCK_ATTR_COUNT || (attributes & SYSCK_ATTR_BIT(work->findings[i].kind)) != 0))
			settle(work, &work->findings[i], outcome, reason);
}

/* The attributes of open findings. */
static sysck_attr_set open_set(const struct work *work)
{
	sysck_attr_set set = 0;

	for (size_t i = 0; i < work->count; i++)
		if (is_open(work, i) && work->findings[i].kind < SYSCK_ATTR_COUNT)
			set |= SYSCK_ATTR_BIT(work->findings[i].kind);
	return set;
}

enum tcbck_outcome tcbck_fix_outcome(int error)
{
	return error == -EPERM || error == -EAGAIN || error == -EROFS || error == -EBUSY ? TCBCK_OUTCOME_REFUSED
											 : TCBCK_OUTCOME_FAILED;
}

static const struct tcbck_finding *find(const struct tcbck_findings *findings, unsigned kind)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].kind == kind)
			return &findings->items[i];
	return NULL;
}

static struct tcbck_judgement judgement_of(const struct work *work)
{
	const struct tcbck_repair *repair = &work->repair;

	return (struct tcbck_judgement){ repair->def, work->count > 0 ? work->findings[0].index : 0, repair->fixer->names,
					 repair->fixer->sum_numbers };
}

/* Looks at the pinned object and judges it. */
static int judge_pinned(struct work *work, sysck_attr_set wanted, struct tcbck_observation *o, struct tcbck_findings *ret)
{
	struct tcbck_repair *repair = &work->repair;
	const struct tcbck_judgement judgement = judgement_of(work);
	int r = tcbck_observe_descriptor(repair->fixer->observer, repair->pinned.descriptor, repair->def, wanted, repair->arena,
					 o);

	tcbck_findings_done(ret);
	return r == 0 ? tcbck_judge(&judgement, o, ret) : r;
}

/* A program was run once, by the audit; it does not judge a descriptor. */
static sysck_attr_set wanted_of(const struct work *work)
{
	const struct sysck_def *def = work->repair.def;
	sysck_attr_set wanted = (def->present & ~BIT(PROGRAM)) | RECORDED;

	/*
	 * To bring a set-id bit or capabilities back, an undo must be able to prove the content; so must one of new content.
	 */
	if ((work->repair.pinned.st.st_mode & SET_ID) != 0 || sysck_def_has(def, SYSCK_ATTR_CAPABILITIES) ||
	    sysck_def_has(def, SYSCK_ATTR_SOURCE) || def->type == SYSCK_TYPE_ABSENT)
		wanted |= BIT(HASH_VALUE);
	return wanted;
}

static void settle_unverified(struct work *work, struct tcbck_finding *finding, const struct tcbck_finding *now)
{
	char text[SYSCK_ERR_TEXT_MAX + 32];

	(void)snprintf(text, sizeof(text), "it cannot be examined: %.*s", (int)now->reason.len, now->reason.data);
	settle(work, finding, TCBCK_OUTCOME_REFUSED, text);
}

/* What the audit found must still be so. */
static void refuse_changed(struct work *work)
{
	/* When undoing, an earlier repair of this run may have changed it through another of its names. */
	const bool shared = work->repair.fixer->undoing && work->repair.pinned.st.st_nlink > 1;

	for (size_t i = 0; i < work->count; i++) {
		const struct tcbck_finding *now = find(&work->now, work->findings[i].kind);

		if (!is_open(work, i))
			continue;
		/* An earlier repair of this run may have put it right: a link belongs to two definitions. */
		if (now == NULL && (work->findings[i].kind < SYSCK_ATTR_COUNT ? find(&work->now, SYSCK_ATTR_TYPE) == NULL
									      : work->now.count == 0))
			settle(work, &work->findings[i], TCBCK_OUTCOME_FIXED, "");
		else if (now != NULL && now->unverified)
			settle_unverified(work, &work->findings[i], now);
		else if (now == NULL || (!shared && !sysck_slice_equal(now->actual, work->findings[i].actual)))
			settle(work, &work->findings[i], TCBCK_OUTCOME_REFUSED, "the object changed since it was judged");
	}
}

static bool content_is_wrong(const struct work *work)
{
	for (unsigned kind = SYSCK_ATTR_SIZE; kind <= SYSCK_ATTR_HASH_VALUE; kind++)
		if (find(&work->now, kind) != NULL)
			return true;
	return find(&work->now, SYSCK_ATTR_TYPE) != NULL || find(&work->now, SYSCK_ATTR_DEVICE) != NULL;
}

static bool is_disabled(const struct work *work)
{
	const struct sysck_def *is = &work->repair.before.is;

	return is->mode == 0 && is->acl.count == 0 && sysck_capabilities_empty(&is->capabilities);
}

static int record(struct work *work, struct sysck_err *err)
{
	struct tcbck_repair *repair = &work->repair;
	struct sysck_def is = repair->before.is;
	bool kept;
	int r;

	/* The content is no part of what changes; it is told only where an undo must prove it to give rights back. */
	if ((is.mode & SET_ID) == 0 && sysck_capabilities_empty(&is.capabilities))
		is.present &= ~BIT(HASH_VALUE);
	r = tcbck_undo_record(repair->fixer->undo, &is, TCBCK_UNDO_NOTHING, &kept, err);

	if (r < 0)
		repair->fixer->undo_failed = true;
	return r;
}

static void disable(struct work *work, sysck_attr_set content, const char *because)
{
	struct sysck_err err;
	char text[SYSCK_ERR_TEXT_MAX + 32];
	int r = 0;

	if (!is_disabled(work)) {
		r = record(work, &err);
		if (r == 0)
			r = tcbck_apply_disable(&work->repair.pinned, &err);
	}
	if (r < 0) {
		settle_all(work, content, work->repair.fixer->undo_failed ? TCBCK_OUTCOME_REFUSED : tcbck_fix_outcome(r),
			   err.text);
		return;
	}
	(void)snprintf(text, sizeof(text), "disabled: %s", because);
	settle_all(work, content, TCBCK_OUTCOME_LEFT, text);
}

/* Looks at what now has the name: only what is good there is fixed. */
static void settle_by_look(struct work *work, const char *reason)
{
	struct tcbck_repair *repair = &work->repair;
	const struct tcbck_judgement judgement = judgement_of(work);
	struct tcbck_findings after = TCBCK_FINDINGS_INIT;
	struct tcbck_observation o;
	int r = tcbck_observe_at(repair->fixer->observer, repair->directory, repair->name, repair->def,
				 repair->def->present & ~BIT(PROGRAM), repair->arena, &o);

	if (r == 0)
		r = tcbck_judge(&judgement, &o, &after);
	if (r < 0)
		work->out_of_memory = true;
	for (size_t i = 0; i < work->count; i++) {
		if (!is_open(work, i))
			continue;
		if (r == 0 && find(&after, work->findings[i].kind) == NULL && find(&after, TCBCK_KIND_MISSING) == NULL &&
		    (work->findings[i].kind == SYSCK_ATTR_TYPE || find(&after, SYSCK_ATTR_TYPE) == NULL))
			settle(work, &work->findings[i], TCBCK_OUTCOME_FIXED, "");
		else
			settle(work, &work->findings[i], TCBCK_OUTCOME_FAILED,
			       reason[0] != '\0' ? reason : "it is not good afterwards");
	}
	tcbck_findings_done(&after);
}

/* The other names of the object that is to be replaced, if all of them are known. */
static void learn_good_links(struct work *work)
{
	struct tcbck_repair *repair = &work->repair;
	const struct sysck_list *paths = &repair->def->links;
	struct sysck_slice *good;
	size_t count = 0;

	if (!repair->there || repair->before.links == NULL || paths->count == 0)
		return;
	good = sysck_arena_alloc(repair->arena, paths->count, sizeof(*good));
	for (size_t i = 0; good != NULL && i < paths->count; i++)
		if (repair->before.links[i].state == TCBCK_LINK_GOOD)
			good[count++] = paths->items[i];
	if (count > 0 && repair->before.link_count == count + 1)
		repair->good_links = (struct sysck_list){ good, count };
}

static bool has_path(const struct sysck_list *paths, struct sysck_slice path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (sysck_slice_equal(paths->items[i], path))
			return true;
	return false;
}

/* A name of the new object is made if it was the old one's, if it is to be fixed, or if nobody knew that it is wrong. */
static bool gets_name(const struct work *work, unsigned kind, enum tcbck_link_state state, bool covered)
{
	bool told = false, chosen = false;

	for (size_t i = 0; i < work->count; i++)
		if (work->findings[i].kind == kind) {
			told = true;
			chosen = is_open(work, i);
		}
	return (state == TCBCK_LINK_ABSENT || state == TCBCK_LINK_OTHER) && (covered || chosen || !told);
}

/* The new object gets its names; what is not good afterwards is told, or the next audit finds it. */
static void give_names(struct work *work)
{
	struct tcbck_repair anew = work->repair;
	const struct sysck_list *links = &anew.def->links, *symlinks = &anew.def->symlinks;
	struct tcbck_observation o;
	struct sysck_err err;

	if ((anew.def->present & (BIT(LINKS) | BIT(SYMLINKS))) == 0 ||
	    tcbck_apply_pin(anew.directory, anew.name, &anew.pinned) < 0)
		return;
	if (tcbck_observe_descriptor(anew.fixer->observer, anew.pinned.descriptor, anew.def,
				     BIT(TYPE) | BIT(LINKS) | BIT(SYMLINKS), anew.arena, &o) < 0)
		work->out_of_memory = true;
	for (size_t i = 0; !work->out_of_memory && o.links != NULL && i < links->count; i++) {
		bool covered = has_path(&anew.good_links, links->items[i]);

		if (gets_name(work, SYSCK_ATTR_LINKS, o.links[i].state, covered))
			(void)tcbck_names_link(&anew, links->items[i], covered, &err);
	}
	for (size_t i = 0; !work->out_of_memory && o.symlinks != NULL && i < symlinks->count; i++)
		if (gets_name(work, SYSCK_ATTR_SYMLINKS, o.symlinks[i].state, false))
			(void)tcbck_names_symlink(&anew, symlinks->items[i], &err);
	close(anew.pinned.descriptor);
}

/* The source is of no use: what could not be foreseen when --fix-limit was looked at counts against the rest of it. */
static void disable_instead(struct work *work, sysck_attr_set content, const char *because)
{
	work->repair.fixer->disable_budget--;
	disable(work, content, because);
}

/* Missing, or of wrong type or content. */
static void replace(struct work *work, sysck_attr_set content)
{
	bool kept = true;
	struct sysck_err err;
	int r;

	learn_good_links(work);
	r = tcbck_restore(&work->repair, &kept, &err);
	if (r == 0) {
		give_names(work);
		settle_by_look(work, "");
		for (size_t i = 0; !kept && i < work->count; i++)
			if (work->findings[i].outcome == TCBCK_OUTCOME_FIXED)
				work->findings[i].reason = SYSCK_SLICE("the old content was too large to be kept");
		return;
	}
	if (!work->repair.there || work->repair.fixer->undo_failed || r == -EAGAIN)
		settle_all(work, ~(sysck_attr_set)0,
			   work->repair.fixer->undo_failed ? TCBCK_OUTCOME_REFUSED : tcbck_fix_outcome(r), err.text);
	else if (work->repair.fixer->disable_budget == 0)
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_REFUSED,
			   "its source is of no use, and --fix-limit is reached");
	else
		disable_instead(work, content, err.text);
}

/* Something is where nothing may be. */
static void remove_object(struct work *work)
{
	struct tcbck_repair *repair = &work->repair;
	bool regular = S_ISREG(repair->pinned.st.st_mode), kept = true;
	struct sysck_err err;
	int r = repair->controlled ? 0 : sysck_err_set(&err, -EPERM, "%s", repair->why);

	if (r == 0 && regular && repair->pinned.st.st_nlink == 1 && repair->pinned.st.st_size > (off_t)TCBCK_UNDO_CONTENT_MAX)
		r = sysck_err_set(&err, -EPERM, "it is too large for its content to be kept");
	if (r == 0) {
		r = tcbck_undo_record(repair->fixer->undo, &repair->before.is,
				      regular ? repair->pinned.descriptor : TCBCK_UNDO_EMPTY, &kept, &err);
		repair->fixer->undo_failed = repair->fixer->undo_failed || r < 0;
	}
	if (r == 0)
		r = tcbck_place_remove(repair->directory, repair->name, &repair->pinned.st, &err);
	if (r == 0)
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_FIXED, "");
	else
		settle_all(work, ~(sysck_attr_set)0, repair->fixer->undo_failed ? TCBCK_OUTCOME_REFUSED : tcbck_fix_outcome(r),
			   err.text);
}

/* The bits that the object has without an extended ACL's mask: the owning group's own entry counts. */
static uint32_t mode_without_mask(const struct sysck_def *is)
{
	uint32_t mode = is->mode;

	for (size_t i = 0; i < is->acl.count; i++)
		if (!is->acl.entries[i].is_default && is->acl.entries[i].tag == SYSCK_ACL_GROUP_OBJ)
			mode = (mode & ~070u) | ((uint32_t)is->acl.entries[i].permissions << 3 & mode);
	return mode;
}

/* Could anybody but root write the content until now? */
static bool could_be_written(const struct work *work)
{
	const struct sysck_def *is = &work->repair.before.is;

	return find(&work->now, SYSCK_ATTR_OWNER) != NULL || is->owner != 0 || (is->mode & 022) != 0;
}

/* What the object is to become, when the attributes in `set` are repaired. */
static void build_state(const struct work *work, sysck_attr_set set, struct tcbck_state *state)
{
	const struct sysck_def *def = work->repair.def, *is = &work->repair.before.is;
	bool chown = (set & (BIT(OWNER) | BIT(GROUP))) != 0;
	uint32_t bits;

	*state = (struct tcbck_state){ .set = set,
				       .owner = def->owner,
				       .group = def->group,
				       .acl = def->acl,
				       .capabilities = def->capabilities,
				       .mode = is->mode };
	if ((set & BIT(MODE)) != 0 || (sysck_def_has(def, SYSCK_ATTR_MODE) && def->mode == is->mode)) {
		state->mode = def->mode;
	} else if ((set & BIT(ACL)) != 0) {
		state->mode = mode_without_mask(is);
		if (sysck_acl_mode(&def->acl, &bits))
			state->mode = (state->mode & ~0777u) | bits;
	}
	/* chown takes set-id bits away; they come back only if they are defined. */
	if (chown && !(sysck_def_has(def, SYSCK_ATTR_MODE) && state->mode == def->mode))
		state->mode &= ~SET_ID;
	if (set != 0 && def->type != SYSCK_TYPE_SYMLINK)
		state->set |= BIT(MODE);
	/* So it is with capabilities; and while others could write the content, they must be given anew. */
	if ((chown || could_be_written(work)) && set != 0 && sysck_def_has(def, SYSCK_ATTR_CAPABILITIES) &&
	    ((set & BIT(CAPABILITIES)) != 0 || sysck_capabilities_equal(&def->capabilities, &is->capabilities)))
		state->set |= BIT(CAPABILITIES);
}

/* Does the state give anything that the object does not have? */
static bool adds(const struct work *work, const struct tcbck_state *state)
{
	const struct sysck_def *is = &work->repair.before.is;

	return ((state->set & BIT(MODE)) != 0 && (state->mode & ~is->mode) != 0) ||
	       ((state->set & BIT(ACL)) != 0 && state->acl.count > 0) ||
	       ((state->set & BIT(CAPABILITIES)) != 0 && !sysck_capabilities_empty(&state->capabilities));
}

/* Does the state hold a set-id bit or capabilities? */
static bool is_privileged(const struct work *work, const struct tcbck_state *state)
{
	if (work->repair.before.is.type != SYSCK_TYPE_FILE)
		return false;
	return ((state->set & BIT(MODE)) != 0 && (state->mode & SET_ID) != 0) ||
	       ((state->set & BIT(CAPABILITIES)) != 0 && !sysck_capabilities_empty(&state->capabilities));
}

/* Does the definition hold a set-id bit or capabilities? */
static bool defines_privilege(const struct sysck_def *def)
{
	if (def->type != SYSCK_TYPE_FILE)
		return false;
	return (sysck_def_has(def, SYSCK_ATTR_MODE) && (def->mode & SET_ID) != 0) ||
	       (sysck_def_has(def, SYSCK_ATTR_CAPABILITIES) && !sysck_capabilities_empty(&def->capabilities));
}

static bool is_provable(const struct sysck_def *def)
{
	return (sysck_def_has(def, SYSCK_ATTR_HASH_VALUE) && !def->hash_value.is_volatile) ||
	       (sysck_def_has(def, SYSCK_ATTR_CHECKSUM) && !def->checksum.is_volatile);
}

/*
 * Why no set-id bit and no capabilities can be given, whatever a closer look says; else NULL. Then nothing at all is put
 * right: with a good owner and mode the next run would no longer see that others could write the content.
 */
static const char *why_never(const struct work *work, const struct tcbck_state *state)
{
	const struct sysck_def *def = work->repair.def;
	bool stays = (find(&work->now, SYSCK_ATTR_OWNER) != NULL && (state->set & BIT(OWNER)) == 0) ||
		     (find(&work->now, SYSCK_ATTR_GROUP) != NULL && (state->set & BIT(GROUP)) == 0);

	if (could_be_written(work) && defines_privilege(def) && !is_provable(def))
		return "others could write it, and neither hash_value nor checksum proves its content";
	return stays && is_privileged(work, state) ? "its owner or group stays wrong" : NULL;
}

/* Can anybody but the defined owner write it, after narrowing? */
static int check_closed(struct work *work, const struct tcbck_state *state, struct sysck_err *err)
{
	const struct sysck_def *def = work->repair.def;
	struct stat st;
	int r;

	if (fstat(work->repair.pinned.descriptor, &st) < 0)
		return sysck_err_errno(err, -errno, "cannot be looked at again");
	if ((st.st_mode & 022) != 0 || (st.st_uid != 0 && !(sysck_def_has(def, SYSCK_ATTR_OWNER) && st.st_uid == def->owner)))
		return sysck_err_set(err, -EPERM, "others can still write it");
	/* An ACL that nobody defined would be as good as its mask. */
	if ((state->mode & 020) != 0 && (state->set & BIT(ACL)) == 0 && work->repair.before.is.acl.count > 0)
		return sysck_err_set(err, -EPERM, "others can write it by its ACL");
	r = tcbck_apply_check_writers(&work->repair.pinned);
	if (r == -EBUSY)
		return sysck_err_set(err, r, "somebody has it open for writing");
	/* Some file systems have no leases. */
	if (r < 0 && could_be_written(work))
		return sysck_err_errno(err, -EPERM, "writers cannot be excluded (%d)", -r);
	return 0;
}

/*
 * The content is proven when hash_value or checksum are defined, nobody has the file open for writing any more, and a look
 * after that finds them as they should be.
 */
static int prove(struct work *work, const struct tcbck_state *state, struct sysck_err *err)
{
	const struct sysck_def *def = work->repair.def;
	struct tcbck_findings after = TCBCK_FINDINGS_INIT;
	struct tcbck_observation o;
	int r = check_closed(work, state, err);

	if (r < 0)
		return r;
	r = judge_pinned(work, def->present & CONTENT, &o, &after);
	if (r < 0)
		sysck_err_set(err, r, "out of memory");
	for (unsigned kind = SYSCK_ATTR_SIZE; r == 0 && kind <= SYSCK_ATTR_HASH_VALUE; kind++)
		if (find(&after, kind) != NULL)
			r = sysck_err_set(err, -EPERM, "its content changed since it was judged");
	tcbck_findings_done(&after);
	return r;
}

/* The mode without what was refused: never more than before. */
static void withhold(const struct work *work, struct tcbck_state *state)
{
	state->mode &= work->repair.before.is.mode & ~SET_ID;
	state->set &= ~BIT(CAPABILITIES);
}

static int apply(struct work *work, struct tcbck_state *state, struct sysck_err *err)
{
	struct tcbck_repair *repair = &work->repair;
	struct sysck_err refusal;
	int r = record(work, err);

	if (r < 0)
		return r;
	r = tcbck_apply_narrow(&repair->pinned, state, err);
	if (r == 0 && is_privileged(work, state) && prove(work, state, &refusal) < 0) {
		settle_all(work, BIT(MODE) | BIT(CAPABILITIES), TCBCK_OUTCOME_REFUSED, refusal.text);
		withhold(work, state);
	}
	if (r == 0)
		r = tcbck_apply_grant(&repair->pinned, state, err);
	return r;
}

/* Nothing is given; what it has of set-id bits and capabilities is taken away. */
static void refuse_rights(struct work *work, const char *why)
{
	const struct sysck_def *is = &work->repair.before.is;
	struct sysck_err err;

	if (((is->mode & SET_ID) != 0 || !sysck_capabilities_empty(&is->capabilities)) && record(work, &err) == 0)
		(void)tcbck_apply_strip(&work->repair.pinned, &err);
	settle_all(work, RIGHTS, TCBCK_OUTCOME_REFUSED, why);
}

/* Owner, group, ACL, mode, capabilities. */
static void repair_rights(struct work *work, char *reason, size_t size)
{
	sysck_attr_set set = open_set(work) & RIGHTS;
	struct tcbck_state state;
	struct sysck_err err;
	const char *never;
	int r;

	if (set == 0)
		return;
	if (!work->repair.controlled && (set & (BIT(OWNER) | BIT(GROUP))) != 0) {
		settle_all(work, BIT(OWNER) | BIT(GROUP), TCBCK_OUTCOME_REFUSED, work->repair.why);
		set = open_set(work) & RIGHTS;
	}
	build_state(work, set, &state);
	if (!work->repair.controlled && adds(work, &state)) {
		settle_all(work, RIGHTS, TCBCK_OUTCOME_REFUSED, work->repair.why);
		return;
	}
	if (set == 0)
		return;
	never = why_never(work, &state);
	if (never != NULL) {
		refuse_rights(work, never);
		return;
	}
	r = apply(work, &state, &err);
	if (r < 0 && work->repair.fixer->undo_failed)
		settle_all(work, RIGHTS, TCBCK_OUTCOME_REFUSED, err.text);
	else if (r < 0)
		(void)snprintf(reason, size, "%s", err.text);
}

static void repair_names(struct work *work, enum sysck_attr attribute, char *reason, size_t size)
{
	struct tcbck_repair *repair = &work->repair;
	bool hard = attribute == SYSCK_ATTR_LINKS;
	const struct sysck_list *paths = hard ? &repair->def->links : &repair->def->symlinks;
	const struct tcbck_link *links = hard ? repair->before.links : repair->before.symlinks;
	struct sysck_err err;

	if ((open_set(work) & SYSCK_ATTR_BIT(attribute)) == 0)
		return;
	if (!repair->controlled) {
		settle_all(work, SYSCK_ATTR_BIT(attribute), TCBCK_OUTCOME_REFUSED, repair->why);
		return;
	}
	for (size_t i = 0; i < paths->count; i++) {
		char quoted[SYSCK_QUOTE_MAX], text[SYSCK_ERR_TEXT_MAX + SYSCK_QUOTE_MAX];
		int r;

		if (links[i].state == TCBCK_LINK_GOOD || links[i].state == TCBCK_LINK_REPEATED)
			continue;
		r = hard ? tcbck_names_link(repair, paths->items[i], false, &err)
			 : tcbck_names_symlink(repair, paths->items[i], &err);
		if (r == 0)
			continue;
		(void)snprintf(text, sizeof(text), "%s: %s", sysck_quote(paths->items[i], quoted, sizeof(quoted)), err.text);
		if (tcbck_fix_outcome(r) == TCBCK_OUTCOME_REFUSED || repair->fixer->undo_failed)
			settle_all(work, SYSCK_ATTR_BIT(attribute), TCBCK_OUTCOME_REFUSED, text);
		else
			(void)snprintf(reason, size, "%s", text);
		return;
	}
}

static void repair_target(struct work *work, char *reason, size_t size)
{
	struct sysck_err err;
	int r;

	if ((open_set(work) & BIT(TARGET)) == 0)
		return;
	if (!work->repair.controlled) {
		settle_all(work, BIT(TARGET), TCBCK_OUTCOME_REFUSED, work->repair.why);
		return;
	}
	r = record(work, &err);
	if (r == 0)
		r = tcbck_names_target(&work->repair, &err);
	if (r < 0 && (tcbck_fix_outcome(r) == TCBCK_OUTCOME_REFUSED || work->repair.fixer->undo_failed))
		settle_all(work, BIT(TARGET), TCBCK_OUTCOME_REFUSED, err.text);
	else if (r < 0)
		(void)snprintf(reason, size, "%s", err.text);
}

/* Of an object of another type only the type is judged; what it is besides must be known before it is touched. */
static int look_besides_type(struct work *work)
{
	struct tcbck_repair *repair = &work->repair;
	const struct sysck_def asked = { .path = repair->def->path };

	if (find(&work->now, SYSCK_ATTR_TYPE) == NULL)
		return 0;
	return tcbck_observe_descriptor(repair->fixer->observer, repair->pinned.descriptor, &asked, RECORDED | BIT(HASH_VALUE),
					repair->arena, &repair->before);
}

/*
 * Where others control the directory, the name may be a hard link that they took away again once it was opened: then the
 * link count is that of names elsewhere. The object must have this name and the count at the same time; a look can be
 * deceived, so many looks are taken.
 */
bool tcbck_fix_has_names(int directory, const char *name, const struct tcbck_pinned *pinned, size_t names)
{
	struct stat st;

	for (int i = 0; i < LOOKS; i++)
		if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_nlink != names ||
		    st.st_dev != pinned->st.st_dev || st.st_ino != pinned->st.st_ino)
			return false;
	return true;
}

/* The object is there and pinned. */
static int repair_present(struct work *work)
{
	struct tcbck_repair *repair = &work->repair;
	const struct sysck_def *def = repair->def;
	sysck_attr_set content = CONTENT | BIT(TYPE) | BIT(DEVICE);
	char reason[SYSCK_ERR_TEXT_MAX + SYSCK_QUOTE_MAX] = "";
	struct sysck_err err;
	size_t names;
	int r = judge_pinned(work, wanted_of(work), &repair->before, &work->now);

	if (r == 0)
		r = look_besides_type(work);
	if (r < 0)
		return r;
	refuse_changed(work);
	r = tcbck_apply_check_changeable(&repair->pinned, &err);
	if (r < 0) {
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_REFUSED, err.text);
		return 0;
	}
	names = 1 + (sysck_def_has(def, SYSCK_ATTR_LINKS) ? def->links.count : 0);
	if (!repair->controlled && repair->before.is.type != SYSCK_TYPE_DIRECTORY &&
	    (repair->before.link_count != names ||
	     !tcbck_fix_has_names(repair->directory, repair->name, &repair->pinned, names))) {
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_REFUSED,
			   "it has other names, and others control its directory");
		return 0;
	}
	if (def->type == SYSCK_TYPE_ABSENT) {
		remove_object(work);
		return 0;
	}
	if (content_is_wrong(work)) {
		if ((open_set(work) & content) != 0 && sysck_def_has(def, SYSCK_ATTR_SOURCE))
			replace(work, content);
		else if ((open_set(work) & content) != 0)
			disable(work, content, "no source to restore it from");
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_REFUSED,
			   "its content is not as defined: it gets nothing back");
		return 0;
	}
	repair_rights(work, reason, sizeof(reason));
	repair_target(work, reason, sizeof(reason));
	repair_names(work, SYSCK_ATTR_LINKS, reason, sizeof(reason));
	repair_names(work, SYSCK_ATTR_SYMLINKS, reason, sizeof(reason));
	settle_by_look(work, reason);
	return 0;
}

static int repair_object(struct work *work, const struct tcbck_place *place)
{
	struct tcbck_repair *repair = &work->repair;
	struct sysck_err err;
	int r;

	repair->directory = place->directory;
	repair->name = place->name;
	r = tcbck_apply_pin(place->directory, place->name, &repair->pinned);
	repair->there = r == 0;
	if (r == -ENOENT) {
		/* Only what was missing before may be made now. */
		for (size_t i = 0; i < work->count; i++)
			if (is_open(work, i) && work->findings[i].kind != TCBCK_KIND_MISSING)
				settle(work, &work->findings[i], TCBCK_OUTCOME_REFUSED,
				       "the object changed since it was judged");
		if (any_open(work) && sysck_def_has(repair->def, SYSCK_ATTR_SOURCE))
			replace(work, 0);
		settle_all(work, ~(sysck_attr_set)0, TCBCK_OUTCOME_FAILED, "no source to restore it from");
		return 0;
	}
	if (r < 0) {
		sysck_err_errno(&err, r, "cannot be opened");
		settle_all(work, ~(sysck_attr_set)0, tcbck_fix_outcome(r),
			   r == -EAGAIN ? "the object changed since it was judged" : err.text);
		return 0;
	}
	r = repair_present(work);
	close(repair->pinned.descriptor);
	return r;
}

bool tcbck_fix_is_grave(const struct tcbck_finding *finding)
{
	return (finding->remedy == TCBCK_REMEDY_DISABLE || finding->remedy == TCBCK_REMEDY_REMOVE ||
		finding->remedy == TCBCK_REMEDY_STRIP) &&
	       !finding->unverified;
}

int tcbck_fix_object(struct tcbck_fixer *fixer, const struct sysck_def *def, struct tcbck_finding *findings, size_t count,
		     const bool *chosen, struct sysck_arena *arena)
{
	struct work work = {
		.repair = { .fixer = fixer, .def = def, .arena = arena },
		.findings = findings,
		.count = count,
		.chosen = chosen,
		.now = TCBCK_FINDINGS_INIT,
	};
	char why[SYSCK_ERR_TEXT_MAX];
	struct tcbck_place place;
	struct sysck_err err;
	int r = tcbck_path_find_controlled(fixer->opener, def->path, &place, &work.repair.controlled, why, &err);

	work.repair.why = why;
	if (r < 0) {
		settle_all(&work, ~(sysck_attr_set)0, r == -ELOOP ? TCBCK_OUTCOME_REFUSED : TCBCK_OUTCOME_FAILED, err.text);
		return 0;
	}
	r = repair_object(&work, &place);
	tcbck_findings_done(&work.now);
	return work.out_of_memory ? -ENOMEM : r;
}

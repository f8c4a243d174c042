/*
 * packaged.c - what a package has installed, as text of a definition.
 *
 * Knows what a package manager vouches for, and what of a file is taken into its definition. Must never bless what is not
 * proven: a content counts only by a digest of the read that also gave the package's, and what nobody vouches for does not
 * replace what a definition already says.
 */
#include "repair/packaged.h"

#include <errno.h>
#include <stdio.h>

#include "judge/explain.h"
#include "judge/judge.h"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)
/* What is taken from the host where nobody vouches for it and no definition has it. */
#define HOSTED (BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(CAPABILITIES) | BIT(DEVICE) | BIT(TARGET))

/* One file on its way into its definition. */
struct making {
	const struct tcbck_packaging *packaging;
	struct tcbck_taken *taken;
	const struct tcbck_packaged *file;
	struct sysck_def before; /* `present` is 0 without a definition */
	struct sysck_def shall;  /* what the definition gets; `present` says which of it */
	struct tcbck_observation observation;
};

/* Says why a file could not be taken. 0 or -ENOMEM. */
static int fault(struct making *making, const char *what, struct sysck_slice detail)
{
	char quoted[SYSCK_QUOTE_MAX], text[SYSCK_ERR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s: %s%.*s", sysck_quote(making->file->path, quoted, sizeof(quoted)), what,
		       (int)detail.len, detail.data);
	return sysck_arena_copy(making->packaging->kept, sysck_slice_of(text), &making->taken->fault);
}

/* The type that the definition gets; SYSCK_TYPE_NONE: nobody knows, it is not there. */
static enum sysck_type type_of(const struct making *making)
{
	if ((making->file->known & BIT(TYPE)) != 0)
		return making->file->type;
	if (sysck_def_has(&making->before, SYSCK_ATTR_TYPE))
		return making->before.type;
	return making->observation.presence == TCBCK_PRESENT ? making->observation.is.type : SYSCK_TYPE_NONE;
}

/* Owner, group, mode and the like: the package manager's word, else the definition's, else the host's. */
static void take_attributes(struct making *making)
{
	const struct tcbck_packaged *file = making->file;
	const struct tcbck_observation *o = &making->observation;
	struct sysck_def *shall = &making->shall;
	bool there = o->presence == TCBCK_PRESENT && o->is.type == shall->type;
	sysck_attr_set hosted = HOSTED & ~file->known & ~making->before.present;

	if (there)
		shall->present |= hosted & o->is.present;
	/* What cannot be executed has no use for capabilities, and most files have none. */
	if (there && (o->is.mode & 0111) == 0 && sysck_capabilities_empty(&o->is.capabilities))
		shall->present &= ~BIT(CAPABILITIES);
	shall->owner = o->is.owner;
	shall->group = o->is.group;
	shall->mode = o->is.mode;
	shall->capabilities = o->is.capabilities;
	shall->device = o->is.device;
	shall->target = o->is.target;
	making->taken->unvouched = there && (hosted & o->is.present & (BIT(OWNER) | BIT(GROUP) | BIT(MODE))) != 0;
	shall->present |= file->known & HOSTED;
	if ((file->known & BIT(OWNER)) != 0)
		shall->owner = file->owner;
	if ((file->known & BIT(GROUP)) != 0)
		shall->group = file->group;
	/* The TCB flag is the administrator's: no package has it. */
	if ((file->known & BIT(MODE)) != 0)
		shall->mode = file->mode |
			      (sysck_def_has(&making->before, SYSCK_ATTR_MODE) ? making->before.mode & SYSCK_MODE_TCB : 0);
	if ((file->known & BIT(CAPABILITIES)) != 0)
		shall->capabilities = file->capabilities;
	if ((file->known & BIT(DEVICE)) != 0)
		shall->device = file->device;
	if ((file->known & BIT(TARGET)) != 0)
		shall->target = file->target;
}

/* Size and digest: those of the read that proved the package's digest, else the package's. */
static void take_content(struct making *making)
{
	const struct tcbck_packaged *file = making->file;
	const struct tcbck_observation *o = &making->observation;
	const struct sysck_digest *known = tcbck_packages_digest(file);
	struct sysck_def *shall = &making->shall;
	const sysck_attr_set both = BIT(SIZE) | BIT(HASH_VALUE);

	if (known == NULL) {
		making->taken->undigested = shall->type == SYSCK_TYPE_FILE;
		return;
	}
	/* Not read, and nothing of it is to be defined. */
	if (sysck_def_has(&making->before, SYSCK_ATTR_HASH_VALUE) && making->before.hash_value.is_volatile)
		return;
	if (o->presence == TCBCK_PRESENT && (o->is.present & both) == both && o->has_proof &&
	    sysck_digest_equal(known, &o->proof)) {
		shall->present |= both;
		shall->size = o->is.size;
		shall->hash_value = o->is.hash_value;
		/* One more of the same content, where the definition has it. */
		shall->present |= o->is.present & BIT(CHECKSUM);
		shall->checksum = o->is.checksum;
		return;
	}
	making->taken->wrong = true;
	shall->present |= BIT(HASH_VALUE) | (file->known & BIT(SIZE));
	shall->size = (struct sysck_size){ .bytes = file->size, .has_bytes = true };
	shall->hash_value = (file->known & BIT(HASH_VALUE)) != 0 ? file->hash_value : *known;
}

/* What the administrator called volatile stays so. */
static void keep_volatile(struct making *making)
{
	const struct sysck_def *before = &making->before;

	if (sysck_def_has(before, SYSCK_ATTR_SIZE) && before->size.is_volatile)
		making->shall.present &= ~BIT(SIZE);
	if (sysck_def_has(before, SYSCK_ATTR_HASH_VALUE) && before->hash_value.is_volatile)
		making->shall.present &= ~BIT(HASH_VALUE);
}

/* Is anything there that the definition, once it is made, calls wrong? Content was compared before. */
static bool differs(const struct making *making)
{
	const struct tcbck_observation *o = &making->observation;
	struct sysck_def whole = making->shall;
	const struct tcbck_judgement judgement = { &whole, 0, making->packaging->adopter->names, false };
	const sysck_attr_set kept = making->before.present & HOSTED & ~whole.present;

	if (o->presence != TCBCK_PRESENT || o->is.type != whole.type)
		return true;
	if ((kept & BIT(OWNER)) != 0)
		whole.owner = making->before.owner;
	if ((kept & BIT(GROUP)) != 0)
		whole.group = making->before.group;
	if ((kept & BIT(MODE)) != 0)
		whole.mode = making->before.mode;
	if ((kept & BIT(CAPABILITIES)) != 0)
		whole.capabilities = making->before.capabilities;
	if ((kept & BIT(DEVICE)) != 0)
		whole.device = making->before.device;
	if ((kept & BIT(TARGET)) != 0)
		whole.target = making->before.target;
	whole.present |= kept;
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if ((whole.present & HOSTED & SYSCK_ATTR_BIT(i)) != 0 &&
		    ((o->is.present & SYSCK_ATTR_BIT(i)) == 0 || !tcbck_judge_same(&judgement, o, (enum sysck_attr)i)))
			return true;
	return false;
}

bool tcbck_packaged_has_class(const struct sysck_list *classes, struct sysck_slice name)
{
	for (size_t i = 0; i < classes->count; i++)
		if (sysck_slice_equal(classes->items[i], name))
			return true;
	return false;
}

/* The classes that it had, `inventory` and the names of its packages. */
static int take_classes(struct making *making)
{
	const struct tcbck_packages *packages = making->packaging->packages;
	struct sysck_list list = { NULL, 0 };
	size_t own = 0, first, count = tcbck_packages_find(packages, making->file->path, &first);
	struct sysck_slice *items =
		sysck_arena_alloc(making->packaging->adopter->arena, making->before.classes.count + count + 1, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	list.items = items;
	if (sysck_def_has(&making->before, SYSCK_ATTR_CLASS))
		for (; list.count < making->before.classes.count; list.count++)
			items[list.count] = making->before.classes.items[list.count];
	if (!tcbck_packaged_has_class(&list, SYSCK_SLICE(TCBCK_CLASS_INVENTORY)))
		items[list.count++] = SYSCK_SLICE(TCBCK_CLASS_INVENTORY);
	/* Behind `inventory`, for what is before it is somebody else's, even if it is of the same name. */
	while (!sysck_slice_equal(items[own++], SYSCK_SLICE(TCBCK_CLASS_INVENTORY)))
		;
	for (size_t i = first; i < first + count; i++) {
		const struct tcbck_packaged *file = tcbck_packages_at(packages, i);
		struct sysck_slice name = tcbck_explain_class(tcbck_packages_get(packages, file->package)->name);
		const struct sysck_list behind = { items + own, list.count - own };

		if (!tcbck_packaged_has_class(&behind, name))
			items[list.count++] = name;
	}
	making->shall.classes = list;
	making->shall.present |= BIT(CLASS);
	return 0;
}

/* Makes the stanza out of what the definition gets. */
static int write_stanza(struct making *making, struct sysck_buf *out)
{
	const struct tcbck_packaging *packaging = making->packaging;
	const struct tcbck_object object = { making->file->path, -1, NULL, false };
	struct sysck_buf values[SYSCK_ATTR_COUNT] = { 0 };
	struct tcbck_request request = { .given = making->shall.present };
	struct tcbck_adopted adopted;
	struct sysck_err err;
	int r = 0;

	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		const enum sysck_attr attribute = (enum sysck_attr)i;

		if (sysck_def_has(&making->shall, attribute))
			sysck_def_write_value(&making->shall, attribute, packaging->adopter->names, &values[i]);
		if (sysck_buf_error(&values[i]) < 0)
			r = -ENOMEM;
		request.values[i] = sysck_buf_slice(&values[i]);
		/* Of another type than it was: what that cannot have goes; and a size of another content. */
		if (sysck_def_has(&making->before, attribute) && !sysck_def_has(&making->shall, attribute) &&
		    (!sysck_attr_applies(attribute, making->shall.type) ||
		     (making->taken->wrong && attribute == SYSCK_ATTR_SIZE && !making->before.size.is_volatile)))
			request.removed |= SYSCK_ATTR_BIT(i);
	}
	if (r == 0)
		r = tcbck_adopt(packaging->adopter, making->packaging->db, &request, &object, out, &adopted, &err);
	if (r == 0 && adopted.adoption == TCBCK_WRONG)
		r = sysck_arena_copy(packaging->kept, sysck_slice_of(err.text), &making->taken->fault);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		sysck_buf_done(&values[i]);
	return r;
}

static int look(struct making *making)
{
	const struct sysck_digest *known = tcbck_packages_digest(making->file);
	struct tcbck_observer *observer = making->packaging->adopter->observer;
	struct sysck_def asked = { .path = making->file->path };
	sysck_attr_set wanted = BIT(TYPE) | HOSTED | (known != NULL ? BIT(SIZE) | BIT(HASH_VALUE) : 0);

	if (known != NULL && sysck_def_has(&making->before, SYSCK_ATTR_CHECKSUM) && !making->before.checksum.is_volatile)
		wanted |= BIT(CHECKSUM);
	/* What is defined as volatile is not read. */
	if (sysck_def_has(&making->before, SYSCK_ATTR_HASH_VALUE) && making->before.hash_value.is_volatile)
		wanted &= ~(BIT(HASH_VALUE) | BIT(CHECKSUM));
	tcbck_observer_prove(observer, known == NULL ? SYSCK_HASH_COUNT : known->algorithm);
	return tcbck_observe(observer, &asked, wanted, making->packaging->adopter->arena, &making->observation);
}

static int make(struct making *making, struct sysck_buf *out)
{
	const struct tcbck_observation *o = &making->observation;
	int r = look(making);

	if (r < 0)
		return r;
	if ((o->presence == TCBCK_UNSAFE || o->presence == TCBCK_UNKNOWN) && making->before.present == 0 &&
	    (making->file->known & BIT(TYPE)) == 0)
		return fault(making, "cannot be examined: ", o->reason);
	making->shall.type = type_of(making);
	making->taken->unknown = making->shall.type == SYSCK_TYPE_NONE && !making->file->optional;
	/* Left out on purpose, or unknown in every respect: nothing to be defined. */
	if (making->shall.type == SYSCK_TYPE_NONE || making->shall.type == SYSCK_TYPE_DIRECTORY ||
	    (o->presence == TCBCK_MISSING && making->file->optional && making->before.present == 0))
		return 0;
	making->shall.present = BIT(TYPE);
	take_attributes(making);
	if (making->shall.type == SYSCK_TYPE_FILE)
		take_content(making);
	keep_volatile(making);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if (!sysck_attr_applies((enum sysck_attr)i, making->shall.type))
			making->shall.present &= ~SYSCK_ATTR_BIT(i);
	making->taken->wrong = making->taken->wrong || differs(making);
	r = take_classes(making);
	return r < 0 ? r : write_stanza(making, out);
}

int tcbck_packaged_define(const struct tcbck_packaging *packaging, size_t file, struct sysck_buf *out, struct tcbck_taken *ret)
{
	const struct tcbck_adopter *adopter = packaging->adopter;
	const struct sysck_def_options reading = { adopter->names, adopter->arena, NULL, false };
	struct tcbck_taken taken = { .wrong = false };
	struct making making = {
		.packaging = packaging,
		.taken = &taken,
		.file = tcbck_packages_at(packaging->packages, file),
	};
	struct sysck_err err;
	size_t defined;
	int r = 0;

	if (sysck_path_check(making.file->path, &err) < 0)
		r = fault(&making, err.text, SYSCK_SLICE(""));
	else if (sysck_db_find(packaging->db, making.file->path, &defined) == 0)
		r = sysck_db_def(packaging->db, defined, &reading, &making.before);
	if (r >= 0 && taken.fault.len == 0)
		r = make(&making, out);
	if (r >= 0)
		*ret = taken;
	return r < 0 ? r : 0;
}

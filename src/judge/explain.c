/*
 * explain.c - findings in the light of the package manager: is this what a package has installed?
 *
 * Knows what a package manager can vouch for, and that only the very bytes that were found may be explained: each object is
 * looked at once more, with the package's digest and ours from one read. Must never call explained what it could not prove.
 */
#include "judge/explain.h"

#include <errno.h>
#include <stdlib.h>

#include "judge/check.h"
#include "judge/judge.h"
#include "observe/observe.h"
#include "observe/crew.h"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)
/* What a digest proves. */
#define CONTENT (BIT(SIZE) | BIT(CHECKSUM) | BIT(HASH_VALUE))
/* What a package manager vouches for by itself. */
#define VOUCHED (BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(CAPABILITIES) | BIT(DEVICE) | BIT(TARGET))

/* One thread's means. */
struct worker {
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena arena; /* of the object in hand */
	struct sysck_arena kept;  /* texts of the findings */
	int error;
};

struct explaining {
	const struct tcbck_explain_options *options;
	struct tcbck_observer_options observing;
	struct tcbck_findings *findings;
	size_t *objects; /* the first finding of each; one more behind */
	size_t count;
	struct worker *workers;
	unsigned jobs;
};

/* One object with its findings. */
struct object {
	const struct explaining *explaining;
	struct worker *worker;
	struct tcbck_finding *findings;
	size_t count;
	struct sysck_def def; /* `present` is 0 for a stray */
	const struct tcbck_packaged *file;
	const struct tcbck_package *package;
	struct tcbck_observation observation;
};

/* Packages whose names can't be those of classes, or mean another one. */
static const struct {
	const char *name, *class;
} renamed[] = {
	{ "tree", "tree-package" },
	{ "sysck", "sysck-package" },
	{ "ALL", "ALL-package" },
	{ TCBCK_CLASS_INVENTORY, TCBCK_CLASS_INVENTORY "-package" },
};

struct sysck_slice tcbck_explain_class(struct sysck_slice package)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (sysck_slice_equal(package, sysck_slice_of(renamed[i].name)))
			return sysck_slice_of(renamed[i].class);
	return package;
}

struct sysck_slice tcbck_explain_origin(const struct sysck_list *classes)
{
	struct sysck_slice origin = { NULL, 0 };

	for (size_t i = 0; origin.len == 0 && i + 1 < classes->count; i++)
		if (sysck_slice_equal(classes->items[i], SYSCK_SLICE(TCBCK_CLASS_INVENTORY)))
			origin = classes->items[i + 1];
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (sysck_slice_equal(origin, sysck_slice_of(renamed[i].class)))
			return sysck_slice_of(renamed[i].name);
	return origin;
}

/* Is the package newer than the definition? */
static bool is_newer(const struct object *object)
{
	const struct tcbck_explain_options *options = object->explaining->options;
	const struct timespec *installed = &object->package->installed, *defined = &options->defined;

	if (sysck_def_has(&object->def, SYSCK_ATTR_CLASS) && tcbck_explain_origin(&object->def.classes).len > 0 &&
	    tcbck_origins_has(options->origins, object->package))
		return !tcbck_origins_same(options->origins, object->package);
	return installed->tv_sec != defined->tv_sec ? installed->tv_sec > defined->tv_sec
						    : installed->tv_nsec > defined->tv_nsec;
}

static bool is_content(const struct object *object)
{
	const struct sysck_digest *known = tcbck_packages_digest(object->file);
	const struct tcbck_observation *o = &object->observation;

	return known != NULL && o->has_proof && sysck_digest_equal(known, &o->proof);
}

/* Does the package manager vouch for this value? */
static bool is_vouched(const struct object *object, enum sysck_attr attribute)
{
	const struct tcbck_packaged *file = object->file;
	const struct tcbck_observation *o = &object->observation;

	if ((file->known & o->is.present & SYSCK_ATTR_BIT(attribute)) == 0)
		return false;
	if (attribute == SYSCK_ATTR_OWNER)
		return file->owner == o->is.owner;
	if (attribute == SYSCK_ATTR_GROUP)
		return file->group == o->is.group;
	/* The TCB flag is the administrator's: where that differs, no package explains it. */
	if (attribute == SYSCK_ATTR_MODE)
		return file->mode == (o->is.mode & 07777) && (!sysck_def_has(&object->def, SYSCK_ATTR_MODE) ||
							      ((object->def.mode ^ o->is.mode) & SYSCK_MODE_TCB) == 0);
	if (attribute == SYSCK_ATTR_CAPABILITIES)
		return sysck_capabilities_equal(&file->capabilities, &o->is.capabilities);
	if (attribute == SYSCK_ATTR_DEVICE)
		return file->device.major == o->is.device.major && file->device.minor == o->is.device.minor;
	return attribute == SYSCK_ATTR_TARGET && sysck_slice_equal(file->target, o->is.target);
}

/* Is it still what was found? A digest of an algorithm that is not computed here is compared by the package's own. */
static int is_as_found(const struct object *object, const struct tcbck_finding *finding, bool *ret)
{
	const struct tcbck_judgement judgement = { &object->def, finding->index, object->worker->names,
						   sysck_db_settings(object->explaining->options->db)->checksum_is_default };
	const struct sysck_def *def = &object->def;
	struct sysck_buf text = SYSCK_BUF_INIT;

	if (finding->kind == SYSCK_ATTR_HASH_VALUE && def->hash_value.algorithm == SYSCK_HASH_MD5 &&
	    object->observation.proof.algorithm == SYSCK_HASH_MD5)
		sysck_digest_write(&text, &object->observation.proof);
	else
		tcbck_judge_write_actual(&judgement, &object->observation, (enum sysck_attr)finding->kind, &text);
	*ret = sysck_slice_equal(sysck_buf_slice(&text), finding->actual);
	sysck_buf_done(&text);
	return sysck_buf_error(&text);
}

/* Keeps the value that the definition may take. */
static int accept(const struct object *object, struct tcbck_finding *finding)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct sysck_slice accepted = { NULL, 0 };
	int r;

	sysck_def_write_value(&object->observation.is, (enum sysck_attr)finding->kind, object->worker->names, &text);
	r = sysck_buf_error(&text);
	if (r == 0)
		r = sysck_arena_copy(&object->worker->kept, sysck_buf_slice(&text), &accepted);
	sysck_buf_done(&text);
	if (r == 0) {
		finding->accepted = accepted;
		finding->explanation = TCBCK_EXPLAINED;
	}
	return r;
}

/*
 * A definition of another type says nothing of a file's mode: no bit of it, and no capability, is in a type that is explained,
 * but what the package manager vouches for.
 */
static bool is_plain(const struct object *object)
{
	const struct sysck_def *is = &object->observation.is;
	bool mode = (is->present & BIT(MODE)) != 0 && ((is->mode & 06000) == 0 || is_vouched(object, SYSCK_ATTR_MODE));
	bool capabilities = (is->present & BIT(CAPABILITIES)) != 0 &&
			    (sysck_capabilities_empty(&is->capabilities) || is_vouched(object, SYSCK_ATTR_CAPABILITIES));

	return is_content(object) && mode && capabilities;
}

static int explain_difference(const struct object *object, struct tcbck_finding *finding)
{
	const struct tcbck_observation *o = &object->observation;
	bool proven, as_found;
	int r;

	if (finding->kind >= SYSCK_ATTR_COUNT || o->presence != TCBCK_PRESENT ||
	    (o->is.present & SYSCK_ATTR_BIT(finding->kind)) == 0)
		return 0;
	if ((CONTENT & SYSCK_ATTR_BIT(finding->kind)) != 0)
		proven = is_content(object);
	else if (finding->kind == SYSCK_ATTR_TYPE)
		proven = (object->file->known & BIT(TYPE)) != 0 && o->is.type == object->file->type &&
			 (o->is.type != SYSCK_TYPE_FILE || is_plain(object)) &&
			 (o->is.type != SYSCK_TYPE_SYMLINK || is_vouched(object, SYSCK_ATTR_TARGET));
	else
		proven = (VOUCHED & SYSCK_ATTR_BIT(finding->kind)) != 0 && is_vouched(object, (enum sysck_attr)finding->kind);
	if (!proven)
		return 0;
	r = is_as_found(object, finding, &as_found);
	return r < 0 || !as_found ? r : accept(object, finding);
}

/* A stray is defined by nobody: explained is a bit that the package has, but nothing of it can be accepted. */
static void explain_stray(const struct object *object, struct tcbck_finding *finding)
{
	const struct tcbck_packaged *file = object->file;
	uint32_t bit = finding->kind == TCBCK_KIND_TREE_SETUID ? 04000 : finding->kind == TCBCK_KIND_TREE_SETGID ? 02000 : 0;

	if (bit != 0 && (file->known & BIT(MODE)) != 0 && (file->mode & bit) != 0 && is_vouched(object, SYSCK_ATTR_MODE) &&
	    is_vouched(object, SYSCK_ATTR_OWNER) && is_vouched(object, SYSCK_ATTR_GROUP) && is_content(object))
		finding->explanation = TCBCK_EXPLAINED;
}

/* Looks at the object once more, at what its findings are about. */
static int look(struct object *object)
{
	const struct sysck_digest *known = tcbck_packages_digest(object->file);
	sysck_attr_set wanted = BIT(TYPE);
	struct sysck_def asked = object->def;

	for (size_t i = 0; i < object->count; i++) {
		unsigned kind = object->findings[i].kind;

		if (object->findings[i].unverified)
			continue;
		if (kind >= SYSCK_ATTR_COUNT)
			wanted |= BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(HASH_VALUE);
		else
			wanted |= SYSCK_ATTR_BIT(kind) & (CONTENT | VOUCHED);
		if (kind == SYSCK_ATTR_TYPE) {
			asked.present &= ~BIT(TYPE);
			asked.type = SYSCK_TYPE_NONE;
			wanted |= BIT(TARGET) | BIT(HASH_VALUE) | BIT(MODE) | BIT(CAPABILITIES);
		}
	}
	if ((wanted & CONTENT) != 0)
		wanted |= BIT(HASH_VALUE);
	/* What a definition of ours is to have is never MD5. */
	if (sysck_def_has(&asked, SYSCK_ATTR_HASH_VALUE) && asked.hash_value.algorithm == SYSCK_HASH_MD5)
		asked.present &= ~BIT(HASH_VALUE);
	tcbck_observer_prove(object->worker->observer, known == NULL ? SYSCK_HASH_COUNT : known->algorithm);
	return tcbck_observe(object->worker->observer, &asked, wanted, &object->worker->arena, &object->observation);
}

/* Where the object stands, in the spelling of the table. */
static size_t find_file(struct object *object, size_t *ret_first)
{
	const struct tcbck_packages *packages = object->explaining->options->packages;
	struct sysck_slice path = object->findings[0].path;
	struct tcbck_place place;

	if (tcbck_path_find(tcbck_observer_opener(object->worker->observer), path, &place, NULL) == 0)
		path = place.resolved;
	return tcbck_packages_find(packages, path, ret_first);
}

static int name_package(const struct object *object, struct tcbck_finding *finding, const struct tcbck_package *package)
{
	struct sysck_arena *kept = &object->worker->kept;

	finding->explanation = TCBCK_UNEXPLAINED;
	if (sysck_arena_copy(kept, package->name, &finding->package) < 0)
		return -ENOMEM;
	return sysck_arena_copy(kept, package->version, &finding->version);
}

/* No package has it. What the inventory defined may be gone with its package. */
static int explain_without(struct object *object)
{
	const struct tcbck_packages *packages = object->explaining->options->packages;
	struct sysck_slice origin = { NULL, 0 };
	size_t index;
	int r = 0;

	if (sysck_def_has(&object->def, SYSCK_ATTR_CLASS))
		origin = tcbck_explain_origin(&object->def.classes);
	for (size_t i = 0; r == 0 && i < object->count; i++) {
		struct tcbck_finding *finding = &object->findings[i];

		if (finding->unverified)
			continue;
		finding->explanation = tcbck_packages_is_partial(packages) ? TCBCK_UNEXPLAINED : TCBCK_NOT_PACKAGED;
		if (finding->kind != TCBCK_KIND_MISSING || origin.len == 0)
			continue;
		if (tcbck_packages_named(packages, origin, &index) == 0) {
			const struct tcbck_package *package = tcbck_packages_get(packages, index);

			r = name_package(object, finding, package);
			/* A package that is being installed may yet bring it. */
			if (r == 0 && package->whole)
				finding->explanation = TCBCK_EXPLAINED;
		} else if (tcbck_origins_has_name(object->explaining->options->origins, origin) &&
			   !tcbck_packages_is_partial(packages)) {
			r = sysck_arena_copy(&object->worker->kept, origin, &finding->package);
			finding->explanation = TCBCK_EXPLAINED;
		}
	}
	return r;
}

static int explain_object(struct object *object)
{
	const struct tcbck_packages *packages = object->explaining->options->packages;
	size_t first, count = find_file(object, &first);
	bool newer;
	int r = 0;

	if (count == 0)
		return explain_without(object);
	object->file = tcbck_packages_at(packages, first);
	object->package = tcbck_packages_get(packages, object->file->package);
	newer = object->package->whole && is_newer(object);
	if (newer)
		r = look(object);
	for (size_t i = 0; r == 0 && i < object->count; i++) {
		struct tcbck_finding *finding = &object->findings[i];

		if (finding->unverified)
			continue;
		r = name_package(object, finding, object->package);
		if (r < 0 || !newer)
			continue;
		if (finding->index == TCBCK_NO_DEFINITION)
			explain_stray(object, finding);
		else
			r = explain_difference(object, finding);
	}
	return r;
}

static void visit(void *context, unsigned number, size_t index)
{
	struct explaining *explaining = context;
	const struct sysck_db *db = explaining->options->db;
	struct worker *worker = &explaining->workers[number];
	const struct sysck_def_options reading = { worker->names, &worker->arena, NULL, false };
	struct object object = {
		.explaining = explaining,
		.worker = worker,
		.findings = explaining->findings->items + explaining->objects[index],
		.count = explaining->objects[index + 1] - explaining->objects[index],
	};
	int r = 0;

	sysck_arena_reset(&worker->arena);
	object.def.path = object.findings[0].path;
	if (object.findings[0].index != TCBCK_NO_DEFINITION)
		r = sysck_db_def(db, object.findings[0].index, &reading, &object.def);
	if (r >= 0)
		r = explain_object(&object);
	if (r < 0)
		worker->error = r;
}

/* Where the findings of each object begin. */
static int divide(struct explaining *explaining)
{
	const struct tcbck_findings *findings = explaining->findings;

	explaining->objects = calloc(findings->count + 1, sizeof(*explaining->objects));
	if (explaining->objects == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < findings->count; i += tcbck_findings_of_object(findings, i))
		explaining->objects[explaining->count++] = i;
	explaining->objects[explaining->count] = findings->count;
	return 0;
}

static int start(struct explaining *explaining, struct sysck_err *err)
{
	int r = divide(explaining);

	if (r == 0) {
		explaining->workers = calloc(explaining->jobs, sizeof(*explaining->workers));
		r = explaining->workers == NULL ? -ENOMEM : 0;
	}
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	for (unsigned i = 0; i < explaining->jobs; i++) {
		r = tcbck_observer_new(&explaining->observing, &explaining->workers[i].observer, err);
		if (r < 0)
			return r;
		if (tcbck_users_names(explaining->options->users, &explaining->workers[i].names) < 0)
			return sysck_err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

/* Texts of the findings go where those of the others are. */
static int end(struct explaining *explaining)
{
	int r = 0;

	for (unsigned i = 0; explaining->workers != NULL && i < explaining->jobs; i++) {
		struct worker *worker = &explaining->workers[i];

		r = worker->error < 0 ? worker->error : r;
		tcbck_observer_free(worker->observer);
		sysck_names_free(worker->names);
		sysck_arena_done(&worker->arena);
		sysck_arena_join(&explaining->findings->arena, &worker->kept);
	}
	free(explaining->workers);
	free(explaining->objects);
	return r;
}

int tcbck_explain(const struct tcbck_explain_options *options, struct tcbck_findings *findings, struct sysck_err *err)
{
	struct explaining explaining = {
		.options = options,
		.observing = {
			.root = options->root,
			.settings = sysck_db_settings(options->db),
			.stop = options->stop,
			.bytes_read = &options->counters->bytes,
		},
		.findings = findings,
		.jobs = options->jobs,
	};
	int r = start(&explaining, err), error;

	if (r == 0)
		tcbck_crew_each(explaining.count, explaining.jobs, visit, &explaining, options->stop);
	error = end(&explaining);
	return r == 0 && error < 0 ? sysck_err_set(err, error, "out of memory") : r;
}

/*
 * stray.c - what an object without a definition must not be.
 *
 * Knows the rules of `tree` (spec: "tree") and how they are said. Pure: the same function judges again what a repair is about
 * to change.
 */
#include "judge/stray.h"

#include <errno.h>

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)
#define SETUID         04000u
#define SETGID         02000u

const sysck_attr_set tcbck_stray_wanted = BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(CAPABILITIES) | BIT(DEVICE);

static bool is_administrative(const struct tcbck_ids *ids, uint32_t id)
{
	if (id <= ids->system_max)
		return true;
	for (size_t i = 0; i < ids->further_count; i++)
		if (ids->further[i] == id)
			return true;
	return false;
}

bool tcbck_stray_is_suspicious(const struct tcbck_administrators *administrators, const struct tcbck_glance *glance)
{
	if (S_ISBLK(glance->mode) || S_ISCHR(glance->mode) || glance->has_tcb || glance->attributes_error < 0)
		return true;
	if (!S_ISREG(glance->mode))
		return false;
	return glance->has_capabilities ||
	       ((glance->mode & SETUID) != 0 && is_administrative(&administrators->users, glance->owner)) ||
	       ((glance->mode & SETGID) != 0 && is_administrative(&administrators->groups, glance->group));
}

int tcbck_stray_unverified(struct sysck_slice path, enum tcbck_kind kind, struct sysck_slice reason,
			   struct tcbck_findings *findings)
{
	const struct tcbck_finding finding = {
		.index = TCBCK_NO_DEFINITION, .kind = kind, .path = path, .unverified = true, .reason = reason
	};

	return tcbck_findings_add(findings, &finding);
}

int tcbck_stray_name(const struct tcbck_stray_name *name, enum tcbck_kind kind, struct tcbck_findings *findings)
{
	bool hard = kind == TCBCK_KIND_TREE_LINK;
	struct tcbck_finding finding = {
		.index = TCBCK_NO_DEFINITION,
		.kind = kind,
		.remedy = TCBCK_REMEDY_REMOVE,
		.path = name->path,
		.expected = hard ? SYSCK_SLICE("absent, or in its links") : SYSCK_SLICE("absent, or in its symlinks"),
		.of = name->of,
		.device = name->device,
		.inode = name->inode,
	};
	struct sysck_buf actual = SYSCK_BUF_INIT;
	int r;

	sysck_buf_add_text(&actual, hard ? "a link to " : "a symlink to ");
	sysck_buf_add_quoted(&actual, name->of, SYSCK_CHARSET_UTF8);
	finding.actual = sysck_buf_slice(&actual);
	r = sysck_buf_error(&actual) < 0 ? -ENOMEM : tcbck_findings_add(findings, &finding);
	sysck_buf_done(&actual);
	return r;
}

/* The object that is judged, and where its findings go. */
struct stray {
	struct sysck_names *names;
	struct sysck_slice path;
	const struct tcbck_observation *o;
	struct tcbck_findings *findings;
};

/* `attributes` with a word between them, then what should be. */
static int add(const struct stray *stray, enum tcbck_kind kind, enum sysck_attr first, const char *between,
	       enum sysck_attr second, const char *expected)
{
	struct tcbck_finding finding = {
		.index = TCBCK_NO_DEFINITION,
		.kind = kind,
		.remedy = kind == TCBCK_KIND_TREE_DEVICE ? TCBCK_REMEDY_REMOVE : TCBCK_REMEDY_STRIP,
		.path = stray->path,
		.expected = sysck_slice_of(expected),
		.device = stray->o->device,
		.inode = stray->o->inode,
	};
	struct sysck_buf actual = SYSCK_BUF_INIT;
	int r;

	sysck_def_write_value(&stray->o->is, first, stray->names, &actual);
	if (between != NULL) {
		sysck_buf_add_text(&actual, between);
		sysck_def_write_value(&stray->o->is, second, stray->names, &actual);
	}
	if (actual.len == 0)
		sysck_buf_add_text(&actual, "empty");
	finding.actual = sysck_buf_slice(&actual);
	r = sysck_buf_error(&actual) < 0 ? -ENOMEM : tcbck_findings_add(stray->findings, &finding);
	sysck_buf_done(&actual);
	return r;
}

static int judge_mode(const struct stray *stray, const struct tcbck_administrators *administrators)
{
	const struct sysck_def *is = &stray->o->is;
	int r = 0;

	if ((is->mode & SYSCK_MODE_TCB) != 0)
		r = add(stray, TCBCK_KIND_TREE_TCB, SYSCK_ATTR_MODE, NULL, SYSCK_ATTR_COUNT, "without TCB");
	if (r == 0 && is->type == SYSCK_TYPE_FILE && (is->mode & SETUID) != 0 &&
	    is_administrative(&administrators->users, is->owner))
		r = add(stray, TCBCK_KIND_TREE_SETUID, SYSCK_ATTR_MODE, " of user ", SYSCK_ATTR_OWNER, "without SUID");
	if (r == 0 && is->type == SYSCK_TYPE_FILE && (is->mode & SETGID) != 0 &&
	    is_administrative(&administrators->groups, is->group))
		r = add(stray, TCBCK_KIND_TREE_SETGID, SYSCK_ATTR_MODE, " of group ", SYSCK_ATTR_GROUP, "without SGID");
	return r;
}

static int judge_attribute(const struct stray *stray, enum sysck_attr attribute, enum tcbck_kind kind, bool *ret_learned)
{
	bool failed = (stray->o->failed & SYSCK_ATTR_BIT(attribute)) != 0;

	*ret_learned = !failed && (stray->o->is.present & SYSCK_ATTR_BIT(attribute)) != 0;
	return failed ? tcbck_stray_unverified(stray->path, kind, stray->o->reasons[attribute], stray->findings) : 0;
}

int tcbck_stray_judge(const struct tcbck_administrators *administrators, struct sysck_names *names, struct sysck_slice path,
		      const struct tcbck_observation *observation, struct tcbck_findings *findings)
{
	const struct stray stray = { names, path, observation, findings };
	enum sysck_type type = observation->is.type;
	bool learned;
	int r;

	if (observation->presence == TCBCK_MISSING)
		return 0;
	if (observation->presence != TCBCK_PRESENT)
		return tcbck_stray_unverified(path, TCBCK_KIND_TREE, observation->reason, findings);
	r = judge_attribute(&stray, SYSCK_ATTR_MODE, TCBCK_KIND_TREE_TCB, &learned);
	/* A set-id bit is known even while the TCB flag is not. */
	if (r == 0)
		r = judge_mode(&stray, administrators);
	if (r == 0)
		r = judge_attribute(&stray, SYSCK_ATTR_CAPABILITIES, TCBCK_KIND_TREE_CAPABILITIES, &learned);
	if (r == 0 && learned && type == SYSCK_TYPE_FILE && observation->has_capabilities)
		r = add(&stray, TCBCK_KIND_TREE_CAPABILITIES, SYSCK_ATTR_CAPABILITIES, NULL, SYSCK_ATTR_COUNT, "none");
	if (r == 0 && (type == SYSCK_TYPE_BLK_DEV || type == SYSCK_TYPE_CHAR_DEV))
		r = add(&stray, TCBCK_KIND_TREE_DEVICE, SYSCK_ATTR_TYPE, " ", SYSCK_ATTR_DEVICE, "absent");
	return r;
}

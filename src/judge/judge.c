/*
 * judge.c - definition and observation in, findings out.
 *
 * Knows when two values are the same and what would put a difference right. Pure: tested without files and without
 * root, and used again, as it is, on the very object that a repair is about to change.
 */
#include "judge/judge.h"

#include <errno.h>

static bool same_acl(const struct sysck_acl *wanted, const struct tcbck_observation *o)
{
	const struct sysck_acl *is = &o->is.acl;
	struct sysck_acl_entry of_mode[3];
	uint32_t mode = o->is.mode, bits;
	size_t skip = 0;

	if (!sysck_acl_mode(wanted, &bits)) {
		/* Nothing beyond the mode is wanted of the access ACL; one that is there says more than the mode. */
		uint32_t ignored;

		return !sysck_acl_mode(is, &ignored) && sysck_acl_equal(wanted, is);
	}
	if (sysck_acl_mode(is, &bits))
		return sysck_acl_equal(wanted, is);
	/* The access ACL that is there is the mode itself. */
	of_mode[0] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_USER_OBJ, .permissions = mode >> 6 & 7 };
	of_mode[1] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_GROUP_OBJ, .permissions = mode >> 3 & 7 };
	of_mode[2] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_OTHER, .permissions = mode & 7 };
	while (skip < wanted->count && !wanted->entries[skip].is_default)
		skip++;
	return sysck_acl_equal(&(struct sysck_acl){ wanted->entries, skip }, &(struct sysck_acl){ of_mode, 3 }) &&
	       sysck_acl_equal(&(struct sysck_acl){ wanted->entries + skip, wanted->count - skip }, is);
}

static bool all_good(const struct tcbck_link *links, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].state != TCBCK_LINK_GOOD)
			return false;
	return true;
}

static bool same_size(const struct sysck_size *wanted, const struct sysck_size *is)
{
	return wanted->is_volatile || wanted->bytes == is->bytes;
}

static bool same_checksum(const struct tcbck_judgement *judgement, const struct sysck_checksum *is)
{
	const struct sysck_checksum *wanted = &judgement->def->checksum;

	if (wanted->is_volatile)
		return true;
	if (judgement->sum_numbers && wanted->is_sum)
		return wanted->sum == is->sum && (!wanted->has_blocks || wanted->blocks == is->blocks);
	return sysck_slice_equal(wanted->text, is->text);
}

static bool same_digest(const struct sysck_digest *wanted, const struct sysck_digest *is)
{
	return wanted->is_volatile || sysck_digest_equal(wanted, is);
}

bool tcbck_judge_same(const struct tcbck_judgement *judgement, const struct tcbck_observation *o, enum sysck_attr attribute)
{
	const struct sysck_def *def = judgement->def;

	switch (attribute) {
	case SYSCK_ATTR_TYPE: return def->type == o->is.type;
	case SYSCK_ATTR_OWNER: return def->owner == o->is.owner;
	case SYSCK_ATTR_GROUP: return def->group == o->is.group;
	case SYSCK_ATTR_ACL: return same_acl(&def->acl, o);
	case SYSCK_ATTR_MODE: return def->mode == o->is.mode;
	case SYSCK_ATTR_CAPABILITIES: return sysck_capabilities_equal(&def->capabilities, &o->is.capabilities);
	case SYSCK_ATTR_DEVICE: return def->device.major == o->is.device.major && def->device.minor == o->is.device.minor;
	case SYSCK_ATTR_TARGET: return sysck_slice_equal(def->target, o->is.target);
	case SYSCK_ATTR_LINKS: return all_good(o->links, def->links.count) && o->link_count == def->links.count + 1;
	case SYSCK_ATTR_SYMLINKS: return all_good(o->symlinks, def->symlinks.count);
	case SYSCK_ATTR_SIZE: return same_size(&def->size, &o->is.size);
	case SYSCK_ATTR_CHECKSUM: return same_checksum(judgement, &o->is.checksum);
	case SYSCK_ATTR_HASH_VALUE: return same_digest(&def->hash_value, &o->is.hash_value);
	case SYSCK_ATTR_PROGRAM: return o->program.status == 0 && !o->program.timed_out;
	case SYSCK_ATTR_SOURCE: return o->source_exists;
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: break;
	}
	return true;
}

/* One name that is not as it should be: `/bin/x is absent`. */
static void write_link(const struct tcbck_link *link, struct sysck_slice path, bool hard, struct sysck_buf *out)
{
	sysck_buf_add_quoted(out, path, SYSCK_CHARSET_UTF8);
	switch (link->state) {
	case TCBCK_LINK_GOOD: break;
	case TCBCK_LINK_ABSENT: sysck_buf_add_text(out, " absent"); break;
	case TCBCK_LINK_OTHER:
		if (hard || link->detail.len == 0) {
			sysck_buf_add_text(out, hard ? " another file" : " no symlink");
			break;
		}
		sysck_buf_add_text(out, " -> ");
		sysck_buf_add_quoted(out, link->detail, SYSCK_CHARSET_UTF8);
		break;
	case TCBCK_LINK_REPEATED: sysck_buf_add_text(out, " the same name again"); break;
	case TCBCK_LINK_UNSAFE:
	case TCBCK_LINK_UNKNOWN:
		sysck_buf_add_text(out, " not examined (");
		sysck_buf_add_slice(out, link->detail);
		sysck_buf_add_char(out, ')');
		break;
	}
}

static void write_wrong_links(const struct tcbck_link *links, const struct sysck_list *paths, bool hard, struct sysck_buf *out)
{
	const char *between = "";

	for (size_t i = 0; i < paths->count; i++) {
		if (links[i].state == TCBCK_LINK_GOOD)
			continue;
		sysck_buf_add_text(out, between);
		write_link(&links[i], paths->items[i], hard, out);
		between = ", ";
	}
}

static void write_paths(const struct sysck_list *paths, struct sysck_buf *out)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (i > 0)
			sysck_buf_add_char(out, ',');
		sysck_buf_add_item(out, paths->items[i]);
	}
}

static void write_program(const struct tcbck_program *program, struct sysck_buf *out)
{
	if (program->timed_out)
		sysck_buf_add_text(out, "killed at program_timeout");
	else
		sysck_buf_add_format(out, "%d", program->status);
	if (program->output.len > 0) {
		sysck_buf_add_text(out, " \"");
		sysck_buf_add_escaped(out, program->output, SYSCK_CHARSET_UTF8);
		sysck_buf_add_char(out, '"');
	}
}

/* What is empty in the database is told by a word. */
static void write_value(const struct sysck_def *def, enum sysck_attr attribute, struct sysck_names *names,
			struct sysck_buf *out)
{
	size_t before = out->len;

	sysck_def_write_value(def, attribute, names, out);
	if (out->len == before)
		sysck_buf_add_text(out, "none");
}

void tcbck_judge_write_actual(const struct tcbck_judgement *judgement, const struct tcbck_observation *o,
			      enum sysck_attr attribute, struct sysck_buf *out)
{
	const struct sysck_def *def = judgement->def;

	switch (attribute) {
	case SYSCK_ATTR_LINKS:
		sysck_buf_add_format(out, "%llu in all", (unsigned long long)o->link_count);
		if (!all_good(o->links, def->links.count)) {
			sysck_buf_add_text(out, ", ");
			write_wrong_links(o->links, &def->links, true, out);
		}
		break;
	case SYSCK_ATTR_SYMLINKS:
		if (all_good(o->symlinks, def->symlinks.count))
			write_paths(&def->symlinks, out);
		else
			write_wrong_links(o->symlinks, &def->symlinks, false, out);
		break;
	case SYSCK_ATTR_PROGRAM: write_program(&o->program, out); break;
	case SYSCK_ATTR_SOURCE: sysck_buf_add_text(out, o->source_exists ? "there" : "absent"); break;
	case SYSCK_ATTR_TYPE:
	case SYSCK_ATTR_OWNER:
	case SYSCK_ATTR_GROUP:
	case SYSCK_ATTR_ACL:
	case SYSCK_ATTR_MODE:
	case SYSCK_ATTR_CAPABILITIES:
	case SYSCK_ATTR_DEVICE:
	case SYSCK_ATTR_TARGET:
	case SYSCK_ATTR_SIZE:
	case SYSCK_ATTR_CHECKSUM:
	case SYSCK_ATTR_HASH_VALUE: write_value(&o->is, attribute, judgement->names, out); break;
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: break;
	}
}

void tcbck_judge_write_expected(const struct tcbck_judgement *judgement, enum sysck_attr attribute, struct sysck_buf *out)
{
	const struct sysck_def *def = judgement->def;

	switch (attribute) {
	case SYSCK_ATTR_LINKS:
		sysck_buf_add_format(out, "%zu in all", def->links.count + 1);
		if (def->links.count > 0) {
			sysck_buf_add_text(out, " with ");
			write_paths(&def->links, out);
		}
		break;
	case SYSCK_ATTR_SYMLINKS: write_paths(&def->symlinks, out); break;
	case SYSCK_ATTR_PROGRAM: sysck_buf_add_char(out, '0'); break;
	case SYSCK_ATTR_TYPE:
	case SYSCK_ATTR_OWNER:
	case SYSCK_ATTR_GROUP:
	case SYSCK_ATTR_ACL:
	case SYSCK_ATTR_MODE:
	case SYSCK_ATTR_CAPABILITIES:
	case SYSCK_ATTR_DEVICE:
	case SYSCK_ATTR_TARGET:
	case SYSCK_ATTR_SIZE:
	case SYSCK_ATTR_CHECKSUM:
	case SYSCK_ATTR_HASH_VALUE:
	case SYSCK_ATTR_SOURCE: write_value(def, attribute, judgement->names, out); break;
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: break;
	}
}

/* What would put a difference of this attribute right; spec section 3. */
static enum tcbck_remedy remedy_of(const struct sysck_def *def, enum sysck_attr attribute)
{
	switch (attribute) {
	case SYSCK_ATTR_OWNER:
	case SYSCK_ATTR_GROUP:
	case SYSCK_ATTR_ACL:
	case SYSCK_ATTR_MODE:
	case SYSCK_ATTR_CAPABILITIES:
	case SYSCK_ATTR_TARGET: return TCBCK_REMEDY_SET;
	case SYSCK_ATTR_LINKS:
	case SYSCK_ATTR_SYMLINKS: return TCBCK_REMEDY_LINK;
	case SYSCK_ATTR_TYPE:
		if (def->type == SYSCK_TYPE_ABSENT)
			return TCBCK_REMEDY_REMOVE;
		return sysck_def_has(def, SYSCK_ATTR_SOURCE) ? TCBCK_REMEDY_RESTORE : TCBCK_REMEDY_DISABLE;
	case SYSCK_ATTR_DEVICE:
	case SYSCK_ATTR_SIZE:
	case SYSCK_ATTR_CHECKSUM:
	case SYSCK_ATTR_HASH_VALUE: return sysck_def_has(def, SYSCK_ATTR_SOURCE) ? TCBCK_REMEDY_RESTORE : TCBCK_REMEDY_DISABLE;
	case SYSCK_ATTR_PROGRAM:
	case SYSCK_ATTR_SOURCE:
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: break;
	}
	return TCBCK_REMEDY_NONE;
}

static struct tcbck_finding blank_finding(const struct tcbck_judgement *judgement, unsigned kind)
{
	const struct sysck_def *def = judgement->def;

	return (struct tcbck_finding){
		.index = judgement->index,
		.kind = kind,
		.path = def->path,
		.actual = { "", 0 },
		.expected = { "", 0 },
		.reason = { "", 0 },
		.classes = sysck_def_has(def, SYSCK_ATTR_CLASS) ? def->classes : (struct sysck_list){ NULL, 0 },
		.line = def->line,
	};
}

static int add_unverified(const struct tcbck_judgement *judgement, unsigned kind, struct sysck_slice reason,
			  struct tcbck_findings *findings)
{
	struct tcbck_finding finding = blank_finding(judgement, kind);

	finding.unverified = true;
	finding.reason = reason;
	return tcbck_findings_add(findings, &finding);
}

static int add_difference(const struct tcbck_judgement *judgement, const struct tcbck_observation *o, enum sysck_attr attribute,
			  struct tcbck_findings *findings)
{
	struct tcbck_finding finding = blank_finding(judgement, attribute);
	struct sysck_buf actual = SYSCK_BUF_INIT, expected = SYSCK_BUF_INIT;
	int r;

	finding.remedy = remedy_of(judgement->def, attribute);
	tcbck_judge_write_actual(judgement, o, attribute, &actual);
	tcbck_judge_write_expected(judgement, attribute, &expected);
	finding.actual = sysck_buf_slice(&actual);
	finding.expected = sysck_buf_slice(&expected);
	r = sysck_buf_error(&actual) < 0 || sysck_buf_error(&expected) < 0 ? -ENOMEM : tcbck_findings_add(findings, &finding);
	sysck_buf_done(&actual);
	sysck_buf_done(&expected);
	return r;
}

static int judge_absent(const struct tcbck_judgement *judgement, const struct tcbck_observation *o,
			struct tcbck_findings *findings)
{
	bool missing = o->presence == TCBCK_MISSING;
	struct tcbck_finding finding = blank_finding(judgement, missing ? TCBCK_KIND_MISSING : TCBCK_KIND_UNSAFE_PATH);

	if (missing && judgement->def->type == SYSCK_TYPE_ABSENT)
		return 0;
	if (o->presence == TCBCK_UNKNOWN)
		return add_unverified(judgement, SYSCK_ATTR_TYPE, o->reason, findings);
	finding.remedy = missing ? TCBCK_REMEDY_RESTORE : TCBCK_REMEDY_NONE;
	finding.actual = missing ? SYSCK_SLICE("absent") : o->reason;
	finding.expected = missing ? sysck_slice_of(sysck_type_name(judgement->def->type))
				   : SYSCK_SLICE("a path that root alone controls");
	if (missing && judgement->def->type == SYSCK_TYPE_NONE)
		finding.expected = SYSCK_SLICE("there");
	return tcbck_findings_add(findings, &finding);
}

/* The first name of a list that could not be examined. */
static const struct tcbck_link *unknown_link(const struct tcbck_link *links, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].state == TCBCK_LINK_UNKNOWN || links[i].state == TCBCK_LINK_UNSAFE)
			return &links[i];
	return NULL;
}

/* All that could be examined is good, but one name could not. */
static const struct tcbck_link *only_unknown(const struct tcbck_judgement *judgement, const struct tcbck_observation *o,
					     enum sysck_attr attribute)
{
	bool hard = attribute == SYSCK_ATTR_LINKS;
	const struct tcbck_link *links = hard ? o->links : o->symlinks;
	size_t count = hard ? judgement->def->links.count : judgement->def->symlinks.count;

	if (attribute != SYSCK_ATTR_LINKS && attribute != SYSCK_ATTR_SYMLINKS)
		return NULL;
	if (hard && o->link_count != count + 1)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (links[i].state == TCBCK_LINK_ABSENT || links[i].state == TCBCK_LINK_OTHER ||
		    links[i].state == TCBCK_LINK_REPEATED)
			return NULL;
	return unknown_link(links, count);
}

static int judge_attribute(const struct tcbck_judgement *judgement, const struct tcbck_observation *o,
			   enum sysck_attr attribute, struct tcbck_findings *findings)
{
	const sysck_attr_set bit = SYSCK_ATTR_BIT(attribute);
	const struct tcbck_link *unknown;

	if ((o->failed & bit) != 0) {
		/* Bits that differ are a difference, even while the TCB flag is not known. */
		if (attribute == SYSCK_ATTR_MODE && ((judgement->def->mode ^ o->is.mode) & 07777) != 0)
			return add_difference(judgement, o, attribute, findings);
		return add_unverified(judgement, attribute, o->reasons[attribute], findings);
	}
	if ((o->is.present & bit) == 0) {
		bool may_be_unread = (attribute == SYSCK_ATTR_CHECKSUM && judgement->def->checksum.is_volatile) ||
				     (attribute == SYSCK_ATTR_HASH_VALUE && judgement->def->hash_value.is_volatile);

		return may_be_unread ? 0 : add_unverified(judgement, attribute, SYSCK_SLICE("not examined"), findings);
	}
	if (tcbck_judge_same(judgement, o, attribute))
		return 0;
	unknown = only_unknown(judgement, o, attribute);
	if (unknown != NULL)
		return add_unverified(judgement, attribute, unknown->detail, findings);
	return add_difference(judgement, o, attribute, findings);
}

int tcbck_judge(const struct tcbck_judgement *judgement, const struct tcbck_observation *o, struct tcbck_findings *findings)
{
	const struct sysck_def *def = judgement->def;
	int r = 0;

	if (o->presence != TCBCK_PRESENT)
		return judge_absent(judgement, o, findings);
	if (sysck_def_has(def, SYSCK_ATTR_TYPE) && def->type != o->is.type)
		return add_difference(judgement, o, SYSCK_ATTR_TYPE, findings);
	for (int i = 0; r == 0 && i < SYSCK_ATTR_COUNT; i++)
		if (i != SYSCK_ATTR_CLASS && sysck_def_has(def, (enum sysck_attr)i))
			r = judge_attribute(judgement, o, (enum sysck_attr)i, findings);
	return r;
}

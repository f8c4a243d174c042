/*
 * adopt.c - the present state of an object as text of a definition.
 *
 * Knows how an observation becomes attributes of a stanza; gives the stanza's bytes. Must never write a stanza that does not
 * read back as a definition.
 */
#include "repair/adopt.h"

#include <errno.h>
#include <stdio.h>

/* Bytes of all values of most definitions. */
#define VALUES_USUAL 512

/* One operand of -a, taken into the request. */
static int take_operand(struct sysck_slice operand, struct sysck_names *names, struct tcbck_request *request,
			struct sysck_err *err)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	const struct sysck_text text = { .bytes = operand };
	const struct sysck_def_options options = { names, &arena, NULL, false };
	struct sysck_def def = { .present = 0 };
	enum sysck_attr attribute;
	struct sysck_line line;
	int r = sysck_line_parse(operand, &line, err);

	if (r < 0)
		return r;
	if (sysck_attr_find(line.name, &attribute) < 0)
		return sysck_err_set(err, -EINVAL, "no such attribute; sysck.cfg(5) lists them");
	if (((request->computed | request->given | request->removed) & SYSCK_ATTR_BIT(attribute)) != 0)
		return sysck_err_set(err, -EINVAL, "%s is given twice", sysck_attr_name(attribute));
	if (line.bare && !sysck_attr_is_computable(attribute))
		return sysck_err_set(err, -EINVAL, "%s needs a value: it can't be computed", sysck_attr_name(attribute));
	if (line.bare) {
		request->computed |= SYSCK_ATTR_BIT(attribute);
	} else if (line.value.len == 0) {
		request->removed |= SYSCK_ATTR_BIT(attribute);
	} else {
		r = sysck_def_read_value(&text, &line, attribute, &options, &def, err);
		if (r == 0)
			request->given |= SYSCK_ATTR_BIT(attribute);
		request->values[attribute] = line.value;
	}
	sysck_arena_done(&arena);
	return r;
}

int tcbck_adopt_operands(const struct sysck_slice *operands, size_t count, struct sysck_names *names,
			 const struct sysck_err_sink *errors, struct tcbck_request *ret)
{
	struct tcbck_request request = { 0 };
	int faults = 0;

	for (size_t i = 0; i < count; i++) {
		struct sysck_err fault, err;
		char quoted[SYSCK_QUOTE_MAX];
		int r = take_operand(operands[i], names, &request, &fault);

		if (r == -ENOMEM)
			return r;
		if (r == 0)
			continue;
		sysck_err_set(&err, r, "%s: %s", sysck_quote(operands[i], quoted, sizeof(quoted)), fault.text);
		sysck_err_report(errors, &err);
		faults++;
	}
	if ((request.removed & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) != 0) {
		struct sysck_err err;

		sysck_err_set(&err, -EINVAL, "type=: every definition has a type");
		sysck_err_report(errors, &err);
		faults++;
	}
	*ret = request;
	return faults;
}

/* One stanza being made. */
struct adoption {
	const struct tcbck_adopter *adopter;
	const struct sysck_db *db;
	const struct tcbck_request *request;
	const struct tcbck_object *object;
	bool defined;
	size_t index;            /* in db, if defined */
	struct sysck_def before; /* the definition that is there; `present` is 0 if there is none */
	sysck_attr_set wanted;   /* to be computed */
	struct tcbck_observation observation;
	struct sysck_buf text; /* of the values that were computed, one after the other */
	struct value {
		size_t begin, end; /* in `text` */
	} values[SYSCK_ATTR_COUNT];
	struct tcbck_adopted *ret;
	struct sysck_err *err;
};

static int find_definition(struct adoption *adoption)
{
	const struct tcbck_adopter *adopter = adoption->adopter;
	const struct sysck_def_options reading = { adopter->names, adopter->arena, NULL, false };

	adoption->before.present = 0;
	adoption->before.type = SYSCK_TYPE_NONE;
	if (adoption->db == NULL || sysck_db_find(adoption->db, adoption->object->path, &adoption->index) < 0)
		return 0;
	adoption->defined = true;
	return sysck_db_def(adoption->db, adoption->index, &reading, &adoption->before) == -ENOMEM ? -ENOMEM : 0;
}

static int look(struct adoption *adoption)
{
	const struct tcbck_adopter *adopter = adoption->adopter;
	const struct tcbck_object *object = adoption->object;
	/* Nothing that is defined bears on what is: the digest has the algorithm of the settings. */
	struct sysck_def asked = { .path = object->path };
	const struct tcbck_spot spot = { object->directory, object->name, object->closed };

	if (object->directory >= 0)
		return tcbck_observe_spot(adopter->observer, &spot, &asked, adoption->wanted, adopter->arena,
					  &adoption->observation);
	return tcbck_observe(adopter->observer, &asked, adoption->wanted, adopter->arena, &adoption->observation);
}

static int wrong(struct adoption *adoption, const char *what, struct sysck_slice detail)
{
	char quoted[SYSCK_QUOTE_MAX], reason[SYSCK_QUOTE_MAX];

	adoption->ret->adoption = TCBCK_WRONG;
	sysck_err_set(adoption->err, -EINVAL, "%s: %s%s%s", sysck_quote(adoption->object->path, quoted, sizeof(quoted)), what,
		      detail.len > 0 ? ": " : "", detail.len > 0 ? sysck_quote(detail, reason, sizeof(reason)) : "");
	return 0;
}

/* True if the object can be asked; else says what became of it. */
static bool is_there(struct adoption *adoption)
{
	const struct tcbck_observation *o = &adoption->observation;

	switch (o->presence) {
	case TCBCK_PRESENT: return true;
	case TCBCK_MISSING: adoption->ret->adoption = TCBCK_ABSENT; return false;
	case TCBCK_UNSAFE: wrong(adoption, "unsafe path", o->reason); return false;
	case TCBCK_UNKNOWN: wrong(adoption, "cannot be examined", o->reason); return false;
	}
	return false;
}

/* Writes the value of one computed attribute. False if the adoption ends here. */
static bool compute(struct adoption *adoption, enum sysck_attr attribute)
{
	const struct tcbck_observation *o = &adoption->observation;
	const sysck_attr_set bit = SYSCK_ATTR_BIT(attribute);
	char what[128];

	if (!sysck_attr_applies(attribute, o->is.type)) {
		if (adoption->request->lenient) {
			adoption->wanted &= ~bit;
			return true;
		}
		(void)snprintf(what, sizeof(what), "%s is no attribute of a %s", sysck_attr_name(attribute),
			       sysck_type_name(o->is.type));
		return wrong(adoption, what, (struct sysck_slice){ NULL, 0 }) != 0;
	}
	if ((o->failed & bit) != 0 || (o->is.present & bit) == 0) {
		(void)snprintf(what, sizeof(what), "%s cannot be computed", sysck_attr_name(attribute));
		return wrong(adoption, what, o->reasons[attribute]) != 0;
	}
	if (attribute == SYSCK_ATTR_LINKS) {
		/* No names were asked for; what is learned is how many there are. */
		adoption->ret->links_open = o->link_count > 1;
		return true;
	}
	adoption->values[attribute].begin = adoption->text.len;
	sysck_def_write_value(&o->is, attribute, adoption->adopter->names, &adoption->text);
	adoption->values[attribute].end = adoption->text.len;
	return true;
}

static bool compute_all(struct adoption *adoption)
{
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if ((adoption->wanted & SYSCK_ATTR_BIT(i)) != 0 && !compute(adoption, (enum sysck_attr)i))
			return false;
	return true;
}

/* True if a lenient request gives an attribute that the object's type can't have. */
static bool leaves_out(const struct adoption *adoption, enum sysck_attr attribute)
{
	enum sysck_type type = adoption->ret->type;

	return adoption->request->lenient && type != SYSCK_TYPE_NONE && !sysck_attr_applies(attribute, type);
}

static struct sysck_slice value_of(const struct adoption *adoption, enum sysck_attr attribute)
{
	const struct value *value = &adoption->values[attribute];

	return value->begin == value->end
		       ? (struct sysck_slice){ "", 0 }
		       : (struct sysck_slice){ adoption->text.data + value->begin, value->end - value->begin };
}

/* The edits that the request comes to, in alphabetical order. */
static size_t make_edits(const struct adoption *adoption, struct sysck_edit *edits)
{
	const enum sysck_attr *order = sysck_attr_alphabetical();
	size_t count = 0;

	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		const sysck_attr_set bit = SYSCK_ATTR_BIT(order[i]);
		struct sysck_edit edit = { .remove = false };

		if ((adoption->request->removed & bit) != 0)
			edit.remove = true;
		else if ((adoption->request->given & bit) != 0 && leaves_out(adoption, order[i]))
			continue;
		else if ((adoption->request->given & bit) != 0)
			edit.value = adoption->request->values[order[i]];
		else if ((adoption->wanted & bit) != 0)
			edit.value = value_of(adoption, order[i]);
		else
			continue;
		edit.name = sysck_slice_of(sysck_attr_name(order[i]));
		edits[count++] = edit;
	}
	return count;
}

static void keep_first(void *context, const struct sysck_err *err)
{
	struct sysck_err *first = context;

	if (first->code == 0)
		*first = *err;
}

/* Reads the new stanza as a definition. */
static int verify(struct adoption *adoption, struct sysck_slice stanza)
{
	struct sysck_err first = { .code = 0 };
	const struct sysck_err_sink sink = { keep_first, &first };
	const struct sysck_def_options reading = { adoption->adopter->names, adoption->adopter->arena, &sink, false };
	struct sysck_text text;
	struct sysck_def def;
	int r = sysck_text_parse(stanza, SYSCK_SLICE("new"), &sink, &text, adoption->err);

	if (r < 0)
		return r;
	if (text.count == 1)
		r = sysck_def_read(&text, &text.stanzas[0], &reading, &def);
	sysck_text_done(&text);
	if (r == -ENOMEM)
		return r;
	if (first.code == 0)
		return 0;
	adoption->ret->adoption = TCBCK_WRONG;
	{
		char quoted[SYSCK_QUOTE_MAX];

		sysck_err_set(adoption->err, -EINVAL, "%s: %s", sysck_quote(adoption->object->path, quoted, sizeof(quoted)),
			      first.text);
	}
	return 0;
}

static int render(struct adoption *adoption, struct sysck_buf *out)
{
	struct sysck_edit edits[SYSCK_ATTR_COUNT];
	size_t count = make_edits(adoption, edits), before = out->len;
	int r;

	if (sysck_buf_error(&adoption->text) < 0)
		return -ENOMEM;
	if (adoption->defined)
		sysck_db_edit(adoption->db, adoption->index, edits, count, out);
	else
		sysck_stanza_write(adoption->object->path, edits, count, out);
	r = sysck_buf_error(out);
	if (r == 0)
		r = verify(adoption, (struct sysck_slice){ out->data + before, out->len - before });
	if (r < 0 || adoption->ret->adoption != TCBCK_ADOPTED)
		out->len = before;
	return r;
}

static int adopt(struct adoption *adoption, struct sysck_buf *out)
{
	const struct tcbck_request *request = adoption->request;
	const sysck_attr_set type = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE);
	int r = find_definition(adoption);

	if (r < 0)
		return r;
	adoption->wanted = request->computed;
	if (((request->given | adoption->before.present) & type) == 0)
		adoption->wanted |= type;
	if (adoption->wanted != 0) {
		r = look(adoption);
		if (r < 0 || !is_there(adoption))
			return r;
		adoption->ret->link_count = adoption->observation.link_count;
		adoption->ret->device = adoption->observation.device;
		adoption->ret->inode = adoption->observation.inode;
		adoption->ret->type = adoption->observation.is.type;
		if (!compute_all(adoption))
			return 0;
	}
	return render(adoption, out);
}

int tcbck_adopt(const struct tcbck_adopter *adopter, const struct sysck_db *db, const struct tcbck_request *request,
		const struct tcbck_object *object, struct sysck_buf *out, struct tcbck_adopted *ret, struct sysck_err *err)
{
	struct tcbck_adopted adopted = { .adoption = TCBCK_ADOPTED };
	struct adoption adoption = {
		.adopter = adopter, .db = db, .request = request, .object = object, .ret = &adopted, .err = err
	};
	int r;

	/* At once as much as most need; that there is none shows where it is used. */
	(void)sysck_buf_reserve(&adoption.text, VALUES_USUAL);
	r = adopt(&adoption, out);
	sysck_buf_done(&adoption.text);
	if (r < 0)
		return sysck_err_set(err, r, "out of memory");
	*ret = adopted;
	return 0;
}

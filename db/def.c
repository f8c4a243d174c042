/*
 * def.c - one stanza as one typed definition.
 *
 * Knows the attributes: their names, which types have them, how they are read and written, in one table. Gives
 * definitions, and the text of a value. Must know nothing of the system that a definition is compared with.
 */
#include <sysck/def.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	const struct sysck_text *text;
	const struct sysck_line *line;
	const struct sysck_def_options *options;
	struct sysck_def *def;
	struct sysck_err *err; /* never NULL */
};

typedef int value_reader(struct reading *reading, struct sysck_slice value);
typedef int list_reader(struct reading *reading, struct sysck_list *list);
typedef void value_writer(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out);

static int read_type(struct reading *reading, struct sysck_slice value)
{
	return sysck_type_parse(value, &reading->def->type, reading->err);
}

static int read_owner(struct reading *reading, struct sysck_slice value)
{
	return sysck_owner_parse(value, reading->options->names, &reading->def->owner, reading->err);
}

static int read_group(struct reading *reading, struct sysck_slice value)
{
	return sysck_group_parse(value, reading->options->names, &reading->def->group, reading->err);
}

static int read_acl(struct reading *reading, struct sysck_list *list)
{
	return sysck_acl_parse(list, reading->options->names, reading->options->arena, &reading->def->acl, reading->err);
}

static int read_mode(struct reading *reading, struct sysck_slice value)
{
	return sysck_mode_parse(value, &reading->def->mode, reading->err);
}

static int read_capabilities(struct reading *reading, struct sysck_slice value)
{
	return sysck_capabilities_parse(value, &reading->def->capabilities, reading->err);
}

static int read_device(struct reading *reading, struct sysck_slice value)
{
	return sysck_device_parse(value, &reading->def->device, reading->err);
}

static int read_target(struct reading *reading, struct sysck_slice value)
{
	if (memchr(value.data, '\0', value.len) != NULL)
		return sysck_err_set(reading->err, -EINVAL, "a target can't hold a NUL byte");
	reading->def->target = value;
	return 0;
}

static int check_paths(struct reading *reading, const struct sysck_list *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = sysck_path_check(list->items[i], reading->err);
	return r;
}

static int compare_slices(const void *left, const void *right)
{
	const struct sysck_slice *a = left, *b = right;

	return sysck_slice_compare(*a, *b);
}

/* A name given twice would stand for a link that is not there; so would the object's own. */
static int check_distinct(struct reading *reading, const struct sysck_list *list)
{
	struct sysck_slice *sorted = sysck_arena_alloc(reading->options->arena, list->count, sizeof(*sorted));
	char quoted[SYSCK_QUOTE_MAX];

	if (sorted == NULL)
		return sysck_err_set(reading->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		sorted[i] = list->items[i];
		if (sysck_slice_equal(sorted[i], reading->def->path))
			return sysck_err_set(reading->err, -EINVAL, "%s is the object's own name",
					     sysck_quote(sorted[i], quoted, sizeof(quoted)));
	}
	if (list->count > 1)
		qsort(sorted, list->count, sizeof(*sorted), compare_slices);
	for (size_t i = 1; i < list->count; i++)
		if (sysck_slice_equal(sorted[i - 1], sorted[i]))
			return sysck_err_set(reading->err, -EINVAL, "%s is named twice",
					     sysck_quote(sorted[i], quoted, sizeof(quoted)));
	return 0;
}

static int read_links(struct reading *reading, struct sysck_list *list)
{
	int r = check_paths(reading, list);

	if (r == 0)
		r = check_distinct(reading, list);
	if (r == 0)
		reading->def->links = *list;
	return r;
}

static int read_symlinks(struct reading *reading, struct sysck_list *list)
{
	int r = check_paths(reading, list);

	if (r == 0)
		reading->def->symlinks = *list;
	return r;
}

static int read_size(struct reading *reading, struct sysck_slice value)
{
	return sysck_size_parse(value, &reading->def->size, reading->err);
}

static int read_checksum(struct reading *reading, struct sysck_slice value)
{
	return sysck_checksum_parse(value, &reading->def->checksum, reading->err);
}

static int read_hash_value(struct reading *reading, struct sysck_slice value)
{
	return sysck_digest_parse(value, &reading->def->hash_value, reading->err);
}

static int read_program(struct reading *reading, struct sysck_list *list)
{
	int r = sysck_path_check(list->items[0], reading->err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list->count; i++)
		if (memchr(list->items[i].data, '\0', list->items[i].len) != NULL)
			return sysck_err_set(reading->err, -EINVAL, "an argument can't hold a NUL byte");
	reading->def->program = *list;
	return 0;
}

static int read_source(struct reading *reading, struct sysck_slice value)
{
	int r = value.len == 0 ? 0 : sysck_path_check(value, reading->err);

	if (r == 0)
		reading->def->source = value;
	return r;
}

static int read_class(struct reading *reading, struct sysck_list *list)
{
	char quoted[SYSCK_QUOTE_MAX];

	for (size_t i = 0; i < list->count; i++) {
		struct sysck_slice name = list->items[i];

		/* Such a name could never be an operand, or would read back as two. */
		if (name.data[0] == '/' || memchr(name.data, ' ', name.len) != NULL ||
		    sysck_slice_equal(name, SYSCK_SLICE("ALL")) || sysck_slice_equal(name, SYSCK_SLICE("tree")) ||
		    sysck_slice_equal(name, SYSCK_SLICE("sysck")))
			return sysck_err_set(reading->err, -EINVAL, "%s can't be the name of a class",
					     sysck_quote(name, quoted, sizeof(quoted)));
	}
	reading->def->classes = *list;
	return 0;
}

/* The text of a value that is one whole: in quotes only where it must be. */
static void write_whole(struct sysck_slice value, struct sysck_buf *out)
{
	if (value.len > 0)
		sysck_buf_add_quoted(out, value, SYSCK_CHARSET_UTF8);
}

static void write_list(const struct sysck_list *list, struct sysck_buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			sysck_buf_add_char(out, ',');
		sysck_buf_add_item(out, list->items[i]);
	}
}

static void write_type(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_buf_add_text(out, sysck_type_name(def->type));
}

static void write_owner(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	sysck_owner_write(out, names, def->owner);
}

static void write_group(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	sysck_group_write(out, names, def->group);
}

static void write_acl(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	sysck_acl_write(out, names, &def->acl);
}

static void write_mode(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_mode_write(out, def->mode);
}

static void write_capabilities(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_capabilities_write(out, &def->capabilities);
}

static void write_device(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_device_write(out, def->device);
}

static void write_target(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_whole(def->target, out);
}

static void write_links(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_list(&def->links, out);
}

static void write_symlinks(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_list(&def->symlinks, out);
}

static void write_size(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_size_write(out, def->size);
}

static void write_checksum(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	if (def->checksum.is_volatile) {
		sysck_buf_add_text(out, "VOLATILE");
		return;
	}
	sysck_buf_add_char(out, '"');
	sysck_buf_add_escaped(out, def->checksum.text, SYSCK_CHARSET_UTF8);
	sysck_buf_add_char(out, '"');
}

static void write_hash_value(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	sysck_digest_write(out, &def->hash_value);
}

static void write_program(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_list(&def->program, out);
}

static void write_source(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_whole(def->source, out);
}

static void write_class(const struct sysck_def *def, struct sysck_names *names, struct sysck_buf *out)
{
	(void)names;
	write_list(&def->classes, out);
}

#define TYPE(type) (1u << SYSCK_TYPE_##type)
#define DEVICES    (TYPE(BLK_DEV) | TYPE(CHAR_DEV))
#define ANY        (EVERY | TYPE(ABSENT))
#define EVERY      (TYPE(FILE) | TYPE(DIRECTORY) | TYPE(FIFO) | TYPE(SYMLINK) | DEVICES | TYPE(SOCKET))

/* The table. A value is read as one whole or as a list, never both. */
static const struct {
	const char *name;
	value_reader *read;
	list_reader *read_list;
	value_writer *write;
	unsigned types;    /* which types can have it */
	bool computable;   /* a value can be taken from the object */
	bool may_be_empty; /* `attribute =` means something */
	bool blanks;       /* blanks separate the items of the list, too */
} table[SYSCK_ATTR_COUNT] = {
	[SYSCK_ATTR_TYPE] = { "type", read_type, NULL, write_type, ANY, true, false, false },
	[SYSCK_ATTR_OWNER] = { "owner", read_owner, NULL, write_owner, EVERY, true, false, false },
	[SYSCK_ATTR_GROUP] = { "group", read_group, NULL, write_group, EVERY, true, false, false },
	[SYSCK_ATTR_ACL] = { "acl", NULL, read_acl, write_acl, EVERY & ~TYPE(SYMLINK), true, true, false },
	[SYSCK_ATTR_MODE] = { "mode", read_mode, NULL, write_mode, EVERY & ~TYPE(SYMLINK), true, false, false },
	[SYSCK_ATTR_CAPABILITIES] = { "capabilities", read_capabilities, NULL, write_capabilities, TYPE(FILE), true, true,
				      false },
	[SYSCK_ATTR_DEVICE] = { "device", read_device, NULL, write_device, DEVICES, true, false, false },
	[SYSCK_ATTR_TARGET] = { "target", read_target, NULL, write_target, TYPE(SYMLINK), true, false, false },
	[SYSCK_ATTR_LINKS] = { "links", NULL, read_links, write_links, EVERY & ~TYPE(DIRECTORY), true, true, false },
	[SYSCK_ATTR_SYMLINKS] = { "symlinks", NULL, read_symlinks, write_symlinks, EVERY & ~TYPE(SYMLINK), false, true, false },
	[SYSCK_ATTR_SIZE] = { "size", read_size, NULL, write_size, TYPE(FILE), true, false, false },
	[SYSCK_ATTR_CHECKSUM] = { "checksum", read_checksum, NULL, write_checksum, TYPE(FILE), true, false, false },
	[SYSCK_ATTR_HASH_VALUE] = { "hash_value", read_hash_value, NULL, write_hash_value, TYPE(FILE), true, false, false },
	[SYSCK_ATTR_PROGRAM] = { "program", NULL, read_program, write_program, EVERY, false, false, false },
	[SYSCK_ATTR_SOURCE] = { "source", read_source, NULL, write_source, EVERY, false, true, false },
	[SYSCK_ATTR_CLASS] = { "class", NULL, read_class, write_class, ANY, false, false, true },
};

static const enum sysck_attr alphabetical[SYSCK_ATTR_COUNT] = {
	SYSCK_ATTR_ACL,    SYSCK_ATTR_CAPABILITIES, SYSCK_ATTR_CHECKSUM,   SYSCK_ATTR_CLASS,
	SYSCK_ATTR_DEVICE, SYSCK_ATTR_GROUP,        SYSCK_ATTR_HASH_VALUE, SYSCK_ATTR_LINKS,
	SYSCK_ATTR_MODE,   SYSCK_ATTR_OWNER,        SYSCK_ATTR_PROGRAM,    SYSCK_ATTR_SIZE,
	SYSCK_ATTR_SOURCE, SYSCK_ATTR_SYMLINKS,     SYSCK_ATTR_TARGET,     SYSCK_ATTR_TYPE,
};

const enum sysck_attr *sysck_attr_alphabetical(void)
{
	return alphabetical;
}

const char *sysck_attr_name(enum sysck_attr attribute)
{
	return table[attribute].name;
}

int sysck_attr_find(struct sysck_slice name, enum sysck_attr *ret)
{
	/* Asked for every line of a database: the first letter tells most of them apart. */
	for (int i = 0; name.len > 0 && i < SYSCK_ATTR_COUNT; i++)
		if (table[i].name[0] == name.data[0] && sysck_slice_equal(name, sysck_slice_of(table[i].name))) {
			*ret = (enum sysck_attr)i;
			return 0;
		}
	return -ENOENT;
}

bool sysck_attr_applies(enum sysck_attr attribute, enum sysck_type type)
{
	return (table[attribute].types & 1u << type) != 0;
}

bool sysck_attr_is_computable(enum sysck_attr attribute)
{
	return table[attribute].computable;
}

static int read_as_list(struct reading *reading, enum sysck_attr attribute)
{
	struct sysck_list list;
	int r = sysck_line_list(reading->text, reading->line, table[attribute].blanks, reading->options->arena, &list,
				reading->err);

	if (r < 0)
		return r;
	if (list.count == 0 && !table[attribute].may_be_empty)
		return sysck_err_set(reading->err, -EINVAL, "%s needs a value", table[attribute].name);
	return table[attribute].read_list(reading, &list);
}

static int read_as_whole(struct reading *reading, enum sysck_attr attribute)
{
	struct sysck_slice value;
	int r = sysck_line_value(reading->text, reading->line, reading->options->arena, &value, reading->err);

	if (r < 0)
		return r;
	if (value.len == 0 && !table[attribute].may_be_empty)
		return sysck_err_set(reading->err, -EINVAL, "%s needs a value", table[attribute].name);
	return table[attribute].read(reading, value);
}

int sysck_def_read_value(const struct sysck_text *text, const struct sysck_line *line, enum sysck_attr attribute,
			 const struct sysck_def_options *options, struct sysck_def *def, struct sysck_err *err)
{
	struct sysck_err local;
	struct reading reading = { text, line, options, def, err == NULL ? &local : err };
	int r;

	sysck_err_clear(reading.err);
	r = table[attribute].read_list != NULL ? read_as_list(&reading, attribute) : read_as_whole(&reading, attribute);
	if (r < 0) {
		/* What takes a value apart knows the byte; what reads it as a whole does not. */
		if (reading.err->line == 0)
			sysck_line_place(text, line, true, reading.err);
		return r;
	}
	def->present |= SYSCK_ATTR_BIT(attribute);
	return 0;
}

/* One definition that is being read, and the errors in it so far. */
struct definition {
	struct reading reading;
	sysck_attr_set seen;
	struct sysck_line lines[SYSCK_ATTR_COUNT]; /* of the attributes seen */
	int errors;
};

static void report_at(struct definition *definition, const struct sysck_line *line, bool value)
{
	struct reading *reading = &definition->reading;

	if (reading->err->line == 0)
		sysck_line_place(reading->text, line, value, reading->err);
	definition->errors++;
	sysck_err_report(reading->options->errors, reading->err);
}

static void report(struct definition *definition, bool value)
{
	report_at(definition, definition->reading.line, value);
}

static int read_attribute(struct definition *definition)
{
	struct reading *reading = &definition->reading;
	const struct sysck_line *line = reading->line;
	char quoted[SYSCK_QUOTE_MAX];
	enum sysck_attr attribute;
	int r;

	sysck_err_clear(reading->err);
	if (sysck_attr_find(line->name, &attribute) < 0) {
		sysck_err_set(reading->err, -EINVAL, "unknown attribute %s", sysck_quote(line->name, quoted, sizeof(quoted)));
		report(definition, false);
		return 0;
	}
	if ((definition->seen & SYSCK_ATTR_BIT(attribute)) != 0) {
		sysck_err_set(reading->err, -EINVAL, "%s is given twice; the first one counts", table[attribute].name);
		report(definition, false);
		return 0;
	}
	definition->seen |= SYSCK_ATTR_BIT(attribute);
	definition->lines[attribute] = *line;
	if (line->bare && reading->options->allow_bare && table[attribute].computable) {
		reading->def->bare |= SYSCK_ATTR_BIT(attribute);
		return 0;
	}
	if (line->bare) {
		sysck_err_set(reading->err, -EINVAL, "expected `%s = value'", table[attribute].name);
		report(definition, false);
		return 0;
	}
	r = sysck_def_read_value(reading->text, line, attribute, reading->options, reading->def, reading->err);
	if (r < 0 && r != -ENOMEM)
		report(definition, true);
	return r == -ENOMEM ? r : 0;
}

/* An error of the stanza as a whole, placed at its name. */
static void report_stanza(struct definition *definition, const struct sysck_stanza *stanza)
{
	sysck_stanza_place(definition->reading.text, stanza, definition->reading.err);
	definition->errors++;
	sysck_err_report(definition->reading.options->errors, definition->reading.err);
}

/* An attribute whose value the type can't have, though other values it can. */
static void refuse_value(struct definition *definition, enum sysck_attr attribute, const char *why)
{
	sysck_err_set(definition->reading.err, -EINVAL, "%s", why);
	report_at(definition, &definition->lines[attribute], true);
	definition->reading.def->present &= ~SYSCK_ATTR_BIT(attribute);
}

/* What can be said only when all attributes are known. */
static void check_whole(struct definition *definition, const struct sysck_stanza *stanza)
{
	struct sysck_def *def = definition->reading.def;
	struct sysck_err *err = definition->reading.err;
	uint32_t bits;

	if ((definition->seen & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) == 0 && !definition->reading.options->allow_bare) {
		sysck_err_set(err, -EINVAL, "the definition has no type");
		report_stanza(definition, stanza);
	}
	for (int i = 0; def->type != SYSCK_TYPE_NONE && i < SYSCK_ATTR_COUNT; i++) {
		sysck_attr_set bit = SYSCK_ATTR_BIT(i);

		if (((def->present | def->bare) & bit) == 0 || sysck_attr_applies((enum sysck_attr)i, def->type))
			continue;
		sysck_err_set(err, -EINVAL, "%s is no attribute of a %s", table[i].name, sysck_type_name(def->type));
		report_at(definition, &definition->lines[i], false);
		def->present &= ~bit;
		def->bare &= ~bit;
	}
	if (sysck_def_has(def, SYSCK_ATTR_SOURCE) && def->type == SYSCK_TYPE_DIRECTORY && def->source.len > 0)
		refuse_value(definition, SYSCK_ATTR_SOURCE, "the source of a DIRECTORY can only be empty");
	/* The entries of a default ACL stand behind all others. */
	if (sysck_def_has(def, SYSCK_ATTR_ACL) && def->type != SYSCK_TYPE_NONE && def->type != SYSCK_TYPE_DIRECTORY &&
	    def->acl.count > 0 && def->acl.entries[def->acl.count - 1].is_default)
		refuse_value(definition, SYSCK_ATTR_ACL, "only a DIRECTORY has a default ACL");
	if (sysck_def_has(def, SYSCK_ATTR_ACL) && sysck_def_has(def, SYSCK_ATTR_MODE) && sysck_acl_mode(&def->acl, &bits) &&
	    bits != (def->mode & 0777)) {
		sysck_err_set(err, -EINVAL, "acl and mode contradict each other (the group bits of mode are the mask)");
		report_at(definition, &definition->lines[SYSCK_ATTR_ACL], true);
		def->present &= ~(SYSCK_ATTR_BIT(SYSCK_ATTR_ACL) | SYSCK_ATTR_BIT(SYSCK_ATTR_MODE));
	}
}

int sysck_def_read(const struct sysck_text *text, const struct sysck_stanza *stanza, const struct sysck_def_options *options,
		   struct sysck_def *ret)
{
	struct sysck_def def = { .path = sysck_stanza_name(text, stanza), .line = stanza->line };
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_err err;
	struct sysck_line line;
	struct definition definition = { .reading = { text, &line, options, &def, &err } };
	int r = 0;

	if (!stanza->name_is_path) {
		(void)sysck_path_check(def.path, &err);
		report_stanza(&definition, stanza);
	}
	while (r == 0 && sysck_stanza_next(text, stanza, &cursor, &line))
		r = read_attribute(&definition);
	if (r < 0)
		return r;
	check_whole(&definition, stanza);
	/* What has no place in the file system has nothing that could be looked at. */
	if (!stanza->name_is_path)
		def.present = def.bare = 0;
	*ret = def;
	return definition.errors;
}

void sysck_def_write_value(const struct sysck_def *def, enum sysck_attr attribute, struct sysck_names *names,
			   struct sysck_buf *out)
{
	table[attribute].write(def, names, out);
}

/*
 * def.h - one stanza as one typed definition.
 *
 * enum sysck_attr is the spine of the program: its order is the order in which an object is checked and reported. A new
 * attribute is a row in def.c's table and a case in every switch that the compiler then points at.
 */
#ifndef SYSCK_DEF_H
#define SYSCK_DEF_H

#include <stdbool.h>
#include <stdint.h>

#include <sysck/acl.h>
#include <sysck/arena.h>
#include <sysck/capabilities.h>
#include <sysck/err.h>
#include <sysck/form.h>
#include <sysck/names.h>
#include <sysck/stanza.h>

enum sysck_attr {
	SYSCK_ATTR_TYPE,
	SYSCK_ATTR_OWNER,
	SYSCK_ATTR_GROUP,
	SYSCK_ATTR_ACL,
	SYSCK_ATTR_MODE,
	SYSCK_ATTR_CAPABILITIES,
	SYSCK_ATTR_DEVICE,
	SYSCK_ATTR_TARGET,
	SYSCK_ATTR_LINKS,
	SYSCK_ATTR_SYMLINKS,
	SYSCK_ATTR_SIZE,
	SYSCK_ATTR_CHECKSUM,
	SYSCK_ATTR_HASH_VALUE,
	SYSCK_ATTR_PROGRAM,
	SYSCK_ATTR_SOURCE,
	SYSCK_ATTR_CLASS,
	SYSCK_ATTR_COUNT
};

/* A set of attributes: bit 1 << attribute. */
typedef uint32_t sysck_attr_set;

#define SYSCK_ATTR_BIT(attribute) ((sysck_attr_set)1 << (attribute))
#define SYSCK_ATTR_ALL            (SYSCK_ATTR_BIT(SYSCK_ATTR_COUNT) - 1)

/* The name of an attribute as the database spells it. */
const char *sysck_attr_name(enum sysck_attr attribute);
/* The attribute of that name (lower case only). 0 or -ENOENT. */
int sysck_attr_find(struct sysck_slice name, enum sysck_attr *ret);
/* True if an object of that type can have the attribute. */
bool sysck_attr_applies(enum sysck_attr attribute, enum sysck_type type);
/* True if a value can be computed from the object when the attribute is named without one. */
bool sysck_attr_is_computable(enum sysck_attr attribute);

/* What should be. Slices and lists live in the text the definition was read from, or in the arena given to the reader. */
struct sysck_def {
	struct sysck_slice path;
	unsigned line;          /* of the stanza's name */
	sysck_attr_set present; /* attributes that were read; the values of others mean nothing */
	sysck_attr_set bare;    /* attributes named without a value (only where the reader allows it) */
	enum sysck_type type;   /* SYSCK_TYPE_NONE if type is not present */
	uint32_t owner;
	uint32_t group;
	uint32_t mode; /* 07777 bits and SYSCK_MODE_TCB */
	struct sysck_acl acl;
	struct sysck_capabilities capabilities;
	struct sysck_device device;
	struct sysck_slice target;
	struct sysck_list links;
	struct sysck_list symlinks;
	struct sysck_size size;
	struct sysck_checksum checksum;
	struct sysck_digest hash_value;
	struct sysck_list program; /* path and arguments */
	struct sysck_slice source; /* empty: an empty object of the type */
	struct sysck_list classes;
};

static inline bool sysck_def_has(const struct sysck_def *def, enum sysck_attr attribute)
{
	return (def->present & SYSCK_ATTR_BIT(attribute)) != 0;
}

/* How a definition is read. */
struct sysck_def_options {
	struct sysck_names *names; /* of users and groups */
	struct sysck_arena *arena;
	const struct sysck_err_sink *errors;
	bool allow_bare; /* attributes may stand without a value, and `type` may be missing: a file for -a -f */
};

/*
 * Reads one stanza. Every error goes to options->errors with its place: an attribute that is unknown, given twice,
 * that the type
 * can't have, or whose value does not read; a missing type; an ACL that contradicts the mode; a bad name. The attribute
 * concerned is then not in `present`, the others are; with a bad name none is. Returns the number of errors, or -ENOMEM.
 */
int sysck_def_read(const struct sysck_text *text, const struct sysck_stanza *stanza, const struct sysck_def_options *options,
		   struct sysck_def *ret);

/*
 * Reads the value of one attribute line into `def` and sets the attribute's bit. Returns 0, or a negative errno with
 * `err` set and placed.
 */
int sysck_def_read_value(const struct sysck_text *text, const struct sysck_line *line, enum sysck_attr attribute,
			 const struct sysck_def_options *options, struct sysck_def *def, struct sysck_err *err);

/* Appends the text of one attribute that is present in `def`, in the form of the database (quotes where needed). */
void sysck_def_write_value(const struct sysck_def *def, enum sysck_attr attribute, struct sysck_names *names,
			   struct sysck_buf *out);

/* The attributes in alphabetical order, in which a new stanza has them. */
const enum sysck_attr *sysck_attr_alphabetical(void);

#endif

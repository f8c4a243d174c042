/*
 * adopt.h - the present state of an object as text of a definition.
 *
 * A request says which attributes a definition is to get: computed from the object, given as they are, or taken out.
 */
#ifndef TCBCK_ADOPT_H
#define TCBCK_ADOPT_H

#include <stdbool.h>

#include <sysck/sysck.h>

#include "observe/observe.h"

struct tcbck_request {
	sysck_attr_set computed;                     /* named without a value */
	sysck_attr_set given;                        /* with a value: `values` */
	sysck_attr_set removed;                      /* `attribute=` on the command line */
	struct sysck_slice values[SYSCK_ATTR_COUNT]; /* in the form of the database */
	bool lenient;                                /* leave computed attributes out that the object's type can't have */
};

/*
 * Reads operands of -a, `attribute`, `attribute=value` or `attribute=`. Every wrong one goes to `errors`. Slices are the
 * operands'. Returns the number of errors, or -ENOMEM.
 */
int tcbck_adopt_operands(const struct sysck_slice *operands, size_t count, struct sysck_names *names,
			 const struct sysck_err_sink *errors, struct tcbck_request *ret);

/* Where an object is: by its path, or by a name in an open directory (directory >= 0). */
struct tcbck_object {
	struct sysck_slice path;
	int directory;
	const char *name;
	bool closed; /* as in struct tcbck_spot */
};

/* One thread's means. */
struct tcbck_adopter {
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena *arena; /* of the object in hand */
};

/* What became of an object. */
enum tcbck_adoption {
	TCBCK_ADOPTED, /* the stanza is in `out` */
	TCBCK_ABSENT,  /* there is no such object, and something was to be computed; nothing in `out` */
	TCBCK_WRONG    /* `err` says why; nothing in `out` */
};

struct tcbck_adopted {
	enum tcbck_adoption adoption;
	nlink_t link_count; /* 0 if the object was not looked at */
	dev_t device;
	ino_t inode;
	enum sysck_type type;
	bool links_open; /* links were asked for, and there are more names than this one: `links =` stands for them in `out` */
};

/*
 * Appends to `out` the whole stanza that the object gets: the one that `db` has (may be NULL) with the request's
 * attributes set, or a new one, its attributes in alphabetical order. `type` is computed where neither has it. The
 * result has been read
 * again as a definition: what does not read is TCBCK_WRONG. Returns 0 or -ENOMEM.
 */
int tcbck_adopt(const struct tcbck_adopter *adopter, const struct sysck_db *db, const struct tcbck_request *request,
		const struct tcbck_object *object, struct sysck_buf *out, struct tcbck_adopted *ret, struct sysck_err *err);

#endif

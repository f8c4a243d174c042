/*
 * observe.h - one object as it is.
 *
 * An observation has the shape of a definition, so that both are written and compared alike, beside what only an object
 * has. Whatever could not be looked at is neither same nor different: it is in `failed`, with its reason.
 */
#ifndef TCBCK_OBSERVE_H
#define TCBCK_OBSERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <sysck/def.h>
#include <sysck/sysck.h>

#include "observe/links.h"
#include "observe/path.h"

enum tcbck_presence {
	TCBCK_PRESENT,
	TCBCK_MISSING,
	TCBCK_UNSAFE, /* its path leads through a symlink that others control, or out of the root */
	TCBCK_UNKNOWN /* could not be found out */
};

/* Bytes of a program's output that are kept for the finding. */
#define TCBCK_PROGRAM_OUTPUT_MAX 1000u

struct tcbck_program {
	int status; /* exit status, or 128 + signal */
	bool timed_out;
	struct sysck_slice output; /* its beginning, raw */
};

struct tcbck_observation {
	enum tcbck_presence presence;
	struct sysck_slice reason; /* of UNSAFE and UNKNOWN; escaped, as all reasons here */
	bool through_symlink;      /* the path was followed through symlinks */
	/*
	 * is.present holds the attributes that were learned: type, owner, group, acl (its access entries only when
	 * they say more than
	 * the mode), mode with the TCB flag, capabilities, device, target, size, checksum (also sum and blocks),
	 * hash_value; and
	 * links, symlinks, program and source when they were looked at.
	 */
	struct sysck_def is;
	sysck_attr_set failed;                        /* looked for in vain */
	struct sysck_slice reasons[SYSCK_ATTR_COUNT]; /* of those */
	dev_t device;                                 /* of the object's file system */
	ino_t inode;
	nlink_t link_count;
	bool has_capabilities;       /* capabilities are there, if only an empty set; when they were learned */
	struct tcbck_link *links;    /* one for each of the definition's */
	struct tcbck_link *symlinks; /* one for each of the definition's */
	bool source_exists;
	bool has_proof; /* tcbck_observer_prove(): a second digest, of the same bytes as hash_value */
	struct sysck_digest proof;
	struct tcbck_program program;
};

/* What all observers of one run share. Frozen. */
struct tcbck_observer_options {
	const struct tcbck_root *root;
	const struct sysck_settings *settings;
	const char *mode;                  /* what `%m` of a program stands for; NULL: "-n" */
	const atomic_bool *stop;           /* may be NULL: gives up reading when it becomes true */
	atomic_uint_least64_t *bytes_read; /* may be NULL: for a progress line */
	bool no_reading;                   /* never open for content; for tests and for metadata only */
};

/* One thread's way of looking. */
struct tcbck_observer;

/* Returns 0 or a negative errno with `err` set. `options` and what it points at must outlive the observer. */
int tcbck_observer_new(const struct tcbck_observer_options *options, struct tcbck_observer **ret, struct sysck_err *err);
void tcbck_observer_free(struct tcbck_observer *observer);
/*
 * From now on a content that is read for hash_value also gets a digest of `algorithm`, in the same read; SYSCK_HASH_COUNT:
 * no longer. For comparing with what a package manager knows.
 */
void tcbck_observer_prove(struct tcbck_observer *observer, enum sysck_hash algorithm);
/* The opener inside, for what an observer's thread opens besides. */
struct tcbck_opener *tcbck_observer_opener(struct tcbck_observer *observer);

/*
 * Looks at the object of `def->path`: at the attributes in `wanted` that its type can have. `def` says what they need:
 * names of links, the algorithm of the digest, the program. If def->type is known and the object is of another type,
 * only the type is looked at. What def calls VOLATILE is not read. Memory is `arena`'s. Returns 0 or -ENOMEM.
 */
int tcbck_observe(struct tcbck_observer *observer, const struct sysck_def *def, sysck_attr_set wanted,
		  struct sysck_arena *arena, struct tcbck_observation *ret);

/* Where an object stands. */
struct tcbck_spot {
	int directory;    /* descriptor of its directory, usable with *at() calls */
	const char *name; /* one component, NUL-terminated */
	bool closed;      /* root (and the effective user) alone can give that name to another object: tcbck_path_is_closed() */
};

/* The same for an object met by a walk: `spot` is where def->path stands. */
int tcbck_observe_spot(struct tcbck_observer *observer, const struct tcbck_spot *spot, const struct sysck_def *def,
		       sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret);

/* The same for `name` in a directory of which nothing is known. */
int tcbck_observe_at(struct tcbck_observer *observer, int directory, const char *name, const struct sysck_def *def,
		     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret);

/*
 * The same for an object that the caller holds open (O_PATH or for reading): the descriptor is looked at, never a name. For
 * judging again what a repair is about to change.
 */
int tcbck_observe_descriptor(struct tcbck_observer *observer, int descriptor, const struct sysck_def *def,
			     sysck_attr_set wanted, struct sysck_arena *arena, struct tcbck_observation *ret);

#endif

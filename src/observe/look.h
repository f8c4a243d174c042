/*
 * look.h - one object while it is looked at: what the files of the observer share with each other and with nobody else.
 */
#ifndef TCBCK_LOOK_H
#define TCBCK_LOOK_H

#include "observe/observe.h"

struct tcbck_observer {
	const struct tcbck_observer_options *options;
	enum sysck_hash proof; /* of a second digest; SYSCK_HASH_COUNT: none */
	struct tcbck_opener *opener;
	struct tcbck_digester *digester;
	char *xattr_names; /* XATTR_LIST_MAX bytes */
	bool cannot_list;  /* without opening */
};

/* One object while it is looked at. */
struct tcbck_look {
	struct tcbck_observer *observer;
	const struct sysck_def *def;
	sysck_attr_set wanted;
	struct sysck_arena *arena;
	struct tcbck_observation *o;
	const struct tcbck_spot *spot; /* where it stands; NULL: the caller holds it open */
	int pinned;                    /* the object; O_PATH unless readable; -1: none, or it is looked at by name */
	bool readable;                 /* pinned is open for reading */
	int read_error;                /* why it is not, when it is a regular file or directory */
	char way[32];                  /* /proc/self/fd/N of pinned, for calls that refuse O_PATH */
	ssize_t listed;                /* by name: length of the list of its extended attributes */
	struct stat st;
	bool unproven; /* st was asked for by name: what was looked at since must turn out to be the same object */
	bool replaced; /* it did not */
	bool out_of_memory;
};

/* A copy in the look's arena; empty, with `out_of_memory` set, when there is no more memory. */
struct sysck_slice tcbck_look_keep(struct tcbck_look *look, struct sysck_slice text);
/* What strerror(3) says to a negative errno, kept. */
struct sysck_slice tcbck_look_error(struct tcbck_look *look, int error);
/* Is the attribute asked for? */
bool tcbck_look_wants(const struct tcbck_look *look, enum sysck_attr attribute);
/* Its value is in look->o. */
void tcbck_look_learned(struct tcbck_look *look, enum sysck_attr attribute);
/* It could not be learned, for that reason, or for a negative errno. */
void tcbck_look_failed_because(struct tcbck_look *look, enum sysck_attr attribute, struct sysck_slice reason);
void tcbck_look_failed(struct tcbck_look *look, enum sysck_attr attribute, int error);

/* Checksum and digest, in one reading where both are computed here. Proves what is unproven where the reading shows it. */
void tcbck_look_at_content(struct tcbck_look *look);
/* Are these of one object? */
bool tcbck_look_same_object(const struct stat *a, const struct stat *b);
/* True if that would open the object: it is a regular file, and what is asked for is not VOLATILE. */
bool tcbck_look_needs_content(const struct tcbck_look *look);

#endif

/*
 * undo.h - the present state of objects as definitions, written before each change.
 */
#ifndef TCBCK_UNDO_H
#define TCBCK_UNDO_H

#include <sysck/sysck.h>

#include "observe/observe.h"

/* Where the records are, unless another directory is given. */
#ifndef TCBCK_UNDO
#define TCBCK_UNDO "/var/lib/tcbck/undo"
#endif

/* Largest old content, in bytes, that is kept beside a record. */
#define TCBCK_UNDO_CONTENT_MAX ((uint64_t)64 * 1024 * 1024)

struct tcbck_undo;

/*
 * Gets ready to record below `directory` (made 0700 when it is not there; its parents must be trusted as a database's);
 * nothing is opened before the first record. Names are written by `names`. 0 or -ENOMEM.
 */
int tcbck_undo_new(const char *directory, struct sysck_names *names, struct tcbck_undo **ret);
void tcbck_undo_free(struct tcbck_undo *undo);

/* Where the records are, as it was given. */
const char *tcbck_undo_directory(const struct tcbck_undo *undo);

/* The record's path once there is one; else an empty slice. */
struct sysck_slice tcbck_undo_path(const struct tcbck_undo *undo);

/* In place of a descriptor: the object stays; or it goes, and has no content to be kept, so that `source` is empty. */
#define TCBCK_UNDO_NOTHING (-1)
#define TCBCK_UNDO_EMPTY   (-2)
/* Or it goes, but lives on under other names: `is->links`, and `is->source` is the one of them that it can be linked from. */
#define TCBCK_UNDO_LINKED (-3)

/*
 * Writes the state `is` of the object, with its hash_value and links if they are known, and flushes it; each path once,
 * later ones are passed over. With `content` >= 0, a descriptor open for reading, the old content is kept beside the record and
 * the definition gets
 * it as `source`; *ret_kept tells whether it was (not above TCBCK_UNDO_CONTENT_MAX). Returns 0, or a negative errno with
 * `err` set: then nothing may be changed.
 */
int tcbck_undo_record(struct tcbck_undo *undo, const struct sysck_def *is, int content, bool *ret_kept, struct sysck_err *err);

/* Writes that a name did not exist before: a definition of type ABSENT. */
int tcbck_undo_record_absent(struct tcbck_undo *undo, struct sysck_slice path, struct sysck_err *err);

#endif

/*
 * fix.h - puts one object right, or refuses.
 *
 * A repair opens the object again, looks and judges again, acts through that descriptor alone, and looks once more:
 * only what is then
 * good is `fixed`.
 */
#ifndef TCBCK_FIX_H
#define TCBCK_FIX_H

#include <sysck/def.h>

#include "judge/finding.h"
#include "judge/judge.h"
#include "observe/observe.h"
#include "repair/apply.h"
#include "repair/undo.h"

/* The means of all repairs of a run; one thread. */
struct tcbck_fixer {
	const struct tcbck_root *root;
	struct tcbck_observer *observer;
	struct tcbck_opener *opener; /* not the observer's: a place must live while it looks */
	struct sysck_names *names;
	struct tcbck_undo *undo;
	bool sum_numbers; /* as in struct tcbck_judgement */
	bool undoing;     /* the database is an undo record: what it replaces is no suspect */
	const struct sysck_db *db;
	const struct tcbck_findings *all; /* of this run: which other names of an inode are strays, too */
	size_t disable_budget; /* how many objects may still be disabled because their `source` proves to be of no use */
	bool undo_failed;      /* out: a repair was refused because its undo record could not be written */
};

/*
 * Repairs one object: those of its `count` findings for which `chosen` is true. Sets outcome and reason of each
 * finding that was
 * chosen; texts are `arena`'s. Returns 0, or -ENOMEM.
 */
int tcbck_fix_object(struct tcbck_fixer *fixer, const struct sysck_def *def, struct tcbck_finding *findings, size_t count,
		     const bool *chosen, struct sysck_arena *arena);

/*
 * stray.c: the same for the findings of one stray: takes the set-id bit, the flag or the capabilities away, or the name.
 */
int tcbck_fix_stray(struct tcbck_fixer *fixer, struct tcbck_finding *findings, size_t count, const bool *chosen,
		    struct sysck_arena *arena);

/*
 * True for a stray that would lose its name, but will not, since others control its directory or the kernel makes what is
 * there. There can be any number of those, so they do not count for --fix-limit.
 */
bool tcbck_fix_stray_stays(struct tcbck_fixer *fixer, const struct tcbck_finding *finding);

/* The outcome of a repair that ended with this negative errno: refused, or failed. */
enum tcbck_outcome tcbck_fix_outcome(int error);

/*
 * True if the pinned object has the name `name` in `directory`, and `names` names in all: looked at many times, since where
 * others control the directory one look can be deceived.
 */
bool tcbck_fix_has_names(int directory, const char *name, const struct tcbck_pinned *pinned, size_t names);

/*
 * True if a repair of the finding would disable the object, remove or strip something: what --fix-limit counts.
 */
bool tcbck_fix_is_grave(const struct tcbck_finding *finding);

/* One object in hand, for the files that repair. */
struct tcbck_repair {
	struct tcbck_fixer *fixer;
	const struct sysck_def *def;
	struct sysck_arena *arena;
	int directory;    /* that holds the object */
	const char *name; /* in it */
	bool controlled;  /* root alone can rename or replace it */
	const char *why;  /* else: who else */
	bool there;       /* `pinned` and `before` are valid */
	struct tcbck_pinned pinned;
	struct tcbck_observation before;
	struct sysck_list good_links; /* all its other names, where they are known: the record of what replaces it has them */
};

/*
 * restore.c: puts a copy of `source`, or an empty object, in the place. 0, or a negative errno with `err` set;
 * -EPERM, -EAGAIN: refused.
 */
int tcbck_restore(struct tcbck_repair *repair, bool *ret_kept, struct sysck_err *err);

/*
 * names.c: makes a name a hard link, or a symlink, to the object; gives a symlink its target. `recorded`: a record has told
 * already of what has the name. Errors as above.
 */
int tcbck_names_link(struct tcbck_repair *repair, struct sysck_slice path, bool recorded, struct sysck_err *err);
int tcbck_names_symlink(struct tcbck_repair *repair, struct sysck_slice path, struct sysck_err *err);
int tcbck_names_target(struct tcbck_repair *repair, struct sysck_err *err);

#endif

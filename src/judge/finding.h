/*
 * finding.h - one difference between what should be and what is, and lists of them.
 */
#ifndef TCBCK_FINDING_H
#define TCBCK_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sysck/arena.h>
#include <sysck/def.h>

/*
 * What a finding is about: an attribute (the numbers of enum sysck_attr), or one of these. The order is the order of
 * report within an object.
 */
enum tcbck_kind {
	TCBCK_KIND_DUPLICATE = SYSCK_ATTR_COUNT,
	TCBCK_KIND_UNSAFE_PATH,
	TCBCK_KIND_MISSING,
	/* Of strays: objects of the tree without a definition. */
	TCBCK_KIND_TREE, /* a directory could not be walked, or an object not be looked at */
	TCBCK_KIND_TREE_TCB,
	TCBCK_KIND_TREE_SETUID,
	TCBCK_KIND_TREE_SETGID,
	TCBCK_KIND_TREE_CAPABILITIES,
	TCBCK_KIND_TREE_LINK,
	TCBCK_KIND_TREE_SYMLINK,
	TCBCK_KIND_TREE_DEVICE,
	TCBCK_KIND_COUNT
};

/* The index of a finding that belongs to no definition: it comes last, in the order of paths. */
#define TCBCK_NO_DEFINITION SIZE_MAX

/* What would put it right. */
enum tcbck_remedy {
	TCBCK_REMEDY_NONE,    /* nothing can */
	TCBCK_REMEDY_SET,     /* set the attribute on the object */
	TCBCK_REMEDY_LINK,    /* create or replace names: links, symlinks */
	TCBCK_REMEDY_REMOVE,  /* take the name away: nothing may be there */
	TCBCK_REMEDY_RESTORE, /* copy from `source` */
	TCBCK_REMEDY_DISABLE, /* take all access away: there is no `source` */
	TCBCK_REMEDY_STRIP    /* of a stray: take the bit, the flag or the capabilities away */
};

/* What was done about it. */
enum tcbck_outcome {
	TCBCK_OUTCOME_REPORTED, /* nothing was tried */
	TCBCK_OUTCOME_FIXED,
	TCBCK_OUTCOME_REFUSED,
	TCBCK_OUTCOME_FAILED,
	TCBCK_OUTCOME_LEFT,
	TCBCK_OUTCOME_DATABASE_UPDATED,
	TCBCK_OUTCOME_COUNT
};

/* What the package manager says of it; tcbck_explain(). */
enum tcbck_explanation {
	TCBCK_EXPLANATION_NONE, /* it was not asked */
	TCBCK_EXPLAINED,        /* this is what the package has, and the package is newer than the definition */
	TCBCK_UNEXPLAINED,
	TCBCK_NOT_PACKAGED
};

struct tcbck_finding {
	size_t index;    /* of the definition, or TCBCK_NO_DEFINITION: the first order of report, then by path */
	unsigned kind;   /* enum sysck_attr or enum tcbck_kind: the last */
	bool unverified; /* it could not be examined: `reason` says why, there is no actual and expected */
	enum tcbck_remedy remedy;
	enum tcbck_outcome outcome;
	struct sysck_slice path;     /* raw bytes */
	struct sysck_slice actual;   /* text, escaped for UTF-8 */
	struct sysck_slice expected; /* text, escaped for UTF-8 */
	struct sysck_slice reason;   /* text, escaped for UTF-8: of `unverified`, or of the outcome; or empty */
	struct sysck_list classes;   /* of the definition; raw bytes */
	unsigned line;               /* of the stanza; 0: there is none */
	struct sysck_slice of;       /* tree-link, tree-symlink: the path of the definition that it leads to; else empty */
	dev_t device;                /* of a stray: which object was judged */
	ino_t inode;
	enum tcbck_explanation explanation;
	struct sysck_slice package;  /* whose it is; raw bytes; empty: nobody's */
	struct sysck_slice version;  /* the package's; empty: it is no longer installed */
	struct sysck_slice accepted; /* explained: the value of the attribute, in the form of the database */
};

/* The name of a kind, as the reports spell it. */
const char *tcbck_kind_name(unsigned kind);
/* `explained`, `unexplained` or `not packaged`; NULL for TCBCK_EXPLANATION_NONE. */
const char *tcbck_explanation_name(enum tcbck_explanation explanation);
/* The outcome as in JSON: reported, fixed, refused, failed, left, database-updated. */
const char *tcbck_outcome_name(enum tcbck_outcome outcome);

/* A list of findings that owns their texts. Belongs to one thread until it is joined. */
struct tcbck_findings {
	struct tcbck_finding *items;
	size_t count, room;
	struct sysck_arena arena;
};

#define TCBCK_FINDINGS_INIT ((struct tcbck_findings){ NULL, 0, 0, SYSCK_ARENA_INIT })

void tcbck_findings_done(struct tcbck_findings *findings);

/*
 * Adds a copy of `finding`; all slices and lists in it are copied. Returns 0, or -ENOMEM with the list as it was.
 */
int tcbck_findings_add(struct tcbck_findings *findings, const struct tcbck_finding *finding);

/*
 * Moves the findings of `from` to the end of `to`; texts go along, `from` is empty afterwards. 0 or -ENOMEM (nothing
 * is moved).
 */
int tcbck_findings_join(struct tcbck_findings *to, struct tcbck_findings *from);

/* True if both are of the same object: of one definition, or of one path without any. */
bool tcbck_finding_same_object(const struct tcbck_finding *a, const struct tcbck_finding *b);

/* How many findings from `first` on, which there is, are of its object; they are sorted. */
size_t tcbck_findings_of_object(const struct tcbck_findings *findings, size_t first);

/* Puts them in the order of report: by definition, then by path, then by kind. */
void tcbck_findings_sort(struct tcbck_findings *findings);

#endif

/*
 * stray.h - what an object without a definition must not be. Pure, as judge.h.
 */
#ifndef TCBCK_STRAY_H
#define TCBCK_STRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/names.h>

#include "judge/finding.h"
#include "observe/glance.h"
#include "observe/observe.h"

/* Ids that count as administrative: 0, those of the system, and further ones. */
struct tcbck_ids {
	uint32_t system_max;
	const uint32_t *further;
	size_t further_count;
};

/* Whose set-id programs count. */
struct tcbck_administrators {
	struct tcbck_ids users;
	struct tcbck_ids groups;
};

/*
 * True if one look is enough to say that something about the object asks for a closer one. What this passes over has no
 * finding of tcbck_stray_judge(), and no error of the look.
 */
bool tcbck_stray_is_suspicious(const struct tcbck_administrators *administrators, const struct tcbck_glance *glance);

/* What the closer look must have learned. */
extern const sysck_attr_set tcbck_stray_wanted;

/*
 * Adds a finding for each thing that the object at `path` must not have: tree-tcb, tree-setuid, tree-setgid,
 * tree-capabilities, tree-device; unverified ones for what could not be looked at. One that vanished has none.
 * 0 or -ENOMEM.
 */
int tcbck_stray_judge(const struct tcbck_administrators *administrators, struct sysck_names *names, struct sysck_slice path,
		      const struct tcbck_observation *observation, struct tcbck_findings *findings);

/* Which object a name is, and which definition it leads to. */
struct tcbck_stray_name {
	struct sysck_slice path;
	struct sysck_slice of; /* the definition's path */
	dev_t device;
	ino_t inode;
};

/* Adds the finding TCBCK_KIND_TREE_LINK or TCBCK_KIND_TREE_SYMLINK. 0 or -ENOMEM. */
int tcbck_stray_name(const struct tcbck_stray_name *name, enum tcbck_kind kind, struct tcbck_findings *findings);

/* Adds that something about `path` could not be looked at; `reason` is escaped. 0 or -ENOMEM. */
int tcbck_stray_unverified(struct sysck_slice path, enum tcbck_kind kind, struct sysck_slice reason,
			   struct tcbck_findings *findings);

#endif

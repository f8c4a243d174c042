/*
 * model.h - what an audit must find, a second time: plain lstat(2) and comparison, straight from the manual.
 *
 * Slow and simple on purpose; it shares no code with what it is compared to. For small trees with short paths.
 */
#ifndef TCBCK_FUZZ_MODEL_H
#define TCBCK_FUZZ_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/def.h>

#include "judge/finding.h"

#define MODEL_PATH_MAX     2048
#define MODEL_LIST_MAX     3
#define MODEL_DEFS_MAX     12
#define MODEL_FINDINGS_MAX 1024

/* An ACL in the form of the database, and in those of acl_from_text(3); "" where there is none. */
struct model_acl {
	const char *text, *access, *by_default;
};

struct model_list {
	const char *items[MODEL_LIST_MAX];
	size_t count;
};

/* A definition: attributes in `present` have a value. */
struct model_def {
	const char *path;
	sysck_attr_set present;
	enum sysck_type type;
	uint32_t owner, group, mode;
	const struct model_acl *acl;
	uint64_t permitted; /* capabilities, all of them effective or none */
	bool effective;
	unsigned device_major, device_minor;
	char target[64];
	struct model_list links, symlinks;
	uint64_t size;
	uint32_t sum;
	uint64_t blocks;
	unsigned char sha256[32];
	const char *source;
};

struct model {
	const char *root; /* directory of the tree, absolute, without symlinks */
	struct model_def defs[MODEL_DEFS_MAX];
	size_t count;
	const char *nodir;    /* treeck_nodir; NULL: none */
	uint32_t further_uid; /* of setuids; 0: none */
};

struct model_finding {
	size_t index; /* of the definition, or TCBCK_NO_DEFINITION */
	unsigned kind;
	bool unverified;
	char path[MODEL_PATH_MAX];
};

struct model_findings {
	struct model_finding items[MODEL_FINDINGS_MAX];
	size_t count;
	size_t errors; /* of definitions */
};

/* What an audit with `tree` finds, in no order. */
void model_run(const struct model *model, struct model_findings *ret);

/* The content of a file, for a definition: its checksum as sum(1) -r has it, and its SHA-256. */
void model_digest(const char *file, struct model_def *ret);

/* Capabilities of a file from its attribute; false if it has none. */
bool model_capabilities(const char *file, uint64_t *ret_permitted, bool *ret_effective);

#endif

/*
 * scratch.h - a directory of its own for a test, opened as a root, and what tests put into it.
 *
 * Paths are below the directory, without a "/" before them. What can't be made fails the running test and ends it.
 */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "observe/path.h"

/* Somebody who is not root. */
#define SCRATCH_SOMEBODY 65534u

struct scratch {
	char top[40]; /* its path */
	int fd;
	struct tcbck_root *root;
};

/* Makes the directory, below /tmp; a big one in memory where there is room for 200,000 files, because that is faster. */
void scratch_begin(struct scratch *scratch);
void scratch_begin_big(struct scratch *scratch);
/* Removes it with all that is in it. */
void scratch_end(struct scratch *scratch);

void scratch_directory(const struct scratch *scratch, const char *path, mode_t mode);
void scratch_file(const struct scratch *scratch, const char *path);
void scratch_link(const struct scratch *scratch, const char *target, const char *path);
/* Gives the object itself to SCRATCH_SOMEBODY. Needs root. */
void scratch_give_away(const struct scratch *scratch, const char *path);

/*
 * Goes `levels` levels down from `fd` (taken over), each a directory `name` with `siblings` more directories beside it, some
 * made before and some after it, which hold a file each. Returns the descriptor of the last.
 */
int scratch_chain(int fd, const char *name, unsigned levels, unsigned siblings);

/* Open descriptors of this process, of the first 300. */
unsigned scratch_descriptors(void);
/* Runs `test` in a child; true if it returned true. */
bool scratch_child(bool (*test)(void *context), void *context);
/* Is `part` in the text? If not, the text is shown. */
bool scratch_says(const char *text, const char *part);
/* From now on openat2(2) fails with `error`, as in sandboxes that don't know it. For children: there is no way back. */
bool scratch_forbid_openat2(unsigned error);
/* Is this root? If not, the running test is skipped. */
bool scratch_is_root(void);

#endif

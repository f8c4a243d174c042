/*
 * capabilities.h - file capabilities, capabilities(7).
 */
#ifndef SYSCK_CAPABILITIES_H
#define SYSCK_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/capability.h>

#include <sysck/buf.h>
#include <sysck/err.h>

struct sysck_capabilities {
	uint64_t permitted;
	uint64_t inheritable;
	uint32_t root_id; /* user id of the namespace's root; 0: the initial one */
	bool effective;   /* a file has this bit once, for all of its capabilities */
};

/*
 * Reads the form of cap_from_text(3), with " [rootid=N]" after it where N is not 0, as getcap(8) -n prints it; empty: none.
 * Returns 0, -EINVAL (no such text, or sets that a file can't have) or -ENOMEM, with `err` set.
 */
int sysck_capabilities_parse(struct sysck_slice text, struct sysck_capabilities *ret, struct sysck_err *err);

/* Appends that form, as cap_to_text(3) spells it without the leading "=". */
void sysck_capabilities_write(struct sysck_buf *buf, const struct sysck_capabilities *capabilities);

bool sysck_capabilities_equal(const struct sysck_capabilities *a, const struct sysck_capabilities *b);
bool sysck_capabilities_empty(const struct sysck_capabilities *capabilities);

/* What libcap gave for a file. Returns 0, or -EINVAL when it has sets that a file can't have. */
int sysck_capabilities_convert(cap_t text, struct sysck_capabilities *ret);

#endif

/*
 * must.h - what the fuzz targets share: the assertion, users and groups from memory, and reading values out of an input.
 *
 * What must hold is asserted with abort(3), which libFuzzer and AFL++ both take for a finding. No input reaches NSS.
 */
#ifndef TCBCK_FUZZ_MUST_H
#define TCBCK_FUZZ_MUST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sysck/sysck.h>

/* What libFuzzer's main(), or that of AFL++, calls with each input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, naming `what`, unless it `holds`. */
static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* The users and groups of every input; release with sysck_names_free(). */
static inline struct sysck_names *must_names(void)
{
	static const char passwd[] = "root:x:0:0:::\nbin:x:1:1:::\nfred:x:1000:100:::\n77:x:78:1:::\nfr ed:x:1001:1:::\n";
	static const char group[] = "root:x:0:\nstaff:x:50:\n60:x:61:\na,b:x:62:\n";
	struct sysck_names *names = NULL;

	must(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names) == 0, "no names");
	return names;
}

/* Takes the bytes up to the next NUL, or all that are left, from `rest`; false when nothing is left. */
static inline bool must_next(struct sysck_slice *rest, struct sysck_slice *ret)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '\0', rest->len);
	*ret = (struct sysck_slice){ rest->data, end == NULL ? rest->len : (size_t)(end - rest->data) };
	*rest = (struct sysck_slice){ rest->data + ret->len, rest->len - ret->len };
	if (end != NULL)
		*rest = (struct sysck_slice){ end + 1, rest->len - 1 };
	return true;
}

#endif

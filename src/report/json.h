/*
 * json.h - events as JSON (RFC 8259), one object a line.
 */
#ifndef TCBCK_JSON_H
#define TCBCK_JSON_H

#include <stdatomic.h>

#include "report/report.h"

struct tcbck_json_options {
	int descriptor; /* where to; stays the caller's unless `file` is set, on success */
	const char
		*file; /* the name of a file whose descriptor it is; NULL: standard output. The string must outlive the sink */
	bool fixed;    /* tell what was fixed */
	const atomic_bool *stop; /* ends waiting for a reader (output.h); may be NULL */
};

/*
 * Makes the sink. That a file could not be written is told by settle(), that standard output could not by finish(). 0 or
 * -ENOMEM.
 */
int tcbck_json_new(const struct tcbck_json_options *options, struct tcbck_sink *ret);

#endif

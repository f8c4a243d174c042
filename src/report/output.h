/*
 * output.h - bytes on their way to a descriptor.
 */
#ifndef TCBCK_OUTPUT_H
#define TCBCK_OUTPUT_H

#include <stdatomic.h>

#include <sysck/buf.h>

/*
 * Collects what is added to `buf`; written when much has come together, and at the end. A reader that takes nothing is waited
 * for until *stop becomes true, and for a second after that: then the rest is lost, the failure being -ECANCELED.
 */
struct tcbck_output {
	int descriptor;
	const atomic_bool *stop; /* may be NULL */
	struct sysck_buf buf;
	int error; /* the first failure: negative errno */
};

/* Writes if at least 64 KiB are waiting. */
void tcbck_output_pass(struct tcbck_output *output);
/* Writes all. Returns the first failure of its life, or 0. */
int tcbck_output_flush(struct tcbck_output *output);
void tcbck_output_done(struct tcbck_output *output);

#endif

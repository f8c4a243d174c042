/*
 * output.h - bytes on their way to a descriptor.
 */
#ifndef TCBCK_OUTPUT_H
#define TCBCK_OUTPUT_H

#include <sysck/buf.h>

/* Collects what is added to `buf`; written when much has come together, and at the end. */
struct tcbck_output {
	int descriptor;
	struct sysck_buf buf;
	int error; /* the first failure: negative errno */
};

/* Writes if at least 64 KiB are waiting. */
void tcbck_output_pass(struct tcbck_output *output);
/* Writes all. Returns the first failure of its life, or 0. */
int tcbck_output_flush(struct tcbck_output *output);
void tcbck_output_done(struct tcbck_output *output);

#endif

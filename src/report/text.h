/*
 * text.h - events as sentences, one a line.
 */
#ifndef TCBCK_TEXT_H
#define TCBCK_TEXT_H

#include <stdatomic.h>

#include "report/report.h"

/* What is told of what the package manager says of findings. */
enum tcbck_text_explanations {
	TCBCK_TEXT_EXPLAIN_NOTHING,
	TCBCK_TEXT_EXPLAIN_PACKAGED, /* of files of packages */
	TCBCK_TEXT_EXPLAIN_ALL       /* also that a file is of none */
};

struct tcbck_text_options {
	int descriptor;             /* where to; stays the caller's */
	const atomic_bool *stop;    /* ends waiting for a reader (output.h); may be NULL */
	enum sysck_charset charset; /* what may be written as it is */
	bool summary;               /* tell the summary */
	bool fixed;                 /* tell what was fixed */
	enum tcbck_text_explanations explanations;
};

/* Makes the sink. 0 or -ENOMEM. */
int tcbck_text_new(const struct tcbck_text_options *options, struct tcbck_sink *ret);

/* Appends a finding as its sentence, without an end of line, with TCBCK_TEXT_EXPLAIN_PACKAGED: what the prompt shows. */
void tcbck_text_finding(const struct tcbck_finding *finding, enum sysck_charset charset, struct sysck_buf *out);

#endif

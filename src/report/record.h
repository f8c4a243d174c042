/*
 * record.h - an event in the form of the trail: one line of printable ASCII, or what the kernel's audit takes of it.
 *
 *	TCBCK_Check file=/bin/boo error=mode status=reported id=RUN-1
 *	TCBCK_Update file=/bin/boo function=change id=RUN-2
 *
 * `error` is what the finding is about, `status` its outcome (or `unverified`); `function` is what was done to the
 * definition. Whoever reads a log reads it with patterns, so no byte of a name can be taken for a field, a line or an escape
 * sequence. A name that is too long is cut, and ` digest=sha256:HEX` of the whole name follows at the end.
 */
#ifndef TCBCK_RECORD_H
#define TCBCK_RECORD_H

#include <stdbool.h>

#include "judge/finding.h"

/* Longest line, in bytes: with every header that is put before it it passes the smallest logger (about 1,000). */
#define TCBCK_RECORD_MAX 850
/* Room for "sha256:" and 64 digits, with the final NUL. */
#define TCBCK_RECORD_DIGEST_MAX 72

/* One event. */
struct tcbck_record {
	const char *operation;   /* "TCBCK_Check" or "TCBCK_Update" */
	struct sysck_slice file; /* raw bytes, on the running system; the recorder's, until its next record */
	char details[96];        /* "error=mode status=reported", "function=add" */
	bool settled;            /* nothing is left to be done about it: an update, or a finding that was put right */
};

/* What the records of a run have in common. */
struct tcbck_recorder;

/*
 * `root`: the path of the root that is looked at (copied; empty on the running system), so that records name the very
 * file, wherever it is mounted. Ids are of 128 random bits for the run and a number: a line that arrives twice, as
 * forwarding with a queue lets it, has the same. Returns 0, -ENOMEM, or what getrandom(2) said.
 */
int tcbck_recorder_new(struct sysck_slice root, struct tcbck_recorder **ret);
void tcbck_recorder_free(struct tcbck_recorder *recorder);

/* Fill in *ret. 0 or -ENOMEM. */
int tcbck_record_finding(struct tcbck_recorder *recorder, const struct tcbck_finding *finding, struct tcbck_record *ret);
int tcbck_record_update(struct tcbck_recorder *recorder, struct sysck_slice path, const char *function,
			struct tcbck_record *ret);

/*
 * "sha256:HEX" of a name, for one that has to be cut. Returns 0, -ENOMEM, or -ENOTSUP (see tcbck_digester_new()).
 */
int tcbck_record_digest(struct tcbck_recorder *recorder, struct sysck_slice name, char ret[TCBCK_RECORD_DIGEST_MAX]);

/*
 * Appends the record as its line, without an end of line, at most TCBCK_RECORD_MAX bytes; gives it the run's next id. In the
 * name every byte but printable ASCII, and blank, `"`, `=` and `\`, is \xHH: sysck_text_unescape() undoes it. Returns
 * 0, or as tcbck_record_digest().
 */
int tcbck_record_write(struct tcbck_recorder *recorder, const struct tcbck_record *record, struct sysck_buf *out);

#endif

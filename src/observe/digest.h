/*
 * digest.h - a descriptor's content as sum -r and as digests, in one read.
 */
#ifndef TCBCK_DIGEST_H
#define TCBCK_DIGEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include <sysck/form.h>

/* One thread's contexts, fetched algorithms and buffer. */
struct tcbck_digester;

/* Returns 0, -ENOMEM, or -ENOTSUP when libcrypto has no digests at all. */
int tcbck_digester_new(struct tcbck_digester **ret);
void tcbck_digester_free(struct tcbck_digester *digester);

/* What to compute, and what came out. */
struct tcbck_content {
	dev_t device;              /* in: the file's, from fstat(2); 0: not known */
	bool want_sum;             /* in: the 16-bit rotating sum of sum(1) -r */
	bool want_hash;            /* in: a digest of `hash.algorithm` */
	bool want_proof;           /* in: a digest of `proof.algorithm` of the same bytes */
	struct sysck_digest hash;  /* in: algorithm; out: bytes */
	struct sysck_digest proof; /* in: algorithm; out: bytes */
	uint32_t sum;              /* out */
	uint64_t blocks;           /* out: 1,024-byte blocks, rounded up, as sum -r prints */
	uint64_t size;             /* out: bytes read */
};

/*
 * Reads the regular file `descriptor` (open for reading) from its start to its end by pread(2), in one pass. `size` is
 * what fstat(2) said: reading more than that plus one buffer means that the file grows under the reader, and ends with
 * -EAGAIN instead of going on for ever; so does a shorter file. Tells the kernel that it reads in sequence. `done` (may
 * be NULL) is advanced by the bytes read, for a progress line; when *stop (may be NULL) becomes true: -ECANCELED.
 * Returns 0, -EAGAIN (changed while it was read), -ENOTSUP (libcrypto lacks the algorithm), or what read failed with.
 * `content` outputs are untouched on failure.
 */
int tcbck_digest_read(struct tcbck_digester *digester, int descriptor, uint64_t size, struct tcbck_content *content,
		      atomic_uint_least64_t *done, const atomic_bool *stop);

/*
 * The same for content that comes in pieces: begin, add each piece, end. One content at a time. 0, or a negative errno
 * as above.
 */
int tcbck_digest_begin(struct tcbck_digester *digester, const struct tcbck_content *content);
int tcbck_digest_add(struct tcbck_digester *digester, struct sysck_slice piece);
int tcbck_digest_end(struct tcbck_digester *digester, struct tcbck_content *content);

/* The digest of bytes in memory, of `ret->algorithm` (in); its bytes are the output. 0, -ENOMEM or -ENOTSUP. */
int tcbck_digest_bytes(struct tcbck_digester *digester, struct sysck_slice bytes, struct sysck_digest *ret);

#endif

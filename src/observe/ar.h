/*
 * ar.h - the outer archive of a package: ar(5), as far as deb(5) has it.
 *
 * Names have 16 bytes at most; tables of longer names, as other programs write them, are no part of the format.
 */
#ifndef TCBCK_AR_H
#define TCBCK_AR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sysck/buf.h>
#include <sysck/err.h>

#define TCBCK_AR_NAME_MAX 16

/* An archive being read, in its order, from a descriptor. No resources: nothing is to be released. */
struct tcbck_ar {
	int descriptor;
	const atomic_bool *stop; /* when it becomes true, reading ends with -ECANCELED; may be NULL */
	uint64_t left;           /* bytes of the part in hand that are not read yet */
	bool padded;             /* the part in hand has a byte behind it, so that the next one begins at an even place */
	char name[TCBCK_AR_NAME_MAX];
};

/* Begins at the descriptor's offset. 0, -EBADMSG (no such archive), -ECANCELED, or what read(2) failed with; `err` is set. */
int tcbck_ar_begin(struct tcbck_ar *ar, int descriptor, const atomic_bool *stop, struct sysck_err *err);

/*
 * Goes to the next part, over what is left of the one in hand. 0 with its name, without the slash that may end it, in *ret
 * (valid until the next call) and its size in ar->left; 1 at the end; or a negative errno as above.
 */
int tcbck_ar_next(struct tcbck_ar *ar, struct sysck_slice *ret, struct sysck_err *err);

/* The next `size` bytes of the part in hand, which must have them. 0 or a negative errno as above. */
int tcbck_ar_read(struct tcbck_ar *ar, char *data, size_t size, struct sysck_err *err);

#endif

/*
 * tar.h - which headers of tar(5) a package's archive may have: a second look, beside the library that reads them.
 *
 * Libraries read many dialects of tar, dpkg reads one: what deb(5) does not have, such as headers of pax that give the next
 * member another name, or sparse files, must not be read in a way of one's own.
 */
#ifndef TCBCK_TAR_H
#define TCBCK_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/buf.h>
#include <sysck/err.h>

#define TCBCK_TAR_BLOCK 512

/* Where in an archive the look is. Begins as zeros. */
struct tcbck_tar {
	char header[TCBCK_TAR_BLOCK];
	size_t have;   /* bytes of `header` */
	uint64_t skip; /* bytes of content that come before the next header */
	bool ended;    /* by a block of zeros: what follows is no matter */
};

/*
 * Looks at the next bytes of an archive, in pieces of any length. 0, or -EBADMSG with `err` set: a header that is not one of
 * old-style tar, ustar or GNU tar, with members of the types that deb(5) has, or with long names; or a content where there
 * can be none.
 */
int tcbck_tar_look(struct tcbck_tar *tar, struct sysck_slice piece, struct sysck_err *err);

#endif

/*
 * tar.c - which headers of tar(5) a package's archive may have.
 *
 * Knows where in a header type and size stand, and which types dpkg takes. Checksums, names and numbers are the matter of the
 * library that reads the archive.
 */
#include "observe/tar.h"

#include <errno.h>
#include <string.h>

#define SIZE_AT  124
#define SIZE_LEN 12
#define TYPE_AT  156

/* Octal digits; or, with the highest bit set, a number of 95 bits, of which no more than 63 are taken. */
static int parse_size(const char *field, uint64_t *ret)
{
	struct sysck_slice digits = { field, strnlen(field, SIZE_LEN) };
	uint64_t size = 0;

	if (((unsigned char)field[0] & 0x80) == 0)
		return sysck_octal_parse(sysck_slice_trim(digits), INT64_MAX, ret);
	if ((unsigned char)field[0] != 0x80)
		return -ERANGE;
	for (size_t i = 1; i < SIZE_LEN; i++) {
		if (size > INT64_MAX >> 8)
			return -ERANGE;
		size = size << 8 | (unsigned char)field[i];
	}
	*ret = size;
	return 0;
}

static int look_at_header(struct tcbck_tar *tar, struct sysck_err *err)
{
	static const char zeros[TCBCK_TAR_BLOCK];
	char type = tar->header[TYPE_AT];
	/* Files, and the long names of GNU tar, have a content. */
	bool has_content = type == '\0' || type == '0' || type == 'K' || type == 'L';
	uint64_t size;

	tar->have = 0;
	if (memcmp(tar->header, zeros, sizeof(zeros)) == 0) {
		tar->ended = true;
		return 0;
	}
	if (!has_content && (type < '1' || type > '6'))
		return sysck_err_set(err, -EBADMSG, "a header of tar that deb(5) does not have");
	if (parse_size(tar->header + SIZE_AT, &size) < 0 || (size > 0 && !has_content))
		return sysck_err_set(err, -EBADMSG, "a member of a size that can't be");
	/* At most 63 bits, so that rounding up does not overflow. */
	tar->skip = (size + TCBCK_TAR_BLOCK - 1) / TCBCK_TAR_BLOCK * TCBCK_TAR_BLOCK;
	return 0;
}

int tcbck_tar_look(struct tcbck_tar *tar, struct sysck_slice piece, struct sysck_err *err)
{
	int r = 0;

	while (r == 0 && piece.len > 0 && !tar->ended) {
		size_t wanted = sizeof(tar->header) - tar->have;
		size_t take = piece.len < wanted ? piece.len : wanted;

		if (tar->skip > 0) {
			take = piece.len < tar->skip ? piece.len : (size_t)tar->skip;
			tar->skip -= take;
		} else {
			memcpy(tar->header + tar->have, piece.data, take);
			tar->have += take;
			if (tar->have == sizeof(tar->header))
				r = look_at_header(tar, err);
		}
		piece = (struct sysck_slice){ piece.data + take, piece.len - take };
	}
	return r;
}

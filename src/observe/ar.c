/*
 * ar.c - the outer archive of a package, read from a descriptor.
 *
 * Knows the headers of ar(5). Must never read beyond a part, nor take bytes that belong to none for the end.
 */
#include "observe/ar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "observe/crew.h"

#define MAGIC       SYSCK_SLICE("!<arch>\n")
#define HEADER_SIZE 60
/* Read at once where something is passed over. */
#define SKIP_SIZE 16384

/* As read(2), whole unless the file ends before: then *ret_got is less. */
static int read_bytes(struct tcbck_ar *ar, char *data, size_t size, size_t *ret_got, struct sysck_err *err)
{
	ssize_t got = -1;

	*ret_got = 0;
	while (*ret_got < size && got != 0) {
		if (tcbck_crew_is_stopped(ar->stop))
			return sysck_err_set(err, -ECANCELED, "cancelled");
		got = read(ar->descriptor, data + *ret_got, size - *ret_got);
		if (got < 0 && errno != EINTR)
			return sysck_err_errno(err, -errno, "cannot be read");
		*ret_got += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

int tcbck_ar_begin(struct tcbck_ar *ar, int descriptor, const atomic_bool *stop, struct sysck_err *err)
{
	char magic[8];
	size_t got;
	int r;

	*ar = (struct tcbck_ar){ .descriptor = descriptor, .stop = stop };
	r = read_bytes(ar, magic, sizeof(magic), &got, err);
	if (r == 0 && !sysck_slice_equal((struct sysck_slice){ magic, got }, MAGIC))
		r = sysck_err_set(err, -EBADMSG, "no archive");
	return r;
}

int tcbck_ar_read(struct tcbck_ar *ar, char *data, size_t size, struct sysck_err *err)
{
	size_t got;
	int r;

	if (size > ar->left)
		return sysck_err_set(err, -EBADMSG, "a part that is too short");
	r = read_bytes(ar, data, size, &got, err);
	ar->left -= got;
	if (r == 0 && got < size)
		r = sysck_err_set(err, -EBADMSG, "ends within a part");
	return r;
}

/* The byte behind a part may be missing at the very end. */
static int skip(struct tcbck_ar *ar, struct sysck_err *err)
{
	char bytes[SKIP_SIZE];
	size_t got;
	int r = 0;

	while (r == 0 && ar->left > 0)
		r = tcbck_ar_read(ar, bytes, ar->left < sizeof(bytes) ? (size_t)ar->left : sizeof(bytes), err);
	if (r == 0 && ar->padded)
		r = read_bytes(ar, bytes, 1, &got, err);
	ar->padded = false;
	return r;
}

int tcbck_ar_next(struct tcbck_ar *ar, struct sysck_slice *ret, struct sysck_err *err)
{
	char header[HEADER_SIZE];
	struct sysck_slice name;
	uint64_t size;
	size_t got = 0;
	int r = skip(ar, err);

	if (r == 0)
		r = read_bytes(ar, header, sizeof(header), &got, err);
	if (r < 0 || got == 0)
		return r < 0 ? r : 1;
	if (got < sizeof(header))
		return sysck_err_set(err, -EBADMSG, "bytes behind the last part");
	if (memcmp(header + 58, "`\n", 2) != 0)
		return sysck_err_set(err, -EBADMSG, "no part where one should begin");
	if (sysck_number_parse(sysck_slice_trim((struct sysck_slice){ header + 48, 10 }), UINT64_MAX, &size) < 0)
		return sysck_err_set(err, -EBADMSG, "a part of no size");
	name = sysck_slice_trim((struct sysck_slice){ header, TCBCK_AR_NAME_MAX });
	if (name.len > 0 && name.data[name.len - 1] == '/')
		name.len--;
	if (name.len > 0)
		memcpy(ar->name, name.data, name.len);
	*ret = (struct sysck_slice){ ar->name, name.len };
	ar->left = size;
	ar->padded = size % 2 != 0;
	return 0;
}

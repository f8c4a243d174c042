/*
 * package.c - the packages of an installation, whatever manages them.
 *
 * Must never run anything.
 */
#include "observe/package.h"

#include "observe/dpkg.h"

int tcbck_package_of(const struct tcbck_root *root, struct sysck_slice path, struct sysck_buf *ret)
{
	struct tcbck_opener *opener;
	int r = tcbck_opener_new(root, &opener);

	if (r < 0)
		return r;
	r = tcbck_dpkg_owner(opener, path, ret);
	tcbck_opener_free(opener);
	return r;
}

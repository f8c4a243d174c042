/*
 * landlock.c - what a run that only reads may do with files (landlock(7)).
 *
 * Knows the versions of Landlock's interface, which neither the C library nor a header of an older kernel has. Must never
 * forbid reading anything: what is read decides what is good.
 *
 * The files are filter.c's matter, which refuses every call that changes one. Landlock would refuse them a second time, but has
 * the kernel walk up from each file that is opened; so it has the files only where there is no filter (see confine.c).
 */
#include "landlock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on all architectures. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

/* landlock_create_ruleset(2): ask for the version. */
#define VERSION_FLAG 1u

/* LANDLOCK_ACCESS_FS_*: all of the first version but reading files and directories. */
#define FIRST_FILES  ((UINT64_C(1) << 13) - 1)
#define READ_FILE    (UINT64_C(1) << 2)
#define READ_DIR     (UINT64_C(1) << 3)
#define REFER        (UINT64_C(1) << 13)
#define IOCTL_DEVICE (UINT64_C(1) << 15)
/* LANDLOCK_ACCESS_NET_*: bind and connect by TCP. */
#define TCP UINT64_C(3)
/* LANDLOCK_SCOPE_*: abstract sockets and signals. */
#define SCOPES UINT64_C(3)

/* struct landlock_ruleset_attr; older kernels know the first members only. */
struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

/* From which version on there is more to forbid. */
enum { VERSION_REFER = 2, VERSION_NETWORK = 4, VERSION_IOCTL = 5, VERSION_SCOPES = 6 };

/*
 * Not LANDLOCK_ACCESS_FS_TRUNCATE: with it, the kernel looks at every directory above a file that is opened for reading, which
 * costs a third of the opening. filter.c refuses all that truncates.
 */
static struct ruleset ruleset_of(long version, size_t *ret_size)
{
	struct ruleset ruleset = { FIRST_FILES & ~(READ_FILE | READ_DIR), 0, 0 };

	*ret_size = sizeof(ruleset.files);
	if (version >= VERSION_REFER)
		ruleset.files |= REFER;
	if (version >= VERSION_NETWORK) {
		ruleset.network = TCP;
		*ret_size = offsetof(struct ruleset, scopes);
	}
	if (version >= VERSION_IOCTL)
		ruleset.files |= IOCTL_DEVICE;
	if (version >= VERSION_SCOPES) {
		ruleset.scopes = SCOPES;
		*ret_size = sizeof(ruleset);
	}
	return ruleset;
}

/* With no rule: what is named in the ruleset is allowed nowhere. */
static int restrict_to(const struct ruleset *ruleset, size_t size, struct sysck_err *err)
{
	long descriptor = syscall(SYS_landlock_create_ruleset, ruleset, size, 0u);
	int r = 0;

	if (descriptor < 0)
		return sysck_err_errno(err, -errno, "Landlock");
	if (syscall(SYS_landlock_restrict_self, (int)descriptor, 0u) < 0)
		r = sysck_err_errno(err, -errno, "Landlock");
	close((int)descriptor);
	return r;
}

static long find_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, VERSION_FLAG);
}

int tcbck_landlock_reading(struct sysck_err *err)
{
	long version = find_version();
	struct ruleset ruleset;
	size_t size;

	/* Not built in, not switched on, or hidden by a sandbox. */
	if (version < 1)
		return sysck_err_set(err, -EOPNOTSUPP, "no Landlock here");
	ruleset = ruleset_of(version, &size);
	return restrict_to(&ruleset, size, err);
}

int tcbck_landlock_scopes(struct sysck_err *err)
{
	const struct ruleset ruleset = { 0, 0, SCOPES };

	if (find_version() < VERSION_SCOPES)
		return sysck_err_set(err, -EOPNOTSUPP, "no Landlock with scopes here");
	return restrict_to(&ruleset, sizeof(ruleset), err);
}

/*
 * confine.c - what the program may do, and what it takes from whoever calls it.
 *
 * Knows the process: its descriptors, limits, signals, environment, ids and capabilities. Must run before anything is
 * opened, and must never give more rights than there were.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysck/names.h>

/* Most supplementary groups of a process (NGROUPS_MAX). */
#define GROUPS_MAX 65536

bool tcbck_confine_is_privileged(void)
{
	return getauxval(AT_SECURE) != 0 || getuid() != geteuid() || getgid() != getegid();
}

/* A file opened later must not become somebody's standard error. */
static int open_standard(struct sysck_err *err)
{
	for (int descriptor = 0; descriptor <= 2; descriptor++) {
		if (fcntl(descriptor, F_GETFD) >= 0)
			continue;
		/* The lowest free number is this one, since those below are open. */
		if (open("/dev/null", O_RDWR) != descriptor)
			return sysck_err_set(err, -EBADF, "descriptor %d is closed and /dev/null cannot be opened", descriptor);
	}
	return 0;
}

/* As far as the hard limit, which nobody needs a privilege for. */
static void lift_soft_limit(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(resource, &limit);
	}
}

/* Failing where a caller's limit cannot be lifted is for the call that meets it. */
static void lift_limits(bool privileged)
{
	static const __rlimit_resource_t all[] = { RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_AS };
	struct rlimit limit;

	lift_soft_limit(RLIMIT_NOFILE);
	if (!privileged)
		return;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
		if (setrlimit(all[i], &limit) < 0)
			lift_soft_limit(all[i]);
	}
	limit = (struct rlimit){ 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &limit);
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigaction(SIGCHLD, &action, NULL);
	/* A reader that went away, or a full quota, is an error of the call, told by its errno. */
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
	(void)sigaction(SIGXFSZ, &action, NULL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool in_group(gid_t wanted, gid_t *groups, int count)
{
	if (getgid() == wanted)
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static int check_caller(struct sysck_err *err)
{
	struct sysck_names *names = NULL;
	gid_t *groups = NULL;
	uint32_t wanted;
	int count, r;

	if (getuid() == 0)
		return 0;
	r = sysck_names_new(&names);
	if (r == 0)
		r = sysck_names_group_id(names, SYSCK_SLICE(TCBCK_CONFINE_GROUP), &wanted);
	if (r == 0) {
		groups = calloc(GROUPS_MAX, sizeof(*groups));
		count = groups == NULL ? -1 : getgroups(GROUPS_MAX, groups);
		r = count >= 0 && in_group(wanted, groups, count) ? 0 : -EPERM;
	}
	free(groups);
	sysck_names_free(names);
	return r < 0 ? sysck_err_set(err, -EPERM, "only root and members of group " TCBCK_CONFINE_GROUP " may run this program")
		     : 0;
}

int tcbck_confine_start(struct sysck_err *err)
{
	bool privileged = tcbck_confine_is_privileged();
	int r = open_standard(err);

	if (r < 0)
		return r;
	(void)umask(077);
	reset_signals();
	lift_limits(privileged);
	if (!privileged)
		return 0;
	if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = check_caller(err);
	/* What is made is to be root's alone, a new database above all: not of the caller's group. */
	if (r == 0 && geteuid() == 0 && setegid(0) < 0)
		r = sysck_err_errno(err, -errno, "cannot set the group");
	return r;
}

int tcbck_confine_check_readable(const char *path, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];

	if (!tcbck_confine_is_privileged() || access(path, R_OK) == 0)
		return 0;
	return sysck_err_errno(err, -errno, "%s: not readable for the user who calls",
			       sysck_quote(sysck_slice_of(path), quoted, sizeof(quoted)));
}

int tcbck_confine_to_reading(struct sysck_err *err)
{
	static const cap_value_t kept[] = { CAP_DAC_READ_SEARCH, CAP_FOWNER };
	cap_t now = cap_get_proc(), less = cap_init();
	int r = 0;

	if (now == NULL || less == NULL)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < sizeof(kept) / sizeof(kept[0]); i++) {
		cap_flag_value_t has = CAP_CLEAR;

		if (cap_get_flag(now, kept[i], CAP_PERMITTED, &has) == 0 && has == CAP_SET &&
		    (cap_set_flag(less, CAP_PERMITTED, 1, &kept[i], CAP_SET) < 0 ||
		     cap_set_flag(less, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) < 0))
			r = -errno;
	}
	if (r == 0 && cap_set_proc(less) < 0)
		r = -errno;
	(void)cap_free(now);
	(void)cap_free(less);
	return r < 0 ? sysck_err_errno(err, r, "cannot give up privileges") : 0;
}

/*
 * confine.c - what the program may do, and what it takes from whoever calls it.
 *
 * Knows the process: its descriptors, limits, signals, environment, ids and capabilities; and when to use filter.c (system
 * calls) and landlock.c (files). Must run before anything is opened, and must never give more rights than there were.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysck/names.h>

#include "filter.h"
#include "landlock.h"
#include "observe/how.h"

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

/* For reading what others can't, without changing access times, and for the audit trail. */
static const cap_value_t to_read[] = { CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_AUDIT_WRITE };
/* CAP_SYS_ADMIN is for the TCB flag and labels, CAP_LEASE for who has a file open, CAP_SYS_RESOURCE for owners' quotas. */
static const cap_value_t to_change[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID,    CAP_LEASE,
					 CAP_MKNOD, CAP_SETFCAP,      CAP_SYS_ADMIN, CAP_SYS_RESOURCE };
/* To end a command that has become another user's. */
static const cap_value_t to_kill[] = { CAP_KILL };
/* For what tcbck_confine_to() does, and not in force before. */
static const cap_value_t to_confine[] = { CAP_SETPCAP };

/* Takes over those of the capabilities that the process has. */
static int keep(cap_t from, cap_t to, const cap_value_t *kept, size_t count, bool effective)
{
	for (size_t i = 0; i < count; i++) {
		cap_flag_value_t has = CAP_CLEAR;

		if (cap_get_flag(from, kept[i], CAP_PERMITTED, &has) < 0 || has == CAP_CLEAR)
			continue;
		if (cap_set_flag(to, CAP_PERMITTED, 1, &kept[i], CAP_SET) < 0 ||
		    (effective && cap_set_flag(to, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) < 0))
			return -errno;
	}
	return 0;
}

/* Nothing remains inheritable, and so nothing ambient. */
static int set_capabilities(bool changes, bool programs, bool confine_later, struct sysck_err *err)
{
	cap_t from = cap_get_proc(), to = cap_init();
	int r = from == NULL || to == NULL ? -ENOMEM : keep(from, to, to_read, sizeof(to_read) / sizeof(to_read[0]), true);

	if (r == 0 && changes)
		r = keep(from, to, to_change, sizeof(to_change) / sizeof(to_change[0]), true);
	if (r == 0 && programs)
		r = keep(from, to, to_kill, 1, true);
	if (r == 0 && confine_later)
		r = keep(from, to, to_confine, 1, false);
	if (r == 0 && cap_set_proc(to) < 0)
		r = -errno;
	(void)cap_free(from);
	(void)cap_free(to);
	return r < 0 ? sysck_err_errno(err, r, "cannot give up privileges") : 0;
}

int tcbck_confine_capabilities(const struct tcbck_confine_needs *needs, struct sysck_err *err)
{
	return set_capabilities(needs->changes, true, true, err);
}

/* Empties the bounding set where that is allowed. */
static void empty_bounds(void)
{
	cap_t now = cap_get_proc();

	if (now != NULL && cap_set_flag(now, CAP_EFFECTIVE, 1, to_confine, CAP_SET) == 0 && cap_set_proc(now) == 0)
		for (cap_value_t each = 0; each < cap_max_bits(); each++)
			(void)cap_drop_bound(each);
	(void)cap_free(now);
}

/* The run-times of sanitizers and profilers do more than reading; see Makefile. */
#ifdef TCBCK_UNCONFINED
#define BUILT_UNCONFINED true
#else
#define BUILT_UNCONFINED false
#endif

static int filter_reading(struct sysck_err *err)
{
	return tcbck_filter_reading(tcbck_how_all(), TCBCK_HOW_COUNT, err);
}

/* A kernel that lacks it is no failure; of what it lacks, *ret gets the name. */
static int try_to(int (*confine)(struct sysck_err *err), const char *name, const char **ret, struct sysck_err *err)
{
	int r = confine(err);

	*ret = r == -EOPNOTSUPP ? name : NULL;
	return r == -EOPNOTSUPP ? 0 : r;
}

static int allow_reading_only(char *ret_note, struct sysck_err *err)
{
	const char *landlock, *filter = NULL;
	int r = try_to(tcbck_landlock_scopes, "scopes of Landlock", &landlock, err);

	/* Then, because it refuses what the other needs. */
	if (r == 0)
		r = try_to(filter_reading, "filters of system calls", &filter, err);
	/* Where there is none, Landlock at least stops writing, and what is done to names. */
	if (r == 0 && filter != NULL)
		r = try_to(tcbck_landlock_reading, "Landlock", &landlock, err);
	if (r < 0)
		return r;
	if (landlock == NULL && filter == NULL)
		(void)snprintf(ret_note, TCBCK_CONFINE_NOTE_MAX, "confined to reading");
	else
		(void)snprintf(ret_note, TCBCK_CONFINE_NOTE_MAX, "confined to reading, but without %s%s%s: not to be had here",
			       filter != NULL ? filter : "", filter != NULL && landlock != NULL ? " and " : "",
			       landlock != NULL ? landlock : "");
	return 0;
}

int tcbck_confine_to(const struct tcbck_confine_needs *needs, char *ret_note, struct sysck_err *err)
{
	int r = 0;

	if (!needs->programs) {
		empty_bounds();
		if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
			r = sysck_err_errno(err, -errno, "cannot give up privileges");
	}
	if (r == 0)
		r = set_capabilities(needs->changes, needs->programs, false, err);
	if (r < 0)
		return r;
	if (!needs->changes && !needs->programs && !needs->plain && !BUILT_UNCONFINED)
		return allow_reading_only(ret_note, err);
	(void)snprintf(ret_note, TCBCK_CONFINE_NOTE_MAX, "not confined to reading: %s",
		       needs->changes    ? "something may be changed"
		       : needs->programs ? "commands are run"
		       : needs->plain    ? "--no-confine"
					 : "built for tests");
	return 0;
}

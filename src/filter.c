/*
 * filter.c - the system calls of a run that only reads (seccomp(2), by libseccomp).
 *
 * Knows which calls reading needs: of this program, of the C library and its name services, of libcrypto and libaudit. Must
 * never allow one that changes a file, another process or the system, loads code, or reaches a network.
 *
 * What is not on a list is refused with EPERM, so that a call nobody has thought of is refused too. The process is not killed:
 * a run that dies tells nothing of what it has found, while an error becomes "unverified", which never counts as good.
 */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The highest number of a call that was looked at for the lists (file_setattr(2), Linux 6.17). */
#define NEWEST_CALL 469
/* As many calls above it fail with ENOSYS, as on an older kernel. */
#define NEWER_CALLS 24

/* Flags with which opening creates, empties, or lets write. O_TMPFILE has O_DIRECTORY in it, which only looks. */
#define OPEN_CHANGES ((unsigned)(O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY)))

/* The position of clone(2)'s flags. */
#if defined(__s390__) || defined(__s390x__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

/* Calls newer than the headers of some; the same on all architectures of 64 bits. */
enum {
	LINUX_STATMOUNT = 457,
	LINUX_LISTMOUNT = 458,
	LINUX_GETXATTRAT = 464,
	LINUX_LISTXATTRAT = 465,
	LINUX_FILE_GETATTR = 468,
};

static const int allowed[] = {
	/* What is open. */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(preadv2), SCMP_SYS(lseek),
	SCMP_SYS(fadvise64), SCMP_SYS(readahead), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
	/* What files and directories are. */
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
	SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(getxattr),
	SCMP_SYS(lgetxattr), SCMP_SYS(fgetxattr), SCMP_SYS(listxattr), SCMP_SYS(llistxattr), SCMP_SYS(flistxattr),
	SCMP_SYS(name_to_handle_at), LINUX_STATMOUNT, LINUX_LISTMOUNT, LINUX_GETXATTRAT, LINUX_LISTXATTRAT, LINUX_FILE_GETATTR,
	/* Waiting. */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(eventfd2),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall),
	/* Sockets; of which families, is below. Not bind(2), which makes a file. */
	SCMP_SYS(connect), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg),
	SCMP_SYS(shutdown),
	/* Memory and threads of its own. */
	SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mincore), SCMP_SYS(futex), SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address), SCMP_SYS(rseq), SCMP_SYS(membarrier), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* Signals to itself. */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(pause),
	/* Who and when it is. */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getpgrp), SCMP_SYS(getpgid), SCMP_SYS(getsid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
	SCMP_SYS(getgroups), SCMP_SYS(capget), SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(time),
	SCMP_SYS(gettimeofday), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom), SCMP_SYS(umask)
};

/* A call of which one form is allowed: an argument's bits in `mask` must be `value`. */
struct form {
	int call;
	unsigned argument;
	uint64_t mask;
	uint64_t value;
};

#define WHOLE UINT32_MAX

static const struct form forms[] = {
	{ SCMP_SYS(open), 1, OPEN_CHANGES, 0 },
	{ SCMP_SYS(openat), 2, OPEN_CHANGES, 0 },
	/* Threads, no processes. */
	{ SCMP_SYS(clone), CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD },
	{ SCMP_SYS(prlimit64), 0, WHOLE, 0 },
	{ SCMP_SYS(prctl), 0, WHOLE, PR_SET_NAME },
#ifdef PR_SET_VMA
	{ SCMP_SYS(prctl), 0, WHOLE, PR_SET_VMA },
#endif
	/* Not F_SETOWN and F_SETLEASE: with them the kernel sends signals to others, and holds up their opening. */
	{ SCMP_SYS(fcntl), 1, WHOLE, F_DUPFD },
	{ SCMP_SYS(fcntl), 1, WHOLE, F_DUPFD_CLOEXEC },
	{ SCMP_SYS(fcntl), 1, WHOLE, F_GETFD },
	{ SCMP_SYS(fcntl), 1, WHOLE, F_SETFD },
	{ SCMP_SYS(fcntl), 1, WHOLE, F_GETFL },
	{ SCMP_SYS(fcntl), 1, WHOLE, F_SETFL },
	/* Is it a terminal, and how wide? Not TIOCSTI, which types; not FS_IOC_SETFLAGS, for which reading is enough. */
	{ SCMP_SYS(ioctl), 1, WHOLE, TCGETS },
	{ SCMP_SYS(ioctl), 1, WHOLE, TIOCGWINSZ },
	{ SCMP_SYS(ioctl), 1, WHOLE, FIONREAD },
	{ SCMP_SYS(socket), 0, WHOLE, AF_UNIX },
	{ SCMP_SYS(socketpair), 0, WHOLE, AF_UNIX },
};

static int allow(scmp_filter_ctx filter, int call, unsigned count, const struct scmp_arg_cmp *arguments)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, arguments);
}

static int add_allowed(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		r = allow(filter, allowed[i], 0, NULL);
	return r;
}

static int add_forms(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct scmp_arg_cmp bits = { forms[i].argument, SCMP_CMP_MASKED_EQ, forms[i].mask, forms[i].value };

		r = allow(filter, forms[i].call, 1, &bits);
	}
	return r;
}

/* What depends on more than one argument, or on this process. */
static int add_others(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp audit[] = { { 0, SCMP_CMP_MASKED_EQ, WHOLE, AF_NETLINK },
					      { 2, SCMP_CMP_MASKED_EQ, WHOLE, NETLINK_AUDIT } };
	/* abort(3) */
	const struct scmp_arg_cmp self = { 0, SCMP_CMP_MASKED_EQ, WHOLE, (uint64_t)getpid() };
	int r = allow(filter, SCMP_SYS(socket), 2, audit);

	if (r == 0)
		r = allow(filter, SCMP_SYS(tgkill), 1, &self);
	/* Its flags are behind a pointer; without it, libraries have clone(2). */
	if (r == 0)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
	for (int call = NEWEST_CALL + 1; r == 0 && call <= NEWEST_CALL + NEWER_CALLS; call++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0, NULL);
	return r;
}

/*
 * A call on addresses from argument 0 on, of the length in argument 1: only behind the page, or well before it (mappings are
 * there if the stack has no limit). `more` has to hold as well.
 */
static int add_around(scmp_filter_ctx filter, int call, uint64_t page, struct scmp_arg_cmp more)
{
	uint64_t most = page / 4, end = page + (uint64_t)sysconf(_SC_PAGESIZE);
	const struct scmp_arg_cmp behind[] = { { 0, SCMP_CMP_GE, end, 0 }, more };
	const struct scmp_arg_cmp before[] = { { 0, SCMP_CMP_LT, page - most, 0 }, { 1, SCMP_CMP_LE, most, 0 }, more };
	int r = allow(filter, call, 2, behind);

	return r < 0 ? r : allow(filter, call, 3, before);
}

/* openat2(2) with `hows`, which nothing can change; no code but what is loaded. */
static int add_memory(scmp_filter_ctx filter, const struct open_how *hows, size_t count)
{
	const struct scmp_arg_cmp no_code = { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 };
	const struct scmp_arg_cmp new_place[] = { no_code, { 3, SCMP_CMP_MASKED_EQ, MAP_FIXED, 0 } };
	const struct scmp_arg_cmp free_place = { 3, SCMP_CMP_MASKED_EQ, MREMAP_FIXED, 0 };
	/* Nothing more to ask for. */
	const struct scmp_arg_cmp anything = { 2, SCMP_CMP_MASKED_EQ, 0, 0 };
	uint64_t page = (uintptr_t)hows / (uint64_t)sysconf(_SC_PAGESIZE) * (uint64_t)sysconf(_SC_PAGESIZE);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct scmp_arg_cmp same = { 2, SCMP_CMP_EQ, (uintptr_t)&hows[i], 0 };

		r = allow(filter, SCMP_SYS(openat2), 1, &same);
	}

	if (r == 0)
		r = allow(filter, SCMP_SYS(mmap), 2, new_place);
	if (r == 0)
		r = add_around(filter, SCMP_SYS(mremap), page, free_place);
	if (r == 0)
		r = add_around(filter, SCMP_SYS(mprotect), page, no_code);
	return r < 0 ? r : add_around(filter, SCMP_SYS(munmap), page, anything);
}

static int set_attributes(scmp_filter_ctx filter)
{
	/* Calls of another architecture, such as those of 32 bits, are none of the above. */
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));

	/* No code that is not our own runs here: older kernels need not slow the processor down. Still older ones can't. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);

	/* The kernel's own errors, please. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* no_new_privs is the caller's matter. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A tree rather than a chain, for kernels that do not remember what is always allowed (before Linux 5.11). */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return r;
}

int tcbck_filter_reading(const struct open_how *hows, size_t count, struct sysck_err *err)
{
	scmp_filter_ctx filter;
	int r;

	/* Architectures of 32 bits have calls of other names. */
	if (sizeof(void *) < 8)
		return sysck_err_set(err, -EOPNOTSUPP, "no system call filter for this architecture");
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	r = set_attributes(filter);
	if (r == 0)
		r = add_allowed(filter);
	if (r == 0)
		r = add_forms(filter);
	if (r == 0)
		r = add_memory(filter, hows, count);
	if (r == 0)
		r = add_others(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	if (r == -ENOSYS || r == -EINVAL || r == -EPERM)
		r = -EOPNOTSUPP;
	return r < 0 ? sysck_err_errno(err, r, "system call filter") : 0;
}

/*
 * test_filter.c - tests of src/filter.c: in a child that it confines, everything that changes something is tried, and reading
 * goes on. The attempts are raw system calls, as injected code would make them; by and large with arguments for which an
 * unconfined kernel has another error than EPERM, so that nothing happens should the filter be broken.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <sysck/names.h>

#include "filter.h"
#include "observe/digest.h"
#include "observe/how.h"
#include "scratch.h"
#include "suites.h"

/* Calls that headers may lack. */
#define CALL_MEMFD_SECRET 447
#define CALL_FCHMODAT2    452
#define CALL_SETXATTRAT   463
#define CALL_FILE_SETATTR 469
#define CALL_NOBODY_KNOWS 480

/* Where the child has the file `file` open for reading, its directory, and a socket. */
enum { FILE_DESCRIPTOR = 100, DIRECTORY_DESCRIPTOR, SOCKET_DESCRIPTOR };

struct attempt {
	const char *name;
	long call;
	bool sure; /* without the filter, root gets no EPERM */
	const void *arguments[6];
};

#define NUMBER(value) ((const void *)(uintptr_t)(value))
#define HERE          NUMBER((unsigned)AT_FDCWD)
#define FILE_IN       NUMBER(FILE_DESCRIPTOR)
#define FILES         NUMBER(DIRECTORY_DESCRIPTOR)

static const struct open_how open_to_write = { .flags = O_WRONLY };
static const struct open_how open_to_read = { .flags = O_RDONLY };
static const struct timespec times[2];
static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
static const int flags;

static const struct attempt attempts[] = {
	/* Modes, owners, times, attributes. */
	{ "fchmod", SYS_fchmod, true, { FILE_IN, NUMBER(0777) } },
	{ "fchmodat", SYS_fchmodat, true, { FILES, "file", NUMBER(0777) } },
	{ "fchmodat2", CALL_FCHMODAT2, true, { FILES, "file", NUMBER(0777), NUMBER(AT_SYMLINK_NOFOLLOW) } },
	{ "fchown", SYS_fchown, true, { FILE_IN, NUMBER(1), NUMBER(1) } },
	{ "fchownat", SYS_fchownat, true, { FILES, "file", NUMBER(1), NUMBER(1), NUMBER(0) } },
	{ "utimensat", SYS_utimensat, true, { FILES, "file", times, NUMBER(0) } },
	{ "setxattr", SYS_setxattr, true, { "none", "user.x", "y", NUMBER(1), NUMBER(0) } },
	{ "lsetxattr", SYS_lsetxattr, true, { "none", "user.x", "y", NUMBER(1), NUMBER(0) } },
	{ "fsetxattr", SYS_fsetxattr, true, { NUMBER(999), "user.x", "y", NUMBER(1), NUMBER(0) } },
	{ "setxattrat", CALL_SETXATTRAT, false, { FILES, "none", NUMBER(0), "user.x", NULL, NUMBER(0) } },
	{ "removexattr", SYS_removexattr, true, { "none", "user.x" } },
	{ "lremovexattr", SYS_lremovexattr, true, { "none", "user.x" } },
	{ "fremovexattr", SYS_fremovexattr, true, { NUMBER(999), "user.x" } },
	{ "file_setattr", CALL_FILE_SETATTR, false, { FILES, "file", NULL, NUMBER(0), NUMBER(0) } },
	{ "ioctl FS_IOC_SETFLAGS", SYS_ioctl, true, { FILE_IN, NUMBER(0x40086602), &flags } },
	{ "ioctl TIOCSTI", SYS_ioctl, true, { FILE_IN, NUMBER(TIOCSTI), "x" } },
	/* Content. */
	{ "openat O_WRONLY", SYS_openat, true, { FILES, "file", NUMBER(O_WRONLY) } },
	{ "openat O_RDWR", SYS_openat, true, { HERE, "file", NUMBER(O_RDWR) } },
	{ "openat O_TRUNC", SYS_openat, true, { FILES, "file", NUMBER(O_RDONLY | O_TRUNC) } },
	{ "openat O_CREAT", SYS_openat, true, { FILES, "new", NUMBER(O_RDONLY | O_CREAT | O_EXCL), NUMBER(0600) } },
	{ "openat O_TMPFILE", SYS_openat, true, { FILES, ".", NUMBER(O_TMPFILE | O_RDWR), NUMBER(0600) } },
	{ "openat O_PATH O_RDWR", SYS_openat, true, { FILES, "file", NUMBER(O_PATH | O_RDWR) } },
	{ "openat2 to write", SYS_openat2, true, { FILES, "file", &open_to_write, NUMBER(sizeof(open_to_write)) } },
	{ "openat2 to read", SYS_openat2, true, { FILES, "file", &open_to_read, NUMBER(sizeof(open_to_read)) } },
	{ "open_by_handle_at", SYS_open_by_handle_at, true, { NUMBER(999), NULL, NUMBER(O_WRONLY) } },
	{ "truncate", SYS_truncate, true, { "file", NUMBER(0) } },
	{ "ftruncate", SYS_ftruncate, true, { FILE_IN, NUMBER(0) } },
	{ "fallocate", SYS_fallocate, true, { FILE_IN, NUMBER(0), NUMBER(0), NUMBER(4096) } },
	{ "pwrite64", SYS_pwrite64, true, { FILE_IN, "x", NUMBER(1), NUMBER(0) } },
	{ "copy_file_range", SYS_copy_file_range, true, { FILE_IN, NULL, FILE_IN, NULL, NUMBER(1), NUMBER(0) } },
	{ "sendfile", SYS_sendfile, true, { FILE_IN, FILE_IN, NULL, NUMBER(1) } },
	{ "splice", SYS_splice, true, { FILE_IN, NULL, FILE_IN, NULL, NUMBER(1), NUMBER(0) } },
	{ "memfd_create", SYS_memfd_create, true, { "x", NUMBER(0) } },
	{ "memfd_secret", CALL_MEMFD_SECRET, false, { NUMBER(0) } },
	/* Names. */
	{ "linkat", SYS_linkat, true, { FILES, "file", FILES, "new2", NUMBER(0) } },
	{ "symlinkat", SYS_symlinkat, true, { "file", FILES, "new4" } },
	{ "mkdirat", SYS_mkdirat, true, { FILES, "new6", NUMBER(0700) } },
	{ "mknodat", SYS_mknodat, true, { FILES, "new8", NUMBER(S_IFREG | 0600), NUMBER(0) } },
	{ "bind", SYS_bind, true, { NUMBER(SOCKET_DESCRIPTOR), &address, NUMBER(sizeof(address)) } },
	{ "renameat", SYS_renameat, true, { FILES, "none", FILES, "new9" } },
	{ "renameat2", SYS_renameat2, true, { FILES, "none", FILES, "new9", NUMBER(0) } },
	{ "unlinkat", SYS_unlinkat, true, { FILES, "none", NUMBER(0) } },
	/* Other processes. */
	{ "kill", SYS_kill, true, { NUMBER(1), NUMBER(0) } },
	{ "tkill", SYS_tkill, true, { NUMBER(1), NUMBER(0) } },
	{ "tgkill", SYS_tgkill, true, { NUMBER(1), NUMBER(1), NUMBER(0) } },
	{ "rt_sigqueueinfo", SYS_rt_sigqueueinfo, true, { NUMBER(1), NUMBER(0), NULL } },
	{ "pidfd_open", SYS_pidfd_open, true, { NUMBER(1), NUMBER(0) } },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, true, { NUMBER(999), NUMBER(0), NULL, NUMBER(0) } },
	{ "pidfd_getfd", SYS_pidfd_getfd, true, { NUMBER(999), NUMBER(0), NUMBER(0) } },
	{ "ptrace", SYS_ptrace, false, { NUMBER(0xffff), NUMBER(1), NULL, NULL } },
	{ "process_vm_readv", SYS_process_vm_readv, false, { NUMBER(1), NULL, NUMBER(0), NULL, NUMBER(0), NUMBER(0) } },
	{ "process_vm_writev", SYS_process_vm_writev, false, { NUMBER(1), NULL, NUMBER(0), NULL, NUMBER(0), NUMBER(0) } },
	{ "kcmp", SYS_kcmp, false, { NUMBER(1), NUMBER(1), NUMBER(0), NUMBER(0), NUMBER(0) } },
	{ "fcntl F_SETOWN", SYS_fcntl, true, { NUMBER(SOCKET_DESCRIPTOR), NUMBER(F_SETOWN), NUMBER(1) } },
	{ "fcntl F_SETSIG", SYS_fcntl, true, { NUMBER(SOCKET_DESCRIPTOR), NUMBER(F_SETSIG), NUMBER(SIGKILL) } },
	{ "fcntl F_SETLEASE", SYS_fcntl, true, { FILE_IN, NUMBER(F_SETLEASE), NUMBER(F_UNLCK) } },
	{ "fcntl F_SETLK", SYS_fcntl, true, { NUMBER(999), NUMBER(F_SETLK), NULL } },
	{ "flock", SYS_flock, true, { FILE_IN, NUMBER(0) } },
	{ "prlimit64", SYS_prlimit64, false, { NUMBER(1), NUMBER(0), NULL, NULL } },
	{ "sched_setaffinity", SYS_sched_setaffinity, true, { NUMBER(0), NUMBER(0), NULL } },
	{ "setpriority", SYS_setpriority, true, { NUMBER(99), NUMBER(0), NUMBER(0) } },
	{ "setpgid", SYS_setpgid, true, { NUMBER(-1), NUMBER(0) } },
	{ "mq_unlink", SYS_mq_unlink, true, { "none" } },
	{ "shmget", SYS_shmget, true, { NUMBER(1), NUMBER(0), NUMBER(0) } },
	/* Processes and code of its own. */
	{ "execve", SYS_execve, true, { "none", NULL, NULL } },
	{ "execveat", SYS_execveat, true, { FILES, "none", NULL, NULL, NUMBER(0) } },
	{ "clone", SYS_clone, true, { NUMBER(CLONE_SIGHAND | SIGCHLD), NULL, NULL, NULL, NULL } },
	{ "clone3", SYS_clone3, false, { NULL, NUMBER(0) } },
	{ "mmap PROT_EXEC",
	  SYS_mmap,
	  false,
	  { NULL, NUMBER(4096), NUMBER(PROT_READ | PROT_EXEC), NUMBER(MAP_PRIVATE), FILE_IN, NUMBER(0) } },
	{ "mprotect PROT_EXEC", SYS_mprotect, true, { NULL, NUMBER(0), NUMBER(PROT_EXEC) } },
	{ "pkey_mprotect", SYS_pkey_mprotect, false, { NULL, NUMBER(0), NUMBER(PROT_EXEC), NUMBER(-1) } },
	{ "personality", SYS_personality, true, { NUMBER(UINT32_MAX) } },
	{ "userfaultfd", SYS_userfaultfd, false, { NUMBER(~0) } },
	{ "io_uring_setup", SYS_io_uring_setup, false, { NUMBER(1), NULL } },
	{ "io_uring_enter", SYS_io_uring_enter, false, { NUMBER(999), NUMBER(0), NUMBER(0), NUMBER(0), NULL } },
	{ "seccomp", SYS_seccomp, true, { NUMBER(99), NUMBER(0), NULL } },
	{ "prctl PR_SET_DUMPABLE", SYS_prctl, true, { NUMBER(PR_SET_DUMPABLE), NUMBER(1) } },
	{ "prctl PR_SET_PTRACER", SYS_prctl, true, { NUMBER(0x59616d61), NUMBER(0) } },
	/* Networks. */
	{ "socket AF_INET", SYS_socket, true, { NUMBER(AF_INET), NUMBER(SOCK_STREAM), NUMBER(0) } },
	{ "socket AF_INET6", SYS_socket, true, { NUMBER(AF_INET6), NUMBER(SOCK_DGRAM), NUMBER(0) } },
	{ "socket AF_PACKET", SYS_socket, false, { NUMBER(AF_PACKET), NUMBER(SOCK_RAW), NUMBER(0) } },
	{ "socket AF_VSOCK", SYS_socket, true, { NUMBER(AF_VSOCK), NUMBER(SOCK_STREAM), NUMBER(0) } },
	{ "socket AF_ALG", SYS_socket, true, { NUMBER(AF_ALG), NUMBER(SOCK_SEQPACKET), NUMBER(0) } },
	{ "socket netlink, routes", SYS_socket, true, { NUMBER(AF_NETLINK), NUMBER(SOCK_RAW), NUMBER(0) } },
	{ "socketpair AF_INET", SYS_socketpair, true, { NUMBER(AF_INET), NUMBER(SOCK_STREAM), NUMBER(0), NULL } },
	{ "listen", SYS_listen, true, { NUMBER(999), NUMBER(1) } },
	{ "accept4", SYS_accept4, true, { NUMBER(999), NULL, NULL, NUMBER(0) } },
	/* Who it is. */
	{ "setuid", SYS_setuid, true, { NUMBER(0) } },
	{ "setresuid", SYS_setresuid, true, { NUMBER(-1), NUMBER(-1), NUMBER(-1) } },
	{ "setgid", SYS_setgid, true, { NUMBER(0) } },
	{ "setresgid", SYS_setresgid, true, { NUMBER(-1), NUMBER(-1), NUMBER(-1) } },
	{ "setgroups", SYS_setgroups, false, { NUMBER(0), NULL } },
	{ "setfsuid", SYS_setfsuid, false, { NUMBER(-1) } },
	{ "capset", SYS_capset, true, { NULL, NULL } },
	{ "add_key", SYS_add_key, false, { "user", "x", "y", NUMBER(1), NUMBER(0) } },
	{ "keyctl", SYS_keyctl, false, { NUMBER(999) } },
	/* The system. */
	{ "mount", SYS_mount, false, { "none", "none", "none", NUMBER(0), NULL } },
	{ "umount2", SYS_umount2, false, { "none", NUMBER(0) } },
	{ "fsopen", SYS_fsopen, false, { "none", NUMBER(0) } },
	{ "open_tree", SYS_open_tree, false, { HERE, "none", NUMBER(0) } },
	{ "move_mount", SYS_move_mount, false, { NUMBER(999), "", NUMBER(999), "", NUMBER(0) } },
	{ "mount_setattr", SYS_mount_setattr, false, { NUMBER(999), "", NUMBER(0), NULL, NUMBER(0) } },
	{ "pivot_root", SYS_pivot_root, false, { "none", "none" } },
	{ "chroot", SYS_chroot, false, { "none" } },
	{ "chdir", SYS_chdir, true, { "none" } },
	{ "unshare", SYS_unshare, true, { NUMBER(0) } },
	{ "setns", SYS_setns, true, { NUMBER(999), NUMBER(0) } },
	{ "swapon", SYS_swapon, false, { "none", NUMBER(0) } },
	{ "quotactl", SYS_quotactl, false, { NUMBER(0), NULL, NUMBER(0), NULL } },
	{ "acct", SYS_acct, false, { "none" } },
	{ "init_module", SYS_init_module, false, { NULL, NUMBER(0), "" } },
	{ "finit_module", SYS_finit_module, false, { NUMBER(999), "", NUMBER(0) } },
	{ "delete_module", SYS_delete_module, false, { "none", NUMBER(0) } },
	{ "bpf", SYS_bpf, false, { NUMBER(999), NULL, NUMBER(0) } },
	{ "perf_event_open", SYS_perf_event_open, false, { NULL, NUMBER(0), NUMBER(0), NUMBER(0), NUMBER(0) } },
	{ "fanotify_init", SYS_fanotify_init, false, { NUMBER(~0), NUMBER(0) } },
	{ "reboot", SYS_reboot, false, { NUMBER(0), NUMBER(0), NUMBER(0), NULL } },
	{ "kexec_load", SYS_kexec_load, false, { NUMBER(0), NUMBER(0), NULL, NUMBER(~0u) } },
	{ "sethostname", SYS_sethostname, false, { NULL, NUMBER(-1) } },
	{ "settimeofday", SYS_settimeofday, false, { NULL, NULL } },
	{ "clock_settime", SYS_clock_settime, false, { NUMBER(-1), times } },
	{ "adjtimex", SYS_adjtimex, false, { NULL } },
	{ "syslog", SYS_syslog, false, { NUMBER(99), NULL, NUMBER(0) } },
	{ "nobody knows", CALL_NOBODY_KNOWS, true, { NULL } },
#ifdef SYS_chmod
	/* What newer architectures have by other calls only. */
	{ "chmod", SYS_chmod, true, { "file", NUMBER(0777) } },
	{ "chown", SYS_chown, true, { "file", NUMBER(1), NUMBER(1) } },
	{ "lchown", SYS_lchown, true, { "file", NUMBER(1), NUMBER(1) } },
	{ "utime", SYS_utime, true, { "file", NULL } },
	{ "utimes", SYS_utimes, true, { "file", NULL } },
	{ "futimesat", SYS_futimesat, true, { FILES, "file", NULL } },
	{ "open O_WRONLY", SYS_open, true, { "file", NUMBER(O_WRONLY) } },
	{ "open O_RDWR", SYS_open, true, { "file", NUMBER(O_RDWR | O_NOFOLLOW | O_CLOEXEC) } },
	{ "open 3", SYS_open, true, { "file", NUMBER(O_ACCMODE) } },
	{ "open O_TRUNC", SYS_open, true, { "file", NUMBER(O_RDONLY | O_TRUNC) } },
	{ "open O_CREAT", SYS_open, true, { "new", NUMBER(O_RDONLY | O_CREAT), NUMBER(0600) } },
	{ "open above 32 bits", SYS_open, true, { "file", NUMBER(O_WRONLY | UINT64_C(1) << 40) } },
	{ "creat", SYS_creat, true, { "new", NUMBER(0600) } },
	{ "link", SYS_link, true, { "file", "new" } },
	{ "symlink", SYS_symlink, true, { "file", "new3" } },
	{ "mkdir", SYS_mkdir, true, { "new5", NUMBER(0700) } },
	{ "mknod", SYS_mknod, true, { "new7", NUMBER(S_IFIFO | 0600), NUMBER(0) } },
	{ "rename", SYS_rename, true, { "none", "new9" } },
	{ "unlink", SYS_unlink, true, { "none" } },
	{ "rmdir", SYS_rmdir, true, { "none" } },
	{ "fork", SYS_fork, false, { NULL } },
#endif
};

static long try_call(const struct attempt *attempt)
{
	const void *const *a = attempt->arguments;
	pid_t self = getpid();
	long r;

	errno = 0;
	r = syscall(attempt->call, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (getpid() != self)
		_exit(1);
	return r == -1 ? -errno : r;
}

/* Goes to the scratch directory and opens what the attempts need. */
static bool prepare(const struct scratch *scratch)
{
	int file = openat(scratch->fd, "file", O_RDONLY | O_CLOEXEC);
	int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return file >= 0 && end >= 0 && fchdir(scratch->fd) == 0 && dup2(file, FILE_DESCRIPTOR) == FILE_DESCRIPTOR &&
	       dup2(scratch->fd, DIRECTORY_DESCRIPTOR) == DIRECTORY_DESCRIPTOR &&
	       dup2(end, SOCKET_DESCRIPTOR) == SOCKET_DESCRIPTOR;
}

static bool confine(void)
{
	struct sysck_err err;

	return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
	       tcbck_filter_reading(tcbck_how_all(), TCBCK_HOW_COUNT, &err) == 0;
}

static bool is_refused(const struct attempt *attempt)
{
	bool elsewhere = attempt->call == SYS_clone3 || attempt->call >= CALL_NOBODY_KNOWS;
	long r = try_call(attempt);

	if (r == (elsewhere ? -ENOSYS : -EPERM))
		return true;
	printf("    %s: %ld\n", attempt->name, r);
	return false;
}

static bool refuses_all(void *context)
{
	bool all = true;

	if (!prepare(context) || !confine())
		return false;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		all = is_refused(&attempts[i]) && all;
	return fflush(stdout) == 0 && all;
}

static bool allows_without(void *context)
{
	bool all = true;

	if (!prepare(context))
		return false;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (!attempts[i].sure || try_call(&attempts[i]) != -EPERM)
			continue;
		printf("    %s: EPERM without the filter too\n", attempts[i].name);
		all = false;
	}
	return fflush(stdout) == 0 && all;
}

static bool can_filter(void *context)
{
	(void)context;
	return confine();
}

/* The run-time of a sanitizer does not live with a filter, see Makefile. */
static bool has_filters(void)
{
#ifndef TCBCK_UNCONFINED
	if (scratch_child(can_filter, NULL))
		return true;
#else
	(void)can_filter;
#endif
	unit_skip("system call filters are not to be had here");
	return false;
}

static void changing_is_refused(void)
{
	struct scratch scratch;
	struct stat st;

	if (!has_filters())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "file", 0640, 0), 0);
	CU_ASSERT_TRUE(scratch_child(refuses_all, &scratch));
	CU_ASSERT_EQUAL(fstatat(scratch.fd, "file", &st, 0), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0640);
	CU_ASSERT_EQUAL(faccessat(scratch.fd, "new", F_OK, 0), -1);
	/* It is the filter that did it. */
	if (scratch_is_root())
		CU_ASSERT_TRUE(scratch_child(allows_without, &scratch));
	scratch_end(&scratch);
}

/* Opens a directory as the program does, then tries to make the structure for that another one. */
static bool keeps_its_structure(void *context)
{
	const struct open_how *how = tcbck_how_all();
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *page = (unsigned char *)((uintptr_t)how / size * size);
	char *elsewhere = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (elsewhere == MAP_FAILED || !prepare(context) || !confine())
		return false;
	for (size_t i = 0; i < TCBCK_HOW_COUNT; i++)
		if (syscall(SYS_openat2, DIRECTORY_DESCRIPTOR, ".", how + i, sizeof(*how)) < 0)
			return false;
	/* Between two of them there is another one. */
	return syscall(SYS_openat2, DIRECTORY_DESCRIPTOR, ".", (const char *)how + 8, sizeof(*how)) < 0 && errno == EPERM &&
	       syscall(SYS_openat2, DIRECTORY_DESCRIPTOR, ".", how + TCBCK_HOW_COUNT, sizeof(*how)) < 0 && errno == EPERM &&
	       mprotect(page, size, PROT_READ | PROT_WRITE) < 0 && mprotect(page - size, 2 * size, PROT_WRITE) < 0 &&
	       munmap(page, size) < 0 && munmap(page - size, 3 * size) < 0 && munmap(NULL, (uintptr_t)page + size) < 0 &&
	       mremap(page, size, size, MREMAP_MAYMOVE) == MAP_FAILED &&
	       mremap(elsewhere, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page) == MAP_FAILED &&
	       mmap(page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED &&
	       mmap(page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != page &&
	       readlink("/proc/self/exe", (char *)page, size) < 0 &&
	       how->flags == (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void structure_of_openat2_stays(void)
{
	struct scratch scratch;

	if (!has_filters())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_TRUE(scratch_child(keeps_its_structure, &scratch));
	scratch_end(&scratch);
}

/* Where the stack has no limit, mappings are made below the program. */
static bool works_with_mappings_below(void *context)
{
	char self[] = "/proc/self/exe", suite[] = "filter";
	char *const arguments[] = { self, suite, NULL };
	char *const environment[] = { NULL };
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	(void)context;
	/* Its results are its exit status. */
	if (setrlimit(RLIMIT_STACK, &limit) == 0 && close(STDOUT_FILENO) == 0 && open("/dev/null", O_WRONLY) == STDOUT_FILENO)
		(void)execve("/proc/self/exe", arguments, environment);
	return false;
}

static bool has_mappings_below(void)
{
	void *mapping = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mapping != MAP_FAILED && (uintptr_t)mapping < (uintptr_t)tcbck_how_all();
}

static void mappings_may_be_below(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit before;

	if (!has_filters() || has_mappings_below())
		return;
	if (getrlimit(RLIMIT_STACK, &before) < 0 || (before.rlim_max != RLIM_INFINITY && setrlimit(RLIMIT_STACK, &limit) < 0)) {
		unit_skip("the stack has a limit here");
		return;
	}
	CU_ASSERT_TRUE(scratch_child(works_with_mappings_below, NULL));
}

#if defined(__x86_64__)
/* The same call by the ways into the kernel that other architectures have. `path` is below 4 GB. */
static long chmod_i386(const char *path)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(15L), "b"(path), "c"(0777L) : "memory", "r8", "r9", "r10", "r11");
	return (int)r;
}

static bool refuses_other_architectures(void *context)
{
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (path == MAP_FAILED || !prepare(context) || !confine())
		return false;
	memcpy(path, "file", sizeof("file"));
	errno = 0;
	if (syscall(0x40000000L + SYS_chmod, path, 0777) != -1 || errno != EPERM)
		return false;
	return chmod_i386(path) == -EPERM;
}

static bool enters_by_i386(void *context)
{
	(void)context;
	return chmod_i386(NULL) == -EFAULT;
}

static void other_architectures_are_refused(void)
{
	struct scratch scratch;
	struct stat st;

	if (!has_filters())
		return;
	if (!scratch_child(enters_by_i386, NULL)) {
		unit_skip("this kernel has no system calls of 32 bits");
		return;
	}
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "file", 0640, 0), 0);
	CU_ASSERT_TRUE(scratch_child(refuses_other_architectures, &scratch));
	CU_ASSERT_EQUAL(fstatat(scratch.fd, "file", &st, 0), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0640);
	scratch_end(&scratch);
}
#else
static void other_architectures_are_refused(void)
{
	unit_skip("only this architecture is known here");
}
#endif

struct waiter {
	pthread_barrier_t *confined; /* NULL: don't wait */
	bool refused;
};

static void *change(void *context)
{
	struct waiter *waiter = context;

	if (waiter->confined != NULL)
		(void)pthread_barrier_wait(waiter->confined);
	waiter->refused = chmod("file", 0777) == -1 && errno == EPERM;
	return NULL;
}

/* A thread that was there before, and one that comes after. */
static bool confines_threads(void *context)
{
	pthread_barrier_t confined;
	struct waiter first = { &confined, false }, second = { NULL, false };
	pthread_t before, after;

	if (!prepare(context) || pthread_barrier_init(&confined, NULL, 2) != 0 ||
	    pthread_create(&before, NULL, change, &first) != 0 || !confine() ||
	    pthread_create(&after, NULL, change, &second) != 0)
		return false;
	(void)pthread_barrier_wait(&confined);
	return pthread_join(before, NULL) == 0 && pthread_join(after, NULL) == 0 && first.refused && second.refused;
}

static bool reads_file(void)
{
	char byte, names[64];
	int fd = open("file", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	bool good = fd >= 0 && pread(fd, &byte, 1, 0) == 0 && flistxattr(fd, names, sizeof(names)) >= 0 &&
		    fcntl(fd, F_GETFL) >= 0 && mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED;

	return close(fd) == 0 && good;
}

static bool digests(void)
{
	struct sysck_digest digest = { .algorithm = SYSCK_HASH_SHA256 };
	struct tcbck_digester *digester = NULL;
	bool good = tcbck_digester_new(&digester) == 0 && tcbck_digest_bytes(digester, SYSCK_SLICE("abc"), &digest) == 0 &&
		    digest.bytes[0] == 0xba;

	tcbck_digester_free(digester);
	return good;
}

static bool knows_users(void)
{
	struct sysck_names *names;
	uint32_t id = 1;
	bool good = sysck_names_new(&names) == 0 && sysck_names_user_id(names, SYSCK_SLICE("root"), &id) == 0 && id == 0 &&
		    sysck_names_user_id(names, SYSCK_SLICE("nobody at all"), &id) == -ENOENT;

	sysck_names_free(names);
	return good;
}

/* What a logger or a name service is asked by. */
static bool talks_to_this_host(void)
{
	const struct sockaddr_un none = { .sun_family = AF_UNIX, .sun_path = "none" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && connect(fd, (const struct sockaddr *)&none, sizeof(none)) < 0 && errno == ENOENT;

	close(fd);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	return good && (fd >= 0 || errno == EPROTONOSUPPORT);
}

static bool reads_on(void *context)
{
	void *block = NULL;
	bool good;

	if (!prepare(context) || !confine())
		return false;
	for (size_t i = 0; i < 64; i++) {
		void *more = realloc(block, (size_t)1 << (i % 24));

		if (more == NULL)
			return false;
		block = more;
	}
	free(block);
	good = reads_file() && digests() && knows_users() && talks_to_this_host() && isatty(FILE_DESCRIPTOR) == 0 &&
	       errno == ENOTTY;
	return good && access("file", R_OK) == 0 && access("none", F_OK) == -1 && errno == ENOENT;
}

static void threads_are_confined(void)
{
	struct scratch scratch;

	if (!has_filters())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_TRUE(scratch_child(confines_threads, &scratch));
	scratch_end(&scratch);
}

static void reading_goes_on(void)
{
	struct scratch scratch;

	if (!has_filters())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_TRUE(scratch_child(reads_on, &scratch));
	scratch_end(&scratch);
}

/* Without no_new_privs nobody but root may set a filter; no filter is told. */
static bool fails_for_somebody(void *context)
{
	struct sysck_err err;

	(void)context;
	if (setresuid(SCRATCH_SOMEBODY, SCRATCH_SOMEBODY, SCRATCH_SOMEBODY) < 0)
		return false;
	return tcbck_filter_reading(tcbck_how_all(), TCBCK_HOW_COUNT, &err) < 0 && err.text[0] != '\0' &&
	       chmod("/none", 0) == -1 && errno == ENOENT;
}

static void failures_are_told(void)
{
	if (!scratch_is_root() || !has_filters())
		return;
	CU_ASSERT_TRUE(scratch_child(fails_for_somebody, NULL));
}

void suite_filter(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(changing_is_refused),   UNIT_TEST(structure_of_openat2_stays),
		UNIT_TEST(mappings_may_be_below), UNIT_TEST(other_architectures_are_refused),
		UNIT_TEST(threads_are_confined),  UNIT_TEST(reading_goes_on),
		UNIT_TEST(failures_are_told),
	};

	unit_add("filter", tests, sizeof(tests) / sizeof(tests[0]));
}

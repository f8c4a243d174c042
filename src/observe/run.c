/*
 * run.c - the only exec: `program` and `checksum` commands.
 *
 * It knows how to start one command in an environment that nobody outside chose, how to keep its output within bounds, and
 * how to be rid of it and its process group. It must never run a program other than the very file that it verified, never let
 * a file's name become shell text, and never wait without a limit.
 *
 * Several threads run commands at once, so between fork and exec the child makes system calls only; everything else is
 * made ready before.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sysck/arena.h>
#include <sysck/form.h>

#include "observe/crew.h"
#include "observe/run.h"

/* After the command's own end, how long others that hold its output may still write to it. */
#define GRACE_MS 1000u
/* How long a killed command may take to go. One that hangs in the kernel is left behind. */
#define KILL_MS 5000u
/* How often *stop is looked at: the signal that sets it may have been another thread's. */
#define STOP_MS 100u
/* Bytes of output read at once. */
#define CHUNK 16384

/* The shell of checksum commands. */
#define SHELL "/bin/sh"

/* Descriptors as the command has them. PROGRAM and STATUS are closed by exec, PROGRAM only if it is no script. */
enum slot { SLOT_INPUT, SLOT_OUTPUT, SLOT_ERRORS, SLOT_PROGRAM, SLOT_STATUS, SLOT_FILE, SLOT_COUNT };

/* What the shell is told as the name of SLOT_FILE. */
#define SLOT_FILE_NAME "/proc/self/fd/5"
_Static_assert(SLOT_FILE == 5, "SLOT_FILE_NAME");

static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", "SHELL=/bin/sh", NULL };

struct command {
	struct sysck_slice name;      /* for messages */
	const char *const *arguments; /* NULL-terminated */
	int program;                  /* O_PATH, verified */
	int file;                     /* becomes SLOT_FILE; -1: none */
	bool join_errors;             /* standard error goes where the output goes */
	unsigned timeout;             /* seconds */
	const atomic_bool *stop;
};

/* Descriptors between the child and us. */
struct plumbing {
	int null;
	int output_reader;
	int output_writer;
	int status_reader;
	int status_writer;
};

/* What the child could not do, sent through the status pipe. */
enum step { STEP_SESSION, STEP_DESCRIPTORS, STEP_DIRECTORY, STEP_EXEC };

struct failure {
	enum step step;
	int error;
};

static const char *const step_names[] = {
	[STEP_SESSION] = "cannot get a session of its own",
	[STEP_DESCRIPTORS] = "cannot arrange its descriptors",
	[STEP_DIRECTORY] = "cannot change to /",
	[STEP_EXEC] = "cannot be executed",
};

/* A command that runs. */
struct child {
	pid_t pid;
	int pidfd;
	bool ended;
	bool timed_out;
};

void tcbck_run_result_done(struct tcbck_run_result *result)
{
	if (result == NULL)
		return;
	sysck_buf_done(&result->output);
	result->timed_out = false;
	result->status = 0;
}

static void close_descriptor(int descriptor)
{
	if (descriptor >= 0)
		(void)close(descriptor);
}

static uint64_t now_ms(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ------ the child, between fork and exec: only system calls from here ... */

/* close_range(2), or without it (Linux before 5.9, strict sandboxes) what /proc shows to be open. */
static bool child_close_from(unsigned first)
{
	_Alignas(struct dirent64) char entries[2048];
	ssize_t got = -1;
	int directory;

	if (syscall(SYS_close_range, first, ~0u, 0u) == 0)
		return true;
	directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return false;
	while ((got = getdents64(directory, entries, sizeof(entries))) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			unsigned number = 0;

			for (const char *digit = entry->d_name; *digit >= '0' && *digit <= '9'; digit++)
				number = number * 10 + (unsigned)(*digit - '0');
			if (number >= first && number != (unsigned)directory)
				(void)close((int)number);
			at += entry->d_reclen;
		}
	}
	return got == 0 && close(directory) == 0;
}

/*
 * Puts each descriptor into its slot and closes all others. Each is first moved out of the slots' way, since it may stand in
 * another one's. *status is where to report to, all the time.
 */
static bool child_descriptors(const struct command *command, const struct plumbing *plumbing, int *status)
{
	const int from[SLOT_COUNT] = {
		[SLOT_INPUT] = plumbing->null,
		[SLOT_OUTPUT] = plumbing->output_writer,
		[SLOT_ERRORS] = command->join_errors ? plumbing->output_writer : plumbing->null,
		[SLOT_PROGRAM] = command->program,
		[SLOT_STATUS] = plumbing->status_writer,
		[SLOT_FILE] = command->file,
	};
	int count = command->file < 0 ? SLOT_FILE : SLOT_COUNT;
	int high[SLOT_COUNT] = { 0 };

	for (int i = 0; i < count; i++) {
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, SLOT_COUNT);
		if (high[i] < 0)
			return false;
	}
	*status = high[SLOT_STATUS];
	for (int i = 0; i < count; i++)
		if (dup3(high[i], i, i == SLOT_PROGRAM || i == SLOT_STATUS ? O_CLOEXEC : 0) < 0)
			return false;
	*status = SLOT_STATUS;
	return child_close_from((unsigned)count);
}

/* An ignored signal stays ignored, and a blocked one blocked, after exec. */
static void child_signals(void)
{
	/* The kernel's struct sigaction, all zero: SIG_DFL. sigaction(3) refuses the two signals that glibc keeps to itself. */
	static const unsigned char by_default[64];
	sigset_t none;

	for (int i = 1; i <= SIGRTMAX; i++)
		(void)syscall(SYS_rt_sigaction, i, by_default, NULL, (size_t)_NSIG / 8);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * The interpreter of a script opens it as /dev/fd/SLOT_PROGRAM, so the kernel refuses a script whose descriptor exec would
 * close (ENOENT, execveat(2)). Any other program needs no such descriptor, and gets none.
 */
static void child_exec(const char *const *arguments)
{
	(void)syscall(SYS_execveat, SLOT_PROGRAM, "", arguments, environment, AT_EMPTY_PATH);
	if (errno == ENOENT && fcntl(SLOT_PROGRAM, F_SETFD, 0) == 0)
		(void)syscall(SYS_execveat, SLOT_PROGRAM, "", arguments, environment, AT_EMPTY_PATH);
}

static _Noreturn void child_run(const struct command *command, const struct plumbing *plumbing, pid_t parent)
{
	int status = plumbing->status_writer;
	struct failure failure = { STEP_SESSION, 0 };

	/* Our death must not set it free; and if we died before it asked for that, it goes by itself. */
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL) != 0 || setsid() < 0)
		goto out;
	if (getppid() != parent)
		_exit(127);
	failure.step = STEP_DESCRIPTORS;
	if (!child_descriptors(command, plumbing, &status))
		goto out;
	failure.step = STEP_DIRECTORY;
	if (chdir("/") != 0)
		goto out;
	(void)umask(077);
	child_signals();
	failure.step = STEP_EXEC;
	child_exec(command->arguments);
out:
	failure.error = errno;
	(void)!write(status, &failure, sizeof(failure));
	_exit(127);
}

/* ------ ... to here */

/* The null device and no file that somebody put in its place: commands write there. */
static int null_open(struct sysck_err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (null < 0)
		return sysck_err_errno(err, -errno, "/dev/null");
	if (fstat(null, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return null;
	(void)close(null);
	return sysck_err_set(err, -ENODEV, "/dev/null is not the null device");
}

static void plumbing_done(struct plumbing *plumbing)
{
	close_descriptor(plumbing->null);
	close_descriptor(plumbing->output_reader);
	close_descriptor(plumbing->output_writer);
	close_descriptor(plumbing->status_reader);
	close_descriptor(plumbing->status_writer);
}

/* Also after a failure `plumbing` is fit for plumbing_done(). */
static int plumbing_init(struct plumbing *plumbing, struct sysck_err *err)
{
	int ends[2];
	int null;

	*plumbing = (struct plumbing){ -1, -1, -1, -1, -1 };
	null = null_open(err);
	if (null < 0)
		return null;
	plumbing->null = null;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return sysck_err_errno(err, -errno, "pipe");
	plumbing->output_reader = ends[0];
	plumbing->output_writer = ends[1];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return sysck_err_errno(err, -errno, "pipe");
	plumbing->status_reader = ends[0];
	plumbing->status_writer = ends[1];
	/* The command's ends stay blocking: the flag belongs to one end of a pipe. */
	if (fcntl(plumbing->output_reader, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(plumbing->status_reader, F_SETFL, O_NONBLOCK) != 0)
		return sysck_err_errno(err, -errno, "pipe");
	return 0;
}

/*
 * Kills the command and its group, and waits for it. Until it is waited for its process id is not given to another
 * process, so
 * the kill can't hit a stranger: nothing may reap it elsewhere. Returns its status, 128 + SIGKILL if it would not go.
 */
static int child_finish(struct child *child)
{
	siginfo_t info = { .si_pid = 0 };
	uint64_t end = now_ms() + KILL_MS;

	(void)kill(-child->pid, SIGKILL);
	if (!child->ended)
		(void)kill(child->pid, SIGKILL);
	for (uint64_t now = now_ms(); child->pidfd >= 0 && now < end; now = now_ms()) {
		struct pollfd poll_child = { .fd = child->pidfd, .events = POLLIN };

		if (poll(&poll_child, 1, (int)(end - now)) > 0)
			end = 0;
	}
	if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | (child->pidfd < 0 ? 0 : WNOHANG)) != 0 ||
	    info.si_pid != child->pid)
		return 128 + SIGKILL;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int child_start(const struct command *command, struct plumbing *plumbing, struct child *ret, struct sysck_err *err)
{
	struct child child = { -1, -1, false, false };
	pid_t parent = getpid();
	struct sigaction action;
	sigset_t all, old;
	int error;

	/* Then the kernel reaps for itself: no status would be left, and the process id could be anybody's. */
	if (sigaction(SIGCHLD, NULL, &action) != 0 || action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0)
		return sysck_err_set(err, -ECHILD, "no command can be run while SIGCHLD is ignored");
	/* Our handlers must not run in the child, where they would act on what it shares with us. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	child.pid = fork();
	if (child.pid == 0)
		child_run(command, plumbing, parent);
	error = -errno;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (child.pid < 0)
		return sysck_err_errno(err, error, "fork");
	/* The end of the output is seen only when nobody but the command can write it. */
	close_descriptor(plumbing->output_writer);
	plumbing->output_writer = -1;
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0u);
	if (child.pidfd < 0) {
		error = -errno;
		(void)child_finish(&child);
		return sysck_err_errno(err, error, "pidfd_open");
	}
	*ret = child;
	return 0;
}

/* Reads once. What is more than TCBCK_RUN_OUTPUT_MAX is thrown away. *ret_end: nobody holds the other end any more. */
static int output_read(int descriptor, struct sysck_buf *output, bool *ret_end)
{
	char chunk[CHUNK];
	ssize_t got = read(descriptor, chunk, sizeof(chunk));
	size_t room = TCBCK_RUN_OUTPUT_MAX - output->len;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (got == 0)
		*ret_end = true;
	sysck_buf_add(output, chunk, (size_t)got < room ? (size_t)got : room);
	return sysck_buf_error(output);
}

/* Reads output until the command has ended or must end. Returns 0, -ECANCELED, or what failed. */
static int child_watch(struct child *child, const struct command *command, int descriptor, struct sysck_buf *output)
{
	uint64_t end = now_ms() + (uint64_t)command->timeout * 1000;
	bool closed = false;

	for (;;) {
		uint64_t now = now_ms();
		uint64_t wait = end > now ? end - now : 0;
		struct pollfd polled[2] = {
			{ .fd = closed ? -1 : descriptor, .events = POLLIN },
			{ .fd = child->ended ? -1 : child->pidfd, .events = POLLIN },
		};
		int error = 0;

		if (tcbck_crew_is_stopped(command->stop))
			return -ECANCELED;
		if (child->ended && (closed || wait == 0))
			return 0;
		if (wait == 0) {
			child->timed_out = true;
			return 0;
		}
		if (command->stop != NULL && wait > STOP_MS)
			wait = STOP_MS;
		if (poll(polled, 2, (int)wait) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (polled[0].revents != 0)
			error = output_read(descriptor, output, &closed);
		if (error != 0)
			return error;
		/* What it left in the pipe is still read; what it left running may finish a sentence, but not hold us. */
		if (polled[1].revents != 0) {
			child->ended = true;
			end = now_ms() + GRACE_MS;
		}
	}
}

/* Runs one command that has been verified. */
static int command_run(const struct command *command, struct tcbck_run_result *ret, struct sysck_err *err)
{
	struct tcbck_run_result result = { SYSCK_BUF_INIT, false, 0 };
	struct failure failure = { STEP_SESSION, 0 };
	char name[SYSCK_QUOTE_MAX];
	struct plumbing plumbing;
	struct child child;
	int error;

	(void)sysck_quote(command->name, name, sizeof(name));
	error = plumbing_init(&plumbing, err);
	if (error != 0)
		goto out;
	error = child_start(command, &plumbing, &child, err);
	if (error != 0)
		goto out;
	error = child_watch(&child, command, plumbing.output_reader, &result.output);
	result.timed_out = child.timed_out;
	result.status = child_finish(&child);
	close_descriptor(child.pidfd);
	if (error != 0) {
		(void)sysck_err_errno(err, error, "%s", name);
		goto out;
	}
	if (read(plumbing.status_reader, &failure, sizeof(failure)) == (ssize_t)sizeof(failure)) {
		error = failure.error > 0 ? -failure.error : -EIO;
		(void)sysck_err_errno(err, error, "%s %s", name, step_names[failure.step]);
		goto out;
	}
	*ret = result;
	result.output = SYSCK_BUF_INIT;
out:
	sysck_buf_done(&result.output);
	plumbing_done(&plumbing);
	return error;
}

/* Finds `path` with every directory on its way controlled by root alone. */
static int find_trusted(struct tcbck_opener *opener, struct sysck_slice path, struct tcbck_place *ret, struct sysck_err *err)
{
	char name[SYSCK_QUOTE_MAX];
	char why[SYSCK_ERR_TEXT_MAX] = "";
	bool controlled = false;
	struct stat st;
	int error;

	error = sysck_path_check(path, err);
	if (error != 0)
		return error;
	error = tcbck_path_find_controlled(opener, path, ret, &controlled, why, err);
	if (error == 0 && !controlled)
		error = sysck_err_set(err, -EPERM, "%s is not trusted: %s", sysck_quote(path, name, sizeof(name)), why);
	if (error == 0 && fstat(ret->directory, &st) != 0)
		error = sysck_err_errno(err, -errno, "%s", sysck_quote(path, name, sizeof(name)));
	/* As for a database a sticky directory does not do: others can put there what is not there yet. */
	if (error == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		error = sysck_err_set(err, -EPERM, "%s is not trusted: its directory is writable for group or others",
				      sysck_quote(path, name, sizeof(name)));
	return error;
}

/*
 * Is the file behind `descriptor` one that root (or the effective user) alone can write, and stands where they alone can put
 * another in its place? Its path is the one it was found at through the symlinks; /proc tells it.
 */
static int check_trusted(struct tcbck_opener *opener, int descriptor, const char *name, struct sysck_err *err)
{
	char link[64];
	char target[4097];
	struct tcbck_place place;
	struct stat st, again;
	ssize_t length;
	int error;

	if (fstat(descriptor, &st) != 0)
		return sysck_err_errno(err, -errno, "%s", name);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return sysck_err_set(err, -EACCES, "%s is not an executable regular file", name);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return sysck_err_set(err, -EPERM, "%s is not trusted: its owner is user %u", name, (unsigned)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return sysck_err_set(err, -EPERM, "%s is not trusted: not only its owner can write to it", name);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	length = readlink(link, target, sizeof(target));
	if (length < 0 || (size_t)length == sizeof(target))
		return sysck_err_errno(err, length < 0 ? -errno : -ENAMETOOLONG, "%s: its place cannot be found out by /proc",
				       name);
	error = find_trusted(opener, (struct sysck_slice){ target, (size_t)length }, &place, err);
	if (error != 0)
		return error;
	if (fstatat(place.directory, place.name, &again, AT_SYMLINK_NOFOLLOW) != 0 || again.st_dev != st.st_dev ||
	    again.st_ino != st.st_ino)
		return sysck_err_set(err, -EPERM, "%s is not trusted: it was replaced meanwhile", name);
	return 0;
}

/* Opens the program `path`, O_PATH, if it can be trusted. */
static int open_trusted(struct tcbck_opener *opener, struct sysck_slice path, int *ret, struct sysck_err *err)
{
	char name[SYSCK_QUOTE_MAX];
	struct tcbck_place place;
	int descriptor = -1;
	int error;

	error = find_trusted(opener, path, &place, err);
	if (error == 0)
		error = tcbck_path_follow(opener, path, &descriptor, err);
	if (error != 0)
		return error;
	error = check_trusted(opener, descriptor, sysck_quote(path, name, sizeof(name)), err);
	if (error != 0) {
		(void)close(descriptor);
		return error;
	}
	*ret = descriptor;
	return 0;
}

static int check_timeout(unsigned timeout, struct sysck_err *err)
{
	if (timeout < 1 || timeout > TCBCK_RUN_TIMEOUT_MAX)
		return sysck_err_set(err, -EINVAL, "a time limit is 1 to %u seconds, not %u", TCBCK_RUN_TIMEOUT_MAX, timeout);
	return 0;
}

/* The bytes of `parts`, one after the other, as a C string. */
static int make_string(struct sysck_arena *arena, const struct sysck_slice *parts, size_t count, const char **ret,
		       struct sysck_err *err)
{
	size_t length = 0;
	char *string;

	for (size_t i = 0; i < count; i++) {
		if (parts[i].len != 0 && memchr(parts[i].data, '\0', parts[i].len) != NULL)
			return sysck_err_set(err, -EINVAL, "a command cannot be given a NUL byte");
		if (__builtin_add_overflow(length, parts[i].len, &length))
			return sysck_err_errno(err, -E2BIG, "command");
	}
	string = length < SIZE_MAX ? sysck_arena_alloc(arena, length + 1, 1) : NULL;
	if (string == NULL)
		return sysck_err_errno(err, -ENOMEM, "command");
	*ret = string;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len != 0)
			memcpy(string, parts[i].data, parts[i].len);
		string += parts[i].len;
	}
	*string = '\0';
	return 0;
}

int tcbck_run_program(struct tcbck_opener *opener, const struct sysck_slice *arguments, size_t count, unsigned timeout,
		      const atomic_bool *stop, struct tcbck_run_result *result, struct sysck_err *err)
{
	const char *strings[TCBCK_RUN_ARGUMENTS_MAX + 1];
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct command command = {
		.arguments = strings, .program = -1, .file = -1, .join_errors = true, .timeout = timeout, .stop = stop
	};
	int error;

	if (count < 1 || count > TCBCK_RUN_ARGUMENTS_MAX)
		return sysck_err_set(err, -EINVAL, "a program has 1 to %d arguments, itself included", TCBCK_RUN_ARGUMENTS_MAX);
	error = check_timeout(timeout, err);
	for (size_t i = 0; error == 0 && i < count; i++)
		error = make_string(&arena, &arguments[i], 1, &strings[i], err);
	strings[count] = NULL;
	if (error == 0)
		error = open_trusted(opener, arguments[0], &command.program, err);
	if (error == 0) {
		command.name = arguments[0];
		error = command_run(&command, result, err);
	}
	close_descriptor(command.program);
	sysck_arena_done(&arena);
	return error;
}

/* The shell is trusted no more than any other program. */
static int open_shell(int *ret, struct sysck_err *err)
{
	struct tcbck_root *root = NULL;
	struct tcbck_opener *opener = NULL;
	int error;

	error = tcbck_root_open(NULL, &root, err);
	if (error != 0)
		return error;
	error = tcbck_opener_new(root, &opener);
	if (error != 0)
		(void)sysck_err_errno(err, error, SHELL);
	else
		error = open_trusted(opener, SYSCK_SLICE(SHELL), ret, err);
	tcbck_opener_free(opener);
	tcbck_root_free(root);
	return error;
}

int tcbck_run_checksum(struct sysck_slice command, int descriptor, unsigned timeout, const atomic_bool *stop,
		       struct tcbck_run_result *result, struct sysck_err *err)
{
	const struct sysck_slice text[] = { sysck_slice_trim(command), SYSCK_SLICE(" \"$1\"") };
	const char *strings[] = { "sh", "-c", NULL, "sh", SLOT_FILE_NAME, NULL };
	struct command shell = {
		.name = text[0], .arguments = strings, .program = -1, .file = -1, .timeout = timeout, .stop = stop
	};
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	int error;

	/* Of nothing but `"$1"` the shell would make the file itself a command. */
	if (text[0].len == 0)
		return sysck_err_set(err, -EINVAL, "the checksum command is empty");
	if (descriptor < 0)
		return sysck_err_errno(err, -EBADF, "checksum command");
	error = check_timeout(timeout, err);
	if (error == 0)
		error = make_string(&arena, text, 2, &strings[2], err);
	if (error == 0) {
		/* Opened anew: its offset is 0 and the command's own. The shell opens it by name a second time. */
		error = tcbck_path_reopen(descriptor, &shell.file);
		if (error != 0)
			(void)sysck_err_errno(err, error, "checksum command: the file cannot be opened");
	}
	if (error == 0)
		error = open_shell(&shell.program, err);
	if (error == 0)
		error = command_run(&shell, result, err);
	close_descriptor(shell.program);
	close_descriptor(shell.file);
	sysck_arena_done(&arena);
	return error;
}

/*
 * fail-call.c - fail-call NUMBER ERROR N COMMAND... - runs a command of which the N-th call of that number, counted over all
 * its threads, fails with ERROR: for calls that this strace(1) has no name for.
 *
 * Ends with the command's exit status, 128 + the signal that ended it, or 125 if it can't be done. The kernel asks this
 * process what to do about each such call (SECCOMP_RET_USER_NOTIF); this process itself never makes one.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT 125

static int error_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "EIO", EIO },       { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
		{ "EACCES", EACCES }, { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM },
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(name, errors[i].name) == 0)
			return errors[i].number;
	return -1;
}

/* The descriptor at which the kernel asks about calls of that number, of this process and those it will start. */
static int listen_for(unsigned number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Answers one question; `error` 0 lets the call go on. */
static void answer(int listener, int error)
{
	struct seccomp_notif question;
	struct seccomp_notif_resp reply;

	memset(&question, 0, sizeof(question));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
		return;
	memset(&reply, 0, sizeof(reply));
	reply.id = question.id;
	reply.error = -error;
	reply.flags = error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static int watch(int listener, pid_t child, int error, unsigned long failing)
{
	struct pollfd files[2] = { { .fd = listener, .events = POLLIN }, { .events = POLLIN } };
	unsigned long calls = 0;
	int status;

	files[1].fd = (int)syscall(SYS_pidfd_open, child, 0u);
	if (files[1].fd < 0)
		return CANNOT;
	while (files[1].revents == 0) {
		if (poll(files, 2, -1) < 0 && errno != EINTR)
			return CANNOT;
		if ((files[0].revents & POLLIN) != 0)
			answer(listener, ++calls == failing ? error : 0);
	}
	if (waitpid(child, &status, 0) != child)
		return CANNOT;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int error = argc > 4 ? error_number(argv[2]) : -1;
	int listener;
	pid_t child;

	if (error < 0)
		return CANNOT;
	listener = listen_for((unsigned)strtoul(argv[1], NULL, 10));
	if (listener < 0) {
		perror("fail-call");
		return CANNOT;
	}
	child = fork();
	if (child == 0) {
		(void)execvp(argv[4], argv + 4);
		_exit(127);
	}
	return child < 0 ? CANNOT : watch(listener, child, error, strtoul(argv[3], NULL, 10));
}

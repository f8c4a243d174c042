/*
 * preload_attack.c - code in a process that it should not be in: as LD_PRELOAD it is called where the program reads a file,
 * and then tries to change $ATTACK_VICTIM, and more, once. What came of each goes to $ATTACK_LOG, which it opened at start.
 */
/* Fortified, read's relatives are inline functions of the headers. */
#undef _FORTIFY_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sys/uio.h>
#include <unistd.h>

static int log_descriptor = -1;
static atomic_flag was_here = ATOMIC_FLAG_INIT;

__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("ATTACK_LOG");

	if (name != NULL)
		log_descriptor = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

/* The result is 0 or a descriptor, or errno has the reason. */
static void tell(const char *what, long result)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");

	if (length > 0 && write(log_descriptor, line, (size_t)length) < 0)
		_exit(99);
}

/* What this process may do, of /proc/self/status. */
static void tell_status(void)
{
	char status[4096], *line, *rest = status;
	FILE *file = fopen("/proc/self/status", "re");
	size_t length = file == NULL ? 0 : fread(status, 1, sizeof(status) - 1, file);

	if (file != NULL)
		(void)fclose(file);
	status[length] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL)
		if ((strncmp(line, "Cap", 3) == 0 || strncmp(line, "NoNewPrivs", 10) == 0 ||
		     strncmp(line, "Seccomp:", 8) == 0) &&
		    dprintf(log_descriptor, "%s\n", line) < 0)
			_exit(99);
}

static void attack(const char *victim)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	char *const none[] = { NULL };
	char *aside = NULL;
	pid_t child;
	int network;

	if (asprintf(&aside, "%s.new", victim) < 0)
		_exit(99);
	tell_status();
	tell("chmod", chmod(victim, 0777));
	tell("chown", chown(victim, 1, 1));
	tell("setxattr", setxattr(victim, "user.attack", "x", 1, 0));
	tell("open to write", open(victim, O_WRONLY | O_APPEND | O_CLOEXEC));
	tell("truncate", truncate(victim, 0));
	tell("link", link(victim, aside));
	tell("unlink", unlink(aside));
	tell("mkdir", mkdir(aside, 0700));
	tell("rmdir", rmdir(aside));
	network = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	tell("socket", network);
	tell("connect", network < 0 ? -1 : 0 * connect(network, (const struct sockaddr *)&address, sizeof(address)));
	tell("kill", kill(getppid(), 0));
	/* Of a process that is not ours; ESRCH where nothing stands against it. */
	tell("ptrace", ptrace(PTRACE_CONT, getpid(), NULL, NULL));
	tell("execve", execve("/none", none, none));
	child = fork();
	if (child == 0)
		_exit(0);
	tell("fork", child);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	free(aside);
}

/* A database: NAME.cfg. It says what there is to do, and is read before. */
static bool is_database(int descriptor)
{
	char way[64], name[4096];
	ssize_t length;

	(void)snprintf(way, sizeof(way), "/proc/self/fd/%d", descriptor);
	length = readlink(way, name, sizeof(name));
	return length > 4 && memcmp(name + length - 4, ".cfg", 4) == 0;
}

/* When the program reads the content of the first file. */
static void attack_once(int descriptor)
{
	const char *victim = getenv("ATTACK_VICTIM");
	int error = errno;

	if (victim != NULL && log_descriptor >= 0 && !is_database(descriptor) && !atomic_flag_test_and_set(&was_here))
		attack(victim);
	errno = error;
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset)
{
	attack_once(descriptor);
	return syscall(SYS_pread64, descriptor, bytes, count, offset);
}

ssize_t preadv2(int descriptor, const struct iovec *pieces, int count, off_t offset, int flags)
{
	attack_once(descriptor);
	return syscall(SYS_preadv2, descriptor, pieces, count, offset, 0L, flags);
}

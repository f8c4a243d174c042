/*
 * scratch.c - a directory of its own for a test. Knows how to make and remove trees that are deeper than PATH_MAX, and must
 * never touch anything outside the directory that it made.
 */
#include "scratch.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

static void begin_at(struct scratch *scratch, const char *directory)
{
	*scratch = (struct scratch){ .fd = -1 };
	snprintf(scratch->top, sizeof(scratch->top), "%s/tcbck-unit.XXXXXX", directory);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(scratch->top));
	scratch->fd = open(scratch->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(scratch->fd >= 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(scratch->top, &scratch->root, NULL), 0);
}

void scratch_begin(struct scratch *scratch)
{
	begin_at(scratch, "/tmp");
}

void scratch_begin_big(struct scratch *scratch)
{
	struct statvfs room;
	bool fits = statvfs("/dev/shm", &room) == 0 && room.f_favail > 200000 && access("/dev/shm", W_OK) == 0;

	begin_at(scratch, fits ? "/dev/shm" : "/tmp");
}

void scratch_end(struct scratch *scratch)
{
	char rm[] = "rm", option[] = "-rf", stay[] = "--one-file-system";
	char *arguments[] = { rm, option, stay, scratch->top, NULL };
	char *environment[] = { NULL };
	pid_t child;

	tcbck_root_free(scratch->root);
	close(scratch->fd);
	if (posix_spawnp(&child, rm, NULL, NULL, arguments, environment) == 0)
		waitpid(child, NULL, 0);
}

void scratch_directory(const struct scratch *scratch, const char *path, mode_t mode)
{
	CU_ASSERT_EQUAL_FATAL(mkdirat(scratch->fd, path, 0700), 0);
	CU_ASSERT_EQUAL_FATAL(fchmodat(scratch->fd, path, mode, 0), 0);
}

void scratch_file(const struct scratch *scratch, const char *path)
{
	CU_ASSERT_EQUAL_FATAL(mknodat(scratch->fd, path, S_IFREG | 0644, 0), 0);
}

void scratch_link(const struct scratch *scratch, const char *target, const char *path)
{
	CU_ASSERT_EQUAL_FATAL(symlinkat(target, scratch->fd, path), 0);
}

void scratch_give_away(const struct scratch *scratch, const char *path)
{
	CU_ASSERT_EQUAL_FATAL(fchownat(scratch->fd, path, SCRATCH_SOMEBODY, (gid_t)-1, AT_SYMLINK_NOFOLLOW), 0);
}

static void make_sibling(int fd, unsigned number)
{
	char name[32];

	snprintf(name, sizeof(name), "s%u", number);
	CU_ASSERT_EQUAL_FATAL(mkdirat(fd, name, 0755), 0);
	snprintf(name, sizeof(name), "s%u/f", number);
	CU_ASSERT_EQUAL_FATAL(mknodat(fd, name, S_IFREG | 0600, 0), 0);
}

int scratch_chain(int fd, const char *name, unsigned levels, unsigned siblings)
{
	unsigned i, j;
	int next;

	for (i = 0; i < levels; i++) {
		for (j = 0; j < siblings / 2; j++)
			make_sibling(fd, j);
		CU_ASSERT_EQUAL_FATAL(mkdirat(fd, name, 0755), 0);
		for (; j < siblings; j++)
			make_sibling(fd, j);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CU_ASSERT_FATAL(next >= 0);
		close(fd);
		fd = next;
	}
	return fd;
}

unsigned scratch_descriptors(void)
{
	unsigned count = 0;
	int fd;

	for (fd = 0; fd < 300; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

bool scratch_child(bool (*test)(void *context), void *context)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(test(context) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool scratch_is_root(void)
{
	if (geteuid() == 0)
		return true;
	unit_skip("needs root");
	return false;
}

bool scratch_says(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		return true;
	printf("    says \"%s\", not \"%s\"\n", text, part);
	return false;
}

bool scratch_forbid_openat2(unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

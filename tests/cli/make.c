/*
 * make.c - objects, and looks at processes, that no command of the shell makes.
 *
 *	make socket PATH                a socket that nobody listens to
 *	make deep DIRECTORY COUNT NAME [MODE]
 *	                                COUNT directories of 200 bytes each, one in the other, with a file NAME in the last;
 *	                                prints the file's path, which is longer than any system call takes
 *	make sparse PATH MEGABYTES      a file of that size, of zeros
 *	make peak FILE COMMAND...       runs a command, and writes to the file how much memory it had at most, in kilobytes
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH 200

static int make_deep(const char *top, long count, const char *name, mode_t mode)
{
	int directory = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC), file;
	char component[LENGTH + 1];

	memset(component, 'd', LENGTH);
	component[LENGTH] = '\0';
	(void)fputs(top, stdout);
	for (long i = 0; i < count && directory >= 0; i++) {
		int next = mkdirat(directory, component, 0755) == 0 ? openat(directory, component, O_RDONLY | O_DIRECTORY) : -1;

		(void)close(directory);
		directory = next;
		(void)printf("/%s", component);
	}
	file = directory < 0 ? -1 : openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (file < 0 || write(file, "deep\n", 5) != 5 || fchmod(file, mode) != 0)
		return 1;
	(void)close(file);
	(void)close(directory);
	return printf("/%s\n", name) < 0;
}

static int make_sparse(const char *path, long megabytes)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	return file < 0 || ftruncate(file, megabytes << 20) != 0 || close(file) != 0;
}

static int tell_peak(const char *path, char **command)
{
	FILE *file = fopen(path, "w");
	struct rusage usage;
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		(void)execvp(command[0], command);
		_exit(127);
	}
	if (file == NULL || child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) ||
	    fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file) != 0)
		return 127;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "socket") == 0)
		return mknod(argv[2], S_IFSOCK | 0755, 0) != 0;
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "deep") == 0)
		return make_deep(argv[2], strtol(argv[3], NULL, 10), argv[4],
				 argc == 6 ? (mode_t)strtol(argv[5], NULL, 8) : 0644);
	if (argc == 4 && strcmp(argv[1], "sparse") == 0)
		return make_sparse(argv[2], strtol(argv[3], NULL, 10));
	if (argc > 3 && strcmp(argv[1], "peak") == 0)
		return tell_peak(argv[2], argv + 3);
	(void)fputs(
		"usage: make {socket PATH | deep DIRECTORY COUNT NAME [MODE] | sparse PATH MEGABYTES | peak FILE COMMAND}\n",
		stderr);
	return 16;
}

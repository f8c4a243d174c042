/*
 * measure.c - runs a command and writes down what it took.
 *
 *	measure FILE LABEL COMMAND...
 *
 * Appends the line "LABEL <tab> WALL <tab> CPU <tab> PEAK <tab> STATUS" to FILE: seconds by the clock, seconds of user and
 * system time, of the command and all that it waited for; the resident set of the largest of these processes in bytes
 * (getrusage(2)); and the exit status, 128 + N where it was killed by signal N. Ends with that status, or with 16 or 126.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage usage;
	int status, error;
	FILE *file;
	pid_t child;

	if (argc < 4) {
		(void)fputs("usage: measure FILE LABEL COMMAND...\n", stderr);
		return 16;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	error = posix_spawnp(&child, argv[3], NULL, NULL, argv + 3, environ);
	if (error != 0) {
		(void)fprintf(stderr, "measure: %s: %s\n", argv[3], strerror(error));
		return 126;
	}
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return 126;
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	file = fopen(argv[1], "ae");
	if (file == NULL ||
	    fprintf(file, "%s\t%.6f\t%.6f\t%lld\t%d\n", argv[2],
		    (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
		    seconds(usage.ru_utime) + seconds(usage.ru_stime), (long long)usage.ru_maxrss * 1024, status) < 0 ||
	    fclose(file) != 0) {
		(void)fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 126;
	}
	return status;
}

/*
 * hostile.c - starts a command as only a hostile caller would, in ways that a shell does not know.
 *
 *	hostile bare COMMAND...     with environment entries that have no name, no value, or are there twice
 *	hostile nothing COMMAND     without any argument, its own name included
 *	hostile blocked COMMAND...  with every signal blocked, and one pending
 *	hostile alarm COMMAND...    with an alarm after a millisecond, and again and again
 *	hostile crowded COMMAND...  with all descriptors in use but four
 *	hostile full COMMAND...     with standard output and error going to a full pipe that nobody reads
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static char *environment[] = { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL };

static void set_environment(void)
{
	static char no_value[] = "PATH", no_name[] = "=x", nothing[] = "", first[] = "LC_ALL=C", second[] = "LC_ALL=evil",
		    preload[] = "LD_PRELOAD", library[] = "LD_PRELOAD=/none.so";
	char *const all[] = { no_value, no_name, nothing, first, second, preload, library };

	memcpy(environment, all, sizeof(all));
}

static int block_signals(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	return sigprocmask(SIG_SETMASK, &all, NULL) < 0 ? -1 : raise(SIGUSR1);
}

static int set_alarm(void)
{
	const struct itimerval soon = { { 0, 1000 }, { 0, 1000 } };

	return setitimer(ITIMER_REAL, &soon, NULL);
}

static int use_descriptors(void)
{
	int last[4] = { -1, -1, -1, -1 };

	for (int descriptor = open("/dev/null", O_RDONLY); descriptor >= 0; descriptor = dup(0)) {
		memmove(last, last + 1, sizeof(last) - sizeof(last[0]));
		last[3] = descriptor;
	}
	for (int i = 0; i < 4; i++)
		if (last[i] > 2 && close(last[i]) < 0)
			return -1;
	return 0;
}

static int fill_pipe(void)
{
	static const char bytes[4096];
	int ends[2];

	if (pipe(ends) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	while (write(ends[1], bytes, sizeof(bytes)) > 0)
		continue;
	return fcntl(ends[1], F_SETFL, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	char *const none[] = { NULL };
	const char *way = argc > 2 ? argv[1] : "";
	int r = -1;

	if (strcmp(way, "bare") == 0) {
		set_environment();
		(void)execve(argv[2], argv + 2, environment);
	} else if (strcmp(way, "nothing") == 0) {
		(void)execve(argv[2], none, none);
	} else if (strcmp(way, "blocked") == 0) {
		r = block_signals();
	} else if (strcmp(way, "alarm") == 0) {
		r = set_alarm();
	} else if (strcmp(way, "crowded") == 0) {
		r = use_descriptors();
	} else if (strcmp(way, "full") == 0) {
		r = fill_pipe();
	}
	if (r == 0)
		(void)execv(argv[2], argv + 2);
	perror(way);
	return 99;
}

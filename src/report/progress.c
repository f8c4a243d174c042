/*
 * progress.c - one line on a terminal, redrawn while a run lasts.
 *
 * Knows counters that others advance; draws them. A thread of its own reads them, so that a worker busy with one huge
 * file does not hold the line up. Must never draw after it was stopped.
 */
#include "report/progress.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FIRST_AFTER 1000000000L /* nanoseconds */
#define EVERY       200000000L

struct tcbck_progress {
	int descriptor;
	struct tcbck_check_counters *counters;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	bool stop;
	bool drawn;
	struct timespec begun;
};

static double seconds_since(const struct timespec *begun)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/* A terminal that is stopped (^S) has no room, and would hold up the run at its end. */
static bool has_room(int descriptor)
{
	struct pollfd ready = { descriptor, POLLOUT, 0 };

	return poll(&ready, 1, 0) == 1;
}

static void draw(struct tcbck_progress *progress)
{
	size_t total = atomic_load(&progress->counters->total), done = atomic_load(&progress->counters->done);
	double bytes = (double)atomic_load(&progress->counters->bytes), seconds = seconds_since(&progress->begun);
	double left = done > 0 ? seconds / (double)done * (double)(total - done) : 0;
	char line[160];
	int len;

	/* Carriage return, the text, and "erase to the end of the line" (ECMA-48). */
	len = snprintf(line, sizeof(line), "\r%zu of %zu objects, %.0f MB, %.0f objects/s, %.0f MB/s, %.0f s left\033[K", done,
		       total, bytes / 1e6, (double)done / seconds, bytes / 1e6 / seconds, left);
	if (len > 0 && has_room(progress->descriptor) && write(progress->descriptor, line, (size_t)len) == len)
		progress->drawn = true;
}

static void add_time(struct timespec *time, long nanoseconds)
{
	time->tv_nsec += nanoseconds;
	time->tv_sec += time->tv_nsec / 1000000000L;
	time->tv_nsec %= 1000000000L;
}

static void *run(void *context)
{
	struct tcbck_progress *progress = context;
	struct timespec next = progress->begun;

	add_time(&next, FIRST_AFTER);
	(void)pthread_mutex_lock(&progress->mutex);
	while (!progress->stop) {
		if (pthread_cond_timedwait(&progress->ended, &progress->mutex, &next) != ETIMEDOUT)
			continue;
		draw(progress);
		(void)clock_gettime(CLOCK_MONOTONIC, &next);
		add_time(&next, EVERY);
	}
	(void)pthread_mutex_unlock(&progress->mutex);
	return NULL;
}

int tcbck_progress_start(int descriptor, struct tcbck_check_counters *counters, struct tcbck_progress **ret)
{
	struct tcbck_progress *progress = calloc(1, sizeof(*progress));
	pthread_condattr_t attributes;
	int r;

	if (progress == NULL)
		return -ENOMEM;
	progress->descriptor = descriptor;
	progress->counters = counters;
	(void)clock_gettime(CLOCK_MONOTONIC, &progress->begun);
	(void)pthread_mutex_init(&progress->mutex, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&progress->ended, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	r = pthread_create(&progress->thread, NULL, run, progress);
	if (r != 0) {
		free(progress);
		return -r;
	}
	*ret = progress;
	return 0;
}

void tcbck_progress_stop(struct tcbck_progress *progress)
{
	if (progress == NULL)
		return;
	(void)pthread_mutex_lock(&progress->mutex);
	progress->stop = true;
	(void)pthread_cond_signal(&progress->ended);
	(void)pthread_mutex_unlock(&progress->mutex);
	(void)pthread_join(progress->thread, NULL);
	if (progress->drawn && has_room(progress->descriptor) && write(progress->descriptor, "\r\033[K", 4) < 0) {
		/* A terminal that went away needs no wiping. */
	}
	(void)pthread_cond_destroy(&progress->ended);
	(void)pthread_mutex_destroy(&progress->mutex);
	free(progress);
}

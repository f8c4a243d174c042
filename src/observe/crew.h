/*
 * crew.h - the same work by several threads, all at once or from a list.
 *
 * Work is called with the number of the worker, so that each can keep what it finds to itself. Which worker does what is not
 * defined; whoever prints sorts.
 */
#ifndef TCBCK_CREW_H
#define TCBCK_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <sysck/sysck.h>

/* Most worker threads (-j). */
#define TCBCK_CREW_MAX 256

/* Usable CPUs of this process (sched_getaffinity(2)), 1 to TCBCK_CREW_MAX. */
unsigned tcbck_crew_default_jobs(void);

/*
 * Calls visit(context, worker, index) once for each index in [0, count), on `jobs` threads (1 to TCBCK_CREW_MAX; the
 * calling thread is worker 0; no more threads than there are batches). Neighbouring indexes go to the same worker in
 * batches; what is left of the batch of a worker that is held up is visited by the others, when nothing else is left. When
 * *stop (may be NULL) becomes true, no new index is handed out. If a thread can't be started, the others do its work.
 * Returns when all are done.
 */
void tcbck_crew_each(size_t count, unsigned jobs, void (*visit)(void *context, unsigned worker, size_t index), void *context,
		     const atomic_bool *stop);

/* The same; the first `singly` indexes take long: they are handed out before all others, one by one. */
void tcbck_crew_each_long(size_t singly, size_t count, unsigned jobs,
			  void (*visit)(void *context, unsigned worker, size_t index), void *context, const atomic_bool *stop);

/* True when *stop (may be NULL) is. */
bool tcbck_crew_is_stopped(const atomic_bool *stop);

/* The workers of a run, lent to the library; *jobs must outlive what is returned. */
struct sysck_crew tcbck_crew_lend(unsigned *jobs);

/* Calls work() on `jobs` threads, this one among them, as many as can be had. Returns when all have returned. */
void tcbck_crew_run(unsigned jobs, void (*work)(void *context, unsigned worker), void *context);

/* `jobs`, but no more than `most` and TCBCK_CREW_MAX, and at least 1. */
unsigned tcbck_crew_clamp(size_t jobs, size_t most);

#endif

/*
 * crew.c - the same work by several threads, all at once or from a list.
 *
 * Knows threads; gives each piece of work to one of them. Must not know what the work is.
 */
#include "observe/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

/* Most indexes handed out at once: neighbours, which one directory holds. */
#define BATCH_MAX 64u
/* CPUs that a machine may have. */
#define CPUS_MAX 16384

unsigned tcbck_crew_default_jobs(void)
{
	cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
	size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
	long count = 0;

	if (set != NULL && sched_getaffinity(0, size, set) == 0)
		count = CPU_COUNT_S(size, set);
	CPU_FREE(set);
	if (count < 1)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	if (count < 1)
		return 1;
	return count > (long)TCBCK_CREW_MAX ? TCBCK_CREW_MAX : (unsigned)count;
}

bool tcbck_crew_is_stopped(const atomic_bool *stop)
{
	return stop != NULL && atomic_load_explicit(stop, memory_order_relaxed);
}

struct hand {
	void (*work)(void *context, unsigned worker);
	void *context;
	unsigned worker;
	pthread_t thread;
};

static void *hand_start(void *hand)
{
	const struct hand *self = hand;

	self->work(self->context, self->worker);
	return NULL;
}

void tcbck_crew_run(unsigned jobs, void (*work)(void *context, unsigned worker), void *context)
{
	struct hand hands[TCBCK_CREW_MAX];
	unsigned i, started;

	for (started = 1; started < jobs; started++) {
		hands[started] = (struct hand){ .work = work, .context = context, .worker = started };
		if (pthread_create(&hands[started].thread, NULL, hand_start, &hands[started]) != 0)
			break;
	}
	work(context, 0);
	for (i = 1; i < started; i++)
		pthread_join(hands[i].thread, NULL);
}

unsigned tcbck_crew_clamp(size_t jobs, size_t most)
{
	if (most > TCBCK_CREW_MAX)
		most = TCBCK_CREW_MAX;
	if (jobs > most)
		jobs = most;
	return jobs < 1 ? 1 : (unsigned)jobs;
}

/* What a worker has been handed: the number of its batch, and how many of that are taken, in one word. */
struct share {
	_Alignas(64) atomic_uint_least64_t batch_and_taken; /* a cache line of its own */
};
#define TAKEN_BITS 16
#define TAKEN_MASK ((UINT64_C(1) << TAKEN_BITS) - 1)
/* Each worker, and the owner twice, looks once more at a batch of which all is taken. */
_Static_assert(BATCH_MAX + TCBCK_CREW_MAX + 1 <= TAKEN_MASK, "looks at a batch must not count as another batch");

struct list {
	size_t singly;
	size_t count;
	size_t batch;   /* indexes in one */
	size_t batches; /* of those that are not handed out singly */
	unsigned jobs;
	void (*visit)(void *context, unsigned worker, size_t index);
	void *context;
	const atomic_bool *stop;
	atomic_size_t next_single; /* first index below `singly` not handed out */
	atomic_size_t next;        /* first batch not handed out */
	struct share shares[TCBCK_CREW_MAX];
};

/* Visits what is left of a batch that was handed to somebody: to this worker, or to one that something holds up. */
static void visit_rest(struct list *list, struct share *share, unsigned worker)
{
	while (!tcbck_crew_is_stopped(list->stop)) {
		uint64_t word = atomic_fetch_add_explicit(&share->batch_and_taken, 1, memory_order_relaxed);
		size_t taken = word & TAKEN_MASK;
		size_t index = list->singly + (size_t)(word >> TAKEN_BITS) * list->batch + taken;

		if (taken >= list->batch || index >= list->count)
			return;
		list->visit(list->context, worker, index);
	}
}

static void list_work(void *context, unsigned worker)
{
	struct list *list = context;
	struct share *own = &list->shares[worker];
	size_t i;

	while (!tcbck_crew_is_stopped(list->stop) &&
	       (i = atomic_fetch_add_explicit(&list->next_single, 1, memory_order_relaxed)) < list->singly)
		list->visit(list->context, worker, i);
	while (!tcbck_crew_is_stopped(list->stop)) {
		i = atomic_fetch_add_explicit(&list->next, 1, memory_order_relaxed);
		if (i >= list->batches)
			break;
		atomic_store_explicit(&own->batch_and_taken, (uint64_t)i << TAKEN_BITS, memory_order_relaxed);
		visit_rest(list, own, worker);
	}
	for (unsigned other = 0; other < list->jobs; other++)
		visit_rest(list, &list->shares[other], worker);
}

void tcbck_crew_each_long(size_t singly, size_t count, unsigned jobs,
			  void (*visit)(void *context, unsigned worker, size_t index), void *context, const atomic_bool *stop)
{
	struct list list = { .singly = singly, .count = count, .visit = visit, .context = context, .stop = stop };
	size_t many = count - singly;

	jobs = tcbck_crew_clamp(jobs, TCBCK_CREW_MAX);
	list.batch = many / ((size_t)jobs * 8);
	if (list.batch > BATCH_MAX)
		list.batch = BATCH_MAX;
	if (list.batch < 1 || jobs == 1)
		list.batch = 1;
	list.batches = many / list.batch + (many % list.batch != 0);
	list.jobs = tcbck_crew_clamp(jobs, singly + list.batches);
	atomic_init(&list.next_single, 0);
	atomic_init(&list.next, 0);
	/* All of batch 0 is taken: nobody has a batch, and who can't be started never gets one. */
	for (unsigned i = 0; i < list.jobs; i++)
		atomic_init(&list.shares[i].batch_and_taken, BATCH_MAX);
	tcbck_crew_run(list.jobs, list_work, &list);
}

void tcbck_crew_each(size_t count, unsigned jobs, void (*visit)(void *context, unsigned worker, size_t index), void *context,
		     const atomic_bool *stop)
{
	tcbck_crew_each_long(0, count, jobs, visit, context, stop);
}

static void lend(void *context, size_t count, void (*work)(void *work_context, unsigned worker, size_t index),
		 void *work_context)
{
	const unsigned *jobs = context;

	tcbck_crew_each(count, *jobs, work, work_context, NULL);
}

struct sysck_crew tcbck_crew_lend(unsigned *jobs)
{
	return (struct sysck_crew){ *jobs, lend, jobs };
}

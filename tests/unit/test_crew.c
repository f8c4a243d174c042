/*
 * test_crew.c - tests of src/observe/crew.c: every index exactly once, at every number of threads.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include "observe/crew.h"
#include "suites.h"

static const unsigned jobs_of[] = { 1, 2, 8, 256 };
#define JOBS (sizeof(jobs_of) / sizeof(jobs_of[0]))

struct list_seen {
	atomic_uint count[1000];
	atomic_uint last_worker;
	atomic_uint workers_wrong;
	atomic_bool stop;
	unsigned jobs;
	size_t stop_at; /* index at which the stop is set; SIZE_MAX: never */
	pthread_t caller;
};

static void list_visit(void *context, unsigned worker, size_t index)
{
	struct list_seen *seen = context;

	atomic_fetch_add(&seen->count[index], 1);
	if (worker >= seen->jobs || (worker == 0) != (pthread_equal(pthread_self(), seen->caller) != 0))
		atomic_fetch_add(&seen->workers_wrong, 1);
	if (index == seen->stop_at)
		atomic_store(&seen->stop, true);
}

static void visits_each_index_once(void)
{
	static const size_t counts[] = { 0, 1, 2, 7, 63, 64, 65, 1000 };
	size_t i, j, k;

	for (i = 0; i < JOBS; i++) {
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
			struct list_seen seen = { .jobs = jobs_of[i], .stop_at = SIZE_MAX, .caller = pthread_self() };

			tcbck_crew_each(counts[j], jobs_of[i], list_visit, &seen, j % 2 == 0 ? NULL : &seen.stop);
			for (k = 0; k < counts[j]; k++)
				CU_ASSERT_EQUAL(seen.count[k], 1);
			for (; k < sizeof(seen.count) / sizeof(seen.count[0]); k++)
				CU_ASSERT_EQUAL(seen.count[k], 0);
			CU_ASSERT_EQUAL(seen.workers_wrong, 0);
		}
	}
}

/* An index that takes until all others are done. */
struct list_held {
	struct list_seen seen;
	size_t slow;
	atomic_uint others;
	atomic_bool done_by_others;
};

static void held_visit(void *context, unsigned worker, size_t index)
{
	struct list_held *held = context;
	time_t end = time(NULL) + 60;

	list_visit(&held->seen, worker, index);
	if (index != held->slow) {
		atomic_fetch_add(&held->others, 1);
		return;
	}
	while (atomic_load(&held->others) < 999 && time(NULL) < end)
		(void)sched_yield();
	atomic_store(&held->done_by_others, atomic_load(&held->others) == 999);
}

/* One that is held up holds up nothing else, not even its neighbours. */
static void leaves_nothing_behind(void)
{
	static const size_t slow[] = { 0, 1, 500, 999 };

	for (size_t i = 1; i < JOBS; i++)
		for (size_t j = 0; j < sizeof(slow) / sizeof(slow[0]); j++) {
			struct list_held held = {
				.seen = { .jobs = jobs_of[i], .stop_at = SIZE_MAX, .caller = pthread_self() },
				.slow = slow[j],
			};

			tcbck_crew_each(1000, jobs_of[i], held_visit, &held, NULL);
			CU_ASSERT_TRUE(held.done_by_others);
			CU_ASSERT_EQUAL(held.seen.workers_wrong, 0);
			for (size_t k = 0; k < 1000; k++)
				CU_ASSERT_EQUAL(held.seen.count[k], 1);
		}
}

/* Which index came when. */
struct list_order {
	size_t at[1000];
	atomic_size_t next;
};

static void order_visit(void *context, unsigned worker, size_t index)
{
	struct list_order *order = context;

	(void)worker;
	order->at[index] = atomic_fetch_add(&order->next, 1);
}

/* Those that take long are begun before all others, each by whoever is free. */
static void begins_with_what_takes_long(void)
{
	static const size_t singly[] = { 0, 1, 2, 500, 1000 };

	for (size_t i = 0; i < JOBS; i++)
		for (size_t j = 0; j < sizeof(singly) / sizeof(singly[0]); j++) {
			struct list_seen seen = { .jobs = jobs_of[i], .stop_at = SIZE_MAX, .caller = pthread_self() };
			struct list_order order = { .next = 0 };

			tcbck_crew_each_long(singly[j], 1000, jobs_of[i], list_visit, &seen, NULL);
			for (size_t k = 0; k < 1000; k++)
				CU_ASSERT_EQUAL(seen.count[k], 1);
			CU_ASSERT_EQUAL(seen.workers_wrong, 0);
			tcbck_crew_each_long(singly[j], 1000, 1, order_visit, &order, NULL);
			for (size_t k = 0; k < 1000; k++)
				CU_ASSERT_EQUAL(order.at[k], k);
		}
}

static void stops_handing_out(void)
{
	struct list_seen seen = { .jobs = 1, .stop_at = 10, .caller = pthread_self() };
	unsigned i, sum = 0;

	tcbck_crew_each(1000, 1, list_visit, &seen, &seen.stop);
	for (i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(seen.count[i], i <= 10);
	/* stopped before it begins */
	tcbck_crew_each(1000, 8, list_visit, &seen, &seen.stop);
	for (i = 0; i < 1000; i++)
		sum += seen.count[i];
	CU_ASSERT_EQUAL(sum, 11);
}

/* Out-of-range numbers of jobs are brought into range; one index needs one thread. */
static void bounds_jobs(void)
{
	struct list_seen seen = { .jobs = 1, .stop_at = SIZE_MAX, .caller = pthread_self() };

	tcbck_crew_each(10, 0, list_visit, &seen, NULL);
	tcbck_crew_each(1, 256, list_visit, &seen, NULL);
	seen.jobs = TCBCK_CREW_MAX;
	tcbck_crew_each(1000, 100000, list_visit, &seen, NULL);
	CU_ASSERT_EQUAL(seen.workers_wrong, 0);
	CU_ASSERT_EQUAL(seen.count[0], 3);
	CU_ASSERT_EQUAL(seen.count[9], 2);
	CU_ASSERT_EQUAL(seen.count[999], 1);
}

static void counts_usable_cpus(void)
{
	cpu_set_t before, one;
	size_t cpu = 0;

	CU_ASSERT_TRUE(tcbck_crew_default_jobs() >= 1 && tcbck_crew_default_jobs() <= TCBCK_CREW_MAX);
	if (sched_getaffinity(0, sizeof(before), &before) < 0) {
		unit_skip("more CPUs than a cpu_set_t holds");
		return;
	}
	CU_ASSERT_EQUAL(tcbck_crew_default_jobs(), (unsigned)CPU_COUNT(&before));
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(one), &one), 0);
	CU_ASSERT_EQUAL(tcbck_crew_default_jobs(), 1);
	CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(before), &before), 0);
}

void suite_crew(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(visits_each_index_once),
		UNIT_TEST(begins_with_what_takes_long),
		UNIT_TEST(leaves_nothing_behind),
		UNIT_TEST(stops_handing_out),
		UNIT_TEST(bounds_jobs),
		UNIT_TEST(counts_usable_cpus),
	};

	unit_add("crew", tests, sizeof(tests) / sizeof(tests[0]));
}

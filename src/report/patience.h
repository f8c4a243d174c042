/*
 * patience.h - how long a run waits for those who take its records: a second, in all.
 */
#ifndef TCBCK_PATIENCE_H
#define TCBCK_PATIENCE_H

#include <stdint.h>
#include <time.h>

/* What a run waits for one taker of records, in all; nanoseconds. */
#define TCBCK_PATIENCE INT64_C(1000000000)

/* What is left of it, in nanoseconds; 0 or less: nothing. */
struct tcbck_patience {
	int64_t left;
};

/* A point in time, for tcbck_patience_spend(). */
struct timespec tcbck_patience_now(void);

/* What has passed since `begun` was spent waiting, but for the first `free` nanoseconds of it. */
void tcbck_patience_spend(struct tcbck_patience *patience, struct timespec begun, int64_t free);

/* A record has arrived: gives back `share` nanoseconds, up to TCBCK_PATIENCE; once it was used up, nothing. */
void tcbck_patience_earn(struct tcbck_patience *patience, int64_t share);

/* Nanoseconds since `begun`. */
int64_t tcbck_patience_since(struct timespec begun);

/* What is left as milliseconds for poll(2), rounded up. */
int tcbck_patience_milliseconds(const struct tcbck_patience *patience);

#endif

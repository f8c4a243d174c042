/*
 * patience.c - how long a run waits for those who take its records.
 *
 * Knows the monotonic clock. Whoever takes records, but slowly, is waited for; whoever has stopped costs a run one second and
 * no more. Must not know what is waited for.
 */
#include "report/patience.h"

struct timespec tcbck_patience_now(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

int64_t tcbck_patience_since(struct timespec begun)
{
	struct timespec now = tcbck_patience_now();

	return (int64_t)(now.tv_sec - begun.tv_sec) * INT64_C(1000000000) + (now.tv_nsec - begun.tv_nsec);
}

void tcbck_patience_spend(struct tcbck_patience *patience, struct timespec begun, int64_t free)
{
	int64_t spent = tcbck_patience_since(begun);

	if (spent > free)
		patience->left -= spent - free;
}

void tcbck_patience_earn(struct tcbck_patience *patience, int64_t share)
{
	if (patience->left <= 0)
		return;
	patience->left = patience->left > TCBCK_PATIENCE - share ? TCBCK_PATIENCE : patience->left + share;
}

int tcbck_patience_milliseconds(const struct tcbck_patience *patience)
{
	return patience->left <= 0 ? 0 : (int)((patience->left + 999999) / 1000000);
}

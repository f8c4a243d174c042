/*
 * progress.h - one line on a terminal, redrawn while a run lasts.
 */
#ifndef TCBCK_PROGRESS_H
#define TCBCK_PROGRESS_H

#include "judge/check.h"

struct tcbck_progress;

/*
 * Starts to draw the counters on `descriptor`: after a second, then five times a second: objects and bytes done, of
 * the total, rate, time left. `counters` must
 * outlive it. 0, or a negative errno when no thread can be had: then there is no line, which is no error.
 */
int tcbck_progress_start(int descriptor, struct tcbck_check_counters *counters, struct tcbck_progress **ret);

/* Wipes the line and ends it. NULL is allowed. After this nothing more is drawn, so that findings never mix with it. */
void tcbck_progress_stop(struct tcbck_progress *progress);

#endif

/*
 * change.h - the updating modes: -a, -d, -l.
 */
#ifndef TCBCK_CHANGE_H
#define TCBCK_CHANGE_H

#include "setup.h"

/*
 * Does the update that the run's options ask for, and says what became of it. 0, or a negative errno with `err` set when
 * the update as a whole failed.
 */
int tcbck_change(struct tcbck_run *run, struct sysck_err *err);

#endif

/*
 * json.h - events as JSON (RFC 8259), one object a line.
 */
#ifndef TCBCK_JSON_H
#define TCBCK_JSON_H

#include "report/report.h"

/* Makes the sink; it writes to `descriptor`, which stays the caller's. `fixed`: tell what was fixed. 0 or -ENOMEM. */
int tcbck_json_new(int descriptor, bool fixed, struct tcbck_sink *ret);

#endif

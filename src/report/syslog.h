/*
 * syslog.h - findings and updates as lines for the system's logger.
 *
 * A sender of our own: syslog(3) waits for ever when the logger has stopped, and says nothing when there is none.
 */
#ifndef TCBCK_SYSLOG_H
#define TCBCK_SYSLOG_H

#include "report/report.h"

/* The logger's socket. */
#define TCBCK_SYSLOG_SOCKET "/dev/log"

struct tcbck_syslog_options {
	const char *socket;      /* path of the logger's socket; the string must outlive the sink */
	struct sysck_slice root; /* as tcbck_recorder_new() takes it */
};

/*
 * Makes the sink: each finding is a line of facility authpriv, warning, or notice if nothing is left to be done about it; each
 * update a notice; in the form of RFC 3164, `<PRI>Mon dd hh:mm:ss tcbck[PID]: ` and what record.h says, less than 1,000
 * bytes in all. The socket is opened and connected here as far as the logger is there, so a process may give up rights
 * afterwards; later only send, poll, and, when the logger starts anew, close, socket, connect are needed.
 *
 * A logger that is stopped, full or missing is waited for one second in all (patience.h); what could not be sent is
 * counted and told once, by the sink's settle(). That there is no logger is no error here. Returns 0, -ENOMEM, or as
 * tcbck_recorder_new().
 */
int tcbck_syslog_new(const struct tcbck_syslog_options *options, struct tcbck_sink *ret);

#endif

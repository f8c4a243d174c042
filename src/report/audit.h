/*
 * audit.h - findings and updates as records of the Linux audit system.
 */
#ifndef TCBCK_AUDIT_H
#define TCBCK_AUDIT_H

#include "report/report.h"

/*
 * Makes the sink. Each finding is a record ANOM_RBAC_INTEGRITY_FAIL with `op=TCBCK_Check file= error= status=`, its result
 * `failed`, or `success` if nothing is left to be done about it; each update a record USYS_CONFIG with `op=TCBCK_Update
 * file= function=`. The kernel adds the ids of who calls, the login's above all, libaudit the program and the terminal. A name
 * is encoded by libaudit; one that would not fit is cut, and `digest=` of the whole follows (record.h). `root`: as
 * tcbck_recorder_new() takes it.
 *
 * Where the audit system is absent, off, or not for this process to write to, records are not written, which is no
 * error: it cannot be told from a system where nobody wants them. Records that the audit system took and lost, or that
 * could not be put to it for another reason, are counted and told once by settle(). A daemon that has stopped reading makes
 * the kernel hold up whoever writes, by more than half a second each time: when that was a second (patience.h), no more is
 * written.
 *
 * The netlink socket is opened here, before a process gives up rights. Writing needs CAP_AUDIT_WRITE, sendto, poll, recvfrom,
 * and once readlink of /proc/self/exe and the name of the terminal. Returns 0, -ENOMEM, or as tcbck_recorder_new().
 */
int tcbck_audit_new(struct sysck_slice root, struct tcbck_sink *ret);

/*
 * True if the kernel says that its audit system is off (auditctl -e 0): it would throw each record away. Telling that takes
 * CAP_AUDIT_CONTROL; false where it is not known. Waits a tenth of a second at most.
 */
bool tcbck_audit_is_off(void);

#endif

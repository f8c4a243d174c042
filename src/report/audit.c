/*
 * audit.c - findings and updates as records of the Linux audit system.
 *
 * Knows libaudit, and nobody else does. Must never block, write half a record, or complain where there is no audit system.
 */
#include "report/audit.h"

#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/patience.h"
#include "report/record.h"

/*
 * Longest name in its encoded form. A record of more than AUDIT_MESSAGE_TEXT_MAX (8,560) bytes loses its end; what libaudit
 * adds, the path of the program above all, has the rest.
 */
#define NAME_MAX_ENCODED 6000
/*
 * A record that takes no longer than this was not held up, and one that was taken gives as much back: a daemon that takes 500 a
 * second is waited for. Nanoseconds.
 */
#define SHARE INT64_C(2000000)

struct audit {
	int descriptor; /* -1: nobody takes records, or: */
	int unopened;   /* why there is no descriptor, though there is an audit system */
	struct tcbck_recorder *recorder;
	struct tcbck_patience patience;
	struct sysck_buf message;
	char terminal[80]; /* of standard input, output or error, as libaudit would tell with each record; or empty */
	size_t events;
	size_t lost;
	int error; /* why the first one was lost */
};

/* Is there no audit system, or none for us? */
static bool is_absent(int error)
{
	return error == -EPERM || error == -EACCES || error == -ECONNREFUSED || error == -EPROTONOSUPPORT ||
	       error == -EAFNOSUPPORT || error == -ENOSYS;
}

/*
 * Appends ` file=NAME` as libaudit writes it: in quotes, or in hexadecimal digits if there is a blank, a quote or anything
 * unprintable in it. Adds to `tail` what has to follow if the name is cut.
 */
static int add_file(struct audit *audit, struct sysck_slice file, struct sysck_buf *tail)
{
	size_t limit = file.len <= (size_t)INT32_MAX && audit_value_needs_encoding(file.data, (unsigned)file.len)
			       ? NAME_MAX_ENCODED / 2
			       : NAME_MAX_ENCODED;
	char digest[TCBCK_RECORD_DIGEST_MAX], *name, *encoded;
	int r;

	if (file.len > limit) {
		r = tcbck_record_digest(audit->recorder, file, digest);
		if (r < 0)
			return r;
		sysck_buf_add_format(tail, " digest=%s", digest);
		/* What is left of it may need more room than what was looked at, never more than this. */
		file.len = NAME_MAX_ENCODED / 2;
	}
	name = strndup(file.data, file.len);
	encoded = name == NULL ? NULL : audit_encode_nv_string("file", name, (unsigned)file.len);
	free(name);
	if (encoded == NULL)
		return -ENOMEM;
	sysck_buf_add_char(&audit->message, ' ');
	sysck_buf_add_text(&audit->message, encoded);
	free(encoded);
	return 0;
}

static int write_message(struct audit *audit, const struct tcbck_record *record)
{
	struct sysck_buf tail = SYSCK_BUF_INIT;
	int r;

	sysck_buf_clear(&audit->message);
	sysck_buf_add_format(&audit->message, "op=%s", record->operation);
	r = add_file(audit, record->file, &tail);
	sysck_buf_add_format(&audit->message, " %s", record->details);
	sysck_buf_add_slice(&audit->message, sysck_buf_slice(&tail));
	sysck_buf_add_char(&audit->message, '\0');
	if (r == 0)
		r = sysck_buf_error(&tail) < 0 ? -ENOMEM : sysck_buf_error(&audit->message);
	sysck_buf_done(&tail);
	return r;
}

/* Puts the message to the kernel. 0, or why that could not be done. */
static int send_message(struct audit *audit, int type, bool success)
{
	struct timespec begun = tcbck_patience_now();
	int r;

	if (audit->patience.left <= 0)
		return -EAGAIN;
	errno = 0;
	r = audit_log_user_message(audit->descriptor, type, audit->message.data, NULL, NULL, audit->terminal, success);
	/* 0: libaudit keeps from us what a program that need not know is not told; errno has it. */
	if (r <= 0)
		r = errno != 0 ? -errno : r < 0 ? r : -EPERM;
	tcbck_patience_spend(&audit->patience, begun, SHARE);
	if (r < 0)
		return r;
	tcbck_patience_earn(&audit->patience, SHARE);
	return 0;
}

static int send_record(struct audit *audit, int type, const struct tcbck_record *record)
{
	int r = audit->unopened;

	if (r == 0)
		r = write_message(audit, record);
	return r == 0 ? send_message(audit, type, record->settled) : r;
}

/* One event more. `r`: why it is lost, or 0. */
static void count_event(struct audit *audit, int r)
{
	if (is_absent(r)) {
		audit_close(audit->descriptor);
		audit->descriptor = -1;
		return;
	}
	audit->events++;
	if (r < 0 && audit->lost++ == 0)
		audit->error = r;
}

static bool is_wanted(const struct audit *audit)
{
	return audit->descriptor >= 0 || audit->unopened < 0;
}

static void tell_finding(void *context, const struct tcbck_finding *finding, struct sysck_slice file)
{
	struct audit *audit = context;
	struct tcbck_record record;
	int r;

	(void)file;
	if (!is_wanted(audit))
		return;
	r = tcbck_record_finding(audit->recorder, finding, &record);
	count_event(audit, r < 0 ? r : send_record(audit, AUDIT_ANOM_RBAC_INTEGRITY_FAIL, &record));
}

static void tell_update(void *context, struct sysck_slice path, const char *function)
{
	struct audit *audit = context;
	struct tcbck_record record;
	int r;

	if (!is_wanted(audit))
		return;
	r = tcbck_record_update(audit->recorder, path, function, &record);
	count_event(audit, r < 0 ? r : send_record(audit, AUDIT_USYS_CONFIG, &record));
}

static int settle(void *context, struct sysck_err *err)
{
	const struct audit *audit = context;

	if (audit->lost == 0)
		return 0;
	return sysck_err_errno(err, audit->error, "audit: %zu of %zu records could not be written", audit->lost, audit->events);
}

static void free_audit(void *context)
{
	struct audit *audit = context;

	if (audit->descriptor >= 0)
		audit_close(audit->descriptor);
	tcbck_recorder_free(audit->recorder);
	sysck_buf_done(&audit->message);
	free(audit);
}

/* Libaudit would ask three descriptors for each record. */
static void find_terminal(struct audit *audit)
{
	static const char devices[] = "/dev/";
	char name[64];

	for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
		if (ttyname_r(descriptor, name, sizeof(name)) == 0) {
			bool below = strncmp(name, devices, sizeof(devices) - 1) == 0;

			(void)snprintf(audit->terminal, sizeof(audit->terminal), "%s",
				       below ? name + sizeof(devices) - 1 : name);
			return;
		}
}

bool tcbck_audit_is_off(void)
{
	int descriptor = audit_open();
	struct audit_reply reply = { .type = 0 };
	bool off = false;

	if (descriptor < 0)
		return false;
	/* Who may not ask gets an error for an answer. */
	if (audit_request_status(descriptor) > 0) {
		struct pollfd ready = { descriptor, POLLIN, 0 };

		if (poll(&ready, 1, 100) == 1 && audit_get_reply(descriptor, &reply, GET_REPLY_NONBLOCKING, 0) > 0)
			off = reply.type == AUDIT_GET && reply.status->enabled == 0;
	}
	audit_close(descriptor);
	return off;
}

int tcbck_audit_new(struct sysck_slice root, struct tcbck_sink *ret)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	int r = audit == NULL ? -ENOMEM : tcbck_recorder_new(root, &audit->recorder);

	if (r < 0) {
		free(audit);
		return r;
	}
	audit->patience.left = TCBCK_PATIENCE;
	find_terminal(audit);
	/* By default libaudit complains by syslog(3), which may never return. */
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	audit->descriptor = audit_open();
	/* For want of memory or descriptors: every record is lost. (-EINVAL: a kernel without it, in libaudit's words.) */
	if (audit->descriptor < 0 && !is_absent(-errno) && errno != EINVAL)
		audit->unopened = -errno;
	*ret = (struct tcbck_sink){
		.finding = tell_finding,
		.update = tell_update,
		.settle = settle,
		.free = free_audit,
	};
	ret->context = audit;
	return 0;
}

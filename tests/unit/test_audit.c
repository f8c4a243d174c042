/*
 * test_audit.c - tests of src/report/audit.c: what libaudit is handed, and what becomes of its failures.
 *
 * The unit tests are linked with --wrap for the functions below, so no record of theirs gets to the kernel. (Records in the
 * kernel: tests/cli/audit.t.)
 */
#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/audit.h"
#include "report/record.h"
#include "scratch.h"
#include "suites.h"

int __wrap_audit_open(void);
void __wrap_audit_close(int fd);
int __wrap_audit_log_user_message(int audit_fd, int type, const char *message, const char *hostname, const char *addr,
				  const char *tty, int result);

/* What stands in for the audit system. */
static struct {
	int open_error; /* errno of audit_open(); 0: it works */
	int error;      /* errno of each record from number `failing` on; 0: it works */
	int returned;   /* what it then returns */
	unsigned failing;
	unsigned delay; /* of each record; milliseconds */
	unsigned records;
	unsigned closed;
	int type;
	int result;
	char message[10000];
} kernel;

int __wrap_audit_open(void)
{
	errno = kernel.open_error;
	return kernel.open_error != 0 ? -1 : dup(STDERR_FILENO);
}

void __wrap_audit_close(int fd)
{
	kernel.closed++;
	(void)close(fd);
}

int __wrap_audit_log_user_message(int audit_fd, int type, const char *message, const char *hostname, const char *addr,
				  const char *tty, int result)
{
	CU_ASSERT_TRUE(audit_fd >= 0);
	CU_ASSERT_PTR_NULL(hostname);
	CU_ASSERT_PTR_NULL(addr);
	CU_ASSERT_TRUE(tty != NULL && strncmp(tty, "/dev/", 5) != 0);
	if (kernel.delay > 0)
		(void)poll(NULL, 0, (int)kernel.delay);
	kernel.records++;
	kernel.type = type;
	kernel.result = result;
	(void)snprintf(kernel.message, sizeof(kernel.message), "%s", message);
	if (kernel.error != 0 && kernel.records >= kernel.failing) {
		errno = kernel.error;
		return kernel.returned;
	}
	return (int)kernel.records;
}

static struct tcbck_sink new_sink(const char *root)
{
	struct tcbck_sink sink;

	CU_ASSERT_EQUAL_FATAL(tcbck_audit_new(sysck_slice_of(root), &sink), 0);
	return sink;
}

static void tell(const struct tcbck_sink *sink, struct sysck_slice path)
{
	const struct tcbck_finding finding = { .kind = SYSCK_ATTR_MODE, .path = path };

	sink->finding(sink->context, &finding, SYSCK_SLICE("db"));
}

static void begin(void)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.failing = 1;
}

static void findings_and_updates_are_records(void)
{
	struct tcbck_finding finding = { .kind = SYSCK_ATTR_MODE,
					 .path = SYSCK_SLICE("/bin/boo"),
					 .outcome = TCBCK_OUTCOME_FIXED };
	struct tcbck_sink sink;
	struct sysck_err err;

	begin();
	sink = new_sink("");
	tell(&sink, SYSCK_SLICE("/bin/boo"));
	CU_ASSERT_EQUAL(kernel.type, AUDIT_ANOM_RBAC_INTEGRITY_FAIL);
	CU_ASSERT_EQUAL(kernel.result, 0);
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Check file=\"/bin/boo\" error=mode status=reported");
	sink.finding(sink.context, &finding, SYSCK_SLICE("db"));
	CU_ASSERT_EQUAL(kernel.result, 1);
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Check file=\"/bin/boo\" error=mode status=fixed");
	sink.update(sink.context, SYSCK_SLICE("/bin/boo"), "register");
	CU_ASSERT_EQUAL(kernel.type, AUDIT_USYS_CONFIG);
	CU_ASSERT_EQUAL(kernel.result, 1);
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Update file=\"/bin/boo\" function=register");
	CU_ASSERT_EQUAL(sink.settle(sink.context, &err), 0);
	sink.free(sink.context);
	CU_ASSERT_EQUAL(kernel.closed, 1);
	CU_ASSERT_EQUAL(kernel.records, 3);
	sink = new_sink("/mnt");
	tell(&sink, SYSCK_SLICE("/bin/boo"));
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Check file=\"/mnt/bin/boo\" error=mode status=reported");
	sink.free(sink.context);
}

static void hostile_names_are_encoded(void)
{
	struct tcbck_sink sink;

	begin();
	sink = new_sink("");
	tell(&sink, SYSCK_SLICE("/a b\n\"\377"));
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Check file=2F6120620A22FF error=mode status=reported");
	/* Nothing of a longer name before it. */
	tell(&sink, SYSCK_SLICE("/x"));
	CU_ASSERT_STRING_EQUAL(kernel.message, "op=TCBCK_Check file=\"/x\" error=mode status=reported");
	sink.free(sink.context);
}

/* A record has 8,560 bytes in the kernel; what libaudit adds needs some. */
static void no_record_is_too_long(void)
{
	static char name[20000];
	struct tcbck_sink sink;
	size_t cut = 0;

	begin();
	sink = new_sink("");
	/* All of it plain, all of it not, and not before the place where it is cut. */
	for (unsigned kind = 0; kind < 3; kind++)
		for (size_t len = 2; len <= sizeof(name); len += 1 + len / 50) {
			bool whole = len <= (kind == 0 ? 6000 : 3000), has_digest;

			memset(name, kind == 1 ? '\n' : 'a', len);
			name[0] = '/';
			name[len - 1] = kind == 2 ? '\n' : name[len - 1];
			tell(&sink, (struct sysck_slice){ name, len });
			CU_ASSERT_TRUE(strlen(kernel.message) < 6300);
			has_digest = strstr(kernel.message, " error=mode status=reported digest=sha256:") != NULL;
			CU_ASSERT_EQUAL(has_digest, !whole);
			cut += !whole;
		}
	CU_ASSERT_TRUE(cut > 100);
	sink.free(sink.context);
}

/* No audit system, or none for us: as if there were none, and not asked again. */
static void absence_is_silent(void)
{
	static const int errors[] = { EPERM, ECONNREFUSED, EPROTONOSUPPORT, EAFNOSUPPORT, EACCES };
	struct tcbck_sink sink;
	struct sysck_err err;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (int returned = -errors[i]; returned <= 0; returned += errors[i]) {
			begin();
			kernel.error = errors[i];
			kernel.returned = returned;
			sink = new_sink("");
			tell(&sink, SYSCK_SLICE("/x"));
			tell(&sink, SYSCK_SLICE("/x"));
			CU_ASSERT_EQUAL(kernel.records, 1);
			CU_ASSERT_EQUAL(sink.settle(sink.context, &err), 0);
			sink.free(sink.context);
			CU_ASSERT_EQUAL(kernel.closed, 1);
		}
		begin();
		kernel.open_error = errors[i];
		sink = new_sink("");
		tell(&sink, SYSCK_SLICE("/x"));
		CU_ASSERT_EQUAL(kernel.records, 0);
		CU_ASSERT_EQUAL(sink.settle(sink.context, &err), 0);
		sink.free(sink.context);
		CU_ASSERT_EQUAL(kernel.closed, 0);
	}
	/* What libaudit says of a kernel without it. */
	begin();
	kernel.open_error = EINVAL;
	sink = new_sink("");
	tell(&sink, SYSCK_SLICE("/x"));
	CU_ASSERT_EQUAL(sink.settle(sink.context, &err), 0);
	sink.free(sink.context);
}

/* Any other failure is told once, with how much was lost. */
static void failure_is_told(void)
{
	struct tcbck_sink sink;
	struct sysck_err err;

	begin();
	kernel.error = ENOBUFS;
	kernel.returned = -ENOBUFS;
	kernel.failing = 3;
	sink = new_sink("");
	for (int i = 0; i < 5; i++)
		tell(&sink, SYSCK_SLICE("/x"));
	CU_ASSERT_EQUAL(kernel.records, 5);
	CU_ASSERT_EQUAL(sink.settle(sink.context, &err), -ENOBUFS);
	CU_ASSERT_TRUE(scratch_says(err.text, "audit: 3 of 5 records could not be written: "));
	sink.free(sink.context);
	begin();
	kernel.open_error = EMFILE;
	sink = new_sink("");
	tell(&sink, SYSCK_SLICE("/x"));
	CU_ASSERT_EQUAL(sink.settle(sink.context, &err), -EMFILE);
	CU_ASSERT_TRUE(scratch_says(err.text, "audit: 1 of 1 records could not be written: "));
	sink.free(sink.context);
}

/* The daemon has stopped: each record is held up. */
static void being_held_up_ends_after_a_second(void)
{
	struct timespec begun, ended;
	struct tcbck_sink sink;
	struct sysck_err err;
	double seconds;

	begin();
	kernel.delay = 300;
	sink = new_sink("");
	(void)clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int i = 0; i < 1000; i++)
		tell(&sink, SYSCK_SLICE("/x"));
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	seconds = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
	CU_ASSERT_TRUE(seconds > 0.9);
	CU_ASSERT_TRUE(seconds < 1.8);
	CU_ASSERT_EQUAL(kernel.records, 4);
	CU_ASSERT_TRUE(sink.settle(sink.context, &err) < 0);
	CU_ASSERT_TRUE(scratch_says(err.text, "audit: 996 of 1000 records could not be written"));
	sink.free(sink.context);
}

void suite_audit(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(findings_and_updates_are_records),
		UNIT_TEST(hostile_names_are_encoded),
		UNIT_TEST(no_record_is_too_long),
		UNIT_TEST(absence_is_silent),
		UNIT_TEST(failure_is_told),
		UNIT_TEST(being_held_up_ends_after_a_second),
	};

	unit_add("audit", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_output.c - tests of src/report/output.c: all bytes arrive, in pieces and through interruptions, or it is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/output.h"
#include "scratch.h"
#include "suites.h"

#define MUCH 1000000u

static void nothing(int signal)
{
	(void)signal;
}

static char byte_at(size_t i)
{
	return (char)(i * 7 + i / 251);
}

static void fill(struct tcbck_output *output, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sysck_buf_add_char(&output->buf, byte_at(i));
		tcbck_output_pass(output);
	}
}

/* In a child: writes to a pipe that is full for a while, under a rain of signals. */
static bool writes_all(void *context)
{
	struct tcbck_output output = { .descriptor = *(int *)context, .buf = SYSCK_BUF_INIT };
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	const struct sigaction action = { .sa_handler = nothing };
	bool good;

	good = sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0;
	fill(&output, MUCH);
	good = good && tcbck_output_flush(&output) == 0;
	tcbck_output_done(&output);
	return good;
}

static void everything_arrives_in_order(void)
{
	char bytes[4096];
	size_t count = 0;
	bool same = true;
	int ends[2], status = -1;
	pid_t child;
	ssize_t n;

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	/* As a terminal that somebody made non-blocking. */
	CU_ASSERT_EQUAL(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		_exit(writes_all(&ends[1]) ? 0 : 1);
	}
	close(ends[1]);
	usleep(60000);
	while ((n = read(ends[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++, count++)
			same = same && bytes[i] == byte_at(count);
	close(ends[0]);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_TRUE(same);
	CU_ASSERT_EQUAL(count, MUCH);
}

static void little_waits_for_the_flush(void)
{
	struct tcbck_output output = { .buf = SYSCK_BUF_INIT };
	char bytes[16];
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK), 0);
	output.descriptor = ends[1];
	sysck_buf_add_text(&output.buf, "abc");
	tcbck_output_pass(&output);
	CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof(bytes)), -1);
	CU_ASSERT_EQUAL(tcbck_output_flush(&output), 0);
	CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof(bytes)), 3);
	CU_ASSERT_EQUAL(tcbck_output_flush(&output), 0);
	CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof(bytes)), -1);
	tcbck_output_done(&output);
	close(ends[0]);
	close(ends[1]);
}

/* The first failure stays, and no byte of later is written where earlier ones are lost. */
static void the_first_failure_is_remembered(void)
{
	struct tcbck_output output = { .descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC), .buf = SYSCK_BUF_INIT };
	int full = output.descriptor, ends[2];
	char bytes[16];

	CU_ASSERT_FATAL(full >= 0);
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK), 0);
	fill(&output, 70000);
	CU_ASSERT_EQUAL(output.error, -ENOSPC);
	output.descriptor = ends[1];
	sysck_buf_add_text(&output.buf, "abc");
	CU_ASSERT_EQUAL(tcbck_output_flush(&output), -ENOSPC);
	CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof(bytes)), -1);
	CU_ASSERT_EQUAL(output.buf.len, 0);
	tcbck_output_done(&output);
	close(full);
	close(ends[0]);
	close(ends[1]);
}

static void memory_that_ran_out_is_a_failure(void)
{
	struct tcbck_output output = { .descriptor = -1, .buf = SYSCK_BUF_INIT };

	output.buf.error = -ENOMEM;
	CU_ASSERT_EQUAL(tcbck_output_flush(&output), -ENOMEM);
	CU_ASSERT_EQUAL(tcbck_output_flush(&output), -ENOMEM);
	tcbck_output_done(&output);
}

void suite_output(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(everything_arrives_in_order),
		UNIT_TEST(little_waits_for_the_flush),
		UNIT_TEST(the_first_failure_is_remembered),
		UNIT_TEST(memory_that_ran_out_is_a_failure),
	};

	unit_add("output", tests, sizeof(tests) / sizeof(tests[0]));
}

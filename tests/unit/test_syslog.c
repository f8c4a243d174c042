/*
 * test_syslog.c - tests of src/report/syslog.c, with loggers that read, are slow, stopped, absent, begun anew, or a stream.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "report/syslog.h"
#include "scratch.h"
#include "suites.h"

#define LINES 3000u
#define LINE  1024u

/* A logger of the test's own. */
struct server {
	struct scratch scratch;
	char path[64];
	int descriptor; /* -1: not there */
	int type;
	pthread_t thread;
	atomic_bool stop;
	unsigned delay; /* before each line; milliseconds */
	char (*lines)[LINE];
	size_t count;
};

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_for(unsigned milliseconds)
{
	(void)poll(NULL, 0, (int)milliseconds);
}

static void listen_at(struct server *server, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->path);
	server->type = type;
	server->descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	CU_ASSERT_FATAL(server->descriptor >= 0);
	CU_ASSERT_EQUAL_FATAL(bind(server->descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		CU_ASSERT_EQUAL_FATAL(listen(server->descriptor, 5), 0);
}

static void server_begin(struct server *server)
{
	*server = (struct server){ .descriptor = -1 };
	scratch_begin(&server->scratch);
	(void)snprintf(server->path, sizeof(server->path), "%s/log", server->scratch.top);
	server->lines = calloc(LINES, sizeof(*server->lines));
	CU_ASSERT_PTR_NOT_NULL_FATAL(server->lines);
}

static void server_close(struct server *server)
{
	if (server->descriptor >= 0)
		close(server->descriptor);
	server->descriptor = -1;
	(void)unlink(server->path);
}

static void server_end(struct server *server)
{
	server_close(server);
	free(server->lines);
	scratch_end(&server->scratch);
}

static void take_line(struct server *server, const char *data, size_t len)
{
	if (server->count == LINES || len >= LINE)
		return;
	memcpy(server->lines[server->count], data, len);
	server->lines[server->count++][len] = '\0';
}

static void *read_datagrams(void *context)
{
	struct server *server = context;
	struct pollfd ready = { server->descriptor, POLLIN, 0 };
	char data[LINE];

	for (;;) {
		ssize_t n;

		if (poll(&ready, 1, 20) == 0) {
			if (atomic_load(&server->stop))
				return NULL;
			continue;
		}
		if (server->delay > 0)
			pause_for(server->delay);
		n = recv(server->descriptor, data, sizeof(data), 0);
		if (n > 0)
			take_line(server, data, (size_t)n);
	}
}

/* One connection after the other; lines end with NUL. */
static void *read_stream(void *context)
{
	struct server *server = context;
	struct pollfd ready = { server->descriptor, POLLIN, 0 };
	char data[LINE];

	for (;;) {
		size_t len = 0;
		ssize_t n;
		int connection;

		if (poll(&ready, 1, 20) == 0) {
			if (atomic_load(&server->stop))
				return NULL;
			continue;
		}
		connection = accept(server->descriptor, NULL, NULL);
		while (len < sizeof(data) && (n = read(connection, data + len, 1)) == 1) {
			if (data[len] != '\0') {
				len++;
				continue;
			}
			take_line(server, data, len);
			len = 0;
		}
		close(connection);
	}
}

static void server_start(struct server *server)
{
	atomic_store(&server->stop, false);
	CU_ASSERT_EQUAL_FATAL(
		pthread_create(&server->thread, NULL, server->type == SOCK_STREAM ? read_stream : read_datagrams, server), 0);
}

static void server_stop(struct server *server)
{
	atomic_store(&server->stop, true);
	CU_ASSERT_EQUAL_FATAL(pthread_join(server->thread, NULL), 0);
}

static struct tcbck_sink new_sink(const struct server *server)
{
	const struct tcbck_syslog_options options = { server->path, { "", 0 } };
	struct tcbck_sink sink;

	CU_ASSERT_EQUAL_FATAL(tcbck_syslog_new(&options, &sink), 0);
	return sink;
}

/* Tells findings of the files /FIRST to /FIRST+COUNT-1. */
static void tell(const struct tcbck_sink *sink, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		char path[32];
		struct tcbck_finding finding = { .kind = SYSCK_ATTR_MODE };

		(void)snprintf(path, sizeof(path), "/%u", i);
		finding.path = sysck_slice_of(path);
		sink->finding(sink->context, &finding, SYSCK_SLICE("db"));
	}
}

/* Is line `index` the one of file /`number`? */
static bool is_line(const struct server *server, size_t index, unsigned number)
{
	char part[64];

	(void)snprintf(part, sizeof(part), ": TCBCK_Check file=/%u error=mode status=reported id=", number);
	return index < server->count && strstr(server->lines[index], part) != NULL;
}

/* How many were lost, by what settle() says; 0: it says nothing. */
static unsigned long lost(const struct tcbck_sink *sink, char text[SYSCK_ERR_TEXT_MAX])
{
	struct sysck_err err;
	int r = sink->settle(sink->context, &err);

	text[0] = '\0';
	if (r == 0)
		return 0;
	memcpy(text, err.text, sizeof(err.text));
	CU_ASSERT_EQUAL_FATAL(strncmp(text, "syslog: ", 8), 0);
	return strtoul(text + 8, NULL, 10);
}

static void lines_arrive_in_order(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX], header[64];
	bool good = true;

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	server_start(&server);
	sink = new_sink(&server);
	tell(&sink, 0, 1000);
	sink.update(sink.context, SYSCK_SLICE("/bin/boo"), "add");
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL_FATAL(server.count, 1001);
	for (unsigned i = 0; i < 1000; i++)
		good = good && is_line(&server, i, i);
	CU_ASSERT_TRUE(good);
	/* authpriv.warning, authpriv.notice; then "Mmm dd hh:mm:ss " and who says it. */
	CU_ASSERT_EQUAL(strncmp(server.lines[0], "<84>", 4), 0);
	CU_ASSERT_EQUAL(strncmp(server.lines[1000], "<85>", 4), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.lines[1000], "TCBCK_Update file=/bin/boo function=add id="));
	(void)snprintf(header, sizeof(header), " tcbck[%ld]: ", (long)getpid());
	CU_ASSERT_EQUAL(strncmp(server.lines[0] + 19, header, strlen(header)), 0);
	CU_ASSERT_TRUE(server.lines[0][7] == ' ' && server.lines[0][10] == ' ' && server.lines[0][13] == ':' &&
		       server.lines[0][16] == ':');
	CU_ASSERT_PTR_NOT_NULL(strstr("JanFebMarAprMayJunJulAugSepOctNovDec",
				      (char[]){ server.lines[0][4], server.lines[0][5], server.lines[0][6], '\0' }));
	server_end(&server);
}

/* What is fixed or accepted is a notice. */
static void what_is_settled_is_a_notice(void)
{
	struct tcbck_finding finding = { .path = SYSCK_SLICE("/x") };
	struct server server;
	struct tcbck_sink sink;

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	server_start(&server);
	sink = new_sink(&server);
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		finding.outcome = (enum tcbck_outcome)i;
		sink.finding(sink.context, &finding, SYSCK_SLICE("db"));
	}
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL_FATAL(server.count, TCBCK_OUTCOME_COUNT);
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		CU_ASSERT_EQUAL(server.lines[i][2],
				i == TCBCK_OUTCOME_FIXED || i == TCBCK_OUTCOME_DATABASE_UPDATED ? '5' : '4');
	server_end(&server);
}

static void the_longest_is_short_enough(void)
{
	static char name[4000];
	const struct tcbck_finding finding = { .path = { name, sizeof(name) } };
	struct server server;
	struct tcbck_sink sink;

	memset(name, '\n', sizeof(name));
	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	server_start(&server);
	sink = new_sink(&server);
	sink.finding(sink.context, &finding, SYSCK_SLICE("db"));
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL_FATAL(server.count, 1);
	CU_ASSERT_TRUE(strlen(server.lines[0]) < 1000);
	CU_ASSERT_PTR_NOT_NULL(strstr(server.lines[0], " digest=sha256:"));
	server_end(&server);
}

/* Nobody reads: what is in the socket's queue counts as sent, the rest is lost, after a second in all. */
static void a_stopped_reader_costs_a_second(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	double begun;
	unsigned long missing;

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	sink = new_sink(&server);
	begun = now();
	tell(&sink, 0, 2000);
	CU_ASSERT_TRUE(now() - begun > 0.9);
	CU_ASSERT_TRUE(now() - begun < 1.5);
	missing = lost(&sink, text);
	CU_ASSERT_TRUE(missing > 0 && missing < 2000);
	CU_ASSERT_TRUE(scratch_says(text, " of 2000 events could not be sent to "));
	CU_ASSERT_TRUE(scratch_says(text, ": Resource temporarily unavailable"));
	/* It was waited for; that it reads again is noticed all the same. */
	server_start(&server);
	pause_for(200);
	tell(&sink, 2000, 1);
	server_stop(&server);
	CU_ASSERT_EQUAL(server.count, 2000 - missing + 1);
	CU_ASSERT_TRUE(is_line(&server, server.count - 1, 2000));
	sink.free(sink.context);
	server_end(&server);
}

/* A logger takes ten lines more, and goes. */
static void take_ten(struct server *server, const struct tcbck_sink *sink, unsigned first)
{
	listen_at(server, SOCK_DGRAM);
	server_start(server);
	tell(sink, first, 10);
	server_stop(server);
	server_close(server);
}

static void a_missing_logger_costs_a_second(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	double begun = now();

	server_begin(&server);
	sink = new_sink(&server);
	/* Nothing to say, nothing lost, no time spent. */
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	CU_ASSERT_TRUE(now() - begun < 0.5);
	begun = now();
	tell(&sink, 0, 2000);
	CU_ASSERT_TRUE(now() - begun > 0.9);
	CU_ASSERT_TRUE(now() - begun < 1.8);
	CU_ASSERT_EQUAL(lost(&sink, text), 2000);
	CU_ASSERT_TRUE(scratch_says(text, "2000 of 2000 events could not be sent to "));
	CU_ASSERT_TRUE(scratch_says(text, ": No such file or directory"));
	/* Nothing is waited for any more, but one that is there is found; also when it begins anew. */
	pause_for(100);
	take_ten(&server, &sink, 2000);
	take_ten(&server, &sink, 2010);
	CU_ASSERT_EQUAL(lost(&sink, text), 2000);
	CU_ASSERT_EQUAL(server.count, 20);
	sink.free(sink.context);
	server_end(&server);
}

/* Its queue is always full, but it reads: it is waited for as long as that takes. */
static void a_slow_reader_loses_nothing(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	double begun = now();

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	server.delay = 5;
	server_start(&server);
	sink = new_sink(&server);
	tell(&sink, 0, 300);
	CU_ASSERT_TRUE(now() - begun > 1.2);
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL(server.count, 300);
	server_end(&server);
}

static void a_new_logger_gets_the_rest(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];

	server_begin(&server);
	sink = new_sink(&server);
	take_ten(&server, &sink, 0);
	take_ten(&server, &sink, 10);
	/* Of the other kind. */
	listen_at(&server, SOCK_STREAM);
	server_start(&server);
	tell(&sink, 20, 10);
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL_FATAL(server.count, 30);
	for (unsigned i = 0; i < 30; i++)
		CU_ASSERT_TRUE(is_line(&server, i, i));
	server_end(&server);
}

/* A stream that has ended is no reason to end, too. */
static bool outlives_a_stream(void *context)
{
	struct server *server = context;
	struct tcbck_sink sink = new_sink(server);
	int connection = accept(server->descriptor, NULL, NULL);
	char text[SYSCK_ERR_TEXT_MAX];

	(void)signal(SIGPIPE, SIG_DFL);
	close(connection);
	tell(&sink, 0, 1);
	connection = accept(server->descriptor, NULL, NULL);
	return read(connection, text, 4) == 4 && memcmp(text, "<84>", 4) == 0 && lost(&sink, text) == 0;
}

static void an_ended_stream_is_opened_again(void)
{
	struct server server;

	server_begin(&server);
	listen_at(&server, SOCK_STREAM);
	CU_ASSERT_TRUE(scratch_child(outlives_a_stream, &server));
	server_end(&server);
}

static void *start_later(void *context)
{
	struct server *server = context;

	pause_for(300);
	listen_at(server, SOCK_DGRAM);
	return NULL;
}

static void a_logger_that_comes_back_soon_misses_nothing(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	pthread_t thread;
	double begun;

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	sink = new_sink(&server);
	server_close(&server);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, start_later, &server), 0);
	begun = now();
	tell(&sink, 0, 3);
	CU_ASSERT_TRUE(now() - begun > 0.2);
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_join(thread, NULL), 0);
	server_start(&server);
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL(server.count, 3);
	server_end(&server);
}

static void a_stream_has_whole_lines(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	bool good = true;

	server_begin(&server);
	listen_at(&server, SOCK_STREAM);
	server_start(&server);
	sink = new_sink(&server);
	tell(&sink, 0, 2000);
	CU_ASSERT_EQUAL(lost(&sink, text), 0);
	sink.free(sink.context);
	server_stop(&server);
	CU_ASSERT_EQUAL_FATAL(server.count, 2000);
	for (unsigned i = 0; i < 2000; i++)
		good = good && is_line(&server, i, i);
	CU_ASSERT_TRUE(good);
	server_end(&server);
}

static void a_stopped_stream_costs_a_second(void)
{
	struct server server;
	struct tcbck_sink sink;
	char text[SYSCK_ERR_TEXT_MAX];
	double begun;
	unsigned long missing;

	server_begin(&server);
	listen_at(&server, SOCK_STREAM);
	sink = new_sink(&server);
	begun = now();
	/* Each new connection has room for some, until no more are taken. */
	tell(&sink, 0, 5000);
	CU_ASSERT_TRUE(now() - begun < 2.5);
	missing = lost(&sink, text);
	CU_ASSERT_TRUE(missing > 0);
	CU_ASSERT_TRUE(scratch_says(text, " of 5000 events"));
	sink.free(sink.context);
	server_end(&server);
}

static void nothing(int number)
{
	(void)number;
}

/* Signals do not make the second longer, nor shorter. */
static void signals_change_nothing(void)
{
	const struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { { 0, 0 }, { 0, 0 } };
	const struct sigaction action = { .sa_handler = nothing };
	struct sigaction before;
	struct server server;
	struct tcbck_sink sink;
	double begun;

	server_begin(&server);
	listen_at(&server, SOCK_DGRAM);
	sink = new_sink(&server);
	CU_ASSERT_EQUAL_FATAL(sigaction(SIGALRM, &action, &before), 0);
	CU_ASSERT_EQUAL_FATAL(setitimer(ITIMER_REAL, &often, NULL), 0);
	begun = now();
	tell(&sink, 0, 100);
	CU_ASSERT_TRUE(now() - begun > 0.9);
	CU_ASSERT_TRUE(now() - begun < 1.5);
	CU_ASSERT_EQUAL_FATAL(setitimer(ITIMER_REAL, &never, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sigaction(SIGALRM, &before, NULL), 0);
	sink.free(sink.context);
	server_end(&server);
}

void suite_syslog(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(lines_arrive_in_order),           UNIT_TEST(what_is_settled_is_a_notice),
		UNIT_TEST(the_longest_is_short_enough),     UNIT_TEST(a_stopped_reader_costs_a_second),
		UNIT_TEST(a_missing_logger_costs_a_second), UNIT_TEST(a_slow_reader_loses_nothing),
		UNIT_TEST(a_new_logger_gets_the_rest),      UNIT_TEST(a_logger_that_comes_back_soon_misses_nothing),
		UNIT_TEST(a_stream_has_whole_lines),        UNIT_TEST(an_ended_stream_is_opened_again),
		UNIT_TEST(a_stopped_stream_costs_a_second), UNIT_TEST(signals_change_nothing),
	};

	unit_add("syslog", tests, sizeof(tests) / sizeof(tests[0]));
}

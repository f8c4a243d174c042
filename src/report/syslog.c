/*
 * syslog.c - findings and updates as lines for the system's logger.
 *
 * Knows the logger's socket and how it fails: absent, full, restarted, a stream. Must never block, and never lose a record
 * without saying so.
 */
#include "report/syslog.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "report/patience.h"
#include "report/record.h"

/* How often a logger that is not there is looked for, in milliseconds. */
#define LOOK_AGAIN 20
/* What a record that has arrived gives back: a logger that takes 100 a second is waited for. */
#define EARNED INT64_C(10000000)

struct logger {
	const char *path;
	int descriptor; /* -1: not connected */
	bool stream;
	struct tcbck_recorder *recorder;
	struct tcbck_patience patience;
	struct sysck_buf line;
	struct timespec looked; /* when it was not there, the last time */
	int absence;            /* and why */
	size_t events;
	size_t lost;
	int error; /* why the first one was lost */
};

static void disconnect(struct logger *logger)
{
	if (logger->descriptor >= 0)
		close(logger->descriptor);
	logger->descriptor = -1;
}

static int connect_as(struct logger *logger, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(logger->path);
	int r = 0;

	if (len >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, logger->path, len);
	logger->descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (logger->descriptor < 0)
		return -errno;
	if (connect(logger->descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		r = -errno;
		disconnect(logger);
	}
	logger->stream = type == SOCK_STREAM;
	return r;
}

/* When nothing is waited for any more, a logger that is not there is not looked for with each record either. */
static int connect_to(struct logger *logger)
{
	int r;

	if (logger->patience.left <= 0 && logger->absence < 0 &&
	    tcbck_patience_since(logger->looked) < LOOK_AGAIN * INT64_C(1000000))
		return logger->absence;
	r = connect_as(logger, SOCK_DGRAM);
	if (r == -EPROTOTYPE)
		r = connect_as(logger, SOCK_STREAM);
	logger->absence = r;
	if (r < 0)
		logger->looked = tcbck_patience_now();
	return r;
}

/* Sends what is left of the line. 0: it is all away. */
static int send_rest(struct logger *logger, struct sysck_slice *rest)
{
	while (rest->len > 0) {
		ssize_t n = send(logger->descriptor, rest->data, rest->len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			rest->data += n;
			rest->len -= (size_t)n;
		}
	}
	return 0;
}

/* Waits until it is worth another try. False: that was long enough. */
static bool is_patient(struct logger *logger, bool full)
{
	struct timespec begun = tcbck_patience_now();
	struct pollfd ready = { logger->descriptor, POLLOUT, 0 };
	int left = tcbck_patience_milliseconds(&logger->patience);

	if (left == 0)
		return false;
	/* A signal, or a logger that goes away meanwhile, is met by the next try. */
	if (full)
		(void)poll(&ready, 1, left);
	else
		(void)poll(NULL, 0, left < LOOK_AGAIN ? left : LOOK_AGAIN);
	tcbck_patience_spend(&logger->patience, begun, 0);
	return true;
}

/* The line as the connection takes it: in a stream it ends with NUL, as syslog(3) ends it. */
static struct sysck_slice whole_line(const struct logger *logger)
{
	return (struct sysck_slice){ logger->line.data, logger->line.len - (logger->stream ? 0 : 1) };
}

static bool is_final(int error)
{
	return error == -EMSGSIZE || error == -ENAMETOOLONG || error == -EACCES || error == -EPERM;
}

/* Gets the line to the logger. 0, or why that could not be done. */
static int deliver(struct logger *logger)
{
	struct sysck_slice rest = whole_line(logger);
	bool fresh, full;
	int r;

	do {
		r = 0;
		fresh = logger->descriptor < 0;
		if (fresh) {
			r = connect_to(logger);
			rest = whole_line(logger);
		}
		if (r == 0)
			r = send_rest(logger, &rest);
		if (r == 0 || is_final(r))
			return r;
		full = logger->descriptor >= 0 && (r == -EAGAIN || r == -ENOBUFS);
		/* Whatever else it is: the logger that was connected is gone. Another one may already be there. */
		if (!full)
			disconnect(logger);
	} while ((!fresh && !full) || is_patient(logger, full));
	/* Half of a line in a stream must not become a part of the next one. */
	if (logger->stream)
		disconnect(logger);
	return r;
}

/* RFC 3164's header, with the month in English whatever the locale. */
static void begin_line(struct logger *logger, int priority)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;

	sysck_buf_clear(&logger->line);
	if (localtime_r(&now, &tm) == NULL)
		tm = (struct tm){ .tm_mday = 1 };
	sysck_buf_add_format(&logger->line, "<%d>%.3s %2d %02d:%02d:%02d tcbck[%ld]: ", LOG_AUTHPRIV | priority,
			     months + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long)getpid());
}

static int send_record(struct logger *logger, const struct tcbck_record *record)
{
	int r;

	begin_line(logger, record->settled ? LOG_NOTICE : LOG_WARNING);
	r = tcbck_record_write(logger->recorder, record, &logger->line);
	sysck_buf_add_char(&logger->line, '\0');
	if (r == 0)
		r = sysck_buf_error(&logger->line);
	return r == 0 ? deliver(logger) : r;
}

/* One event more. `r`: why it is lost, or 0. */
static void count_event(struct logger *logger, int r)
{
	logger->events++;
	if (r == 0)
		tcbck_patience_earn(&logger->patience, EARNED);
	else if (logger->lost++ == 0)
		logger->error = r;
}

static void tell_finding(void *context, const struct tcbck_finding *finding, struct sysck_slice file)
{
	struct logger *logger = context;
	struct tcbck_record record;
	int r = tcbck_record_finding(logger->recorder, finding, &record);

	(void)file;
	count_event(logger, r < 0 ? r : send_record(logger, &record));
}

static void tell_update(void *context, struct sysck_slice path, const char *function)
{
	struct logger *logger = context;
	struct tcbck_record record;
	int r = tcbck_record_update(logger->recorder, path, function, &record);

	count_event(logger, r < 0 ? r : send_record(logger, &record));
}

static int settle(void *context, struct sysck_err *err)
{
	const struct logger *logger = context;
	char quoted[SYSCK_QUOTE_MAX];

	if (logger->lost == 0)
		return 0;
	return sysck_err_errno(err, logger->error, "syslog: %zu of %zu events could not be sent to %s", logger->lost,
			       logger->events, sysck_quote(sysck_slice_of(logger->path), quoted, sizeof(quoted)));
}

static void free_log(void *context)
{
	struct logger *logger = context;

	disconnect(logger);
	tcbck_recorder_free(logger->recorder);
	sysck_buf_done(&logger->line);
	free(logger);
}

int tcbck_syslog_new(const struct tcbck_syslog_options *options, struct tcbck_sink *ret)
{
	struct logger *logger = calloc(1, sizeof(*logger));
	int r = logger == NULL ? -ENOMEM : tcbck_recorder_new(options->root, &logger->recorder);

	if (r < 0) {
		free(logger);
		return r;
	}
	logger->path = options->socket;
	logger->descriptor = -1;
	logger->patience.left = TCBCK_PATIENCE;
	/* Reads the time zone now; a logger that is not there is looked for when there is something to say. */
	tzset();
	(void)connect_to(logger);
	*ret = (struct tcbck_sink){
		.finding = tell_finding,
		.update = tell_update,
		.settle = settle,
		.free = free_log,
	};
	ret->context = logger;
	return 0;
}

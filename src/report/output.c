/*
 * output.c - bytes on their way to a descriptor.
 *
 * Knows write(2) and its partial successes; remembers the first failure. Must not know what the bytes say.
 */
#include "report/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENOUGH 65536
/* Milliseconds between two looks at *stop, and how many looks a stopped run waits for. */
#define LOOK_MS 100
#define LOOKS   10

static bool is_stopped(const struct tcbck_output *output)
{
	return output->stop != NULL && atomic_load_explicit(output->stop, memory_order_relaxed);
}

/* A signal that came just before write(2) would not end it: what may block is not begun before there is room. */
static int wait_for_room(const struct tcbck_output *output)
{
	struct pollfd ready = { output->descriptor, POLLOUT, 0 };
	int looks = 0, n;

	do {
		n = poll(&ready, 1, LOOK_MS);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n == 0 && is_stopped(output) && ++looks == LOOKS)
			return -ECANCELED;
	} while (n <= 0);
	return 0;
}

/* A pipe that has room takes PIPE_BUF bytes; files take all there is. */
static int write_some(const struct tcbck_output *output, struct sysck_slice *rest, bool waits)
{
	int r = waits ? wait_for_room(output) : 0;
	ssize_t n;

	if (r < 0)
		return r;
	n = write(output->descriptor, rest->data, waits && rest->len > PIPE_BUF ? PIPE_BUF : rest->len);
	if (n >= 0) {
		rest->data += n;
		rest->len -= (size_t)n;
		return 0;
	}
	/* Whoever shares the terminal may have made it non-blocking. */
	return errno == EINTR || errno == EAGAIN ? 0 : -errno;
}

int tcbck_output_flush(struct tcbck_output *output)
{
	struct sysck_slice rest = sysck_buf_slice(&output->buf);
	struct stat st;
	bool waits = rest.len > 0 && fstat(output->descriptor, &st) == 0 && !S_ISREG(st.st_mode);

	if (output->error == 0)
		output->error = sysck_buf_error(&output->buf);
	while (output->error == 0 && rest.len > 0)
		output->error = write_some(output, &rest, waits);
	sysck_buf_clear(&output->buf);
	return output->error;
}

void tcbck_output_pass(struct tcbck_output *output)
{
	if (output->buf.len >= ENOUGH)
		(void)tcbck_output_flush(output);
}

void tcbck_output_done(struct tcbck_output *output)
{
	sysck_buf_done(&output->buf);
}

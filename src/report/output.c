/*
 * output.c - bytes on their way to a descriptor.
 *
 * Knows write(2) and its partial successes; remembers the first failure. Must not know what the bytes say.
 */
#include "report/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define ENOUGH 65536

static int write_some(int descriptor, struct sysck_slice *rest)
{
	ssize_t n = write(descriptor, rest->data, rest->len);
	struct pollfd ready = { descriptor, POLLOUT, 0 };

	if (n >= 0) {
		rest->data += n;
		rest->len -= (size_t)n;
		return 0;
	}
	if (errno == EINTR)
		return 0;
	/* Whoever shares the terminal may have made it non-blocking; a signal may end the waiting. */
	if (errno == EAGAIN && (poll(&ready, 1, -1) >= 0 || errno == EINTR))
		return 0;
	return -errno;
}

int tcbck_output_flush(struct tcbck_output *output)
{
	struct sysck_slice rest = sysck_buf_slice(&output->buf);

	if (output->error == 0)
		output->error = sysck_buf_error(&output->buf);
	while (output->error == 0 && rest.len > 0)
		output->error = write_some(output->descriptor, &rest);
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

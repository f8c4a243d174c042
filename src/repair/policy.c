/*
 * policy.c - what is done about findings, and the question of -t.
 *
 * Knows the four policies and the answers of a person. Must never take silence, or a broken line, for a yes.
 */
#include "repair/policy.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "observe/crew.h"

static const struct {
	const char *option;
	bool repairs, asks, tells_fixed;
} policies[] = {
	[TCBCK_POLICY_REPORT] = { "-n", false, false, true },
	[TCBCK_POLICY_FIX_SILENTLY] = { "-p", true, false, false },
	[TCBCK_POLICY_ASK] = { "-t", true, true, true },
	[TCBCK_POLICY_FIX] = { "-y", true, false, true },
};

const char *tcbck_policy_option(enum tcbck_policy policy)
{
	return policies[policy].option;
}

bool tcbck_policy_repairs(enum tcbck_policy policy)
{
	return policies[policy].repairs;
}

bool tcbck_policy_asks(enum tcbck_policy policy)
{
	return policies[policy].asks;
}

bool tcbck_policy_tells_fixed(enum tcbck_policy policy)
{
	return policies[policy].tells_fixed;
}

struct tcbck_asker {
	struct tcbck_asker_options options;
	bool fix[TCBCK_KIND_COUNT];
	bool leave[TCBCK_KIND_COUNT];
	bool quit;
};

int tcbck_asker_new(const struct tcbck_asker_options *options, struct tcbck_asker **ret)
{
	struct tcbck_asker *asker = calloc(1, sizeof(*asker));

	if (asker == NULL)
		return -ENOMEM;
	asker->options = *options;
	*ret = asker;
	return 0;
}

void tcbck_asker_free(struct tcbck_asker *asker)
{
	free(asker);
}

static bool is_stopped(const struct tcbck_asker *asker)
{
	return tcbck_crew_is_stopped(asker->options.stop);
}

/* False if the question could not be shown: then it is not asked. */
static bool show(const struct tcbck_asker *asker, const struct sysck_buf *text)
{
	size_t done = 0;

	while (sysck_buf_error(text) == 0 && done < text->len) {
		struct pollfd ready = { asker->options.output, POLLOUT, 0 };
		size_t some = text->len - done < PIPE_BUF ? text->len - done : PIPE_BUF;
		ssize_t n;

		/* On a terminal that is stopped nobody sees a question. */
		if (poll(&ready, 1, 500) <= 0) {
			if (is_stopped(asker))
				return false;
			continue;
		}
		n = write(asker->options.output, text->data + done, some);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return sysck_buf_error(text) == 0;
}

/* One byte of the answer: 1, or 0 at the end of input, after a signal, or when input fails. */
static int read_byte(const struct tcbck_asker *asker, char *ret)
{
	for (;;) {
		struct pollfd ready = { asker->options.input, POLLIN, 0 };
		ssize_t n;

		if (is_stopped(asker))
			return 0;
		/* A signal that comes between the look and the wait is seen after half a second. */
		if (poll(&ready, 1, 500) <= 0)
			continue;
		n = read(asker->options.input, ret, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		return n > 0;
	}
}

/* The answer in lower case, without blanks at its edges. False at the end of input: also in the middle of a line. */
static bool read_line(const struct tcbck_asker *asker, char line[TCBCK_ANSWER_MAX], struct sysck_slice *ret)
{
	size_t len = 0;
	char c = '\0';

	while (read_byte(asker, &c) == 1) {
		if (c == '\n') {
			*ret = sysck_slice_trim((struct sysck_slice){ line, len < TCBCK_ANSWER_MAX ? len : 0 });
			return true;
		}
		if (len < TCBCK_ANSWER_MAX)
			line[len] = c;
		len += len < TCBCK_ANSWER_MAX;
	}
	return false;
}

static bool put_question(const struct tcbck_asker *asker, const char *question)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	bool shown;

	/* ECMA-48: bold on, bold off. */
	sysck_buf_add_format(&text, asker->options.colour ? "\033[1m%s\033[0m " : "%s ", question);
	shown = show(asker, &text);
	sysck_buf_done(&text);
	return shown;
}

static bool put_line(const struct tcbck_asker *asker, struct sysck_slice line)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	bool shown;

	sysck_buf_add_slice(&text, line);
	if (line.len > 0 && line.data[line.len - 1] != '\n')
		sysck_buf_add_char(&text, '\n');
	shown = show(asker, &text);
	sysck_buf_done(&text);
	return shown;
}

static enum tcbck_answer quit(struct tcbck_asker *asker)
{
	asker->quit = true;
	return TCBCK_ANSWER_QUIT;
}

/* What one line means; false: ask again. */
static bool understand(struct tcbck_asker *asker, unsigned kind, struct sysck_slice line, enum tcbck_answer *ret)
{
	if (sysck_slice_is(line, "?"))
		return false;
	*ret = TCBCK_ANSWER_LEAVE;
	if (sysck_slice_is(line, "y") || sysck_slice_is(line, "yes"))
		*ret = TCBCK_ANSWER_FIX;
	else if (sysck_slice_is(line, "u"))
		*ret = TCBCK_ANSWER_UPDATE;
	else if (sysck_slice_is(line, "q"))
		*ret = quit(asker);
	if (sysck_slice_is(line, "a")) {
		asker->fix[kind] = true;
		*ret = TCBCK_ANSWER_FIX;
	}
	if (sysck_slice_is(line, "s"))
		asker->leave[kind] = true;
	return true;
}

enum tcbck_answer tcbck_asker_ask(struct tcbck_asker *asker, unsigned kind, struct sysck_slice sentence,
				  struct sysck_slice more)
{
	enum tcbck_answer answer = TCBCK_ANSWER_LEAVE;
	char line[TCBCK_ANSWER_MAX];
	struct sysck_slice text;

	if (asker->quit || is_stopped(asker))
		return TCBCK_ANSWER_QUIT;
	if (asker->leave[kind])
		return TCBCK_ANSWER_LEAVE;
	if (asker->fix[kind])
		return TCBCK_ANSWER_FIX;
	if (!put_line(asker, sentence))
		return quit(asker);
	for (;;) {
		if (!put_question(asker, "Fix? [y,n,u,a,s,q,?]") || !read_line(asker, line, &text)) {
			(void)put_line(asker, SYSCK_SLICE("\n"));
			return quit(asker);
		}
		if (understand(asker, kind, text, &answer))
			return answer;
		if (!put_line(asker, more))
			return quit(asker);
	}
}

bool tcbck_asker_confirm(struct tcbck_asker *asker, unsigned kind)
{
	char line[TCBCK_ANSWER_MAX];
	struct sysck_slice text;

	if (asker->quit || asker->leave[kind] || is_stopped(asker))
		return false;
	if (!put_question(asker, "Update the database? [y,n]") || !read_line(asker, line, &text)) {
		(void)put_line(asker, SYSCK_SLICE("\n"));
		(void)quit(asker);
		return false;
	}
	return sysck_slice_is(text, "y") || sysck_slice_is(text, "yes");
}

bool tcbck_asker_accept(struct tcbck_asker *asker, size_t count, struct sysck_slice more)
{
	char line[TCBCK_ANSWER_MAX], sentence[128];
	struct sysck_slice text;

	if (asker->quit || is_stopped(asker))
		return false;
	(void)snprintf(sentence, sizeof(sentence), "tcbck: %zu finding%s explained by packages", count,
		       count == 1 ? " is" : "s are");
	if (!put_line(asker, sysck_slice_of(sentence))) {
		(void)quit(asker);
		return false;
	}
	for (;;) {
		if (!put_question(asker, "Accept into the database? [y,n,q,?]") || !read_line(asker, line, &text)) {
			(void)put_line(asker, SYSCK_SLICE("\n"));
			(void)quit(asker);
			return false;
		}
		if (sysck_slice_is(text, "q"))
			(void)quit(asker);
		if (!sysck_slice_is(text, "?"))
			return sysck_slice_is(text, "y") || sysck_slice_is(text, "yes");
		if (!put_line(asker, more)) {
			(void)quit(asker);
			return false;
		}
	}
}

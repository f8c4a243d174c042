/*
 * content.c - what is in one object: its checksum and its digests.
 *
 * Knows when a content has to be read again, and the administrator's own checksum command; gives the attributes that come of
 * it. Must never read what is no regular file.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "observe/digest.h"
#include "observe/look.h"
#include "observe/run.h"

/* A file that changes while it is read is read again, that many times at most. */
#define READ_AGAIN 2

static bool same_content(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Reads the content once, and looks whether it changed under the reading. `st` is of before, and of after. */
static int read_once(struct tcbck_look *look, struct stat *st, struct tcbck_content *content)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct stat after;
	int r;

	content->device = st->st_dev;
	r = tcbck_digest_read(look->observer->digester, look->pinned, (uint64_t)st->st_size, content, options->bytes_read,
			      options->stop);

	if (r < 0 && r != -EAGAIN)
		return r;
	if (fstat(look->pinned, &after) < 0)
		return -errno;
	if (look->unproven && !tcbck_look_same_object(&look->st, &after))
		return -ESTALE;
	look->unproven = false;
	if (r == 0 && !same_content(st, &after))
		r = -EAGAIN;
	*st = after;
	return r;
}

static int read_content(struct tcbck_look *look, struct tcbck_content *content)
{
	struct stat st = look->st;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i <= READ_AGAIN; i++)
		r = read_once(look, &st, content);
	if (r == 0) {
		look->st.st_size = st.st_size;
		look->st.st_mtim = st.st_mtim;
		look->st.st_ctim = st.st_ctim;
	}
	return r;
}

static void keep_sum(struct tcbck_look *look, const struct tcbck_content *content)
{
	struct sysck_checksum *checksum = &look->o->is.checksum;
	struct sysck_buf text = SYSCK_BUF_INIT;

	*checksum =
		(struct sysck_checksum){ .is_sum = true, .has_blocks = true, .sum = content->sum, .blocks = content->blocks };
	sysck_sum_write(&text, content->sum, content->blocks);
	checksum->text = tcbck_look_keep(look, sysck_buf_slice(&text));
	if (sysck_buf_error(&text) < 0)
		look->out_of_memory = true;
	sysck_buf_done(&text);
	tcbck_look_learned(look, SYSCK_ATTR_CHECKSUM);
}

static void content_failed(struct tcbck_look *look, enum sysck_attr attribute, int error)
{
	if (error == -EAGAIN)
		tcbck_look_failed_because(look, attribute, SYSCK_SLICE("changes while it is read"));
	else
		tcbck_look_failed(look, attribute, error);
}

/* Runs the checksum command, again where the file changed under it. Returns 0 or what failed, told in `err`. */
static int run_unchanged(struct tcbck_look *look, struct tcbck_run_result *result, struct sysck_err *err)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct stat before = look->st, after;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i <= READ_AGAIN; i++) {
		tcbck_run_result_done(result);
		r = tcbck_run_checksum(options->settings->checksum, look->pinned, options->settings->program_timeout,
				       options->stop, result, err);
		if (r < 0)
			return r;
		if (fstat(look->pinned, &after) < 0)
			r = sysck_err_errno(err, -errno, "cannot be examined");
		else if (!same_content(&before, &after))
			r = sysck_err_set(err, -EAGAIN, "changes while it is read");
		if (r == 0 || r == -EAGAIN)
			before = after;
	}
	if (r == 0) {
		look->st.st_size = before.st_size;
		look->st.st_mtim = before.st_mtim;
		look->st.st_ctim = before.st_ctim;
	}
	return r;
}

/* A checksum command of the administrator's own. */
static void run_checksum(struct tcbck_look *look)
{
	const struct tcbck_observer_options *options = look->observer->options;
	struct tcbck_run_result result = { 0 };
	struct sysck_err err;
	int r;

	if (!tcbck_root_is_host(options->root)) {
		tcbck_look_failed_because(look, SYSCK_ATTR_CHECKSUM, SYSCK_SLICE("no command is run for another root"));
		return;
	}
	r = run_unchanged(look, &result, &err);
	if (r < 0) {
		tcbck_look_failed_because(look, SYSCK_ATTR_CHECKSUM, tcbck_look_keep(look, sysck_slice_of(err.text)));
	} else if (result.timed_out) {
		tcbck_look_failed_because(look, SYSCK_ATTR_CHECKSUM,
					  SYSCK_SLICE("the checksum command was killed at program_timeout"));
	} else if (result.status != 0) {
		char text[64];

		(void)snprintf(text, sizeof(text), "the checksum command ended with %d", result.status);
		tcbck_look_failed_because(look, SYSCK_ATTR_CHECKSUM, tcbck_look_keep(look, sysck_slice_of(text)));
	} else if (result.output.len >= TCBCK_RUN_OUTPUT_MAX) {
		/* The rest was thrown away: two contents could look the same. */
		tcbck_look_failed_because(look, SYSCK_ATTR_CHECKSUM, SYSCK_SLICE("the checksum command prints too much"));
	} else {
		struct sysck_slice text = tcbck_look_keep(look, sysck_slice_trim(sysck_buf_slice(&result.output)));

		look->o->is.checksum = (struct sysck_checksum){ .text = text };
		tcbck_look_learned(look, SYSCK_ATTR_CHECKSUM);
	}
	tcbck_run_result_done(&result);
}

static bool wants_sum(const struct tcbck_look *look)
{
	return tcbck_look_wants(look, SYSCK_ATTR_CHECKSUM) &&
	       !(sysck_def_has(look->def, SYSCK_ATTR_CHECKSUM) && look->def->checksum.is_volatile);
}

static bool wants_hash(const struct tcbck_look *look)
{
	return tcbck_look_wants(look, SYSCK_ATTR_HASH_VALUE) &&
	       !(sysck_def_has(look->def, SYSCK_ATTR_HASH_VALUE) && look->def->hash_value.is_volatile);
}

bool tcbck_look_needs_content(const struct tcbck_look *look)
{
	return S_ISREG(look->st.st_mode) && (wants_sum(look) || wants_hash(look));
}

void tcbck_look_at_content(struct tcbck_look *look)
{
	const struct sysck_def *def = look->def;
	bool sum = wants_sum(look), hash = wants_hash(look);
	bool own_command = sum && !look->observer->options->settings->checksum_is_default;
	struct tcbck_content content = {
		.want_sum = sum && !own_command,
		.want_hash = hash,
		.want_proof = hash && look->observer->proof != SYSCK_HASH_COUNT,
		.proof = { .algorithm = look->observer->proof },
	};
	int r;

	if (!sum && !hash)
		return;
	content.hash.algorithm =
		sysck_def_has(def, SYSCK_ATTR_HASH_VALUE) ? def->hash_value.algorithm : look->observer->options->settings->hash;
	if (!look->readable)
		r = look->read_error < 0 ? look->read_error : -EACCES;
	else
		r = content.want_sum || content.want_hash ? read_content(look, &content) : 0;
	if (sum && (r < 0 || !own_command)) {
		if (r < 0)
			content_failed(look, SYSCK_ATTR_CHECKSUM, r);
		else
			keep_sum(look, &content);
	} else if (own_command) {
		run_checksum(look);
	}
	if (hash && r < 0) {
		content_failed(look, SYSCK_ATTR_HASH_VALUE, r);
	} else if (hash) {
		look->o->is.hash_value = content.hash;
		look->o->has_proof = content.want_proof;
		look->o->proof = content.proof;
		tcbck_look_learned(look, SYSCK_ATTR_HASH_VALUE);
	}
}

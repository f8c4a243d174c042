/*
 * record.c - an event in the form of the trail.
 *
 * Knows the fields of a record and how a name stands in one. Must let no byte of a name out that a reader of logs, a person
 * or a pattern, could take for something else.
 */
#include "report/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "observe/digest.h"

/* Most bytes of a name in its escaped form: what else stands in a line is less than 250. */
#define NAME_MAX_ESCAPED 600
/* 128 bits: never met twice. */
#define RUN_BYTES 16

struct tcbck_recorder {
	struct tcbck_digester *digester; /* NULL until a name is too long */
	struct sysck_buf file;           /* the root, and behind it the path in hand */
	size_t root_len;
	char run[2 * RUN_BYTES + 1];
	unsigned long count;
};

int tcbck_recorder_new(struct sysck_slice root, struct tcbck_recorder **ret)
{
	struct tcbck_recorder *recorder = calloc(1, sizeof(*recorder));
	unsigned char bytes[RUN_BYTES] = { 0 };
	int r = 0;

	if (recorder == NULL)
		return -ENOMEM;
	sysck_buf_add_slice(&recorder->file, root);
	recorder->root_len = root.len;
	r = sysck_buf_error(&recorder->file);
	/* So few bytes come whole (random(7)). */
	if (r == 0 && getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		r = -errno;
	if (r < 0) {
		tcbck_recorder_free(recorder);
		return r;
	}
	for (size_t i = 0; i < RUN_BYTES; i++)
		(void)snprintf(recorder->run + 2 * i, 3, "%02x", (unsigned)bytes[i]);
	*ret = recorder;
	return 0;
}

void tcbck_recorder_free(struct tcbck_recorder *recorder)
{
	if (recorder == NULL)
		return;
	tcbck_digester_free(recorder->digester);
	sysck_buf_done(&recorder->file);
	free(recorder);
}

static int set_file(struct tcbck_recorder *recorder, struct sysck_slice path, struct tcbck_record *ret)
{
	bool is_path = path.len > 0 && path.data[0] == '/';
	size_t begin = is_path ? 0 : recorder->root_len;

	recorder->file.len = recorder->root_len;
	sysck_buf_add_slice(&recorder->file, path);
	if (sysck_buf_error(&recorder->file) < 0) {
		/* Short of memory for this one; the next one may be shorter. The root stays in place. */
		recorder->file.error = 0;
		return -ENOMEM;
	}
	ret->file = (struct sysck_slice){ recorder->file.data + begin, recorder->file.len - begin };
	return 0;
}

int tcbck_record_finding(struct tcbck_recorder *recorder, const struct tcbck_finding *finding, struct tcbck_record *ret)
{
	ret->operation = "TCBCK_Check";
	ret->settled = !finding->unverified &&
		       (finding->outcome == TCBCK_OUTCOME_FIXED || finding->outcome == TCBCK_OUTCOME_DATABASE_UPDATED);
	(void)snprintf(ret->details, sizeof(ret->details), "error=%s status=%s", tcbck_kind_name(finding->kind),
		       finding->unverified ? "unverified" : tcbck_outcome_name(finding->outcome));
	return set_file(recorder, finding->path, ret);
}

int tcbck_record_update(struct tcbck_recorder *recorder, struct sysck_slice path, const char *function,
			struct tcbck_record *ret)
{
	ret->operation = "TCBCK_Update";
	ret->settled = true;
	(void)snprintf(ret->details, sizeof(ret->details), "function=%s", function);
	return set_file(recorder, path, ret);
}

int tcbck_record_digest(struct tcbck_recorder *recorder, struct sysck_slice name, char ret[TCBCK_RECORD_DIGEST_MAX])
{
	struct sysck_digest digest = { .algorithm = SYSCK_HASH_SHA256 };
	struct sysck_buf text = SYSCK_BUF_INIT;
	int r = recorder->digester == NULL ? tcbck_digester_new(&recorder->digester) : 0;

	if (r == 0)
		r = tcbck_digest_bytes(recorder->digester, name, &digest);
	if (r == 0) {
		sysck_digest_write(&text, &digest);
		r = sysck_buf_error(&text);
	}
	if (r == 0)
		(void)snprintf(ret, TCBCK_RECORD_DIGEST_MAX, "%.*s", (int)text.len, text.data);
	sysck_buf_done(&text);
	return r;
}

static bool is_safe(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
}

/* Appends as much of the name as may be there. Returns how many bytes of it that are. */
static size_t add_name(struct sysck_slice name, struct sysck_buf *out)
{
	size_t room = NAME_MAX_ESCAPED, i;

	for (i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];
		size_t need = is_safe(c) ? 1 : 4;

		if (need > room)
			break;
		room -= need;
		if (need == 1)
			sysck_buf_add_char(out, name.data[i]);
		else
			sysck_buf_add_format(out, "\\x%02x", (unsigned)c);
	}
	return i;
}

int tcbck_record_write(struct tcbck_recorder *recorder, const struct tcbck_record *record, struct sysck_buf *out)
{
	char digest[TCBCK_RECORD_DIGEST_MAX];
	int r = 0;

	sysck_buf_add_format(out, "%s file=", record->operation);
	if (add_name(record->file, out) < record->file.len)
		r = tcbck_record_digest(recorder, record->file, digest);
	else
		digest[0] = '\0';
	if (r < 0)
		return r;
	sysck_buf_add_format(out, " %s id=%s-%lu", record->details, recorder->run, ++recorder->count);
	if (digest[0] != '\0')
		sysck_buf_add_format(out, " digest=%s", digest);
	return sysck_buf_error(out);
}

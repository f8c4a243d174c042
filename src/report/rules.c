/*
 * rules.c - the defined files as rules of the Linux audit system.
 *
 * Knows auditctl's rule files (audit.rules(7)) and what does not fit into them. Must write nothing that could be taken for
 * another rule, nor one at which loading would stop.
 */
#include "report/rules.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "observe/crew.h"
#include "report/output.h"

/* auditctl(8): "up to 31 bytes long". The keys of a rule have 256 in all. */
#define KEY_MAX  31
#define KEYS_MAX 8

struct rules {
	const struct tcbck_rules_options *options;
	struct tcbck_output output;
	struct sysck_arena arena; /* of the definition in hand */
	struct sysck_buf path;    /* the same: below the root, with a final NUL */
};

/* NULL if the path can stand in a rule; else why not. */
static const char *why_not(struct sysck_slice path, bool as_field)
{
	static const char apart[] = "\"'\\", operators[] = "!<>&";

	if (path.len == 1)
		return "auditctl takes no rule for it";
	if (path.len >= PATH_MAX)
		return "auditctl takes no path of that length";
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		if (c <= ' ' || c == 0x7f || memchr(apart, c, sizeof(apart) - 1) != NULL ||
		    (as_field && memchr(operators, c, sizeof(operators) - 1) != NULL))
			return "auditctl takes no such name";
	}
	return NULL;
}

/* A watch needs its directory, not the object itself. */
static bool has_directory(struct rules *rules)
{
	struct stat status;
	char *last = memrchr(rules->path.data, '/', rules->path.len), *name = rules->path.data;
	bool has;

	if (last == name)
		return true;
	*last = '\0';
	has = stat(name, &status) == 0 && S_ISDIR(status.st_mode);
	*last = '/';
	return has;
}

static void add_key(struct sysck_slice class, struct sysck_buf *out)
{
	size_t room = KEY_MAX - (sizeof("tcb-") - 1);

	sysck_buf_add_text(out, " -k tcb-");
	for (size_t i = 0; i < class.len && i < room; i++) {
		char c = class.data[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			     c == '_' || c == '-';

		sysck_buf_add_char(out, plain ? c : '_');
	}
}

static void add_rule(struct rules *rules, const struct sysck_def *def, struct sysck_slice path, bool as_field)
{
	struct sysck_buf *out = &rules->output.buf;
	bool content = def->type != SYSCK_TYPE_BLK_DEV && def->type != SYSCK_TYPE_CHAR_DEV && def->type != SYSCK_TYPE_FIFO &&
		       def->type != SYSCK_TYPE_SOCKET;
	size_t count = sysck_def_has(def, SYSCK_ATTR_CLASS) ? def->classes.count : 0;

	sysck_buf_add_text(out, as_field ? "-a always,exit -F path=" : "-w ");
	sysck_buf_add_slice(out, path);
	sysck_buf_add_text(out, as_field ? " -F perm=" : " -p ");
	sysck_buf_add_text(out, content ? "wa" : "a");
	for (size_t i = 0; i < count && i < KEYS_MAX; i++)
		add_key(def->classes.items[i], out);
	sysck_buf_add_text(out, count == 0 ? " -k tcb\n" : "\n");
}

/* A comment in the place of a rule. */
static void leave_out(struct rules *rules, struct sysck_slice path, const char *why, bool is_error)
{
	struct sysck_buf *out = &rules->output.buf;
	char quoted[SYSCK_QUOTE_MAX];
	struct sysck_err err;

	sysck_buf_add_text(out, "# ");
	sysck_buf_add_text(out, sysck_quote(path, quoted, sizeof(quoted)));
	sysck_buf_add_format(out, ": %s\n", why);
	if (!is_error)
		return;
	sysck_err_set(&err, -EINVAL, "%s: left out of the rules: %s", quoted, why);
	tcbck_report_error(rules->options->report, &err);
}

static int add_definition(struct rules *rules, const struct sysck_def *def)
{
	/* Without a type it may be a directory. */
	bool as_field = def->type == SYSCK_TYPE_DIRECTORY || def->type == SYSCK_TYPE_NONE;
	struct sysck_slice path;
	const char *why;

	sysck_buf_clear(&rules->path);
	sysck_buf_add_slice(&rules->path, rules->options->root);
	sysck_buf_add_slice(&rules->path, def->path);
	sysck_buf_add_char(&rules->path, '\0');
	if (sysck_buf_error(&rules->path) < 0)
		return -ENOMEM;
	path = (struct sysck_slice){ rules->path.data, rules->path.len - 1 };
	why = why_not(path, as_field);
	if (why != NULL)
		leave_out(rules, path, why, true);
	else if (!has_directory(rules))
		leave_out(rules, path, "its directory is not there", def->type != SYSCK_TYPE_ABSENT);
	else
		add_rule(rules, def, path, as_field);
	tcbck_output_pass(&rules->output);
	return 0;
}

static int add_all(struct rules *rules)
{
	const struct tcbck_rules_options *options = rules->options;
	const struct sysck_err_sink errors = tcbck_report_errors(options->report);
	struct sysck_def_options reading = { NULL, &rules->arena, &errors, false };
	int r = tcbck_users_names(options->users, &reading.names);

	for (size_t i = 0; r >= 0 && i < options->targets->count; i++) {
		struct sysck_def def;

		if (tcbck_crew_is_stopped(options->stop)) {
			tcbck_report_cancelled(options->report);
			break;
		}
		sysck_arena_reset(&rules->arena);
		r = sysck_db_def(options->db, options->targets->indexes[i], &reading, &def);
		if (r >= 0)
			r = add_definition(rules, &def);
	}
	sysck_names_free(reading.names);
	return r < 0 ? r : 0;
}

int tcbck_rules_write(const struct tcbck_rules_options *options, struct sysck_err *err)
{
	struct rules rules = { .options = options, .output = { .descriptor = options->descriptor, .stop = options->stop } };
	int r = add_all(&rules);

	if (r < 0)
		sysck_err_set(err, r, "out of memory");
	if (r == 0) {
		r = tcbck_output_flush(&rules.output);
		if (r == -ECANCELED)
			tcbck_report_cancelled(options->report);
		if (r < 0)
			sysck_err_errno(err, r, "standard output");
	}
	tcbck_output_done(&rules.output);
	sysck_buf_done(&rules.path);
	sysck_arena_done(&rules.arena);
	return r;
}

/*
 * json.c - events as JSON, one object a line.
 *
 * Knows the fields of each event; jansson knows JSON. What is not UTF-8 is told twice: readable, and as hexadecimal
 * bytes. Must
 * always be strictly valid.
 */
#include "report/json.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "report/output.h"

/* The version of the form; it changes when a field changes its meaning. */
#define VERSION 1

struct json {
	struct tcbck_json_options options;
	struct tcbck_output output;
	char host[HOST_NAME_MAX + 1];
};

/* A string of bytes that may be no UTF-8: then each byte that is none becomes U+FFFD. NULL when memory has run out. */
static json_t *text_of(struct sysck_slice bytes, bool *ret_exact)
{
	json_t *text = json_stringn(bytes.data == NULL ? "" : bytes.data, bytes.len);
	struct sysck_buf buf = SYSCK_BUF_INIT;

	*ret_exact = text != NULL;
	if (text != NULL)
		return text;
	for (size_t i = 0; i < bytes.len;) {
		size_t length = bytes.len - i < 4 ? bytes.len - i : 4;
		json_t *character = NULL;

		for (; length > 0 && character == NULL; length--)
			character = json_stringn(bytes.data + i, length);
		if (character == NULL) {
			sysck_buf_add_text(&buf, "\xef\xbf\xbd");
			i++;
			continue;
		}
		sysck_buf_add(&buf, bytes.data + i, json_string_length(character));
		i += json_string_length(character);
		json_decref(character);
	}
	text = sysck_buf_error(&buf) < 0 ? NULL : json_stringn(buf.data, buf.len);
	sysck_buf_done(&buf);
	return text;
}

static json_t *plain(struct sysck_slice bytes)
{
	bool exact;

	return text_of(bytes, &exact);
}

/* `path`, and `path_hex` where the name is no UTF-8. */
static void set_path(json_t *event, struct sysck_slice path)
{
	struct sysck_buf hex = SYSCK_BUF_INIT;
	bool exact;

	json_object_set_new(event, "path", text_of(path, &exact));
	if (exact)
		return;
	for (size_t i = 0; i < path.len; i++)
		sysck_buf_add_format(&hex, "%02x", (unsigned)(unsigned char)path.data[i]);
	json_object_set_new(event, "path_hex", plain(sysck_buf_slice(&hex)));
	sysck_buf_done(&hex);
}

static json_t *new_event(const struct json *json, const char *kind)
{
	json_t *event = json_object();
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	if (gmtime_r(&now, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
	json_object_set_new(event, "v", json_integer(VERSION));
	json_object_set_new(event, "time", json_string(text));
	json_object_set_new(event, "host", plain(sysck_slice_of(json->host)));
	json_object_set_new(event, "event", json_string(kind));
	return event;
}

static int collect(const char *data, size_t len, void *context)
{
	struct tcbck_output *output = context;

	sysck_buf_add(&output->buf, data, len);
	return sysck_buf_error(&output->buf);
}

/* Writes the event's line and ends the event. */
static void put(struct json *json, json_t *event)
{
	if (event == NULL || json_dump_callback(event, collect, &json->output, JSON_COMPACT | JSON_REAL_PRECISION(6)) < 0)
		json->output.error = -ENOMEM;
	sysck_buf_add_char(&json->output.buf, '\n');
	json_decref(event);
	tcbck_output_pass(&json->output);
}

static json_t *classes_of(const struct sysck_list *classes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < classes->count; i++)
		json_array_append_new(list, plain(classes->items[i]));
	return list;
}

static void set_at(json_t *event, struct sysck_slice file, unsigned line)
{
	struct sysck_buf text = SYSCK_BUF_INIT;

	if (line > 0) {
		sysck_buf_add_slice(&text, file);
		sysck_buf_add_format(&text, ":%u", line);
	}
	json_object_set_new(event, "at", line > 0 ? plain(sysck_buf_slice(&text)) : json_null());
	sysck_buf_done(&text);
}

/* Where the package manager was asked: `explanation`, `package`, `package_version`. */
static void set_explanation(json_t *event, const struct tcbck_finding *finding)
{
	const char *name = tcbck_explanation_name(finding->explanation);

	if (name == NULL)
		return;
	json_object_set_new(event, "explanation", json_string(name));
	json_object_set_new(event, "package", finding->package.len > 0 ? plain(finding->package) : json_null());
	json_object_set_new(event, "package_version", finding->version.len > 0 ? plain(finding->version) : json_null());
}

static void tell_finding(void *context, const struct tcbck_finding *finding, struct sysck_slice file)
{
	struct json *json = context;
	json_t *event;

	if (finding->outcome == TCBCK_OUTCOME_FIXED && !json->options.fixed)
		return;
	event = new_event(json, finding->unverified ? "unverified" : "finding");
	set_path(event, finding->path);
	json_object_set_new(event, "attribute", json_string(tcbck_kind_name(finding->kind)));
	if (!finding->unverified) {
		json_object_set_new(event, "actual", plain(finding->actual));
		json_object_set_new(event, "expected", plain(finding->expected));
		json_object_set_new(event, "outcome", json_string(tcbck_outcome_name(finding->outcome)));
	}
	json_object_set_new(event, "reason", finding->reason.len > 0 ? plain(finding->reason) : json_null());
	json_object_set_new(event, "class", classes_of(&finding->classes));
	set_at(event, file, finding->line);
	set_explanation(event, finding);
	put(json, event);
}

static void tell_update(void *context, struct sysck_slice path, const char *function)
{
	struct json *json = context;
	json_t *event = new_event(json, "update");

	set_path(event, path);
	json_object_set_new(event, "function", json_string(function));
	put(json, event);
}

static void tell_error(void *context, const struct sysck_err *err)
{
	struct json *json = context;
	json_t *event = new_event(json, "error");

	json_object_set_new(event, "file", err->file[0] != '\0' ? plain(sysck_slice_of(err->file)) : json_null());
	json_object_set_new(event, "line", err->line > 0 ? json_integer(err->line) : json_null());
	json_object_set_new(event, "column", err->line > 0 ? json_integer(err->column) : json_null());
	json_object_set_new(event, "text", plain(sysck_slice_of(err->text)));
	put(json, event);
}

static void tell_verdict(void *context, const struct tcbck_verdict *verdict)
{
	struct json *json = context;
	json_t *event = new_event(json, "why");

	set_path(event, verdict->path);
	json_object_set_new(event, "attribute", json_string(verdict->attribute));
	json_object_set_new(event, "verdict", json_string(verdict->verdict));
	json_object_set_new(event, "wanted", plain(verdict->wanted));
	json_object_set_new(event, "present", plain(verdict->present));
	put(json, event);
}

static void tell_note(void *context, struct sysck_slice note)
{
	struct json *json = context;
	json_t *event = new_event(json, "note");

	json_object_set_new(event, "text", plain(note));
	put(json, event);
}

static json_t *file_system(const struct tcbck_mount *mount)
{
	json_t *system = json_object();

	set_path(system, mount->path);
	json_object_set_new(system, "type", plain(mount->type));
	json_object_set_new(system, "walked", json_boolean(mount->left_out == NULL));
	json_object_set_new(system, "reason", mount->left_out == NULL ? json_null() : json_string(mount->left_out));
	return system;
}

/* `file_systems` and `not_entered`. */
static void set_tree(json_t *event, const struct tcbck_tree_coverage *tree)
{
	json_t *systems = json_array(), *directories = json_array();

	for (size_t i = 0; i < tree->mounts.count; i++)
		json_array_append_new(systems, file_system(&tree->mounts.items[i]));
	for (size_t i = 0; i < tree->pruned_count; i++) {
		json_t *directory = json_object();

		set_path(directory, tree->pruned[i]);
		json_object_set_new(directory, "reason", json_string("treeck_nodir"));
		json_array_append_new(directories, directory);
	}
	json_object_set_new(event, "file_systems", systems);
	json_object_set_new(event, "not_entered", directories);
}

static void tell_coverage(void *context, const struct tcbck_coverage *coverage)
{
	struct json *json = context;
	json_t *event = new_event(json, "coverage"), *classes = json_array(), *symlinked = json_array();

	for (size_t i = 0; i < coverage->class_count; i++) {
		json_t *class = json_object();

		json_object_set_new(class, "class",
				    coverage->classes[i].name.len > 0 ? plain(coverage->classes[i].name) : json_null());
		json_object_set_new(class, "definitions", json_integer((json_int_t)coverage->classes[i].count));
		json_array_append_new(classes, class);
	}
	for (size_t i = 0; i < coverage->symlinked_count; i++)
		json_array_append_new(symlinked, plain(coverage->symlinked[i]));
	json_object_set_new(event, "classes", classes);
	json_object_set_new(event, "through_symlink", symlinked);
	if (coverage->tree != NULL)
		set_tree(event, coverage->tree);
	put(json, event);
}

static void tell_summary(void *context, const struct tcbck_summary *summary)
{
	struct json *json = context;
	json_t *event = new_event(json, "summary");

	json_object_set_new(event, "definitions", json_integer((json_int_t)summary->definitions));
	json_object_set_new(event, "objects", json_integer((json_int_t)summary->objects));
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		json_object_set_new(event, tcbck_outcome_name((enum tcbck_outcome)i),
				    json_integer((json_int_t)summary->outcomes[i]));
	json_object_set_new(event, "unverified", json_integer((json_int_t)summary->unverified));
	json_object_set_new(event, "errors", json_integer((json_int_t)summary->errors));
	json_object_set_new(event, "bytes", json_integer((json_int_t)summary->bytes));
	json_object_set_new(event, "seconds", json_real(summary->seconds));
	json_object_set_new(event, "status", json_integer(summary->status));
	put(json, event);
}

static int finish(void *context)
{
	struct json *json = context;

	return tcbck_output_flush(&json->output);
}

static int settle(void *context, struct sysck_err *err)
{
	struct json *json = context;
	char quoted[SYSCK_QUOTE_MAX];
	int r = json->options.file == NULL ? 0 : tcbck_output_flush(&json->output);

	if (r == 0)
		return 0;
	return sysck_err_errno(err, r, "report %s", sysck_quote(sysck_slice_of(json->options.file), quoted, sizeof(quoted)));
}

static void free_json(void *context)
{
	struct json *json = context;

	if (json->options.file != NULL)
		close(json->options.descriptor);
	tcbck_output_done(&json->output);
	free(json);
}

int tcbck_json_new(const struct tcbck_json_options *options, struct tcbck_sink *ret)
{
	struct json *json = calloc(1, sizeof(*json));

	if (json == NULL)
		return -ENOMEM;
	json->options = *options;
	json->output.descriptor = options->descriptor;
	json->output.stop = options->stop;
	if (gethostname(json->host, sizeof(json->host) - 1) < 0)
		json->host[0] = '\0';
	*ret = (struct tcbck_sink){
		.finding = tell_finding,
		.update = tell_update,
		.error = tell_error,
		.verdict = tell_verdict,
		.note = tell_note,
		.coverage = tell_coverage,
		.summary = tell_summary,
		.settle = settle,
		.finish = finish,
		.free = free_json,
	};
	ret->context = json;
	return 0;
}

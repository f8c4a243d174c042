/*
 * text.c - events as sentences, one a line.
 *
 * Knows how a finding, an error and a summary are said. Must let no byte out that could be taken for more than a character.
 */
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>

#include "report/output.h"

struct text {
	struct tcbck_text_options options;
	struct tcbck_output output;
};

/* Text that is already escaped for UTF-8; where only ASCII can be shown, the rest is escaped as well. */
static void add_safe(struct sysck_buf *out, struct sysck_slice text, enum sysck_charset charset)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x80 && charset == SYSCK_CHARSET_ASCII)
			sysck_buf_add_format(out, "\\x%02x", c);
		else
			sysck_buf_add_char(out, text.data[i]);
	}
}

/* What the package manager says of it. */
static void add_explanation(const struct tcbck_finding *finding, enum tcbck_text_explanations told, enum sysck_charset charset,
			    struct sysck_buf *out)
{
	const char *name = tcbck_explanation_name(finding->explanation);

	if (name == NULL || told == TCBCK_TEXT_EXPLAIN_NOTHING ||
	    (told == TCBCK_TEXT_EXPLAIN_PACKAGED && finding->explanation == TCBCK_NOT_PACKAGED))
		return;
	sysck_buf_add_format(out, " (%s", name);
	if (finding->package.len > 0) {
		sysck_buf_add_text(out, finding->explanation == TCBCK_EXPLAINED ? ": " : ": of ");
		sysck_buf_add_quoted(out, finding->package, charset);
	}
	if (finding->version.len > 0) {
		sysck_buf_add_char(out, ' ');
		sysck_buf_add_quoted(out, finding->version, charset);
	}
	if (finding->explanation == TCBCK_EXPLAINED)
		sysck_buf_add_text(out, finding->kind != TCBCK_KIND_MISSING ? " installed it"
					: finding->version.len > 0          ? " no longer has it"
									    : " is no longer installed");
	sysck_buf_add_char(out, ')');
}

static void add_outcome(const struct tcbck_finding *finding, enum sysck_charset charset, struct sysck_buf *out)
{
	if (finding->outcome == TCBCK_OUTCOME_REPORTED)
		return;
	sysck_buf_add_text(out, " [");
	if (finding->outcome == TCBCK_OUTCOME_DATABASE_UPDATED)
		sysck_buf_add_text(out, "database updated");
	else
		sysck_buf_add_text(out, tcbck_outcome_name(finding->outcome));
	if (finding->reason.len > 0) {
		sysck_buf_add_text(out, ": ");
		add_safe(out, finding->reason, charset);
	}
	sysck_buf_add_char(out, ']');
}

static void write_finding(const struct tcbck_finding *finding, enum tcbck_text_explanations told, enum sysck_charset charset,
			  struct sysck_buf *out)
{
	sysck_buf_add_quoted(out, finding->path, charset);
	sysck_buf_add_text(out, ": ");
	sysck_buf_add_text(out, tcbck_kind_name(finding->kind));
	if (finding->unverified) {
		sysck_buf_add_text(out, " unverified: ");
		add_safe(out, finding->reason, charset);
		return;
	}
	sysck_buf_add_text(out, " is ");
	add_safe(out, finding->actual, charset);
	sysck_buf_add_text(out, ", should be ");
	add_safe(out, finding->expected, charset);
	add_explanation(finding, told, charset, out);
	add_outcome(finding, charset, out);
}

void tcbck_text_finding(const struct tcbck_finding *finding, enum sysck_charset charset, struct sysck_buf *out)
{
	write_finding(finding, TCBCK_TEXT_EXPLAIN_PACKAGED, charset, out);
}

static void end_line(struct text *text)
{
	sysck_buf_add_char(&text->output.buf, '\n');
	tcbck_output_pass(&text->output);
}

static void tell_finding(void *context, const struct tcbck_finding *finding, struct sysck_slice file)
{
	struct text *text = context;

	(void)file;
	if (finding->outcome == TCBCK_OUTCOME_FIXED && !text->options.fixed)
		return;
	write_finding(finding, text->options.explanations, text->options.charset, &text->output.buf);
	end_line(text);
}

static void tell_error(void *context, const struct sysck_err *err)
{
	struct text *text = context;
	char line[SYSCK_ERR_FILE_MAX + SYSCK_ERR_TEXT_MAX + 64];

	if (err->file[0] == '\0')
		sysck_buf_add_text(&text->output.buf, "tcbck: ");
	add_safe(&text->output.buf, sysck_slice_of(sysck_err_format(err, line, sizeof(line))), text->options.charset);
	end_line(text);
}

static void tell_verdict(void *context, const struct tcbck_verdict *verdict)
{
	struct text *text = context;
	struct sysck_buf *out = &text->output.buf;
	bool differs = strcmp(verdict->verdict, "differs") == 0;

	sysck_buf_add_quoted(out, verdict->path, text->options.charset);
	sysck_buf_add_format(out, ": %s %s: ", verdict->attribute, verdict->verdict);
	if (differs)
		sysck_buf_add_text(out, "is ");
	add_safe(out, verdict->present, text->options.charset);
	if (differs) {
		sysck_buf_add_text(out, ", should be ");
		add_safe(out, verdict->wanted, text->options.charset);
	}
	end_line(text);
}

static void tell_note(void *context, struct sysck_slice note)
{
	struct text *text = context;

	add_safe(&text->output.buf, note, text->options.charset);
	end_line(text);
}

static void tell_tree(struct text *text, const struct tcbck_tree_coverage *tree)
{
	struct sysck_buf *out = &text->output.buf;

	for (size_t i = 0; i < tree->mounts.count; i++) {
		const struct tcbck_mount *mount = &tree->mounts.items[i];

		sysck_buf_add_text(out,
				   mount->left_out == NULL ? "tcbck: file system walked: " : "tcbck: file system left out: ");
		sysck_buf_add_quoted(out, mount->path, text->options.charset);
		sysck_buf_add_text(out, " (");
		sysck_buf_add_quoted(out, mount->type, text->options.charset);
		sysck_buf_add_char(out, ')');
		if (mount->left_out != NULL)
			sysck_buf_add_format(out, ": %s", mount->left_out);
		end_line(text);
	}
	for (size_t i = 0; i < tree->pruned_count; i++) {
		sysck_buf_add_text(out, "tcbck: directory not entered: ");
		sysck_buf_add_quoted(out, tree->pruned[i], text->options.charset);
		sysck_buf_add_text(out, ": treeck_nodir");
		end_line(text);
	}
}

static void tell_coverage(void *context, const struct tcbck_coverage *coverage)
{
	struct text *text = context;
	struct sysck_buf *out = &text->output.buf;

	for (size_t i = 0; i < coverage->class_count; i++) {
		size_t count = coverage->classes[i].count;

		sysck_buf_add_text(out, coverage->classes[i].name.len > 0 ? "tcbck: class " : "tcbck: without a class");
		if (coverage->classes[i].name.len > 0)
			sysck_buf_add_quoted(out, coverage->classes[i].name, text->options.charset);
		sysck_buf_add_format(out, ": %zu definition%s", count, count == 1 ? "" : "s");
		end_line(text);
	}
	for (size_t i = 0; i < coverage->symlinked_count; i++) {
		sysck_buf_add_text(out, "tcbck: reached through a symlink: ");
		sysck_buf_add_quoted(out, coverage->symlinked[i], text->options.charset);
		end_line(text);
	}
	if (coverage->tree != NULL)
		tell_tree(text, coverage->tree);
}

/* "12.3 MB" */
static void add_bytes(struct sysck_buf *out, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB", "PB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	sysck_buf_add_format(out, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void tell_summary(void *context, const struct tcbck_summary *summary)
{
	struct text *text = context;
	struct sysck_buf *out = &text->output.buf;
	size_t findings = 0;

	if (!text->options.summary)
		return;
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++)
		findings += summary->outcomes[i];
	sysck_buf_add_format(out, "tcbck: %zu definition%s, %zu object%s, %zu finding%s", summary->definitions,
			     summary->definitions == 1 ? "" : "s", summary->objects, summary->objects == 1 ? "" : "s", findings,
			     findings == 1 ? "" : "s");
	for (int i = TCBCK_OUTCOME_FIXED; i < TCBCK_OUTCOME_COUNT; i++)
		if (summary->outcomes[i] > 0)
			sysck_buf_add_format(out, " (%zu %s)", summary->outcomes[i], tcbck_outcome_name((enum tcbck_outcome)i));
	sysck_buf_add_format(out, ", %zu unverified, %zu error%s, ", summary->unverified, summary->errors,
			     summary->errors == 1 ? "" : "s");
	add_bytes(out, summary->bytes);
	sysck_buf_add_format(out, " read in %.1f s", summary->seconds);
	end_line(text);
}

static int finish(void *context)
{
	struct text *text = context;

	return tcbck_output_flush(&text->output);
}

static void free_text(void *context)
{
	struct text *text = context;

	tcbck_output_done(&text->output);
	free(text);
}

int tcbck_text_new(const struct tcbck_text_options *options, struct tcbck_sink *ret)
{
	struct text *text = calloc(1, sizeof(*text));

	if (text == NULL)
		return -ENOMEM;
	text->options = *options;
	text->output.descriptor = options->descriptor;
	text->output.stop = options->stop;
	*ret = (struct tcbck_sink){
		.finding = tell_finding,
		.error = tell_error,
		.verdict = tell_verdict,
		.note = tell_note,
		.coverage = tell_coverage,
		.summary = tell_summary,
		.finish = finish,
		.free = free_text,
	};
	ret->context = text;
	return 0;
}

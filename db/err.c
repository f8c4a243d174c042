/*
 * err.c - the error object: a code, a place and a text of fixed size.
 *
 * Knows how an error is spelled; gives functions that fill and format one. Must never fail, allocate or print.
 */
#include <sysck/err.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sysck_err_clear(struct sysck_err *err)
{
	if (err == NULL)
		return;
	err->code = 0;
	err->line = 0;
	err->column = 0;
	err->file[0] = '\0';
	err->text[0] = '\0';
}

__attribute__((format(printf, 3, 0))) static void set_text(struct sysck_err *err, int code, const char *format,
							   va_list arguments)
{
	assert(code < 0);
	sysck_err_clear(err);
	err->code = code;
	(void)vsnprintf(err->text, sizeof(err->text), format, arguments);
}

int sysck_err_set(struct sysck_err *err, int code, const char *format, ...)
{
	va_list arguments;

	if (err == NULL)
		return code;
	va_start(arguments, format);
	set_text(err, code, format, arguments);
	va_end(arguments);
	return code;
}

int sysck_err_errno(struct sysck_err *err, int code, const char *format, ...)
{
	va_list arguments;
	char reason[128];
	size_t len;

	if (err == NULL)
		return code;
	va_start(arguments, format);
	set_text(err, code, format, arguments);
	va_end(arguments);
	len = strlen(err->text);
	/* The GNU strerror_r(3): thread-safe, returns the text. */
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror_r(-code, reason, sizeof(reason)));
	return code;
}

void sysck_err_place(struct sysck_err *err, struct sysck_slice file, unsigned line, unsigned column)
{
	if (err == NULL)
		return;
	err->file[0] = '\0';
	if (file.len > 0)
		(void)sysck_quote(file, err->file, sizeof(err->file));
	err->line = line;
	err->column = column;
}

char *sysck_err_format(const struct sysck_err *err, char *out, size_t size)
{
	char line[16] = "", column[16] = "";

	if (err->line != 0)
		(void)snprintf(line, sizeof(line), "%u:", err->line);
	if (err->line != 0 && err->column != 0)
		(void)snprintf(column, sizeof(column), "%u:", err->column);
	(void)snprintf(out, size, "%s%s%s%s%s%s", err->file, err->file[0] != '\0' ? ":" : "", line, column,
		       err->file[0] != '\0' || err->line != 0 ? " " : "", err->text);
	return out;
}

void sysck_err_report(const struct sysck_err_sink *sink, const struct sysck_err *err)
{
	if (sink != NULL && sink->report != NULL)
		sink->report(sink->context, err);
}

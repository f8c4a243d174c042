/*
 * err.h - what went wrong, and where.
 *
 * An error object has a fixed size and needs no memory of its own, so that telling of an error cannot itself fail.
 * Text in it is already escaped: it may be written to a terminal as it is.
 */
#ifndef SYSCK_ERR_H
#define SYSCK_ERR_H

#include <stddef.h>

#include <sysck/buf.h>

/* Longest text of an error and longest file name in it, in bytes with the final NUL; longer ones are cut. */
#define SYSCK_ERR_TEXT_MAX 1024
#define SYSCK_ERR_FILE_MAX 1024

struct sysck_err {
	int code;                      /* negative errno; 0: no error */
	unsigned line;                 /* 1-based; 0: the error has no place */
	unsigned column;               /* 1-based, in bytes; 0: none */
	char file[SYSCK_ERR_FILE_MAX]; /* escaped, NUL-terminated; empty: the error has no file */
	char text[SYSCK_ERR_TEXT_MAX]; /* escaped, NUL-terminated */
};

/* Receives errors one by one where reading goes on after one. `err` is valid during the call only. */
struct sysck_err_sink {
	void (*report)(void *context, const struct sysck_err *err);
	void *context;
};

/* Makes `err` (NULL is allowed) say nothing. */
void sysck_err_clear(struct sysck_err *err);

/*
 * Sets code and text, printf(3)-like, and clears the place. `err` may be NULL. Arguments that come from files or
 * names go through sysck_quote() first. Returns `code`, which must be a negative errno, so that
 * `return sysck_err_set(err, -EINVAL, ...)` reads well.
 */
int sysck_err_set(struct sysck_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As sysck_err_set(), and appends ": " and strerror(3) of -code. */
int sysck_err_errno(struct sysck_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Gives `err` (may be NULL) its place. `file` is bytes and is escaped here. line and column as in struct sysck_err. */
void sysck_err_place(struct sysck_err *err, struct sysck_slice file, unsigned line, unsigned column);

/*
 * Writes "FILE:LINE:COLUMN: TEXT", leaving out the parts that are not there, into `out` of `size` bytes, always
 * NUL-terminated. Returns `out`.
 */
char *sysck_err_format(const struct sysck_err *err, char *out, size_t size);

/* Hands `err` to the sink; a NULL sink, or one without a function, takes nothing. */
void sysck_err_report(const struct sysck_err_sink *sink, const struct sysck_err *err);

#endif

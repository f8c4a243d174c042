/*
 * tcpdchk-syslog.c - preloaded into tcpdchk(8) by check-tcpdchk: what would go to the system log goes to standard error.
 *
 * tcpdchk means to print what it finds, and has a syslog() of its own for that. libwrap as Debian builds it calls glibc's
 * fortified variants instead, which tcpdchk does not replace, so that nobody sees its findings. This replaces them. It must
 * never be preloaded into anything else.
 */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

/* As glibc has them; its headers declare them only to callers that are fortified. `flag` is of no use here. */
void __syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));

void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments)
{
	(void)priority;
	(void)flag;
	(void)vfprintf(stderr, format, arguments);
	(void)fputc('\n', stderr);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	__vsyslog_chk(priority, flag, format, arguments);
	va_end(arguments);
}

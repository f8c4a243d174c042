/*
 * preload_exchange.c - whoever exchanges a file while it is looked at, always in time: right before the extended attributes
 * of $ATTACK_NAME are listed by that name, or it is opened, for the first time, it changes places with $ATTACK_OTHER beside
 * it. With $ATTACK_BACK, they change back right after a list; with $ATTACK_AFTER, they change right after it only.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on all architectures; older headers have none. */
#define LISTXATTRAT 465

static void exchange(int directory, const char *name)
{
	if (renameat2(directory, name, directory, getenv("ATTACK_OTHER"), RENAME_EXCHANGE) < 0)
		abort();
}

/* True if this was the time. */
static bool meet(int directory, const char *name)
{
	static bool done;
	const char *wanted = getenv("ATTACK_NAME");

	if (done || wanted == NULL || strcmp(name, wanted) != 0)
		return false;
	done = true;
	exchange(directory, name);
	return true;
}

long syscall(long number, ...)
{
	long (*real)(long, ...);
	long arguments[6], result;
	bool met = false;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (number == LISTXATTRAT && getenv("ATTACK_AFTER") == NULL)
		met = meet((int)arguments[0], (const char *)arguments[1]);
	result = real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
	if (number == LISTXATTRAT && getenv("ATTACK_AFTER") != NULL)
		(void)meet((int)arguments[0], (const char *)arguments[1]);
	if (met && getenv("ATTACK_BACK") != NULL)
		exchange((int)arguments[0], (const char *)arguments[1]);
	return result;
}

int openat(int directory, const char *name, int flags, ...)
{
	int (*real)(int, const char *, int, ...);
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	*(void **)&real = dlsym(RTLD_NEXT, "openat");
	(void)meet(directory, name);
	return real(directory, name, flags, mode);
}

int __openat_2(int directory, const char *name, int flags);

int __openat_2(int directory, const char *name, int flags)
{
	return openat(directory, name, flags);
}

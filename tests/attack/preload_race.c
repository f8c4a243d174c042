/*
 * preload_race.c - the attacker who is always in time. When the file $ATTACK_NAME is opened by that name for the second time,
 * which is when it is about to be repaired, it is removed right after that; or, if there is an $ATTACK_TARGET, a symlink
 * to that takes its place right before.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __openat_2(int directory, const char *name, int flags);

static bool is_time(const char *name)
{
	static int opened;
	const char *wanted = getenv("ATTACK_NAME");

	return wanted != NULL && strcmp(name, wanted) == 0 && ++opened == 2;
}

static void before(int directory, const char *name)
{
	const char *target = getenv("ATTACK_TARGET");

	if (target != NULL && (unlinkat(directory, name, 0) < 0 || symlinkat(target, directory, name) < 0))
		abort();
}

static void after(int directory, const char *name)
{
	if (getenv("ATTACK_TARGET") == NULL && unlinkat(directory, name, 0) < 0)
		abort();
}

int openat(int directory, const char *name, int flags, ...)
{
	int (*real)(int, const char *, int, ...);
	bool now = is_time(name);
	va_list list;
	mode_t mode;
	int descriptor;

	va_start(list, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	*(void **)&real = dlsym(RTLD_NEXT, "openat");
	if (now)
		before(directory, name);
	descriptor = real(directory, name, flags, mode);
	if (now)
		after(directory, name);
	return descriptor;
}

int __openat_2(int directory, const char *name, int flags)
{
	int (*real)(int, const char *, int);
	bool now = is_time(name);
	int descriptor;

	*(void **)&real = dlsym(RTLD_NEXT, "__openat_2");
	if (now)
		before(directory, name);
	descriptor = real(directory, name, flags);
	if (now)
		after(directory, name);
	return descriptor;
}

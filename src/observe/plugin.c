/*
 * plugin.c - libraries that are loaded at need.
 *
 * Knows dlopen(3), and keeps nothing: the dynamic linker remembers what is loaded. Must never load anything by a path, or by a
 * name that is not a constant of this program.
 */
#include "observe/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Why the dynamic linker refused, as arguments of a message may be. */
static const char *why(char *quoted, size_t size)
{
	const char *reason = dlerror();

	return sysck_quote(sysck_slice_of(reason == NULL ? "unknown reason" : reason), quoted, size);
}

/* All of the symbols, or none. */
static const char *find_missing(void *handle, const struct tcbck_plugin_symbol *symbols, size_t count, char *table)
{
	void *address;

	for (size_t i = 0; i < count; i++)
		if (dlsym(handle, symbols[i].name) == NULL)
			return symbols[i].name;
	for (size_t i = 0; i < count; i++) {
		address = dlsym(handle, symbols[i].name);
		/* POSIX has it that a pointer to a function fits; C has no cast for it. */
		memcpy(table + symbols[i].offset, &address, sizeof(address));
	}
	return NULL;
}

int tcbck_plugin_load(const char *const *names, const struct tcbck_plugin_symbol *symbols, size_t count, void *table,
		      struct sysck_err *err)
{
	char reasons[SYSCK_ERR_TEXT_MAX] = "", quoted[SYSCK_QUOTE_MAX];
	const char *missing;
	size_t length = 0;
	void *handle;

	for (; *names != NULL; names++) {
		handle = dlopen(*names, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		missing = handle == NULL ? why(quoted, sizeof(quoted)) : find_missing(handle, symbols, count, table);
		/* It is not unloaded by that. */
		if (handle != NULL)
			(void)dlclose(handle);
		if (missing == NULL)
			return 0;
		/* Of each, for only one of them may be there, and not be loaded for another reason. */
		if (length < sizeof(reasons))
			length += (size_t)snprintf(reasons + length, sizeof(reasons) - length, "%s%s: %s%s",
						   length == 0 ? "" : "; ", *names, handle == NULL ? "" : "has no ", missing);
	}
	return sysck_err_set(err, -ENOTSUP, "cannot load %s", reasons);
}

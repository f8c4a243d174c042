/*
 * plugin.h - libraries that are loaded at need, because few runs need them and they load many others.
 */
#ifndef TCBCK_PLUGIN_H
#define TCBCK_PLUGIN_H

#include <stddef.h>

#include <sysck/err.h>

/* A function of a library, and where in the caller's structure its address goes: a pointer to that function. */
struct tcbck_plugin_symbol {
	const char *name;
	size_t offset;
};

/* A row of a list of symbols: the function `name` goes to the member of that name of `structure`, of type __typeof__(&name). */
#define TCBCK_PLUGIN_SYMBOL(structure, name)     \
	{                                        \
#name, offsetof(structure, name) \
	}

/*
 * Loads the first of the libraries `names` (by SONAME, the list ends with NULL) that is there and has all `count` symbols, with
 * all that it needs (dlopen(3), RTLD_NOW | RTLD_LOCAL), and fills in their addresses. It stays loaded until the program ends,
 * so asking again is cheap, and the addresses hold. May be called by several threads.
 *
 * It is searched for where ld.so(8) does. In a privileged run (AT_SECURE) that is the system's directories alone, whatever the
 * environment said; so is it after tcbck_confine_start(), for what is loaded later too.
 *
 * A confined run can load nothing: the filter of filter.h refuses to map code. What was loaded before it is in force is found
 * and used afterwards. So whoever confines himself loads first what he will need.
 *
 * 0; or -ENOTSUP with `err` set, and `table` untouched.
 */
int tcbck_plugin_load(const char *const *names, const struct tcbck_plugin_symbol *symbols, size_t count, void *table,
		      struct sysck_err *err);

#endif

/*
 * place.h - giving a name to a new object: beside the old one, then in its place.
 */
#ifndef TCBCK_PLACE_H
#define TCBCK_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sysck/err.h>

/* Longest name of a temporary, in bytes with the final NUL. */
#define TCBCK_PLACE_NAME_MAX 64

/* Writes a name for a temporary object, different at each call with another `number`, into `name`. */
void tcbck_place_name(unsigned number, char name[TCBCK_PLACE_NAME_MAX]);

/*
 * Makes a new object under a temporary name in `directory`: `make` is called with names until one was free; it
 * returns 0, or a
 * negative errno (-EEXIST: taken). On success `name` is the name.
 */
int tcbck_place_make(int directory, int (*make)(void *context, int directory, const char *name), void *context,
		     char name[TCBCK_PLACE_NAME_MAX]);

/* Flushes the directory, opened for that. 0 or a negative errno. */
int tcbck_place_flush(int directory);

/*
 * Gives the temporary object `from` the name `to` in the same directory. With `old` NULL nothing may have that name;
 * else the object
 * that has it must be the one that `old` tells of: it is exchanged, looked at, and removed; if it was another one,
 * everything is put back. A
 * directory that is not empty stays. Flushes the directory. 0, -EAGAIN (another object), or a negative errno with `err`
 * set; on failure the temporary is gone and `to` is as it was.
 */
int tcbck_place_swap(int directory, const char *from, const char *to, const struct stat *old, struct sysck_err *err);

/*
 * Takes the name `name` away from the object that `old` tells of: it is renamed aside, looked at, and removed; if it
 * is another one,
 * it is put back. A directory that is not empty stays. Flushes the directory. Errors as above.
 */
int tcbck_place_remove(int directory, const char *name, const struct stat *old, struct sysck_err *err);

#endif

/*
 * store_place.h - a directory for a test of db/store.c; in test_store.c.
 */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

/* A user and group that is neither root nor the caller. */
#define STORE_OTHER 54321

/* Makes a directory of the caller's with a directory d in it, and goes there: names below are relative to it. */
void store_begin(void);
/* Goes back, and removes it. */
void store_end(void);

/* False, and the test is skipped, where the caller is not root. */
bool store_need_root(void);

void store_write(const char *path, const char *text, mode_t mode);
bool store_file_is(const char *path, const char *text);
/* Type and mode of the path itself; 0 if there is none. */
mode_t store_mode(const char *path);
void store_set_acl(const char *path, const char *text);

#endif

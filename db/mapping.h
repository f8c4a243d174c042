/*
 * mapping.h - the text of a database where it stands, in its file: read as it is needed, and given back to the kernel.
 *
 * What is mapped can change. Each byte can be another one when it is read again, and behind the end of a file that was cut
 * short there is a SIGBUS, which is the caller's to catch; sysck_mapping_is_as_read() tells afterwards.
 */
#ifndef SYSCK_MAPPING_H
#define SYSCK_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include <sysck/buf.h>

struct sysck_mapping {
	struct sysck_slice bytes; /* len 0: nothing is mapped */
	int descriptor;
	struct stat seen;
};

#define SYSCK_MAPPING_NONE ((struct sysck_mapping){ { NULL, 0 }, -1, { 0 } })

/* Maps all of the file `descriptor`, which stays the caller's. `st`: its stat, of more than 0 bytes. 0 or a negative errno. */
int sysck_mapping_open(int descriptor, const struct stat *st, struct sysck_mapping *ret);
void sysck_mapping_done(struct sysck_mapping *mapping);

/* The bytes from `begin` to `end` are not needed for now: their memory is given back. They come again when they are read. */
void sysck_mapping_leave(const struct sysck_mapping *mapping, size_t begin, size_t end);

/* False if the file was changed since it was mapped, or that can't be told. That it has no name any more is no change. */
bool sysck_mapping_is_as_read(const struct sysck_mapping *mapping);

#endif

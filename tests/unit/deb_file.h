/*
 * deb_file.h - archives of Debian packages, made byte by byte.
 */
#ifndef UNIT_DEB_FILE_H
#define UNIT_DEB_FILE_H

#include <sysck/buf.h>

#include "scratch.h"

/* A member of the file system part. `type`: '0' file, '1' hard link to `link`, '2' symlink to it, '3' and '4' devices, '5'
 * directory. Names may be empty; the device is 5,6. */
struct deb_member {
	const char *path; /* "./usr/bin/x" */
	char type;
	unsigned mode, user_id, group_id;
	const char *user, *group;
	const char *link;
	const char *content;
};

/* Writes an archive that is not compressed. */
void deb_file_put(const struct scratch *scratch, const char *path, const char *package, const char *version,
		  const char *architecture, const struct deb_member *members, size_t count);

#endif

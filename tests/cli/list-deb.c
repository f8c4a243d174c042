/*
 * list-deb.c - list-deb FILE... - a Debian package's archive as tcbck reads it, for comparing with dpkg-deb(1) and tar(1).
 *
 * A line for the package, then one for each member:
 *
 *	PACKAGE VERSION ARCHITECTURE
 *	TYPE MODE USER/GROUP UID/GID SIZE|MAJOR,MINOR|- MD5|- SHA256|- PATH [-> TARGET | link to PATH]
 *
 * Exit status 0, or 1 with the reason on standard error.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "observe/deb.h"

static int print_control(void *context, const struct tcbck_deb_control *control)
{
	(void)context;
	printf("%.*s %.*s %.*s\n", (int)control->package.len, control->package.data, (int)control->version.len,
	       control->version.data, (int)control->architecture.len, control->architecture.data);
	return 0;
}

static void print_digest(const struct sysck_digest *digest, bool has_content)
{
	if (!has_content)
		printf(" -");
	else
		putchar(' ');
	for (size_t i = 0; has_content && i < sysck_hash_length(digest->algorithm); i++)
		printf("%02x", digest->bytes[i]);
}

static int print_member(void *context, const struct tcbck_deb_member *member)
{
	bool has_content = member->type == SYSCK_TYPE_FILE && member->link.len == 0;

	(void)context;
	printf("%s %04o %.*s/%.*s %u/%u", sysck_type_name(member->type), member->mode, (int)member->user.len, member->user.data,
	       (int)member->group.len, member->group.data, member->user_id, member->group_id);
	if (has_content)
		printf(" %llu", (unsigned long long)member->size);
	else if (member->type == SYSCK_TYPE_BLK_DEV || member->type == SYSCK_TYPE_CHAR_DEV)
		printf(" %u,%u", member->device.major, member->device.minor);
	else
		printf(" -");
	print_digest(&member->proof, has_content);
	print_digest(&member->hash_value, has_content);
	printf(" %.*s", (int)member->path.len, member->path.data);
	if (member->link.len > 0)
		printf(" link to %.*s", (int)member->link.len, member->link.data);
	if (member->type == SYSCK_TYPE_SYMLINK)
		printf(" -> %.*s", (int)member->target.len, member->target.data);
	putchar('\n');
	return 0;
}

static int list(const char *name)
{
	const struct tcbck_deb_visitor visitor = { print_control, print_member, NULL };
	struct sysck_err err;
	int descriptor = open(name, O_RDONLY | O_CLOEXEC);
	int r;

	sysck_err_clear(&err);
	if (descriptor < 0) {
		perror(name);
		return 1;
	}
	r = tcbck_deb_read(descriptor, SYSCK_HASH_SHA256, &visitor, NULL, &err);
	close(descriptor);
	if (r < 0)
		fprintf(stderr, "%s: %s: %s\n", name, strerrorname_np(-r), err.text);
	return r == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		if (list(argv[i]) != 0)
			status = 1;
	return status;
}

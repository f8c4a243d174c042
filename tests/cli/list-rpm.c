/*
 * list-rpm.c - list-rpm ROOT - rpm's database below ROOT as tcbck reads it, for comparing with rpm(8) -q.
 *
 * A line for each package, then one for each file, sorted by path; what is not known is `-`:
 *
 *	PACKAGE VERSION ARCHITECTURE INSTALLED whole|part
 *	PACKAGE [configuration,][optional,]TYPE MODE OWNER:GROUP SIZE DIGEST CAPABILITIES|none DEVICE PATH [-> TARGET]
 *
 * Exit status 0, or 1 with the reason on standard error.
 */
#include <stdio.h>
#include <string.h>

#include "observe/packages.h"
#include "observe/rpm.h"
#include "observe/users.h"

static bool knows(const struct tcbck_packaged *file, enum sysck_attr attribute)
{
	return (file->known & SYSCK_ATTR_BIT(attribute)) != 0;
}

static void add_known(struct sysck_buf *line, const struct tcbck_packaged *file)
{
	sysck_buf_add_text(line, knows(file, SYSCK_ATTR_TYPE) ? sysck_type_name(file->type) : "-");
	if (knows(file, SYSCK_ATTR_MODE))
		sysck_buf_add_format(line, " %04o", file->mode);
	else
		sysck_buf_add_text(line, " -");
	if (knows(file, SYSCK_ATTR_OWNER))
		sysck_buf_add_format(line, " %u:", file->owner);
	else
		sysck_buf_add_text(line, " -:");
	if (knows(file, SYSCK_ATTR_GROUP))
		sysck_buf_add_format(line, "%u ", file->group);
	else
		sysck_buf_add_text(line, "- ");
	if (knows(file, SYSCK_ATTR_SIZE))
		sysck_buf_add_format(line, "%llu ", (unsigned long long)file->size);
	else
		sysck_buf_add_text(line, "- ");
	if (knows(file, SYSCK_ATTR_HASH_VALUE))
		sysck_digest_write(line, &file->hash_value);
	else
		sysck_buf_add_text(line, "-");
	sysck_buf_add_char(line, ' ');
	if (!knows(file, SYSCK_ATTR_CAPABILITIES))
		sysck_buf_add_text(line, "-");
	else if (sysck_capabilities_empty(&file->capabilities))
		sysck_buf_add_text(line, "none");
	else
		sysck_capabilities_write(line, &file->capabilities);
	if (knows(file, SYSCK_ATTR_DEVICE))
		sysck_buf_add_format(line, " %u,%u ", file->device.major, file->device.minor);
	else
		sysck_buf_add_text(line, " - ");
}

static void print_file(const struct tcbck_packages *packages, const struct tcbck_packaged *file)
{
	struct sysck_buf line = SYSCK_BUF_INIT;

	sysck_buf_add_slice(&line, tcbck_packages_get(packages, file->package)->name);
	sysck_buf_add_text(&line, file->configuration ? " configuration," : " ");
	sysck_buf_add_text(&line, file->optional ? "optional," : "");
	add_known(&line, file);
	sysck_buf_add_slice(&line, file->path);
	if (knows(file, SYSCK_ATTR_TARGET)) {
		sysck_buf_add_text(&line, " -> ");
		sysck_buf_add_slice(&line, file->target);
	}
	printf("%.*s\n", (int)line.len, line.data);
	sysck_buf_done(&line);
}

static void print_package(const struct tcbck_package *package)
{
	printf("%.*s %.*s %.*s %lld %s\n", (int)package->name.len, package->name.data, (int)package->version.len,
	       package->version.data, (int)package->architecture.len, package->architecture.data,
	       (long long)package->installed.tv_sec, package->whole ? "whole" : "part");
}

static void print_error(void *context, const struct sysck_err *err)
{
	(void)context;
	fprintf(stderr, "error: %s\n", err->text);
}

int main(int argc, char **argv)
{
	const struct sysck_err_sink errors = { print_error, NULL };
	struct tcbck_packages *packages = NULL;
	struct sysck_names *names = NULL;
	struct tcbck_users *users = NULL;
	struct tcbck_root *root = NULL;
	struct sysck_err err;
	int r;

	if (argc != 2)
		return 2;
	sysck_err_clear(&err);
	r = tcbck_root_open(argv[1], &root, &err);
	if (r == 0)
		r = tcbck_users_open(root, &users, &err);
	if (r == 0)
		r = tcbck_users_names(users, &names);
	if (r == 0)
		r = tcbck_packages_new(&packages);
	if (r == 0)
		r = tcbck_rpm_read(root, names, &errors, packages, &err);
	if (r == 0) {
		tcbck_packages_freeze(packages);
		for (size_t i = 0; i < tcbck_packages_count(packages); i++)
			print_package(tcbck_packages_get(packages, i));
		for (size_t i = 0; i < tcbck_packages_file_count(packages); i++)
			print_file(packages, tcbck_packages_at(packages, i));
	} else {
		fprintf(stderr, "%s: %s: %s\n", argv[1], strerrorname_np(-r), err.text);
	}
	tcbck_packages_free(packages);
	sysck_names_free(names);
	tcbck_users_free(users);
	tcbck_root_free(root);
	return r == 0 ? 0 : 1;
}

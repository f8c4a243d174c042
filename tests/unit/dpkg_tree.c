/*
 * dpkg_tree.c - a root with what dpkg keeps in it.
 */
#include "dpkg_tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

void dpkg_tree_put_bytes(const struct scratch *scratch, const char *path, struct sysck_slice content)
{
	char directory[512];
	int fd;

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
		(void)mkdirat(scratch->fd, directory, 0755);
	}
	fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, content.data, content.len), (ssize_t)content.len);
	close(fd);
}

void dpkg_tree_put(const struct scratch *scratch, const char *path, const char *content)
{
	dpkg_tree_put_bytes(scratch, path, sysck_slice_of(content));
}

void dpkg_tree_begin(struct scratch *scratch)
{
	scratch_begin(scratch);
	dpkg_tree_put(scratch, DPKG_HOME "status", "");
	dpkg_tree_put(scratch, DPKG_INFO "format", "1\n");
	dpkg_tree_put(scratch, "etc/passwd", "root:x:0:0:::\nfred:x:1000:50:::\n");
	dpkg_tree_put(scratch, "etc/group", "root:x:0:\nstaff:x:50:\n");
}

void dpkg_tree_install(const struct scratch *scratch, const char *name, const char *list, const char *md5sums)
{
	char path[512], paragraph[1024];
	int fd = openat(scratch->fd, DPKG_HOME "status", O_WRONLY | O_APPEND | O_CLOEXEC);

	CU_ASSERT_FATAL(fd >= 0);
	snprintf(paragraph, sizeof(paragraph), "Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n",
		 name);
	CU_ASSERT_EQUAL(write(fd, paragraph, strlen(paragraph)), (ssize_t)strlen(paragraph));
	close(fd);
	snprintf(path, sizeof(path), DPKG_INFO "%s.list", name);
	dpkg_tree_put(scratch, path, list);
	snprintf(path, sizeof(path), DPKG_INFO "%s.md5sums", name);
	if (md5sums != NULL)
		dpkg_tree_put(scratch, path, md5sums);
}

static void take_error(void *context, const struct sysck_err *err)
{
	struct dpkg_errors *errors = context;
	size_t len = strlen(errors->text);
	char line[SYSCK_ERR_FILE_MAX + SYSCK_ERR_TEXT_MAX + 32];

	errors->count++;
	snprintf(errors->text + len, sizeof(errors->text) - len, "%s\n", sysck_err_format(err, line, sizeof(line)));
}

struct sysck_err_sink dpkg_errors_sink(struct dpkg_errors *errors)
{
	*errors = (struct dpkg_errors){ .count = 0 };
	return (struct sysck_err_sink){ take_error, errors };
}

size_t dpkg_tree_files(const struct tcbck_packages *packages, const char *path)
{
	size_t first;

	return tcbck_packages_find(packages, sysck_slice_of(path), &first);
}

const struct tcbck_packaged *dpkg_tree_file(const struct tcbck_packages *packages, const char *path)
{
	size_t first = 0, count = tcbck_packages_find(packages, sysck_slice_of(path), &first);

	CU_ASSERT_EQUAL(count, 1);
	return count == 1 ? tcbck_packages_at(packages, first) : NULL;
}

const struct tcbck_package *dpkg_tree_package(const struct tcbck_packages *packages, const char *name)
{
	size_t index;
	int r = tcbck_packages_named(packages, sysck_slice_of(name), &index);

	CU_ASSERT_EQUAL(r, 0);
	return r == 0 ? tcbck_packages_get(packages, index) : NULL;
}

bool dpkg_tree_has_md5(const struct tcbck_packaged *file, const char *md5)
{
	char text[2 * SYSCK_DIGEST_MAX + 1] = "";

	if (file == NULL || (file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE)) == 0 ||
	    (file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) == 0 || file->type != SYSCK_TYPE_FILE ||
	    file->hash_value.algorithm != SYSCK_HASH_MD5)
		return false;
	for (size_t i = 0; i < sysck_hash_length(SYSCK_HASH_MD5); i++)
		snprintf(text + 2 * i, 3, "%02x", file->hash_value.bytes[i]);
	return strcmp(text, md5) == 0;
}

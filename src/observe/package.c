/*
 * package.c - the packages of an installation, whatever manages them.
 *
 * Knows which package managers there are and where their archives lie; gives their files the paths that they have on the
 * host. Must never run anything.
 */
#include "observe/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/crew.h"
#include "observe/debs.h"
#include "observe/dpkg.h"
#include "observe/rpm.h"

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

/* --- archives -------------------------------------------------------------------------------------------------------- */

/* Adds the components of `path` behind what is there; leading ".." take something away, as long as no symlink is in that. */
static int add_components(struct sysck_buf *buf, struct sysck_slice path, bool resolved)
{
	while (path.len > 0) {
		const char *slash = memchr(path.data, '/', path.len);
		struct sysck_slice component = { path.data, slash == NULL ? path.len : (size_t)(slash - path.data) };

		path = (struct sysck_slice){ path.data + component.len, path.len - component.len };
		if (slash != NULL)
			path = (struct sysck_slice){ path.data + 1, path.len - 1 };
		if (component.len == 0 || sysck_slice_equal(component, SYSCK_SLICE(".")))
			continue;
		if (sysck_slice_equal(component, SYSCK_SLICE(".."))) {
			const char *last = buf->len == 0 ? NULL : memrchr(buf->data, '/', buf->len);

			if (!resolved)
				return -EINVAL;
			buf->len = last == NULL ? 0 : (size_t)(last - buf->data);
			continue;
		}
		/* What is named by the caller may be a symlink. */
		resolved = false;
		sysck_buf_add_char(buf, '/');
		sysck_buf_add_slice(buf, component);
	}
	return 0;
}

/* The path absolute and normalised, with a NUL behind it. */
static int make_absolute(const char *path, struct sysck_buf *ret, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	int r = 0;

	if (path[0] != '/') {
		char *here = getcwd(NULL, 0);

		if (here == NULL)
			return sysck_err_errno(err, -errno, "the working directory");
		sysck_buf_add_text(ret, here[1] == '\0' ? "" : here);
		free(here);
	}
	r = add_components(ret, sysck_slice_of(path), true);
	if (r < 0)
		return sysck_err_set(err, r, "%s: expected a path without `..' behind a name",
				     sysck_quote(sysck_slice_of(path), quoted, sizeof(quoted)));
	sysck_buf_add_char(ret, '\0');
	return sysck_buf_error(ret) < 0 ? out_of_memory(err) : 0;
}

/* The directory that the caller named: on his own system, whatever the root is. */
static int read_given(struct tcbck_debs *debs, const char *path, struct sysck_err *err)
{
	struct sysck_buf absolute = SYSCK_BUF_INIT;
	struct tcbck_opener *opener = NULL;
	struct tcbck_root *root = NULL;
	int r = make_absolute(path, &absolute, err);

	if (r == 0)
		r = tcbck_root_open(NULL, &root, err);
	if (r == 0 && tcbck_opener_new(root, &opener) < 0)
		r = out_of_memory(err);
	if (r == 0)
		r = tcbck_debs_read(debs, opener, absolute.data, false, err);
	tcbck_opener_free(opener);
	tcbck_root_free(root);
	sysck_buf_done(&absolute);
	return r;
}

/* A cache that is not there, or can't be used, is none; the caller's directory was asked for. */
static int read_archives(const struct tcbck_package_options *options, struct tcbck_debs *debs, struct tcbck_opener *opener,
			 struct sysck_err *err)
{
	int r = options->archives == NULL ? 0 : read_given(debs, options->archives, err);

	if (r < 0)
		return r;
	r = tcbck_debs_read(debs, opener, TCBCK_PACKAGE_CACHE, true, err);
	if (r == 0 || r == -ENOENT)
		return 0;
	if (r == -ENOMEM || r == -ECANCELED)
		return r;
	sysck_err_report(options->errors, err);
	return 0;
}

static int apply_archives(const struct tcbck_package_options *options, struct tcbck_opener *opener, struct sysck_names *names,
			  struct tcbck_packages *packages, size_t *ret_used, struct sysck_err *err)
{
	size_t count = tcbck_packages_count(packages);
	bool any = false, *wanted = calloc(count + 1, sizeof(*wanted));
	const struct tcbck_debs_options how = { .wanted = wanted,
						.names = names,
						.algorithm = options->algorithm,
						.errors = options->errors,
						.stop = options->stop };
	struct tcbck_debs *debs = NULL;
	int r = 0;

	if (wanted == NULL)
		return out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		wanted[i] = options->wants(options->context, tcbck_packages_get(packages, i));
		any = any || wanted[i];
	}
	if (any)
		r = tcbck_debs_new(&how, packages, &debs) < 0 ? out_of_memory(err) : read_archives(options, debs, opener, err);
	if (r == 0 && any)
		*ret_used = tcbck_debs_used(debs);
	tcbck_debs_free(debs);
	free(wanted);
	return r;
}

/* --- paths ----------------------------------------------------------------------------------------------------------- */

/* Directories that are remembered: packages share many. */
#define SEEN_MAX 4096u

/* Where the files of a directory are on the host. */
struct seen {
	struct sysck_slice directory; /* as it is spelled; data NULL: none yet */
	struct sysck_slice real;      /* empty: there, or nobody knows; else a symlink is on the way */
};

struct placing {
	struct tcbck_opener *opener;
	struct tcbck_packages *packages;
	struct seen *seen;       /* SEEN_MAX, by hash: one that is met again later takes the place of another */
	struct sysck_buf buffer; /* a path that is being made */
};

static struct sysck_slice directory_of(struct sysck_slice path)
{
	const char *slash = memrchr(path.data, '/', path.len);

	return (struct sysck_slice){ path.data, (size_t)(slash - path.data) };
}

static struct seen *slot_of(const struct placing *placing, struct sysck_slice directory)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < directory.len; i++)
		hash = (hash ^ (unsigned char)directory.data[i]) * 16777619u;
	return &placing->seen[(hash ^ hash >> 16) % SEEN_MAX];
}

/* Keeps `front` with `back` behind it. */
static int keep_real(struct placing *placing, struct sysck_slice front, struct sysck_slice back, struct sysck_slice *ret)
{
	sysck_buf_clear(&placing->buffer);
	sysck_buf_add_slice(&placing->buffer, front);
	sysck_buf_add_slice(&placing->buffer, back);
	if (sysck_buf_error(&placing->buffer) < 0)
		return -ENOMEM;
	return tcbck_packages_copy(placing->packages, sysck_buf_slice(&placing->buffer), ret);
}

/* As far as the way is there, it is resolved; what is not there can be no symlink. An unsafe way keeps its spelling. */
static int resolve_missing(struct placing *placing, struct sysck_slice directory, struct sysck_slice *ret)
{
	struct sysck_slice upper = directory;
	struct tcbck_place place;
	int r = -ENOENT;

	while (upper.len > 0 && (r == -ENOENT || r == -ENOTDIR)) {
		r = tcbck_path_find(placing->opener, upper, &place, NULL);
		if (r < 0)
			upper = directory_of(upper);
	}
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!place.through_symlink)
		return 0;
	return keep_real(placing, place.resolved, (struct sysck_slice){ upper.data + upper.len, directory.len - upper.len },
			 ret);
}

/* Finds out where the files of the directory of `path` are. */
static int resolve_directory(struct placing *placing, struct sysck_slice path, struct sysck_slice *ret)
{
	struct tcbck_place place;
	int r = tcbck_path_find(placing->opener, path, &place, NULL);

	if (r == -ENOENT || r == -ENOTDIR)
		return resolve_missing(placing, directory_of(path), ret);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!place.through_symlink)
		return 0;
	return keep_real(placing, directory_of(place.resolved), (struct sysck_slice){ "", 0 }, ret);
}

static int find_directory(struct placing *placing, struct sysck_slice path, const struct seen **ret)
{
	struct seen found = { .directory = directory_of(path) }, *slot = slot_of(placing, found.directory);
	int r = 0;

	if (slot->directory.data == NULL || !sysck_slice_equal(slot->directory, found.directory)) {
		r = resolve_directory(placing, path, &found.real);
		if (r == 0)
			*slot = found;
	}
	*ret = slot;
	return r;
}

/* Whether it is a directory on the host: dpkg's lists name those as they name files. */
static int leave_out_directory(struct placing *placing, struct tcbck_packaged *file)
{
	struct tcbck_place place;
	struct stat st;
	int r;

	if ((file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE)) != 0)
		return 0;
	r = tcbck_path_find(placing->opener, file->path, &place, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		file->path.len = 0;
	return 0;
}

static int place_file(struct placing *placing, struct tcbck_packaged *file)
{
	const struct seen *seen;
	struct sysck_slice name;
	int r = find_directory(placing, file->path, &seen);

	if (r == 0)
		r = leave_out_directory(placing, file);
	if (r < 0 || seen->real.len == 0 || file->path.len == 0)
		return r;
	name = (struct sysck_slice){ file->path.data + seen->directory.len, file->path.len - seen->directory.len };
	return keep_real(placing, seen->real, name, &file->path);
}

/* Gives all files the paths that they have on the host. */
static int place_files(struct tcbck_opener *opener, struct tcbck_packages *packages, const atomic_bool *stop,
		       struct sysck_err *err)
{
	struct placing placing = { .opener = opener, .packages = packages, .seen = calloc(SEEN_MAX, sizeof(struct seen)) };
	size_t count = tcbck_packages_added(packages);
	int r = placing.seen == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct tcbck_packaged *file = tcbck_packages_file(packages, i);

		if (file->path.len > 0)
			r = place_file(&placing, file);
		if (r == 0 && tcbck_crew_is_stopped(stop))
			r = -ECANCELED;
	}
	free(placing.seen);
	sysck_buf_done(&placing.buffer);
	return r < 0 ? sysck_err_errno(err, r, "files of packages") : 0;
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

/* Reads the first package manager that has packages; one that has none is there as a program only. */
static int read_managers(const struct tcbck_package_options *options, struct tcbck_opener *opener, struct sysck_names *names,
			 struct tcbck_packages *packages, size_t *ret_used, struct sysck_err *err)
{
	int dpkg = tcbck_dpkg_read(opener, names, options->errors, packages, err), r;

	if (dpkg < 0 && dpkg != -ENOENT)
		return dpkg;
	if (dpkg == 0 && tcbck_packages_count(packages) > 0)
		return options->wants == NULL ? 0 : apply_archives(options, opener, names, packages, ret_used, err);
	r = tcbck_rpm_read(options->root, names, options->errors, packages, err);
	if (r == -ENOENT)
		return dpkg == 0 ? 0 : sysck_err_set(err, -ENOENT, "there is no package manager");
	return r;
}

bool tcbck_package_needs_freedom(const struct tcbck_root *root)
{
	struct tcbck_opener *opener;
	struct stat st = { .st_size = 0 };
	int status;

	if (tcbck_opener_new(root, &opener) < 0)
		return false;
	if (tcbck_path_follow(opener, SYSCK_SLICE("/var/lib/dpkg/status"), &status, NULL) == 0) {
		(void)fstat(status, &st);
		close(status);
	}
	tcbck_opener_free(opener);
	return st.st_size == 0 && tcbck_rpm_is_there(root);
}

int tcbck_package_read(const struct tcbck_package_options *options, struct tcbck_packages **ret, size_t *ret_archives,
		       struct sysck_err *err)
{
	struct tcbck_packages *packages = NULL;
	struct tcbck_opener *opener = NULL;
	struct sysck_names *names = NULL;
	size_t used = 0;
	int r = 0;

	if (tcbck_packages_new(&packages) < 0 || tcbck_opener_new(options->root, &opener) < 0 ||
	    tcbck_users_names(options->users, &names) < 0)
		r = out_of_memory(err);
	if (r == 0)
		r = read_managers(options, opener, names, packages, &used, err);
	if (r == 0)
		r = place_files(opener, packages, options->stop, err);
	tcbck_opener_free(opener);
	sysck_names_free(names);
	if (r < 0) {
		tcbck_packages_free(packages);
		return r;
	}
	tcbck_packages_freeze(packages);
	*ret = packages;
	if (ret_archives != NULL)
		*ret_archives = used;
	return 0;
}

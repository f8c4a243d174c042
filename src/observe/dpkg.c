/*
 * dpkg.c - what dpkg(1) knows of the packages of an installation.
 *
 * Knows which of dpkg's files says what, and which overrules which. Must never run anything, nor look at the files of packages.
 *
 * A package's list of files decides what is its own: what another package took over is no longer in it, but stays in the
 * digests. The list is sorted, so that digests, which mostly come in that order, are found by looking at the next entry.
 */
#include "observe/dpkg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "observe/dpkgfile.h"
#include "observe/dpkgrules.h"
#include "observe/dpkgtext.h"

/* Most architectures that one package is installed for. */
#define ARCHITECTURES_MAX 64u
/* Longest name of a file in info: a package, an architecture, a suffix. */
#define NAME_ROOM (2 * TCBCK_DPKGTEXT_WORD_MAX + 16)

/* A line of the list of the package that is being read. */
struct entry {
	struct sysck_slice path;
	unsigned char md5[16];
	bool has_digest, directory, configuration, gone;
};

struct reader {
	struct tcbck_opener *opener;
	const struct sysck_err_sink *errors;
	struct tcbck_packages *packages;
	struct sysck_err *err;
	struct sysck_arena texts;          /* files whose lines are kept until the end */
	struct tcbck_dpkg_list paragraphs; /* of struct tcbck_dpkg_paragraph */
	struct tcbck_dpkg_rules rules;
	struct tcbck_dpkg_place lists;
	/* Of the package that is being read: */
	struct tcbck_dpkg_list entries; /* sorted */
	struct sysck_buf list, sums;    /* its files */
	struct sysck_buf terminated;    /* a path with a NUL behind it */
	bool whole;                     /* so far */
};

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

/* --- status ---------------------------------------------------------------------------------------------------------- */

static int add_paragraph(struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph)
{
	struct tcbck_dpkg_paragraph *kept;

	if (reader->paragraphs.count >= TCBCK_PACKAGES_MAX)
		return sysck_err_set(reader->err, -EFBIG, "more than %u packages", TCBCK_PACKAGES_MAX);
	kept = tcbck_dpkgfile_list_add(&reader->paragraphs, sizeof(*kept));
	if (kept == NULL)
		return out_of_memory(reader->err);
	*kept = *paragraph;
	return 0;
}

static int read_status(struct reader *reader, const struct tcbck_dpkg_place *place, const char *name)
{
	struct tcbck_dpkg_paragraph paragraph;
	struct tcbck_dpkgtext text = { .line = 0 };
	struct tcbck_dpkg_source source = { .modified = { 0, 0 } };
	const char *why;
	int r = tcbck_dpkgfile_read_kept(place, name, &reader->texts, &text.rest, &source, reader->err);

	if (r < 0)
		return r;
	while ((r = tcbck_dpkgtext_paragraph(&text, &paragraph, &why)) != 0) {
		if (r < 0) {
			tcbck_dpkgfile_report(reader->errors, &source, paragraph.line, why);
			tcbck_packages_set_partial(reader->packages);
			continue;
		}
		/* What comes behind the last newline may have been a digest. */
		if (text.rest.len > 0 && memchr(text.rest.data, '\n', text.rest.len) == NULL &&
		    paragraph.state == TCBCK_DPKG_PRESENT)
			paragraph.state = TCBCK_DPKG_PARTIAL;
		r = add_paragraph(reader, &paragraph);
		if (r < 0)
			return r;
	}
	if (text.rest.len > 0) {
		tcbck_dpkgfile_report(reader->errors, &source, text.line + 1, "ends in the middle of a line");
		tcbck_packages_set_partial(reader->packages);
	}
	return 0;
}

/* dpkg names updates with digits, one after the other. */
static bool is_update(const char *name)
{
	size_t len = strspn(name, "0123456789");

	return len > 0 && len < 16 && name[len] == '\0';
}

static int compare_updates(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	size_t left_len = strlen(*left), right_len = strlen(*right);

	return left_len != right_len ? (left_len > right_len) - (left_len < right_len) : strcmp(*left, *right);
}

/* What dpkg has not written to status yet. */
static int read_updates(struct reader *reader)
{
	struct tcbck_dpkg_list names = { .items = NULL };
	struct tcbck_dpkg_place place;
	const char **all;
	int r = tcbck_dpkgfile_open(reader->opener, TCBCK_DPKG_UPDATES, &place, reader->err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = tcbck_dpkgfile_names(&place, is_update, &reader->texts, &names, reader->err);
	all = names.items;
	if (names.count > 0)
		qsort(all, names.count, sizeof(*all), compare_updates);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = read_status(reader, &place, all[i]);
	free(names.items);
	tcbck_dpkgfile_close(&place);
	return r;
}

/* --- files of one package -------------------------------------------------------------------------------------------- */

/* An error of the package that is being read: it is told of, and what is known of it does not hold. */
static void fault(struct reader *reader, const struct tcbck_dpkg_source *source, unsigned line, const char *why)
{
	/* Told once; and a package that is under way may have anything. */
	if (reader->whole)
		tcbck_dpkgfile_report(reader->errors, source, line, why);
	reader->whole = false;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return sysck_slice_compare(left->path, right->path);
}

/* Sorted, each path once. */
static void sort_entries(struct tcbck_dpkg_list *list)
{
	struct entry *entries = list->items;
	size_t kept = 0;

	qsort(entries, list->count, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || !sysck_slice_equal(entries[kept - 1].path, entries[i].path))
			entries[kept++] = entries[i];
	list->count = kept;
}

static int read_list(struct reader *reader, const struct tcbck_dpkg_source *source)
{
	struct tcbck_dpkgtext text = { .rest = sysck_buf_slice(&reader->list) };
	struct sysck_slice line, path, last = { "", 0 };
	struct entry *entry;
	bool sorted = true;

	while (tcbck_dpkgtext_line(&text, &line)) {
		if (tcbck_dpkgtext_path(line, &path) < 0) {
			fault(reader, source, text.line, "expected an absolute path without `.', `..' or `//'");
			continue;
		}
		if (path.len == 1)
			continue;
		entry = tcbck_dpkgfile_list_add(&reader->entries, sizeof(*entry));
		if (entry == NULL)
			return out_of_memory(reader->err);
		*entry = (struct entry){ .path = path };
		sorted = sorted && sysck_slice_compare(last, path) < 0;
		last = path;
	}
	if (text.rest.len > 0)
		fault(reader, source, text.line + 1, "ends in the middle of a line");
	if (!sorted)
		sort_entries(&reader->entries);
	return 0;
}

/* `path` is without the "/" at its beginning. *next: where it is looked for first. */
static struct entry *find_entry(const struct reader *reader, struct sysck_slice path, size_t *next)
{
	struct entry *entries = reader->entries.items;
	size_t low = 0, high = reader->entries.count, middle = *next < high ? *next : high / 2;

	while (low < high) {
		const struct sysck_slice at = { entries[middle].path.data + 1, entries[middle].path.len - 1 };
		int order = sysck_slice_compare(at, path);

		if (order == 0) {
			*next = middle + 1;
			return &entries[middle];
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
		middle = low + (high - low) / 2;
	}
	*next = low;
	return NULL;
}

/* An entry that is the parent of another one is a directory. */
static void mark_directories(const struct reader *reader)
{
	const struct entry *entries = reader->entries.items;
	struct sysck_slice last = { "", 0 };
	size_t next = 0;

	for (size_t i = 0; i < reader->entries.count; i++) {
		const char *slash = memrchr(entries[i].path.data, '/', entries[i].path.len);
		struct sysck_slice parent = { entries[i].path.data, (size_t)(slash - entries[i].path.data) };
		struct entry *directory;

		if (parent.len == 0 || sysck_slice_equal(parent, last))
			continue;
		last = parent;
		directory = find_entry(reader, (struct sysck_slice){ parent.data + 1, parent.len - 1 }, &next);
		if (directory != NULL)
			directory->directory = true;
	}
}

static void take_digest(struct entry *entry, const struct sysck_digest *digest)
{
	memcpy(entry->md5, digest->bytes, sizeof(entry->md5));
	entry->has_digest = true;
}

static void read_sums(struct reader *reader, const struct tcbck_dpkg_source *source)
{
	struct tcbck_dpkgtext text = { .rest = sysck_buf_slice(&reader->sums) };
	struct sysck_slice line, path;
	struct sysck_digest digest;
	struct entry *entry;
	size_t next = 0;

	while (tcbck_dpkgtext_line(&text, &line)) {
		if (tcbck_dpkgtext_md5(line, &digest, &path) < 0) {
			fault(reader, source, text.line, "expected an MD5, two blanks and a path");
			continue;
		}
		entry = find_entry(reader, path, &next);
		if (entry != NULL)
			take_digest(entry, &digest);
	}
	if (text.rest.len > 0)
		fault(reader, source, text.line + 1, "ends in the middle of a line");
}

static void read_conffiles(struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph)
{
	static const struct tcbck_dpkg_source status = { .path = TCBCK_DPKG_HOME "/status" };
	struct tcbck_dpkgtext text = { paragraph->conffiles, paragraph->conffiles_line };
	struct tcbck_dpkg_conffile conffile;
	struct sysck_slice line;
	struct entry *entry;
	size_t next = 0;

	while (tcbck_dpkgtext_line(&text, &line)) {
		if (tcbck_dpkgtext_conffile(line, &conffile) < 0) {
			fault(reader, &status, text.line, "expected a path and an MD5");
			continue;
		}
		entry = find_entry(reader, (struct sysck_slice){ conffile.path.data + 1, conffile.path.len - 1 }, &next);
		if (entry == NULL)
			continue;
		entry->configuration = true;
		entry->gone = conffile.gone;
		entry->has_digest = false;
		if (conffile.has_digest)
			take_digest(entry, &conffile.hash_value);
	}
}

/* PACKAGE.SUFFIX or PACKAGE:ARCHITECTURE.SUFFIX, whichever is there; the first for most packages. */
static int read_either(const struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph, const char *suffix,
		       struct sysck_buf *ret, struct tcbck_dpkg_source *ret_source, struct sysck_err *err)
{
	char name[NAME_ROOM];
	int r = -ENOENT;

	for (unsigned i = 0; i < 2 && r == -ENOENT; i++) {
		const bool full = (i == 0) == paragraph->same;
		const struct sysck_slice architecture = full ? paragraph->architecture : SYSCK_SLICE("");

		snprintf(name, sizeof(name), "%.*s%s%.*s%s", (int)paragraph->package.len, paragraph->package.data,
			 full ? ":" : "", (int)architecture.len, architecture.data, suffix);
		r = tcbck_dpkgfile_read(&reader->lists, name, ret, ret_source, err);
	}
	return r;
}

/* Reads a file of the package; one that is not there may be a fault. What could not be read is empty. 0 or -ENOMEM. */
static int read_file(struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph, const char *suffix, bool needed,
		     struct sysck_buf *ret, struct tcbck_dpkg_source *ret_source)
{
	struct sysck_err err;
	int r = read_either(reader, paragraph, suffix, ret, ret_source, &err);

	if (r == 0)
		return 0;
	if (r == -ENOMEM)
		return out_of_memory(reader->err);
	sysck_buf_clear(ret);
	if (r == -ENOENT && !needed)
		return 0;
	if (reader->whole)
		sysck_err_report(reader->errors, &err);
	reader->whole = false;
	return 0;
}

/* Fills the entries with what is known of the package's files. */
static int read_entries(struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph, struct timespec *ret_installed)
{
	struct tcbck_dpkg_source source = { .modified = { 0, 0 } };
	int r;

	reader->entries.count = 0;
	r = read_file(reader, paragraph, ".list", true, &reader->list, &source);
	if (r < 0)
		return r;
	*ret_installed = source.modified;
	r = read_list(reader, &source);
	if (r < 0)
		return r;
	mark_directories(reader);
	r = read_file(reader, paragraph, ".md5sums", false, &reader->sums, &source);
	if (r < 0)
		return r;
	read_sums(reader, &source);
	read_conffiles(reader, paragraph);
	return 0;
}

/* --- packages -------------------------------------------------------------------------------------------------------- */

static int is_left_out(struct reader *reader, struct sysck_slice path, bool *ret)
{
	if (reader->rules.filters.count == 0)
		return 0;
	sysck_buf_clear(&reader->terminated);
	sysck_buf_add_slice(&reader->terminated, path);
	sysck_buf_add_char(&reader->terminated, '\0');
	if (sysck_buf_error(&reader->terminated) < 0)
		return out_of_memory(reader->err);
	*ret = tcbck_dpkgrules_leaves_out(&reader->rules, reader->terminated.data);
	return 0;
}

static int add_file(struct reader *reader, const struct entry *entry, struct sysck_slice package, size_t index)
{
	const struct tcbck_dpkg_stat *stat = tcbck_dpkgrules_stat(&reader->rules, entry->path);
	struct tcbck_packaged file = {
		.path = tcbck_dpkgrules_divert(&reader->rules, entry->path, package),
		.listed = entry->path,
		.package = index,
		.configuration = entry->configuration,
	};
	int r = is_left_out(reader, entry->path, &file.optional);

	if (r < 0)
		return r;
	if (entry->has_digest) {
		file.known = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) | SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE);
		file.type = SYSCK_TYPE_FILE;
		file.hash_value.algorithm = SYSCK_HASH_MD5;
		memcpy(file.hash_value.bytes, entry->md5, sizeof(entry->md5));
	}
	if (stat != NULL) {
		file.known |= stat->known;
		file.owner = stat->owner;
		file.group = stat->group;
		file.mode = stat->mode;
	}
	r = tcbck_packages_add_file(reader->packages, &file);
	return r < 0 ? sysck_err_errno(reader->err, r, "files of packages") : 0;
}

static int read_package(struct reader *reader, const struct tcbck_dpkg_paragraph *paragraph)
{
	struct tcbck_package package = { .name = paragraph->package,
					 .version = paragraph->version,
					 .architecture = paragraph->architecture };
	const struct entry *entries;
	size_t index;
	int r;

	reader->whole = paragraph->state == TCBCK_DPKG_PRESENT;
	r = read_entries(reader, paragraph, &package.installed);
	if (r < 0)
		return r;
	package.whole = reader->whole;
	r = tcbck_packages_add(reader->packages, &package, &index);
	if (r < 0)
		return sysck_err_errno(reader->err, r, "packages");
	entries = reader->entries.items;
	for (size_t i = 0; r == 0 && i < reader->entries.count; i++)
		if (!entries[i].directory && !entries[i].gone)
			r = add_file(reader, &entries[i], package.name, index);
	return r;
}

struct numbered {
	const struct tcbck_dpkg_paragraph *paragraph;
	size_t number;
};

static int compare_paragraphs(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;
	int order = sysck_slice_compare(left->paragraph->package, right->paragraph->package);

	return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

/* Does the later one tell what became of the earlier one, or are both there, for two architectures? */
static bool overrules(const struct tcbck_dpkg_paragraph *later, const struct tcbck_dpkg_paragraph *earlier)
{
	return !later->same || !earlier->same || sysck_slice_equal(later->architecture, earlier->architecture);
}

/* The paragraphs of one name, in the order in which they were read. */
static int read_named(struct reader *reader, const struct numbered *named, size_t count)
{
	const struct tcbck_dpkg_paragraph *left[ARCHITECTURES_MAX];
	size_t left_count = 0;
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		size_t kept = 0;

		for (size_t j = 0; j < left_count; j++)
			if (!overrules(named[i].paragraph, left[j]))
				left[kept++] = left[j];
		left_count = kept;
		if (named[i].paragraph->state == TCBCK_DPKG_ABSENT)
			continue;
		if (left_count == ARCHITECTURES_MAX)
			return sysck_err_set(reader->err, -EFBIG, "package %.*s: for more than %u architectures",
					     (int)named->paragraph->package.len, named->paragraph->package.data,
					     ARCHITECTURES_MAX);
		left[left_count++] = named[i].paragraph;
	}
	for (size_t i = 0; r == 0 && i < left_count; i++)
		r = read_package(reader, left[i]);
	return r;
}

static int read_packages(struct reader *reader)
{
	const struct tcbck_dpkg_paragraph *paragraphs = reader->paragraphs.items;
	size_t count = reader->paragraphs.count, end;
	struct numbered *sorted = calloc(count, sizeof(*sorted));
	int r = 0;

	if (sorted == NULL)
		return out_of_memory(reader->err);
	for (size_t i = 0; i < count; i++)
		sorted[i] = (struct numbered){ &paragraphs[i], i };
	qsort(sorted, count, sizeof(*sorted), compare_paragraphs);
	for (size_t i = 0; r == 0 && i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (!sysck_slice_equal(sorted[end].paragraph->package, sorted[i].paragraph->package))
				break;
		r = read_named(reader, &sorted[i], end - i);
	}
	free(sorted);
	return r;
}

static int read_all(struct reader *reader, const struct tcbck_dpkg_place *home, struct sysck_names *names)
{
	struct stat st;
	int r;

	if (fstatat(home->descriptor, "status", &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return sysck_err_set(reader->err, -ENOENT, "there is no dpkg");
	r = read_status(reader, home, "status");
	if (r == 0)
		r = read_updates(reader);
	if (r < 0 || reader->paragraphs.count == 0)
		return r;
	r = tcbck_dpkgrules_read(&reader->rules, reader->opener, home, names, reader->errors, reader->err);
	if (r == 0)
		r = tcbck_dpkgfile_open(reader->opener, TCBCK_DPKG_LISTS, &reader->lists, reader->err);
	if (r == -ENOENT)
		return sysck_err_set(reader->err, -EINVAL, "%s is missing", TCBCK_DPKG_LISTS);
	return r == 0 ? read_packages(reader) : r;
}

int tcbck_dpkg_read(struct tcbck_opener *opener, struct sysck_names *names, const struct sysck_err_sink *errors,
		    struct tcbck_packages *packages, struct sysck_err *err)
{
	struct reader reader = { .opener = opener, .errors = errors, .packages = packages, .err = err, .lists = { NULL, -1 } };
	struct tcbck_dpkg_place home;
	int r = tcbck_dpkgfile_open(opener, TCBCK_DPKG_HOME, &home, err);

	if (r < 0)
		return r;
	r = read_all(&reader, &home, names);
	tcbck_dpkgfile_close(&home);
	tcbck_dpkgfile_close(&reader.lists);
	tcbck_dpkgrules_done(&reader.rules);
	free(reader.paragraphs.items);
	free(reader.entries.items);
	sysck_buf_done(&reader.list);
	sysck_buf_done(&reader.sums);
	sysck_buf_done(&reader.terminated);
	sysck_arena_done(&reader.texts);
	return r;
}

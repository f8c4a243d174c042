/*
 * fuzz_dpkg.c - any bytes as dpkg's files.
 *
 * NUL separates the files. Each is first read as every format that there is; then they are put below $FUZZ_DIRECTORY, or a new
 * directory in /dev/shm, and read as what dpkg knows. What comes out are paths that can be opened, in order, of packages whose
 * names can stand in names of files.
 */
#include "must.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/dpkg.h"
#include "observe/dpkgtext.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_inside(struct sysck_slice whole, struct sysck_slice part)
{
	return part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* Nothing that leads elsewhere when it is put into the name of a file. */
static bool is_harmless(struct sysck_slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] == '/' || word.data[i] <= ' ' || word.data[i] == 0x7f)
			return false;
	return word.len > 0 && word.len <= TCBCK_DPKGTEXT_WORD_MAX && word.data[0] != '.';
}

static void read_paragraphs(struct sysck_slice bytes)
{
	struct tcbck_dpkgtext text = { .rest = bytes };
	struct tcbck_dpkg_paragraph paragraph;
	const char *why = NULL;
	size_t left = bytes.len + 1;
	int r;

	while ((r = tcbck_dpkgtext_paragraph(&text, &paragraph, &why)) != 0) {
		must(text.rest.len < left, "a paragraph is read twice");
		left = text.rest.len;
		must(paragraph.line > 0 && paragraph.line <= text.line, "a paragraph without a place");
		must(r == 1 || (r == -EINVAL && why != NULL), "a fault that is none");
		must(is_inside(bytes, paragraph.conffiles), "conffiles from elsewhere");
		if (r < 0)
			continue;
		must(is_harmless(paragraph.package), "a package with a wrong name");
		must(paragraph.state == TCBCK_DPKG_ABSENT ||
			     (is_harmless(paragraph.version) && is_harmless(paragraph.architecture)),
		     "a package with a wrong version");
		must(paragraph.conffiles.len == 0 || paragraph.conffiles.data[paragraph.conffiles.len - 1] == '\n',
		     "conffiles without an end");
	}
	must(text.rest.len == 0 || memchr(text.rest.data, '\n', text.rest.len) == NULL, "a line is not read");
}

static void read_lines(struct sysck_slice bytes)
{
	struct tcbck_dpkgtext text = { .rest = bytes };
	struct sysck_slice line, path;

	while (tcbck_dpkgtext_line(&text, &line)) {
		struct tcbck_dpkg_conffile conffile;
		struct tcbck_dpkg_override override;
		struct tcbck_dpkg_filter filter;
		struct sysck_digest digest;

		if (tcbck_dpkgtext_path(line, &path) == 0)
			must(is_inside(line, path) && sysck_path_check(path, NULL) == 0, "a path that is none");
		if (tcbck_dpkgtext_md5(line, &digest, &path) == 0)
			must(is_inside(line, path) && path.len > 0 && digest.algorithm == SYSCK_HASH_MD5,
			     "a digest of nothing");
		if (tcbck_dpkgtext_conffile(line, &conffile) == 0)
			must(is_inside(line, conffile.path) && sysck_path_check(conffile.path, NULL) == 0,
			     "a conffile that is none");
		if (tcbck_dpkgtext_override(line, &override) == 0)
			must(override.user.len > 0 && override.group.len > 0 && override.mode <= 07777 &&
				     sysck_path_check(override.path, NULL) == 0,
			     "an override that is none");
		if (tcbck_dpkgtext_filter(line, &filter) == 1)
			must(is_inside(line, filter.pattern), "a filter from elsewhere");
	}
}

static void read_diversions(struct sysck_slice bytes)
{
	struct tcbck_dpkgtext text = { .rest = bytes };
	struct tcbck_dpkg_diversion diversion;
	int r;

	while ((r = tcbck_dpkgtext_diversion(&text, &diversion)) != 0)
		must(r < 0 || (sysck_path_check(diversion.from, NULL) == 0 && sysck_path_check(diversion.to, NULL) == 0),
		     "a diversion to nowhere");
}

/* --- as files --- */

static struct tcbck_root *root;
static int top = -1;

static void make_root(void)
{
	static const char *const directories[] = {
		"var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "etc/dpkg"
	};
	static char own[] = "/dev/shm/fuzz-dpkg.XXXXXX";
	const char *directory = getenv("FUZZ_DIRECTORY");

	if (directory == NULL)
		directory = mkdtemp(own);
	must(directory != NULL && tcbck_root_open(directory, &root, NULL) == 0, "no directory");
	top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < COUNT(directories); i++)
		must(mkdirat(top, directories[i], 0755) == 0 || errno == EEXIST, "no directory of dpkg's");
}

static void put(const char *path, struct sysck_slice bytes)
{
	int fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len, "no file");
	close(fd);
}

static void take_error(void *context, const struct sysck_err *err)
{
	(void)context;
	must(err->code < 0 && err->text[0] != '\0' && err->file[0] != '\0', "an error without a text or a place");
}

static void check_table(struct tcbck_packages *packages)
{
	tcbck_packages_freeze(packages);
	for (size_t i = 0; i < tcbck_packages_file_count(packages); i++) {
		const struct tcbck_packaged *file = tcbck_packages_at(packages, i);
		size_t first = SIZE_MAX, count = tcbck_packages_find(packages, file->path, &first);

		must(sysck_path_check(file->path, NULL) == 0 && sysck_path_check(file->listed, NULL) == 0,
		     "a path that is none");
		must(i == 0 || sysck_slice_compare(tcbck_packages_at(packages, i - 1)->path, file->path) <= 0, "out of order");
		must(first <= i && i < first + count, "a file is not found");
		must(file->package < tcbck_packages_count(packages), "a file of no package");
		must((file->known & SYSCK_ATTR_BIT(SYSCK_ATTR_HASH_VALUE)) == 0 || file->type == SYSCK_TYPE_FILE,
		     "a digest of no file");
	}
}

static void read_files(struct sysck_slice rest)
{
	/* What an input says first. Few packages, so that lists belong to one. */
	static const char *const files[] = { "var/lib/dpkg/info/a.list", "var/lib/dpkg/info/a.md5sums", "var/lib/dpkg/status",
					     "var/lib/dpkg/diversions",  "var/lib/dpkg/statoverride",   "etc/dpkg/dpkg.cfg",
					     "var/lib/dpkg/updates/0001" };
	const struct sysck_err_sink sink = { take_error, NULL };
	struct tcbck_packages *packages = NULL;
	struct tcbck_opener *opener = NULL;
	struct sysck_names *names = must_names();
	struct sysck_slice bytes;
	struct sysck_err err;
	int r;

	if (top < 0)
		make_root();
	for (size_t i = 0; i < COUNT(files); i++) {
		if (!must_next(&rest, &bytes))
			bytes = (struct sysck_slice){ "", 0 };
		put(files[i], bytes);
	}
	must(tcbck_opener_new(root, &opener) == 0 && tcbck_packages_new(&packages) == 0, "no memory");
	r = tcbck_dpkg_read(opener, names, &sink, packages, &err);
	must(r == 0 || err.code == r, "a failure without a reason");
	if (r == 0)
		check_table(packages);
	tcbck_packages_free(packages);
	tcbck_opener_free(opener);
	sysck_names_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sysck_slice bytes = { (const char *)data, size }, rest = bytes, part;

	read_paragraphs(bytes);
	read_lines(bytes);
	read_diversions(bytes);
	while (must_next(&rest, &part)) {
		read_paragraphs(part);
		read_lines(part);
		read_diversions(part);
	}
	read_files(bytes);
	return 0;
}

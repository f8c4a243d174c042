/*
 * test_path.c - tests of src/observe/path.c: which paths are opened, which symlinks are followed, and who controls a path.
 *
 * Each test has an installation of its own below /tmp, opened as a root. The tests of other people's links and
 * directories need chown(2), that is, root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/path.h"
#include "scratch.h"
#include "suites.h"

/* An installation, and what was last asked about it. */
struct site {
	struct scratch scratch;
	struct tcbck_opener *opener;
	struct tcbck_place place;
	struct sysck_err err;
	bool controlled;
	char why[SYSCK_ERR_TEXT_MAX];
};

static void begin(struct site *site)
{
	*site = (struct site){ .controlled = false };
	scratch_begin(&site->scratch);
	CU_ASSERT_EQUAL_FATAL(tcbck_opener_new(site->scratch.root, &site->opener), 0);
}

static void end(struct site *site)
{
	tcbck_opener_free(site->opener);
	scratch_end(&site->scratch);
}

static int find(struct site *site, const char *path)
{
	sysck_err_clear(&site->err);
	return tcbck_path_find(site->opener, sysck_slice_of(path), &site->place, &site->err);
}

static int find_controlled(struct site *site, const char *path)
{
	sysck_err_clear(&site->err);
	site->why[0] = '\0';
	return tcbck_path_find_controlled(site->opener, sysck_slice_of(path), &site->place, &site->controlled, site->why,
					  &site->err);
}

/* Both ways of finding fail with `code` and say `part`. */
static bool fails(struct site *site, const char *path, int code, const char *part)
{
	int quick = find(site, path);
	bool good = scratch_says(site->err.text, part) && site->err.code == code;

	return quick == code && good && find_controlled(site, path) == code && site->err.code == code &&
	       scratch_says(site->err.text, part);
}

/* Is the place found the very object `path` (as the kernel finds it), and is its resolved path `resolved`? */
static bool stands(const struct site *site, const char *path, const char *resolved)
{
	struct stat found, wanted;

	if (fstatat(site->place.directory, site->place.name, &found, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(site->scratch.fd, path, &wanted, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev &&
	       sysck_slice_equal(site->place.resolved, sysck_slice_of(resolved));
}

/* find(), find again with the directory kept, find_controlled(): all with the same answer. */
static bool found(struct site *site, const char *path, const char *real, const char *resolved, bool through_symlink)
{
	bool good = true;
	int i;

	tcbck_opener_forget(site->opener);
	for (i = 0; i < 3 && good; i++) {
		good = (i < 2 ? find(site, path) : find_controlled(site, path)) == 0 && stands(site, real, resolved) &&
		       site->place.through_symlink == through_symlink;
		if (!good)
			printf("    %s (%d): %.*s %s\n", path, i, (int)site->place.resolved.len, site->place.resolved.data,
			       site->err.text);
	}
	return good;
}

static int follow(struct site *site, const char *path, const char *real)
{
	struct stat st, wanted;
	int fd = -1, r;

	sysck_err_clear(&site->err);
	r = tcbck_path_follow(site->opener, sysck_slice_of(path), &fd, &site->err);
	if (r < 0)
		return r;
	CU_ASSERT_EQUAL(fstat(fd, &st), 0);
	CU_ASSERT_EQUAL(fstatat(site->scratch.fd, real, &wanted, AT_SYMLINK_NOFOLLOW), 0);
	CU_ASSERT_TRUE(st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev);
	CU_ASSERT_TRUE((fcntl(fd, F_GETFL) & O_PATH) != 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	return 0;
}

static void opens_roots(void)
{
	struct site site;
	struct tcbck_root *root = NULL;
	char path[64];

	begin(&site);
	CU_ASSERT_FALSE(tcbck_root_is_host(site.scratch.root));
	CU_ASSERT_TRUE((fcntl(tcbck_root_descriptor(site.scratch.root), F_GETFL) & O_PATH) != 0);
	scratch_file(&site.scratch, "file");
	snprintf(path, sizeof(path), "%s/file", site.scratch.top);
	CU_ASSERT_EQUAL(tcbck_root_open(path, &root, &site.err), -ENOTDIR);
	CU_ASSERT_TRUE(scratch_says(site.err.text, path));
	snprintf(path, sizeof(path), "%s/a\nb", site.scratch.top);
	CU_ASSERT_EQUAL(tcbck_root_open(path, &root, &site.err), -ENOENT);
	CU_ASSERT_TRUE(scratch_says(site.err.text, "/a\\nb\""));
	CU_ASSERT_PTR_NULL(root);
	end(&site);

	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &root, NULL), 0);
	CU_ASSERT_TRUE(tcbck_root_is_host(root));
	tcbck_root_free(root);
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open("/tmp/..", &root, NULL), 0);
	CU_ASSERT_TRUE(tcbck_root_is_host(root));
	tcbck_root_free(root);
	tcbck_root_free(NULL);
	tcbck_opener_free(NULL);
}

static void finds_objects(void)
{
	struct site site;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_directory(&site.scratch, "a/b", 0755);
	scratch_file(&site.scratch, "a/b/file");
	scratch_link(&site.scratch, "/nowhere", "a/link");
	CU_ASSERT_TRUE(found(&site, "/a/b/file", "a/b/file", "/a/b/file", false));
	CU_ASSERT_TRUE(found(&site, "/a/b", "a/b", "/a/b", false));
	CU_ASSERT_TRUE(found(&site, "/a", "a", "/a", false));
	CU_ASSERT_TRUE(found(&site, "/", ".", "/", false));
	CU_ASSERT_STRING_EQUAL(site.place.name, ".");
	CU_ASSERT_EQUAL(site.place.directory, tcbck_root_descriptor(site.scratch.root));
	/* the last component is never followed */
	CU_ASSERT_TRUE(found(&site, "/a/link", "a/link", "/a/link", false));
	/* and need not be there */
	CU_ASSERT_EQUAL(find(&site, "/a/b/new"), 0);
	CU_ASSERT_STRING_EQUAL(site.place.name, "new");
	CU_ASSERT_EQUAL(find(&site, "/new"), 0);
	end(&site);
}

static void refuses_operands(void)
{
	static const char *const wrong[] = { "", "a", "a/b", "//", "/a/", "/a//b", "/.", "/..", "/a/./b", "/a/../b", "/a/.." };
	struct site site;
	static char longest[TCBCK_PATH_MAX + 2];
	int fd = -1;
	size_t i;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_file(&site.scratch, "a/b");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CU_ASSERT_TRUE(fails(&site, wrong[i], -EINVAL, ""));
		CU_ASSERT_EQUAL(follow(&site, wrong[i], "."), -EINVAL);
	}
	CU_ASSERT_EQUAL(tcbck_path_find(site.opener, SYSCK_SLICE("/a\0/b"), &site.place, &site.err), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_path_follow(site.opener, SYSCK_SLICE("/a\0"), &fd, NULL), -EINVAL);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	CU_ASSERT_TRUE(fails(&site, longest, -ENAMETOOLONG, "longer than 1048576 bytes"));
	/* one component that no system call takes */
	longest[2 * PATH_MAX] = '/';
	longest[TCBCK_PATH_MAX] = '\0';
	CU_ASSERT_TRUE(fails(&site, longest, -ENAMETOOLONG, "too long"));
	longest[2 * PATH_MAX] = 'x';
	CU_ASSERT_EQUAL(find(&site, longest), 0);
	end(&site);
}

static void tells_what_is_missing(void)
{
	struct site site;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_file(&site.scratch, "a/file");
	scratch_link(&site.scratch, "a/gone/further", "dangling");
	CU_ASSERT_TRUE(fails(&site, "/a/no\nne/file", -ENOENT, "\"/a/no\\nne\": No such file"));
	CU_ASSERT_TRUE(fails(&site, "/a/file/x", -ENOTDIR, "/a/file: Not a directory"));
	CU_ASSERT_TRUE(fails(&site, "/dangling/x", -ENOENT, "/a/gone: No such file"));
	CU_ASSERT_EQUAL(follow(&site, "/dangling", "."), -ENOENT);
	CU_ASSERT_EQUAL(follow(&site, "/a/none", "."), -ENOENT);
	CU_ASSERT_TRUE(scratch_says(site.err.text, "/a/none: No such file"));
	/* an error leaves nothing behind */
	CU_ASSERT_TRUE(found(&site, "/a/file", "a/file", "/a/file", false));
	end(&site);
}

static void follows_symlinks_of_root(void)
{
	struct site site;

	begin(&site);
	scratch_directory(&site.scratch, "usr", 0755);
	scratch_directory(&site.scratch, "usr/bin", 0755);
	scratch_directory(&site.scratch, "usr/lib", 0755);
	scratch_file(&site.scratch, "usr/bin/su");
	scratch_link(&site.scratch, "usr/bin", "bin");
	scratch_link(&site.scratch, "/usr/lib/", "lib");
	scratch_link(&site.scratch, "../.././../usr/./bin//", "usr/lib/up");
	scratch_link(&site.scratch, "bin", "sbin");
	scratch_link(&site.scratch, "..", "usr/top");
	scratch_link(&site.scratch, "/", "slash");
	CU_ASSERT_TRUE(found(&site, "/bin/su", "usr/bin/su", "/usr/bin/su", true));
	CU_ASSERT_TRUE(found(&site, "/sbin/su", "usr/bin/su", "/usr/bin/su", true));
	CU_ASSERT_TRUE(found(&site, "/lib/up", "usr/lib/up", "/usr/lib/up", true));
	/* more ".." than there are levels: it stays in the root */
	CU_ASSERT_TRUE(found(&site, "/lib/up/su", "usr/bin/su", "/usr/bin/su", true));
	CU_ASSERT_TRUE(found(&site, "/usr/top/bin", "bin", "/bin", true));
	CU_ASSERT_TRUE(found(&site, "/usr/top/usr/top/sbin/su", "usr/bin/su", "/usr/bin/su", true));
	CU_ASSERT_TRUE(found(&site, "/slash/usr", "usr", "/usr", true));
	/* a neighbour through the directory kept for /bin, and one that isn't there */
	CU_ASSERT_EQUAL(find(&site, "/bin/su"), 0);
	CU_ASSERT_EQUAL(find(&site, "/bin/none"), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(site.place.resolved, SYSCK_SLICE("/usr/bin/none")) && site.place.through_symlink);
	CU_ASSERT_TRUE(found(&site, "/usr/bin/su", "usr/bin/su", "/usr/bin/su", false));
	end(&site);
}

static void stays_in_the_root(void)
{
	struct site site;
	char out[80];

	begin(&site);
	scratch_directory(&site.scratch, "etc", 0755);
	scratch_file(&site.scratch, "etc/passwd");
	scratch_link(&site.scratch, "/etc", "absolute");
	scratch_link(&site.scratch, "../../../../../../etc", "relative");
	snprintf(out, sizeof(out), "%s/etc", site.scratch.top);
	scratch_link(&site.scratch, out, "full");
	scratch_link(&site.scratch, "/proc/self/root", "magic");
	CU_ASSERT_TRUE(found(&site, "/absolute/passwd", "etc/passwd", "/etc/passwd", true));
	CU_ASSERT_TRUE(found(&site, "/relative/passwd", "etc/passwd", "/etc/passwd", true));
	CU_ASSERT_TRUE(fails(&site, "/full/passwd", -ENOENT, "/tmp: No such file"));
	CU_ASSERT_TRUE(fails(&site, "/magic/etc", -ENOENT, "/proc: No such file"));
	CU_ASSERT_EQUAL(follow(&site, "/relative", "etc"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/full", "etc"), -ENOENT);
	end(&site);
}

static void counts_symlinks(void)
{
	struct site site;
	char name[16], target[16];
	int i;

	begin(&site);
	scratch_directory(&site.scratch, "l0", 0755);
	scratch_file(&site.scratch, "l0/x");
	for (i = 1; i <= TCBCK_PATH_LINKS_MAX + 1; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		scratch_link(&site.scratch, target, name);
	}
	CU_ASSERT_TRUE(found(&site, "/l40/x", "l0/x", "/l0/x", true));
	CU_ASSERT_TRUE(fails(&site, "/l41/x", -ELOOP, "more than 40 symlinks"));
	scratch_link(&site.scratch, "self", "self");
	CU_ASSERT_TRUE(fails(&site, "/self/x", -ELOOP, "the last is /self"));
	CU_ASSERT_EQUAL(follow(&site, "/self", "."), -ELOOP);
	end(&site);
}

static void distrusts_symlinks_of_others(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	scratch_directory(&site.scratch, "usr", 0755);
	scratch_file(&site.scratch, "usr/x");
	scratch_link(&site.scratch, "usr", "theirs");
	scratch_give_away(&site.scratch, "theirs");
	CU_ASSERT_TRUE(fails(&site, "/theirs/x", -ELOOP, "symlink /theirs is not followed: it belongs to user 65534"));
	CU_ASSERT_EQUAL(follow(&site, "/theirs", "."), -ELOOP);
	/* as the last component it is looked at, not followed */
	CU_ASSERT_TRUE(found(&site, "/theirs", "theirs", "/theirs", false));
	/* a good symlink to a bad one */
	scratch_link(&site.scratch, "theirs", "good");
	CU_ASSERT_TRUE(fails(&site, "/good/x", -ELOOP, "symlink /theirs"));
	end(&site);
}

static void distrusts_directories_of_links(void)
{
	static const struct {
		mode_t mode;
		bool theirs;
		const char *why; /* NULL: good */
	} cases[] = {
		{ 0755, false, NULL },
		{ 02555, false, NULL },
		{ 01755, false, NULL },
		{ 0775, false, "directory /d is writable for group or others (mode 0775)" },
		{ 0757, false, "(mode 0757)" },
		{ 0777, false, "(mode 0777)" },
		{ 01777, false, "directory /d is writable for group or others (mode 1777)" },
		{ 0755, true, "directory /d belongs to user 65534" },
		{ 01755, true, "directory /d belongs to user 65534" },
	};
	struct site site;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].theirs && !scratch_is_root())
			return;
		begin(&site);
		scratch_file(&site.scratch, "x");
		scratch_directory(&site.scratch, "d", 0755);
		scratch_link(&site.scratch, "..", "d/link");
		CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "d", cases[i].mode, 0), 0);
		if (cases[i].theirs)
			scratch_give_away(&site.scratch, "d");
		if (cases[i].why == NULL)
			CU_ASSERT_TRUE(found(&site, "/d/link/x", "x", "/x", true))
		else
			CU_ASSERT_TRUE(fails(&site, "/d/link/x", -ELOOP, cases[i].why))
		CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "d", 0755, 0), 0);
		end(&site);
	}
}

static void distrusts_ancestors_of_links(void)
{
	struct site site;

	begin(&site);
	scratch_file(&site.scratch, "x");
	scratch_directory(&site.scratch, "d", 0777);
	scratch_directory(&site.scratch, "d/e", 0755);
	scratch_directory(&site.scratch, "d/e/f", 0755);
	scratch_link(&site.scratch, "/", "d/e/f/link");
	CU_ASSERT_TRUE(fails(&site, "/d/e/f/link/x", -ELOOP, "directory /d is writable for group or others (mode 0777)"));
	/* in a sticky directory nobody can rename root's directory */
	CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "d", 01777, 0), 0);
	CU_ASSERT_TRUE(found(&site, "/d/e/f/link/x", "x", "/x", true));
	/* the way to the directory of a second symlink counts anew */
	scratch_directory(&site.scratch, "open", 0757);
	scratch_directory(&site.scratch, "open/in", 0755);
	scratch_link(&site.scratch, "/x", "open/in/link");
	scratch_link(&site.scratch, "../../../open/in", "d/e/f/to-open");
	CU_ASSERT_EQUAL(follow(&site, "/d/e/f/to-open", "open/in"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/d/e/f/to-open/link", "."), -ELOOP);
	CU_ASSERT_TRUE(scratch_says(site.err.text, "directory /open is writable"));
	/* through what others control, and out of it again by "..": the link at the end is on a good way */
	scratch_link(&site.scratch, "open/in/../../good/link", "detour");
	scratch_directory(&site.scratch, "good", 0755);
	scratch_link(&site.scratch, "../x", "good/link");
	CU_ASSERT_EQUAL(follow(&site, "/detour", "x"), 0);
	/* a root that others control */
	CU_ASSERT_EQUAL(fchmod(site.scratch.fd, 0777), 0);
	CU_ASSERT_TRUE(fails(&site, "/good/link/x", -ELOOP, "directory / is writable"));
	end(&site);
}

static void keeps_the_last_directory(void)
{
	struct site site;
	int directory;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_file(&site.scratch, "a/x");
	scratch_file(&site.scratch, "a/y");
	CU_ASSERT_EQUAL(find(&site, "/a/x"), 0);
	directory = site.place.directory;
	CU_ASSERT_EQUAL(renameat(site.scratch.fd, "a", site.scratch.fd, "b"), 0);
	CU_ASSERT_EQUAL(find(&site, "/a/y"), 0);
	CU_ASSERT_EQUAL(site.place.directory, directory);
	CU_ASSERT_TRUE(stands(&site, "b/y", "/a/y"));
	/* not for another directory with the same beginning */
	CU_ASSERT_EQUAL(find(&site, "/a/y/z"), -ENOENT);
	CU_ASSERT_EQUAL(find(&site, "/b/y"), 0);
	CU_ASSERT_EQUAL(find(&site, "/y"), 0);
	CU_ASSERT_EQUAL(site.place.directory, tcbck_root_descriptor(site.scratch.root));
	CU_ASSERT_EQUAL(renameat(site.scratch.fd, "b", site.scratch.fd, "a"), 0);
	CU_ASSERT_EQUAL(find(&site, "/a/y"), 0);
	CU_ASSERT_EQUAL(renameat(site.scratch.fd, "a", site.scratch.fd, "b"), 0);
	tcbck_opener_forget(site.opener);
	CU_ASSERT_EQUAL(find(&site, "/a/y"), -ENOENT);
	/* find_controlled() never takes what was kept */
	CU_ASSERT_EQUAL(find(&site, "/b/y"), 0);
	CU_ASSERT_EQUAL(renameat(site.scratch.fd, "b", site.scratch.fd, "a"), 0);
	CU_ASSERT_EQUAL(find_controlled(&site, "/b/y"), -ENOENT);
	CU_ASSERT_EQUAL(find_controlled(&site, "/a/y"), 0);
	directory = site.place.directory;
	CU_ASSERT_EQUAL(find(&site, "/a/x"), 0);
	CU_ASSERT_EQUAL(site.place.directory, directory);
	end(&site);
}

/* Path of the file "x" in the last of `levels` directories of `length` bytes each, which are made. */
static char *make_deep(const struct site *site, unsigned levels, size_t length)
{
	char *path = malloc(levels * (length + 1) + 3);
	char name[NAME_MAX + 1];
	unsigned i;
	int fd;

	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	memset(name, 'n', length);
	name[length] = '\0';
	fd = scratch_chain(dup(site->scratch.fd), name, levels, 0);
	CU_ASSERT_EQUAL_FATAL(mknodat(fd, "x", S_IFREG | 0600, 0), 0);
	close(fd);
	for (i = 0; i < levels; i++) {
		path[i * (length + 1)] = '/';
		memcpy(path + i * (length + 1) + 1, name, length);
	}
	memcpy(path + levels * (length + 1), "/x", 3);
	return path;
}

static void goes_beyond_path_max(void)
{
	static const size_t lengths[] = { 2, 31, 254, NAME_MAX };
	struct site site;
	struct stat st;
	char *path;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin(&site);
		path = make_deep(&site, 3 * PATH_MAX / ((unsigned)lengths[i] + 1), lengths[i]);
		scratch_link(&site.scratch, "/", "link");
		CU_ASSERT_EQUAL(find(&site, path), 0);
		CU_ASSERT_EQUAL(fstatat(site.place.directory, site.place.name, &st, 0), 0);
		CU_ASSERT_TRUE(S_ISREG(st.st_mode));
		CU_ASSERT_TRUE(sysck_slice_equal(site.place.resolved, sysck_slice_of(path)));
		CU_ASSERT_EQUAL(find_controlled(&site, path), 0);
		CU_ASSERT_TRUE(site.controlled);
		CU_ASSERT_EQUAL(fstatat(site.place.directory, site.place.name, &st, 0), 0);
		CU_ASSERT_EQUAL(tcbck_path_follow(site.opener, sysck_slice_of(path), &fd, NULL), 0);
		close(fd);
		path[strlen(path) - 2] = '\0';
		CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, sysck_slice_of(path), &fd), 0);
		CU_ASSERT_EQUAL(fstatat(fd, "x", &st, 0), 0);
		close(fd);
		free(path);
		end(&site);
	}
}

static void opens_resolved_without_symlinks(void)
{
	struct site site;
	struct stat st, wanted;
	int r, fd = -1;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_directory(&site.scratch, "a/b", 0755);
	scratch_file(&site.scratch, "a/file");
	scratch_link(&site.scratch, "a", "link");
	CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/a/b"), &fd), 0);
	CU_ASSERT_TRUE(fstat(fd, &st) == 0 && fstatat(site.scratch.fd, "a/b", &wanted, 0) == 0 && st.st_ino == wanted.st_ino);
	close(fd);
	CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/"), &fd), 0);
	CU_ASSERT_NOT_EQUAL(fd, tcbck_root_descriptor(site.scratch.root));
	CU_ASSERT_TRUE(fstat(fd, &st) == 0 && fstat(site.scratch.fd, &wanted) == 0 && st.st_ino == wanted.st_ino);
	close(fd);
	fd = -1;
	r = tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/link/b"), &fd);
	CU_ASSERT_TRUE(r == -ELOOP || r == -ENOTDIR);
	r = tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/link"), &fd);
	CU_ASSERT_TRUE(r == -ELOOP || r == -ENOTDIR);
	CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/a/file"), &fd), -ENOTDIR);
	CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/a/none"), &fd), -ENOENT);
	CU_ASSERT_EQUAL(fd, -1);
	end(&site);
}

static void tells_who_controls(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_directory(&site.scratch, "a/b", 0755);
	scratch_file(&site.scratch, "a/b/x");
	scratch_link(&site.scratch, "a", "link");
	scratch_give_away(&site.scratch, "a/b/x"); /* whose the object is makes no difference */
	CU_ASSERT_TRUE(find_controlled(&site, "/a/b/x") == 0 && site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "");
	CU_ASSERT_TRUE(find_controlled(&site, "/a/b/new") == 0 && site.controlled);
	CU_ASSERT_TRUE(find_controlled(&site, "/link/b/x") == 0 && site.controlled && site.place.through_symlink);
	CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "a/b", 0775, 0), 0);
	CU_ASSERT_TRUE(find_controlled(&site, "/a/b/x") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /a/b is writable for group or others (mode 0775)");
	CU_ASSERT_TRUE(stands(&site, "a/b/x", "/a/b/x"));
	/* the directory itself stands in a good one */
	CU_ASSERT_TRUE(find_controlled(&site, "/a/b") == 0 && site.controlled);
	/* the first one is named, and by its resolved path */
	scratch_give_away(&site.scratch, "a");
	CU_ASSERT_TRUE(find_controlled(&site, "/link/b/x") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /a belongs to user 65534");
	CU_ASSERT_TRUE(find_controlled(&site, "/a") == 0 && site.controlled);
	CU_ASSERT_EQUAL(fchmod(site.scratch.fd, 0707), 0);
	CU_ASSERT_TRUE(find_controlled(&site, "/a") == 0 && !site.controlled);
	CU_ASSERT_TRUE(scratch_says(site.why, "directory / is writable"));
	CU_ASSERT_TRUE(find_controlled(&site, "/") == 0 && site.controlled);
	end(&site);
}

static void knows_sticky_directories(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	scratch_directory(&site.scratch, "t", 01777);
	scratch_file(&site.scratch, "t/ours");
	scratch_file(&site.scratch, "t/theirs");
	scratch_give_away(&site.scratch, "t/theirs");
	scratch_directory(&site.scratch, "t/d", 0755);
	scratch_file(&site.scratch, "t/d/x");
	CU_ASSERT_TRUE(find_controlled(&site, "/t/ours") == 0 && site.controlled);
	CU_ASSERT_TRUE(find_controlled(&site, "/t/theirs") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /t is sticky, but the object belongs to user 65534");
	CU_ASSERT_TRUE(find_controlled(&site, "/t/new") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /t is writable for group or others (mode 1777)");
	CU_ASSERT_TRUE(find_controlled(&site, "/t/d/x") == 0 && site.controlled);
	CU_ASSERT_TRUE(find_controlled(&site, "/t/d/new") == 0 && site.controlled);
	scratch_give_away(&site.scratch, "t/d");
	CU_ASSERT_TRUE(find_controlled(&site, "/t/d/x") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /t/d belongs to user 65534");
	/* sticky, but not of root: its owner may rename everything */
	scratch_give_away(&site.scratch, "t");
	CU_ASSERT_TRUE(find_controlled(&site, "/t/ours") == 0 && !site.controlled);
	CU_ASSERT_STRING_EQUAL(site.why, "directory /t belongs to user 65534");
	end(&site);
}

static void follows_to_the_end(void)
{
	struct site site;

	begin(&site);
	scratch_directory(&site.scratch, "d", 0755);
	scratch_file(&site.scratch, "d/file");
	scratch_link(&site.scratch, "d/file", "file");
	scratch_link(&site.scratch, "d/", "slash");
	scratch_link(&site.scratch, "d/file/", "file-slash");
	scratch_link(&site.scratch, "d/file/.", "file-dot");
	scratch_link(&site.scratch, "d/.", "dot");
	scratch_link(&site.scratch, "d/..", "up");
	scratch_link(&site.scratch, "/", "top");
	CU_ASSERT_EQUAL(mknodat(site.scratch.fd, "fifo", S_IFIFO | 0600, 0), 0);
	CU_ASSERT_EQUAL(follow(&site, "/d/file", "d/file"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/file", "d/file"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/slash", "d"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/slash/file", "d/file"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/file-slash", "."), -ENOTDIR);
	CU_ASSERT_EQUAL(follow(&site, "/file-dot", "."), -ENOTDIR);
	CU_ASSERT_EQUAL(follow(&site, "/dot", "d"), 0);
	CU_ASSERT_EQUAL(follow(&site, "/up", "."), 0);
	CU_ASSERT_EQUAL(follow(&site, "/top", "."), 0);
	CU_ASSERT_EQUAL(follow(&site, "/", "."), 0);
	CU_ASSERT_EQUAL(follow(&site, "/fifo", "fifo"), 0);
	end(&site);
}

static void reopens_only_what_can_be_read(void)
{
	struct site site;
	struct stat st;
	char byte = 0;
	int pinned, fd = -1;

	begin(&site);
	fd = openat(site.scratch.fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CU_ASSERT_EQUAL(write(fd, "z", 1), 1);
	close(fd);
	scratch_directory(&site.scratch, "d", 0755);
	scratch_link(&site.scratch, "file", "link");
	CU_ASSERT_EQUAL(mknodat(site.scratch.fd, "fifo", S_IFIFO | 0600, 0), 0);

	pinned = openat(site.scratch.fd, "file", O_PATH | O_CLOEXEC);
	CU_ASSERT_EQUAL(unlinkat(site.scratch.fd, "file", 0), 0); /* the inode, not the name */
	scratch_file(&site.scratch, "file");
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), 0);
	CU_ASSERT_TRUE(read(fd, &byte, 1) == 1 && byte == 'z');
	CU_ASSERT_TRUE((fcntl(fd, F_GETFL) & (O_NOATIME | O_NONBLOCK)) == (O_NOATIME | O_NONBLOCK));
	CU_ASSERT_TRUE((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	close(pinned);

	pinned = openat(site.scratch.fd, "d", O_PATH | O_CLOEXEC);
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), 0);
	CU_ASSERT_TRUE(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode));
	close(fd);
	close(pinned);

	fd = -1;
	pinned = openat(site.scratch.fd, "fifo", O_PATH | O_CLOEXEC);
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), -EINVAL);
	close(pinned);
	pinned = openat(site.scratch.fd, "link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), -EINVAL);
	close(pinned);
	pinned = open("/dev/null", O_PATH | O_CLOEXEC);
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), -EINVAL);
	close(pinned);
	CU_ASSERT_EQUAL(tcbck_path_reopen(pinned, &fd), -EBADF);
	CU_ASSERT_EQUAL(fd, -1);
	end(&site);
}

static void opens_without_following(void)
{
	struct site site;
	int fd = -1;

	begin(&site);
	scratch_file(&site.scratch, "file");
	scratch_link(&site.scratch, "file", "link");
	CU_ASSERT_EQUAL(mknodat(site.scratch.fd, "fifo", S_IFIFO | 0600, 0), 0);
	CU_ASSERT_EQUAL(tcbck_path_open_at(site.scratch.fd, "link", &fd), -ELOOP);
	CU_ASSERT_EQUAL(tcbck_path_open_at(site.scratch.fd, "none", &fd), -ENOENT);
	CU_ASSERT_EQUAL(fd, -1);
	CU_ASSERT_EQUAL(tcbck_path_open_at(site.scratch.fd, "file", &fd), 0);
	CU_ASSERT_TRUE((fcntl(fd, F_GETFL) & (O_NOATIME | O_NONBLOCK | O_NOFOLLOW)) == (O_NOATIME | O_NONBLOCK | O_NOFOLLOW));
	CU_ASSERT_TRUE((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	CU_ASSERT_EQUAL(tcbck_path_open_at(site.scratch.fd, "fifo", &fd), 0); /* does not wait for a writer */
	close(fd);
	end(&site);
}

static bool reads_as_somebody(void *context)
{
	struct site *site = context;
	int pinned, fd;

	if (setgid(SCRATCH_SOMEBODY) < 0 || setuid(SCRATCH_SOMEBODY) < 0)
		return false;
	pinned = openat(site->scratch.fd, "file", O_PATH | O_CLOEXEC);
	if (tcbck_path_reopen(pinned, &fd) < 0 || (fcntl(fd, F_GETFL) & O_NOATIME) != 0)
		return false;
	if (tcbck_path_open_at(site->scratch.fd, "file", &fd) < 0 || (fcntl(fd, F_GETFL) & O_NOATIME) != 0)
		return false;
	/* that user's own links are as good as root's for that user, and root's are still good */
	return find(site, "/theirs/file") == 0 && find(site, "/ours/file") == 0 && find(site, "/other/file") == -ELOOP &&
	       find(site, "/closed/dir/file") == -EACCES && scratch_says(site->err.text, "/closed/dir: Permission denied");
}

static void works_without_privilege(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	CU_ASSERT_EQUAL(fchmod(site.scratch.fd, 0755), 0);
	scratch_file(&site.scratch, "file");
	scratch_link(&site.scratch, ".", "theirs");
	scratch_give_away(&site.scratch, "theirs");
	scratch_link(&site.scratch, ".", "ours");
	scratch_link(&site.scratch, ".", "other");
	CU_ASSERT_EQUAL(fchownat(site.scratch.fd, "other", 1234, 1234, AT_SYMLINK_NOFOLLOW), 0);
	scratch_directory(&site.scratch, "closed", 0700);
	scratch_directory(&site.scratch, "closed/dir", 0755);
	CU_ASSERT_TRUE(scratch_child(reads_as_somebody, &site));
	end(&site);
}

static bool finds_without_openat2(void *context)
{
	struct site *site = context;
	struct tcbck_opener *before = site->opener;
	struct tcbck_root *root;
	bool good;
	int fd;

	if (!scratch_forbid_openat2(site->controlled ? EPERM : ENOSYS) || syscall(SYS_openat2, -1, NULL, NULL, 0) != -1 ||
	    (errno != EPERM && errno != ENOSYS))
		return false;
	if (tcbck_root_open(site->scratch.top, &root, NULL) < 0 || tcbck_opener_new(root, &site->opener) < 0)
		return false;
	good = found(site, "/a/b/x", "a/b/x", "/a/b/x", false) && found(site, "/link/x", "a/b/x", "/a/b/x", true) &&
	       fails(site, "/open/link/x", -ELOOP, "/open is writable") && fails(site, "/a/none/x", -ENOENT, "/a/none") &&
	       tcbck_path_open_resolved(root, SYSCK_SLICE("/a/b"), &fd) == 0 && close(fd) == 0 &&
	       tcbck_path_open_resolved(root, SYSCK_SLICE("/link"), &fd) < 0 &&
	       tcbck_path_open_resolved(root, SYSCK_SLICE("/link/.."), &fd) < 0;
	tcbck_opener_free(site->opener);
	tcbck_root_free(root);
	site->opener = before;
	return good;
}

static void works_without_openat2(void)
{
	struct site site;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_directory(&site.scratch, "a/b", 0755);
	scratch_file(&site.scratch, "a/b/x");
	scratch_link(&site.scratch, "a/../a/b", "link");
	scratch_directory(&site.scratch, "open", 0777);
	scratch_link(&site.scratch, "/", "open/link");
	CU_ASSERT_TRUE(scratch_child(finds_without_openat2, &site));
	site.controlled = true;
	CU_ASSERT_TRUE(scratch_child(finds_without_openat2, &site));
	end(&site);
}

static void leaks_no_descriptor(void)
{
	struct site site;
	unsigned before, i;
	char *deep;
	int fd;

	begin(&site);
	scratch_directory(&site.scratch, "a", 0755);
	scratch_file(&site.scratch, "a/x");
	scratch_link(&site.scratch, "a/../a/", "link");
	scratch_link(&site.scratch, "loop", "loop");
	deep = make_deep(&site, 60, 200);
	before = scratch_descriptors();
	for (i = 0; i < 3; i++) {
		find(&site, "/a/x");
		find(&site, "/link/x");
		find_controlled(&site, "/link/x");
		find(&site, "/a/x/y");
		find(&site, "/none/y");
		find(&site, "/loop/y");
		find(&site, deep);
		find_controlled(&site, deep);
		follow(&site, "/a/x/y", ".");
		follow(&site, "/loop", ".");
		CU_ASSERT_EQUAL(tcbck_path_open_resolved(site.scratch.root, SYSCK_SLICE("/a/x"), &fd), -ENOTDIR);
		CU_ASSERT_TRUE(tcbck_path_open_resolved(site.scratch.root, sysck_slice_of(deep), &fd) < 0);
	}
	tcbck_opener_forget(site.opener);
	CU_ASSERT_EQUAL(scratch_descriptors(), before);
	free(deep);
	end(&site);
}

void suite_path(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(opens_roots),
		UNIT_TEST(finds_objects),
		UNIT_TEST(refuses_operands),
		UNIT_TEST(tells_what_is_missing),
		UNIT_TEST(follows_symlinks_of_root),
		UNIT_TEST(stays_in_the_root),
		UNIT_TEST(counts_symlinks),
		UNIT_TEST(distrusts_symlinks_of_others),
		UNIT_TEST(distrusts_directories_of_links),
		UNIT_TEST(distrusts_ancestors_of_links),
		UNIT_TEST(keeps_the_last_directory),
		UNIT_TEST(goes_beyond_path_max),
		UNIT_TEST(opens_resolved_without_symlinks),
		UNIT_TEST(tells_who_controls),
		UNIT_TEST(knows_sticky_directories),
		UNIT_TEST(follows_to_the_end),
		UNIT_TEST(reopens_only_what_can_be_read),
		UNIT_TEST(opens_without_following),
		UNIT_TEST(works_without_privilege),
		UNIT_TEST(works_without_openat2),
		UNIT_TEST(leaks_no_descriptor),
	};

	unit_add("path", tests, sizeof(tests) / sizeof(tests[0]));
}

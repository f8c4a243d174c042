/*
 * test_mounts.c - tests of src/observe/mounts.c: which mounts there are below a root, in which order they are walked, from
 * where, and why not. What needs mounts is done by children in mount namespaces of their own.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "observe/mounts.h"
#include "scratch.h"
#include "suites.h"

static const struct sysck_list none = { NULL, 0 };

/* A child's view: its own namespace, and the root opened in it. */
struct view {
	char top[60];
	struct tcbck_root *root;
	struct tcbck_mounts mounts;
	struct sysck_buf text;
	bool wrong;
};

static bool begin(struct view *view, const struct scratch *scratch)
{
	*view = (struct view){ .text = SYSCK_BUF_INIT };
	(void)snprintf(view->top, sizeof(view->top), "%s", scratch->top);
	view->wrong = unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0;
	return !view->wrong;
}

static const char *path_of(const struct view *view, const char *path, char way[128])
{
	(void)snprintf(way, 128, "%s/%s", view->top, path);
	return way;
}

/* `source` with a slash is bound, else it is a type. Nothing is mounted outside of a namespace of our own. */
static void put(struct view *view, const char *source, const char *place)
{
	char from[128], to[128];

	if (view->wrong)
		return;
	(void)path_of(view, place, to);
	(void)mkdir(to, 0755);
	if (source[0] == '/' ? mount(path_of(view, source + 1, from), to, NULL, MS_BIND, NULL) < 0
			     : mount(source, to, source, 0, NULL) < 0)
		view->wrong = true;
}

static void make(struct view *view, const char *path)
{
	char way[128];

	if (mkdir(path_of(view, path, way), 0755) < 0)
		view->wrong = true;
}

static bool says(struct view *view, const char *wanted)
{
	bool same;

	sysck_buf_add_char(&view->text, '\0');
	same = sysck_buf_error(&view->text) == 0 && strcmp(view->text.data, wanted) == 0;
	if (!same)
		printf("    says \"%s\", not \"%s\"\n", view->text.data, wanted);
	view->text.len = 0;
	return same && !view->wrong;
}

static bool read_mounts(struct view *view, const struct tcbck_mounts_options *options)
{
	struct sysck_err err;

	tcbck_mounts_done(&view->mounts);
	tcbck_root_free(view->root);
	return tcbck_root_open(view->top, &view->root, &err) == 0 &&
	       tcbck_mounts_read(view->root, options, &view->mounts, &err) == 0;
}

/* The table: "PATH TYPE[: why left out]", a line each. */
static bool table_is(struct view *view, const struct tcbck_mounts_options *options, const char *wanted)
{
	if (!read_mounts(view, options))
		return false;
	for (size_t i = 0; i < view->mounts.count; i++) {
		const struct tcbck_mount *mount = &view->mounts.items[i];

		sysck_buf_add_quoted(&view->text, mount->path, SYSCK_CHARSET_UTF8);
		/* Whatever the tests run on. */
		if (i > 0) {
			sysck_buf_add_char(&view->text, ' ');
			sysck_buf_add_slice(&view->text, mount->type);
		}
		if (mount->left_out != NULL)
			sysck_buf_add_format(&view->text, ": %s", mount->left_out);
		sysck_buf_add_char(&view->text, '\n');
	}
	return says(view, wanted);
}

/* The tops: "PATH[ covered][ shared]", a line each. */
static bool tops_are(struct view *view, const char *wanted)
{
	const struct tcbck_mounts_options options = { &none, &none, false };
	struct tcbck_top *tops = NULL;
	size_t count = 0;

	if (!read_mounts(view, &options) || tcbck_mounts_tops(&view->mounts, &tops, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		sysck_buf_add_slice(&view->text, tops[i].path);
		sysck_buf_add_text(&view->text, tops[i].is_covered_part ? " covered" : "");
		sysck_buf_add_text(&view->text, tops[i].is_shared ? " shared\n" : "\n");
	}
	free(tops);
	return says(view, wanted);
}

static bool done(struct view *view, bool good)
{
	tcbck_mounts_done(&view->mounts);
	tcbck_root_free(view->root);
	sysck_buf_done(&view->text);
	return good;
}

static void in_a_child(bool (*test)(void *context))
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	CU_ASSERT_TRUE(scratch_child(test, &scratch));
	scratch_end(&scratch);
}

static bool without_mounts(void *context)
{
	const struct tcbck_mounts_options options = { &none, &none, false };
	const struct tcbck_mount *root;
	struct view view;
	struct stat st;
	bool good =
		begin(&view, context) && table_is(&view, &options, "/\n") && tops_are(&view, "/\n") && stat(view.top, &st) == 0;

	root = &view.mounts.items[0];
	good = good && !view.mounts.only_root && root->device == st.st_dev &&
	       tcbck_mounts_find(&view.mounts, root->number) == root &&
	       tcbck_mounts_find(&view.mounts, root->number + 1000000) == NULL;
	/* It stands further down in its file system, as mountinfo would say if it were mounted there itself. */
	return done(&view, good && root->inside.len > strlen(strrchr(view.top, '/')) &&
				   memcmp(root->inside.data + root->inside.len - strlen(strrchr(view.top, '/')),
					  strrchr(view.top, '/'), strlen(strrchr(view.top, '/'))) == 0);
}

static void a_root_is_always_there(void)
{
	in_a_child(without_mounts);
}

static bool all_types(void *context)
{
	const struct sysck_slice left[] = { SYSCK_SLICE("/c"), SYSCK_SLICE("/"), SYSCK_SLICE("/x") };
	const struct sysck_list novfs = { left, 3 };
	struct tcbck_mounts_options options = { &none, &none, false };
	struct view view;
	bool good = begin(&view, context);

	put(&view, "tmpfs", "b");
	put(&view, "ramfs", "a");
	put(&view, "proc", "c");
	put(&view, "devtmpfs", "d");
	put(&view, "devpts", "e");
	put(&view, "tmpfs", "x\\y\n z");
	good = good && table_is(&view, &options,
				"/\n/a ramfs\n/b tmpfs\n/c proc: nodev: on no device\n/d devtmpfs\n"
				"/e devpts: nodev: on no device\n\"/x\\\\y\\n z\" tmpfs\n");
	options.no_file_systems = &novfs;
	return done(&view, good && table_is(&view, &options,
					    "/: treeck_novfs\n/a ramfs\n/b tmpfs\n/c proc: treeck_novfs\n/d devtmpfs\n"
					    "/e devpts: nodev: on no device\n\"/x\\\\y\\n z\" tmpfs\n"));
}

static void types_are_walked_or_left_out(void)
{
	in_a_child(all_types);
}

static bool below_directories(void *context)
{
	const struct sysck_slice directories[] = { SYSCK_SLICE("/var"), SYSCK_SLICE("/a/deep") };
	const struct sysck_list nodir = { directories, 2 };
	struct tcbck_mounts_options options = { &none, &nodir, false };
	struct view view;
	bool good = begin(&view, context);

	make(&view, "var");
	make(&view, "a");
	put(&view, "tmpfs", "var/mnt");
	put(&view, "tmpfs", "var/mnt/in");
	put(&view, "tmpfs", "variable");
	put(&view, "tmpfs", "a/deep");
	good = good && table_is(&view, &options, "/\n/a/deep tmpfs\n/var/mnt tmpfs\n/var/mnt/in tmpfs\n/variable tmpfs\n");
	options.below_too = true;
	return done(&view, good && table_is(&view, &options,
					    "/\n/a/deep tmpfs: below treeck_nodir, -i\n/var/mnt tmpfs: below treeck_nodir, -i\n"
					    "/var/mnt/in tmpfs: below treeck_nodir, -i\n/variable tmpfs\n"));
}

static void directories_leave_mounts_out(void)
{
	in_a_child(below_directories);
}

static void enter(struct view *view, const char *path)
{
	size_t len = strlen(view->top);

	(void)snprintf(view->top + len, sizeof(view->top) - len, "%s", path);
}

static bool only_below_the_root(void *context)
{
	const struct tcbck_mounts_options options = { &none, &none, false };
	struct view view;
	bool good = begin(&view, context);

	make(&view, "in");
	make(&view, "inside");
	put(&view, "tmpfs", "in/a");
	put(&view, "tmpfs", "inside/b");
	enter(&view, "/in");
	good = good && table_is(&view, &options, "/\n/a tmpfs\n");
	/* The root is a mount itself. */
	enter(&view, "/a");
	put(&view, "tmpfs", "c");
	return done(&view, good && table_is(&view, &options, "/\n/c tmpfs\n") &&
				   sysck_slice_equal(view.mounts.items[0].type, SYSCK_SLICE("tmpfs")) &&
				   sysck_slice_equal(view.mounts.items[0].inside, SYSCK_SLICE("/")));
}

static void other_mounts_are_not_the_roots(void)
{
	in_a_child(only_below_the_root);
}

/* What is the same file system is shared; a whole one comes before its parts. */
static bool shared_ones(void *context)
{
	struct view view;
	bool good = begin(&view, context);

	put(&view, "tmpfs", "z");
	make(&view, "z/in");
	make(&view, "z/in/deep");
	put(&view, "tmpfs", "alone");
	put(&view, "/z/in/deep", "a");
	put(&view, "/z/in", "b");
	return done(&view, good && tops_are(&view, "/\n/alone\n/z shared\n/b shared\n/a shared\n"));
}

static void whole_file_systems_come_before_parts(void)
{
	in_a_child(shared_ones);
}

static bool covered_ones(void *context)
{
	struct view view;
	bool good = begin(&view, context);

	put(&view, "tmpfs", "data");
	make(&view, "data/hidden");
	make(&view, "data/hidden/deep");
	put(&view, "/data", "again");
	put(&view, "tmpfs", "data/hidden");
	good = good && tops_are(&view, "/\n/again shared\n/data shared\n/data/hidden\n/again/hidden covered shared\n");
	/* What shows nothing of what is covered is no place to look for it; what shows only that is one anyway. */
	make(&view, "data/other");
	put(&view, "/data/other", "elsewhere");
	return done(&view, good && tops_are(&view, "/\n/again shared\n/data shared\n/data/hidden\n/elsewhere shared\n"
						   "/again/hidden covered shared\n"));
}

static void what_is_covered_is_looked_for_elsewhere(void)
{
	in_a_child(covered_ones);
}

static bool without_proc(void *context)
{
	const struct tcbck_mounts_options options = { &none, &none, false };
	struct view view;
	bool good = begin(&view, context);

	put(&view, "tmpfs", "a");
	return done(&view, good && umount2("/proc", MNT_DETACH) == 0 && table_is(&view, &options, "/\n") &&
				   view.mounts.only_root && tops_are(&view, "/\n"));
}

static void without_proc_the_root_is_known(void)
{
	in_a_child(without_proc);
}

static void what_is_empty_can_be_released(void)
{
	struct tcbck_mounts mounts = { .arena = SYSCK_ARENA_INIT };

	tcbck_mounts_done(&mounts);
	tcbck_mounts_done(&mounts);
	CU_ASSERT_PTR_NULL(tcbck_mounts_find(&mounts, 0));
}

void suite_mounts(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_root_is_always_there),
		UNIT_TEST(types_are_walked_or_left_out),
		UNIT_TEST(directories_leave_mounts_out),
		UNIT_TEST(other_mounts_are_not_the_roots),
		UNIT_TEST(whole_file_systems_come_before_parts),
		UNIT_TEST(what_is_covered_is_looked_for_elsewhere),
		UNIT_TEST(without_proc_the_root_is_known),
		UNIT_TEST(what_is_empty_can_be_released),
	};

	unit_add("mounts", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_how.c - tests of src/observe/how.c, and of a walk on whose way something is mounted meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/how.h"
#include "observe/walk.h"
#include "scratch.h"
#include "suites.h"

static void nothing_changes(void)
{
	const struct open_how *hows = tcbck_how_all();
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);

	CU_ASSERT_EQUAL((uintptr_t)hows / size, ((uintptr_t)(hows + TCBCK_HOW_COUNT) - 1) / size);
	for (size_t i = 0; i < TCBCK_HOW_COUNT; i++) {
		CU_ASSERT_EQUAL(hows[i].flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY)), 0);
		CU_ASSERT_EQUAL(hows[i].flags & O_DIRECTORY, O_DIRECTORY);
		CU_ASSERT_EQUAL(hows[i].mode, 0);
		CU_ASSERT_NOT_EQUAL(hows[i].resolve, 0);
	}
}

/* A mount namespace of its own, for a child. */
static bool enter_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool stays_on_its_mount(void *context)
{
	const struct scratch *scratch = context;
	char path[64];
	int above, below;

	(void)snprintf(path, sizeof(path), "%s/a", scratch->top);
	if (!enter_namespace() || mount("none", path, "tmpfs", 0, NULL) != 0)
		return false;
	/* What was open before is in the other namespace. */
	above = open(scratch->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	below = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return tcbck_how_open(above, "a", TCBCK_HOW_LIST) == -EXDEV &&
	       tcbck_how_open(above, "a", TCBCK_HOW_LIST_UNTOUCHED) == -EXDEV &&
	       tcbck_how_open(below, "..", TCBCK_HOW_UP) == -EXDEV && tcbck_how_open(above, "b", TCBCK_HOW_LIST) >= 0 &&
	       tcbck_how_open(above, "a", TCBCK_HOW_BENEATH) >= 0;
}

static bool makes_namespaces(void *context)
{
	(void)context;
	return enter_namespace();
}

static void mounts_are_not_crossed(void)
{
	struct scratch scratch;

	if (!scratch_child(makes_namespaces, NULL)) {
		unit_skip("mount namespaces are not to be had here");
		return;
	}
	scratch_begin(&scratch);
	scratch_directory(&scratch, "a", 0755);
	scratch_directory(&scratch, "b", 0755);
	CU_ASSERT_TRUE(scratch_child(stays_on_its_mount, &scratch));
	scratch_end(&scratch);
}

/* A walk in the middle of which a file system that never answers is mounted over a directory. */
struct covered {
	const struct scratch *scratch;
	const char *victim; /* what is mounted over it when it was looked at */
	bool mounted, told;
	unsigned visits;
};

/* As fusermount(1) does; nobody serves it. */
static bool mount_unanswered(const char *path)
{
	char options[64];
	int server = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", server);
	return server >= 0 && mount("server", path, "fuse", MS_NOSUID | MS_NODEV, options) == 0;
}

static bool look_and_cover(void *context, unsigned worker, const struct tcbck_walk_entry *entry, dev_t *ret_device,
			   ino_t *ret_inode)
{
	struct covered *covered = context;
	char path[128];
	struct stat st;

	(void)worker;
	covered->visits++;
	if (fstatat(entry->directory, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return false;
	*ret_device = st.st_dev;
	*ret_inode = st.st_ino;
	if (sysck_slice_equal(entry->path, sysck_slice_of(covered->victim))) {
		(void)snprintf(path, sizeof(path), "%s%s", covered->scratch->top, covered->victim);
		covered->mounted = mount_unanswered(path);
	}
	return true;
}

static void note_trouble(void *context, unsigned worker, struct sysck_slice path, int error)
{
	struct covered *covered = context;

	(void)worker;
	covered->told = error == -ESTALE && sysck_slice_equal(path, sysck_slice_of(covered->victim));
}

/* A walk that hangs is ended by SIGALRM. */
static bool is_told_of_what_covers(void *context)
{
	struct covered covered = { .scratch = context, .victim = "/a/b" };
	const struct tcbck_walk_visitor visitor = {
		.visit = look_and_cover, .trouble = note_trouble, .stays = true, .context = &covered
	};
	struct tcbck_root *root;
	struct sysck_err err;
	int r;

	if (!enter_namespace() || tcbck_root_open(covered.scratch->top, &root, &err) < 0)
		return false;
	(void)alarm(10);
	r = tcbck_walk_tree(root, SYSCK_SLICE("/"), 1, &visitor, NULL, &err);
	tcbck_root_free(root);
	/* The top, a, b, and beside it c, with a file; what is in b is not reached. */
	return r == 0 && covered.mounted && covered.told && covered.visits == 5;
}

static bool mounts_fuse(void *context)
{
	const struct scratch *scratch = context;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/a", scratch->top);
	return enter_namespace() && mount_unanswered(path);
}

static void what_is_mounted_meanwhile_is_not_asked(void)
{
	struct scratch scratch;

	scratch_begin(&scratch);
	/* What takes its place, as under valgrind, would wait for an answer. */
	if (tcbck_how_open(scratch.fd, ".", TCBCK_HOW_LIST) == -ENOSYS) {
		unit_skip("openat2(2) is not to be had here");
		scratch_end(&scratch);
		return;
	}
	scratch_directory(&scratch, "a", 0755);
	scratch_directory(&scratch, "a/b", 0755);
	scratch_file(&scratch, "a/b/file");
	scratch_directory(&scratch, "a/c", 0755);
	scratch_file(&scratch, "a/c/file");
	if (scratch_child(mounts_fuse, &scratch)) {
		CU_ASSERT_TRUE(scratch_child(is_told_of_what_covers, &scratch));
	} else {
		unit_skip("FUSE is not to be had here");
	}
	scratch_end(&scratch);
}

void suite_how(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(nothing_changes),
		UNIT_TEST(mounts_are_not_crossed),
		UNIT_TEST(what_is_mounted_meanwhile_is_not_asked),
	};

	unit_add("how", tests, sizeof(tests) / sizeof(tests[0]));
}

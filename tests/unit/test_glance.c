/*
 * test_glance.c - tests of src/observe/glance.c: what one look tells of each kind of object, with the system call that lists
 * attributes, without it, and without /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "observe/glance.h"
#include "scratch.h"
#include "suites.h"

#ifndef SYS_listxattrat
#define SYS_listxattrat 465
#endif

/* cap_net_raw=ep, as the kernel stores it (struct vfs_cap_data, revision 2). */
static const unsigned char capabilities[20] = { 1, 0, 0, 2, 0, 0x20 };

struct site {
	struct scratch scratch;
	struct tcbck_glancer *glancer;
};

static void begin(struct site *site)
{
	scratch_begin(&site->scratch);
	CU_ASSERT_EQUAL_FATAL(tcbck_glancer_new(&site->glancer), 0);
}

static void end(struct site *site)
{
	tcbck_glancer_free(site->glancer);
	scratch_end(&site->scratch);
}

static struct tcbck_glance glance(const struct site *site, const char *name)
{
	struct tcbck_glance glance = { .mode = 0 };

	CU_ASSERT_EQUAL(tcbck_glance(site->glancer, site->scratch.fd, name, &glance), 0);
	return glance;
}

/* False where the file system has no such attributes. */
static bool set(const struct site *site, const char *name, const char *attribute, const void *value, size_t size)
{
	char way[128];

	(void)snprintf(way, sizeof(way), "%s/%s", site->scratch.top, name);
	return lsetxattr(way, attribute, value, size, 0) == 0;
}

static void agrees_with_stat(void)
{
	static const char *const names[] = { "file", "directory", "symlink", "dangling", "fifo", "link", "." };
	struct site site;

	begin(&site);
	scratch_file(&site.scratch, "file");
	CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "file", 06751, 0), 0);
	scratch_directory(&site.scratch, "directory", 01777);
	scratch_link(&site.scratch, "file", "symlink");
	scratch_link(&site.scratch, "nothing", "dangling");
	CU_ASSERT_EQUAL(mknodat(site.scratch.fd, "fifo", S_IFIFO | 0600, 0), 0);
	CU_ASSERT_EQUAL(linkat(site.scratch.fd, "file", site.scratch.fd, "link", 0), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct tcbck_glance told = glance(&site, names[i]);
		struct stat st;

		CU_ASSERT_EQUAL(fstatat(site.scratch.fd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		CU_ASSERT_TRUE(told.mode == st.st_mode && told.owner == st.st_uid && told.group == st.st_gid);
		CU_ASSERT_TRUE(told.link_count == st.st_nlink && told.device == st.st_dev && told.inode == st.st_ino);
		CU_ASSERT_TRUE(told.mount == glance(&site, ".").mount && told.mount != 0);
		CU_ASSERT_TRUE(!told.has_tcb && !told.has_capabilities && told.attributes_error == 0);
	}
	end(&site);
}

static void what_is_not_there_is_told(void)
{
	struct tcbck_glance told;
	struct site site;

	begin(&site);
	CU_ASSERT_EQUAL(tcbck_glance(site.glancer, site.scratch.fd, "nothing", &told), -ENOENT);
	scratch_file(&site.scratch, "file");
	CU_ASSERT_EQUAL(tcbck_glance(site.glancer, site.scratch.fd, "file/below", &told), -ENOTDIR);
	end(&site);
}

/* Puts attributes on objects, and looks; a child may do so too. */
static bool attributes_are_seen(void *context)
{
	const struct site *site = context;
	struct tcbck_glance told;
	bool good = true;

	told = glance(site, "flagged");
	good = good && told.has_tcb && !told.has_capabilities;
	told = glance(site, "capable");
	good = good && !told.has_tcb && told.has_capabilities;
	told = glance(site, "both");
	good = good && told.has_tcb && told.has_capabilities;
	told = glance(site, "directory");
	good = good && told.has_tcb && !told.has_capabilities;
	/* What leads to one has none, and a name that only begins alike is another. */
	told = glance(site, "symlink");
	good = good && !told.has_tcb && !told.has_capabilities;
	told = glance(site, "alike");
	good = good && !told.has_tcb && !told.has_capabilities && told.attributes_error == 0;
	told = glance(site, "none");
	return good && !told.has_tcb && !told.has_capabilities && told.attributes_error == 0;
}

/* False, and the test is skipped, where it can't be done. */
static bool make_attributes(const struct site *site)
{
	static const char *const files[] = { "flagged", "capable", "both", "alike", "none" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_file(&site->scratch, files[i]);
	scratch_directory(&site->scratch, "directory", 0755);
	scratch_link(&site->scratch, "both", "symlink");
	if (set(site, "flagged", "security.tcb", "1", 1) && set(site, "directory", "security.tcb", "1", 1) &&
	    set(site, "both", "security.tcb", "1", 1) && set(site, "alike", "security.tcb2", "1", 1) &&
	    set(site, "alike", "security.tc", "1", 1) &&
	    set(site, "capable", "security.capability", capabilities, sizeof(capabilities)) &&
	    set(site, "both", "security.capability", capabilities, sizeof(capabilities)))
		return true;
	unit_skip("needs security attributes");
	return false;
}

/* listxattrat(2) ends with `error`, as on older kernels or under a filter. */
static bool forbid_listxattrat(unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_listxattrat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool without_the_call(void *context)
{
	return forbid_listxattrat(ENOSYS) && attributes_are_seen(context);
}

static bool with_a_filter(void *context)
{
	return forbid_listxattrat(EPERM) && attributes_are_seen(context);
}

/* Nor is there /proc: then a file must be opened. */
static bool without_proc(void *context)
{
	const struct site *site = context;
	struct tcbck_glance told;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0)
		return false;
	if (!without_the_call(context))
		return false;
	return tcbck_glance(site->glancer, site->scratch.fd, "nothing", &told) == -ENOENT;
}

static void attributes_are_looked_for(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	if (make_attributes(&site)) {
		CU_ASSERT_TRUE(attributes_are_seen(&site));
		CU_ASSERT_TRUE(scratch_child(without_the_call, &site));
		CU_ASSERT_TRUE(scratch_child(with_a_filter, &site));
		CU_ASSERT_TRUE(scratch_child(without_proc, &site));
	}
	end(&site);
}

/* What is no file may be flagged, too; on a mount that does not matter nobody is asked. */
static void attributes_are_of_one_mount(void)
{
	struct site site;
	struct tcbck_glance told;

	if (!scratch_is_root())
		return;
	begin(&site);
	CU_ASSERT_EQUAL(mkfifoat(site.scratch.fd, "fifo", 0600), 0);
	if (set(&site, "fifo", "security.tcb", "1", 1)) {
		told = glance(&site, "fifo");
		CU_ASSERT_TRUE(told.has_tcb);
		tcbck_glancer_stay(site.glancer, told.mount);
		CU_ASSERT_TRUE(glance(&site, "fifo").has_tcb);
		tcbck_glancer_stay(site.glancer, told.mount + 1);
		CU_ASSERT_FALSE(glance(&site, "fifo").has_tcb);
		CU_ASSERT_EQUAL(glance(&site, "fifo").mount, told.mount);
		tcbck_glancer_stay(site.glancer, 0);
		CU_ASSERT_TRUE(glance(&site, "fifo").has_tcb);
	} else {
		unit_skip("needs security attributes");
	}
	end(&site);
}

static bool drop_root(void)
{
	return setgid(SCRATCH_SOMEBODY) == 0 && setuid(SCRATCH_SOMEBODY) == 0;
}

/* Without /proc and without rights what can't be opened is an error of the look, not "no attributes". */
static bool closed_file_is_an_error(void *context)
{
	const struct site *site = context;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0)
		return false;
	return drop_root() && forbid_listxattrat(ENOSYS) && glance(site, "closed").attributes_error == -EACCES &&
	       glance(site, "open").attributes_error == 0;
}

static bool closed_file_is_seen(void *context)
{
	const struct site *site = context;

	return drop_root() && glance(site, "closed").attributes_error == 0;
}

static void rights_matter_only_without_proc(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	CU_ASSERT_EQUAL(fchmod(site.scratch.fd, 0755), 0);
	scratch_file(&site.scratch, "open");
	scratch_file(&site.scratch, "closed");
	CU_ASSERT_EQUAL(fchmodat(site.scratch.fd, "closed", 0, 0), 0);
	CU_ASSERT_TRUE(scratch_child(closed_file_is_seen, &site));
	CU_ASSERT_TRUE(scratch_child(closed_file_is_an_error, &site));
	end(&site);
}

/* Another mount has another number, also of the same file system. */
static bool mounts_have_numbers(void *context)
{
	struct site inside = *(const struct site *)context;
	char from[64], to[64];

	(void)snprintf(from, sizeof(from), "%s/directory", inside.scratch.top);
	(void)snprintf(to, sizeof(to), "%s/place", inside.scratch.top);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(from, to, NULL, MS_BIND, NULL) < 0)
		return false;
	/* The descriptor that there is belongs to the other namespace. */
	inside.scratch.fd = open(inside.scratch.top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return glance(&inside, "place").mount != glance(&inside, "directory").mount &&
	       glance(&inside, "place").inode == glance(&inside, "directory").inode;
}

static void a_mount_is_told(void)
{
	struct site site;

	if (!scratch_is_root())
		return;
	begin(&site);
	scratch_directory(&site.scratch, "directory", 0755);
	scratch_directory(&site.scratch, "place", 0755);
	CU_ASSERT_TRUE(scratch_child(mounts_have_numbers, &site));
	end(&site);
}

void suite_glance(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(agrees_with_stat),          UNIT_TEST(what_is_not_there_is_told),
		UNIT_TEST(attributes_are_looked_for), UNIT_TEST(rights_matter_only_without_proc),
		UNIT_TEST(a_mount_is_told),           UNIT_TEST(attributes_are_of_one_mount),
	};

	unit_add("glance", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_store_replace.c - tests of the changes of db/store.c: how it locks and replaces. Being killed and failing calls are
 * tried in tests/fault/store.t.
 */
#include <acl/libacl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <sysck/stanza.h>
#include <sysck/store.h>

#include "store_place.h"
#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LABEL       "system_u:object_r:etc_t:s0"

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: %s\n", text);
	CU_ASSERT_TRUE(good);
}

/* Opens, locks, reads: what an update does first. */
static struct sysck_store *open_locked(const char *path)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	struct sysck_err err;
	int r;

	CU_ASSERT_EQUAL_FATAL(sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_store_lock(store, &err), 0);
	r = sysck_store_read(store, &bytes, &err);
	CU_ASSERT_TRUE_FATAL(r == 0 || r == -ENOENT);
	sysck_buf_done(&bytes);
	return store;
}

static int replace_once(const char *path, const char *text, struct sysck_err *err)
{
	struct sysck_store *store = open_locked(path);
	int r = sysck_store_replace(store, sysck_slice_of(text), err);

	sysck_store_close(store);
	return r;
}

static void replacing(void)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store;
	struct sysck_err err;
	mode_t mask;

	store_begin();
	/* A first one has mode 0640, whatever the mask. */
	mask = umask(0);
	CU_ASSERT_EQUAL(replace_once("d/f", "one\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "one\n"));
	CU_ASSERT_EQUAL(store_mode("d/f"), S_IFREG | 0640);
	CU_ASSERT_EQUAL(store_mode("d/f.lock"), S_IFREG | 0600);
	(void)umask(0777);
	CU_ASSERT_EQUAL(replace_once("d/g", "one\n", &err), 0);
	CU_ASSERT_EQUAL(store_mode("d/g"), S_IFREG | 0640);
	(void)umask(mask);
	/* The new file is another inode: whoever reads the old one reads on. */
	CU_ASSERT_EQUAL(link("d/f", "d/old"), 0);
	CU_ASSERT_EQUAL(replace_once("d/f", "two\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "two\n"));
	CU_ASSERT_TRUE(store_file_is("d/old", "one\n"));
	CU_ASSERT_EQUAL(access("d/.f.new", F_OK), -1);
	CU_ASSERT_EQUAL(replace_once("d/f", "", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", ""));
	/* Through a link: the file changes, the link stays, and the lock is the file's own. */
	CU_ASSERT_EQUAL(symlink("d/f", "link"), 0);
	CU_ASSERT_EQUAL(replace_once("link", "three\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "three\n"));
	CU_ASSERT_TRUE(S_ISLNK(store_mode("link")));
	CU_ASSERT_EQUAL(access("link.lock", F_OK), -1);
	CU_ASSERT_EQUAL(symlink("d/made", "dangling"), 0);
	CU_ASSERT_EQUAL(replace_once("dangling", "four\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/made", "four\n"));
	/* More than can be read again is not written. */
	store = open_locked("d/f");
	CU_ASSERT_EQUAL(sysck_store_replace(store, (struct sysck_slice){ "x", (size_t)SYSCK_TEXT_MAX + 1 }, &err), -EFBIG);
	CU_ASSERT_TRUE(store_file_is("d/f", "three\n"));
	/* Twice, read in between; without that it is somebody else's change. */
	CU_ASSERT_EQUAL(sysck_store_replace(store, SYSCK_SLICE("five\n"), &err), 0);
	CU_ASSERT_EQUAL(sysck_store_replace(store, SYSCK_SLICE("six\n"), &err), -ESTALE);
	CU_ASSERT_TRUE(store_file_is("d/f", "five\n"));
	CU_ASSERT_EQUAL(sysck_store_read(store, &bytes, &err), 0);
	CU_ASSERT_EQUAL(sysck_store_replace(store, SYSCK_SLICE("six\n"), &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "six\n"));
	sysck_store_close(store);
	sysck_buf_done(&bytes);
	store_end();
}

static bool same_acl(const char *path, const char *text)
{
	acl_t is = acl_get_file(path, ACL_TYPE_ACCESS), wanted = acl_from_text(text);
	bool same = is != NULL && wanted != NULL && acl_cmp(is, wanted) == 0;

	(void)acl_free(is);
	(void)acl_free(wanted);
	return same;
}

static void rights_are_kept(void)
{
	static const mode_t modes[] = { 0600, 0640, 0644, 0444, 0400, 0755, 04755, 02711, 01600 };
	static const char acl[] = "u::rw-,u:54321:r--,g::r--,g:54321:---,m::r--,o::---";
	struct sysck_err err;
	struct stat st;
	char value[64];
	bool labels;

	if (!store_need_root())
		return;
	store_begin();
	for (size_t i = 0; i < COUNT(modes); i++) {
		store_write("d/f", "old\n", 0600);
		CU_ASSERT_EQUAL(chown("d/f", 0, STORE_OTHER), 0);
		CU_ASSERT_EQUAL(chmod("d/f", modes[i]), 0);
		CU_ASSERT_EQUAL(replace_once("d/f", "new\n", &err), 0);
		CU_ASSERT_EQUAL(lstat("d/f", &st), 0);
		CU_ASSERT_TRUE(st.st_uid == 0 && st.st_gid == STORE_OTHER && st.st_mode == (S_IFREG | modes[i]));
		CU_ASSERT_TRUE(store_file_is("d/f", "new\n"));
		CU_ASSERT_EQUAL(acl_extended_file("d/f"), 0);
		(void)unlink("d/f");
	}
	store_write("d/f", "old\n", 0600);
	store_set_acl("d/f", acl);
	labels = setxattr("d/f", "security.tcb", "1", 1, 0) == 0 &&
		 setxattr("d/f", "security.selinux", LABEL, sizeof(LABEL), 0) == 0;
	if (!labels)
		unit_skip("labels need a file system with security attributes");
	CU_ASSERT_EQUAL(replace_once("d/f", "new\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "new\n"));
	CU_ASSERT_TRUE(same_acl("d/f", acl));
	CU_ASSERT_EQUAL(store_mode("d/f"), S_IFREG | 0640);
	CU_ASSERT_TRUE(!labels || (getxattr("d/f", "security.selinux", value, sizeof(value)) == sizeof(LABEL) &&
				   strcmp(value, LABEL) == 0 && getxattr("d/f", "security.tcb", value, sizeof(value)) == 1));
	/* An ACL of the directory's default does not come in by the way. */
	{
		acl_t by_default = acl_from_text("u::rwx,u:54321:rwx,g::rwx,m::rwx,o::rwx");

		CU_ASSERT_EQUAL(acl_set_file("d", ACL_TYPE_DEFAULT, by_default), 0);
		(void)acl_free(by_default);
	}
	store_write("d/g", "old\n", 0600);
	CU_ASSERT_EQUAL(removexattr("d/g", "system.posix_acl_access"), 0);
	CU_ASSERT_EQUAL(chmod("d/g", 0600), 0);
	CU_ASSERT_EQUAL(replace_once("d/g", "new\n", &err), 0);
	CU_ASSERT_EQUAL(acl_extended_file("d/g"), 0);
	CU_ASSERT_EQUAL(store_mode("d/g"), S_IFREG | 0600);
	CU_ASSERT_EQUAL(replace_once("d/fresh", "new\n", &err), 0);
	CU_ASSERT_EQUAL(store_mode("d/fresh") & 07022, 0);
	store_end();
}

/* Sums of the old content, and capabilities, are no labels. */
static void sums_are_not_kept(void)
{
	static const char capability[] = "\0\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0";
	struct sysck_err err;
	char value[64];

	if (!store_need_root())
		return;
	store_begin();
	store_write("d/f", "old\n", 0644);
	CU_ASSERT_EQUAL(setxattr("d/f", "security.capability", capability, 20, 0), 0);
	if (setxattr("d/f", "security.ima", "\1aaaaaaaaaaaaaaaaaaaa", 21, 0) < 0)
		unit_skip("this kernel keeps security.ima to itself");
	CU_ASSERT_EQUAL(replace_once("d/f", "new\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "new\n"));
	CU_ASSERT_EQUAL(getxattr("d/f", "security.capability", value, sizeof(value)), -1);
	CU_ASSERT_EQUAL(getxattr("d/f", "security.ima", value, sizeof(value)), -1);
	store_end();
}

/* What an update that was killed left behind goes away, and nothing is written through it. */
static void left_overs(void)
{
	struct sysck_err err;

	store_begin();
	store_write("d/f", "old\n", 0644);
	store_write("d/.f.new", "half of a te", 0666);
	CU_ASSERT_EQUAL(replace_once("d/f", "one\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "one\n"));
	CU_ASSERT_EQUAL(store_mode("d/f"), S_IFREG | 0644);
	CU_ASSERT_EQUAL(access("d/.f.new", F_OK), -1);
	store_write("precious", "precious\n", 0644);
	CU_ASSERT_EQUAL(symlink("../precious", "d/.f.new"), 0);
	CU_ASSERT_EQUAL(replace_once("d/f", "two\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is("d/f", "two\n"));
	CU_ASSERT_TRUE(S_ISREG(store_mode("d/f")));
	CU_ASSERT_TRUE(store_file_is("precious", "precious\n"));
	CU_ASSERT_EQUAL(mkdir("d/.f.new", 0755), 0);
	CU_ASSERT_EQUAL(replace_once("d/f", "three\n", &err), -EISDIR);
	CU_ASSERT_EQUAL(err.code, -EISDIR);
	CU_ASSERT_TRUE(store_file_is("d/f", "two\n"));
	store_end();
}

/* Each way in which somebody without the lock may change the file between reading and replacing. */
static void stale(void)
{
	static const char *const ways[] = { "appended", "same size", "replaced", "removed", "made", "truncated", "a link" };
	struct sysck_err err;

	store_begin();
	for (size_t i = 0; i < COUNT(ways); i++) {
		bool made = strcmp(ways[i], "made") == 0, removed = strcmp(ways[i], "removed") == 0;
		const struct timespec earlier[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
		struct sysck_store *store;
		int r;

		if (!made) {
			store_write("d/f", "old\n", 0644);
			CU_ASSERT_EQUAL(utimensat(AT_FDCWD, "d/f", earlier, 0), 0);
		}
		store = open_locked("d/f");
		if (i == 0 || i == 1 || made) {
			store_write("d/f", i == 0 ? "old and new\n" : "xxx\n", 0644);
		} else if (i == 2) {
			store_write("d/h", "old\n", 0644);
			CU_ASSERT_EQUAL(utimensat(AT_FDCWD, "d/h", earlier, 0), 0);
			CU_ASSERT_EQUAL(rename("d/h", "d/f"), 0);
		} else if (removed) {
			CU_ASSERT_EQUAL(unlink("d/f"), 0);
		} else if (i == 5) {
			CU_ASSERT_EQUAL(truncate("d/f", 0), 0);
		} else {
			CU_ASSERT_EQUAL(rename("d/f", "d/h"), 0);
			CU_ASSERT_EQUAL(symlink("h", "d/f"), 0);
		}
		r = sysck_store_replace(store, SYSCK_SLICE("mine\n"), &err);
		expect(r == (i == 6 ? -ELOOP : -ESTALE) && err.code == r, ways[i]);
		expect(!store_file_is("d/f", "mine\n") && !store_file_is("d/h", "mine\n"), ways[i]);
		expect((access("d/f", F_OK) < 0) == removed, ways[i]);
		expect(access("d/.f.new", F_OK) < 0, ways[i]);
		sysck_store_close(store);
		(void)unlink("d/f");
		(void)unlink("d/h");
	}
	/* A file that could not be trusted, and so was not read, is never replaced. */
	store_write("d/f", "old\n", 0666);
	{
		struct sysck_buf bytes = SYSCK_BUF_INIT;
		struct sysck_store *store;

		CU_ASSERT_EQUAL_FATAL(sysck_store_open("d/f", SYSCK_STORE_FOLLOW, &store, &err), 0);
		CU_ASSERT_EQUAL(sysck_store_lock(store, &err), 0);
		CU_ASSERT_EQUAL(sysck_store_read(store, &bytes, &err), -EPERM);
		CU_ASSERT_EQUAL(sysck_store_replace(store, SYSCK_SLICE("mine\n"), &err), -ESTALE);
		CU_ASSERT_TRUE(store_file_is("d/f", "old\n"));
		sysck_store_close(store);
	}
	store_end();
}

static int lock_once(const char *path)
{
	struct sysck_store *store = NULL;
	struct sysck_err err;
	int r = sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err);

	CU_ASSERT_EQUAL_FATAL(r, 0);
	r = sysck_store_lock(store, &err);
	CU_ASSERT_TRUE(r == 0 || (err.code == r && err.text[0] != '\0'));
	sysck_store_close(store);
	return r;
}

static void lock_files(void)
{
	static const mode_t bad[] = { 0644, 0640, 0604, 0666, 0700 | 0010 };

	store_begin();
	store_write("d/f", "old\n", 0644);
	CU_ASSERT_EQUAL(lock_once("d/f"), 0);
	CU_ASSERT_EQUAL(lock_once("d/f"), 0);
	CU_ASSERT_EQUAL(store_mode("d/f.lock"), S_IFREG | 0600);
	/* The database itself is never locked. */
	{
		int descriptor = open("d/f", O_RDONLY | O_CLOEXEC);
		struct sysck_store *store = open_locked("d/f");

		CU_ASSERT_EQUAL(flock(descriptor, LOCK_EX | LOCK_NB), 0);
		sysck_store_close(store);
		(void)close(descriptor);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		CU_ASSERT_EQUAL(chmod("d/f.lock", bad[i]), 0);
		CU_ASSERT_EQUAL(lock_once("d/f"), -EPERM);
	}
	(void)unlink("d/f.lock");
	CU_ASSERT_EQUAL(symlink("f", "d/f.lock"), 0);
	CU_ASSERT_EQUAL(lock_once("d/f"), -ELOOP);
	(void)unlink("d/f.lock");
	CU_ASSERT_EQUAL(mkfifo("d/f.lock", 0600), 0);
	CU_ASSERT_EQUAL(lock_once("d/f"), -EPERM);
	(void)unlink("d/f.lock");
	CU_ASSERT_EQUAL(mkdir("d/f.lock", 0700), 0);
	CU_ASSERT_EQUAL(lock_once("d/f"), -EISDIR);
	(void)rmdir("d/f.lock");
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(lock_once("d/f"), 0);
		CU_ASSERT_EQUAL(chown("d/f.lock", STORE_OTHER, 0), 0);
		CU_ASSERT_EQUAL(lock_once("d/f"), -EPERM);
	}
	store_end();
}

/* A second process waits until the first is done, and then reads what the first wrote. */
static void lock_waits(void)
{
	struct sysck_store *store;
	struct sysck_err err;
	int status = -1, ends[2];
	pid_t child;
	char c;

	store_begin();
	store_write("d/f", "old\n", 0644);
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	store = open_locked("d/f");
	child = fork();
	if (child == 0) {
		struct sysck_buf bytes = SYSCK_BUF_INIT;
		struct sysck_store *other = NULL;

		/* The descriptor of the lock is the parent's, too: its copy here would hold the lock. */
		sysck_store_close(store);
		if (sysck_store_open("d/f", SYSCK_STORE_FOLLOW, &other, NULL) < 0 || write(ends[1], "a", 1) != 1 ||
		    sysck_store_lock(other, NULL) < 0 || write(ends[1], "b", 1) != 1 ||
		    sysck_store_read(other, &bytes, NULL) < 0)
			_exit(1);
		_exit(sysck_slice_equal(sysck_buf_slice(&bytes), SYSCK_SLICE("new\n")) ? 0 : 2);
	}
	CU_ASSERT_EQUAL(read(ends[0], &c, 1), 1);
	(void)usleep(200000);
	CU_ASSERT_EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	CU_ASSERT_EQUAL(read(ends[0], &c, 1), -1);
	{
		struct sysck_store *another = NULL;

		/* Another opening is another holder, in the same process too. */
		CU_ASSERT_EQUAL_FATAL(sysck_store_open("d/f", SYSCK_STORE_FOLLOW, &another, &err), 0);
		CU_ASSERT_EQUAL(sysck_store_try_lock(another, &err), -EAGAIN);
		CU_ASSERT_EQUAL(err.code, -EAGAIN);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "locked by another update"));
		sysck_store_close(another);
	}
	CU_ASSERT_EQUAL(sysck_store_replace(store, SYSCK_SLICE("new\n"), &err), 0);
	sysck_store_close(store);
	CU_ASSERT_TRUE(waitpid(child, &status, 0) == child && status == 0);
	CU_ASSERT_EQUAL(read(ends[0], &c, 1), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
	store_end();
}

/* One process of many: appends `count` bytes, each in an update of its own. */
static void append_bytes(char byte, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct sysck_buf bytes = SYSCK_BUF_INIT;
		struct sysck_store *store = NULL;

		if (sysck_store_open("d/f", SYSCK_STORE_FOLLOW, &store, NULL) < 0 || sysck_store_lock(store, NULL) < 0 ||
		    sysck_store_read(store, &bytes, NULL) < 0)
			_exit(1);
		sysck_buf_add_char(&bytes, byte);
		if (sysck_store_replace(store, sysck_buf_slice(&bytes), NULL) < 0)
			_exit(2);
		sysck_store_close(store);
		sysck_buf_done(&bytes);
	}
	_exit(0);
}

static void ten_at_once(void)
{
	enum { PROCESSES = 10, UPDATES = 20 };
	unsigned counts[PROCESSES] = { 0 };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	pid_t children[PROCESSES];
	int descriptor;

	store_begin();
	store_write("d/f", "", 0644);
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0)
			append_bytes((char)('0' + i), UPDATES);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		CU_ASSERT_TRUE(waitpid(children[i], &status, 0) == children[i] && status == 0);
	}
	descriptor = open("d/f", O_RDONLY | O_CLOEXEC);
	CU_ASSERT_EQUAL(sysck_store_read_descriptor(descriptor, SYSCK_SLICE("f"), &bytes, NULL), 0);
	(void)close(descriptor);
	CU_ASSERT_EQUAL(bytes.len, PROCESSES * UPDATES);
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] >= '0' && bytes.data[i] < '0' + PROCESSES)
			counts[bytes.data[i] - '0']++;
	for (int i = 0; i < PROCESSES; i++)
		CU_ASSERT_EQUAL(counts[i], UPDATES);
	sysck_buf_done(&bytes);
	store_end();
}

static void odd_names(void)
{
	char name[300] = "d/", escaped[] = "d/\x1b[31m\n";
	struct sysck_err err;

	store_begin();
	memset(name + 2, 'n', 255);
	store_write(name, "text\n", 0644);
	CU_ASSERT_EQUAL(lock_once(name), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(replace_once(escaped, "x\n", &err), 0);
	CU_ASSERT_TRUE(store_file_is(escaped, "x\n"));
	store_end();
}

void suite_store_replace(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(replacing),  UNIT_TEST(rights_are_kept), UNIT_TEST(sums_are_not_kept),
		UNIT_TEST(left_overs), UNIT_TEST(stale),           UNIT_TEST(lock_files),
		UNIT_TEST(lock_waits), UNIT_TEST(ten_at_once),     UNIT_TEST(odd_names),
	};

	unit_add("store_replace", tests, sizeof(tests) / sizeof(tests[0]));
}

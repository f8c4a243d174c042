/*
 * test_store.c - tests of db/store.c: whom it trusts, and what it reads. test_store_replace.c has its changes.
 */
#include <acl/libacl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <sysck/stanza.h>
#include <sysck/store.h>

#include "store_place.h"
#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char base[64];
static int home = -1; /* the working directory before the test */

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: %s\n", text);
	CU_ASSERT_TRUE(good);
}

void store_begin(void)
{
	(void)snprintf(base, sizeof(base), "/tmp/test_store.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(base));
	home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(chdir(base), 0);
	CU_ASSERT_EQUAL_FATAL(chmod(base, 0755), 0);
	CU_ASSERT_EQUAL_FATAL(mkdir("d", 0755), 0);
}

static void run(char *const *arguments)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		execvp(arguments[0], arguments);
		_exit(127);
	}
	CU_ASSERT_TRUE_FATAL(child > 0 && waitpid(child, &status, 0) == child);
	CU_ASSERT_EQUAL(status, 0);
}

void store_end(void)
{
	static char rm[] = "rm", options[] = "-rf";
	char *const arguments[] = { rm, options, base, NULL };

	CU_ASSERT_EQUAL_FATAL(fchdir(home), 0);
	(void)close(home);
	run(arguments);
}

bool store_need_root(void)
{
	if (geteuid() == 0)
		return true;
	unit_skip("needs root");
	return false;
}

void store_write(const char *path, const char *text, mode_t mode)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_TRUE_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	CU_ASSERT_EQUAL(fchmod(descriptor, mode), 0);
	(void)close(descriptor);
}

bool store_file_is(const char *path, const char *text)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = strlen(text);
	char buffer[4096];
	ssize_t n;

	if (descriptor < 0)
		return false;
	n = read(descriptor, buffer, sizeof(buffer));
	(void)close(descriptor);
	return n == (ssize_t)len && memcmp(buffer, text, len) == 0;
}

mode_t store_mode(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

void store_set_acl(const char *path, const char *text)
{
	acl_t acl = acl_from_text(text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(acl);
	CU_ASSERT_EQUAL(acl_set_file(path, ACL_TYPE_ACCESS, acl), 0);
	(void)acl_free(acl);
}

/* Opens and reads; what either returned. The text read is compared when both went well. */
static int open_and_read(const char *path, enum sysck_store_links links, const char *wanted, struct sysck_err *err)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store = NULL;
	int r = sysck_store_open(path, links, &store, err);

	if (r == 0) {
		sysck_buf_add_text(&bytes, "kept");
		r = sysck_store_read(store, &bytes, err);
		sysck_store_close(store);
		expect(bytes.len >= 4 && memcmp(bytes.data, "kept", 4) == 0, path);
		expect(r == 0 || bytes.len == 4, path);
		if (r == 0)
			expect(sysck_slice_equal((struct sysck_slice){ bytes.data + 4, bytes.len - 4 }, sysck_slice_of(wanted)),
			       path);
	} else {
		CU_ASSERT_PTR_NULL(store);
	}
	sysck_buf_done(&bytes);
	return r;
}

/* A failure must say why, and name the path as it was given. */
static void check_read(const char *path, enum sysck_store_links links, int wanted, const char *what)
{
	struct sysck_err err;
	int r;

	sysck_err_clear(&err);
	r = open_and_read(path, links, "text\n", &err);
	if (r != wanted)
		printf("    %s: returned %d, should be %d: %s\n", what, r, wanted, r < 0 ? err.text : "");
	expect(r == wanted, what);
	expect(r == 0 || (err.code == r && err.text[0] != '\0' && (err.file[0] != '\0') == (path[0] != '\0') && err.line == 0),
	       what);
	expect(open_and_read(path, links, "text\n", NULL) == wanted, what);
}

static void trusted_files(void)
{
	static const struct {
		mode_t mode;
		int r;
	} rows[] = {
		{ 0644, 0 },      { 0600, 0 },      { 0400, 0 },      { 0755, 0 },      { 0640, 0 },
		{ 04755, 0 },     { 01644, 0 },     { 0620, -EPERM }, { 0602, -EPERM }, { 0622, -EPERM },
		{ 0666, -EPERM }, { 0777, -EPERM }, { 0664, -EPERM },
	};

	store_begin();
	for (size_t i = 0; i < COUNT(rows); i++) {
		char what[16];

		(void)snprintf(what, sizeof(what), "mode %o", (unsigned)rows[i].mode);
		store_write("d/f", "text\n", rows[i].mode);
		check_read("d/f", SYSCK_STORE_FOLLOW, rows[i].r, what);
		check_read("d/f", SYSCK_STORE_NO_LINKS, rows[i].r, what);
		(void)unlink("d/f");
	}
	store_end();
}

static void trusted_owners(void)
{
	if (!store_need_root())
		return;
	store_begin();
	store_write("d/f", "text\n", 0644);
	CU_ASSERT_EQUAL(chown("d/f", STORE_OTHER, 0), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "a file of another user");
	CU_ASSERT_EQUAL(chown("d/f", 0, STORE_OTHER), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, 0, "a file of root and another group");
	CU_ASSERT_EQUAL(chown("d", STORE_OTHER, 0), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "a directory of another user");
	CU_ASSERT_EQUAL(chown("d", 0, 0), 0);
	CU_ASSERT_EQUAL(chown(".", STORE_OTHER, 0), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "an ancestor of another user");
	store_end();
}

/* What an ACL gives shows in the group bits, which are its mask. */
static void trusted_acls(void)
{
	static const struct {
		const char *acl;
		int r;
	} rows[] = {
		{ "u::rw-,g::r--,o::r--", 0 },
		{ "u::rw-,u:54321:r--,g::r--,m::r--,o::---", 0 },
		{ "u::rw-,u:54321:rw-,g::r--,m::rw-,o::---", -EPERM },
		{ "u::rw-,g:54321:rw-,g::r--,m::rw-,o::---", -EPERM },
		{ "u::rw-,u:54321:rw-,g::r--,m::r--,o::---", 0 }, /* masked */
	};

	store_begin();
	for (size_t i = 0; i < COUNT(rows); i++) {
		store_write("d/f", "text\n", 0644);
		store_set_acl("d/f", rows[i].acl);
		check_read("d/f", SYSCK_STORE_FOLLOW, rows[i].r, rows[i].acl);
		(void)unlink("d/f");
	}
	store_write("d/f", "text\n", 0644);
	store_set_acl("d", "u::rwx,u:54321:rwx,g::r-x,m::rwx,o::r-x");
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "a directory that an ACL makes writable");
	store_set_acl("d", "u::rwx,u:54321:rwx,g::r-x,m::r-x,o::r-x");
	check_read("d/f", SYSCK_STORE_FOLLOW, 0, "a directory whose ACL is masked");
	store_end();
}

static void trusted_directories(void)
{
	static const struct {
		mode_t above, holder;
		int r;
	} rows[] = {
		{ 0755, 0755, 0 },
		{ 0700, 0700, 0 },
		{ 0755, 0775, -EPERM },
		{ 0755, 0757, -EPERM },
		{ 0755, 0777, -EPERM },
		{ 0775, 0755, -EPERM },
		{ 0777, 0755, -EPERM },
		/* A sticky one may be above, but never hold the file. */
		{ 01777, 0755, 0 },
		{ 01775, 0755, 0 },
		{ 0755, 01777, -EPERM },
		{ 01777, 01777, -EPERM },
		{ 0755, 01775, -EPERM },
		{ 0755, 01755, 0 },
		{ 01777, 0775, -EPERM },
	};

	store_begin();
	store_write("d/f", "text\n", 0644);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char what[32];

		(void)snprintf(what, sizeof(what), "modes %o/%o", (unsigned)rows[i].above, (unsigned)rows[i].holder);
		CU_ASSERT_EQUAL(chmod(".", rows[i].above), 0);
		CU_ASSERT_EQUAL(chmod("d", rows[i].holder), 0);
		check_read("d/f", SYSCK_STORE_FOLLOW, rows[i].r, what);
		check_read("d/missing", SYSCK_STORE_FOLLOW, rows[i].r == 0 ? -ENOENT : rows[i].r, what);
		/* `..` and `.` make nothing better. */
		check_read("d/../d/./f", SYSCK_STORE_FOLLOW, rows[i].r, what);
	}
	store_end();
}

/* In a sticky directory, another user's directory is not made good by root's bit. */
static void sticky_directories(void)
{
	if (!store_need_root())
		return;
	store_begin();
	store_write("d/f", "text\n", 0644);
	CU_ASSERT_EQUAL(chmod(".", 01777), 0);
	CU_ASSERT_EQUAL(chown("d", STORE_OTHER, STORE_OTHER), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "another user's directory in a sticky one");
	CU_ASSERT_EQUAL(chown("d", 0, 0), 0);
	/* A link in a sticky directory is no directory. */
	CU_ASSERT_EQUAL(symlink("d", "link"), 0);
	check_read("link/f", SYSCK_STORE_FOLLOW, -EPERM, "a link in a sticky directory");
	CU_ASSERT_EQUAL(chown(".", STORE_OTHER, 0), 0);
	check_read("d/f", SYSCK_STORE_FOLLOW, -EPERM, "a sticky directory of another user");
	store_end();
}

static void links(void)
{
	static const struct {
		const char *path;
		int follow, no_links;
	} rows[] = {
		{ "d/f", 0, 0 },
		{ "d/to_f", 0, -EPERM },
		{ "d/to_to_f", 0, -EPERM },
		{ "d/absolute", 0, -EPERM },
		{ "to_d/f", 0, -EPERM },
		{ "to_d/to_f", 0, -EPERM },
		{ "d/up/d/f", 0, -EPERM },
		{ "d/loop", -ELOOP, -EPERM },
		{ "d/dangling", -ENOENT, -EPERM },
		{ "d/to_directory", -EISDIR, -EPERM },
		{ "d/into_nothing", -ENOENT, -EPERM },
		{ "to_d/../d/f", 0, -EPERM },
		{ "d/f/", 0, 0 },
		{ "d//f", 0, 0 },
		{ "./d/./f", 0, 0 },
		{ "d/../d/f", 0, 0 },
		{ "d/f/x", -ENOTDIR, -ENOTDIR },
		{ "d", -EISDIR, -EISDIR },
		{ "d/.", -EISDIR, -EISDIR },
		{ "", -EISDIR, -EISDIR },
		{ "/", -EISDIR, -EISDIR },
		{ "..", -EISDIR, -EISDIR },
		{ "nothing", -ENOENT, -ENOENT },
		{ "nothing/f", -ENOENT, -ENOENT },
	};
	char absolute[128];

	store_begin();
	store_write("d/f", "text\n", 0644);
	(void)snprintf(absolute, sizeof(absolute), "%s/d/f", base);
	CU_ASSERT_EQUAL(symlink("f", "d/to_f"), 0);
	CU_ASSERT_EQUAL(symlink("to_f", "d/to_to_f"), 0);
	CU_ASSERT_EQUAL(symlink(absolute, "d/absolute"), 0);
	CU_ASSERT_EQUAL(symlink("d/", "to_d"), 0);
	CU_ASSERT_EQUAL(symlink("..", "d/up"), 0);
	CU_ASSERT_EQUAL(symlink("loop", "d/loop"), 0);
	CU_ASSERT_EQUAL(symlink("not_there", "d/dangling"), 0);
	CU_ASSERT_EQUAL(symlink("../d", "d/to_directory"), 0);
	CU_ASSERT_EQUAL(symlink("not_there/f", "d/into_nothing"), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_read(rows[i].path, SYSCK_STORE_FOLLOW, rows[i].follow, rows[i].path);
		check_read(rows[i].path, SYSCK_STORE_NO_LINKS, rows[i].no_links, rows[i].path);
	}
	check_read(absolute, SYSCK_STORE_NO_LINKS, 0, "an absolute path");
	/* Where a link leads is judged by the same rule. */
	CU_ASSERT_EQUAL(mkdir("e", 0755), 0);
	CU_ASSERT_EQUAL(chmod("e", 0777), 0);
	store_write("e/f", "text\n", 0644);
	CU_ASSERT_EQUAL(symlink("../e/f", "d/out"), 0);
	check_read("d/out", SYSCK_STORE_FOLLOW, -EPERM, "a link into a directory that anyone can write");
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(lchown("d/to_f", STORE_OTHER, 0), 0);
		check_read("d/to_f", SYSCK_STORE_FOLLOW, -EPERM, "another user's link");
		CU_ASSERT_EQUAL(lchown("to_d", STORE_OTHER, 0), 0);
		check_read("to_d/f", SYSCK_STORE_FOLLOW, -EPERM, "another user's link to a directory");
	}
	store_end();
}

static void other_kinds(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor;

	store_begin();
	CU_ASSERT_EQUAL(mkfifo("d/fifo", 0600), 0);
	check_read("d/fifo", SYSCK_STORE_FOLLOW, -EPERM, "a FIFO");
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "d/socket");
	CU_ASSERT_EQUAL(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
	check_read("d/socket", SYSCK_STORE_FOLLOW, -ENXIO, "a socket");
	(void)close(descriptor);
	check_read("/dev/null", SYSCK_STORE_FOLLOW, -EPERM, "a device");
	store_end();
}

/* As another user: one's own files are trusted, and root's, and nobody else's. Exits with the number of surprises. */
static void read_as_other(void)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{ "d/root", 0 },       { "own/f", 0 },          { "own/third", -EPERM },
		{ "third/f", -EPERM }, { "d/secret", -EACCES }, { "d/own", 0 },
	};
	int surprises = 0;

	if (setgid(STORE_OTHER) < 0 || setuid(STORE_OTHER) < 0)
		_exit(100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf bytes = SYSCK_BUF_INIT;
		struct sysck_store *store = NULL;
		int r = sysck_store_open(rows[i].path, SYSCK_STORE_FOLLOW, &store, NULL);

		if (r == 0)
			r = sysck_store_read(store, &bytes, NULL);
		if (r != rows[i].r) {
			fprintf(stderr, "    as another user: %s: %d\n", rows[i].path, r);
			surprises++;
		}
		sysck_store_close(store);
		sysck_buf_done(&bytes);
	}
	_exit(surprises);
}

static void other_caller(void)
{
	int status = -1;
	pid_t child;

	if (!store_need_root())
		return;
	store_begin();
	CU_ASSERT_EQUAL(mkdir("own", 0755) + mkdir("third", 0755), 0);
	store_write("d/root", "text\n", 0644);
	store_write("d/secret", "text\n", 0600);
	store_write("d/own", "text\n", 0600);
	store_write("own/f", "text\n", 0600);
	store_write("own/third", "text\n", 0644);
	store_write("third/f", "text\n", 0644);
	CU_ASSERT_EQUAL(chown("own", STORE_OTHER, STORE_OTHER) + chown("own/f", STORE_OTHER, STORE_OTHER) +
				chown("d/own", STORE_OTHER, STORE_OTHER),
			0);
	CU_ASSERT_EQUAL(chown("own/third", STORE_OTHER + 1, STORE_OTHER) + chown("third", STORE_OTHER + 1, STORE_OTHER), 0);
	child = fork();
	if (child == 0)
		read_as_other();
	CU_ASSERT_TRUE_FATAL(child > 0 && waitpid(child, &status, 0) == child);
	CU_ASSERT_EQUAL(status, 0);
	store_end();
}

static void reading(void)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_store *store;
	char *large = malloc(3000000);
	struct sysck_err err;
	int descriptor;

	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	store_begin();
	store_write("d/f", "", 0644);
	CU_ASSERT_EQUAL_FATAL(sysck_store_open("d/f", SYSCK_STORE_FOLLOW, &store, &err), 0);
	CU_ASSERT_EQUAL(sysck_store_read(store, &bytes, &err), 0);
	CU_ASSERT_EQUAL(bytes.len, 0);
	memset(large, 'x', 3000000);
	large[2999999] = '\0';
	store_write("d/f", large, 0644);
	CU_ASSERT_EQUAL(sysck_store_read(store, &bytes, &err), 0);
	CU_ASSERT_EQUAL(bytes.len, 2999999);
	CU_ASSERT_TRUE(bytes.len == 2999999 && memcmp(bytes.data, large, 2999999) == 0);
	/* Sparse: nothing of it may be read before it is refused. */
	sysck_buf_clear(&bytes);
	CU_ASSERT_EQUAL(truncate("d/f", (off_t)SYSCK_TEXT_MAX + 1), 0);
	CU_ASSERT_EQUAL(sysck_store_read(store, &bytes, &err), -EFBIG);
	CU_ASSERT_EQUAL(err.code, -EFBIG);
	CU_ASSERT_EQUAL(bytes.len, 0);
	CU_ASSERT_TRUE(bytes.capacity < 100000000);
	sysck_store_close(store);
	descriptor = open("d", O_RDONLY | O_CLOEXEC);
	CU_ASSERT_EQUAL(sysck_store_read_descriptor(descriptor, SYSCK_SLICE("a\nb"), &bytes, &err), -EISDIR);
	CU_ASSERT_STRING_EQUAL(err.file, "\"a\\nb\"");
	CU_ASSERT_EQUAL(sysck_store_read_descriptor(descriptor, SYSCK_SLICE("x"), &bytes, NULL), -EISDIR);
	CU_ASSERT_EQUAL(bytes.len, 0);
	(void)close(descriptor);
	CU_ASSERT_EQUAL(sysck_store_read_descriptor(-1, SYSCK_SLICE("x"), &bytes, &err), -EBADF);
	sysck_buf_done(&bytes);
	free(large);
	store_end();
}

/* A pipe that gives bytes in small, uneven portions. */
static void reading_a_pipe(void)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	int ends[2], status = -1;
	size_t wrong = 0;
	pid_t child;

	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		char text[977];

		for (unsigned i = 0; i < 300; i++) {
			memset(text, 'a' + (int)(i % 26), sizeof(text));
			if (write(ends[1], text, sizeof(text) - i) < 0)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(ends[1]);
	CU_ASSERT_EQUAL(sysck_store_read_descriptor(ends[0], SYSCK_SLICE("-"), &bytes, NULL), 0);
	CU_ASSERT_TRUE(waitpid(child, &status, 0) == child && status == 0);
	CU_ASSERT_EQUAL_FATAL(bytes.len, 300 * 977 - 300 * 299 / 2);
	for (size_t i = 0, at = 0; i < 300; at += 977 - i, i++)
		wrong += bytes.data[at] != (char)('a' + i % 26) || bytes.data[at + 976 - i] != (char)('a' + i % 26);
	CU_ASSERT_EQUAL(wrong, 0);
	(void)close(ends[0]);
	sysck_buf_done(&bytes);
}

static void odd_names(void)
{
	char name[300] = "d/", escaped[] = "d/\x1b[31m\n";
	struct sysck_err err;

	store_begin();
	memset(name + 2, 'n', 255);
	store_write(name, "text\n", 0644);
	check_read(name, SYSCK_STORE_FOLLOW, 0, "the longest name");
	memset(name + 2, 'n', 256);
	check_read(name, SYSCK_STORE_FOLLOW, -ENAMETOOLONG, "a name that is too long");
	CU_ASSERT_EQUAL(open_and_read(escaped, SYSCK_STORE_FOLLOW, "", &err), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.file, "\"d/\\x1b[31m\\n\"");
	sysck_store_close(NULL);
	store_end();
}

/* The working directory is gone. */
static void nowhere(void)
{
	struct sysck_store *store = NULL;
	struct sysck_err err;

	store_begin();
	CU_ASSERT_EQUAL(mkdir("gone", 0755), 0);
	CU_ASSERT_EQUAL(chdir("gone"), 0);
	CU_ASSERT_EQUAL(rmdir("../gone"), 0);
	CU_ASSERT_EQUAL(sysck_store_open("f", SYSCK_STORE_FOLLOW, &store, &err), -ENOENT);
	CU_ASSERT_PTR_NULL(store);
	store_end();
}

void suite_store(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(trusted_files),       UNIT_TEST(trusted_owners),     UNIT_TEST(trusted_acls),
		UNIT_TEST(trusted_directories), UNIT_TEST(sticky_directories), UNIT_TEST(links),
		UNIT_TEST(other_kinds),         UNIT_TEST(other_caller),       UNIT_TEST(reading),
		UNIT_TEST(reading_a_pipe),      UNIT_TEST(odd_names),          UNIT_TEST(nowhere),
	};

	unit_add("store", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_observe.c - tests of src/observe/observe.c: what is learned of objects, and what is not done to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "judge/judge.h"
#include "observe/observe.h"
#include "report/text.h"
#include "scratch.h"
#include "suites.h"

struct bench {
	struct scratch scratch;
	struct tcbck_root *host;
	struct sysck_db *db; /* of the settings */
	struct tcbck_observer_options options;
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena arena;
	atomic_uint_least64_t bytes;
	atomic_bool stop;
};

/* With the host as its root paths are whole; else they are below the scratch directory. */
static void bench_init(struct bench *bench, bool host, const char *settings)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_err err;

	memset(bench, 0, sizeof(*bench));
	scratch_begin(&bench->scratch);
	sysck_buf_add_text(&bytes, settings);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &bench->db, &err), 0);
	CU_ASSERT_EQUAL(sysck_db_errors(bench->db), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &bench->host, &err), 0);
	bench->options.root = host ? bench->host : bench->scratch.root;
	bench->options.settings = sysck_db_settings(bench->db);
	bench->options.bytes_read = &bench->bytes;
	bench->options.stop = &bench->stop;
	CU_ASSERT_EQUAL_FATAL(tcbck_observer_new(&bench->options, &bench->observer, &err), 0);
	CU_ASSERT_PTR_NOT_NULL(tcbck_observer_opener(bench->observer));
	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(SYSCK_SLICE("root:x:0:0:::\n"), SYSCK_SLICE("root:x:0:\n"), &bench->names),
			      0);
}

static void bench_done(struct bench *bench)
{
	tcbck_observer_free(bench->observer);
	tcbck_observer_free(NULL);
	sysck_names_free(bench->names);
	sysck_arena_done(&bench->arena);
	sysck_db_free(bench->db);
	tcbck_root_free(bench->host);
	scratch_end(&bench->scratch);
}

/* Reads a definition; `%s` in it stands for the scratch directory. */
static void define(struct bench *bench, const char *text, struct sysck_def *ret)
{
	const struct sysck_def_options reading = { bench->names, &bench->arena, NULL, false };
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_slice bytes;
	struct sysck_text parsed;
	struct sysck_err err;

	for (; *text != '\0'; text++) {
		if (text[0] == '%' && text[1] == 's') {
			sysck_buf_add_text(&buf, bench->scratch.top);
			text++;
		} else {
			sysck_buf_add_char(&buf, *text);
		}
	}
	sysck_buf_add_char(&buf, '\n');
	sysck_arena_reset(&bench->arena);
	CU_ASSERT_EQUAL_FATAL(sysck_arena_copy(&bench->arena, sysck_buf_slice(&buf), &bytes), 0);
	sysck_buf_done(&buf);
	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(bytes, SYSCK_SLICE("t"), NULL, &parsed, &err), 0);
	CU_ASSERT_EQUAL_FATAL(parsed.count, 1);
	CU_ASSERT_EQUAL_FATAL(sysck_def_read(&parsed, &parsed.stanzas[0], &reading, ret), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_arena_copy(&bench->arena, ret->path, &ret->path), 0);
	sysck_text_done(&parsed);
}

/* What is found of an object that was observed, a line each. */
static bool judged(struct bench *bench, const struct sysck_def *def, const struct tcbck_observation *o, const char *says)
{
	const struct tcbck_judgement judgement = { def, 0, bench->names, bench->options.settings->checksum_is_default };
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
	struct sysck_buf out = SYSCK_BUF_INIT;
	bool good;

	CU_ASSERT_EQUAL(tcbck_judge(&judgement, o, &findings), 0);
	for (size_t i = 0; i < findings.count; i++) {
		tcbck_text_finding(&findings.items[i], SYSCK_CHARSET_UTF8, &out);
		sysck_buf_add_char(&out, '\n');
	}
	sysck_buf_add_char(&out, '\0');
	good = strcmp(says, "") == 0 ? findings.count == 0 : strstr(out.data, says) != NULL;
	if (!good)
		printf("    says \"%s\", not \"%s\"\n", out.data, says);
	tcbck_findings_done(&findings);
	sysck_buf_done(&out);
	return good;
}

static bool finds(struct bench *bench, const char *definition, const char *says)
{
	struct tcbck_observation o;
	struct sysck_def def;

	define(bench, definition, &def);
	CU_ASSERT_EQUAL_FATAL(tcbck_observe(bench->observer, &def, def.present, &bench->arena, &o), 0);
	return judged(bench, &def, &o, says);
}

static void put(const struct bench *bench, const char *path, const char *content)
{
	int fd = openat(bench->scratch.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	close(fd);
}

static void attributes_are_learned(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	scratch_directory(&bench.scratch, "d", 01750);
	CU_ASSERT_TRUE(finds(&bench,
			     "/f:\ntype=FILE\nmode=644\nacl=\ncapabilities=\nlinks=\nsize=3\n"
			     "hash_value=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			     ""));
	CU_ASSERT_EQUAL(atomic_load(&bench.bytes), 3);
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nchecksum=\"16556 1\"", ""));
	CU_ASSERT_TRUE(finds(&bench, "/d:\ntype=DIRECTORY\nmode=SVTX,rwxr-x---", ""));
	CU_ASSERT_TRUE(finds(&bench, "/:\ntype=DIRECTORY\nmode=700", ""));
	CU_ASSERT_TRUE(finds(&bench, "/d:\ntype=FILE\nmode=0\nsize=1", "/d: type is DIRECTORY, should be FILE\n"));
	bench_done(&bench);
}

/* A minimal ACL is the mode, also where the definition has no mode. */
static void an_acl_needs_no_mode_beside_it(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "");
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nacl=u::rw-,g::r--,o::r--", ""));
	CU_ASSERT_TRUE(
		finds(&bench, "/f:\ntype=FILE\nacl=u::rw-,g::r--,o::---", "acl is none, should be u::rw-,g::r--,o::---"));
	bench_done(&bench);
}

static void absence_is_told_apart(void)
{
	struct bench bench;
	char longer[400] = "/";

	bench_init(&bench, false, "");
	put(&bench, "f", "");
	scratch_directory(&bench.scratch, "d", 0755);
	scratch_link(&bench.scratch, "d", "good");
	scratch_link(&bench.scratch, "/d", "whole");
	put(&bench, "d/x", "");
	CU_ASSERT_TRUE(finds(&bench, "/x:\ntype=FILE\nmode=644", "/x: missing is absent, should be FILE\n"));
	CU_ASSERT_TRUE(finds(&bench, "/x/y/z:\ntype=FIFO", "/x/y/z: missing is absent, should be FIFO\n"));
	CU_ASSERT_TRUE(finds(&bench, "/f/y:\ntype=FILE", "/f/y: missing is absent, should be FILE\n"));
	CU_ASSERT_TRUE(finds(&bench, "/good/x:\ntype=FILE\nmode=644", ""));
	CU_ASSERT_TRUE(finds(&bench, "/whole/x:\ntype=FILE\nmode=644", ""));
	CU_ASSERT_TRUE(finds(&bench, "/good:\ntype=DIRECTORY", "type is SYMLINK"));
	memset(longer + 1, 'n', 300);
	memcpy(longer + 301, ":\ntype=FILE", 12);
	CU_ASSERT_TRUE(finds(&bench, longer, "type unverified: "));
	bench_done(&bench);
}

static void unsafe_paths_are_told_in_one_line(void)
{
	struct bench bench;

	if (!scratch_is_root())
		return;
	bench_init(&bench, false, "");
	scratch_directory(&bench.scratch, "d", 0755);
	put(&bench, "d/x", "");
	scratch_link(&bench.scratch, "d", "o\nd\"d");
	scratch_give_away(&bench.scratch, "o\nd\"d");
	/* Escaped once, not twice. */
	CU_ASSERT_TRUE(finds(&bench, "\"/o\\nd\\\"d/x\":\ntype=FILE",
			     "\"/o\\nd\\\"d/x\": unsafe-path is symlink \"/o\\nd\\\"d\" is not "));
	bench_done(&bench);
}

static void links_are_looked_at(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "");
	put(&bench, "other", "");
	CU_ASSERT_EQUAL(linkat(bench.scratch.fd, "f", bench.scratch.fd, "g", 0), 0);
	scratch_link(&bench.scratch, "f", "s");
	scratch_link(&bench.scratch, "/other", "wrong");
	scratch_link(&bench.scratch, "nothing", "dangling");
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nlinks=/g", ""));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nlinks=", "links is 2 in all, should be 1 in all"));
	CU_ASSERT_TRUE(
		finds(&bench, "/f:\ntype=FILE\nlinks=/g,/h,/other,/s,/h/i",
		      "links is 2 in all, /h absent, /other another file, /s another file, /h/i absent, should be 6 in all"));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsymlinks=/s", ""));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsymlinks=/s,/wrong,/dangling,/g,/h",
			     "symlinks is /wrong -> /other, /dangling -> nothing, /g no symlink, /h absent, should be"));
	bench_done(&bench);
}

static void targets_have_any_length(void)
{
	struct bench bench;
	char target[4096], definition[5000], path[64];
	int fd;

	bench_init(&bench, true, "");
	memset(target, 't', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	scratch_link(&bench.scratch, target, "l");
	(void)snprintf(definition, sizeof(definition), "%%s/l:\ntype=SYMLINK\ntarget=%s", target);
	CU_ASSERT_TRUE(finds(&bench, definition, ""));
	/* The size of a symlink in /proc says nothing. */
	target[200] = '\0';
	fd = openat(bench.scratch.fd, target, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CU_ASSERT_FATAL(fd >= 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
	(void)snprintf(definition, sizeof(definition), "%s:\ntype=SYMLINK\ntarget=%%s/%s", path, target);
	if (access(path, F_OK) == 0)
		CU_ASSERT_TRUE(finds(&bench, definition, ""));
	close(fd);
	bench_done(&bench);
}

static void looking_changes_nothing_and_never_waits(void)
{
	struct stat before, after;
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	CU_ASSERT_EQUAL(utimensat(bench.scratch.fd, "f", (const struct timespec[]){ { 5, 0 }, { 900000000, 0 } }, 0), 0);
	CU_ASSERT_EQUAL(fstatat(bench.scratch.fd, "f", &before, 0), 0);
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nmode=644\nchecksum=\"1\"", "checksum is "));
	CU_ASSERT_EQUAL(fstatat(bench.scratch.fd, "f", &after, 0), 0);
	CU_ASSERT_EQUAL(after.st_atim.tv_sec, before.st_atim.tv_sec);
	CU_ASSERT_EQUAL(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
	CU_ASSERT_EQUAL(mknodat(bench.scratch.fd, "p", S_IFIFO | 0600, 0), 0);
	CU_ASSERT_TRUE(finds(&bench, "/p:\ntype=FIFO\nmode=600\nacl=\nlinks=", ""));
	CU_ASSERT_TRUE(finds(&bench, "/p:\ntype=FILE\nchecksum=\"1\"", "type is FIFO"));
	CU_ASSERT_EQUAL(mknodat(bench.scratch.fd, "s", S_IFSOCK | 0600, 0), 0);
	CU_ASSERT_TRUE(finds(&bench, "/s:\ntype=SOCKET\nmode=600", ""));
	if (mknodat(bench.scratch.fd, "t", S_IFCHR | 0600, makedev(5, 0)) == 0)
		CU_ASSERT_TRUE(finds(&bench, "/t:\ntype=CHAR_DEV\nmode=600\ndevice=5,1", "device is 5,0, should be 5,1"));
	bench_done(&bench);
}

static void what_is_volatile_is_not_read(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsize=VOLATILE\nchecksum=VOLATILE\nhash_value=VOLATILE", ""));
	CU_ASSERT_EQUAL(atomic_load(&bench.bytes), 0);
	bench_done(&bench);
}

static void a_stop_leaves_content_unverified(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	atomic_store(&bench.stop, true);
	CU_ASSERT_TRUE(
		finds(&bench, "/f:\ntype=FILE\nmode=644\nchecksum=\"1\"", "/f: checksum unverified: Operation canceled\n"));
	bench_done(&bench);
}

static bool looks_as_somebody(void *context)
{
	struct bench *bench = context;

	return setgid(SCRATCH_SOMEBODY) == 0 && setuid(SCRATCH_SOMEBODY) == 0 &&
	       finds(bench, "/f:\ntype=FILE\nmode=600\nsize=3\nowner=root\nchecksum=\"1\"",
		     "/f: checksum unverified: Permission denied\n") &&
	       finds(bench, "/f:\ntype=FILE\nmode=600\nsize=3\nacl=\ncapabilities=", "") &&
	       finds(bench, "/closed/x:\ntype=FILE", "/closed/x: type unverified: ");
}

static void what_is_not_allowed_is_unverified(void)
{
	struct bench bench;

	if (!scratch_is_root())
		return;
	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	CU_ASSERT_EQUAL(fchmodat(bench.scratch.fd, "f", 0600, 0), 0);
	scratch_directory(&bench.scratch, "closed", 0700);
	put(&bench, "closed/x", "");
	CU_ASSERT_EQUAL(fchmod(bench.scratch.fd, 0755), 0);
	CU_ASSERT_TRUE(scratch_child(looks_as_somebody, &bench));
	bench_done(&bench);
}

static void a_file_that_changes_is_unverified(void)
{
	static const char part[65536];
	struct bench bench;
	bool seen = false;
	pid_t child;
	int fd;

	bench_init(&bench, false, "");
	fd = openat(bench.scratch.fd, "f", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(ftruncate(fd, 64 << 20), 0);
	child = fork();
	if (child == 0)
		for (;;)
			if (pwrite(fd, part, 100, 0) < 0)
				_exit(1);
	/* On a busy machine the child may sleep through all three readings of one try. */
	for (int i = 0; i < 20 && !seen; i++)
		seen = finds(&bench, "/f:\ntype=FILE\nchecksum=\"1\"\nsize=67108864",
			     "/f: checksum unverified: changes while it is read\n");
	CU_ASSERT_TRUE(seen);
	CU_ASSERT_EQUAL(kill(child, SIGKILL), 0);
	CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
	close(fd);
	bench_done(&bench);
}

static void commands_of_the_host(void)
{
	struct bench bench;
	char path[] = "/usr/bin/true";

	if (!scratch_is_root())
		return;
	/* Running a command awaits its end by pidfd_open(2), which valgrind does not have. */
	if (syscall(SYS_pidfd_open, getpid(), 0u) < 0 && errno == ENOSYS) {
		unit_skip("needs pidfd_open(2)");
		return;
	}
	if (access(path, X_OK) != 0) {
		unit_skip("needs /usr/bin/true");
		return;
	}
	bench_init(&bench, true, "sysck:\n\tchecksum = \"printf '%s ' ok; cat <\"\n");
	put(&bench, "f", "abc\n\n");
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nchecksum=\"ok abc\"", ""));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nchecksum=\"ok abd\"", "checksum is \"ok abc\", should be \"ok abd\""));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nprogram=/usr/bin/true", ""));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nprogram=/usr/bin/false", "program is 1, should be 0"));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nprogram=/bin/sh,-c,\"echo \\\"$1|$2|$3\\\"; exit 3\",x,%f,%m,100%%f%",
			     "f|-n|100%/tmp"));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nprogram=/no/such", "program unverified: "));
	bench_done(&bench);
	bench_init(&bench, true, "sysck:\n\tchecksum = \"exit 7;\"\n");
	put(&bench, "f", "abc");
	CU_ASSERT_TRUE(
		finds(&bench, "%s/f:\ntype=FILE\nchecksum=\"1\"", "checksum unverified: the checksum command ended with 7"));
	bench_done(&bench);
	bench_init(&bench, true, "sysck:\n\tchecksum = \"sleep 9;\"\n\tprogram_timeout = 1\n");
	put(&bench, "f", "abc");
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nchecksum=\"1\"",
			     "checksum unverified: the checksum command was killed at program_timeout"));
	CU_ASSERT_TRUE(finds(&bench, "%s/f:\ntype=FILE\nprogram=/bin/sh,-c,\"echo a; sleep 9\"",
			     "program is killed at program_timeout \"a\", should be 0"));
	bench_done(&bench);
}

static void nothing_is_run_for_another_root(void)
{
	struct bench bench;

	bench_init(&bench, false, "sysck:\n\tchecksum = \"echo ran; false <\"\n");
	put(&bench, "f", "abc");
	CU_ASSERT_TRUE(
		finds(&bench, "/f:\ntype=FILE\nchecksum=\"ran\"", "checksum unverified: no command is run for another root"));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nprogram=/f", "program unverified: no program is run for another root"));
	bench_done(&bench);
}

static void sources_exist_or_not(void)
{
	struct bench bench;

	bench_init(&bench, false, "");
	put(&bench, "f", "");
	scratch_link(&bench.scratch, "f", "s");
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsource=/s", ""));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsource=", ""));
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsource=/nothing/x", "source is absent, should be /nothing/x"));
	bench_done(&bench);
}

/* The descriptor is the object, whatever becomes of its name; so is a name in an open directory. */
static void descriptors_are_what_is_looked_at(void)
{
	static const int flags[] = { O_PATH | O_NOFOLLOW | O_CLOEXEC, O_RDONLY | O_CLOEXEC };
	struct tcbck_observation o;
	struct sysck_def def;
	struct bench bench;

	bench_init(&bench, false, "");
	for (size_t i = 0; i < 2; i++) {
		int fd;

		put(&bench, "f", "abc");
		fd = openat(bench.scratch.fd, "f", flags[i]);
		CU_ASSERT_FATAL(fd >= 0);
		CU_ASSERT_EQUAL(renameat(bench.scratch.fd, "f", bench.scratch.fd, "moved"), 0);
		put(&bench, "f", "abcdef");
		define(&bench,
		       "/f:\ntype=FILE\nmode=644\nacl=\ncapabilities=\nsize=3\nhash_value="
		       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		       &def);
		CU_ASSERT_EQUAL(tcbck_observe_descriptor(bench.observer, fd, &def, def.present, &bench.arena, &o), 0);
		CU_ASSERT_TRUE(judged(&bench, &def, &o, ""));
		CU_ASSERT_EQUAL(
			tcbck_observe_at(bench.observer, bench.scratch.fd, "moved", &def, def.present, &bench.arena, &o), 0);
		CU_ASSERT_TRUE(judged(&bench, &def, &o, ""));
		CU_ASSERT_EQUAL(tcbck_observe_at(bench.observer, bench.scratch.fd, "f", &def, def.present, &bench.arena, &o),
				0);
		CU_ASSERT_TRUE(judged(&bench, &def, &o, "size is 6, should be 3"));
		close(fd);
		CU_ASSERT_EQUAL(tcbck_observe_descriptor(bench.observer, fd, &def, def.present, &bench.arena, &o), 0);
		CU_ASSERT_EQUAL(o.presence, TCBCK_UNKNOWN);
	}
	bench_done(&bench);
}

static void no_descriptor_is_left_open(void)
{
	struct bench bench;
	unsigned before;

	bench_init(&bench, false, "");
	put(&bench, "f", "abc");
	scratch_link(&bench.scratch, "f", "s");
	CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nsymlinks=/s", ""));
	before = scratch_descriptors();
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(finds(&bench, "/f:\ntype=FILE\nmode=644\nsymlinks=/s,/x\nlinks=\nsource=/s\nchecksum=\"1\"",
				     "checksum is"));
		CU_ASSERT_TRUE(finds(&bench, "/s:\ntype=FILE\nmode=644\nsize=3", "type is SYMLINK"));
		CU_ASSERT_TRUE(finds(&bench, "/x:\ntype=FILE\nmode=644\nsize=3", "missing"));
	}
	CU_ASSERT_EQUAL(scratch_descriptors(), before);
	bench_done(&bench);
}

void suite_observe(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(attributes_are_learned),
		UNIT_TEST(an_acl_needs_no_mode_beside_it),
		UNIT_TEST(absence_is_told_apart),
		UNIT_TEST(unsafe_paths_are_told_in_one_line),
		UNIT_TEST(links_are_looked_at),
		UNIT_TEST(targets_have_any_length),
		UNIT_TEST(looking_changes_nothing_and_never_waits),
		UNIT_TEST(what_is_volatile_is_not_read),
		UNIT_TEST(a_stop_leaves_content_unverified),
		UNIT_TEST(what_is_not_allowed_is_unverified),
		UNIT_TEST(a_file_that_changes_is_unverified),
		UNIT_TEST(commands_of_the_host),
		UNIT_TEST(nothing_is_run_for_another_root),
		UNIT_TEST(sources_exist_or_not),
		UNIT_TEST(descriptors_are_what_is_looked_at),
		UNIT_TEST(no_descriptor_is_left_open),
	};

	unit_add("observe", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_run.c - tests of src/observe/run.c with real programs of the host, and scripts in a private directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "observe/digest.h"
#include "observe/run.h"
#include "suites.h"

/* Where a test works: a directory of ours, and a way to open programs. */
struct place {
	char directory[32];
	struct tcbck_root *root;
	struct tcbck_opener *opener;
};

static void place_init(struct place *place)
{
	*place = (struct place){ .directory = "/tmp/test_run.XXXXXX" };
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place->directory));
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &place->root, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_opener_new(place->root, &place->opener), 0);
}

/* Absolute name of `name` in the directory, in `out` of 256 bytes. */
static const char *place_path(const struct place *place, const char *name, char *out)
{
	(void)snprintf(out, 256, "%s/%s", place->directory, name);
	return out;
}

/* Removes the directory; tests remove what is not in `names`. */
static void place_done(struct place *place, const char *const *names)
{
	char path[256];

	for (; names != NULL && *names != NULL; names++)
		CU_ASSERT_EQUAL(remove(place_path(place, *names, path)), 0);
	CU_ASSERT_EQUAL(rmdir(place->directory), 0);
	tcbck_opener_free(place->opener);
	tcbck_root_free(place->root);
}

static void write_file(const struct place *place, const char *name, const char *text, mode_t mode)
{
	char path[256];
	int descriptor = open(place_path(place, name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	CU_ASSERT_EQUAL(fchmod(descriptor, mode), 0);
	(void)close(descriptor);
}

static int run(const struct place *place, const char *const *arguments, unsigned timeout, struct tcbck_run_result *result,
	       struct sysck_err *err)
{
	struct sysck_slice slices[TCBCK_RUN_ARGUMENTS_MAX];
	size_t count = 0;

	for (; arguments[count] != NULL; count++)
		slices[count] = sysck_slice_of(arguments[count]);
	return tcbck_run_program(place->opener, slices, count, timeout, NULL, result, err);
}

static int shell(const struct place *place, const char *text, unsigned timeout, struct tcbck_run_result *result)
{
	const char *const arguments[] = { "/bin/sh", "-c", text, NULL };
	struct sysck_err err;
	int error;

	sysck_err_clear(&err);
	error = run(place, arguments, timeout, result, &err);
	if (error != 0)
		printf("    %s\n", err.text);
	return error;
}

static void check_output(const struct tcbck_run_result *result, const char *expected)
{
	bool same = sysck_slice_equal(sysck_buf_slice(&result->output), sysck_slice_of(expected));

	CU_ASSERT_TRUE(same);
	if (!same)
		printf("    got \"%.*s\"\n", (int)result->output.len, result->output.data == NULL ? "" : result->output.data);
}

/* Runs shell text that ends by itself with 0, and compares what it prints. */
static void check_shell(const struct place *place, const char *text, const char *expected)
{
	struct tcbck_run_result result;

	CU_ASSERT_EQUAL_FATAL(shell(place, text, 20, &result), 0);
	CU_ASSERT_FALSE(result.timed_out);
	CU_ASSERT_EQUAL(result.status, 0);
	check_output(&result, expected);
	tcbck_run_result_done(&result);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tells_the_exit_status(void)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "exit 0", 0 },
		{ "exit 1", 1 },
		{ "exit 127", 127 },
		{ "exit 255", 255 },
		{ "kill -SEGV $$", 128 + SIGSEGV },
		{ "kill -KILL $$", 128 + SIGKILL },
		{ "kill -PIPE $$", 128 + SIGPIPE },
	};
	struct place place;

	place_init(&place);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tcbck_run_result result;

		CU_ASSERT_EQUAL_FATAL(shell(&place, rows[i].text, 20, &result), 0);
		CU_ASSERT_EQUAL(result.status, rows[i].status);
		CU_ASSERT_FALSE(result.timed_out);
		CU_ASSERT_EQUAL(result.output.len, 0);
		tcbck_run_result_done(&result);
	}
	tcbck_run_result_done(NULL);
	place_done(&place, NULL);
}

/* Descriptor of a new FIFO `life`: whoever lives and has inherited its writing end can be seen there. */
static int life_open(const struct place *place)
{
	char path[256];
	int life;

	CU_ASSERT_EQUAL_FATAL(mkfifo(place_path(place, "life", path), 0600), 0);
	life = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CU_ASSERT_FATAL(life >= 0);
	return life;
}

/* True if within two seconds nobody writes to the FIFO any more, although somebody had. */
static bool life_is_over(int life)
{
	double end = seconds() + 2;
	ssize_t got;
	bool wrote = false;
	char c;

	do {
		got = read(life, &c, 1);
		wrote = wrote || got > 0;
	} while ((got > 0 || (got < 0 && errno == EAGAIN)) && seconds() < end);
	return wrote && got == 0;
}

static void kills_at_the_end_of_time(void)
{
	static const char *const names[] = { "life", NULL };
	struct tcbck_run_result result;
	struct place place;
	double start;
	char text[512];
	int life;

	place_init(&place);
	life = life_open(&place);
	(void)snprintf(text, sizeof(text),
		       "exec 9>%s/life; trap '' TERM INT HUP; echo first; echo alive >&9;"
		       "sh -c 'trap \"\" TERM; sleep 60; sleep 60' & while :; do sleep 60; done",
		       place.directory);
	start = seconds();
	CU_ASSERT_EQUAL_FATAL(shell(&place, text, 1, &result), 0);
	CU_ASSERT_TRUE(seconds() - start >= 1.0);
	CU_ASSERT_TRUE(seconds() - start < 4.0);
	CU_ASSERT_TRUE(result.timed_out);
	CU_ASSERT_EQUAL(result.status, 128 + SIGKILL);
	check_output(&result, "first\n");
	CU_ASSERT_TRUE(life_is_over(life));
	tcbck_run_result_done(&result);
	/* One that never stops talking, and one that has closed its output. */
	CU_ASSERT_EQUAL_FATAL(shell(&place, "exec cat /dev/zero", 1, &result), 0);
	CU_ASSERT_TRUE(result.timed_out);
	CU_ASSERT_EQUAL(result.output.len, TCBCK_RUN_OUTPUT_MAX);
	tcbck_run_result_done(&result);
	CU_ASSERT_EQUAL_FATAL(shell(&place, "exec >/dev/null 2>&1 sleep 60", 1, &result), 0);
	CU_ASSERT_TRUE(result.timed_out);
	tcbck_run_result_done(&result);
	(void)close(life);
	place_done(&place, names);
}

static void bounds_the_output(void)
{
	struct tcbck_run_result result;
	struct place place;

	place_init(&place);
	/* The rest is taken from it all the same: it isn't killed by SIGPIPE, and doesn't wait. */
	CU_ASSERT_EQUAL_FATAL(shell(&place, "printf A; head -c 1000000 /dev/zero; exit 3", 20, &result), 0);
	CU_ASSERT_EQUAL(result.output.len, TCBCK_RUN_OUTPUT_MAX);
	CU_ASSERT_EQUAL(result.output.data[0], 'A');
	CU_ASSERT_EQUAL(result.output.data[TCBCK_RUN_OUTPUT_MAX - 1], 0);
	CU_ASSERT_EQUAL(result.status, 3);
	CU_ASSERT_FALSE(result.timed_out);
	tcbck_run_result_done(&result);
	/* Last words that fill the pipe are all read. */
	CU_ASSERT_EQUAL_FATAL(shell(&place, "head -c 65536 /dev/zero", 20, &result), 0);
	CU_ASSERT_EQUAL(result.output.len, 65536);
	tcbck_run_result_done(&result);
	check_shell(&place, "echo one; echo two >&2; echo three", "one\ntwo\nthree\n");
	place_done(&place, NULL);
}

static void waits_for_no_background_child(void)
{
	static const char *const names[] = { "life", NULL };
	struct tcbck_run_result result;
	struct place place;
	double start;
	char text[256];
	int life;

	place_init(&place);
	life = life_open(&place);
	(void)snprintf(text, sizeof(text), "exec 9>%s/life; echo alive >&9; sleep 60 & echo done; exit 5", place.directory);
	start = seconds();
	CU_ASSERT_EQUAL_FATAL(shell(&place, text, 30, &result), 0);
	CU_ASSERT_TRUE(seconds() - start < 4.0);
	CU_ASSERT_FALSE(result.timed_out);
	CU_ASSERT_EQUAL(result.status, 5);
	check_output(&result, "done\n");
	CU_ASSERT_TRUE(life_is_over(life));
	tcbck_run_result_done(&result);
	/* It left the group: it lives on, but doesn't hold us. */
	start = seconds();
	CU_ASSERT_EQUAL_FATAL(shell(&place, "setsid sleep 6 & echo done", 30, &result), 0);
	CU_ASSERT_TRUE(seconds() - start < 5.0);
	check_output(&result, "done\n");
	tcbck_run_result_done(&result);
	/* Late words within the grace are heard, floods are cut. */
	check_shell(&place, "(sleep 0.3; echo late) & echo soon", "soon\nlate\n");
	start = seconds();
	CU_ASSERT_EQUAL_FATAL(shell(&place, "cat /dev/zero & exit 6", 30, &result), 0);
	CU_ASSERT_TRUE(seconds() - start < 4.0);
	CU_ASSERT_EQUAL(result.status, 6);
	tcbck_run_result_done(&result);
	(void)close(life);
	place_done(&place, names);
}

static void hands_arguments_over_unchanged(void)
{
	char odd[256];
	const char *const arguments[] = { "/bin/sh", "-c", "printf '%s|' \"$#\" \"$@\"", "sh", odd, "", "$(echo x)",
					  "-n\n",    NULL };
	const char *many[TCBCK_RUN_ARGUMENTS_MAX + 2];
	struct sysck_slice nul[] = { SYSCK_SLICE("/bin/echo"), SYSCK_SLICE("a\0b") };
	struct tcbck_run_result result = { SYSCK_BUF_INIT, true, 42 };
	struct sysck_slice slices[TCBCK_RUN_ARGUMENTS_MAX + 1];
	char expected[512];
	struct sysck_err err;
	struct place place;

	place_init(&place);
	for (int i = 0; i < 255; i++)
		odd[i] = (char)(unsigned char)(i + 1);
	odd[255] = '\0';
	(void)snprintf(expected, sizeof(expected), "4|%s||$(echo x)|-n\n|", odd);
	/* Nothing ran: the result is as it was. */
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, nul, 2, 20, NULL, &result, &err), -EINVAL);
	CU_ASSERT_EQUAL(err.code, -EINVAL);
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, nul, 0, 20, NULL, &result, &err), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, nul, 1, 0, NULL, &result, &err), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, nul, 1, TCBCK_RUN_TIMEOUT_MAX + 1, NULL, &result, NULL), -EINVAL);
	for (size_t i = 0; i <= TCBCK_RUN_ARGUMENTS_MAX; i++) {
		many[i] = i == 0 ? "/bin/sh" : i == 1 ? "-c" : i == 2 ? "echo $#" : "x";
		slices[i] = sysck_slice_of(many[i]);
	}
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, slices, TCBCK_RUN_ARGUMENTS_MAX + 1, 20, NULL, &result, &err), -EINVAL);
	CU_ASSERT_TRUE(result.timed_out && result.status == 42 && result.output.data == NULL);

	CU_ASSERT_EQUAL_FATAL(run(&place, arguments, 20, &result, &err), 0);
	check_output(&result, expected);
	tcbck_run_result_done(&result);
	many[TCBCK_RUN_ARGUMENTS_MAX] = NULL;
	CU_ASSERT_EQUAL_FATAL(run(&place, many, 20, &result, &err), 0);
	/* All but the shell, -c, the text and $0. */
	check_output(&result, "252\n");
	tcbck_run_result_done(&result);
	place_done(&place, NULL);
}

static void gives_a_fixed_environment(void)
{
	const char *const env[] = { "/usr/bin/env", NULL };
	struct tcbck_run_result result;
	struct sysck_err err;
	struct place place;

	place_init(&place);
	CU_ASSERT_EQUAL(setenv("LD_PRELOAD_TEST", "x", 1), 0);
	CU_ASSERT_EQUAL(setenv("IFS", "/", 1), 0);
	CU_ASSERT_EQUAL_FATAL(run(&place, env, 20, &result, &err), 0);
	check_output(&result, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/\nSHELL=/bin/sh\n");
	tcbck_run_result_done(&result);
	CU_ASSERT_EQUAL(unsetenv("LD_PRELOAD_TEST"), 0);
	CU_ASSERT_EQUAL(unsetenv("IFS"), 0);
	check_shell(&place, "pwd; umask; readlink /proc/self/fd/0; wc -c", "/\n0077\n/dev/null\n0\n");
	/* Of its own: process group and session are itself. */
	check_shell(&place, "read -r a b c d pgrp session rest </proc/$$/stat; [ $$ = $pgrp ] && [ $$ = $session ] && echo own",
		    "own\n");
	place_done(&place, NULL);
}

static void leaks_no_descriptor(void)
{
	static const char *const names[] = { "script", NULL };
	const char *const ls[] = { "/bin/ls", "/proc/self/fd", NULL };
	const char *script[2] = { NULL, NULL };
	struct tcbck_run_result result;
	struct sysck_err err;
	struct place place;
	int open_ones[3];
	char path[256];

	place_init(&place);
	for (int i = 0; i < 3; i++)
		open_ones[i] = fcntl(STDOUT_FILENO, F_DUPFD, 10 + 300 * i);
	CU_ASSERT_EQUAL_FATAL(run(&place, ls, 20, &result, &err), 0);
	/* 3 is the directory that ls reads. */
	check_output(&result, "0\n1\n2\n3\n");
	tcbck_run_result_done(&result);
	/* A script is given by its descriptor, which must stay. */
	write_file(&place, "script", "#!/bin/ls /proc/self/fd\n", 0700);
	script[0] = place_path(&place, "script", path);
	CU_ASSERT_EQUAL_FATAL(run(&place, script, 20, &result, &err), 0);
	check_output(&result, "/dev/fd/3\n\n/proc/self/fd:\n0\n1\n2\n3\n4\n");
	tcbck_run_result_done(&result);
	for (int i = 0; i < 3; i++)
		(void)close(open_ones[i]);
	place_done(&place, names);
}

static void resets_signals(void)
{
	const char *const grep[] = { "/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old[3];
	struct tcbck_run_result result;
	struct sysck_err err;
	struct place place;
	sigset_t block, before, after;

	place_init(&place);
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTERM);
	(void)sigaddset(&block, SIGRTMIN + 3);
	CU_ASSERT_EQUAL(pthread_sigmask(SIG_BLOCK, &block, &before), 0);
	CU_ASSERT_EQUAL(sigaction(SIGINT, &ignore, &old[0]), 0);
	CU_ASSERT_EQUAL(sigaction(SIGPIPE, &ignore, &old[1]), 0);
	CU_ASSERT_EQUAL_FATAL(run(&place, grep, 20, &result, &err), 0);
	check_output(&result, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	tcbck_run_result_done(&result);
	/* And ours are as they were. */
	CU_ASSERT_EQUAL(pthread_sigmask(SIG_SETMASK, &before, &after), 0);
	CU_ASSERT_TRUE(sigismember(&after, SIGTERM) == 1 && sigismember(&after, SIGRTMIN + 3) == 1);
	CU_ASSERT_TRUE(sigismember(&after, SIGHUP) == 0);
	CU_ASSERT_EQUAL(sigaction(SIGINT, &old[0], NULL), 0);
	CU_ASSERT_EQUAL(sigaction(SIGPIPE, &old[1], NULL), 0);
	/* Whose children are reaped by the kernel can't tell a status. */
	CU_ASSERT_EQUAL(sigaction(SIGCHLD, &ignore, &old[2]), 0);
	CU_ASSERT_EQUAL(run(&place, grep, 20, &result, &err), -ECHILD);
	CU_ASSERT_EQUAL(sigaction(SIGCHLD, &old[2], NULL), 0);
	place_done(&place, NULL);
}

/* Without 0, 1 and 2 our own descriptors stand where the command's should. */
static void works_without_standard_descriptors(void)
{
	struct place place;
	int status = -1;
	pid_t child;

	place_init(&place);
	(void)fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (child == 0) {
		struct tcbck_run_result result;
		bool good;

		for (int i = 0; i < 3; i++)
			(void)close(i);
		good = shell(&place, "readlink /proc/self/fd/0; ls /proc/self/fd; echo err >&2", 20, &result) == 0 &&
		       result.status == 0 &&
		       sysck_slice_equal(sysck_buf_slice(&result.output), SYSCK_SLICE("/dev/null\n0\n1\n2\n3\nerr\n"));
		_exit(good ? 0 : 1);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	place_done(&place, NULL);
}

/* Runs `name` of the directory and expects `expected` and, for 0, "ran\n". */
static void check_trust(const struct place *place, const char *name, int expected)
{
	struct tcbck_run_result result = { SYSCK_BUF_INIT, false, 0 };
	const char *arguments[2] = { NULL, NULL };
	struct sysck_err err;
	char path[256];
	int error;

	arguments[0] = place_path(place, name, path);
	sysck_err_clear(&err);
	tcbck_opener_forget(place->opener);
	error = run(place, arguments, 20, &result, &err);
	CU_ASSERT_EQUAL(error, expected);
	if (error != expected)
		printf("    %s: %d, not %d: %s\n", name, error, expected, err.text);
	if (error == 0) {
		check_output(&result, "ran\n");
	} else {
		CU_ASSERT_EQUAL(err.code, expected);
		CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
	}
	tcbck_run_result_done(&result);
}

static void runs_trusted_programs_only(void)
{
	static const char *const names[] = { "script",      "group",         "other",
					     "no-x",        "no-text",       "no-interpreter",
					     "link",        "bad-link",      "open/link",
					     "open/script", "open",          "links/up",
					     "links",       "shared/script", "shared/own/script",
					     "shared/own",  "shared",        "loop",
					     NULL };
	static const char text[] = "#!/bin/sh\necho ran\n";
	struct place place;
	char path[256], target[256];

	place_init(&place);
	write_file(&place, "script", text, 0755);
	check_trust(&place, "script", 0);
	write_file(&place, "group", text, 0775);
	check_trust(&place, "group", -EPERM);
	write_file(&place, "other", text, 0757);
	check_trust(&place, "other", -EPERM);
	write_file(&place, "no-x", text, 0644);
	check_trust(&place, "no-x", -EACCES);
	write_file(&place, "no-text", "echo ran\n", 0755);
	check_trust(&place, "no-text", -ENOEXEC);
	write_file(&place, "no-interpreter", "#!/nonexistent/sh\n", 0755);
	check_trust(&place, "no-interpreter", -ENOENT);
	check_trust(&place, "missing", -ENOENT);
	check_trust(&place, "missing/script", -ENOENT);
	check_trust(&place, "script/script", -ENOTDIR);
	check_trust(&place, "../script", -EINVAL);
	/* Links: all in directories of ours, then one in a directory of everybody's. */
	CU_ASSERT_EQUAL(symlink("links/up", place_path(&place, "link", path)), 0);
	CU_ASSERT_EQUAL(mkdir(place_path(&place, "links", path), 0755), 0);
	CU_ASSERT_EQUAL(symlink("../script", place_path(&place, "links/up", path)), 0);
	check_trust(&place, "link", 0);
	check_trust(&place, "links", -EACCES);
	CU_ASSERT_EQUAL(symlink("loop", place_path(&place, "loop", path)), 0);
	check_trust(&place, "loop", -ELOOP);
	CU_ASSERT_EQUAL(mkdir(place_path(&place, "open", path), 0755), 0);
	CU_ASSERT_EQUAL(chmod(path, 0777), 0);
	write_file(&place, "open/script", text, 0755);
	check_trust(&place, "open/script", -EPERM);
	CU_ASSERT_EQUAL(symlink(place_path(&place, "script", target), place_path(&place, "open/link", path)), 0);
	check_trust(&place, "open/link", -EPERM);
	CU_ASSERT_EQUAL(symlink("open/script", place_path(&place, "bad-link", path)), 0);
	check_trust(&place, "bad-link", -EPERM);
	/* A sticky directory protects a directory of root's in it, but others could have put the file itself there. */
	CU_ASSERT_EQUAL(mkdir(place_path(&place, "shared", path), 0755), 0);
	CU_ASSERT_EQUAL(chmod(path, 01777), 0);
	write_file(&place, "shared/script", text, 0755);
	check_trust(&place, "shared/script", -EPERM);
	CU_ASSERT_EQUAL(mkdir(place_path(&place, "shared/own", path), 0755), 0);
	write_file(&place, "shared/own/script", text, 0755);
	check_trust(&place, "shared/own/script", 0);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(place_path(&place, "shared/own", path), 12345, 0), 0);
		check_trust(&place, "shared/own/script", -EPERM);
		CU_ASSERT_EQUAL(chown(place_path(&place, "script", path), 12345, 0), 0);
		check_trust(&place, "script", -EPERM);
		check_trust(&place, "link", -EPERM);
		CU_ASSERT_EQUAL(chown(path, 0, 12345), 0);
		check_trust(&place, "script", 0);
		/* The directory's owner could replace what is in it. */
		CU_ASSERT_EQUAL(chown(place_path(&place, "links", path), 12345, 0), 0);
		check_trust(&place, "link", -ELOOP);
	}
	place_done(&place, names);
}

/* Opens a file of that odd name with `bytes` in it. */
static int odd_file(const struct place *place, const char *name, const char *bytes, size_t length)
{
	char path[256];
	int descriptor = open(place_path(place, name, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL(write(descriptor, bytes, length), (ssize_t)length);
	return descriptor;
}

static void check_checksum(const char *command, int descriptor, int status, const char *expected)
{
	struct tcbck_run_result result;
	struct sysck_err err;
	int error;

	sysck_err_clear(&err);
	error = tcbck_run_checksum(sysck_slice_of(command), descriptor, 20, NULL, &result, &err);
	if (error != 0)
		printf("    %s\n", err.text);
	CU_ASSERT_EQUAL_FATAL(error, 0);
	CU_ASSERT_EQUAL(result.status, status);
	CU_ASSERT_FALSE(result.timed_out);
	check_output(&result, expected);
	tcbck_run_result_done(&result);
}

static void runs_checksum_commands(void)
{
	static const char name[] = "a'b\"c\n$(touch x)`touch x`;touch x \\";
	static const char *const names[] = { name, NULL };
	struct tcbck_run_result result = { SYSCK_BUF_INIT, true, 42 };
	struct sysck_err err;
	struct place place;
	char path[256], here[256];
	int descriptor;

	place_init(&place);
	CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(here, sizeof(here)));
	CU_ASSERT_EQUAL(chdir(place.directory), 0);
	/* Its offset is at its end now, and the command's is its own. */
	descriptor = odd_file(&place, name, "abc", 3);
	check_checksum("/usr/bin/sum -r <", descriptor, 0, "16556     1\n");
	check_checksum("  /usr/bin/sum -r <\n", descriptor, 0, "16556     1\n");
	check_checksum("/usr/bin/sha256sum <", descriptor, 0,
		       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n");
	check_checksum("cat", descriptor, 0, "abc");
	check_checksum("cat <&5; :", descriptor, 0, "abc");
	CU_ASSERT_EQUAL(lseek(descriptor, 0, SEEK_CUR), 3);
	check_checksum("ls /proc/self/fd >&2; echo out; echo err >&2; exit 3;", descriptor, 3, "out\n");
	check_checksum("ls /proc/self/fd; :", descriptor, 0, "0\n1\n2\n3\n5\n");
	check_checksum("echo", descriptor, 0, "/proc/self/fd/5\n");
	/* Shells add some of their own. */
	check_checksum("/usr/bin/env | grep -Ev '^(PWD|OLDPWD|SHLVL|_)=' | sort; :", descriptor, 0,
		       "HOME=/\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nSHELL=/bin/sh\n");
	CU_ASSERT_EQUAL(access(place_path(&place, "x", path), F_OK), -1);
	CU_ASSERT_EQUAL(access("/x", F_OK), -1);
	/* "$1" alone would run the file. */
	CU_ASSERT_EQUAL(tcbck_run_checksum(SYSCK_SLICE(" \t"), descriptor, 20, NULL, &result, &err), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_run_checksum(SYSCK_SLICE("a\0b"), descriptor, 20, NULL, &result, &err), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_run_checksum(SYSCK_SLICE("cat"), -1, 20, NULL, &result, &err), -EBADF);
	CU_ASSERT_EQUAL(tcbck_run_checksum(SYSCK_SLICE("cat"), descriptor, 0, NULL, &result, &err), -EINVAL);
	CU_ASSERT_TRUE(result.timed_out && result.status == 42 && result.output.data == NULL);
	CU_ASSERT_EQUAL_FATAL(tcbck_run_checksum(SYSCK_SLICE("sleep 60;"), descriptor, 1, NULL, &result, &err), 0);
	CU_ASSERT_TRUE(result.timed_out);
	tcbck_run_result_done(&result);
	CU_ASSERT_EQUAL(chdir(here), 0);
	(void)close(descriptor);
	place_done(&place, names);
}

/* What the program computes itself is what the default command prints. */
static void agrees_with_sum(void)
{
	static const size_t sizes[] = { 0, 1, 1023, 1024, 1025, 262144, 262145, 1000000 };
	static const char *const names[] = { "data", NULL };
	struct tcbck_digester *digester = NULL;
	struct place place;
	char *bytes = malloc(1000000);
	char path[256];

	place_init(&place);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	CU_ASSERT_EQUAL_FATAL(tcbck_digester_new(&digester), 0);
	for (size_t i = 0; i < 1000000; i++)
		bytes[i] = (char)(unsigned char)((i * 2654435761u) >> 13);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct tcbck_content content = { .want_sum = true };
		int descriptor = odd_file(&place, "data", bytes, sizes[i]);
		char expected[64];

		CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, sizes[i], &content, NULL, NULL), 0);
		(void)snprintf(expected, sizeof(expected), "%05u %5llu\n", (unsigned)content.sum,
			       (unsigned long long)content.blocks);
		check_checksum("/usr/bin/sum -r <", descriptor, 0, expected);
		(void)close(descriptor);
		CU_ASSERT_EQUAL(unlink(place_path(&place, "data", path)), 0);
	}
	write_file(&place, "data", "", 0600);
	free(bytes);
	tcbck_digester_free(digester);
	place_done(&place, names);
}

static void *stop_soon(void *context)
{
	atomic_bool *stop = context;
	struct timespec wait = { 0, 300000000 };

	(void)nanosleep(&wait, NULL);
	atomic_store(stop, true);
	return NULL;
}

static void stops_when_told(void)
{
	static const char *const names[] = { "life", NULL };
	struct sysck_slice arguments[3] = { SYSCK_SLICE("/bin/sh"), SYSCK_SLICE("-c"), { NULL, 0 } };
	struct tcbck_run_result result = { SYSCK_BUF_INIT, true, 42 };
	atomic_bool stop = false;
	struct sysck_err err;
	struct place place;
	pthread_t thread;
	char text[256];
	double start;
	int life;

	place_init(&place);
	life = life_open(&place);
	(void)snprintf(text, sizeof(text), "exec 9>%s/life; echo alive >&9; sleep 60", place.directory);
	arguments[2] = sysck_slice_of(text);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, stop_soon, &stop), 0);
	start = seconds();
	CU_ASSERT_EQUAL(tcbck_run_program(place.opener, arguments, 3, 60, &stop, &result, &err), -ECANCELED);
	CU_ASSERT_TRUE(seconds() - start < 3.0);
	CU_ASSERT_EQUAL(err.code, -ECANCELED);
	CU_ASSERT_TRUE(result.timed_out && result.status == 42 && result.output.data == NULL);
	CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
	CU_ASSERT_TRUE(life_is_over(life));
	(void)close(life);
	place_done(&place, names);
}

/* One of several that run commands at once. */
struct runner {
	const struct place *place;
	int number;
	int descriptor;
	unsigned wrong;
};

static void *run_often(void *context)
{
	struct runner *runner = context;
	struct place place = *runner->place;

	if (tcbck_opener_new(place.root, &place.opener) != 0)
		return NULL;
	runner->wrong = 0;
	for (int i = 0; i < 10; i++) {
		struct tcbck_run_result result;
		char text[64], expected[64];

		(void)snprintf(text, sizeof(text), "echo %d-%d; exit %d", runner->number, i, runner->number * 10 + i);
		(void)snprintf(expected, sizeof(expected), "%d-%d\n", runner->number, i);
		if (shell(&place, text, 60, &result) != 0) {
			runner->wrong++;
			continue;
		}
		if (result.status != runner->number * 10 + i || result.timed_out ||
		    !sysck_slice_equal(sysck_buf_slice(&result.output), sysck_slice_of(expected)))
			runner->wrong++;
		tcbck_run_result_done(&result);
		if (tcbck_run_checksum(SYSCK_SLICE("/usr/bin/sum -r <"), runner->descriptor, 60, NULL, &result, NULL) != 0) {
			runner->wrong++;
			continue;
		}
		if (!sysck_slice_equal(sysck_buf_slice(&result.output), SYSCK_SLICE("16556     1\n")))
			runner->wrong++;
		tcbck_run_result_done(&result);
	}
	tcbck_opener_free(place.opener);
	return NULL;
}

static void works_in_threads(void)
{
	static const char *const names[] = { "data", NULL };
	struct runner runners[8];
	pthread_t threads[8];
	struct place place;
	int descriptor;

	place_init(&place);
	descriptor = odd_file(&place, "data", "abc", 3);
	for (int i = 0; i < 8; i++) {
		runners[i] = (struct runner){ &place, i, descriptor, 1000 };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, run_often, &runners[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
		CU_ASSERT_EQUAL(runners[i].wrong, 0);
	}
	(void)close(descriptor);
	place_done(&place, names);
}

void suite_run(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(tells_the_exit_status),
		UNIT_TEST(kills_at_the_end_of_time),
		UNIT_TEST(bounds_the_output),
		UNIT_TEST(waits_for_no_background_child),
		UNIT_TEST(hands_arguments_over_unchanged),
		UNIT_TEST(gives_a_fixed_environment),
		UNIT_TEST(leaks_no_descriptor),
		UNIT_TEST(resets_signals),
		UNIT_TEST(works_without_standard_descriptors),
		UNIT_TEST(runs_trusted_programs_only),
		UNIT_TEST(runs_checksum_commands),
		UNIT_TEST(agrees_with_sum),
		UNIT_TEST(stops_when_told),
		UNIT_TEST(works_in_threads),
	};

	unit_add("run", tests, sizeof(tests) / sizeof(tests[0]));
}

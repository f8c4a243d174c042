/*
 * test_check.c - tests of src/judge/check.c: a whole audit of a small root, the same for any number of threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge/check.h"
#include "report/text.h"
#include "scratch.h"
#include "suites.h"

static void put(const struct scratch *scratch, const char *path, const char *content)
{
	int fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	CU_ASSERT_EQUAL(fchmod(fd, 0644), 0);
	close(fd);
}

static struct sysck_db *load(const char *text)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;

	sysck_buf_add_text(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("db"), NULL, &db, NULL), 0);
	return db;
}

static void append_error(void *context, const struct sysck_err *err)
{
	char line[SYSCK_ERR_FILE_MAX + SYSCK_ERR_TEXT_MAX + 64];

	sysck_buf_add_format(context, "error %s\n", sysck_err_format(err, line, sizeof(line)));
}

struct audit {
	struct scratch *scratch;
	struct sysck_db *db;
	unsigned jobs;
	const atomic_bool *stop;
	struct tcbck_check_counters counters;
	struct sysck_buf out; /* errors, then findings, a line each */
	struct tcbck_check_result result;
};

static void run(struct audit *audit)
{
	const struct sysck_err_sink sink = { append_error, &audit->out };
	struct tcbck_check_options options = { .db = audit->db,
					       .root = audit->scratch->root,
					       .jobs = audit->jobs,
					       .stop = audit->stop,
					       .counters = &audit->counters,
					       .errors = &sink };
	struct tcbck_users *users = NULL;
	struct tcbck_targets targets;
	struct sysck_err err;

	memset(&audit->counters, 0, sizeof(audit->counters));
	audit->out = SYSCK_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(audit->scratch->root, &users, &err), 0);
	options.users = users;
	CU_ASSERT_EQUAL_FATAL(tcbck_targets_all(audit->db, &targets), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_check_run(&options, &targets, &audit->result, &err), 0);
	for (size_t i = 0; i < audit->result.findings.count; i++) {
		tcbck_text_finding(&audit->result.findings.items[i], SYSCK_CHARSET_UTF8, &audit->out);
		sysck_buf_add_char(&audit->out, '\n');
	}
	CU_ASSERT_EQUAL(atomic_load(&audit->counters.total), targets.count);
	CU_ASSERT_EQUAL(audit->result.definitions, targets.count);
	tcbck_targets_done(&targets);
	tcbck_users_free(users);
}

static void done(struct audit *audit)
{
	tcbck_check_result_done(&audit->result);
	CU_ASSERT_EQUAL(audit->result.findings.count, 0);
	sysck_buf_done(&audit->out);
}

static const char database[] =
	"/missing:\n\ttype = FILE\n"
	"/d/f:\n\ttype = FILE\n\towner = fred\n\tmode = 600\n\tsize = 3\n\tbad = x\n\tclass = a\n" /* lines 3-9 */
	"/link/f:\n\ttype = FILE\n\tsize = 3\n"                                                    /* 10 */
	"/d/f:\n\ttype = FIFO\n\tmode = 777\n"                                                     /* 13 */
	"relative:\n\ttype = FILE\n"                                                               /* 16 */
	"/d:\n\ttype = DIRECTORY\n\tgroup = nobody\n\tmode = 755\n"                                /* 18 */
	"/link:\n\ttype = SYMLINK\n\ttarget = d\n"                                                 /* 22 */
	"/untyped:\n\tmode = 644\n"                                                                /* 25 */
	"/link/g:\n\ttype = FILE\n";                                                               /* 27 */

static const char said[] = "error db:8:2: unknown attribute bad\n"
			   "error db:20:10: unknown group nobody\n"
			   "error db:25:1: the definition has no type\n"
			   "/missing: missing is absent, should be FILE\n"
			   "/d/f: owner is root, should be fred\n"
			   "/d/f: mode is rw-r--r--, should be rw-------\n"
			   "/d/f: duplicate is defined again in line 13, should be defined once, in line 3\n"
			   "/untyped: mode is rw-rw-r--, should be rw-r--r--\n"
			   "/link/g: missing is absent, should be FILE\n";

static void make_root(struct scratch *scratch)
{
	scratch_begin(scratch);
	scratch_directory(scratch, "etc", 0755);
	put(scratch, "etc/passwd", "root:x:0:0:::\nfred:x:1234:1:::\n");
	put(scratch, "etc/group", "root:x:0:\n");
	scratch_directory(scratch, "d", 0755);
	put(scratch, "d/f", "abc");
	put(scratch, "untyped", "");
	CU_ASSERT_EQUAL(fchmodat(scratch->fd, "untyped", 0664, 0), 0);
	scratch_link(scratch, "d", "link");
}

static void everything_is_told_in_order(void)
{
	static const unsigned jobs[] = { 1, 2, 3, 16, 256 };
	struct scratch scratch;
	struct sysck_db *db;

	make_root(&scratch);
	db = load(database);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct audit audit = { .scratch = &scratch, .db = db, .jobs = jobs[i] };

		run(&audit);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&audit.out), SYSCK_SLICE(said)));
		if (i == 0 && !sysck_slice_equal(sysck_buf_slice(&audit.out), SYSCK_SLICE(said)))
			printf("    says\n%.*s    not\n%s", (int)audit.out.len, audit.out.data, said);
		CU_ASSERT_EQUAL(audit.result.errors, 3);
		CU_ASSERT_EQUAL(audit.result.objects, 5);
		CU_ASSERT_EQUAL_FATAL(audit.result.through_symlink, 2);
		CU_ASSERT_TRUE(sysck_slice_equal(audit.result.symlinked[0], SYSCK_SLICE("/link/f")));
		CU_ASSERT_TRUE(sysck_slice_equal(audit.result.symlinked[1], SYSCK_SLICE("/link/g")));
		CU_ASSERT_FALSE(audit.result.cancelled);
		CU_ASSERT_EQUAL(audit.counters.done, audit.counters.total);
		done(&audit);
	}
	sysck_db_free(db);
	scratch_end(&scratch);
}

static void many_are_the_same_for_any_number_of_threads(void)
{
	struct sysck_buf text = SYSCK_BUF_INIT, first = SYSCK_BUF_INIT;
	struct scratch scratch;
	struct sysck_db *db;

	make_root(&scratch);
	for (int i = 0; i < 5000; i++) {
		sysck_buf_add_format(&text, "/%s/f%d:\n\ttype = FILE\n\tmode = 64%d\n\tsize = 7\n\tlinks =\n%s",
				     i % 2 == 0 ? "d" : "link", i, i % 8, i % 50 == 0 ? "\todd = 1\n" : "");
		if (i % 7 != 0) {
			char name[32];

			(void)snprintf(name, sizeof(name), "d/f%d", i);
			put(&scratch, name, i % 3 == 0 ? "sevenby" : "");
		}
	}
	sysck_buf_add_char(&text, '\0');
	db = load(text.data);
	for (unsigned jobs = 1; jobs <= 32; jobs *= 2) {
		struct audit audit = { .scratch = &scratch, .db = db, .jobs = jobs };

		run(&audit);
		if (jobs == 1)
			sysck_buf_add_slice(&first, sysck_buf_slice(&audit.out));
		CU_ASSERT_TRUE(audit.result.findings.count > 5000);
		CU_ASSERT_EQUAL(audit.result.through_symlink, 2500);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&audit.out), sysck_buf_slice(&first)));
		done(&audit);
	}
	sysck_buf_done(&text);
	sysck_buf_done(&first);
	sysck_db_free(db);
	scratch_end(&scratch);
}

static void nothing_to_check_is_no_error(void)
{
	struct scratch scratch;
	struct audit audit = { .scratch = &scratch, .jobs = 8 };

	make_root(&scratch);
	audit.db = load("");
	run(&audit);
	CU_ASSERT_EQUAL(audit.out.len, 0);
	CU_ASSERT_FALSE(audit.result.cancelled);
	done(&audit);
	sysck_db_free(audit.db);
	scratch_end(&scratch);
}

/* What was not looked at is not good: the run says that it was cancelled. */
static void a_stop_is_told(void)
{
	atomic_bool stop = true;
	struct scratch scratch;
	struct audit audit = { .scratch = &scratch, .jobs = 2, .stop = &stop };

	make_root(&scratch);
	audit.db = load(database);
	run(&audit);
	CU_ASSERT_TRUE(audit.result.cancelled);
	CU_ASSERT_EQUAL(audit.result.objects, 0);
	done(&audit);
	sysck_db_free(audit.db);
	scratch_end(&scratch);
}

static atomic_bool stopped;

static void on_alarm(int signal)
{
	(void)signal;
	atomic_store(&stopped, true);
}

/* Also when the only object was in hand, and its content is what was given up. */
static void a_stop_while_reading_is_told(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	struct scratch scratch;
	struct audit audit = { .scratch = &scratch, .jobs = 1, .stop = &stopped };

	make_root(&scratch);
	put(&scratch, "big", "");
	CU_ASSERT_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
	{
		int fd = openat(scratch.fd, "big", O_WRONLY | O_CLOEXEC);

		CU_ASSERT_EQUAL(ftruncate(fd, (off_t)1 << 40), 0);
		close(fd);
	}
	audit.db = load("/big:\n\ttype = FILE\n\tmode = 644\n\thash_value = sha256:"
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	alarm(1);
	run(&audit);
	CU_ASSERT_TRUE(audit.result.cancelled);
	CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&audit.out),
					 SYSCK_SLICE("/big: hash_value unverified: Operation canceled\n")));
	done(&audit);
	sysck_db_free(audit.db);
	scratch_end(&scratch);
}

void suite_check(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(everything_is_told_in_order),  UNIT_TEST(many_are_the_same_for_any_number_of_threads),
		UNIT_TEST(nothing_to_check_is_no_error), UNIT_TEST(a_stop_is_told),
		UNIT_TEST(a_stop_while_reading_is_told),
	};

	unit_add("check", tests, sizeof(tests) / sizeof(tests[0]));
}

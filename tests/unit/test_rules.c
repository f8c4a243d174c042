/*
 * test_rules.c - tests of src/report/rules.c: the lines of each type and class, and what is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/rules.h"
#include "scratch.h"
#include "suites.h"

/* What was written, and what was told. */
struct written {
	char text[16384];
	size_t errors;
	char error[SYSCK_ERR_TEXT_MAX];
};

static void hear(void *context, const struct sysck_err *err)
{
	struct written *written = context;

	written->errors++;
	memcpy(written->error, err->text, sizeof(written->error));
}

/* Writes the rules for a database of these stanzas, below that root. */
static void write_rules(const char *stanzas, const char *root, struct written *ret)
{
	const struct tcbck_sink sink = { .context = ret, .error = hear };
	struct tcbck_targets targets;
	struct tcbck_report *report;
	struct tcbck_users *users;
	struct tcbck_root *top;
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_err err;
	struct sysck_db *db;
	char name[] = "/tmp/rules.XXXXXX";
	int descriptor = mkstemp(name);
	struct tcbck_rules_options options = { .root = sysck_slice_of(root), .descriptor = descriptor };
	ssize_t n;

	memset(ret, 0, sizeof(*ret));
	CU_ASSERT_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL(unlink(name), 0);
	sysck_buf_add_text(&bytes, stanzas);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("db"), NULL, &db, &err), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_targets_all(db, &targets), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_root_open(NULL, &top, &err), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_users_open(top, &users, &err), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_report_new(&report), 0);
	tcbck_report_add(report, &sink);
	options.db = db;
	options.targets = &targets;
	options.users = users;
	options.report = report;
	CU_ASSERT_EQUAL(tcbck_rules_write(&options, &err), 0);
	n = pread(descriptor, ret->text, sizeof(ret->text) - 1, 0);
	CU_ASSERT_TRUE(n >= 0);
	close(descriptor);
	tcbck_report_free(report);
	tcbck_users_free(users);
	tcbck_root_free(top);
	tcbck_targets_done(&targets);
	sysck_db_free(db);
}

static void check(const char *stanzas, const char *rules)
{
	struct written written;

	write_rules(stanzas, "", &written);
	CU_ASSERT_STRING_EQUAL(written.text, rules);
	CU_ASSERT_EQUAL(written.errors, 0);
}

static void each_type_has_its_rule(void)
{
	check("/f:\n\ttype = FILE\n", "-w /f -p wa -k tcb\n");
	check("/f:\n\ttype = SYMLINK\n", "-w /f -p wa -k tcb\n");
	check("/f:\n\ttype = ABSENT\n", "-w /f -p wa -k tcb\n");
	check("/f:\n\ttype = FIFO\n", "-w /f -p a -k tcb\n");
	check("/f:\n\ttype = SOCKET\n", "-w /f -p a -k tcb\n");
	check("/f:\n\ttype = BLK_DEV\n", "-w /f -p a -k tcb\n");
	check("/f:\n\ttype = CHAR_DEV\n", "-w /f -p a -k tcb\n");
	check("/f:\n\ttype = DIRECTORY\n", "-a always,exit -F path=/f -F perm=wa -k tcb\n");
	check("/tmp/b:\n\ttype = FILE\n\n/tmp/a:\n\ttype = FILE\n\n/tmp/b:\n\ttype = FILE\n",
	      "-w /tmp/b -p wa -k tcb\n-w /tmp/a -p wa -k tcb\n");
	check("", "");
}

static void classes_are_keys(void)
{
	check("/f:\n\ttype = FILE\n\tclass = accounts,apply\n", "-w /f -p wa -k tcb-accounts -k tcb-apply\n");
	check("/f:\n\ttype = FILE\n\tclass = \"a=b;c\"\n", "-w /f -p wa -k tcb-a_b_c\n");
	check("/f:\n\ttype = FILE\n\tclass = abcdefghijklmnopqrstuvwxyz-1234\n",
	      "-w /f -p wa -k tcb-abcdefghijklmnopqrstuvwxyz-\n");
	check("/f:\n\ttype = FILE\n\tclass = a,b,c,d,e,f,g,h,i,j\n",
	      "-w /f -p wa -k tcb-a -k tcb-b -k tcb-c -k tcb-d -k tcb-e -k tcb-f -k tcb-g -k tcb-h\n");
}

/* A comment in its place, and an error. */
static void check_left_out(const char *stanzas, const char *comment, size_t errors)
{
	struct written written;

	write_rules(stanzas, "", &written);
	CU_ASSERT_STRING_EQUAL(written.text, comment);
	CU_ASSERT_EQUAL(written.errors, errors);
}

static void what_does_not_fit_is_a_comment(void)
{
	struct written written;
	char *stanza;

	check_left_out("\"/a b\":\n\ttype = FILE\n", "# /a b: auditctl takes no such name\n", 1);
	check_left_out("\"/a\\n-D\":\n\ttype = FILE\n", "# \"/a\\n-D\": auditctl takes no such name\n", 1);
	check_left_out("\"/a\\\"\":\n\ttype = FILE\n", "# \"/a\\\"\": auditctl takes no such name\n", 1);
	check_left_out("/a':\n\ttype = FILE\n", "# /a': auditctl takes no such name\n", 1);
	check_left_out("\"/a\\\\\":\n\ttype = FILE\n", "# \"/a\\\\\": auditctl takes no such name\n", 1);
	check_left_out("/a!=b:\n\ttype = DIRECTORY\n", "# /a!=b: auditctl takes no such name\n", 1);
	check_left_out("/a!=b:\n\ttype = FILE\n", "-w /a!=b -p wa -k tcb\n", 0);
	check_left_out("/:\n\ttype = DIRECTORY\n", "# /: auditctl takes no rule for it\n", 1);
	check_left_out("/nowhere/x:\n\ttype = FILE\n", "# /nowhere/x: its directory is not there\n", 1);
	check_left_out("/nowhere/x:\n\ttype = ABSENT\n", "# /nowhere/x: its directory is not there\n", 0);
	/* What follows is there all the same. */
	check_left_out("/:\n\ttype = DIRECTORY\n\n/f:\n\ttype = FILE\n",
		       "# /: auditctl takes no rule for it\n-w /f -p wa -k tcb\n", 1);
	CU_ASSERT_FATAL(asprintf(&stanza, "/%05000d:\n\ttype = FILE\n", 0) > 0);
	write_rules(stanza, "", &written);
	free(stanza);
	CU_ASSERT_EQUAL(strncmp(written.text, "# /000", 6), 0);
	CU_ASSERT_EQUAL(strchr(written.text, '\n'), written.text + strlen(written.text) - 1);
	CU_ASSERT_TRUE(scratch_says(written.error, "left out of the rules: auditctl takes no path of that length"));
}

static void errors_of_definitions_are_told(void)
{
	struct written written;

	write_rules("/f:\n\towner = root\n", "", &written);
	CU_ASSERT_EQUAL(written.errors, 1);
	/* It may be a directory. */
	CU_ASSERT_STRING_EQUAL(written.text, "-a always,exit -F path=/f -F perm=wa -k tcb\n");
}

static void another_root_stands_before_the_names(void)
{
	struct written written;

	write_rules("/null:\n\ttype = CHAR_DEV\n\n/etc/x:\n\ttype = FILE\n", "/dev", &written);
	CU_ASSERT_STRING_EQUAL(written.text, "-w /dev/null -p a -k tcb\n# /dev/etc/x: its directory is not there\n");
	CU_ASSERT_EQUAL(written.errors, 1);
}

void suite_rules(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(each_type_has_its_rule),
		UNIT_TEST(classes_are_keys),
		UNIT_TEST(what_does_not_fit_is_a_comment),
		UNIT_TEST(errors_of_definitions_are_told),
		UNIT_TEST(another_root_stands_before_the_names),
	};

	unit_add("rules", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_names.c - tests of db/names.c: passwd(5) and group(5) contents of another root, and the running system's NSS.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sysck/names.h>

#include "suites.h"

#define UNTOUCHED 77777u

static const char passwd_text[] = "root:x:0:0:root:/root:/bin/sh\n"
				  "# fred:x:9:9::/:\n"
				  "#root:x:0:0::/:\n"
				  "\n"
				  "   \t\n"
				  "fred:x:1000:1000:Fred:/home/fred:/bin/sh\n"
				  "+nis::2000:2000:::\n"
				  "-nis:x:2001:2001:::\n"
				  "+\n"
				  "  indented:x:1001:1001:::\n"
				  ":x:1002:1002:::\n"
				  "nocolon\n"
				  "two:x\n"
				  "empty:x::100:::\n"
				  "letters:x:12a:100:::\n"
				  "minus:x:-1:100:::\n"
				  "plus:x:+5:100:::\n"
				  "blank:x: 6:100:::\n"
				  "nogroup:x:1003\n"
				  "badgroup:x:1004:staff:::\n"
				  "top:x:4294967294:4294967294:::\n"
				  "over:x:4294967295:1:::\n"
				  "far:x:99999999999999999999:1:::\n"
				  "fred:x:1005:1005:second fred:/:\n"
				  "freda:x:1000:1000:second 1000:/:\n"
				  "crlf:x:1006:1006:::\r\n"
				  "short:x:1007:1007\n"
				  "\xc3\xa9t\xc3\xa9:x:1008:1008:::\n"
				  "12345:x:1009:1009:::\n"
				  "last:x:1010:1010::/:";

static const char group_text[] = "root:x:0:\n"
				 "adm:x:4:fred,root\n"
				 "short:x:5\n"
				 "crlf:x:6\r\n"
				 "bad:x:\n"
				 "bad2:x\n"
				 "#comment:x:7:\n"
				 "+:::\n"
				 "adm:x:8:\n"
				 "adm2:x:4:\n"
				 "last:x:9:";

static struct sysck_names *new_files(const char *passwd, const char *group)
{
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names), 0);
	return names;
}

/* One question and the answer it must have: an id, or -1 for "no such". */
struct row {
	const char *name;
	long long id;
};

static void check_rows(struct sysck_names *names, const struct row *rows, size_t count,
		       int (*lookup)(struct sysck_names *, struct sysck_slice, uint32_t *))
{
	for (size_t i = 0; i < count; i++) {
		/* Twice: the second answer is a remembered one. */
		for (int time = 0; time < 2; time++) {
			uint32_t id = UNTOUCHED;
			int r = lookup(names, sysck_slice_of(rows[i].name), &id);
			bool good = rows[i].id < 0 ? r == -ENOENT && id == UNTOUCHED : r == 0 && id == (uint32_t)rows[i].id;

			if (!good)
				printf("    %s: %d, id %u\n", rows[i].name, r, id);
			CU_ASSERT_TRUE(good);
		}
	}
}

static void ids_of_files(void)
{
	static const struct row users[] = {
		{ "root", 0 },     { "fred", 1000 },  { "freda", 1000 },  { "top", 4294967294 }, { "crlf", 1006 },
		{ "short", 1007 }, { "last", 1010 },  { "12345", 1009 },  { "indented", 1001 },  { "\xc3\xa9t\xc3\xa9", 1008 },
		{ "", -1 },        { "nocolon", -1 }, { "two", -1 },      { "empty", -1 },       { "letters", -1 },
		{ "minus", -1 },   { "plus", -1 },    { "blank", -1 },    { "nogroup", -1 },     { "badgroup", -1 },
		{ "over", -1 },    { "far", -1 },     { "#root", -1 },    { "# fred", -1 },      { "+nis", -1 },
		{ "-nis", -1 },    { "nis", -1 },     { "+", -1 },        { "adm", -1 },         { "Root", -1 },
		{ "fre", -1 },     { "fredd", -1 },   { "root:x:0", -1 }, { "1000", -1 },        { "  indented", -1 },
	};
	static const struct row groups[] = {
		{ "root", 0 },  { "adm", 4 },  { "adm2", 4 },  { "short", 5 }, { "crlf", 6 },      { "last", 9 },
		{ "fred", -1 }, { "bad", -1 }, { "bad2", -1 }, { "+", -1 },    { "#comment", -1 },
	};
	struct sysck_names *names = new_files(passwd_text, group_text);

	check_rows(names, users, sizeof(users) / sizeof(users[0]), sysck_names_user_id);
	check_rows(names, groups, sizeof(groups) / sizeof(groups[0]), sysck_names_group_id);
	sysck_names_free(names);
}

static void names_of_files(void)
{
	static const struct {
		uint32_t id;
		const char *user, *group;
	} rows[] = {
		{ 0, "root", "root" },      { 1000, "fred", NULL }, { 1005, "fred", NULL }, { 4294967294, "top", NULL },
		{ 4294967295, NULL, NULL }, { 4, NULL, "adm" },     { 8, NULL, "adm" },     { 9, NULL, "last" },
		{ 2000, NULL, NULL },       { 1004, NULL, NULL },   { 256, NULL, NULL },    { 512, NULL, NULL },
	};
	struct sysck_names *names = new_files(passwd_text, group_text);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sysck_slice user = SYSCK_SLICE("untouched"), group = SYSCK_SLICE("untouched");
		int r = sysck_names_user(names, rows[i].id, &user);

		CU_ASSERT_EQUAL(r, rows[i].user == NULL ? -ENOENT : 0);
		CU_ASSERT_TRUE(sysck_slice_equal(user, sysck_slice_of(rows[i].user == NULL ? "untouched" : rows[i].user)));
		r = sysck_names_group(names, rows[i].id, &group);
		CU_ASSERT_EQUAL(r, rows[i].group == NULL ? -ENOENT : 0);
		CU_ASSERT_TRUE(sysck_slice_equal(group, sysck_slice_of(rows[i].group == NULL ? "untouched" : rows[i].group)));
	}
	sysck_names_free(names);
}

/* The contents are copied, and a name lives as long as the object, whatever is asked after it. */
static void names_live(void)
{
	char passwd[] = "fred:x:1000:1000:::\n";
	struct sysck_names *names = new_files(passwd, "");
	struct sysck_slice fred, system_root;
	uint32_t id;

	memset(passwd, 'z', sizeof(passwd) - 1);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("fred"), &id), 0);
	CU_ASSERT_EQUAL(id, 1000);
	CU_ASSERT_EQUAL_FATAL(sysck_names_user(names, 1000, &fred), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(fred, SYSCK_SLICE("fred")));
	sysck_names_free(names);

	CU_ASSERT_EQUAL_FATAL(sysck_names_new(&names), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_names_user(names, 0, &system_root), 0);
	for (uint32_t i = 0; i < 500; i++)
		(void)sysck_names_user(names, 3000000000u + i, &fred);
	CU_ASSERT_TRUE(sysck_slice_equal(system_root, SYSCK_SLICE("root")));
	sysck_names_free(names);
}

static void empty_files(void)
{
	const struct sysck_slice nothing = { NULL, 0 };
	struct sysck_names *names = NULL;
	struct sysck_slice name;
	uint32_t id;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(nothing, nothing, &names), 0);
	/* Never the running system's, where the other root has none. */
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("root"), &id), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_group_id(names, SYSCK_SLICE("root"), &id), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_user(names, 0, &name), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_group(names, 0, &name), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, nothing, &id), -ENOENT);
	sysck_names_free(names);
	sysck_names_free(NULL);
}

static void bytes_in_files(void)
{
	static const char passwd[] = "a\0b:x:5:5:::\n\0:x:6:6:::\n\xff\xfe:x:7:7:::\n";
	struct sysck_names *names = NULL;
	uint32_t id = UNTOUCHED;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files((struct sysck_slice){ passwd, sizeof(passwd) - 1 },
						    (struct sysck_slice){ NULL, 0 }, &names),
			      0);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("a"), &id), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("\xff\xfe"), &id), 0);
	CU_ASSERT_EQUAL(id, 7);
	sysck_names_free(names);
}

/* Every user and group that the system lists is found both ways. */
static void of_the_system(void)
{
	static const struct row absent[] = { { "", -1 }, { "no such user", -1 }, { "root\n", -1 }, { "ROOT", -1 } };
	struct sysck_names *names = NULL;
	struct sysck_slice name;
	struct passwd *user;
	struct group *group;
	uint32_t id;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new(&names), 0);
	setpwent();
	while ((user = getpwent()) != NULL) {
		struct passwd *first = getpwnam(user->pw_name);
		uint32_t wanted = first == NULL ? UNTOUCHED : first->pw_uid;

		CU_ASSERT_EQUAL(sysck_names_user_id(names, sysck_slice_of(user->pw_name), &id), 0);
		CU_ASSERT_EQUAL(id, wanted);
		CU_ASSERT_EQUAL(sysck_names_user(names, user->pw_uid, &name), 0);
	}
	endpwent();
	setgrent();
	while ((group = getgrent()) != NULL) {
		CU_ASSERT_EQUAL(sysck_names_group_id(names, sysck_slice_of(group->gr_name), &id), 0);
		CU_ASSERT_EQUAL(sysck_names_group(names, group->gr_gid, &name), 0);
	}
	endgrent();
	check_rows(names, absent, sizeof(absent) / sizeof(absent[0]), sysck_names_user_id);
	check_rows(names, absent, sizeof(absent) / sizeof(absent[0]), sysck_names_group_id);
	CU_ASSERT_EQUAL(sysck_names_user_id(names, SYSCK_SLICE("root\0x"), &id), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_user(names, 4294967294u, &name), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_user(names, 4294967294u, &name), -ENOENT);
	CU_ASSERT_EQUAL(sysck_names_group(names, 4294967294u, &name), -ENOENT);
	sysck_names_free(names);
}

/* A large installation is read, and asked, in a time that nobody notices. */
static void many_users(void)
{
	enum { USERS = 20000 };
	struct sysck_buf passwd = SYSCK_BUF_INIT;
	struct sysck_names *names = NULL;
	clock_t begin;
	bool good = true;

	for (unsigned i = 0; i < USERS; i++)
		sysck_buf_add_format(&passwd, "user%u:x:%u:100::/home/user%u:/bin/sh\n", i, i + 1000, i);
	begin = clock();
	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(sysck_buf_slice(&passwd), (struct sysck_slice){ NULL, 0 }, &names), 0);
	sysck_buf_done(&passwd);
	for (unsigned i = 0; i < USERS; i++) {
		struct sysck_buf text = SYSCK_BUF_INIT;
		struct sysck_slice name = { NULL, 0 };
		uint32_t id = UNTOUCHED;

		sysck_buf_add_format(&text, "user%u", i);
		good = good && sysck_names_user_id(names, sysck_buf_slice(&text), &id) == 0 && id == i + 1000;
		good = good && sysck_names_user(names, i + 1000, &name) == 0 && sysck_slice_equal(name, sysck_buf_slice(&text));
		sysck_buf_done(&text);
	}
	CU_ASSERT_TRUE(good);
	/* Generous: under valgrind and sanitizers, too. */
	CU_ASSERT_TRUE((clock() - begin) / CLOCKS_PER_SEC < 60);
	sysck_names_free(names);
}

void suite_names(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(ids_of_files),   UNIT_TEST(names_of_files), UNIT_TEST(names_live), UNIT_TEST(empty_files),
		UNIT_TEST(bytes_in_files), UNIT_TEST(of_the_system),  UNIT_TEST(many_users),
	};

	unit_add("names", tests, sizeof(tests) / sizeof(tests[0]));
}

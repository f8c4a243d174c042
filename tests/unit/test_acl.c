/*
 * test_acl.c - tests of db/acl.c: the text of ACLs, their order, and what libacl hands over.
 */
#include <acl/libacl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sysck/acl.h>

#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define ITEMS_MAX   16

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

/* user fred is 1000, group fred 2000: taking one for the other shows. */
static struct sysck_names *test_names(void)
{
	static const char passwd[] = "root:x:0:0:::\nfred:x:1000:1000:::\nonlyuser:x:1001:1001:::\n1002:x:55:55:::\n";
	static const char group[] = "root:x:0:\nfred:x:2000:\nonlygroup:x:2001:\n";
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names), 0);
	return names;
}

/* Items separated by `;`, as the reader of lists would hand them over. */
static int parse(const char *text, struct sysck_names *names, struct sysck_arena *arena, struct sysck_acl *ret,
		 struct sysck_err *err)
{
	struct sysck_slice items[ITEMS_MAX];
	size_t count = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ";");

		CU_ASSERT_TRUE_FATAL(count < ITEMS_MAX);
		items[count++] = (struct sysck_slice){ text, len };
		text += len + (text[len] == ';');
	}
	return sysck_acl_parse(&(struct sysck_list){ items, count }, names, arena, ret, err);
}

static void good_texts(void)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{ "", "" },
		{ "u::rwx;g::r-x;o::r--", "u::rwx,g::r-x,o::r--" },
		{ "o::r--;g::r-x;u::rwx", "u::rwx,g::r-x,o::r--" },
		{ "user::rwx;group::r-x;other::r--", "u::rwx,g::r-x,o::r--" },
		{ "u::rwx;g::r-x;o:r--", "u::rwx,g::r-x,o::r--" },
		{ "u::rwx;g::r-x;other:r--", "u::rwx,g::r-x,o::r--" },
		{ "u::---;g::---;o::---", "u::---,g::---,o::---" },
		{ "u::rwx;u:fred:r-x;g::r-x;m::rwx;o::---", "u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rwx;u:fred:r-x;g::r-x;m:rwx;o::---", "u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rwx;user:fred:r-x;g::r-x;mask::rwx;o::---", "u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rwx;g:fred:r-x;g::r-x;m::rwx;o::---", "u::rwx,g::r-x,g:fred:r-x,m::rwx,o::---" },
		{ "u::rwx;group:fred:r-x;g::r-x;m::rwx;o::---", "u::rwx,g::r-x,g:fred:r-x,m::rwx,o::---" },
		{ "u::rwx;u:1000:r-x;g:2000:r--;g::r-x;m::rwx;o::---", "u::rwx,u:fred:r-x,g::r-x,g:fred:r--,m::rwx,o::---" },
		{ "u::rwx;u:4711:r-x;g:4712:r--;g::r-x;m::rwx;o::---", "u::rwx,u:4711:r-x,g::r-x,g:4712:r--,m::rwx,o::---" },
		{ "u::rwx;u:1002:r-x;g::r-x;m::rwx;o::---", "u::rwx,u:1002:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rwx;u:4294967294:r-x;g::r-x;m::rwx;o::---", "u::rwx,u:4294967294:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rwx;u:0:r-x;g:0:r-x;g::r-x;m::rwx;o::---", "u::rwx,u:root:r-x,g::r-x,g:root:r-x,m::rwx,o::---" },
		{ "m::rwx;o::---;g:2001:--x;g:2000:-w-;u:1001:r--;u:1000:rw-;g::r-x;u::rwx",
		  "u::rwx,u:fred:rw-,u:onlyuser:r--,g::r-x,g:fred:-w-,g:onlygroup:--x,m::rwx,o::---" },
		{ "u::rwx;g::r-x;m::r-x;o::---", "u::rwx,g::r-x,m::r-x,o::---" },
		{ "u::rwx;u: fred :r-x;g::r-x;m::rwx;o::---", "u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---" },
		{ "u::rw;g::r;o::-", "u::rw-,g::r--,o::---" },
		{ "default:u::rwx;default:g::r-x;default:o::r--", "default:u::rwx,default:g::r-x,default:o::r--" },
		{ "d:u::rwx;d:g::r-x;d:o::r--", "default:u::rwx,default:g::r-x,default:o::r--" },
		{ "default: u::rwx;default: group::r-x;default:o::r--", "default:u::rwx,default:g::r-x,default:o::r--" },
		/* Behind `default:` and a blank a group is a group. */
		{ "d: u::rwx;d: g:fred:r-x;d: g::r-x;d: m::rwx;d: o::r--",
		  "default:u::rwx,default:g::r-x,default:g:fred:r-x,default:m::rwx,default:o::r--" },
		{ "d:u::rwx;u::rw-;d:g::r-x;g::r--;d:u:fred:rwx;d:m::rwx;o::---;d:o::r--",
		  "u::rw-,g::r--,o::---,default:u::rwx,default:u:fred:rwx,default:g::r-x,default:m::rwx,default:o::r--" },
	};
	struct sysck_names *names = test_names();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_arena arena = SYSCK_ARENA_INIT;
		struct sysck_buf buf = SYSCK_BUF_INIT, text = SYSCK_BUF_INIT;
		struct sysck_acl acl = { NULL, 0 }, again = { NULL, 0 };
		struct sysck_err err = { 0 };
		int r = parse(rows[i].text, names, &arena, &acl, &err);

		expect(r == 0, rows[i].text);
		if (r < 0)
			printf("    says: %s\n", err.text);
		sysck_acl_write(&buf, names, &acl);
		expect(sysck_slice_equal(sysck_buf_slice(&buf), sysck_slice_of(rows[i].written)), rows[i].text);
		/* What is written reads back. */
		for (size_t j = 0; j < buf.len; j++)
			sysck_buf_add_char(&text, (char)(buf.data[j] == ',' ? ';' : buf.data[j]));
		sysck_buf_add_char(&text, '\0');
		expect(parse(text.data, names, &arena, &again, &err) == 0 && sysck_acl_equal(&acl, &again), rows[i].written);
		sysck_buf_done(&buf);
		sysck_buf_done(&text);
		sysck_arena_done(&arena);
	}
	sysck_names_free(names);
}

static void bad_texts(void)
{
	static const struct {
		const char *text;
		int r;
	} rows[] = {
		{ "u::rwx", -EINVAL },
		{ "u::rwx;g::r-x", -EINVAL },
		{ "g::r-x;o::r--", -EINVAL },
		{ "u::rwx;o::r--", -EINVAL },
		{ "u::rwx;u::rwx;g::r-x;o::r--", -EINVAL },
		{ "u::rwx;g::r-x;o::r--;o::r--", -EINVAL },
		{ "u::rwx;g::r-x;o::r--;m::r--;m::r--", -EINVAL },
		/* A named entry needs a mask. */
		{ "u::rwx;u:fred:r-x;g::r-x;o::---", -EINVAL },
		{ "u::rwx;g:fred:r-x;g::r-x;o::---", -EINVAL },
		{ "u::rwx;u:fred:r-x;u:fred:rwx;g::r-x;m::rwx;o::---", -EINVAL },
		{ "u::rwx;u:fred:r-x;u:1000:r-x;g::r-x;m::rwx;o::---", -EINVAL },
		{ "u::rwx;g:fred:r-x;g:2000:r-x;g::r-x;m::rwx;o::---", -EINVAL },
		{ "u:fred:r-x", -EINVAL },
		{ "u::rwx;u:nobody here:r-x;g::r-x;m::rwx;o::---", -ENOENT },
		{ "u::rwx;u:onlygroup:r-x;g::r-x;m::rwx;o::---", -ENOENT },
		{ "u::rwx;g:onlyuser:r-x;g::r-x;m::rwx;o::---", -ENOENT },
		{ "d:u::rwx;d: g:onlyuser:r-x;d:g::r-x;d:m::rwx;d:o::---", -ENOENT },
		{ "u::rwx;u:4294967295:r-x;g::r-x;m::rwx;o::---", -ERANGE },
		{ "u::rwx;u:-1:r-x;g::r-x;m::rwx;o::---", -ENOENT },
		{ "u::rwx;g::r-x;o::rwz", -EINVAL },
		{ "u::7;g::5;o::4", -EINVAL },
		{ "u::;g::r-x;o::r--", -EINVAL },
		{ "u::rwx;g::r-x;o", -EINVAL },
		{ "u::rwx;g::r-x;o::", -EINVAL },
		{ "u:rwx;g::r-x;o::r--", -EINVAL },
		{ "U::rwx;G::r-x;O::r--", -EINVAL },
		{ "users::rwx;g::r-x;o::r--", -EINVAL },
		{ "x:fred:rwx;u::rwx;g::r-x;o::r--", -EINVAL },
		{ "u::rwx;g::r-x;m:fred:rwx;o::r--", -EINVAL },
		{ "u::rwx;g::r-x;o:1000:r--", -EINVAL },
		{ " u::rwx;g::r-x;o::r--", -EINVAL },
		{ "rwx", -EINVAL },
		{ "rwxr-xr-x", -EINVAL },
		{ ":", -EINVAL },
		{ "::", -EINVAL },
		{ "::rwx", -EINVAL },
		{ "u:fred:r-x:x;u::rwx;g::r-x;m::rwx;o::---", -ENOENT },
		{ "u::rwx:;g::r-x;o::r--", -ENOENT },
		/* To libacl this is a comment: the entry would be lost without a word. */
		{ "u::rwx;#g:fred:rwx;g::r-x;o::r--", -EINVAL },
		{ "#;u::rwx;g::r-x;o::r--", -EINVAL },
		{ "u::rwx #x;g::r-x;o::r--", -EINVAL },
		/* Two entries in one item. */
		{ "u::rwx g::r-x;o::r--", -ENOENT },
		{ "u::rwx\ng::r-x\no::r--", -EINVAL },
		{ "o:r--\to:r--;u::rwx;g::r-x", -ENOENT },
		{ "default:", -EINVAL },
		{ "d:", -EINVAL },
		{ "default: ", -EINVAL },
		{ "default:default:u::rwx;d:g::r-x;d:o::r--", -EINVAL },
		{ "Default:u::rwx;d:g::r-x;d:o::r--", -EINVAL },
		{ "default:u::rwx", -EINVAL },
		{ "u::rwx;g::r-x;o::r--;default:u::rwx", -EINVAL },
		{ "d:u::rwx;d:g::r-x;d:o::r--;d:u:fred:r--", -EINVAL },
		{ "u::rwx;d:g::r-x;o::r--", -EINVAL },
	};
	struct sysck_names *names = test_names();
	static const char nul[] = "u::rwx\0x";
	const struct sysck_slice nul_item = { nul, sizeof(nul) - 1 };
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_acl acl = { NULL, 99 };
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int r = parse(rows[i].text, names, &arena, &acl, &err);

		if (r != rows[i].r)
			printf("    returned %d: %s\n", r, r < 0 ? err.text : "");
		expect(r == rows[i].r && acl.count == 99 && err.code == r && err.text[0] != '\0', rows[i].text);
		expect(parse(rows[i].text, names, &arena, &acl, NULL) == rows[i].r, rows[i].text);
	}
	CU_ASSERT_EQUAL(sysck_acl_parse(&(struct sysck_list){ &nul_item, 1 }, names, &arena, &acl, &err), -EINVAL);
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

static void equality(void)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "", "", true },
		{ "u::rwx;g::r-x;o::r--", "o::r--;u::rwx;g::r-x", true },
		{ "u::rwx;g::r-x;o::r--", "u::rwx;g::r-x;o::---", false },
		{ "u::rwx;g::r-x;o::r--", "", false },
		{ "u::rwx;g::r-x;o::r--", "d:u::rwx;d:g::r-x;d:o::r--", false },
		{ "u::rwx;g::r-x;o::r--;m::rwx", "u::rwx;g::r-x;o::r--", false },
		{ "u::rwx;u:1:r--;g::r-x;o::r--;m::rwx", "u::rwx;u:2:r--;g::r-x;o::r--;m::rwx", false },
		{ "u::rwx;u:1:r--;g::r-x;o::r--;m::rwx", "u::rwx;g:1:r--;g::r-x;o::r--;m::rwx", false },
		{ "u::rwx;u:fred:r--;g::r-x;o::r--;m::rwx", "u::rwx;u:1000:r--;g::r-x;o::r--;m::rwx", true },
	};
	struct sysck_names *names = test_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_acl a, b;

		CU_ASSERT_EQUAL_FATAL(parse(rows[i].a, names, &arena, &a, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(parse(rows[i].b, names, &arena, &b, NULL), 0);
		expect(sysck_acl_equal(&a, &b) == rows[i].equal, rows[i].b);
		expect(sysck_acl_equal(&b, &a) == rows[i].equal, rows[i].a);
	}
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

static void modes(void)
{
	static const struct {
		const char *text;
		int mode; /* -1: the ACL says nothing of it */
		bool extended;
	} rows[] = {
		{ "", -1, false },
		{ "u::rwx;g::r-x;o::r--", 0754, false },
		{ "u::---;g::---;o::---", 0, false },
		{ "u::rw-;g::r-x;m::--x;o::r--", 0614, true },
		{ "u::rw-;u:1:rwx;g::r-x;m::rwx;o::r--", 0674, true },
		{ "u::rw-;g::---;g:1:rwx;m::r--;o::--x", 0641, true },
		{ "d:u::rwx;d:g::r-x;d:o::r--", -1, true },
		{ "u::r--;g::r--;o::r--;d:u::rwx;d:g::rwx;d:m::rwx;d:o::rwx", 0444, true },
	};
	struct sysck_names *names = test_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t mode = 0xabcdef;
		struct sysck_acl acl;

		CU_ASSERT_EQUAL_FATAL(parse(rows[i].text, names, &arena, &acl, NULL), 0);
		expect(sysck_acl_mode(&acl, &mode) == (rows[i].mode >= 0), rows[i].text);
		expect(mode == (rows[i].mode < 0 ? 0xabcdef : (uint32_t)rows[i].mode), rows[i].text);
		expect(sysck_acl_is_extended(&acl) == rows[i].extended, rows[i].text);
	}
	for (uint32_t mode = 0; mode < 010000; mode++) {
		uint32_t back = 0xabcdef;
		struct sysck_acl acl;

		CU_ASSERT_EQUAL_FATAL(sysck_acl_of_mode(mode, &arena, &acl), 0);
		if (!sysck_acl_mode(&acl, &back) || back != (mode & 0777) || acl.count != 3 || sysck_acl_is_extended(&acl))
			expect(false, "of a mode");
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

/* What libacl gives is the same value as its text. */
static void conversion(void)
{
	static const char access_text[] = "u::rwx,u:7:r--,u:3:-w-,g::r-x,g:9:--x,m::rwx,o::---";
	static const char default_text[] = "u::rw-,g::r--,o::---";
	static const char all[] = "u::rwx;u:3:-w-;u:7:r--;g::r-x;g:9:--x;m::rwx;o::---;d:u::rw-;d:g::r--;d:o::---";
	struct sysck_names *names = test_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	acl_t access = acl_from_text(access_text), by_default = acl_from_text(default_text), nothing = acl_init(0);
	struct sysck_acl wanted, got;

	CU_ASSERT_TRUE_FATAL(access != NULL && by_default != NULL && nothing != NULL);
	CU_ASSERT_EQUAL_FATAL(parse(all, names, &arena, &wanted, NULL), 0);
	CU_ASSERT_EQUAL(sysck_acl_convert(access, by_default, &arena, &got), 0);
	CU_ASSERT_TRUE(sysck_acl_equal(&wanted, &got));
	CU_ASSERT_EQUAL(sysck_acl_convert(access, nothing, &arena, &got), 0);
	CU_ASSERT_EQUAL(got.count, 7);
	CU_ASSERT_EQUAL(sysck_acl_convert(access, NULL, &arena, &got), 0);
	CU_ASSERT_EQUAL(got.count, 7);
	CU_ASSERT_EQUAL(sysck_acl_convert(NULL, by_default, &arena, &got), 0);
	CU_ASSERT_EQUAL(got.count, 3);
	CU_ASSERT_TRUE(got.entries[0].is_default);
	CU_ASSERT_EQUAL(sysck_acl_convert(NULL, NULL, &arena, &got), 0);
	CU_ASSERT_EQUAL(got.count, 0);
	(void)acl_free(access);
	(void)acl_free(by_default);
	(void)acl_free(nothing);
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

/* `named` users in an order of no pattern, and the four other entries. */
static int parse_many(unsigned named, struct sysck_names *names, struct sysck_arena *arena, struct sysck_acl *ret)
{
	static const char *const others[] = { "u::rwx", "g::r-x", "m::rwx", "o::---" };
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct sysck_slice *items = calloc(named + 4, sizeof(*items));
	size_t at = 0;
	int r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(items);
	for (unsigned i = 0; i < named; i++)
		sysck_buf_add_format(&text, "u:%010u:r-x", i * 7919u % named);
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(&text), 0);
	for (unsigned i = 0; i < named; i++, at += 16)
		items[i] = (struct sysck_slice){ text.data + at, 16 };
	for (unsigned i = 0; i < 4; i++)
		items[named + i] = sysck_slice_of(others[i]);
	r = sysck_acl_parse(&(struct sysck_list){ items, named + 4 }, names, arena, ret, NULL);
	free(items);
	sysck_buf_done(&text);
	return r;
}

static void many_entries(void)
{
	struct sysck_names *names = test_names();
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_acl acl = { NULL, 0 };
	clock_t begin = clock();
	bool sorted = true;

	CU_ASSERT_EQUAL(parse_many(8000, names, &arena, &acl), 0);
	CU_ASSERT_EQUAL(acl.count, 8004);
	for (size_t i = 1; i <= 8000 && acl.count == 8004; i++)
		sorted = sorted && acl.entries[i].tag == SYSCK_ACL_USER && acl.entries[i].id == i - 1;
	CU_ASSERT_TRUE(sorted);
	CU_ASSERT_TRUE((clock() - begin) / CLOCKS_PER_SEC < 20);
	CU_ASSERT_EQUAL(parse_many(SYSCK_ACL_MAX - 3, names, &arena, &acl), -EINVAL);
	sysck_arena_done(&arena);
	sysck_names_free(names);
}

void suite_acl(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(good_texts), UNIT_TEST(bad_texts),  UNIT_TEST(equality),
		UNIT_TEST(modes),      UNIT_TEST(conversion), UNIT_TEST(many_entries),
	};

	unit_add("acl", tests, sizeof(tests) / sizeof(tests[0]));
}

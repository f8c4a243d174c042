/*
 * test_capabilities.c - tests of db/capabilities.c: the text of file capabilities, and what a file can't have.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sysck/capabilities.h>

#include "suites.h"

#define COUNT(rows)     (sizeof(rows) / sizeof((rows)[0]))
#define BIT(capability) ((uint64_t)1 << (capability))

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

static void good_texts(void)
{
	static const struct {
		const char *text;
		struct sysck_capabilities value;
		const char *written; /* NULL: libcap's affair */
	} rows[] = {
		{ "", { 0, 0, 0, false }, "" },
		{ "  ", { 0, 0, 0, false }, "" },
		{ "=", { 0, 0, 0, false }, "" },
		{ "cap_net_raw=ep", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "cap_net_raw+ep", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "cap_net_raw=pe", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "= cap_net_raw+ep", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "CAP_NET_RAW=ep", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ " cap_net_raw=ep ", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "cap_net_raw=p", { BIT(CAP_NET_RAW), 0, 0, false }, "cap_net_raw=p" },
		{ "cap_net_raw=i", { 0, BIT(CAP_NET_RAW), 0, false }, "cap_net_raw=i" },
		{ "cap_net_raw=ei", { 0, BIT(CAP_NET_RAW), 0, true }, "cap_net_raw=ei" },
		{ "cap_net_raw=eip", { BIT(CAP_NET_RAW), BIT(CAP_NET_RAW), 0, true }, "cap_net_raw=eip" },
		{ "cap_chown,cap_net_raw=ep", { BIT(CAP_CHOWN) | BIT(CAP_NET_RAW), 0, 0, true }, "cap_chown,cap_net_raw=ep" },
		{ "cap_net_raw=ep cap_chown+ep",
		  { BIT(CAP_CHOWN) | BIT(CAP_NET_RAW), 0, 0, true },
		  "cap_chown,cap_net_raw=ep" },
		{ "cap_net_raw=p cap_chown=i", { BIT(CAP_NET_RAW), BIT(CAP_CHOWN), 0, false }, NULL },
		{ "cap_net_raw=ep cap_chown=ei", { BIT(CAP_NET_RAW), BIT(CAP_CHOWN), 0, true }, NULL },
		{ "13=ep", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
		{ "63=ep", { BIT(63), 0, 0, true }, NULL },
		{ "cap_net_raw=ep [rootid=1000]", { BIT(CAP_NET_RAW), 0, 1000, true }, "cap_net_raw=ep [rootid=1000]" },
		{ "cap_net_raw=ep[rootid=1000]", { BIT(CAP_NET_RAW), 0, 1000, true }, "cap_net_raw=ep [rootid=1000]" },
		{ "cap_net_raw=ep [rootid=4294967294]",
		  { BIT(CAP_NET_RAW), 0, 4294967294, true },
		  "cap_net_raw=ep [rootid=4294967294]" },
		{ "cap_net_raw=ep [rootid=0]", { BIT(CAP_NET_RAW), 0, 0, true }, "cap_net_raw=ep" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_capabilities value, again;
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_err err = { 0 };
		int r;

		memset(&value, 0x55, sizeof(value));
		r = sysck_capabilities_parse(sysck_slice_of(rows[i].text), &value, &err);
		if (r < 0)
			printf("    says: %s\n", err.text);
		expect(r == 0 && sysck_capabilities_equal(&value, &rows[i].value), rows[i].text);
		sysck_capabilities_write(&buf, &value);
		expect(sysck_buf_error(&buf) == 0, rows[i].text);
		expect(rows[i].written == NULL || sysck_slice_equal(sysck_buf_slice(&buf), sysck_slice_of(rows[i].written)),
		       rows[i].text);
		expect(sysck_capabilities_parse(sysck_buf_slice(&buf), &again, &err) == 0 &&
			       sysck_capabilities_equal(&value, &again),
		       rows[i].text);
		expect(sysck_capabilities_empty(&value) == (value.permitted == 0 && value.inheritable == 0), rows[i].text);
		sysck_buf_done(&buf);
	}
}

static void bad_texts(void)
{
	static const char *const rows[] = {
		"cap_net_raw",
		"cap_net_raw=x",
		"cap_no_such=ep",
		"64=ep",
		"-1=ep",
		"net_raw=ep",
		"ep",
		"cap_net_raw,=ep",
		"cap_net_raw=ep,cap_chown=ep",
		"cap_net_raw ep",
		"none",
		"VOLATILE",
		"0x1",
		/* Sets that a file can't have: its effective bit is one for all. */
		"cap_net_raw=e",
		"cap_net_raw=ep cap_chown=p",
		"cap_net_raw=ep cap_chown=i",
		"cap_net_raw=ip cap_chown=e",
		"cap_net_raw=p cap_chown=e",
		"=ep cap_chown-e",
		/* Root ids. */
		"cap_net_raw=ep [rootid=]",
		"cap_net_raw=ep [rootid=x]",
		"cap_net_raw=ep [rootid=-1]",
		"cap_net_raw=ep [rootid=4294967295]",
		"cap_net_raw=ep [rootid=1",
		"cap_net_raw=ep [rootid=1] x",
		"cap_net_raw=ep [rootid=1] [rootid=2]",
		"cap_net_raw=ep [rootid",
		"[rootid=5] cap_net_raw=ep",
		"[rootid=5]",
		"= [rootid=5]",
		"cap_net_raw=ep [rootid= 5]",
		"cap_net_raw=ep rootid=5",
	};
	static char large[9000];
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_capabilities value = { .permitted = 99 };
		int r = sysck_capabilities_parse(sysck_slice_of(rows[i]), &value, &err);

		expect(r == -EINVAL && err.code == r && err.text[0] != '\0' && value.permitted == 99, rows[i]);
		expect(sysck_capabilities_parse(sysck_slice_of(rows[i]), &value, NULL) == -EINVAL, rows[i]);
	}
	{
		struct sysck_capabilities value = { .permitted = 99 };

		memset(large, 'x', sizeof(large));
		CU_ASSERT_EQUAL(sysck_capabilities_parse((struct sysck_slice){ large, sizeof(large) }, &value, &err), -EINVAL);
		CU_ASSERT_EQUAL(sysck_capabilities_parse((struct sysck_slice){ "cap_net_raw=ep\0", 15 }, &value, &err),
				-EINVAL);
		CU_ASSERT_EQUAL(sysck_capabilities_parse((struct sysck_slice){ NULL, 0 }, &value, &err), 0);
	}
}

/* Sets of no pattern: what is written reads back, whatever capabilities this kernel knows. */
static void every_set_reads_back(void)
{
	uint64_t state = 0x123456789abcdefu;
	bool good = true;

	for (int i = 0; i < 2000; i++) {
		struct sysck_capabilities value, again = { 0 };
		struct sysck_buf buf = SYSCK_BUF_INIT;
		uint64_t bits[2];

		for (int j = 0; j < 2; j++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			bits[j] = state ^ state >> 31;
			if (i % 3 == 0)
				bits[j] &= BIT(i % 64) | BIT(i * 7 % 64);
		}
		value = (struct sysck_capabilities){ bits[0], i % 2 == 0 ? bits[1] : 0, i % 5 == 0 ? (uint32_t)i : 0,
						     i % 4 == 0 };
		if (i % 7 == 0)
			value.permitted = ~(uint64_t)0 >> i % 60;
		if (sysck_capabilities_empty(&value))
			continue;
		sysck_capabilities_write(&buf, &value);
		if (sysck_capabilities_parse(sysck_buf_slice(&buf), &again, NULL) < 0 ||
		    !sysck_capabilities_equal(&value, &again)) {
			printf("    %llx %llx %d: [%.*s]\n", (unsigned long long)value.permitted,
			       (unsigned long long)value.inheritable, value.effective, (int)buf.len, buf.data);
			good = false;
		}
		sysck_buf_done(&buf);
	}
	CU_ASSERT_TRUE(good);
}

static void equality(void)
{
	static const struct sysck_capabilities values[] = {
		{ 0, 0, 0, false }, { 1, 0, 0, false }, { 2, 0, 0, false },
		{ 0, 1, 0, false }, { 1, 0, 0, true },  { 1, 0, 5, false },
	};

	for (size_t i = 0; i < COUNT(values); i++)
		for (size_t j = 0; j < COUNT(values); j++)
			CU_ASSERT_EQUAL(sysck_capabilities_equal(&values[i], &values[j]), i == j);
}

static void conversion(void)
{
	static const struct {
		const char *text;
		int r;
	} rows[] = { { "cap_net_raw,cap_chown=ep", 0 },
		     { "=", 0 },
		     { "cap_net_raw=ip", 0 },
		     { "cap_net_raw=ep cap_chown=p", -EINVAL },
		     { "cap_net_raw=e", -EINVAL } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		cap_t set = cap_from_text(rows[i].text);
		struct sysck_capabilities value = { .permitted = 99 };

		CU_ASSERT_PTR_NOT_NULL_FATAL(set);
		expect(sysck_capabilities_convert(set, &value) == rows[i].r, rows[i].text);
		expect((value.permitted == 99) == (rows[i].r < 0), rows[i].text);
		(void)cap_set_nsowner(set, 4711);
		expect(rows[i].r < 0 || (sysck_capabilities_convert(set, &value) == 0 && value.root_id == 4711), rows[i].text);
		(void)cap_free(set);
	}
}

void suite_capabilities(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(good_texts), UNIT_TEST(bad_texts),  UNIT_TEST(every_set_reads_back),
		UNIT_TEST(equality),   UNIT_TEST(conversion),
	};

	unit_add("capabilities", tests, sizeof(tests) / sizeof(tests[0]));
}

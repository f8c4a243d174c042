/*
 * test_settings.c - tests of db/settings.c: each setting's forms, defaults, and places of errors.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sysck/sysck.h>

#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

/* The last error reported, and how many there were. */
struct errors {
	struct sysck_err last;
	unsigned count;
};

static void keep(void *context, const struct sysck_err *err)
{
	struct errors *errors = context;

	errors->last = *err;
	errors->count++;
}

/* A database whose first stanza is `sysck:` with the given lines. */
static struct sysck_db *settings_of(const char *lines, struct errors *errors)
{
	const struct sysck_err_sink sink = { keep, errors };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	*errors = (struct errors){ .count = 0 };
	sysck_buf_add_text(&bytes, "sysck:\n");
	sysck_buf_add_text(&bytes, lines);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("t.cfg"), &sink, &db, &err), 0);
	CU_ASSERT_PTR_NULL(bytes.data);
	CU_ASSERT_EQUAL(sysck_db_errors(db), errors->count);
	return db;
}

/* The settings as one text, lists with `|` between their items. */
static void describe(const struct sysck_settings *settings, struct sysck_buf *out)
{
	const struct sysck_list *const lists[] = { &settings->setuids, &settings->setgids, &settings->treeck_novfs,
						   &settings->treeck_nodir };

	sysck_buf_add_slice(out, settings->checksum);
	sysck_buf_add_text(out, settings->checksum_is_default ? "*" : "");
	for (size_t i = 0; i < COUNT(lists); i++) {
		sysck_buf_add_char(out, ';');
		for (size_t j = 0; j < lists[i]->count; j++) {
			sysck_buf_add_text(out, j > 0 ? "|" : "");
			sysck_buf_add_slice(out, lists[i]->items[j]);
		}
	}
	sysck_buf_add_format(out, ";%s;%u", sysck_hash_name(settings->hash), settings->program_timeout);
}

#define SUM "/usr/bin/sum -r <*"

static void good_settings(void)
{
	static const struct {
		const char *lines, *settings;
	} rows[] = {
		{ "", SUM ";;;;;sha256;60" },
		{ "\tchecksum = /usr/bin/sum -r <\n", SUM ";;;;;sha256;60" },
		{ "\tchecksum = \"/usr/bin/sum -r <\"\n", SUM ";;;;;sha256;60" },
		{ "\tchecksum = /usr/bin/sum -r < \n", SUM ";;;;;sha256;60" },
		{ "\tchecksum = /usr/bin/sum  -r <\n", "/usr/bin/sum  -r <;;;;;sha256;60" },
		{ "\tchecksum = /usr/bin/md5sum\n", "/usr/bin/md5sum;;;;;sha256;60" },
		{ "\tchecksum = \"tr a, b | md5sum\"\n", "tr a, b | md5sum;;;;;sha256;60" },
		{ "\tsetuids = fred,4711, uucp\n", SUM ";fred|4711|uucp;;;;sha256;60" },
		{ "\tsetgids = adm\n", SUM ";;adm;;;sha256;60" },
		{ "\tsetuids =\n\tsetgids = \"\"\n", SUM ";;;;;sha256;60" },
		{ "treeck_novfs=/backup,/scratch", SUM ";;;/backup|/scratch;;sha256;60" },
		{ "  treeck_nodir   =   /a , \"/b\\,c\" , /d\r\n", SUM ";;;;/a|/b,c|/d;sha256;60" },
		{ "\ttreeck_nodir = /\n", SUM ";;;;/;sha256;60" },
		{ "\ttreeck_nodir =\n\ttreeck_novfs =\n", SUM ";;;;;sha256;60" },
		{ "\thash = sha512\n", SUM ";;;;;sha512;60" },
		{ "\thash = SHA3-256\n", SUM ";;;;;sha3-256;60" },
		{ "\thash = blake2b512\n", SUM ";;;;;blake2b512;60" },
		{ "\thash = \"sha384\"\n", SUM ";;;;;sha384;60" },
		{ "\tprogram_timeout = 1\n", SUM ";;;;;sha256;1" },
		{ "\tprogram_timeout = 86400\n", SUM ";;;;;sha256;86400" },
		{ "* a comment\n\thash = sha384\n# another\n\tprogram_timeout = 5\n\n/a:\n\thash = x\n", SUM ";;;;;sha384;5" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct errors errors;
		struct sysck_db *db = settings_of(rows[i].lines, &errors);
		struct sysck_buf text = SYSCK_BUF_INIT;

		describe(sysck_db_settings(db), &text);
		expect(errors.count == 0 && sysck_slice_equal(sysck_buf_slice(&text), sysck_slice_of(rows[i].settings)),
		       rows[i].lines);
		sysck_buf_done(&text);
		sysck_db_free(db);
	}
}

/* After an error the default, or what the first line said, stays. */
static void bad_settings(void)
{
	static const struct {
		const char *lines;
		unsigned line, column;
		const char *settings;
	} rows[] = {
		{ "\tchecksum =\n", 2, 12, SUM ";;;;;sha256;60" },
		{ "\tchecksum\n", 2, 2, SUM ";;;;;sha256;60" },
		{ "\tchecksum = \"\"\n", 2, 13, SUM ";;;;;sha256;60" },
		{ "\tchecksum = \"a\\x00b\"\n", 2, 13, SUM ";;;;;sha256;60" },
		{ "\thash = md5\n", 2, 9, SUM ";;;;;sha256;60" },
		{ "\thash =\n", 2, 8, SUM ";;;;;sha256;60" },
		{ "\thash = sha256,sha512\n", 2, 9, SUM ";;;;;sha256;60" },
		{ "\tprogram_timeout = 0\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\tprogram_timeout = 86401\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\tprogram_timeout = -1\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\tprogram_timeout = 1m\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\tprogram_timeout = 99999999999999999999\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\ttreeck_novfs = backup\n", 2, 17, SUM ";;;;;sha256;60" },
		{ "\ttreeck_novfs = /a,/b/\n", 2, 17, SUM ";;;;;sha256;60" },
		{ "\ttreeck_novfs = /a,,/b\n", 2, 20, SUM ";;;;;sha256;60" },
		{ "\ttreeck_nodir = /a,/b/..\n", 2, 17, SUM ";;;;;sha256;60" },
		{ "\tsetuids = a,,b\n", 2, 14, SUM ";;;;;sha256;60" },
		{ "\tunknown = 1\n", 2, 2, SUM ";;;;;sha256;60" },
		{ "\tHash = sha512\n", 2, 2, SUM ";;;;;sha256;60" },
		{ "\ttype = FILE\n", 2, 2, SUM ";;;;;sha256;60" },
		{ "* comment\n\thash = sha512\n\thash = sha384\n", 4, 2, SUM ";;;;;sha512;60" },
		{ "\thash = md5\n\thash = sha384\n", 3, 2, SUM ";;;;;sha256;60" },
		{ "\tsetuids = a\n  setuids = b\n", 3, 3, SUM ";a;;;;sha256;60" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct errors errors;
		struct sysck_db *db = settings_of(rows[i].lines, &errors);
		struct sysck_buf text = SYSCK_BUF_INIT;

		describe(sysck_db_settings(db), &text);
		if (errors.last.line != rows[i].line || errors.last.column != rows[i].column)
			printf("    at %u:%u: %s\n", errors.last.line, errors.last.column, errors.last.text);
		expect(errors.count > 0 && errors.last.line == rows[i].line && errors.last.column == rows[i].column &&
			       strcmp(errors.last.file, "t.cfg") == 0 && errors.last.text[0] != '\0',
		       rows[i].lines);
		expect(sysck_slice_equal(sysck_buf_slice(&text), sysck_slice_of(rows[i].settings)), rows[i].lines);
		sysck_buf_done(&text);
		sysck_db_free(db);
	}
}

static void names(void)
{
	static const char *const known[] = { "checksum",     "setuids", "setgids",        "treeck_novfs",
					     "treeck_nodir", "hash",    "program_timeout" };
	static const char *const unknown[] = { "", "Checksum", "setuid", "hashes", "type", "owner", "treeck" };

	for (size_t i = 0; i < COUNT(known); i++)
		expect(sysck_setting_check(sysck_slice_of(known[i])) == 0, known[i]);
	for (size_t i = 0; i < COUNT(unknown); i++)
		expect(sysck_setting_check(sysck_slice_of(unknown[i])) == -ENOENT, unknown[i]);
}

/* One line by itself, as -a sysck has it. */
static void single_lines(void)
{
	static const struct {
		const char *line;
		int r;
	} rows[] = {
		{ "hash=sha512", 0 },    { "hash=", -EINVAL },       { "hash", -EINVAL },
		{ "nosuch=1", -ENOENT }, { "program_timeout=5", 0 },
	};
	struct sysck_arena arena = SYSCK_ARENA_INIT;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_text text = { .file = SYSCK_SLICE("x"), .bytes = sysck_slice_of(rows[i].line) };
		struct sysck_settings settings = { .program_timeout = 77 };
		struct sysck_line line;
		struct sysck_err err;

		CU_ASSERT_EQUAL_FATAL(sysck_line_parse(text.bytes, &line, &err), 0);
		expect(sysck_setting_read(&text, &line, &arena, &settings, &err) == rows[i].r, rows[i].line);
		expect(sysck_setting_read(&text, &line, &arena, &settings, NULL) == rows[i].r, rows[i].line);
		expect(rows[i].r == 0 || (err.code == rows[i].r && err.line == 1), rows[i].line);
	}
	sysck_arena_done(&arena);
}

void suite_settings(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(good_settings),
		UNIT_TEST(bad_settings),
		UNIT_TEST(names),
		UNIT_TEST(single_lines),
	};

	unit_add("settings", tests, sizeof(tests) / sizeof(tests[0]));
}

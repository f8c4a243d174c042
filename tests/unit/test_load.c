/*
 * test_load.c - tests of db/load.c: in whatever pieces a database is read, it is the one that is read at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sysck/sysck.h>

#include "scratch.h"
#include "suites.h"

/* The following write everything that is told of a database. */

static void tell_error(void *context, const struct sysck_err *err)
{
	struct sysck_buf *text = context;

	sysck_buf_add_format(text, "%d %s:%u:%u: %s\n", err->code, err->file, err->line, err->column, err->text);
}

static void tell_definition(const struct sysck_db *db, size_t index, struct sysck_buf *text)
{
	struct sysck_slice stanza = sysck_db_stanza(db, index);
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_line line;

	sysck_buf_add_slice(text, sysck_db_path(db, index));
	sysck_buf_add_format(text, " in %u%s\n", sysck_db_line(db, index), sysck_db_is_faulty(db, index) ? ", faulty" : "");
	sysck_buf_add_slice(text, stanza);
	while (sysck_db_next(db, index, &cursor, &line))
		sysck_buf_add_format(text, "[%u:%u:%u]", line.line, line.column, line.value_column);
}

/* Of all definitions, or of those of the names. */
static void tell(const struct sysck_db *db, const struct sysck_slice *names, size_t count, struct sysck_buf *text)
{
	size_t duplicates;
	const struct sysck_duplicate *duplicate = sysck_db_duplicates(db, &duplicates);

	for (size_t i = 0; i < sysck_db_count(db); i++)
		for (size_t j = 0; j == 0 || j < count; j++)
			if (count == 0 || sysck_slice_equal(sysck_db_path(db, i), names[j]))
				tell_definition(db, i, text);
	for (size_t i = 0; i < duplicates; i++)
		for (size_t j = 0; j == 0 || j < count; j++)
			if (count == 0 || sysck_slice_equal(sysck_db_path(db, duplicate[i].index), names[j]))
				sysck_buf_add_format(text, "%u repeats %u\n", sysck_db_line(db, duplicate[i].index),
						     sysck_db_line(db, duplicate[i].first));
	sysck_buf_add_format(text, "timeout %u, %zu errors\n", sysck_db_settings(db)->program_timeout, sysck_db_errors(db));
}

/* Two threads, which take the odd and the even pieces. */
struct hand {
	unsigned number;
	size_t count;
	void (*work)(void *context, unsigned worker, size_t index);
	void *context;
};

static void *hand_work(void *context)
{
	const struct hand *hand = context;

	for (size_t i = hand->number; i < hand->count; i += 2)
		hand->work(hand->context, hand->number, i);
	return NULL;
}

static void two_hands(void *context, size_t count, void (*work)(void *work_context, unsigned worker, size_t index),
		      void *work_context)
{
	struct hand hands[2] = { { 0, count, work, work_context }, { 1, count, work, work_context } };
	pthread_t thread;

	(void)context;
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, hand_work, &hands[1]), 0);
	(void)hand_work(&hands[0]);
	pthread_join(thread, NULL);
}

static const struct sysck_crew pair = { 2, two_hands, NULL };

static void put(const struct scratch *scratch, struct sysck_slice text)
{
	int fd = openat(scratch->fd, "db", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(write(fd, text.data, text.len), (ssize_t)text.len);
	close(fd);
}

/* What is told of the file read in such pieces. */
static void read_pieces(const struct scratch *scratch, struct sysck_load_options *options, struct sysck_buf *told)
{
	const struct sysck_err_sink sink = { tell_error, told };
	struct sysck_store *store = NULL;
	struct sysck_db *db = NULL;
	struct sysck_err err;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/db", scratch->top);
	options->errors = &sink;
	CU_ASSERT_EQUAL_FATAL(sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_db_read(store, SYSCK_SLICE("f"), options, &db, &err), 0);
	sysck_store_close(store);
	tell(db, options->names, options->name_count, told);
	sysck_db_free(db);
}

static void read_at_once(struct sysck_slice text, const struct sysck_slice *names, size_t count, struct sysck_buf *told)
{
	const struct sysck_err_sink sink = { tell_error, told };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;
	struct sysck_err err;

	sysck_buf_add_slice(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), &sink, &db, &err), 0);
	tell(db, names, count, told);
	sysck_db_free(db);
}

/* Does sysck_text_check() find as many errors as there are? */
static bool counts_the_same(struct sysck_slice text)
{
	struct sysck_text parsed;
	struct sysck_err err;
	size_t alone = 0, together = 1, count;

	CU_ASSERT_EQUAL(sysck_text_check((struct sysck_slice){ NULL, 0 }, &pair, &together), 0);
	CU_ASSERT_EQUAL(together, 0);
	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(text, SYSCK_SLICE("f"), NULL, &parsed, &err), 0);
	count = parsed.errors;
	sysck_text_done(&parsed);
	CU_ASSERT_EQUAL(sysck_text_check(text, NULL, &alone), 0);
	CU_ASSERT_EQUAL(sysck_text_check(text, &pair, &together), 0);
	return alone == count && together == count;
}

/* Is it the same in pieces of every size, by one thread and by two, whole and by names? */
static bool is_same_in_pieces(const struct scratch *scratch, struct sysck_slice text)
{
	const struct sysck_slice names[] = { SYSCK_SLICE("/a"), SYSCK_SLICE("/none"), SYSCK_SLICE("/c\nc") };
	struct sysck_buf once[2] = { SYSCK_BUF_INIT, SYSCK_BUF_INIT };
	bool same = true;

	put(scratch, text);
	CU_ASSERT_TRUE(counts_the_same(text));
	read_at_once(text, NULL, 0, &once[0]);
	read_at_once(text, names, 3, &once[1]);
	for (size_t piece = 0; same && piece < 100; piece = piece < 9 ? piece + 1 : piece * 2 + 1)
		for (unsigned i = 0; same && i < 8; i++) {
			struct sysck_load_options options = {
				.names = names, .name_count = i % 2 == 0 ? 0 : 3, .piece = piece, .mapped = i >= 4
			};
			struct sysck_buf told = SYSCK_BUF_INIT;

			options.crew = i % 4 < 2 ? NULL : &pair;
			read_pieces(scratch, &options, &told);
			same = sysck_slice_equal(sysck_buf_slice(&told), sysck_buf_slice(&once[i % 2]));
			if (!same)
				printf("%.*s\nin pieces of %zu (%u):\n%.*s\nand not\n%.*s\n", (int)text.len, text.data, piece,
				       i, (int)told.len, told.data, (int)once[i % 2].len, once[i % 2].data);
			sysck_buf_done(&told);
		}
	sysck_buf_done(&once[0]);
	sysck_buf_done(&once[1]);
	return same;
}

static void texts_in_pieces(void)
{
	static const char *const texts[] = {
		"",
		"\n",
		"/a:",
		"/a:\n\ttype = FILE\n\n/b:\n\ttype = FILE\n/a:\n\tsize = 1\n",
		"* c\n\ttype = FILE\n/a:\n\tx = \"1\n2\n\n/b:\n\ty = \"1,\n/c:\n\tz = 3\"\n\"/c\\nc\":\n\tx = 1\n\n\tx = 2\n",
		"sysck:\n\tprogram_timeout = 7\n\n/a:\n\tx\n\nsysck:\n\tsetuids = a\n\na:\n\tx = 1\n/a/:\n/b\n\tx = 1\n/a:\n",
		"/a:\r\n\ttype = FILE\r\n\r\n  /b:  \r\n type=FILE\r\n/c :\r\n\"/d\\q\":\n\tx = 1\n\"/e\n\tx = 1\n\"/a\":\n\tx",
	};
	struct scratch scratch;

	scratch_begin(&scratch);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CU_ASSERT_TRUE(is_same_in_pieces(&scratch, sysck_slice_of(texts[i])));
	scratch_end(&scratch);
}

/* Lines of every kind, in any order. */
static void random_texts_in_pieces(void)
{
	static const char *const lines[] = {
		"/a:",
		"/b:",
		"\"/c\\nc\":",
		"\"/c\\q\":",
		"/a/:",
		" /b:",
		"sysck:",
		"x:",
		"",
		" \t",
		"* c",
		"\ttype = FILE",
		"\tlinks = \"/x,",
		"/y\"",
		"/y",
		"\"",
		"\t\"/x\",",
		"\tx = \"1\\",
		"\tprogram_timeout = 5",
		"=",
		"\tx y",
		"/a: \r",
	};
	const size_t count = sizeof(lines) / sizeof(lines[0]);
	unsigned seed = 1;
	struct scratch scratch;
	bool same = true;

	scratch_begin(&scratch);
	for (int round = 0; same && round < 200; round++) {
		struct sysck_buf text = SYSCK_BUF_INIT;
		int length = rand_r(&seed) % 24;

		for (int i = 0; i < length; i++) {
			sysck_buf_add_text(&text, lines[(size_t)rand_r(&seed) % count]);
			if (i + 1 < length || rand_r(&seed) % 2 == 0)
				sysck_buf_add_char(&text, '\n');
		}
		same = is_same_in_pieces(&scratch, sysck_buf_slice(&text));
		sysck_buf_done(&text);
	}
	CU_ASSERT_TRUE(same);
	scratch_end(&scratch);
}

/* Opens the scratch database, mapped. */
static struct sysck_db *open_mapped(const struct scratch *scratch)
{
	const struct sysck_load_options options = { .mapped = true, .crew = &pair };
	struct sysck_store *store = NULL;
	struct sysck_db *db = NULL;
	struct sysck_err err;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/db", scratch->top);
	CU_ASSERT_EQUAL_FATAL(sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_db_read(store, SYSCK_SLICE("f"), &options, &db, &err), 0);
	sysck_store_close(store);
	return db;
}

/* What was given back while the definitions were passed is there when it is asked for again. */
static void passed_text_comes_again(void)
{
	struct sysck_buf text = SYSCK_BUF_INIT;
	struct scratch scratch;
	struct sysck_db *db;
	bool same = true;

	for (unsigned i = 0; i < 60000; i++)
		sysck_buf_add_format(
			&text, "/%u:\n\ttype = FILE\n\tmode = 644\n\tsize = %u, and so that it be longer: %060u\n\n", i, i, i);
	CU_ASSERT_TRUE(text.len > 6 << 20);
	scratch_begin(&scratch);
	put(&scratch, sysck_buf_slice(&text));
	db = open_mapped(&scratch);
	CU_ASSERT_EQUAL_FATAL(sysck_db_count(db), 60000);
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; same && i < 60000; i++) {
			struct sysck_slice stanza = sysck_db_stanza(db, i);
			char path[16];

			(void)snprintf(path, sizeof(path), "/%zu", i);
			same = sysck_slice_is(sysck_db_path(db, i), path) && stanza.data[stanza.len - 1] == '\n' &&
			       strtoul(stanza.data + stanza.len - 61, NULL, 10) == i;
			sysck_db_passed(db, i);
		}
	CU_ASSERT_TRUE(same);
	CU_ASSERT_TRUE(sysck_db_is_as_read(db));
	sysck_db_free(db);
	sysck_buf_done(&text);
	scratch_end(&scratch);
}

static void what_is_written_into_a_mapped_file_shows(void)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	struct scratch scratch;
	struct sysck_db *db;
	int fd;

	scratch_begin(&scratch);
	put(&scratch, SYSCK_SLICE("/a:\n\ttype = FILE\n"));
	db = open_mapped(&scratch);
	/* Another file in its place is no matter. */
	scratch_file(&scratch, "new");
	fd = openat(scratch.fd, "db", O_WRONLY | O_CLOEXEC);
	CU_ASSERT_EQUAL(renameat(scratch.fd, "new", scratch.fd, "db"), 0);
	CU_ASSERT_TRUE(sysck_db_is_as_read(db));
	CU_ASSERT_TRUE(sysck_slice_is(sysck_db_path(db, 0), "/a"));
	CU_ASSERT_EQUAL(pwrite(fd, "\n", 1, 4), 1);
	CU_ASSERT_FALSE(sysck_db_is_as_read(db));
	close(fd);
	sysck_db_free(db);
	/* Nor is it hidden by setting the time back. */
	put(&scratch, SYSCK_SLICE("/a:\n\ttype = FILE\n"));
	fd = openat(scratch.fd, "db", O_WRONLY | O_CLOEXEC);
	CU_ASSERT_EQUAL(futimens(fd, times), 0);
	db = open_mapped(&scratch);
	CU_ASSERT_EQUAL(pwrite(fd, "b", 1, 1), 1);
	CU_ASSERT_EQUAL(futimens(fd, times), 0);
	CU_ASSERT_FALSE(sysck_db_is_as_read(db));
	close(fd);
	sysck_db_free(db);
	scratch_end(&scratch);
}

static void trusts_as_the_store(void)
{
	const struct sysck_load_options options = { .errors = NULL };
	struct sysck_store *store = NULL;
	struct sysck_db *db = NULL;
	struct scratch scratch;
	struct sysck_err err;
	char path[64];

	scratch_begin(&scratch);
	(void)snprintf(path, sizeof(path), "%s/db", scratch.top);
	CU_ASSERT_EQUAL_FATAL(sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err), 0);
	CU_ASSERT_EQUAL(sysck_db_read(store, SYSCK_SLICE("f"), &options, &db, &err), -ENOENT);
	put(&scratch, SYSCK_SLICE("/a:\n"));
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "db", 0666, 0), 0);
	CU_ASSERT_EQUAL(sysck_db_read(store, SYSCK_SLICE("f"), &options, &db, &err), -EPERM);
	CU_ASSERT_PTR_NULL(db);
	sysck_store_close(store);
	scratch_end(&scratch);
}

void suite_load(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(texts_in_pieces),         UNIT_TEST(random_texts_in_pieces),
		UNIT_TEST(passed_text_comes_again), UNIT_TEST(what_is_written_into_a_mapped_file_shows),
		UNIT_TEST(trusts_as_the_store),
	};

	unit_add("load", tests, sizeof(tests) / sizeof(tests[0]));
}

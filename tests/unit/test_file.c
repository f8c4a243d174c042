/*
 * test_file.c - tests of src/report/file.c: whole lines are appended to regular files, and to nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/file.h"
#include "scratch.h"
#include "suites.h"

struct place {
	struct scratch scratch;
	char path[64];
};

static void place_begin(struct place *place)
{
	scratch_begin(&place->scratch);
	(void)snprintf(place->path, sizeof(place->path), "%s/report", place->scratch.top);
}

/* Opens it and adds a line. 0, or why not. */
static int append(const struct place *place, const char *line, struct sysck_err *err)
{
	int descriptor, r = tcbck_file_open(place->path, &descriptor, err);

	if (r < 0)
		return r;
	CU_ASSERT_EQUAL(write(descriptor, line, strlen(line)), (ssize_t)strlen(line));
	CU_ASSERT_EQUAL(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
	close(descriptor);
	return 0;
}

static bool has(const struct place *place, const char *content)
{
	char bytes[256] = "";
	int descriptor = open(place->path, O_RDONLY);
	ssize_t n = read(descriptor, bytes, sizeof(bytes) - 1);

	close(descriptor);
	return n >= 0 && strcmp(bytes, content) == 0;
}

static void a_file_grows(void)
{
	struct place place;
	struct stat status;
	struct sysck_err err;

	place_begin(&place);
	CU_ASSERT_EQUAL(append(&place, "one\n", &err), 0);
	CU_ASSERT_EQUAL(append(&place, "two\n", &err), 0);
	CU_ASSERT_TRUE(has(&place, "one\ntwo\n"));
	CU_ASSERT_EQUAL(stat(place.path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
	/* What somebody has given it stays. */
	CU_ASSERT_EQUAL(chmod(place.path, 0640), 0);
	CU_ASSERT_EQUAL(append(&place, "three\n", &err), 0);
	CU_ASSERT_EQUAL(stat(place.path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0640);
	scratch_end(&place.scratch);
}

static void a_broken_line_is_ended(void)
{
	struct place place;
	struct sysck_err err;

	place_begin(&place);
	CU_ASSERT_EQUAL(append(&place, "{\"v\":1,", &err), 0);
	CU_ASSERT_EQUAL(append(&place, "two\n", &err), 0);
	CU_ASSERT_TRUE(has(&place, "{\"v\":1,\ntwo\n"));
	scratch_end(&place.scratch);
}

/* As when it is rotated: who has it open goes on in the old one, or, where it was copied and emptied, at its end. */
static void a_rotated_file_loses_nothing(void)
{
	struct place place;
	struct sysck_err err;
	char old[80];
	int descriptor;

	place_begin(&place);
	CU_ASSERT_EQUAL_FATAL(tcbck_file_open(place.path, &descriptor, &err), 0);
	CU_ASSERT_EQUAL(write(descriptor, "one\n", 4), 4);
	CU_ASSERT_EQUAL(truncate(place.path, 0), 0);
	CU_ASSERT_EQUAL(write(descriptor, "two\n", 4), 4);
	CU_ASSERT_TRUE(has(&place, "two\n"));
	(void)snprintf(old, sizeof(old), "%s.1", place.path);
	CU_ASSERT_EQUAL(rename(place.path, old), 0);
	CU_ASSERT_EQUAL(write(descriptor, "three\n", 6), 6);
	CU_ASSERT_EQUAL(append(&place, "four\n", &err), 0);
	CU_ASSERT_TRUE(has(&place, "four\n"));
	(void)snprintf(place.path, sizeof(place.path), "%s/report.1", place.scratch.top);
	CU_ASSERT_TRUE(has(&place, "two\nthree\n"));
	close(descriptor);
	scratch_end(&place.scratch);
}

static void nothing_else_is_written_to(void)
{
	struct place place;
	struct sysck_err err;
	char other[80];

	place_begin(&place);
	(void)snprintf(other, sizeof(other), "%s/other", place.scratch.top);
	CU_ASSERT_EQUAL(mkdir(place.path, 0700), 0);
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -EISDIR);
	CU_ASSERT_TRUE(scratch_says(err.text, "--report "));
	CU_ASSERT_EQUAL(rmdir(place.path), 0);
	/* Neither waits for a reader, nor lets one wait. */
	CU_ASSERT_EQUAL(mkfifo(place.path, 0600), 0);
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -EINVAL);
	CU_ASSERT_TRUE(scratch_says(err.text, ": not a regular file"));
	CU_ASSERT_EQUAL(unlink(place.path), 0);
	scratch_file(&place.scratch, "other");
	CU_ASSERT_EQUAL(symlink(other, place.path), 0);
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -ELOOP);
	CU_ASSERT_EQUAL(unlink(place.path), 0);
	CU_ASSERT_EQUAL(link(other, place.path), 0);
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -EMLINK);
	CU_ASSERT_TRUE(scratch_says(err.text, ": a file with further names"));
	CU_ASSERT_EQUAL(unlink(place.path), 0);
	(void)snprintf(place.path, sizeof(place.path), "/dev/null");
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -EINVAL);
	(void)snprintf(place.path, sizeof(place.path), "%s/no/report", place.scratch.top);
	CU_ASSERT_EQUAL(append(&place, "x\n", &err), -ENOENT);
	scratch_end(&place.scratch);
}

void suite_file(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_file_grows),
		UNIT_TEST(a_broken_line_is_ended),
		UNIT_TEST(a_rotated_file_loses_nothing),
		UNIT_TEST(nothing_else_is_written_to),
	};

	unit_add("file", tests, sizeof(tests) / sizeof(tests[0]));
}

/*
 * test_json.c - tests of src/report/json.c: every line is strictly valid and says what it should, whatever the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/json.h"
#include "suites.h"

static struct sysck_slice slice(const char *text)
{
	return sysck_slice_of(text);
}

struct told {
	int descriptor;
	struct tcbck_sink sink;
};

static void begin(struct told *told, bool fixed)
{
	told->descriptor = memfd_create("told", MFD_CLOEXEC);
	CU_ASSERT_FATAL(told->descriptor >= 0);
	CU_ASSERT_EQUAL_FATAL(
		tcbck_json_new(&(struct tcbck_json_options){ .descriptor = told->descriptor, .fixed = fixed }, &told->sink), 0);
}

/* Ends the sink. The array of the events, one for each line that was written; each has what every event has. */
static json_t *end(struct told *told)
{
	json_t *events = json_array();
	struct stat st;
	char *text, *next;
	size_t len;

	CU_ASSERT_EQUAL(told->sink.finish(told->sink.context), 0);
	told->sink.free(told->sink.context);
	CU_ASSERT_EQUAL_FATAL(fstat(told->descriptor, &st), 0);
	len = (size_t)st.st_size;
	text = malloc(len + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_EQUAL_FATAL(pread(told->descriptor, text, len, 0), st.st_size);
	close(told->descriptor);
	CU_ASSERT_TRUE(len > 0 && text[len - 1] == '\n');
	CU_ASSERT_PTR_NULL(memchr(text, '\0', len));
	for (char *line = text; line < text + len; line = next) {
		json_t *event;

		next = memchr(line, '\n', (size_t)(text + len - line));
		CU_ASSERT_PTR_NOT_NULL_FATAL(next);
		event = json_loadb(line, (size_t)(next - line), JSON_REJECT_DUPLICATES, NULL);
		if (event == NULL)
			printf("    no JSON: %.*s\n", (int)(next - line), line);
		CU_ASSERT_PTR_NOT_NULL_FATAL(event);
		CU_ASSERT_TRUE(json_is_object(event));
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "v")), 1);
		CU_ASSERT_EQUAL(json_string_length(json_object_get(event, "time")), strlen("2026-01-01T00:00:00Z"));
		CU_ASSERT_TRUE(json_is_string(json_object_get(event, "host")));
		json_array_append_new(events, event);
		next++;
	}
	free(text);
	return events;
}

static bool is_text(const json_t *event, const char *key, const char *wanted)
{
	const json_t *value = json_object_get(event, key);
	const char *text = json_string_value(value);

	if (wanted == NULL)
		return json_is_null(value);
	return text != NULL && json_string_length(value) == strlen(wanted) && strcmp(text, wanted) == 0;
}

/* RFC 3629, without the program's own words. */
static bool is_utf8(const unsigned char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t more = s[i] < 0x80             ? 0
			      : (s[i] & 0xe0) == 0xc0 ? 1
			      : (s[i] & 0xf0) == 0xe0 ? 2
			      : (s[i] & 0xf8) == 0xf0 ? 3
						      : 9;
		unsigned value;

		if (more == 9 || i + more >= len)
			return false;
		value = more == 0 ? s[i] : s[i] & (0x3fu >> more);
		for (size_t j = 1; j <= more; j++) {
			if ((s[i + j] & 0xc0) != 0x80)
				return false;
			value = value << 6 | (s[i + j] & 0x3fu);
		}
		if ((more == 1 && value < 0x80) || (more == 2 && value < 0x800) || (more == 3 && value < 0x10000) ||
		    value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
			return false;
		i += more + 1;
	}
	return true;
}

/* Is the name told so that the bytes can be had back? */
static void name_is_told(const json_t *event, const char *bytes, size_t len)
{
	const json_t *path = json_object_get(event, "path"), *hex = json_object_get(event, "path_hex");
	const char *digits = json_string_value(hex);

	CU_ASSERT_TRUE_FATAL(json_is_string(path));
	if (is_utf8((const unsigned char *)bytes, len)) {
		CU_ASSERT_PTR_NULL(hex);
		CU_ASSERT_TRUE(json_string_length(path) == len && memcmp(json_string_value(path), bytes, len) == 0);
		return;
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(json_string_value(path), "\xef\xbf\xbd"));
	CU_ASSERT_TRUE_FATAL(digits != NULL && json_string_length(hex) == 2 * len);
	for (size_t i = 0; i < len; i++) {
		char byte[3];

		(void)snprintf(byte, sizeof(byte), "%02x", (unsigned)(unsigned char)bytes[i]);
		CU_ASSERT_TRUE(memcmp(digits + 2 * i, byte, 2) == 0);
	}
}

static void tell_name(struct told *told, const char *bytes, size_t len)
{
	const struct sysck_slice name = { bytes, len };
	const struct sysck_slice classes[] = { name };
	const struct tcbck_finding finding = { .path = name,
					       .kind = SYSCK_ATTR_SIZE,
					       .actual = name,
					       .expected = name,
					       .reason = name,
					       .classes = { classes, 1 },
					       .line = 1 };

	told->sink.finding(told->sink.context, &finding, name);
}

static void every_byte_in_a_name(void)
{
	struct told told;
	json_t *events;

	begin(&told, true);
	for (int c = 1; c < 256; c++) {
		const char name[] = { '/', 'a', (char)c, 'b' };

		tell_name(&told, name, sizeof(name));
	}
	events = end(&told);
	CU_ASSERT_EQUAL_FATAL(json_array_size(events), 255);
	for (int c = 1; c < 256; c++) {
		const char name[] = { '/', 'a', (char)c, 'b' };

		name_is_told(json_array_get(events, (size_t)c - 1), name, sizeof(name));
	}
	json_decref(events);
}

static void sequences_that_are_no_utf8(void)
{
	static const char *const names[] = {
		"/\xc0\x80",
		"/\xc0\xaf",
		"/\xc1\xbf",
		"/\xe0\x80\xaf",
		"/\xe0\x9f\xbf",
		"/\xf0\x80\x80\xaf",
		"/\xf0\x8f\xbf\xbf",
		"/\xed\xa0\x80",
		"/\xed\xbf\xbf",
		"/\xf4\x90\x80\x80",
		"/\xf5\x80\x80\x80",
		"/\xf8\x88\x80\x80\x80",
		"/\xfc\x84\x80\x80\x80\x80",
		"/\xfe",
		"/\xff\xff",
		"/\xc3",
		"/\xe2\x82",
		"/\xf0\x9f\x98",
		"/\xe2\x82\xac",
		"/\xf0\x9f\x98\x80",
		"/\xed\x9f\xbf",
		"/\xee\x80\x80",
		"/\xef\xbf\xbf",
		"/\xf4\x8f\xbf\xbf",
		"/\xc3\xa4\xc3",
		"/\xe2\x82\xac\x82",
		"/\xc3\xa4\xff\xc3\xa4",
		"/\xe2\x80\xa8",
		"/\"\\\x7f",
		"/a\xe2\x82",
		"/\xe2\x82\xc3\xa4",
		"/\xef\xbf\xbd\xff",
	};
	const size_t count = sizeof(names) / sizeof(names[0]);
	struct told told;
	json_t *events;

	begin(&told, true);
	for (size_t i = 0; i < count; i++)
		tell_name(&told, names[i], strlen(names[i]));
	events = end(&told);
	CU_ASSERT_EQUAL_FATAL(json_array_size(events), count);
	for (size_t i = 0; i < count; i++)
		name_is_told(json_array_get(events, i), names[i], strlen(names[i]));
	/* One replacement for each byte that is no part of a character. */
	CU_ASSERT_TRUE(is_text(json_array_get(events, 26), "path", "/ä\xef\xbf\xbdä"));
	CU_ASSERT_TRUE(is_text(json_array_get(events, 0), "path", "/\xef\xbf\xbd\xef\xbf\xbd"));
	json_decref(events);
}

static void random_bytes_in_a_name(void)
{
	static char names[20000][12];
	uint64_t state = 5;
	struct told told;
	json_t *events;

	begin(&told, true);
	for (size_t i = 0; i < 20000; i++) {
		for (size_t j = 0; j < 12; j++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			/* Leading and following bytes of UTF-8 more often than others. */
			names[i][j] = (char)((state >> 60) < 8 ? 0x80 + (state >> 40) % 128 : 1 + (state >> 40) % 127);
		}
		tell_name(&told, names[i], 12);
	}
	events = end(&told);
	CU_ASSERT_EQUAL_FATAL(json_array_size(events), 20000);
	for (size_t i = 0; i < 20000; i++)
		name_is_told(json_array_get(events, i), names[i], 12);
	json_decref(events);
}

static void findings_have_their_fields(void)
{
	const struct sysck_slice classes[] = { slice("accounts"), slice("ap\"ply") };
	struct tcbck_finding finding = { .path = slice("/bin/su"),
					 .kind = SYSCK_ATTR_MODE,
					 .actual = slice("a"),
					 .expected = slice("b"),
					 .classes = { classes, 2 },
					 .line = 12 };
	static const char *const outcomes[] = { "reported", "fixed", "refused", "failed", "left", "database-updated" };
	struct told told;
	json_t *events, *event;

	begin(&told, true);
	for (int i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		finding.outcome = (enum tcbck_outcome)i;
		finding.reason = i == TCBCK_OUTCOME_REFUSED ? slice("no") : slice("");
		told.sink.finding(told.sink.context, &finding, slice("/etc/x.cfg"));
	}
	finding = (struct tcbck_finding){
		.path = slice("/x"), .kind = TCBCK_KIND_UNSAFE_PATH, .unverified = true, .reason = slice("why")
	};
	told.sink.finding(told.sink.context, &finding, slice("/etc/x.cfg"));
	events = end(&told);
	for (size_t i = 0; i < TCBCK_OUTCOME_COUNT; i++) {
		event = json_array_get(events, i);
		CU_ASSERT_EQUAL(json_object_size(event), 12);
		CU_ASSERT_TRUE(is_text(event, "event", "finding") && is_text(event, "path", "/bin/su") &&
			       is_text(event, "attribute", "mode"));
		CU_ASSERT_TRUE(is_text(event, "actual", "a") && is_text(event, "expected", "b") &&
			       is_text(event, "outcome", outcomes[i]));
		CU_ASSERT_TRUE(is_text(event, "reason", i == TCBCK_OUTCOME_REFUSED ? "no" : NULL) &&
			       is_text(event, "at", "/etc/x.cfg:12"));
		CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "class")), 2);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_array_get(json_object_get(event, "class"), 1)), "ap\"ply");
	}
	event = json_array_get(events, TCBCK_OUTCOME_COUNT);
	CU_ASSERT_TRUE(is_text(event, "event", "unverified") && is_text(event, "reason", "why") && is_text(event, "at", NULL));
	CU_ASSERT_TRUE(is_text(event, "attribute", "unsafe-path"));
	CU_ASSERT_PTR_NULL(json_object_get(event, "actual"));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "class")), 0);
	json_decref(events);
}

/* With -p what was fixed is not told. */
static void what_was_fixed_can_be_left_out(void)
{
	struct tcbck_finding finding = { .path = slice("/a"), .outcome = TCBCK_OUTCOME_FIXED };
	struct told told;
	json_t *events;

	begin(&told, false);
	told.sink.finding(told.sink.context, &finding, slice("db"));
	finding.outcome = TCBCK_OUTCOME_LEFT;
	told.sink.finding(told.sink.context, &finding, slice("db"));
	events = end(&told);
	CU_ASSERT_EQUAL(json_array_size(events), 1);
	CU_ASSERT_TRUE(is_text(json_array_get(events, 0), "outcome", "left"));
	json_decref(events);
}

static void other_events_have_their_fields(void)
{
	const struct tcbck_class_count classes[] = { { { "", 0 }, 1 }, { { "a\xff", 2 }, 2 } };
	const struct sysck_slice symlinked[] = { { "/bin/su", 7 } };
	const struct tcbck_coverage coverage = {
		.classes = classes, .class_count = 2, .symlinked = symlinked, .symlinked_count = 1
	};
	const struct tcbck_verdict verdict = { slice("/a\x80"), "mode", "good", slice("w"), slice("p") };
	const struct tcbck_summary summary = { .definitions = 1,
					       .objects = 2,
					       .outcomes = { 3, 4, 5, 6, 7, 8 },
					       .unverified = 9,
					       .errors = 10,
					       .bytes = 1099511627776,
					       .seconds = 1.5,
					       .status = 13 };
	struct sysck_err err;
	struct told told;
	json_t *events, *event;

	begin(&told, true);
	sysck_err_set(&err, -EINVAL, "no \"such\" thing");
	told.sink.error(told.sink.context, &err);
	sysck_err_place(&err, slice("/etc/x"), 3, 4);
	told.sink.error(told.sink.context, &err);
	told.sink.note(told.sink.context, slice("n\xc3\xa4"));
	told.sink.verdict(told.sink.context, &verdict);
	told.sink.coverage(told.sink.context, &coverage);
	told.sink.summary(told.sink.context, &summary);
	events = end(&told);
	event = json_array_get(events, 0);
	CU_ASSERT_TRUE(is_text(event, "event", "error") && is_text(event, "text", "no \"such\" thing") &&
		       is_text(event, "file", NULL) && is_text(event, "line", NULL) && is_text(event, "column", NULL));
	event = json_array_get(events, 1);
	CU_ASSERT_TRUE(is_text(event, "file", "/etc/x"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "line")), 3);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "column")), 4);
	CU_ASSERT_TRUE(is_text(json_array_get(events, 2), "event", "note") &&
		       is_text(json_array_get(events, 2), "text", "n\xc3\xa4"));
	event = json_array_get(events, 3);
	CU_ASSERT_TRUE(is_text(event, "event", "why") && is_text(event, "path_hex", "2f6180") &&
		       is_text(event, "verdict", "good") && is_text(event, "wanted", "w") && is_text(event, "present", "p"));
	event = json_array_get(events, 4);
	CU_ASSERT_TRUE(is_text(event, "event", "coverage"));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "classes")), 2);
	CU_ASSERT_TRUE(is_text(json_array_get(json_object_get(event, "classes"), 0), "class", NULL));
	CU_ASSERT_TRUE(is_text(json_array_get(json_object_get(event, "classes"), 1), "class", "a\xef\xbf\xbd"));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "through_symlink")), 1);
	event = json_array_get(events, 5);
	CU_ASSERT_TRUE(is_text(event, "event", "summary"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "database-updated")), 8);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "bytes")), 1099511627776);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "status")), 13);
	CU_ASSERT_EQUAL(json_real_value(json_object_get(event, "seconds")), 1.5);
	json_decref(events);
}

static void the_tree_is_covered(void)
{
	struct tcbck_mount mounts[] = {
		{ .path = SYSCK_SLICE("/"), .type = SYSCK_SLICE("ext4") },
		{ .path = SYSCK_SLICE("/m\x80"), .type = SYSCK_SLICE("fuse.\xff"), .left_out = "nodev: on no device" },
	};
	struct sysck_slice pruned[] = { SYSCK_SLICE("/var/tmp"), SYSCK_SLICE("/n\x80") };
	const struct tcbck_tree_coverage tree = { .mounts = { .items = mounts, .count = 2 },
						  .pruned = pruned,
						  .pruned_count = 2 };
	const struct tcbck_coverage coverage = { .tree = &tree };
	json_t *events, *event, *item;
	struct told told;

	begin(&told, true);
	told.sink.coverage(told.sink.context, &coverage);
	told.sink.coverage(told.sink.context, &(struct tcbck_coverage){ .tree = NULL });
	events = end(&told);
	event = json_array_get(events, 0);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "file_systems")), 2);
	item = json_array_get(json_object_get(event, "file_systems"), 0);
	CU_ASSERT_TRUE(is_text(item, "path", "/") && is_text(item, "type", "ext4") && is_text(item, "reason", NULL));
	CU_ASSERT_TRUE(json_is_true(json_object_get(item, "walked")));
	item = json_array_get(json_object_get(event, "file_systems"), 1);
	CU_ASSERT_TRUE(is_text(item, "path", "/m\xef\xbf\xbd") && is_text(item, "path_hex", "2f6d80"));
	CU_ASSERT_TRUE(is_text(item, "type", "fuse.\xef\xbf\xbd") && is_text(item, "reason", "nodev: on no device"));
	CU_ASSERT_TRUE(json_is_false(json_object_get(item, "walked")));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(event, "not_entered")), 2);
	item = json_array_get(json_object_get(event, "not_entered"), 0);
	CU_ASSERT_TRUE(is_text(item, "path", "/var/tmp") && is_text(item, "reason", "treeck_nodir"));
	item = json_array_get(json_object_get(event, "not_entered"), 1);
	CU_ASSERT_TRUE(is_text(item, "path_hex", "2f6e80"));
	/* Where the tree was not walked nothing is said of it. */
	event = json_array_get(events, 1);
	CU_ASSERT_PTR_NULL(json_object_get(event, "file_systems"));
	CU_ASSERT_PTR_NULL(json_object_get(event, "not_entered"));
	json_decref(events);
}

static void updates_have_their_fields(void)
{
	struct told told;
	json_t *events, *event;

	begin(&told, true);
	told.sink.update(told.sink.context, SYSCK_SLICE("/a\x80"), "register");
	events = end(&told);
	event = json_array_get(events, 0);
	CU_ASSERT_TRUE(is_text(event, "event", "update") && is_text(event, "path_hex", "2f6180") &&
		       is_text(event, "function", "register"));
	json_decref(events);
}

/* A file that cannot be written is named, standard output is not: whoever reads it is gone. */
static void a_full_file_is_told(void)
{
	struct tcbck_json_options options = { .descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC), .file = "/var/x y" };
	struct tcbck_sink sink;
	struct sysck_err err;

	for (int i = 0; i < 2; i++) {
		CU_ASSERT_FATAL(options.descriptor >= 0);
		CU_ASSERT_EQUAL_FATAL(tcbck_json_new(&options, &sink), 0);
		sink.note(sink.context, SYSCK_SLICE("n"));
		CU_ASSERT_EQUAL(sink.settle(sink.context, &err), options.file != NULL ? -ENOSPC : 0);
		if (options.file != NULL)
			CU_ASSERT_STRING_EQUAL(err.text, "report /var/x y: No space left on device");
		CU_ASSERT_EQUAL(sink.finish(sink.context), -ENOSPC);
		sink.free(sink.context);
		/* It ends with its sink, which standard output does not. */
		CU_ASSERT_EQUAL(fcntl(options.descriptor, F_GETFD) >= 0, options.file == NULL);
		if (options.file != NULL)
			options.descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
		options.file = NULL;
	}
	close(options.descriptor);
}

void suite_json(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_byte_in_a_name),
		UNIT_TEST(sequences_that_are_no_utf8),
		UNIT_TEST(random_bytes_in_a_name),
		UNIT_TEST(findings_have_their_fields),
		UNIT_TEST(other_events_have_their_fields),
		UNIT_TEST(what_was_fixed_can_be_left_out),
		UNIT_TEST(updates_have_their_fields),
		UNIT_TEST(a_full_file_is_told),
		UNIT_TEST(the_tree_is_covered),
	};

	unit_add("json", tests, sizeof(tests) / sizeof(tests[0]));
}

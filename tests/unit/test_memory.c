/*
 * test_memory.c - the n-th allocation fails, for every n: load, read definitions, rewrite, replace; check, with the tree; read
 * what dpkg knows.
 *
 * The unit tests are linked with --wrap for the functions below, which works beside a sanitizer's own allocator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysck/sysck.h>

#include "dpkg_tree.h"
#include "judge/tree.h"
#include "observe/package.h"
#include "report/text.h"
#include "scratch.h"
#include "suites.h"

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);

static struct {
	bool on;
	bool once;             /* only the one allocation fails, not those after it */
	unsigned long count;   /* so far */
	unsigned long failing; /* which one, from 1 */
} plan;

static bool fails(void)
{
	if (!plan.on)
		return false;
	plan.count++;
	return plan.once ? plan.count == plan.failing : plan.count >= plan.failing;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

/* Every setting and attribute, quoted names and values, lists that grow, faults, a duplicate, two stanzas of settings. */
static const char content[] = "* comment\n"
			      "sysck:\n"
			      "\tchecksum = \"/usr/bin/cksum \\x3c\"\n"
			      "\tsetuids = a,b,\"c\\,d\",e,f,g\n"
			      "\tsetgids = \"a b\"\n"
			      "\ttreeck_novfs = /proc,\"/s\\nys\"\n"
			      "\ttreeck_nodir = /a,/b,/c,/d,/e\n"
			      "\thash = sha512\n"
			      "\tprogram_timeout = 5\n"
			      "\n"
			      "/usr/bin/passwd:\n"
			      "\tacl = u::rwx,u:fred:r-x,g::r-x,g:staff:r--,m::r-x,o::r-x\n"
			      "\tcapabilities = cap_net_raw=ep\n"
			      "\tchecksum = \"12345 \\t 67\"\n"
			      "\tclass = \"a b\",c d,e\n"
			      "\tgroup = staff\n"
			      "\thash_value = sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
			      "\tlinks = /a,\"/b\\n\",\"/c,/d,/e,/f\"\n"
			      "\tmode = SUID,rwxr-xr-x\n"
			      "\towner = fred\n"
			      "\tprogram = /bin/true,\"%f \\x41\"\n"
			      "\tsize = \"5,VOLATILE\"\n"
			      "\tsource = \"/s\\x20\"\n"
			      "\tsymlinks = /x,/y\n"
			      "\ttype = FILE\n"
			      "\n"
			      "\"/quoted\\nname\":\n"
			      "\ttarget = \"a\\,b\"\n"
			      "\ttype = SYMLINK\n"
			      "\"/another\\tquoted name\":\n"
			      "\tacl = default:u::rwx,default:g::r-x,default:o::r-x\n"
			      "\ttype = DIRECTORY\n"
			      "\n"
			      "/faulty:\n"
			      "\towner = nobody-knows\n"
			      "\tclass = \"\\q\"\n"
			      "\tlinks = \"/a\n"
			      "\tmode = 9\n"
			      "\tnonsense\n"
			      "\n"
			      "/usr/bin/passwd:\n"
			      "\ttype = FILE\n"
			      "\n"
			      "sysck:\n"
			      "\thash = sha256\n"
			      "\n"
			      "/dev/null:\n"
			      "\tdevice = \"1,3\"\n"
			      "\ttype = CHAR_DEV";

#define PASSWD "root:x:0:0::/:/bin/sh\nfred:x:1000:100::/:/bin/sh\n"
#define GROUP  "root:x:0:\nstaff:x:50:\n"

static void count_error(void *context, const struct sysck_err *err)
{
	(void)err;
	(*(unsigned *)context)++;
}

/* Reads every definition and sets each of its attributes to what it is. */
static int change_all(const struct sysck_db *db, struct sysck_names *names, const struct sysck_err_sink *sink,
		      struct sysck_rewrite *rewrite)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_def_options options = { names, &arena, sink, true };
	struct sysck_buf values[SYSCK_ATTR_COUNT];
	int r = 0;

	for (size_t i = 0; i < SYSCK_ATTR_COUNT; i++)
		values[i] = SYSCK_BUF_INIT;
	for (size_t i = 0; r == 0 && i < sysck_db_count(db); i++) {
		struct sysck_edit edits[SYSCK_ATTR_COUNT];
		struct sysck_def def;
		size_t count = 0;

		r = sysck_db_def(db, i, &options, &def);
		if (r < 0)
			break;
		for (enum sysck_attr a = 0; r >= 0 && a < SYSCK_ATTR_COUNT; a++) {
			sysck_buf_clear(&values[a]);
			if (!sysck_def_has(&def, a))
				continue;
			sysck_def_write_value(&def, a, names, &values[a]);
			r = sysck_buf_error(&values[a]);
			edits[count++] =
				(struct sysck_edit){ sysck_slice_of(sysck_attr_name(a)), sysck_buf_slice(&values[a]), false };
		}
		if (r >= 0)
			r = sysck_rewrite_change(rewrite, i, edits, count);
		sysck_arena_reset(&arena);
	}
	for (size_t i = 0; i < SYSCK_ATTR_COUNT; i++)
		sysck_buf_done(&values[i]);
	sysck_arena_done(&arena);
	return r;
}

static int rewrite_all(const struct sysck_db *db, struct sysck_names *names, const struct sysck_err_sink *sink,
		       struct sysck_buf *out)
{
	struct sysck_edit edit = { SYSCK_SLICE("type"), SYSCK_SLICE("FILE"), false };
	struct sysck_rewrite *rewrite = NULL;
	int r = sysck_rewrite_new(db, &rewrite);

	if (r == 0)
		r = change_all(db, names, sink, rewrite);
	if (r == 0)
		r = sysck_rewrite_add(rewrite, SYSCK_SLICE("/new\n"), &edit, 1);
	if (r == 0)
		r = sysck_rewrite_settings(rewrite, &edit, 1);
	if (r == 0)
		r = sysck_rewrite_finish(rewrite, out);
	sysck_rewrite_free(rewrite);
	return r;
}

/* The whole way, in memory. What comes out, and how many errors were reported, is the same each time that it succeeds. */
static int run_in_memory(struct sysck_buf *out, unsigned *errors)
{
	struct sysck_err_sink sink = { count_error, errors };
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_names *names = NULL;
	struct sysck_db *db = NULL;
	struct sysck_err err;
	int r;

	sysck_err_clear(&err);
	sysck_buf_add_text(&bytes, content);
	r = sysck_buf_error(&bytes);
	if (r == 0)
		r = sysck_names_new_files(SYSCK_SLICE(PASSWD), SYSCK_SLICE(GROUP), &names);
	if (r == 0) {
		r = sysck_db_parse(&bytes, SYSCK_SLICE("f"), &sink, &db, &err);
		CU_ASSERT_EQUAL(err.code, r);
		CU_ASSERT_PTR_NULL(bytes.data);
		if (r < 0)
			CU_ASSERT_PTR_NULL(db);
	}
	if (r == 0)
		r = rewrite_all(db, names, &sink, out);
	sysck_names_free(names);
	sysck_db_free(db);
	sysck_buf_done(&bytes);
	return r;
}

static char directory[64];
static char path[96];

/* Load, lock, replace: the file is whole afterwards, old or new. */
static int run_on_disk(struct sysck_buf *out, unsigned *errors)
{
	struct sysck_err_sink sink = { count_error, errors };
	struct sysck_store *store = NULL;
	struct sysck_db *db = NULL;
	struct sysck_err err;
	int r = sysck_db_load(path, &sink, &db, &err);

	if (r == 0)
		r = sysck_store_open(path, SYSCK_STORE_FOLLOW, &store, &err);
	if (r == 0)
		r = sysck_store_lock(store, &err);
	if (r == 0)
		r = sysck_store_read(store, out, &err);
	if (r == 0)
		r = sysck_store_replace(store, sysck_buf_slice(out), &err);
	if (r < 0) {
		CU_ASSERT_EQUAL(err.code, r);
	}
	sysck_store_close(store);
	sysck_db_free(db);
	return r;
}

typedef int runner(struct sysck_buf *out, unsigned *errors);

static void fail_each(runner *run, bool once)
{
	struct sysck_buf good = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	unsigned errors = 0;
	unsigned long total;

	plan.failing = 0;
	plan.count = 0;
	plan.once = true;
	plan.on = true;
	CU_ASSERT_EQUAL(run(&good, &errors), 0);
	plan.on = false;
	total = plan.count;
	/* A program linked without --wrap would test nothing. */
	CU_ASSERT_TRUE_FATAL(total > 3);
	for (unsigned long n = 1; n <= total; n++) {
		int r;

		sysck_buf_done(&out);
		plan.count = 0;
		plan.failing = n;
		plan.once = once;
		plan.on = true;
		r = run(&out, &errors);
		plan.on = false;
		/* No allocation is one that can be done without: a value that is silently shorter would be another value. */
		CU_ASSERT_EQUAL(r, -ENOMEM);
	}
	sysck_buf_done(&good);
	sysck_buf_done(&out);
}

static void fails_once_in_memory(void)
{
	fail_each(run_in_memory, true);
}

static void fails_for_good_in_memory(void)
{
	fail_each(run_in_memory, false);
}

static void fails_on_disk(void)
{
	FILE *file;

	(void)snprintf(directory, sizeof(directory), "/tmp/test_memory.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/sysck.cfg", directory);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(content, 1, sizeof(content) - 1, file), sizeof(content) - 1);
	CU_ASSERT_EQUAL(fclose(file), 0);
	CU_ASSERT_EQUAL(chmod(path, 0600), 0);
	fail_each(run_on_disk, true);
	fail_each(run_on_disk, false);
	CU_ASSERT_EQUAL(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/sysck.cfg.lock", directory);
	(void)unlink(path);
	/* Nothing else was left there. */
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

/* Findings of the definitions, and strays of most kinds. */
static const char checked[] = "/usr/file:\n"
			      "\ttype = FILE\n"
			      "\towner = fred\n"
			      "\tgroup = staff\n"
			      "\tmode = SUID,rwxr-xr-x\n"
			      "\tacl = u::rwx,u:fred:r-x,g::r-x,m::r-x,o::r-x\n"
			      "\tcapabilities = cap_net_raw=ep\n"
			      "\tsize = 7\n"
			      "\tchecksum = 1 2\n"
			      "\thash_value = sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856\n"
			      "\tlinks = /usr/file.link\n"
			      "\tsymlinks = /usr/file.symlink\n"
			      "/usr/target:\n"
			      "\ttype = SYMLINK\n"
			      "\ttarget = right\n"
			      "/usr/gone:\n"
			      "\ttype = FILE\n";

static struct {
	struct scratch scratch;
	struct sysck_db *db;
} tree;

static int check_tree(struct tcbck_check_options *check, const struct tcbck_targets *targets, struct tcbck_check_result *result,
		      struct tcbck_tree_coverage *coverage, struct sysck_err *err)
{
	struct tcbck_tree_options walk = {
		.db = check->db, .root = check->root, .users = check->users, .jobs = 1, .counters = check->counters
	};
	int r = tcbck_known_new(1, &check->known);

	if (r < 0)
		return r;
	walk.known = check->known;
	r = tcbck_check_run(check, targets, result, err);
	if (r == 0)
		r = tcbck_known_freeze(check->known);
	if (r == 0)
		r = tcbck_tree_run(&walk, &result->findings, coverage, err);
	tcbck_known_free(check->known);
	return r;
}

/* A check with the tree; the findings, a line each, go to `out`. Writing them is not part of what fails. */
static int run_check(struct sysck_buf *out, unsigned *errors)
{
	const struct sysck_err_sink sink = { count_error, errors };
	struct tcbck_check_counters counters = { .done = 0 };
	struct tcbck_check_result result = { .findings = TCBCK_FINDINGS_INIT };
	struct tcbck_tree_coverage coverage = { .arena = SYSCK_ARENA_INIT };
	struct tcbck_targets targets = { NULL, 0 };
	struct tcbck_users *users = NULL;
	struct sysck_err err;
	int r = tcbck_users_open(tree.scratch.root, &users, &err);

	if (r == 0)
		r = tcbck_targets_all(tree.db, &targets);
	if (r == 0) {
		struct tcbck_check_options options = { .db = tree.db,
						       .root = tree.scratch.root,
						       .users = users,
						       .jobs = 1,
						       .counters = &counters,
						       .errors = &sink };

		r = check_tree(&options, &targets, &result, &coverage, &err);
	}
	plan.on = false;
	for (size_t i = 0; i < result.findings.count; i++) {
		*errors += result.findings.items[i].unverified;
		tcbck_text_finding(&result.findings.items[i], SYSCK_CHARSET_UTF8, out);
		sysck_buf_add_char(out, '\n');
	}
	tcbck_check_result_done(&result);
	tcbck_tree_coverage_done(&coverage);
	tcbck_targets_done(&targets);
	tcbck_users_free(users);
	return r;
}

static void set_up_tree(void)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;

	scratch_begin(&tree.scratch);
	scratch_directory(&tree.scratch, "usr", 0755);
	scratch_directory(&tree.scratch, "usr/lib", 0755);
	scratch_file(&tree.scratch, "usr/file");
	scratch_file(&tree.scratch, "usr/lib/setuid");
	scratch_link(&tree.scratch, "wrong", "usr/target");
	scratch_link(&tree.scratch, "/usr/file", "usr/lib/symlink");
	CU_ASSERT_EQUAL(linkat(tree.scratch.fd, "usr/file", tree.scratch.fd, "usr/lib/link", 0), 0);
	CU_ASSERT_EQUAL(fchmodat(tree.scratch.fd, "usr/lib/setuid", 04755, 0), 0);
	sysck_buf_add_text(&bytes, checked);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("db"), NULL, &tree.db, NULL), 0);
}

/* Whatever was not looked at is told: the run fails, or an object is unverified, or it is an error. Or all is as ever. */
static void fail_each_check(bool once)
{
	struct sysck_buf good = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
	unsigned none = 0;
	unsigned long total;

	plan.failing = 0;
	plan.count = 0;
	plan.once = true;
	plan.on = true;
	CU_ASSERT_EQUAL(run_check(&good, &none), 0);
	total = plan.count;
	CU_ASSERT_TRUE_FATAL(total > 20);
	for (unsigned long n = 1; n <= total; n++) {
		unsigned errors = 0;
		int r;

		sysck_buf_clear(&out);
		plan.count = 0;
		plan.failing = n;
		plan.once = once;
		plan.on = true;
		r = run_check(&out, &errors);
		CU_ASSERT_FALSE(plan.on);
		CU_ASSERT_TRUE(r == 0 || r == -ENOMEM);
		CU_ASSERT_TRUE(r < 0 || errors > none || sysck_slice_equal(sysck_buf_slice(&out), sysck_buf_slice(&good)));
	}
	sysck_buf_done(&good);
	sysck_buf_done(&out);
}

static void fails_in_a_check(void)
{
	set_up_tree();
	fail_each_check(true);
	fail_each_check(false);
	sysck_db_free(tree.db);
	scratch_end(&tree.scratch);
}

/* A small installation with dpkg's files of all kinds; what is read of it, a path and its attributes a line, goes to `out`. */
static int run_packages(struct sysck_buf *out, unsigned *errors)
{
	const struct sysck_err_sink sink = { count_error, errors };
	struct tcbck_package_options options = { .root = tree.scratch.root, .errors = &sink };
	struct tcbck_packages *packages = NULL;
	struct tcbck_users *users = NULL;
	struct sysck_err err;
	int r = tcbck_users_open(tree.scratch.root, &users, &err);

	options.users = users;
	if (r == 0)
		r = tcbck_package_read(&options, &packages, NULL, &err);
	for (size_t i = 0; r == 0 && i < tcbck_packages_file_count(packages); i++) {
		sysck_buf_add_slice(out, tcbck_packages_at(packages, i)->path);
		sysck_buf_add_format(out, " %x\n", tcbck_packages_at(packages, i)->known);
	}
	if (r == 0)
		r = sysck_buf_error(out);
	tcbck_packages_free(packages);
	tcbck_users_free(users);
	return r;
}

static void fails_while_packages_are_read(void)
{
	static const char md5[] = "d41d8cd98f00b204e9800998ecf8427e";
	struct sysck_buf sums = SYSCK_BUF_INIT, list = SYSCK_BUF_INIT;

	dpkg_tree_begin(&tree.scratch);
	dpkg_tree_put(&tree.scratch, "usr/bin/0", "");
	scratch_link(&tree.scratch, "usr/bin", "bin");
	dpkg_tree_put(&tree.scratch, DPKG_HOME "diversions", "/bin/1\n/bin/1.moved\n:\n");
	dpkg_tree_put(&tree.scratch, DPKG_HOME "statoverride", "fred staff 4755 /bin/2\n");
	dpkg_tree_put(&tree.scratch, DPKG_HOME "updates/0001", DPKG_STATUS("b", ""));
	dpkg_tree_put(&tree.scratch, "etc/dpkg/dpkg.cfg.d/x", "path-exclude=/bin/3\n");
	dpkg_tree_put(&tree.scratch, DPKG_INFO "b.list", "/b/missing\n");
	for (unsigned i = 0; i < 200; i++) {
		sysck_buf_add_format(&list, "/bin/%u\n", i);
		sysck_buf_add_format(&sums, "%s  bin/%u\n", md5, i);
	}
	sysck_buf_add_char(&list, '\0');
	sysck_buf_add_char(&sums, '\0');
	dpkg_tree_install(&tree.scratch, "a", list.data, sums.data);
	fail_each(run_packages, true);
	fail_each(run_packages, false);
	sysck_buf_done(&list);
	sysck_buf_done(&sums);
	scratch_end(&tree.scratch);
}

static void buffers_and_arenas_fail_cleanly(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	struct sysck_slice copy = SYSCK_SLICE("kept");
	struct sysck_buf buf = SYSCK_BUF_INIT;

	sysck_buf_add_text(&buf, "kept");
	plan.count = 0;
	plan.failing = 1;
	plan.once = false;
	plan.on = true;
	for (int i = 0; i < 100; i++)
		sysck_buf_add_text(&buf, "0123456789");
	CU_ASSERT_PTR_NULL(sysck_arena_alloc(&arena, 1, 1));
	CU_ASSERT_EQUAL(sysck_arena_copy(&arena, SYSCK_SLICE("x"), &copy), -ENOMEM);
	plan.on = false;
	CU_ASSERT_EQUAL(sysck_buf_error(&buf), -ENOMEM);
	CU_ASSERT_TRUE(buf.len <= buf.capacity);
	CU_ASSERT_EQUAL(memcmp(buf.data, "kept", 4), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(copy, SYSCK_SLICE("kept")));
	CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&arena, 1, 1));
	sysck_arena_done(&arena);
	sysck_buf_done(&buf);
}

/* A rewriting from which one change is missing gives out nothing. */
static void rewriting_is_all_or_nothing(void)
{
	struct sysck_edit edit = { SYSCK_SLICE("type"), SYSCK_SLICE("FILE"), false };

	for (int kind = 0; kind < 3; kind++) {
		struct sysck_buf bytes = SYSCK_BUF_INIT, out = SYSCK_BUF_INIT;
		struct sysck_rewrite *rewrite = NULL;
		struct sysck_db *db = NULL;
		struct sysck_err err;

		sysck_buf_add_text(&bytes, "/a:\n");
		CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &db, &err), 0);
		CU_ASSERT_EQUAL_FATAL(sysck_rewrite_new(db, &rewrite), 0);
		plan.count = 0;
		plan.failing = 1;
		plan.once = true;
		plan.on = true;
		CU_ASSERT_EQUAL(kind == 0   ? sysck_rewrite_change(rewrite, 0, &edit, 1)
				: kind == 1 ? sysck_rewrite_delete(rewrite, 0)
					    : sysck_rewrite_add(rewrite, SYSCK_SLICE("/b"), &edit, 1),
				-ENOMEM);
		plan.on = false;
		CU_ASSERT_EQUAL(sysck_rewrite_finish(rewrite, &out), -ENOMEM);
		sysck_rewrite_free(rewrite);
		sysck_db_free(db);
		sysck_buf_done(&out);
	}
}

void suite_memory(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(fails_once_in_memory),
		UNIT_TEST(fails_for_good_in_memory),
		UNIT_TEST(fails_on_disk),
		UNIT_TEST(fails_in_a_check),
		UNIT_TEST(fails_while_packages_are_read),
		UNIT_TEST(buffers_and_arenas_fail_cleanly),
		UNIT_TEST(rewriting_is_all_or_nothing),
	};

	unit_add("memory", tests, sizeof(tests) / sizeof(tests[0]));
}

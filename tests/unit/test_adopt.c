/*
 * test_adopt.c - tests of src/repair/adopt.c, and through it of the way round: an object becomes a definition, which is
 * read and judged against the same object. Nothing is found; with one attribute changed, exactly that one is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "judge/judge.h"
#include "repair/adopt.h"
#include "scratch.h"
#include "suites.h"

#define OBJECTS 400

struct bench {
	struct scratch scratch;
	struct sysck_db *none; /* a database with nothing in it: default settings */
	struct tcbck_observer_options options;
	struct tcbck_observer *observer;
	struct sysck_names *names;
	struct sysck_arena arena;
	uint64_t state;
};

static struct sysck_db *load(struct sysck_slice text)
{
	struct sysck_buf bytes = SYSCK_BUF_INIT;
	struct sysck_db *db = NULL;

	sysck_buf_add_slice(&bytes, text);
	CU_ASSERT_EQUAL_FATAL(sysck_db_parse(&bytes, SYSCK_SLICE("f"), NULL, &db, NULL), 0);
	CU_ASSERT_EQUAL(sysck_db_errors(db), 0);
	return db;
}

static void bench_init(struct bench *bench)
{
	struct sysck_err err;

	*bench = (struct bench){ .arena = SYSCK_ARENA_INIT, .state = 20 };
	scratch_begin(&bench->scratch);
	bench->none = load(SYSCK_SLICE(""));
	bench->options =
		(struct tcbck_observer_options){ .root = bench->scratch.root, .settings = sysck_db_settings(bench->none) };
	CU_ASSERT_EQUAL_FATAL(tcbck_observer_new(&bench->options, &bench->observer, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(SYSCK_SLICE("root:x:0:0:::\nbin:x:1:1:::\n7:x:8:8:::\n"),
						    SYSCK_SLICE("root:x:0:\nstaff:x:50:\n"), &bench->names),
			      0);
}

static void bench_done(struct bench *bench)
{
	tcbck_observer_free(bench->observer);
	sysck_names_free(bench->names);
	sysck_arena_done(&bench->arena);
	sysck_db_free(bench->none);
	scratch_end(&bench->scratch);
}

static unsigned below(struct bench *bench, unsigned limit)
{
	bench->state = bench->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(bench->state >> 33) % limit;
}

static bool chance(struct bench *bench, unsigned of)
{
	return below(bench, of) == 0;
}

/* Bytes of any kind but NUL and `/`. */
static void any_name(struct bench *bench, char *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		do
			out[i] = chance(bench, 2) ? (char)(1 + below(bench, 255)) : (char)('a' + below(bench, 26));
		while (out[i] == '/');
	out[len] = '\0';
}

static void make_file(struct bench *bench, const char *name)
{
	char content[5000];
	size_t len = chance(bench, 4) ? 0 : below(bench, sizeof(content));
	int fd = openat(bench->scratch.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	for (size_t i = 0; i < len; i++)
		content[i] = (char)below(bench, 256);
	CU_ASSERT_EQUAL(write(fd, content, len), (ssize_t)len);
	close(fd);
}

static void make(struct bench *bench, const char *name, enum sysck_type type)
{
	static const mode_t modes[] = { [SYSCK_TYPE_FIFO] = S_IFIFO,
					[SYSCK_TYPE_SOCKET] = S_IFSOCK,
					[SYSCK_TYPE_BLK_DEV] = S_IFBLK,
					[SYSCK_TYPE_CHAR_DEV] = S_IFCHR };
	char target[300];

	if (type == SYSCK_TYPE_FILE) {
		make_file(bench, name);
	} else if (type == SYSCK_TYPE_DIRECTORY) {
		CU_ASSERT_EQUAL_FATAL(mkdirat(bench->scratch.fd, name, 0700), 0);
	} else if (type == SYSCK_TYPE_SYMLINK) {
		any_name(bench, target, 1 + below(bench, sizeof(target) - 1));
		CU_ASSERT_EQUAL_FATAL(symlinkat(target, bench->scratch.fd, name), 0);
	} else {
		CU_ASSERT_EQUAL_FATAL(
			mknodat(bench->scratch.fd, name, modes[type] | 0600, makedev(1 + below(bench, 200), below(bench, 200))),
			0);
	}
}

static void set_acl(const char *path, acl_type_t type, const char *text)
{
	acl_t acl = acl_from_text(text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(acl);
	CU_ASSERT_EQUAL(acl_set_file(path, type, acl), 0);
	(void)acl_free(acl);
}

static void set_attributes(struct bench *bench, const char *path, enum sysck_type type)
{
	static const uid_t ids[] = { 0, 1, 7, 8, 50, 1000, 4000000000u, 4294967294u };

	CU_ASSERT_EQUAL(lchown(path, ids[below(bench, 8)], ids[below(bench, 8)]), 0);
	if (type == SYSCK_TYPE_SYMLINK)
		return;
	CU_ASSERT_EQUAL(chmod(path, below(bench, 010000)), 0);
	if (chance(bench, 3))
		set_acl(path, ACL_TYPE_ACCESS, "u::rwx,u:1:r--,u:4711:---,g::r-x,g:50:rw-,m::rw-,o::---");
	if (type == SYSCK_TYPE_DIRECTORY && chance(bench, 2))
		set_acl(path, ACL_TYPE_DEFAULT,
			chance(bench, 2) ? "u::rwx,g::r-x,o::---" : "u::rwx,u:1:r--,g::r-x,m::r-x,o::---");
	if (type != SYSCK_TYPE_FILE && type != SYSCK_TYPE_DIRECTORY)
		return;
	if (chance(bench, 3))
		CU_ASSERT_EQUAL(setxattr(path, "security.tcb", "1", 1, 0), 0);
	if (type == SYSCK_TYPE_FILE && chance(bench, 3)) {
		cap_t set = cap_from_text(chance(bench, 2) ? "cap_net_raw,cap_chown=eip" : "cap_setuid=p");

		CU_ASSERT_EQUAL(cap_set_file(path, set), 0);
		(void)cap_free(set);
	}
}

static size_t found(struct bench *bench, const struct sysck_def *def, struct tcbck_findings *findings)
{
	const struct tcbck_judgement judgement = { def, 0, bench->names, true };
	struct tcbck_observation observation;

	*findings = TCBCK_FINDINGS_INIT;
	CU_ASSERT_EQUAL_FATAL(tcbck_observe(bench->observer, def, def->present, &bench->arena, &observation), 0);
	CU_ASSERT_EQUAL_FATAL(tcbck_judge(&judgement, &observation, findings), 0);
	return findings->count;
}

/* Is there exactly one difference, and of that attribute? With SYSCK_ATTR_COUNT: none at all? */
static bool only(struct bench *bench, const struct sysck_def *def, enum sysck_attr attribute)
{
	struct tcbck_findings findings;
	size_t count = found(bench, def, &findings);
	bool good = attribute == SYSCK_ATTR_COUNT
			    ? count == 0
			    : count == 1 && findings.items[0].kind == attribute && !findings.items[0].unverified;

	for (size_t i = 0; !good && i < count; i++)
		printf("    found %s: %.*s, should be %.*s %.*s\n", tcbck_kind_name(findings.items[i].kind),
		       (int)findings.items[i].actual.len, findings.items[i].actual.data, (int)findings.items[i].expected.len,
		       findings.items[i].expected.data, (int)findings.items[i].reason.len, findings.items[i].reason.data);
	if (!good && count == 0)
		printf("    %s: no finding\n", tcbck_kind_name(attribute));
	tcbck_findings_done(&findings);
	return good;
}

static const struct sysck_acl_entry odd_entries[] = { { false, SYSCK_ACL_USER_OBJ, 7, 0 },
						      { false, SYSCK_ACL_USER, 5, 99 },
						      { false, SYSCK_ACL_GROUP_OBJ, 5, 0 },
						      { false, SYSCK_ACL_MASK, 5, 0 },
						      { false, SYSCK_ACL_OTHER, 0, 0 } };
static const struct sysck_slice odd_path[] = { { "/no such name", 13 } };

/* Makes one attribute of the definition another. */
static void change(struct bench *bench, struct sysck_def *def, enum sysck_attr attribute)
{
	struct sysck_buf longer = SYSCK_BUF_INIT;

	switch (attribute) {
	case SYSCK_ATTR_TYPE: def->type = def->type == SYSCK_TYPE_FILE ? SYSCK_TYPE_FIFO : SYSCK_TYPE_FILE; break;
	case SYSCK_ATTR_OWNER: def->owner ^= 1u << below(bench, 31); break;
	case SYSCK_ATTR_GROUP: def->group ^= 1u << below(bench, 31); break;
	case SYSCK_ATTR_ACL: def->acl = (struct sysck_acl){ odd_entries, 5 }; break;
	case SYSCK_ATTR_MODE: def->mode ^= chance(bench, 4) ? SYSCK_MODE_TCB : 1u << below(bench, 12); break;
	case SYSCK_ATTR_CAPABILITIES: def->capabilities.permitted ^= (uint64_t)1 << below(bench, 40); break;
	case SYSCK_ATTR_DEVICE: *(chance(bench, 2) ? &def->device.major : &def->device.minor) ^= 1u << below(bench, 12); break;
	case SYSCK_ATTR_TARGET:
		sysck_buf_add_slice(&longer, def->target);
		sysck_buf_add_char(&longer, 'x');
		CU_ASSERT_EQUAL(sysck_arena_copy(&bench->arena, sysck_buf_slice(&longer), &def->target), 0);
		sysck_buf_done(&longer);
		break;
	case SYSCK_ATTR_LINKS: def->links = (struct sysck_list){ odd_path, 1 }; break;
	case SYSCK_ATTR_SIZE: def->size.bytes ^= (uint64_t)1 << below(bench, 63); break;
	case SYSCK_ATTR_CHECKSUM: def->checksum.sum ^= 1u << below(bench, 16); break;
	case SYSCK_ATTR_HASH_VALUE: def->hash_value.bytes[below(bench, 32)] ^= (unsigned char)(1u << below(bench, 8)); break;
	case SYSCK_ATTR_SYMLINKS:
	case SYSCK_ATTR_PROGRAM:
	case SYSCK_ATTR_SOURCE:
	case SYSCK_ATTR_CLASS:
	case SYSCK_ATTR_COUNT: CU_FAIL("not computed"); break;
	}
}

/* The definition of an object with all that can be computed; the database is the caller's to free. */
static struct sysck_db *adopt(struct bench *bench, struct sysck_slice path, struct sysck_def *ret)
{
	const struct tcbck_adopter adopter = { bench->observer, bench->names, &bench->arena };
	const struct sysck_def_options reading = { bench->names, &bench->arena, NULL, false };
	struct tcbck_object object = { .path = path, .directory = -1 };
	struct tcbck_request request = { .lenient = true };
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct tcbck_adopted adopted;
	struct sysck_err err = { .code = 0 };
	struct sysck_db *db;

	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		if (sysck_attr_is_computable((enum sysck_attr)i))
			request.computed |= SYSCK_ATTR_BIT(i);
	CU_ASSERT_EQUAL_FATAL(tcbck_adopt(&adopter, bench->none, &request, &object, &out, &adopted, &err), 0);
	if (adopted.adoption != TCBCK_ADOPTED)
		printf("    not adopted: %s\n", err.text);
	CU_ASSERT_EQUAL_FATAL(adopted.adoption, TCBCK_ADOPTED);
	CU_ASSERT_FALSE(adopted.links_open);
	db = load(sysck_buf_slice(&out));
	sysck_buf_done(&out);
	CU_ASSERT_EQUAL_FATAL(sysck_db_count(db), 1);
	CU_ASSERT_EQUAL_FATAL(sysck_db_def(db, 0, &reading, ret), 0);
	CU_ASSERT_TRUE(sysck_slice_equal(ret->path, path));
	return db;
}

static void go_round(struct bench *bench, const char *name, const char *path, enum sysck_type type)
{
	char below_root[40];
	struct sysck_def def, changed;
	struct sysck_db *db;

	(void)snprintf(below_root, sizeof(below_root), "/%s", name);
	make(bench, name, type);
	set_attributes(bench, path, type);
	db = adopt(bench, sysck_slice_of(below_root), &def);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++)
		CU_ASSERT_EQUAL(sysck_def_has(&def, (enum sysck_attr)i),
				sysck_attr_is_computable((enum sysck_attr)i) && sysck_attr_applies((enum sysck_attr)i, type));
	CU_ASSERT_TRUE(only(bench, &def, SYSCK_ATTR_COUNT));
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		if (!sysck_def_has(&def, (enum sysck_attr)i))
			continue;
		changed = def;
		change(bench, &changed, (enum sysck_attr)i);
		CU_ASSERT_TRUE(only(bench, &changed, (enum sysck_attr)i));
	}
	sysck_db_free(db);
}

static void adopted_objects_are_good(void)
{
	struct bench bench;

	if (!scratch_is_root())
		return;
	bench_init(&bench);
	for (unsigned i = 0; i < OBJECTS; i++) {
		char name[20], path[80];

		any_name(&bench, name, 12);
		(void)snprintf(name + 8, sizeof(name) - 8, "%u", i);
		(void)snprintf(path, sizeof(path), "%s/%s", bench.scratch.top, name);
		go_round(&bench, name, path, (enum sysck_type)(1 + i % SYSCK_TYPE_SOCKET));
		sysck_arena_reset(&bench.arena);
	}
	bench_done(&bench);
}

/* The object is changed, not its definition. */
static void changed_objects_are_found(void)
{
	struct sysck_def def;
	struct sysck_db *db;
	struct bench bench;
	char path[80];

	if (!scratch_is_root())
		return;
	bench_init(&bench);
	make_file(&bench, "f");
	(void)snprintf(path, sizeof(path), "%s/f", bench.scratch.top);
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
	db = adopt(&bench, SYSCK_SLICE("/f"), &def);
	CU_ASSERT_EQUAL(chmod(path, 0645), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_MODE));
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
	CU_ASSERT_EQUAL(setxattr(path, "security.tcb", "1", 1, 0), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_MODE));
	/* Any other value is no flag. */
	CU_ASSERT_EQUAL(setxattr(path, "security.tcb", "0", 1, 0), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_COUNT));
	CU_ASSERT_EQUAL(setxattr(path, "security.tcb", "11111111", 8, 0), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_COUNT));
	CU_ASSERT_EQUAL(removexattr(path, "security.tcb"), 0);
	CU_ASSERT_EQUAL(chown(path, 0, 50), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_GROUP));
	CU_ASSERT_EQUAL(chown(path, 0, 0), 0);
	CU_ASSERT_EQUAL(linkat(bench.scratch.fd, "f", bench.scratch.fd, "g", 0), 0);
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_LINKS));
	CU_ASSERT_EQUAL(unlinkat(bench.scratch.fd, "g", 0), 0);
	set_acl(path, ACL_TYPE_ACCESS, "u::rw-,u:1:r--,g::r--,m::r--,o::r--");
	CU_ASSERT_TRUE(only(&bench, &def, SYSCK_ATTR_ACL));
	CU_ASSERT_EQUAL(unlinkat(bench.scratch.fd, "f", 0), 0);
	CU_ASSERT_TRUE(only(&bench, &def, (enum sysck_attr)TCBCK_KIND_MISSING));
	sysck_db_free(db);
	bench_done(&bench);
}

void suite_adopt(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(adopted_objects_are_good),
		UNIT_TEST(changed_objects_are_found),
	};

	unit_add("adopt", tests, sizeof(tests) / sizeof(tests[0]));
}

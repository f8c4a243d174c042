/*
 * test_judge.c - tests of src/judge/judge.c: hundreds of rows, no files.
 *
 * Both sides of a row are written as attributes of the database; what only an object has is written beside them, see
 * set_special().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"
#include "report/text.h"
#include "suites.h"

/* Most names of `links` and `symlinks` in a row. */
#define LINKS_MAX 4

struct bench {
	struct sysck_names *names;
	struct sysck_arena arena;
	struct sysck_def def;
	struct tcbck_observation o;
	struct tcbck_link links[LINKS_MAX], symlinks[LINKS_MAX];
	size_t link_count, symlink_count;
	bool own_command;
};

static void bench_init(struct bench *bench)
{
	*bench = (struct bench){ .arena = SYSCK_ARENA_INIT };
	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(SYSCK_SLICE("root:x:0:0:::\nbin:x:1:1:::\n"),
						    SYSCK_SLICE("root:x:0:\nbin:x:1:\nstaff:x:50:\n"), &bench->names),
			      0);
}

static void bench_done(struct bench *bench)
{
	sysck_names_free(bench->names);
	sysck_arena_done(&bench->arena);
}

static struct sysck_slice cut_word(struct sysck_slice *rest, char end)
{
	const char *at = memchr(rest->data, end, rest->len);
	struct sysck_slice word = { rest->data, at == NULL ? rest->len : (size_t)(at - rest->data) };

	rest->data += word.len + (at != NULL);
	rest->len -= word.len + (at != NULL);
	return word;
}

static enum sysck_attr attribute_of(struct sysck_slice name)
{
	enum sysck_attr attribute = SYSCK_ATTR_COUNT;

	CU_ASSERT_EQUAL_FATAL(sysck_attr_find(name, &attribute), 0);
	return attribute;
}

/* `good`, `absent`, `other:TARGET`, `unsafe:WHY`, `unknown:WHY` */
static struct tcbck_link link_of(struct sysck_slice value)
{
	static const char *const states[] = { "good", "absent", "other", "unsafe", "unknown" };
	struct sysck_slice word = cut_word(&value, ':');
	struct tcbck_link link = { TCBCK_LINK_GOOD, value };

	while (!sysck_slice_equal(word, sysck_slice_of(states[link.state])))
		CU_ASSERT_FATAL(++link.state <= TCBCK_LINK_UNKNOWN);
	return link;
}

static unsigned number_of(struct sysck_slice value)
{
	uint64_t number = 0;

	CU_ASSERT_EQUAL(sysck_number_parse(value, 1000000, &number), 0);
	return (unsigned)number;
}

/* What an object has beside attributes. */
static void set_special(struct bench *bench, const char *name, struct sysck_slice value)
{
	struct tcbck_observation *o = &bench->o;
	uint64_t bits = 0;

	if (strcmp(name, "is") == 0) {
		o->presence = value.data[0] == 'm'                           ? TCBCK_MISSING
			      : value.data[1] == 'n' && value.data[2] == 's' ? TCBCK_UNSAFE
									     : TCBCK_UNKNOWN;
	} else if (strcmp(name, "reason") == 0) {
		o->reason = value;
	} else if (strcmp(name, "failed") == 0) {
		enum sysck_attr attribute = attribute_of(cut_word(&value, ':'));

		o->is.present &= ~SYSCK_ATTR_BIT(attribute);
		o->failed |= SYSCK_ATTR_BIT(attribute);
		o->reasons[attribute] = value;
	} else if (strcmp(name, "unseen") == 0) {
		o->is.present &= ~SYSCK_ATTR_BIT(attribute_of(value));
	} else if (strcmp(name, "bits") == 0) {
		CU_ASSERT_EQUAL(sysck_octal_parse(value, 07777, &bits), 0);
		o->is.mode = (uint32_t)bits;
	} else if (strcmp(name, "count") == 0) {
		o->link_count = number_of(value);
	} else if (strcmp(name, "link") == 0) {
		bench->links[bench->link_count++] = link_of(value);
	} else if (strcmp(name, "symlink") == 0) {
		bench->symlinks[bench->symlink_count++] = link_of(value);
	} else if (strcmp(name, "status") == 0) {
		o->program.status = (int)number_of(value);
	} else if (strcmp(name, "killed") == 0) {
		o->program.timed_out = true;
	} else if (strcmp(name, "output") == 0) {
		o->program.output = value;
	} else if (strcmp(name, "nosource") == 0) {
		o->source_exists = false;
	} else {
		CU_ASSERT_STRING_EQUAL_FATAL(name, "own_command");
		bench->own_command = true;
	}
}

/* Reads lines, which need no stanza round them. */
static void read_lines(struct bench *bench, const char *lines, struct sysck_def *def)
{
	const struct sysck_def_options options = { bench->names, &bench->arena, NULL, false };
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_cursor cursor = { 0, 0 };
	struct sysck_slice bytes, value;
	struct sysck_text text;
	struct sysck_line line;
	struct sysck_err err;
	enum sysck_attr attribute;

	sysck_buf_add_format(&buf, "/f:\n%s\n", lines);
	CU_ASSERT_EQUAL_FATAL(sysck_arena_copy(&bench->arena, sysck_buf_slice(&buf), &bytes), 0);
	sysck_buf_done(&buf);
	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(bytes, SYSCK_SLICE("t"), NULL, &text, &err), 0);
	while (sysck_stanza_next(&text, &text.stanzas[0], &cursor, &line)) {
		char name[32] = "";

		if (sysck_attr_find(line.name, &attribute) == 0) {
			if (sysck_def_read_value(&text, &line, attribute, &options, def, &err) < 0)
				printf("    %s: %s\n", lines, err.text);
			CU_ASSERT_TRUE_FATAL(sysck_def_has(def, attribute));
			continue;
		}
		CU_ASSERT_FATAL(line.name.len < sizeof(name));
		memcpy(name, line.name.data, line.name.len);
		CU_ASSERT_EQUAL_FATAL(sysck_line_value(&text, &line, &bench->arena, &value, &err), 0);
		set_special(bench, name, value);
	}
	CU_ASSERT_EQUAL(text.errors, 0);
	sysck_text_done(&text);
}

/* Makes the definition, and the object as it is. */
static void set_up(struct bench *bench, const char *wanted, const char *is)
{
	const sysck_attr_set looked_at = SYSCK_ATTR_BIT(SYSCK_ATTR_TYPE) | SYSCK_ATTR_BIT(SYSCK_ATTR_LINKS) |
					 SYSCK_ATTR_BIT(SYSCK_ATTR_SYMLINKS) | SYSCK_ATTR_BIT(SYSCK_ATTR_PROGRAM) |
					 SYSCK_ATTR_BIT(SYSCK_ATTR_SOURCE);

	sysck_arena_reset(&bench->arena);
	bench->def = (struct sysck_def){ .path = SYSCK_SLICE("/f"), .line = 7 };
	bench->o = (struct tcbck_observation){ .presence = TCBCK_PRESENT, .source_exists = true };
	memset(bench->links, 0, sizeof(bench->links));
	memset(bench->symlinks, 0, sizeof(bench->symlinks));
	bench->link_count = bench->symlink_count = 0;
	bench->own_command = false;
	read_lines(bench, wanted, &bench->def);
	bench->o.is.type = SYSCK_TYPE_FILE;
	bench->o.is.present = looked_at;
	bench->o.link_count = bench->def.links.count + 1;
	read_lines(bench, is, &bench->o.is);
	bench->o.links = bench->links;
	bench->o.symlinks = bench->symlinks;
}

static struct tcbck_judgement judgement_of(struct bench *bench)
{
	return (struct tcbck_judgement){ &bench->def, 3, bench->names, !bench->own_command };
}

/* The findings as sentences without the path, a line each. */
static void sentences(struct bench *bench, struct sysck_buf *out)
{
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
	const struct tcbck_judgement judgement = judgement_of(bench);

	CU_ASSERT_EQUAL(tcbck_judge(&judgement, &bench->o, &findings), 0);
	for (size_t i = 0; i < findings.count; i++) {
		struct sysck_buf line = SYSCK_BUF_INIT;

		tcbck_text_finding(&findings.items[i], SYSCK_CHARSET_UTF8, &line);
		CU_ASSERT_FATAL(line.len > 4 && memcmp(line.data, "/f: ", 4) == 0);
		if (i > 0)
			sysck_buf_add_char(out, '\n');
		sysck_buf_add(out, line.data + 4, line.len - 4);
		sysck_buf_done(&line);
	}
	tcbck_findings_done(&findings);
}

static void judge_row(struct bench *bench, const char *wanted, const char *is, const char *says)
{
	struct sysck_buf out = SYSCK_BUF_INIT;
	bool good;

	set_up(bench, wanted, is);
	sentences(bench, &out);
	good = sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(says));
	if (!good)
		printf("    %s | %s\n     says \"%.*s\"\n     not  \"%s\"\n", wanted, is, (int)out.len,
		       out.data == NULL ? "" : out.data, says);
	CU_ASSERT_TRUE(good);
	sysck_buf_done(&out);
}

#define VALUES_MAX 12

/* Values of an attribute, all different, in the database's form; one that is empty is told as "none". */
static const struct {
	const char *attribute;
	const char *values[VALUES_MAX];
} different[] = {
	{ "owner", { "root", "bin", "7", "4294967294", "65534" } },
	{ "group", { "root", "bin", "staff", "7", "4294967294" } },
	{ "mode",
	  { "rwxr-xr-x", "SUID,rwxr-xr-x", "SGID,rwxr-xr-x", "SVTX,rwxr-xr-x", "TCB,rwxr-xr-x", "---------", "rwxrwxrwx",
	    "rw-r--r--", "rwxr-xr--", "SUID,SGID,SVTX,TCB,rwxrwxrwx", "SUID,SGID,SVTX,rwxrwxrwx", "TCB,---------" } },
	{ "acl",
	  { "", "u::rw-,u:bin:r--,g::r--,m::r--,o::r--", "u::rw-,u:bin:rw-,g::r--,m::rw-,o::r--",
	    "u::rw-,u:7:r--,g::r--,m::r--,o::r--", "u::rw-,g::r--,g:staff:r--,m::r--,o::r--",
	    "u::rw-,g::r--,g:bin:r--,m::r--,o::r--", "default:u::rwx,default:g::r-x,default:o::r-x",
	    "u::rw-,u:bin:r--,g::r--,m::r--,o::r--,default:u::rwx,default:g::r-x,default:o::r-x",
	    "u::rw-,u:bin:r--,g::r--,m::---,o::r--" } },
	{ "capabilities",
	  { "", "cap_net_raw=p", "cap_net_raw=ep", "cap_net_raw=eip", "cap_chown,cap_net_raw=ep", "cap_net_raw=ep [rootid=5]",
	    "cap_net_raw=ep [rootid=6]", "cap_net_raw=i" } },
	{ "device", { "1,3", "1,5", "2,3", "4095,1048575", "0,0" } },
	{ "target", { "/a", "/b", "a b", "/ä", "\"a\\n\"", "\" a\"", "\"\\x80\"", "\"\\\"\"" } },
	{ "size", { "0", "5", "6", "9223372036854775807" } },
	{ "checksum", { "\"12345    67\"", "\"12345    68\"", "\"00345    67\"", "\"00000     0\"" } },
	{ "hash_value",
	  { "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b854",
	    "sha3-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "sha256:f3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" } },
	{ "type", { "FILE", "DIRECTORY", "FIFO", "SYMLINK", "BLK_DEV", "CHAR_DEV", "SOCKET" } },
};

static void every_value_against_every_other(void)
{
	struct bench bench;
	unsigned rows = 0;

	bench_init(&bench);
	for (size_t a = 0; a < sizeof(different) / sizeof(different[0]); a++)
		for (size_t i = 0; i < VALUES_MAX && different[a].values[i] != NULL; i++)
			for (size_t j = 0; j < VALUES_MAX && different[a].values[j] != NULL; j++) {
				const char *name = different[a].attribute, *left = different[a].values[i],
					   *right = different[a].values[j];
				char wanted[256], is[256], says[512] = "";

				(void)snprintf(wanted, sizeof(wanted), "%s = %s", name, left);
				(void)snprintf(is, sizeof(is), "%s = %s", name, right);
				if (i != j)
					(void)snprintf(says, sizeof(says), "%s is %s, should be %s", name,
						       right[0] == '\0' ? "none" : right, left[0] == '\0' ? "none" : left);
				judge_row(&bench, wanted, is, says);
				rows++;
			}
	CU_ASSERT_TRUE(rows > 400);
	bench_done(&bench);
}

#define DIGEST_A "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct row {
	const char *wanted, *is, *says;
} rows[] = {
	/* What a definition has not, is not judged. */
	{ "", "owner = bin\nmode = rwxrwxrwx\nsize = 5", "" },
	{ "class = a", "owner = bin", "" },
	/* Numbers and names are the same when the id is. */
	{ "owner = 1", "owner = bin", "" },
	{ "group = bin", "group = 1", "" },
	{ "mode = 4755", "mode = SUID,rwxr-xr-x", "" },
	{ "mode = 0", "mode = ---------", "" },
	{ "hash_value = " DIGEST_A, "hash_value = sha256:" DIGEST_A, "" },
	{ "acl = o::r--,m::r--,g::r--,u:bin:r--,u::rw-", "acl = u::rw-,u:1:r--,g::r--,m::r--,o::r--", "" },
	/* An access ACL that says no more than the mode is the mode. */
	{ "acl = u::rwx,g::r-x,o::r--", "acl =\nbits = 754", "" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl =\nmode = TCB,SUID,rwxr-xr--", "" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl =\nbits = 755", "acl is none, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl =\nbits = 654", "acl is none, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl =\nbits = 744", "acl is none, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl = u::rwx,u:bin:r-x,g::r-x,m::r-x,o::r--",
	  "acl is u::rwx,u:bin:r-x,g::r-x,m::r-x,o::r--, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl = u::rwx,g::r-x,m::r-x,o::r--",
	  "acl is u::rwx,g::r-x,m::r-x,o::r--, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--", "acl = default:u::rwx,default:g::r-x,default:o::---\nbits = 754",
	  "acl is default:u::rwx,default:g::r-x,default:o::---, should be u::rwx,g::r-x,o::r--" },
	{ "acl = u::rwx,g::r-x,o::r--,default:u::rwx,default:g::r-x,default:o::---",
	  "acl = default:u::rwx,default:g::r-x,default:o::---\nbits = 754", "" },
	{ "acl = u::rwx,g::r-x,o::r--,default:u::rwx,default:g::r-x,default:o::---",
	  "acl = default:u::rwx,default:g::r-x,default:o::---\nbits = 755",
	  "acl is default:u::rwx,default:g::r-x,default:o::---, should be "
	  "u::rwx,g::r-x,o::r--,default:u::rwx,default:g::r-x,default:o::---" },
	{ "acl = u::rwx,g::r-x,o::r--,default:u::rwx,default:g::r-x,default:o::---", "acl =\nbits = 754",
	  "acl is none, should be u::rwx,g::r-x,o::r--,default:u::rwx,default:g::r-x,default:o::---" },
	{ "acl = default:u::rwx,default:g::r-x,default:o::---", "acl = default:u::rwx,default:g::r-x,default:o::---\nbits = 0",
	  "" },
	{ "acl = default:u::rwx,default:g::r-x,default:o::---", "acl =\nbits = 750",
	  "acl is none, should be default:u::rwx,default:g::r-x,default:o::---" },
	{ "acl =", "acl =\nbits = 777", "" },
	{ "acl = u::rwx,u:bin:r-x,g::r-x,m::r-x,o::r--", "acl =\nbits = 754",
	  "acl is none, should be u::rwx,u:bin:r-x,g::r-x,m::r-x,o::r--" },
	/* VOLATILE is never an error, looked at or not. */
	{ "size = VOLATILE", "size = 5", "" },
	{ "size = 7,VOLATILE", "size = 5", "" },
	{ "checksum = VOLATILE", "", "" },
	{ "hash_value = VOLATILE", "", "" },
	{ "checksum = VOLATILE", "checksum = \"00001     1\"", "" },
	{ "hash_value = VOLATILE", "hash_value = sha256:" DIGEST_A, "" },
	{ "checksum = VOLATILE", "failed = checksum:Input/output error", "checksum unverified: Input/output error" },
	{ "hash_value = VOLATILE", "failed = hash_value:Input/output error", "hash_value unverified: Input/output error" },
	/* Sums are numbers, blocks count only where they are stored; texts of other commands are texts. */
	{ "checksum = \"12345\"", "checksum = \"12345    67\"", "" },
	{ "checksum = \"12345 67\"", "checksum = \"12345    67\"", "" },
	{ "checksum = \"012345 067\"", "checksum = \"12345    67\"", "" },
	{ "checksum = \"12345 68\"", "checksum = \"12345    67\"", "checksum is \"12345    67\", should be \"12345 68\"" },
	{ "checksum = \"12346\"", "checksum = \"12345    67\"", "checksum is \"12345    67\", should be \"12346\"" },
	{ "checksum = \"12345\"", "own_command = 1\nchecksum = \"12345    67\"",
	  "checksum is \"12345    67\", should be \"12345\"" },
	{ "checksum = \"12345 67\"", "own_command = 1\nchecksum = \"12345    67\"",
	  "checksum is \"12345    67\", should be \"12345 67\"" },
	{ "checksum = \"12345 67\"", "own_command = 1\nchecksum = \"12345 67\"", "" },
	{ "checksum = \"md5 abc\"", "checksum = \"12345    67\"", "checksum is \"12345    67\", should be \"md5 abc\"" },
	{ "checksum = \"md5 abc\"", "own_command = 1\nchecksum = \"md5 abc\"", "" },
	{ "checksum = \"a\"", "own_command = 1\nchecksum = \"a\\nb\\x1b\"", "checksum is \"a\\nb\\x1b\", should be \"a\"" },
	/* The mode is the bits and the TCB flag. */
	{ "mode = rwxr-xr-x", "mode = TCB,rwxr-xr-x", "mode is TCB,rwxr-xr-x, should be rwxr-xr-x" },
	{ "mode = TCB,rwxr-xr-x", "failed = mode:Permission denied\nbits = 755", "mode unverified: Permission denied" },
	{ "mode = rwxr-xr-x", "failed = mode:Permission denied\nbits = 755", "mode unverified: Permission denied" },
	{ "mode = rwxr-xr-x", "failed = mode:Permission denied\nbits = 777", "mode is rwxrwxrwx, should be rwxr-xr-x" },
	{ "mode = TCB,rwxr-xr-x", "failed = mode:Permission denied\nbits = 4755",
	  "mode is SUID,rwxr-xr-x, should be TCB,rwxr-xr-x" },
	/* Hard links. */
	{ "links =", "", "" },
	{ "links =", "count = 2", "links is 2 in all, should be 1 in all" },
	{ "links =", "count = 0", "links is 0 in all, should be 1 in all" },
	{ "links = /a,/b", "", "" },
	{ "links = /a,/b", "count = 4", "links is 4 in all, should be 3 in all with /a,/b" },
	{ "links = /a,/b", "count = 2\nlink = good\nlink = absent",
	  "links is 2 in all, /b absent, should be 3 in all with /a,/b" },
	{ "links = /a,/b", "count = 1\nlink = absent\nlink = absent",
	  "links is 1 in all, /a absent, /b absent, should be 3 in all with /a,/b" },
	{ "links = /a,/b", "count = 3\nlink = other\nlink = good",
	  "links is 3 in all, /a another file, should be 3 in all with /a,/b" },
	{ "links = /a,/b", "count = 3\nlink = unknown:Permission denied\nlink = good", "links unverified: Permission denied" },
	{ "links = /a,/b", "count = 3\nlink = good\nlink = unsafe:/x is a symlink of fred",
	  "links unverified: /x is a symlink of fred" },
	{ "links = /a,/b", "count = 4\nlink = good\nlink = unknown:Permission denied",
	  "links is 4 in all, /b not examined (Permission denied), should be 3 in all with /a,/b" },
	{ "links = /a,/b", "count = 3\nlink = absent\nlink = unknown:Permission denied",
	  "links is 3 in all, /a absent, /b not examined (Permission denied), should be 3 in all with /a,/b" },
	{ "links = \"/a\\nb\"", "count = 1\nlink = absent",
	  "links is 1 in all, \"/a\\nb\" absent, should be 2 in all with \"/a\\nb\"" },
	{ "links = \"/a\\,b\"", "count = 1\nlink = absent",
	  "links is 1 in all, /a,b absent, should be 2 in all with \"/a\\,b\"" },
	{ "links = /a", "unseen = links", "links unverified: not examined" },
	/* Symbolic links. */
	{ "symlinks =", "", "" },
	{ "symlinks = /a,/b", "", "" },
	{ "symlinks = /a,/b", "symlink = absent", "symlinks is /a absent, should be /a,/b" },
	{ "symlinks = /a,/b", "symlink = good\nsymlink = other", "symlinks is /b no symlink, should be /a,/b" },
	{ "symlinks = /a,/b", "symlink = other:/x\nsymlink = \"other:y z \"",
	  "symlinks is /a -> /x, /b -> \"y z \", should be /a,/b" },
	{ "symlinks = /a,/b", "symlink = \"other:x\\n\"", "symlinks is /a -> \"x\\n\", should be /a,/b" },
	{ "symlinks = /a,/b", "symlink = unsafe:no trust", "symlinks unverified: no trust" },
	{ "symlinks = /a,/b", "symlink = good\nsymlink = unknown:Input/output error",
	  "symlinks unverified: Input/output error" },
	{ "symlinks = /a,/b", "symlink = absent\nsymlink = unknown:Input/output error",
	  "symlinks is /a absent, /b not examined (Input/output error), should be /a,/b" },
	{ "symlinks = /a,/b", "symlink = unsafe:no trust\nsymlink = other:/x",
	  "symlinks is /a not examined (no trust), /b -> /x, should be /a,/b" },
	/* Programs. */
	{ "program = /p", "", "" },
	{ "program = /p", "output = hello", "" },
	{ "program = /p,-x", "status = 1", "program is 1, should be 0" },
	{ "program = /p", "status = 137\noutput = \"a\\nb\\x1b[m\\\"\"", "program is 137 \"a\\nb\\x1b[m\\\"\", should be 0" },
	{ "program = /p", "killed = 1", "program is killed at program_timeout, should be 0" },
	{ "program = /p", "killed = 1\noutput = half", "program is killed at program_timeout \"half\", should be 0" },
	{ "program = /p", "failed = program:no program is run for another root",
	  "program unverified: no program is run for another root" },
	/* Sources. */
	{ "source = /s", "", "" },
	{ "source =", "", "" },
	{ "source = /s", "nosource = 1", "source is absent, should be /s" },
	{ "source = \"/s\\x7f\"", "nosource = 1", "source is absent, should be \"/s\\x7f\"" },
	/* Reasons are escaped already. */
	{ "size = 5", "failed = \"size:\\\"/a\\\\nb\\\" is odd\"", "size unverified: \"/a\\nb\" is odd" },
	{ "links = /a", "count = 2\nlink = \"unknown:\\\"/a\\\\nb\\\": odd\"", "links unverified: \"/a\\nb\": odd" },
	{ "symlinks = /a,/b", "symlink = absent\nsymlink = \"unsafe:\\\"/a\\\\nb\\\": odd\"",
	  "symlinks is /a absent, /b not examined (\"/a\\nb\": odd), should be /a,/b" },
	/* Another type is the only finding. */
	{ "type = FILE\nowner = root\nmode = 755\nlinks =\nsize = 5", "type = SYMLINK\nowner = bin\ncount = 9",
	  "type is SYMLINK, should be FILE" },
	{ "type = SYMLINK\ntarget = /x", "type = DIRECTORY", "type is DIRECTORY, should be SYMLINK" },
	{ "owner = root", "type = SOCKET\nowner = root", "" },
	/* Missing, not to be reached, not to be found out: one finding each. */
	{ "type = FILE\nowner = root\nmode = 755", "is = missing", "missing is absent, should be FILE" },
	{ "type = CHAR_DEV", "is = missing", "missing is absent, should be CHAR_DEV" },
	{ "owner = root", "is = missing", "missing is absent, should be there" },
	{ "type = FILE\nowner = root", "is = unsafe\nreason = \"/tmp/l: a symlink that others control\"",
	  "unsafe-path is /tmp/l: a symlink that others control, should be a path that root alone controls" },
	{ "type = FILE", "is = unsafe\nreason = \"\\\"/a\\\\nb\\\": a symlink\"",
	  "unsafe-path is \"/a\\nb\": a symlink, should be a path that root alone controls" },
	{ "type = FILE\nowner = root", "is = unknown\nreason = Permission denied", "type unverified: Permission denied" },
	{ "owner = root", "is = unknown\nreason = Input/output error", "type unverified: Input/output error" },
	/* What must not be there. */
	{ "type = ABSENT", "is = missing", "" },
	{ "type = ABSENT", "type = FILE", "type is FILE, should be ABSENT" },
	{ "type = ABSENT", "is = unknown\nreason = Permission denied", "type unverified: Permission denied" },
	/* All of them, in order. */
	{ "type = FILE\nclass = a\nsource = /s\nprogram = /p\nsize = 1\nchecksum = \"1 1\"\nlinks =\nsymlinks = /a\n"
	  "hash_value = "
	  "sha256:" DIGEST_A "\nmode = 755\nowner = bin\ngroup = bin\nacl =\ncapabilities =",
	  "owner = root\ngroup = root\nmode = 700\nacl = u::rwx,g::---,m::---,o::---\ncapabilities = cap_chown=ep\ncount = 2\n"
	  "symlink = absent\nsize = 2\nchecksum = \"2 2\"\nfailed = hash_value:gone\nstatus = 1\nnosource = 1",
	  "owner is root, should be bin\ngroup is root, should be bin\nacl is u::rwx,g::---,m::---,o::---, should be none\n"
	  "mode is rwx------, should be rwxr-xr-x\ncapabilities is cap_chown=ep, should be none\n"
	  "links is 2 in all, should be 1 in all\nsymlinks is /a absent, should be /a\nsize is 2, should be 1\n"
	  "checksum is \"2 2\", should be \"1 1\"\nhash_value unverified: gone\nprogram is 1, should be 0\n"
	  "source is absent, should be /s" },
};

static void rows_say_what_they_should(void)
{
	struct bench bench;

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		judge_row(&bench, rows[i].wanted, rows[i].is, rows[i].says);
	bench_done(&bench);
}

/* A value for each attribute, what is told where it was not looked at, and what would put it right. */
static const struct {
	const char *name, *wanted;
	enum tcbck_remedy remedy;
	const char *differs; /* the object's side of a difference */
} attributes[] = {
	{ "owner", "root", TCBCK_REMEDY_SET, "owner = bin" },
	{ "group", "root", TCBCK_REMEDY_SET, "group = bin" },
	{ "acl", "", TCBCK_REMEDY_SET, "acl = u::rwx,g::---,m::---,o::---" },
	{ "mode", "755", TCBCK_REMEDY_SET, "mode = 700" },
	{ "capabilities", "", TCBCK_REMEDY_SET, "capabilities = cap_chown=p" },
	{ "device", "1,3", TCBCK_REMEDY_DISABLE, "device = 1,4" },
	{ "target", "/x", TCBCK_REMEDY_SET, "target = /y" },
	{ "links", "/x", TCBCK_REMEDY_LINK, "count = 1" },
	{ "symlinks", "/x", TCBCK_REMEDY_LINK, "symlink = absent" },
	{ "size", "5", TCBCK_REMEDY_DISABLE, "size = 6" },
	{ "checksum", "\"1 1\"", TCBCK_REMEDY_DISABLE, "checksum = \"2 2\"" },
	{ "hash_value", "sha256:" DIGEST_A, TCBCK_REMEDY_DISABLE, "hash_value = sha512:" DIGEST_A DIGEST_A },
	{ "program", "/p", TCBCK_REMEDY_NONE, "status = 1" },
	{ "source", "/s", TCBCK_REMEDY_NONE, "nosource = 1" },
	{ "type", "FIFO", TCBCK_REMEDY_DISABLE, "type = SOCKET" },
};

static void what_was_not_learned_is_unverified(void)
{
	struct bench bench;

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char wanted[256], is[64], says[64];

		if (strcmp(attributes[i].name, "type") == 0)
			continue;
		(void)snprintf(wanted, sizeof(wanted), "%s = %s", attributes[i].name, attributes[i].wanted);
		(void)snprintf(is, sizeof(is), "unseen = %s", attributes[i].name);
		(void)snprintf(says, sizeof(says), "%s unverified: not examined", attributes[i].name);
		judge_row(&bench, wanted, is, says);
		(void)snprintf(is, sizeof(is), "failed = %s:No data available\nbits = 755", attributes[i].name);
		(void)snprintf(says, sizeof(says), "%s unverified: No data available", attributes[i].name);
		judge_row(&bench, wanted, is, says);
	}
	bench_done(&bench);
}

/* `more`: further attributes of the definition. */
static void remedy_is(struct bench *bench, size_t i, const char *more, enum tcbck_remedy remedy)
{
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
	struct tcbck_judgement judgement;
	enum sysck_attr attribute = attribute_of(sysck_slice_of(attributes[i].name));
	char wanted[256];

	(void)snprintf(wanted, sizeof(wanted), "%s = %s\nclass = a,b%s", attributes[i].name, attributes[i].wanted, more);
	set_up(bench, wanted, attributes[i].differs);
	judgement = judgement_of(bench);
	CU_ASSERT_FALSE(tcbck_judge_same(&judgement, &bench->o, attribute));
	CU_ASSERT_EQUAL(tcbck_judge(&judgement, &bench->o, &findings), 0);
	CU_ASSERT_EQUAL_FATAL(findings.count, 1);
	CU_ASSERT_EQUAL(findings.items[0].kind, attribute);
	CU_ASSERT_EQUAL(findings.items[0].remedy, remedy);
	CU_ASSERT_EQUAL(findings.items[0].outcome, TCBCK_OUTCOME_REPORTED);
	CU_ASSERT_FALSE(findings.items[0].unverified);
	CU_ASSERT_EQUAL(findings.items[0].index, 3);
	CU_ASSERT_EQUAL(findings.items[0].line, 7);
	CU_ASSERT_EQUAL_FATAL(findings.items[0].classes.count, 2);
	CU_ASSERT_TRUE(sysck_slice_equal(findings.items[0].classes.items[1], SYSCK_SLICE("b")));
	tcbck_findings_done(&findings);
}

/* What is wrong with type or content is copied where there is a source, and else disabled. */
static void remedies(void)
{
	struct bench bench;

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		enum tcbck_remedy remedy = attributes[i].remedy;

		remedy_is(&bench, i, "", remedy);
		if (strcmp(attributes[i].name, "source") != 0)
			remedy_is(&bench, i, "\nsource = /t", remedy == TCBCK_REMEDY_DISABLE ? TCBCK_REMEDY_RESTORE : remedy);
	}
	bench_done(&bench);
}

static void kinds_and_remedies_of_absence(void)
{
	static const struct {
		const char *is;
		unsigned kind;
		enum tcbck_remedy remedy;
		bool unverified;
	} cases[] = {
		{ "is = missing", TCBCK_KIND_MISSING, TCBCK_REMEDY_RESTORE, false },
		{ "is = unsafe\nreason = x", TCBCK_KIND_UNSAFE_PATH, TCBCK_REMEDY_NONE, false },
		{ "is = unknown\nreason = x", SYSCK_ATTR_TYPE, TCBCK_REMEDY_NONE, true },
	};
	struct bench bench;

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
		struct tcbck_judgement judgement;

		set_up(&bench, "type = FILE\nowner = root", cases[i].is);
		judgement = judgement_of(&bench);
		CU_ASSERT_EQUAL(tcbck_judge(&judgement, &bench.o, &findings), 0);
		CU_ASSERT_EQUAL_FATAL(findings.count, 1);
		CU_ASSERT_EQUAL(findings.items[0].kind, cases[i].kind);
		CU_ASSERT_EQUAL(findings.items[0].remedy, cases[i].remedy);
		CU_ASSERT_EQUAL(findings.items[0].unverified, cases[i].unverified);
		tcbck_findings_done(&findings);
	}
	bench_done(&bench);
}

/* What --why shows of attributes that are good. */
static void good_values_are_told(void)
{
	static const struct {
		const char *attribute, *wanted, *is, *actual, *expected;
	} cases[] = {
		{ "links", "links = /a,/b", "", "3 in all", "3 in all with /a,/b" },
		{ "links", "links =", "", "1 in all", "1 in all" },
		{ "symlinks", "symlinks = /a,/b", "", "/a,/b", "/a,/b" },
		{ "program", "program = /p", "output = fine", "0 \"fine\"", "0" },
		{ "source", "source = /s", "", "there", "/s" },
		{ "source", "source =", "", "there", "none" },
		{ "acl", "acl =", "acl =", "none", "none" },
		{ "mode", "mode = 4755", "mode = 4755", "SUID,rwxr-xr-x", "SUID,rwxr-xr-x" },
		{ "size", "size = 5,VOLATILE", "size = 6", "6", "5,VOLATILE" },
		{ "class", "class = a", "", "", "" },
	};
	struct bench bench;

	bench_init(&bench);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum sysck_attr attribute = attribute_of(sysck_slice_of(cases[i].attribute));
		struct sysck_buf out = SYSCK_BUF_INIT;
		struct tcbck_judgement judgement;

		set_up(&bench, cases[i].wanted, cases[i].is);
		judgement = judgement_of(&bench);
		CU_ASSERT_TRUE(tcbck_judge_same(&judgement, &bench.o, attribute));
		tcbck_judge_write_actual(&judgement, &bench.o, attribute, &out);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(cases[i].actual)));
		sysck_buf_clear(&out);
		tcbck_judge_write_expected(&judgement, attribute, &out);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&out), sysck_slice_of(cases[i].expected)));
		sysck_buf_done(&out);
	}
	bench_done(&bench);
}

void suite_judge(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_value_against_every_other),    UNIT_TEST(rows_say_what_they_should),
		UNIT_TEST(what_was_not_learned_is_unverified), UNIT_TEST(remedies),
		UNIT_TEST(kinds_and_remedies_of_absence),      UNIT_TEST(good_values_are_told),
	};

	unit_add("judge", tests, sizeof(tests) / sizeof(tests[0]));
}

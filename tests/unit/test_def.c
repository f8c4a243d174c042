/*
 * test_def.c - tests of db/def.c: one stanza as one definition, each attribute's forms, and where errors are.
 *
 * A definition that was read is described by its own text (the attributes present, alphabetically) and compared with that.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/def.h>

#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SHA256      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA384      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"

static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

/* Places of the errors reported, as "LINE:COLUMN LINE:COLUMN"; texts are checked for being there and for being one line. */
struct errors {
	struct sysck_buf places;
	struct sysck_err last;
	bool odd; /* one was not as errors must be */
};

static void keep(void *context, const struct sysck_err *err)
{
	struct errors *errors = context;

	sysck_buf_add_format(&errors->places, "%s%u:%u", errors->places.len > 0 ? " " : "", err->line, err->column);
	errors->last = *err;
	errors->odd = errors->odd || err->code >= 0 || err->text[0] == '\0' || strcmp(err->file, "t.cfg") != 0 ||
		      strpbrk(err->text, "\n\r\x1b") != NULL;
}

/* A text, its first stanza as a definition, and what was said of it. */
struct fixture {
	struct sysck_text text;
	struct sysck_def def;
	struct sysck_arena arena;
	struct sysck_names *names;
	struct errors errors;
	int result;
};

static struct sysck_names *test_names(void)
{
	static const char passwd[] = "root:x:0:0:::\nfred:x:1000:1000:::\n";
	static const char group[] = "root:x:0:\nstaff:x:50:\n";
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names), 0);
	return names;
}

static void read_bytes(struct fixture *fixture, struct sysck_slice bytes, bool allow_bare)
{
	struct sysck_err_sink sink = { keep, NULL };
	struct sysck_def_options options;
	struct sysck_err err;

	*fixture = (struct fixture){ .names = test_names(), .errors = { .places = SYSCK_BUF_INIT } };
	sink.context = &fixture->errors;
	CU_ASSERT_EQUAL_FATAL(sysck_text_parse(bytes, SYSCK_SLICE("t.cfg"), &sink, &fixture->text, &err), 0);
	CU_ASSERT_TRUE_FATAL(fixture->text.count > 0);
	options = (struct sysck_def_options){ fixture->names, &fixture->arena, &sink, allow_bare };
	fixture->result = sysck_def_read(&fixture->text, &fixture->text.stanzas[0], &options, &fixture->def);
}

static void read_text(struct fixture *fixture, const char *text, bool allow_bare)
{
	read_bytes(fixture, sysck_slice_of(text), allow_bare);
}

static void done(struct fixture *fixture)
{
	sysck_text_done(&fixture->text);
	sysck_arena_done(&fixture->arena);
	sysck_names_free(fixture->names);
	sysck_buf_done(&fixture->errors.places);
}

/* "name=value;" of each attribute present, alphabetically; bare ones as "name;". */
static void describe(const struct fixture *fixture, struct sysck_buf *out)
{
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		enum sysck_attr attribute = sysck_attr_alphabetical()[i];

		if ((fixture->def.bare & SYSCK_ATTR_BIT(attribute)) != 0)
			sysck_buf_add_format(out, "%s;", sysck_attr_name(attribute));
		if (!sysck_def_has(&fixture->def, attribute))
			continue;
		sysck_buf_add_format(out, "%s=", sysck_attr_name(attribute));
		sysck_def_write_value(&fixture->def, attribute, fixture->names, out);
		sysck_buf_add_char(out, ';');
	}
}

struct row {
	const char *text;
	const char *description;
	const char *places; /* of errors */
};

static void check_row(const struct row *row, bool allow_bare)
{
	struct sysck_buf description = SYSCK_BUF_INIT;
	struct fixture fixture;
	bool places, same;

	read_text(&fixture, row->text, allow_bare);
	describe(&fixture, &description);
	places = sysck_slice_equal(sysck_buf_slice(&fixture.errors.places), sysck_slice_of(row->places));
	same = sysck_slice_equal(sysck_buf_slice(&description), sysck_slice_of(row->description));
	if (!places)
		printf("    errors at [%.*s], the last: %s\n", (int)fixture.errors.places.len, fixture.errors.places.data,
		       fixture.errors.last.text);
	if (!same)
		printf("    is [%.*s]\n", (int)description.len, description.data);
	expect(places && same && !fixture.errors.odd, row->text);
	expect((fixture.result > 0) == (row->places[0] != '\0') || fixture.text.errors > 0, row->text);
	sysck_buf_done(&description);
	done(&fixture);
}

/* One attribute of a FILE (or of the type named); "type = T" is line 2, the attribute line 3. */
static void good_values(void)
{
	static const struct {
		const char *type, *line, *written;
	} rows[] = {
		{ "FILE", "owner = root", "owner=root" },
		{ "FILE", "owner = 0", "owner=root" },
		{ "FILE", "owner = 1000", "owner=fred" },
		{ "FILE", "owner = 4294967294", "owner=4294967294" },
		{ "FILE", "owner = \"fred\"", "owner=fred" },
		{ "FILE", "owner=fred", "owner=fred" },
		{ "FILE", "owner  =\tfred  ", "owner=fred" },
		{ "FILE", "group = staff", "group=staff" },
		{ "FILE", "group = 50", "group=staff" },
		{ "FILE", "mode = SUID,rwxr-xr-x", "mode=SUID,rwxr-xr-x" },
		{ "FILE", "mode = \"suid, tcb, 0755\"", "mode=SUID,TCB,rwxr-xr-x" },
		{ "FILE", "mode = rw-, r--, r--", "mode=rw-r--r--" },
		{ "FILE", "mode = \"rw-,\n  r--,\n  r--\"", "mode=rw-r--r--" },
		{ "DIRECTORY", "mode = SVTX,rwxrwxrwx", "mode=SVTX,rwxrwxrwx" },
		{ "FILE", "acl =", "acl=" },
		{ "FILE", "acl = \"\"", "acl=" },
		{ "FILE", "acl = u::rwx,g::r-x,o::---", "acl=u::rwx,g::r-x,o::---" },
		{ "FILE", "acl = u::rwx, u:fred:r-x, g::r-x, m::rwx, o::---", "acl=u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---" },
		{ "FILE", "acl = \"u::rwx\", \"g::r-x,o::---\"", "acl=u::rwx,g::r-x,o::---" },
		{ "FILE", "acl = \"u::rwx,\n\t\tg::r-x,\n\t\to::---\"", "acl=u::rwx,g::r-x,o::---" },
		{ "DIRECTORY", "acl = default:u::rwx,d:g::r-x,d:o::---", "acl=default:u::rwx,default:g::r-x,default:o::---" },
		{ "FILE", "capabilities =", "capabilities=" },
		{ "FILE", "capabilities = cap_chown,cap_net_raw=ep", "capabilities=cap_chown,cap_net_raw=ep" },
		{ "FILE", "capabilities = \"cap_net_raw=ep [rootid=5]\"", "capabilities=cap_net_raw=ep [rootid=5]" },
		{ "FILE", "capabilities = cap_net_raw=ep [rootid=5]", "capabilities=cap_net_raw=ep [rootid=5]" },
		{ "BLK_DEV", "device = 8,1", "device=8,1" },
		{ "CHAR_DEV", "device = 1, 3", "device=1,3" },
		{ "SYMLINK", "target = usr/bin", "target=usr/bin" },
		{ "SYMLINK", "target = a, b", "target=a, b" },
		{ "SYMLINK", "target = \" a\"", "target=\" a\"" },
		{ "SYMLINK", "target = \"a\\nb\\\"\\\\\\x01\"", "target=\"a\\nb\\\"\\\\\\x01\"" },
		{ "SYMLINK", "target = ../x", "target=../x" },
		{ "FILE", "links =", "links=" },
		{ "FILE", "links = /a,/b", "links=/a,/b" },
		{ "FILE", "links = \"/a\\,b\", /c", "links=\"/a\\,b\",/c" },
		{ "FILE", "links = \"/a,/b\"", "links=/a,/b" },
		{ "SYMLINK", "links = /a", "links=/a" },
		{ "SOCKET", "links = /a", "links=/a" },
		{ "FILE", "symlinks =", "symlinks=" },
		{ "FILE", "symlinks = /a, /b", "symlinks=/a,/b" },
		{ "DIRECTORY", "symlinks = /a", "symlinks=/a" },
		{ "FILE", "size = 5", "size=5" },
		{ "FILE", "size = 5,volatile", "size=5,VOLATILE" },
		{ "FILE", "size = VOLATILE", "size=VOLATILE" },
		{ "FILE", "checksum = \"12345    67\"", "checksum=\"12345    67\"" },
		{ "FILE", "checksum = 12345 67", "checksum=\"12345 67\"" },
		{ "FILE", "checksum = \"a\\x01\\\"b\"", "checksum=\"a\\x01\\\"b\"" },
		{ "FILE", "checksum = volatile", "checksum=VOLATILE" },
		{ "FILE", "hash_value = " SHA256, "hash_value=sha256:" SHA256 },
		{ "FILE", "hash_value = " SHA384, "hash_value=sha384:" SHA384 },
		{ "FILE", "hash_value = sha3-256:" SHA256, "hash_value=sha3-256:" SHA256 },
		{ "FILE", "hash_value = SHA256:" SHA256, "hash_value=sha256:" SHA256 },
		{ "FILE", "hash_value = VOLATILE", "hash_value=VOLATILE" },
		{ "FILE", "program = /usr/bin/true", "program=/usr/bin/true" },
		{ "FILE", "program = /usr/sbin/pwck,-q,-r", "program=/usr/sbin/pwck,-q,-r" },
		{ "FILE", "program = /bin/sh, -c, \"echo \\\"a\\, b\\\"\", %m, %f",
		  "program=/bin/sh,-c,\"echo \\\"a\\, b\\\"\",%m,%f" },
		{ "SOCKET", "program = /x", "program=/x" },
		{ "FILE", "source =", "source=" },
		{ "FILE", "source = /safe/copy", "source=/safe/copy" },
		{ "FILE", "source = \"/a\\nb\"", "source=\"/a\\nb\"" },
		{ "DIRECTORY", "source =", "source=" },
		{ "DIRECTORY", "source = \"\"", "source=" },
		{ "FIFO", "source =", "source=" },
		{ "SYMLINK", "source = /a", "source=/a" },
		{ "BLK_DEV", "source =", "source=" },
		{ "FILE", "class = accounts,apply", "class=accounts,apply" },
		{ "FILE", "class = accounts apply", "class=accounts,apply" },
		{ "FILE", "class = accounts, apply other", "class=accounts,apply,other" },
		{ "FILE", "class = \"accounts apply\"", "class=accounts,apply" },
		{ "FILE", "class = a/b", "class=a/b" },
		{ "FILE", "class = \"a\\,b\"", "class=\"a\\,b\"" },
		{ "SYMLINK", "class = x", "class=x" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf first = SYSCK_BUF_INIT, again = SYSCK_BUF_INIT, wanted = SYSCK_BUF_INIT;
		struct sysck_slice written = sysck_slice_of(rows[i].written);
		const char *equals = strchr(rows[i].written, '=');
		struct row row;

		sysck_buf_add_format(&first, "/t:\n\ttype = %s\n\t%s\n", rows[i].type, rows[i].line);
		/* The description is alphabetical: only `target` stands before `type`, all others too. */
		sysck_buf_add_format(&wanted, "%s;type=%s;", rows[i].written, rows[i].type);
		sysck_buf_add_char(&first, '\0');
		sysck_buf_add_char(&wanted, '\0');
		row = (struct row){ first.data, wanted.data, "" };
		check_row(&row, false);
		/* What is written reads back as the same. */
		sysck_buf_add_format(&again, "/t:\n\ttype = %s\n\t%.*s =", rows[i].type, (int)(equals - rows[i].written),
				     rows[i].written);
		sysck_buf_add(&again, equals + 1, written.len - (size_t)(equals + 1 - rows[i].written));
		sysck_buf_add_char(&again, '\0');
		row.text = again.data;
		check_row(&row, false);
		sysck_buf_done(&first);
		sysck_buf_done(&again);
		sysck_buf_done(&wanted);
	}
}

/* In each, line 3 is wrong at the given column, and the type is still read. */
static void bad_values(void)
{
	static const struct {
		const char *type, *line;
		unsigned column;
	} rows[] = {
		{ "FILE", "\towner =", 9 },
		{ "FILE", "\towner = ", 9 },
		{ "FILE", "\towner = \"\"", 10 },
		{ "FILE", "\towner = nobody_here", 10 },
		{ "FILE", "\towner=nobody_here", 8 },
		{ "FILE", "owner = nobody_here", 9 },
		{ "FILE", "\towner = 4294967295", 10 },
		{ "FILE", "\towner = -1", 10 },
		{ "FILE", "\towner = fred,root", 10 },
		{ "FILE", "\towner = fr\"ed", 12 },
		{ "FILE", "\towner = \"fred\" x", 16 },
		{ "FILE", "\towner = \"fr\\qed\"", 13 },
		{ "FILE", "\towner = \"fr\\x1\"", 13 },
		{ "FILE", "\tgroup = fred", 10 },
		{ "FILE", "\tgroup = 99999999999999999999", 10 },
		{ "FILE", "\tmode = rwx", 9 },
		{ "FILE", "\tmode =", 8 },
		{ "FILE", "\tmode = 8755", 9 },
		{ "FILE", "\tacl = u::rwx", 8 },
		{ "FILE", "\tacl = u::rwx,,g::r-x,o::---", 15 },
		{ "FILE", "\tacl = u::rwx,u:gone:rwx,g::r-x,m::rwx,o::---", 8 },
		{ "FILE", "\tacl = d:u::rwx,d:g::r-x,d:o::---", 8 },
		{ "FILE", "\tcapabilities = cap_no_such=ep", 17 },
		{ "FILE", "\tcapabilities = cap_net_raw=ep cap_chown=p", 17 },
		{ "CHAR_DEV", "\tdevice = 1:3", 11 },
		{ "CHAR_DEV", "\tdevice =", 10 },
		{ "BLK_DEV", "\tdevice = 4096,0", 11 },
		{ "SYMLINK", "\ttarget =", 10 },
		{ "SYMLINK", "\ttarget = \"\"", 11 },
		{ "SYMLINK", "\ttarget = \"a\\x00b\"", 11 },
		{ "FILE", "\tlinks = a", 10 },
		{ "FILE", "\tlinks = /a,/b/", 10 },
		{ "FILE", "\tlinks = /a,,/b", 13 },
		{ "FILE", "\tlinks = /a,", 13 },
		{ "FILE", "\tlinks = /a/../b", 10 },
		{ "FILE", "\tlinks = \"/a\\x00\"", 10 },
		{ "FILE", "\tsymlinks = a", 13 },
		{ "FILE", "\tsymlinks = /a//b", 13 },
		{ "FILE", "\tsize =", 8 },
		{ "FILE", "\tsize = 1k", 9 },
		{ "FILE", "\tsize = VOLATILE,1", 9 },
		{ "FILE", "\tchecksum =", 12 },
		{ "FILE", "\tchecksum = \" \"", 13 },
		{ "FILE", "\thash_value =", 14 },
		{ "FILE", "\thash_value = abc", 15 },
		{ "FILE", "\thash_value = sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", 15 },
		{ "FILE", "\thash_value = sha384:" SHA256, 15 },
		{ "FILE", "\tprogram =", 11 },
		{ "FILE", "\tprogram = true", 12 },
		{ "FILE", "\tprogram = \"/a\", \"b\\x00\"", 12 },
		{ "FILE", "\tprogram = \"/a\\x00\"", 12 },
		{ "FILE", "\tsource = copy", 11 },
		{ "FILE", "\tsource = /a/", 11 },
		{ "DIRECTORY", "\tsource = /a", 11 },
		{ "DIRECTORY", "\tsource = \"/a\"", 11 },
		{ "FILE", "\tclass =", 9 },
		{ "FILE", "\tclass = /a", 10 },
		{ "FILE", "\tclass = ALL", 10 },
		{ "FILE", "\tclass = a,tree", 10 },
		{ "FILE", "\tclass = sysck", 10 },
		{ "FILE", "\tclass = a,,b", 12 },
		{ "FILE", "\tclass = \"a\\x20b\"", 10 },
		/* Attributes that are none, and attributes without a value. */
		{ "FILE", "\tfoo = 1", 2 },
		{ "FILE", "   Owner = root", 4 },
		{ "FILE", "\tOWNER = root", 2 },
		{ "FILE", "\tmodes = rwxr-xr-x", 2 },
		{ "FILE", "\thash = sha256", 2 },
		{ "FILE", "\tsetuids = fred", 2 },
		{ "FILE", "\towner", 2 },
		{ "FILE", "  size  ", 3 },
		{ "FILE", "\tclass", 2 },
		{ "FILE", "\tnosuch", 2 },
		{ "FILE", "\ttype = FILE", 2 },
		/* Lines that do not read. */
		{ "FILE", "\towner root", 8 },
		{ "FILE", "\towner = \"root", 10 },
		{ "FILE", "\t= root", 2 },
		{ "FILE", "\towner : root", 8 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf text = SYSCK_BUF_INIT, description = SYSCK_BUF_INIT;
		char place[32];
		struct row row;

		sysck_buf_add_format(&text, "/t:\n\ttype = %s\n%s\n\n", rows[i].type, rows[i].line);
		sysck_buf_add_format(&description, "type=%s;", rows[i].type);
		sysck_buf_add_char(&text, '\0');
		sysck_buf_add_char(&description, '\0');
		(void)snprintf(place, sizeof(place), "3:%u", rows[i].column);
		row = (struct row){ text.data, description.data, place };
		check_row(&row, false);
		sysck_buf_done(&text);
		sysck_buf_done(&description);
	}
}

/* Which type has which attribute, by the specification's table. */
static void types_have(void)
{
	static const struct {
		enum sysck_attr attribute;
		const char *types, *value;
	} rows[] = {
		{ SYSCK_ATTR_TYPE, "FDPSBCKA", NULL },
		{ SYSCK_ATTR_OWNER, "FDPSBCK", "root" },
		{ SYSCK_ATTR_GROUP, "FDPSBCK", "root" },
		{ SYSCK_ATTR_ACL, "FDPBCK", "" },
		{ SYSCK_ATTR_MODE, "FDPBCK", "0644" },
		{ SYSCK_ATTR_CAPABILITIES, "F", "" },
		{ SYSCK_ATTR_DEVICE, "BC", "1,3" },
		{ SYSCK_ATTR_TARGET, "S", "x" },
		{ SYSCK_ATTR_LINKS, "FPSBCK", "/a" },
		{ SYSCK_ATTR_SYMLINKS, "FDPBCK", "/a" },
		{ SYSCK_ATTR_SIZE, "F", "1" },
		{ SYSCK_ATTR_CHECKSUM, "F", "1" },
		{ SYSCK_ATTR_HASH_VALUE, "F", "VOLATILE" },
		{ SYSCK_ATTR_PROGRAM, "FDPSBCK", "/a" },
		{ SYSCK_ATTR_SOURCE, "FDPSBCK", "" },
		{ SYSCK_ATTR_CLASS, "FDPSBCKA", "x" },
	};
	static const char letters[SYSCK_TYPE_COUNT + 1] = "-FDPSBCKA";

	CU_ASSERT_EQUAL(COUNT(rows), SYSCK_ATTR_COUNT);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int type = 0; type < SYSCK_TYPE_COUNT; type++) {
			bool has = strchr(rows[i].types, letters[type]) != NULL;
			struct sysck_buf text = SYSCK_BUF_INIT;
			struct fixture fixture;

			expect(sysck_attr_applies(rows[i].attribute, (enum sysck_type)type) == has,
			       sysck_attr_name(rows[i].attribute));
			if (type == SYSCK_TYPE_NONE || rows[i].value == NULL)
				continue;
			/* The type may stand behind. */
			sysck_buf_add_format(&text, "/t:\n  %s = %s\n  type = %s\n", sysck_attr_name(rows[i].attribute),
					     rows[i].value, sysck_type_name((enum sysck_type)type));
			read_bytes(&fixture, sysck_buf_slice(&text), false);
			expect(fixture.result == (has ? 0 : 1) && sysck_def_has(&fixture.def, rows[i].attribute) == has &&
				       sysck_def_has(&fixture.def, SYSCK_ATTR_TYPE),
			       sysck_attr_name(rows[i].attribute));
			expect(has || (fixture.errors.last.line == 2 && fixture.errors.last.column == 3),
			       sysck_attr_name(rows[i].attribute));
			done(&fixture);
			sysck_buf_done(&text);
		}
}

/* Several things in one stanza. */
static void whole_stanzas(void)
{
	static const struct row rows[] = {
		/* The example of the specification. */
		{ "/usr/bin/passwd:\n\ttype = FILE\n\towner = root\n\tgroup = root\n\tmode = SUID,rwxr-xr-x\n"
		  "\tclass = accounts,apply\n\tsize = 68248\n\tchecksum = \"12345    67\"\n\thash_value = sha256:" SHA256 "\n",
		  "checksum=\"12345    67\";class=accounts,apply;group=root;hash_value=sha256:" SHA256 ";mode=SUID,rwxr-xr-x;"
		  "owner=root;size=68248;type=FILE;",
		  "" },
		{ "/a:\n\ttype = FILE", "type=FILE;", "" },
		{ "/a:\r\n\ttype = FILE\r\n\towner = root\r\n\tlinks =\r\n", "links=;owner=root;type=FILE;", "" },
		{ "  /a :  \n type=FILE\nowner =root\n", "owner=root;type=FILE;", "" },
		{ "\"/a\\nb\":\n\ttype = FILE\n", "type=FILE;", "" },
		{ "/a:b:\n\ttype = FILE\n", "type=FILE;", "" },
		{ "/a:\n* comment\n\ttype = FILE\n\t# another\n\towner = root\n\n\tgroup = root\n/b:\n",
		  "owner=root;type=FILE;", "7:2" },
		/* A type is mandatory; the other attributes stay. */
		{ "/a:\n\towner = root\n", "owner=root;", "1:1" },
		{ "\n\n  /a:\n\towner = root\n", "owner=root;", "3:3" },
		{ "/a:\n", "", "1:1" },
		/* Of what must not be there, nothing can be said. */
		{ "/a:\n\ttype = ABSENT\n\tclass = x\n", "class=x;type=ABSENT;", "" },
		{ "/a:\n\ttype = absent\n\towner = root\n\tsource =\n", "type=ABSENT;", "3:2 4:2" },
		{ "/a:\n\ttype = MPX_DEV\n\tsize = 5\n", "size=5;", "2:9" },
		{ "/a:\n\ttype = FOO\n\ttarget = x\n", "target=x;", "2:9" },
		{ "/a:\n\ttype =\n", "", "2:8" },
		{ "/a:\n\ttype\n", "", "2:2" },
		/* Given twice: the first one counts. */
		{ "/a:\n\ttype = FILE\n\towner = root\n\towner = fred\n", "owner=root;type=FILE;", "4:2" },
		{ "/a:\n\ttype = FILE\n\towner = gone\n\towner = fred\n", "type=FILE;", "3:10 4:2" },
		{ "/a:\n\ttype = FILE\n\ttype = DIRECTORY\n", "type=FILE;", "3:2" },
		/* Each wrong one is named, the good ones stay. */
		{ "/a:\n\ttype = FILE\n\towner = gone\n\tmode = x\n\tgroup = root\n\tfoo = 1\n\ttarget = x\n",
		  "group=root;type=FILE;", "3:10 4:9 6:2 7:2" },
		{ "/a:\n\ttype = FILE\n\towner root\n\tgroup = root\n", "group=root;type=FILE;", "3:8" },
		{ "/a:\n\ttype = SYMLINK\n\tmode = rwxrwxrwx\n\tacl =\n\tsize = 1\n", "type=SYMLINK;", "4:2 3:2 5:2" },
		/* An ACL's mask is the group of the mode. */
		{ "/a:\n\ttype = FILE\n\tmode = rwxr-x---\n\tacl = u::rwx,g::r-x,o::---\n",
		  "acl=u::rwx,g::r-x,o::---;mode=rwxr-x---;type=FILE;", "" },
		{ "/a:\n\ttype = FILE\n\tmode = SUID,TCB,rwxrwx---\n\tacl = u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---\n",
		  "acl=u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---;mode=SUID,TCB,rwxrwx---;type=FILE;", "" },
		{ "/a:\n\ttype = FILE\n\tmode = rwxr-x---\n\tacl = u::rwx,u:fred:r-x,g::r-x,m::rwx,o::---\n", "type=FILE;",
		  "4:8" },
		{ "/a:\n\ttype = FILE\n\tacl = u::rwx,g::r-x,o::---\n\tmode = rwxr-x--x\n\towner = root\n",
		  "owner=root;type=FILE;", "3:8" },
		{ "/a:\n\ttype = FILE\n\tacl =\n\tmode = rwxr-x--x\n", "acl=;mode=rwxr-x--x;type=FILE;", "" },
		{ "/a:\n\ttype = DIRECTORY\n\tacl = d:u::rwx,d:g::r-x,d:o::---\n\tmode = rwxrwxrwx\n",
		  "acl=default:u::rwx,default:g::r-x,default:o::---;mode=rwxrwxrwx;type=DIRECTORY;", "" },
		{ "/a:\n\ttype = FIFO\n\tacl = u::rw-,g::r--,o::---,d:u::rwx,d:g::r-x,d:o::---\n\tmode = rw-r-----\n",
		  "mode=rw-r-----;type=FIFO;", "3:8" },
		/* Names: what is wrong with one leaves nothing that could be looked at. */
		{ "a:\n\ttype = FILE\n", "", "1:1" },
		{ "  etc/passwd:\n\ttype = FILE\n\towner = root\n", "", "1:3" },
		{ "/a/:\n\ttype = FILE\n", "", "1:1" },
		{ "//a:\n\ttype = FILE\n", "", "1:1" },
		{ "/a/./b:\n\ttype = FILE\n", "", "1:1" },
		{ "/a/..:\n\ttype = FILE\n", "", "1:1" },
		{ "\"/a\\x00b\":\n\ttype = FILE\n", "", "1:1" },
		{ "\t\"a\":\n\ttype = FILE\n", "", "1:2" },
		{ "./a:\n\ttype = FILE\n\tfoo = 1\n", "", "1:1 3:2" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i], false);
}

/* A file for -a -f: attributes without values, and no type. */
static void bare_attributes(void)
{
	static const struct row rows[] = {
		{ "/a:\n", "", "" },
		{ "/a:\n\towner\n\tgroup\n", "group;owner;", "" },
		{ "/a:\n\ttype\n\tacl\n\tmode\n\tlinks\n\tsize\n\tchecksum\n\thash_value\n\tcapabilities\n\tdevice\n\ttarget\n",
		  "acl;capabilities;checksum;device;hash_value;links;mode;size;target;type;", "" },
		{ "/a:\n\towner = root\n\tgroup\n", "group;owner=root;", "" },
		{ "/a:\n\towner\n\towner = root\n", "owner;", "3:2" },
		{ "/a:\n\tsize =\n", "", "2:8" },
		{ "/a:\n\tlinks =\n", "links=;", "" },
		/* Values of these come from nowhere. */
		{ "/a:\n\tclass\n", "", "2:2" },
		{ "/a:\n\tprogram\n", "", "2:2" },
		{ "/a:\n\tsource\n", "", "2:2" },
		{ "/a:\n\tsymlinks\n", "", "2:2" },
		{ "/a:\n\tnosuch\n", "", "2:2" },
		/* A type that is known refuses bare attributes that it can't have, too. */
		{ "/a:\n\ttype = DIRECTORY\n\tsize\n\towner\n", "owner;type=DIRECTORY;", "3:2" },
		{ "/a:\n\ttype = SYMLINK\n\tmode\n\ttarget\n", "target;type=SYMLINK;", "3:2" },
		{ "/a:\n\ttype = DIRECTORY\n\tsource = /b\n", "type=DIRECTORY;", "3:11" },
	};
	static const enum sysck_attr never[] = { SYSCK_ATTR_CLASS, SYSCK_ATTR_PROGRAM, SYSCK_ATTR_SOURCE, SYSCK_ATTR_SYMLINKS };

	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i], true);
	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		bool computable = true;

		for (size_t j = 0; j < COUNT(never); j++)
			computable = computable && never[j] != (enum sysck_attr)i;
		CU_ASSERT_EQUAL(sysck_attr_is_computable((enum sysck_attr)i), computable);
	}
}

static void attribute_names(void)
{
	const enum sysck_attr *order = sysck_attr_alphabetical();
	static const char *const unknown[] = { "", "Type", "TYPE", "typ", "types", "uid", "sysck", "hash" };
	sysck_attr_set seen = 0;
	enum sysck_attr found;

	for (int i = 0; i < SYSCK_ATTR_COUNT; i++) {
		seen |= SYSCK_ATTR_BIT(order[i]);
		if (i > 0)
			CU_ASSERT_TRUE(strcmp(sysck_attr_name(order[i - 1]), sysck_attr_name(order[i])) < 0);
		CU_ASSERT_EQUAL(sysck_attr_find(sysck_slice_of(sysck_attr_name((enum sysck_attr)i)), &found), 0);
		CU_ASSERT_EQUAL((int)found, i);
	}
	CU_ASSERT_EQUAL(seen, SYSCK_ATTR_ALL);
	for (size_t i = 0; i < COUNT(unknown); i++)
		CU_ASSERT_EQUAL(sysck_attr_find(sysck_slice_of(unknown[i]), &found), -ENOENT);
}

/* The value of one argument, over a definition that has one already: a wrong one changes nothing. */
static void single_values(void)
{
	static const struct {
		const char *line;
		enum sysck_attr attribute;
		int r;
		const char *written;
	} rows[] = {
		{ "links=/b,/c", SYSCK_ATTR_LINKS, 0, "/b,/c" },
		{ "links=b", SYSCK_ATTR_LINKS, -EINVAL, "/a" },
		{ "links=/b,/c/", SYSCK_ATTR_LINKS, -EINVAL, "/a" },
		{ "symlinks=/b,c", SYSCK_ATTR_SYMLINKS, -EINVAL, "/a" },
		{ "program=sh", SYSCK_ATTR_PROGRAM, -EINVAL, "/a" },
		{ "program=\"/b\",\"\\x00\"", SYSCK_ATTR_PROGRAM, -EINVAL, "/a" },
		{ "source=b", SYSCK_ATTR_SOURCE, -EINVAL, "/a" },
		{ "source=", SYSCK_ATTR_SOURCE, 0, "" },
		{ "class=ALL", SYSCK_ATTR_CLASS, -EINVAL, "a" },
		{ "owner=gone", SYSCK_ATTR_OWNER, -ENOENT, "fred" },
		{ "owner=4294967295", SYSCK_ATTR_OWNER, -ERANGE, "fred" },
		{ "mode=x", SYSCK_ATTR_MODE, -EINVAL, "rw-r--r--" },
		{ "size=x", SYSCK_ATTR_SIZE, -EINVAL, "5" },
		{ "acl=u::rwx", SYSCK_ATTR_ACL, -EINVAL, "" },
		{ "capabilities=x", SYSCK_ATTR_CAPABILITIES, -EINVAL, "" },
		{ "checksum=", SYSCK_ATTR_CHECKSUM, -EINVAL, "\"1 2\"" },
		{ "hash_value=12", SYSCK_ATTR_HASH_VALUE, -EINVAL, "VOLATILE" },
		{ "type=X", SYSCK_ATTR_TYPE, -EINVAL, "FILE" },
	};
	static const char before[] =
		"/t:\n\ttype=FILE\n\tlinks=/a\n\tsymlinks=/a\n\tprogram=/a\n\tsource=/a\n\tclass=a\n\towner=fred\n"
		"\tmode=0644\n\tsize=5\n\tacl=\n\tcapabilities=\n\tchecksum=1 2\n\thash_value=VOLATILE\n";

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_text text = { .file = SYSCK_SLICE("arg"), .bytes = sysck_slice_of(rows[i].line) };
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_def_options options;
		struct fixture fixture;
		struct sysck_line line;
		struct sysck_err err;

		read_text(&fixture, before, false);
		CU_ASSERT_EQUAL_FATAL(fixture.result, 0);
		options = (struct sysck_def_options){ .names = fixture.names, .arena = &fixture.arena };
		CU_ASSERT_EQUAL_FATAL(sysck_line_parse(text.bytes, &line, &err), 0);
		expect(sysck_def_read_value(&text, &line, rows[i].attribute, &options, &fixture.def, &err) == rows[i].r,
		       rows[i].line);
		expect(rows[i].r == 0 || (err.code == rows[i].r && err.line == 1 && err.column > 1), rows[i].line);
		expect(sysck_def_read_value(&text, &line, rows[i].attribute, &options, &fixture.def, NULL) == rows[i].r,
		       rows[i].line);
		sysck_def_write_value(&fixture.def, rows[i].attribute, fixture.names, &buf);
		expect(sysck_slice_equal(sysck_buf_slice(&buf), sysck_slice_of(rows[i].written)), rows[i].line);
		sysck_buf_done(&buf);
		done(&fixture);
	}
}

static void paths_and_lines(void)
{
	struct fixture fixture;

	read_text(&fixture, "* c\n\n\"/a\\tb\\x20\":\n\ttype = FILE\n", false);
	CU_ASSERT_EQUAL(fixture.result, 0);
	CU_ASSERT_EQUAL(fixture.def.line, 3);
	CU_ASSERT_TRUE(sysck_slice_equal(fixture.def.path, SYSCK_SLICE("/a\tb ")));
	done(&fixture);
}

/* Errors of hostile stanzas are one line each, with nothing raw in it. */
static void hostile_bytes(void)
{
	static const char *const rows[] = {
		"\x1b[31m/a:\n\ttype = FILE\n",
		"/a:\n\ttype = \x1b[31m\n",
		"/a:\n\ttype = FILE\n\towner = \"\\n\\x1b[2J\"\n",
		"/a:\n\ttype = FILE\n\towner = \xff\xfe\n",
		"/a:\n\ttype = FILE\n\tlinks = \"\\n\"\n",
		"/a:\n\ttype = FILE\n\tprogram = \"\\x1b\"\n",
		"/a:\n\ttype = FILE\n\tclass = \"/\\x07\"\n",
		"/a:\n\ttype = FILE\n\tsource = \"\xe2\x80\xae\"\n",
		"\"\\x1b\":\n\ttype = FILE\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_err_sink sink = { keep, NULL };
		struct errors errors = { .places = SYSCK_BUF_INIT };
		struct sysck_text text;

		sink.context = &errors;
		CU_ASSERT_EQUAL_FATAL(sysck_text_parse(sysck_slice_of(rows[i]), SYSCK_SLICE("t.cfg"), &sink, &text, NULL), 0);
		if (text.count > 0) {
			struct fixture fixture;

			read_text(&fixture, rows[i], false);
			expect(fixture.result > 0 && !fixture.errors.odd, rows[i]);
			for (const char *p = fixture.errors.last.text; *p != '\0'; p++)
				expect(*p >= 0x20 && *p < 0x7f, rows[i]);
			done(&fixture);
		}
		expect(errors.places.len > 0 || text.count > 0, rows[i]);
		sysck_text_done(&text);
		sysck_buf_done(&errors.places);
	}
}

void suite_def(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(good_values),   UNIT_TEST(bad_values),      UNIT_TEST(types_have),
		UNIT_TEST(whole_stanzas), UNIT_TEST(bare_attributes), UNIT_TEST(attribute_names),
		UNIT_TEST(single_values), UNIT_TEST(paths_and_lines), UNIT_TEST(hostile_bytes),
	};

	unit_add("def", tests, sizeof(tests) / sizeof(tests[0]));
}

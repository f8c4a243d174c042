/*
 * test_deb.c - tests of src/observe/deb.c, ar.c and tar.c, on archives that are made here, byte by byte. Those of dpkg-deb(1),
 * with all compressors, are tests/cli/deb.t's.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "filter.h"
#include "observe/deb.h"
#include "observe/how.h"
#include "observe/path.h"
#include "scratch.h"
#include "suites.h"

/* --- making archives -------------------------------------------------------------------------------------------------- */

#define BLOCK 512

/* One header of tar, ustar or GNU; what is 0 or NULL is so in it. */
struct entry {
	const char *name, *content, *link, *user, *group;
	char type;
	unsigned mode, uid, gid, major, minor;
	const char *size; /* instead of the content's length */
	const char *magic;
};

static void put(char *header, size_t offset, size_t width, const char *text)
{
	if (text != NULL)
		memcpy(header + offset, text, strnlen(text, width));
}

static void put_octal(char *header, size_t offset, int width, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*lo", width - 1, value);
	put(header, offset, (size_t)width, text);
}

static void pad(struct sysck_buf *tar)
{
	static const char zeros[BLOCK];

	if (tar->len % BLOCK != 0)
		sysck_buf_add(tar, zeros, BLOCK - tar->len % BLOCK);
}

static void add_entry(struct sysck_buf *tar, const struct entry *entry)
{
	char header[BLOCK] = { 0 };
	size_t length = entry->content == NULL ? 0 : strlen(entry->content);
	unsigned sum = 0;

	put(header, 0, 100, entry->name);
	put_octal(header, 100, 8, entry->mode);
	put_octal(header, 108, 8, entry->uid);
	put_octal(header, 116, 8, entry->gid);
	put_octal(header, 124, 12, length);
	put(header, 124, 12, entry->size);
	put_octal(header, 136, 12, 1000000000);
	memset(header + 148, ' ', 8);
	header[156] = entry->type;
	put(header, 157, 100, entry->link);
	memcpy(header + 257, entry->magic == NULL ? "ustar  " : entry->magic, 8);
	put(header, 265, 32, entry->user);
	put(header, 297, 32, entry->group);
	put_octal(header, 329, 8, entry->major);
	put_octal(header, 337, 8, entry->minor);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	put_octal(header, 148, 7, sum);
	sysck_buf_add(tar, header, BLOCK);
	sysck_buf_add_text(tar, entry->content == NULL ? "" : entry->content);
	pad(tar);
}

static void end_tar(struct sysck_buf *tar)
{
	static const char zeros[2 * BLOCK];

	sysck_buf_add(tar, zeros, sizeof(zeros));
}

static void add_part(struct sysck_buf *deb, const char *name, struct sysck_slice content)
{
	if (deb->len == 0)
		sysck_buf_add_text(deb, "!<arch>\n");
	sysck_buf_add_format(deb, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 1000000000, 0, 0, "100644", content.len);
	sysck_buf_add_slice(deb, content);
	if (content.len % 2 != 0)
		sysck_buf_add_char(deb, '\n');
}

#define CONTROL "Package: hello\nversion:  1:2.10-3 \nDescription: says\n hello: world\nArchitecture: amd64\n"

static void make_control(struct sysck_buf *tar, const char *text)
{
	const struct entry top = { .name = "./", .type = '5', .mode = 0755 };
	const struct entry sums = { .name = "./md5sums", .type = '0', .mode = 0644, .content = "" };
	const struct entry control = { .name = "./control", .type = '0', .mode = 0644, .content = text };

	add_entry(tar, &top);
	add_entry(tar, &sums);
	add_entry(tar, &control);
	end_tar(tar);
}

/* An archive with these entries as its data. */
static void make_deb(struct sysck_buf *deb, const struct entry *entries, size_t count)
{
	struct sysck_buf control = SYSCK_BUF_INIT, data = SYSCK_BUF_INIT;

	make_control(&control, CONTROL);
	for (size_t i = 0; i < count; i++)
		add_entry(&data, &entries[i]);
	end_tar(&data);
	sysck_buf_clear(deb);
	add_part(deb, "debian-binary", SYSCK_SLICE("2.0\n"));
	add_part(deb, "control.tar", sysck_buf_slice(&control));
	add_part(deb, "data.tar/", sysck_buf_slice(&data));
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(deb), 0);
	sysck_buf_done(&control);
	sysck_buf_done(&data);
}

/* --- reading them ----------------------------------------------------------------------------------------------------- */

/* What the visitor was told. */
struct told {
	struct sysck_buf text; /* a line a member */
	unsigned controls, members;
	int answer, member_answer;
	struct sysck_err err;
};

static int take_control(void *context, const struct tcbck_deb_control *control)
{
	struct told *told = context;

	told->controls++;
	sysck_buf_add_format(&told->text, "%.*s %.*s %.*s\n", (int)control->package.len, control->package.data,
			     (int)control->version.len, control->version.data, (int)control->architecture.len,
			     control->architecture.data);
	return told->answer;
}

static void add_slice(struct sysck_buf *buf, const char *before, struct sysck_slice slice)
{
	if (slice.len == 0)
		return;
	sysck_buf_add_text(buf, before);
	sysck_buf_add_slice(buf, slice);
}

static int take_member(void *context, const struct tcbck_deb_member *member)
{
	struct told *told = context;

	told->members++;
	sysck_buf_add_format(&told->text, "%s %04o %u %u", sysck_type_name(member->type), member->mode, member->user_id,
			     member->group_id);
	add_slice(&told->text, " ", member->user);
	add_slice(&told->text, " ", member->group);
	add_slice(&told->text, " ", member->path);
	add_slice(&told->text, " -> ", member->target);
	add_slice(&told->text, " is ", member->link);
	if (member->device.major != 0)
		sysck_buf_add_format(&told->text, " %u,%u", member->device.major, member->device.minor);
	if (member->size > 0) {
		sysck_buf_add_format(&told->text, " %llu ", (unsigned long long)member->size);
		sysck_digest_write(&told->text, &member->hash_value);
		sysck_buf_add_char(&told->text, ' ');
		sysck_digest_write(&told->text, &member->proof);
	}
	sysck_buf_add_char(&told->text, '\n');
	return told->member_answer;
}

static int read_deb(struct told *told, struct sysck_slice bytes, const atomic_bool *stop)
{
	const struct tcbck_deb_visitor visitor = { take_control, take_member, told };
	int descriptor = memfd_create("deb", MFD_CLOEXEC), r;

	sysck_err_clear(&told->err);
	CU_ASSERT_EQUAL_FATAL(write(descriptor, bytes.data, bytes.len), (ssize_t)bytes.len);
	CU_ASSERT_EQUAL_FATAL(lseek(descriptor, 0, SEEK_SET), 0);
	r = tcbck_deb_read(descriptor, SYSCK_HASH_SHA256, &visitor, stop, &told->err);
	close(descriptor);
	/* Told of whenever it goes wrong, and only then. */
	CU_ASSERT_EQUAL(r < 0, told->err.text[0] != '\0');
	CU_ASSERT(r >= 0 || told->err.code == r);
	return r;
}

/* The reading must end with `wanted`; what it told is thrown away. */
static void check_read(const struct sysck_buf *deb, int wanted, const char *what)
{
	struct told told = { .text = SYSCK_BUF_INIT };
	int r = read_deb(&told, sysck_buf_slice(deb), NULL);

	if (r != wanted)
		printf("%s: %d, should be %d: %s\n", what, r, wanted, told.err.text);
	CU_ASSERT_EQUAL(r, wanted);
	sysck_buf_done(&told.text);
}

static bool is_available(void)
{
	if (!tcbck_deb_available())
		unit_skip("libarchive is not there");
	return tcbck_deb_available();
}

/* --- tests ------------------------------------------------------------------------------------------------------------ */

#define ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad md5:900150983cd24fb0d6963f7d28e17f72"

static const struct entry all_types[] = {
	{ .name = "./", .type = '5', .mode = 0755, .user = "root", .group = "root" },
	{ .name = "./usr/", .type = '5', .mode = 01777, .uid = 1, .gid = 2, .user = "daemon", .group = "bin" },
	{ .name = "./usr/su", .type = '0', .mode = 04755, .content = "abc", .user = "root", .group = "root" },
	{ .name = "./usr/empty", .type = '0', .mode = 0644, .uid = 1000000 },
	{ .name = "./usr/sg", .type = '1', .mode = 04755, .link = "./usr/su" },
	{ .name = "usr/link", .type = '2', .mode = 0777, .link = "../a b" },
	{ .name = "./usr/null", .type = '3', .mode = 0666, .major = 1, .minor = 3 },
	{ .name = "./usr/loop", .type = '4', .mode = 0660, .major = 7, .minor = 0 },
	{ .name = "./usr/fifo", .type = '6', .mode = 0600 },
	{ .name = "./usr/\303\244\377", .type = '0', .mode = 0644, .content = "abc", .magic = "ustar\00000" },
};

static void reads_every_type(void)
{
	static const char wanted[] = "hello 1:2.10-3 amd64\n"
				     "DIRECTORY 0755 0 0 root root /\n"
				     "DIRECTORY 1777 1 2 daemon bin /usr\n"
				     "FILE 4755 0 0 root root /usr/su 3 " ABC "\n"
				     "FILE 0644 1000000 0 /usr/empty\n"
				     "FILE 4755 0 0 /usr/sg is /usr/su\n"
				     "SYMLINK 0777 0 0 /usr/link -> ../a b\n"
				     "CHAR_DEV 0666 0 0 /usr/null 1,3\n"
				     "BLK_DEV 0660 0 0 /usr/loop 7,0\n"
				     "FIFO 0600 0 0 /usr/fifo\n"
				     "FILE 0644 0 0 /usr/\303\244\377 3 " ABC "\n";
	struct told told = { .text = SYSCK_BUF_INIT };
	struct sysck_buf deb = SYSCK_BUF_INIT;

	if (!is_available())
		return;
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	CU_ASSERT_EQUAL(read_deb(&told, sysck_buf_slice(&deb), NULL), 0);
	CU_ASSERT(sysck_slice_equal(sysck_buf_slice(&told.text), SYSCK_SLICE(wanted)));
	if (!sysck_slice_equal(sysck_buf_slice(&told.text), SYSCK_SLICE(wanted)))
		printf("%.*s", (int)told.text.len, told.text.data);
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

static void long_names(void)
{
	enum { LENGTH = 300 };
	char name[LENGTH + 1] = "./", wanted[2 * LENGTH + 200];
	const struct entry entries[] = {
		{ .name = "././@LongLink", .type = 'L', .content = name },
		{ .name = "./cut", .type = '0', .mode = 0644 },
		{ .name = "././@LongLink", .type = 'K', .content = name },
		{ .name = "./link", .type = '2', .mode = 0777, .link = "cut" },
	};
	struct told told = { .text = SYSCK_BUF_INIT };
	struct sysck_buf deb = SYSCK_BUF_INIT;

	if (!is_available())
		return;
	memset(name + 2, 'n', LENGTH - 2);
	make_deb(&deb, entries, sizeof(entries) / sizeof(entries[0]));
	CU_ASSERT_EQUAL(read_deb(&told, sysck_buf_slice(&deb), NULL), 0);
	snprintf(wanted, sizeof(wanted), "hello 1:2.10-3 amd64\nFILE 0644 0 0 %s\nSYMLINK 0777 0 0 /link -> %s\n", name + 1,
		 name);
	CU_ASSERT(sysck_slice_equal(sysck_buf_slice(&told.text), sysck_slice_of(wanted)));
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

static void not_wanted(void)
{
	struct told told = { .text = SYSCK_BUF_INIT, .answer = 1 };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	struct sysck_slice half;
	const struct tcbck_deb_visitor visitor = { take_control, take_member, &told };
	int descriptors[2];

	if (!is_available())
		return;
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	/* Its data are not even there. */
	half = (struct sysck_slice){ deb.data, 8 + 60 + 4 + 60 + 7 * BLOCK };
	CU_ASSERT_EQUAL(read_deb(&told, half, NULL), 1);
	CU_ASSERT_EQUAL(told.controls, 1);
	told.answer = -EUCLEAN;
	CU_ASSERT_EQUAL(read_deb(&told, sysck_buf_slice(&deb), NULL), -EUCLEAN);
	CU_ASSERT_EQUAL(told.members, 0);
	told.answer = 0;
	told.member_answer = -EFBIG;
	CU_ASSERT_EQUAL(read_deb(&told, sysck_buf_slice(&deb), NULL), -EFBIG);
	CU_ASSERT_EQUAL(told.members, 1);
	/* What can't be read, and what comes in pieces. */
	told.member_answer = 0;
	descriptors[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_EQUAL(tcbck_deb_read(descriptors[0], SYSCK_HASH_SHA512, &visitor, NULL, &told.err), -EISDIR);
	close(descriptors[0]);
	CU_ASSERT_EQUAL_FATAL(pipe2(descriptors, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL_FATAL(write(descriptors[1], deb.data, deb.len), (ssize_t)deb.len);
	close(descriptors[1]);
	CU_ASSERT_EQUAL(tcbck_deb_read(descriptors[0], SYSCK_HASH_SHA512, &visitor, NULL, &told.err), 0);
	close(descriptors[0]);
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

static void stops(void)
{
	struct told told = { .text = SYSCK_BUF_INIT };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	atomic_bool stop = true;

	if (!is_available())
		return;
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	CU_ASSERT_EQUAL(read_deb(&told, sysck_buf_slice(&deb), &stop), -ECANCELED);
	CU_ASSERT_EQUAL(told.controls, 0);
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

/* No part of an archive is an archive; but the last padding may be missing. */
static void every_truncation(void)
{
	struct told told = { .text = SYSCK_BUF_INIT };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	unsigned wrong = 0;

	if (!is_available())
		return;
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	for (size_t length = 0; length < deb.len; length += length < 200 || deb.len - length < 200 ? 1 : 61) {
		sysck_buf_clear(&told.text);
		if (read_deb(&told, (struct sysck_slice){ deb.data, length }, NULL) != -EBADMSG)
			wrong++;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

/* Whatever byte is another one: it is read or refused. In what tells names and modes, nearly all of them are refused. */
static void every_byte(void)
{
	struct told told = { .text = SYSCK_BUF_INIT };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	unsigned refused = 0, wrong = 0;

	if (!is_available())
		return;
	make_deb(&deb, all_types, 4);
	for (size_t i = 0; i < deb.len; i += 3) {
		char was = deb.data[i];
		int r;

		deb.data[i] = (char)(was ^ 0x15);
		sysck_buf_clear(&told.text);
		r = read_deb(&told, sysck_buf_slice(&deb), NULL);
		refused += r == -EBADMSG ? 1 : 0;
		wrong += r != 0 && r != -EBADMSG ? 1 : 0;
		deb.data[i] = was;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	/* Seven headers of tar with a checksum each. */
	CU_ASSERT(refused > 7 * BLOCK / 3);
	sysck_buf_done(&told.text);
	sysck_buf_done(&deb);
}

#define NAME_32 "name-of-32-bytes.name-of-32-byte"

static void refused_members(void)
{
	static const struct entry entries[] = {
		{ .name = "/etc/passwd", .type = '0' },
		{ .name = "./../etc/passwd", .type = '0' },
		{ .name = "./usr/../etc", .type = '0' },
		{ .name = "./usr/..", .type = '5' },
		{ .name = "..", .type = '5' },
		{ .name = "./usr//bin", .type = '0' },
		{ .name = ".//bin", .type = '0' },
		{ .name = "./usr/./bin", .type = '0' },
		{ .name = "./", .type = '2', .link = "x" },
		{ .name = "", .type = '0' },
		{ .name = "./dir//", .type = '5' },
		{ .name = "./link", .type = '2' },
		{ .name = "./hard", .type = '1', .link = "../../etc/shadow" },
		{ .name = "./hard", .type = '1', .link = "/etc/shadow" },
		{ .name = "./content", .type = '2', .link = "a", .content = "abc" },
		{ .name = "./device", .type = '3', .major = 0x1000 },
		{ .name = "./device", .type = '4', .minor = 0x100000 },
		{ .name = "./big", .type = '0', .size = "77777777777" },
		{ .name = "./huge", .type = '0', .size = "\177\377\377\377\377\377\377\377\377\377\377\377" },
		{ .name = "./huge", .type = '0', .size = "\200\177\377\377\377\377\377\377\377\377\377\377" },
		{ .name = "./x", .type = 'x', .content = "20 path=./elsewhere\n", .magic = "ustar\00000" },
		{ .name = "./g", .type = 'g', .content = "20 path=./elsewhere\n", .magic = "ustar\00000" },
		{ .name = "./x", .type = 'X', .content = "20 path=./elsewhere\n" },
		{ .name = "./contiguous", .type = '7', .content = "abc" },
		{ .name = "./volume", .type = 'V' },
		{ .name = "./directory", .type = '5', .content = "abc" },
		{ .name = "./hard", .type = '1', .link = "./a", .content = "abc" },
		{ .name = "./sparse", .type = 'S', .content = "abc" },
	};
	struct sysck_buf deb = SYSCK_BUF_INIT;
	struct entry two[] = { { .name = "" }, { .name = "./" NAME_32, .type = '0', .content = "abc" } };

	if (!is_available())
		return;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		two[0] = entries[i];
		make_deb(&deb, two, 2);
		check_read(&deb, -EBADMSG, entries[i].name);
	}
	two[0] = two[1];
	make_deb(&deb, two, 2);
	check_read(&deb, 0, "the second member alone");
	sysck_buf_done(&deb);
}

/* A name of as many bytes as there may be, and of one more. */
static void limit_of_names(void)
{
	struct entry entries[] = { { .name = "././@LongLink", .type = 'L' }, { .name = "./cut", .type = '0' } };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	char *name = calloc(1, TCBCK_DEB_NAME_MAX + 2);

	if (!is_available() || name == NULL) {
		free(name);
		return;
	}
	entries[0].content = name;
	memset(name, 'n', TCBCK_DEB_NAME_MAX + 1);
	for (size_t i = 0; i < TCBCK_DEB_NAME_MAX; i += 200)
		name[i] = i == 0 ? 'n' : '/';
	make_deb(&deb, entries, 2);
	check_read(&deb, -EBADMSG, "a name that is too long");
	name[TCBCK_DEB_NAME_MAX] = '\0';
	make_deb(&deb, entries, 2);
	check_read(&deb, 0, "the longest name");
	free(name);
	sysck_buf_done(&deb);
}

/* An archive with this text as its control. */
static void check_control(const char *text, int wanted)
{
	struct sysck_buf deb = SYSCK_BUF_INIT, control = SYSCK_BUF_INIT, data = SYSCK_BUF_INIT;

	make_control(&control, text);
	end_tar(&data);
	add_part(&deb, "debian-binary   ", SYSCK_SLICE("2.0\n"));
	add_part(&deb, "control.tar", sysck_buf_slice(&control));
	add_part(&deb, "data.tar", sysck_buf_slice(&data));
	check_read(&deb, wanted, text);
	sysck_buf_done(&deb);
	sysck_buf_done(&control);
	sysck_buf_done(&data);
}

static void controls(void)
{
	if (!is_available())
		return;
	check_control("Package: a\nVersion: 1\nArchitecture: all\n", 0);
	check_control("Package: a\nVersion: 1\nArchitecture: all", 0);
	check_control("Package: a\nVersion: 1\nArchitecture: all\n\n\n", 0);
	check_control("Package: a\r\nVersion: 1\nArchitecture: all\n", 0);
	check_control("Package: a\nVersion: 1\n", -EBADMSG);
	check_control("Package: a\nPackage: b\nVersion: 1\nArchitecture: all\n", -EBADMSG);
	check_control("Package: a\n\nVersion: 1\nArchitecture: all\n", -EBADMSG);
	check_control("Package: a\nVersion: 1\nArchitecture: all\n\nPackage: b\n", -EBADMSG);
	check_control("Package:\nVersion: 1\nArchitecture: all\n", -EBADMSG);
	check_control("Package: a b\nVersion: 1\nArchitecture: all\n", -EBADMSG);
	check_control("Package: a\033[2J\nVersion: 1\nArchitecture: all\n", -EBADMSG);
	check_control("Package: a\nVersion: 1\nArchitecture: all\nnonsense\n", -EBADMSG);
	check_control("", -EBADMSG);
}

/* The outer archive: parts that are twice there, in another order, unknown, of other packing, and what may be. */
static void parts(void)
{
	struct sysck_buf deb = SYSCK_BUF_INIT, control = SYSCK_BUF_INIT, data = SYSCK_BUF_INIT, big = SYSCK_BUF_INIT;
	static const struct {
		const char *names; /* v: debian-binary, c: control, d: data, or as they are between blanks */
		int wanted;
	} rows[] = {
		{ "v c d", 0 },
		{ "v _gpg c _x d", 0 },
		{ "v c d _gpgorigin new", 0 },
		{ "v c d d", -EBADMSG },
		{ "v c c d", -EBADMSG },
		{ "v d c", -EBADMSG },
		{ "c d v", -EBADMSG },
		{ "c d", -EBADMSG },
		{ "v v c d", -EBADMSG },
		{ "v c d v", -EBADMSG },
		{ "v c d c", -EBADMSG },
		{ "v c", -EBADMSG },
		{ "v d", -EBADMSG },
		{ "v", -EBADMSG },
		{ "v other c d", -EBADMSG },
		{ "v // c d", -EBADMSG },
		{ "v #1/20 c d", -EBADMSG },
		{ "v control.tar.gz d", -EBADMSG },
		{ "v control.tar.bz2 d", -EBADMSG },
		{ "v c data.tar.xz", -EBADMSG },
		{ "v c data.tar.Z", -EBADMSG },
	};

	if (!is_available())
		return;
	make_control(&control, CONTROL);
	add_entry(&data, &all_types[2]);
	end_tar(&data);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *names = rows[i].names;

		sysck_buf_clear(&deb);
		while (*names != '\0') {
			char name[20] = "";
			size_t length = strcspn(names, " ");
			struct sysck_slice content = sysck_buf_slice(names[0] == 'c' ? &control : &data);

			memcpy(name, names, length);
			names += length + (names[length] == ' ' ? 1 : 0);
			if (strcmp(name, "v") == 0)
				add_part(&deb, "debian-binary", SYSCK_SLICE("2.0\n"));
			else
				add_part(&deb,
					 strcmp(name, "c") == 0   ? "control.tar"
					 : strcmp(name, "d") == 0 ? "data.tar"
								  : name,
					 content);
		}
		check_read(&deb, rows[i].wanted, rows[i].names);
	}
	/* Behind the last part; and a control that is too big. */
	sysck_buf_clear(&deb);
	make_deb(&deb, all_types, 4);
	sysck_buf_add_text(&deb, "x");
	check_read(&deb, -EBADMSG, "one byte behind the end");
	for (size_t i = 0; i <= TCBCK_DEB_CONTROL_MAX / 64; i++)
		sysck_buf_add_text(&big, "Field: 012345678901234567890123456789012345678901234567890123\n");
	sysck_buf_add_char(&big, '\0');
	check_control(big.data, -EBADMSG);
	sysck_buf_done(&big);
	sysck_buf_done(&deb);
	sysck_buf_done(&control);
	sysck_buf_done(&data);
}

static void versions(void)
{
	static const struct {
		const char *text;
		int wanted;
	} rows[] = {
		{ "2.0\n", 0 },       { "2.1\n", 0 },         { "2.0\nmore\n", 0 }, { "3.0\n", -EBADMSG }, { "2.0", -EBADMSG },
		{ "2.\n", -EBADMSG }, { "2.0x\n", -EBADMSG }, { "", -EBADMSG },     { "\n", -EBADMSG },
	};
	struct sysck_buf deb = SYSCK_BUF_INIT, control = SYSCK_BUF_INIT, data = SYSCK_BUF_INIT;

	if (!is_available())
		return;
	make_control(&control, CONTROL);
	end_tar(&data);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sysck_buf_clear(&deb);
		add_part(&deb, "debian-binary", sysck_slice_of(rows[i].text));
		add_part(&deb, "control.tar", sysck_buf_slice(&control));
		add_part(&deb, "data.tar", sysck_buf_slice(&data));
		check_read(&deb, rows[i].wanted, rows[i].text);
	}
	sysck_buf_done(&deb);
	sysck_buf_done(&control);
	sysck_buf_done(&data);
}

/* What was asked for before is read after; in a child, for there is no way back. */
static bool reads_confined(void *context)
{
	const int *descriptor = context;
	struct told told = { .text = SYSCK_BUF_INIT };
	const struct tcbck_deb_visitor visitor = { take_control, take_member, &told };
	int r;

	if (!tcbck_deb_available() || prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
		return false;
	r = tcbck_filter_reading(tcbck_how_all(), TCBCK_HOW_COUNT, &told.err);
	if (r == 0)
		r = tcbck_deb_read(*descriptor, SYSCK_HASH_SHA256, &visitor, NULL, &told.err);
	return r == -EOPNOTSUPP || (r == 0 && told.members == sizeof(all_types) / sizeof(all_types[0]));
}

static void confined(void)
{
	struct sysck_buf deb = SYSCK_BUF_INIT;
	int descriptor = memfd_create("deb", MFD_CLOEXEC);

#ifdef TCBCK_UNCONFINED
	unit_skip("what is built in needs more than reading");
	close(descriptor);
	return;
#endif
	if (!is_available()) {
		close(descriptor);
		return;
	}
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	CU_ASSERT_EQUAL_FATAL(write(descriptor, deb.data, deb.len), (ssize_t)deb.len);
	CU_ASSERT_EQUAL_FATAL(lseek(descriptor, 0, SEEK_SET), 0);
	CU_ASSERT(scratch_child(reads_confined, &descriptor));
	close(descriptor);
	sysck_buf_done(&deb);
}

/* Two threads, each with its own. */
static void *read_often(void *context)
{
	const struct sysck_buf *deb = context;
	unsigned *wrong = calloc(1, sizeof(*wrong));

	for (int i = 0; wrong != NULL && i < 50; i++) {
		struct told told = { .text = SYSCK_BUF_INIT };
		const struct tcbck_deb_visitor mine = { take_control, take_member, &told };
		int descriptor = memfd_create("deb", MFD_CLOEXEC);

		if (write(descriptor, deb->data, deb->len) != (ssize_t)deb->len || lseek(descriptor, 0, SEEK_SET) != 0 ||
		    tcbck_deb_read(descriptor, SYSCK_HASH_SHA256, &mine, NULL, &told.err) != 0 ||
		    told.members != sizeof(all_types) / sizeof(all_types[0]))
			(*wrong)++;
		close(descriptor);
		sysck_buf_done(&told.text);
	}
	return wrong;
}

static void threads(void)
{
	struct sysck_buf deb = SYSCK_BUF_INIT;
	pthread_t both[2];

	if (!is_available())
		return;
	make_deb(&deb, all_types, sizeof(all_types) / sizeof(all_types[0]));
	for (size_t i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&both[i], NULL, read_often, &deb), 0);
	for (size_t i = 0; i < 2; i++) {
		void *wrong = NULL;

		pthread_join(both[i], &wrong);
		CU_ASSERT(wrong != NULL && *(unsigned *)wrong == 0);
		free(wrong);
	}
	sysck_buf_done(&deb);
}

void suite_deb(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(reads_every_type), UNIT_TEST(long_names), UNIT_TEST(not_wanted),      UNIT_TEST(stops),
		UNIT_TEST(every_truncation), UNIT_TEST(every_byte), UNIT_TEST(refused_members), UNIT_TEST(limit_of_names),
		UNIT_TEST(controls),         UNIT_TEST(parts),      UNIT_TEST(versions),        UNIT_TEST(confined),
		UNIT_TEST(threads),
	};

	unit_add("deb", tests, sizeof(tests) / sizeof(tests[0]));
}

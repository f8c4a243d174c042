/*
 * test_form.c - tests of db/form.c: every spelling of the plain values, good and bad, and that what is written reads back.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sysck/form.h>
#include <sysck/stanza.h>

#include "suites.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define T           SYSCK_MODE_TCB

/* Shows the row that is wrong: CUnit knows only the line of the assertion. */
static void expect(bool good, const char *text)
{
	if (!good)
		printf("    wrong: [%s]\n", text);
	CU_ASSERT_TRUE(good);
}

/* A failed reading has a code, a reason, and no place: the caller knows that. */
static bool says_why(const struct sysck_err *err, int r)
{
	return r < 0 && err->code == r && err->text[0] != '\0' && err->line == 0 && strchr(err->text, '\n') == NULL;
}

static bool buf_is(const struct sysck_buf *buf, const char *text)
{
	return sysck_buf_error(buf) == 0 && sysck_slice_equal(sysck_buf_slice(buf), sysck_slice_of(text));
}

static void types(void)
{
	static const struct {
		const char *text;
		enum sysck_type type;
	} good[] = {
		{ "FILE", SYSCK_TYPE_FILE },           { "file", SYSCK_TYPE_FILE },           { "File", SYSCK_TYPE_FILE },
		{ "DIRECTORY", SYSCK_TYPE_DIRECTORY }, { "directory", SYSCK_TYPE_DIRECTORY }, { "FIFO", SYSCK_TYPE_FIFO },
		{ "SYMLINK", SYSCK_TYPE_SYMLINK },     { "BLK_DEV", SYSCK_TYPE_BLK_DEV },     { "blk_dev", SYSCK_TYPE_BLK_DEV },
		{ "CHAR_DEV", SYSCK_TYPE_CHAR_DEV },   { "SOCKET", SYSCK_TYPE_SOCKET },       { "ABSENT", SYSCK_TYPE_ABSENT },
		{ "absent", SYSCK_TYPE_ABSENT },
	};
	static const char *const bad[] = { "",          "NONE",    "MPX_DEV", "mpx_dev",    "FILES", "FIL",
					   " FILE",     "FILE ",   "REGULAR", "DIR",        "LINK",  "0",
					   "FILE,FIFO", "BLK-DEV", "CHARDEV", "\305\277IFO" };
	enum sysck_type type;
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(good); i++) {
		type = SYSCK_TYPE_NONE;
		expect(sysck_type_parse(sysck_slice_of(good[i].text), &type, &err) == 0 && type == good[i].type, good[i].text);
		expect(sysck_slice_is(sysck_slice_of(good[i].text), sysck_type_name(type)), good[i].text);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int r;

		type = SYSCK_TYPE_SOCKET;
		r = sysck_type_parse(sysck_slice_of(bad[i]), &type, &err);
		expect(r == -EINVAL && says_why(&err, r) && type == SYSCK_TYPE_SOCKET, bad[i]);
		expect(sysck_type_parse(sysck_slice_of(bad[i]), &type, NULL) == -EINVAL, bad[i]);
	}
	CU_ASSERT_STRING_EQUAL(sysck_type_name(SYSCK_TYPE_NONE), "NONE");
	/* "MPX_DEV: an error, no such thing on Linux" */
	(void)sysck_type_parse(SYSCK_SLICE("MPX_DEV"), &type, &err);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "Linux"));
}

static void types_of_modes(void)
{
	static const struct {
		uint32_t mode;
		enum sysck_type type;
	} rows[] = {
		{ S_IFREG | 0644, SYSCK_TYPE_FILE }, { S_IFDIR | 01777, SYSCK_TYPE_DIRECTORY },
		{ S_IFIFO, SYSCK_TYPE_FIFO },        { S_IFLNK | 0777, SYSCK_TYPE_SYMLINK },
		{ S_IFBLK, SYSCK_TYPE_BLK_DEV },     { S_IFCHR, SYSCK_TYPE_CHAR_DEV },
		{ S_IFSOCK, SYSCK_TYPE_SOCKET },     { 0644, SYSCK_TYPE_NONE },
		{ S_IFMT, SYSCK_TYPE_NONE },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CU_ASSERT_EQUAL(sysck_type_of_mode(rows[i].mode), rows[i].type);
}

static void good_modes(void)
{
	static const struct {
		const char *text;
		uint32_t mode;
		const char *written;
	} rows[] = {
		{ "rwxr-xr-x", 0755, "rwxr-xr-x" },
		{ "rw-,r--,r--", 0644, "rw-r--r--" },
		{ "rw-, r--, r--", 0644, "rw-r--r--" },
		{ "rw- ,\tr-- , r--", 0644, "rw-r--r--" },
		{ "rw-r--,r--", 0644, "rw-r--r--" },
		{ "rw-,r--r--", 0644, "rw-r--r--" },
		{ "  rwxr-xr-x  ", 0755, "rwxr-xr-x" },
		{ "---------", 0, "---------" },
		{ "---,---,---", 0, "---------" },
		{ "rwxrwxrwx", 0777, "rwxrwxrwx" },
		{ "r--------", 0400, "r--------" },
		{ "-w-------", 0200, "-w-------" },
		{ "--x------", 0100, "--x------" },
		{ "---r-----", 0040, "---r-----" },
		{ "----w----", 0020, "----w----" },
		{ "-----x---", 0010, "-----x---" },
		{ "------r--", 0004, "------r--" },
		{ "-------w-", 0002, "-------w-" },
		{ "--------x", 0001, "--------x" },
		{ "SUID,rwxr-xr-x", 04755, "SUID,rwxr-xr-x" },
		{ "SGID,rwxr-xr-x", 02755, "SGID,rwxr-xr-x" },
		{ "SVTX,rwxrwxrwx", 01777, "SVTX,rwxrwxrwx" },
		{ "TCB,rwxr-xr-x", T | 0755, "TCB,rwxr-xr-x" },
		{ "TCB, SVTX ,SGID,SUID , rwx,r-x,r-x", T | 07755, "SUID,SGID,SVTX,TCB,rwxr-xr-x" },
		{ "suid,Sgid,svtX,tcb,r--r--r--", T | 07444, "SUID,SGID,SVTX,TCB,r--r--r--" },
		{ "SUID,---------", 04000, "SUID,---------" },
		{ "755", 0755, "rwxr-xr-x" },
		{ "0755", 0755, "rwxr-xr-x" },
		{ "4755", 04755, "SUID,rwxr-xr-x" },
		{ "04755", 04755, "SUID,rwxr-xr-x" },
		{ "7777", 07777, "SUID,SGID,SVTX,rwxrwxrwx" },
		{ "07777", 07777, "SUID,SGID,SVTX,rwxrwxrwx" },
		{ "000", 0, "---------" },
		{ "0000", 0, "---------" },
		/* As stat(1) -c %a prints them. */
		{ "0", 0, "---------" },
		{ "4", 0004, "------r--" },
		{ "44", 0044, "---r--r--" },
		{ "TCB,755", T | 0755, "TCB,rwxr-xr-x" },
		{ "SUID,0755", 04755, "SUID,rwxr-xr-x" },
		{ "SUID,4755", 04755, "SUID,rwxr-xr-x" },
		{ "SUID, TCB, 0700", T | 04700, "SUID,TCB,rwx------" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf buf = SYSCK_BUF_INIT;
		uint32_t mode = 0xffffffff, again = 0xffffffff;
		struct sysck_err err;

		expect(sysck_mode_parse(sysck_slice_of(rows[i].text), &mode, &err) == 0 && mode == rows[i].mode, rows[i].text);
		sysck_mode_write(&buf, mode);
		expect(buf_is(&buf, rows[i].written), rows[i].text);
		expect(sysck_mode_parse(sysck_buf_slice(&buf), &again, &err) == 0 && again == mode, rows[i].written);
		sysck_buf_done(&buf);
	}
}

static void bad_modes(void)
{
	static const char *const rows[] = {
		"",
		" ",
		",",
		"rwx",
		"rwxr-x",
		"rwxr-xr-xr",
		"rwxr-xr-xr-x",
		"rwxr-xr-",
		"wrxr-xr-x",
		"rwsr-xr-x",
		"rwxr-sr-x",
		"rwxrwxrwt",
		"rwxr-xr-X",
		"RWXR-XR-X",
		"rwx r-x r-x",
		"rw-,r--",
		"rw-,,r--,r--",
		"rw-,r--,r--,",
		",rw-r--r--",
		"rw,r,r",
		"r-,wr-,xr-",
		"8",
		"0888",
		"10000",
		"17777",
		"77777",
		"000755",
		"0x1ff",
		"-755",
		"+755",
		"755 0",
		"u=rwx",
		"SUID",
		"SUID,",
		"SUID,SUID,rwxr-xr-x",
		"TCB,TCB,755",
		"rwxr-xr-x,SUID",
		"0755,SUID",
		"SUIDrwxr-xr-x",
		"SUID rwxr-xr-x",
		"SUID,SGID",
		"STICKY,rwxr-xr-x",
		"S_UID,0755",
		"rwxr-xr-x,0755",
		"0755,rwxr-xr-x",
		"rwx,0,5",
		"0755,0755",
		"rwx,SUID,r-x,r-x",
		"-rwxr-xr-x",
		"drwxr-xr-x",
		"777,",
		"99999999999999999999",
	};
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t mode = 0xffffffff;
		int r = sysck_mode_parse(sysck_slice_of(rows[i]), &mode, &err);

		expect(r == -EINVAL && says_why(&err, r) && mode == 0xffffffff, rows[i]);
	}
	CU_ASSERT_EQUAL(sysck_mode_parse((struct sysck_slice){ "rwxr-xr-x\0", 10 }, &(uint32_t){ 0 }, &err), -EINVAL);
	CU_ASSERT_EQUAL(sysck_mode_parse((struct sysck_slice){ "rwx\0-xr-x", 9 }, &(uint32_t){ 0 }, NULL), -EINVAL);
	CU_ASSERT_EQUAL(sysck_mode_parse((struct sysck_slice){ NULL, 0 }, &(uint32_t){ 0 }, &err), -EINVAL);
}

/* All 8192 of them. */
static void every_mode_reads_back(void)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	bool good = true;

	for (uint32_t i = 0; i < 8192; i++) {
		uint32_t mode = (i & 07777) | ((i & 010000) != 0 ? T : 0), again = 0xffffffff;

		sysck_buf_clear(&buf);
		sysck_mode_write(&buf, mode);
		good = good && sysck_mode_parse(sysck_buf_slice(&buf), &again, NULL) == 0 && again == mode;
		sysck_buf_clear(&buf);
		sysck_buf_add_format(&buf, "%s%o", mode & T ? "TCB," : "", mode & 07777);
		good = good && sysck_mode_parse(sysck_buf_slice(&buf), &again, NULL) == 0 && again == mode;
	}
	CU_ASSERT_TRUE(good);
	sysck_buf_done(&buf);
}

static struct sysck_names *test_names(void)
{
	static const char passwd[] =
		"root:x:0:0:::\nfred:x:1000:1000:::\n1234:x:77:77:::\nfred doe:x:78:78:::\na,b:x:79:79:::\n"
		"user.name_x-y$:x:80:80:::\nq\"q:x:81:81:::\nc:x:82:82:::\nc2:x:82:82:::\n\xc3\xa9:x:83:83:::\n"
		"fred:x:84:84:::\ndom\\user:x:85:85:::\ntop:x:4294967294:1:::\n";
	static const char group[] = "root:x:0:\nstaff:x:50:\n";
	struct sysck_names *names = NULL;

	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(sysck_slice_of(passwd), sysck_slice_of(group), &names), 0);
	return names;
}

static void ids(void)
{
	static const struct {
		const char *text;
		int r;
		uint32_t id;
	} rows[] = {
		{ "root", 0, 0 },
		{ "fred", 0, 1000 },
		{ "fred doe", 0, 78 },
		{ "0", 0, 0 },
		{ "00", 0, 0 },
		{ "0000000000000000000000000007", 0, 7 },
		{ "1000", 0, 1000 },
		/* A number is a number, even where a user is called so. */
		{ "1234", 0, 1234 },
		{ "2147483647", 0, 2147483647 },
		{ "2147483648", 0, 2147483648 },
		{ "4294967294", 0, 4294967294 },
		{ "4294967295", -ERANGE, 0 },
		{ "4294967296", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -ENOENT, 0 },
		{ "+1", -ENOENT, 0 },
		{ "1 ", -ENOENT, 0 },
		{ "0x10", -ENOENT, 0 },
		{ "nobody here", -ENOENT, 0 },
		{ "Root", -ENOENT, 0 },
		{ "root,fred", -ENOENT, 0 },
		{ "staff", -ENOENT, 0 },
		{ "\x1b[31m", -ENOENT, 0 },
	};
	struct sysck_names *names = test_names();
	struct sysck_err err;
	uint32_t id;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int r;

		id = 5555;
		r = sysck_owner_parse(sysck_slice_of(rows[i].text), names, &id, &err);
		expect(r == rows[i].r && id == (r == 0 ? rows[i].id : 5555), rows[i].text);
		expect(r == 0 || (says_why(&err, r) && strchr(err.text, '\x1b') == NULL), rows[i].text);
	}
	CU_ASSERT_EQUAL(sysck_owner_parse((struct sysck_slice){ "root\0", 5 }, names, &id, &err), -ENOENT);
	CU_ASSERT_EQUAL(sysck_group_parse(SYSCK_SLICE("staff"), names, &id, &err), 0);
	CU_ASSERT_EQUAL(id, 50);
	CU_ASSERT_EQUAL(sysck_group_parse(SYSCK_SLICE("fred"), names, &id, &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "group fred"));
	CU_ASSERT_EQUAL(sysck_group_parse(SYSCK_SLICE("4294967295"), names, &id, &err), -ERANGE);
	CU_ASSERT_EQUAL(sysck_group_parse(SYSCK_SLICE("4294967294"), names, &id, &err), 0);
	CU_ASSERT_EQUAL(id, 4294967294);
	sysck_names_free(names);
}

static void ids_written(void)
{
	static const struct {
		uint32_t id;
		const char *user;
	} rows[] = {
		{ 0, "root" },
		{ 1000, "fred" },
		{ 4711, "4711" },
		{ 77, "77" },
		{ 78, "78" },
		{ 79, "79" },
		{ 80, "user.name_x-y$" },
		{ 81, "81" },
		{ 82, "c" },
		{ 83, "83" },
		{ 84, "84" },
		{ 85, "85" },
		{ 4294967294, "top" },
	};
	struct sysck_names *names = test_names();
	struct sysck_buf buf = SYSCK_BUF_INIT;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t id = 5555;

		sysck_buf_clear(&buf);
		sysck_owner_write(&buf, names, rows[i].id);
		expect(buf_is(&buf, rows[i].user), rows[i].user);
		expect(sysck_owner_parse(sysck_buf_slice(&buf), names, &id, NULL) == 0 && id == rows[i].id, rows[i].user);
	}
	sysck_buf_clear(&buf);
	sysck_group_write(&buf, names, 50);
	CU_ASSERT_TRUE(buf_is(&buf, "staff"));
	sysck_buf_clear(&buf);
	sysck_group_write(&buf, names, 1000);
	CU_ASSERT_TRUE(buf_is(&buf, "1000"));
	sysck_buf_done(&buf);
	sysck_names_free(names);
}

static void devices(void)
{
	static const struct {
		const char *text;
		uint32_t major, minor;
	} good[] = {
		{ "1,3", 1, 3 },      { "1, 3", 1, 3 }, { " 1 , 3 ", 1, 3 }, { "0,0", 0, 0 }, { "4095,1048575", 4095, 1048575 },
		{ "008,0001", 8, 1 },
	};
	static const char *const bad[] = { "",       "1",         "1,",   ",1",   "1,2,3", "1,2,",
					   "4096,0", "0,1048576", "-1,3", "1,-3", "1:3",   "1 3",
					   "0x1,3",  "a,b",       ",",    "1,,3", "1.3",   "99999999999999999999,1" };
	struct sysck_device device;
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(good); i++) {
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_device again = { 9, 9 };

		device = (struct sysck_device){ 9, 9 };
		expect(sysck_device_parse(sysck_slice_of(good[i].text), &device, &err) == 0 && device.major == good[i].major &&
			       device.minor == good[i].minor,
		       good[i].text);
		sysck_device_write(&buf, device);
		expect(sysck_device_parse(sysck_buf_slice(&buf), &again, &err) == 0 && again.major == device.major &&
			       again.minor == device.minor,
		       good[i].text);
		sysck_buf_done(&buf);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int r;

		device = (struct sysck_device){ 9, 9 };
		r = sysck_device_parse(sysck_slice_of(bad[i]), &device, &err);
		expect(r == -EINVAL && says_why(&err, r) && device.major == 9 && device.minor == 9, bad[i]);
	}
	CU_ASSERT_EQUAL(sysck_device_parse((struct sysck_slice){ NULL, 0 }, &device, &err), -EINVAL);
}

static void sizes(void)
{
	static const struct {
		const char *text;
		struct sysck_size size;
		const char *written;
	} good[] = {
		{ "0", { 0, true, false }, "0" },
		{ "68248", { 68248, true, false }, "68248" },
		{ "00012", { 12, true, false }, "12" },
		{ "9223372036854775807", { 9223372036854775807, true, false }, "9223372036854775807" },
		{ "VOLATILE", { 0, false, true }, "VOLATILE" },
		{ "volatile", { 0, false, true }, "VOLATILE" },
		{ "12,VOLATILE", { 12, true, true }, "12,VOLATILE" },
		{ "12, Volatile", { 12, true, true }, "12,VOLATILE" },
		{ " 12 , VOLATILE ", { 12, true, true }, "12,VOLATILE" },
	};
	static const char *const bad[] = { "",
					   " ",
					   "-1",
					   "+1",
					   "1.5",
					   "1k",
					   "0x10",
					   "1 2",
					   "12,",
					   ",VOLATILE",
					   "VOLATILE,12",
					   "12,13",
					   "VOLATILE,VOLATILE",
					   "12,VOLATILE,VOLATILE",
					   "12,VOLATILE,",
					   "VOLATIL",
					   "VOLATILES",
					   "12 VOLATILE",
					   "9223372036854775808",
					   "18446744073709551615",
					   "18446744073709551616",
					   "," };
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(good); i++) {
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_size size = { 99, false, false };

		expect(sysck_size_parse(sysck_slice_of(good[i].text), &size, &err) == 0 && size.bytes == good[i].size.bytes &&
			       size.has_bytes == good[i].size.has_bytes && size.is_volatile == good[i].size.is_volatile,
		       good[i].text);
		sysck_size_write(&buf, size);
		expect(buf_is(&buf, good[i].written), good[i].text);
		sysck_buf_done(&buf);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sysck_size size = { 99, false, false };
		int r = sysck_size_parse(sysck_slice_of(bad[i]), &size, &err);

		expect(r == -EINVAL && says_why(&err, r) && size.bytes == 99 && !size.has_bytes && !size.is_volatile, bad[i]);
	}
}

static void checksums(void)
{
	static const struct {
		const char *text, *kept;
		bool is_volatile, is_sum, has_blocks;
		uint32_t sum;
		uint64_t blocks;
	} rows[] = {
		{ "12345    67", "12345    67", false, true, true, 12345, 67 },
		{ "12345 67", "12345 67", false, true, true, 12345, 67 },
		{ "12345\t67", "12345\t67", false, true, true, 12345, 67 },
		{ "  12345    67 \r\n", "12345    67", false, true, true, 12345, 67 },
		{ "12345", "12345", false, true, false, 12345, 0 },
		{ "00000     0", "00000     0", false, true, true, 0, 0 },
		{ "65535 18446744073709551615", "65535 18446744073709551615", false, true, true, 65535, UINT64_MAX },
		{ "00042     1", "00042     1", false, true, true, 42, 1 },
		/* Output of other commands is kept as text. */
		{ "65536 1", "65536 1", false, false, false, 0, 0 },
		{ "12345 67 /bin/su", "12345 67 /bin/su", false, false, true, 12345, 67 },
		{ "12345 x", "12345 x", false, false, true, 12345, 0 },
		{ "12345 -1", "12345 -1", false, false, true, 12345, 0 },
		{ "12345 18446744073709551616", "12345 18446744073709551616", false, false, true, 12345, 0 },
		{ "d41d8cd98f00b204e9800998ecf8427e  -", "d41d8cd98f00b204e9800998ecf8427e  -", false, false, false, 0, 0 },
		{ "VOLATILES", "VOLATILES", false, false, false, 0, 0 },
		{ "VOLATILE 1", "VOLATILE 1", false, false, false, 0, 0 },
		{ "VOLATILE", "", true, false, false, 0, 0 },
		{ " volatile ", "", true, false, false, 0, 0 },
	};
	struct sysck_checksum checksum;
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&checksum, 0x55, sizeof(checksum));
		expect(sysck_checksum_parse(sysck_slice_of(rows[i].text), &checksum, &err) == 0 &&
			       checksum.is_volatile == rows[i].is_volatile && checksum.is_sum == rows[i].is_sum &&
			       sysck_slice_equal(checksum.text, sysck_slice_of(rows[i].kept)),
		       rows[i].text);
		expect(!rows[i].is_sum || (checksum.has_blocks == rows[i].has_blocks && checksum.sum == rows[i].sum &&
					   checksum.blocks == rows[i].blocks),
		       rows[i].text);
	}
	CU_ASSERT_EQUAL(sysck_checksum_parse(SYSCK_SLICE(""), &checksum, &err), -EINVAL);
	CU_ASSERT_EQUAL(sysck_checksum_parse(SYSCK_SLICE(" \t "), &checksum, &err), -EINVAL);
	CU_ASSERT_EQUAL(sysck_checksum_parse((struct sysck_slice){ NULL, 0 }, &checksum, &err), -EINVAL);
	/* A NUL byte is no blank. */
	CU_ASSERT_EQUAL(sysck_checksum_parse((struct sysck_slice){ "12345\0", 6 }, &checksum, &err), 0);
	CU_ASSERT_FALSE(checksum.is_sum);
	CU_ASSERT_EQUAL(sysck_checksum_parse((struct sysck_slice){ "12345\0"
								   "67",
								   8 },
					     &checksum, &err),
			0);
	CU_ASSERT_FALSE(checksum.is_sum);
}

static void sums_written(void)
{
	static const struct {
		uint32_t sum;
		uint64_t blocks;
		const char *text;
	} rows[] = {
		{ 12345, 67, "12345    67" },
		{ 7, 1, "00007     1" },
		{ 0, 0, "00000     0" },
		{ 65535, 123456, "65535 123456" },
		{ 1, UINT64_MAX, "00001 18446744073709551615" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sysck_buf buf = SYSCK_BUF_INIT;
		struct sysck_checksum checksum;

		sysck_sum_write(&buf, rows[i].sum, rows[i].blocks);
		expect(buf_is(&buf, rows[i].text), rows[i].text);
		expect(sysck_checksum_parse(sysck_buf_slice(&buf), &checksum, NULL) == 0 && checksum.is_sum &&
			       checksum.sum == rows[i].sum && checksum.blocks == rows[i].blocks,
		       rows[i].text);
		sysck_buf_done(&buf);
	}
}

static void hashes(void)
{
	static const struct {
		const char *name;
		size_t length;
	} rows[SYSCK_HASH_COUNT] = {
		[SYSCK_HASH_SHA256] = { "sha256", 32 },         [SYSCK_HASH_SHA384] = { "sha384", 48 },
		[SYSCK_HASH_SHA512] = { "sha512", 64 },         [SYSCK_HASH_SHA3_256] = { "sha3-256", 32 },
		[SYSCK_HASH_BLAKE2B512] = { "blake2b512", 64 }, [SYSCK_HASH_MD5] = { "md5", 16 },
	};
	static const char *const bad[] = { "",        "md5",  "sha1",    "sha",     "sha-256",
					   "sha2560", "sha3", "blake2b", "sha256 ", " sha256" };
	enum sysck_hash hash;
	struct sysck_err err;

	for (int i = 0; i < SYSCK_HASH_COUNT; i++) {
		hash = SYSCK_HASH_COUNT;
		CU_ASSERT_STRING_EQUAL(sysck_hash_name((enum sysck_hash)i), rows[i].name);
		CU_ASSERT_EQUAL(sysck_hash_length((enum sysck_hash)i), rows[i].length);
		/* MD5 is read in a digest, but not chosen for new ones. */
		if (i != SYSCK_HASH_MD5)
			expect(sysck_hash_parse(sysck_slice_of(rows[i].name), &hash, &err) == 0 && (int)hash == i,
			       rows[i].name);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int r = sysck_hash_parse(sysck_slice_of(bad[i]), &hash, &err);

		expect(r == -EINVAL && says_why(&err, r), bad[i]);
	}
}

/* For every algorithm: the right number of digits reads and is written again; more, fewer, other characters do not. */
static void digests(void)
{
	static const char digits[] = "0123456789abcdef";
	struct sysck_digest digest, again;
	struct sysck_err err;

	for (int algorithm = 0; algorithm < SYSCK_HASH_COUNT; algorithm++) {
		size_t length = 2 * sysck_hash_length((enum sysck_hash)algorithm);
		struct sysck_buf text = SYSCK_BUF_INIT, written = SYSCK_BUF_INIT;
		size_t prefix;

		sysck_buf_add_format(&text, "%s:", sysck_hash_name((enum sysck_hash)algorithm));
		prefix = text.len;
		for (size_t i = 0; i < length; i++)
			sysck_buf_add_char(&text, digits[(i * 7 + 3) % 16]);
		CU_ASSERT_EQUAL_FATAL(sysck_buf_error(&text), 0);
		CU_ASSERT_EQUAL(sysck_digest_parse(sysck_buf_slice(&text), &digest, &err), 0);
		CU_ASSERT_EQUAL((int)digest.algorithm, algorithm);
		CU_ASSERT_FALSE(digest.is_volatile);
		CU_ASSERT_EQUAL(digest.bytes[0], 0x3a);
		sysck_digest_write(&written, &digest);
		CU_ASSERT_TRUE(sysck_slice_equal(sysck_buf_slice(&text), sysck_buf_slice(&written)));
		for (size_t i = prefix; i < text.len; i++)
			if (text.data[i] >= 'a')
				text.data[i] = (char)(text.data[i] - 'a' + 'A');
		CU_ASSERT_EQUAL(sysck_digest_parse(sysck_buf_slice(&text), &again, &err), 0);
		CU_ASSERT_EQUAL(memcmp(digest.bytes, again.bytes, length / 2), 0);
		CU_ASSERT_EQUAL(sysck_digest_parse((struct sysck_slice){ text.data, text.len - 1 }, &again, &err), -EINVAL);
		CU_ASSERT_EQUAL(sysck_digest_parse((struct sysck_slice){ text.data, text.len - 2 }, &again, &err), -EINVAL);
		CU_ASSERT_EQUAL(sysck_digest_parse((struct sysck_slice){ text.data, prefix }, &again, &err), -EINVAL);
		text.data[text.len - 1] = 'g';
		CU_ASSERT_EQUAL(sysck_digest_parse(sysck_buf_slice(&text), &again, &err), -EINVAL);
		CU_ASSERT_TRUE(says_why(&err, -EINVAL));
		text.data[text.len - 1] = '0';
		sysck_buf_add_text(&text, "00");
		CU_ASSERT_EQUAL(sysck_digest_parse(sysck_buf_slice(&text), &again, &err), -EINVAL);
		sysck_buf_done(&text);
		sysck_buf_done(&written);
	}
}

static void bare_digests(void)
{
	static const struct {
		size_t digits;
		int r;
		enum sysck_hash algorithm;
	} rows[] = {
		{ 64, 0, SYSCK_HASH_SHA256 },       { 96, 0, SYSCK_HASH_SHA384 },       { 128, 0, SYSCK_HASH_SHA512 },
		{ 0, -EINVAL, SYSCK_HASH_COUNT },   { 32, -EINVAL, SYSCK_HASH_COUNT },  { 40, -EINVAL, SYSCK_HASH_COUNT },
		{ 63, -EINVAL, SYSCK_HASH_COUNT },  { 65, -EINVAL, SYSCK_HASH_COUNT },  { 95, -EINVAL, SYSCK_HASH_COUNT },
		{ 97, -EINVAL, SYSCK_HASH_COUNT },  { 127, -EINVAL, SYSCK_HASH_COUNT }, { 129, -EINVAL, SYSCK_HASH_COUNT },
		{ 256, -EINVAL, SYSCK_HASH_COUNT },
	};
	static const char *const bad[] = { "sha256:",   ":",         "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
					   "VOLATILE:", "volatile,", "sha256:VOLATILE",
					   "0x12" };
	char text[256];
	struct sysck_digest digest;
	struct sysck_err err;

	memset(text, 'c', sizeof(text));
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&digest, 0x55, sizeof(digest));
		CU_ASSERT_EQUAL(sysck_digest_parse((struct sysck_slice){ text, rows[i].digits }, &digest, &err), rows[i].r);
		if (rows[i].r == 0) {
			CU_ASSERT_EQUAL(digest.algorithm, rows[i].algorithm);
			CU_ASSERT_EQUAL(digest.bytes[0], 0xcc);
		} else {
			CU_ASSERT_EQUAL(digest.bytes[0], 0x55);
		}
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		expect(sysck_digest_parse(sysck_slice_of(bad[i]), &digest, &err) == -EINVAL, bad[i]);
	CU_ASSERT_EQUAL(sysck_digest_parse(SYSCK_SLICE("Volatile"), &digest, &err), 0);
	CU_ASSERT_TRUE(digest.is_volatile);
	{
		struct sysck_buf buf = SYSCK_BUF_INIT;

		sysck_digest_write(&buf, &digest);
		CU_ASSERT_TRUE(buf_is(&buf, "VOLATILE"));
		sysck_buf_done(&buf);
	}
}

static void paths(void)
{
	static const char *const good[] = { "/",    "/a",   "/etc/passwd", "/...",       "/a/...", "/.a",   "/..a",
					    "/a.",  "/a..", "/ ",          "/a b",       "/a\nb",  "/\xff", "/a:b",
					    "/a,b", "/-",   "/\x1b",       "/a/b/c/d/e", "/\\",    "/\"" };
	static const char *const bad[] = { "",        "a",     "etc/passwd", "./a",  "../a",  "//",   "//a",   "/a/",
					   "/a//b",   "/.",    "/..",        "/./a", "/../a", "/a/.", "/a/..", "/a/./b",
					   "/a/../b", "/a/b/", "/a//",       " /a",  "~/a",   "sysck" };
	static char long_path[SYSCK_NAME_MAX + 2];
	struct sysck_err err;

	for (size_t i = 0; i < COUNT(good); i++)
		expect(sysck_path_check(sysck_slice_of(good[i]), &err) == 0, good[i]);
	for (size_t i = 0; i < COUNT(bad); i++) {
		int r = sysck_path_check(sysck_slice_of(bad[i]), &err);

		expect(r == -EINVAL && says_why(&err, r), bad[i]);
	}
	CU_ASSERT_EQUAL(sysck_path_check((struct sysck_slice){ "/a\0b", 4 }, &err), -EINVAL);
	CU_ASSERT_EQUAL(sysck_path_check((struct sysck_slice){ "/a\0", 3 }, &err), -EINVAL);
	CU_ASSERT_EQUAL(sysck_path_check((struct sysck_slice){ NULL, 0 }, &err), -EINVAL);
	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	CU_ASSERT_EQUAL(sysck_path_check((struct sysck_slice){ long_path, SYSCK_NAME_MAX }, &err), 0);
	CU_ASSERT_EQUAL(sysck_path_check((struct sysck_slice){ long_path, SYSCK_NAME_MAX + 1 }, &err), -EINVAL);
}

void suite_form(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(types),
		UNIT_TEST(types_of_modes),
		UNIT_TEST(good_modes),
		UNIT_TEST(bad_modes),
		UNIT_TEST(every_mode_reads_back),
		UNIT_TEST(ids),
		UNIT_TEST(ids_written),
		UNIT_TEST(devices),
		UNIT_TEST(sizes),
		UNIT_TEST(checksums),
		UNIT_TEST(sums_written),
		UNIT_TEST(hashes),
		UNIT_TEST(digests),
		UNIT_TEST(bare_digests),
		UNIT_TEST(paths),
	};

	unit_add("form", tests, sizeof(tests) / sizeof(tests[0]));
}

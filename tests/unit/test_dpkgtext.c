/*
 * test_dpkgtext.c - tests of src/observe/dpkgtext.c: dpkg's formats, good and bad.
 */
#include <errno.h>
#include <string.h>

#include "observe/dpkgtext.h"
#include "suites.h"

#define MD5 "0123456789abcdef0123456789abcdef"

static bool is(struct sysck_slice slice, const char *text)
{
	return sysck_slice_equal(slice, sysck_slice_of(text));
}

static void lines_end_with_a_newline(void)
{
	struct tcbck_dpkgtext text = { .rest = SYSCK_SLICE("a\n\nb\0c\ncut") };
	struct sysck_slice line;

	CU_ASSERT_TRUE(tcbck_dpkgtext_line(&text, &line) && is(line, "a"));
	CU_ASSERT_TRUE(tcbck_dpkgtext_line(&text, &line) && is(line, ""));
	CU_ASSERT_TRUE(tcbck_dpkgtext_line(&text, &line) && line.len == 3);
	CU_ASSERT_EQUAL(text.line, 3);
	CU_ASSERT_FALSE(tcbck_dpkgtext_line(&text, &line));
	CU_ASSERT_TRUE(is(text.rest, "cut"));
}

static void paragraphs_are_read(void)
{
	struct tcbck_dpkgtext text = { .rest = SYSCK_SLICE(
					       "\n\nPackage: libc6\nstatus: hold ok installed\nMulti-Arch: same\n"
					       "Conffiles:\n /etc/a " MD5
					       "\n /etc/b newconffile\nArchitecture:  amd64 \nVersion: 1:2.36-9+deb12u8\n"
					       "Description: x\n Package: wrong\n .\n Version: wrong\n\n\n#padding\n"
					       "Package: b\nVersion: 1\nStatus: install ok unpacked\nArchitecture: all\n") };
	struct tcbck_dpkg_paragraph p;
	const char *why;

	CU_ASSERT_EQUAL_FATAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 1);
	CU_ASSERT_TRUE(is(p.package, "libc6") && is(p.version, "1:2.36-9+deb12u8") && is(p.architecture, "amd64"));
	CU_ASSERT_TRUE(is(p.conffiles, " /etc/a " MD5 "\n /etc/b newconffile\n"));
	CU_ASSERT_TRUE(p.same);
	CU_ASSERT_EQUAL(p.state, TCBCK_DPKG_PRESENT);
	CU_ASSERT_EQUAL(p.line, 3);
	CU_ASSERT_EQUAL(p.conffiles_line, 6);
	CU_ASSERT_EQUAL_FATAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 1);
	CU_ASSERT_TRUE(is(p.package, "b"));
	CU_ASSERT_FALSE(p.same);
	CU_ASSERT_EQUAL(p.conffiles.len, 0);
	CU_ASSERT_EQUAL(p.state, TCBCK_DPKG_PARTIAL);
	CU_ASSERT_EQUAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 0);
}

static void conffiles_are_one_text(void)
{
	/* A field given twice: the last one counts. Nothing else comes between its lines. */
	struct tcbck_dpkgtext text = { .rest = SYSCK_SLICE("Package: a\nStatus: install ok installed\nConffiles:\n /x " MD5
							   "\nVersion: 1\n"
							   "Architecture: all\nConffiles:\n /y " MD5 "\n#no\n /z " MD5 "\n") };
	struct tcbck_dpkg_paragraph p;
	const char *why;

	CU_ASSERT_EQUAL_FATAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 1);
	CU_ASSERT_TRUE(is(p.conffiles, " /y " MD5 "\n"));
	CU_ASSERT_EQUAL(p.conffiles_line, 7);
}

static void states_are_told_apart(void)
{
	static const struct {
		const char *status;
		enum tcbck_dpkg_state state;
	} rows[] = {
		{ "install ok installed", TCBCK_DPKG_PRESENT },
		{ "hold ok installed", TCBCK_DPKG_PRESENT },
		{ "deinstall ok installed", TCBCK_DPKG_PRESENT },
		{ "install ok triggers-awaited", TCBCK_DPKG_PRESENT },
		{ "install ok triggers-pending", TCBCK_DPKG_PRESENT },
		{ "install reinstreq installed", TCBCK_DPKG_PARTIAL },
		{ "install ok unpacked", TCBCK_DPKG_PARTIAL },
		{ "install ok half-configured", TCBCK_DPKG_PRESENT },
		{ "install reinstreq half-installed", TCBCK_DPKG_PARTIAL },
		{ "deinstall ok config-files", TCBCK_DPKG_ABSENT },
		{ "unknown ok not-installed", TCBCK_DPKG_ABSENT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sysck_buf bytes = SYSCK_BUF_INIT;
		struct tcbck_dpkg_paragraph p = { .line = 0 };
		struct tcbck_dpkgtext text = { .line = 0 };
		const char *why;

		sysck_buf_add_format(&bytes, "Package: a\nStatus: %s\nVersion: 1\nArchitecture: all\n", rows[i].status);
		text.rest = sysck_buf_slice(&bytes);
		CU_ASSERT_EQUAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 1);
		CU_ASSERT_EQUAL(p.state, rows[i].state);
		sysck_buf_done(&bytes);
	}
}

/* Names become names of files: nothing but words. */
static void wrong_paragraphs_are_errors(void)
{
	static const char *const wrong[] = {
		"Status: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: ../../etc/x\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: a/b\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: .a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: a b\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: \nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"Package: a\nVersion: 1\nArchitecture: all\n",
		"Package: a\nStatus: install ok\nVersion: 1\nArchitecture: all\n",
		"Package: a\nStatus: install ok installing\nVersion: 1\nArchitecture: all\n",
		"Package: a\nStatus: install ok installed\nArchitecture: all\n",
		"Package: a\nStatus: install ok installed\nVersion: 1\n",
		"Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: ../x\n",
		"Package: a\nStatus: install ok installed\nVersion: \x1b[m\nArchitecture: all\n",
		"nonsense\n",
		" continued\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct tcbck_dpkgtext text = { .rest = sysck_slice_of(wrong[i]) };
		struct tcbck_dpkg_paragraph p = { .line = 0 };
		const char *why = NULL;

		CU_ASSERT_EQUAL(tcbck_dpkgtext_paragraph(&text, &p, &why), -EINVAL);
		CU_ASSERT_EQUAL(p.line, 1);
		CU_ASSERT_PTR_NOT_NULL(why);
		CU_ASSERT_EQUAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 0);
	}
}

static void a_wrong_paragraph_is_one(void)
{
	struct tcbck_dpkgtext text = { .rest = SYSCK_SLICE("Package: a\0b\nStatus: install ok installed\n\n"
							   "Package: gone\nStatus: deinstall ok config-files\n") };
	struct tcbck_dpkg_paragraph p;
	const char *why;

	CU_ASSERT_EQUAL(tcbck_dpkgtext_paragraph(&text, &p, &why), -EINVAL);
	/* Of what is not there nothing more need be known. */
	CU_ASSERT_EQUAL_FATAL(tcbck_dpkgtext_paragraph(&text, &p, &why), 1);
	CU_ASSERT_EQUAL(p.state, TCBCK_DPKG_ABSENT);
	CU_ASSERT_EQUAL(p.line, 4);
}

static void paths_are_normalised(void)
{
	static const struct {
		const char *line, *path; /* NULL: none */
	} rows[] = {
		{ "/usr/bin/x", "/usr/bin/x" },
		{ "/.", "/" },
		{ "/", "/" },
		{ "/usr/", "/usr" },
		{ "/a b\t\x01\xff", "/a b\t\x01\xff" },
		{ "", NULL },
		{ "usr", NULL },
		{ "/usr//bin", NULL },
		{ "/usr/../x", NULL },
		{ "/usr/.", NULL },
		{ "/usr//", NULL },
	};
	struct sysck_slice path;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = tcbck_dpkgtext_path(sysck_slice_of(rows[i].line), &path);

		CU_ASSERT_EQUAL(r, rows[i].path == NULL ? -EINVAL : 0);
		CU_ASSERT_TRUE(r < 0 || is(path, rows[i].path));
	}
	CU_ASSERT_EQUAL(tcbck_dpkgtext_path(SYSCK_SLICE("/a\0b"), &path), -EINVAL);
}

static void digests_are_read(void)
{
	static const unsigned char bytes[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					       0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	static const char *const same[] = { MD5 "  usr/a b", MD5 " *usr/a b", MD5 "  ./usr/a b", MD5 "  /usr/a b",
					    "0123456789ABCDEF0123456789ABCDEF  usr/a b" };
	static const char *const wrong[] = {
		"", MD5, MD5 "  ", MD5 " usr", MD5 "\t usr", "x" MD5 "  usr", "g123456789abcdef0123456789abcdef  usr"
	};
	struct sysck_digest digest;
	struct sysck_slice path;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		CU_ASSERT_EQUAL(tcbck_dpkgtext_md5(sysck_slice_of(same[i]), &digest, &path), 0);
		CU_ASSERT_EQUAL(digest.algorithm, SYSCK_HASH_MD5);
		CU_ASSERT_FALSE(digest.is_volatile);
		CU_ASSERT_EQUAL(memcmp(digest.bytes, bytes, sizeof(bytes)), 0);
		CU_ASSERT_TRUE(is(path, "usr/a b"));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_EQUAL(tcbck_dpkgtext_md5(sysck_slice_of(wrong[i]), &digest, &path), -EINVAL);
}

static void conffiles_are_read(void)
{
	static const struct {
		const char *line, *path; /* NULL: an error */
		bool has_digest, gone;
	} rows[] = {
		{ " /etc/a " MD5, "/etc/a", true, false },
		{ " /etc/a b " MD5, "/etc/a b", true, false },
		{ " /etc/a " MD5 " obsolete", "/etc/a", true, true },
		{ " /etc/a " MD5 " remove-on-upgrade", "/etc/a", true, true },
		{ " /etc/a " MD5 " obsolete remove-on-upgrade ", "/etc/a", true, true },
		{ " /etc/a newconffile", "/etc/a", false, false },
		{ " /etc/a newconffile remove-on-upgrade", "/etc/a", false, true },
		{ " /etc/a 0123", NULL, false, false },
		{ " etc/a " MD5, NULL, false, false },
		{ " " MD5, NULL, false, false },
		{ " obsolete", NULL, false, false },
		{ " ", NULL, false, false },
		{ "", NULL, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tcbck_dpkg_conffile conffile;
		int r = tcbck_dpkgtext_conffile(sysck_slice_of(rows[i].line), &conffile);

		CU_ASSERT_EQUAL(r, rows[i].path == NULL ? -EINVAL : 0);
		CU_ASSERT_TRUE(r < 0 || (is(conffile.path, rows[i].path) && conffile.has_digest == rows[i].has_digest &&
					 conffile.gone == rows[i].gone));
		CU_ASSERT_TRUE(r < 0 || !conffile.has_digest || conffile.hash_value.bytes[1] == 0x23);
	}
}

static void diversions_are_three_lines(void)
{
	struct tcbck_dpkgtext text = { .rest = SYSCK_SLICE("/a\n/a.d\ndash\n/b\n/b.d\n:\nc\n/c.d\nx\n/d\n/d.d\n\n/e\n/e.d\n") };
	struct tcbck_dpkg_diversion diversion;

	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), 1);
	CU_ASSERT_TRUE(is(diversion.from, "/a") && is(diversion.to, "/a.d") && is(diversion.package, "dash"));
	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), 1);
	CU_ASSERT_TRUE(is(diversion.from, "/b") && diversion.package.len == 0);
	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), -EINVAL);
	CU_ASSERT_EQUAL(tcbck_dpkgtext_diversion(&text, &diversion), 0);
}

static void overrides_are_read(void)
{
	static const char *const wrong[] = { "",
					     "root",
					     "root crontab 2755",
					     "root crontab 2755 ",
					     "root crontab 2755 usr/bin/x",
					     "root crontab 9755 /x",
					     "root crontab 12755 /x",
					     "root crontab u+s /x",
					     "root crontab 2755 /x/../y" };
	struct tcbck_dpkg_override override;

	CU_ASSERT_EQUAL(tcbck_dpkgtext_override(SYSCK_SLICE("root crontab 2755 /usr/bin/a  b"), &override), 0);
	CU_ASSERT_TRUE(is(override.user, "root") && is(override.group, "crontab") && override.mode == 02755);
	CU_ASSERT_TRUE(is(override.path, "/usr/bin/a  b"));
	CU_ASSERT_EQUAL(tcbck_dpkgtext_override(SYSCK_SLICE("#1 #2 0 /x"), &override), 0);
	CU_ASSERT_TRUE(is(override.user, "#1") && is(override.group, "#2") && override.mode == 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_EQUAL(tcbck_dpkgtext_override(sysck_slice_of(wrong[i]), &override), -EINVAL);
}

static void filters_are_read(void)
{
	static const struct {
		const char *line, *pattern; /* NULL: no filter */
		bool include;
	} rows[] = {
		{ "path-exclude=/usr/share/doc/*", "/usr/share/doc/*", false },
		{ "path-include /usr/share/doc/*/copyright \r", "/usr/share/doc/*/copyright", true },
		{ "path-exclude = \"/a b\"", "/a b", false },
		{ "path-exclude='/a'", "/a", false },
		{ "path-exclude=\"/a", "\"/a", false },
		{ "path-exclude", "", false },
		{ "path-exclude=", "", false },
		{ "path-exclude=\"", "\"", false },
		{ "path-excluded=/a", NULL, false },
		{ " path-exclude=/a", NULL, false },
		{ "#path-exclude=/a", NULL, false },
		{ "no-debsig", NULL, false },
		{ "", NULL, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tcbck_dpkg_filter filter = { .include = false };
		int r = tcbck_dpkgtext_filter(sysck_slice_of(rows[i].line), &filter);

		CU_ASSERT_EQUAL(r, rows[i].pattern == NULL ? 0 : 1);
		CU_ASSERT_TRUE(r == 0 || (is(filter.pattern, rows[i].pattern) && filter.include == rows[i].include));
	}
}

void suite_dpkgtext(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(lines_end_with_a_newline),    UNIT_TEST(paragraphs_are_read),
		UNIT_TEST(conffiles_are_one_text),      UNIT_TEST(states_are_told_apart),
		UNIT_TEST(wrong_paragraphs_are_errors), UNIT_TEST(a_wrong_paragraph_is_one),
		UNIT_TEST(paths_are_normalised),        UNIT_TEST(digests_are_read),
		UNIT_TEST(conffiles_are_read),          UNIT_TEST(diversions_are_three_lines),
		UNIT_TEST(overrides_are_read),          UNIT_TEST(filters_are_read),
	};

	unit_add("dpkgtext", tests, sizeof(tests) / sizeof(tests[0]));
}

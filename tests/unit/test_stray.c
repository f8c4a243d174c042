/*
 * test_stray.c - tests of src/judge/stray.c: the rules for objects without a definition, over every id, mode and type; and that
 * the first look passes nothing over that the closer one would tell.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "judge/stray.h"
#include "report/text.h"
#include "suites.h"

#define BIT(attribute) SYSCK_ATTR_BIT(SYSCK_ATTR_##attribute)

static const uint32_t further_users[] = { 1001, 70000 }, further_groups[] = { 4294967294u };
static const struct tcbck_administrators administrators = { .users = { 999, further_users, 2 },
							    .groups = { 100, further_groups, 1 } };

/* Ids at the edges, and what the rules must say of them. */
static const struct {
	uint32_t id;
	bool user, group;
} ids[] = {
	{ 0, true, true },       { 1, true, true },
	{ 100, true, true },     { 101, true, false },
	{ 999, true, false },    { 1000, false, false },
	{ 1001, true, false },   { 70000, true, false },
	{ 70001, false, false }, { SYSCK_ID_MAX, false, true },
};

static struct tcbck_observation object(enum sysck_type type, uint32_t mode, uint32_t owner, uint32_t group)
{
	return (struct tcbck_observation){
		.presence = TCBCK_PRESENT,
		.is = { .present = BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(MODE),
			.type = type,
			.mode = mode,
			.owner = owner,
			.group = group },
		.device = 7,
		.inode = 8,
	};
}

static void judge(const struct tcbck_observation *o, struct tcbck_findings *findings)
{
	struct sysck_names *names = NULL;

	*findings = TCBCK_FINDINGS_INIT;
	CU_ASSERT_EQUAL_FATAL(sysck_names_new_files(SYSCK_SLICE("root:x:0:0:::\n"), SYSCK_SLICE("shadow:x:42:\n"), &names), 0);
	CU_ASSERT_EQUAL(tcbck_stray_judge(&administrators, names, SYSCK_SLICE("/x"), o, findings), 0);
	sysck_names_free(names);
	for (size_t i = 0; i < findings->count; i++)
		CU_ASSERT_EQUAL(findings->items[i].index, TCBCK_NO_DEFINITION);
}

static size_t count(const struct tcbck_findings *findings, unsigned kind)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		n += findings->items[i].kind == kind;
	return n;
}

/* What is said of it, a line each. */
static void says(const struct tcbck_observation *o, const char *wanted)
{
	struct sysck_buf out = SYSCK_BUF_INIT;
	struct tcbck_findings findings;

	judge(o, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		tcbck_text_finding(&findings.items[i], SYSCK_CHARSET_UTF8, &out);
		sysck_buf_add_char(&out, '\n');
	}
	sysck_buf_add_char(&out, '\0');
	CU_ASSERT_STRING_EQUAL(out.data, wanted);
	if (strcmp(out.data, wanted) != 0)
		printf("    says \"%s\", not \"%s\"\n", out.data, wanted);
	sysck_buf_done(&out);
	tcbck_findings_done(&findings);
}

static const enum sysck_type types[] = { SYSCK_TYPE_FILE,    SYSCK_TYPE_DIRECTORY, SYSCK_TYPE_FIFO,  SYSCK_TYPE_SYMLINK,
					 SYSCK_TYPE_BLK_DEV, SYSCK_TYPE_CHAR_DEV,  SYSCK_TYPE_SOCKET };
static const mode_t formats[] = { S_IFREG, S_IFDIR, S_IFIFO, S_IFLNK, S_IFBLK, S_IFCHR, S_IFSOCK };
#define TYPES (sizeof(types) / sizeof(types[0]))
#define IDS   (sizeof(ids) / sizeof(ids[0]))

/* One object, by both looks: the closer one tells what the rules say, and the first one does not pass it over. */
static void try_object(size_t type, uint32_t mode, size_t user, size_t group, bool tcb, bool capable)
{
	struct tcbck_observation o = object(types[type], mode | (tcb ? SYSCK_MODE_TCB : 0), ids[user].id, ids[group].id);
	const struct tcbck_glance glance = { .mode = formats[type] | (mode_t)mode,
					     .owner = ids[user].id,
					     .group = ids[group].id,
					     .has_tcb = tcb,
					     .has_capabilities = capable };
	bool file = types[type] == SYSCK_TYPE_FILE;
	bool device = types[type] == SYSCK_TYPE_BLK_DEV || types[type] == SYSCK_TYPE_CHAR_DEV;
	struct tcbck_findings findings;

	if (file)
		o.is.present |= BIT(CAPABILITIES);
	if (device)
		o.is.present |= BIT(DEVICE);
	o.has_capabilities = file && capable;
	judge(&o, &findings);
	CU_ASSERT_EQUAL(count(&findings, TCBCK_KIND_TREE_TCB), tcb);
	CU_ASSERT_EQUAL(count(&findings, TCBCK_KIND_TREE_SETUID), file && (mode & 04000) != 0 && ids[user].user);
	CU_ASSERT_EQUAL(count(&findings, TCBCK_KIND_TREE_SETGID), file && (mode & 02000) != 0 && ids[group].group);
	CU_ASSERT_EQUAL(count(&findings, TCBCK_KIND_TREE_CAPABILITIES), file && capable);
	CU_ASSERT_EQUAL(count(&findings, TCBCK_KIND_TREE_DEVICE), device);
	for (size_t i = 0; i < findings.count; i++) {
		const struct tcbck_finding *finding = &findings.items[i];

		CU_ASSERT_TRUE(!finding->unverified && finding->device == 7 && finding->inode == 8 && finding->of.len == 0);
		CU_ASSERT_EQUAL(finding->remedy,
				finding->kind == TCBCK_KIND_TREE_DEVICE ? TCBCK_REMEDY_REMOVE : TCBCK_REMEDY_STRIP);
	}
	CU_ASSERT_TRUE(findings.count == 0 || tcbck_stray_is_suspicious(&administrators, &glance));
	/* Where the look is all that is needed, it is enough. */
	if (!capable || file)
		CU_ASSERT_EQUAL(findings.count > 0, tcbck_stray_is_suspicious(&administrators, &glance));
	tcbck_findings_done(&findings);
}

static void rules_hold_for_every_object(void)
{
	static const uint32_t modes[] = { 0, 0755, 01777, 02000, 02755, 04000, 04755, 06755, 07777 };

	for (size_t type = 0; type < TYPES; type++)
		for (size_t mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++)
			for (size_t user = 0; user < IDS; user++)
				for (size_t group = 0; group < IDS; group++)
					for (unsigned flags = 0; flags < 4; flags++)
						try_object(type, modes[mode], user, group, (flags & 1) != 0, (flags & 2) != 0);
}

static void findings_are_sentences(void)
{
	struct tcbck_observation o = object(SYSCK_TYPE_FILE, 06750 | SYSCK_MODE_TCB, 0, 42);

	says(&o, "/x: tree-tcb is SUID,SGID,TCB,rwxr-x---, should be without TCB\n"
		 "/x: tree-setuid is SUID,SGID,TCB,rwxr-x--- of user root, should be without SUID\n"
		 "/x: tree-setgid is SUID,SGID,TCB,rwxr-x--- of group shadow, should be without SGID\n");
	o = object(SYSCK_TYPE_FILE, 0644, 0, 0);
	o.is.present |= BIT(CAPABILITIES);
	CU_ASSERT_EQUAL(sysck_capabilities_parse(SYSCK_SLICE("cap_net_raw=ep"), &o.is.capabilities, NULL), 0);
	says(&o, "");
	o.has_capabilities = true;
	says(&o, "/x: tree-capabilities is cap_net_raw=ep, should be none\n");
	/* They can be there and be none, and that is another thing than not to be there. */
	o.is.capabilities = (struct sysck_capabilities){ 0 };
	says(&o, "/x: tree-capabilities is empty, should be none\n");
	o = object(SYSCK_TYPE_BLK_DEV, 0660, 0, 6);
	o.is.present |= BIT(DEVICE);
	o.is.device = (struct sysck_device){ 8, 1 };
	says(&o, "/x: tree-device is BLK_DEV 8,1, should be absent\n");
}

static void what_could_not_be_looked_at_is_told(void)
{
	struct tcbck_observation o = { .presence = TCBCK_MISSING };

	says(&o, "");
	o = (struct tcbck_observation){ .presence = TCBCK_UNKNOWN, .reason = SYSCK_SLICE("Permission denied") };
	says(&o, "/x: tree unverified: Permission denied\n");
	o.presence = TCBCK_UNSAFE;
	says(&o, "/x: tree unverified: Permission denied\n");
	/* The flag is not known, nor are capabilities; the set-id bit is. */
	o = object(SYSCK_TYPE_FILE, 04755, 0, 5000);
	o.is.present &= ~BIT(MODE);
	o.failed = BIT(MODE) | BIT(CAPABILITIES);
	o.reasons[SYSCK_ATTR_MODE] = SYSCK_SLICE("Input/output error");
	o.reasons[SYSCK_ATTR_CAPABILITIES] = SYSCK_SLICE("Input/output error");
	says(&o, "/x: tree-tcb unverified: Input/output error\n"
		 "/x: tree-setuid is SUID,rwxr-xr-x of user root, should be without SUID\n"
		 "/x: tree-capabilities unverified: Input/output error\n");
}

static void an_error_of_the_first_look_is_suspicious(void)
{
	struct tcbck_glance glance = { .mode = S_IFREG | 0644, .owner = 5000, .group = 5000 };

	CU_ASSERT_FALSE(tcbck_stray_is_suspicious(&administrators, &glance));
	glance.attributes_error = -EIO;
	CU_ASSERT_TRUE(tcbck_stray_is_suspicious(&administrators, &glance));
	glance.mode = S_IFDIR | 0755;
	CU_ASSERT_TRUE(tcbck_stray_is_suspicious(&administrators, &glance));
}

/* Every attribute that a rule needs is asked for. */
static void the_closer_look_asks_for_what_rules_need(void)
{
	CU_ASSERT_EQUAL(tcbck_stray_wanted, BIT(TYPE) | BIT(OWNER) | BIT(GROUP) | BIT(MODE) | BIT(CAPABILITIES) | BIT(DEVICE));
}

static void names_are_findings_of_their_own(void)
{
	const struct tcbck_stray_name name = { SYSCK_SLICE("/y"), SYSCK_SLICE("/bin/\n"), 3, 4 };
	struct tcbck_findings findings = TCBCK_FINDINGS_INIT;
	struct sysck_buf out = SYSCK_BUF_INIT;

	CU_ASSERT_EQUAL(tcbck_stray_name(&name, TCBCK_KIND_TREE_LINK, &findings), 0);
	CU_ASSERT_EQUAL(tcbck_stray_name(&name, TCBCK_KIND_TREE_SYMLINK, &findings), 0);
	CU_ASSERT_EQUAL_FATAL(findings.count, 2);
	for (size_t i = 0; i < 2; i++) {
		tcbck_text_finding(&findings.items[i], SYSCK_CHARSET_UTF8, &out);
		CU_ASSERT_TRUE(sysck_slice_equal(findings.items[i].of, SYSCK_SLICE("/bin/\n")));
		CU_ASSERT_TRUE(findings.items[i].device == 3 && findings.items[i].inode == 4);
		CU_ASSERT_EQUAL(findings.items[i].remedy, TCBCK_REMEDY_REMOVE);
		CU_ASSERT_EQUAL(findings.items[i].index, TCBCK_NO_DEFINITION);
	}
	sysck_buf_add_char(&out, '\0');
	CU_ASSERT_STRING_EQUAL(out.data, "/y: tree-link is a link to \"/bin/\\n\", should be absent, or in its links"
					 "/y: tree-symlink is a symlink to \"/bin/\\n\", should be absent, or in its symlinks");
	sysck_buf_done(&out);
	tcbck_findings_done(&findings);
}

void suite_stray(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(rules_hold_for_every_object),
		UNIT_TEST(findings_are_sentences),
		UNIT_TEST(what_could_not_be_looked_at_is_told),
		UNIT_TEST(an_error_of_the_first_look_is_suspicious),
		UNIT_TEST(the_closer_look_asks_for_what_rules_need),
		UNIT_TEST(names_are_findings_of_their_own),
	};

	unit_add("stray", tests, sizeof(tests) / sizeof(tests[0]));
}

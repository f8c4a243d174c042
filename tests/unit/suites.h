/*
 * suites.h - what a unit test file gives and gets.
 *
 * tests/unit/test_NAME.c defines `void suite_NAME(void)`, which hands its tests to unit_add():
 *
 *	static void grows(void)
 *	{
 *		CU_ASSERT_EQUAL(...);
 *	}
 *
 *	void suite_NAME(void)
 *	{
 *		static const struct unit_test tests[] = {
 *			UNIT_TEST(grows),
 *		};
 *		unit_add("NAME", tests, sizeof(tests) / sizeof(tests[0]));
 *	}
 *
 * and NAME stands once in UNIT_SUITES below, in the order of the program's own list of files. A name whose file is not
 * there yet is passed over; a file whose name is not there is found by tests/lint.
 */
#ifndef UNIT_SUITES_H
#define UNIT_SUITES_H

#include <stddef.h>

#include <CUnit/CUnit.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

#define UNIT_TEST(function) { #function, function }

#define UNIT_SUITES(suite) \
	suite(buf) \
	suite(err) \
	suite(arena) \
	suite(store) \
	suite(store_replace) \
	suite(names) \
	suite(stanza) \
	suite(form) \
	suite(acl) \
	suite(capabilities) \
	suite(def) \
	suite(sysck) \
	suite(settings) \
	suite(rewrite) \
	suite(load) \
	suite(crew) \
	suite(how) \
	suite(path) \
	suite(reach) \
	suite(users) \
	suite(digest) \
	suite(run) \
	suite(walk) \
	suite(glance) \
	suite(mounts) \
	suite(observe) \
	suite(packages) \
	suite(dpkgtext) \
	suite(dpkg) \
	suite(deb) \
	suite(rpm) \
	suite(debs) \
	suite(package) \
	suite(finding) \
	suite(judge) \
	suite(known) \
	suite(stray) \
	suite(targets) \
	suite(check) \
	suite(origins) \
	suite(coverage) \
	suite(policy) \
	suite(undo) \
	suite(fix) \
	suite(adopt) \
	suite(update) \
	suite(report) \
	suite(output) \
	suite(text) \
	suite(json) \
	suite(record) \
	suite(syslog) \
	suite(audit) \
	suite(file) \
	suite(rules) \
	suite(progress) \
	suite(why) \
	suite(landlock) \
	suite(filter) \
	suite(confine) \
	suite(cli) \
	suite(property) \
	suite(memory)

/* Weak, so that the list may name a suite before its file is there. */
#define UNIT_DECLARE(name) void suite_##name(void) __attribute__((weak));
UNIT_SUITES(UNIT_DECLARE)
#undef UNIT_DECLARE

/* Adds a suite of `count` tests to CUnit's registry. Ends the program when that is not possible. */
void unit_add(const char *suite, const struct unit_test *tests, size_t count);

/* Says that the running test could not look, and why ("needs root"). The test then returns; it counts as skipped. */
void unit_skip(const char *why);

#endif

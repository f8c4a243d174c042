/*
 * main.c - runs the unit tests.
 *
 * `unit-tests [-v] [SUITE...]` runs all suites or the named ones, writes a line for each suite and each failure, and ends with
 * "unit: N passed, N failed, N skipped". Exit status 0: no failure; 1: failures; 2: it could not run. It knows nothing of
 * what is tested.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

static const struct {
	const char *name;
	void (*add)(void);
} suites[] = {
#define UNIT_ROW(name) { #name, suite_##name },
	UNIT_SUITES(UNIT_ROW)
#undef UNIT_ROW
};

static struct {
	bool verbose;
	bool skipped; /* the running test */
	unsigned suite_tests;
	unsigned passed;
	unsigned failures;
	unsigned skips;
} state;

void unit_add(const char *suite, const struct unit_test *tests, size_t count)
{
	CU_pSuite added = CU_add_suite(suite, NULL, NULL);
	size_t i;

	for (i = 0; added != NULL && i < count; i++) {
		if (CU_add_test(added, tests[i].name, tests[i].run) == NULL)
			break;
	}
	if (added == NULL || i < count || count == 0) {
		fprintf(stderr, "unit-tests: suite %s cannot be added: %s\n", suite, CU_get_error_msg());
		exit(2);
	}
}

void unit_skip(const char *why)
{
	state.skipped = true;
	printf("skip - unit/%s/%s: %s\n", CU_get_current_suite()->pName, CU_get_current_test()->pName, why);
}

static void test_started(const CU_pTest test, const CU_pSuite suite)
{
	(void)test;
	(void)suite;
	state.skipped = false;
	/* What is buffered when a test forks or dies would be written twice or not at all. */
	fflush(stdout);
}

static void test_completed(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failures)
{
	const struct CU_FailureRecord *failure;

	state.suite_tests++;
	if (failures != NULL) {
		state.failures++;
		printf("not ok - unit/%s/%s\n", suite->pName, test->pName);
	} else if (state.skipped) {
		state.skips++;
	} else {
		state.passed++;
		if (state.verbose)
			printf("ok - unit/%s/%s\n", suite->pName, test->pName);
	}
	for (failure = failures; failure != NULL; failure = failure->pNext)
		printf("    %s:%u: %s\n", failure->strFileName, failure->uiLineNumber, failure->strCondition);
}

static void suite_completed(const CU_pSuite suite, const CU_pFailureRecord failures)
{
	if (failures == NULL)
		printf("ok - unit/%s (%u)\n", suite->pName, state.suite_tests);
	state.suite_tests = 0;
	fflush(stdout);
}

static bool is_wanted(const char *name, char *const *wanted, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (strcmp(name, wanted[i]) == 0)
			return true;
	}
	return count == 0;
}

int main(int argc, char **argv)
{
	int first = 1;
	size_t i;

	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		state.verbose = true;
		first = 2;
	}
	if (CU_initialize_registry() != CUE_SUCCESS) {
		fprintf(stderr, "unit-tests: %s\n", CU_get_error_msg());
		return 2;
	}
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (suites[i].add != NULL && is_wanted(suites[i].name, argv + first, argc - first))
			suites[i].add();
	}
	CU_set_test_start_handler(test_started);
	CU_set_test_complete_handler(test_completed);
	CU_set_suite_complete_handler(suite_completed);
	if (CU_get_registry()->uiNumberOfTests == 0 || CU_run_all_tests() != CUE_SUCCESS) {
		fprintf(stderr, "unit-tests: nothing was run: %s\n", CU_get_error_msg());
		CU_cleanup_registry();
		return 2;
	}
	CU_cleanup_registry();
	printf("unit: %u passed, %u failed, %u skipped\n", state.passed, state.failures, state.skips);
	return state.failures == 0 ? 0 : 1;
}

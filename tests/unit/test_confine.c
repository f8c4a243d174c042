/*
 * test_confine.c - tests of src/confine.c, in children: what a process is after it. What a setuid installation does is for
 * tests/attack.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "scratch.h"
#include "suites.h"

static bool opens_what_is_closed(void *context)
{
	unsigned closed = *(unsigned *)context;
	struct stat st, null;
	struct sysck_err err;

	if (stat("/dev/null", &null) < 0)
		return false;
	for (int i = 0; i <= 2; i++)
		if ((closed >> i & 1) != 0)
			close(i);
	if (tcbck_confine_start(&err) != 0)
		return false;
	for (int i = 0; i <= 2; i++)
		if (fstat(i, &st) < 0 || ((closed >> i & 1) != 0 && st.st_rdev != null.st_rdev))
			return false;
	return true;
}

static void descriptors_are_open(void)
{
	for (unsigned closed = 0; closed < 8; closed++)
		CU_ASSERT_TRUE(scratch_child(opens_what_is_closed, &closed));
}

static bool is_default(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static bool sets_signals_and_umask(void *context)
{
	struct sysck_err err;
	sigset_t set;

	(void)context;
	(void)umask(0);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigfillset(&set);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0 || tcbck_confine_start(&err) != 0)
		return false;
	if (sigprocmask(SIG_SETMASK, NULL, &set) < 0 || sigismember(&set, SIGTERM) != 0 || sigismember(&set, SIGINT) != 0)
		return false;
	return umask(0) == 077 && is_default(SIGCHLD) && is_ignored(SIGPIPE) && is_ignored(SIGXFSZ);
}

static void signals_and_umask_are_known(void)
{
	CU_ASSERT_TRUE(scratch_child(sets_signals_and_umask, NULL));
}

static bool raises_descriptors(void *context)
{
	struct rlimit limit;
	struct sysck_err err;

	(void)context;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < 40)
		return false;
	limit.rlim_cur = 30;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || tcbck_confine_start(&err) != 0)
		return false;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == limit.rlim_max;
}

/* An ordinary run keeps what the caller gave it. */
static bool keeps_the_environment(void *context)
{
	struct rlimit limit = { 1000000, 1000000 };
	struct sysck_err err;

	(void)context;
	if (setenv("TCBCK_TEST", "x", 1) < 0 || setrlimit(RLIMIT_FSIZE, &limit) < 0 || tcbck_confine_start(&err) != 0)
		return false;
	return getenv("TCBCK_TEST") != NULL && getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == 1000000 &&
	       !tcbck_confine_is_privileged() && tcbck_confine_check_readable("/nothing", &err) == 0;
}

static void limits_and_environment(void)
{
	CU_ASSERT_TRUE(scratch_child(raises_descriptors, NULL));
	CU_ASSERT_TRUE(scratch_child(keeps_the_environment, NULL));
}

/* Real and effective ids that differ are a privileged run: here somebody calls with root's rights. */
static bool refuses_strangers(void *context)
{
	struct sysck_err err;

	(void)context;
	if (setgroups(0, NULL) < 0 || setresgid(SCRATCH_SOMEBODY, 0, 0) < 0 || setresuid(SCRATCH_SOMEBODY, 0, 0) < 0)
		return false;
	if (setenv("LD_PRELOAD", "x", 1) < 0 || !tcbck_confine_is_privileged())
		return false;
	return tcbck_confine_start(&err) == -EPERM && scratch_says(err.text, "members of group security") &&
	       getenv("LD_PRELOAD") == NULL;
}

static bool asks_with_the_rights_of_the_caller(void *context)
{
	struct sysck_err err;

	if (setgroups(0, NULL) < 0 || setresgid(SCRATCH_SOMEBODY, 0, 0) < 0 || setresuid(SCRATCH_SOMEBODY, 0, 0) < 0)
		return false;
	return tcbck_confine_check_readable(context, &err) == -EACCES && tcbck_confine_check_readable("/etc/passwd", &err) == 0;
}

static void privileged_runs_are_for_few(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	CU_ASSERT_TRUE(scratch_child(refuses_strangers, NULL));
	scratch_begin(&scratch);
	CU_ASSERT_TRUE(scratch_child(asks_with_the_rights_of_the_caller, scratch.top));
	scratch_end(&scratch);
}

static bool has(cap_value_t which)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t now = cap_get_proc();
	bool has = now != NULL && cap_get_flag(now, which, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET;

	(void)cap_free(now);
	return has;
}

static bool only_reads(void *context)
{
	const struct scratch *scratch = context;
	struct sysck_err err;
	int fd;

	if (!has(CAP_DAC_READ_SEARCH) || tcbck_confine_to_reading(&err) != 0)
		return false;
	if (!has(CAP_DAC_READ_SEARCH) || has(CAP_DAC_OVERRIDE) || has(CAP_CHOWN) || has(CAP_SYS_ADMIN) || has(CAP_SETUID))
		return false;
	fd = openat(scratch->fd, "closed", O_RDONLY | O_CLOEXEC | O_NOATIME);
	/* Again, it takes nothing more. */
	return fd >= 0 && openat(scratch->fd, "closed", O_WRONLY | O_CLOEXEC) < 0 &&
	       fchownat(scratch->fd, "closed", 0, 0, 0) < 0 && tcbck_confine_to_reading(&err) == 0 && has(CAP_DAC_READ_SEARCH);
}

static void reading_is_what_remains(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "closed");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "closed", 0, 0), 0);
	scratch_give_away(&scratch, "closed");
	CU_ASSERT_TRUE(scratch_child(only_reads, &scratch));
	scratch_end(&scratch);
}

void suite_confine(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(descriptors_are_open),    UNIT_TEST(signals_and_umask_are_known),
		UNIT_TEST(limits_and_environment),  UNIT_TEST(privileged_runs_are_for_few),
		UNIT_TEST(reading_is_what_remains),
	};

	unit_add("confine", tests, sizeof(tests) / sizeof(tests[0]));
}

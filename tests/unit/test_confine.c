/*
 * test_confine.c - tests of src/confine.c, in children: what a process is after it. What a setuid installation does is for
 * tests/attack.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static bool is_bound(cap_value_t which)
{
	return cap_get_bound(which) == 1;
}

static const struct tcbck_confine_needs to_read = { .changes = false };
static const struct tcbck_confine_needs to_run = { .programs = true };
static const struct tcbck_confine_needs to_read_plainly = { .plain = true };
static const struct tcbck_confine_needs to_change = { .changes = true };
static const struct tcbck_confine_needs to_change_and_run = { .changes = true, .programs = true };

/* What is left before it is known what is to be done. */
static bool only_reads(void *context)
{
	const struct scratch *scratch = context;
	struct sysck_err err;
	int fd;

	if (!has(CAP_DAC_READ_SEARCH) || tcbck_confine_capabilities(&to_read, &err) != 0)
		return false;
	if (!has(CAP_DAC_READ_SEARCH) || !has(CAP_AUDIT_WRITE) || has(CAP_DAC_OVERRIDE) || has(CAP_CHOWN) ||
	    has(CAP_SYS_ADMIN) || has(CAP_SETUID) || has(CAP_SETPCAP))
		return false;
	fd = openat(scratch->fd, "closed", O_RDONLY | O_CLOEXEC | O_NOATIME);
	/* Again, it takes nothing more. */
	return fd >= 0 && openat(scratch->fd, "closed", O_WRONLY | O_CLOEXEC) < 0 &&
	       fchownat(scratch->fd, "closed", 0, 0, 0) < 0 && tcbck_confine_capabilities(&to_read, &err) == 0 &&
	       has(CAP_DAC_READ_SEARCH);
}

/* Runs both steps. */
static bool confine_to(const struct tcbck_confine_needs *needs, const char *note)
{
	char text[TCBCK_CONFINE_NOTE_MAX] = "";
	struct sysck_err err;

	return tcbck_confine_capabilities(needs, &err) == 0 && tcbck_confine_to(needs, text, &err) == 0 &&
	       scratch_says(text, note);
}

static bool inherits_nothing(void)
{
	return cap_get_ambient(CAP_DAC_READ_SEARCH) == 0 &&
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)CAP_DAC_READ_SEARCH, 0UL, 0UL) < 0;
}

static bool keeps_what_reading_needs(void *context)
{
	const struct scratch *scratch = context;

	/* Confined or not, what it is told depends on how this was built. */
	return confine_to(&to_read, "confined to reading") && has(CAP_DAC_READ_SEARCH) && has(CAP_FOWNER) && !has(CAP_KILL) &&
	       !has(CAP_SETPCAP) && !has(CAP_SYS_ADMIN) && openat(scratch->fd, "closed", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool loses_its_bounds(void *context)
{
	(void)context;
	return confine_to(&to_read_plainly, "not confined to reading: --no-confine") && !is_bound(CAP_CHOWN) &&
	       !is_bound(CAP_DAC_READ_SEARCH) && inherits_nothing() && prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1;
}

static bool leaves_programs_alone(void *context)
{
	(void)context;
	return confine_to(&to_run, "not confined to reading: commands are run") && is_bound(CAP_CHOWN) && has(CAP_KILL) &&
	       !has(CAP_CHOWN) && prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 0;
}

static bool keeps_what_changing_needs(void *context)
{
	const struct scratch *scratch = context;

	return confine_to(&to_change, "not confined to reading: something may be changed") && has(CAP_CHOWN) &&
	       has(CAP_SYS_ADMIN) && !has(CAP_SYS_MODULE) && !has(CAP_NET_ADMIN) && !has(CAP_SETUID) && !has(CAP_KILL) &&
	       !is_bound(CAP_CHOWN) && prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1 &&
	       fchownat(scratch->fd, "closed", 0, 0, 0) == 0;
}

static bool changes_and_runs(void *context)
{
	(void)context;
	return confine_to(&to_change_and_run, "something may be changed") && has(CAP_CHOWN) && has(CAP_KILL) &&
	       is_bound(CAP_SYS_MODULE) && prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 0;
}

static void each_keeps_what_it_needs(void)
{
	struct scratch scratch;

	if (!scratch_is_root())
		return;
	scratch_begin(&scratch);
	scratch_file(&scratch, "closed");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "closed", 0, 0), 0);
	scratch_give_away(&scratch, "closed");
	CU_ASSERT_TRUE(scratch_child(only_reads, &scratch));
	CU_ASSERT_TRUE(scratch_child(keeps_what_reading_needs, &scratch));
	CU_ASSERT_TRUE(scratch_child(loses_its_bounds, &scratch));
	CU_ASSERT_TRUE(scratch_child(leaves_programs_alone, &scratch));
	CU_ASSERT_TRUE(scratch_child(changes_and_runs, &scratch));
	CU_ASSERT_TRUE(scratch_child(keeps_what_changing_needs, &scratch));
	scratch_end(&scratch);
}

/* Both at work: each alone stops this, with an error of its own. */
static bool is_held_in(void *context)
{
	const struct scratch *scratch = context;

	if (!confine_to(&to_read, "confined to reading"))
		return false;
	return fchmodat(scratch->fd, "file", 0777, 0) < 0 && openat(scratch->fd, "file", O_WRONLY | O_CLOEXEC) < 0 &&
	       mkdirat(scratch->fd, "new", 0700) < 0 && openat(scratch->fd, "file", O_RDONLY | O_CLOEXEC) >= 0;
}

/* What root is given by a caller that would like to have it later. */
static bool confines_somebody(void *context)
{
	return setgroups(0, NULL) == 0 && setresgid(SCRATCH_SOMEBODY, SCRATCH_SOMEBODY, SCRATCH_SOMEBODY) == 0 &&
	       setresuid(SCRATCH_SOMEBODY, SCRATCH_SOMEBODY, SCRATCH_SOMEBODY) == 0 && is_held_in(context);
}

static bool is_confined(void *context)
{
	char text[TCBCK_CONFINE_NOTE_MAX] = "";
	struct sysck_err err;

	(void)context;
	return tcbck_confine_to(&to_read, text, &err) == 0 && strcmp(text, "confined to reading") == 0;
}

static void reading_is_what_remains(void)
{
	struct scratch scratch;
	struct stat st;

	if (!scratch_child(is_confined, NULL)) {
		unit_skip("this kernel, or this build, is without confinement");
		return;
	}
	scratch_begin(&scratch);
	scratch_file(&scratch, "file");
	CU_ASSERT_EQUAL(fchmodat(scratch.fd, "file", 0644, 0), 0);
	CU_ASSERT_EQUAL(fchmod(scratch.fd, 0777), 0);
	CU_ASSERT_TRUE(scratch_child(is_held_in, &scratch));
	if (geteuid() == 0) {
		scratch_give_away(&scratch, "file");
		CU_ASSERT_TRUE(scratch_child(confines_somebody, &scratch));
	}
	CU_ASSERT_EQUAL(fstatat(scratch.fd, "file", &st, 0), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0644);
	scratch_end(&scratch);
}

/* From now on these calls fail with `error`, as in a sandbox or an older kernel. */
static bool forbid(long first, long second, unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)first, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)second, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct absence {
	long first, second;
	unsigned error;
	const char *note;
	int refusal; /* of opening to write: the filter's, Landlock's, or none */
};

static bool tells_what_is_absent(void *context)
{
	const struct absence *absence = context;

	if (!forbid(absence->first, absence->second, absence->error) || !confine_to(&to_read, absence->note))
		return false;
	errno = 0;
	return (open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0) == (absence->refusal == 0) && errno == absence->refusal;
}

static void absence_is_told(void)
{
	static const long landlock = 444;
	static const unsigned errors[] = { ENOSYS, EPERM, EINVAL };

	if (!scratch_child(is_confined, NULL)) {
		unit_skip("this kernel, or this build, is without confinement");
		return;
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct absence all[] = {
			{ SYS_seccomp, SYS_seccomp, errors[i],
			  "reading, but without filters of system calls: not to be had here", EACCES },
			{ landlock, landlock, errors[i], "reading, but without scopes of Landlock: not to be had here", EPERM },
			{ SYS_seccomp, landlock, errors[i],
			  "reading, but without filters of system calls and Landlock: not to be had here", 0 },
		};

		for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++)
			CU_ASSERT_TRUE(scratch_child(tells_what_is_absent, &all[j]));
	}
}

void suite_confine(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(descriptors_are_open),     UNIT_TEST(signals_and_umask_are_known),
		UNIT_TEST(limits_and_environment),   UNIT_TEST(privileged_runs_are_for_few),
		UNIT_TEST(each_keeps_what_it_needs), UNIT_TEST(reading_is_what_remains),
		UNIT_TEST(absence_is_told),
	};

	unit_add("confine", tests, sizeof(tests) / sizeof(tests[0]));
}

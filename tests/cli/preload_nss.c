/*
 * preload_nss.c - a name service: as libnss_tcbck.so.2 it knows user `tcbcklocal`, 4711, if it gets a socket of this host, and
 * user `tcbckremote`, 4712, if it gets one of a network, as services do that ask others.
 */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum nss_status _nss_tcbck_getpwnam_r(const char *name, struct passwd *ret, char *buffer, size_t size, int *error);

static char empty[] = "";
static char local[] = "tcbcklocal";
static char remote[] = "tcbckremote";

enum nss_status _nss_tcbck_getpwnam_r(const char *name, struct passwd *ret, char *buffer, size_t size, int *error)
{
	int is_local = strcmp(name, local) == 0;
	int asked;

	(void)buffer;
	(void)size;
	if (!is_local && strcmp(name, remote) != 0)
		return NSS_STATUS_NOTFOUND;
	asked = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (asked < 0) {
		*error = errno;
		return NSS_STATUS_UNAVAIL;
	}
	(void)close(asked);
	*ret = (struct passwd){ .pw_name = is_local ? local : remote,
				.pw_passwd = empty,
				.pw_uid = is_local ? 4711 : 4712,
				.pw_gid = 4711,
				.pw_gecos = empty,
				.pw_dir = empty,
				.pw_shell = empty };
	return NSS_STATUS_SUCCESS;
}

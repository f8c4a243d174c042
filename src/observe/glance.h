/*
 * glance.h - the cheap look at an object that nobody defined: one statx(2), and one listxattrat(2) where it can matter.
 */
#ifndef TCBCK_GLANCE_H
#define TCBCK_GLANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What one look tells. */
struct tcbck_glance {
	mode_t mode; /* with the type, as st_mode */
	uint32_t owner;
	uint32_t group;
	nlink_t link_count;
	dev_t device;
	ino_t inode;
	uint64_t mount;        /* number of the mount, as in /proc/self/mountinfo (proc_pid_mountinfo(5)) */
	bool has_capabilities; /* the extended attribute security.capability is there */
	bool has_tcb;          /* so is the TCB flag's; not yet its value */
	int attributes_error;  /* 0, or a negative errno: extended attributes could not be listed */
};

/* One thread's way of looking. */
struct tcbck_glancer;

/* 0 or -ENOMEM. */
int tcbck_glancer_new(struct tcbck_glancer **ret);
void tcbck_glancer_free(struct tcbck_glancer *glancer);

/*
 * From now on extended attributes are listed only of what is on that mount (0, as in the beginning: on any): a server that does
 * not answer must not be asked for those of what another mount shows.
 */
void tcbck_glancer_stay(struct tcbck_glancer *glancer, uint64_t mount);

/*
 * Looks at `name` (one component, NUL-terminated) in `directory`, without following it, without opening it and without
 * mounting what is mounted on demand, nor waiting for a server that does not answer. Extended attributes are listed of all
 * that may have the TCB flag (no symlinks, and no devices, which are looked at closer anyway), and not on a file system that
 * has none. Returns 0 with *ret, or a negative errno: -ENOENT when it vanished, -ENOSYS when the kernel doesn't
 * tell mounts (before Linux 5.8).
 */
int tcbck_glance(struct tcbck_glancer *glancer, int directory, const char *name, struct tcbck_glance *ret);

/*
 * listxattrat(2), of Linux 6.13 and later: the names of the extended attributes of `name` (one component, not followed) in
 * `directory`, without opening it. Their length, or a negative errno: -ENOSYS or -EPERM where the kernel or a filter has none.
 */
ssize_t tcbck_glance_list(int directory, const char *name, char *names, size_t room);

#endif

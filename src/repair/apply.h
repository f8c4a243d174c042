/*
 * apply.h - owner, mode, ACL, flag and capabilities of one pinned object, set in the only safe order.
 */
#ifndef TCBCK_APPLY_H
#define TCBCK_APPLY_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sysck/def.h>

/* An object that is held open. `descriptor` is open for reading for regular files and directories, O_PATH for the rest. */
struct tcbck_pinned {
	int descriptor;
	bool is_path;   /* opened with O_PATH */
	struct stat st; /* as it was when it was pinned */
};

/*
 * Pins `name` in `directory` without following it and without acting on it. Returns 0, or a negative errno; -EAGAIN when
 * it is exchanged under the hands.
 */
int tcbck_apply_pin(int directory, const char *name, struct tcbck_pinned *ret);

/* What an object is to become: only what is in `set` is looked at (owner, group, acl, mode, capabilities). */
struct tcbck_state {
	sysck_attr_set set;
	uint32_t owner;
	uint32_t group;
	uint32_t mode; /* with SYSCK_MODE_TCB */
	struct sysck_acl acl;
	struct sysck_capabilities capabilities;
};

/*
 * First half: takes away what the state does not give: bits of the mode beyond it, set-id bits and capabilities in any
 * case where something else will be set; then sets owner and group. After it nobody has more than before or after the
 * repair. 0, or a negative errno with `err` set.
 */
int tcbck_apply_narrow(const struct tcbck_pinned *pinned, const struct tcbck_state *state, struct sysck_err *err);

/* Second half: ACL, mode, TCB flag, capabilities. 0, or a negative errno with `err` set. */
int tcbck_apply_grant(const struct tcbck_pinned *pinned, const struct tcbck_state *state, struct sysck_err *err);

/* Takes all access away: ACL, capabilities, TCB flag, all mode bits. The content stays. */
int tcbck_apply_disable(const struct tcbck_pinned *pinned, struct sysck_err *err);

/* Takes set-id bits and capabilities away: what an inode loses before its name is given to another one. */
int tcbck_apply_strip(const struct tcbck_pinned *pinned, struct sysck_err *err);

/*
 * Takes these bits of the mode (SYSCK_MODE_TCB among them) away, whatever else the mode is by now, and the capabilities of a
 * regular file with `capabilities`. 0, or a negative errno with `err` set.
 */
int tcbck_apply_take(const struct tcbck_pinned *pinned, uint32_t bits, bool capabilities, struct sysck_err *err);

/*
 * Makes sure that nobody has the file open for writing (a read lease can be had only then, fcntl(2)), and gives the lease
 * back. Call it after narrowing, when nobody else can open it any more. 0, -EBUSY, or a negative errno.
 */
int tcbck_apply_check_writers(const struct tcbck_pinned *pinned);

/* Whether the object can be changed at all: -EROFS, -EPERM (immutable or append-only), or 0. `err` gets the reason. */
int tcbck_apply_check_changeable(const struct tcbck_pinned *pinned, struct sysck_err *err);

#endif

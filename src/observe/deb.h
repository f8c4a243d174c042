/*
 * deb.h - a Debian package's archive, deb(5), read from a descriptor.
 */
#ifndef TCBCK_DEB_H
#define TCBCK_DEB_H

#include <stdatomic.h>
#include <sys/types.h>

#include <sysck/arena.h>
#include <sysck/err.h>
#include <sysck/form.h>

/* Most members of an archive, most bytes of its file `control`, longest name in it, most bytes of one part unpacked. */
#define TCBCK_DEB_MEMBERS_MAX  10000000u
#define TCBCK_DEB_CONTROL_MAX  (16u << 20)
#define TCBCK_DEB_NAME_MAX     65536u
#define TCBCK_DEB_UNPACKED_MAX (UINT64_C(1) << 38)

/* From the control file. Slices live as long as the call that hands them out. */
struct tcbck_deb_control {
	struct sysck_slice package, version, architecture;
};

/* One member of the archive's file system part. */
struct tcbck_deb_member {
	struct sysck_slice path; /* absolute, normalised: "./usr/bin/x" is /usr/bin/x; raw bytes */
	enum sysck_type type;
	uint32_t mode;              /* 07777 bits */
	uint32_t user_id, group_id; /* numbers, and names (empty: none), of which dpkg takes the names first */
	struct sysck_slice user, group;
	struct sysck_device device;
	struct sysck_slice target; /* of a symlink */
	struct sysck_slice link; /* a hard link: the path of the member that it is another name of; its content is that one's */
	uint64_t size;           /* of a regular file */
	struct sysck_digest hash_value; /* regular files: of the algorithm asked for */
	struct sysck_digest proof;      /* regular files: MD5 */
};

struct tcbck_deb_visitor {
	/* First. 0: go on; 1: not the package that is wanted, nothing more is read; or a negative errno: ends with it. */
	int (*control)(void *context, const struct tcbck_deb_control *control);
	/* Each member of the file system part, in its order. 0 or a negative errno. */
	int (*member)(void *context, const struct tcbck_deb_member *member);
	void *context;
};

/*
 * True if archives can be read: this program was built with libarchive, and the library is there (libarchive.so.13). It is
 * loaded at the first need, by this or by tcbck_deb_read(), as observe/plugin.h tells: a run that confines itself asks before
 * that, and can read afterwards. Reading takes read(2), memory and nothing else; no program is run, no configuration read.
 */
bool tcbck_deb_available(void);

/*
 * Reads the archive behind `descriptor` (open for reading, from its present offset). `algorithm` is the one of
 * tcbck_deb_member.hash_value. Nothing is unpacked to disk. When *stop (may be NULL) becomes true: -ECANCELED. Returns
 * 0, 1 (the visitor did not want it), -ENOTSUP (no library), -EBADMSG (no package, damaged, or beyond a limit), or a
 * negative errno, with `err` set. The visitor may have been handed members of an archive that turns out to be damaged later.
 *
 * The checksums of xz, zstd and bzip2 are looked at, that of gzip is not (the library does not), and an archive may have
 * none: who believes what it tells proves the content by `proof`. Threads may read different descriptors at once.
 */
int tcbck_deb_read(int descriptor, enum sysck_hash algorithm, const struct tcbck_deb_visitor *visitor, const atomic_bool *stop,
		   struct sysck_err *err);

#endif

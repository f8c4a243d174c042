/*
 * dpkgtext.h - the text formats of dpkg's files: what a line, a paragraph or an entry says.
 *
 * Bytes in, slices of them out. dpkg quotes nothing and ends every line; what it would not take itself is an error here.
 */
#ifndef TCBCK_DPKGTEXT_H
#define TCBCK_DPKGTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <sysck/buf.h>
#include <sysck/form.h>

/* Most bytes of a package's name, of a version and of an architecture. */
#define TCBCK_DPKGTEXT_WORD_MAX 200u

/* A text that is read line by line. */
struct tcbck_dpkgtext {
	struct sysck_slice rest; /* what has not been read */
	unsigned line;           /* number of the last line read; 0: none was */
};

/*
 * The next line, without its newline. False at the end; then `rest` is not empty if the text ends in the middle of a line:
 * it was cut off, and what is left of that line means nothing.
 */
bool tcbck_dpkgtext_line(struct tcbck_dpkgtext *text, struct sysck_slice *ret);

/* How far a package got, deb-status: the third word of Status. */
enum tcbck_dpkg_state {
	TCBCK_DPKG_ABSENT,  /* not-installed, config-files: no files of it */
	TCBCK_DPKG_PARTIAL, /* half-installed, unpacked, or to be reinstalled */
	TCBCK_DPKG_PRESENT  /* installed, half-configured, triggers-awaited, triggers-pending: all its files are there */
};

/* A paragraph of status, or of a file in updates. */
struct tcbck_dpkg_paragraph {
	struct sysck_slice package, version, architecture;
	struct sysck_slice conffiles; /* the lines below Conffiles, each with its newline */
	enum tcbck_dpkg_state state;
	bool same;               /* Multi-Arch: same */
	unsigned line;           /* its first one */
	unsigned conffiles_line; /* the one before the first of conffiles */
};

/*
 * The next paragraph: 1; 0: there is none; -EINVAL: this one does not read (*ret_why says what is wrong, ret->line where),
 * the next call goes on behind it. A package that is there has a name, a version and an architecture of the characters that
 * deb-control(7) allows, so that they can stand in names of files.
 */
int tcbck_dpkgtext_paragraph(struct tcbck_dpkgtext *text, struct tcbck_dpkg_paragraph *ret, const char **ret_why);

/*
 * A line of a list of files, as far as it is an absolute normalised path ("/." is "/"; a "/" at its end does not count).
 * 0 or -EINVAL.
 */
int tcbck_dpkgtext_path(struct sysck_slice line, struct sysck_slice *ret);

/*
 * A line of md5sums. *ret_path is without the "/" that paths begin with; whether it is one is for the list of files to tell.
 * 0 or -EINVAL.
 */
int tcbck_dpkgtext_md5(struct sysck_slice line, struct sysck_digest *ret, struct sysck_slice *ret_path);

struct tcbck_dpkg_conffile {
	struct sysck_slice path;
	struct sysck_digest hash_value;
	bool has_digest; /* not while the package is being unpacked */
	bool gone;       /* obsolete, or to be removed on upgrade: no longer part of the package */
};

/* A line below Conffiles. 0 or -EINVAL. */
int tcbck_dpkgtext_conffile(struct sysck_slice line, struct tcbck_dpkg_conffile *ret);

struct tcbck_dpkg_diversion {
	struct sysck_slice from, to;
	struct sysck_slice package; /* whose file stays at `from`; empty: of the administrator, for all packages */
};

/* The next three lines of diversions: 1, 0 (there are none), or -EINVAL (the next call goes on behind them). */
int tcbck_dpkgtext_diversion(struct tcbck_dpkgtext *text, struct tcbck_dpkg_diversion *ret);

struct tcbck_dpkg_override {
	struct sysck_slice user, group; /* names, or "#" and a number */
	uint32_t mode;
	struct sysck_slice path;
};

/* A line of statoverride. 0 or -EINVAL. */
int tcbck_dpkgtext_override(struct sysck_slice line, struct tcbck_dpkg_override *ret);

struct tcbck_dpkg_filter {
	struct sysck_slice pattern; /* of fnmatch(3) */
	bool include;
};

/* A line of dpkg.cfg: 1 if it is path-exclude or path-include, else 0. */
int tcbck_dpkgtext_filter(struct sysck_slice line, struct tcbck_dpkg_filter *ret);

#endif

/*
 * dpkg_tree.h - a root with what dpkg keeps in it, and what is read of it.
 */
#ifndef UNIT_DPKG_TREE_H
#define UNIT_DPKG_TREE_H

#include "observe/packages.h"
#include "scratch.h"

#define DPKG_HOME "var/lib/dpkg/"
#define DPKG_INFO DPKG_HOME "info/"

/* MD5 of nothing, and others. */
#define MD5_EMPTY "d41d8cd98f00b204e9800998ecf8427e"
#define MD5_A     "0cc175b9c0f1b6a831c399e269772661"
#define MD5_B     "92eb5ffee6ae2fec3ad71c777531578f"

/* Makes a root with dpkg's directories and users of its own: root 0, fred 1000; groups root 0, staff 50. */
void dpkg_tree_begin(struct scratch *scratch);
/* Writes a file; directories on the way are made. */
void dpkg_tree_put(const struct scratch *scratch, const char *path, const char *content);
/* The same with any bytes. */
void dpkg_tree_put_bytes(const struct scratch *scratch, const char *path, struct sysck_slice content);
/* A paragraph of status for a package `name`, version 1, of all architectures, behind what is there; and its list. */
void dpkg_tree_install(const struct scratch *scratch, const char *name, const char *list, const char *md5sums);
/* The status of such a package, with further lines. */
#define DPKG_STATUS(name, more) "Package: " name "\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n" more "\n"

/* What was reported: one error a line. */
struct dpkg_errors {
	unsigned count;
	char text[8192];
};

struct sysck_err_sink dpkg_errors_sink(struct dpkg_errors *errors);

/* The only file of that path; NULL, and a failed assertion, if there is none or several. */
const struct tcbck_packaged *dpkg_tree_file(const struct tcbck_packages *packages, const char *path);
/* How many files have that path. */
size_t dpkg_tree_files(const struct tcbck_packages *packages, const char *path);
/* The package of that name; NULL, and a failed assertion, if there is none. */
const struct tcbck_package *dpkg_tree_package(const struct tcbck_packages *packages, const char *name);
/* Is `file` known with that MD5 as its digest? */
bool dpkg_tree_has_md5(const struct tcbck_packaged *file, const char *md5);

#endif

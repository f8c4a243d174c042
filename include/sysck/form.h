/*
 * form.h - the text form of the plain values of a definition, and their values. (ACLs: acl.h; capabilities: capabilities.h.)
 *
 * Texts are those of sysck.cfg(5), already without quotes and escapes. A function that reads returns 0, or a negative
 * errno with `err` saying what was expected; outputs are untouched on failure. A function that writes appends to a
 * buffer. Both are inverse to each other: what is written reads back as the same value.
 */
#ifndef SYSCK_FORM_H
#define SYSCK_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sysck/arena.h>
#include <sysck/buf.h>
#include <sysck/err.h>
#include <sysck/names.h>

/* Longest path, and longest name of a stanza, in bytes. */
#define SYSCK_NAME_MAX (1u << 20)

/* The types of sysck.cfg(5). */
enum sysck_type {
	SYSCK_TYPE_NONE, /* not known */
	SYSCK_TYPE_FILE,
	SYSCK_TYPE_DIRECTORY,
	SYSCK_TYPE_FIFO,
	SYSCK_TYPE_SYMLINK,
	SYSCK_TYPE_BLK_DEV,
	SYSCK_TYPE_CHAR_DEV,
	SYSCK_TYPE_SOCKET,
	SYSCK_TYPE_ABSENT, /* there must be no object of that name */
	SYSCK_TYPE_COUNT
};

/* The keyword of a type, in upper case; "NONE" for SYSCK_TYPE_NONE. */
const char *sysck_type_name(enum sysck_type type);
int sysck_type_parse(struct sysck_slice text, enum sysck_type *ret, struct sysck_err *err);
/* The type that an inode's st_mode (inode(7)) stands for; SYSCK_TYPE_NONE for what Linux does not have. */
enum sysck_type sysck_type_of_mode(uint32_t st_mode);

/* Permission bits 07777 of inode(7), and beside them the TCB flag. */
#define SYSCK_MODE_TCB 0x10000u

/* "SUID,rwxr-xr-x", "rw-,r--,r--" or octal. */
int sysck_mode_parse(struct sysck_slice text, uint32_t *ret, struct sysck_err *err);
/* Appends "SUID,SGID,SVTX,TCB,rwxr-xr-x" with the flags that are set. */
void sysck_mode_write(struct sysck_buf *buf, uint32_t mode);

/* A user's or group's name or number. -ENOENT: no such user or group. */
int sysck_owner_parse(struct sysck_slice text, struct sysck_names *names, uint32_t *ret, struct sysck_err *err);
int sysck_group_parse(struct sysck_slice text, struct sysck_names *names, uint32_t *ret, struct sysck_err *err);
/* Appends the name if there is one that reads back as this id, else the number. */
void sysck_owner_write(struct sysck_buf *buf, struct sysck_names *names, uint32_t uid);
void sysck_group_write(struct sysck_buf *buf, struct sysck_names *names, uint32_t gid);

/* "major,minor" */
struct sysck_device {
	uint32_t major;
	uint32_t minor;
};

int sysck_device_parse(struct sysck_slice text, struct sysck_device *ret, struct sysck_err *err);
void sysck_device_write(struct sysck_buf *buf, struct sysck_device device);

/* "bytes", "bytes,VOLATILE" or "VOLATILE" */
struct sysck_size {
	uint64_t bytes;
	bool has_bytes;
	bool is_volatile;
};

int sysck_size_parse(struct sysck_slice text, struct sysck_size *ret, struct sysck_err *err);
void sysck_size_write(struct sysck_buf *buf, struct sysck_size size);

/* What the checksum command printed, or VOLATILE. */
struct sysck_checksum {
	struct sysck_slice text; /* trimmed; empty when volatile */
	bool is_volatile;
	bool is_sum; /* the text is one or two numbers, as sum(1) -r prints */
	bool has_blocks;
	uint32_t sum;
	uint64_t blocks;
};

int sysck_checksum_parse(struct sysck_slice text, struct sysck_checksum *ret, struct sysck_err *err);
/* Appends as sum(1) -r prints: five digits, blocks right-aligned to five (coreutils 9). */
void sysck_sum_write(struct sysck_buf *buf, uint32_t sum, uint64_t blocks);

/* Algorithms of hash_value. */
enum sysck_hash {
	SYSCK_HASH_SHA256,
	SYSCK_HASH_SHA384,
	SYSCK_HASH_SHA512,
	SYSCK_HASH_SHA3_256,
	SYSCK_HASH_BLAKE2B512,
	SYSCK_HASH_MD5, /* what package managers know of a file; never computed for a new definition */
	SYSCK_HASH_COUNT
};

#define SYSCK_DIGEST_MAX 64

struct sysck_digest {
	enum sysck_hash algorithm;
	bool is_volatile;
	unsigned char bytes[SYSCK_DIGEST_MAX]; /* sysck_hash_length() of them */
};

/* "sha256", "sha3-256", ... as the database spells it. */
const char *sysck_hash_name(enum sysck_hash algorithm);
/* Of the setting `hash`: any but MD5, which proves too little for new digests. */
int sysck_hash_parse(struct sysck_slice text, enum sysck_hash *ret, struct sysck_err *err);
/* Bytes of a digest. */
size_t sysck_hash_length(enum sysck_hash algorithm);

/* "algorithm:hex", bare hex of 64, 96 or 128 digits, or VOLATILE. */
int sysck_digest_parse(struct sysck_slice text, struct sysck_digest *ret, struct sysck_err *err);
void sysck_digest_write(struct sysck_buf *buf, const struct sysck_digest *digest);
/* True if both are of one algorithm and have the same bytes; VOLATILE is the caller's matter. */
bool sysck_digest_equal(const struct sysck_digest *a, const struct sysck_digest *b);
/* Hexadecimal digits, in any case, of exactly `length` bytes. 0, or -EINVAL with `bytes` undefined. */
int sysck_hex_parse(struct sysck_slice text, unsigned char *bytes, size_t length);

/* An absolute path without ".", "..", "//" or a trailing "/" (but "/" itself), without NUL. */
int sysck_path_check(struct sysck_slice path, struct sysck_err *err);

#endif

/*
 * form.c - the plain values of a definition: type, mode, owner, device, size, checksum, digest, path.
 *
 * Knows how each is spelled in sysck.cfg(5); gives its value, and the text of a value. Must never look at a file.
 */
#include <sysck/form.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static const char *const type_names[SYSCK_TYPE_COUNT] = {
	[SYSCK_TYPE_NONE] = "NONE",         [SYSCK_TYPE_FILE] = "FILE",       [SYSCK_TYPE_DIRECTORY] = "DIRECTORY",
	[SYSCK_TYPE_FIFO] = "FIFO",         [SYSCK_TYPE_SYMLINK] = "SYMLINK", [SYSCK_TYPE_BLK_DEV] = "BLK_DEV",
	[SYSCK_TYPE_CHAR_DEV] = "CHAR_DEV", [SYSCK_TYPE_SOCKET] = "SOCKET",   [SYSCK_TYPE_ABSENT] = "ABSENT",
};

const char *sysck_type_name(enum sysck_type type)
{
	return type_names[type];
}

int sysck_type_parse(struct sysck_slice text, enum sysck_type *ret, struct sysck_err *err)
{
	for (int type = SYSCK_TYPE_FILE; type < SYSCK_TYPE_COUNT; type++)
		if (sysck_slice_is(text, type_names[type])) {
			*ret = (enum sysck_type)type;
			return 0;
		}
	if (sysck_slice_is(text, "MPX_DEV"))
		return sysck_err_set(err, -EINVAL, "MPX_DEV: Linux has no multiplexed devices");
	return sysck_err_set(err, -EINVAL, "expected FILE, DIRECTORY, FIFO, SYMLINK, BLK_DEV, CHAR_DEV, SOCKET or ABSENT");
}

enum sysck_type sysck_type_of_mode(uint32_t st_mode)
{
	switch (st_mode & S_IFMT) {
	case S_IFREG: return SYSCK_TYPE_FILE;
	case S_IFDIR: return SYSCK_TYPE_DIRECTORY;
	case S_IFIFO: return SYSCK_TYPE_FIFO;
	case S_IFLNK: return SYSCK_TYPE_SYMLINK;
	case S_IFBLK: return SYSCK_TYPE_BLK_DEV;
	case S_IFCHR: return SYSCK_TYPE_CHAR_DEV;
	case S_IFSOCK: return SYSCK_TYPE_SOCKET;
	default: return SYSCK_TYPE_NONE;
	}
}

static const struct {
	const char *name;
	uint32_t bit;
} mode_flags[] = { { "SUID", S_ISUID }, { "SGID", S_ISGID }, { "SVTX", S_ISVTX }, { "TCB", SYSCK_MODE_TCB } };

#define MODE_FLAGS (sizeof(mode_flags) / sizeof(mode_flags[0]))

/* The next item of a comma separated text; blanks at its edges are cut. False at the end. */
static bool next_item(struct sysck_slice *rest, struct sysck_slice *ret)
{
	const char *comma;
	size_t len;

	if (rest->data == NULL)
		return false;
	comma = rest->len == 0 ? NULL : memchr(rest->data, ',', rest->len);
	len = comma == NULL ? rest->len : (size_t)(comma - rest->data);
	*ret = sysck_slice_trim((struct sysck_slice){ rest->data, len });
	*rest = comma == NULL ? (struct sysck_slice){ NULL, 0 } : (struct sysck_slice){ comma + 1, rest->len - len - 1 };
	return true;
}

/* Three, six or nine letters, each the one for its place or `-`. */
static int parse_letters(struct sysck_slice letters, uint32_t *bits, unsigned *places)
{
	if (letters.len % 3 != 0 || letters.len > 9 - *places)
		return -EINVAL;
	for (size_t i = 0; i < letters.len; i++) {
		if (letters.data[i] != '-' && letters.data[i] != "rwx"[i % 3])
			return -EINVAL;
		*bits = *bits << 1 | (letters.data[i] != '-');
	}
	*places += (unsigned)letters.len;
	return 0;
}

/* One item of a mode: a flag (only before the letters), or letters. */
static int parse_mode_item(struct sysck_slice item, uint32_t *flags, uint32_t *bits, unsigned *places)
{
	for (size_t i = 0; i < MODE_FLAGS; i++)
		if (sysck_slice_is(item, mode_flags[i].name)) {
			if (*places > 0 || (*flags & mode_flags[i].bit) != 0)
				return -EINVAL;
			*flags |= mode_flags[i].bit;
			return 0;
		}
	return item.len == 0 ? -EINVAL : parse_letters(item, bits, places);
}

int sysck_mode_parse(struct sysck_slice text, uint32_t *ret, struct sysck_err *err)
{
	struct sysck_slice rest = sysck_slice_trim(text), item;
	uint32_t flags = 0, bits = 0;
	unsigned places = 0;
	uint64_t octal;

	while (next_item(&rest, &item)) {
		if (rest.data == NULL && places == 0 && sysck_octal_parse(item, 07777, &octal) == 0 && item.len <= 5) {
			*ret = flags | (uint32_t)octal;
			return 0;
		}
		if (parse_mode_item(item, &flags, &bits, &places) < 0) {
			places = 0;
			break;
		}
	}
	if (places != 9)
		return sysck_err_set(err, -EINVAL, "expected a mode such as SUID,rwxr-xr-x (flags SUID SGID SVTX TCB) or 4755");
	*ret = flags | bits;
	return 0;
}

void sysck_mode_write(struct sysck_buf *buf, uint32_t mode)
{
	for (size_t i = 0; i < MODE_FLAGS; i++)
		if ((mode & mode_flags[i].bit) != 0) {
			sysck_buf_add_text(buf, mode_flags[i].name);
			sysck_buf_add_char(buf, ',');
		}
	for (int bit = 8; bit >= 0; bit--)
		sysck_buf_add_char(buf, (mode >> bit & 1) != 0 ? "xwr"[bit % 3] : '-');
}

typedef int id_lookup(struct sysck_names *names, struct sysck_slice name, uint32_t *ret);
typedef int name_lookup(struct sysck_names *names, uint32_t id, struct sysck_slice *ret);

static int parse_id(struct sysck_slice text, struct sysck_names *names, id_lookup *lookup, const char *what, uint32_t *ret,
		    struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	uint64_t number;
	int r = sysck_number_parse(text, SYSCK_ID_MAX, &number);

	if (r == 0) {
		*ret = (uint32_t)number;
		return 0;
	}
	if (r == -ERANGE)
		return sysck_err_set(err, r, "a number of a %s is 0 to %u", what, SYSCK_ID_MAX);
	if (text.len == 0)
		return sysck_err_set(err, -EINVAL, "expected the name or number of a %s", what);
	r = lookup(names, text, ret);
	if (r == -ENOENT)
		return sysck_err_set(err, r, "unknown %s %s", what, sysck_quote(text, quoted, sizeof(quoted)));
	return r < 0 ? sysck_err_errno(err, r, "%s %s", what, sysck_quote(text, quoted, sizeof(quoted))) : 0;
}

int sysck_owner_parse(struct sysck_slice text, struct sysck_names *names, uint32_t *ret, struct sysck_err *err)
{
	return parse_id(text, names, sysck_names_user_id, "user", ret, err);
}

int sysck_group_parse(struct sysck_slice text, struct sysck_names *names, uint32_t *ret, struct sysck_err *err)
{
	return parse_id(text, names, sysck_names_group_id, "group", ret, err);
}

/* A name that is written must need no quotes anywhere, an ACL included, and must not read as a number. */
static bool is_portable(struct sysck_slice name)
{
	bool digits = true;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool digit = c >= '0' && c <= '9';

		if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && (c == '\0' || strchr("_.-$@", c) == NULL))
			return false;
		digits = digits && digit;
	}
	return name.len > 0 && !digits;
}

static void write_id(struct sysck_buf *buf, struct sysck_names *names, name_lookup *name_of, id_lookup *id_of, uint32_t id)
{
	struct sysck_slice name;
	uint32_t back;

	if (name_of(names, id, &name) == 0 && is_portable(name) && id_of(names, name, &back) == 0 && back == id)
		sysck_buf_add_slice(buf, name);
	else
		sysck_buf_add_format(buf, "%u", id);
}

void sysck_owner_write(struct sysck_buf *buf, struct sysck_names *names, uint32_t uid)
{
	write_id(buf, names, sysck_names_user, sysck_names_user_id, uid);
}

void sysck_group_write(struct sysck_buf *buf, struct sysck_names *names, uint32_t gid)
{
	write_id(buf, names, sysck_names_group, sysck_names_group_id, gid);
}

int sysck_device_parse(struct sysck_slice text, struct sysck_device *ret, struct sysck_err *err)
{
	struct sysck_slice rest = text, major_text = { NULL, 0 }, minor_text = { NULL, 0 };
	uint64_t major_number, minor_number;

	(void)next_item(&rest, &major_text);
	/* linux/kdev_t.h: 12 bits of major number, 20 of minor. */
	if (!next_item(&rest, &minor_text) || rest.data != NULL || sysck_number_parse(major_text, 0xfff, &major_number) < 0 ||
	    sysck_number_parse(minor_text, 0xfffff, &minor_number) < 0)
		return sysck_err_set(err, -EINVAL, "expected major,minor (at most 4095,1048575)");
	*ret = (struct sysck_device){ (uint32_t)major_number, (uint32_t)minor_number };
	return 0;
}

void sysck_device_write(struct sysck_buf *buf, struct sysck_device device)
{
	sysck_buf_add_format(buf, "%u,%u", device.major, device.minor);
}

int sysck_size_parse(struct sysck_slice text, struct sysck_size *ret, struct sysck_err *err)
{
	struct sysck_slice rest = text, item;
	struct sysck_size size = { 0, false, false };
	bool good = text.len > 0;

	while (good && next_item(&rest, &item)) {
		if (!size.is_volatile && sysck_slice_is(item, "VOLATILE"))
			size.is_volatile = true;
		else if (!size.has_bytes && !size.is_volatile && sysck_number_parse(item, INT64_MAX, &size.bytes) == 0)
			size.has_bytes = true;
		else
			good = false;
	}
	if (!good)
		return sysck_err_set(err, -EINVAL, "expected a size in bytes, or bytes,VOLATILE, or VOLATILE");
	*ret = size;
	return 0;
}

void sysck_size_write(struct sysck_buf *buf, struct sysck_size size)
{
	if (size.has_bytes)
		sysck_buf_add_format(buf, "%llu", (unsigned long long)size.bytes);
	if (size.is_volatile)
		sysck_buf_add_text(buf, size.has_bytes ? ",VOLATILE" : "VOLATILE");
}

/* The next run of characters that are no blanks. */
static struct sysck_slice next_word(struct sysck_slice *rest)
{
	struct sysck_slice word;

	*rest = sysck_slice_trim(*rest);
	word = (struct sysck_slice){ rest->data, 0 };
	while (word.len < rest->len && strchr(" \t\r\n", rest->data[word.len]) == NULL)
		word.len++;
	*rest = (struct sysck_slice){ rest->data + word.len, rest->len - word.len };
	return word;
}

int sysck_checksum_parse(struct sysck_slice text, struct sysck_checksum *ret, struct sysck_err *err)
{
	struct sysck_checksum value = { .text = sysck_slice_trim(text) };
	struct sysck_slice rest = value.text, word;
	uint64_t sum;

	if (value.text.len == 0)
		return sysck_err_set(err, -EINVAL, "expected what the checksum command prints, or VOLATILE");
	if (sysck_slice_is(value.text, "VOLATILE")) {
		*ret = (struct sysck_checksum){ .is_volatile = true };
		return 0;
	}
	word = next_word(&rest);
	if (sysck_number_parse(word, UINT16_MAX, &sum) == 0) {
		value.sum = (uint32_t)sum;
		word = next_word(&rest);
		value.has_blocks = word.len > 0;
		value.is_sum = sysck_slice_trim(rest).len == 0 &&
			       (!value.has_blocks || sysck_number_parse(word, UINT64_MAX, &value.blocks) == 0);
	}
	*ret = value;
	return 0;
}

void sysck_sum_write(struct sysck_buf *buf, uint32_t sum, uint64_t blocks)
{
	sysck_buf_add_format(buf, "%05u %5llu", sum, (unsigned long long)blocks);
}

static const struct {
	const char *name;
	size_t length;
} hashes[SYSCK_HASH_COUNT] = {
	[SYSCK_HASH_SHA256] = { "sha256", 32 },         [SYSCK_HASH_SHA384] = { "sha384", 48 },
	[SYSCK_HASH_SHA512] = { "sha512", 64 },         [SYSCK_HASH_SHA3_256] = { "sha3-256", 32 },
	[SYSCK_HASH_BLAKE2B512] = { "blake2b512", 64 }, [SYSCK_HASH_MD5] = { "md5", 16 },
};

const char *sysck_hash_name(enum sysck_hash algorithm)
{
	return hashes[algorithm].name;
}

size_t sysck_hash_length(enum sysck_hash algorithm)
{
	return hashes[algorithm].length;
}

static int find_hash(struct sysck_slice text, enum sysck_hash *ret)
{
	for (int i = 0; i < SYSCK_HASH_COUNT; i++)
		if (sysck_slice_is(text, hashes[i].name)) {
			*ret = (enum sysck_hash)i;
			return 0;
		}
	return -EINVAL;
}

int sysck_hash_parse(struct sysck_slice text, enum sysck_hash *ret, struct sysck_err *err)
{
	enum sysck_hash found;

	if (find_hash(text, &found) < 0 || found == SYSCK_HASH_MD5)
		return sysck_err_set(err, -EINVAL, "expected sha256, sha384, sha512, sha3-256 or blake2b512");
	*ret = found;
	return 0;
}

/* A digest's digits follow no rule that a processor could foresee: a table spares it the branches. */
static int hex_digit(char c)
{
	static const signed char values[UCHAR_MAX + 1] = {
		['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
		['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
		['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
	};

	return values[(unsigned char)c] - 1;
}

int sysck_hex_parse(struct sysck_slice text, unsigned char *bytes, size_t length)
{
	if (text.len != 2 * length)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (unsigned char)(high * 16 + low);
	}
	return 0;
}

int sysck_digest_parse(struct sysck_slice text, struct sysck_digest *ret, struct sysck_err *err)
{
	struct sysck_digest digest = { .algorithm = SYSCK_HASH_SHA256 };
	const char *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
	struct sysck_slice hex = text;

	if (sysck_slice_is(text, "VOLATILE")) {
		digest.is_volatile = true;
		*ret = digest;
		return 0;
	}
	if (colon != NULL) {
		size_t len = (size_t)(colon - text.data);

		if (find_hash((struct sysck_slice){ text.data, len }, &digest.algorithm) < 0)
			return sysck_err_set(err, -EINVAL,
					     "expected sha256, sha384, sha512, sha3-256, blake2b512 or md5 before the colon");
		hex = (struct sysck_slice){ colon + 1, text.len - len - 1 };
	} else if (text.len == 96) {
		digest.algorithm = SYSCK_HASH_SHA384;
	} else if (text.len == 128) {
		digest.algorithm = SYSCK_HASH_SHA512;
	}
	if (sysck_hex_parse(hex, digest.bytes, hashes[digest.algorithm].length) < 0)
		return sysck_err_set(err, -EINVAL, "expected %zu hexadecimal digits of a %s digest, or VOLATILE",
				     2 * hashes[digest.algorithm].length, hashes[digest.algorithm].name);
	*ret = digest;
	return 0;
}

void sysck_digest_write(struct sysck_buf *buf, const struct sysck_digest *digest)
{
	char hex[2 * SYSCK_DIGEST_MAX];

	if (digest->is_volatile) {
		sysck_buf_add_text(buf, "VOLATILE");
		return;
	}
	for (size_t i = 0; i < hashes[digest->algorithm].length; i++) {
		hex[2 * i] = "0123456789abcdef"[digest->bytes[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[digest->bytes[i] & 15];
	}
	sysck_buf_add_text(buf, hashes[digest->algorithm].name);
	sysck_buf_add_char(buf, ':');
	sysck_buf_add(buf, hex, 2 * hashes[digest->algorithm].length);
}

bool sysck_digest_equal(const struct sysck_digest *a, const struct sysck_digest *b)
{
	return a->algorithm == b->algorithm && memcmp(a->bytes, b->bytes, hashes[a->algorithm].length) == 0;
}

/* One component, between slashes. */
static bool is_component(const char *p, size_t len)
{
	return len > 0 && !(len == 1 && p[0] == '.') && !(len == 2 && p[0] == '.' && p[1] == '.');
}

int sysck_path_check(struct sysck_slice path, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	const char *p = path.data, *end;

	if (path.len == 0 || *p != '/')
		return sysck_err_set(err, -EINVAL, "%s: expected an absolute path", sysck_quote(path, quoted, sizeof(quoted)));
	if (path.len > SYSCK_NAME_MAX)
		return sysck_err_set(err, -EINVAL, "a path has at most %u bytes", SYSCK_NAME_MAX);
	if (memchr(p, '\0', path.len) != NULL)
		return sysck_err_set(err, -EINVAL, "a path can't hold a NUL byte");
	if (path.len == 1)
		return 0;
	end = p + path.len;
	while (p < end) {
		const char *slash = memchr(p + 1, '/', (size_t)(end - p) - 1);
		const char *stop = slash == NULL ? end : slash;

		if (!is_component(p + 1, (size_t)(stop - p) - 1))
			return sysck_err_set(err, -EINVAL, "%s: expected a path without `.', `..', `//' or a trailing `/'",
					     sysck_quote(path, quoted, sizeof(quoted)));
		p = stop;
	}
	return 0;
}

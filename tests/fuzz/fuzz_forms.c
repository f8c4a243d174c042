/*
 * fuzz_forms.c - any bytes as the text of one value: what reads is written as a text that reads as the same value, and that is
 * then written as the same text.
 *
 * The first byte of an input chooses the form, the rest is the text.
 */
#include "must.h"

/* One text being tried. */
struct trial {
	struct sysck_names *names;
	struct sysck_arena arena;
	struct sysck_slice text;
	struct sysck_buf first, second; /* the value as it was written, and that, read, written again */
	struct sysck_err err;
};

/* Reads `text` as the value and appends it, written, to `out`. Returns as the reading. */
typedef int rewriter(struct trial *trial, struct sysck_slice text, struct sysck_buf *out);

static int rewrite_type(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	enum sysck_type type = SYSCK_TYPE_NONE;
	int r = sysck_type_parse(text, &type, &trial->err);

	if (r == 0)
		sysck_buf_add_text(out, sysck_type_name(type));
	must(r < 0 || (type > SYSCK_TYPE_NONE && type < SYSCK_TYPE_COUNT), "a type that is none");
	return r;
}

static int rewrite_mode(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	uint32_t mode = 0, back = 0;
	size_t before = out->len;
	int r = sysck_mode_parse(text, &mode, &trial->err);

	if (r < 0)
		return r;
	must((mode & ~(07777u | SYSCK_MODE_TCB)) == 0, "a mode with bits that there are not");
	sysck_mode_write(out, mode);
	must(sysck_mode_parse((struct sysck_slice){ out->data + before, out->len - before }, &back, NULL) == 0 && back == mode,
	     "a mode reads back as another one");
	return 0;
}

static int rewrite_owner(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	uint32_t id = 0, back = 0;
	int r = sysck_owner_parse(text, trial->names, &id, &trial->err);

	if (r < 0)
		return r;
	must(id <= SYSCK_ID_MAX, "a user that can't be");
	sysck_owner_write(out, trial->names, id);
	must(sysck_owner_parse(sysck_buf_slice(out), trial->names, &back, NULL) == 0 && back == id, "another user");
	return 0;
}

static int rewrite_group(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	uint32_t id = 0, back = 0;
	int r = sysck_group_parse(text, trial->names, &id, &trial->err);

	if (r < 0)
		return r;
	must(id <= SYSCK_ID_MAX, "a group that can't be");
	sysck_group_write(out, trial->names, id);
	must(sysck_group_parse(sysck_buf_slice(out), trial->names, &back, NULL) == 0 && back == id, "another group");
	return 0;
}

static int rewrite_device(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_device device = { 0, 0 }, back = { 0, 0 };
	int r = sysck_device_parse(text, &device, &trial->err);

	if (r < 0)
		return r;
	must(device.major <= 0xfff && device.minor <= 0xfffff, "a device that can't be");
	sysck_device_write(out, device);
	must(sysck_device_parse(sysck_buf_slice(out), &back, NULL) == 0 && back.major == device.major &&
		     back.minor == device.minor,
	     "another device");
	return 0;
}

static int rewrite_size(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_size size = { 0 }, back = { 0 };
	int r = sysck_size_parse(text, &size, &trial->err);

	if (r < 0)
		return r;
	must((size.has_bytes || size.is_volatile) && size.bytes <= INT64_MAX, "a size that says nothing");
	sysck_size_write(out, size);
	must(sysck_size_parse(sysck_buf_slice(out), &back, NULL) == 0 && back.bytes == size.bytes &&
		     back.has_bytes == size.has_bytes && back.is_volatile == size.is_volatile,
	     "another size");
	return 0;
}

static int rewrite_digest(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_digest digest = { 0 }, back = { 0 };
	int r = sysck_digest_parse(text, &digest, &trial->err);

	if (r < 0)
		return r;
	sysck_digest_write(out, &digest);
	must(sysck_digest_parse(sysck_buf_slice(out), &back, NULL) == 0 && back.algorithm == digest.algorithm &&
		     back.is_volatile == digest.is_volatile && memcmp(back.bytes, digest.bytes, sizeof(back.bytes)) == 0,
	     "another digest");
	return 0;
}

static int rewrite_capabilities(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_capabilities capabilities = { 0 }, back = { 0 };
	int r = sysck_capabilities_parse(text, &capabilities, &trial->err);

	if (r < 0)
		return r;
	sysck_capabilities_write(out, &capabilities);
	must(sysck_capabilities_empty(&capabilities) == (out->len == 0), "no capabilities are no text, and the reverse");
	must(sysck_capabilities_parse(sysck_buf_slice(out), &back, NULL) == 0 && sysck_capabilities_equal(&back, &capabilities),
	     "other capabilities");
	return 0;
}

/* Written without the definition's quotes, a sum is what sum(1) prints. */
static int rewrite_checksum(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_checksum checksum = { .is_sum = false };
	int r = sysck_checksum_parse(text, &checksum, &trial->err);

	if (r < 0)
		return r;
	must(checksum.is_volatile ? checksum.text.len == 0 : checksum.text.len > 0, "a checksum without a text");
	if (checksum.is_volatile) {
		sysck_buf_add_text(out, "VOLATILE");
	} else if (checksum.is_sum && checksum.has_blocks) {
		struct sysck_checksum back;
		struct sysck_buf sum = SYSCK_BUF_INIT;

		sysck_sum_write(&sum, checksum.sum, checksum.blocks);
		must(sysck_checksum_parse(sysck_buf_slice(&sum), &back, NULL) == 0 && back.is_sum && back.has_blocks &&
			     back.sum == checksum.sum && back.blocks == checksum.blocks,
		     "another sum");
		sysck_buf_done(&sum);
	}
	if (!checksum.is_volatile)
		sysck_buf_add_slice(out, checksum.text);
	return 0;
}

/* A path as it is, judged a second time by the words of the manual: absolute, no empty component, no `.' and no `..'. */
static int rewrite_path(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	int r = sysck_path_check(text, &trial->err);
	bool good =
		text.len > 0 && text.len <= SYSCK_NAME_MAX && text.data[0] == '/' && memchr(text.data, '\0', text.len) == NULL;

	for (size_t i = 0; good && text.len > 1 && i < text.len; i++) {
		size_t len = 0;

		if (text.data[i] != '/')
			continue;
		while (i + 1 + len < text.len && text.data[i + 1 + len] != '/')
			len++;
		good = len > 0 && !(len <= 2 && memcmp(text.data + i + 1, "..", len) == 0);
	}
	must(good == (r == 0), "a path is judged wrongly");
	if (r == 0)
		sysck_buf_add_slice(out, text);
	return r;
}

/* A valid ACL, by acl(5): of each kind what there must be, sorted, nobody twice. */
static void check_acl(const struct sysck_acl *acl)
{
	for (int by_default = 0; by_default <= 1; by_default++) {
		size_t tags[SYSCK_ACL_TAG_COUNT] = { 0 }, count = 0;

		for (size_t i = 0; i < acl->count; i++) {
			const struct sysck_acl_entry *entry = &acl->entries[i];

			must(entry->tag < SYSCK_ACL_TAG_COUNT && entry->permissions <= 7, "an entry that there is not");
			if (entry->is_default != (by_default == 1))
				continue;
			count++;
			tags[entry->tag]++;
			for (size_t j = 0; j < i && i < 64; j++)
				must(acl->entries[j].is_default != entry->is_default || acl->entries[j].tag != entry->tag ||
					     acl->entries[j].id != entry->id,
				     "an entry of an ACL twice");
		}
		if (count == 0)
			continue;
		must(tags[SYSCK_ACL_USER_OBJ] == 1 && tags[SYSCK_ACL_GROUP_OBJ] == 1 && tags[SYSCK_ACL_OTHER] == 1 &&
			     tags[SYSCK_ACL_MASK] <= 1,
		     "an ACL without an entry that it must have");
		must(tags[SYSCK_ACL_USER] + tags[SYSCK_ACL_GROUP] == 0 || tags[SYSCK_ACL_MASK] == 1, "an ACL without a mask");
	}
}

/* A text as the list of an attribute; false if it is no line or no list. */
static bool read_list(struct trial *trial, struct sysck_slice value, struct sysck_list *ret)
{
	struct sysck_buf buf = SYSCK_BUF_INIT;
	struct sysck_text text = { .count = 0 };
	struct sysck_line line;
	bool good;

	sysck_buf_add_text(&buf, "acl = ");
	sysck_buf_add_slice(&buf, value);
	good = sysck_arena_copy(&trial->arena, sysck_buf_slice(&buf), &text.bytes) == 0 &&
	       sysck_line_parse(text.bytes, &line, &trial->err) == 0 &&
	       sysck_line_list(&text, &line, false, &trial->arena, ret, &trial->err) == 0;
	sysck_buf_done(&buf);
	return good;
}

static int rewrite_acl(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_acl acl = { NULL, 0 }, back = { NULL, 0 };
	struct sysck_list list;

	if (!read_list(trial, text, &list))
		return -1;
	if (sysck_acl_parse(&list, trial->names, &trial->arena, &acl, &trial->err) < 0)
		return -1;
	check_acl(&acl);
	sysck_acl_write(out, trial->names, &acl);
	must(read_list(trial, sysck_buf_slice(out), &list), "a written ACL is no list");
	must(sysck_acl_parse(&list, trial->names, &trial->arena, &back, NULL) == 0 && sysck_acl_equal(&acl, &back),
	     "another ACL");
	return 0;
}

/* Any list: written item by item it is the same list. */
static int rewrite_list(struct trial *trial, struct sysck_slice text, struct sysck_buf *out)
{
	struct sysck_list list, back;

	if (!read_list(trial, text, &list))
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		must(list.items[i].len > 0, "an empty item");
		if (i > 0)
			sysck_buf_add_char(out, ',');
		sysck_buf_add_item(out, list.items[i]);
	}
	must(read_list(trial, sysck_buf_slice(out), &back) && back.count == list.count, "a written list is none");
	for (size_t i = 0; i < list.count; i++)
		must(sysck_slice_equal(list.items[i], back.items[i]), "another item");
	return 0;
}

static rewriter *const rewriters[] = {
	rewrite_type,   rewrite_mode,         rewrite_owner,    rewrite_group, rewrite_device, rewrite_size,
	rewrite_digest, rewrite_capabilities, rewrite_checksum, rewrite_path,  rewrite_acl,    rewrite_list,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial trial = { .arena = SYSCK_ARENA_INIT, .first = SYSCK_BUF_INIT, .second = SYSCK_BUF_INIT };
	rewriter *rewrite;

	if (size == 0)
		return 0;
	rewrite = rewriters[data[0] % (sizeof(rewriters) / sizeof(rewriters[0]))];
	trial.text = (struct sysck_slice){ (const char *)data + 1, size - 1 };
	trial.names = must_names();
	sysck_err_clear(&trial.err);
	if (rewrite(&trial, trial.text, &trial.first) == 0) {
		must(rewrite(&trial, sysck_buf_slice(&trial.first), &trial.second) == 0, "a written value does not read");
		must(sysck_slice_equal(sysck_buf_slice(&trial.first), sysck_buf_slice(&trial.second)),
		     "a value is written in two ways");
	} else {
		must(trial.err.code < 0 && trial.err.text[0] != '\0', "refused without a word");
	}
	sysck_names_free(trial.names);
	sysck_arena_done(&trial.arena);
	sysck_buf_done(&trial.first);
	sysck_buf_done(&trial.second);
	return 0;
}

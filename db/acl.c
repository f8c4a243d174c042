/*
 * acl.c - POSIX.1e ACLs, text and value.
 *
 * Knows libacl's text form; gives sorted entries that can be compared. Names are resolved here, not by libacl, which
 * would ask the running system for the users of another root. Must never touch a file.
 */
#include <sysck/acl.h>

#include <acl/libacl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/form.h>

static const struct {
	char letter;
	const char *word;
} tags[SYSCK_ACL_TAG_COUNT] = {
	[SYSCK_ACL_USER_OBJ] = { 'u', "user" }, [SYSCK_ACL_USER] = { 'u', "user" }, [SYSCK_ACL_GROUP_OBJ] = { 'g', "group" },
	[SYSCK_ACL_GROUP] = { 'g', "group" },   [SYSCK_ACL_MASK] = { 'm', "mask" }, [SYSCK_ACL_OTHER] = { 'o', "other" },
};

static int compare_entries(const void *left, const void *right)
{
	const struct sysck_acl_entry *a = left, *b = right;

	if (a->is_default != b->is_default)
		return a->is_default ? 1 : -1;
	if (a->tag != b->tag)
		return a->tag < b->tag ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int tag_of_library(acl_tag_t tag)
{
	switch (tag) {
	case ACL_USER_OBJ: return SYSCK_ACL_USER_OBJ;
	case ACL_USER: return SYSCK_ACL_USER;
	case ACL_GROUP_OBJ: return SYSCK_ACL_GROUP_OBJ;
	case ACL_GROUP: return SYSCK_ACL_GROUP;
	case ACL_MASK: return SYSCK_ACL_MASK;
	case ACL_OTHER: return SYSCK_ACL_OTHER;
	default: return -EINVAL;
	}
}

static int convert_entry(acl_entry_t from, bool is_default, struct sysck_acl_entry *to)
{
	acl_permset_t permissions;
	acl_tag_t tag;
	id_t *id;
	int r;

	if (acl_get_tag_type(from, &tag) < 0 || acl_get_permset(from, &permissions) < 0)
		return -EINVAL;
	r = tag_of_library(tag);
	if (r < 0)
		return r;
	*to = (struct sysck_acl_entry){ .is_default = is_default, .tag = (uint8_t)r };
	if (r == SYSCK_ACL_USER || r == SYSCK_ACL_GROUP) {
		id = acl_get_qualifier(from);
		if (id == NULL)
			return -ENOMEM;
		to->id = *id;
		(void)acl_free(id);
	}
	to->permissions = (uint8_t)((acl_get_perm(permissions, ACL_READ) > 0 ? 4 : 0) |
				    (acl_get_perm(permissions, ACL_WRITE) > 0 ? 2 : 0) |
				    (acl_get_perm(permissions, ACL_EXECUTE) > 0 ? 1 : 0));
	return 0;
}

static int convert_entries(acl_t acl, bool is_default, struct sysck_acl_entry *entries, size_t *count)
{
	acl_entry_t entry;
	int r;

	if (acl == NULL)
		return 0;
	for (r = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry); r == 1; r = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
		int error = convert_entry(entry, is_default, &entries[*count]);

		if (error < 0)
			return error;
		(*count)++;
	}
	return r < 0 ? -EINVAL : 0;
}

static size_t entries_of(acl_t acl)
{
	int entries = acl == NULL ? 0 : acl_entries(acl);

	return entries < 0 ? 0 : (size_t)entries;
}

int sysck_acl_convert(acl_t access, acl_t by_default, struct sysck_arena *arena, struct sysck_acl *ret)
{
	size_t room = entries_of(access) + entries_of(by_default), count = 0;
	struct sysck_acl_entry *entries = sysck_arena_alloc(arena, room, sizeof(*entries));
	int r;

	if (entries == NULL)
		return -ENOMEM;
	r = convert_entries(access, false, entries, &count);
	if (r == 0)
		r = convert_entries(by_default, true, entries, &count);
	if (r < 0)
		return r;
	qsort(entries, count, sizeof(*entries), compare_entries);
	*ret = (struct sysck_acl){ entries, count };
	return 0;
}

int sysck_acl_of_mode(uint32_t mode, struct sysck_arena *arena, struct sysck_acl *ret)
{
	struct sysck_acl_entry *entries = sysck_arena_alloc(arena, 3, sizeof(*entries));

	if (entries == NULL)
		return -ENOMEM;
	entries[0] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_USER_OBJ, .permissions = mode >> 6 & 7 };
	entries[1] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_GROUP_OBJ, .permissions = mode >> 3 & 7 };
	entries[2] = (struct sysck_acl_entry){ .tag = SYSCK_ACL_OTHER, .permissions = mode & 7 };
	*ret = (struct sysck_acl){ entries, 3 };
	return 0;
}

bool sysck_acl_equal(const struct sysck_acl *a, const struct sysck_acl *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare_entries(&a->entries[i], &b->entries[i]) != 0 ||
		    a->entries[i].permissions != b->entries[i].permissions)
			return false;
	return true;
}

bool sysck_acl_mode(const struct sysck_acl *acl, uint32_t *ret)
{
	uint32_t user = 0, group = 0, other = 0;
	bool any = false, mask = false;

	for (size_t i = 0; i < acl->count && !acl->entries[i].is_default; i++) {
		const struct sysck_acl_entry *entry = &acl->entries[i];

		any = true;
		if (entry->tag == SYSCK_ACL_USER_OBJ)
			user = entry->permissions;
		else if (entry->tag == SYSCK_ACL_OTHER)
			other = entry->permissions;
		else if (entry->tag == SYSCK_ACL_MASK || (entry->tag == SYSCK_ACL_GROUP_OBJ && !mask))
			group = entry->permissions;
		mask = mask || entry->tag == SYSCK_ACL_MASK;
	}
	if (any)
		*ret = user << 6 | group << 3 | other;
	return any;
}

bool sysck_acl_is_extended(const struct sysck_acl *acl)
{
	for (size_t i = 0; i < acl->count; i++) {
		uint8_t tag = acl->entries[i].tag;

		if (acl->entries[i].is_default || tag == SYSCK_ACL_USER || tag == SYSCK_ACL_GROUP || tag == SYSCK_ACL_MASK)
			return true;
	}
	return false;
}

void sysck_acl_write(struct sysck_buf *buf, struct sysck_names *names, const struct sysck_acl *acl)
{
	for (size_t i = 0; i < acl->count; i++) {
		const struct sysck_acl_entry *entry = &acl->entries[i];

		if (i > 0)
			sysck_buf_add_char(buf, ',');
		if (entry->is_default)
			sysck_buf_add_text(buf, "default:");
		sysck_buf_add_char(buf, tags[entry->tag].letter);
		sysck_buf_add_char(buf, ':');
		if (entry->tag == SYSCK_ACL_USER)
			sysck_owner_write(buf, names, entry->id);
		else if (entry->tag == SYSCK_ACL_GROUP)
			sysck_group_write(buf, names, entry->id);
		sysck_buf_add_char(buf, ':');
		sysck_buf_add_char(buf, (entry->permissions & 4) != 0 ? 'r' : '-');
		sysck_buf_add_char(buf, (entry->permissions & 2) != 0 ? 'w' : '-');
		sysck_buf_add_char(buf, (entry->permissions & 1) != 0 ? 'x' : '-');
	}
}

/* Cuts a leading "default:" or "d:" off. */
static bool take_default(struct sysck_slice *item)
{
	static const struct sysck_slice marks[] = { { "default:", 8 }, { "d:", 2 } };

	for (size_t i = 0; i < 2; i++)
		if (item->len >= marks[i].len && memcmp(item->data, marks[i].data, marks[i].len) == 0) {
			item->data += marks[i].len;
			item->len -= marks[i].len;
			*item = sysck_slice_trim(*item);
			return true;
		}
	return false;
}

/* Appends one item with its user or group as a number: text that means the same to libacl on any system. */
static int add_numeric(struct sysck_buf *text, struct sysck_slice item, struct sysck_names *names, struct sysck_err *err)
{
	const char *colon = memchr(item.data, ':', item.len);
	const char *second = colon == NULL ? NULL : memrchr(item.data, ':', item.len);
	struct sysck_slice qualifier;
	uint32_t id = 0;
	int r;

	/* One line, one entry: to libacl `#` begins a comment, which would make what follows disappear. */
	if (memchr(item.data, '\0', item.len) != NULL || memchr(item.data, '\n', item.len) != NULL ||
	    memchr(item.data, '#', item.len) != NULL || strchr("ugmo", item.data[0]) == NULL)
		return sysck_err_set(err, -EINVAL, "expected ACL entries such as u:fred:r-x");
	qualifier = colon == NULL || second == colon
			    ? (struct sysck_slice){ NULL, 0 }
			    : sysck_slice_trim((struct sysck_slice){ colon + 1, (size_t)(second - colon) - 1 });
	if (text->len > 0)
		sysck_buf_add_char(text, '\n');
	if (qualifier.len == 0) {
		sysck_buf_add_slice(text, item);
		return 0;
	}
	r = item.data[0] == 'g' ? sysck_group_parse(qualifier, names, &id, err) : sysck_owner_parse(qualifier, names, &id, err);
	if (r < 0)
		return r;
	sysck_buf_add(text, item.data, (size_t)(colon - item.data));
	sysck_buf_add_format(text, ":%u", id);
	sysck_buf_add(text, second, (size_t)(item.data + item.len - second));
	return 0;
}

/* libacl's ACL of numeric text; NULL in *ret for no text. */
static int acl_of_text(struct sysck_buf *text, acl_t *ret, struct sysck_err *err)
{
	acl_t acl;

	if (sysck_buf_error(text) == 0 && text->len == 0)
		return 0;
	sysck_buf_add_char(text, '\0');
	if (sysck_buf_error(text) < 0)
		return sysck_err_set(err, -ENOMEM, "out of memory");
	acl = acl_from_text(text->data);
	if (acl == NULL)
		return sysck_err_set(err, errno == ENOMEM ? -ENOMEM : -EINVAL, "expected ACL entries such as u:fred:r-x");
	if (acl_valid(acl) < 0) {
		int last = 0, fault = acl_check(acl, &last);

		(void)acl_free(acl);
		return sysck_err_set(err, -EINVAL, "not a valid ACL: %s", fault > 0 ? acl_error(fault) : "entries are missing");
	}
	*ret = acl;
	return 0;
}

int sysck_acl_parse(const struct sysck_list *items, struct sysck_names *names, struct sysck_arena *arena, struct sysck_acl *ret,
		    struct sysck_err *err)
{
	struct sysck_buf texts[2] = { SYSCK_BUF_INIT, SYSCK_BUF_INIT };
	acl_t acls[2] = { NULL, NULL };
	int r = 0;

	if (items->count > SYSCK_ACL_MAX)
		return sysck_err_set(err, -EINVAL, "an ACL has at most %u entries", SYSCK_ACL_MAX);
	for (size_t i = 0; r == 0 && i < items->count; i++) {
		struct sysck_slice item = items->items[i];
		bool is_default = take_default(&item);

		r = item.len == 0 ? sysck_err_set(err, -EINVAL, "expected an ACL entry after default:")
				  : add_numeric(&texts[is_default], item, names, err);
	}
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = acl_of_text(&texts[i], &acls[i], err);
	if (r == 0) {
		r = sysck_acl_convert(acls[0], acls[1], arena, ret);
		if (r < 0)
			sysck_err_errno(err, r, "ACL");
	}
	for (size_t i = 0; i < 2; i++) {
		if (acls[i] != NULL)
			(void)acl_free(acls[i]);
		sysck_buf_done(&texts[i]);
	}
	return r;
}

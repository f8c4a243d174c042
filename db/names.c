/*
 * names.c - users and groups, by name and by number.
 *
 * Knows NSS, and the passwd(5) and group(5) files of another root; gives ids and names, remembered. The only file that asks
 * NSS. Must never be shared by threads.
 */
#include <sysck/names.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <sysck/arena.h>

/* Largest entry that NSS may answer with; a group of many members needs room. */
#define ENTRY_MAX ((size_t)4 * 1024 * 1024)

/* One remembered answer, in the chains of its name and of its number. An answer may be "no such". */
struct entry {
	struct entry *next_name, *next_id;
	struct sysck_slice name;
	uint32_t id;
	int error; /* 0 or -ENOENT */
};

#define CHAINS 256u

struct table {
	struct entry *by_name[CHAINS];
	struct entry *by_id[CHAINS];
};

enum kind { KIND_USER, KIND_GROUP, KIND_COUNT };

struct sysck_names {
	struct table tables[KIND_COUNT];
	struct sysck_arena arena;
	struct sysck_buf scratch; /* NSS's strings */
	bool from_files;
};

static unsigned hash_name(struct sysck_slice name)
{
	unsigned hash = 5381;

	for (size_t i = 0; i < name.len; i++)
		hash = hash * 33 + (unsigned char)name.data[i];
	return hash % CHAINS;
}

static struct entry *new_entry(struct sysck_names *names, struct sysck_slice name, uint32_t id, int error)
{
	struct entry *entry = sysck_arena_alloc(&names->arena, 1, sizeof(*entry));

	if (entry == NULL || sysck_arena_copy(&names->arena, name, &entry->name) < 0)
		return NULL;
	entry->id = id;
	entry->error = error;
	return entry;
}

static void link_name(struct table *table, struct entry *entry)
{
	struct entry **chain = &table->by_name[hash_name(entry->name)];

	entry->next_name = *chain;
	*chain = entry;
}

static void link_id(struct table *table, struct entry *entry)
{
	struct entry **chain = &table->by_id[entry->id % CHAINS];

	entry->next_id = *chain;
	*chain = entry;
}

static struct entry *find_name(const struct table *table, struct sysck_slice name)
{
	struct entry *entry = table->by_name[hash_name(name)];

	while (entry != NULL && !sysck_slice_equal(entry->name, name))
		entry = entry->next_name;
	return entry;
}

static struct entry *find_id(const struct table *table, uint32_t id)
{
	struct entry *entry = table->by_id[id % CHAINS];

	while (entry != NULL && entry->id != id)
		entry = entry->next_id;
	return entry;
}

int sysck_names_new(struct sysck_names **ret)
{
	struct sysck_names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		return -ENOMEM;
	*ret = names;
	return 0;
}

void sysck_names_free(struct sysck_names *names)
{
	if (names == NULL)
		return;
	sysck_arena_done(&names->arena);
	sysck_buf_done(&names->scratch);
	free(names);
}

/* The field that *rest begins with, up to a colon; *rest goes behind it. */
static struct sysck_slice next_field(struct sysck_slice *rest)
{
	const char *colon = rest->len == 0 ? NULL : memchr(rest->data, ':', rest->len);
	struct sysck_slice field = { rest->data, colon == NULL ? rest->len : (size_t)(colon - rest->data) };
	size_t used = field.len + (colon != NULL);

	*rest = (struct sysck_slice){ used == 0 ? rest->data : rest->data + used, rest->len - used };
	return field;
}

/*
 * `name:password:uid:gid:...` of passwd(5), `name:password:gid:...` of group(5). Comments, and the `+` and `-` of NIS, are
 * names for no lookup, as in files of NSS.
 */
static int read_line(struct sysck_names *names, enum kind kind, struct sysck_slice line)
{
	struct table *table = &names->tables[kind];
	struct sysck_slice name, text;
	struct entry *entry;
	uint64_t id, group;

	line = sysck_slice_trim(line);
	name = next_field(&line);
	(void)next_field(&line);
	text = next_field(&line);
	if (name.len == 0 || strchr("#+-", name.data[0]) != NULL || sysck_number_parse(text, SYSCK_ID_MAX, &id) < 0)
		return 0;
	if (kind == KIND_USER && sysck_number_parse(next_field(&line), SYSCK_ID_MAX, &group) < 0)
		return 0;
	entry = new_entry(names, name, (uint32_t)id, 0);
	if (entry == NULL)
		return -ENOMEM;
	if (find_name(table, name) == NULL)
		link_name(table, entry);
	if (find_id(table, (uint32_t)id) == NULL)
		link_id(table, entry);
	return 0;
}

static int read_file(struct sysck_names *names, enum kind kind, struct sysck_slice bytes)
{
	while (bytes.len > 0) {
		const char *newline = memchr(bytes.data, '\n', bytes.len);
		size_t len = newline == NULL ? bytes.len : (size_t)(newline - bytes.data);
		size_t used = len + (newline != NULL);
		int r = read_line(names, kind, (struct sysck_slice){ bytes.data, len });

		if (r < 0)
			return r;
		bytes = (struct sysck_slice){ bytes.data + used, bytes.len - used };
	}
	return 0;
}

int sysck_names_new_files(struct sysck_slice passwd, struct sysck_slice group, struct sysck_names **ret)
{
	struct sysck_names *names;
	int r = sysck_names_new(&names);

	if (r < 0)
		return r;
	names->from_files = true;
	r = read_file(names, KIND_USER, passwd);
	if (r == 0)
		r = read_file(names, KIND_GROUP, group);
	if (r < 0) {
		sysck_names_free(names);
		return r;
	}
	*ret = names;
	return 0;
}

/* What NSS said of one name or number. */
struct answer {
	struct sysck_slice name;
	uint32_t id;
};

/* One call of the getpwnam_r(3) family: 0, or a positive errno; found or not in *ret_found. */
static int call_nss(enum kind kind, const char *name, uint32_t id, struct sysck_buf *scratch, struct answer *ret,
		    bool *ret_found)
{
	struct passwd passwd, *user = NULL;
	struct group group, *found = NULL;
	int r;

	if (kind == KIND_USER) {
		r = name != NULL ? getpwnam_r(name, &passwd, scratch->data, scratch->capacity, &user)
				 : getpwuid_r(id, &passwd, scratch->data, scratch->capacity, &user);
		if (user != NULL)
			*ret = (struct answer){ sysck_slice_of(user->pw_name), user->pw_uid };
	} else {
		r = name != NULL ? getgrnam_r(name, &group, scratch->data, scratch->capacity, &found)
				 : getgrgid_r(id, &group, scratch->data, scratch->capacity, &found);
		if (found != NULL)
			*ret = (struct answer){ sysck_slice_of(found->gr_name), found->gr_gid };
	}
	*ret_found = user != NULL || found != NULL;
	return r;
}

/* getpwnam(3), RETURN VALUE: these mean "not found" on some systems. */
static bool means_absent(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

static int ask_nss(struct sysck_names *names, enum kind kind, const char *name, uint32_t id, struct answer *ret)
{
	bool found = false;
	size_t room = 1024;
	int r;

	do {
		room *= 2;
		sysck_buf_clear(&names->scratch);
		if (room > ENTRY_MAX)
			return -E2BIG;
		if (sysck_buf_reserve(&names->scratch, room) < 0)
			return -ENOMEM;
		do
			r = call_nss(kind, name, id, &names->scratch, ret, &found);
		while (r == EINTR);
	} while (r == ERANGE);
	/* The highest number is no id: to chown(2) it means "leave it". */
	if (found)
		return ret->id <= SYSCK_ID_MAX ? 0 : -ENOENT;
	return means_absent(r) ? -ENOENT : -r;
}

static int id_of(struct sysck_names *names, enum kind kind, struct sysck_slice name, uint32_t *ret)
{
	struct table *table = &names->tables[kind];
	struct entry *entry = find_name(table, name);
	struct answer answer = { { NULL, 0 }, 0 };
	struct sysck_buf text = SYSCK_BUF_INIT;
	int r;

	if (entry == NULL) {
		if (names->from_files || name.len == 0 || memchr(name.data, '\0', name.len) != NULL)
			return -ENOENT;
		sysck_buf_add_slice(&text, name);
		sysck_buf_add_char(&text, '\0');
		r = sysck_buf_error(&text);
		if (r == 0)
			r = ask_nss(names, kind, text.data, 0, &answer);
		sysck_buf_done(&text);
		if (r < 0 && r != -ENOENT)
			return r;
		entry = new_entry(names, name, answer.id, r);
		if (entry == NULL)
			return -ENOMEM;
		link_name(table, entry);
	}
	if (entry->error == 0)
		*ret = entry->id;
	return entry->error;
}

static int name_of(struct sysck_names *names, enum kind kind, uint32_t id, struct sysck_slice *ret)
{
	struct table *table = &names->tables[kind];
	struct entry *entry = find_id(table, id);
	struct answer answer = { { NULL, 0 }, 0 };
	int r;

	if (entry == NULL) {
		if (names->from_files)
			return -ENOENT;
		r = ask_nss(names, kind, NULL, id, &answer);
		if (r < 0 && r != -ENOENT)
			return r;
		entry = new_entry(names, answer.name, id, r);
		if (entry == NULL)
			return -ENOMEM;
		link_id(table, entry);
	}
	if (entry->error == 0)
		*ret = entry->name;
	return entry->error;
}

int sysck_names_user_id(struct sysck_names *names, struct sysck_slice name, uint32_t *ret)
{
	return id_of(names, KIND_USER, name, ret);
}

int sysck_names_group_id(struct sysck_names *names, struct sysck_slice name, uint32_t *ret)
{
	return id_of(names, KIND_GROUP, name, ret);
}

int sysck_names_user(struct sysck_names *names, uint32_t uid, struct sysck_slice *ret)
{
	return name_of(names, KIND_USER, uid, ret);
}

int sysck_names_group(struct sysck_names *names, uint32_t gid, struct sysck_slice *ret)
{
	return name_of(names, KIND_GROUP, gid, ret);
}

/*
 * settings.c - the stanza `sysck:`.
 *
 * Knows the settings, their forms and defaults, in one table. Must know nothing of definitions.
 */
#include <errno.h>

#include "database.h"

enum setting {
	SETTING_CHECKSUM,
	SETTING_SETUIDS,
	SETTING_SETGIDS,
	SETTING_TREECK_NOVFS,
	SETTING_TREECK_NODIR,
	SETTING_HASH,
	SETTING_PROGRAM_TIMEOUT,
	SETTING_FOLLOW_PACKAGES,
	SETTING_COUNT
};

static const char *const setting_names[SETTING_COUNT] = {
	[SETTING_CHECKSUM] = "checksum",
	[SETTING_SETUIDS] = "setuids",
	[SETTING_SETGIDS] = "setgids",
	[SETTING_TREECK_NOVFS] = "treeck_novfs",
	[SETTING_TREECK_NODIR] = "treeck_nodir",
	[SETTING_HASH] = "hash",
	[SETTING_PROGRAM_TIMEOUT] = "program_timeout",
	[SETTING_FOLLOW_PACKAGES] = "follow_packages",
};

void sysck_settings_default(struct sysck_settings *ret)
{
	*ret = (struct sysck_settings){
		.checksum = SYSCK_SLICE(SYSCK_CHECKSUM_DEFAULT),
		.checksum_is_default = true,
		.hash = SYSCK_HASH_SHA256,
		.program_timeout = SYSCK_PROGRAM_TIMEOUT,
	};
}

int sysck_settings_find(struct sysck_slice name)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (sysck_slice_equal(name, sysck_slice_of(setting_names[i])))
			return i;
	return -ENOENT;
}

int sysck_setting_check(struct sysck_slice name)
{
	int r = sysck_settings_find(name);

	return r < 0 ? r : 0;
}

static int read_checksum(struct sysck_slice value, struct sysck_settings *ret, struct sysck_err *err)
{
	value = sysck_slice_trim(value);
	if (value.len == 0 || memchr(value.data, '\0', value.len) != NULL)
		return sysck_err_set(err, -EINVAL, "expected a command such as %s", SYSCK_CHECKSUM_DEFAULT);
	ret->checksum = value;
	ret->checksum_is_default = sysck_slice_equal(value, SYSCK_SLICE(SYSCK_CHECKSUM_DEFAULT));
	return 0;
}

static int read_timeout(struct sysck_slice value, struct sysck_settings *ret, struct sysck_err *err)
{
	uint64_t seconds;

	if (sysck_number_parse(value, SYSCK_PROGRAM_TIMEOUT_MAX, &seconds) < 0 || seconds == 0)
		return sysck_err_set(err, -EINVAL, "expected seconds, 1 to %u", SYSCK_PROGRAM_TIMEOUT_MAX);
	ret->program_timeout = (unsigned)seconds;
	return 0;
}

static int read_follow(struct sysck_slice value, struct sysck_settings *ret, struct sysck_err *err)
{
	bool yes = sysck_slice_is(value, "yes");

	if (!yes && !sysck_slice_is(value, "no"))
		return sysck_err_set(err, -EINVAL, "expected yes or no");
	ret->follow_packages = yes;
	return 0;
}

static int check_paths(const struct sysck_list *list, struct sysck_err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = sysck_path_check(list->items[i], err);
	return r;
}

static int read_value(const struct sysck_text *text, const struct sysck_line *line, enum setting setting,
		      struct sysck_arena *arena, struct sysck_settings *ret, struct sysck_err *err)
{
	struct sysck_slice value = { "", 0 };
	struct sysck_list list = { NULL, 0 };
	bool whole = setting == SETTING_CHECKSUM || setting == SETTING_HASH || setting == SETTING_PROGRAM_TIMEOUT ||
		     setting == SETTING_FOLLOW_PACKAGES;
	int r = whole ? sysck_line_value(text, line, arena, &value, err)
		      : sysck_line_list(text, line, false, arena, &list, err);

	if (r < 0)
		return r;
	switch (setting) {
	case SETTING_CHECKSUM: return read_checksum(value, ret, err);
	case SETTING_HASH: return sysck_hash_parse(value, &ret->hash, err);
	case SETTING_PROGRAM_TIMEOUT: return read_timeout(value, ret, err);
	case SETTING_FOLLOW_PACKAGES: return read_follow(value, ret, err);
	case SETTING_SETUIDS: ret->setuids = list; return 0;
	case SETTING_SETGIDS: ret->setgids = list; return 0;
	case SETTING_TREECK_NOVFS:
		r = check_paths(&list, err);
		if (r == 0)
			ret->treeck_novfs = list;
		return r;
	case SETTING_TREECK_NODIR:
		r = check_paths(&list, err);
		if (r == 0)
			ret->treeck_nodir = list;
		return r;
	case SETTING_COUNT: break;
	}
	return 0;
}

int sysck_setting_read(const struct sysck_text *text, const struct sysck_line *line, struct sysck_arena *arena,
		       struct sysck_settings *ret, struct sysck_err *err)
{
	char quoted[SYSCK_QUOTE_MAX];
	int setting = sysck_settings_find(line->name), r;

	sysck_err_clear(err);
	if (setting < 0) {
		sysck_err_set(err, -ENOENT, "unknown setting %s", sysck_quote(line->name, quoted, sizeof(quoted)));
		sysck_line_place(text, line, false, err);
		return -ENOENT;
	}
	if (line->bare) {
		sysck_err_set(err, -EINVAL, "expected `%s = value'", setting_names[setting]);
		sysck_line_place(text, line, false, err);
		return -EINVAL;
	}
	r = read_value(text, line, (enum setting)setting, arena, ret, err);
	if (r < 0 && err != NULL && err->line == 0)
		sysck_line_place(text, line, true, err);
	return r;
}

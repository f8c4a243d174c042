/*
 * dpkgrules.c - what dpkg is told to do otherwise with files than their packages say.
 *
 * Knows diversions, overrides and filters by the path that a package's list has. Must never look at the files themselves.
 */
#include "observe/dpkgrules.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>

struct filter {
	const char *pattern;
	bool include;
};

/* What is needed while reading. */
struct reading {
	struct tcbck_dpkg_rules *rules;
	struct sysck_names *names;
	const struct sysck_err_sink *errors;
	struct sysck_err *err;
	struct tcbck_dpkg_source source;
};

static int out_of_memory(struct sysck_err *err)
{
	return sysck_err_set(err, -ENOMEM, "out of memory");
}

static int compare_diversions(const void *a, const void *b)
{
	const struct tcbck_dpkg_diversion *left = a, *right = b;

	return sysck_slice_compare(left->from, right->from);
}

static int compare_overrides(const void *a, const void *b)
{
	const struct tcbck_dpkg_stat *left = a, *right = b;

	return sysck_slice_compare(left->path, right->path);
}

static void report(const struct reading *reading, unsigned line, const char *why)
{
	tcbck_dpkgfile_report(reading->errors, &reading->source, line, why);
}

static int read_kept(struct reading *reading, const struct tcbck_dpkg_place *place, const char *name, struct sysck_slice *ret)
{
	return tcbck_dpkgfile_read_kept(place, name, &reading->rules->arena, ret, &reading->source, reading->err);
}

static int read_diversions(struct reading *reading, const struct tcbck_dpkg_place *home)
{
	struct tcbck_dpkg_list *list = &reading->rules->diversions;
	struct tcbck_dpkg_diversion diversion, *kept;
	struct tcbck_dpkgtext text = { .line = 0 };
	int r = read_kept(reading, home, "diversions", &text.rest);

	if (r < 0)
		return r;
	while ((r = tcbck_dpkgtext_diversion(&text, &diversion)) != 0) {
		if (r < 0) {
			report(reading, text.line, "expected two paths and a package, a line each");
			continue;
		}
		kept = tcbck_dpkgfile_list_add(list, sizeof(*kept));
		if (kept == NULL)
			return out_of_memory(reading->err);
		*kept = diversion;
	}
	if (text.rest.len > 0)
		report(reading, text.line + 1, "ends in the middle of a line");
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*kept), compare_diversions);
	return 0;
}

/* "#NUMBER", or a name. */
static int read_id(struct reading *reading, struct sysck_slice text,
		   int (*look_up)(struct sysck_names *names, struct sysck_slice name, uint32_t *ret), uint32_t *ret)
{
	uint64_t number;
	int r;

	if (text.data[0] != '#')
		return look_up(reading->names, text, ret);
	r = sysck_number_parse((struct sysck_slice){ text.data + 1, text.len - 1 }, SYSCK_ID_MAX, &number);
	if (r == 0)
		*ret = (uint32_t)number;
	return r;
}

static int read_override(struct reading *reading, const struct tcbck_dpkg_override *line, unsigned number,
			 struct tcbck_dpkg_stat *ret)
{
	int user, group;

	*ret = (struct tcbck_dpkg_stat){ .path = line->path, .known = SYSCK_ATTR_BIT(SYSCK_ATTR_MODE), .mode = line->mode };
	user = read_id(reading, line->user, sysck_names_user_id, &ret->owner);
	group = read_id(reading, line->group, sysck_names_group_id, &ret->group);
	if (user == -ENOMEM || group == -ENOMEM)
		return out_of_memory(reading->err);
	if (user < 0)
		report(reading, number, "there is no such user");
	else
		ret->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_OWNER);
	if (group < 0)
		report(reading, number, "there is no such group");
	else
		ret->known |= SYSCK_ATTR_BIT(SYSCK_ATTR_GROUP);
	return 0;
}

static int read_overrides(struct reading *reading, const struct tcbck_dpkg_place *home)
{
	struct tcbck_dpkg_list *list = &reading->rules->overrides;
	struct tcbck_dpkgtext text = { .line = 0 };
	struct tcbck_dpkg_override override;
	struct tcbck_dpkg_stat *kept;
	struct sysck_slice line;
	int r = read_kept(reading, home, "statoverride", &text.rest);

	while (r == 0 && tcbck_dpkgtext_line(&text, &line)) {
		if (tcbck_dpkgtext_override(line, &override) < 0) {
			report(reading, text.line, "expected a user, a group, an octal mode and a path");
			continue;
		}
		kept = tcbck_dpkgfile_list_add(list, sizeof(*kept));
		r = kept == NULL ? out_of_memory(reading->err) : read_override(reading, &override, text.line, kept);
	}
	if (r < 0)
		return r;
	if (text.rest.len > 0)
		report(reading, text.line + 1, "ends in the middle of a line");
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*kept), compare_overrides);
	return 0;
}

static int add_filter(struct reading *reading, const struct tcbck_dpkg_filter *filter)
{
	char *pattern = sysck_arena_alloc(&reading->rules->arena, filter->pattern.len + 1, 1);
	struct filter *kept = tcbck_dpkgfile_list_add(&reading->rules->filters, sizeof(*kept));

	if (pattern == NULL || kept == NULL)
		return out_of_memory(reading->err);
	if (filter->pattern.len > 0)
		memcpy(pattern, filter->pattern.data, filter->pattern.len);
	*kept = (struct filter){ pattern, filter->include };
	return 0;
}

static int read_config(struct reading *reading, const struct tcbck_dpkg_place *place, const char *name)
{
	struct tcbck_dpkgtext text = { .line = 0 };
	struct tcbck_dpkg_filter filter;
	struct sysck_slice line;
	int r = read_kept(reading, place, name, &text.rest);

	while (r == 0 && text.rest.len > 0) {
		/* dpkg takes a last line without a newline here. */
		if (!tcbck_dpkgtext_line(&text, &line)) {
			line = text.rest;
			text.rest.len = 0;
		}
		if (tcbck_dpkgtext_filter(line, &filter) == 1)
			r = add_filter(reading, &filter);
	}
	return r;
}

static bool is_config(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

static int read_configs(struct reading *reading, const struct tcbck_dpkg_place *place)
{
	struct tcbck_dpkg_list names = { .items = NULL };
	int r = tcbck_dpkgfile_names(place, is_config, &reading->rules->arena, &names, reading->err);
	const char **all = names.items;

	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = read_config(reading, place, all[i]);
	free(names.items);
	return r;
}

/* First those of the directory, then the file, as dpkg does: of several that match the last one counts. */
static int read_filters(struct reading *reading, struct tcbck_opener *opener)
{
	struct tcbck_dpkg_place place;
	int r = tcbck_dpkgfile_open(opener, TCBCK_DPKG_CONFIGS, &place, reading->err);

	if (r == 0) {
		r = read_configs(reading, &place);
		tcbck_dpkgfile_close(&place);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	r = tcbck_dpkgfile_open(opener, TCBCK_DPKG_CONFIG, &place, reading->err);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = read_config(reading, &place, "dpkg.cfg");
	tcbck_dpkgfile_close(&place);
	return r;
}

int tcbck_dpkgrules_read(struct tcbck_dpkg_rules *rules, struct tcbck_opener *opener, const struct tcbck_dpkg_place *home,
			 struct sysck_names *names, const struct sysck_err_sink *errors, struct sysck_err *err)
{
	struct reading reading = { .rules = rules, .names = names, .errors = errors, .err = err };
	int r;

	*rules = (struct tcbck_dpkg_rules){ .arena = SYSCK_ARENA_INIT };
	r = read_diversions(&reading, home);
	if (r == 0)
		r = read_overrides(&reading, home);
	return r == 0 ? read_filters(&reading, opener) : r;
}

void tcbck_dpkgrules_done(struct tcbck_dpkg_rules *rules)
{
	free(rules->diversions.items);
	free(rules->overrides.items);
	free(rules->filters.items);
	sysck_arena_done(&rules->arena);
	*rules = (struct tcbck_dpkg_rules){ .arena = SYSCK_ARENA_INIT };
}

struct sysck_slice tcbck_dpkgrules_divert(const struct tcbck_dpkg_rules *rules, struct sysck_slice path,
					  struct sysck_slice package)
{
	const struct tcbck_dpkg_diversion key = { .from = path }, *found;

	if (rules->diversions.count == 0)
		return path;
	found = bsearch(&key, rules->diversions.items, rules->diversions.count, sizeof(key), compare_diversions);
	/* One of the administrator's names no package: it is of all. */
	if (found == NULL || sysck_slice_equal(found->package, package))
		return path;
	return found->to;
}

const struct tcbck_dpkg_stat *tcbck_dpkgrules_stat(const struct tcbck_dpkg_rules *rules, struct sysck_slice path)
{
	const struct tcbck_dpkg_stat key = { .path = path };

	if (rules->overrides.count == 0)
		return NULL;
	return bsearch(&key, rules->overrides.items, rules->overrides.count, sizeof(key), compare_overrides);
}

bool tcbck_dpkgrules_leaves_out(const struct tcbck_dpkg_rules *rules, const char *text)
{
	const struct filter *filters = rules->filters.items;
	bool out = false;

	for (size_t i = 0; i < rules->filters.count; i++)
		if (fnmatch(filters[i].pattern, text, 0) == 0)
			out = !filters[i].include;
	return out;
}

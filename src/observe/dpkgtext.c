/*
 * dpkgtext.c - the text formats of dpkg's files.
 *
 * Knows bytes; gives what they say, or that they say nothing. Must never look at the system, nor keep anything.
 */
#include "observe/dpkgtext.h"

#include <errno.h>
#include <string.h>

/* Digits of an MD5, and the two bytes between it and the path. */
#define MD5_DIGITS 32u
#define MD5_GAP    2u

bool tcbck_dpkgtext_line(struct tcbck_dpkgtext *text, struct sysck_slice *ret)
{
	const char *newline;

	if (text->rest.len == 0)
		return false;
	newline = memchr(text->rest.data, '\n', text->rest.len);
	if (newline == NULL)
		return false;
	*ret = (struct sysck_slice){ text->rest.data, (size_t)(newline - text->rest.data) };
	text->rest = (struct sysck_slice){ newline + 1, text->rest.len - ret->len - 1 };
	text->line++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A word of letters, digits and `others` that begins with a letter or a digit. */
static bool is_word(struct sysck_slice word, const char *others)
{
	if (word.len == 0 || word.len > TCBCK_DPKGTEXT_WORD_MAX || (!is_letter(word.data[0]) && !is_digit(word.data[0])))
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!is_letter(word.data[i]) && !is_digit(word.data[i]) &&
		    (word.data[i] == '\0' || strchr(others, word.data[i]) == NULL))
			return false;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the first word off `rest`; empty: there is none. */
static struct sysck_slice first_word(struct sysck_slice *rest)
{
	struct sysck_slice word;

	while (rest->len > 0 && is_blank(rest->data[0]))
		*rest = (struct sysck_slice){ rest->data + 1, rest->len - 1 };
	word = (struct sysck_slice){ rest->data, 0 };
	while (word.len < rest->len && !is_blank(rest->data[word.len]))
		word.len++;
	*rest = (struct sysck_slice){ rest->data + word.len, rest->len - word.len };
	return word;
}

/* Takes the last word off `rest`, and the blanks around it. */
static struct sysck_slice last_word(struct sysck_slice *rest)
{
	struct sysck_slice word;

	while (rest->len > 0 && is_blank(rest->data[rest->len - 1]))
		rest->len--;
	word = (struct sysck_slice){ rest->data + rest->len, 0 };
	while (rest->len > 0 && !is_blank(rest->data[rest->len - 1])) {
		rest->len--;
		word = (struct sysck_slice){ word.data - 1, word.len + 1 };
	}
	while (rest->len > 0 && is_blank(rest->data[rest->len - 1]))
		rest->len--;
	return word;
}

/* "WANT FLAG STATE". 0, or -EINVAL: no state that dpkg knows. */
static int read_state(struct sysck_slice value, enum tcbck_dpkg_state *ret)
{
	/*
	 * What is half configured has all its files; nothing is triggered when it is configured in the end. And a package whose
	 * postinst runs, for a trigger as well, is called so meanwhile: ours, when it is asked to look.
	 */
	static const struct {
		const char *name;
		enum tcbck_dpkg_state state;
	} states[] = {
		{ "installed", TCBCK_DPKG_PRESENT },        { "triggers-awaited", TCBCK_DPKG_PRESENT },
		{ "triggers-pending", TCBCK_DPKG_PRESENT }, { "half-installed", TCBCK_DPKG_PARTIAL },
		{ "unpacked", TCBCK_DPKG_PARTIAL },         { "half-configured", TCBCK_DPKG_PRESENT },
		{ "config-files", TCBCK_DPKG_ABSENT },      { "not-installed", TCBCK_DPKG_ABSENT },
	};
	struct sysck_slice flag, state;

	first_word(&value);
	flag = first_word(&value);
	state = first_word(&value);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!sysck_slice_is(state, states[i].name))
			continue;
		*ret = states[i].state;
		if (*ret == TCBCK_DPKG_PRESENT && !sysck_slice_is(flag, "ok"))
			*ret = TCBCK_DPKG_PARTIAL;
		return 0;
	}
	return -EINVAL;
}

/* What a paragraph is being read into. */
struct reading {
	struct tcbck_dpkg_paragraph paragraph;
	bool has_state, wrong_state;
	bool in_conffiles;
};

/* One "NAME: VALUE". By length first: there are many fields, and few that count. */
static void read_field(struct reading *reading, struct sysck_slice name, struct sysck_slice value, unsigned line)
{
	struct tcbck_dpkg_paragraph *paragraph = &reading->paragraph;

	value = sysck_slice_trim(value);
	switch (name.len) {
	case 6:
		if (!sysck_slice_is(name, "status"))
			break;
		reading->has_state = true;
		reading->wrong_state = read_state(value, &paragraph->state) < 0;
		break;
	case 7:
		if (sysck_slice_is(name, "package"))
			paragraph->package = value;
		else if (sysck_slice_is(name, "version"))
			paragraph->version = value;
		break;
	case 9:
		if (!sysck_slice_is(name, "conffiles"))
			break;
		reading->in_conffiles = true;
		paragraph->conffiles.len = 0;
		paragraph->conffiles_line = line;
		break;
	case 10:
		if (sysck_slice_is(name, "multi-arch"))
			paragraph->same = sysck_slice_is(value, "same");
		break;
	case 12:
		if (sysck_slice_is(name, "architecture"))
			paragraph->architecture = value;
		break;
	default: break;
	}
}

static void read_status_line(struct reading *reading, struct sysck_slice line, unsigned number)
{
	struct sysck_slice *conffiles = &reading->paragraph.conffiles;
	const char *colon;

	if (is_blank(line.data[0])) {
		/* Each line with its newline, one behind the other: one slice. */
		if (reading->in_conffiles)
			*conffiles = (struct sysck_slice){ conffiles->len == 0 ? line.data : conffiles->data,
							   conffiles->len + line.len + 1 };
		return;
	}
	reading->in_conffiles = false;
	colon = memchr(line.data, ':', line.len);
	if (colon != NULL)
		read_field(reading, (struct sysck_slice){ line.data, (size_t)(colon - line.data) },
			   (struct sysck_slice){ colon + 1, line.len - (size_t)(colon - line.data) - 1 }, number);
}

/* What is wrong with the paragraph; NULL: nothing. */
static const char *judge_paragraph(const struct reading *reading)
{
	const struct tcbck_dpkg_paragraph *paragraph = &reading->paragraph;

	if (!is_word(paragraph->package, "+-._"))
		return "expected the name of a package";
	if (!reading->has_state || reading->wrong_state)
		return "expected the status of a package";
	if (paragraph->state == TCBCK_DPKG_ABSENT)
		return NULL;
	if (!is_word(paragraph->version, "+-.:~_"))
		return "expected the version of a package";
	if (!is_word(paragraph->architecture, "-"))
		return "expected the architecture of a package";
	return NULL;
}

int tcbck_dpkgtext_paragraph(struct tcbck_dpkgtext *text, struct tcbck_dpkg_paragraph *ret, const char **ret_why)
{
	struct reading reading = { .paragraph = { .line = 0 } };
	struct sysck_slice line;

	while (tcbck_dpkgtext_line(text, &line)) {
		if (line.len == 0 && reading.paragraph.line > 0)
			break;
		if (line.len == 0)
			continue;
		if (line.data[0] == '#') { /* dpkg pads its updates with such */
			reading.in_conffiles = false;
			continue;
		}
		if (reading.paragraph.line == 0)
			reading.paragraph.line = text->line;
		read_status_line(&reading, line, text->line);
	}
	if (reading.paragraph.line == 0)
		return 0;
	*ret = reading.paragraph;
	*ret_why = judge_paragraph(&reading);
	return *ret_why == NULL ? 1 : -EINVAL;
}

int tcbck_dpkgtext_path(struct sysck_slice line, struct sysck_slice *ret)
{
	if (line.len == 2 && memcmp(line.data, "/.", 2) == 0)
		line.len = 1;
	if (line.len > 1 && line.data[line.len - 1] == '/')
		line.len--;
	if (sysck_path_check(line, NULL) < 0)
		return -EINVAL;
	*ret = line;
	return 0;
}

static int read_md5(struct sysck_slice text, struct sysck_digest *ret)
{
	struct sysck_digest digest = { .algorithm = SYSCK_HASH_MD5 };

	if (sysck_hex_parse(text, digest.bytes, MD5_DIGITS / 2) < 0)
		return -EINVAL;
	*ret = digest;
	return 0;
}

int tcbck_dpkgtext_md5(struct sysck_slice line, struct sysck_digest *ret, struct sysck_slice *ret_path)
{
	const char *gap = line.data + MD5_DIGITS;
	struct sysck_slice path;

	if (line.len <= MD5_DIGITS + MD5_GAP || gap[0] != ' ' || (gap[1] != ' ' && gap[1] != '*') ||
	    read_md5((struct sysck_slice){ line.data, MD5_DIGITS }, ret) < 0)
		return -EINVAL;
	path = (struct sysck_slice){ gap + MD5_GAP, line.len - MD5_DIGITS - MD5_GAP };
	if (path.len > 2 && path.data[0] == '.' && path.data[1] == '/')
		path = (struct sysck_slice){ path.data + 2, path.len - 2 };
	else if (path.len > 1 && path.data[0] == '/')
		path = (struct sysck_slice){ path.data + 1, path.len - 1 };
	*ret_path = path;
	return 0;
}

int tcbck_dpkgtext_conffile(struct sysck_slice line, struct tcbck_dpkg_conffile *ret)
{
	struct tcbck_dpkg_conffile conffile = { .has_digest = true };
	struct sysck_slice word = last_word(&line);

	while (sysck_slice_equal(word, SYSCK_SLICE("obsolete")) || sysck_slice_equal(word, SYSCK_SLICE("remove-on-upgrade"))) {
		conffile.gone = true;
		word = last_word(&line);
	}
	if (sysck_slice_equal(word, SYSCK_SLICE("newconffile")))
		conffile.has_digest = false;
	else if (read_md5(word, &conffile.hash_value) < 0)
		return -EINVAL;
	while (line.len > 0 && is_blank(line.data[0]))
		line = (struct sysck_slice){ line.data + 1, line.len - 1 };
	if (tcbck_dpkgtext_path(line, &conffile.path) < 0)
		return -EINVAL;
	*ret = conffile;
	return 0;
}

int tcbck_dpkgtext_diversion(struct tcbck_dpkgtext *text, struct tcbck_dpkg_diversion *ret)
{
	struct tcbck_dpkg_diversion diversion;
	struct sysck_slice from, to;

	if (!tcbck_dpkgtext_line(text, &from))
		return 0;
	if (!tcbck_dpkgtext_line(text, &to) || !tcbck_dpkgtext_line(text, &diversion.package) ||
	    tcbck_dpkgtext_path(from, &diversion.from) < 0 || tcbck_dpkgtext_path(to, &diversion.to) < 0)
		return -EINVAL;
	if (sysck_slice_equal(diversion.package, SYSCK_SLICE(":")))
		diversion.package.len = 0;
	else if (!is_word(diversion.package, "+-._"))
		return -EINVAL;
	*ret = diversion;
	return 1;
}

int tcbck_dpkgtext_override(struct sysck_slice line, struct tcbck_dpkg_override *ret)
{
	struct tcbck_dpkg_override override;
	struct sysck_slice mode;
	uint64_t number;

	override.user = first_word(&line);
	override.group = first_word(&line);
	mode = first_word(&line);
	if (override.user.len == 0 || override.group.len == 0 || sysck_octal_parse(mode, 07777, &number) < 0)
		return -EINVAL;
	override.mode = (uint32_t)number;
	/* One blank: a second one is part of the name. */
	if (line.len == 0 || tcbck_dpkgtext_path((struct sysck_slice){ line.data + 1, line.len - 1 }, &override.path) < 0)
		return -EINVAL;
	*ret = override;
	return 0;
}

static bool is_space(char c)
{
	return is_blank(c) || (c >= '\n' && c <= '\r');
}

/* The value of an option: what is behind its name, one blank or "=", and blanks; and without the quotes around it. */
static struct sysck_slice option_value(struct sysck_slice rest)
{
	if (rest.len > 0)
		rest = (struct sysck_slice){ rest.data + 1, rest.len - 1 };
	if (rest.len > 0 && rest.data[0] == '=')
		rest = (struct sysck_slice){ rest.data + 1, rest.len - 1 };
	while (rest.len > 0 && is_space(rest.data[0]))
		rest = (struct sysck_slice){ rest.data + 1, rest.len - 1 };
	if (rest.len >= 2 && (rest.data[0] == '"' || rest.data[0] == '\'') && rest.data[rest.len - 1] == rest.data[0])
		rest = (struct sysck_slice){ rest.data + 1, rest.len - 2 };
	return rest;
}

int tcbck_dpkgtext_filter(struct sysck_slice line, struct tcbck_dpkg_filter *ret)
{
	struct sysck_slice name = { line.data, 0 };
	bool include;

	while (line.len > 0 && is_space(line.data[line.len - 1]))
		line.len--;
	while (name.len < line.len &&
	       (is_letter(line.data[name.len]) || is_digit(line.data[name.len]) || line.data[name.len] == '-'))
		name.len++;
	include = sysck_slice_equal(name, SYSCK_SLICE("path-include"));
	if (!include && !sysck_slice_equal(name, SYSCK_SLICE("path-exclude")))
		return 0;
	*ret = (struct tcbck_dpkg_filter){
		.pattern = option_value((struct sysck_slice){ line.data + name.len, line.len - name.len }),
		.include = include,
	};
	return 1;
}

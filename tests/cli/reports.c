/*
 * reports.c - what three programs say of a tree, in one form: a line "PATH ATTRIBUTE" for each difference, the path from the
 * tree's top in hexadecimal digits.
 *
 *	reports tcbck <LINES        --format json
 *	reports aide <LINES         report_format=json, report_level=changed_attributes
 *	reports mtree <LINES        mtree(8) with -p and -f
 *
 * How attributes are mapped to one another, and what is left out, is told in differential.t.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 65536
#define TEXT 8192

/* Prints one difference. */
static void tell(const char *path, size_t length, const char *attribute)
{
	for (size_t i = 0; i < length; i++)
		(void)printf("%02x", (unsigned char)path[i]);
	(void)printf(" %s\n", attribute);
}

static size_t add_utf8(char *out, unsigned long code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

/* Reads a string of JSON whose quote `at` points to; returns what is behind it, NULL if it is none. `out` has TEXT bytes. */
static const char *read_string(const char *at, char *out, size_t *ret_length)
{
	static const char escapes[] = "n\nt\tr\rb\bf\f";
	size_t length = 0;

	if (*at++ != '"')
		return NULL;
	for (; *at != '"' && *at != '\0' && length < TEXT - 4; at++) {
		const char *escape;

		if (*at != '\\') {
			out[length++] = *at;
			continue;
		}
		at++;
		escape = strchr(escapes, *at);
		if (*at == 'u') {
			char digits[5] = { at[1], at[2], at[3], at[4], '\0' };

			length += add_utf8(out + length, strtoul(digits, NULL, 16));
			at += 4;
		} else if (escape != NULL && (escape - escapes) % 2 == 0) {
			out[length++] = escape[1];
		} else {
			out[length++] = *at;
		}
	}
	out[length] = '\0';
	*ret_length = length;
	return *at == '"' ? at + 1 : NULL;
}

/* The string that a member of an object in `line` has. */
static bool find_member(const char *line, const char *name, char *out, size_t *ret_length)
{
	char key[64];
	const char *at;

	(void)snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = strstr(line, key);
	return at != NULL && read_string(at + strlen(key) - 1, out, ret_length) != NULL;
}

static size_t decode_hex(char *text, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2) {
		char digits[3] = { text[i], text[i + 1], '\0' };

		text[i / 2] = (char)strtoul(digits, NULL, 16);
	}
	return length / 2;
}

/* Takes the TCB flag out of a list of mode; true if it was in. */
static bool take_flag(char *mode)
{
	char *flag = strstr(mode, "TCB,");

	if (flag == NULL)
		return false;
	memmove(flag, flag + 4, strlen(flag + 4) + 1);
	return true;
}

static void tell_mode(const char *path, size_t length, char *actual, char *expected)
{
	if (take_flag(actual) != take_flag(expected))
		tell(path, length, "tcb");
	if (strcmp(actual, expected) != 0)
		tell(path, length, "mode");
}

static int read_tcbck(void)
{
	static char line[LINE], path[TEXT], event[TEXT], attribute[TEXT], actual[TEXT], expected[TEXT];
	size_t length, ignored;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (!find_member(line, "event", event, &ignored) || strcmp(event, "summary") == 0)
			continue;
		if (find_member(line, "path_hex", path, &length))
			length = decode_hex(path, length);
		else if (!find_member(line, "path", path, &length))
			return 1;
		/* Nothing else is left unexamined here, and there are no errors: shown, so that the comparison fails. */
		if (!find_member(line, "attribute", attribute, &ignored) || !find_member(line, "actual", actual, &ignored) ||
		    !find_member(line, "expected", expected, &ignored)) {
			if (strcmp(event, "unverified") == 0 && strcmp(attribute, "links") == 0)
				tell(path, length, "names");
			else
				(void)printf("%s", line);
			continue;
		}
		if (strcmp(attribute, "mode") == 0)
			tell_mode(path, length, actual, expected);
		else if (strcmp(attribute, "links") == 0)
			tell(path, length, atol(actual) == atol(expected) ? "names" : "links");
		else
			tell(path, length, strcmp(attribute, "unsafe-path") == 0 ? "missing" : attribute);
	}
	return 0;
}

/* One attribute of one object in AIDE's details: what it was and what it is, a line for each item. */
struct detail {
	char path[TEXT];
	size_t length;
	char type;
	bool retyped;
	char attribute[64];
	char sides[2][TEXT];
};

/* The lines of `text` that have `part` in them, without the number that AIDE gives attributes. */
static void pick(const char *text, const char *part, char *out)
{
	size_t length = 0;

	out[0] = '\0';
	for (const char *line = text, *end; *line != '\0'; line = end + 1) {
		const char *from = line[0] == '[' ? strchr(line, ']') + 2 : line;

		end = strchr(line, '\n');
		if (memmem(from, (size_t)(end - from), part, strlen(part)) != NULL)
			length += (size_t)snprintf(out + length, TEXT - length, "%.*s\n", (int)(end - from), from);
	}
}

static bool differ_in(const struct detail *detail, const char *part)
{
	static char picked[2][TEXT];

	pick(detail->sides[0], part, picked[0]);
	pick(detail->sides[1], part, picked[1]);
	return strcmp(picked[0], picked[1]) != 0;
}

/* Has one of the sides more than the mode has? Then it has a mask. */
static bool is_extended(const struct detail *detail)
{
	return strstr(detail->sides[0], "A: mask:") != NULL || strstr(detail->sides[1], "A: mask:") != NULL;
}

static void tell_detail(const struct detail *detail)
{
	static const char *const same[][2] = {
		{ "uid", "owner" },         { "gid", "group" },        { "perm", "mode" },
		{ "sha256", "hash_value" }, { "link_name", "target" },
	};
	const char *attribute = detail->attribute;

	if (detail->retyped)
		return;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(attribute, same[i][0]) == 0)
			tell(detail->path, detail->length, same[i][1]);
	if (strcmp(attribute, "file_type") == 0)
		tell(detail->path, detail->length, "type");
	if (strcmp(attribute, "size") == 0 && detail->type == 'f')
		tell(detail->path, detail->length, "size");
	if (strcmp(attribute, "link_count") == 0 && detail->type != 'd')
		tell(detail->path, detail->length, "links");
	if (strcmp(attribute, "acl") == 0 && (differ_in(detail, "D: ") || (is_extended(detail) && differ_in(detail, "A: "))))
		tell(detail->path, detail->length, "acl");
	if (strcmp(attribute, "xattrs") == 0 && differ_in(detail, "security.capability"))
		tell(detail->path, detail->length, "capabilities");
	if (strcmp(attribute, "xattrs") == 0 && differ_in(detail, "security.tcb"))
		tell(detail->path, detail->length, "tcb");
}

/* A line of the details, by how far it is indented. */
static void read_detail(struct detail *detail, const char *line, size_t indent)
{
	static char text[TEXT];
	static int side;
	size_t length;
	const char *value = read_string(line + indent, text, &length);

	if (indent == 6 && value != NULL) {
		(void)snprintf(detail->attribute, sizeof(detail->attribute), "%.63s", text);
		detail->sides[0][0] = detail->sides[1][0] = '\0';
	} else if (indent == 6) {
		tell_detail(detail);
		detail->retyped = detail->retyped || strcmp(detail->attribute, "file_type") == 0;
	} else if (indent == 8 && value != NULL) {
		side = strcmp(text, "new") == 0;
		(void)snprintf(detail->sides[side], TEXT, "%s\n", value);
	} else if (indent == 10 && value != NULL) {
		size_t used = strlen(detail->sides[side]);

		(void)snprintf(detail->sides[side] + used, TEXT - used, "%s\n", text);
	}
}

/* The letters of the changed objects' types stand in a list of their own, in the same order as the details. */
static int read_aide(void)
{
	static char line[LINE], text[TEXT], section[TEXT], types[LINE];
	static struct detail detail;
	size_t length, changed = 0, told = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t indent = strspn(line, " ");
		const char *value = read_string(line + indent, text, &length);

		if (indent == 2 && value != NULL)
			memcpy(section, text, length + 1);
		else if (indent == 4 && value != NULL && strcmp(section, "added") == 0)
			tell(text, length, "added");
		else if (indent == 4 && value != NULL && strcmp(section, "removed") == 0)
			tell(text, length, "missing");
		else if (indent == 4 && value != NULL && strcmp(section, "changed") == 0 && changed < sizeof(types))
			types[changed++] = value[3];
		else if (indent >= 4 && strcmp(section, "details") == 0 && indent > 4)
			read_detail(&detail, line, indent);
		else if (indent == 4 && value != NULL && strcmp(section, "details") == 0) {
			memcpy(detail.path, text, length + 1);
			detail.length = length;
			detail.retyped = false;
			detail.type = told < changed ? types[told] : '?';
			told++;
		}
	}
	return told != changed;
}

/* The first attribute that mtree tells of in a line: its name in the common form, and where its text begins. */
static const char *find_attribute(char *line, char **ret_at)
{
	static const char *const names[][2] = {
		{ "type (", "type" },         { "size (", "size" },        { "user (", "owner" },
		{ "gid (", "group" },         { "permissions (", "mode" }, { "link count (", "links" },
		{ "sha256 (", "hash_value" }, { "device (", "device" },    { "link ref (", "target" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *at = strstr(line, names[i][0]);

		if (at != NULL && (at == line || at[-1] == ' ' || at[-1] == '\t')) {
			*ret_at = at;
			return names[i][1];
		}
	}
	return NULL;
}

/* mtree tells of the link counts of directories, which change with what is in them. */
static int read_mtree(void)
{
	static char line[LINE], path[LINE];
	size_t length = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t end = strcspn(line, "\n");
		const char *attribute;
		char *at = line;

		line[end] = '\0';
		if (strncmp(line, "missing: ./", 11) == 0) {
			tell(line + 10, end - 10, "missing");
			continue;
		}
		if (strncmp(line, "extra: ", 7) == 0) {
			line[6] = '/';
			tell(line + 6, end - 6, "added");
			continue;
		}
		attribute = find_attribute(line, &at);
		/* A name, alone if it is long, then a colon and blanks. */
		if (line[0] != '\t') {
			length = attribute == NULL ? end : (size_t)(at - line);
			while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
				length--;
			if (length == 0 || line[length - 1] != ':') {
				(void)printf("%s\n", line);
				continue;
			}
			path[0] = '/';
			memcpy(path + 1, line, length);
			if (length == 2 && line[0] == '.')
				length = 1;
		}
		if (attribute != NULL)
			tell(path, length, attribute);
		else if (line[0] == '\t')
			(void)printf("%s\n", line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "tcbck") == 0)
		return read_tcbck();
	if (argc == 2 && strcmp(argv[1], "aide") == 0)
		return read_aide();
	if (argc == 2 && strcmp(argv[1], "mtree") == 0)
		return read_mtree();
	(void)fputs("usage: reports {tcbck | aide | mtree}\n", stderr);
	return 16;
}

/*
 * deb_file.c - archives of Debian packages, deb(5), made byte by byte: ar(5) with two tar(5).
 */
#include "deb_file.h"

#include <stdio.h>
#include <string.h>

#include "dpkg_tree.h"
#include "suites.h"

#define BLOCK 512u

static void pad(struct sysck_buf *buf, size_t begin, size_t unit)
{
	while ((buf->len - begin) % unit != 0)
		sysck_buf_add_char(buf, '\0');
}

static void put_field(char *header, size_t at, size_t size, const char *text)
{
	size_t len = strnlen(text, size);

	memcpy(header + at, text, len);
}

static void put_octal(char *header, size_t at, size_t size, unsigned long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*lo", (int)size - 1, number);
	put_field(header, at, size, text);
}

static void add_tar(struct sysck_buf *tar, const struct deb_member *member)
{
	const char *content = member->content == NULL ? "" : member->content;
	char header[BLOCK] = { 0 };
	unsigned long sum = 0;

	put_field(header, 0, 100, member->path);
	put_octal(header, 100, 8, member->mode);
	put_octal(header, 108, 8, member->user_id);
	put_octal(header, 116, 8, member->group_id);
	put_octal(header, 124, 12, strlen(content));
	put_octal(header, 136, 12, 0);
	memset(header + 148, ' ', 8);
	header[156] = member->type;
	put_field(header, 157, 100, member->link == NULL ? "" : member->link);
	memcpy(header + 257,
	       "ustar\0"
	       "00",
	       8);
	put_field(header, 265, 32, member->user == NULL ? "" : member->user);
	put_field(header, 297, 32, member->group == NULL ? "" : member->group);
	if (member->type == '3' || member->type == '4') {
		put_octal(header, 329, 8, 5);
		put_octal(header, 337, 8, 6);
	}
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	put_octal(header, 148, 7, sum);
	header[155] = ' ';
	sysck_buf_add(tar, header, BLOCK);
	sysck_buf_add_text(tar, content);
	pad(tar, 0, BLOCK);
}

static void end_tar(struct sysck_buf *tar)
{
	for (unsigned i = 0; i < 2 * BLOCK; i++)
		sysck_buf_add_char(tar, '\0');
}

static void add_part(struct sysck_buf *ar, const char *name, struct sysck_slice part)
{
	sysck_buf_add_format(ar, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0, 0, 0100644, part.len);
	sysck_buf_add_slice(ar, part);
	if (part.len % 2 != 0)
		sysck_buf_add_char(ar, '\n');
}

void deb_file_put(const struct scratch *scratch, const char *path, const char *package, const char *version,
		  const char *architecture, const struct deb_member *members, size_t count)
{
	struct sysck_buf ar = SYSCK_BUF_INIT, control = SYSCK_BUF_INIT, data = SYSCK_BUF_INIT;
	char text[512];
	const struct deb_member file = { .path = "./control", .type = '0', .mode = 0644, .content = text };

	snprintf(text, sizeof(text), "Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: nobody\nDescription: none\n",
		 package, version, architecture);
	add_tar(&control, &file);
	end_tar(&control);
	for (size_t i = 0; i < count; i++)
		add_tar(&data, &members[i]);
	end_tar(&data);
	sysck_buf_add_text(&ar, "!<arch>\n");
	add_part(&ar, "debian-binary", SYSCK_SLICE("2.0\n"));
	add_part(&ar, "control.tar", sysck_buf_slice(&control));
	add_part(&ar, "data.tar", sysck_buf_slice(&data));
	CU_ASSERT_EQUAL_FATAL(sysck_buf_error(&ar), 0);
	dpkg_tree_put_bytes(scratch, path, sysck_buf_slice(&ar));
	sysck_buf_done(&ar);
	sysck_buf_done(&control);
	sysck_buf_done(&data);
}

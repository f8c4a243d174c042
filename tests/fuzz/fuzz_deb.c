/*
 * fuzz_deb.c - any bytes as a Debian package's archive: it is read or refused with a word, every member that is told can be
 * one, and reading again, from a pipe, tells the same.
 *
 * The first byte of an input chooses what the rest is: the whole archive (0), its data.tar (1), its control.tar (2) or the text
 * of its control (3); what is missing is put round it, with right checksums, so that most inputs get as far as that.
 */
#include "must.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "observe/deb.h"

#define BLOCK 512

/* What one reading told, as a number. */
struct told {
	uint64_t hash;
	unsigned controls, members;
	uint64_t bytes;
};

static void mix(struct told *told, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		told->hash = (told->hash ^ bytes[i]) * UINT64_C(1099511628211);
}

static int take_control(void *context, const struct tcbck_deb_control *control)
{
	struct told *told = context;

	must(told->controls++ == 0 && told->members == 0, "control is told first, and once");
	must(sysck_text_is_plain(control->package, SYSCK_CHARSET_ASCII) &&
		     sysck_text_is_plain(control->version, SYSCK_CHARSET_ASCII) &&
		     sysck_text_is_plain(control->architecture, SYSCK_CHARSET_ASCII),
	     "a package without a name, version or architecture");
	mix(told, control->package.data, control->package.len);
	return 0;
}

static int take_member(void *context, const struct tcbck_deb_member *member)
{
	struct told *told = context;

	must(told->controls == 1, "a member before control");
	must(sysck_path_check(member->path, NULL) == 0, "a path that is none");
	must(member->link.len == 0 || sysck_path_check(member->link, NULL) == 0, "a link to no path");
	must(member->type > SYSCK_TYPE_NONE && member->type < SYSCK_TYPE_SOCKET, "a type that can't be");
	must((member->target.len > 0) == (member->type == SYSCK_TYPE_SYMLINK), "a target, and no symlink");
	must((member->mode & ~07777u) == 0 && member->user_id <= SYSCK_ID_MAX && member->group_id <= SYSCK_ID_MAX,
	     "a mode or owner");
	must(member->device.major <= 0xfff && member->device.minor <= 0xfffff, "a device that can't be");
	must(member->size == 0 || (member->type == SYSCK_TYPE_FILE && member->link.len == 0), "a size of something else");
	must(member->path.len <= TCBCK_DEB_NAME_MAX + 1 && member->target.len <= TCBCK_DEB_NAME_MAX, "a name that is too long");
	told->members++;
	told->bytes += member->size;
	mix(told, member->path.data, member->path.len);
	mix(told, &member->mode, sizeof(member->mode));
	mix(told, member->hash_value.bytes, sizeof(member->hash_value.bytes));
	return 0;
}

static int read_once(int descriptor, struct told *told)
{
	const struct tcbck_deb_visitor visitor = { take_control, take_member, told };
	struct sysck_err err;
	int r;

	sysck_err_clear(&err);
	r = tcbck_deb_read(descriptor, SYSCK_HASH_SHA256, &visitor, NULL, &err);
	must(r == 0 || (r < 0 && err.text[0] != '\0'), "refused without a word");
	must(r == 0 || r == -EBADMSG || r == -ENOTSUP, "an error that has nothing to do with the archive");
	must(r < 0 || told->controls == 1, "an archive without control");
	return r;
}

/* A header of tar is one with its checksum. */
static void seal(char *tar, size_t length)
{
	for (size_t at = 0; at + BLOCK <= length; at += BLOCK) {
		unsigned sum = 0;
		char text[8];

		if (memcmp(tar + at + 257, "ustar", 5) != 0)
			continue;
		memset(tar + at + 148, ' ', 8);
		for (size_t i = 0; i < BLOCK; i++)
			sum += (unsigned char)tar[at + i];
		snprintf(text, sizeof(text), "%06o", sum);
		memcpy(tar + at + 148, text, 7);
	}
}

static void add_part(struct sysck_buf *deb, const char *name, struct sysck_slice content)
{
	sysck_buf_add_format(deb, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", content.len);
	sysck_buf_add_slice(deb, content);
	if (content.len % 2 != 0)
		sysck_buf_add_char(deb, '\n');
}

/* `bytes` sealed and padded, as a part. */
static void add_tar(struct sysck_buf *deb, const char *name, struct sysck_slice bytes)
{
	static const char zeros[3 * BLOCK];
	struct sysck_buf tar = SYSCK_BUF_INIT;

	sysck_buf_add_slice(&tar, bytes);
	sysck_buf_add(&tar, zeros, 3 * BLOCK - tar.len % BLOCK);
	seal(tar.data, tar.len);
	add_part(deb, name, sysck_buf_slice(&tar));
	sysck_buf_done(&tar);
}

/* A control.tar with this text. */
static void add_control(struct sysck_buf *deb, struct sysck_slice text)
{
	char header[BLOCK] = "./control";
	struct sysck_buf tar = SYSCK_BUF_INIT;

	memcpy(header + 100, "0000644\0000000000\0000000000\000", 24);
	snprintf(header + 124, 12, "%011o", (unsigned)text.len);
	memcpy(header + 136, "00000000000", 11);
	header[156] = '0';
	memcpy(header + 257, "ustar  ", 7);
	sysck_buf_add(&tar, header, sizeof(header));
	sysck_buf_add_slice(&tar, text);
	add_tar(deb, "control.tar", sysck_buf_slice(&tar));
	sysck_buf_done(&tar);
}

static void make(struct sysck_buf *deb, char kind, struct sysck_slice rest)
{
	const struct sysck_slice text = SYSCK_SLICE("Package: p\nVersion: 1\nArchitecture: all\n"), nothing = { NULL, 0 };

	if (kind % 4 == 0) {
		sysck_buf_add_slice(deb, rest);
		return;
	}
	sysck_buf_add_text(deb, "!<arch>\n");
	add_part(deb, "debian-binary", SYSCK_SLICE("2.0\n"));
	if (kind % 4 == 2)
		add_tar(deb, "control.tar", rest);
	else
		add_control(deb, kind % 4 == 3 ? rest : text);
	add_tar(deb, "data.tar", kind % 4 == 1 ? rest : nothing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told first = { .hash = 0 }, second = { .hash = 0 };
	struct sysck_buf deb = SYSCK_BUF_INIT;
	int descriptor, ends[2], r;

	if (size == 0 || !tcbck_deb_available())
		return 0;
	make(&deb, (char)(data[0] & 3), (struct sysck_slice){ (const char *)data + 1, size - 1 });
	descriptor = memfd_create("deb", MFD_CLOEXEC);
	must(descriptor >= 0 && write(descriptor, deb.data, deb.len) == (ssize_t)deb.len && lseek(descriptor, 0, SEEK_SET) == 0,
	     "no memory file");
	r = read_once(descriptor, &first);
	close(descriptor);
	/* What comes out of a pipe is the same. A pipe holds 65,536 bytes. */
	if (deb.len <= 65536) {
		must(pipe(ends) == 0 && write(ends[1], deb.data, deb.len) == (ssize_t)deb.len, "no pipe");
		close(ends[1]);
		must(read_once(ends[0], &second) == r, "another answer");
		close(ends[0]);
		must(first.hash == second.hash && first.members == second.members, "another archive");
	}
	sysck_buf_done(&deb);
	return 0;
}

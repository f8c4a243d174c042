/*
 * capabilities.c - file capabilities, text and value.
 *
 * Knows libcap's text form; gives the two sets, the effective bit and the root id of a file. Must never touch a file or a
 * process.
 */
#include <sysck/capabilities.h>

#include <errno.h>
#include <string.h>

#include <sysck/form.h>

#define ROOT_ID "[rootid="
/* Longest text of capabilities; all of them, each with its name, are less than 1,000. */
#define TEXT_MAX 8191

bool sysck_capabilities_empty(const struct sysck_capabilities *capabilities)
{
	return capabilities->permitted == 0 && capabilities->inheritable == 0;
}

bool sysck_capabilities_equal(const struct sysck_capabilities *a, const struct sysck_capabilities *b)
{
	return a->permitted == b->permitted && a->inheritable == b->inheritable && a->effective == b->effective &&
	       a->root_id == b->root_id;
}

int sysck_capabilities_convert(cap_t set, struct sysck_capabilities *ret)
{
	struct sysck_capabilities value = { .root_id = cap_get_nsowner(set) };
	uint64_t effective = 0;

	for (cap_value_t capability = 0; capability < 64; capability++) {
		cap_flag_value_t flag = CAP_CLEAR;

		if (cap_get_flag(set, capability, CAP_PERMITTED, &flag) < 0)
			break;
		value.permitted |= (uint64_t)(flag == CAP_SET) << capability;
		flag = CAP_CLEAR;
		(void)cap_get_flag(set, capability, CAP_INHERITABLE, &flag);
		value.inheritable |= (uint64_t)(flag == CAP_SET) << capability;
		flag = CAP_CLEAR;
		(void)cap_get_flag(set, capability, CAP_EFFECTIVE, &flag);
		effective |= (uint64_t)(flag == CAP_SET) << capability;
	}
	/* cap_set_file(3): a file's effective set is all of its others, or nothing. */
	if (effective != 0 && effective != (value.permitted | value.inheritable))
		return -EINVAL;
	value.effective = effective != 0;
	*ret = value;
	return 0;
}

/* Cuts " [rootid=N]" off the end of *text. */
static int take_root_id(struct sysck_slice *text, uint32_t *ret)
{
	const size_t mark = sizeof(ROOT_ID) - 1;
	const char *at = text->len < mark ? NULL : memmem(text->data, text->len, ROOT_ID, mark);
	struct sysck_slice number;
	uint64_t id;

	*ret = 0;
	if (at == NULL)
		return 0;
	number = (struct sysck_slice){ at + mark, (size_t)(text->data + text->len - at) - mark };
	if (number.len == 0 || number.data[--number.len] != ']' || sysck_number_parse(number, SYSCK_ID_MAX, &id) < 0)
		return -EINVAL;
	*text = sysck_slice_trim((struct sysck_slice){ text->data, (size_t)(at - text->data) });
	*ret = (uint32_t)id;
	return 0;
}

int sysck_capabilities_parse(struct sysck_slice text, struct sysck_capabilities *ret, struct sysck_err *err)
{
	static const char expected[] = "expected capabilities such as cap_net_raw=ep";
	struct sysck_capabilities value = { 0 };
	char copy[TEXT_MAX + 1];
	uint32_t root_id;
	cap_t set;
	int r;

	text = sysck_slice_trim(text);
	if (take_root_id(&text, &root_id) < 0)
		return sysck_err_set(err, -EINVAL, "expected [rootid=NUMBER] at the end");
	if (text.len > TEXT_MAX)
		return sysck_err_set(err, -EINVAL, "the text of capabilities is longer than %d bytes", TEXT_MAX);
	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
		return sysck_err_set(err, -EINVAL, "%s", expected);
	if (text.len > 0) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
		set = cap_from_text(copy);
		if (set == NULL)
			return sysck_err_set(err, errno == ENOMEM ? -ENOMEM : -EINVAL, "%s", expected);
		r = sysck_capabilities_convert(set, &value);
		(void)cap_free(set);
		if (r < 0)
			return sysck_err_set(err, r, "a file's capabilities are all effective or none is");
	}
	if (root_id != 0 && sysck_capabilities_empty(&value))
		return sysck_err_set(err, -EINVAL, "%s before [rootid=%u]", expected, root_id);
	value.root_id = root_id;
	*ret = value;
	return 0;
}

void sysck_capabilities_write(struct sysck_buf *buf, const struct sysck_capabilities *capabilities)
{
	const char *text;
	char *full;
	cap_t set;

	if (sysck_capabilities_empty(capabilities))
		return;
	set = cap_init();
	if (set == NULL) {
		buf->error = -ENOMEM;
		return;
	}
	for (cap_value_t capability = 0; capability < 64; capability++) {
		uint64_t bit = (uint64_t)1 << capability;

		if ((capabilities->permitted & bit) != 0)
			(void)cap_set_flag(set, CAP_PERMITTED, 1, &capability, CAP_SET);
		if ((capabilities->inheritable & bit) != 0)
			(void)cap_set_flag(set, CAP_INHERITABLE, 1, &capability, CAP_SET);
		if (capabilities->effective && ((capabilities->permitted | capabilities->inheritable) & bit) != 0)
			(void)cap_set_flag(set, CAP_EFFECTIVE, 1, &capability, CAP_SET);
	}
	full = cap_to_text(set, NULL);
	if (full == NULL)
		buf->error = -ENOMEM;
	/* Older libcaps begin with "= ", which says nothing. */
	for (text = full; text != NULL && text[0] == '=' && text[1] == ' ';)
		text += 2;
	if (text != NULL)
		sysck_buf_add_text(buf, text);
	if (capabilities->root_id != 0)
		sysck_buf_add_format(buf, " " ROOT_ID "%u]", capabilities->root_id);
	(void)cap_free(full);
	(void)cap_free(set);
}

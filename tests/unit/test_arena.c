/*
 * test_arena.c - tests of db/arena.c: pieces that stay where they are until all are given back.
 */
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sysck/arena.h>

#include "suites.h"

/* As in arena.c: the room of an ordinary block. */
#define BLOCK ((size_t)16 * 1024)

static bool is_zero(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void gives_zeroed_aligned_pieces(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;

	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 3 * BLOCK; size = size * 2 + 1) {
			unsigned char *piece = sysck_arena_alloc(&arena, size, 1);

			CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
			CU_ASSERT_EQUAL((uintptr_t)piece % alignof(max_align_t), 0);
			CU_ASSERT_TRUE(is_zero(piece, size));
			memset(piece, 0xa5, size);
		}
		sysck_arena_reset(&arena);
	}
	sysck_arena_done(&arena);
}

static void pieces_do_not_overlap(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	unsigned char *pieces[2000];
	static const size_t sizes[] = { 1, 15, 16, 17, 100, 5000, 20000 };

	for (size_t i = 0; i < 2000; i++) {
		size_t size = sizes[i % 7];

		pieces[i] = sysck_arena_alloc(&arena, 1, size);
		CU_ASSERT_PTR_NOT_NULL_FATAL(pieces[i]);
		memset(pieces[i], (int)(i % 251), size);
	}
	for (size_t i = 0; i < 2000; i++) {
		CU_ASSERT_EQUAL(pieces[i][0], i % 251);
		CU_ASSERT_EQUAL(pieces[i][sizes[i % 7] - 1], i % 251);
	}
	sysck_arena_done(&arena);
	CU_ASSERT_PTR_NULL(arena.blocks);
	CU_ASSERT_EQUAL(arena.used, 0);
}

static void fills_a_block_to_its_end(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	unsigned char *first = sysck_arena_alloc(&arena, 1, BLOCK - 16), *last = sysck_arena_alloc(&arena, 1, 16);

	CU_ASSERT_PTR_EQUAL(last, first + BLOCK - 16);
	CU_ASSERT_EQUAL(arena.used, BLOCK);
	CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&arena, 1, 1));
	CU_ASSERT_EQUAL(arena.used, 16);
	sysck_arena_done(&arena);
}

static void refuses_what_overflows(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;

	CU_ASSERT_PTR_NULL(sysck_arena_alloc(&arena, SIZE_MAX, 2));
	CU_ASSERT_PTR_NULL(sysck_arena_alloc(&arena, SIZE_MAX / 2 + 1, 2));
	CU_ASSERT_PTR_NULL(sysck_arena_alloc(&arena, SIZE_MAX, 1));
	CU_ASSERT_PTR_NULL(sysck_arena_alloc(&arena, SIZE_MAX - 8, 1));
	CU_ASSERT_PTR_NULL(arena.blocks);
	CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&arena, 0, SIZE_MAX));
	sysck_arena_done(&arena);
}

static void resets(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	void *first;

	sysck_arena_reset(&arena);
	CU_ASSERT_PTR_NULL(arena.blocks);
	first = sysck_arena_alloc(&arena, 1, 100);
	sysck_arena_reset(&arena);
	CU_ASSERT_PTR_EQUAL(sysck_arena_alloc(&arena, 1, 100), first);
	for (int i = 0; i < 10; i++)
		CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&arena, 1, 10000));
	sysck_arena_reset(&arena);
	CU_ASSERT_PTR_NOT_NULL(arena.blocks);
	CU_ASSERT_EQUAL(arena.used, 0);
	/* A huge block is not kept. */
	CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&arena, 1, 10 * BLOCK));
	sysck_arena_reset(&arena);
	CU_ASSERT_PTR_NULL(arena.blocks);
	sysck_arena_done(&arena);
	sysck_arena_done(&arena);
}

static void copies(void)
{
	struct sysck_arena arena = SYSCK_ARENA_INIT;
	char text[] = "a\0b";
	struct sysck_slice copy = { NULL, 0 };

	CU_ASSERT_EQUAL(sysck_arena_copy(&arena, (struct sysck_slice){ text, 3 }, &copy), 0);
	text[0] = 'x';
	CU_ASSERT_TRUE(sysck_slice_equal(copy, SYSCK_SLICE("a\0b")));
	CU_ASSERT_EQUAL(sysck_arena_copy(&arena, (struct sysck_slice){ NULL, 0 }, &copy), 0);
	CU_ASSERT_EQUAL(copy.len, 0);
	CU_ASSERT_PTR_NOT_NULL(copy.data);
	copy = SYSCK_SLICE("kept");
	CU_ASSERT_EQUAL(sysck_arena_copy(&arena, (struct sysck_slice){ text, SIZE_MAX }, &copy), -ENOMEM);
	CU_ASSERT_TRUE(sysck_slice_equal(copy, SYSCK_SLICE("kept")));
	sysck_arena_done(&arena);
}

static void joins(void)
{
	struct sysck_arena to = SYSCK_ARENA_INIT, from = SYSCK_ARENA_INIT;
	struct sysck_slice mine, its, more;

	/* All four of: empty or not, joined with empty or not. */
	sysck_arena_join(&to, &from);
	CU_ASSERT_PTR_NULL(to.blocks);
	CU_ASSERT_EQUAL(sysck_arena_copy(&from, SYSCK_SLICE("its"), &its), 0);
	sysck_arena_join(&to, &from);
	CU_ASSERT_PTR_NULL(from.blocks);
	CU_ASSERT_EQUAL(from.used, 0);
	CU_ASSERT_EQUAL(sysck_arena_copy(&to, SYSCK_SLICE("mine"), &mine), 0);
	sysck_arena_join(&to, &from);
	for (int i = 0; i < 5; i++)
		CU_ASSERT_PTR_NOT_NULL(sysck_arena_alloc(&from, 1, BLOCK));
	CU_ASSERT_EQUAL(sysck_arena_copy(&from, SYSCK_SLICE("more"), &more), 0);
	sysck_arena_join(&to, &from);
	/* What is taken now overwrites nothing that was. */
	for (int i = 0; i < 5; i++) {
		void *piece = sysck_arena_alloc(&to, 1, BLOCK / 2);

		CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
		memset(piece, 0xff, BLOCK / 2);
	}
	CU_ASSERT_TRUE(sysck_slice_equal(its, SYSCK_SLICE("its")));
	CU_ASSERT_TRUE(sysck_slice_equal(mine, SYSCK_SLICE("mine")));
	CU_ASSERT_TRUE(sysck_slice_equal(more, SYSCK_SLICE("more")));
	sysck_arena_done(&to);
	sysck_arena_done(&from);
}

void suite_arena(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(gives_zeroed_aligned_pieces),
		UNIT_TEST(pieces_do_not_overlap),
		UNIT_TEST(fills_a_block_to_its_end),
		UNIT_TEST(refuses_what_overflows),
		UNIT_TEST(resets),
		UNIT_TEST(copies),
		UNIT_TEST(joins),
	};

	unit_add("arena", tests, sizeof(tests) / sizeof(tests[0]));
}

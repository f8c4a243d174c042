/*
 * arena.c - memory that is given back all at once.
 *
 * Knows blocks of memory; gives pieces of them. Must never move a piece it has given.
 */
#include <sysck/arena.h>

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Room of an ordinary block; a larger piece gets a block of its own. */
#define BLOCK_SIZE ((size_t)16 * 1024)

struct sysck_arena_block {
	struct sysck_arena_block *next;
	size_t size; /* of data */
	alignas(max_align_t) char data[];
};

void sysck_arena_done(struct sysck_arena *arena)
{
	struct sysck_arena_block *block = arena->blocks;

	while (block != NULL) {
		struct sysck_arena_block *next = block->next;

		free(block);
		block = next;
	}
	*arena = SYSCK_ARENA_INIT;
}

void sysck_arena_reset(struct sysck_arena *arena)
{
	struct sysck_arena_block *kept = arena->blocks;

	if (kept == NULL)
		return;
	/* A block that one huge object needed is not kept for all the small ones. */
	if (kept->size > BLOCK_SIZE) {
		sysck_arena_done(arena);
		return;
	}
	arena->blocks = kept->next;
	sysck_arena_done(arena);
	kept->next = NULL;
	arena->blocks = kept;
}

void sysck_arena_join(struct sysck_arena *to, struct sysck_arena *from)
{
	struct sysck_arena_block **end = &from->blocks;

	/* Those of `to` go behind: its newest block stays the one that is being filled only if `from` has none. */
	while (*end != NULL)
		end = &(*end)->next;
	*end = to->blocks;
	if (from->blocks != to->blocks)
		to->used = from->used;
	to->blocks = from->blocks;
	*from = SYSCK_ARENA_INIT;
}

static bool add_block(struct sysck_arena *arena, size_t size)
{
	struct sysck_arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return false;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return false;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used = 0;
	return true;
}

void *sysck_arena_alloc(struct sysck_arena *arena, size_t count, size_t size)
{
	size_t bytes, aligned;
	char *piece;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - alignof(max_align_t))
		return NULL;
	aligned = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (aligned == 0)
		aligned = alignof(max_align_t);
	if ((arena->blocks == NULL || arena->blocks->size - arena->used < aligned) &&
	    !add_block(arena, aligned > BLOCK_SIZE ? aligned : BLOCK_SIZE))
		return NULL;
	piece = arena->blocks->data + arena->used;
	arena->used += aligned;
	memset(piece, 0, aligned);
	return piece;
}

int sysck_arena_copy(struct sysck_arena *arena, struct sysck_slice s, struct sysck_slice *ret)
{
	char *copy = sysck_arena_alloc(arena, s.len, 1);

	if (copy == NULL)
		return -ENOMEM;
	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	*ret = (struct sysck_slice){ copy, s.len };
	return 0;
}

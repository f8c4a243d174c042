/*
 * arena.h - memory that is given back all at once.
 *
 * Everything that belongs to one definition, one observation or one list of findings comes from one arena: no
 * allocation per attribute, nothing to free one by one. An arena belongs to one thread.
 */
#ifndef SYSCK_ARENA_H
#define SYSCK_ARENA_H

#include <stddef.h>

#include <sysck/buf.h>

struct sysck_arena_block;

struct sysck_arena {
	struct sysck_arena_block *blocks; /* newest first */
	size_t used;                      /* bytes taken from the newest block */
};

#define SYSCK_ARENA_INIT ((struct sysck_arena){ NULL, 0 })

/* Gives everything back. The arena may be used again. */
void sysck_arena_done(struct sysck_arena *arena);

/* Forgets everything but keeps one block, so that the next object costs no allocation. */
void sysck_arena_reset(struct sysck_arena *arena);

/* Moves all memory of `from` to `to`, which gives it back with its own; nothing in it moves. `from` is empty afterwards. */
void sysck_arena_join(struct sysck_arena *to, struct sysck_arena *from);

/* `count` elements of `size` bytes, zeroed, aligned for any type. NULL when memory has run out or count*size overflows. */
void *sysck_arena_alloc(struct sysck_arena *arena, size_t count, size_t size);

/* A copy of the slice in the arena. Returns 0 or -ENOMEM; *ret is untouched on failure. */
int sysck_arena_copy(struct sysck_arena *arena, struct sysck_slice s, struct sysck_slice *ret);

#endif

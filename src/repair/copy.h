/*
 * copy.h - the content of one descriptor into another.
 */
#ifndef TCBCK_COPY_H
#define TCBCK_COPY_H

/*
 * Copies all of `from` (read by pread(2), from its start) to the end of `to`. 0, or a negative errno: then `to` holds a
 * part.
 */
int tcbck_copy(int from, int to);

#endif

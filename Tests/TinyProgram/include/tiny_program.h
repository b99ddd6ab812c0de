#ifndef TINY_PROGRAM_H
#define TINY_PROGRAM_H

/*
 * Writes a static program of less than 200 bytes to `path`. It does one thing: exit(argc). It has no loader, no libc
 * and no page of its own to fault but one, so that a storm of it costs what the kernel's fork, exec and exit cost, and
 * its exit code proves how many words it was given.
 *
 * Returns 0, or -1 with errno set (ENOSYS on a machine for which no such program is written).
 */
int tiny_program_write(const char *path);

#endif

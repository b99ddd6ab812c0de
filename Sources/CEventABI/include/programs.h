/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the loader and the kernel programs agree on besides the events: program numbers, settings, the marker table. */
#ifndef CULPRIT_PROGRAMS_H
#define CULPRIT_PROGRAMS_H

#include <linux/types.h>

/* Index of a program's loss counter. */
enum culprit_program {
    CULPRIT_PROGRAM_FORK,
    CULPRIT_PROGRAM_EXEC,
    CULPRIT_PROGRAM_EXIT,
    CULPRIT_PROGRAM_SIGNAL,
    CULPRIT_PROGRAM_OOM,
    CULPRIT_PROGRAM_SOCKET,
    CULPRIT_PROGRAM_CGROUP,
    CULPRIT_PROGRAM_MANAGER_CALL,
    CULPRIT_PROGRAM_MANAGER_CALL_UNREAD, /* no loss of the ring's: what was sent could not be read */
    CULPRIT_PROGRAMS,
};

/* Read-only once loaded. */
struct culprit_settings {
    __u32 in_initial_namespace; /* the collector sees every pid as the kernel does */
    __u32 namespace_inode;      /* of the collector's pid namespace */
    __u32 page_kib;
    __u32 reserved;
};

enum culprit_marker_limit {
    CULPRIT_MARKER_NAME_MAX = 32, /* NUL included */
    CULPRIT_MARKERS_MAX = 128,
    CULPRIT_ENV_SCAN = 4096, /* bytes looked at from each end of the environment */
    CULPRIT_PREFIX_WORDS = 128,
};

/* A set of the first three bytes of each marker's name, so that most variables cost no look-up. */
struct culprit_prefixes {
    __u64 bits[CULPRIT_PREFIX_WORDS];
};

/* Bit number of a name's first three bytes, given as the low 24 bits of a little-endian word. */
static inline __attribute__((always_inline)) __u32 culprit_prefix_bit(__u32 three)
{
    return ((three & 0xffffff) * 0x9e3779b1u) >> 19;
}

#endif

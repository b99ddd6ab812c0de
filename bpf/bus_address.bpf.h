/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which AF_UNIX sockets belong to a service manager, a bus or a container engine: by the path that the listening end is
 * bound to.
 */
#ifndef CULPRIT_BUS_ADDRESS_BPF_H
#define CULPRIT_BUS_ADDRESS_BPF_H

#include "sent_bytes.bpf.h"

enum bus_place {
    PLACE_NONE,    /* nobody's that counts */
    PLACE_UNNAMED, /* bound to nothing */
    PLACE_PRIVATE, /* a manager's own socket: no daemon between, and little that does not count */
    PLACE_BUS,
    PLACE_ENGINE, /* Docker's API, and Podman's: HTTP */
};

/* Eight letters as the little-endian word that they are in memory; all kernels that are served are little-endian. */
#define WORD(a, b, c, d, e, f, g, h)                                                                                   \
    ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | (__u64)(f) << 40 |        \
     (__u64)(g) << 48 | (__u64)(h) << 56)

#define BYTES(count) (~0ull >> (64 - 8 * (count)))
#define USER_FOLDER  10 /* "/run/user/" */
#define DIGITS_MAX   10

/* Eight letters from anywhere. */
typedef __u64 __attribute__((aligned(1))) letters;

/* What follows `/run` or `/run/user/UID`. */
static __always_inline int is_engine(const letters *rest)
{
    return (rest[0] == WORD('/', 'd', 'o', 'c', 'k', 'e', 'r', '.') &&
            (rest[1] & BYTES(5)) == WORD('s', 'o', 'c', 'k', 0, 0, 0, 0)) ||
           (rest[0] == WORD('/', 'p', 'o', 'd', 'm', 'a', 'n', '/') &&
            rest[1] == WORD('p', 'o', 'd', 'm', 'a', 'n', '.', 's') &&
            (rest[2] & BYTES(4)) == WORD('o', 'c', 'k', 0, 0, 0, 0, 0));
}

/* What follows `/run/user/`: `UID/bus`, `UID/systemd/private`, an engine's. Behind the address lies the rest of the
 * scratch. */
static __always_inline int user_place(const char *address)
{
    __u32 i, end = USER_FOLDER;
    const letters *rest;

#pragma clang loop unroll(disable)
    for (i = 0; i < DIGITS_MAX; i++) {
        char c = address[USER_FOLDER + i];

        if (c < '0' || c > '9')
            break;
        end++;
    }
    rest = (const letters *)(address + (end & 31));
    if ((rest[0] & BYTES(5)) == WORD('/', 'b', 'u', 's', 0, 0, 0, 0))
        return PLACE_BUS;
    if (rest[0] == WORD('/', 's', 'y', 's', 't', 'e', 'm', 'd') &&
        rest[1] == WORD('/', 'p', 'r', 'i', 'v', 'a', 't', 'e') && !(rest[2] & BYTES(1)))
        return PLACE_PRIVATE;
    return is_engine(rest) ? PLACE_ENGINE : PLACE_NONE;
}

/* The place of the path in the scratch. A global function: verified once, by itself. */
__noinline int place_of_path(void)
{
    struct bus_scratch *scratch;
    const __u64 *words;
    __u32 zero = 0;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return PLACE_NONE;
    words = (const __u64 *)scratch->fixed.address;
    if (words[0] == WORD('/', 'r', 'u', 'n', '/', 's', 'y', 's'))
        return words[1] == WORD('t', 'e', 'm', 'd', '/', 'p', 'r', 'i') &&
                       (words[2] & BYTES(5)) == WORD('v', 'a', 't', 'e', 0, 0, 0, 0)
                   ? PLACE_PRIVATE
                   : PLACE_NONE;
    if (words[0] == WORD('/', 'r', 'u', 'n', '/', 'd', 'b', 'u'))
        return words[1] == WORD('s', '/', 's', 'y', 's', 't', 'e', 'm') &&
                       words[2] == WORD('_', 'b', 'u', 's', '_', 's', 'o', 'c') &&
                       (words[3] & BYTES(4)) == WORD('k', 'e', 't', 0, 0, 0, 0, 0)
                   ? PLACE_BUS
                   : PLACE_NONE;
    if (words[0] == WORD('/', 'v', 'a', 'r', '/', 'r', 'u', 'n')) {
        if (words[1] == WORD('/', 'd', 'b', 'u', 's', '/', 's', 'y') &&
            words[2] == WORD('s', 't', 'e', 'm', '_', 'b', 'u', 's') &&
            words[3] == WORD('_', 's', 'o', 'c', 'k', 'e', 't', 0))
            return PLACE_BUS;
        return is_engine((const letters *)(words + 1)) ? PLACE_ENGINE : PLACE_NONE;
    }
    if (words[0] == WORD('/', 'r', 'u', 'n', '/', 'd', 'o', 'c') ||
        words[0] == WORD('/', 'r', 'u', 'n', '/', 'p', 'o', 'd'))
        return is_engine((const letters *)(scratch->fixed.address + 4)) ? PLACE_ENGINE : PLACE_NONE;
    return (words[1] & BYTES(2)) == WORD('r', '/', 0, 0, 0, 0, 0, 0) ? user_place(scratch->fixed.address) : PLACE_NONE;
}

/*
 * The place that a socket bound to `bound` is. Almost every socket of a machine is told by the first eight letters,
 * which are loaded as they stand: a helper's call would cost ten times that.
 */
static __always_inline int place_of(struct unix_address *bound)
{
    struct bus_scratch *scratch;
    __u32 zero = 0;
    __u64 start;

    if (!bound)
        return PLACE_UNNAMED;
    start = *(__u64 *)bound->name[0].sun_path;
    if (start != WORD('/', 'r', 'u', 'n', '/', 's', 'y', 's') &&
        start != WORD('/', 'r', 'u', 'n', '/', 'd', 'b', 'u') &&
        start != WORD('/', 'r', 'u', 'n', '/', 'u', 's', 'e') &&
        start != WORD('/', 'v', 'a', 'r', '/', 'r', 'u', 'n') &&
        start != WORD('/', 'r', 'u', 'n', '/', 'd', 'o', 'c') && start != WORD('/', 'r', 'u', 'n', '/', 'p', 'o', 'd'))
        return PLACE_NONE;
    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch ||
        bpf_probe_read_kernel_str(scratch->fixed.address, CULPRIT_ADDRESS_MAX, &bound->name[0].sun_path) <= 0)
        return PLACE_NONE;
    return place_of_path();
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The shape of the maps that all programs share; rings.bpf.c defines them, shared.bpf.h declares them. */
#ifndef CULPRIT_RINGS_BPF_H
#define CULPRIT_RINGS_BPF_H

#include "kernel_types.h"

#include "programs.h"

#define FLOOD_BYTES (4 * 1024 * 1024)

struct flood_ring {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, FLOOD_BYTES);
};

struct decisive_ring {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1024 * 1024);
};

struct loss_counters {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, CULPRIT_PROGRAMS);
    __type(key, __u32);
    __type(value, __u64);
};

#endif

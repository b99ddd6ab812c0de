// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The maps and settings that all programs share. */
#include "rings.bpf.h"

/* fork, exec, exit: a storm may fill it. */
struct flood_ring flood SEC(".maps");

/* Rare, decisive events: no exec storm can push them out. */
struct decisive_ring decisive SEC(".maps");

/* Records that did not fit, by program. */
struct loss_counters losses SEC(".maps");

const volatile struct culprit_settings settings = {};

/* Depth of the collector's pid namespace; found by handle_namespace before anything is attached. */
__u32 namespace_level = 0;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much memory a process has, and which cgroup it is charged to. */
#ifndef CULPRIT_MEMORY_BPF_H
#define CULPRIT_MEMORY_BPF_H

#include "shared.bpf.h"

enum { RSS_FILE, RSS_ANONYMOUS, RSS_SWAP, RSS_SHARED };

/* Deeper than any hierarchy that is used; loops of this length are cheap for the verifier. */
enum { CGROUP_DEPTH_MAX = 16 };

static __always_inline __u64 pages_kib(__s64 pages)
{
    return pages > 0 ? pages * settings.page_kib : 0;
}

/*
 * A macro, since the index has to be a constant where the compiler writes the relocation down: with a variable it would
 * step by the size of our own, shorter structure.
 */
#define RESIDENT_KIB(mm, kind)                                                                                         \
    pages_kib(bpf_core_type_exists(struct mm_rss_stat)                                                                 \
                  ? BPF_CORE_READ((struct mm_struct___before_6_2 *)(mm), rss_stat.count[kind].counter)                 \
                  : BPF_CORE_READ(mm, rss_stat[kind].count))

static __always_inline __u64 page_table_kib(struct mm_struct *mm)
{
    long bytes = bpf_core_field_exists(mm->pgtables_bytes) ? BPF_CORE_READ(mm, pgtables_bytes.counter) : 0;

    return bytes > 0 ? bytes / 1024 : 0;
}

/* The cgroup that the memory controller charges a task to: on version 1 not the one that systemd knows. */
static __always_inline struct cgroup_subsys_state *memory_state(struct task_struct *task)
{
    struct css_set *set = BPF_CORE_READ(task, cgroups);
    struct cgroup_subsys_state *state = 0;

    if (!set || !bpf_core_type_exists(struct mem_cgroup) ||
        !bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
        return 0;
    bpf_probe_read_kernel(&state, sizeof(state),
                          (void *)set + bpf_core_field_offset(struct css_set, subsys) +
                              bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(state));
    return state;
}

#endif

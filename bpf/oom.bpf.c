// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's OOM killer choosing a victim. `current` is only the task whose allocation set it off. */
#include "shared.bpf.h"

enum { RSS_FILE, RSS_ANONYMOUS, RSS_SWAP, RSS_SHARED };

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

static __always_inline void fill_victim(struct culprit_oom_victim *record, struct task_struct *victim)
{
    struct mm_struct *mm = BPF_CORE_READ(victim, mm);

    record->victim_start_ns = BPF_CORE_READ(victim, group_leader, start_boottime);
    record->victim_cgroup = BPF_CORE_READ(victim, cgroups, dfl_cgrp, kn, id);
    record->victim_uid = BPF_CORE_READ(victim, real_cred, uid.val);
    record->oom_score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
    record->total_vm_kib = BPF_CORE_READ(mm, total_vm) * settings.page_kib;
    record->anon_rss_kib = RESIDENT_KIB(mm, RSS_ANONYMOUS);
    record->file_rss_kib = RESIDENT_KIB(mm, RSS_FILE);
    record->shmem_rss_kib = RESIDENT_KIB(mm, RSS_SHARED);
}

/* Kernels since 6.8 pass the task. */
SEC("tp_btf/mark_victim")
int BPF_PROG(handle_oom_victim, struct task_struct *victim)
{
    struct culprit_oom_victim *record;
    __u32 pid = visible_pid(victim);

    if (!pid)
        return 0;
    record = bpf_ringbuf_reserve(&decisive, sizeof(*record), 0);
    if (!record) {
        count_loss(CULPRIT_PROGRAM_OOM);
        return 0;
    }
    __builtin_memset(record, 0, sizeof(*record));
    fill_header_current(&record->header, CULPRIT_OOM_VICTIM, sizeof(*record));
    record->victim_pid = pid;
    fill_victim(record, victim);
    bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
    return 0;
}

/*
 * Earlier ones pass its number in the initial pid namespace and nothing else. The rest comes from the victim's own
 * exit record and from /proc.
 */
SEC("tp_btf/mark_victim")
int BPF_PROG(handle_oom_victim_number, int pid)
{
    struct culprit_oom_victim *record;

    if (!settings.in_initial_namespace)
        return 0;
    record = bpf_ringbuf_reserve(&decisive, sizeof(*record), 0);
    if (!record) {
        count_loss(CULPRIT_PROGRAM_OOM);
        return 0;
    }
    __builtin_memset(record, 0, sizeof(*record));
    fill_header_current(&record->header, CULPRIT_OOM_VICTIM, sizeof(*record));
    record->victim_pid = pid;
    bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

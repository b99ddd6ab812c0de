// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's OOM killer choosing a victim. `current` is only the task whose allocation set it off. */
#include "memory.bpf.h"

/* How often a cgroup had nothing left when its latest kill was seen, and when that was. */
struct seen_ooms {
    __u64 count;
    __u64 at;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct seen_ooms);
} ooms_before SEC(".maps");

/* All victims of one kill (memory.oom.group) are marked within this. */
#define SAME_KILL_NS 2000000000ull

/* A record with its tail, which always goes with it. */
struct oom_record {
    struct culprit_oom_victim victim;
    struct culprit_oom_limit limit;
};

/* Pages that the kernel charges ahead, on every CPU a batch, and a little for what was freed since. */
static __always_inline int is_reached(__u64 usage, __u64 limit)
{
    return usage + limit / 16 + 64 >= limit;
}

static __always_inline __u64 ooms_of(struct mem_cgroup *memory)
{
    long count = 0;

    bpf_probe_read_kernel(&count, sizeof(count),
                          (void *)memory + bpf_core_field_offset(struct mem_cgroup, memory_events_local) +
                              bpf_core_enum_value(enum memcg_memory_event, MEMCG_OOM) * sizeof(count));
    return count;
}

/* Whether a kill within that cgroup is news: being at its limit is the ordinary state of many. */
static __always_inline int is_new(__u64 id, __u64 count, __u64 now)
{
    struct seen_ooms *before = bpf_map_lookup_elem(&ooms_before, &id);

    return !before || count > before->count || now - before->at < SAME_KILL_NS;
}

/*
 * Which limit was reached. The tracepoint does not say: it is the lowest one on the way up from the victim that is
 * reached and where the kernel has just counted that nothing could be reclaimed. Without one it was the machine.
 */
static __always_inline void fill_limit(struct culprit_oom_limit *limit, struct task_struct *victim, __u64 now)
{
    struct cgroup_subsys_state *state = memory_state(victim);

    for (int depth = 0; depth < CGROUP_DEPTH_MAX && state; depth++) {
        struct mem_cgroup *memory = (void *)state;
        __u64 max = BPF_CORE_READ(memory, memory.max);
        __u64 usage = BPF_CORE_READ(memory, memory.usage.counter);
        __u64 id = BPF_CORE_READ(state, cgroup, kn, id);
        __u64 count = ooms_of(memory);

        if (count && is_reached(usage, max) && is_new(id, count, now)) {
            struct seen_ooms seen = {.count = count, .at = now};

            limit->cgroup = id;
            limit->limit_kib = pages_kib(max);
            limit->usage_kib = pages_kib(usage);
            limit->ooms = count;
            bpf_probe_read_kernel_str(limit->name, sizeof(limit->name), BPF_CORE_READ(state, cgroup, kn, name));
            bpf_map_update_elem(&ooms_before, &id, &seen, BPF_ANY);
            return;
        }
        state = BPF_CORE_READ(state, parent);
    }
}

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
    struct mm_struct *mm = BPF_CORE_READ(victim, mm);
    struct oom_record *record;
    __u32 pid = visible_pid(victim);

    if (!pid)
        return 0;
    record = reserve_decisive(sizeof(*record));
    if (!record) {
        count_loss(CULPRIT_PROGRAM_OOM);
        return 0;
    }
    __builtin_memset(record, 0, sizeof(*record));
    fill_header_current(&record->victim.header, CULPRIT_OOM_VICTIM, sizeof(*record));
    record->victim.victim_pid = pid;
    fill_victim(&record->victim, victim);
    record->limit.victim_swap_kib = RESIDENT_KIB(mm, RSS_SWAP);
    record->limit.victim_page_table_kib = page_table_kib(mm);
    fill_limit(&record->limit, victim, record->victim.header.time_ns);
    record->victim.scope = record->limit.cgroup ? CULPRIT_OOM_CGROUP : CULPRIT_OOM_GLOBAL;
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
    record = reserve_decisive(sizeof(*record));
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

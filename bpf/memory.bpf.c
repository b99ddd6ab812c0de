// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What every process holds and has used, in one walk of the kernel's own list: a tenth of what reading /proc costs,
 * with exact start times, and fast enough to be taken right after an OOM kill.
 */
#include "memory.bpf.h"

/* The cgroup of the memory controller that a walk asks about; 0 for none. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} usage_scope SEC(".maps");

/* A thread that has done no more than this says nothing. */
#define IDLE_NS 10000000ull

static __always_inline int is_within(struct task_struct *task, __u64 scope)
{
    struct cgroup_subsys_state *state = memory_state(task);

    for (int depth = 0; depth < CGROUP_DEPTH_MAX && state; depth++) {
        if (BPF_CORE_READ(state, cgroup, kn, id) == scope)
            return 1;
        state = BPF_CORE_READ(state, parent);
    }
    return 0;
}

static __always_inline void fill_sizes(struct culprit_process_usage *usage, struct mm_struct *mm)
{
    usage->anon_kib = RESIDENT_KIB(mm, RSS_ANONYMOUS);
    usage->file_kib = RESIDENT_KIB(mm, RSS_FILE);
    usage->shmem_kib = RESIDENT_KIB(mm, RSS_SHARED);
    usage->swap_kib = RESIDENT_KIB(mm, RSS_SWAP);
    usage->page_table_kib = page_table_kib(mm);
}

/* How long the thread stood in a run queue; brought up to date when it leaves it. */
static __always_inline void fill_wait(struct culprit_process_usage *usage, struct task_struct *task)
{
    if (!bpf_core_field_exists(task->sched_info.run_delay))
        return;
    usage->wait_ns = task->sched_info.run_delay;
    usage->flags = CULPRIT_USAGE_WAIT;
}

SEC("iter/task")
int handle_usage(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    struct culprit_process_usage usage = {};
    struct signal_struct *signal;
    const __u32 first = 0;
    struct mm_struct *mm;
    __u64 *scope;

    if (!task || task->flags & PF_KTHREAD)
        return 0;
    mm = task->mm;
    if (!mm)
        return 0;
    fill_wait(&usage, task);
    if (task->pid != task->tgid && task->se.sum_exec_runtime < IDLE_NS && usage.wait_ns < IDLE_NS)
        return 0;
    usage.pid = visible_pid(task);
    if (!usage.pid)
        return 0;
    usage.cpu_ns = task->se.sum_exec_runtime;
    if (task->pid != task->tgid) {
        usage.flags |= CULPRIT_USAGE_THREAD;
    } else {
        signal = task->signal;
        usage.start_ns = task->start_boottime;
        usage.cpu_ns += signal->sum_sched_runtime + signal->cutime + signal->cstime;
        usage.oom_score_adj = signal->oom_score_adj;
        fill_sizes(&usage, mm);
        scope = bpf_map_lookup_elem(&usage_scope, &first);
        if (scope && *scope && is_within(task, *scope))
            usage.flags |= CULPRIT_USAGE_IN_SCOPE;
    }
    bpf_seq_write(ctx->meta->seq, &usage, sizeof(usage));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

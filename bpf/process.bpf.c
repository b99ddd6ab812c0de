// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fork and exit of processes; threads are filtered out here, where it costs a tenth of what a record costs. Neither
 * looks at how full the ring is: exec does, and a storm of forks alone fits into what the ring holds between two looks.
 */
#include "shared.bpf.h"

/*
 * Called with the creator as `parent`, also under CLONE_PARENT, when the child is complete but has not run: the edge
 * is known before the child can act.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(handle_fork, struct task_struct *parent, struct task_struct *child)
{
    struct culprit_fork *record;
    struct task_struct *creator, *real_parent;
    __u32 child_pid;

    if (child->pid != child->tgid)
        return 0;
    child_pid = visible_pid(child);
    if (!child_pid)
        return 0;
    record = bpf_ringbuf_reserve(&flood, sizeof(*record), 0);
    if (!record) {
        count_loss(CULPRIT_PROGRAM_FORK);
        return 0;
    }
    fill_header(&record->header, CULPRIT_FORK, sizeof(*record), parent);
    record->header.cgroup = child->cgroups->dfl_cgrp->kn->id;
    record->child_start_ns = child->start_boottime;
    record->child_pid = child_pid;
    record->child_inner_pid = inner_pid(child);
    creator = parent->group_leader;
    real_parent = child->real_parent->group_leader;
    record->child_ppid = real_parent == creator ? record->header.pid : visible_pid(real_parent);
    if (real_parent != creator)
        record->header.flags |= CULPRIT_FORK_SIBLING;
    record->uid = child->real_cred->uid.val;
    bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
    return 0;
}

/* A process of several threads that has ended; short-lived, only until its other threads have come by. */
struct ended_process {
    __u64 signal; /* where its signal_struct lies */
    __u64 start_ns;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct ended_process);
    __type(value, __u8);
} ended_processes SEC(".maps");

/*
 * Whether this thread is the first to come by of those that found none left alive. Of one thread there is no other:
 * none is left, and none has ever handed its time on to the process.
 */
static __always_inline int is_first_to_end(struct task_struct *task, struct signal_struct *signal)
{
    struct ended_process process = {};
    __u8 one = 1;

    if (signal->nr_threads == 1 && !signal->sum_sched_runtime)
        return 1;
    process.signal = (__u64)signal;
    process.start_ns = task->group_leader->start_boottime;
    return !bpf_map_update_elem(&ended_processes, &process, &one, BPF_NOEXIST);
}

/*
 * Called for every thread. The process is gone when no thread is left alive: `live` is already counted down here, on
 * every kernel, while the argument `group_dead` exists from 6.18 on only. Before 6.18 threads are late here, and those
 * that leave together all see zero.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(handle_exit, struct task_struct *task)
{
    struct signal_struct *signal = task->signal;
    struct culprit_exit *record;

    if (signal->live.counter != 0)
        return 0;
    if (!visible_pid(task) || !is_first_to_end(task, signal))
        return 0;
    record = bpf_ringbuf_reserve(&flood, sizeof(*record), 0);
    if (!record) {
        count_loss(CULPRIT_PROGRAM_EXIT);
        return 0;
    }
    fill_header(&record->header, CULPRIT_EXIT, sizeof(*record), task);
    /* What wait(2) will say: the group's code where the whole group was told to exit, else the leader's own. */
    record->wait_status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : task->group_leader->exit_code;
    record->max_rss_kib = signal->maxrss * settings.page_kib;
    bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

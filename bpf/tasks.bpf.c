// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What already runs. Read once, after the others are attached, so that nothing falls between: a process is in the
 * list, or its fork was seen, or both (the reader knows a process by its exact start time, which /proc rounds).
 */
#include "shared.bpf.h"

SEC("iter/task")
int handle_task(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    struct culprit_task record = {};
    struct task_struct *parent;

    if (!task || task->pid != task->tgid || task->signal->live.counter <= 0)
        return 0;
    fill_header(&record.header, CULPRIT_TASK, sizeof(record), task);
    if (!record.header.pid)
        return 0;
    if (task->flags & PF_KTHREAD)
        record.header.flags |= CULPRIT_TASK_KERNEL_THREAD;
    parent = task->real_parent->group_leader;
    record.ppid = visible_pid(parent);
    record.parent_start_ns = record.ppid ? parent->start_boottime : 0;
    record.inner_pid = inner_pid(task);
    record.uid = task->real_cred->uid.val;
    bpf_probe_read_kernel_str(record.comm, sizeof(record.comm), task->comm);
    bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
    return 0;
}

/* Run once, before the others: a process cannot ask how deep its own pid namespace lies, but its task knows. */
SEC("iter/task")
int handle_namespace(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    struct upid number = {};

    if (!task)
        return 0;
    read_number(task->thread_pid, task->thread_pid->level, &number);
    if (number.ns && BPF_CORE_READ(number.ns, ns.inum) == settings.namespace_inode)
        namespace_level = task->thread_pid->level;
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

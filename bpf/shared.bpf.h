/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every program needs: how a record is sent, what loss costs, and how a process is named. */
#ifndef CULPRIT_SHARED_BPF_H
#define CULPRIT_SHARED_BPF_H

#include "rings.bpf.h"

#include "event.h"

extern struct flood_ring flood SEC(".maps");
extern struct decisive_ring decisive SEC(".maps");
extern struct loss_counters losses SEC(".maps");
extern const volatile struct culprit_settings settings;
extern __u32 namespace_level;

/*
 * A wake-up costs ten times the event, so there is none until this much waits; the consumer looks by itself several
 * times a second. Only the record that crosses the line wakes it, not every one after.
 */
#define WAKE_BYTES (64 * 1024)

/*
 * The line is a little broad: other CPUs put records into the ring between this one's place in it and the look at how
 * much waits, and each of them may see the line only from behind.
 */
#define WAKE_WINDOW 2048

static __always_inline void count_loss(__u32 program)
{
    __u64 *count = bpf_map_lookup_elem(&losses, &program);

    if (count)
        (*count)++;
}

static __always_inline __u64 wake_flag(void *ring, __u64 size)
{
    __u64 waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

    return waiting < WAKE_BYTES + WAKE_WINDOW && waiting + size + 8 >= WAKE_BYTES ? BPF_RB_FORCE_WAKEUP
                                                                                  : BPF_RB_NO_WAKEUP;
}

/*
 * Whether a decisive record whose own ring is full may lie among the flood: signals can come faster than any consumer
 * takes them, and an idle ring is room for another tenth of a second of them. Half stays for what it is there for.
 */
static __always_inline int flood_has_room(void)
{
    return bpf_ringbuf_query(&flood, BPF_RB_AVAIL_DATA) < FLOOD_BYTES / 2;
}

static __always_inline void *reserve_decisive(__u64 size)
{
    void *record = bpf_ringbuf_reserve(&decisive, size, 0);

    if (!record && flood_has_room())
        record = bpf_ringbuf_reserve(&flood, size, 0);
    return record;
}

/*
 * Where an element of an array lies. In assembly, since verifiers before 6.9 follow a product only where it is the
 * second operand that is constant, and compilers put it first.
 */
static __always_inline __u64 element_offset(__u64 index, __u64 size)
{
    asm volatile("%[index] *= %[size]" : [index] "+r"(index) : [size] "r"(size));
    return index;
}

/* A pid has a number in each namespace from the initial one (level 0) to its own. */
static __always_inline void read_number(struct pid *pid, __u32 level, struct upid *number)
{
    bpf_probe_read_kernel(number, sizeof(*number),
                          (void *)pid + bpf_core_field_offset(struct pid, numbers) +
                              element_offset(level & 31, bpf_core_type_size(struct upid)));
}

/* Reads the number that `pid` has in the collector's pid namespace; 0 where it is not in there. */
static __always_inline __u32 number_in_namespace(struct pid *pid)
{
    struct upid number = {};

    if (BPF_CORE_READ(pid, level) < namespace_level)
        return 0;
    read_number(pid, namespace_level, &number);
    if (!number.ns || BPF_CORE_READ(number.ns, ns.inum) != settings.namespace_inode)
        return 0;
    return number.nr;
}

/* The process id of `task` as the collector sees it, 0 where it cannot. */
static __always_inline __u32 visible_pid(struct task_struct *task)
{
    if (settings.in_initial_namespace)
        return task->tgid;
    return number_in_namespace(task->group_leader->thread_pid);
}

static __always_inline __u32 visible_tid(struct task_struct *task)
{
    if (settings.in_initial_namespace)
        return task->pid;
    return number_in_namespace(task->thread_pid);
}

/* The process id in the task's own, innermost pid namespace; 0 where that is the collector's. */
static __always_inline __u32 inner_pid(struct task_struct *task)
{
    struct pid *pid = task->group_leader->thread_pid;
    struct upid number = {};
    __u32 level = pid->level;

    if (level == namespace_level)
        return 0;
    read_number(pid, level, &number);
    return number.nr;
}

/* `task` must be a pointer whose type the verifier knows: an argument of a tp_btf program, or reached from one. */
static __always_inline void fill_header(struct culprit_header *header, __u16 type, __u32 size, struct task_struct *task)
{
    header->size = size;
    header->type = type;
    header->flags = 0;
    header->time_ns = bpf_ktime_get_boot_ns();
    header->start_ns = task->group_leader->start_boottime;
    header->pid = visible_pid(task);
    header->tid = visible_tid(task);
    /* Always the unified hierarchy: bpf_get_current_cgroup_id() answers for another one on hybrid hosts. */
    header->cgroup = task->cgroups->dfl_cgrp->kn->id;
}

/* The same for a pointer that is only a number to the verifier: a helper call for each field. */
static __always_inline void fill_header_by_helper(struct culprit_header *header, __u16 type, __u32 size,
                                                  struct task_struct *task)
{
    header->size = size;
    header->type = type;
    header->flags = 0;
    header->time_ns = bpf_ktime_get_boot_ns();
    header->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
    if (settings.in_initial_namespace) {
        header->pid = BPF_CORE_READ(task, tgid);
        header->tid = BPF_CORE_READ(task, pid);
    } else {
        header->pid = number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid));
        header->tid = number_in_namespace(BPF_CORE_READ(task, thread_pid));
    }
    header->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* The current task, cheaply where the kernel (5.11 and later) hands it out typed. */
static __always_inline void fill_header_current(struct culprit_header *header, __u16 type, __u32 size)
{
    if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
        fill_header(header, type, size, bpf_get_current_task_btf());
    else
        fill_header_by_helper(header, type, size, (void *)bpf_get_current_task());
}

#endif

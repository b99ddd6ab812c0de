/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* AF_UNIX sockets by what the kernel itself knows of them: their inode, and the process that SO_PEERCRED names. */
#ifndef CULPRIT_UNIX_PEER_BPF_H
#define CULPRIT_UNIX_PEER_BPF_H

#include "shared.bpf.h"

#define TYPE_TGID 1 /* enum pid_type */

/* The inode by which /proc knows a socket; 0 for one that nobody has accepted yet. */
static __always_inline __u64 inode_of(struct sock *socket)
{
    return BPF_CORE_READ(socket, sk_socket, file, f_inode, i_ino);
}

/* Of a connection, the process at the other end; of a socket that listens, the one that called listen(2). */
static __always_inline void name_peer(struct sock *socket, __u32 *number, __u64 *start_ns)
{
    struct pid *pid = BPF_CORE_READ(socket, sk_peer_pid);
    struct hlist_node *first = 0;

    *number = 0;
    *start_ns = 0;
    if (!pid)
        return;
    *number = settings.in_initial_namespace ? BPF_CORE_READ(pid, numbers[0].nr) : number_in_namespace(pid);
    if (!bpf_core_field_exists(((struct pid *)0)->tasks) ||
        !bpf_core_field_exists(((struct task_struct *)0)->pid_links))
        return;
    first = BPF_CORE_READ(pid, tasks[TYPE_TGID].first);
    if (first) {
        struct task_struct *task = (void *)first - bpf_core_field_offset(struct task_struct, pid_links) -
                                   TYPE_TGID * bpf_core_type_size(struct hlist_node);

        *start_ns = BPF_CORE_READ(task, start_boottime);
    }
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where an exec record is put together before its size is known; too large for the stack, one a CPU. */
#ifndef CULPRIT_EXEC_SCRATCH_BPF_H
#define CULPRIT_EXEC_SCRATCH_BPF_H

#include "shared.bpf.h"

#define TAIL_MAX 4096 /* all pieces at their longest fit; a power of two, as the verifier wants a mask */

struct exec_scratch {
    struct culprit_exec fixed;
    __u8 tail[TAIL_MAX * 2];
    struct vfsmount *mount, *root_mount;
    struct dentry *root_dentry;
    __u32 used; /* bytes of the tail; kept here, where the verifier does not try to follow it */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct exec_scratch);
} exec_scratch SEC(".maps");

#endif

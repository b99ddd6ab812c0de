// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Directories of the unified hierarchy as they come and go, and processes that are moved. Ids and names, not paths:
 * the path that the tracepoints offer is the initial namespace's, and wrong inside a cgroup namespace.
 */
#include "shared.bpf.h"

#define UNIFIED_HIERARCHY 0

/* Version 1 hierarchies fire the same tracepoints. */
static __always_inline int is_unified(struct cgroup *cgroup)
{
    return cgroup->root->hierarchy_id == UNIFIED_HIERARCHY;
}

struct directory_record {
    struct culprit_cgroup fixed;
    char name[CULPRIT_NAME_MAX];
};

static __always_inline int record_directory(struct cgroup *cgroup, __u16 type)
{
    struct directory_record *record;
    long length;

    if (!is_unified(cgroup))
        return 0;
    record = reserve_decisive(sizeof(*record));
    if (!record) {
        count_loss(CULPRIT_PROGRAM_CGROUP);
        return 0;
    }
    fill_header_current(&record->fixed.header, type, sizeof(*record));
    record->fixed.header.cgroup = cgroup->kn->id;
    record->fixed.parent = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
    length = bpf_probe_read_kernel_str(record->name, sizeof(record->name), cgroup->kn->name);
    record->fixed.name_len = length > 0 ? length - 1 : 0;
    __builtin_memset(record->fixed.reserved, 0, sizeof(record->fixed.reserved));
    bpf_ringbuf_submit(record, wake_flag(&decisive, sizeof(*record)));
    return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(handle_cgroup_mkdir, struct cgroup *cgroup)
{
    return record_directory(cgroup, CULPRIT_CGROUP_MADE);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(handle_cgroup_rmdir, struct cgroup *cgroup)
{
    return record_directory(cgroup, CULPRIT_CGROUP_REMOVED);
}

/* Called for each thread that is moved; the group leader stands for the process. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(handle_cgroup_attach, struct cgroup *destination, const char *path, struct task_struct *task)
{
    struct culprit_cgroup_moved *record;

    if (!is_unified(destination) || task->pid != task->tgid || !visible_pid(task))
        return 0;
    record = reserve_decisive(sizeof(*record));
    if (!record) {
        count_loss(CULPRIT_PROGRAM_CGROUP);
        return 0;
    }
    fill_header(&record->header, CULPRIT_CGROUP_MOVED, sizeof(*record), task);
    record->header.cgroup = destination->kn->id;
    bpf_ringbuf_submit(record, wake_flag(&decisive, sizeof(*record)));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

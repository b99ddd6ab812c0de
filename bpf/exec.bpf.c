// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exec: path as invoked, resolved executable, argv and agent markers, all from the memory that execve(2) has just
 * filled: nobody has had a chance to rewrite it. The record is sent even where a part of it cannot be read.
 */
#include "shared.bpf.h"

#include "environment.bpf.h"
#include "exec_scratch.bpf.h"

#define COMPONENTS_MAX 24
#define COMPONENT_MAX  256

static __always_inline void append_path(struct exec_scratch *scratch, struct linux_binprm *binprm)
{
    long length = bpf_probe_read_kernel_str(scratch->tail, CULPRIT_PATH_MAX, binprm->filename);

    if (length <= 0)
        return;
    if (length == CULPRIT_PATH_MAX)
        scratch->fixed.header.flags |= CULPRIT_EXEC_PATH_CUT;
    scratch->fixed.path_len = length - 1;
    scratch->used = length - 1;
}

/* Appends the name of one directory entry; 0 when there is no more room for one. */
static __always_inline int append_component(struct exec_scratch *scratch, const unsigned char *name)
{
    __u32 used = scratch->used;
    long length;

    if (scratch->fixed.exe_len > CULPRIT_PATH_MAX - COMPONENT_MAX) {
        scratch->fixed.header.flags |= CULPRIT_EXEC_EXE_CUT;
        return 0;
    }
    length = bpf_probe_read_kernel_str(scratch->tail + (used & (TAIL_MAX - 1)), COMPONENT_MAX, name);
    if (length <= 0)
        return 0;
    scratch->fixed.exe_len += length;
    scratch->used = used + length;
    return 1;
}

/*
 * The rest of the way, for a file that is not on the mount of its process's root: from the root of one mount to where
 * that is mounted. A mount is reached by address arithmetic, so nothing here is typed and every field costs a helper
 * call. A global function: verified once, by itself.
 */
__noinline int append_across_mounts(void)
{
    struct dentry *dentry, *mount_root;
    struct exec_scratch *scratch;
    struct mount *mount;
    __u32 zero = 0;
    int i;

    scratch = bpf_map_lookup_elem(&exec_scratch, &zero);
    if (!scratch)
        return 0;
    mount = (void *)scratch->mount - bpf_core_field_offset(struct mount, mnt);
    mount_root = dentry = BPF_CORE_READ(mount, mnt.mnt_root);
#pragma clang loop unroll(disable)
    for (i = 0; i < COMPONENTS_MAX; i++) {
        if (dentry == mount_root) {
            struct mount *above = BPF_CORE_READ(mount, mnt_parent);
            __u64 here = (__u64)mount + bpf_core_field_offset(struct mount, mnt);

            if (above == mount || (here == (__u64)scratch->root_mount && dentry == scratch->root_dentry))
                return 0;
            dentry = BPF_CORE_READ(mount, mnt_mountpoint);
            mount_root = BPF_CORE_READ(above, mnt.mnt_root);
            mount = above;
        } else {
            struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

            if (parent == dentry || !append_component(scratch, BPF_CORE_READ(dentry, d_name.name)))
                return 0;
            dentry = parent;
        }
    }
    scratch->fixed.header.flags |= CULPRIT_EXEC_EXE_CUT;
    return 0;
}

/*
 * No tracing program may call the kernel's own d_path here, so the directories are walked by hand, from the file up to
 * the root of its process (the path as the process would name it); the reader turns them round.
 */
static __always_inline void append_executable(struct exec_scratch *scratch, struct task_struct *task, struct file *file)
{
    struct dentry *root_dentry = task->fs->root.dentry;
    struct vfsmount *root_mount = task->fs->root.mnt;
    struct vfsmount *mount = file->f_path.mnt;
    struct dentry *dentry = file->f_path.dentry;
    struct dentry *mount_root = mount->mnt_root;
    int i;

#pragma clang loop unroll(disable)
    for (i = 0; i < COMPONENTS_MAX; i++) {
        if (dentry == root_dentry && mount == root_mount)
            return;
        if (dentry == mount_root) {
            scratch->mount = mount;
            scratch->root_mount = root_mount;
            scratch->root_dentry = root_dentry;
            append_across_mounts();
            return;
        }
        if (!append_component(scratch, dentry->d_name.name))
            return;
        /* What lies in no directory, such as a memfd, is its own parent. */
        if (dentry->d_parent == dentry)
            return;
        dentry = dentry->d_parent;
    }
    scratch->fixed.header.flags |= CULPRIT_EXEC_EXE_CUT;
}

static __always_inline void append_argv(struct exec_scratch *scratch, struct mm_struct *mm)
{
    unsigned long start = mm->arg_start, end = mm->arg_end;
    __u64 total = end > start ? end - start : 0;
    __u32 head = total, used = scratch->used;

    scratch->fixed.argv_total = total;
    if (!total)
        return;
    if (total >= CULPRIT_ARGV_HEAD + CULPRIT_ARGV_TAIL) {
        head = CULPRIT_ARGV_HEAD;
        scratch->fixed.header.flags |= CULPRIT_EXEC_ARGV_CUT;
    }
    head &= CULPRIT_ARGV_HEAD + CULPRIT_ARGV_TAIL - 1;
    if (bpf_probe_read_user(scratch->tail + (used & (TAIL_MAX - 1)), head, (void *)start)) {
        scratch->fixed.header.flags |= CULPRIT_EXEC_ARGV_UNREADABLE;
        return;
    }
    used += head;
    scratch->fixed.argv_head_len = head;
    if (scratch->fixed.header.flags & CULPRIT_EXEC_ARGV_CUT &&
        !bpf_probe_read_user(scratch->tail + (used & (TAIL_MAX - 1)), CULPRIT_ARGV_TAIL,
                             (void *)(end - CULPRIT_ARGV_TAIL))) {
        scratch->fixed.argv_tail_len = CULPRIT_ARGV_TAIL;
        used += CULPRIT_ARGV_TAIL;
    }
    scratch->used = used;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(handle_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
    struct exec_scratch *scratch;
    __u32 zero = 0, size;

    scratch = bpf_map_lookup_elem(&exec_scratch, &zero);
    if (!scratch)
        return 0;
    __builtin_memset(&scratch->fixed, 0, sizeof(scratch->fixed));
    scratch->used = 0;
    fill_header(&scratch->fixed.header, CULPRIT_EXEC, 0, task);
    if (!scratch->fixed.header.pid)
        return 0;
    scratch->fixed.ppid = visible_pid(task->real_parent);
    scratch->fixed.uid = task->real_cred->uid.val;
    scratch->fixed.inner_pid = inner_pid(task);
    /* The number is the one in the initial namespace; elsewhere it says only that it was not the leader. */
    scratch->fixed.old_tid = old_pid == task->pid ? 0 : old_pid;
    append_path(scratch, binprm);
    append_executable(scratch, task, binprm->file);
    append_argv(scratch, task->mm);
    append_markers(scratch, task->mm);
    /* What the record is rounded up by would otherwise be a piece of an earlier process's argv. */
    __builtin_memset(scratch->tail + (scratch->used & (TAIL_MAX - 1)), 0, 8);
    size = (sizeof(scratch->fixed) + scratch->used + 7) & ~7u;
    scratch->fixed.header.size = size;
    size &= TAIL_MAX * 2 - 1;
    if (bpf_ringbuf_output(&flood, scratch, size, wake_flag(&flood, size)))
        count_loss(CULPRIT_PROGRAM_EXEC);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structures that the programs read, each with only the fields they use. The loader relocates every
 * access against the running kernel's BTF, so order and offsets here mean nothing; names and types do.
 * A suffix `___x` marks a variant of a structure whose shape changed between kernels.
 */
#ifndef CULPRIT_KERNEL_TYPES_H
#define CULPRIT_KERNEL_TYPES_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include <bpf/bpf_tracing.h>

#define PF_EXITING        0x00000004
#define PF_KTHREAD        0x00200000
#define SIGNAL_GROUP_EXIT 0x00000004

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
    int counter;
} atomic_t;

typedef struct {
    long counter;
} atomic_long_t;

typedef struct {
    long long counter;
} atomic64_t;

typedef struct {
    unsigned int val;
} kuid_t;

struct ns_common {
    unsigned int inum;
};

struct pid_namespace {
    struct ns_common ns;
};

struct upid {
    int nr;
    struct pid_namespace *ns;
};

struct hlist_node {
    struct hlist_node *next;
};

struct hlist_head {
    struct hlist_node *first;
};

struct pid {
    unsigned int level;
    struct hlist_head tasks[4];
    struct upid numbers[1];
};

struct kernfs_node {
    const char *name;
    __u64 id;
};

struct cgroup_subsys_state {
    struct cgroup *cgroup;
    struct cgroup_subsys_state *parent;
};

struct cgroup_root {
    int hierarchy_id;
};

struct cgroup {
    struct cgroup_subsys_state self;
    struct kernfs_node *kn;
    struct cgroup_root *root;
};

struct css_set {
    struct cgroup_subsys_state *subsys[1];
    struct cgroup *dfl_cgrp;
};

/* Of both enumerations the values differ by kernel, and are looked up. */
enum cgroup_subsys_id {
    memory_cgrp_id = 4,
};

enum memcg_memory_event {
    MEMCG_OOM = 3,
};

struct page_counter {
    atomic_long_t usage;
    unsigned long max;
};

/* Begins with its state, so that a pointer to the one is a pointer to the other. */
struct mem_cgroup {
    struct cgroup_subsys_state css;
    struct page_counter memory;
    atomic_long_t memory_events_local[1];
};

struct cred {
    kuid_t uid;
};

struct signal_struct {
    atomic_t live;
    int nr_threads;
    int group_exit_code;
    unsigned int flags;
    unsigned long maxrss;
    short oom_score_adj;
    unsigned long long cutime, cstime, sum_sched_runtime;
};

struct sched_entity {
    unsigned long long sum_exec_runtime;
};

struct sched_info {
    unsigned long long run_delay;
};

struct sigaction {
    void *sa_handler;
};

struct k_sigaction {
    struct sigaction sa;
};

struct sighand_struct {
    struct k_sigaction action[64];
};

/* What of it each architecture calls the number of the system call, and its second and third argument. */
struct pt_regs {
    unsigned long orig_ax, si, dx;
    int syscallno;
    __u64 regs[31];
};

struct kernel_siginfo {
    int si_code;
    union {
        struct {
            int _pid;
        } _kill;
    } _sifields;
};

struct percpu_counter {
    __s64 count;
};

/* 6.2 and later count resident pages per CPU; before, in one structure of atomics. */
struct mm_struct {
    unsigned long arg_start, arg_end, env_start, env_end, total_vm;
    atomic_long_t pgtables_bytes;
    struct percpu_counter rss_stat[4];
};

struct mm_rss_stat {
    atomic_long_t count[4];
};

struct mm_struct___before_6_2 {
    struct mm_rss_stat rss_stat;
};

struct qstr {
    unsigned int len;
    const unsigned char *name;
};

struct dentry {
    struct dentry *d_parent;
    struct qstr d_name;
    struct inode *d_inode;
};

struct vfsmount {
    struct dentry *mnt_root;
};

struct mount {
    struct mount *mnt_parent;
    struct dentry *mnt_mountpoint;
    struct vfsmount mnt;
};

struct path {
    struct vfsmount *mnt;
    struct dentry *dentry;
};

struct super_block {
    __u32 s_dev;
};

struct timespec64 {
    long long tv_sec;
    long tv_nsec;
};

/* Since 6.11 a time is two numbers; before, it was one structure, since 6.6 with underscores to its name. */
struct inode {
    unsigned long i_ino;
    unsigned int i_nlink;
    struct super_block *i_sb;
    long long i_ctime_sec;
    __u32 i_ctime_nsec;
};

struct inode___before_6_11 {
    struct timespec64 __i_ctime;
};

struct inode___before_6_6 {
    struct timespec64 i_ctime;
};

struct file {
    struct path f_path;
    struct inode *f_inode;
};

struct fs_struct {
    struct path root;
};

struct linux_binprm {
    struct file *file;
    const char *filename;
};

struct net {
    struct ns_common ns;
};

struct nsproxy {
    struct net *net_ns;
};

struct task_struct {
    unsigned int flags;
    int exit_state;
    int exit_code;
    int pid;
    int tgid;
    struct task_struct *real_parent;
    struct task_struct *group_leader;
    struct pid *thread_pid;
    struct hlist_node pid_links[4];
    __u64 start_boottime;
    struct cred *real_cred;
    char comm[16];
    struct fs_struct *fs;
    struct nsproxy *nsproxy;
    struct signal_struct *signal;
    struct sighand_struct *sighand;
    struct css_set *cgroups;
    struct mm_struct *mm;
    struct sched_entity se;
    struct sched_info sched_info;
};

typedef struct {
    struct net *net;
} possible_net_t;

struct in6_addr {
    union {
        __u8 u6_addr8[16];
    } in6_u;
};

struct sock_common {
    __be32 skc_rcv_saddr;
    __u16 skc_num;
    unsigned short skc_family;
    volatile unsigned char skc_state;
    possible_net_t skc_net;
    struct in6_addr skc_v6_rcv_saddr;
};

struct socket {
    struct file *file;
    struct sock *sk;
};

struct sock {
    struct sock_common __sk_common;
    __u16 sk_type;
    __u16 sk_protocol;
    struct socket *sk_socket;
    struct pid *sk_peer_pid;
};

struct sockaddr_un {
    char sun_path[108];
};

struct unix_address {
    int len;
    struct sockaddr_un name[0];
};

struct unix_sock {
    struct sock sk;
    struct unix_address *addr;
    struct path path;
    struct sock *peer;
};

struct inet_sock {
    __be16 inet_sport;
};

struct seq_file;

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

struct bpf_iter__unix {
    struct bpf_iter_meta *meta;
    struct unix_sock *unix_sk;
};

#pragma clang attribute pop

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire layout between the kernel programs (bpf/) and the collector.
 *
 * Every record starts with `struct culprit_header` and is a multiple of eight bytes long. All fields have a fixed
 * width and native byte order, and padding is spelled out. A tail of variable length follows the fixed part; the fixed
 * part says how long each piece of it is. A reader never trusts a length: it checks it against `size`.
 *
 * Records from CULPRIT_FIRST_USER_TYPE on are made by the collector itself and are described in EventCoding.
 */
#ifndef CULPRIT_EVENT_H
#define CULPRIT_EVENT_H

#include <linux/types.h>

enum culprit_type {
    CULPRIT_FORK = 1,
    CULPRIT_EXEC = 2,
    CULPRIT_EXIT = 3,
    CULPRIT_SIGNAL = 4,
    CULPRIT_OOM_VICTIM = 5,
    CULPRIT_BIND_ATTEMPT = 6,
    CULPRIT_BOUND = 7,
    CULPRIT_LISTEN = 8,
    CULPRIT_UNLISTEN = 9,
    CULPRIT_CGROUP_MADE = 10,
    CULPRIT_CGROUP_REMOVED = 11,
    CULPRIT_CGROUP_MOVED = 12,
    CULPRIT_TASK = 13,
    CULPRIT_BUS_BYTES = 14,
    CULPRIT_FIRST_USER_TYPE = 64,
};

/* Longest pieces of a tail, in bytes. What is longer is cut and flagged. */
enum culprit_limit {
    CULPRIT_PATH_MAX = 512,      /* path as invoked; resolved executable */
    CULPRIT_ARGV_HEAD = 1536,    /* first bytes of a long argv */
    CULPRIT_ARGV_TAIL = 512,     /* last bytes of a long argv */
    CULPRIT_ENV_MAX = 512,       /* agent markers, "NAME=value\0" each */
    CULPRIT_ENV_VALUE_MAX = 128, /* one marker, name included */
    CULPRIT_NAME_MAX = 256,      /* cgroup directory name */
    CULPRIT_COMM_MAX = 16,
    CULPRIT_SCOPE_NAME_MAX = 48,
    CULPRIT_ADDRESS_MAX = 48, /* path of a manager's or bus's socket, NUL included */
    CULPRIT_UNIX_NAME_MAX = 108,
    CULPRIT_UNIX_NAME_ROOM = 128,
    CULPRIT_BUS_MAX = 1024, /* first bytes of a send: 512 of a header and 512 of a body, as they mostly lie */
};

/* Flags common to all types; the low bits belong to the type. */
enum culprit_flag {
    CULPRIT_FROM_PROCFS = 0x8000, /* not seen by the kernel programs, read from /proc */

    CULPRIT_FORK_SIBLING = 0x1, /* CLONE_PARENT: the creator is not the parent */

    CULPRIT_EXEC_ARGV_CUT = 0x1,        /* argv is longer than what was kept: head, then tail */
    CULPRIT_EXEC_ARGV_UNREADABLE = 0x2, /* reading argv faulted */
    CULPRIT_EXEC_PATH_CUT = 0x4,
    CULPRIT_EXEC_EXE_CUT = 0x8,
    CULPRIT_EXEC_ENV_CUT = 0x10, /* longer than what is scanned, a marker longer than what is kept, or more of them */
    CULPRIT_EXEC_ENV_UNREADABLE = 0x20,

    CULPRIT_EXIT_STATUS_UNKNOWN = 0x1, /* the process is gone, nobody saw how */

    CULPRIT_SIGNAL_GROUP = 0x1,          /* to the process, not to one thread */
    CULPRIT_SIGNAL_NO_INFO = 0x2,        /* SEND_SIG_NOINFO: sent from inside the kernel on behalf of current */
    CULPRIT_SIGNAL_PRIVATE = 0x4,        /* SEND_SIG_PRIV: the kernel's own */
    CULPRIT_SIGNAL_SENDER_EXITING = 0x8, /* current was already exiting (parent-death signal) */
    CULPRIT_SIGNAL_OUTSIDE = 0x10,       /* the sender is outside the collector's pid namespace; its pid is 0 */
    CULPRIT_SIGNAL_FROM_CALL = 0x20,     /* current was in a system call that lets it choose si_code */

    CULPRIT_TASK_KERNEL_THREAD = 0x1,

    CULPRIT_BUS_FROM_LISTENER = 0x1, /* sent by the end that listens */
};

/* 40 bytes. The process meant by pid, start_ns and cgroup is named by each type. */
struct culprit_header {
    __u32 size; /* of the whole record */
    __u16 type;
    __u16 flags;
    __u64 time_ns;  /* CLOCK_BOOTTIME */
    __u64 start_ns; /* CLOCK_BOOTTIME at which the process (its group leader) started */
    __u32 pid;      /* process id in the collector's pid namespace, 0 if it has none there */
    __u32 tid;
    __u64 cgroup; /* id in the unified hierarchy */
};

/* header: the creator; header.cgroup: the child's. */
struct culprit_fork {
    struct culprit_header header;
    __u64 child_start_ns;
    __u32 child_pid;
    __u32 child_inner_pid; /* in the child's own pid namespace, 0 if that is the collector's */
    __u32 child_ppid;      /* getppid() of the child; not the creator under CLONE_PARENT */
    __u32 uid;
};

/* header: the process that executed. Tail: path, exe, argv head, argv tail, environment. */
struct culprit_exec {
    struct culprit_header header;
    __u32 ppid;
    __u32 uid;
    __u32 inner_pid;
    __u32 old_tid;       /* the thread that called exec, when it was not the leader; else 0 */
    __u32 argv_total;    /* bytes of the whole argv */
    __u16 argv_head_len; /* all of argv unless CUT */
    __u16 argv_tail_len;
    __u16 path_len; /* as invoked, no NUL */
    __u16 exe_len;  /* components of the resolved path, the last one first, each with a NUL */
    __u16 env_len;  /* markers, "NAME=value\0" each */
    __u16 reserved;
};

/* header: the process; one record a process, when its last thread goes. */
struct culprit_exit {
    struct culprit_header header;
    __u32 wait_status; /* as wait(2) returns it */
    __u32 max_rss_kib;
};

/* header: the sender, as the kernel's `current`, whatever siginfo claims. */
struct culprit_signal {
    struct culprit_header header;
    __u64 target_start_ns;
    __u32 target_pid;
    __u32 target_tid;
    __s32 code;        /* si_code */
    __u32 claimed_pid; /* si_pid as given by the sender; forgeable */
    __u32 sender_uid;
    __u8 number;
    __u8 result;      /* 0 delivered, 1 ignored, 2 already pending, 3 overflow, 4 siginfo lost */
    __u8 disposition; /* 0 default, 1 ignored, 2 handler, 3 unknown */
    __u8 reserved;
};

enum culprit_oom_scope {
    CULPRIT_OOM_UNKNOWN = 0, /* not told; nothing follows the fixed part */
    CULPRIT_OOM_GLOBAL = 1,  /* no limit was reached on the way up from the victim */
    CULPRIT_OOM_CGROUP = 2,
};

/* header: the task that was current (the trigger). Tail, unless the scope is unknown: struct culprit_oom_limit. */
struct culprit_oom_victim {
    struct culprit_header header;
    __u64 victim_start_ns;
    __u64 victim_cgroup;
    __u32 victim_pid;
    __u32 victim_uid;
    __u64 total_vm_kib;
    __u64 anon_rss_kib;
    __u64 file_rss_kib;
    __u64 shmem_rss_kib;
    __s32 oom_score_adj;
    __u32 scope; /* enum culprit_oom_scope */
};

/* The cgroup whose limit was reached, zero for the machine; and what else of the victim's counts for its choice. */
struct culprit_oom_limit {
    __u64 cgroup; /* id in the hierarchy of the memory controller */
    __u64 limit_kib;
    __u64 usage_kib;
    __u64 ooms; /* how often nothing could be reclaimed there, this time included */
    __u64 victim_swap_kib;
    __u64 victim_page_table_kib;
    char name[CULPRIT_SCOPE_NAME_MAX]; /* of its directory, cut */
};

/*
 * No record: one process of a table of all that have memory, which the collector makes into a record of its own.
 * A living thread that is not the leader is an entry with its pid, the flag and cpu_ns alone.
 */
struct culprit_process_usage {
    __u64 start_ns;
    __u64 cpu_ns;  /* with ended threads, and ended children that were waited for; without other living threads */
    __u64 wait_ns; /* of this thread alone: ready to run, and not let */
    __u32 pid;
    __u32 flags; /* enum culprit_usage_flag */
    __u32 anon_kib;
    __u32 file_kib;
    __u32 shmem_kib;
    __u32 swap_kib;
    __u32 page_table_kib;
    __s32 oom_score_adj;
};

enum culprit_usage_flag {
    CULPRIT_USAGE_IN_SCOPE = 1, /* in the cgroup that was asked for, or below it */
    CULPRIT_USAGE_THREAD = 2,
    CULPRIT_USAGE_WAIT = 4, /* the kernel tells wait_ns */
};

/* No record: one UNIX socket that listens, of a table of all, from which the collector makes records of its own. */
struct culprit_unix_listener {
    __u64 start_ns;   /* of the process that called listen(2); 0 where it is gone */
    __u64 socket;     /* inode, as /proc names it */
    __u64 place;      /* device of the file system, or inode of the network namespace: a name counts within it */
    __u64 changed_ns; /* CLOCK_REALTIME at which its file was made, or its owner or mode set, or it was removed */
    __u32 pid;
    __u16 flags; /* enum culprit_unix_flag */
    __u16 name_len;
    char name[CULPRIT_UNIX_NAME_ROOM]; /* as given to bind(2); an abstract one begins with a NUL */
};

enum culprit_unix_flag {
    CULPRIT_UNIX_FILE = 1,
    CULPRIT_UNIX_REMOVED = 2, /* the file has no name any more: removed, or another was put in its place */
};

/* header: the process that called. Also BOUND, LISTEN, UNLISTEN. */
struct culprit_socket {
    struct culprit_header header;
    __u8 address[16]; /* network order; IPv4 in the first four bytes */
    __u16 family;
    __u16 port; /* host order */
    __u16 protocol;
    __u16 reserved;
    __u32 network_namespace; /* inode */
    __u32 uid;
};

/* header.cgroup: the cgroup. MADE and REMOVED; tail: its directory name. */
struct culprit_cgroup {
    struct culprit_header header;
    __u64 parent;
    __u16 name_len;
    __u16 reserved[3];
};

/* header: the process that was moved, with its new cgroup. */
struct culprit_cgroup_moved {
    struct culprit_header header;
};

/* header: a process that was running when the programs were attached. */
struct culprit_task {
    struct culprit_header header;
    __u64 parent_start_ns;
    __u32 ppid;
    __u32 inner_pid;
    __u32 uid;
    __u32 reserved;
    char comm[CULPRIT_COMM_MAX];
};

/*
 * header: the sender. Tail: the first bytes of what was sent on the socket of a manager or bus. They may hold secrets:
 * no recording ever has this type, the collector keeps of it what it knows to be none.
 */
struct culprit_bus_bytes {
    struct culprit_header header;
    __u64 socket;        /* inode of the sender's socket */
    __u64 peer_socket;   /* of the other end's; 0 while nobody has accepted it */
    __u64 peer_start_ns; /* of the process at the other end, as SO_PEERCRED names it; 0 if it is gone */
    __u32 peer_pid;      /* in the collector's pid namespace; 0 if unknown */
    __u32 sent;          /* bytes that the send passed on */
    __u32 kept;          /* bytes of the tail that count */
    __u32 reserved;
    char address[CULPRIT_ADDRESS_MAX]; /* path that the listening end is bound to; empty for a pair */
};

#endif

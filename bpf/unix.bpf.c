// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The UNIX sockets that listen. No tracepoint fires where one is bound, and the hooks that do are refused on many
 * hosts: so the kernel's own list is read, again and again. It knows who called listen(2), since when the file is
 * there, and whether somebody has removed it since.
 */
#include "unix_peer.bpf.h"

#define STATE_LISTEN 10
#define FAMILY_BYTES 2
#define NAME_MASK    127
#define SECOND_NS    1000000000ull

/* Set in the nanoseconds since 6.13, once somebody has asked for that time: the next change gets a finer one. */
#define QUERIED (1u << 31)

static __always_inline __u64 changed_at(struct inode *inode)
{
    if (bpf_core_field_exists(inode->i_ctime_sec))
        return BPF_CORE_READ(inode, i_ctime_sec) * SECOND_NS + (BPF_CORE_READ(inode, i_ctime_nsec) & ~QUERIED);
    if (bpf_core_field_exists(((struct inode___before_6_11 *)inode)->__i_ctime)) {
        struct inode___before_6_11 *before = (void *)inode;

        return BPF_CORE_READ(before, __i_ctime.tv_sec) * SECOND_NS + BPF_CORE_READ(before, __i_ctime.tv_nsec);
    }
    if (bpf_core_field_exists(((struct inode___before_6_6 *)inode)->i_ctime)) {
        struct inode___before_6_6 *before = (void *)inode;

        return BPF_CORE_READ(before, i_ctime.tv_sec) * SECOND_NS + BPF_CORE_READ(before, i_ctime.tv_nsec);
    }
    return 0;
}

/* Where the name counts: a path within its file system, an abstract name within its network namespace. */
static __always_inline void fill_place(struct culprit_unix_listener *row, struct unix_sock *socket)
{
    struct inode *inode = BPF_CORE_READ(socket, path.dentry, d_inode);

    if (!inode) {
        row->place = BPF_CORE_READ(socket, sk.__sk_common.skc_net.net, ns.inum);
        return;
    }
    row->place = BPF_CORE_READ(inode, i_sb, s_dev);
    row->changed_ns = changed_at(inode);
    row->flags = CULPRIT_UNIX_FILE;
    if (!BPF_CORE_READ(inode, i_nlink))
        row->flags |= CULPRIT_UNIX_REMOVED;
}

SEC("iter/unix")
int handle_unix_listener(struct bpf_iter__unix *ctx)
{
    struct unix_sock *socket = ctx->unix_sk;
    struct culprit_unix_listener row = {};
    struct unix_address *address;
    const void *start;
    __u32 length;

    if (!socket || socket->sk.__sk_common.skc_state != STATE_LISTEN)
        return 0;
    address = BPF_CORE_READ(socket, addr);
    if (!address)
        return 0;
    length = BPF_CORE_READ(address, len) - FAMILY_BYTES;
    if (length == 0 || length > CULPRIT_UNIX_NAME_MAX)
        return 0;
    name_peer(&socket->sk, &row.pid, &row.start_ns);
    if (!row.pid)
        return 0;
    row.socket = inode_of(&socket->sk);
    row.name_len = length;
    fill_place(&row, socket);
    /* The bound that the comparison gives is not enough for older verifiers. */
    barrier_var(length);
    start = (void *)address + bpf_core_field_offset(struct unix_address, name) +
            bpf_core_field_offset(struct sockaddr_un, sun_path);
    bpf_probe_read_kernel(row.name, length & NAME_MASK, start);
    bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses asked for, taken, listened on and given up. bind(2) runs the bind hooks first and the post_bind hooks only
 * when the address was really taken: an attempt that no `bound` follows was refused, with no syscall tracepoint.
 */
#include "shared.bpf.h"

#include <bpf/bpf_endian.h>

#define FAMILY_IPV4  2
#define FAMILY_IPV6  10
#define STATE_CLOSE  7
#define STATE_LISTEN 10
#define ALLOW        1

static __always_inline struct culprit_socket *reserve_socket(__u16 type)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    struct culprit_socket *record;

    /* The hooks see the whole host: what is outside the collector's pid namespace must not fill its ring. */
    if (!settings.in_initial_namespace && !number_in_namespace(BPF_CORE_READ(task, group_leader, thread_pid)))
        return 0;
    record = reserve_decisive(sizeof(*record));
    if (!record) {
        count_loss(CULPRIT_PROGRAM_SOCKET);
        return 0;
    }
    __builtin_memset(record, 0, sizeof(*record));
    fill_header_by_helper(&record->header, type, sizeof(*record), task);
    record->network_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
    record->uid = bpf_get_current_uid_gid();
    return record;
}

static __always_inline void submit(struct culprit_socket *record)
{
    bpf_ringbuf_submit(record, wake_flag(&decisive, sizeof(*record)));
}

/* Port 0 is never refused for being taken, and asking for it is what every client does: not recorded. */
SEC("cgroup/bind4")
int handle_bind4(struct bpf_sock_addr *ctx)
{
    struct culprit_socket *record;
    __u32 address = ctx->user_ip4;

    if (!ctx->user_port)
        return ALLOW;
    record = reserve_socket(CULPRIT_BIND_ATTEMPT);
    if (!record)
        return ALLOW;
    record->family = FAMILY_IPV4;
    record->port = bpf_ntohs((__u16)ctx->user_port);
    record->protocol = ctx->protocol;
    __builtin_memcpy(record->address, &address, 4);
    submit(record);
    return ALLOW;
}

SEC("cgroup/bind6")
int handle_bind6(struct bpf_sock_addr *ctx)
{
    struct culprit_socket *record;
    __u32 address[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

    if (!ctx->user_port)
        return ALLOW;
    record = reserve_socket(CULPRIT_BIND_ATTEMPT);
    if (!record)
        return ALLOW;
    record->family = FAMILY_IPV6;
    record->port = bpf_ntohs((__u16)ctx->user_port);
    record->protocol = ctx->protocol;
    __builtin_memcpy(record->address, address, 16);
    submit(record);
    return ALLOW;
}

SEC("cgroup/post_bind4")
int handle_bound4(struct bpf_sock *ctx)
{
    struct culprit_socket *record = reserve_socket(CULPRIT_BOUND);
    __u32 address = ctx->src_ip4;

    if (!record)
        return ALLOW;
    record->family = FAMILY_IPV4;
    record->port = ctx->src_port;
    record->protocol = ctx->protocol;
    __builtin_memcpy(record->address, &address, 4);
    submit(record);
    return ALLOW;
}

SEC("cgroup/post_bind6")
int handle_bound6(struct bpf_sock *ctx)
{
    struct culprit_socket *record = reserve_socket(CULPRIT_BOUND);
    __u32 address[4] = {ctx->src_ip6[0], ctx->src_ip6[1], ctx->src_ip6[2], ctx->src_ip6[3]};

    if (!record)
        return ALLOW;
    record->family = FAMILY_IPV6;
    record->port = ctx->src_port;
    record->protocol = ctx->protocol;
    __builtin_memcpy(record->address, address, 16);
    submit(record);
    return ALLOW;
}

/* Fires for every change of every TCP socket; only coming to and leaving LISTEN are of interest. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(handle_listen, struct sock *sk, int old_state, int new_state)
{
    struct culprit_socket *record;

    if (new_state != STATE_LISTEN && (old_state != STATE_LISTEN || new_state != STATE_CLOSE))
        return 0;
    record = reserve_socket(new_state == STATE_LISTEN ? CULPRIT_LISTEN : CULPRIT_UNLISTEN);
    if (!record)
        return 0;
    record->family = sk->__sk_common.skc_family;
    record->port = sk->__sk_common.skc_num;
    /* A port that the kernel chose is given back before this is called; the socket still says which it was. */
    if (!record->port)
        record->port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
    record->protocol = sk->sk_protocol;
    record->network_namespace = sk->__sk_common.skc_net.net->ns.inum;
    if (record->family == FAMILY_IPV4)
        bpf_probe_read_kernel(record->address, 4, &sk->__sk_common.skc_rcv_saddr);
    else
        bpf_probe_read_kernel(record->address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
    submit(record);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

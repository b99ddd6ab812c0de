// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who asks a service manager, logind or a container engine for what, and what the first two answer: none of them tells
 * who asked. The bytes are taken where they are sent, and only those that change something; the rest of a bus is let
 * pass here.
 */
#include "bus_header.bpf.h"
#include "unix_peer.bpf.h"

#define FAMILY_UNIX 1
#define TYPE_STREAM 1

#define AUTHENTICATION 96  /* bytes that a client's text of it stays below */
#define REQUEST_LINE   256 /* what follows it, and all bodies, may hold secrets and tells nothing */

/* A call that was recorded and not answered yet, by the caller's end of the connection. */
struct open_call {
    __u64 socket;
    __u32 serial;
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct open_call);
    __type(value, __u8);
} open_calls SEC(".maps");

struct sending {
    struct sock *from, *to;
    int place;
    int from_listener;
    __u32 sent;
};

/* Which of the two ends is bound to a manager's or bus's path. A pair that is bound to nothing goes on, by content. */
static __always_inline int find_place(struct sock *sk, struct sending *sending)
{
    struct unix_sock *from = bpf_skc_to_unix_sock(sk), *to;
    int place = PLACE_UNNAMED;

    if (!from)
        return PLACE_NONE;
    to = bpf_skc_to_unix_sock(from->peer);
    if (!to)
        return PLACE_NONE;
    sending->from = sk;
    sending->to = &to->sk;
    if (from->addr) {
        place = place_of(from->addr);
        if (place != PLACE_NONE) {
            sending->from_listener = 1;
            return place;
        }
    }
    if (!to->addr)
        return place;
    return place_of(to->addr);
}

/* A manager of a nested pid namespace has units of the same names; they are none of ours. Of a pair, who made it. */
static __always_inline int is_nested(const struct sending *sending)
{
    struct pid *listener;

    if (sending->from_listener)
        listener = bpf_get_current_task_btf()->group_leader->thread_pid;
    else
        listener = sending->from->sk_peer_pid;
    if (!listener)
        return 0;
    return BPF_CORE_READ(listener, level) != namespace_level ||
           (!settings.in_initial_namespace && !number_in_namespace(listener));
}

/* Whether a message counts, for itself or because it answers one that did. */
static __always_inline int counts(struct bus_scratch *scratch, const struct sending *sending,
                                  const struct bus_header *header, __u32 kept)
{
    struct bus_fields *found = &scratch->found;
    struct open_call call = {};

    read_fields(body_offset(header) < kept ? body_offset(header) : kept);
    if (header->type == BUS_CALL) {
        __u8 one = 1;

        if (!found->changes || !(found->named || (found->addressed && found->interfaces != 1)))
            return 0;
        call.socket = (__u64)sending->from;
        call.serial = header->serial;
        bpf_map_update_elem(&open_calls, &call, &one, BPF_ANY);
        return 1;
    }
    call.socket = (__u64)sending->to;
    call.serial = found->reply_serial;
    if (!bpf_map_delete_elem(&open_calls, &call))
        return 1;
    /* A manager may answer before the caller's own send is done and its call known; a bus's errors are anybody's. */
    if (header->type == BUS_REPLY)
        return names_job(scratch->bytes, header);
    return sending->place == PLACE_PRIVATE && sending->from_listener;
}

/*
 * Whether the bytes are wanted. What begins with the text of the authentication, or holds more than one message, is
 * left to the reader where it goes to a manager or bus: few clients send so.
 */
static __always_inline int is_wanted(struct bus_scratch *scratch, const struct sending *sending, __u32 kept)
{
    struct bus_header header;
    int to_listener = sending->place != PLACE_UNNAMED && !sending->from_listener;

    if (sending->place == PLACE_ENGINE)
        return 1;
    if (!is_message(scratch->bytes))
        return to_listener && sending->sent > AUTHENTICATION;
    read_header(scratch->bytes, &header);
    if (to_listener && body_offset(&header) + header.body < sending->sent)
        return 1;
    return header.type != BUS_SIGNAL && counts(scratch, sending, &header, kept);
}

static __always_inline void send_record(struct bus_scratch *scratch, const struct sending *sending, __u32 kept)
{
    struct culprit_bus_bytes *record = &scratch->fixed;
    __u32 size = (sizeof(*record) + kept + 7) & ~7u;
    int is_call = is_message(scratch->bytes) && scratch->bytes[1] == BUS_CALL;

    fill_header_current(&record->header, CULPRIT_BUS_BYTES, size);
    if (!record->header.pid)
        return;
    if (sending->from_listener)
        record->header.flags |= CULPRIT_BUS_FROM_LISTENER;
    record->socket = inode_of(sending->from);
    record->peer_socket = inode_of(sending->to);
    name_peer(sending->from, &record->peer_pid, &record->peer_start_ns);
    record->sent = sending->sent;
    record->kept = kept;
    record->reserved = 0;
    if (sending->place == PLACE_UNNAMED)
        record->address[0] = 0;
    size &= CULPRIT_BUS_MAX * 2 - 1;
    if (bpf_ringbuf_output(&decisive, scratch, size, is_call ? BPF_RB_FORCE_WAKEUP : wake_flag(&decisive, size)) &&
        (!flood_has_room() || bpf_ringbuf_output(&flood, scratch, size, BPF_RB_FORCE_WAKEUP)))
        count_loss(CULPRIT_PROGRAM_MANAGER_CALL);
}

/* From the first four bytes: whether it is worth to copy more. */
static __always_inline int may_count(struct bus_scratch *scratch, const struct sending *sending)
{
    __u8 first[4] = {};

    if (sending->place == PLACE_ENGINE)
        return !bpf_probe_read_user(first, sizeof(first), (void *)scratch->pieces[0].base) && first[0] == 'P' &&
               first[1] == 'O' && first[2] == 'S' && first[3] == 'T';
    if (bpf_probe_read_user(first, sizeof(first), (void *)scratch->pieces[0].base) || !is_message(first))
        return sending->place != PLACE_UNNAMED && !sending->from_listener;
    return first[1] != BUS_SIGNAL || !sending->from_listener;
}

static __always_inline int look_at(struct sock *sk, int sent)
{
    struct sending sending = {.sent = sent};
    struct bus_scratch *scratch;
    __u32 zero = 0, kept, count;
    int most;

    if (sk->__sk_common.skc_family != FAMILY_UNIX || sent < FIXED_HEADER || sk->sk_type != TYPE_STREAM)
        return 0;
    sending.place = find_place(sk, &sending);
    if (sending.place == PLACE_NONE || (sending.place == PLACE_ENGINE && sending.from_listener))
        return 0;
    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
    count = find_pieces(scratch);
    if (count && !may_count(scratch, &sending))
        return 0;
    most = sending.place == PLACE_ENGINE ? REQUEST_LINE : CULPRIT_BUS_MAX;
    gather(count, sent < most ? sent : most);
    kept = scratch->kept & BUFFER_MASK;
    if (kept < FIXED_HEADER) {
        /* What an engine gets by sendfile or splice is a body, and no request. */
        if (sending.place != PLACE_UNNAMED && sending.place != PLACE_ENGINE && !is_nested(&sending))
            count_loss(CULPRIT_PROGRAM_MANAGER_CALL_UNREAD);
        return 0;
    }
    if (is_wanted(scratch, &sending, kept) && !is_nested(&sending))
        send_record(scratch, &sending, kept);
    return 0;
}

/* Called at the end of every send on every socket: whatever is none of ours must leave after a few loads. */
SEC("tp_btf/sock_send_length")
int BPF_PROG(handle_manager_call, struct sock *sk, int sent, int flags)
{
    return look_at(sk, sent);
}

struct msghdr;

/* Kernels before 6.3 have no such tracepoint: there the function's own end, which is all that is wanted of the many. */
SEC("fexit/unix_stream_sendmsg")
int BPF_PROG(handle_manager_call_unix, struct socket *socket, struct msghdr *message, unsigned long length, int sent)
{
    return look_at(socket->sk, sent);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who asks a service manager, logind or a container engine for what, and what the first two answer: none of them tells
 * who asked. The bytes are taken where they are sent, and only those that change something; the rest of a bus is let
 * pass here.
 */
#include "bus_answers.bpf.h"
#include "unix_peer.bpf.h"

#define FAMILY_UNIX 1
#define TYPE_STREAM 1

#define AUTHENTICATION 96  /* bytes that a client's text of it stays below */
#define REQUEST_LINE   256 /* what follows it, and all bodies, may hold secrets and tells nothing */

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

static __always_inline int is_post(const __u8 *bytes)
{
    return bytes[0] == 'P' && bytes[1] == 'O' && bytes[2] == 'S' && bytes[3] == 'T';
}

static __always_inline int is_to_listener(const struct sending *sending)
{
    return sending->place != PLACE_UNNAMED && !sending->from_listener;
}

/*
 * From the first bytes: whether it is worth to copy more. Where they cannot be read it is, except of the many pairs
 * that no manager has to do with: then it turns out there that nothing can be read, and is counted.
 */
static __always_inline int may_count(struct bus_scratch *scratch, const struct sending *sending)
{
    __u8 first[FIXED_HEADER] __attribute__((aligned(8))) = {};
    struct bus_header header;

    if (scratch->pieces[0].length < sizeof(first) ||
        bpf_probe_read_user(first, sizeof(first), (void *)scratch->pieces[0].base))
        return sending->place != PLACE_UNNAMED;
    if (sending->place == PLACE_ENGINE)
        return is_post(first);
    if (!is_message(first))
        return is_to_listener(sending) && sending->sent > AUTHENTICATION;
    read_header(first, &header);
    return header.type != BUS_SIGNAL || body_offset(&header) + header.body < sending->sent;
}

static __always_inline void look_through(struct bus_scratch *scratch, const struct sending *sending)
{
    struct bus_findings *send = &scratch->send;

    send->from = (__u64)sending->from;
    send->to = (__u64)sending->to;
    send->from_socket = sending->from->sk_socket->file->f_inode->i_ino;
    send->to_socket = sending->to->sk_socket->file->f_inode->i_ino;
    send->place = sending->place;
    send->from_listener = sending->from_listener;
    send->sent = sending->sent;
    send->next = send->wanted = send->unseen = send->noted_count = 0;
    send->unknown.serial = 0;
    if (sending->place == PLACE_ENGINE) {
        send->wanted = is_post(scratch->bytes);
        return;
    }
    if (!is_message(scratch->bytes)) {
        if (!is_to_listener(sending) || sending->sent <= AUTHENTICATION)
            return;
        find_begin();
    }
    look_at_messages(scratch);
}

/* Which connection it was sent on, and by which end. */
static __always_inline void name_ends(struct culprit_bus_bytes *record, const struct sending *sending, __u64 socket,
                                      __u64 peer_socket)
{
    if (sending->from_listener)
        record->header.flags |= CULPRIT_BUS_FROM_LISTENER;
    record->socket = socket;
    record->peer_socket = peer_socket;
    name_peer(sending->from, &record->peer_pid, &record->peer_start_ns);
    if (sending->place == PLACE_UNNAMED)
        record->address[0] = 0;
}

/* By whom and when: of the current process, now. Whether that is one that the collector can name. */
static __always_inline int name_sender(struct bus_scratch *scratch, const struct sending *sending, __u32 kept)
{
    struct culprit_bus_bytes *record = &scratch->fixed;

    fill_header_current(&record->header, CULPRIT_BUS_BYTES, (sizeof(*record) + kept + 7) & ~7u);
    record->sent = sending->sent;
    record->kept = kept;
    record->reserved = 0;
    return record->header.pid != 0;
}

static __always_inline void send_record(struct bus_scratch *scratch, int wakes)
{
    __u32 size = scratch->fixed.header.size & (CULPRIT_BUS_MAX * 2 - 1);

    if (bpf_ringbuf_output(&decisive, scratch, size, wakes ? BPF_RB_FORCE_WAKEUP : wake_flag(&decisive, size)) &&
        (!flood_has_room() || bpf_ringbuf_output(&flood, scratch, size, BPF_RB_FORCE_WAKEUP)))
        count_loss(CULPRIT_PROGRAM_MANAGER_CALL);
}

/* What is sent back over the same connection. */
static __always_inline struct sending opposite(const struct sending *sending)
{
    struct sending back = *sending;

    back.from = sending->to;
    back.to = sending->from;
    back.from_listener = is_to_listener(sending);
    return back;
}

/* Sends the answers that came before their calls were noted: what is in the scratch has to be done with. */
static __always_inline void send_early_answers(struct bus_scratch *scratch, const struct sending *sending)
{
    struct sending back = opposite(sending);
    __u32 i;

    if (!scratch->send.noted_count)
        return;
    order_stores(scratch);
#pragma clang loop unroll(disable)
    for (i = 0; i < MESSAGES_MAX; i++) {
        struct open_call call = {.end = scratch->send.from};
        struct early_answer *answer;

        if (i >= scratch->send.noted_count)
            break;
        call.serial = scratch->send.noted[i];
        answer = bpf_map_lookup_elem(&early_answers, &call);
        if (!answer)
            continue;
        bpf_probe_read_kernel(scratch, sizeof(*answer), answer);
        /* Of this and of whoever keeps it at this moment, one takes it out. */
        if (bpf_map_delete_elem(&early_answers, &call))
            continue;
        if (scratch->fixed.peer_socket != scratch->send.from_socket)
            continue; /* of a former connection */
        if (bpf_ktime_get_boot_ns() > scratch->fixed.header.time_ns + EARLY_NS)
            continue;
        settle(&call, &scratch->send.from_socket);
        name_ends(&scratch->fixed, &back, scratch->fixed.socket, scratch->fixed.peer_socket);
        send_record(scratch, 0);
    }
}

/* An answer whose call is not known (yet). */
static __always_inline void keep_answer(struct bus_scratch *scratch, const struct sending *sending, __u32 kept)
{
    struct open_call call = scratch->send.unknown;

    if (!name_sender(scratch, sending, kept < ANSWER_BYTES ? kept : ANSWER_BYTES))
        return;
    scratch->fixed.socket = scratch->send.from_socket;
    scratch->fixed.peer_socket = scratch->send.to_socket;
    if (bpf_map_update_elem(&early_answers, &call, scratch, BPF_ANY)) {
        count_loss(CULPRIT_PROGRAM_MANAGER_CALL);
        return;
    }
    order_stores(scratch);
    if (!settle(&call, &scratch->send.to_socket) || bpf_map_delete_elem(&early_answers, &call))
        return;
    name_ends(&scratch->fixed, sending, scratch->send.from_socket, scratch->send.to_socket);
    send_record(scratch, 0);
}

/* What of a send's first bytes has to be recorded, counted or kept. */
static __always_inline void take(struct bus_scratch *scratch, const struct sending *sending, __u32 kept)
{
    look_through(scratch, sending);
    if (!(scratch->send.wanted || scratch->send.unseen || scratch->send.unknown.serial) || is_nested(sending))
        return;
    if (scratch->send.unseen && sending->place != PLACE_UNNAMED)
        count_loss(CULPRIT_PROGRAM_MANAGER_CALL_UNREAD);
    if (!scratch->send.wanted) {
        if (scratch->send.unknown.serial)
            keep_answer(scratch, sending, kept);
    } else if (name_sender(scratch, sending, kept)) {
        name_ends(&scratch->fixed, sending, scratch->send.from_socket, scratch->send.to_socket);
        send_record(scratch, scratch->bytes[1] == BUS_CALL || scratch->send.noted_count);
        send_early_answers(scratch, sending);
    }
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
        if (sending.place != PLACE_UNNAMED && (count || sending.place != PLACE_ENGINE) && !is_nested(&sending))
            count_loss(CULPRIT_PROGRAM_MANAGER_CALL_UNREAD);
        return 0;
    }
    take(scratch, &sending, kept);
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

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which answers belong to calls that were recorded. Both are looked at where their send ends, and a sender may be taken
 * off its processor right before: then the answer's end comes first, and the answer has to wait for its call.
 */
#ifndef CULPRIT_BUS_ANSWERS_BPF_H
#define CULPRIT_BUS_ANSWERS_BPF_H

#include "bus_header.bpf.h"

#define BUS_END      ~0u
#define ANSWER_BYTES 256 /* an error's name lies in its header; of a reply that names no job nothing else is kept */
#define JOB_BYTES    32  /* of a body, by which it is known to name one */

/*
 * What waits at that end for its answer. The inode says whose end it is: an address is soon another's, and a socket
 * that is closed, maybe before the end of the answer's send, has no inode any more.
 */
struct waiting {
    __u64 socket;
    __s32 count; /* a bus daemon passes the serials of all its clients on over its one connection to a manager */
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct open_call);
    __type(value, struct waiting);
} open_calls SEC(".maps");

/* How much later than its answer a call may be noted; later, the answer is to a call that had the serial before. */
#define EARLY_NS 2000000000ULL

/* The front of a scratch. */
struct early_answer {
    struct culprit_bus_bytes fixed;
    __u8 bytes[ANSWER_BYTES];
};

/* Answers to no call that is known, most of them to calls that only read. The oldest go. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, struct open_call);
    __type(value, struct early_answer);
} early_answers SEC(".maps");

/*
 * What was stored before is seen by whoever reads after: a call is noted, then its answer looked for; an answer is
 * kept, then its call looked for. So at least one of the two finds the other.
 */
static __always_inline void order_stores(struct bus_scratch *scratch)
{
    __u64 before = __sync_fetch_and_add(&scratch->send.fence, 1);

    barrier_var(before);
}

/* A recorded call, whose answer counts. Without a place for it that answer may be lost. */
static __always_inline void note_call(struct bus_scratch *scratch, __u32 serial)
{
    struct open_call call = {.end = scratch->send.from, .serial = serial};
    struct waiting first = {.socket = scratch->send.from_socket, .count = 1};
    struct waiting *waiting = bpf_map_lookup_elem(&open_calls, &call);

    if (waiting && waiting->socket == first.socket)
        __sync_fetch_and_add(&waiting->count, 1);
    else if (bpf_map_update_elem(&open_calls, &call, &first, BPF_ANY))
        count_loss(CULPRIT_PROGRAM_MANAGER_CALL);
    scratch->send.noted[scratch->send.noted_count++ & (MESSAGES_MAX - 1)] = serial;
}

/* Whether such a call was open at the end with that inode, which is filled in where it is closed. It is open no longer.
 */
static __always_inline int settle(const struct open_call *call, __u64 *socket)
{
    struct waiting *waiting = bpf_map_lookup_elem(&open_calls, call);
    __s32 before;

    if (!waiting || (*socket && waiting->socket != *socket))
        return 0;
    *socket = waiting->socket;
    before = __sync_fetch_and_add(&waiting->count, -1);
    if (before == 1)
        bpf_map_delete_elem(&open_calls, call);
    return before > 0;
}

static __always_inline void look_at_call(struct bus_scratch *scratch, const __u8 *bytes,
                                         const struct bus_header *header)
{
    const struct bus_fields *found = &scratch->found;

    if (!found->changes || !(found->named || (found->addressed && found->interfaces != 1)))
        return;
    scratch->send.wanted = 1;
    if (!(bytes[2] & NO_REPLY))
        note_call(scratch, header->serial);
}

/* What is certain to answer a call that changes something. Anybody's errors come over a bus. */
static __always_inline int tells_by_itself(const struct bus_findings *send, const __u8 *bytes,
                                           const struct bus_header *header, int has_job)
{
    if (header->type == BUS_REPLY)
        return has_job && names_job(bytes, header);
    return send->place == PLACE_PRIVATE && send->from_listener;
}

static __always_inline void look_at_answer(struct bus_scratch *scratch, const __u8 *bytes,
                                           const struct bus_header *header, int has_job, int is_alone)
{
    struct bus_findings *send = &scratch->send;
    struct open_call call = {.end = send->to, .serial = scratch->found.reply_serial};

    if (bytes[0] != 'l')
        call.serial = bpf_ntohl(call.serial);
    if (!call.serial)
        return;
    /* One of several messages cannot be kept for later: it may belong to a call, and is sent with them. */
    if (settle(&call, &send->to_socket) || tells_by_itself(send, bytes, header, has_job) || !is_alone)
        send->wanted = 1;
    else if (send->to_socket) /* or else its caller is in no send any more */
        send->unknown = call;
}

/* The message that begins there: what it is, and where the next one would begin. Verified once, by itself. */
__noinline int look_at_message(__u32 at)
{
    struct bus_scratch *scratch;
    struct bus_header header;
    __u32 zero = 0, end, before;
    const __u8 *bytes;
    int is_whole;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
    scratch->send.next = BUS_END;
    at &= CULPRIT_BUS_MAX - 1;
    bytes = scratch->bytes + at;
    if (!is_message(bytes))
        return 0;
    read_header(bytes, &header);
    if (header.fields > LARGEST || header.body > LARGEST)
        return 0;
    end = at + body_offset(&header);
    scratch->send.next = end + header.body;
    if (header.type == BUS_SIGNAL)
        return 0;
    is_whole = end <= scratch->kept;
    before = scratch->send.wanted;
    scratch->send.wanted = 0;
    read_fields(at, (is_whole ? end : scratch->kept) - at);
    if (header.type == BUS_CALL)
        look_at_call(scratch, bytes, &header);
    else
        look_at_answer(scratch, bytes, &header, end + JOB_BYTES <= scratch->kept,
                       !at && scratch->send.next >= scratch->send.sent);
    if (!is_whole && !scratch->send.wanted)
        scratch->send.unseen = 1;
    scratch->send.wanted |= before;
    return 0;
}

/* Sets where the first message begins, behind the line with which the text of a client's authentication ends. */
__noinline int find_begin(void)
{
    struct bus_scratch *scratch;
    __u32 zero = 0, i;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
    scratch->send.next = BUS_END;
#pragma clang loop unroll(disable)
    for (i = 0; i < CULPRIT_BUS_MAX; i++) {
        if (i + 7 > scratch->kept)
            break;
        if ((word_at(scratch, i) & BYTES(7)) == WORD('B', 'E', 'G', 'I', 'N', '\r', '\n', 0)) {
            scratch->send.next = i + 7;
            break;
        }
    }
    return 0;
}

/* Looks at each message of a send. What lies beyond the bytes that are here, or beyond the last that is looked for, is
 * unseen. */
static __always_inline void look_at_messages(struct bus_scratch *scratch)
{
    struct bus_findings *send = &scratch->send;
    __u32 i;

#pragma clang loop unroll(disable)
    for (i = 0; i < MESSAGES_MAX; i++) {
        if (send->next >= scratch->kept || send->next + FIXED_HEADER > scratch->kept)
            break;
        look_at_message(send->next);
    }
    if (send->next < send->sent)
        send->unseen = 1;
}

#endif

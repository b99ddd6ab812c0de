/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first bytes of what the current system call sends, read from where the sender has them: the registers that the
 * kernel saved at its entry name the buffers. No syscall tracepoint is needed for it.
 */
#ifndef CULPRIT_SENT_BYTES_BPF_H
#define CULPRIT_SENT_BYTES_BPF_H

#include "shared.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define CALL_NUMBER(registers) (registers)->orig_ax
#define CALL_SECOND(registers) (registers)->si
#define CALL_THIRD(registers)  (registers)->dx
#define CALL_WRITE             1
#define CALL_WRITEV            20
#define CALL_SENDTO            44
#define CALL_SENDMSG           46
#define CALL_SENDMMSG          307
#elif defined(__TARGET_ARCH_arm64)
#define CALL_NUMBER(registers) (registers)->syscallno
#define CALL_SECOND(registers) (registers)->regs[1]
#define CALL_THIRD(registers)  (registers)->regs[2]
#define CALL_WRITE             64
#define CALL_WRITEV            66
#define CALL_SENDTO            206
#define CALL_SENDMSG           211
#define CALL_SENDMMSG          269
#endif

#define PIECES_MAX   8
#define MESSAGES_MAX 8 /* that are looked for in one send */
#define BUFFER_MASK  (CULPRIT_BUS_MAX * 2 - 1)

/* As user space lays them out; 64 bits only. */
struct user_piece {
    __u64 base, length;
};

struct user_message {
    __u64 name, name_length, pieces, piece_count, control, control_length, flags;
};

/* What the header of a message holds. */
struct bus_fields {
    __u32 interfaces;   /* how many there are: a caller may leave it out */
    __u32 named;        /* an interface of systemd's or logind's */
    __u32 addressed;    /* a destination or an object of theirs */
    __u32 changes;      /* a member that does not begin like one that only reads */
    __u32 reply_serial; /* in the order of the message */
};

/* A call that was recorded and not answered yet, by the address of the caller's end of the connection. */
struct open_call {
    __u64 end;
    __u32 serial;
    __u32 reserved;
};

/* Which send is looked at, and what its messages turn out to be. */
struct bus_findings {
    __u64 from, to;               /* the two ends, by their addresses in the kernel: keys alone */
    __u64 from_socket, to_socket; /* their inodes; 0 of one that is closed, or that nobody has accepted */
    __u32 place, from_listener, sent;
    __u32 next;                /* where among the bytes the next message begins; BUS_END where that cannot be told */
    __u32 wanted;              /* a call that changes something, or an answer to one */
    __u32 unseen;              /* a message whose header is not all here */
    __u32 noted_count;         /* of the calls */
    __u32 noted[MESSAGES_MAX]; /* their serials */
    struct open_call unknown;  /* what a single answer is for, where no such call is known; else without serial */
    __u64 fence;
};

/* Where a record is put together; too large for the stack, one a CPU. */
struct bus_scratch {
    struct culprit_bus_bytes fixed;
    __u8 bytes[CULPRIT_BUS_MAX * 4];
    struct user_piece pieces[PIECES_MAX];
    struct bus_fields found;
    struct bus_findings send;
    __u32 kept; /* of the bytes */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct bus_scratch);
} bus_scratch SEC(".maps");

static __always_inline int take_pieces(struct bus_scratch *scratch, __u64 from, __u64 count)
{
    if (count > PIECES_MAX)
        count = PIECES_MAX;
    if (bpf_probe_read_user(scratch->pieces, (count * sizeof(struct user_piece)) & 0xff, (void *)from))
        return 0;
    return count;
}

static __always_inline int take_message(struct bus_scratch *scratch, __u64 from)
{
    struct user_message message;

    if (bpf_probe_read_user(&message, sizeof(message), (void *)from))
        return 0;
    return take_pieces(scratch, message.pieces, message.piece_count);
}

/*
 * Puts the sender's buffers into scratch->pieces and says how many they are: 0 where they cannot be told (io_uring, a
 * 32-bit sender, several messages in one sendmmsg).
 */
static __always_inline int find_pieces(struct bus_scratch *scratch)
{
    struct pt_regs *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    __u64 second = CALL_SECOND(registers), third = CALL_THIRD(registers);

    switch ((__u32)CALL_NUMBER(registers)) {
    case CALL_WRITE:
    case CALL_SENDTO:
        scratch->pieces[0].base = second;
        scratch->pieces[0].length = third;
        return 1;
    case CALL_WRITEV:
        return take_pieces(scratch, second, third);
    case CALL_SENDMSG:
        return take_message(scratch, second);
    case CALL_SENDMMSG:
        return third == 1 ? take_message(scratch, second) : 0;
    default:
        return 0;
    }
}

/*
 * Copies at most `wanted` first bytes of `count` pieces into scratch->bytes and leaves their number in scratch->kept, 0
 * where none could be read. A global function: verified once, by itself.
 */
__noinline int gather(__u32 count, __u32 wanted)
{
    struct bus_scratch *scratch;
    __u32 zero = 0, used = 0, i;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
#pragma clang loop unroll(disable)
    for (i = 0; i < PIECES_MAX; i++) {
        __u64 length = scratch->pieces[i].length;

        if (i >= count || used >= wanted)
            break;
        if (length > wanted - used)
            length = wanted - used;
        barrier_var(length);
        length &= BUFFER_MASK;
        used &= BUFFER_MASK;
        if (bpf_probe_read_user(scratch->bytes + used, length, (void *)scratch->pieces[i].base))
            break;
        used += length;
    }
    scratch->kept = used & BUFFER_MASK;
    return 0;
}

#endif

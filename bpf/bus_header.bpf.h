/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Enough of a D-Bus header to tell a call to systemd or logind from all the rest of a bus. Fields lie at multiples of
 * eight bytes: a word that says which field and of what type, then the text, which so begins a word as well.
 */
#ifndef CULPRIT_BUS_HEADER_BPF_H
#define CULPRIT_BUS_HEADER_BPF_H

#include "bus_address.bpf.h"
#include "sent_bytes.bpf.h"

#include <bpf/bpf_endian.h>

#define FIXED_HEADER 16
#define HEADER_WORDS (CULPRIT_BUS_MAX / 8)
#define LARGEST      (1u << 27) /* the protocol's limit for a message */
#define NO_REPLY     1          /* flag of a call */

enum bus_type { BUS_CALL = 1, BUS_REPLY = 2, BUS_ERROR = 3, BUS_SIGNAL = 4 };

/* Low half of the word before a field's value: code, one type, its letter, NUL. */
#define FIELD(code, letter) ((__u32)(code) | 1u << 8 | (__u32)(letter) << 16)
#define FIELD_PATH          FIELD(1, 'o')
#define FIELD_INTERFACE     FIELD(2, 's')
#define FIELD_MEMBER        FIELD(3, 's')
#define FIELD_REPLY_SERIAL  FIELD(5, 'u')
#define FIELD_DESTINATION   FIELD(6, 's')

/* The fixed part, in this machine's order. */
struct bus_header {
    __u8 type;
    __u32 serial, fields, body;
};

static __always_inline __u32 number_at(const __u8 *bytes, int is_little)
{
    __u32 number = *(const __u32 *)bytes;

    return is_little ? number : bpf_ntohl(number);
}

/* `l` or `B`, type, flags, version 1: whether these are the first bytes of a message. */
static __always_inline int is_message(const __u8 *bytes)
{
    return (bytes[0] == 'l' || bytes[0] == 'B') && bytes[1] >= BUS_CALL && bytes[1] <= BUS_SIGNAL && bytes[2] <= 7 &&
           bytes[3] == 1;
}

static __always_inline void read_header(const __u8 *bytes, struct bus_header *header)
{
    int is_little = bytes[0] == 'l';

    header->type = bytes[1];
    header->body = number_at(bytes + 4, is_little);
    header->serial = number_at(bytes + 8, is_little);
    header->fields = number_at(bytes + 12, is_little);
}

static __always_inline __u32 body_offset(const struct bus_header *header)
{
    return FIXED_HEADER + ((header->fields + 7) & ~7u);
}

/* `org.freedesktop.systemd1...`, `org.freedesktop.login1...` */
static __always_inline int is_managers_name(const __u64 *words)
{
    return words[0] == WORD('o', 'r', 'g', '.', 'f', 'r', 'e', 'e') &&
           words[1] == WORD('d', 'e', 's', 'k', 't', 'o', 'p', '.') &&
           (words[2] == WORD('s', 'y', 's', 't', 'e', 'm', 'd', '1') ||
            (words[2] & 0xffffffffffff) == WORD('l', 'o', 'g', 'i', 'n', '1', 0, 0));
}

/* `/org/freedesktop/systemd1...`, `/org/freedesktop/login1...` */
static __always_inline int is_managers_path(const __u64 *words)
{
    return words[0] == WORD('/', 'o', 'r', 'g', '/', 'f', 'r', 'e') &&
           words[1] == WORD('e', 'd', 'e', 's', 'k', 't', 'o', 'p') &&
           (words[2] == WORD('/', 's', 'y', 's', 't', 'e', 'm', 'd') ||
            (words[2] & 0xffffffffffffff) == WORD('/', 'l', 'o', 'g', 'i', 'n', '1', 0));
}

/* Get..., List..., and what a client does for its own sake. */
static __always_inline int only_reads(__u64 member)
{
    return (member & 0xffffff) == WORD('G', 'e', 't', 0, 0, 0, 0, 0) ||
           (member & 0xffffffff) == WORD('L', 'i', 's', 't', 0, 0, 0, 0) ||
           member == WORD('L', 'o', 'a', 'd', 'U', 'n', 'i', 't') ||
           member == WORD('S', 'u', 'b', 's', 'c', 'r', 'i', 'b') ||
           member == WORD('U', 'n', 's', 'u', 'b', 's', 'c', 'r') ||
           (member & 0xffffff) == WORD('C', 'a', 'n', 0, 0, 0, 0, 0);
}

/* A word from anywhere among the bytes: a message may begin anywhere, and both architectures load it in one. */
static __always_inline __u64 word_at(const struct bus_scratch *scratch, __u32 at)
{
    return *(const __u64 *)(scratch->bytes + (at & BUFFER_MASK));
}

/*
 * Takes note of the field whose word lies there. A global function: verified once, by itself; its findings lie in the
 * scratch, where the verifier does not try to follow them.
 */
__noinline int note_field(__u32 at)
{
    struct bus_scratch *scratch;
    const __u64 *value;
    __u32 zero = 0;
    __u64 word;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
    value = (const __u64 *)(scratch->bytes + (at & BUFFER_MASK));
    word = *value++;
    if ((__u32)word == FIELD_PATH) {
        scratch->found.addressed |= is_managers_path(value);
    } else if ((__u32)word == FIELD_DESTINATION) {
        scratch->found.addressed |= is_managers_name(value);
    } else if ((__u32)word == FIELD_INTERFACE) {
        scratch->found.interfaces++;
        scratch->found.named |= is_managers_name(value);
    } else if ((__u32)word == FIELD_MEMBER) {
        scratch->found.changes |= !only_reads(*value);
    } else if ((__u32)word == FIELD_REPLY_SERIAL) {
        scratch->found.reply_serial = word >> 32;
    }
    return 0;
}

/*
 * Looks at the words of the header that begins at `at`, `length` bytes of it. No text can hold a field's word, since it
 * holds a NUL; the bytes of an unknown field may, and make at most a record too many.
 */
__noinline int read_fields(__u32 at, __u32 length)
{
    struct bus_scratch *scratch;
    __u32 zero = 0, i;

    scratch = bpf_map_lookup_elem(&bus_scratch, &zero);
    if (!scratch)
        return 0;
    __builtin_memset(&scratch->found, 0, sizeof(scratch->found));
#pragma clang loop unroll(disable)
    for (i = FIXED_HEADER / 8; i < HEADER_WORDS; i++) {
        if (i * 8 >= length)
            break;
        if ((word_at(scratch, at + i * 8) & 0xff00fff0) == 0x100)
            note_field(at + i * 8);
    }
    return 0;
}

/* A body that begins with the path of a job, or with a number (of a job, of bytes) and then that path. */
static __always_inline int names_job(const __u8 *bytes, const struct bus_header *header)
{
    const __u64 *words = (const __u64 *)(bytes + (body_offset(header) & (CULPRIT_BUS_MAX - 8)));

    return (words[1] == WORD('/', 'f', 'r', 'e', 'e', 'd', 'e', 's') &&
            words[3] == WORD('t', 'e', 'm', 'd', '1', '/', 'j', 'o')) ||
           (is_managers_path(words + 1) && (words[4] & 0xffffffffffff) == WORD('1', '/', 'j', 'o', 'b', '/', 0, 0));
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent markers of an environment, and nothing else of it. The block is copied once and searched eight bytes at a
 * time for the ends of its variables; a variable whose first three bytes no marker has costs one look at a bit set.
 */
#ifndef CULPRIT_ENVIRONMENT_BPF_H
#define CULPRIT_ENVIRONMENT_BPF_H

#include "exec_scratch.bpf.h"

struct marker_name {
    char text[CULPRIT_MARKER_NAME_MAX];
};

/* Names of the variables that may be recorded; filled by the loader. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, CULPRIT_MARKERS_MAX);
    __type(key, struct marker_name);
    __type(value, __u8);
} marker_names SEC(".maps");

const volatile struct culprit_prefixes marker_prefixes = {};

/* Variables of one window that begin like a marker; a power of two, as the verifier wants a mask. */
#define CANDIDATES_MAX 64

struct environment_scratch {
    __u64 words[CULPRIT_ENV_SCAN / 8];
    __u64 beyond[CULPRIT_ENV_VALUE_MAX / 8]; /* a variable at the end is read past it */
    struct marker_name name;
    __u32 candidates[CANDIDATES_MAX];
    __u32 found; /* may be more than are listed */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct environment_scratch);
} environment_scratch SEC(".maps");

static __always_inline __u32 may_be_marker(struct environment_scratch *environment, __u32 at)
{
    __u32 bit = culprit_prefix_bit(*(__u32 *)((char *)environment->words + (at & (CULPRIT_ENV_SCAN - 1))));

    return marker_prefixes.bits[(bit >> 6) & (CULPRIT_PREFIX_WORDS - 1)] >> (bit & 63) & 1;
}

/*
 * The functions below are global, not inlined: the verifier checks each of them once, by itself, instead of once for
 * every path that leads to it.
 */

/* Appends the variable at `at` of the window to the tail if it is a marker. */
__noinline int take_marker(__u32 at)
{
    struct environment_scratch *environment;
    struct exec_scratch *scratch;
    __u32 zero = 0, i;
    int ended = 0;
    char *entry;
    long length;

    environment = bpf_map_lookup_elem(&environment_scratch, &zero);
    scratch = bpf_map_lookup_elem(&exec_scratch, &zero);
    if (!environment || !scratch)
        return 0;
    entry = (char *)environment->words + (at & (CULPRIT_ENV_SCAN - 1));
    __builtin_memset(&environment->name, 0, sizeof(environment->name));
#pragma clang loop unroll(disable)
    for (i = 0; i < CULPRIT_MARKER_NAME_MAX - 1; i++) {
        char letter = entry[i];

        ended = letter == '=';
        if (ended || !letter)
            break;
        environment->name.text[i] = letter;
    }
    if (!ended || !bpf_map_lookup_elem(&marker_names, &environment->name))
        return 0;
    if (scratch->fixed.env_len > CULPRIT_ENV_MAX - CULPRIT_ENV_VALUE_MAX) {
        scratch->fixed.header.flags |= CULPRIT_EXEC_ENV_CUT;
        return 0;
    }
    length = bpf_probe_read_kernel_str(scratch->tail + (scratch->used & (TAIL_MAX - 1)), CULPRIT_ENV_VALUE_MAX, entry);
    if (length > 0) {
        scratch->used += length;
        scratch->fixed.env_len += length;
    }
    if (length == CULPRIT_ENV_VALUE_MAX)
        scratch->fixed.header.flags |= CULPRIT_EXEC_ENV_CUT;
    return 0;
}

/* Whether a byte of the word is zero; exact, where the shorter formula errs above the first one. */
static __always_inline __u64 zero_bytes(__u64 word)
{
    const __u64 low = 0x7f7f7f7f7f7f7f7full;

    return ~(((word & low) + low) | word | low);
}

/* Lists the variables that begin after an end in this word of the window, if they may be markers. */
__noinline int note_candidates(__u32 word)
{
    struct environment_scratch *environment;
    __u32 zero = 0, k;
    __u64 zeros;

    environment = bpf_map_lookup_elem(&environment_scratch, &zero);
    if (!environment)
        return 0;
    word &= CULPRIT_ENV_SCAN / 8 - 1;
    zeros = zero_bytes(environment->words[word]);
#pragma clang loop unroll(full)
    for (k = 0; k < 8; k++) {
        __u32 next = word * 8 + k + 1;

        if (!(zeros >> (k * 8 + 7) & 1) || !may_be_marker(environment, next))
            continue;
        environment->candidates[environment->found & (CANDIDATES_MAX - 1)] = next;
        environment->found++;
    }
    return 0;
}

/* Looks for the ends of variables in the window, and what begins behind them. */
__noinline int find_candidates(__u32 length)
{
    struct environment_scratch *environment;
    __u32 zero = 0, i;

    environment = bpf_map_lookup_elem(&environment_scratch, &zero);
    if (!environment)
        return 0;
    environment->found = 0;
#pragma clang loop unroll(disable)
    for (i = 0; i < CULPRIT_ENV_SCAN / 8; i++) {
        if (i * 8 >= length)
            break;
        if (zero_bytes(environment->words[i]))
            note_candidates(i);
    }
    return 0;
}

/* Takes the markers that start in the window, from `first` on. */
static __always_inline void scan_window(struct exec_scratch *scratch, struct environment_scratch *environment,
                                        __u32 first, __u32 length)
{
    __u32 i, found;

    find_candidates(length);
    found = environment->found;
    if (found > CANDIDATES_MAX)
        scratch->fixed.header.flags |= CULPRIT_EXEC_ENV_CUT;
#pragma clang loop unroll(disable)
    for (i = 0; i < CANDIDATES_MAX; i++) {
        if (i >= found)
            break;
        if (environment->candidates[i] >= first && environment->candidates[i] < length)
            take_marker(environment->candidates[i]);
    }
}

static __always_inline void append_markers(struct exec_scratch *scratch, struct mm_struct *mm)
{
    unsigned long start = mm->env_start, end = mm->env_end;
    __u64 total = end > start ? end - start : 0;
    struct environment_scratch *environment;
    __u32 zero = 0, length, first;

    environment = bpf_map_lookup_elem(&environment_scratch, &zero);
    if (!environment || !total)
        return;
    length = total < CULPRIT_ENV_SCAN ? total : CULPRIT_ENV_SCAN - 1;
    length &= CULPRIT_ENV_SCAN - 1;
    if (bpf_probe_read_user(environment->words, length, (void *)start)) {
        scratch->fixed.header.flags |= CULPRIT_EXEC_ENV_UNREADABLE;
        return;
    }
    /* What stands behind the last variable is an earlier process's. */
    *((__u8 *)environment->words + length) = 0;
    if (may_be_marker(environment, 0))
        take_marker(0);
    scan_window(scratch, environment, 0, length);
    if (total < CULPRIT_ENV_SCAN)
        return;
    /* In an environment of less than two windows these overlap: what starts in the first has been taken. */
    first = total < CULPRIT_ENV_SCAN + length ? CULPRIT_ENV_SCAN + length - total : 0;
    if (total >= 2 * CULPRIT_ENV_SCAN)
        scratch->fixed.header.flags |= CULPRIT_EXEC_ENV_CUT;
    if (!bpf_probe_read_user(environment->words, CULPRIT_ENV_SCAN, (void *)(end - CULPRIT_ENV_SCAN)))
        scan_window(scratch, environment, first, CULPRIT_ENV_SCAN);
}

#endif

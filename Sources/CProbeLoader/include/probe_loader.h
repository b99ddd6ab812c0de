/*
 * The kernel border: opens, loads, attaches, drains and closes the programs of bpf/.
 *
 * C, because libbpf's callbacks, option structures and variadic logger do not pass through Swift's importer. Everything
 * that decides anything lives on the other side. One thread at a time may use a handle; the handle owns all
 * descriptors and memory it hands out, until culprit_probes_close().
 */
#ifndef CULPRIT_PROBE_LOADER_H
#define CULPRIT_PROBE_LOADER_H

#include "programs.h"

#include <stddef.h>
#include <stdint.h>

struct culprit_probes;

enum culprit_probe_limit { CULPRIT_PROBES_MAX = 24, CULPRIT_WHY_MAX = 256 };

/* One program: which hook it is for, and whether it runs. `why` is empty where it does. */
struct culprit_probe {
    const char *name; /* "handle_exec" */
    const char *hook; /* "tp_btf/sched_process_exec" */
    int attached;
    uint64_t missed; /* times the kernel did not run it because it ran already; kept by culprit_probes_losses() */
    char why[CULPRIT_WHY_MAX];
};

/* A place for drained records. `used` never passes `capacity`. */
struct culprit_batch {
    uint8_t *bytes;
    size_t capacity;
    size_t used;
};

/* A program that is not to be loaded, and why; the list ends with a name that is NULL. */
struct culprit_omission {
    const char *name;
    const char *why;
};

/*
 * Loads what this kernel accepts and attaches it. `cgroup_root` is the mount point of the unified hierarchy, or NULL
 * where there is none; `omissions` may be NULL. Returns 0 and a handle, or a negative errno and the reason in `why`; a
 * program that alone is refused is no error but is listed by culprit_probes_list().
 */
int culprit_probes_open(const struct culprit_settings *settings, const char *const *markers, size_t marker_count,
                        const char *cgroup_root, const struct culprit_omission *omissions,
                        struct culprit_probes **probes, char why[CULPRIT_WHY_MAX]);

/* The programs, in a fixed order; the array lives as long as the handle. */
size_t culprit_probes_list(const struct culprit_probes *probes, const struct culprit_probe **list);

/* Becomes readable when much waits or something decisive happened. */
int culprit_probes_descriptor(const struct culprit_probes *probes);

/*
 * Copies waiting records behind what the batches already hold, until there is no room for another one of
 * CULPRIT_RECORD_MAX bytes. Each ring is taken from whether or not the other's batch is full. Returns 0 or a negative
 * errno.
 */
enum { CULPRIT_RECORD_MAX = 8192 };
int culprit_probes_drain(struct culprit_probes *probes, struct culprit_batch *flood, struct culprit_batch *decisive);

/* Records lost since the start, by program, because a ring was full; and `missed` of each probe. */
int culprit_probes_losses(struct culprit_probes *probes, uint64_t losses[CULPRIT_PROGRAMS]);

/* A descriptor that reads `struct culprit_task` records of what runs now; the caller closes it. Or a negative errno. */
int culprit_probes_open_tasks(const struct culprit_probes *probes);

/*
 * A descriptor that reads `struct culprit_process_usage`, one of each process that has memory, and of its threads.
 * `scope` is the id of a cgroup of the memory controller, or 0; entries say whether they are in it. The caller closes
 * it. Or a negative errno.
 */
int culprit_probes_open_usage(const struct culprit_probes *probes, uint64_t scope);

/* A descriptor that reads `struct culprit_unix_listener`; the caller closes it. Or a negative errno. */
int culprit_probes_open_unix_listeners(const struct culprit_probes *probes);

void culprit_probes_close(struct culprit_probes *probes);

#endif

/* What the files of the loader share, and nobody else sees. */
#ifndef CULPRIT_PROBES_H
#define CULPRIT_PROBES_H

#include "probe_loader.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/*
 * Of each program. Before 6.4 a log that is too short lacks its end, which says why; what is not written takes no
 * memory.
 */
enum { CULPRIT_LOG_BYTES = 4 * 1024 * 1024 };

struct culprit_probes {
    struct bpf_object *object;
    struct ring_buffer *flood_ring, *decisive_ring;
    int waiting; /* epoll: something was thought worth waking for */
    struct bpf_link *links[CULPRIT_PROBES_MAX];
    struct culprit_probe list[CULPRIT_PROBES_MAX];
    size_t count;
    struct culprit_batch *batch; /* where the callback puts records, during a drain */
    uint64_t *loss_values;       /* one a CPU */
    int cpus;
    char logs[CULPRIT_PROBES_MAX][CULPRIT_LOG_BYTES];
};

/* Leaves out what cannot fit this kernel before the kernel is asked: a missing hook, the wrong one of two variants. */
void culprit_choose_variants(struct bpf_object *object, const struct btf *kernel);

/* Read-only data, before the load. */
int culprit_fill_settings(struct bpf_object *object, const struct culprit_settings *settings,
                          const char *const *markers, size_t marker_count);

/* Map entries, after the load. */
int culprit_fill_marker_names(struct bpf_object *object, const char *const *markers, size_t marker_count);

int culprit_open_rings(struct culprit_probes *probes);

#endif

/* Taking records out: the two rings, the loss counters, and the list of what already runs. */
#include "probes.h"

#include "event.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static int take(struct culprit_batch *batch, const void *record, size_t size)
{
    const struct culprit_header *header = record;

    /* The ring rounds nothing up that the header does not say; what disagrees with its own size is not ours. */
    if (size < sizeof(*header) || header->size != size || batch->capacity - batch->used < size)
        return 0;
    memcpy(batch->bytes + batch->used, record, size);
    batch->used += size;
    return batch->capacity - batch->used < CULPRIT_RECORD_MAX ? -ENOSPC : 0;
}

static int take_into_batch(void *context, void *record, size_t size)
{
    return take(((struct culprit_probes *)context)->batch, record, size);
}

static int open_ring(struct culprit_probes *probes, const char *name, struct ring_buffer **ring)
{
    int map = bpf_object__find_map_fd_by_name(probes->object, name);
    struct epoll_event event = {.events = EPOLLIN};

    *ring = ring_buffer__new(map, take_into_batch, probes, NULL);
    if (!*ring || epoll_ctl(probes->waiting, EPOLL_CTL_ADD, map, &event))
        return -errno;
    return 0;
}

int culprit_open_rings(struct culprit_probes *probes)
{
    int error;

    probes->cpus = libbpf_num_possible_cpus();
    if (probes->cpus < 1)
        return -EINVAL;
    probes->loss_values = calloc(probes->cpus, sizeof(*probes->loss_values));
    if (!probes->loss_values)
        return -ENOMEM;
    probes->waiting = epoll_create1(EPOLL_CLOEXEC);
    if (probes->waiting < 0)
        return -errno;
    error = open_ring(probes, "flood", &probes->flood_ring);
    return error ? error : open_ring(probes, "decisive", &probes->decisive_ring);
}

int culprit_probes_descriptor(const struct culprit_probes *probes)
{
    return probes->waiting;
}

static int drain_ring(struct culprit_probes *probes, struct ring_buffer *ring, struct culprit_batch *batch)
{
    int taken;

    if (batch->capacity - batch->used < CULPRIT_RECORD_MAX)
        return 0;
    probes->batch = batch;
    taken = ring_buffer__consume(ring);
    return taken < 0 && taken != -ENOSPC ? taken : 0;
}

int culprit_probes_drain(struct culprit_probes *probes, struct culprit_batch *flood, struct culprit_batch *decisive)
{
    int error = drain_ring(probes, probes->flood_ring, flood);

    return error ? error : drain_ring(probes, probes->decisive_ring, decisive);
}

/* A program that is already running on this CPU is passed over, which the kernel counts (5.12 and later). */
static void count_missed(struct culprit_probes *probes)
{
    struct bpf_program *program;
    size_t i = 0;

    bpf_object__for_each_program(program, probes->object)
    {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof(info);

        if (probes->links[i] && !bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
            probes->list[i].missed = info.recursion_misses;
        i++;
    }
}

int culprit_probes_losses(struct culprit_probes *probes, uint64_t losses[CULPRIT_PROGRAMS])
{
    int map = bpf_object__find_map_fd_by_name(probes->object, "losses");

    for (__u32 program = 0; program < CULPRIT_PROGRAMS; program++) {
        losses[program] = 0;
        if (bpf_map_lookup_elem(map, &program, probes->loss_values))
            return -errno;
        for (int cpu = 0; cpu < probes->cpus; cpu++)
            losses[program] += probes->loss_values[cpu];
    }
    count_missed(probes);
    return 0;
}

static int open_iterator(const struct culprit_probes *probes, const char *name)
{
    for (size_t i = 0; i < probes->count; i++) {
        int descriptor;

        if (strcmp(probes->list[i].name, name) != 0 || !probes->links[i])
            continue;
        descriptor = bpf_iter_create(bpf_link__fd(probes->links[i]));
        return descriptor < 0 ? -errno : descriptor;
    }
    return -ENOENT;
}

int culprit_probes_open_tasks(const struct culprit_probes *probes)
{
    return open_iterator(probes, "handle_task");
}

int culprit_probes_open_usage(const struct culprit_probes *probes, uint64_t scope)
{
    int map = bpf_object__find_map_fd_by_name(probes->object, "usage_scope");
    const __u32 first = 0;

    if (map < 0)
        return -ENOENT;
    if (bpf_map_update_elem(map, &first, &scope, BPF_ANY))
        return -errno;
    return open_iterator(probes, "handle_usage");
}

int culprit_probes_open_unix_listeners(const struct culprit_probes *probes)
{
    return open_iterator(probes, "handle_unix_listener");
}

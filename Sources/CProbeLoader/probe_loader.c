#include "probes.h"

#include "embedded_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What libbpf has to say is in the return codes and the verifier's logs; its own text goes nowhere. */
static int stay_silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
    (void)level, (void)format, (void)arguments;
    return 0;
}

static void explain(char why[CULPRIT_WHY_MAX], const char *what, int error)
{
    snprintf(why, CULPRIT_WHY_MAX, "%s: %s", what, strerror(error < 0 ? -error : error));
}

static int open_object(struct culprit_probes *probes)
{
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "culprit");
    struct bpf_program *program;

    probes->object = bpf_object__open_mem(culprit_object, culprit_object_size, &options);
    if (!probes->object)
        return -errno;
    probes->count = 0;
    bpf_object__for_each_program(program, probes->object)
    {
        struct culprit_probe *probe = &probes->list[probes->count];

        if (probes->count == CULPRIT_PROBES_MAX)
            return -E2BIG;
        if (probe->why[0]) /* refused in an earlier round */
            bpf_program__set_autoload(program, false);
        probes->logs[probes->count][0] = 0;
        bpf_program__set_log_buf(program, probes->logs[probes->count], CULPRIT_LOG_BYTES);
        probes->count++;
    }
    return 0;
}

/* In the order of the object, which is that of the list. */
static void omit(struct culprit_probes *probes, const struct culprit_omission *omissions)
{
    for (; omissions && omissions->name; omissions++) {
        struct bpf_program *program;
        size_t i = 0;

        bpf_object__for_each_program(program, probes->object)
        {
            if (strcmp(bpf_program__name(program), omissions->name) == 0 && bpf_program__autoload(program)) {
                bpf_program__set_autoload(program, false);
                snprintf(probes->list[i].why, CULPRIT_WHY_MAX, "%s", omissions->why);
            }
            i++;
        }
    }
}

/* What the verifier says last, before it counts what it did. */
static void explain_refusal(char why[CULPRIT_WHY_MAX], const char *log)
{
    const char *end = log + strlen(log), *start, *count = log;

    while ((count = strstr(count, "\nprocessed ")))
        end = count++;
    while (end > log && end[-1] == '\n')
        end--;
    for (start = end; start > log && start[-1] != '\n'; start--)
        ;
    snprintf(why, CULPRIT_WHY_MAX, "refused by the kernel's verifier: %.*s", (int)(end - start), start);
}

/* After a failed load: marks the program that the verifier refused, so that the next round leaves it out. */
static int mark_refused(struct culprit_probes *probes)
{
    for (size_t i = 0; i < probes->count; i++) {
        if (!probes->logs[i][0] || probes->list[i].why[0])
            continue;
        explain_refusal(probes->list[i].why, probes->logs[i]);
        return 1;
    }
    return 0;
}

/* Loads all programs, or as many as this kernel takes: each round leaves out one more. */
static int load(struct culprit_probes *probes, const struct btf *kernel, const struct culprit_settings *settings,
                const char *const *markers, size_t marker_count, const struct culprit_omission *omissions)
{
    for (;;) {
        int error = open_object(probes);

        if (error)
            return error;
        culprit_choose_variants(probes->object, kernel);
        omit(probes, omissions);
        error = culprit_fill_settings(probes->object, settings, markers, marker_count);
        if (error)
            return error;
        error = bpf_object__load(probes->object);
        if (!error)
            return culprit_fill_marker_names(probes->object, markers, marker_count);
        if (!mark_refused(probes))
            return error;
        bpf_object__close(probes->object);
        probes->object = NULL;
    }
}

static struct bpf_link *attach_one(struct bpf_program *program, int cgroup)
{
    enum bpf_prog_type type = bpf_program__type(program);

    if (type != BPF_PROG_TYPE_CGROUP_SOCK && type != BPF_PROG_TYPE_CGROUP_SOCK_ADDR)
        return bpf_program__attach(program);
    if (cgroup < 0) {
        errno = ENOENT;
        return NULL;
    }
    return bpf_program__attach_cgroup(program, cgroup);
}

/* Reads an iterator to its end for what its program does on the way. */
static int run_iterator(const struct bpf_link *link)
{
    int descriptor = bpf_iter_create(bpf_link__fd(link));
    char nothing[64];

    if (descriptor < 0)
        return -errno;
    while (read(descriptor, nothing, sizeof(nothing)) > 0)
        ;
    close(descriptor);
    return 0;
}

/* Iterators do nothing until they are read; the one that finds the namespace must have run before anything records. */
static int find_namespace(struct culprit_probes *probes, const struct culprit_settings *settings)
{
    struct bpf_program *program = bpf_object__find_program_by_name(probes->object, "handle_namespace");
    struct bpf_link *link;
    int error;

    if (settings->in_initial_namespace)
        return 0;
    if (!program || bpf_program__fd(program) < 0)
        return -ENOTSUP;
    link = bpf_program__attach(program);
    if (!link)
        return -errno;
    error = run_iterator(link);
    bpf_link__destroy(link);
    return error;
}

static void attach(struct culprit_probes *probes, const char *cgroup_root)
{
    int cgroup = cgroup_root ? open(cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct bpf_program *program;
    size_t i = 0;

    bpf_object__for_each_program(program, probes->object)
    {
        struct culprit_probe *probe = &probes->list[i];

        probe->name = bpf_program__name(program);
        probe->hook = bpf_program__section_name(program);
        if (bpf_program__fd(program) >= 0) {
            probes->links[i] = attach_one(program, cgroup);
            probe->attached = probes->links[i] != NULL;
            if (!probe->attached)
                explain(probe->why, "attach", errno);
        } else if (!probe->why[0]) {
            snprintf(probe->why, sizeof(probe->why), "not for this kernel");
        }
        i++;
    }
    if (cgroup >= 0)
        close(cgroup);
}

int culprit_probes_open(const struct culprit_settings *settings, const char *const *markers, size_t marker_count,
                        const char *cgroup_root, const struct culprit_omission *omissions,
                        struct culprit_probes **result, char why[CULPRIT_WHY_MAX])
{
    struct culprit_probes *probes = calloc(1, sizeof(*probes));
    struct btf *kernel;
    int error;

    if (!probes)
        return -ENOMEM;
    probes->waiting = -1;
    libbpf_set_print(stay_silent);
    kernel = btf__load_vmlinux_btf();
    if (!kernel) {
        error = -errno;
        explain(why, "the kernel's type information (/sys/kernel/btf/vmlinux)", error);
        free(probes);
        return error;
    }
    error = load(probes, kernel, settings, markers, marker_count, omissions);
    btf__free(kernel);
    if (error) {
        explain(why, "loading the programs", error);
    } else if ((error = culprit_open_rings(probes))) {
        explain(why, "opening the rings", error);
    } else if ((error = find_namespace(probes, settings))) {
        explain(why, "finding the collector's pid namespace", error);
    } else {
        attach(probes, cgroup_root);
        *result = probes;
        return 0;
    }
    culprit_probes_close(probes);
    return error;
}

size_t culprit_probes_list(const struct culprit_probes *probes, const struct culprit_probe **list)
{
    *list = probes->list;
    return probes->count;
}

void culprit_probes_close(struct culprit_probes *probes)
{
    if (!probes)
        return;
    for (size_t i = 0; i < probes->count; i++)
        bpf_link__destroy(probes->links[i]);
    ring_buffer__free(probes->flood_ring);
    ring_buffer__free(probes->decisive_ring);
    if (probes->waiting >= 0)
        close(probes->waiting);
    bpf_object__close(probes->object);
    free(probes->loss_values);
    free(probes);
}

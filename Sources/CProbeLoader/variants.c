/* Which of the programs this kernel can have at all, by its own type information. */
#include "probes.h"

#include <stdio.h>
#include <string.h>

static const char *tracepoint_of(const struct bpf_program *program)
{
    const char *section = bpf_program__section_name(program);

    return strncmp(section, "tp_btf/", 7) == 0 ? section + 7 : NULL;
}

/* The prototype of a tracepoint: a typedef of a pointer to a function whose first parameter is the context. */
static const struct btf_type *tracepoint_prototype(const struct btf *kernel, const char *tracepoint)
{
    char name[128];
    const struct btf_type *type;
    int id;

    snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
    id = btf__find_by_name_kind(kernel, name, BTF_KIND_TYPEDEF);
    if (id < 0)
        return NULL;
    type = btf__type_by_id(kernel, id);
    type = type ? btf__type_by_id(kernel, type->type) : NULL;
    return type ? btf__type_by_id(kernel, type->type) : NULL;
}

static int passes_pointer(const struct btf *kernel, const struct btf_type *prototype)
{
    const struct btf_type *first;

    if (!btf_is_func_proto(prototype) || btf_vlen(prototype) < 2)
        return 0;
    first = btf__type_by_id(kernel, btf_params(prototype)[1].type);
    return first && btf_is_ptr(first);
}

/* The kernel declares a function for each kind of iterator. */
static int lacks_iterator(const struct btf *kernel, const struct bpf_program *program)
{
    const char *section = bpf_program__section_name(program);
    char name[128];

    if (strncmp(section, "iter/", 5) != 0)
        return 0;
    snprintf(name, sizeof(name), "bpf_iter_%s", section + 5);
    return btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) < 0;
}

void culprit_choose_variants(struct bpf_object *object, const struct btf *kernel)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, object)
    {
        const char *tracepoint = tracepoint_of(program);
        const struct btf_type *prototype;
        int wants_number;

        if (lacks_iterator(kernel, program))
            bpf_program__set_autoload(program, false);
        if (!tracepoint)
            continue;
        prototype = tracepoint_prototype(kernel, tracepoint);
        if (!prototype) {
            bpf_program__set_autoload(program, false);
            continue;
        }
        if (strcmp(tracepoint, "mark_victim") != 0)
            continue;
        wants_number = strstr(bpf_program__name(program), "_number") != NULL;
        if (passes_pointer(kernel, prototype) == wants_number)
            bpf_program__set_autoload(program, false);
    }
}

/* Which of the programs this kernel can have at all, by its own type information. */
#include "probes.h"

#include <stdio.h>
#include <string.h>

/* What comes behind `prefix` in the section's name; NULL where that begins otherwise. */
static const char *hook_after(const struct bpf_program *program, const char *prefix)
{
    const char *section = bpf_program__section_name(program);
    size_t length = strlen(prefix);

    return strncmp(section, prefix, length) == 0 ? section + length : NULL;
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

/* Whether the kernel has a helper of that name, by its own enumeration of them. */
static int has_helper(const struct btf *kernel, const char *name)
{
    int id = btf__find_by_name_kind(kernel, "bpf_func_id", BTF_KIND_ENUM);
    const struct btf_type *helpers = id < 0 ? NULL : btf__type_by_id(kernel, id);

    for (int i = 0; helpers && i < btf_vlen(helpers); i++)
        if (strcmp(btf__name_by_offset(kernel, btf_enum(helpers)[i].name_off), name) == 0)
            return 1;
    return 0;
}

/* Of two programs for one tracepoint, the one whose argument fits. */
static int fits_tracepoint(const struct bpf_program *program, const struct btf *kernel, const char *tracepoint)
{
    const struct btf_type *prototype = tracepoint_prototype(kernel, tracepoint);
    int wants_number = strstr(bpf_program__name(program), "_number") != NULL;

    if (!prototype)
        return 0;
    return strcmp(tracepoint, "mark_victim") != 0 || passes_pointer(kernel, prototype) != wants_number;
}

/* The end of a function stands in for a tracepoint, where there is none and the helpers of both are there (5.16). */
static int fits_function(const struct btf *kernel, const char *function)
{
    return !tracepoint_prototype(kernel, "sock_send_length") &&
           btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC) >= 0 &&
           has_helper(kernel, "BPF_FUNC_skc_to_unix_sock");
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
        const char *tracepoint = hook_after(program, "tp_btf/"), *function = hook_after(program, "fexit/");

        if (lacks_iterator(kernel, program) || (tracepoint && !fits_tracepoint(program, kernel, tracepoint)) ||
            (function && !fits_function(kernel, function)))
            bpf_program__set_autoload(program, false);
    }
}

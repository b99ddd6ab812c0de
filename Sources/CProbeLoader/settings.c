/* What the programs are told before they run: settings and the table of agent markers. */
#include "probes.h"

#include <errno.h>
#include <string.h>

/* Where a variable of the programs' read-only data lies, before they are loaded. */
static void *read_only_variable(struct bpf_object *object, const char *name)
{
    const struct btf *btf = bpf_object__btf(object);
    int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
    const struct btf_type *section = id < 0 ? NULL : btf__type_by_id(btf, id);
    const struct btf_var_secinfo *variables = section ? btf_var_secinfos(section) : NULL;
    struct bpf_map *map;
    char *values = NULL;
    size_t size = 0;

    bpf_object__for_each_map(map, object)
    {
        if (bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata"))
            values = (char *)bpf_map__initial_value(map, &size);
    }
    for (int i = 0; values && section && i < btf_vlen(section); i++) {
        const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

        if (strcmp(btf__name_by_offset(btf, variable->name_off), name) == 0 &&
            variables[i].offset + variables[i].size <= size)
            return values + variables[i].offset;
    }
    return NULL;
}

int culprit_fill_settings(struct bpf_object *object, const struct culprit_settings *settings,
                          const char *const *markers, size_t marker_count)
{
    struct culprit_settings *values = read_only_variable(object, "settings");
    struct culprit_prefixes *prefixes = read_only_variable(object, "marker_prefixes");

    if (!values || !prefixes)
        return -EINVAL;
    *values = *settings;
    for (size_t i = 0; i < marker_count; i++) {
        char start[4] = {0};
        __u32 bit, three;

        memcpy(start, markers[i], strnlen(markers[i], 3));
        memcpy(&three, start, sizeof(three));
        bit = culprit_prefix_bit(three);
        prefixes->bits[bit >> 6] |= 1ull << (bit & 63);
    }
    return 0;
}

int culprit_fill_marker_names(struct bpf_object *object, const char *const *markers, size_t marker_count)
{
    struct bpf_map *map = bpf_object__find_map_by_name(object, "marker_names");
    const __u8 present = 1;

    for (size_t i = 0; i < marker_count; i++) {
        char name[CULPRIT_MARKER_NAME_MAX] = {0};
        int error;

        if (strlen(markers[i]) >= sizeof(name))
            return -ENAMETOOLONG;
        memcpy(name, markers[i], strlen(markers[i]));
        error = bpf_map__update_elem(map, name, sizeof(name), &present, sizeof(present), BPF_ANY);
        if (error)
            return error;
    }
    return 0;
}

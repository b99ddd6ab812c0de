#include "libsystemd.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int find(void *library, const char *name, void *place, char *why)
{
    void *function = dlsym(library, name);

    if (!function) {
        snprintf(why, CULPRIT_SYSTEMD_WHY_MAX, "it has no %s", name);
        return 0;
    }
    /* A pointer to data cannot be cast to one to a function; POSIX promises that they have the same bytes. */
    memcpy(place, &function, sizeof(function));
    return 1;
}

int culprit_systemd_load(const char *name, struct culprit_systemd *table, char why[CULPRIT_SYSTEMD_WHY_MAX])
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

    if (!library) {
        snprintf(why, CULPRIT_SYSTEMD_WHY_MAX, "%s", dlerror());
        return 0;
    }
#define CULPRIT_FIND(function)                                                                                         \
    if (!find(library, #function, &table->function, why))                                                              \
        return 0;
    CULPRIT_SYSTEMD_FUNCTIONS(CULPRIT_FIND)
#undef CULPRIT_FIND
    return 1;
}

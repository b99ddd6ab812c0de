/* A cgroup for a case: always a child of the one this process is in, and taken away afterwards. */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool cgroup_memory_is_v1;
static char made[600];

/* Where a hierarchy is mounted: the v2 tree, or the v1 one with this controller. */
static bool find_mount(const char *controller, char *path, size_t size)
{
    FILE *file = fopen("/proc/self/mounts", "re");
    char text[4096], where[512], type[64], options[512];
    bool found = false;

    while (file && !found && fgets(text, sizeof(text), file)) {
        if (sscanf(text, "%*s %511s %63s %511s", where, type, options) != 3)
            continue;
        found = controller ? !strcmp(type, "cgroup") && strstr(options, controller) : !strcmp(type, "cgroup2");
    }
    if (file)
        fclose(file);
    if (found)
        snprintf(path, size, "%s", where);
    return found;
}

/* This process's own group in that hierarchy, appended to the mount point. */
static bool append_own(const char *controller, char *path, size_t size)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char text[4096], names[256];
    bool found = false;
    int at = 0;

    while (file && !found && fgets(text, sizeof(text), file)) {
        text[strcspn(text, "\n")] = 0;
        if (!controller)
            found = sscanf(text, "0::%n", &at) == 0 && at == 3;
        else
            found = sscanf(text, "%*d:%255[^:]:%n", names, &at) == 1 && !strcmp(names, controller);
    }
    if (file)
        fclose(file);
    if (found && strcmp(text + at, "/"))
        snprintf(path + strlen(path), size - strlen(path), "%s", text + at);
    return found;
}

bool cgroup_write(const char *path, const char *file, const char *text)
{
    char name[600];
    ssize_t length = strlen(text);
    int fd, saved;
    bool done;

    snprintf(name, sizeof(name), "%s/%s", path, file);
    fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    done = write(fd, text, length) == length;
    saved = errno;
    close(fd);
    errno = saved;
    return done;
}

static bool reads(const char *path, const char *file, char *text, size_t size)
{
    char name[600];
    ssize_t length;
    int fd;

    snprintf(name, sizeof(name), "%s/%s", path, file);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read(fd, text, size - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    return length > 0;
}

long long cgroup_read(const char *path, const char *file, const char *key)
{
    char text[4096];
    const char *at = text;

    if (!reads(path, file, text, sizeof(text)))
        return -1;
    if (*key) {
        at = strstr(text, key);
        if (!at)
            return -1;
        at += strlen(key);
    }
    return atoll(at);
}

bool cgroup_add(const char *path, pid_t pid)
{
    char digits[16];

    snprintf(digits, sizeof(digits), "%d", pid);
    return cgroup_write(path, "cgroup.procs", digits);
}

/*
 * In v2 a group gives controllers to its children only while it has no process of its own (the root excepted): the
 * nearest ancestor that already gives memory to its children is taken then.
 */
static bool gives_memory(char *path, const char *mount)
{
    char text[512];

    for (;;) {
        if (reads(path, "cgroup.subtree_control", text, sizeof(text)) && strstr(text, "memory"))
            return true;
        if (strlen(path) <= strlen(mount))
            return false;
        *strrchr(path, '/') = 0;
    }
}

bool cgroup_make(char *path, size_t size, bool memory)
{
    char mount[512];

    cgroup_memory_is_v1 = memory && find_mount("memory", path, size);
    if (!cgroup_memory_is_v1 && !find_mount(NULL, path, size))
        return false;
    snprintf(mount, sizeof(mount), "%s", path);
    if (!append_own(cgroup_memory_is_v1 ? "memory" : NULL, path, size))
        return false;
    if (memory && !cgroup_memory_is_v1 && !gives_memory(path, mount))
        return false;
    snprintf(path + strlen(path), size - strlen(path), "/ground-truth-%d", getpid());
    if (mkdir(path, 0755) < 0)
        return false;
    snprintf(made, sizeof(made), "%s", path);
    return true;
}

void cgroup_abandon(void)
{
    if (*made)
        cgroup_remove(made);
}

/* The group is empty only once the last zombie has been let go. */
void cgroup_remove(const char *path)
{
    for (int i = 0; i < 200 && rmdir(path) < 0 && errno == EBUSY; i++)
        nap(10);
    *made = 0;
}

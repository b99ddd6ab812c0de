/* What /proc says of a process. A zombie still has its stat and status, so nothing races with a short life. */
#include "truth.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool slurp(pid_t pid, const char *file, char *text, size_t size)
{
    char path[64];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read(fd, text, size - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    return length > 0;
}

static pid_t inner(const char *status)
{
    const char *at = strstr(status, "\nNSpid:");
    char *end;
    long value = 0;
    int levels = 0;

    if (!at)
        return 0;
    for (at += strlen("\nNSpid:"); *at == '\t'; at = end, levels++)
        value = strtol(at, &end, 10);
    return levels > 1 ? (pid_t)value : 0;
}

bool proc_read(pid_t pid, struct proc *proc)
{
    char text[8192];
    const char *at;
    int ppid;

    if (!slurp(pid, "stat", text, sizeof(text)))
        return false;
    /* comm may hold anything, parentheses and blanks included: the last one ends it. */
    at = strrchr(text, ')');
    if (!at || sscanf(at + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ppid,
                      &proc->start_ticks) != 2)
        return false;
    proc->ppid = ppid;
    if (!slurp(pid, "status", text, sizeof(text)))
        return false;
    proc->inner_pid = inner(text);
    at = strstr(text, "\nUid:");
    proc->uid = at ? strtoul(at + strlen("\nUid:"), NULL, 10) : 0;
    return true;
}

unsigned long long proc_start(pid_t pid)
{
    struct proc proc = {0};

    return proc_read(pid, &proc) ? proc.start_ticks : 0;
}

pid_t proc_inner_child(pid_t parent, pid_t inner_pid)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    struct proc proc;
    pid_t found = 0;

    while (dir && !found && (entry = readdir(dir))) {
        pid_t pid = atoi(entry->d_name);

        if (pid > 0 && proc_read(pid, &proc) && proc.ppid == parent && proc.inner_pid == inner_pid)
            found = pid;
    }
    if (dir)
        closedir(dir);
    return found;
}

/* Making children, waiting for them, and the facts that follow from it. */
#include "truth.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void write_fork(const char *name, pid_t creator, pid_t child, const struct proc *proc)
{
    struct line line;

    line_open(&line, "fork", name);
    line_int(&line, "creator", creator);
    line_int(&line, "pid", child);
    line_int(&line, "ppid", proc->ppid);
    line_int(&line, "inner_pid", proc->inner_pid);
    line_int(&line, "start_ticks", proc->start_ticks);
    line_int(&line, "uid", proc->uid);
    line_close(&line);
}

void fact_fork(const char *name, pid_t creator, pid_t child)
{
    struct proc proc;

    if (!proc_read(child, &proc))
        die("read a child's /proc entry");
    write_fork(name, creator, child, &proc);
}

void fact_born(const char *name, pid_t creator)
{
    fact_fork(name, creator, getpid());
}

void fact_exit(const char *name, pid_t pid, const struct proc *proc, int status)
{
    struct line line;

    line_open(&line, "exit", name);
    line_int(&line, "pid", pid);
    line_int(&line, "start_ticks", proc->start_ticks);
    line_int(&line, "reaper", proc->ppid);
    line_int_or_null(&line, "code", WEXITSTATUS(status), WIFEXITED(status));
    line_int_or_null(&line, "signal", WTERMSIG(status), WIFSIGNALED(status));
    line_bool(&line, "core", WIFSIGNALED(status) && WCOREDUMP(status));
    line_close(&line);
}

void fact_absent(const char *of, const char *name, pid_t pid, const char *path, const char *why)
{
    struct line line;

    line_open(&line, "absent", name);
    line_text(&line, "of", of);
    line_int(&line, "pid", pid);
    line_text(&line, "path", path);
    line_text(&line, "why", why);
    line_close(&line);
}

void fact_skipped(const char *name, const char *why)
{
    struct line line;

    line_open(&line, "skipped", name);
    line_text(&line, "why", why);
    line_close(&line);
    fprintf(stderr, "ground-truth: %s: skipped: %s\n", name, why);
}

pid_t make_child(const char *name)
{
    pid_t creator = getpid(), child = fork();

    if (child < 0)
        die("fork");
    if (child == 0)
        fact_born(name, creator);
    return child;
}

/* Waits without reaping first: the zombie's /proc entry is complete, and its pid cannot be anybody else's yet. */
static int reap_with(const char *name, pid_t creator, pid_t pid, bool made)
{
    siginfo_t info;
    struct proc proc;
    int status;

    while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL) < 0)
        if (errno != EINTR)
            die("waitid");
    if (!proc_read(pid, &proc))
        die("read a zombie's /proc entry");
    if (made)
        write_fork(name, creator, pid, &proc);
    if (waitpid(pid, &status, __WALL) != pid)
        die("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == BROKEN)
        die(name);
    fact_exit(name, pid, &proc, status);
    return status;
}

int reap(const char *name, pid_t pid)
{
    return reap_with(name, 0, pid, false);
}

int reap_made(const char *name, pid_t creator, pid_t pid)
{
    return reap_with(name, creator, pid, true);
}

void nap(int milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

void channel(int ends[2])
{
    if (pipe(ends) < 0)
        die("pipe");
}

void send_pid(int fd, pid_t pid)
{
    if (write(fd, &pid, sizeof(pid)) != sizeof(pid))
        die("write to a pipe");
}

pid_t receive_pid(int fd)
{
    pid_t pid = 0;
    ssize_t length;

    do {
        length = read(fd, &pid, sizeof(pid));
    } while (length < 0 && errno == EINTR);
    return length == sizeof(pid) ? pid : 0;
}

/* `ground-truth oom`: real kills in a memory cgroup, with victim, trigger and hog as three separate answers. */
#include "truth.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MIB 64
#define STEP_KIB  64

/* A process that holds memory. It speaks with the director through a socket, one number at a time. */
struct holder {
    const char *argv0;
    pid_t pid;
    int fd;
    unsigned long long start_ticks;
    bool gone;
    int status;
};

static char group[512];

static void *hold(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        die("mmap");
    for (size_t at = 0; at < bytes; at += 4096)
        memory[at] = 1;
    return memory;
}

static bool has_ended(int pidfd)
{
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) > 0;
}

/*
 * Goes over the limit in small steps and stops as soon as somebody has died of it: going on would get a second one
 * killed. With no victim to wait for it goes on until it is killed itself.
 */
static void press(pid_t victim)
{
    int pidfd = victim == getpid() ? -1 : (int)syscall(SYS_pidfd_open, victim, 0);

    for (int step = 0; step < 2 * LIMIT_MIB * 1024 / STEP_KIB; step++) {
        if (pidfd >= 0 && has_ended(pidfd))
            return;
        hold(STEP_KIB * 1024);
        if (pidfd >= 0)
            nap(1);
    }
}

/* argv: NAME MIB ADJ. Waits to be put into the group, holds MIB, and presses when told whose death ends that. */
int memory_part(int argc, char **argv)
{
    int fd = part_fd();
    pid_t victim;

    if (argc != 3 || !receive_pid(fd))
        return BROKEN;
    hold((size_t)atoi(argv[1]) << 20);
    send_pid(fd, getpid());
    victim = receive_pid(fd);
    if (victim) {
        press(victim);
        send_pid(fd, getpid());
        receive_pid(fd);
    }
    return 0;
}

static bool set_adj(pid_t pid, const char *adj)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d", pid);
    return cgroup_write(path, "oom_score_adj", adj);
}

static struct holder start(const char *name, const char *argv0, const char *mib, const char *adj)
{
    struct part part = part_of("memory", name);
    struct holder holder = {.argv0 = argv0};
    char *const argv[] = {(char *)argv0, (char *)mib, (char *)adj, NULL};
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    holder.fd = ends[0];
    holder.pid = fork();
    if (holder.pid == 0) {
        part.argv = argv;
        part.fd = dup(ends[1]);
        part_exec(&part);
    }
    close(ends[1]);
    holder.start_ticks = proc_start(holder.pid);
    if (!cgroup_add(group, holder.pid) || !set_adj(holder.pid, adj))
        die("put a process into the cgroup");
    send_pid(holder.fd, 1);
    if (!receive_pid(holder.fd))
        die("fill the cgroup");
    return holder;
}

static void stop(struct holder *holder)
{
    close(holder->fd); /* end of file: it ends by itself, if it still can */
    if (waitpid(holder->pid, &holder->status, 0) != holder->pid)
        die("waitpid");
}

static void write_holder(struct line *line, const char *role, const struct holder *holder)
{
    char key[32];

    line_int(line, role, holder->pid);
    snprintf(key, sizeof(key), "%s_start_ticks", role);
    line_int(line, key, holder->start_ticks);
    snprintf(key, sizeof(key), "%s_argv0", role);
    line_text(line, key, holder->argv0);
}

static void tell(const char *name, const struct holder *victim, const struct holder *trigger, const struct holder *hog)
{
    struct line line;

    if (!WIFSIGNALED(victim->status) || WTERMSIG(victim->status) != SIGKILL)
        die("the victim was not killed");
    line_open(&line, "oom", name);
    write_holder(&line, "victim", victim);
    write_holder(&line, "trigger", trigger);
    write_holder(&line, "hog", hog);
    line_text(&line, "scope", "memcg");
    line_text(&line, "cgroup", group);
    line_int(&line, "limit", (long long)LIMIT_MIB << 20);
    line_int(&line, "signal", WTERMSIG(victim->status));
    line_close(&line);
}

static long long kills(void)
{
    return cgroup_memory_is_v1 ? cgroup_read(group, "memory.oom_control", "oom_kill ")
                               : cgroup_read(group, "memory.events", "oom_kill ");
}

static void press_until_dead(struct holder *trigger, const struct holder *victim)
{
    long long before = kills();

    send_pid(trigger->fd, victim->pid);
    /* The trigger reports back once the victim is dead; when it is the victim, the end of file says so. */
    receive_pid(trigger->fd);
    if (before >= 0 && kills() != before + 1)
        die("not exactly one kill");
    nap(2000); /* who holds what is looked at after the kill, and is to be there still */
}

/* Holds next to nothing, dies first: its score says so. The hog is also the one that set it off. */
static void hog_triggers(void)
{
    const char *name = "hog-triggers";
    struct holder victim = start(name, "oom-victim", "4", "1000"), hog = start(name, "oom-hog", "50", "0");

    press_until_dead(&hog, &victim);
    stop(&victim);
    stop(&hog);
    tell(name, &victim, &hog, &hog);
}

/* The hog only sits on its memory; a third process asks for the last bit. */
static void bystander_triggers(void)
{
    const char *name = "bystander-triggers";
    struct holder victim = start(name, "oom-victim", "4", "1000"), hog = start(name, "oom-hog", "48", "0");
    struct holder trigger = start(name, "oom-trigger", "1", "0");

    press_until_dead(&trigger, &victim);
    stop(&victim);
    stop(&trigger);
    stop(&hog);
    tell(name, &victim, &trigger, &hog);
}

static void hog_dies(void)
{
    const char *name = "hog-dies";
    struct holder hog = start(name, "oom-hog", "50", "0");

    press_until_dead(&hog, &hog);
    stop(&hog);
    tell(name, &hog, &hog, &hog);
}

static bool set_limit(void)
{
    char bytes[32];

    snprintf(bytes, sizeof(bytes), "%d", LIMIT_MIB << 20);
    if (cgroup_memory_is_v1)
        return cgroup_write(group, "memory.limit_in_bytes", bytes);
    cgroup_write(group, "memory.swap.max", "0"); /* absent without swap accounting */
    return cgroup_write(group, "memory.max", bytes);
}

int oom_main(void)
{
    int result = SKIPPED;

    run_begin("oom");
    if (!cgroup_make(group, sizeof(group), true)) {
        fact_skipped("oom", "no memory cgroup can be made here");
    } else if (!set_limit()) {
        fact_skipped("oom", strerror(errno));
        cgroup_remove(group);
    } else {
        hog_triggers();
        bystander_triggers();
        hog_dies();
        cgroup_remove(group);
        result = 0;
    }
    run_end();
    return result;
}

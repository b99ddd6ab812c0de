/* Signals that the kernel sends because of what somebody did: wrote to a file, ended, hung up. And a killer without
 * kin. */
#include "stage.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The actor is the one that wrote to cgroup.kill. */
static void by_cgroup(void)
{
    char path[512];
    struct victim victim[2];
    struct actor actor;
    struct outcome outcome = {"signal", &actor, SIGKILL, {0}};

    if (!cgroup_make(path, sizeof(path), false))
        return fact_skipped("cgroup-kill", "no cgroup can be made in the v2 tree");
    for (int i = 0; i < 2; i++) {
        victim[i] = stage("cgroup-kill", "waits", NULL);
        cgroup_add(path, victim[i].pid);
    }
    nap(STAGED);
    actor = act("cgroup-kill", "cgroup.kill", victim[0].pid, SIGKILL, path);
    for (int i = 0; i < 2; i++) {
        if (actor.result)
            discard(&victim[i], strerror(actor.result));
        else
            conclude(&victim[i], &outcome);
    }
    cgroup_remove(path);
}

/* An actor that makes the victim itself; what it then does to it is to end or to hang up. */
static void by_parent(const char *name, const char *method, int number, bool actor_known)
{
    const char *const words[4] = {method, "0", "0", NULL};
    struct victim victim = {.name = name};
    struct actor actor = {0};
    struct outcome outcome = {"signal", actor_known ? &actor : NULL, number, {0}};
    int ends[2], input[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        die("socketpair");
    channel(input);
    victim.fd = ends[0];
    snprintf(victim.argv0, sizeof(victim.argv0), "victim-%s", name);
    start_actor(&actor, name, words, ends[1], input[0]);
    close(ends[1]);
    await_victim(&victim);
    nap(STAGED);
    send_pid(input[1], 1);
    wait_actor(&actor);
    conclude(&victim, &outcome); /* it came to this process when its parent ended */
    close(input[0]);
    close(input[1]);
}

/* The killer has left its family: no parent, a session of its own. */
static void by_orphan(void)
{
    char target[16], number[16], reaper[16];
    const char *const words[4] = {"orphan", target, number, reaper};
    struct victim victim = stage("orphan-killer", "waits", NULL);
    struct actor starter = {0}, killer = {0};
    struct outcome outcome = {"signal", &killer, SIGTERM, {0}};
    int ends[2];

    channel(ends);
    snprintf(target, sizeof(target), "%d", victim.pid);
    snprintf(number, sizeof(number), "%d", SIGTERM);
    snprintf(reaper, sizeof(reaper), "%d", getpid());
    nap(STAGED);
    start_actor(&starter, victim.name, words, ends[1], -1);
    killer.pid = receive_pid(ends[0]);
    killer.start_ticks = proc_start(killer.pid);
    killer.argv[0] = "killer-orphan";
    killer.argv[1] = "kill";
    killer.argv[2] = target;
    killer.argv[3] = number;
    wait_actor(&starter);
    outcome.innocent[0] = starter.pid; /* an ancestor, and no actor */
    wait_actor(&killer);
    conclude(&victim, &outcome);
    close(ends[0]);
    close(ends[1]);
}

void kernel_cases(void)
{
    by_cgroup();
    by_parent("parent-death", "parent", SIGKILL, true);
    by_parent("tty-hangup", "terminal", SIGHUP, false);
    by_orphan();
}

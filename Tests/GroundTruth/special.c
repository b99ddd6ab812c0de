/* Acts with more than one target, more than one act, or an act that changes nothing. */
#include "stage.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* One kill(-pgid), three victims. */
static void group(void)
{
    struct victim victim[3];
    struct outcome outcome = {"signal", NULL, SIGTERM, {0}};
    struct actor actor;
    char mode[32];

    for (int i = 0; i < 3; i++) {
        snprintf(mode, sizeof(mode), "joins-group-%d", i ? victim[0].pid : 0);
        victim[i] = stage("kill-group", mode, NULL);
    }
    nap(STAGED);
    actor = act("kill-group", "kill-group", victim[0].pid, SIGTERM, NULL);
    outcome.actor = &actor;
    if (actor.result)
        die("kill a group");
    for (int i = 0; i < 3; i++)
        conclude(&victim[i], &outcome);
}

static void by_pkill(void)
{
    char word[64];
    struct victim victim;
    struct actor actor = {.argv = {"pkill", "-f", word, NULL}};
    struct outcome outcome = {"signal", &actor, SIGTERM, {0}};

    snprintf(word, sizeof(word), "unique-word-%d-%llu", getpid(), (unsigned long long)run.seed);
    victim = stage("pkill", "waits", word);
    nap(STAGED);
    if (posix_spawnp(&actor.pid, "pkill", NULL, NULL, actor.argv, environ))
        return discard(&victim, "pkill is not installed");
    actor.start_ticks = proc_start(actor.pid);
    wait_actor(&actor);
    conclude(&victim, &outcome);
}

/* A SIGTERM that is ignored is the cause of nothing: the victim ends later, by itself. */
static void ignored(void)
{
    struct victim victim = stage("ignored-term", "ignores-term", NULL);
    struct outcome outcome = {"exit", NULL, 0, {0}};
    struct actor actor;

    nap(STAGED);
    actor = act(victim.name, "kill", victim.pid, SIGTERM, NULL);
    outcome.innocent[0] = actor.pid;
    nap(100);
    go(&victim);
    conclude(&victim, &outcome);
}

static void stopped_then_killed(void)
{
    struct victim victim = stage("stop-then-kill", "waits", NULL);
    struct actor stopper, killer;
    struct outcome outcome = {"signal", &killer, SIGKILL, {0}};

    nap(STAGED);
    stopper = act(victim.name, "kill", victim.pid, SIGSTOP, NULL);
    outcome.innocent[0] = stopper.pid;
    nap(100);
    killer = act(victim.name, "kill", victim.pid, SIGKILL, NULL);
    conclude(&victim, &outcome);
}

/* kill() of a zombie succeeds and does nothing. */
static void zombie(void)
{
    struct victim victim = stage("kill-zombie", "exits", NULL);
    struct outcome outcome = {"exit", NULL, 0, {0}};
    struct actor actor;
    siginfo_t info;

    nap(STAGED);
    go(&victim);
    if (waitid(P_PID, victim.pid, &info, WEXITED | WNOWAIT) < 0)
        die("waitid");
    actor = act(victim.name, "kill", victim.pid, SIGKILL, NULL);
    outcome.innocent[0] = actor.pid;
    conclude(&victim, &outcome);
}

/* The first is caught and survived; the second, a while later and by somebody else, is the one. */
static void two_signals(void)
{
    struct victim victim = stage("two-signals", "survives-term", NULL);
    struct actor first, second;
    struct outcome outcome = {"signal", &second, SIGINT, {0}};

    nap(STAGED);
    first = act(victim.name, "kill", victim.pid, SIGTERM, NULL);
    outcome.innocent[0] = first.pid;
    nap(300);
    second = act(victim.name, "kill", victim.pid, SIGINT, NULL);
    conclude(&victim, &outcome);
}

/* Signal 0 only asks whether the process is there. */
static void probed(void)
{
    struct victim victim = stage("signal-zero", "exits", NULL);
    struct outcome outcome = {"exit", NULL, 0, {0}};
    struct actor actor;

    nap(STAGED);
    actor = act(victim.name, "kill", victim.pid, 0, NULL);
    outcome.innocent[0] = actor.pid;
    go(&victim);
    conclude(&victim, &outcome);
}

void special_cases(void)
{
    group();
    by_pkill();
    ignored();
    stopped_then_killed();
    zombie();
    two_signals();
    probed();
}

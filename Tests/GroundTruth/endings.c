/* How processes end. */
#include "truth.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void exits(void)
{
    static const int codes[] = {0, 1, 3, 127, 128, 255};
    char name[32];

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        snprintf(name, sizeof(name), "exit-%d", codes[i]);
        pid_t child = make_child(name);
        if (child == 0)
            _exit(codes[i]);
        reap(name, child);
    }
}

static void allow_core(bool core)
{
    struct rlimit limit = {core ? RLIM_INFINITY : 0, core ? RLIM_INFINITY : 0};

    prctl(PR_SET_DUMPABLE, core);
    if ((core && chdir(run.dir) < 0) || setrlimit(RLIMIT_CORE, &limit) < 0)
        die("setrlimit");
}

static void dies(const char *name, void (*how)(void), bool core)
{
    pid_t child = make_child(name);

    if (child == 0) {
        allow_core(core);
        how();
        die("outlived its own signal");
    }
    reap(name, child);
}

static void reads_null(void)
{
    *(volatile int *)NULL = 1;
}

static void divides(void)
{
    raise(SIGFPE);
}

static void kills_itself(void)
{
    kill(getpid(), SIGKILL);
}

static void realtime(void)
{
    raise(SIGRTMIN + 3);
}

static void waits(void)
{
    for (;;)
        pause();
}

static void killed_by_parent(const char *name, int number)
{
    pid_t child = fork();

    if (child == 0)
        waits();
    kill(child, number);
    /* It may not have run at all: the parent tells its birth. */
    reap_made(name, getpid(), child);
}

/* Gives up its rights between fork and exec. */
static void other_user(void)
{
    const char *name = "other-user";
    struct part part = part_of("report", name);
    pid_t child;

    if (geteuid() != 0)
        return fact_skipped(name, "not root");
    child = make_child(name);
    if (child == 0) {
        part.path = scratch("interpreter"); /* the build tree may be closed to others */
        if (setgid(65534) < 0 || setuid(65534) < 0)
            die("setuid");
        part_exec(&part);
    }
    reap(name, child);
}

void ending_cases(void)
{
    exits();
    dies("abort", abort, false);
    dies("segv", reads_null, false);
    dies("fpe", divides, false);
    dies("kill-self", kills_itself, false);
    dies("realtime-signal", realtime, false);
    dies("abort-core", abort, true);
    dies("segv-core", reads_null, true);
    killed_by_parent("killed-by-parent", SIGKILL);
    killed_by_parent("terminated-by-parent", SIGTERM);
    other_user();
}

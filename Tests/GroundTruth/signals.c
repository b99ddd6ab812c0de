/* `ground-truth signals`: one victim a case, and a process of its own that does it, or nobody. */
#include "stage.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* One actor, one call. */
static const struct {
    const char *name, *mode, *method, *extra;
    int number;
    pid_t claimed; /* whom a forged siginfo names */
} sent[] = {
    {"kill", "waits", "kill", NULL, SIGTERM, 0},
    {"kill-hard", "waits", "kill", NULL, SIGKILL, 0},
    {"kill-usr1", "waits", "kill", NULL, SIGUSR1, 0},
    {"kill-segv", "waits", "kill", NULL, SIGSEGV, 0}, /* looks like a crash, and is none */
    {"kill-abrt", "waits", "kill", NULL, SIGABRT, 0},
    {"tgkill", "waits", "tgkill", NULL, SIGTERM, 0},
    {"tkill", "waits", "tkill", NULL, SIGINT, 0},
    {"pidfd", "waits", "pidfd_send_signal", NULL, SIGTERM, 0},
    {"sigqueue", "waits", "sigqueue", NULL, SIGTERM, 0},
    {"forged-queue", "waits", "rt_sigqueueinfo", "-1:1", SIGTERM, 1},
    {"forged-timer", "waits", "rt_sigqueueinfo", "-2:1", SIGALRM, 1},
    {"forged-mesgq", "waits", "rt_sigqueueinfo", "-3:1", SIGKILL, 1},
    {"forged-asyncnl", "waits", "rt_sigqueueinfo", "-60:1", SIGHUP, 1},
    {"thread-kill", "waits", "thread-kill", NULL, SIGTERM, 0},
    {"handled-term", "handles-term", "kill", NULL, SIGTERM, 0}, /* ends with exit code 0, because of the signal */
};

/* Nobody but the victim. */
static const struct {
    const char *name, *mode, *mechanism;
    int number;
} own[] = {
    {"self-abort", "aborts", "crash", SIGABRT},     {"self-segv", "crashes", "crash", SIGSEGV},
    {"self-pipe", "breaks-pipe", "crash", SIGPIPE}, {"self-alarm", "sets-timer", "crash", SIGALRM},
    {"self-xcpu", "burns", "crash", SIGXCPU},       {"self-exit", "exits", "exit", 0},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void sent_cases(void)
{
    struct victim victim[COUNT(sent)];

    for (size_t i = 0; i < COUNT(sent); i++)
        victim[i] = stage(sent[i].name, sent[i].mode, NULL);
    nap(STAGED);
    for (size_t i = 0; i < COUNT(sent); i++) {
        struct actor actor = act(sent[i].name, sent[i].method, victim[i].pid, sent[i].number, sent[i].extra);
        struct outcome outcome = {"signal", &actor, sent[i].number, {sent[i].claimed}};

        if (actor.result)
            discard(&victim[i], strerror(actor.result));
        else
            conclude(&victim[i], &outcome);
    }
}

static void own_cases(void)
{
    struct victim victim[COUNT(own)];

    for (size_t i = 0; i < COUNT(own); i++)
        victim[i] = stage(own[i].name, own[i].mode, NULL);
    nap(STAGED);
    for (size_t i = 0; i < COUNT(own); i++) {
        struct outcome outcome = {own[i].mechanism, NULL, own[i].number, {0}};

        go(&victim[i]);
        conclude(&victim[i], &outcome);
    }
}

int signals_main(void)
{
    run_begin("signals");
    sent_cases();
    own_cases();
    special_cases();
    kernel_cases();
    if (waitpid(-1, NULL, WNOHANG | __WALL) != -1)
        die("a child was left behind");
    run_end();
    return 0;
}

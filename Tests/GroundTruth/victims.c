/* The victim's part: gets ready, says so, and waits for what comes, or does it to itself. */
#include "truth.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void remember(int number)
{
    caught = number;
}

static void leave(int number)
{
    (void)number;
    _exit(0);
}

static void set_handler(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    if (sigaction(number, &action, NULL) < 0)
        die("sigaction");
}

static void break_pipe(void)
{
    int ends[2];

    channel(ends);
    close(ends[0]);
    if (write(ends[1], "x", 1) < 0)
        die("SIGPIPE did not come");
}

static void burn(void)
{
    struct rlimit limit = {1, 60};

    if (setrlimit(RLIMIT_CPU, &limit) < 0)
        die("setrlimit");
    for (;;)
        ;
}

static void run_timer(void)
{
    struct itimerval timer = {.it_value = {0, 20000}};

    setitimer(ITIMER_REAL, &timer, NULL);
    for (;;)
        pause();
}

static void prepare(const char *mode)
{
    struct rlimit no_core = {0, 0};
    int group;

    setrlimit(RLIMIT_CORE, &no_core);
    if (!strcmp(mode, "handles-term"))
        set_handler(SIGTERM, leave);
    else if (!strcmp(mode, "survives-term"))
        set_handler(SIGTERM, remember);
    else if (!strcmp(mode, "ignores-term"))
        set_handler(SIGTERM, SIG_IGN);
    else if (!strcmp(mode, "dies-with-parent"))
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    else if (sscanf(mode, "joins-group-%d", &group) == 1 && setpgid(0, group) < 0)
        die("setpgid");
}

static void act(const char *mode)
{
    if (!strcmp(mode, "aborts"))
        abort();
    if (!strcmp(mode, "crashes"))
        *(volatile int *)NULL = 1;
    if (!strcmp(mode, "breaks-pipe"))
        break_pipe();
    if (!strcmp(mode, "burns"))
        burn();
    if (!strcmp(mode, "sets-timer"))
        run_timer();
    if (!strcmp(mode, "exits"))
        _exit(4);
}

/* GROUND_TRUTH_FD is a socket to the director: one number out when ready, one number in to act or to end. */
int victim_part(void)
{
    const char *mode = getenv("GROUND_TRUTH_MODE");
    int fd = part_fd(), go;

    prepare(mode);
    send_pid(fd, getpid());
    /* A caught signal does not end this wait. Without a director there is no case any more. */
    go = receive_pid(fd);
    if (go)
        act(mode);
    /* Told to end although it still lives: what it was sent had no effect. */
    _exit(caught ? 5 : 3);
}

/* What one worker does. */
#include "storm.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void await(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child)
        die("waitpid");
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
        die("a child did not run");
}

long work_exec(const struct storm *storm)
{
    static char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    long done = 0;
    pid_t child;

    for (; time_left(storm, done); done++) {
        if (posix_spawn(&child, storm->program, NULL, NULL, storm->words, environment))
            die(storm->program);
        await(child);
    }
    return done;
}

long work_fork(const struct storm *storm)
{
    long done = 0;
    pid_t child;

    for (; time_left(storm, done); done++) {
        child = fork();
        if (child < 0)
            die("fork");
        if (child == 0)
            _exit(0);
        await(child);
    }
    return done;
}

static void *nothing(void *unused)
{
    return unused;
}

long work_thread(const struct storm *storm)
{
    pthread_t thread;
    long done = 0;

    for (; time_left(storm, done); done++)
        if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
            die("pthread_create");
    return done;
}

long work_syscall(const struct storm *storm)
{
    long done = 0;

    for (; time_left(storm, done); done++)
        syscall(SYS_getppid);
    return done;
}

long work_bind(const struct storm *storm)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    long done = 0;
    int fd;

    for (; time_left(storm, done); done++) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
            die("bind");
        close(fd);
    }
    return done;
}

static void caught(int number)
{
    (void)number;
}

/* The child that is signalled: with a handler each signal wakes it, without one nothing but the sending costs. */
static _Noreturn void be_signalled(const struct storm *storm, int ready)
{
    signal(SIGTERM, storm->handler ? caught : SIG_IGN);
    if (write(ready, "", 1) != 1)
        _exit(127);
    for (;;)
        pause();
}

long work_signal(const struct storm *storm)
{
    long done = 0;
    int ready[2];
    char byte;
    pid_t child;

    if (pipe(ready) < 0)
        die("pipe");
    child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        be_signalled(storm, ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        die("the child is not ready");
    for (; time_left(storm, done); done++)
        if (kill(child, SIGTERM) < 0)
            die("kill");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return done;
}

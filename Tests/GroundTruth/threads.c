/* Threads: never processes, but they fork, execute and outlive their leader. */
#include "truth.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 4

static pid_t tid(void)
{
    return syscall(SYS_gettid);
}

static void tell_thread(const char *name)
{
    fact_absent("fork", name, tid(), NULL, "a thread is no process");
}

static void *just_a_thread(void *unused)
{
    tell_thread("threads");
    return unused;
}

static void threads(void)
{
    pthread_t thread[THREADS];
    pid_t child = make_child("threads");

    if (child) {
        reap("threads", child);
        return;
    }
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, just_a_thread, NULL))
            die("pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    _exit(0);
}

static void *thread_executes(void *unused)
{
    struct part part = part_of("report", "exec-from-thread");
    char *const argv[] = {"exec-from-thread", "--was-a-thread", NULL};

    (void)unused;
    part.argv = argv;
    part.old_tid = tid();
    tell_thread("exec-from-thread");
    part_exec(&part);
}

/* The executing thread takes the leader's id: the pid stays, the tid changes. */
static void exec_from_thread(void)
{
    pthread_t thread;
    pid_t child = make_child("exec-from-thread");

    if (child) {
        reap("exec-from-thread", child);
        return;
    }
    if (pthread_create(&thread, NULL, thread_executes, NULL))
        die("pthread_create");
    for (;;)
        pause();
}

static void *thread_forks(void *unused)
{
    pid_t child;

    tell_thread("fork-from-thread");
    child = make_child("fork-from-thread");
    if (child == 0)
        _exit(14);
    reap("fork-from-thread", child);
    return unused;
}

/* The edge is the thread's process, never the thread. */
static void fork_from_thread(void)
{
    pthread_t thread;
    pid_t child = make_child("fork-from-thread");

    if (child) {
        reap("fork-from-thread", child);
        return;
    }
    if (pthread_create(&thread, NULL, thread_forks, NULL))
        die("pthread_create");
    pthread_join(thread, NULL);
    _exit(15);
}

static void *ends_the_process(void *unused)
{
    (void)unused;
    tell_thread("leader-exits-first");
    nap(20); /* after the leader */
    _exit(16);
}

/* The leader is a zombie for a while; the process ends when its last thread says so. */
static void leader_first(void)
{
    pthread_t thread;
    pid_t child = make_child("leader-exits-first");

    if (child) {
        reap("leader-exits-first", child);
        return;
    }
    if (pthread_create(&thread, NULL, ends_the_process, NULL))
        die("pthread_create");
    pthread_exit(NULL);
}

static void *ends_itself(void *unused)
{
    tell_thread("no-exit-group");
    nap(20);
    syscall(SYS_exit, 18);
    return unused;
}

/*
 * Nobody calls exit_group. Up to Linux 5.18 or so the status is the leader's, later it is that of the thread that ended
 * last. The fact says what the parent was told.
 */
static void no_exit_group(void)
{
    pthread_t thread;
    pid_t child = make_child("no-exit-group");

    if (child) {
        reap("no-exit-group", child);
        return;
    }
    if (pthread_create(&thread, NULL, ends_itself, NULL))
        die("pthread_create");
    syscall(SYS_exit, 17);
}

void thread_cases(void)
{
    threads();
    exec_from_thread();
    fork_from_thread();
    leader_first();
    no_exit_group();
}

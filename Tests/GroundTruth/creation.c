/* Each way to make a process. */
#include "truth.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void plain_fork(void)
{
    pid_t child = make_child("fork");

    if (child == 0)
        _exit(0);
    reap("fork", child);
}

/* Waits for a tiny program, tells its birth, its exec and its end. */
static void reap_tiny(const char *name, pid_t pid, char *const argv[])
{
    siginfo_t info;

    if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
        die("waitid");
    fact_fork(name, getpid(), pid);
    fact_exec_of(name, pid, run.tiny, argv);
    reap(name, pid);
}

static void vfork_exec(void)
{
    char *const argv[] = {"vfork-exec", "one", "two", NULL};
    pid_t child = vfork();

    if (child == 0) {
        execv(run.tiny, argv);
        _exit(BROKEN);
    }
    if (child < 0)
        die("vfork");
    reap_tiny("vfork-exec", child, argv);
}

static void spawn(void)
{
    struct part part = part_of("report", "posix-spawn");
    char *const argv[] = {"posix-spawn", "--reports", NULL};
    pid_t child;

    if (posix_spawn(&child, run.self, NULL, NULL, argv, part_environment(&part)))
        die("posix_spawn");
    reap_made("posix-spawn", getpid(), child);
}

/* The creator is the middle process, the parent is the middle's parent. */
static void clone_parent(void)
{
    const char *name = "clone-parent";
    pid_t middle, child;
    int ends[2];

    channel(ends);
    middle = make_child(name);
    if (middle == 0) {
        pid_t creator = getpid();

        child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (child < 0)
            die("clone");
        if (child == 0) {
            fact_born(name, creator);
            _exit(4);
        }
        send_pid(ends[1], child);
        _exit(0);
    }
    child = receive_pid(ends[0]);
    reap(name, child);
    reap(name, middle);
    close(ends[0]);
    close(ends[1]);
}

static pid_t clone3_with(struct clone_args *args)
{
    return syscall(SYS_clone3, args, sizeof(*args));
}

static void plain_clone3(void)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    pid_t creator = getpid(), child = clone3_with(&args);

    if (child < 0 && errno == ENOSYS)
        return fact_skipped("clone3", "the kernel has no clone3");
    if (child == 0) {
        fact_born("clone3", creator);
        _exit(5);
    }
    reap("clone3", child);
}

/* No exit signal: the parent gets no SIGCHLD and must wait with __WALL. */
static void silent_clone(void)
{
    pid_t creator = getpid(), child = syscall(SYS_clone, 0, 0, 0, 0, 0);

    if (child < 0)
        die("clone");
    if (child == 0) {
        fact_born("clone-no-signal", creator);
        _exit(6);
    }
    reap("clone-no-signal", child);
}

static int shares_memory(void *code)
{
    _exit(*(int *)code);
}

/* Shares its memory with its creator, but is a process and no thread. */
static void clone_vm(void)
{
    size_t size = 65536;
    char *stack = malloc(size);
    int code = 7;
    pid_t child = clone(shares_memory, stack + size, CLONE_VM | SIGCHLD, &code);

    if (child < 0)
        die("clone");
    reap_made("clone-vm", getpid(), child);
    free(stack);
}

static _Noreturn void middle_of_daemon(const char *name, int up, int down)
{
    struct part part = part_of("report", name);
    char *const argv[] = {"daemonise", "--orphan", NULL};
    pid_t orphan;
    int born[2];

    channel(born);
    setsid();
    orphan = make_child(name);
    if (orphan == 0) {
        send_pid(born[1], 1);
        receive_pid(down);
        part.argv = argv;
        part.exit_code = 9;
        part_exec(&part);
    }
    receive_pid(born[0]); /* its parent at birth has been read: this process may go */
    send_pid(up, orphan);
    _exit(0);
}

/* The middle process ends; the grandchild leaves the session and is given to the reaper. */
static void daemonise(void)
{
    const char *name = "daemonise";
    pid_t middle, orphan;
    int up[2], down[2];

    channel(up);
    channel(down);
    middle = make_child(name);
    if (middle == 0)
        middle_of_daemon(name, up[1], down[0]);
    orphan = receive_pid(up[0]);
    reap(name, middle);
    send_pid(down[1], 1);
    reap(name, orphan);
    for (int i = 0; i < 2; i++)
        close(up[i]), close(down[i]);
}

/* Two processes, one pid: only the start tells them apart. */
static void pid_reuse(void)
{
    const char *name = "pid-reuse";
    pid_t wanted[1], child = make_child(name);
    struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)wanted, .set_tid_size = 1};
    pid_t creator = getpid();

    if (child == 0)
        _exit(10);
    wanted[0] = child;
    reap(name, child);
    nap(60); /* several ticks, so that the starts differ in /proc as well */
    child = clone3_with(&args);
    if (child < 0)
        return fact_skipped(name, "clone3 with a given pid is refused here");
    if (child == 0) {
        fact_born(name, creator);
        _exit(11);
    }
    reap(name, child);
}

void creation_cases(void)
{
    plain_fork();
    vfork_exec();
    spawn();
    clone_parent();
    plain_clone3();
    silent_clone();
    clone_vm();
    daemonise();
    pid_reuse();
}

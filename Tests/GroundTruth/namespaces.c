/* A pid namespace inside the run's own: its first process, children of that, and an exec in it. */
#include "truth.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const name = "new-pid-namespace";

struct inner {
    pid_t pid; /* out here */
    struct proc proc;
};

/* All facts name outer pids. The init cannot know its own, so it is told. */
static _Noreturn void init(int down, int up, pid_t outer_ppid)
{
    struct part part = part_of("report", name);
    char *const argv[] = {"new-pid-namespace", "--init", NULL};
    pid_t first, second;
    int status;

    part.outer_pid = receive_pid(down);
    part.outer_ppid = outer_ppid;
    first = fork();
    if (first == 0) {
        receive_pid(down); /* stays until it has been looked at */
        _exit(12);
    }
    second = fork();
    if (second == 0)
        for (;;)
            pause();
    send_pid(up, first);
    send_pid(up, second);
    if (waitpid(first, &status, 0) != first)
        die("waitpid");
    send_pid(up, status);
    part.argv = argv;
    part.exit_code = 13;
    part_exec(&part);
}

static struct inner find(pid_t parent, pid_t inner_pid)
{
    struct inner inner = {.pid = proc_inner_child(parent, inner_pid)};

    if (!inner.pid || !proc_read(inner.pid, &inner.proc))
        die("find an inner process");
    fact_fork(name, parent, inner.pid);
    return inner;
}

void namespace_cases(void)
{
    struct inner first, second;
    pid_t creator = getpid(), child;
    int up[2], down[2];

    channel(up);
    channel(down);
    child = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (child < 0)
        return fact_skipped(name, "CLONE_NEWPID is refused here");
    if (child == 0)
        init(down[0], up[1], creator);
    fact_fork(name, creator, child);
    send_pid(down[1], child);
    first = find(child, receive_pid(up[0]));
    second = find(child, receive_pid(up[0]));
    send_pid(down[1], 1);
    fact_exit(name, first.pid, &first.proc, receive_pid(up[0]));
    reap(name, child);
    /* The kernel kills what is left of a namespace whose init ends, and the init's end waits for that. */
    if (kill(second.pid, 0) == 0)
        die("an inner process outlived its init");
    fact_exit(name, second.pid, &second.proc, SIGKILL);
    for (int i = 0; i < 2; i++)
        close(up[i]), close(down[i]);
}

/* The actor's part: one act, as its argv says: METHOD TARGET SIGNAL [EXTRA]. Exit code: 0, or the errno of the act. */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct act {
    const char *method, *extra;
    pid_t target;
    int number;
};

static int by_pidfd(const struct act *act)
{
    int fd = syscall(SYS_pidfd_open, act->target, 0);

    return fd < 0 ? -1 : syscall(SYS_pidfd_send_signal, fd, act->number, NULL, 0);
}

/* extra is CODE:PID, both of which the kernel takes as given. */
static int forged(const struct act *act)
{
    siginfo_t info = {.si_signo = act->number};
    int code = 0, pid = 0;

    if (sscanf(act->extra, "%d:%d", &code, &pid) != 2)
        die("CODE:PID");
    info.si_code = code;
    info.si_pid = pid;
    info.si_uid = 12345;
    return syscall(SYS_rt_sigqueueinfo, act->target, act->number, &info);
}

static void *thread_kills(void *data)
{
    const struct act *act = data;

    return (void *)(intptr_t)(kill(act->target, act->number) < 0 ? errno : 0);
}

static int by_thread(const struct act *act)
{
    pthread_t thread;
    void *result;

    if (pthread_create(&thread, NULL, thread_kills, (void *)act) || pthread_join(thread, &result))
        die("pthread");
    errno = (intptr_t)result;
    return errno ? -1 : 0;
}

static int send(const struct act *act)
{
    if (!strcmp(act->method, "kill"))
        return kill(act->target, act->number);
    if (!strcmp(act->method, "tgkill"))
        return syscall(SYS_tgkill, act->target, act->target, act->number);
    if (!strcmp(act->method, "tkill"))
        return syscall(SYS_tkill, act->target, act->number);
    if (!strcmp(act->method, "pidfd_send_signal"))
        return by_pidfd(act);
    if (!strcmp(act->method, "sigqueue"))
        return sigqueue(act->target, act->number, (union sigval){.sival_int = 42});
    if (!strcmp(act->method, "rt_sigqueueinfo"))
        return forged(act);
    if (!strcmp(act->method, "kill-group"))
        return kill(-act->target, act->number);
    if (!strcmp(act->method, "thread-kill"))
        return by_thread(act);
    if (!strcmp(act->method, "cgroup.kill"))
        return cgroup_write(act->extra, "cgroup.kill", "1") ? 0 : -1;
    errno = EINVAL;
    return -1;
}

/* Ends itself: what happens to its child is the kernel's answer to that. */
static int be_a_parent(const char *mode, bool terminal)
{
    char setting[64], argv0[64];
    char *extra[] = {setting, NULL}, *const argv[] = {argv0, NULL};
    struct part part = part_of("victim", part_name());
    int master = terminal ? posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) : -1, slave;
    pid_t child;

    snprintf(setting, sizeof(setting), "GROUND_TRUTH_MODE=%s", mode);
    snprintf(argv0, sizeof(argv0), "victim-%s", part_name());
    part.extra = extra;
    part.argv = argv;
    part.fd = part_fd();
    if (terminal && (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0))
        die("posix_openpt");
    child = fork();
    if (child == 0) {
        if (terminal && (setsid() < 0 || (slave = open(ptsname(master), O_RDWR)) < 0 || ioctl(slave, TIOCSCTTY, 0) < 0))
            die("controlling terminal");
        part_exec(&part);
    }
    /* The director speaks to this process through the standard input: the child has the socket for itself. */
    receive_pid(0);
    close(master);
    if (terminal)
        nap(100);
    return 0;
}

/* Two forks, a session of its own, then an exec: the killer has no parent left that is part of this. */
static int be_orphaned(char **argv)
{
    struct part part = part_of("actor", part_name());
    char *const killer[] = {"killer-orphan", "kill", argv[2], argv[3], NULL};
    pid_t middle = fork();

    if (middle == 0) {
        if (fork())
            _exit(0);
        setsid();
        while (getppid() != atoi(argv[4]))
            nap(1);
        part.argv = killer;
        send_pid(part_fd(), getpid());
        part_exec(&part);
    }
    waitpid(middle, NULL, 0);
    return 0;
}

int actor_part(int argc, char **argv)
{
    struct act act;

    if (argc < 4)
        return BROKEN;
    act = (struct act){argv[1], argc > 4 ? argv[4] : "", atoi(argv[2]), atoi(argv[3])};
    if (!strcmp(act.method, "parent"))
        return be_a_parent("dies-with-parent", false);
    if (!strcmp(act.method, "terminal"))
        return be_a_parent("waits", true);
    if (!strcmp(act.method, "orphan"))
        return be_orphaned(argv);
    errno = 0;
    return send(&act) < 0 ? errno : 0;
}

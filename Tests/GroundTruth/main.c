/* Options, the run's frame (begin and end lines), the scratch directory. */
#include "truth.h"

#include "tiny_program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct run run = {.out_fd = -1, .seed = 1, .count = 200};

static int forget(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void clean_up(void)
{
    cgroup_abandon();
    if (run.dir[0])
        nftw(run.dir, forget, 16, FTW_DEPTH | FTW_PHYS);
}

_Noreturn void die(const char *what)
{
    fprintf(stderr, "ground-truth: %s: %s (pid %d)\n", what, errno ? strerror(errno) : "not as expected", getpid());
    if (run.main_pid != getpid())
        _exit(BROKEN);
    /* Children wait for this process at the other end of a pipe or socket: without it they end. */
    close_range(3, ~0U, 0);
    clean_up();
    _exit(1);
}

static void too_late(int number)
{
    (void)number;
    errno = ETIMEDOUT;
    die("a case hangs");
}

const char *scratch(const char *name)
{
    static char path[4][512];
    static int next;
    char *slot = path[next++ % 4];

    snprintf(slot, sizeof(path[0]), "%s/%s", run.dir, name);
    return slot;
}

void run_begin(const char *command)
{
    const char *base = getenv("TMPDIR");
    struct line line;
    struct stat namespace;

    snprintf(run.dir, sizeof(run.dir), "%s/ground-truth-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(run.dir) || chmod(run.dir, 0755) < 0)
        die(run.dir);
    snprintf(run.tiny, sizeof(run.tiny), "%s/tiny", run.dir);
    if (tiny_program_write(run.tiny) < 0)
        die(run.tiny);
    signal(SIGALRM, too_late);
    alarm(300); /* no case may hang a test */
    /* Orphans come back to this process, so that their end is known as well. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (stat("/proc/self/ns/pid", &namespace) < 0)
        die("/proc/self/ns/pid");
    line_open(&line, "begin", NULL);
    line_text(&line, "command", command);
    line_int(&line, "pid", getpid());
    line_int(&line, "start_ticks", proc_start(getpid()));
    line_int(&line, "ticks_per_second", sysconf(_SC_CLK_TCK));
    line_int(&line, "pid_namespace", namespace.st_ino);
    line_int(&line, "seed", run.seed);
    line_close(&line);
}

static long long count_lines(void)
{
    static char text[65536];
    long long lines = 0;
    off_t at = 0;
    ssize_t length;

    while ((length = pread(run.out_fd, text, sizeof(text), at)) > 0) {
        for (ssize_t i = 0; i < length; i++)
            lines += text[i] == '\n';
        at += length;
    }
    return lines;
}

void run_end(void)
{
    struct line line;

    line_open(&line, "end", NULL);
    line_int(&line, "facts", count_lines() - 1); /* all lines between begin and end */
    line_close(&line);
    clean_up();
}

static int usage(void)
{
    fputs("usage: ground-truth processes|signals|oom|sockets --out FILE [--seed N] [--count N]\n"
          "  --out FILE   where the truth goes, as lines of JSON\n"
          "  --seed N     content of generated words (default 1)\n"
          "  --count N    processes: short lives at once (default 200)\n"
          "exit: 0 done, 1 failed, 64 usage, 77 nothing of it can be staged here\n",
          stderr);
    return 64;
}

static bool open_output(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644);

    if (fd < 0)
        return false;
    /* High, so that no case's own descriptors collide with it, and inherited by all. */
    run.out_fd = fcntl(fd, F_DUPFD, 200);
    close(fd);
    return run.out_fd >= 0;
}

static int dispatch(const char *command)
{
    static const struct {
        const char *name;
        int (*function)(void);
    } commands[] = {
        {"processes", processes_main}, {"signals", signals_main}, {"oom", oom_main}, {"sockets", sockets_main}};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(command, commands[i].name))
            return commands[i].function();
    return usage();
}

/*
 * The Swift runtime, which the package manager links into C programs as well, catches crashes and starts a process to
 * print them. Here a crash must be a crash, and every process must be in the truth.
 */
static void crash_plainly(void)
{
    static const int numbers[] = {SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        signal(numbers[i], SIG_DFL);
}

/* What is ignored or blocked is inherited: nohup and a shell's background would keep victims alive. */
static void heed_all_signals(void)
{
    sigset_t none;

    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL); /* refused for SIGKILL, SIGSTOP and those of the C library */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    errno = 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", 1, 0, 'o'}, {"seed", 1, 0, 's'}, {"count", 1, 0, 'n'}, {"help", 0, 0, 'h'}, {0, 0, 0, 0}};
    const char *out = NULL;
    int option;

    crash_plainly();
    if (readlink("/proc/self/exe", run.self, sizeof(run.self) - 1) < 0)
        die("/proc/self/exe");
    if (is_helper())
        return helper_main(argc, argv);
    heed_all_signals();
    run.main_pid = getpid();
    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == 'o')
            out = optarg;
        else if (option == 's')
            run.seed = strtoull(optarg, NULL, 0);
        else if (option == 'n')
            run.count = atoi(optarg);
        else
            return usage();
    }
    if (optind != argc - 1 || !out || run.count < 0 || run.count > 20000)
        return usage();
    if (!open_output(out))
        die(out);
    return dispatch(argv[optind]);
}

/* `storm exec|fork|thread|syscall|bind|signal`: options. */
#include "storm.h"

#include "tiny_program.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void die(const char *what)
{
    fprintf(stderr, "storm: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
    _exit(1);
}

static int usage(void)
{
    fputs("usage: storm exec|fork|thread|syscall|bind|signal [options] [-- WORD...]\n"
          "  --count N      acts in all (default 10000)\n"
          "  --workers W    processes that do them side by side (default 4)\n"
          "  --seconds S    stop after that long (default 60)\n"
          "  --program P    exec: what is executed (default: a static program of 136 bytes, made for it)\n"
          "  --handler      signal: the target catches it (default: it ignores it)\n"
          "  WORD...        exec: the program's argv\n",
          stderr);
    return 64;
}

static storm_work work_named(const char *name)
{
    static const struct {
        const char *name;
        storm_work work;
    } works[] = {{"exec", work_exec},       {"fork", work_fork}, {"thread", work_thread},
                 {"syscall", work_syscall}, {"bind", work_bind}, {"signal", work_signal}};

    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        if (!strcmp(name, works[i].name))
            return works[i].work;
    return NULL;
}

static int run_with_own_program(struct storm *storm, storm_work work)
{
    const char *base = getenv("TMPDIR");
    char dir[256], path[300];
    int result;

    snprintf(dir, sizeof(dir), "%s/storm-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(dir))
        die(dir);
    snprintf(path, sizeof(path), "%s/nothing", dir);
    if (tiny_program_write(path) < 0)
        die(path);
    storm->program = path;
    result = storm_run(storm, work);
    unlink(path);
    rmdir(dir);
    return result;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"count", 1, 0, 'c'},   {"workers", 1, 0, 'w'}, {"seconds", 1, 0, 's'},
                                            {"program", 1, 0, 'p'}, {"handler", 0, 0, 'h'}, {0, 0, 0, 0}};
    char *plain[] = {"nothing", "--in", "particular", NULL};
    struct storm storm = {.count = 10000, .workers = 4, .seconds = 60};
    storm_work work = argc > 1 ? work_named(argv[1]) : NULL;
    int option;

    if (!work)
        return usage();
    storm.name = *++argv;
    argc--;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            storm.count = atol(optarg);
        else if (option == 'w')
            storm.workers = atoi(optarg);
        else if (option == 's')
            storm.seconds = atof(optarg);
        else if (option == 'p')
            storm.program = optarg;
        else if (option == 'h')
            storm.handler = true;
        else
            return usage();
    }
    if (storm.count < 1 || storm.workers < 1 || storm.workers > 256 || storm.seconds <= 0)
        return usage();
    storm.count = (storm.count + storm.workers - 1) / storm.workers;
    storm.words = optind < argc ? argv + optind : plain;
    return storm.program ? storm_run(&storm, work) : run_with_own_program(&storm, work);
}

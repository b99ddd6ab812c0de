/* What a program does to its own name and argv after it was executed. The exec's fact stays what it was. */
#include "truth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MM
#define PR_SET_MM           35
#define PR_SET_MM_ARG_START 8
#define PR_SET_MM_ARG_END   9
#endif

static size_t span(char **argv)
{
    size_t bytes = 0;

    for (int i = 0; argv[i]; i++)
        bytes += strlen(argv[i]) + 1;
    return bytes;
}

/* As sendmail and postgres do. */
static void rewrite(char **argv)
{
    memset(argv[0], 'X', span(argv) - 1);
}

/* Takes away every page that holds nothing but argv: /proc/PID/cmdline is cut short from then on. */
static void unmap(char **argv)
{
    uintptr_t page = sysconf(_SC_PAGESIZE), start = (uintptr_t)argv[0], end = start + span(argv);

    start = (start + page - 1) & ~(page - 1);
    end &= ~(page - 1);
    if (end > start && munmap((void *)start, end - start) < 0)
        die("munmap");
}

static void move(const char *name)
{
    static char elsewhere[] = "argv-elsewhere\0nothing\0to\0see";

    if (prctl(PR_SET_MM, PR_SET_MM_ARG_START, (unsigned long)elsewhere, 0, 0) < 0 ||
        prctl(PR_SET_MM, PR_SET_MM_ARG_END, (unsigned long)elsewhere + sizeof(elsewhere), 0, 0) < 0)
        fact_skipped(name, "PR_SET_MM is refused here: argv stayed where it was");
}

static void execute_again(void)
{
    struct part part = part_of("report", part_name());
    char *const argv[] = {"exec-twice", "--second", NULL};

    part.argv = argv;
    part.exit_code = 19;
    part_exec(&part);
}

int image_part(const char *role, char **argv)
{
    const char *code = getenv("GROUND_TRUTH_EXIT");
    int exit_code = code ? atoi(code) : 0;

    if (!strcmp(role, "rewrite"))
        rewrite(argv);
    else if (!strcmp(role, "unmap"))
        unmap(argv);
    else if (!strcmp(role, "move"))
        move(part_name());
    else if (!strcmp(role, "again"))
        execute_again();
    else if (!strcmp(role, "rename"))
        prctl(PR_SET_NAME, "not-its-name");
    if (strcmp(role, "report"))
        nap(50); /* long enough for a reader of /proc to be misled */
    /* The environment may have gone with the pages: nothing from here on may need it. */
    _exit(exit_code);
}

static void one(const char *name, const char *role)
{
    struct part part = part_of(role, name);

    reap(name, part_start(&part));
}

void image_cases(void)
{
    one("comm-renamed", "rename");
    one("exec-twice", "again");
}

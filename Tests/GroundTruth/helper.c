/*
 * This program, executed again to play a part. The part is told by the environment, because argv belongs to the case:
 * it may be empty, huge or full of escape sequences.
 */
#include "truth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static long number(const char *name, long otherwise)
{
    const char *value = getenv(name);

    return value ? strtol(value, NULL, 10) : otherwise;
}

struct part part_of(const char *role, const char *name)
{
    return (struct part){.role = role, .name = name, .fd = -1};
}

static char *format(const char *name, const char *value)
{
    char *word;

    if (asprintf(&word, "%s=%s", name, value) < 0)
        die("asprintf");
    return word;
}

static char *format_number(const char *name, long value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%ld", value);
    return format(name, digits);
}

char **part_environment(const struct part *part)
{
    size_t extra = 0, n = 0;
    char **environment;

    while (part->extra && part->extra[extra])
        extra++;
    environment = calloc(extra + 12, sizeof(*environment));
    if (!environment)
        die("calloc");
    /* The markers of whoever runs this program must not reach its children: theirs are part of the truth. */
    environment[n++] = format("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment[n++] = format("GROUND_TRUTH_ROLE", part->role);
    environment[n++] = format("GROUND_TRUTH_CASE", part->name);
    environment[n++] = format_number("GROUND_TRUTH_OUT", run.out_fd);
    environment[n++] = format_number("GROUND_TRUTH_FD", part->fd);
    environment[n++] = format_number("GROUND_TRUTH_EXIT", part->exit_code);
    environment[n++] = format_number("GROUND_TRUTH_OLD_TID", part->old_tid);
    environment[n++] = format_number("GROUND_TRUTH_OUTER_PID", part->outer_pid);
    environment[n++] = format_number("GROUND_TRUTH_OUTER_PPID", part->outer_ppid);
    for (size_t i = 0; i < extra; i++)
        environment[n++] = part->extra[i];
    return environment;
}

_Noreturn void part_exec(const struct part *part)
{
    char *const plain[] = {(char *)part->name, NULL};

    execve(part->path ? part->path : run.self, part->argv ? part->argv : plain, part_environment(part));
    die("execve");
}

pid_t part_start(const struct part *part)
{
    pid_t child = make_child(part->name);

    if (child == 0)
        part_exec(part);
    return child;
}

bool is_helper(void)
{
    return getenv("GROUND_TRUTH_ROLE") != NULL;
}

int part_fd(void)
{
    return number("GROUND_TRUTH_FD", -1);
}

const char *part_name(void)
{
    return getenv("GROUND_TRUTH_CASE");
}

int helper_main(int argc, char **argv)
{
    const char *role = getenv("GROUND_TRUTH_ROLE");

    run.out_fd = number("GROUND_TRUTH_OUT", -1);
    if (!strcmp(role, "victim"))
        return victim_part();
    if (!strcmp(role, "actor"))
        return actor_part(argc, argv);
    if (!strcmp(role, "memory"))
        return memory_part(argc, argv);
    if (!strcmp(role, "server"))
        return server_part(argc, argv);
    fact_exec(argv);
    return image_part(role, argv);
}

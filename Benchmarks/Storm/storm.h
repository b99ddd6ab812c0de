/* Storms: one kind of act, many times, with a bound on both count and time. */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>

struct storm {
    const char *name;
    long count; /* of one worker */
    int workers;
    double seconds;      /* stop after that long, whatever the count */
    const char *program; /* exec: what is executed */
    bool handler;        /* signal: caught instead of ignored */
    char **words;        /* exec: argv */
};

/* Does it up to storm->count times; says how often it was done. */
typedef long (*storm_work)(const struct storm *storm);

_Noreturn void die(const char *what);
bool time_left(const struct storm *storm, long done);

long work_exec(const struct storm *storm);
long work_fork(const struct storm *storm);
long work_thread(const struct storm *storm);
long work_syscall(const struct storm *storm);
long work_bind(const struct storm *storm);
long work_signal(const struct storm *storm);

/* Runs the workers and prints the figures as one line of JSON. */
int storm_run(const struct storm *storm, storm_work work);

#endif

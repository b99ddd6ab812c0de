/* Starts the workers together, waits for them, adds up. */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double deadline;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* Looks at the clock once in 64 acts: the clock is no part of what is measured. */
bool time_left(const struct storm *storm, long done)
{
    return done < storm->count && ((done & 63) || now() < deadline);
}

static double seconds(struct timeval time)
{
    return time.tv_sec + time.tv_usec / 1e6;
}

static _Noreturn void be_worker(const struct storm *storm, storm_work work, int start, int result)
{
    char byte;
    long done;

    if (read(start, &byte, 1) != 0) /* end of file: all are there */
        die("start");
    deadline = now() + storm->seconds;
    done = work(storm);
    if (write(result, &done, sizeof(done)) != sizeof(done))
        die("result");
    _exit(0);
}

static void print(const struct storm *storm, long done, double wall)
{
    struct rusage children;

    /* The workers are children, and what they waited for is in their figures: this is the whole storm. */
    getrusage(RUSAGE_CHILDREN, &children);
    printf("{\"storm\":\"%s\",\"count\":%ld,\"workers\":%d,\"wall_seconds\":%.6f,\"per_second\":%.1f,"
           "\"user_seconds\":%.6f,\"system_seconds\":%.6f,\"cpu_microseconds_each\":%.3f,\"complete\":%s}\n",
           storm->name, done, storm->workers, wall, done / wall, seconds(children.ru_utime), seconds(children.ru_stime),
           done ? (seconds(children.ru_utime) + seconds(children.ru_stime)) * 1e6 / done : 0,
           done == storm->count * storm->workers ? "true" : "false");
}

int storm_run(const struct storm *storm, storm_work work)
{
    int start[2], result[2], failed = 0, status;
    long done, total = 0;
    double begin;

    if (pipe(start) < 0 || pipe(result) < 0)
        die("pipe");
    for (int i = 0; i < storm->workers; i++) {
        pid_t worker = fork();

        if (worker < 0)
            die("fork");
        if (worker == 0) {
            close(start[1]);
            be_worker(storm, work, start[0], result[1]);
        }
    }
    close(start[0]);
    close(result[1]);
    begin = now();
    close(start[1]);
    while (read(result[0], &done, sizeof(done)) == sizeof(done))
        total += done;
    begin = now() - begin;
    while (wait(&status) > 0)
        failed |= status;
    if (!failed)
        print(storm, total, begin);
    return failed ? 1 : 0;
}

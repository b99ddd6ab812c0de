/* Victims, actors, and the line that says who did what to whom. */
#ifndef STAGE_H
#define STAGE_H

#include "truth.h"

#define STAGED 300 /* ms that a victim lives before anything is done to it, so that a watcher can have seen it */

struct victim {
    const char *name;
    pid_t pid;
    int fd; /* the director's end */
    unsigned long long start_ticks;
    char argv0[64];
    char *argv[3];
};

struct actor {
    pid_t pid;
    unsigned long long start_ticks;
    char words[4][64];
    char *argv[6];
    int result; /* 0 or an errno */
};

struct outcome {
    const char *mechanism; /* signal, crash, exit */
    const struct actor *actor;
    int number;        /* of the signal that did it, 0 if none did */
    pid_t innocent[4]; /* took part or were claimed, but did not do it */
};

struct victim stage(const char *name, const char *mode, const char *word);
void await_victim(struct victim *victim); /* its pid, once it is ready */
void go(const struct victim *victim);
pid_t start_actor(struct actor *actor, const char *name, const char *const words[4], int fd, int input);
void wait_actor(struct actor *actor);
struct actor act(const char *name, const char *method, pid_t target, int number, const char *extra);
void conclude(struct victim *victim, const struct outcome *outcome);
void discard(struct victim *victim, const char *why);

void special_cases(void);
void kernel_cases(void);

#endif

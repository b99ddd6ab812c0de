/* Puts victims and actors up, and tells what became of them. */
#include "stage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void await_victim(struct victim *victim)
{
    victim->pid = receive_pid(victim->fd);
    if (!victim->pid)
        die(victim->name);
    victim->start_ticks = proc_start(victim->pid);
}

struct victim stage(const char *name, const char *mode, const char *word)
{
    struct victim victim = {.name = name};
    char setting[64], *extra[] = {setting, NULL};
    struct part part = part_of("victim", name);
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    snprintf(setting, sizeof(setting), "GROUND_TRUTH_MODE=%s", mode);
    snprintf(victim.argv0, sizeof(victim.argv0), "victim-%s", name);
    victim.fd = ends[0];
    victim.pid = fork();
    if (victim.pid < 0)
        die("fork");
    if (victim.pid == 0) {
        char *const argv[] = {victim.argv0, (char *)word, NULL};

        part.extra = extra;
        part.argv = argv;
        part.fd = dup(ends[1]); /* without close-on-exec */
        part_exec(&part);
    }
    close(ends[1]);
    victim.argv[1] = (char *)word; /* argv[0] is put in when the line is written: this struct is copied */
    await_victim(&victim);
    return victim;
}

void go(const struct victim *victim)
{
    send_pid(victim->fd, 1);
}

pid_t start_actor(struct actor *actor, const char *name, const char *const words[4], int fd, int input)
{
    struct part part = part_of("actor", name);

    snprintf(actor->words[0], sizeof(actor->words[0]), "actor-%s", name);
    actor->argv[0] = actor->words[0];
    for (int i = 0; i < 4; i++)
        actor->argv[i + 1] = (char *)words[i];
    actor->pid = fork();
    if (actor->pid < 0)
        die("fork");
    if (actor->pid == 0) {
        if (input >= 0 && dup2(input, 0) < 0)
            die("dup2");
        part.argv = actor->argv;
        part.fd = fd;
        part_exec(&part);
    }
    actor->start_ticks = proc_start(actor->pid);
    return actor->pid;
}

void wait_actor(struct actor *actor)
{
    int status;

    if (waitpid(actor->pid, &status, 0) != actor->pid || !WIFEXITED(status))
        die("an actor did not end by itself");
    actor->result = WEXITSTATUS(status);
    if (actor->result == BROKEN)
        die("an actor could not act");
}

struct actor act(const char *name, const char *method, pid_t target, int number, const char *extra)
{
    static char kept[64][2][16]; /* argv outlives this call: the line is written later */
    static int next;
    char(*digits)[16] = kept[next++ % 64];
    const char *const words[4] = {method, digits[0], digits[1], extra};
    struct actor actor = {0};

    snprintf(digits[0], sizeof(digits[0]), "%d", target);
    snprintf(digits[1], sizeof(digits[1]), "%d", number);
    start_actor(&actor, name, words, -1, -1);
    wait_actor(&actor);
    return actor;
}

static void write_actor(struct line *line, const struct actor *actor)
{
    char *argv[6];

    line_int_or_null(line, "actor", actor ? actor->pid : 0, actor);
    line_int_or_null(line, "actor_start_ticks", actor ? (long long)actor->start_ticks : 0, actor);
    if (!actor) {
        line_text(line, "actor_argv", NULL);
        return;
    }
    memcpy(argv, actor->argv, sizeof(argv));
    if (actor->words[0][0])
        argv[0] = (char *)actor->words[0];
    line_words(line, "actor_argv", argv);
}

static void write_end(struct line *line, int status)
{
    line_int_or_null(line, "ended_code", WEXITSTATUS(status), WIFEXITED(status));
    line_int_or_null(line, "ended_signal", WTERMSIG(status), WIFSIGNALED(status));
    line_bool(line, "ended_core", WIFSIGNALED(status) && WCOREDUMP(status));
}

void conclude(struct victim *victim, const struct outcome *outcome)
{
    struct line line;
    int status;
    char digits[16];

    if (waitpid(victim->pid, &status, 0) != victim->pid || (WIFEXITED(status) && WEXITSTATUS(status) == BROKEN))
        die(victim->name);
    victim->argv[0] = victim->argv0;
    line_open(&line, "disruption", victim->name);
    line_int(&line, "victim", victim->pid);
    line_int(&line, "victim_start_ticks", victim->start_ticks);
    line_words(&line, "victim_argv", victim->argv);
    line_text(&line, "mechanism", outcome->mechanism);
    write_actor(&line, outcome->actor);
    line_int_or_null(&line, "signal", outcome->number, outcome->number);
    line_key(&line, "innocent");
    line_raw(&line, "[");
    for (int i = 0; i < 4 && outcome->innocent[i]; i++) {
        snprintf(digits, sizeof(digits), "%s%d", i ? "," : "", outcome->innocent[i]);
        line_raw(&line, digits);
    }
    line_raw(&line, "]");
    write_end(&line, status);
    line_close(&line);
    close(victim->fd);
}

/* The act could not be done here: the victim is ended, and the case is said to be skipped. */
void discard(struct victim *victim, const char *why)
{
    kill(victim->pid, SIGKILL);
    waitpid(victim->pid, NULL, 0);
    close(victim->fd);
    fact_skipped(victim->name, why);
}

/* Many at once: short lives, a deep chain, a wide family. */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 30
#define WIDTH 50

struct life {
    pid_t pid;
    char serial[24], word[24];
    char *argv[6];
};

static void start_life(struct life *life, int serial, uint64_t *state)
{
    char *word = random_word(state, 8 + random_next(state) % 12);
    int words = random_next(state) % 3;

    snprintf(life->serial, sizeof(life->serial), "life-%d", serial);
    snprintf(life->word, sizeof(life->word), "%s", word);
    free(word);
    life->argv[0] = "short-life";
    life->argv[1] = life->serial;
    for (int i = 0; i <= words; i++)
        life->argv[2 + i] = i < words ? life->word : NULL;
    life->pid = vfork();
    if (life->pid == 0) {
        execv(run.tiny, life->argv);
        _exit(BROKEN);
    }
    if (life->pid < 0)
        die("vfork");
}

static void end_life(struct life *life)
{
    int argc = 0, status;
    siginfo_t info;

    while (life->argv[argc])
        argc++;
    if (waitid(P_PID, life->pid, &info, WEXITED | WNOWAIT) < 0)
        die("waitid");
    fact_fork("short-life", getpid(), life->pid);
    fact_exec_of("short-life", life->pid, run.tiny, life->argv);
    status = reap("short-life", life->pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != argc)
        die("the tiny program did not count its words");
}

/* All are started before one is waited for; each is gone long before anybody could look it up in /proc. */
static void short_lives(void)
{
    struct life *lives = calloc(run.count, sizeof(*lives));
    uint64_t state = run.seed;

    if (!lives && run.count)
        die("calloc");
    for (int i = 0; i < run.count; i++)
        start_life(&lives[i], i, &state);
    for (int i = 0; i < run.count; i++)
        end_life(&lives[i]);
    free(lives);
}

static void descend(int left)
{
    pid_t child;

    if (left == 0)
        return;
    child = make_child("deep-chain");
    if (child == 0) {
        descend(left - 1);
        _exit(left);
    }
    reap("deep-chain", child);
}

static void wide_family(void)
{
    pid_t child[WIDTH];
    int gate[2];

    channel(gate);
    for (int i = 0; i < WIDTH; i++) {
        child[i] = make_child("wide-family");
        if (child[i] == 0) {
            close(gate[1]);
            receive_pid(gate[0]); /* end of file: all are alive until then */
            _exit(i);
        }
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < WIDTH; i++)
        reap("wide-family", child[i]);
}

void crowd_cases(void)
{
    short_lives();
    descend(DEPTH);
    wide_family();
}

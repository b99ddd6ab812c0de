/* argv of every shape that execve takes. */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void with(const char *name, const char *role, char *const argv[])
{
    struct part part = part_of(role, name);

    part.argv = argv;
    reap(name, part_start(&part));
}

/* Words of varied length between a head and a tail that are easy to recognise; `total` bytes with their NULs. */
static char **filled(const char *name, size_t total)
{
    uint64_t state = run.seed ^ total;
    size_t used, n = 0;
    char **argv = calloc(total / 2 + 4, sizeof(*argv)), tail[64];

    if (!argv)
        die("calloc");
    snprintf(tail, sizeof(tail), "tail-%s-%llu", name, (unsigned long long)run.seed);
    used = strlen(tail) + 1;
    argv[n] = malloc(96);
    snprintf(argv[n], 96, "head-%s-%llu", name, (unsigned long long)run.seed);
    used += strlen(argv[n++]) + 1;
    while (used < total) {
        size_t length = 1 + random_next(&state) % 120;

        /* A word of one byte needs two: leave room for that or take all that is left. */
        if (total - used < length + 3)
            length = total - used - 1;
        argv[n++] = random_word(&state, length);
        used += length + 1;
    }
    argv[n] = strdup(tail);
    return argv;
}

static void of_size(const char *name, size_t total, const char *role)
{
    char **argv = filled(name, total);

    with(name, role, argv);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    free(argv);
}

static void one_long_word(void)
{
    uint64_t state = run.seed;
    char *word = random_word(&state, 100000);
    char *argv[] = {"one-long-word", word, NULL};

    with("one-long-word", "report", argv);
    free(word);
}

static void shapes(void)
{
    /* Linux 5.18 and later put one empty word in; earlier ones let argc be 0. */
    char *const none[] = {NULL};
    char *const empty[] = {"", NULL};
    char *const holes[] = {"empty-words", "", "middle", "", "", NULL};
    char *const bytes[] = {
        "odd-bytes",   "new\nline",          "tab\tcr\r",        "\033[31mred\033[0m", "\xff\xfe\x80",
        "caf\xc3\xa9", "quote\"back\\slash", "\xe2\x80\xae rtl", "\x07\x7f",           "  spaces  ",
        NULL};
    char *const markers[] = {"marker-in-argv", "CLAUDECODE=1", "AI_AGENT=argv", NULL};
    char *const plain[] = {"/usr/bin/env", "--token=sesame-open", "-v", NULL};

    with("argv-null", "report", none);
    with("argv-one-empty", "report", empty);
    with("empty-words", "report", holes);
    with("odd-bytes", "report", bytes);
    with("marker-in-argv", "report", markers);
    with("argv0-lies", "report", plain);
}

void argument_cases(void)
{
    /* At and around what one read, one page and the collector's head and tail can hold. */
    static const size_t sizes[] = {511, 512, 513, 1535, 1536, 1537, 2047, 2048, 2049, 4095, 4096, 4097};
    char name[32];

    shapes();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        snprintf(name, sizeof(name), "argv-%zu", sizes[i]);
        of_size(name, sizes[i], "report");
    }
    of_size("argv-29k", 29 * 1024, "report");
    of_size("argv-1m", 1 << 20, "report");
    one_long_word();
    /* What /proc/PID/cmdline says afterwards is not what was executed. */
    of_size("argv-rewritten", 300, "rewrite");
    of_size("argv-unmapped", 29 * 1024, "unmap");
    of_size("argv-moved", 300, "move");
}

/* Agent markers: first, in the middle and last, in environments of up to 100 KB, and things that only look like them.
 */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `total` bytes of other variables; `marker` at word `position` of `words`. */
static char **surround(const char *marker, size_t total, int words, int position)
{
    uint64_t state = run.seed + total;
    char **extra = calloc(words + 2, sizeof(*extra)), *value;
    int n = 0;

    if (!extra)
        die("calloc");
    for (int i = 0; i <= words; i++) {
        if (i == position)
            extra[n++] = (char *)marker;
        if (i == words)
            break;
        value = random_word(&state, total / words - 8);
        if (asprintf(&extra[n++], "F%04d=%s", i, value) < 0)
            die("asprintf");
        free(value);
    }
    return extra;
}

static void with(const char *name, char **extra)
{
    struct part part = part_of("report", name);

    part.extra = extra;
    reap(name, part_start(&part));
}

static void long_value(void)
{
    uint64_t state = run.seed;
    char *value = random_word(&state, 400), *marker;

    if (asprintf(&marker, "AI_AGENT=%s", value) < 0)
        die("asprintf");
    with("marker-long-value", surround(marker, 200, 2, 1));
}

void environment_cases(void)
{
    char *several[] = {"CLAUDECODE=1", "A=b", "CLAUDE_CODE_ENTRYPOINT=cli", "GEMINI_CLI=1", "AI_AGENT=truth", NULL};
    char *empty[] = {"CLAUDECODE=", NULL};
    /* Not markers: another name before, after and inside, and a value that quotes one. */
    char *decoys[] = {"NOT_CLAUDECODE=1", "CLAUDECODE_NOT=1", "CLAUDECOD=1", "X=CLAUDECODE=1", "claudecode=1", NULL};

    with("no-marker", NULL);
    with("marker-alone", several);
    with("marker-empty", empty);
    with("marker-decoys", decoys);
    with("marker-middle-2k", surround("CLAUDECODE=1", 2048, 20, 10));
    with("marker-end-2k", surround("CLAUDECODE=1", 2048, 20, 20));
    with("marker-middle-6k", surround("CLAUDECODE=1", 6144, 40, 20));
    with("marker-middle-20k", surround("CODEX_SANDBOX=seatbelt", 20480, 40, 20));
    with("marker-end-20k", surround("AI_AGENT=truth", 20480, 40, 40));
    with("marker-start-100k", surround("CLAUDECODE=1", 102400, 100, 0));
    with("marker-middle-100k", surround("CLAUDECODE=1", 102400, 100, 50));
    with("marker-end-100k", surround("CLAUDECODE=1", 102400, 100, 100));
    with("no-marker-100k", surround("NOT=1", 102400, 100, 100));
    long_value();
}

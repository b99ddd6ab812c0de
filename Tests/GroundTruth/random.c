/* The same seed gives the same words on every machine. */
#include "truth.h"

#include <stdlib.h>

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

char *random_word(uint64_t *state, size_t length)
{
    char *word = malloc(length + 1);

    if (!word)
        die("malloc");
    for (size_t i = 0; i < length; i++)
        word[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[random_next(state) % 36];
    word[length] = 0;
    return word;
}

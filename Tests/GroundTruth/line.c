/* A line of JSON, written with a single write. */
#include "truth.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void append(struct line *line, const char *text, size_t length)
{
    if (line->length + length + 1 > line->capacity) {
        line->capacity = (line->length + length + 1) * 2;
        line->text = realloc(line->text, line->capacity);
        if (!line->text)
            die("realloc");
    }
    memcpy(line->text + line->length, text, length);
    line->length += length;
    line->text[line->length] = 0;
}

void line_raw(struct line *line, const char *raw)
{
    append(line, raw, strlen(raw));
}

/* Length of the well-formed UTF-8 sequence at `s`, 0 if there is none. */
static int sequence(const unsigned char *s)
{
    static const unsigned int least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = *s < 0x80 ? 1 : (*s & 0xe0) == 0xc0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : (*s & 0xf8) == 0xf0 ? 4 : 0;
    unsigned int code = length > 1 ? *s & (0x7f >> length) : *s;

    for (int i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    if (length > 1 && (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)))
        return 0;
    return length;
}

void line_value(struct line *line, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    char escape[8];
    int length;

    line_raw(line, "\"");
    for (; *s; s += length ? length : 1) {
        length = sequence(s);
        if (!length) {
            line_raw(line, "\xef\xbf\xbd");
        } else if (*s < 0x20 || *s == 0x7f || *s == '"' || *s == '\\') {
            snprintf(escape, sizeof(escape), "\\u%04x", *s);
            line_raw(line, escape);
        } else {
            append(line, (const char *)s, length);
        }
    }
    line_raw(line, "\"");
}

void line_key(struct line *line, const char *key)
{
    if (line->length > 1)
        line_raw(line, ",");
    line_value(line, key);
    line_raw(line, ":");
}

void line_open(struct line *line, const char *kind, const char *name)
{
    *line = (struct line){0};
    line_raw(line, "{");
    line_text(line, "kind", kind);
    if (name)
        line_text(line, "case", name);
}

void line_int(struct line *line, const char *key, long long value)
{
    char digits[24];

    line_key(line, key);
    snprintf(digits, sizeof(digits), "%lld", value);
    line_raw(line, digits);
}

void line_int_or_null(struct line *line, const char *key, long long value, bool known)
{
    if (known)
        line_int(line, key, value);
    else
        line_text(line, key, NULL);
}

void line_bool(struct line *line, const char *key, bool value)
{
    line_key(line, key);
    line_raw(line, value ? "true" : "false");
}

void line_text(struct line *line, const char *key, const char *value)
{
    line_key(line, key);
    if (value)
        line_value(line, value);
    else
        line_raw(line, "null");
}

void line_words(struct line *line, const char *key, char *const words[])
{
    line_key(line, key);
    line_raw(line, "[");
    for (int i = 0; words[i]; i++) {
        if (i)
            line_raw(line, ",");
        line_value(line, words[i]);
    }
    line_raw(line, "]");
}

void line_base64(struct line *line, const char *key, const void *bytes, size_t length)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = bytes;

    line_key(line, key);
    line_raw(line, "\"");
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned int b = s[i] << 16 | (left > 1 ? s[i + 1] << 8 : 0) | (left > 2 ? s[i + 2] : 0);
        char four[4] = {digit[b >> 18], digit[b >> 12 & 63], left > 1 ? digit[b >> 6 & 63] : '=',
                        left > 2 ? digit[b & 63] : '='};
        append(line, four, 4);
    }
    line_raw(line, "\"");
}

void line_close(struct line *line)
{
    line_raw(line, "}\n");
    if (write(run.out_fd, line->text, line->length) != (ssize_t)line->length)
        die("write a fact");
    free(line->text);
    *line = (struct line){0};
}

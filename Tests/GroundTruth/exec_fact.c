/* The fact that a process executed something, told by the new program itself where it can tell. */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ARGV_KEPT     65536 /* bytes of argv in a fact; a longer one also gets its last bytes */
#define ARGV_TAIL     4096
#define ARGV_AS_WORDS 4096

extern char **environ;

/* Agent markers that the cases plant; a fact names those that are really there, and where in the block. */
static const char *const markers[] = {
    "AI_AGENT=", "CLAUDECODE=", "CLAUDE_CODE_ENTRYPOINT=", "CODEX_SANDBOX=", "GEMINI_CLI="};

static size_t total(char *const words[])
{
    size_t bytes = 0;

    for (int i = 0; words[i]; i++)
        bytes += strlen(words[i]) + 1;
    return bytes;
}

static void write_argv(struct line *line, char *const argv[])
{
    size_t bytes = total(argv), at = 0;
    char *block = malloc(bytes + 1);
    int argc = 0;

    if (!block)
        die("malloc");
    for (; argv[argc]; argc++) {
        strcpy(block + at, argv[argc]);
        at += strlen(argv[argc]) + 1;
    }
    line_int(line, "argc", argc);
    line_int(line, "argv_total", bytes);
    if (bytes <= ARGV_AS_WORDS)
        line_words(line, "argv", argv);
    else
        line_text(line, "argv", NULL);
    line_base64(line, "argv_base64", block, bytes < ARGV_KEPT ? bytes : ARGV_KEPT);
    if (bytes > ARGV_KEPT)
        line_base64(line, "argv_tail_base64", block + bytes - ARGV_TAIL, ARGV_TAIL);
    free(block);
}

static void write_markers(struct line *line)
{
    char item[64];
    size_t offset = 0;
    bool first = true;

    line_int(line, "environment_total", total(environ));
    line_key(line, "markers");
    line_raw(line, "[");
    for (int i = 0; environ[i]; offset += strlen(environ[i]) + 1, i++) {
        for (size_t m = 0; m < sizeof(markers) / sizeof(markers[0]); m++) {
            if (strncmp(environ[i], markers[m], strlen(markers[m])))
                continue;
            snprintf(item, sizeof(item), "%s{\"offset\":%zu,\"text\":", first ? "" : ",", offset);
            line_raw(line, item);
            line_value(line, environ[i]);
            line_raw(line, "}");
            first = false;
        }
    }
    line_raw(line, "]");
}

static void write_who(struct line *line, const char *name, pid_t pid, pid_t ppid, const struct proc *proc)
{
    line_open(line, "exec", name);
    line_int(line, "pid", pid);
    line_int(line, "start_ticks", proc->start_ticks);
    line_int(line, "ppid", ppid);
    line_int(line, "uid", proc->uid);
}

/* By the new program: what its own stack, its own /proc entry and its own name say. */
void fact_exec(char *const argv[])
{
    const char *outer_pid = getenv("GROUND_TRUTH_OUTER_PID"), *outer_ppid = getenv("GROUND_TRUTH_OUTER_PPID");
    pid_t pid = outer_pid ? atoi(outer_pid) : 0, ppid = outer_ppid ? atoi(outer_ppid) : 0;
    const char *old_tid = getenv("GROUND_TRUTH_OLD_TID");
    char exe[4096] = "", comm[17] = "";
    struct proc proc = {0};
    struct line line;

    /* In an inner pid namespace getpid() is not the number that the run's facts use. /proc is still the outer one. */
    if (!proc_read(pid ? pid : getpid(), &proc) || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
        die("read the own /proc entry");
    prctl(PR_GET_NAME, comm);
    write_who(&line, part_name(), pid ? pid : getpid(), pid ? ppid : getppid(), &proc);
    line_int(&line, "inner_pid", pid ? getpid() : 0);
    line_int(&line, "old_tid", old_tid ? atoi(old_tid) : 0);
    line_text(&line, "path", (const char *)getauxval(AT_EXECFN));
    line_text(&line, "exe", exe);
    line_text(&line, "comm", comm);
    write_argv(&line, argv);
    write_markers(&line);
    line_text(&line, "told_by", "self");
    line_close(&line);
}

/*
 * Of the tiny program, which cannot speak, by the one that started it and has it as a zombie: its exit code was its
 * argc, so it ran, and with that many words.
 */
void fact_exec_of(const char *name, pid_t pid, const char *path, char *const argv[])
{
    struct proc proc;
    struct line line;
    char exe[4096];

    if (!proc_read(pid, &proc) || !realpath(path, exe))
        die("read a zombie's /proc entry");
    write_who(&line, name, pid, proc.ppid, &proc);
    line_int(&line, "inner_pid", proc.inner_pid);
    line_int(&line, "old_tid", 0);
    line_text(&line, "path", path);
    line_text(&line, "exe", exe);
    line_text(&line, "comm", NULL);
    write_argv(&line, argv);
    line_text(&line, "environment_total", NULL);
    line_raw(&line, ",\"markers\":[]");
    line_text(&line, "told_by", "parent");
    line_close(&line);
}

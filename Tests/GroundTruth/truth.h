/*
 * Programs whose truth is known. Every line of the output is one fact, written by the process that did it or by the one
 * that waited for it, so that the truth is what happened and not what was meant to happen.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SKIPPED 77  /* exit code: nothing could be staged here */
#define BROKEN  125 /* exit code of a child that could not do its part */

/* What all processes of one run share: fork copies it, exec rebuilds it from the environment. */
struct run {
    int out_fd; /* O_APPEND, one write a line: lines of many processes never mix */
    uint64_t seed;
    int count;       /* short lives */
    char dir[256];   /* scratch directory, "" in an exec'ed helper */
    char tiny[300];  /* exits with its argc */
    char self[4096]; /* this executable */
    pid_t main_pid;
};

extern struct run run;

/* main.c */
_Noreturn void die(const char *what);
const char *scratch(const char *name); /* path in the scratch directory; valid until the fourth next call */
void run_begin(const char *command);
void run_end(void);

/* random.c */
uint64_t random_next(uint64_t *state);
char *random_word(uint64_t *state, size_t length); /* [a-z0-9], malloc'ed */

/* line.c: one JSON object */
struct line {
    char *text;
    size_t length, capacity;
};

void line_open(struct line *line, const char *kind, const char *name);
void line_key(struct line *line, const char *key);
void line_int(struct line *line, const char *key, long long value);
void line_int_or_null(struct line *line, const char *key, long long value, bool known);
void line_bool(struct line *line, const char *key, bool value);
void line_text(struct line *line, const char *key, const char *value); /* NULL becomes null */
void line_words(struct line *line, const char *key, char *const words[]);
void line_base64(struct line *line, const char *key, const void *bytes, size_t length);
void line_raw(struct line *line, const char *raw);
void line_value(struct line *line, const char *text); /* a JSON string, no key */
void line_close(struct line *line);                   /* writes it */

/* proc.c: what the kernel says of a process that still has its entry, zombies included */
struct proc {
    pid_t ppid;
    pid_t inner_pid; /* in its own pid namespace; 0 when that is the reader's */
    uid_t uid;
    unsigned long long start_ticks;
};

bool proc_read(pid_t pid, struct proc *proc);
unsigned long long proc_start(pid_t pid);
pid_t proc_inner_child(pid_t parent, pid_t inner_pid); /* that one's pid out here, 0 if there is none */

/* child.c */
void fact_fork(const char *name, pid_t creator, pid_t child);
void fact_born(const char *name, pid_t creator); /* by the child itself */
void fact_exit(const char *name, pid_t pid, const struct proc *proc, int status);
void fact_absent(const char *of, const char *name, pid_t pid, const char *path, const char *why);
void fact_skipped(const char *name, const char *why);
pid_t make_child(const char *name); /* fork; the child reports its own birth */
int reap(const char *name, pid_t pid);
int reap_made(const char *name, pid_t creator, pid_t pid); /* reports its birth, too */
void nap(int milliseconds);
void channel(int ends[2]);
void send_pid(int fd, pid_t pid);
pid_t receive_pid(int fd);

/* helper.c: this program again, in a part given by its environment */
struct part {
    const char *role, *name; /* name: the case */
    const char *path;        /* NULL: this executable */
    char *const *argv;       /* NULL: { name, NULL } */
    char **extra;            /* more of the environment, NULL-terminated; not owned */
    int fd;                  /* for the part to use, or -1 */
    int exit_code;
    pid_t old_tid;               /* the thread that executes, when it is not the leader */
    pid_t outer_pid, outer_ppid; /* as seen from outside a pid namespace, else 0 */
};

struct part part_of(const char *role, const char *name);
char **part_environment(const struct part *part); /* malloc'ed */
_Noreturn void part_exec(const struct part *part);
pid_t part_start(const struct part *part); /* fork and exec, with the fork reported */
bool is_helper(void);
int helper_main(int argc, char **argv);
int part_fd(void); /* in the helper */
const char *part_name(void);
void fact_exec(char *const argv[]);                                                   /* by the process itself */
void fact_exec_of(const char *name, pid_t pid, const char *path, char *const argv[]); /* of the tiny program */

/* the commands */
int processes_main(void);
int signals_main(void);
int oom_main(void);
int sockets_main(void);

/* the parts */
int victim_part(void);
int actor_part(int argc, char **argv);
int memory_part(int argc, char **argv);
int server_part(int argc, char **argv);
void copy_self(const char *path);              /* an executable copy of this program */
int image_part(const char *role, char **argv); /* has reported its exec already */

/* the process cases, by file */
void creation_cases(void);
void namespace_cases(void);
void thread_cases(void);
void argument_cases(void);
void path_cases(void);
void image_cases(void);
void ending_cases(void);
void environment_cases(void);
void crowd_cases(void);

/* cgroup.c */
bool cgroup_make(char *path, size_t size, bool memory); /* below this process's own, for the v2 tree or for memory */
bool cgroup_write(const char *path, const char *file, const char *text);
long long cgroup_read(const char *path, const char *file, const char *key); /* -1 when unknown */
bool cgroup_add(const char *path, pid_t pid);
void cgroup_remove(const char *path);
void cgroup_abandon(void); /* removes what was made, if it is still there */
extern bool cgroup_memory_is_v1;

#endif

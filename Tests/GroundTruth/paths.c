/* Every way to name an executable. */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

void copy_self(const char *path)
{
    int from = open(run.self, O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    struct stat status;

    if (from < 0 || to < 0 || fstat(from, &status) < 0 || sendfile(to, from, NULL, status.st_size) != status.st_size)
        die(path);
    close(from);
    close(to);
}

static void write_script(const char *path, const char *interpreter)
{
    FILE *file = fopen(path, "we");

    if (!file || fprintf(file, "#!%s\n", interpreter) < 0 || fclose(file) || chmod(path, 0755) < 0)
        die(path);
}

static void execute(const char *name, const char *path)
{
    struct part part = part_of("report", name);

    part.path = path;
    reap(name, part_start(&part));
}

static void scripts(void)
{
    char interpreter[600];

    /* The kernel keeps no more than 256 bytes of the first line: a copy has a short enough path. */
    copy_self(scratch("interpreter"));
    snprintf(interpreter, sizeof(interpreter), "%s one argument", scratch("interpreter"));
    write_script(scratch("script"), interpreter);
    execute("script", scratch("script"));
    write_script(scratch("script-of-script"), scratch("script"));
    execute("script-of-script", scratch("script-of-script"));
}

static void copies(void)
{
    char deep[900];

    copy_self(scratch("a-name-longer-than-any-comm-can-be"));
    execute("long-name", scratch("a-name-longer-than-any-comm-can-be"));
    copy_self(scratch("blank and \xc3\xbcml\xc3\xa4ut"));
    execute("blank-in-path", scratch("blank and \xc3\xbcml\xc3\xa4ut"));
    if (symlink(run.self, scratch("link")) < 0)
        die("symlink");
    execute("symlink", scratch("link"));
    snprintf(deep, sizeof(deep), "%s", run.dir);
    for (int i = 0; i < 12; i++) {
        size_t length = strlen(deep);

        snprintf(deep + length, sizeof(deep) - length, "/%02d-%048d", i, i);
        if (mkdir(deep, 0755) < 0)
            die(deep);
    }
    strcat(deep, "/end");
    copy_self(deep);
    execute("long-path", deep);
}

/* The path of the executable goes through a mount point. */
static void other_mount(void)
{
    const char *name = "other-mount";
    struct stat here, there;
    char path[64];

    snprintf(path, sizeof(path), "/dev/shm/ground-truth-%d", getpid());
    if (stat("/dev/shm", &there) < 0 || stat("/dev", &here) < 0 || here.st_dev == there.st_dev)
        return fact_skipped(name, "/dev/shm is no mount point");
    copy_self(path);
    if (access(path, X_OK) < 0)
        fact_skipped(name, "/dev/shm is mounted noexec");
    else
        execute(name, path);
    unlink(path);
}

static void relative(void)
{
    const char *name = "relative-path";
    pid_t child = make_child(name);
    struct part part = part_of("report", name);

    part.path = "./a-name-longer-than-any-comm-can-be";
    if (child == 0) {
        if (chdir(run.dir) < 0)
            die("chdir");
        part_exec(&part);
    }
    reap(name, child);
    execute("proc-self-exe", "/proc/self/exe");
}

static void by_descriptor(const char *name, int fd)
{
    struct part part = part_of("report", name);
    char *const argv[] = {(char *)name, "--by-descriptor", NULL};
    pid_t child = make_child(name);

    if (child == 0) {
        fexecve(fd, argv, part_environment(&part));
        die("fexecve");
    }
    reap(name, child);
    close(fd);
}

static void descriptors(void)
{
    struct stat status;
    int self = open(run.self, O_RDONLY | O_CLOEXEC), memory = memfd_create("ground-truth", MFD_CLOEXEC);

    if (self < 0 || memory < 0 || fstat(self, &status) < 0 ||
        sendfile(memory, self, NULL, status.st_size) != status.st_size)
        die("memfd");
    by_descriptor("fexecve", self);
    by_descriptor("memfd", memory);
}

static void unlinked(void)
{
    const char *path = scratch("deleted");
    int fd;

    copy_self(path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || unlink(path) < 0)
        die(path);
    by_descriptor("deleted", fd);
}

static void refused(const char *name, const char *path, int expected)
{
    char *const argv[] = {(char *)name, NULL};
    pid_t child = make_child(name);

    if (child == 0) {
        execv(path, argv);
        if (errno != expected)
            die("execv");
        fact_absent("exec", name, getpid(), path, strerror(errno));
        _exit(0);
    }
    reap(name, child);
}

static void refusals(void)
{
    int fd = open(scratch("not-a-program"), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

    if (fd < 0 || write(fd, "\x01\x02\x03\n", 4) != 4 || fchmod(fd, 0755) < 0)
        die("not-a-program");
    close(fd);
    write_script(scratch("bad-interpreter"), "/nonexistent/interpreter");
    refused("exec-enoent", "/nonexistent/program", ENOENT);
    refused("exec-eacces", run.dir, EACCES);
    refused("exec-enoexec", scratch("not-a-program"), ENOEXEC);
    refused("exec-no-interpreter", scratch("bad-interpreter"), ENOENT);
}

void path_cases(void)
{
    scripts();
    copies();
    other_mount();
    relative();
    descriptors();
    unlinked();
    refusals();
}

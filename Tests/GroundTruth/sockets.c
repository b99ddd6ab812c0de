/* `ground-truth sockets`: who binds and listens where, who is refused, and who holds what refused it. */
#include "truth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct running {
    pid_t pid;
    int fd, port; /* port 0: refused */
};

#define serve(name, ...) serve_words(name, (const char *[]){__VA_ARGS__, NULL})

static struct running serve_words(const char *name, const char *const words[])
{
    struct part part = part_of("server", name);
    struct running server = {0};
    char argv0[64], *argv[16] = {argv0};
    int ends[2];

    snprintf(argv0, sizeof(argv0), "server-%s", name);
    for (int i = 0; words[i]; i++)
        argv[i + 1] = (char *)words[i];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    server.fd = ends[0];
    server.pid = fork();
    if (server.pid == 0) {
        part.path = scratch("server"); /* the build tree may be closed to other users */
        part.argv = argv;
        part.fd = dup(ends[1]);
        part_exec(&part);
    }
    close(ends[1]);
    server.port = receive_pid(server.fd);
    return server;
}

static void stop(struct running server)
{
    int status;

    close(server.fd);
    if (waitpid(server.pid, &status, 0) != server.pid || !WIFEXITED(status) || WEXITSTATUS(status))
        die("a server did not end well");
}

static const char *digits(const char *prefix, int number)
{
    static char text[8][32];
    static int next;
    char *slot = text[next++ % 8];

    snprintf(slot, sizeof(text[0]), "%s%d", prefix, number);
    return slot;
}

/* One server, any free port. */
static void alone(void)
{
    stop(serve("tcp4-loopback", "tcp4", "127.0.0.1", "0", "listen", "close"));
    stop(serve("tcp4-wildcard", "tcp4", "0.0.0.0", "0", "listen", "close"));
    stop(serve("tcp6-loopback", "tcp6", "::1", "0", "listen", "close"));
    stop(serve("tcp6-wildcard", "tcp6", "::", "0", "listen", "close"));
    stop(serve("udp4-loopback", "udp4", "127.0.0.1", "0", "close"));
    stop(serve("udp6-wildcard", "udp6", "::", "0", "close"));
    stop(serve("bound-only", "tcp4", "127.0.0.1", "0", "close"));
    stop(serve("exit-closes", "tcp4", "127.0.0.1", "0", "listen"));
    /* listen() of a socket without an address gives it one: there is no bind to see. */
    stop(serve("listen-unbound", "tcp4", "0.0.0.0", "0", "unbound", "listen", "close"));
    stop(serve("not-local", "tcp4", "192.0.2.1", "0", "listen"));
}

/* A second server wants the port of the first; `words` of both follow from the case. */
static void pair(const char *name, const char *const first[4], const char *const second[4], bool refused)
{
    struct running holder = serve(name, first[0], first[1], "0", first[2], first[3]), other;
    const char *words[8] = {second[0],
                            second[1],
                            digits("", holder.port),
                            digits("holder=", holder.pid),
                            second[2],
                            second[2] ? second[3] : NULL};

    if (holder.port) {
        other = serve_words(name, words);
        if (refused != !other.port && !strstr(second[2] ? second[2] : "", "new-network"))
            die(name);
        stop(other);
    }
    stop(holder);
}

static void pairs(void)
{
    static const char *const loopback[4] = {"tcp4", "127.0.0.1", "listen", "close"};
    static const char *const wildcard[4] = {"tcp4", "0.0.0.0", "listen", "close"};
    static const char *const second[4] = {"tcp4", "127.0.0.2", "listen", "close"};
    static const char *const dual[4] = {"tcp6", "::", "listen", "close"};
    static const char *const only[4] = {"tcp6", "::", "v6only", "listen"};
    static const char *const udp[4] = {"udp4", "127.0.0.1", "close"};
    static const char *const shared[4] = {"tcp4", "127.0.0.1", "reuseport", "listen"};
    static const char *const reused[4] = {"tcp4", "127.0.0.1", "reuseaddr", "listen"};
    static const char *const elsewhere[4] = {"tcp4", "0.0.0.0", "new-network", "listen"};

    pair("in-use", loopback, loopback, true);
    pair("in-use-by-wildcard", wildcard, loopback, true);
    pair("wildcard-in-use", loopback, wildcard, true);
    pair("in-use-by-dual-stack", dual, wildcard, true);
    pair("reuseaddr-in-use", reused, reused, true);
    pair("udp-in-use", udp, udp, true);
    pair("reuseport", shared, shared, false);
    pair("reuseport-one-sided", loopback, shared, true);
    pair("v6only", only, wildcard, false);
    pair("other-loopback", loopback, second, false);
    pair("tcp-and-udp", loopback, udp, false);
    pair("other-network", wildcard, elsewhere, false);
}

/* Both may bind with SO_REUSEADDR as long as neither listens; the second listen() is what is refused. */
static void refused_listen(void)
{
    const char *name = "refused-listen";
    struct running first = serve(name, "tcp4", "127.0.0.1", "0", "reuseaddr", "late", "close");
    struct running second =
        serve(name, "tcp4", "127.0.0.1", digits("", first.port), "reuseaddr", "late", digits("holder=", first.pid));

    send_pid(first.fd, 1);
    if (!receive_pid(first.fd))
        die(name);
    send_pid(second.fd, 1);
    if (receive_pid(second.fd))
        die("a second listen() was not refused");
    stop(second);
    stop(first);
}

static void inherited(void)
{
    int status;

    stop(serve("inherited", "tcp4", "127.0.0.1", "0", "listen", "hand-over"));
    /* The child that took the listener over has come to this process. */
    if (waitpid(-1, &status, 0) < 0 || status)
        die("the heir");
}

static void privileged(void)
{
    long long first = cgroup_read("/proc/sys/net/ipv4", "ip_unprivileged_port_start", "");

    if (geteuid() != 0 || first < 2)
        return fact_skipped("privileged-port", "not root, or every port is free for all");
    stop(serve("privileged-port", "tcp4", "127.0.0.1", "1", "listen", "uid=65534"));
}

int sockets_main(void)
{
    run_begin("sockets");
    copy_self(scratch("server"));
    alone();
    pairs();
    refused_listen();
    inherited();
    privileged();
    if (waitpid(-1, NULL, WNOHANG) != -1)
        die("a server was left behind");
    run_end();
    return 0;
}

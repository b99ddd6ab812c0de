/* The server's part: argv says which socket it makes and what it does with it; every step is told as it went. */
#include "truth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct server {
    const char *address;
    char **options;
    bool udp, v6;
    int port, fd;
};

static const char *option(const struct server *server, const char *name)
{
    size_t length = strlen(name);

    for (char **word = server->options; *word; word++)
        if (!strncmp(*word, name, length) && (!(*word)[length] || (*word)[length] == '='))
            return *word + length + ((*word)[length] == '=');
    return NULL;
}

static socklen_t fill(const struct server *server, union address *address)
{
    memset(address, 0, sizeof(*address));
    address->any.sa_family = server->v6 ? AF_INET6 : AF_INET;
    address->v4.sin_port = htons(server->port); /* at the same place in both */
    if (inet_pton(address->any.sa_family, server->address,
                  server->v6 ? (void *)&address->v6.sin6_addr : (void *)&address->v4.sin_addr) != 1)
        die(server->address);
    return server->v6 ? sizeof(address->v6) : sizeof(address->v4);
}

static void write_address(struct line *line, const struct server *server)
{
    char text[INET6_ADDRSTRLEN] = "";
    union address address = {0};
    socklen_t length = sizeof(address);

    getsockname(server->fd, &address.any, &length);
    inet_ntop(address.any.sa_family, server->v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr, text,
              sizeof(text));
    line_text(line, "address", text);
    line_int(line, "port", ntohs(address.v4.sin_port));
}

/* `error` 0: it worked, and the address is what the socket really got. */
static void tell(const struct server *server, const char *kind, int error)
{
    const char *holder = option(server, "holder");
    struct stat network = {0};
    struct line line;

    stat("/proc/self/ns/net", &network);
    line_open(&line, kind, part_name());
    line_int(&line, "pid", getpid());
    line_int(&line, "start_ticks", proc_start(getpid()));
    line_int(&line, "uid", geteuid());
    line_text(&line, "protocol", server->udp ? "udp" : "tcp");
    line_text(&line, "family", server->v6 ? "inet6" : "inet");
    line_text(&line, "requested_address", server->address);
    line_int(&line, "requested_port", server->port);
    if (error)
        line_raw(&line, ",\"address\":null,\"port\":null");
    else
        write_address(&line, server);
    line_text(&line, "result", error ? "refused" : "done");
    line_text(&line, "errno", error ? strerrorname_np(error) : NULL);
    line_int_or_null(&line, "holder", holder ? atoi(holder) : 0, error == EADDRINUSE && holder);
    line_int(&line, "network_namespace", network.st_ino);
    line_close(&line);
}

static void set(int fd, int level, int name, const char *wanted)
{
    int one = 1;

    if (wanted && setsockopt(fd, level, name, &one, sizeof(one)) < 0)
        die("setsockopt");
}

static void change_self(const struct server *server)
{
    const char *uid = option(server, "uid");

    if (option(server, "new-network") && unshare(CLONE_NEWNET) < 0) {
        fact_skipped(part_name(), "a network namespace is refused here");
        _exit(0);
    }
    if (uid && setuid(atoi(uid)) < 0)
        die("setuid");
}

static bool start_listening(const struct server *server)
{
    int error = listen(server->fd, 8) < 0 ? errno : 0;

    tell(server, "listen", error);
    return !error;
}

static bool make_socket(struct server *server)
{
    union address address;
    socklen_t length = fill(server, &address);

    server->fd = socket(address.any.sa_family, (server->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (server->fd < 0) {
        fact_skipped(part_name(), strerror(errno));
        return false;
    }
    set(server->fd, SOL_SOCKET, SO_REUSEPORT, option(server, "reuseport"));
    set(server->fd, SOL_SOCKET, SO_REUSEADDR, option(server, "reuseaddr"));
    set(server->fd, IPPROTO_IPV6, IPV6_V6ONLY, option(server, "v6only"));
    if (!option(server, "unbound")) {
        int error = bind(server->fd, &address.any, length) < 0 ? errno : 0;

        tell(server, "bind", error);
        if (error)
            return false;
    }
    return !option(server, "listen") || start_listening(server);
}

/* The listener ends when the last process that has it lets go of it, and not before. */
static void hand_over(struct server *server)
{
    pid_t parent = getpid(), child = fork();
    struct line line;

    if (child == 0) {
        while (getppid() == parent)
            nap(1);
        tell(server, "unlisten", 0);
        _exit(0);
    }
    line_open(&line, "inherited", part_name());
    line_int(&line, "pid", child);
    line_int(&line, "start_ticks", proc_start(child));
    line_int(&line, "creator", parent);
    write_address(&line, server);
    line_close(&line);
    _exit(0);
}

static pid_t bound_port(const struct server *server)
{
    union address address = {0};
    socklen_t length = sizeof(address);

    getsockname(server->fd, &address.any, &length);
    return ntohs(address.v4.sin_port);
}

/* argv: NAME tcp4|tcp6|udp4|udp6 ADDRESS PORT OPTION... */
int server_part(int argc, char **argv)
{
    struct server server;
    int fd = part_fd();

    if (argc < 4)
        return BROKEN;
    server = (struct server){argv[2], argv + 4, argv[1][0] == 'u', argv[1][3] == '6', atoi(argv[3]), -1};
    change_self(&server);
    if (!make_socket(&server)) {
        close(fd);
        return 0;
    }
    send_pid(fd, bound_port(&server));
    if (option(&server, "late")) {
        receive_pid(fd);
        if (!start_listening(&server))
            return 0;
        send_pid(fd, 1);
    }
    receive_pid(fd); /* held until the director says so */
    if (option(&server, "hand-over"))
        hand_over(&server);
    if (option(&server, "listen") || option(&server, "late"))
        tell(&server, "unlisten", 0);
    if (option(&server, "close"))
        close(server.fd); /* otherwise the end of the process closes it */
    return 0;
}

/*
 * libsystemd, found when the program runs: a host without it runs the same binary.
 *
 * The headers give the types, and the names below become members of a table. Nothing here is linked: who calls a
 * function of the headers by its own name gets an error from the linker. Variadic functions are left out, since Swift
 * cannot call them.
 */
#ifndef CULPRIT_LIBSYSTEMD_H
#define CULPRIT_LIBSYSTEMD_H

#include "journal_guard.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

#define CULPRIT_SYSTEMD_FUNCTIONS(X)                                                                                   \
    X(sd_journal_open)                                                                                                 \
    X(sd_journal_open_directory)                                                                                       \
    X(sd_journal_close)                                                                                                \
    X(sd_journal_next)                                                                                                 \
    X(sd_journal_get_monotonic_usec)                                                                                   \
    X(sd_journal_get_realtime_usec)                                                                                    \
    X(sd_journal_set_data_threshold)                                                                                   \
    X(sd_journal_get_data)                                                                                             \
    X(sd_journal_enumerate_data)                                                                                       \
    X(sd_journal_restart_data)                                                                                         \
    X(sd_journal_add_match)                                                                                            \
    X(sd_journal_add_disjunction)                                                                                      \
    X(sd_journal_seek_tail)                                                                                            \
    X(sd_journal_seek_monotonic_usec)                                                                                  \
    X(sd_journal_seek_cursor)                                                                                          \
    X(sd_journal_test_cursor)                                                                                          \
    X(sd_journal_previous)                                                                                             \
    X(sd_journal_get_cursor)                                                                                           \
    X(sd_journal_get_fd)                                                                                               \
    X(sd_journal_process)                                                                                              \
    X(sd_journal_has_runtime_files)                                                                                    \
    X(sd_journal_has_persistent_files)                                                                                 \
    X(sd_bus_new)                                                                                                      \
    X(sd_bus_set_address)                                                                                              \
    X(sd_bus_set_bus_client)                                                                                           \
    X(sd_bus_start)                                                                                                    \
    X(sd_bus_close_unref)                                                                                              \
    X(sd_bus_get_fd)                                                                                                   \
    X(sd_bus_get_events)                                                                                               \
    X(sd_bus_is_ready)                                                                                                 \
    X(sd_bus_process)                                                                                                  \
    X(sd_bus_send)                                                                                                     \
    X(sd_bus_message_unref)                                                                                            \
    X(sd_bus_message_new_method_call)                                                                                  \
    X(sd_bus_message_append_basic)                                                                                     \
    X(sd_bus_message_get_type)                                                                                         \
    X(sd_bus_message_get_cookie)                                                                                       \
    X(sd_bus_message_get_reply_cookie)                                                                                 \
    X(sd_bus_message_get_path)                                                                                         \
    X(sd_bus_message_get_interface)                                                                                    \
    X(sd_bus_message_get_member)                                                                                       \
    X(sd_bus_message_read_basic)                                                                                       \
    X(sd_bus_message_read_array)                                                                                       \
    X(sd_bus_message_peek_type)                                                                                        \
    X(sd_bus_message_enter_container)                                                                                  \
    X(sd_bus_message_exit_container)                                                                                   \
    X(sd_bus_message_skip)

/* The functions under their own names. Every member is set in a table that culprit_systemd_load() has filled. */
struct culprit_systemd {
#define CULPRIT_MEMBER(name) __typeof__(name) *_Nonnull name;
    CULPRIT_SYSTEMD_FUNCTIONS(CULPRIT_MEMBER)
#undef CULPRIT_MEMBER
};

enum { CULPRIT_SYSTEMD_WHY_MAX = 256 };

/*
 * Fills the table from the shared library `name` (libsystemd.so.0), which stays loaded. Returns 1, or 0 and the reason
 * in `why`: the library or one of the functions is missing (systemd before 219).
 */
int culprit_systemd_load(const char *_Nonnull name, struct culprit_systemd *_Nonnull table,
                         char why[_Nonnull CULPRIT_SYSTEMD_WHY_MAX]);

#endif

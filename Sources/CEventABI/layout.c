/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The layout is checked where it is compiled: a changed field breaks the build, not a recording. */
#include "event.h"

#include <stddef.h>

#define ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes) && (bytes) % 8 == 0, #type " changed its size")

ASSERT_SIZE(struct culprit_header, 40);
ASSERT_SIZE(struct culprit_fork, 64);
ASSERT_SIZE(struct culprit_exec, 72);
ASSERT_SIZE(struct culprit_exit, 48);
ASSERT_SIZE(struct culprit_signal, 72);
ASSERT_SIZE(struct culprit_oom_victim, 104);
ASSERT_SIZE(struct culprit_oom_limit, 96);
ASSERT_SIZE(struct culprit_process_usage, 56);
ASSERT_SIZE(struct culprit_unix_listener, 168);
ASSERT_SIZE(struct culprit_socket, 72);
ASSERT_SIZE(struct culprit_cgroup, 56);
ASSERT_SIZE(struct culprit_cgroup_moved, 40);
ASSERT_SIZE(struct culprit_task, 80);
ASSERT_SIZE(struct culprit_bus_bytes, 128);

_Static_assert(offsetof(struct culprit_header, time_ns) == 8, "header: time_ns moved");
_Static_assert(offsetof(struct culprit_header, cgroup) == 32, "header: cgroup moved");
_Static_assert(offsetof(struct culprit_exec, argv_head_len) == 60, "exec: argv_head_len moved");
_Static_assert(offsetof(struct culprit_signal, number) == 68, "signal: number moved");
_Static_assert(offsetof(struct culprit_bus_bytes, address) == 80, "bus bytes: address moved");

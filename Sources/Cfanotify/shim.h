#pragma once
// Glibc's module leaves out what only _GNU_SOURCE declares.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>

/*
 * The journal's files are mapped into memory by libsystemd. Where one is cut short, or its disk fails, while it is
 * mapped, the next read of it raises SIGBUS, which ends a process that does not handle it. What is gone reads as zeros
 * instead: the library then finds the file damaged, as it would have when it opened it.
 */
#define _GNU_SOURCE
#include "journal_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static __thread volatile sig_atomic_t depth;
static __thread volatile sig_atomic_t faults;
static struct sigaction before;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uintptr_t page_size;

static void replace_page(int signal, siginfo_t *info, void *context)
{
    uintptr_t page = (uintptr_t)info->si_addr & ~(page_size - 1);

    (void)context;
    if (depth > 0 && info->si_code == BUS_ADRERR && page &&
        mmap((void *)page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)page) {
        faults++;
        return;
    }
    /* None of ours: what would have happened without this happens when the instruction is run again. */
    sigaction(signal, &before, NULL);
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = replace_page, .sa_flags = SA_SIGINFO | SA_NODEFER};

    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &before);
}

void culprit_journal_guard_begin(void)
{
    pthread_once(&once, install);
    depth++;
}

unsigned culprit_journal_guard_end(void)
{
    unsigned count = (unsigned)faults;

    if (--depth > 0)
        return 0;
    faults = 0;
    return count;
}

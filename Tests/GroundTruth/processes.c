/* `ground-truth processes`: creations, executions and ends of every kind. */
#include "truth.h"

#include <sys/wait.h>

int processes_main(void)
{
    run_begin("processes");
    creation_cases();
    namespace_cases();
    thread_cases();
    argument_cases();
    path_cases();
    image_cases();
    ending_cases();
    environment_cases();
    crowd_cases();
    /* A child left behind would be a process without an end in the truth. */
    if (waitpid(-1, 0, WNOHANG | __WALL) != -1)
        die("a child was left behind");
    run_end();
    return 0;
}

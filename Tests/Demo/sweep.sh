#!/bin/sh
# The orphan: waits until the processes that made it are gone, then ends what it takes for a leftover.
while kill -0 "$(cat cleanup.pid)" || kill -0 "$(cat bash.pid)"; do sleep 0.1; done 2>/dev/null
sleep 0.5
echo "$$ $(cut -d ' ' -f 4 /proc/$$/stat)" >killer.new && mv killer.new killer
kill -KILL "$(cut -d ' ' -f 1 kaval.where)"

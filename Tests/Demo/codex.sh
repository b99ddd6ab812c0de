# The session of the stand-in agent `codex`: busy with short processes, and with nothing else.
end=$(($(date +%s) + 30))
while [ "$(date +%s)" -lt "$end" ]; do
    ls / >/dev/null
    sleep 0.05
done

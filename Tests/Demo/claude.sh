# The session of the stand-in agent `claude`: one tool call, a bash that runs a script; then it idles.
bash -c 'echo $$ >bash.pid; ./cleanup.sh; true'
sleep 30

# Sourced by what acts in the lab. fact KIND PID [NAME=VALUE...]: writes down what a process is, as one JSON line, while it
# acts: its pid in the lab, its start in ticks since boot (field 22 of stat), and the boot time in seconds.
fact() {
    _what=$1 _pid=$2 _rest=
    shift 2
    for _field; do
        _rest="$_rest,\"${_field%%=*}\":\"${_field#*=}\""
    done
    IFS= read -r _stat <"/proc/$_pid/stat" || return 1
    _stat=${_stat##*) }
    set -- $_stat
    read -r _boot _ </proc/uptime
    printf '{"fact":"%s","pid":%s,"ppid":%s,"start_ticks":%s,"boot":%s%s}\n' \
        "$_what" "$_pid" "$2" "${20}" "$_boot" "$_rest" >>/lab/facts
}

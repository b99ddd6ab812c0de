// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signals that can end or stop a process, seen where they are queued: here `current` is the sender, always. */
#include "shared.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define SYSTEM_CALL_NUMBER(registers) BPF_CORE_READ(registers, orig_ax)
#define SYSTEM_CALL_RT_SIGQUEUEINFO   129
#define SYSTEM_CALL_RT_TGSIGQUEUEINFO 297
#elif defined(__TARGET_ARCH_arm64)
#define SYSTEM_CALL_NUMBER(registers) BPF_CORE_READ(registers, syscallno)
#define SYSTEM_CALL_RT_SIGQUEUEINFO   138
#define SYSTEM_CALL_RT_TGSIGQUEUEINFO 240
#endif
#define SYSTEM_CALL_PIDFD_SEND_SIGNAL 424

#define BIT(signal) (1ull << (signal))

enum {
    SIGNAL_INFO_NONE = 0,    /* SEND_SIG_NOINFO */
    SIGNAL_INFO_PRIVATE = 1, /* SEND_SIG_PRIV */
    CODE_USER = 0,
    CODE_KERNEL = 0x80,
    DISPOSITION_DEFAULT = 0,
    DISPOSITION_IGNORED = 1,
    DISPOSITION_HANDLER = 2,
    RESULT_IGNORED = 1,
};

/* HUP INT QUIT KILL TERM STKFLT CONT STOP TSTP TTIN TTOU: recorded whatever the target does about them. */
static const __u64 control_signals =
    BIT(1) | BIT(2) | BIT(3) | BIT(9) | BIT(15) | BIT(16) | BIT(18) | BIT(19) | BIT(20) | BIT(21) | BIT(22);

/* CHLD, URG, WINCH do nothing unless handled. */
static const __u64 harmless_signals = BIT(17) | BIT(23) | BIT(28);

static __always_inline __u8 disposition_of(struct task_struct *task, int number)
{
    void *handler = 0;

    if (number == 9 || number == 19)
        return DISPOSITION_DEFAULT;
    bpf_probe_read_kernel(&handler, sizeof(handler),
                          (void *)task->sighand + bpf_core_field_offset(struct sighand_struct, action) +
                              element_offset((number - 1) & 63, bpf_core_type_size(struct k_sigaction)) +
                              bpf_core_field_offset(struct k_sigaction, sa.sa_handler));
    if (handler == (void *)0)
        return DISPOSITION_DEFAULT;
    return handler == (void *)1 ? DISPOSITION_IGNORED : DISPOSITION_HANDLER;
}

/* Asked first: the end of every process is a SIGCHLD. */
static __always_inline int is_harmless(int number)
{
    return number < 1 || number > 64 || (number < 32 && BIT(number) & harmless_signals);
}

/* Timers, profilers, runtimes and crash handlers signal themselves all day: those count only where they are fatal. */
static __always_inline int is_wanted(int number, __u8 disposition)
{
    if (number < 32 && BIT(number) & control_signals)
        return 1;
    return disposition == DISPOSITION_DEFAULT;
}

/*
 * rt_sigqueueinfo, rt_tgsigqueueinfo and pidfd_send_signal let the sender write si_code. A timer's signal comes by
 * interrupt; one that claims to be a timer's and comes from such a call is the caller's.
 */
static __always_inline int is_in_queueing_call(void)
{
    struct pt_regs *registers;
    long number;

    if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
        return 0;
    registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    number = SYSTEM_CALL_NUMBER(registers);
    return number == SYSTEM_CALL_RT_SIGQUEUEINFO || number == SYSTEM_CALL_RT_TGSIGQUEUEINFO ||
           number == SYSTEM_CALL_PIDFD_SEND_SIGNAL;
}

static __always_inline void fill_origin(struct culprit_signal *record, struct kernel_siginfo *info)
{
    struct task_struct *sender = (void *)bpf_get_current_task();

    if ((__u64)info == SIGNAL_INFO_NONE) {
        record->header.flags |= CULPRIT_SIGNAL_NO_INFO;
        record->code = CODE_USER;
        record->claimed_pid = 0;
    } else if ((__u64)info == SIGNAL_INFO_PRIVATE) {
        record->header.flags |= CULPRIT_SIGNAL_PRIVATE;
        record->code = CODE_KERNEL;
        record->claimed_pid = 0;
    } else {
        record->code = BPF_CORE_READ(info, si_code);
        record->claimed_pid = BPF_CORE_READ(info, _sifields._kill._pid);
        if (record->code < CODE_USER && is_in_queueing_call())
            record->header.flags |= CULPRIT_SIGNAL_FROM_CALL;
    }
    if (BPF_CORE_READ(sender, flags) & PF_EXITING)
        record->header.flags |= CULPRIT_SIGNAL_SENDER_EXITING;
    if (!record->header.pid)
        record->header.flags |= CULPRIT_SIGNAL_OUTSIDE;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(handle_signal, int number, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
{
    struct culprit_signal *record;
    __u8 disposition;
    __u32 target;

    if (is_harmless(number))
        return 0;
    disposition = disposition_of(task, number);
    if (!is_wanted(number, disposition))
        return 0;
    target = visible_pid(task);
    if (!target)
        return 0;
    record = reserve_decisive(sizeof(*record));
    if (!record) {
        count_loss(CULPRIT_PROGRAM_SIGNAL);
        return 0;
    }
    fill_header_current(&record->header, CULPRIT_SIGNAL, sizeof(*record));
    fill_origin(record, info);
    if (group)
        record->header.flags |= CULPRIT_SIGNAL_GROUP;
    record->target_start_ns = task->group_leader->start_boottime;
    record->target_pid = target;
    record->target_tid = visible_tid(task);
    record->sender_uid = bpf_get_current_uid_gid();
    record->number = number;
    record->result = result;
    record->disposition = disposition;
    record->reserved = 0;
    bpf_ringbuf_submit(record, wake_flag(&decisive, sizeof(*record)));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

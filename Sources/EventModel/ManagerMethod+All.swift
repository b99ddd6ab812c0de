extension ManagerMethod {
    static let all: [ManagerMethod] = onUnits + onUnitFiles + onManager + onLogin

    private static func on(
        _ interface: Interface, _ form: Form, _ members: KeyValuePairs<String, ManagerCall.Verb>
    ) -> [ManagerMethod] {
        members.map { ManagerMethod(interface: interface, member: $0.key, verb: $0.value, form: form) }
    }

    private static let onUnits =
        on(
            .manager, .unit,
            [
                "StartUnit": .start, "StartUnitWithFlags": .start, "StopUnit": .stop, "ReloadUnit": .reload,
                "RestartUnit": .restart, "TryRestartUnit": .tryRestart, "ReloadOrRestartUnit": .reloadOrRestart,
                "ReloadOrTryRestartUnit": .reloadOrTryRestart, "EnqueueUnitJob": .enqueueJob, "KillUnit": .kill,
                "QueueSignalUnit": .kill, "ResetFailedUnit": .resetFailed, "SetUnitProperties": .setProperties,
                "FreezeUnit": .freeze, "ThawUnit": .thaw, "CleanUnit": .clean, "StartTransientUnit": .startTransient,
                "AttachProcessesToUnit": .attachProcesses, "AbandonScope": .abandonScope,
            ])
        + on(.manager, .swap, ["StartUnitReplace": .start])
        + on(
            .unit, .unitObject,
            [
                "Start": .start, "Stop": .stop, "Reload": .reload, "Restart": .restart, "TryRestart": .tryRestart,
                "ReloadOrRestart": .reloadOrRestart, "ReloadOrTryRestart": .reloadOrTryRestart,
                "EnqueueJob": .enqueueJob, "Kill": .kill, "QueueSignal": .kill, "ResetFailed": .resetFailed,
                "SetProperties": .setProperties, "Freeze": .freeze, "Thaw": .thaw, "Clean": .clean,
            ])
        + on(.scope, .unitObject, ["Abandon": .abandonScope])
        + on(.manager, .job, ["CancelJob": .cancelJob]) + on(.job, .job, ["Cancel": .cancelJob])

    private static let onUnitFiles =
        on(
            .manager, .units,
            [
                "EnableUnitFiles": .enable, "EnableUnitFilesWithFlags": .enable, "ReenableUnitFiles": .enable,
                "DisableUnitFiles": .disable, "DisableUnitFilesWithFlags": .disable,
                "DisableUnitFilesWithFlagsAndInstallInfo": .disable, "MaskUnitFiles": .mask,
                "UnmaskUnitFiles": .unmask, "PresetUnitFiles": .preset, "PresetUnitFilesWithMode": .preset,
                "LinkUnitFiles": .link, "RevertUnitFiles": .revert,
            ]) + on(.manager, .unit, ["SetDefaultTarget": .setDefaultTarget])

    private static let onManager = on(
        .manager, .bare,
        [
            "Reload": .reloadManager, "Reexecute": .reexecute, "Exit": .exit, "PowerOff": .powerOff, "Reboot": .reboot,
            "SoftReboot": .softReboot, "Halt": .halt, "KExec": .kexec, "SwitchRoot": .switchRoot,
            "SetEnvironment": .setEnvironment, "UnsetEnvironment": .setEnvironment,
            "UnsetAndSetEnvironment": .setEnvironment, "ResetFailed": .resetFailed, "ClearJobs": .clearJobs,
            "EnqueueMarkedJobs": .enqueueMarkedJobs,
        ])

    private static let onLogin =
        on(
            .loginManager, .bare,
            [
                "PowerOff": .powerOff, "PowerOffWithFlags": .powerOff, "Reboot": .reboot, "RebootWithFlags": .reboot,
                "Halt": .halt, "HaltWithFlags": .halt, "Suspend": .suspend, "SuspendWithFlags": .suspend,
                "Hibernate": .hibernate, "HibernateWithFlags": .hibernate, "HybridSleep": .hybridSleep,
                "HybridSleepWithFlags": .hybridSleep, "SuspendThenHibernate": .suspendThenHibernate,
                "SuspendThenHibernateWithFlags": .suspendThenHibernate, "Sleep": .sleep,
                "CancelScheduledShutdown": .cancelShutdown,
            ])
        + on(
            .loginManager, .login,
            [
                "ScheduleShutdown": .scheduleShutdown, "TerminateSession": .terminateSession,
                "TerminateUser": .terminateUser, "TerminateSeat": .terminateSeat, "KillSession": .killSession,
                "KillUser": .killUser, "SetUserLinger": .setLinger,
            ])
        + on(.loginSession, .login, ["Terminate": .terminateSession, "Kill": .killSession])
        + on(.loginUser, .login, ["Terminate": .terminateUser, "Kill": .killUser])
        + on(.loginSeat, .login, ["Terminate": .terminateSeat])
}

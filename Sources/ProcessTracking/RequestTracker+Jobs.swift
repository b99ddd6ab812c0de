import EventModel

// Jobs of `at`: who left them, and what the daemon starts for them.
extension RequestTracker {
    mutating func executed(_ exec: Exec, _ event: Event, _ table: inout ProcessTable) {
        // Nearly every exec on a host is neither.
        let isShell = immediateJobs.isWaiting && exec.image.comm == DeferredJobs.shell
        guard !exec.image.markers.isEmpty || isShell, let process = event.process.flatMap({ table.known($0) }) else {
            return
        }
        if isShell, isJob(process, table) {
            immediateJobs.note(ImmediateJobs.Start(shell: process, uid: exec.uid))
        } else if DeferredJobs.isClient(exec.image), DeferredJobs.isTelling(exec) {
            table.retain(process)
            let over = deferredJobs.note(exec, of: process, at: event.time, tag: table.tag(of: process) ?? 0)
            if let over { table.letGo(over) }
        } else if table.tag(of: process) == 0, let found = deferredJobs.request(behind: exec, of: process, table) {
            let client = found.client
            table.link(
                found.shell,
                RequestEdge(
                    requester: client.process, via: "a job left with at", at: client.at, source: event.source,
                    certainty: .inferred, tag: client.tag), at: event.time)
        }
    }

    /// Whether the daemon has made the process.
    private func isJob(_ process: ProcessKey, _ table: ProcessTable) -> Bool {
        guard let entry = table[process], let creator = entry.creator.flatMap({ table[$0] }) else { return false }
        return creator.comm(at: process.start) == DeferredJobs.daemon
    }

    /// A client tells the daemon that there is a job.
    mutating func hungUp(_ sent: SignalSent, _ event: Event, _ table: ProcessTable) {
        guard sent.origin == .process, let client = event.process.flatMap({ table[$0] }), let uid = client.uid,
            let image = client.image?.value, DeferredJobs.isClient(image), ImmediateJobs.isImmediate(image),
            table[sent.target]?.comm == DeferredJobs.daemon
        else { return }
        immediateJobs.note(ImmediateJobs.Call(client: client.key, uid: uid, at: event.time, tag: client.tag))
    }

    mutating func settleJobs(at time: BootTime, _ table: inout ProcessTable) {
        for (start, call) in immediateJobs.settle(at: time) {
            table.link(
                start.shell,
                RequestEdge(
                    requester: call.client, via: "a job left with at, to be run at once", at: call.at,
                    certainty: .inferred, tag: call.tag), at: time)
        }
    }
}

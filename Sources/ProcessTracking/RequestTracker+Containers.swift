import EventModel

// Containers: who asked an engine for what runs in them.
extension RequestTracker {
    mutating func askEngine(_ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable) {
        guard let verb = message.member, case .text(let reference)? = message.arguments.first,
            let caller = event.process.flatMap({ table.known($0) })
        else { return }
        table.retain(caller)
        let over = containers.ask(
            ContainerRequests.Asked(
                caller: caller, tag: table.tag(of: caller) ?? 0, at: event.time, source: event.source, verb: verb,
                reference: reference))
        if let over { table.letGo(over) }
    }

    /// A process came into a cgroup. Where that is a container's and its maker is outside, work begins in there.
    mutating func beganInContainer(
        _ process: ProcessKey, in cgroup: CgroupID, _ table: inout ProcessTable, _ cgroups: borrowing CgroupTree
    ) {
        guard let container = cgroups.container(of: cgroup), let worker = table[process], let maker = worker.creator,
            cgroups.container(of: table.cgroup(of: maker) ?? .unknown)?.id != container.id
        else { return }
        let (finding, released) = containers.begin(worker.key, in: container.id, container.directory)
        switch finding {
        case .asked(let asked, let certainty)?:
            table.link(worker.key, asked.edge(to: asked.caller, certainty), at: worker.key.start)
        case .open(let asked)?: table.link(worker.key, asked.edge(to: nil, .open), at: worker.key.start)
        case nil: break
        }
        for caller in released { table.letGo(caller) }
    }
}

extension ContainerRequests.Asked {
    fileprivate func edge(to requester: ProcessKey?, _ certainty: RequestEdge.Certainty) -> RequestEdge {
        RequestEdge(requester: requester, via: via, at: at, source: source, certainty: certainty, tag: tag)
    }
}

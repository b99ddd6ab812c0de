import EventModel

// Services that have a file, and that somebody had a manager start.
extension RequestTracker {
    mutating func askForStart(
        _ request: ManagerCall, by caller: ProcessKey, _ call: TransientUnits.Call, _ event: Event,
        _ table: inout ProcessTable
    ) {
        let (isTaken, released) = startRequests.ask(request, by: caller, call, event)
        if isTaken { table.retain(caller) }
        for caller in released { table.letGo(caller) }
        // What it led to may have been seen before the call.
        for start in starts where start.unit.manager == request.manager && request.units.contains(start.unit.name) {
            for caller in startRequests.began(in: start.unit, at: start.worker.start) { table.letGo(caller) }
        }
    }
}

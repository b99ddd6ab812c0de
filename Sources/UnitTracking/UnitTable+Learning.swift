public import EventModel
public import ProcessTracking

extension UnitTable {
    /// Takes in one event, after the process table has; the unit that it told something of.
    @discardableResult
    public mutating func apply(_ event: Event, processes: ProcessTable) -> UnitID? {
        switch event.body {
        case .exit(let exit): return apply(exit, event)
        case .unit(let state):
            change(state.unit, at: event.time) { $0.learn(state, at: event.time, processes) }
            return state.unit
        case .job(let job):
            change(job.unit, at: event.time) { $0.learn(job, at: event.time) }
            return job.unit
        case .journal(let entry):
            guard let unit = entry.unit, let kind = ManagerEntry(entry) else { return nil }
            change(unit, at: event.time) { $0.learn(kind, entry, at: event.time) }
            return unit
        case .unitFile(let change):
            learn(change, event, processes)
            return nil
        default: return nil
        }
    }

    /// Of units that are known: what others' files say is read when they are loaded.
    private mutating func learn(_ change: UnitFileChange, _ event: Event, _ processes: ProcessTable) {
        guard change.unitName != nil else { return }
        let writer =
            event.process.flatMap { processes.known($0) } ?? processes.recent(pid: change.writer, at: event.time)?.key
        for id in units.keys where change.concerns(id) {
            self.change(id, at: event.time) { unit in
                unit.fileChanges.append(
                    .init(
                        at: event.time, path: change.path, step: change.step, writer: writer,
                        settings: change.settings, settingsBefore: change.settingsBefore))
                guard unit.fileChanges.count > TrackedUnit.failuresKept else { return }
                // Of those that moved no limit only the latest may explain a start that fails.
                unit.fileChanges.remove(at: unit.fileChanges.dropLast(2).firstIndex { !$0.mayMoveLimit } ?? 0)
            }
        }
    }

    private mutating func apply(_ exit: Exit, _ event: Event) -> UnitID? {
        guard !mains.isEmpty, let key = event.process, let main = main(key) else { return nil }
        change(main.unit, at: event.time) { unit in
            unit.edit(serial: main.serial) {
                $0.ended(.init(at: event.time, status: exit.status, basis: .kernel))
                $0.endWasSeen = true
            }
        }
        return main.unit
    }

    private mutating func change(_ id: UnitID, at time: BootTime, _ body: (inout TrackedUnit) -> Void) {
        var unit = units[id] ?? TrackedUnit(id: id, at: time)
        usedBytes -= unit.cost
        body(&unit)
        unit.touchedAt = max(unit.touchedAt, time)
        unit.cost = unit.bytes
        usedBytes += unit.cost
        units[id] = unit
        index(unit)
        if units.count > capacity || usedBytes > byteLimit { makeRoom(sparing: id) }
    }

    private mutating func index(_ unit: TrackedUnit) {
        for invocation in unit.invocations {
            guard let main = invocation.main else { continue }
            if let known = mains[main.pid], known.key.start > main.start { continue }
            mains[main.pid] = MainOf(key: main, unit: unit.id, serial: invocation.serial)
        }
        // Pids come back, and histories are short: what leads nowhere any more goes.
        if mains.count > 4 * capacity + 64 {
            let units = units
            mains = mains.filter { units[$0.value.unit]?.invocation(serial: $0.value.serial) != nil }
        }
    }

    /// Frees a sixteenth at once, so that the search is not made for every event.
    private mutating func makeRoom(sparing spared: UnitID) {
        let order = units.values.filter { $0.id != spared }.sorted {
            ($0.isRunning ? 1 : 0, $0.touchedAt, $0.id.manager.order, $0.id.name)
                < ($1.isRunning ? 1 : 0, $1.touchedAt, $1.id.manager.order, $1.id.name)
        }
        for unit in order {
            guard units.count > capacity - capacity / 16 || usedBytes > byteLimit - byteLimit / 16 else { return }
            units[unit.id] = nil
            usedBytes -= unit.cost
            forgotten += 1
            for main in unit.invocations.compactMap(\.main) where mains[main.pid]?.unit == unit.id {
                mains[main.pid] = nil
            }
        }
    }
}

extension TrackedUnit {
    var isRunning: Bool { state.map { !["inactive", "failed"].contains($0.active) } ?? (latest?.end == nil) }

    /// What it takes: the record with its share of the tables, and its texts.
    var bytes: Int {
        var bytes = 768 + id.name.utf8.count + invocations.count * 224 + jobs.count * 96 + startFailures.count * 96
        bytes += fileChanges.reduce(memoryLimits.count * 48) { $0 + 192 + $1.path.utf8.count }
        guard let state else { return bytes }
        let texts = [state.load, state.active, state.sub, state.type, state.result, state.restartPolicy, state.cgroup]
        bytes += texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        bytes += state.files.reduce(0) { $0 + $1.utf8.count + 16 }
        return bytes + state.relations.reduce(0) { $0 + $1.other.utf8.count + 24 }
    }
}

import EventModel

// What an event says after its type and its process, in the fewest words.
extension EventLine {
    func details(_ body: Event.Body, _ columns: Int) -> VisibleText {
        switch body {
        case .fork(let fork): "made \(process(fork.child)) uid \(fork.uid)"
        case .exec(let exec): "\(command(exec.image, columns)) uid \(exec.uid)"
        case .exit(let exit): Phrases.ending(exit.status) + memory(exit)
        case .signal(let signal): details(signal)
        case .oomVictim(let oom): "set off the end of \(process(oom.victim)), which held \(kibibytes(oom.residentKiB))"
        case .socket(let change): details(change)
        case .cgroup(let change): details(change)
        case .seen(let seen): details(seen, columns)
        case .host(let host): "\(host.name), kernel \(host.kernel), boot \(host.bootID), culprit \(host.version)"
        case .clock(let offset): "wall time is boot time + \(offset.nanoseconds) ns"
        case .source(let status): "\(status.name) \(status.state.name): \(status.why)"
        case .gap(let gap): details(gap)
        case .configuration(let text): "\(text.utf8.count) bytes"
        case .managerMessage(let message): details(message, columns)
        case .journal(let entry): details(entry, columns)
        case .unit(let state): details(state)
        case .job(let change): details(change)
        case .unitFile(let change): details(change)
        case .hostSample(let sample): details(sample)
        case .cgroupSamples(let samples): details(samples)
        case .processSamples(let samples): details(samples)
        case .processHoldings(let holdings): details(holdings)
        case .oomDump(let dump): details(dump)
        case .registration(let registration): details(registration)
        case .unixSocket(let change): details(change)
        case .unrecognised(let type): "type \(type)"
        }
    }

    private func command(_ image: ExecImage, _ columns: Int) -> VisibleText {
        if image.argv.isUnreadable { return "\(VisibleText(escaping: image.path, columns: columns)) (argv unreadable)" }
        let text = VisibleText(escaping: image.argv.joined, columns: columns)
        return image.argv.isTruncated ? "\(text) [\(image.argv.totalBytes) bytes]" : text
    }

    private func memory(_ exit: Exit) -> VisibleText {
        exit.maxRSSKiB > 0 ? ", \(kibibytes(UInt64(exit.maxRSSKiB))) at most" : ""
    }

    func kibibytes(_ number: UInt64) -> VisibleText {
        Phrases.bytes(number.multipliedReportingOverflow(by: 1_024).overflow ? .max : number * 1_024)
    }

    private func details(_ signal: SignalSent) -> VisibleText {
        var text: VisibleText = "\(signal.signal.name) to \(process(signal.target)) \(signal.code.name)"
        switch signal.origin {
        case .process: break
        case .onBehalf: text += ", on its behalf"
        case .parentDeath: text += ", because it died"
        case .kernel: text += ", by the kernel"
        case .outside: text += ", from outside the namespace"
        }
        if signal.result != .delivered { text += ", \(Self.words(String(describing: signal.result)))" }
        return text
    }

    /// `alreadyPending` as `already pending`.
    private static func words(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }

    private func details(_ change: SocketChange) -> VisibleText {
        let step: VisibleText =
            switch change.step {
            case .attempt: "asks for"
            case .bound: "holds"
            case .listening: "listens on"
            case .closed: "lets go of"
            }
        return "\(step) \(change.endpoint.transport.name) \(change.endpoint.description)"
    }

    private func details(_ change: CgroupChange) -> VisibleText {
        switch change {
        case .made(let id, let parent, let name):
            "\(VisibleText(escaping: name, columns: 80)) made, \(id.rawValue) in \(parent.rawValue)"
        case .removed(let id): "\(id.rawValue) removed"
        case .moved: "moved here"
        }
    }

    private func details(_ seen: ProcessSeen, _ columns: Int) -> VisibleText {
        let parent: VisibleText = seen.parent.map { " under \(process($0))" } ?? ""
        let what = seen.image.map { command($0, columns) } ?? VisibleText(escaping: seen.comm, columns: 24)
        return "\(what)\(parent) uid \(seen.uid)\(seen.isKernelThread ? " kernel thread" : "")"
    }

    private func details(_ gap: Gap) -> VisibleText {
        let lost: VisibleText = gap.lost > 0 ? ", \(Phrases.count(gap.lost, "event")) lost" : ""
        return "\(gap.source), \(Phrases.length(gap.from.distance(to: gap.to)))\(lost): \(gap.why)"
    }
}

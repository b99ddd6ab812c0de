import EventModel

extension EventGenerator {
    mutating func fork() -> Fork {
        Fork(child: process(), childInnerPID: optionalPID(), childParentPID: pid(), uid: uid())
    }

    mutating func exec() -> Exec {
        Exec(
            image: ExecImage(path: text(512), exe: executable(), argv: argv(), markers: markers()), parentPID: pid(),
            uid: uid(), innerPID: optionalPID(), formerThread: optionalPID(),
            environmentIncomplete: random.below(2) == 0)
    }

    /// Absolute, no empty component, at most 512 bytes with a NUL for each slash; or one whose root's end was cut off.
    mutating func executable() -> String? {
        guard random.below(6) > 0 else { return nil }
        var path = ""
        for _ in 0...random.below(6) {
            let component = text(80, without: ["/"])
            path += "/" + (component.isEmpty ? "x" : component)
        }
        return random.below(8) == 0 ? "…" + path : path
    }

    mutating func argv() -> ArgumentVector {
        if random.below(8) == 0 { return ArgumentVector(totalBytes: random.below(100), isUnreadable: true) }
        let head = bytes(1536)
        guard random.below(3) == 0 else { return ArgumentVector(head: head) }
        let tail = bytes(512)
        return ArgumentVector(head: head, tail: tail, totalBytes: head.count + tail.count + random.below(1 << 21))
    }

    /// At most 4 × 128 bytes on the wire.
    mutating func markers() -> [EnvironmentMarker] {
        (0..<random.below(5)).map { _ in
            EnvironmentMarker(name: text(20, without: ["="]), value: text(100))
        }
    }

    mutating func exit() -> Exit {
        Exit(status: random.below(4) == 0 ? nil : ExitStatus(rawValue: uid()), maxRSSKiB: uid())
    }

    mutating func signal() -> SignalSent {
        let origin: SignalSent.Origin = [.process, .onBehalf, .parentDeath, .kernel, .outside][random.below(5)]
        // What only the kernel makes is not a process's.
        let codes: [Int32] = origin == .process ? [0, -1, -3, -6, -60, .min] : [0, -1, -2, -4, -5, -6, 1, 0x80, .max]
        return SignalSent(
            target: process(), targetThread: Int32(truncatingIfNeeded: number()),
            signal: Signal(rawValue: Int32(random.below(256))),
            code: SignalCode(rawValue: codes[random.below(codes.count)]),
            claimedPID: Int32(truncatingIfNeeded: number()), senderUID: uid(),
            result: [.delivered, .ignored, .alreadyPending, .overflow, .infoLost, .unknown][random.below(6)],
            disposition: [.standard, .ignored, .handler, .unknown][random.below(4)], origin: origin)
    }

    mutating func socket() -> SocketChange {
        let family: Endpoint.Family = [.ipv4, .ipv6, Endpoint.Family(rawValue: 38)][random.below(3)]
        let address = (0..<(family == .ipv4 ? 4 : 16)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let endpoint = Endpoint(
            family: family, address: address, port: UInt16(truncatingIfNeeded: number()),
            transport: [.tcp, .udp, Endpoint.Transport(rawValue: 132)][random.below(3)], networkNamespace: uid())
        return SocketChange(
            step: [.attempt, .bound, .listening, .closed][random.below(4)], endpoint: endpoint, uid: uid())
    }

    mutating func seen() -> ProcessSeen {
        var image: ExecImage?
        if random.below(3) > 0 {
            image = ExecImage(path: text(4096), argv: argv(), markers: markers())
            image?.exe = random.below(3) == 0 ? nil : text(4096)
            image?.cwd = random.below(3) == 0 ? nil : text(4096)
        }
        return ProcessSeen(
            parent: random.below(2) == 0 ? nil : ProcessKey(pid: Int32(random.below(3)), start: time()),
            innerPID: random.below(2) == 0 ? nil : Int32(random.below(3)), uid: uid(), comm: text(16), image: image,
            isKernelThread: random.below(2) == 0)
    }

    mutating func host() -> Host {
        Host(
            name: text(64), machineID: text(32), bootID: text(36), kernel: text(64),
            wallOffset: WallOffset(nanoseconds: Int64(bitPattern: number())),
            collector: ProcessKey(pid: Int32(truncatingIfNeeded: number()), start: time()), version: text(20))
    }
}

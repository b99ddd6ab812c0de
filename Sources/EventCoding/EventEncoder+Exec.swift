internal import CEventABI
internal import EventModel

extension EventEncoder {
    static func append(_ exec: Exec, of event: Event, to bytes: inout [UInt8]) {
        let path = ClippedText(exec.image.path, to: limit(CULPRIT_PATH_MAX))
        let exe = components(of: exec.image.exe)
        let argv = clipped(exec.image.argv)
        let environment = markers(exec.image.markers)
        var flags: RecordFlags = []
        if path.isCut { flags.insert(.pathCut) }
        if exe.isCut { flags.insert(.exeCut) }
        if argv.isTruncated { flags.insert(.argvCut) }
        if argv.isUnreadable { flags.insert(.argvUnreadable) }
        if exec.environmentIncomplete || environment.isCut { flags.insert(.environmentCut) }
        append(
            culprit_exec(
                header: header(of: event, type: .exec, flags: flags), ppid: wire(exec.parentPID), uid: exec.uid,
                inner_pid: wire(exec.innerPID), old_tid: wire(exec.formerThread),
                argv_total: UInt32(clamping: argv.totalBytes), argv_head_len: UInt16(clamping: argv.head.count),
                argv_tail_len: UInt16(clamping: argv.tail.count), path_len: UInt16(clamping: path.kept.count),
                exe_len: UInt16(clamping: exe.bytes.count), env_len: UInt16(clamping: environment.bytes.count),
                reserved: 0),
            to: &bytes)
        bytes.append(contentsOf: path.kept)
        bytes.append(contentsOf: exe.bytes)
        bytes.append(contentsOf: argv.head)
        bytes.append(contentsOf: argv.tail)
        bytes.append(contentsOf: environment.bytes)
    }

    static func limit(_ limit: culprit_limit) -> Int { Int(clamping: limit.rawValue) }

    /// Within the limits of event.h: the first bytes of the whole, the last ones, and its length.
    static func clipped(_ argv: ArgumentVector) -> ArgumentVector {
        let headLimit = limit(CULPRIT_ARGV_HEAD)
        let tailLimit = limit(CULPRIT_ARGV_TAIL)
        guard argv.head.count > headLimit || argv.tail.count > tailLimit else { return argv }
        var clipped = argv
        clipped.totalBytes = max(argv.totalBytes, argv.head.count + argv.tail.count)
        clipped.head = Array(argv.head.prefix(headLimit))
        // Where nothing is missing between head and tail they are one text, and the head's surplus belongs to the end.
        let end = argv.isTruncated ? argv.tail : argv.head.dropFirst(headLimit) + argv.tail
        clipped.tail = Array(end.suffix(tailLimit))
        return clipped
    }

    /// `/usr/bin/x` as `x NUL bin NUL usr NUL`; what is too long loses components at the root's end.
    private static func components(of exe: String?) -> (bytes: [UInt8], isCut: Bool) {
        guard let exe else { return ([], false) }
        let most = limit(CULPRIT_PATH_MAX)
        var path = exe.utf8[...]
        var isCut = false
        if path.starts(with: "…/".utf8) {
            path = path.dropFirst("…".utf8.count)
            isCut = true
        }
        var bytes: [UInt8] = []
        for component in path.split(separator: UInt8(ascii: "/")).reversed() {
            // The name itself is kept in part rather than not at all.
            let name = ClippedText(component, to: bytes.isEmpty ? most - 1 : component.count)
            guard bytes.count + name.kept.count < most else { return (bytes, true) }
            isCut = isCut || name.isCut
            bytes.append(contentsOf: name.kept)
            bytes.append(0)
        }
        return (bytes, isCut)
    }

    /// `NAME=value NUL` each; `isCut` where one was shortened or left out.
    private static func markers(_ markers: [EnvironmentMarker]) -> (bytes: [UInt8], isCut: Bool) {
        let longest = limit(CULPRIT_ENV_VALUE_MAX) - 1
        var bytes: [UInt8] = []
        var isCut = false
        for marker in markers {
            let word = ClippedText(marker.name + "=" + marker.value, to: longest)
            let isTooLong = marker.name.utf8.count >= longest
            isCut = isCut || word.isCut || isTooLong
            // Without its `=` it would be no variable.
            if isTooLong { continue }
            guard bytes.count + word.kept.count < limit(CULPRIT_ENV_MAX) else { return (bytes, true) }
            bytes.append(contentsOf: word.kept)
            bytes.append(0)
        }
        return (bytes, isCut)
    }
}

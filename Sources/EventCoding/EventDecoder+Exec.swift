internal import CEventABI
internal import EventModel

extension EventDecoder {
    static func exec(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_exec.self)
        let flags = RecordFlags(rawValue: header.flags)
        var tail = ByteReader(bytes, from: MemoryLayout<culprit_exec>.size)
        guard let path = tail.take(Int(raw.path_len)), let exe = tail.take(Int(raw.exe_len)),
            let head = tail.take(Int(raw.argv_head_len)), let end = tail.take(Int(raw.argv_tail_len)),
            let environment = tail.take(Int(raw.env_len))
        else { throw MalformedRecord(type: header.type, reason: .piece) }
        let image = ExecImage(
            path: pathText(path, isCut: flags.contains(.pathCut)),
            exe: executable(exe, isCut: flags.contains(.exeCut)),
            argv: ArgumentVector(
                head: Array(head), tail: Array(end), totalBytes: Int(raw.argv_total),
                isUnreadable: flags.contains(.argvUnreadable)),
            markers: markers(environment))
        return .exec(
            Exec(
                image: image, parentPID: Int32(bitPattern: raw.ppid), uid: raw.uid,
                innerPID: optionalPID(raw.inner_pid), formerThread: optionalPID(raw.old_tid),
                environmentIncomplete: !flags.isDisjoint(with: [.environmentCut, .environmentUnreadable])))
    }

    /// A path whose end was cut off ends in `…`: it must not pass for a whole one.
    private static func pathText(_ bytes: UnsafeRawBufferPointer, isCut: Bool) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return isCut ? text + "…" : text
    }

    /// Components, the last one first, each with a NUL, to `/usr/bin/x`; nil where there are none. Where components
    /// towards the root were cut off it starts with `…`: a part must not pass for a whole path.
    private static func executable(_ bytes: UnsafeRawBufferPointer, isCut: Bool) -> String? {
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        // At most one `/` more than there are NULs (the last one may be missing), and the three bytes of `…`.
        return String(unsafeUninitializedCapacity: bytes.count + 4) { target in
            var count = 0
            if isCut {
                for byte in "…".utf8 {
                    target[count] = byte
                    count += 1
                }
            }
            var end = bytes.count
            while end > 0 {
                var start = end
                while start > 0, bytes[start - 1] != 0 { start -= 1 }
                if start < end {
                    target[count] = UInt8(ascii: "/")
                    count += 1
                    for index in start..<end {
                        target[count] = bytes[index]
                        count += 1
                    }
                }
                end = start - 1
            }
            return count
        }
    }

    /// `NAME=value`, each ended by a NUL. A word without `=` is no variable, and left out.
    private static func markers(_ bytes: UnsafeRawBufferPointer) -> [EnvironmentMarker] {
        var markers: [EnvironmentMarker] = []
        guard !bytes.isEmpty else { return markers }
        // As many as there usually are; more of them must be there to take more memory.
        markers.reserveCapacity(4)
        var start = 0
        var equals: Int?
        for index in 0...bytes.count {
            if index < bytes.count, bytes[index] != 0 {
                if equals == nil, bytes[index] == UInt8(ascii: "=") { equals = index }
                continue
            }
            if let end = equals {
                let name = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                let value = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)..<index])
                markers.append(
                    EnvironmentMarker(
                        name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
            }
            start = index + 1
            equals = nil
        }
        return markers
    }
}

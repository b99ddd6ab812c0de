public import EventModel

/// The sockets of one network namespace, by `/proc/net/{tcp,tcp6,udp,udp6}`.
public struct SocketTable: Hashable, Sendable {
    public var rows: [Row]
    /// Lines that could not be understood.
    public var malformed: Int

    public struct Row: Hashable, Sendable {
        public var local: Endpoint
        /// The kernel's TCP state: 1 established, 10 listening, ...; 7 for a bound UDP socket.
        public var state: UInt8
        public var uid: UInt32
        /// By which `/proc/PID/fd` names it; 0 where no process holds it any more.
        public var inode: UInt64
    }

    /// A last line without its newline was cut and is left out.
    public init(parsing text: ArraySlice<UInt8>, transport: Endpoint.Transport, networkNamespace: UInt32 = 0) {
        rows = []
        malformed = 0
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        _ = rest.next(until: .newline)  // the heading
        while let line = rest.next(until: .newline) {
            if let row = Row(parsing: line, transport: transport, networkNamespace: networkNamespace) {
                rows.append(row)
            } else {
                malformed += 1
            }
        }
    }
}

extension SocketTable.Row {
    /// `sl local remote st tx:rx tr:when retransmits uid timeout inode ...`
    init?(parsing line: Bytes, transport: Endpoint.Transport, networkNamespace: UInt32) {
        let words = line.split(separator: .space, maxSplits: 10)
        guard words.count >= 10,
            let local = Self.endpoint(words[1], transport: transport, networkNamespace: networkNamespace),
            let state = words[3].hexadecimal(UInt8.self), let uid = words[7].decimal(UInt32.self),
            let inode = words[9].decimal(UInt64.self)
        else { return nil }
        self.init(local: local, state: state, uid: uid, inode: inode)
    }

    /// `0100007F:1F90`: the address as 32-bit words that hold network order but are printed as native numbers; the port
    /// as a plain number.
    private static func endpoint(_ text: Bytes, transport: Endpoint.Transport, networkNamespace: UInt32) -> Endpoint? {
        var port = text
        guard let digits = port.next(until: .colon), digits.count == 8 || digits.count == 32,
            let number = port.hexadecimal(UInt16.self)
        else { return nil }
        var address: [UInt8] = []
        for start in stride(from: digits.startIndex, to: digits.endIndex, by: 8) {
            guard let word = digits[start..<(start + 8)].hexadecimal(UInt32.self) else { return nil }
            withUnsafeBytes(of: word) { address.append(contentsOf: $0) }
        }
        return Endpoint(
            family: address.count == 4 ? .ipv4 : .ipv6, address: address, port: number, transport: transport,
            networkNamespace: networkNamespace)
    }
}

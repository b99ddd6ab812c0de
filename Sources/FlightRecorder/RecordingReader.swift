public import EventModel

/// Reads a recording block by block, in the memory of one block, and says what it had to leave out.
///
///     while let step = try reader.next() {
///         switch step {
///         case .block: reader.forEachRecord { ... }
///         case .damage(let damage): ...
///         }
///     }
public struct RecordingReader: ~Copyable {
    private let source: RecordingSource
    private let size: Int
    /// A block's header and payload.
    private let buffer: UnsafeMutableRawBufferPointer
    /// Up to here everything was handed out.
    private var offset = 0
    /// Nil after damage, when no particular block is expected.
    private var expected: UInt32? = 0
    private var latest: BootTime?
    private var payloadSize = 0
    /// Damage of the file's header, not yet handed out.
    private var headerDamage: Damage?

    /// An end block was read: the writer closed the file. A file without one may lack what was not flushed.
    public private(set) var wasClosedCleanly = false

    /// One step through a recording.
    public enum Step: Hashable, Sendable {
        /// A block that checks out; its records are read with `forEachRecord` until the next step.
        case block(Block)
        case damage(Damage)
    }

    public struct Block: Hashable, Sendable {
        /// Bytes from the start of the file to the block's header.
        public var offset: Int
        /// Bytes of header and payload.
        public var bytes: Int
        public var records: Int
        /// Earliest and latest time in it.
        public var first: BootTime
        public var last: BootTime
    }

    public init(path: String) throws(RecordingError) {
        try self.init(.open(path))
    }

    /// Reads a recording that is in memory.
    public init(bytes: [UInt8]) throws(RecordingError) {
        try self.init(.memory(bytes))
    }

    private init(_ source: RecordingSource) throws(RecordingError) {
        self.source = source
        buffer = .allocate(
            byteCount: RecordingFormat.blockHeaderSize + RecordingFormat.largestPayload,
            alignment: RecordFrame.alignment)
        size = source.size
        try readFileHeader()
    }

    deinit {
        buffer.deallocate()
        source.close()
    }

    private mutating func readFileHeader() throws(RecordingError) {
        let header = try bytes(at: 0, count: RecordingFormat.fileHeaderSize)
        let magicFits = header.starts(with: RecordingFormat.magic)
        offset = header.count
        if header.count == RecordingFormat.fileHeaderSize {
            let sum = RecordingFormat.checksum(UnsafeRawBufferPointer(rebasing: header[..<12]))
            let isWhole = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) == sum
            let version = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            if magicFits, isWhole {
                guard version == RecordingFormat.version else {
                    throw .unsupported(path: source.name, version: version)
                }
                return
            }
        }
        // A damaged name is still a recording's when a block follows it.
        let block = try blockHeader(at: RecordingFormat.fileHeaderSize)
        guard magicFits || block != nil else {
            throw .notARecording(path: source.name)
        }
        headerDamage = Damage(offset: 0, bytes: offset, why: .fileHeader)
    }

    /// The next block or damage, in the order of the file; nil at its end.
    public mutating func next() throws(RecordingError) -> Step? {
        payloadSize = 0
        if let damage = headerDamage {
            headerDamage = nil
            return .damage(damage)
        }
        while offset < size {
            if wasClosedCleanly { return .damage(skip(to: size, .trailing)) }
            guard let header = try blockHeader(at: offset) else {
                return .damage(try skipToNextHeader(damaged: nil, .blockHeader))
            }
            if let damage = checkOrder(header) { return .damage(damage) }
            switch header.kind {
            case .records: return try readBlock(header)
            case .end:
                offset += RecordingFormat.blockHeaderSize
                wasClosedCleanly = true
            }
        }
        return nil
    }

    /// The records of the block that `next` returned last; their bytes are valid within `body` only.
    public func forEachRecord<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let payload = self.payload
        var position = 0
        while let frame = RecordFrame(payload, at: position) {
            try body(UnsafeRawBufferPointer(rebasing: payload[position..<(position + frame.size)]))
            position += frame.size
        }
    }
}

extension RecordingReader {
    private var payload: UnsafeRawBufferPointer {
        let start = RecordingFormat.blockHeaderSize
        return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + payloadSize)])
    }

    private mutating func readBlock(_ header: BlockHeader) throws(RecordingError) -> Step {
        let whole = RecordingFormat.blockHeaderSize + header.payloadSize
        guard size - offset >= whole else {
            // The length is right, so bytes are missing; what lies behind may be blocks all the same.
            return .damage(try skipToNextHeader(damaged: header, .cutOff))
        }
        let read = try bytes(at: offset, count: whole)
        guard read.count == whole else { return .damage(skip(to: size, .cutOff, header)) }
        let payload = UnsafeRawBufferPointer(rebasing: read[RecordingFormat.blockHeaderSize...])
        guard RecordingFormat.checksum(payload) == header.payloadChecksum else {
            return .damage(skip(to: offset + whole, .payload, header))
        }
        guard Self.count(payload) == Int(clamping: header.records) else {
            return .damage(skip(to: offset + whole, .framing, header))
        }
        let block = Block(
            offset: offset, bytes: whole, records: Int(clamping: header.records), first: header.first,
            last: header.last)
        payloadSize = header.payloadSize
        offset += whole
        expected = header.sequence &+ 1
        latest = max(latest ?? header.last, header.last)
        return .block(block)
    }

    /// Records in a payload; nil where they do not fill it.
    private static func count(_ payload: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        var count = 0
        while let frame = RecordFrame(payload, at: position) {
            position += frame.size
            count += 1
        }
        return position == payload.count ? count : nil
    }

    /// Whether blocks are missing before this one, or it has been here. It is read all the same, at the next step.
    private mutating func checkOrder(_ header: BlockHeader) -> Damage? {
        guard let expected, header.sequence != expected else { return nil }
        self.expected = nil
        let isLater = header.sequence > expected
        return Damage(
            offset: offset, bytes: 0, recordsLost: isLater ? nil : 0, from: isLater ? latest : nil,
            to: isLater ? header.first : nil, why: isLater ? .missing : .outOfOrder)
    }

    /// Leaves out everything up to `end`; `damaged` is the header of what is lost, where that can be read.
    private mutating func skip(to end: Int, _ why: Damage.Why, _ damaged: BlockHeader? = nil) -> Damage {
        let start = offset
        offset = end
        expected = damaged.map { $0.sequence &+ 1 }
        return Damage(
            offset: start, bytes: end - start, recordsLost: damaged.map { Int(clamping: $0.records) },
            from: damaged?.first ?? latest, to: damaged?.last, why: why)
    }

    private mutating func skipToNextHeader(
        damaged: BlockHeader?, _ why: Damage.Why
    ) throws(RecordingError) -> Damage {
        let found = try search(from: offset + 1)
        // Less than a header at the end is what an interrupted write leaves.
        let isRest = found == nil && size - offset < RecordingFormat.blockHeaderSize
        var damage = skip(to: found?.offset ?? size, isRest ? .cutOff : why, damaged)
        if found != nil { expected = nil }
        if damage.to == nil { damage.to = found?.header.first }
        return damage
    }

    private func blockHeader(at offset: Int) throws(RecordingError) -> BlockHeader? {
        BlockHeader(try bytes(at: offset, count: RecordingFormat.blockHeaderSize))
    }

    /// The bytes from `offset` on, in the buffer; fewer at the end of the file.
    private func bytes(at offset: Int, count: Int) throws(RecordingError) -> UnsafeRawBufferPointer {
        let room = max(0, min(count, size - offset, buffer.count))
        let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<room]), at: offset)
        return UnsafeRawBufferPointer(rebasing: buffer[..<read])
    }

    /// The first header at or after `start` that checks out. Looks close by first, with growing steps: a file made to
    /// be damaged in every other byte must not cost a whole buffer each time.
    private func search(from start: Int) throws(RecordingError) -> (offset: Int, header: BlockHeader)? {
        let overlap = RecordingFormat.blockHeaderSize - 1
        var step = 512
        var position = start
        while size - position >= RecordingFormat.blockHeaderSize {
            let window = try bytes(at: position, count: step)
            guard window.count > overlap else { return nil }
            for index in 0..<(window.count - overlap) where window[index] == BlockHeader.Kind.firstByte {
                let end = index + RecordingFormat.blockHeaderSize
                if let header = BlockHeader(UnsafeRawBufferPointer(rebasing: window[index..<end])) {
                    return (position + index, header)
                }
            }
            position += window.count - overlap
            step = min(step * 2, buffer.count)
        }
        return nil
    }
}

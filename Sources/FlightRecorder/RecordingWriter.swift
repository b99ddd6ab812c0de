public import EventModel
internal import Glibc

/// Writes records to a recording file, a block at a time. Memory: one block, taken at the start.
///
/// After a failure (no space, say) the file is cut back to its last whole block and nothing that was taken is lost: the
/// open block stays in memory, and `flush` or `append` may be tried again. What was only appended is not on file yet.
public struct RecordingWriter: ~Copyable {
    private let path: String
    private var descriptor: Int32
    /// Room for a block's header, then its payload.
    private let block: UnsafeMutableRawBufferPointer
    private var open = BlockHeader(kind: .records, sequence: 0, first: .zero, last: .zero)
    /// Earliest and latest time of all blocks written.
    private var span: (first: BootTime, last: BootTime)?

    /// Bytes on file: up to here it can be read, whatever happens to what comes behind.
    public private(set) var bytesWritten = 0

    /// Creates `path` (mode 0600) or empties what is there, and writes the file's header.
    public init(path: String) throws(SystemCallError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY
        let descriptor = try SystemCall.retrying("open", path) { Glibc.open(path, flags, mode_t(0o600)) }
        try self.init(descriptor: Int32(descriptor), path: path)
    }

    /// Takes over a descriptor that is open for writing at its start; `path` is its name in errors.
    public init(descriptor: Int32, path: String) throws(SystemCallError) {
        self.descriptor = descriptor
        self.path = path
        block = .allocate(
            byteCount: RecordingFormat.blockHeaderSize + RecordingFormat.largestPayload,
            alignment: RecordFrame.alignment)
        let header = RecordingFormat.fileHeader
        block.copyBytes(from: header)
        try write(UnsafeRawBufferPointer(rebasing: block[..<header.count]))
    }

    deinit {
        block.deallocate()
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Takes a record into the open block, which goes to the file when it is full. False where the record's size does
    /// not say what `record.count` says or is more than a block, and after `close`: it is not taken then.
    @discardableResult
    public mutating func append(_ record: UnsafeRawBufferPointer) throws(SystemCallError) -> Bool {
        guard descriptor >= 0, let frame = RecordFrame(whole: record), frame.size <= RecordingFormat.largestPayload
        else {
            return false
        }
        if open.payloadSize + frame.size > RecordingFormat.largestPayload { try flush() }
        let start = RecordingFormat.blockHeaderSize + open.payloadSize
        UnsafeMutableRawBufferPointer(rebasing: block[start..<(start + frame.size)]).copyMemory(from: record)
        open.first = open.records == 0 ? frame.time : min(open.first, frame.time)
        open.last = open.records == 0 ? frame.time : max(open.last, frame.time)
        open.payloadSize += frame.size
        open.records += 1
        return true
    }

    /// Hands the open block to the kernel (no fsync); nothing to do when it is empty.
    public mutating func flush() throws(SystemCallError) {
        guard open.records > 0 else { return }
        let header = RecordingFormat.blockHeaderSize
        let payload = UnsafeRawBufferPointer(rebasing: block[header..<(header + open.payloadSize)])
        open.payloadChecksum = RecordingFormat.checksum(payload)
        open.write(to: block)
        try write(UnsafeRawBufferPointer(rebasing: block[..<(header + open.payloadSize)]))
        span = (min(span?.first ?? open.first, open.first), max(span?.last ?? open.last, open.last))
        open = BlockHeader(kind: .records, sequence: open.sequence &+ 1, first: .zero, last: .zero)
    }

    /// Flushes, writes the end block and closes. After a failure it may be tried again; after success nothing is taken.
    public mutating func close() throws(SystemCallError) {
        guard descriptor >= 0 else { return }
        try flush()
        let end = BlockHeader(
            kind: .end, sequence: open.sequence, first: span?.first ?? .zero, last: span?.last ?? .zero)
        end.write(to: block)
        try write(UnsafeRawBufferPointer(rebasing: block[..<RecordingFormat.blockHeaderSize]))
        let closing = descriptor
        descriptor = -1
        // Linux frees the descriptor whatever close says: trying again could close somebody else's.
        if Glibc.close(closing) != 0, errno != EINTR {
            throw SystemCallError(call: "close", object: path, errno: errno)
        }
    }

    /// All of `bytes` or none of them, as far as the file can be cut back.
    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
        let descriptor = descriptor
        var rest = bytes
        do throws(SystemCallError) {
            while !rest.isEmpty {
                let piece = rest
                let count = try SystemCall.retrying("write", path) {
                    Glibc.write(descriptor, piece.baseAddress, piece.count)
                }
                // A device that takes nothing and says nothing would be asked for ever.
                guard count > 0 else { throw SystemCallError(call: "write", object: path, errno: EIO) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        } catch {
            // Fails on what is no regular file, where there is nothing to cut back.
            if ftruncate(descriptor, off_t(bytesWritten)) == 0 { lseek(descriptor, off_t(bytesWritten), SEEK_SET) }
            throw error
        }
        bytesWritten += bytes.count
    }
}

import Glibc

/// A file that has no name and leaves nothing behind.
enum TemporaryFile {
    /// What `body` writes to a descriptor, which it takes over.
    static func contents(_ body: (Int32) throws -> Void) throws -> [UInt8] {
        guard let file = tmpfile() else { preconditionFailure("tmpfile failed with errno \(errno)") }
        defer { fclose(file) }
        let descriptor = fileno(file)
        try body(dup(descriptor))
        let size = Int(lseek(descriptor, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: max(0, size)) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }
}

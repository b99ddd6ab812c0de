/// A system call that failed: what, on which object, and the errno.
public struct SystemCallError: Error, Hashable, Sendable {
    public var call: String
    public var object: String
    public var errno: Int32

    public init(call: String, object: String, errno: Int32) {
        self.call = call
        self.object = object
        self.errno = errno
    }
}

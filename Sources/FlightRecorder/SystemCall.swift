internal import EventModel
internal import Glibc

/// The one place where a failed system call becomes an error.
enum SystemCall {
    /// Calls until it is not interrupted; its result is never negative.
    static func retrying<Result: SignedInteger>(
        _ call: String, _ object: String, _ body: () -> Result
    ) throws(SystemCallError) -> Int {
        while true {
            let result = body()
            if result >= 0 { return Int(result) }
            if errno != EINTR { throw SystemCallError(call: call, object: object, errno: errno) }
        }
    }
}

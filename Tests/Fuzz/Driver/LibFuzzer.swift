import FuzzTargets
import Glibc

#if LIBFUZZER
    private let target: FuzzTarget = {
        let name = getenv("CULPRIT_FUZZ_TARGET").map { String(cString: $0) } ?? "event-decoder"
        guard let target = FuzzTarget.named(name) else { fatalError("no fuzz target \(name)") }
        return target
    }()

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
        target.run(UnsafeRawBufferPointer(start: data, count: size))
        return 0
    }

    private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private typealias TestOneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<Arguments>, _ test: TestOneInput
    ) -> Int32

    /// SwiftPM links an executable's `main` to `NAME_main`, so libFuzzer's own main is not reached.
    @_cdecl("fuzz_main")
    public func fuzzMain(
        _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> Int32 {
        var count = count
        var arguments = arguments
        return runDriver(&count, &arguments, testOneInput)
    }
#endif

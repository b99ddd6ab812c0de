import FuzzTargets

/// The command line of the repeatable driver.
struct Options {
    /// For all targets together.
    var seconds = 10.0
    var seed: UInt64 = 1
    var targets = FuzzTarget.all
    var corpus: String?
    var lastInput: String?
    var writeCorpus: String?
    var replay: String?

    /// Nil where an argument is not understood.
    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch option {
            case "--seconds":
                guard let number = Double(value) else { return nil }
                seconds = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--target":
                guard let target = FuzzTarget.named(value) else { return nil }
                targets = [target]
            case "--corpus": corpus = value
            case "--last-input": lastInput = value
            case "--write-corpus": writeCorpus = value
            case "--replay": replay = value
            default: return nil
            }
        }
    }
}

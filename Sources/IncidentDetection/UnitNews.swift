import EventModel
import UnitTracking

/// What of a unit's history is not accounted for yet.
struct UnitNews: Hashable, Sendable {
    /// Invocations that ended, the oldest first.
    var ends: [Invocation] = []
    var failures: [StartFailure] = []

    var isEmpty: Bool { ends.isEmpty && failures.isEmpty }
}

extension TrackedUnit {
    func news(beyond known: UnitDetector.Followed?) -> UnitNews {
        UnitNews(
            ends: invocations.filter { invocation in
                invocation.end != nil && invocation.endWasSeen && !(known?.ends.contains(invocation.serial) ?? false)
            },
            failures: startFailures.filter { !(known?.failures.contains($0) ?? false) })
    }
}

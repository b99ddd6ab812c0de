import Attribution
import EventModel
import IncidentDetection
import Testing

@testable import Collector

/// What happens alike for ever does not fill the store, and what is left out is said.
@Suite struct RepeatLimitTests {
    private func incident(_ number: Int, at milliseconds: UInt64, name: String? = nil) throws -> Incident {
        var incident = try #require(try Story.pipeline(Story.opening + Story.lives(1)).incidents.all.first)
        incident.id = "\(number)"
        incident.disruption.at = Story.time(milliseconds)
        incident.verdict.outcome = .self
        if let name { incident.fingerprint = name }
        return incident
    }

    /// RestartSec=100ms without a start limit: an incident every three seconds, for an hour.
    @Test func aCrashLoop() throws {
        let one = try incident(0, at: 0)
        var log = IncidentLog()
        for number in 1...1200 {
            var next = one
            next.id = "\(number)"
            next.disruption.at = Story.time(UInt64(number) * 3000)
            next.verdict.culprit = nil
            log.add(next)
        }
        let kept = log.all.compactMap { Int($0.id) }
        #expect(kept == Array(1...20) + [40, 80, 160, 320, 640])
        #expect(log.leftOut == 1175 && log.total == 25)
        let last = try #require(log.all.last)
        #expect(last.verdict.summary.contains("319 like it, just before, were left out"))
        #expect(last.completeness.gaps.map(\.source) == ["incidents"])
        #expect(last.completeness.gaps.first?.from == Story.time(321 * 3000))
        #expect(log.all.first?.completeness == one.completeness)
    }

    @Test func others() throws {
        let one = try incident(0, at: 0)
        var limit = RepeatLimit()
        for number in 0..<100 { _ = limit.admit(try change(one, at: UInt64(number) * 3000)) }
        // Another kind of cause, and the same again after a quiet time.
        #expect(limit.admit(try change(one, at: 300_000, fingerprint: "other")) != nil)
        #expect(limit.admit(try change(one, at: 303_000)) == nil)
        let later = try #require(limit.admit(try change(one, at: 304_000 + 600_000)))
        #expect(later.completeness == one.completeness)
    }

    @Test func whatAnotherDidIsToldEachTime() throws {
        var one = try incident(0, at: 0)
        one.verdict.outcome = .agent
        var limit = RepeatLimit()
        for number in 0..<100 { #expect(limit.admit(try change(one, at: UInt64(number) * 3000)) != nil) }
    }

    @Test func atTheCap() throws {
        let one = try incident(0, at: 0)
        var limit = RepeatLimit()
        for number in 0..<(3 * RepeatLimit.capacity) {
            #expect(limit.admit(try change(one, at: UInt64(number), fingerprint: "f\(number)")) != nil)
        }
        #expect(limit.leftOut == 0)
    }

    private func change(_ incident: Incident, at milliseconds: UInt64, fingerprint: String? = nil) throws -> Incident {
        var incident = incident
        incident.disruption.at = Story.time(milliseconds)
        incident.fingerprint = fingerprint ?? incident.fingerprint
        return incident
    }
}

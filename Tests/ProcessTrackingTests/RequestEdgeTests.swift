import EventModel
import Testing

@testable import ProcessTracking

private func edge(_ requester: ProcessKey?, _ certainty: RequestEdge.Certainty = .named) -> RequestEdge {
    RequestEdge(requester: requester, via: "StartTransientUnit run-u1.service", at: time(3), certainty: certainty)
}

private func expectLink(
    _ table: inout ProcessTable, _ isLinked: Bool, _ worker: ProcessKey, _ edge: RequestEdge, at now: BootTime
) {
    let result = table.link(worker, edge, at: now)
    #expect(result == isLinked)
}

@Suite struct RequestEdgeTests {
    /// 1 is the manager, 2 an agent's root with membership 7, 3 its client; 10 is what the manager makes.
    private func host(_ more: [Event] = []) -> ProcessTable {
        var table = ProcessTable([fork(nil, key(1)), fork(key(1), key(2))])
        table.setTag(7, for: key(2), at: time(2))
        for event in [fork(key(2), key(3)), fork(key(1), key(10))] + more { table.apply(event) }
        return table
    }

    @Test func workHangsBelowWhoeverAskedForIt() {
        var table = host()
        expectLink(&table, true, key(10), edge(key(3)), at: time(11))
        table.apply(fork(key(10), key(11)))
        #expect(table.pids(key(11)) == [11, 10, 3, 2, 1])
        #expect(table.forkLineage(of: key(11)).map(\.key.pid) == [11, 10, 1])
        #expect(table.tag(of: key(10)) == 7 && table.tag(of: key(11)) == 7)
        #expect(table.request(of: key(10))?.requester == key(3) && table.request(of: key(11)) == nil)
        #expect(table.census.living(7) == 4)
        #expect(table.violations() == [])
    }

    @Test func whatItMadeBeforeTheRequestWasKnownBelongsThereAsWell() {
        var table = host([fork(key(10), key(11)), fork(key(11), key(12)), fork(key(10), key(13))])
        table.setTag(9, for: key(13), at: time(14))
        expectLink(&table, true, key(10), edge(key(3)), at: time(14))
        #expect(table.tag(of: key(12)) == 7)
        // It is an agent of its own.
        #expect(table.tag(of: key(13)) == 9)
        #expect(table.violations() == [])
    }

    @Test func aPersonsWorkInAnAgentsServerIsThePersons() {
        var table = host([fork(key(2), key(20)), fork(key(1), key(30)), fork(key(20), key(40))])
        #expect(table.tag(of: key(40)) == 7)
        expectLink(&table, true, key(40), edge(key(30)), at: time(41))
        table.apply(fork(key(40), key(41)))
        #expect(table.tag(of: key(40)) == 0 && table.tag(of: key(41)) == 0)
        #expect(table.pids(key(41)) == [41, 40, 30, 1])
        #expect(table.violations() == [])
    }

    @Test func whereNobodyIsKnownToHaveAskedTheLineEnds() {
        var table = host([fork(key(2), key(20)), fork(key(20), key(40))])
        expectLink(&table, true, key(40), edge(nil, .open), at: time(41))
        #expect(table.tag(of: key(40)) == 0)
        #expect(table.pids(key(40)) == [40])
        #expect(table.violations() == [])
    }

    @Test func theFirstRequestStands() {
        var table = host([fork(key(1), key(4), at: time(20))])
        expectLink(&table, true, key(10), edge(key(3)), at: time(21))
        expectLink(&table, false, key(10), edge(key(4)), at: time(22))
        #expect(table.request(of: key(10))?.requester == key(3))
    }

    @Test func nothingAsksForItselfForItsElderOrForItsAncestor() {
        var table = host([fork(key(10), key(11)), fork(key(1), key(50))])
        expectLink(&table, false, key(10), edge(key(10)), at: time(60))
        expectLink(&table, false, key(10), edge(key(50)), at: time(60))
        expectLink(&table, false, key(10), edge(key(11)), at: time(60))
        expectLink(&table, false, key(99), edge(key(3)), at: time(60))
        #expect(table.violations() == [])
    }

    /// Two that start within one tick may be told in either order; a circle must not come of it.
    @Test func aCircleThroughARequestIsRefused() {
        let (a, b) = (key(1, at: 100), key(2, at: 101))
        var table = ProcessTable([fork(a, b)])
        expectLink(&table, false, a, edge(b), at: time(102))
        #expect(table.violations() == [])
    }

    @Test func aRequesterIsKeptForItsWorkAndForgottenAfterIt() {
        var table = host([exit(key(3))])
        expectLink(&table, true, key(10), edge(key(3)), at: time(11))
        table.makeRoom(sparing: nil, at: time(12))
        #expect(table.request(of: key(10))?.requester == key(3) && table[key(3)] != nil)
        #expect(table.violations() == [])
    }

    @Test func theMembershipOutlivesARequesterThatHadToBeForgotten() {
        var table = ProcessTable(capacity: 1 << 20)
        for event in [fork(nil, key(1)), fork(key(1), key(3))] { table.apply(event) }
        table.setTag(7, for: key(3), at: time(4))
        table.apply(exit(key(3)))
        table.apply(fork(key(1), key(10)))
        expectLink(&table, true, key(10), edge(key(3)), at: time(11))
        for pid in Int32(100)..<6000 { table.apply(fork(key(1), key(pid))) }
        #expect(table.forgotten.ended > 0)
        #expect(table.tag(of: key(10)) == 7 || table[key(10)] == nil)
        #expect(table.violations() == [])
    }

    @Test func aThousandRequestsStayWithinTheBudget() {
        var table = ProcessTable(capacity: 1 << 19)
        table.apply(fork(nil, key(1)))
        for number in Int32(0)..<5000 {
            let (client, work) = (key(10 + number * 2), key(11 + number * 2))
            table.apply(fork(key(1), client))
            table.apply(fork(key(1), work))
            expectLink(&table, true, work, edge(client), at: work.start)
            if number % 3 != 0 { table.apply(exit(client)) }
            if number % 2 != 0 { table.apply(exit(work)) }
        }
        #expect(table.usedBytes <= table.capacity)
        #expect(table.forgotten.ended > 0 && table.forgotten.living > 0)
        #expect(table.violations() == [])
    }
}

import EventModel
import Testing

@testable import ProcessTracking

@Suite struct LineageTests {
    @Test func aDoubleForkKeepsTheEdgeWhenTheMiddleIsGone() {
        let table = ProcessTable([fork(key(1), key(2)), fork(key(2), key(3)), fork(key(3), key(4)), exit(key(3))])
        #expect(table.pids(key(4)) == [4, 3, 2, 1])
        #expect(table[key(3)]?.isAlive == false)
        #expect(table.violations() == [])
    }

    @Test func siblingsOfTheirCreatorKeepTheCreator() {
        // CLONE_PARENT: getppid() says 1, and 2 made it all the same.
        let table = ProcessTable([fork(key(1), key(2)), fork(key(2), key(3), parentPID: 1)])
        #expect(table[key(3)]?.creator == key(2))
        #expect(table[key(3)]?.parentPID == 1)
    }

    @Test func aChildHasItsCreatorsImageUntilItExecutes() {
        var table = ProcessTable([fork(key(1), key(2)), exec(key(2), "/bin/bash"), fork(key(2), key(3), at: time(9))])
        #expect(table[key(3)]?.comm == "bash")
        table.apply(exec(key(3), "/bin/true", at: time(10)))
        #expect(table[key(3)]?.comm == "true" && table[key(2)]?.comm == "bash")
        #expect(table.violations() == [])
    }

    @Test func aPidThatLivesAgainIsAnotherProcess() {
        let (old, new) = (key(7, at: 10), key(7, at: 500))
        var table = ProcessTable([fork(key(1), old), exit(old, at: time(20)), fork(key(2), new)])
        #expect(table[old]?.exit?.status == .code(0) && table[new]?.isAlive == true)
        #expect(table.living(pid: 7)?.key == new)
        table.apply(exit(old, at: time(600), .code(9)))
        #expect(table[new]?.isAlive == true && table[old]?.exit?.status == .code(0))
        #expect(table.violations() == [])
    }

    @Test func anEndThatWasMissedIsConcludedFromTheNextHolder() {
        let (old, new) = (key(7, at: 10), key(7, at: 500))
        var table = ProcessTable([fork(key(1), old), fork(key(1), new)])
        #expect(table[old]?.isAlive == false && table[old]?.exit?.status == nil)
        table.apply(exit(old, at: time(400), .signal(.kill)))
        #expect(table[old]?.exit?.status == .signal(.kill))
        #expect(table[new]?.isAlive == true)
    }

    /// A late event about a pid's former holder says nothing of the one that lives.
    @Test func whatIsSaidOfAFormerHolderDoesNotEndTheLivingOne() {
        let (old, new) = (key(7, at: 10), key(7, at: 500))
        for late in [exit(old), exec(old), fork(key(1), old), fork(old, key(8)), seen(key(9), parent: old)] {
            let table = ProcessTable([fork(key(1), new), late])
            #expect(table[new]?.isAlive == true && table[old]?.isAlive == false)
            #expect(table.living(pid: 7)?.key == new)
            #expect(table.violations() == [])
        }
    }

    @Test func exitTwiceAndExitOfTheUnknown() {
        let table = ProcessTable([
            fork(key(1), key(2)), exit(key(2), at: time(5), .signal(.kill)), exit(key(2), at: time(6), .code(0)),
            exit(key(99)),
        ])
        #expect(table[key(2)]?.exit?.status == .signal(.kill) && table[key(2)]?.exit?.at == time(5))
        #expect(table[key(99)]?.isAlive == false)
        #expect(table.livingCount == 1)
        #expect(table.violations() == [])
    }

    /// What was listed with its reaper as parent was made by the one that the fork names.
    @Test func theForkWinsOverWhatProcSays() {
        for child in [key(5), rounded(key(5))] {
            let table = ProcessTable([seen(key(1), parent: nil), seen(child, parent: key(1)), fork(key(3), key(5))])
            #expect(table[key(5)]?.creator == key(3) && table[key(5)]?.edgeSource == .bpf)
            #expect(table[key(1)]?.retainedChildren == 0)
            #expect(table.count == 3)
            #expect(table.violations() == [])
        }
    }

    @Test func procDoesNotWinOverTheFork() {
        for child in [key(5), rounded(key(5))] {
            let table = ProcessTable([fork(key(3), key(5)), seen(child, parent: key(1))])
            #expect(table[key(5)]?.creator == key(3) && table[key(5)]?.edgeSource == .bpf)
            #expect(table.livingCount == 2)
            #expect(table.violations() == [])
        }
        let outside = ProcessTable([fork(nil, key(5)), seen(key(5), parent: key(1))])
        #expect(outside[key(5)]?.creator == nil)
    }

    @Test func eitherFormOfAStartIsTheSameProcess() {
        let exact = key(5, at: 123)
        var table = ProcessTable([seen(rounded(exact), parent: nil), exec(exact, "/bin/new"), exit(exact)])
        #expect(table.count == 1 && table[exact]?.comm == "new" && table[exact]?.isAlive == false)
        table = ProcessTable([fork(key(1), exact), seen(rounded(exact), parent: nil), exit(rounded(exact))])
        #expect(table.count == 2 && table[exact]?.isAlive == false && table.known(rounded(exact)) == exact)
    }

    @Test func aMembershipIsInherited() {
        var table = ProcessTable([fork(key(1), key(2))])
        table.setTag(4, for: key(2), at: time(2))
        for event in [fork(key(2), key(3)), exit(key(2), at: time(9)), fork(key(3), key(4), parentPID: 1)] {
            table.apply(event)
        }
        #expect(table[key(4)]?.tag == 4)
        #expect(table.census.living(4) == 2 && table.census.lastLeft(4) == nil)
        for process in [key(3), key(4)] { table.apply(exit(process, at: time(UInt64(process.pid) * 10))) }
        #expect(table.census.lastLeft(4) == time(40))
        table.retireTag(4)
        #expect(table.census.lastLeft(4) == nil)
    }

    /// The orphan that an agent's process has only taken in is not the agent's: its fork takes the membership back, from
    /// what it has made as well, unless that is an agent of its own.
    @Test func aMembershipOfAWrongEdgeIsTakenBack() {
        var table = ProcessTable([seen(key(2), parent: nil), seen(key(3), parent: nil)])
        table.setTag(4, for: key(2), at: time(2))
        table.apply(seen(key(5), parent: key(2)))
        for child: Int32 in [6, 7] { table.apply(fork(key(5), key(child))) }
        table.setTag(9, for: key(7), at: time(7))
        #expect(table[key(6)]?.tag == 4)
        table.apply(fork(key(3), key(5), at: time(50)))
        #expect([5, 6, 7].map { table[key($0)]?.tag } == [0, 0, 9])
        #expect(table.violations() == [])
    }

    @Test func aMembershipComesWithALateEdge() {
        var table = ProcessTable([seen(key(2), parent: nil)])
        table.setTag(4, for: key(2), at: time(2))
        for event in [exec(key(5)), fork(key(5), key(6)), fork(key(2), key(5), at: time(50))] { table.apply(event) }
        #expect([5, 6].map { table[key($0)]?.tag } == [4, 4])
        for event in [exec(key(8)), seen(key(8), parent: key(2))] { table.apply(event) }
        #expect(table[key(8)]?.tag == 4)
        #expect(table.violations() == [])
    }

    /// Only a forged record makes a process its own ancestor; a circle would never be forgotten.
    @Test func circlesAreRefused() {
        let (a, b, c) = (key(5), key(6), key(7))
        let table = ProcessTable([
            fork(a, b), fork(b, c), fork(c, a), fork(b, a), fork(a, a), seen(a, parent: c), seen(a, parent: a),
            fork(c, b),
        ])
        #expect(table.pids(c) == [7, 6, 5])
        #expect(table.violations() == [])
        let same = (1...3).map { ProcessKey(pid: $0, start: time(5)) }
        let circle = ProcessTable([fork(same[0], same[1]), fork(same[1], same[2]), fork(same[2], same[0])])
        #expect(circle.lineage(of: same[2]).count == 3)
        #expect(circle.violations() == [])
    }

    @Test func whatCouldNotBeReadUndoesNothing() {
        var moved = fork(key(1), key(2))
        moved.cgroup = CgroupID(rawValue: 8)
        let table = ProcessTable([moved, exec(key(2))])
        #expect(table[key(2)]?.cgroup == CgroupID(rawValue: 8) && table[key(2)]?.parentPID == 1)
    }
}

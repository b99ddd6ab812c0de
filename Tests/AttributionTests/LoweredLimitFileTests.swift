import Attribution
import EventModel
import Testing

/// Somebody's file of prod was read, or was not: what it says decides whether it can have been what lowered the limit.
@Suite struct LoweredLimitFileTests {
    fileprivate static let nothing = MemorySettings()
    fileprivate static let small = MemorySettings(max: .bytes(64 << 20))
    fileprivate static let large = MemorySettings(max: .bytes(2 << 30))
    fileprivate static let nobody = Ruling(.unknown, .configChange, .none, nil)

    private let scene: UnitScene
    private let root: ProcessKey
    private let shell: ProcessKey

    init() throws {
        scene = try UnitScene()
        scene.limit(1024)
        (root, shell) = scene.agent()
    }

    /// `by` has the files read, the limit becomes 64 MiB, and prod dies at it.
    private func reloadAndDie(_ by: ProcessKey, files: [String] = []) -> Incident {
        scene.reload(by)
        scene.limit(64, files: files)
        return scene.diesOfMemory()
    }

    // MARK: Must not

    /// An agent changes a description, and asks for no reload; a person lowers the limit where nobody watches, and does.
    @Test(
        arguments: [
            MemorySettings(), MemorySettings(high: .bytes(32 << 20)), MemorySettings(max: .bytes(2 << 30)),
            MemorySettings(max: .unlimited),
        ])
    func anAgentsFileThatDoesNotLowerIt(says: MemorySettings) {
        for before in [nil, Self.nothing, says] {
            scene.write(shell, "/etc/systemd/system/prod.service.d/text.conf", says: says, before: before)
        }
        let incident = reloadAndDie(scene.shell)
        #expect(Ruling(incident) == Self.nobody)
        #expect(incident.verdict.culprit == nil && incident.verdict.summary.contains("does not lower it to that"))
    }

    /// It said so before already, and had been read.
    @Test func aFileThatSaysWhatItSaidBefore() {
        scene.write(shell, says: Self.small, before: Self.small)
        #expect(Ruling(reloadAndDie(scene.shell)) == Self.nobody)
    }

    @Test func aPersonsFileWithAnAgentsBesideIt() throws {
        scene.write(scene.shell, says: Self.small, before: Self.nothing)
        scene.write(shell, "/etc/systemd/system/prod.service.d/text.conf", says: Self.nothing, before: Self.nothing)
        let incident = reloadAndDie(scene.shell)
        #expect(Ruling(incident) == Ruling(.operator, .configChange, .likely, scene.shell))
        let exonerated = try #require(incident.verdict.exonerated.first)
        #expect(exonerated.root.key == root && exonerated.why.contains("left the memory limit as it was"))
    }

    /// The agent's said 64M for a while, until a person wrote another number over it.
    @Test func whatWasWrittenOverIsNotExact() {
        scene.write(shell, says: Self.small, before: Self.nothing)
        scene.write(scene.shell, says: nil, before: Self.small)
        #expect(Ruling(reloadAndDie(scene.shell)) == Self.nobody)
    }

    @Test func twoFilesWithThatNumber() {
        scene.write(shell, says: Self.small, before: Self.nothing)
        scene.write(scene.shell, "/etc/systemd/system/prod.service.d/z.conf", says: Self.small, before: Self.nothing)
        #expect(Ruling(reloadAndDie(scene.shell)) == Self.nobody)
    }

    @Test func anExactFileThatNobodyHadRead() {
        scene.write(shell, says: Self.small, before: Self.nothing)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Self.nobody)
    }

    // MARK: Must

    @Test func theManagerNamesTheFileThatNamesTheNumber() {
        scene.write(shell, says: Self.small, before: Self.nothing)
        let incident = reloadAndDie(shell, files: ["/etc/systemd/system/prod.service", UnitScene.dropIn])
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, shell))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.summary.contains("wrote \(UnitScene.dropIn) (MemoryMax=64M)"))
        #expect(incident.evidence.contains { $0.kind == "unit-file" && $0.text.contains("(MemoryMax=64M)") })
    }

    /// Whether the manager reads that file, and what it said before, is not known; or somebody else had it read.
    @Test(
        arguments: [
            ([], MemorySettings(), false), ([UnitScene.dropIn], nil, false),
            ([UnitScene.dropIn], MemorySettings(), true),
        ] as [([String], MemorySettings?, Bool)])
    func withoutThatItIsLikely(files: [String], before: MemorySettings?, isReloadedByPerson: Bool) {
        scene.write(shell, says: Self.small, before: before)
        let incident = reloadAndDie(isReloadedByPerson ? scene.shell : shell, files: files)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, shell))
    }

    /// Without it, what the unit file itself says is in force again.
    @Test(arguments: [UnitFileChange.Step.removed, .written])
    func aFileThatGaveMore(step: UnitFileChange.Step) {
        scene.write(shell, step: step, says: step == .removed ? nil : Self.nothing, before: Self.large)
        let incident = reloadAndDie(shell)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, shell))
        #expect(incident.verdict.summary.contains("MemoryMax=2G before)"))
    }

    /// What was removed may have hidden a file of the same name elsewhere; a share of the machine is no number.
    @Test(
        arguments: [(.removed, nil), (.placed, nil), (.written, MemorySettings(max: .share))]
            as [(UnitFileChange.Step, MemorySettings?)])
    func whatIsNotKnownMayBeIt(step: UnitFileChange.Step, says: MemorySettings?) {
        scene.write(shell, step: step, says: says, before: Self.nothing)
        #expect(Ruling(reloadAndDie(shell)) == Ruling(.agent, .configChange, .likely, shell))
    }

    /// What names the number goes before what was not read, and nobody's is proven then.
    @Test func anExactFileBesideOneThatWasNotRead() {
        scene.write(shell, "/etc/systemd/system/prod.service.d/other.conf")
        scene.write(scene.shell, says: Self.small, before: Self.nothing)
        let incident = reloadAndDie(scene.shell, files: [UnitScene.dropIn])
        #expect(Ruling(incident) == Ruling(.operator, .configChange, .likely, scene.shell))
        #expect(incident.exonerated == [])
    }

    /// A manager tells of the number that was written, the kernel of whole pages.
    @Test func aNumberThatIsNoWholePage() {
        scene.write(shell, says: MemorySettings(max: .bytes(64 << 20 | 4095)), before: Self.nothing)
        #expect(Ruling(reloadAndDie(shell)) == Ruling(.agent, .configChange, .likely, shell))
    }

    /// The older name counts where the newer one is not set.
    @Test func theOlderName() {
        scene.write(shell, says: MemorySettings(limit: .bytes(64 << 20)), before: Self.nothing)
        #expect(Ruling(reloadAndDie(shell)) == Ruling(.agent, .configChange, .likely, shell))
    }
}

public import EventModel

/// Exec images are shared by all that inherited them; each counts its holders, so that its bytes are accounted for once.
extension ProcessTable {
    static let formerImagesKept = 4

    /// What `/proc` shows of a process that was not seen to execute anything.
    mutating func setImage(_ value: ExecImage, of slot: Int32) {
        let image = TrackedImage(value)
        hold(image)
        release(entries[Int(slot)].image)
        entries[Int(slot)].image = image
    }

    /// The image it was born with and the latest few in between are kept for what it did while it ran them.
    mutating func replaceImage(of slot: Int32, by image: TrackedImage, at time: BootTime) {
        hold(image)
        let former = entries[Int(slot)].image
        let since = entries[Int(slot)].imageSince
        entries[Int(slot)].image = image
        entries[Int(slot)].imageSince = time
        guard let former else { return }
        guard let since else {
            entries[Int(slot)].bornImage = former
            return
        }
        entries[Int(slot)].formerImages.append((since, former))
        guard entries[Int(slot)].formerImages.count > Self.formerImagesKept else { return }
        release(entries[Int(slot)].formerImages.removeFirst().image)
    }

    mutating func hold(_ image: TrackedImage) {
        if image.holders == 0 { usedBytes += image.cost }
        image.holders += 1
    }

    private mutating func release(_ image: TrackedImage?) {
        guard let image else { return }
        image.holders -= 1
        if image.holders == 0 { usedBytes -= image.cost }
    }

    mutating func releaseImages(of slot: Int32) {
        release(entries[Int(slot)].image)
        release(entries[Int(slot)].bornImage)
        for former in entries[Int(slot)].formerImages { release(former.image) }
    }

    /// Whether the process has other markers than before its latest exec, or than it was born with. True where it is not
    /// known what it had.
    public func hasNewMarkers(_ key: ProcessKey) -> Bool {
        guard let slot = slot(of: key) else { return true }
        let before = entries[Int(slot)].formerImages.last?.image ?? entries[Int(slot)].bornImage
        guard let before, let now = entries[Int(slot)].image else { return true }
        return before.value.markers != now.value.markers
    }
}

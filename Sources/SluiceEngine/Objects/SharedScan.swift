internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A scan that several threads take their next objects from.
final class SharedScan: Sendable {
    let scope: Scope
    private let scan: Mutex<TreeScan>
    private let opener: TreeScan

    init(_ scan: TreeScan) {
        scope = scan.scope
        opener = scan
        self.scan = Mutex(scan)
    }

    /// The next objects; nil at the end, which is also where the catalog can't be read.
    func next(_ work: TreeWork) -> TreeScan.Part<FoundObject>? {
        scan.withLock { scan in
            do throws(StoreError) {
                return try scan.nextContents()
            } catch {
                work.end(error)
                return nil
            }
        }
    }

    /// The object of a row that was given.
    func object(_ row: ObjectRow) throws(StoreError) -> OpenObject? { try opener.object(row) }
}

internal import Sluice

extension ProgressLine {
    /// For operations on one object.
    var byteHandler: ProgressHandler {
        { [self] done, total in update(done, total) }
    }

    /// For operations on many.
    var treeHandler: TreeProgressHandler {
        { [self] progress in update(progress.byteCount, progress.totalByteCount) }
    }

    /// For operations on many whose bytes aren't touched.
    var objectHandler: TreeProgressHandler {
        { [self] progress in update(progress.objectCount, progress.totalObjectCount) }
    }
}

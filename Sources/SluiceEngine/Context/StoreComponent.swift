internal import Logging
internal import SluiceAccess
internal import SluiceNative

/// A part of a store, with one duty; it knows the parts below it, and what all share.
protocol StoreComponent {
    var context: StoreContext { get }
}

extension StoreComponent {
    var catalog: any CatalogStore { context.catalog }
    var blobs: StoredBlobs { context.blobs }
    var keyService: any KeyService { context.keyService }
    var access: KeyAccess { context.access }
    var identity: Identity { context.access.identity }
    var library: CryptoLibrary { context.library }
    var workers: Workers { context.workers }
    var clock: any VaultClock { context.clock }
    var logger: Logger { context.logger }
    var onMoment: (@Sendable (StoreMoment) -> Void)? { context.onMoment }
    var files: StoreFiles? { context.files }
}

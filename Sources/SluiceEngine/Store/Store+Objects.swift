internal import SluiceAccess
internal import SluiceNative

/// Objects: put, get, list, remove, pin.
extension Store {
    /// Puts bytes as an object; returns once that is committed.
    ///
    /// Replaces the object of that name, if `options` don't say otherwise. Throws what their condition says if it
    /// isn't met (``Condition``),
    /// ``StoreError/Code/invalidArgument``, ``StoreError/Code/accessDenied``,
    /// ``StoreError/Code/noSpace``.
    @available(*, noasync)
    @discardableResult
    public func put(
        _ bytes: [UInt8], as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions()
    ) throws(StoreError) -> ObjectInfo {
        try objectWriter.put(
            bytes, PutPlan(name, options), in: scope, cancellation: context.beginOperation())
    }

    /// Puts a regular file's content as an object; returns once that is committed.
    ///
    /// The file is read by several workers at once. If it changes meanwhile, nothing is stored:
    /// ``StoreError/Code/sourceChanged``.
    @available(*, noasync)
    @discardableResult
    public func put(
        fileAt path: String, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectWriter.put(
            fileAt: path, PutPlan(name, options), in: scope, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Puts a stream of unknown length as an object; returns once that is committed.
    ///
    /// Memory stays bounded whatever the length.
    @available(*, noasync)
    @discardableResult
    public func put(
        from source: any ByteSource, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectWriter.put(
            from: source, PutPlan(name, options), in: scope, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Puts a text, as UTF-8. See ``put(_:as:in:options:)``.
    @available(*, noasync)
    @discardableResult
    public func put(
        _ text: String, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions()
    ) throws(StoreError) -> ObjectInfo {
        try put(Array(text.utf8), as: name, in: scope, options: options)
    }

    /// Opens an object: this version of it, whatever becomes of the name; ``StoreError/Code/notFound``.
    @available(*, noasync)
    public func open(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> StoredObject {
        let (info, version) = try objectReader.open(name, in: scope, if: condition)
        return StoredObject(
            info: info, version: version, reader: objectReader, runner: runner, owner: self)
    }

    /// The objects whose names begin with a prefix, in byte order.
    public func objects(
        under prefix: String = "", in scope: ScopeName = .default
    ) -> ObjectSequence {
        ObjectSequence(prefix: prefix) { options throws(StoreError) in
            try self.listing(options, in: scope)
        }
    }

    /// Gets an object's bytes, or a range of them.
    ///
    /// Every byte is authenticated before it is returned. Throws what the condition says if it isn't met (``Condition``),
    /// ``StoreError/Code/notFound``,
    /// ``StoreError/Code/invalidRange``, ``StoreError/Code/integrity``,
    /// ``StoreError/Code/accessDenied``.
    @available(*, noasync)
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> [UInt8] {
        try objectReader.get(
            name, range: range, in: scope, if: condition, cancellation: context.beginOperation())
    }

    /// Gets an object to a file, which appears whole or not at all and replaces what was there.
    ///
    /// The file is made with mode 0600. If `path` names something else than a regular file (a pipe, a
    /// device), the bytes are written to it in order; a pipe is waited for until somebody reads it, or the
    /// operation is cancelled. A symbolic link there is replaced, unless it leads to a pipe or a device;
    /// those on the way are followed. A link, pipe or device that somebody else has made, in a directory
    /// that isn't his, is ``StoreError/Code/cannotCreate``.
    @available(*, noasync)
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always, toFileAt path: String, progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectReader.get(
            name, range: range, in: scope, if: condition, toFileAt: path, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Gets an object's bytes in order, each authenticated before `sink` has it.
    @available(*, noasync)
    @discardableResult
    public func get(
        _ name: ObjectName, range: ByteRange = .all, in scope: ScopeName = .default,
        if condition: Condition = .always, to sink: any ByteSink, progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectReader.get(
            name, range: range, in: scope, if: condition, to: sink, progress: progress,
            cancellation: context.beginOperation())
    }

    /// The parts that an object was committed with, in its order.
    @available(*, noasync)
    package func committedParts(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> [PartInfo] {
        try uploads.committedParts(of: name, in: scope)
    }

    /// Gives what is known of an object, and of its bytes what the sink wants, to a sink that passes it on later: see
    /// ``PassingSink``. What that throws is the cause of the error.
    @available(*, noasync)
    package func pass(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always,
        to sink: any PassingSink
    ) throws(StoreError) {
        try objectReader.pass(
            name, in: scope, if: condition, to: sink, cancellation: context.beginOperation())
    }

    /// What is known of an object, without reading its bytes; ``StoreError/Code/notFound``.
    @available(*, noasync)
    public func info(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try objectNames.info(name, in: scope, if: condition)
    }

    /// Removes an object; ``StoreError/Code/notFound`` if there is none of that name.
    ///
    /// Reads that have begun go on to their end, where the blobs' backend lets them
    /// (``BlobBackendProperties/openSurvivesRemoval``).
    @available(*, noasync)
    public func remove(
        _ name: ObjectName, in scopeName: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) {
        try objectNames.remove(name, in: scopeName, if: condition)
    }

    /// Gives an object another name; its bytes are not touched, and its entity tag stays.
    ///
    /// The condition is about an object of the new name: by default, one that is there is replaced.
    @available(*, noasync)
    @discardableResult
    public func rename(
        _ name: ObjectName, to new: ObjectName, in scopeName: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try objectNames.rename(name, to: new, in: scopeName, condition: condition)
    }

    /// Changes what an object is said to be: its properties and its metadata; its bytes are not touched.
    ///
    /// `change` is given what is said now. It is called again if somebody else changed the object meanwhile, and must
    /// have no other effect. The object has another entity tag and another time of modification then, also if nothing
    /// differs; only a change of nothing but tier and tags leaves both. The condition is about the object itself.
    ///
    /// - Throws: ``StoreError/Code/invalidArgument`` if what is said is longer than it may be, and nothing is changed.
    @available(*, noasync)
    @discardableResult
    public func update(
        _ name: ObjectName, in scopeName: ScopeName = .default,
        if condition: Condition = .always, _ change: (inout ObjectAttributes) -> Void
    ) throws(StoreError) -> ObjectInfo {
        try objectNames.update(name, in: scopeName, condition: condition, change)
    }

    /// Copies an object to another name, under a fresh data key: a small one is sealed anew, a copy of a large one shares
    /// its blobs. A copy to the same name seals the object anew. Bytes that
    /// are shared are not read, and so not authenticated.
    ///
    /// Properties and metadata are copied too. The condition is about an object of the new name.
    ///
    /// - Parameters:
    ///   - toScope: The scope that is to have the copy; nil for the one that has the object.
    ///   - encryptionScope: The scope for which the copy is sealed (``PutOptions/encryptionScope``); nil for that of the
    ///     object, or, if the object is sealed for the scope that has it, for the one that is to have the copy.
    ///   - sourceKey: The key that the object is sealed with, if callers provide one.
    ///   - providedKey: A key that the copy is to be sealed with (``PutOptions/providedKey``); a copy without takes none, one to the
    ///     same name neither.
    @available(*, noasync)
    @discardableResult
    public func copy(
        _ name: ObjectName, to new: ObjectName, in scope: ScopeName = .default,
        toScope: ScopeName? = nil, encryptionScope: ScopeName? = nil,
        sourceKey: ProvidedKey? = nil, providedKey: ProvidedKey? = nil,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try copier.copy(
            name, to: new, in: scope,
            target: ObjectCopier.Target(
                scope: toScope, encryption: encryptionScope, sourceKey: sourceKey,
                providedKey: providedKey),
            condition: condition,
            cancellation: context.beginOperation())
    }

    /// Makes a snapshot of an object: a version with the same bytes, properties and metadata, whose name is in what is
    /// returned. It shares the bytes on disk.
    ///
    /// Throws ``StoreError/Code/notFound``, and what `condition` does.
    @available(*, noasync)
    @discardableResult
    public func snapshot(
        _ name: ObjectName, in scope: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try versionKeeper.snapshot(name, in: scope, condition: condition)
    }

    /// The versions of an object, those that were removed too, the oldest first; none if there are none, be there an
    /// object of that name or not.
    @available(*, noasync)
    public func versions(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> [ObjectInfo] {
        try name.requireOwn()
        return try listings.versions(of: name, in: scope)
    }

    /// Brings back what was removed of an object, in a scope that keeps it (``RetentionPolicy``): the newest that was
    /// removed as the object itself, if there is none of that name now, everything else as versions.
    ///
    /// Throws ``StoreError/Code/notFound`` if nothing is kept.
    ///
    /// - Returns: What was brought back, the newest first.
    @available(*, noasync)
    @discardableResult
    public func restoreVersions(
        of name: ObjectName, in scope: ScopeName = .default
    ) throws(StoreError) -> [ObjectInfo] {
        try versionKeeper.restore(name, in: scope)
    }

    /// Brings back what was removed of every object whose name begins with a prefix, as ``restoreVersions(of:in:)`` does of
    /// one; the report has the names of all that came back, versions too.
    ///
    /// Throws ``StoreError/Code/notFound`` if nothing is kept.
    @available(*, noasync)
    @discardableResult
    public func restoreTree(
        _ prefix: String, in scope: ScopeName = .default, progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try treeRestorer.restore(
            prefix, in: scope, progress: progress, cancellation: context.beginOperation())
    }

    /// Begins to put an object in parts, or goes on: an upload is the uncommitted parts of a name.
    ///
    /// - Parameter options: How the parts are sealed, and what the commit does.
    public func beginUpload(
        _ name: ObjectName, in scope: ScopeName = .default, options: PutOptions = PutOptions()
    ) throws(StoreError) -> Upload {
        try context.checkWritable()
        return Upload(
            name: name, scope: scope, plan: try PutPlan(name, options), uploads: uploads,
            runner: runner, owner: self)
    }

    /// Adds bytes to the end of an object; ``StoreError/Code/notFound`` if there is none.
    ///
    /// What it has already is not sealed again, but for less than 64 KiB of it. It has another entity tag then, and no
    /// MD5. The condition is about the object.
    @available(*, noasync)
    @discardableResult
    public func append(
        _ bytes: [UInt8], to name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try editor.append(
            bytes, to: name, in: scope, condition: condition, context.beginOperation())
    }

    /// Writes bytes over those of an object from an offset on; what lies between its end and the offset is zeros.
    /// Otherwise as ``append(_:to:in:if:)``.
    @available(*, noasync)
    @discardableResult
    public func write(
        _ bytes: [UInt8], to name: ObjectName, at offset: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try editor.write(
            bytes, to: name, at: offset, in: scope, condition: condition,
            context.beginOperation())
    }

    /// Makes bytes of an object zeros, which take no space. Otherwise as ``append(_:to:in:if:)``.
    @available(*, noasync)
    @discardableResult
    public func clear(
        _ range: Range<Int>, of name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try editor.clear(
            range, of: name, in: scope, condition: condition, context.beginOperation())
    }

    /// Cuts an object, or makes it longer by zeros, which take no space. Otherwise as ``append(_:to:in:if:)``.
    @available(*, noasync)
    @discardableResult
    public func resize(
        _ name: ObjectName, to byteCount: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) throws(StoreError) -> ObjectInfo {
        try editor.resize(
            name, to: byteCount, in: scope, condition: condition, context.beginOperation())
    }

    /// Lists objects and, if `options` are not recursive, directories, in byte order of names.
    ///
    /// A directory's names are sealed and so can't be sorted on disk: a listing opens every name of
    /// each directory that it enters, in a few microseconds each, and no name of any other. This one
    /// forgets them: for a large directory page by page, ask a ``listing(_:in:)``.
    @available(*, noasync)
    public func list(
        _ options: ListOptions = ListOptions(), in scopeName: ScopeName = .default
    ) throws(StoreError) -> ListPage {
        try listing(options, in: scopeName).nextPage() ?? ListPage(entries: [], next: nil)
    }

    /// Begins to list objects and, if `options` are not recursive, directories, in byte order of names, page by
    /// page: all pages together take as long as one of everything.
    ///
    /// Throws ``StoreError/Code/invalidArgument`` if a page is to have no entry.
    public func listing(
        _ options: ListOptions = ListOptions(), in scopeName: ScopeName = .default
    ) throws(StoreError) -> Listing {
        try listings.begin(options, in: scopeName, keeping: self)
    }

    /// Writes bytes that hold names of some scopes' objects to standard output, each time through the gate: who
    /// reads them slowly gets none that are written after access to one of them was taken away.
    package func write(
        _ bytes: Span<UInt8>, namesOf scopeNames: [ScopeName]
    ) throws(StoreError) {
        try listings.write(bytes, namesOf: scopeNames)
    }

    /// A page of the objects of a scope, oldest rows first; needs no key.
    ///
    /// Pass the last entry as `after` for the next page; fewer than `limit` entries are the last.
    @available(*, noasync)
    public func objectIDs(
        in scopeName: ScopeName = .default, after: ObjectIDEntry? = nil, limit: Int = 10_000
    ) throws(StoreError) -> [ObjectIDEntry] {
        try keylessObjects.objectIDs(in: scopeName, after: after, limit: limit)
    }

    /// Removes the object with this id, and its versions that have the same bytes; needs no key. It is for good, whatever the
    /// scope keeps (``RetentionPolicy``), for nothing can be sealed. Throws ``StoreError/Code/notFound``, and
    /// ``StoreError/Code/held`` if it was leased or held, for whether it is still can't be told.
    @available(*, noasync)
    public func remove(id: ObjectID, in scopeName: ScopeName = .default) throws(StoreError) {
        try keylessObjects.remove(id: id, in: scopeName)
    }

    /// Puts what is below a directory, each under `prefix` and its path, several at a time; what is small shares
    /// transactions.
    ///
    /// Files, symbolic links (their targets) and directories (under their paths and a `/`, without bytes; the
    /// directory itself, unless the prefix is empty) are noted with their modes, times and owners
    /// (``ObjectProperties/file``). What is in the store with the same size and notes is left as it is, unless its
    /// time was too young then to tell all changes. Names of one file are objects that share their
    /// bytes, as far as these aren't in rows.
    ///
    /// Pipes, sockets, devices and the store's own files and vaults are
    /// left out and reported, all as ``StoreError/Code/inputOutput``, as are files that can't be read or
    /// whose names can't be objects'; the rest is put all the same, but nothing is removed then, if that was asked
    /// for. A directory within the store or its vaults is ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    public func putTree(
        at path: String, prefix: String, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), tree: TreePutOptions = TreePutOptions(),
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try treePutter.put(
            at: path, prefix: prefix, in: scope, options: options, tree: tree, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Gets every object whose name begins with a prefix to files below a directory, several at a
    /// time; what follows the prefix is the path.
    ///
    /// Nothing is written outside the directory: a name that would lead out of it (`..`, an absolute
    /// path, a path through a symbolic link) is left out and reported, and so is whatever lies below a
    /// name that is itself an object. What was put by ``putTree(at:prefix:in:options:tree:progress:)`` gets the mode
    /// and time that it had (not its owner, the set-user-id and set-group-id bits, nor extended attributes, unless
    /// asked for; which of these can't be set is reported, and the file is there without them), symbolic
    /// links as such; other objects become files of mode 0600 and as old as the object, directories without an object
    /// 0700. A directory that was there keeps its own mode and time.
    ///
    /// Names of one file that was put so are linked again, in place of other files that are there, as long as neither
    /// object was put or changed by itself since; where they can't be linked each becomes a file of its own.
    ///
    /// A file that is there with the same size, mode and time is left as it is if it was got from the same state of
    /// the object: an attribute of the file (`user.sluice.tag`) has the entity tag, or
    /// what names of one file have in common. Where the file system keeps no
    /// attributes, everything is got again. On the way to
    /// the directory, symbolic links are followed, but for those that somebody else has made in a
    /// directory that isn't his: ``StoreError/Code/cannotCreate``. A directory within the store or its
    /// vaults is ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    public func getTree(
        _ prefix: String, into directory: String, in scope: ScopeName = .default,
        options: TreeGetOptions = TreeGetOptions(),
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try treeGetter.get(
            prefix, into: directory, in: scope, options: options, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Removes every object whose name begins with a prefix, or with `dryRun` only says which it would;
    /// the report has their names, in byte order.
    @available(*, noasync)
    public func removeTree(
        _ prefix: String, in scope: ScopeName = .default, dryRun: Bool = false,
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> TreeReport {
        try treeRemover.remove(
            prefix, in: scope, dryRun: dryRun, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Pins the present version of an object: it stays readable by the pin, whatever becomes of the object
    /// or its key, until ``unpin(_:)``.
    ///
    /// Throws ``StoreError/Code/notFound``, ``StoreError/Code/accessDenied`` if the object can't be read
    /// now.
    @available(*, noasync)
    @discardableResult
    public func pin(
        _ name: ObjectName, in scopeName: ScopeName = .default, if condition: Condition = .always
    ) throws(StoreError) -> PinInfo {
        try pinKeeper.pin(name, in: scopeName, if: condition)
    }

    /// Ends a pin; what only it has held is gone. Throws ``StoreError/Code/notFound``.
    @available(*, noasync)
    public func unpin(_ id: PinID) throws(StoreError) {
        try pinKeeper.unpin(id)
    }

    /// The pins there are, oldest first; works while access to the objects' keys is revoked.
    @available(*, noasync)
    public func pins() throws(StoreError) -> [PinInfo] {
        try pinKeeper.pins()
    }

    /// Gets the bytes of a pin, or a range of them; otherwise as ``get(_:range:in:)``.
    @available(*, noasync)
    public func get(
        pinned id: PinID, range: ByteRange = .all
    ) throws(StoreError) -> [UInt8] {
        try objectReader.bytes(of: try pinKeeper.content(id), range, context.beginOperation())
    }

    /// Gets a pin's bytes to a file; otherwise as ``get(_:range:in:toFileAt:progress:)``.
    @available(*, noasync)
    @discardableResult
    public func get(
        pinned id: PinID, range: ByteRange = .all, toFileAt path: String,
        progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectReader.write(
            try pinKeeper.content(id), range, toFileAt: path, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Gets a pin's bytes in order; otherwise as ``get(_:range:in:to:progress:)``.
    @available(*, noasync)
    @discardableResult
    public func get(
        pinned id: PinID, range: ByteRange = .all, to sink: any ByteSink,
        progress: ProgressHandler? = nil
    ) throws(StoreError) -> ObjectInfo {
        try objectReader.write(
            try pinKeeper.content(id), range, to: sink, progress: progress,
            cancellation: context.beginOperation())
    }

    /// Throws ``StoreError/Code/invalidArgument`` if something that exists at `path`, or would be made there,
    /// is in the store's directory or the vaults': by what those are, whatever path leads there.
    package func requireForeign(_ path: String) throws(StoreError) {
        try ownFiles.requireForeign(path)
    }
}

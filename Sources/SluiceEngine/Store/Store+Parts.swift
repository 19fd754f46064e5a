// Objects that are put or changed in parts.
extension Store {
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

    /// Puts bytes as an object that come when they come, as from a network: while none do, no thread is held, and no more
    /// than some MiB of memory.
    ///
    /// The object is there when all have come, and not before. An error that the sequence throws is thrown as
    /// ``StoreError/Code/inputOutput``, and nothing is stored.
    @discardableResult
    public func put<Bytes: AsyncSequence>(
        streaming bytes: Bytes, as name: ObjectName, in scope: ScopeName = .default,
        options: PutOptions = PutOptions(), isolation: isolated (any Actor)? = #isolation
    ) async throws(StoreError) -> ObjectInfo where Bytes.Element == [UInt8] {
        var put = StreamedPut(uploads, runner, try PutPlan(name, options), in: scope)
        do {
            var iterator = bytes.makeAsyncIterator()
            while let part = try await iterator.next(isolation: isolation) {
                try await put.add(part)
            }
            return try await put.finish()
        } catch {
            await put.abandon()
            throw error as? StoreError
                ?? StoreError(.inputOutput, "the source failed: \(error)", cause: error)
        }
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

    /// Adds bytes to the end of an object. See the synchronous method.
    @discardableResult
    public func append(
        _ bytes: [UInt8], to name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.append(
                bytes, to: name, in: scope, condition: condition, cancellation)
        }
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

    /// Writes bytes over those of an object. See the synchronous method.
    @discardableResult
    public func write(
        _ bytes: [UInt8], to name: ObjectName, at offset: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.write(
                bytes, to: name, at: offset, in: scope, condition: condition, cancellation)
        }
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

    /// Makes bytes of an object zeros. See the synchronous method.
    @discardableResult
    public func clear(
        _ range: Range<Int>, of name: ObjectName, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.clear(
                range, of: name, in: scope, condition: condition, cancellation)
        }
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

    /// Cuts an object, or makes it longer. See the synchronous method.
    @discardableResult
    public func resize(
        _ name: ObjectName, to byteCount: Int, in scope: ScopeName = .default,
        if condition: Condition = .always
    ) async throws(StoreError) -> ObjectInfo {
        try await runner.run { cancellation throws(StoreError) in
            try self.editor.resize(
                name, to: byteCount, in: scope, condition: condition, cancellation)
        }
    }
}

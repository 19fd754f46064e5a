internal import CLinux
internal import Glibc

extension File {
    /// Reads at an offset until `bytes` is full or the file ends, and gives the number of bytes.
    ///
    /// Doesn't move the position of the sequential calls. For several threads at once.
    public func read(
        into bytes: inout MutableSpan<UInt8>, at offset: Int
    ) throws(SystemError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(SystemError) -> Int in
            try transfer(buffer.count, .read, call: "pread") { done in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, offset + done)
            }
        }
    }

    /// Reads on until `bytes` is full or the file ends, and gives the number of bytes.
    public func read(into bytes: inout MutableSpan<UInt8>) throws(SystemError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(SystemError) -> Int in
            try transfer(buffer.count, .read, call: "read") { done in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
        }
    }

    /// Reads what is there, waiting only if there is nothing; 0 at the end of the file.
    public func readSome(into bytes: inout MutableSpan<UInt8>) throws(SystemError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(SystemError) -> Int in
            if unsafe buffer.isEmpty { return 0 }
            return try transferSome(.read, call: "read") {
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
        }
    }

    /// Writes all of `bytes` at an offset.
    ///
    /// Doesn't move the position of the sequential calls. For several threads at once. After an
    /// error any part of the range may have been written.
    public func write(_ bytes: Span<UInt8>, at offset: Int) throws(SystemError) {
        try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
            let count = try transfer(buffer.count, .write, call: "pwrite") { done in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
            }
            try requireAll(count, of: buffer.count, call: "pwrite")
        }
    }

    /// Writes all of `bytes` where the last sequential call ended.
    ///
    /// Throws `SystemError.isBrokenPipe` when nobody will read them, provided that
    /// `Signals.ignoreFailedWrites()` was called; without it the process ends.
    public func write(_ bytes: Span<UInt8>) throws(SystemError) {
        try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
            let count = try transfer(buffer.count, .write, call: "write") { done in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            try requireAll(count, of: buffer.count, call: "write")
        }
    }
}

// MARK: - Whole transfers out of partial ones

extension File {
    /// Repeats `step`, given the bytes done so far, until all are done or it makes no progress.
    private func transfer(
        _ byteCount: Int, _ direction: IOCounters.Direction, call: String, _ step: (Int) -> Int
    ) throws(SystemError) -> Int {
        var done = 0
        while done < byteCount {
            let count = try transferSome(direction, call: call) { step(done) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Makes one transfer of at least a byte, or 0 at the end of a file.
    private func transferSome(
        _ direction: IOCounters.Direction, call: String, _ step: () -> Int
    ) throws(SystemError) -> Int {
        while true {
            do throws(SystemError) {
                let count = try systemCall(call, path: path, step)
                IOCounters.count(direction, byteCount: count)
                return count
            } catch {
                // A standard stream may have been made non-blocking by a process that shares it.
                guard error.number == EAGAIN else { throw error }
                try waitUntilReady(for: direction)
            }
        }
    }

    private func waitUntilReady(for direction: IOCounters.Direction) throws(SystemError) {
        let events = direction == .read ? POLLIN : POLLOUT
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = try systemCall("poll", path: path) { unsafe poll(&request, 1, -1) }
    }

    /// A device that takes nothing and gives no reason would otherwise be tried for ever.
    private func requireAll(_ count: Int, of byteCount: Int, call: String) throws(SystemError) {
        guard count == byteCount else { throw SystemError(call: call, path: path, number: EIO) }
    }
}

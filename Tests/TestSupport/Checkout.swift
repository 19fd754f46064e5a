internal import Foundation

/// Files of the checkout that tests read: documents and vectors.
public enum Checkout {
    /// The checkout's directory.
    public static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// A file's bytes.
    public static func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    /// A file's text.
    public static func text(_ name: String) throws -> String {
        String(decoding: try read(name), as: UTF8.self)
    }
}

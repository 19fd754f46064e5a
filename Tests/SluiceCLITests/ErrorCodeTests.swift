import Sluice
import TestSupport
import Testing

@testable import SluiceCLI
@testable import SluiceEngine

/// Every code of an error has an exit code of its own kind, and refusals of keys stand in the documents.
@Suite struct ErrorCodeTests {
    /// The codes that a file declares.
    private static func codes(in path: String) throws -> [String] {
        try Checkout.text(path).split(separator: "\n").compactMap { line in
            guard line.contains(" static let ") else { return nil }
            let start = ["Self(rawValue: \"", "Code(description: \""].compactMap {
                line.firstRange(of: $0)
            }
            .first
            return start.flatMap { line[$0.upperBound...].split(separator: "\"").first }.map(
                String.init)
        }
    }

    /// 70 is an error of Sluice itself.
    @Test func `every code of a vault's error has an exit code`() throws {
        let codes = try Self.codes(in: "Sources/SluiceAccess/Errors/VaultError.swift")
        #expect(codes.count > 30)
        let internalOnes = codes.filter { VaultError.Code(rawValue: $0).exitCode == 70 }
        #expect(internalOnes == ["closed", "cryptography"])
    }

    @Test func `every code of a store's error has an exit code`() throws {
        let codes = try Self.codes(in: "Sources/SluiceEngine/API/StoreError.swift")
        #expect(codes.count > 20)
        let internalOnes = codes.filter { StoreError.Code(description: $0).exitCode == 70 }
        #expect(internalOnes == ["closed"])
    }

    @Test(arguments: ["README.md", "Sources/Sluice/Sluice.docc/Keys.md"])
    func `every refusal that a store may meet is told`(document: String) throws {
        let text = try Checkout.text(document)
        let codes = try Self.codes(in: "Sources/SluiceAccess/Errors/VaultError.swift")
        let refusals = codes.filter { code in
            StoreError(vault: VaultError(VaultError.Code(rawValue: code), ""), "").code
                == .accessDenied
        }
        #expect(refusals.count >= 8)
        for code in refusals { #expect(text.contains("`\(code)`"), "\(code)") }
    }
}

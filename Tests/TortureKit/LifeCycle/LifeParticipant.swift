internal import Foundation
internal import Sluice
internal import SluiceAccess
internal import SluiceVault
internal import TestSupport

/// Somebody who has the store open, and does what he is asked: here, or in a process of his own.
enum LifeParticipant {
    case here(Store)
    case elsewhere(LifeProcess)

    /// The answer: `ok` and what was found, or the code of the refusal.
    func ask(_ request: String) throws -> [Substring] {
        let answer =
            switch self {
            case .here(let store): try LifeRequest.answer(request, store)
            case .elsewhere(let process): try process.ask(request)
            }
        return answer.split(separator: " ")
    }
}

/// A process that answers a line with a line.
final class LifeProcess {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private var unread = Data()

    init(_ runner: CommandRunner, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: runner.executable)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func ask(_ request: String) throws -> String {
        input.fileHandleForWriting.write(Data("\(request)\n".utf8))
        while true {
            if let end = unread.firstIndex(of: 10) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw Violation(description: "it died of '\(request)'") }
            unread += bytes
        }
    }

    /// Has it end.
    func finish() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Violation(description: "it ended with \(process.terminationStatus)")
        }
    }
}

/// What participants are asked for, as text.
enum LifeRequest {
    static let vault = "mine"

    /// Answers what comes by standard input until it ends.
    static func serve(_ store: Store) throws {
        while let line = readLine() {
            FileHandle.standardOutput.write(Data("\(try answer(line, store))\n".utf8))
        }
    }

    static func answer(_ request: String, _ store: Store) throws -> String {
        let words = request.split(separator: " ").map(String.init)
        do {
            return "ok \(try answer(words[0], Array(words.dropFirst()), store))"
        } catch let error as StoreError {
            return error.code.description
        }
    }

    private static func answer(
        _ verb: String, _ words: [String], _ store: Store
    ) throws -> String {
        let vaults = store.vaults
        switch verb {
        case "put":
            let number = Int(words[1]) ?? 0
            try store.put(
                Content.bytes(number), as: name(words[0]), options: Content.options(number, .always)
            )
        case "get":
            let bytes = try store.get(name(words[0]))
            return
                "\(Content.number(of: bytes) ?? 0) \(try store.info(name(words[0])).keyIdentifier)"
        case "remove": try store.remove(name(words[0]))
        case "copy": try store.copy(name(words[0]), to: name(words[1]))
        case "rotate":
            return
                "\(try vaults.acting(as: .owner).rotateKey(vault: vault, name: "key").result.key.kid)"
        case "enable", "disable":
            let change = try vaults.acting(as: .owner).updateKey(
                KeyIdentifier(parsing: words[0]), KeyChanges(isEnabled: verb == "enable"),
                waiting: .seconds(60))
            guard change.isConfirmed else { throw Violation(description: "nobody confirmed") }
        case "delete":
            _ = try vaults.acting(as: .owner).deleteKey(KeyIdentifier(vault: vault, name: "key"))
        case "recover":
            _ = try vaults.acting(as: .owner).recoverKey(KeyIdentifier(vault: vault, name: "key"))
        case "update":
            _ = try store.updateScope(.default, key: KeyIdentifier(parsing: words[0]))
        case "rewrap": try store.rewrap()
        case "pin": return try store.pin(name(words[0])).id.description
        case "unpin": try store.unpin(PinID(words[0]))
        case "pinned": return "\(Content.number(of: try store.get(pinned: PinID(words[0]))) ?? 0)"
        case "pins": return "\(try store.pins().count)"
        case "objects": return "\(try store.objectIDs().count)"
        case "census":
            return try store.scope(.default).census.filter { $0.objectCount > 0 }
                .map { "\($0.key)=\($0.objectCount)" }.sorted().joined(separator: " ")
        case "list":
            return try store.list().entries.compactMap { entry in
                guard case .object(let info) = entry else { return nil }
                return "\(info.name.description.dropFirst(2))=\(info.keyIdentifier)"
            }.joined(separator: " ")
        case "verify":
            return try store.verify().findings.map { "\($0.subject): \($0.problem)" }
                .joined(separator: "; ")
        default: throw Violation(description: "nobody answers '\(verb)'")
        }
        return ""
    }

    private static func name(_ index: String) throws -> ObjectName { try ObjectName("o/\(index)") }
}

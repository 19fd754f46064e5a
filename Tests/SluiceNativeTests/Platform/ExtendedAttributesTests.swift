import SluiceNative
import Testing

@Suite struct ExtendedAttributesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let name = Array("user.sluice.test".utf8)

    /// Whether the file system keeps attributes: where it doesn't, there is nothing to test.
    private func keepsAttributes() throws -> Bool {
        try scratch.makeFile("probe").setNote("sluice.probe", [1])
    }

    @Test func `what is set comes back, of files and directories, until it is removed`() throws {
        guard try keepsAttributes() else { return }
        try scratch.directory.makeDirectory("directory")
        let directory = try scratch.directory.openDirectory("directory")
        for attributes in [
            ExtendedAttributes(of: try scratch.makeFile("file")),
            ExtendedAttributes(of: directory),
        ] {
            #expect(try attributes.value(of: Self.name) == nil)
            // Longer than what is asked for at first, and no text.
            let values: [[UInt8]] = [[], [0, 0xFF], [UInt8](repeating: 7, count: 2000)]
            for value in values {
                try attributes.set(Self.name, to: value)
                #expect(try attributes.value(of: Self.name) == value)
                #expect(try attributes.all()[Self.name] == value)
            }
            let other = Array("user.".utf8) + [0xFF, 0x41]
            try attributes.set(other, to: [1])
            #expect(try Set(attributes.names()).isSuperset(of: [Self.name, other]))
            try attributes.remove(Self.name)
            #expect(try attributes.value(of: Self.name) == nil)
            #expect(try !attributes.names().contains(Self.name))
        }
    }

    @Test func `of a link they are its own, not those of what it leads to`() throws {
        guard try keepsAttributes() else { return }
        let file = ExtendedAttributes(of: try scratch.makeFile("file"))
        try file.set(Self.name, to: [1])
        try scratch.directory.makeSymbolicLink("link", to: Array("file".utf8))
        let link = try ExtendedAttributes(of: "link", in: scratch.directory)
        #expect(try link.names() == [])
        #expect(try link.value(of: Self.name) == nil)
        // Links have none for users, and those that they have take root.
        #expect(throws: SystemError.self) { try link.set(Self.name, to: [2]) }
        let trusted = Array("trusted.sluice".utf8)
        if (try? link.set(trusted, to: [3])) != nil {
            #expect(try link.all() == [trusted: [3]])
            try link.remove(trusted)
            #expect(try link.names() == [])
        }
        #expect(try file.value(of: Self.name) == [1])
    }

    @Test func `no name with a NUL byte is cut`() throws {
        let file = ExtendedAttributes(of: try scratch.makeFile("file"))
        let error = #expect(throws: SystemError.self) { try file.set(Self.name + [0, 1], to: [1]) }
        #expect(error?.isInvalid == true)
        #expect(throws: SystemError.self) { try file.value(of: Self.name + [0]) }
        #expect(throws: SystemError.self) { try file.remove(Self.name + [0]) }
    }
}

internal import CLinux

/// Overwrites the processor's vector registers with zeros; in less than 10 ns.
///
/// Ciphers and copies leave plaintext and keys there. From there they would get into core dumps, and onto
/// a stack, for good, when the dynamic linker looks up a function that is called for the first time.
@inline(__always) func clearVectorRegisters() {
    sluice_clear_vector_registers()
}

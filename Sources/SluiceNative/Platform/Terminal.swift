internal import CLinux
internal import Glibc

/// The terminal that a person may sit at.
public enum Terminal {
    /// The number of columns of the terminal that a file leads to; nil if it leads to none.
    public static func width(of file: File) -> Int? {
        var size = winsize()
        let result = unsafe ioctl(file.descriptor, UInt(TIOCGWINSZ), &size)
        guard result == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

public import Glibc

/// What becomes of a socket's bytes when it is closed.
public enum SocketClosing {
    /// What has not left this machine is dropped, and the other end sees a reset (`SO_LINGER` of 0 s).
    public static let reset = linger(l_onoff: 1, l_linger: 0)
}

/// What the name of a mount's type says of a file system that its number doesn't tell: above all of one in user
/// space, whose number is that of FUSE whatever is behind.
enum MountType {
    /// Who shares a file system of this type, as in `fuse.sshfs`, `virtiofs`, `fuseblk`.
    static func reach(_ type: String) -> FileSystemKind.Reach {
        let isInUserSpace = type.hasPrefix("fuse.") || type.hasPrefix("fuseblk.")
        let name = isInUserSpace ? type.drop { $0 != "." }.dropFirst().lowercased() : type
        return network.contains(name) ? .network : .unknown
    }

    /// The type of a mount, from `/proc/self/mountinfo`: its number is a line's first word, and its type the
    /// first one behind a lone hyphen.
    static func type(ofMount number: Int, in lines: [Substring]) -> String? {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.first == "\(number)", let hyphen = words.dropFirst(6).firstIndex(of: "-"),
                hyphen + 1 < words.count
            else { continue }
            return String(words[hyphen + 1])
        }
        return nil
    }

    /// Types of network and cluster file systems, and of those that a host shares with its guests; of FUSE
    /// without `fuse.`.
    private static let network: Set<String> = [
        "9p", "acfs", "afp", "afpfs", "afs", "alluxio", "beegfs", "blobfuse", "blobfuse2", "ceph",
        "ceph-fuse", "cephfs", "cifs", "coda", "cosfs", "curlftpfs", "cvmfs", "cvmfs2", "davfs",
        "davfs2",
        "ftpfs", "fuse_dfs", "gcsfuse", "geesefs", "gfs", "gfs2", "glusterfs",
        "google-drive-ocamlfuse", "goofys", "gpfs", "gvfsd-fuse", "hdfs", "httpfs", "juicefs",
        "kafs", "lizardfs", "lustre", "mfs", "mfsmount", "moosefs", "mount-s3", "mountpoint-s3",
        "ncpfs",
        "nfs", "nfs4", "obsfs", "ocfs2", "onedriver", "orangefs", "ossfs", "panfs", "prl_fs",
        "prl_fsd",
        "pvfs2", "pvfs2fuse", "quobyte", "rclone", "s3fs", "saunafs", "seaweedfs", "sftp",
        "smb2", "smb3", "smbfs", "smbnetfs", "sshfs", "tigrisfs", "vboxsf", "virtiofs", "vmhgfs",
        "vmhgfs-fuse", "webdavfs", "weed", "wekafs", "xtreemfs",
    ]
}

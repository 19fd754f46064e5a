import Testing

@testable import SluiceNative

@Suite struct MountTypeTests {
    @Test(arguments: [
        "fuse.sshfs", "fuse.s3fs", "fuse.glusterfs", "fuse.juicefs", "fuse.JuiceFS", "ceph",
        "fuse.ceph-fuse", "9p", "virtiofs", "beegfs", "gpfs", "orangefs", "coda", "vboxsf",
        "fuse.vmhgfs-fuse", "afs", "ocfs2", "gfs2", "nfs4", "smb3", "fuse.rclone",
    ])
    func `a network file system is known by its mount`(type: String) {
        #expect(MountType.reach(type) == .network)
    }

    @Test(arguments: ["fuse", "fuse.", "fuseblk", "fuse.bindfs", "proc", "new", "", "sshfs.fuse"])
    func `of others nothing is known`(type: String) {
        #expect(MountType.reach(type) == .unknown)
    }

    @Test func `a mount's type stands behind the hyphen, whatever comes before it`() {
        let lines: [Substring] = [
            "21 1 0:19 / / rw,relatime shared:1 - ext4 /dev/sda rw",
            "22 21 0:20 /a\\040- /mnt/u/- rw - fuse.sshfs host:/x rw,user_id=0",
            "221 21 0:21 / /x rw shared:2 master:3 - virtiofs tag rw",
            "23 21 0:22 / /cut rw -",
        ]
        #expect(MountType.type(ofMount: 21, in: lines) == "ext4")
        #expect(MountType.type(ofMount: 22, in: lines) == "fuse.sshfs")
        #expect(MountType.type(ofMount: 221, in: lines) == "virtiofs")
        #expect(MountType.type(ofMount: 23, in: lines) == nil)
        #expect(MountType.type(ofMount: 2, in: lines) == nil)
    }
}

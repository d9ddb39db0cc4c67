#!/usr/bin/env bash
# Surprise: on bindfs, fstat(2) of an open file that was replaced shows the inode number of the new file.
#
# Expected: fstat(2) describes the file that the descriptor has open. Its inode number differs from the one of
#   a file that was made under the name later.
# Seen: the file is replaced in the store beneath. read(2) on the descriptor still gives the old content, but
#   fstat(2) on it gives the inode number, the size and the link count of the new file.
# Why: bindfs answers the kernel by the name with which the file was opened, and not by the open file.
# Versions: bindfs 1.14.7 of Debian 12.
# It matters to lock users who take a lock, compare fstat(2) of the descriptor with stat(2) of the name, and
#   conclude from equal inode numbers that the name leads to the file they have locked. On bindfs the comparison
#   succeeds although the locked file is gone from the folder.
# Instead: let all sides use one mount, where a file that is removed and made again gets a number of its own.
#   Or compare content, read with O_DIRECT: see bindfs-new-file-reads-as-old.sh.

set -euo pipefail
if [ -z "${own_namespace:-}" ]; then
    own_namespace=yes exec unshare --mount bash "$0"
fi

packages=(bindfs=1.14.7-1 libfuse2=2.9.9-6+b1)

folder=$(mktemp -d)
cleanup() {
    cd /
    if mountpoint -q "$folder/mount"; then umount --lazy "$folder/mount"; fi
    rm -rf --one-file-system "$folder"
}
trap cleanup EXIT
cd "$folder"

fetch() { apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"; }
mkdir debs root
(cd debs && { fetch 2>/dev/null || { apt-get -qq update && fetch; }; })
for deb in debs/*.deb; do dpkg -x "$deb" root; done
export PATH="$folder/root/usr/bin:$PATH"
export LD_LIBRARY_PATH="$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu"

cat >replace.pl <<'PERL'
use strict;
use Fcntl ':flock';
my ($here, $there) = @ARGV;
open my $old, '+>', "$here/file" or die "$here/file: $!";
flock $old, LOCK_EX or die "flock: $!";
syswrite $old, 'old';
my $before = (stat $old)[1];

# The old file stays open, so its number is not given away.
unlink "$there/file" or die "unlink: $!";
open my $new, '>', "$there/file" or die "$there/file: $!";
syswrite $new, 'newer';

sleep 2;  # The kernel remembers attributes for a second.
sysseek $old, 0, 0;
sysread $old, my $content, 100;
my ($descriptor, $links, $size) = (stat $old)[1, 3, 7];
my $name = (stat "$here/file")[1];
open my $named, '<', "$here/file" or die "$here/file: $!";
sysread $named, my $other, 100;
print "  content through the descriptor: $content\n";
print "  content through the name: $other\n";
print "  fstat of the descriptor: $size bytes, $links links\n";
print "  its inode number: ", $descriptor == $before ? 'as before' : 'another than before', "\n";
print "  it and the name: ", $descriptor == $name ? 'equal' : 'different', " inode numbers\n";
PERL

mkdir store mount
bindfs store mount
bindfs --version

echo "replaced on the store, seen on the store:"
control=$(perl replace.pl store store)
echo "$control"
rm store/file

echo "replaced on the store, seen on bindfs:"
surprise=$(perl replace.pl mount store)
echo "$surprise"

[ "$control" = "  content through the descriptor: old
  content through the name: newer
  fstat of the descriptor: 3 bytes, 0 links
  its inode number: as before
  it and the name: different inode numbers" ]
[ "$surprise" = "  content through the descriptor: old
  content through the name: newer
  fstat of the descriptor: 5 bytes, 1 links
  its inode number: another than before
  it and the name: equal inode numbers" ]
echo "ok: bindfs gives the attributes of the new file for a descriptor of the old one"

#!/usr/bin/env bash
# Surprise: on bindfs, a file that was opened after a replacement can be read with the content of the file before.
#
# Expected: a descriptor that open(2) has just returned reads what is in the file that has the name now. This
#   is what close-to-open consistency gives on network file systems as well.
# Seen: the file is replaced in the store beneath while a descriptor of the old file is open. Then the name is
#   opened anew on bindfs. If the old descriptor is read first, the new descriptor reads the old content.
#   With O_DIRECT it reads the new content.
# Why: bindfs numbers files for the kernel by their names, so the kernel has one set of remembered pages for both.
#   An open empties it. A read through any descriptor of the old file fills it with the old bytes.
# Versions: bindfs 1.14.7 of Debian 12, Linux 6.18.
# It matters to lock users who find out by content whether a lockfile was replaced, and who judge a holder by
#   what its file says: one process that still reads the old file is enough to fool all others on the mount.
# Instead: read with O_DIRECT. If the file system refuses it (EINVAL), it is not one of this kind.

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
use Fcntl;
my ($here, $there) = @ARGV;
sub content { my $file = shift; sysseek $file, 0, 0; sysread $file, my $content, 100; $content }

open my $made, '>', "$there/file" or die "$there/file: $!";
syswrite $made, 'old';
close $made;
open my $old, '<', "$here/file" or die "$here/file: $!";

open $made, '>', "$there/next" or die "$there/next: $!";
syswrite $made, 'new';
close $made;
rename "$there/next", "$there/file" or die "rename: $!";

open my $new, '<', "$here/file" or die "$here/file: $!";
print "  the old descriptor: ", content($old), "\n";
print "  the new descriptor: ", content($new), "\n";
fcntl $new, F_SETFL, O_DIRECT or die "O_DIRECT: $!";
print "  the new descriptor, with O_DIRECT: ", content($new), "\n";
PERL

mkdir store mount
bindfs store mount
bindfs --version

echo "on the store:"
control=$(perl replace.pl store store 2>&1 | grep -v O_DIRECT)
echo "$control"
rm store/file

echo "on bindfs:"
surprise=$(perl replace.pl mount store)
echo "$surprise"

[ "$control" = "  the old descriptor: old
  the new descriptor: new" ]
[ "$surprise" = "  the old descriptor: old
  the new descriptor: old
  the new descriptor, with O_DIRECT: new" ]
echo "ok: a file that was opened after the replacement reads as the file before"

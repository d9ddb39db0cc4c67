#!/usr/bin/perl
# Takes a lock by LockFile::Simple, says that it is inside, and stays until it is told to leave.
use strict;
use warnings;
use LockFile::Simple;

my ($path, @options) = @ARGV;
$| = 1;
my $manager = LockFile::Simple->make(-format => '%f', -warn => 0, @options);
my $locked = eval { $manager->trylock($path) };
warn $@ if $@;
exit 75 unless $locked;
print "\@inside $$\n";
<STDIN>;
$manager->unlock($path) or die "it was lost\n";

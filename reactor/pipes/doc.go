// Package pipes sends bytes by references to the pages of memory in which they lie.
// What is sent again and again it keeps in pipes of the kernel, a Set; what lies in
// mapped files a Gather sends from there.
//
// A pipe is a row of slots, each of which refers to some bytes in pages of the
// kernel's. tee(2) copies slots from one pipe to another, splice(2) moves what
// they refer to into a socket: no byte is touched.
//
//	Fill:  bytes --> socket pair --> pipes of a Set      32 KiB a slot
//	Send:            pipe of a Set --tee--> Sender's own pipe --splice--> socket
//
// sendfile(2) does the same by a pipe within the kernel, but looks up each page
// of 4 KiB in the file, gives it a slot, and takes sixteen slots at a time. What
// was written to a local socket lies in runs of eight pages instead, and stays so
// when it is spliced out of it: an eighth of the slots, none looked up. On one
// machine with an EPYC of 2025 a CPU-second carries 13 GB of these and 9.6 GB
// of a file in memory, in huge pages even, on one connection, and 14.5 instead
// of 11.8 on fifty.
//
// A mapped file is nearer still: vmsplice(2) puts references to any number of its
// ranges, and of short heads between them, into a pipe by one call, and finds the
// pages by the tables of the address space. A header and a sendfile a block are 128
// calls for 64 blocks, which each lock the socket.
//
//	Gather.Send:  heads, mapped ranges --vmsplice--> its own pipe --splice--> socket
//
// On one machine with a Xeon of 2024 and one connection, blocks of 16 KiB behind
// headers of 13 bytes go at 6.2 GB a CPU-second by sendfile, at 15 by a Gather
// once the pages were asked for before, and at 9 when that is never so.
//
// # Contract
//
// A Set is written once, by Fill, and read by any number of goroutines. A Sender
// and a Gather belong to one. None blocks but for memory, which Fill may wait for,
// and a Gather where what is mapped comes from a disk. The Set is open while
// somebody sends from it. Heads are copied to memory that is not written again while
// the kernel has references to it, however late they are read.
//
// Only how fast it is depends on how the kernel lays bytes out. Where memory
// comes in smaller runs there are more pipes to a Set, up to a bound.
//
// # Limits
//
// A Set has a descriptor for each PipeBytes, a Sender and a Gather three, and the
// latter 256 KiB. The kernel gives an
// unprivileged user 16,384 slots in all (fs.pipe-user-pages-soft), 512 MiB in
// Sets: beyond it Fill fails, as it does without descriptors.
//
// The memory is the kernel's: it is in no figure of the process, but counts
// against its control group (memory.kmem).
package pipes

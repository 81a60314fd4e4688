// Package pipes keeps bytes in pipes of the kernel, from where they are sent to
// any number of sockets without being read again.
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
// # Contract
//
// A Set is written once, by Fill, and read by any number of goroutines. A Sender
// belongs to one. Neither blocks but for memory, which Fill may wait for. The
// Set is open while somebody sends from it.
//
// Only how fast it is depends on how the kernel lays bytes out. Where memory
// comes in smaller runs there are more pipes to a Set, up to a bound.
//
// # Limits
//
// A Set has a descriptor for each PipeBytes, a Sender three. The kernel gives an
// unprivileged user 16,384 slots in all (fs.pipe-user-pages-soft), 512 MiB in
// Sets: beyond it Fill fails, as it does without descriptors.
//
// The memory is the kernel's: it is in no figure of the process, but counts
// against its control group (memory.kmem).
package pipes

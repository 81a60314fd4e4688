// Package sha1lanes computes the SHA-1 of several messages of one length at the
// same time, which a processor does with far less work than one after the
// other: the rounds of one message depend on each other and leave most of the
// units idle.
//
// # Contract
//
// A Hasher is Reset for 1 to Width messages, given the same number of bytes of
// each by Write, in whole blocks, and the rest of each by Sum. SumAll is all of
// that for messages that are there as a whole, of any number and lengths. It
// keeps nothing that it is given. It is one goroutine's; several Hashers share
// nothing.
//
// # Ways
//
// Which way is taken depends on the processor and on how many messages there
// are; what comes out does not.
//
//	messages    needs                 how
//	1           nothing               crypto/sha1
//	2 and more  SHA-NI                pairs, their rounds interleaved: the unit has
//	                                  a latency of four cycles and starts a step
//	                                  every second one
//	wideFrom    AVX-512 F and BW      sixteen lanes of 32 bits; idle lanes cost
//	and more                          as much as used ones
//	any         none of these         crypto/sha1, one after the other
//
// Measured on a Zen 5 at 32 KiB a message, on one core: crypto/sha1 2.1 GB/s,
// a pair 3.8, sixteen lanes 11. On processors whose crypto/sha1 has SHA
// instructions but not these (arm64) the pairing is left undone.
//
// Specification: FIPS 180-4. SHA-1 is what BEP 3 names pieces by.
package sha1lanes

// Package piecesum computes the sums of pieces that lie somewhere and are read
// by parts, as many at once as the processor works on together (package
// sha1lanes).
//
// # Contract
//
// A Summer is one goroutine's. Sum is given up to Together pieces of one size
// and a function that reads a range of one; it asks for the ranges of each piece
// in order, the pieces by turns. A piece that cannot be read has an error in
// place of its sum and does no harm to the others.
//
// # Limits
//
//   - A Summer holds roomBytes, allocated by its first Sum.
//   - maxTogether bounds the bytes of the pieces that are worked on together:
//     who reads from a disk has them read ahead in order while the last of them
//     is waited for, and they must still be in memory then.
package piecesum

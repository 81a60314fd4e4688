// Package journal keeps many small records in one file: read in one sweep at
// start, then appended to in batches.
//
// # Contract
//
// Open reads the file from its beginning and hands out every record with the
// Place where it lies; by that, Read finds it again. Append adds records, which
// are written by Flush, or when a batch is full, and survive a power cut from
// the next Sync on. What a record means, and that a later one replaces an
// earlier one, is the caller's affair; Compact drops all records but those that
// it names.
//
//	open --each record--> appending <--> Flush, Sync
//	                          |
//	                       Compact: a new file, synced, renamed over the old one
//
// A file that ends in the middle of a record, or whose tail is not what was
// written, is cut off before it, so that a kill or a power cut loses the last
// records and never all of them. A file that is none of this program's is an
// error of Open, and Create replaces it: what stands in a journal can be found
// out again.
//
// The owner sees to it that nobody else has the journal open.
//
// Safe for use by several goroutines, but for Compact.
//
// # Format
//
//	8  "SPATEJRN"   4  version, then for each record:
//	4  length       4  CRC-32C of length and record      then the record
//
// Integers are big-endian.
//
// # Limits
//
// MaxRecord bytes for a record; batchBytes of records that wait to be written.
package journal

// Package memfs is a folder in memory for tests: it fails on demand and can
// lose its power.
//
// # What survives a power cut
//
// Crash returns what a fresh start would find. Of a file's content that is
// what File.Sync made durable; each page (4 KiB), size and time written since
// then survives or not as the given random source decides, or a page is torn:
// some of its sectors survive. Of the names it is those that SyncDir made
// durable; a newer name of a file or folder survives or not likewise, and a file
// whose folder does not is lost with it. That is as little as POSIX promises and
// less than common file systems keep, so what a test finds safe here is safe
// there.
//
//	write ----> volatile --Sync--> durable
//	               | Crash            | Crash
//	               v                  v
//	        chance decides        survives
//
// # Faults
//
// SetFault names a function that is asked before each operation: an error it
// returns is the operation's, and while it blocks, so does the operation. A Sync
// that fails with an error number loses what it was to make durable, and the next
// one succeeds: so does Linux, which takes the pages for clean. SetSpace
// limits the pages stored: the write that goes beyond it is short and fails
// with ENOSPC.
//
// Time is a counter that each change moves on by one, so that a Stamp differs
// after each change. Folders are kept as names only; there are no links.
package memfs

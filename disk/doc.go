// Package disk keeps torrents' content: it maps pieces to files, verifies and
// writes what was downloaded, lends open files to whoever sends from them, and
// checks what is there. It knows no network.
//
// # Contract
//
// One Disk serves all torrents; each torrent has a Store. Methods that take a
// done return at once and may be called from an event loop; done is called
// exactly once, on a disk goroutine or before the method returns, and must not
// block. Methods without one (Check, Files, Sync, Stamps, Look, Relearn, Room,
// CreateEmpty, Close) wait for a disk and are for control goroutines.
//
// # The way of a piece
//
//	Put --> puts --> hasher --bad--> done(BadHash)
//	                   | good
//	                   v
//	                writes --> the writer --> done(Written) or done(PutFailed)
//
// Hashers take several puts at a time where the processor hashes them with less
// work so (package sha1lanes), and let them wait for each other for up to linger
// when they come fast; each has its own result.
//
// Written means that the bytes are in the page cache: a killed process loses
// nothing of them. Sync makes them survive a power cut.
//
//	goroutines           number            what they do
//	hashers              Config.Hashers    verify puts; when none waits, runs of Check
//	writer               1                 everything that writes content
//	readers              0..Config.Readers Read, Warm and Acquire; end when idle
//
// # Who owns which buffer
//
// A buffer given to Put or Read is the store's until done. A Handle is the
// receiver's from Acquire to Release, and stays valid meanwhile whatever
// happens to the cache, the Store or the name on disk. Buffers is the pool that
// piece buffers come from.
//
// # Files
//
//   - Nothing is created or written outside of the data folder, whatever names
//     or symbolic links say (package vfs, os.Root). Content is read through links
//     wherever they lead, and written through those that stay inside.
//   - Nothing is created before the first piece is written. Then a file appears,
//     with the folders above it, when a piece touches it: sparse, at its full
//     length. Empty files appear with the first one. Padding files (BEP 47) and
//     symbolic links are never stored.
//   - A file that is there already is written in place. One longer than the
//     torrent says is never cut: what follows may be the user's, and Files
//     reports it.
//   - Content may stand on a file system that is read only, and belong to
//     somebody else: nothing is opened for writing before a piece is written.
//   - A file that somebody else changes, replaces, cuts or removes once it is
//     known what is in it is found out when it is opened to be read, when it is
//     read beyond its end, and by Look: ErrChanged, ErrShort, ErrRemoved. Until
//     then what the open descriptor leads to is read.
//   - A file that vanishes after it was written to makes writes and Sync fail
//     with ErrRemoved, so that its pieces are not taken for had.
//   - What is sent often is mapped (Handle.Mapped), for the kernel to find its pages
//     by. Nobody here reads it there: a file that is cut would end the process, and
//     to the kernel it is an error. Beyond Config.Mapped bytes the pages that were
//     asked for first leave the address space; they stay in the page cache.
//
// # Limits
//
//   - QueuedBytes: bytes put and not done. The caller begins no piece while it
//     is above QueueLimit; memory is bounded by the budget of Buffers. The
//     writer's queue never holds more than QueueLimit, or one piece.
//   - maxPuts, maxReads, maxChecks: lengths of lists; one more gets ErrBusy.
//   - Config.Files: open content files, least recently used closed first.
//     Acquire gets ErrBusy when all are in use; the disk goroutines may hold one
//     more each. A data folder in use has one more descriptor. When the process has
//     none left, files are closed and opening is tried again for roomPatience.
//   - A hasher reads a run of Check by the room of a piecesum.Summer, 1 MiB, which
//     goes back to the garbage collector when no Check has run for a while.
//   - The runs of a Check that are read ahead are aheadBytes, and one run of
//     maxTogether (128 MiB, package piecesum) for each hasher at most: in the
//     page cache, which may drop them.
//
// BEPs: 3 (pieces and files), 47 (padding; the executable bit is not set).
//
// # What it does not do
//
// No preallocation, no direct IO, no io_uring. It remembers nothing from one
// run to the next: package disk/resume does.
package disk

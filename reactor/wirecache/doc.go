// Package wirecache keeps hot pieces in the form in which they go over the wire.
//
// A run of piece messages (BEP 3) is the same bytes for every peer that asks
// for it: 13 bytes of header, 16 KiB, 13 bytes, 16 KiB... An Image is some
// pieces laid out so, in pipes (package pipes) or in a memory file, and a run of
// consecutive requests leaves it by one call, without header writes and without a
// cork. One image has a group of pieces, of Config.Group bytes, so that small
// pieces make long runs, too; larger pieces have one each.
//
//	          Note          Note, often enough      built         evicted
//	unknown ------> counted -----------------> building ----> hot --------> gone
//	                   ^                          |  \                       |
//	                   |     no room, read failed |   \ hash wrong           |
//	                   +--------------------------+    +--> refused          |
//	                   ^                                                     |
//	                   +-----------------------------------------------------+
//
// # Contract
//
// One Cache is shared by all loops of an engine; each torrent has one Table.
// Table.Acquire, Table.Note and Image.Release are for loops: they take no lock,
// block on nothing and, but for the Note that starts a build, allocate nothing.
// All else runs off the loops, by Config.Go, under one lock.
//
// An image is served only while somebody holds it. The cache holds each one
// itself until it is evicted, a loop from Acquire to Release; the last to let
// go has its memory freed. Acquire fails once that has happened, so a loop
// never sends from a closed file, and an eviction never waits for a loop.
//
// Building reads the pieces once more and verifies their SHA-1: what is served
// from an image is known to be good. A group with a wrong hash gets no image and
// is reported once by the table's fault function. As groups are read whole, a
// table is opened once its torrent has every piece, and before has no images.
//
// # What gets an image
//
// A group's first requests go the other way and are counted in a table of fixed
// size. Building costs about as much as some passes over the group save, so
// it takes Passes of them within a few Age intervals. Once the budget is used
// up, a group must have been asked for more often than the image whose place it
// takes, by as much again and by what chance may make of equal demand: where
// what is hot does not fit, or all is wanted alike, what is there stays. Age
// halves all counts, and evicts the images that are hardly used, so that memory
// goes back when traffic ends.
//
// # Memory
//
// Images cannot be reclaimed by the kernel. Their bytes, in whole pages, never
// exceed the budget, images that are evicted and still held included. SetBudget
// follows what the system has left: Allowance says how. It is called once a
// second; between two calls the budget may be above what a system in sudden need
// would want.
//
// An image that is evicted while it is held counts against the budget until it
// is let go. A peer that stopped reading in the middle of a block holds one: it
// is to let go within a second when Image.Current says no, by copying what is
// left of the block.
//
// # Limits
//
// Config.Limit bytes, Config.Images images (a descriptor for each pipes.PipeBytes
// of one, or part of them), MaxPiece bytes an image, maxBuilds builds at a time,
// demandSlots counters.
//
// # What it does not do
//
// Requests that are not whole 16 KiB blocks, and connections that encrypt, have
// no use for images. Images are not kept over a restart.
package wirecache

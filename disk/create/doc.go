// Package create reads content to make a torrent of it: the list of its files,
// and the hashes of its pieces.
//
// # Contract
//
// Walk lists a file, or all regular files of a folder, in the order of their
// path elements compared as bytes; the same content always gives the same list.
// Hidden files are content like others. Symbolic links, devices, sockets and
// empty folders are left out: a link could lead anywhere, and none of them can
// be shared. What was left out is reported, so that it can be said.
//
// HashFiles then reads the content once, all workers at a time on pieces next to
// each other, and returns the hashes in order. A file that changes its length
// meanwhile is an error, for the hashes would fit no version of it.
//
// Nothing is written. Each worker holds a piecesum.Summer (1 MiB) and up to
// sha1lanes.Width open files, one for each piece under way.
//
// # Limits
//
// metainfo's MaxFiles and MaxPathElements bound what Walk takes; names that a
// torrent cannot hold are metainfo's to refuse.
package create

// Package layout maps a torrent's pieces to its files and back: arithmetic
// over metainfo, without any IO.
//
// A v1 torrent's content is its files one behind the other, cut into pieces of
// equal length; only the last may be shorter (BEP 3).
//
//	content  |------ a ------|b|-pad-|--------- c ----------|
//	pieces   |   0   |   1   |   2   |   3   |   4   |   5  |
//
// A range of a piece therefore is a list of spans, one for each file it
// touches. Empty files have no span. A padding file (BEP 47) has one, with Pad
// set: its bytes are zeros that are never stored.
//
// A Layout holds nothing but the metainfo it was made from, so ten thousand
// idle torrents cost nothing here; finding a file is a binary search.
package layout

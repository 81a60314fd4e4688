// Package source finds the torrents that a command line names: a .torrent
// file, an http or https URL of one, or a folder of them. Magnet links and
// bare info-hashes are told apart, and refused by ErrMetadata where the
// metadata itself is needed.
//
// # Contract
//
// Every error begins with the source as it was written, and is one line.
//
// # Limits
//
// A .torrent has at most MaxSize bytes, from a file as well as from the
// network; a URL must answer within Timeout in all.
package source

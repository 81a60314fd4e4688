// Package resume remembers between two runs what a torrent had, and keeps a
// second process from opening the same torrent in the same folder.
//
// # Contract
//
// Dir keeps one small file per torrent and data folder in the state folder:
//
//	what is had, Stamps, then Sync of the content
//	                |
//	             State --Save--> temporary file, fsync, rename, fsync of the folder
//	                                                |
//	have, recheck <--Trust-- State <----Load--------+
//
// The order matters: what is written after the Stamps moves a file's time on,
// so that it is found by a check; what was had before the Sync survives a power
// cut. Stamps behind the Sync would pass off what was written during it as
// known to be missing.
//
// So a reader finds the old state or the new one, never a part of one, also
// after a power cut. A torrent's owner saves only while it holds the lock of
// the same name.
//
// A State is believed file by file: where size and time of change are those
// that were recorded, the pieces are as they were recorded; every piece that
// touches another file is to be checked again, had or not. A process that was
// killed while it downloaded thus finds all that was written: those files'
// times have moved on. Contents that were changed with size and time restored
// are believed; `spate check` tells.
//
// Locks takes lockFiles descriptors at most for all torrents of a process: each
// torrent is one byte's range lock, in a file of the state folder and at an
// offset that are a hash of its name. The kernel gives it back when the process
// ends, however that happens. Other systems than Linux lock one file, and spend
// a descriptor, per torrent.
//
// # Format
//
// Version 1, integers big-endian:
//
//	 8  "SPATERES"          8  downloaded       4  pieces, then their bits
//	 4  version             8  uploaded         4  files, then for each
//	20  info-hash           4  length of the       8  size, or all ones
//	                           folder, then it     8  time of change, ns
//	                                            4  CRC-32C of all before
//
// # Limits
//
// maxFolder bytes of path, and metainfo's MaxPieces and MaxFiles. What goes
// beyond, or does not fit its checksum, is ErrFormat: the torrent is then
// checked as if it had no state.
package resume

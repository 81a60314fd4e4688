// Package metainfo reads and writes .torrent files of version 1.
//
// # Contract
//
// Parse takes the bytes of a .torrent file, ParseInfo those of an info
// dictionary that came from peers (BEP 9). What they return is checked as a
// whole: lengths add up, every piece has a hash, every path is safe. It never
// changes afterwards and may be read by any number of goroutines.
//
// The info-hash is the SHA-1 of the bytes of "info" as they stand in the file,
// so that odd but accepted encodings keep their identity.
//
//	content:  | file 0      | file 1 | pad | file 3 ...          |
//	pieces:   | piece 0  | piece 1  | piece 2  | ... | last piece |
//	blocks:   |16K|16K|16|                                        |
//
// # Paths
//
// Names come from strangers and become files. They are made safe by one rule,
// the same on every system, so that the same torrent has the same paths
// everywhere and a torrent is not refused for an odd name:
//
//  1. "path.utf-8" and "name.utf-8" count before "path" and "name" where they
//     are there and valid UTF-8.
//  2. Elements that are empty, "." or ".." are left out. A file with no element
//     left is called "_"; a torrent without a name is called by its info-hash.
//  3. "/", "\", NUL and other control characters, characters that end a line or
//     reverse the direction of writing, and bytes that are no UTF-8 become "_"
//     each.
//  4. An element of more than MaxNameBytes is cut to that, before its extension.
//  5. A name that Windows takes for a device, such as "aux.c", gets a "_" before
//     it: it could not be stored on a share.
//  6. Names that would meet get a number, in the order of the files: the second
//     "a.txt" becomes "a (2).txt". A folder and a file of one name meet too:
//     whichever comes second is renamed, the folder for all that lies in it.
//     Names meet that are one on some file system: those which differ only in
//     case, in how characters are composed, in characters that are not seen, or
//     in dots and spaces at the end. Folders that meet each other keep their
//     spelling, and what lies in them is kept apart.
//  7. A path of more than MaxPathBytes loses all folders but the outermost.
//
// So a path never leaves the folder named by its first element, no file is a
// folder of another, and no two files share a path, on a share or a disk that
// folds names either. Paths that were made by these rules stay as they are. What
// is odd on some systems only and does no harm (":" and "?") is kept, because
// content laid out by other programs must be found again. Rules 5 and 6 come
// before that: content with such names is found where these rules put it.
// Padding files are never stored, so they share paths as they like.
//
// # Who owns which buffer
//
// What Parse and ParseInfo return is independent of their input. Slices inside
// (Files, Tiers, InfoBytes) are to be read only.
//
// An info dictionary is checked in place before anything is made of it, so that
// what is refused takes no more memory than its bytes and the keys of the
// dictionaries that are open: 18 MiB for bencode.ForMetainfo.
//
// # Limits
//
// Named in limits.go, besides bencode.ForMetainfo for the encoding. Going past
// one is an error, except for trackers, web seeds and texts, where the surplus
// is left out: a torrent works without them; and for names, which are cut.
//
// # BEPs
//
//   - BEP 3: single and multiple files. A torrent whose files are all empty is
//     refused, as there is nothing to exchange. Piece lengths need not be a
//     power of two.
//   - BEP 12: announce-list. A tier that is a lone string counts as a tier of
//     one; a URL counts where it stands first. Shuffling is the announcer's.
//   - BEP 19: url-list, as a string or a list.
//   - BEP 27: private; any number but 0 turns it on.
//   - BEP 47: attr p, x, h and l. A symbolic link is an empty file marked so;
//     its target is not read, and a link with a length is a plain file. sha1 is
//     not read.
//   - BEP 52: of a hybrid torrent the version 1 part is read; one of version 2
//     alone is ErrV2.
//
// # What it does not do
//
// It hashes no content: a Builder is given the piece hashes. It opens no files.
package metainfo

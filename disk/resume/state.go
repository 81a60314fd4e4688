package resume

import (
	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// State is what is remembered of a torrent in a data folder.
type State struct {
	// InfoHash is the torrent.
	InfoHash metainfo.Hash
	// Folder is the data folder, as Canonical names it.
	Folder string
	// Have is the pieces that were verified, written and then made durable.
	Have *bitfield.Bits
	// Files is what Store.Stamps said before they were made durable, by file.
	Files []vfs.Stamp
	// Downloaded and Uploaded are bytes of content over all runs.
	Downloaded, Uploaded int64
}

// Trust compares the state with the files as they stand. It returns the pieces
// that are known to be there, and those that must be checked to know. All must
// be when the state is that of other files altogether.
func (s *State) Trust(l layout.Layout, files []vfs.Stamp) (have, recheck *bitfield.Bits) {
	recheck = bitfield.New(l.Pieces())
	if s.Have.Len() != l.Pieces() || len(s.Files) != l.Files() || len(files) != l.Files() {
		recheck.SetAll()
		return bitfield.New(l.Pieces()), recheck
	}
	have = s.Have.Clone()
	for file := range l.Files() {
		if l.Stored(file) && !s.believed(l, file, files[file]) {
			first, end := l.Touching(file)
			for piece := first; piece < end; piece++ {
				have.Clear(piece)
				recheck.Set(piece)
			}
		}
	}
	return have, recheck
}

// believed tells whether what is recorded of a file still holds.
func (s *State) believed(l layout.Layout, file int, stamp vfs.Stamp) bool {
	if !stamp.Same(s.Files[file]) {
		return false
	}
	if stamp.Size >= l.File(file).Length {
		return true
	}
	// A file that is missing or short holds nothing; a state that says
	// otherwise is not one of ours.
	first, end := l.Touching(file)
	for piece := first; piece < end; piece++ {
		if s.Have.Has(piece) {
			return false
		}
	}
	return true
}

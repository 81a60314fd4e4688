package metainfo

// BlockSize is the unit of a request, in bytes (BEP 3 leaves it to the
// clients; all of them use this).
const BlockSize = 16 << 10

// Hash is a v1 info-hash: the SHA-1 of the raw bytes of the info dictionary.
type Hash [20]byte

// File is one file of a torrent.
type File struct {
	// Path is where the file lies below the data folder, in safe elements.
	// In a multi-file torrent the first one is Info.Name.
	Path []string
	// Length is the size in bytes, 0 or more.
	Length int64
	// Offset is where the file begins in the torrent's content, in bytes.
	Offset int64
	// Pad marks a padding file (BEP 47): zeros that are not to be stored.
	Pad bool
	// Executable and Hidden are what attr says besides (BEP 47).
	Executable, Hidden bool
}

// Info is what the info dictionary says.
type Info struct {
	Name        string
	PieceLength int64
	Length      int64
	Private     bool
	Source      string
	MultiFile   bool
	Files       []File
	pieces      []byte
}

// Torrent is a parsed .torrent file.
type Torrent struct {
	InfoHash     Hash
	InfoBytes    []byte
	Info         *Info
	Tiers        [][]string
	WebSeeds     []string
	Comment      string
	CreatedBy    string
	CreationDate int64
}

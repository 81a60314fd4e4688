package metainfo

// BlockSize is the unit of requests, in bytes. BEP 3 leaves it open; all
// clients use this and many refuse more.
const BlockSize = 16 << 10

// Torrent is a .torrent file.
type Torrent struct {
	// InfoHash identifies the torrent.
	InfoHash Hash
	// InfoBytes is the info dictionary as it was encoded. Read only.
	InfoBytes []byte
	// Info is what InfoBytes says.
	Info *Info
	// Tiers is the trackers' URLs (BEP 12), or nil. No tier is empty and no
	// URL stands twice.
	Tiers [][]string
	// WebSeeds is the URLs of HTTP and FTP seeds (BEP 19), or nil.
	WebSeeds []string
	// Comment and CreatedBy are one line each, or empty.
	Comment, CreatedBy string
	// CreationDate is in seconds since 1970, UTC; 0 is none.
	CreationDate int64
}

// Info is the info dictionary: what the info-hash stands for.
type Info struct {
	// Name is the name of the file or of the folder round the files, safe as
	// a path element.
	Name string
	// PieceLength is in bytes, 1 to MaxPieceLength.
	PieceLength int64
	// Length is the content's size in bytes, padding included, at least 1.
	Length int64
	// Private says that peers come from the trackers alone (BEP 27).
	Private bool
	// Source is a private tracker's mark that makes info-hashes differ; no BEP
	// has it. One line, or empty.
	Source string
	// MultiFile tells whether the files lie in a folder called Name.
	MultiFile bool
	// Files is in the order of the content, at least one. Read only.
	Files []File

	pieces []byte // hashes of all pieces, 20 bytes each; a Torrent's lie in InfoBytes
}

// File is one file of a torrent.
type File struct {
	// Path is where the file lies below the data folder, in safe elements:
	// [Name], or Name and what follows in a torrent of several files.
	Path []string
	// Length is in bytes, 0 or more.
	Length int64
	// Offset is where the file begins in the content, in bytes.
	Offset int64
	// Pad marks padding (BEP 47): zeros, which are not stored.
	Pad bool
	// Executable, Hidden and Symlink are the other attributes of BEP 47. A
	// link has no content.
	Executable, Hidden, Symlink bool
}

// NumPieces is the number of pieces, 1 to MaxPieces.
func (i *Info) NumPieces() int { return len(i.pieces) / hashSize }

// PieceHash is the SHA-1 of piece n, which must be below NumPieces.
func (i *Info) PieceHash(n int) (h [hashSize]byte) {
	copy(h[:], i.pieces[n*hashSize:(n+1)*hashSize])
	return h
}

// PieceSize is the size of piece n in bytes: PieceLength, or less for the last
// one. n must be below NumPieces.
func (i *Info) PieceSize(n int) int {
	return int(min(i.PieceLength, i.Length-int64(n)*i.PieceLength))
}

// Blocks is the number of blocks of BlockSize in piece n, of which the last
// may be shorter. n must be below NumPieces.
func (i *Info) Blocks(n int) int {
	return (i.PieceSize(n) + BlockSize - 1) / BlockSize
}

// hashSize is the size of a piece's SHA-1 in bytes.
const hashSize = 20

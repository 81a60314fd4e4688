package metainfo

// Limits of a torrent.
const (
	// MaxPieceLength is in bytes. A piece is held in memory while it is
	// incomplete, and costs as much again when it fails its hash. Clients
	// create pieces of up to 128 MiB.
	MaxPieceLength = 256 << 20

	// MaxPieces bounds the hashes to 40 MiB and a peer's bitfield to 256 KiB.
	// It is 32 TiB in pieces of 16 MiB, and what libtorrent accepts.
	MaxPieces = 2 << 20

	// MaxFiles bounds the list of files: about 200 bytes of memory each. The
	// largest data sets in circulation have some hundred thousand.
	MaxFiles = 1_000_000

	// MaxPathElements bounds how deep a file lies below the data folder. At
	// two bytes an element PATH_MAX would allow 2,048; every one costs system
	// calls each time the file is opened.
	MaxPathElements = 256

	// MaxNameBytes is the longest name that common file systems take
	// (NAME_MAX). Longer ones are cut.
	MaxNameBytes = 255

	// MaxPathBytes bounds a path in all, with a byte between elements: PATH_MAX
	// of Linux without the byte at its end, less 1 KiB for the data folder.
	// Longer ones lose their folders.
	MaxPathBytes = 4095 - 1<<10

	// MaxTextBytes bounds comments and other lines for people: some screens
	// full. Longer ones are cut.
	MaxTextBytes = 16 << 10

	// MaxTrackers and MaxWebSeeds are URLs per torrent; each one is asked
	// again and again. Collected tracker lists reach a few hundred.
	MaxTrackers = 500
	MaxWebSeeds = 500

	// MaxURLBytes is the longest URL that is kept. HTTP servers take 4 to 8
	// KiB for a request line, of which an announce adds some hundred bytes.
	MaxURLBytes = 2048
)

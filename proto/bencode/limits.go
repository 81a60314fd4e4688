package bencode

// Limits is what a value may have at most. A limit of 0 allows nothing.
type Limits struct {
	// Size is in bytes, of the encoded value.
	Size int
	// Depth is how far lists and dictionaries may nest: 1 is a list of
	// strings, 0 a lone string or integer.
	Depth int
	// Tokens counts the strings (keys too), integers, lists and
	// dictionaries. It bounds what decoding allocates: a token of two bytes
	// may become a header of 24.
	Tokens int
}

// ForMetainfo is the limits of .torrent files and of info dictionaries.
//
// Size: 2,097,152 piece hashes take 40 MiB, which leaves 24 MiB for a million
// short file entries. Depth: the file tree of a hybrid torrent (BEP 52) nests
// once per path element, and package metainfo takes paths of up to 256. Tokens:
// a million file entries take 6 each (dictionary, length, its number, path,
// list, name) and one more per folder. Eight million empty dictionaries, the
// worst, take 660 MiB while they are decoded; the million files take 470.
func ForMetainfo() Limits {
	return Limits{Size: 64 << 20, Depth: 300, Tokens: 8_000_000}
}

// ForTracker is the limits of HTTP tracker answers.
//
// Size: 10,000 peers in the dictionary form take 0.9 MB, in compact form (BEP
// 23) 60 kB, and trackers send 50 to 200; a scrape (BEP 48) names the torrents
// asked for. Depth: announces and scrapes need 3. Tokens: a peer dictionary
// takes 7.
func ForTracker() Limits {
	return Limits{Size: 1 << 20, Depth: 8, Tokens: 100_000}
}

// ForExtension is the limits of the dictionaries in extension messages (BEP
// 10): the handshake, peer exchange, and the head of a metadata message, whose
// piece of up to 16 KiB follows behind the dictionary and does not count.
//
// Size: handshakes take some hundred bytes; peer exchange (BEP 11) of 100
// added and 100 dropped IPv6 peers takes 3.7 kB. Depth: a handshake needs 2.
func ForExtension() Limits {
	return Limits{Size: 64 << 10, Depth: 8, Tokens: 1000}
}

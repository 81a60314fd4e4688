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
	// Keys counts the keys of the dictionaries that are open at a time. It
	// bounds what the scan allocates to find one that stands twice: 8 bytes
	// each, and as much again while that grows.
	Keys int
}

// ForMetainfo is the limits of .torrent files and of info dictionaries.
//
// Size: 2,097,152 piece hashes take 40 MiB, which leaves 24 MiB for a million
// short file entries. Depth: the file tree of a hybrid torrent (BEP 52) nests
// once per path element, and package metainfo takes paths of up to 256. Tokens:
// a million file entries take 6 each (dictionary, length, its number, path,
// list, name) and one more per folder. That bounds time: such data is looked at
// in place, as eight million empty dictionaries would take 660 MiB decoded.
// Keys: a file tree may have a million files in one folder.
func ForMetainfo() Limits {
	return Limits{Size: 64 << 20, Depth: 300, Tokens: 8_000_000, Keys: 1 << 20}
}

// ForTracker is the limits of HTTP tracker answers.
//
// Size: 10,000 peers in the dictionary form take 0.9 MB, in compact form (BEP
// 23) 60 kB, and trackers send 50 to 200; a scrape (BEP 48) names the torrents
// asked for. Depth: announces and scrapes need 3. Tokens: a peer dictionary
// takes 7; at most they are decoded to 20 MiB. Keys: in a scrape one for each
// torrent; the tokens leave room for 12,500 of them.
func ForTracker() Limits {
	return Limits{Size: 1 << 20, Depth: 8, Tokens: 100_000, Keys: 40_000}
}

// ForExtension is the limits of the dictionaries in extension messages (BEP
// 10): the handshake, peer exchange, and the head of a metadata message, whose
// piece of up to 16 KiB follows behind the dictionary and does not count.
//
// Size: handshakes take some hundred bytes; peer exchange (BEP 11) of 100
// added and 100 dropped IPv6 peers takes 3.7 kB. Depth: a handshake needs 2.
// Keys: m has one for each extension, of which a client knows about ten.
func ForExtension() Limits {
	return Limits{Size: 64 << 10, Depth: 8, Tokens: 1000, Keys: 400}
}

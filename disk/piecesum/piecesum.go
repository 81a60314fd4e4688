package piecesum

import "spate/disk/sha1lanes"

const (
	// roomBytes is what a Summer reads into, in bytes: about as much as the
	// cache of a processor's core keeps until it is hashed. Half of it costs a
	// twentieth more time, for the calls; twice as much gains nothing.
	roomBytes = 1 << 20
	// maxChunk bounds how much is read of one piece at a time, in bytes.
	maxChunk = 256 << 10
	// maxTogether bounds the pieces of one Sum, in bytes: eight pieces of 16 MiB,
	// the largest in common use.
	maxTogether = 128 << 20
)

// Together is how many pieces of size bytes (1 or more) are best given to one
// Sum: 1 up to sha1lanes.Width.
func Together(size int) int {
	return max(min(sha1lanes.Together(), maxTogether/size), 1)
}

// Result is the sum of a piece, or why it has none.
type Result struct {
	Sum [sha1lanes.Size]byte
	Err error
}

// Reader fills p with what stands in a piece from begin on. The lane is the
// piece's place among those of one Sum, so that what serves one range can be
// kept for the next.
type Reader func(lane, piece, begin int, p []byte) error

// Summer computes sums of pieces. The zero value is ready for use.
type Summer struct {
	hasher  sha1lanes.Hasher
	room    []byte
	sums    [sha1lanes.Width][sha1lanes.Size]byte
	results [sha1lanes.Width]Result
}

// Sum reads the pieces, each of size bytes (1 or more), and returns a Result for
// each, valid until the next call. There are 1 to sha1lanes.Width pieces.
func (s *Summer) Sum(pieces []int, size int, read Reader) []Result {
	if s.room == nil {
		s.room = make([]byte, roomBytes)
	}
	results := s.results[:len(pieces)]
	clear(results)
	s.hasher.Reset(len(pieces))
	chunk := min(roomBytes/len(pieces), maxChunk) / sha1lanes.BlockSize * sha1lanes.BlockSize
	var parts [sha1lanes.Width][]byte
	for begin := 0; ; begin += chunk {
		n := min(chunk, size-begin)
		failed := 0
		for i, piece := range pieces {
			parts[i] = s.room[i*chunk : i*chunk+n]
			if results[i].Err == nil {
				results[i].Err = read(i, piece, begin, parts[i])
			}
			if results[i].Err != nil {
				failed++
			}
		}
		switch {
		case failed == len(pieces):
			return results
		case begin+n < size:
			s.hasher.Write(parts[:len(pieces)])
			continue
		}
		s.hasher.Sum(parts[:len(pieces)], s.sums[:len(pieces)])
		for i := range results {
			results[i].Sum = s.sums[i]
		}
		return results
	}
}

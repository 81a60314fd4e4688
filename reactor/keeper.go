package reactor

import "spate/proto/bitfield"

// Keeper is a store that remembers beyond the run what a torrent had: one given
// to Attach is asked to, as resume state is kept of files that Add opens.
type Keeper interface {
	// Save makes the content durable and then remembers that the pieces of have
	// are in it, with the payload bytes of the torrent in this run. It takes
	// have over, does not block, and calls done once, on any goroutine or before
	// it returns.
	Save(have *bitfield.Bits, uploaded, downloaded int64, done func(error))
	// Close ends the use of the store. It may block.
	Close()
}

// kept is a Keeper as the control wants it.
type kept struct{ Keeper }

func (k kept) save(have *bitfield.Bits, uploaded, downloaded int64, done func(error)) {
	k.Save(have, uploaded, downloaded, done)
}

func (k kept) close() { k.Close() }

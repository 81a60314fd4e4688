package reactor

import "spate/proto/bitfield"

// Keeper remembers beyond the run what a torrent had, and keeps its files: a
// store given to Attach that is one is asked to, as what Add opens is.
type Keeper interface {
	// Save makes the content durable and then remembers that the pieces had are
	// in it, with the payload bytes of the torrent in this run. First it notes
	// what state the content is in, then it asks what is had: so whatever is
	// written in between is looked at again after a kill. It does not block, and
	// calls done once, on any goroutine or before it returns.
	Save(had Had, uploaded, downloaded int64, done func(error))
	// Close ends the use of the store. It may block.
	Close()
}

// Had asks which pieces a torrent has, once. The answer comes on any goroutine,
// or before it returns, and is the receiver's; nil is that there is nothing to
// remember any more.
type Had = func(answer func(have *bitfield.Bits))

package reactor

import (
	"time"

	"spate/proto/metainfo"
)

// EventKind names what happened; its String is the name in JSON lines.
type EventKind uint8

// The kinds of events.
const (
	// EventListening: Addr is bound.
	EventListening EventKind = iota
	// EventAdded: a torrent was added; Name, Length, Pieces, PieceLength.
	EventAdded
	// EventChecked: its content on disk is known; Have, Pieces.
	EventChecked
	// EventComplete: all wanted pieces are written; Seconds, Downloaded.
	EventComplete
	// EventTracker: a tracker answered or failed; URL, Peers or Err.
	EventTracker
	// EventError: something concerning the torrent failed; Err.
	EventError
	// EventStopped: the torrent ended; Downloaded, Uploaded.
	EventStopped
)

var eventNames = [...]string{"listening", "added", "checked", "complete", "tracker", "error", "stopped"}

// String is the event's name.
func (k EventKind) String() string { return eventNames[k] }

// Event is something a user of the engine may want to know. Which fields are
// set depends on Kind.
type Event struct {
	// Time is when it happened, wall clock.
	Time time.Time
	// Kind says what happened.
	Kind EventKind
	// InfoHash is the torrent's, zero where the event concerns none.
	InfoHash metainfo.Hash
	// Source is where the .torrent lies, as it was named, for an EventAdded or
	// EventError of a torrent that comes from a folder.
	Source string
	// Addr is the bound address, host:port.
	Addr string
	// Name is the torrent's name.
	Name string
	// Length and PieceLength are in bytes.
	Length, PieceLength int64
	// Pieces and Have count pieces.
	Pieces, Have int
	// Seconds is the time from the check to completion.
	Seconds float64
	// Downloaded and Uploaded are payload bytes of this session.
	Downloaded, Uploaded int64
	// URL is the tracker's.
	URL string
	// Peers is the number of addresses a tracker gave.
	Peers int
	// Err is the failure.
	Err error
}

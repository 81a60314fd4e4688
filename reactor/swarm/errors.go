package swarm

import (
	"errors"
	"fmt"
)

// Reasons for which a peer's connection ends, besides the protocol faults of
// package peer and the network's errors. They are counted by their text.
var (
	// ErrHandshake: no handshake came in time.
	ErrHandshake = errors.New("handshake timed out")
	// ErrIdle: no message of the peer became complete for too long.
	ErrIdle = errors.New("peer idle for too long")
	// ErrStalled: the peer asked for data and did not take it.
	ErrStalled = errors.New("peer does not read")
	// ErrSelf: we dialed ourselves.
	ErrSelf = errors.New("connected to self")
	// ErrDuplicate: the same peer is connected already.
	ErrDuplicate = errors.New("duplicate connection")
	// ErrUnknownTorrent: the handshake names a torrent that is not here.
	ErrUnknownTorrent = errors.New("unknown info-hash")
	// ErrHasty: the peer sent more than is kept before its torrent was there.
	ErrHasty = errors.New("too much sent before the torrent was loaded")
	// ErrUnready: the torrent could not be loaded, or not in time.
	ErrUnready = errors.New("torrent could not be loaded in time")
	// ErrWrongTorrent: a dialed peer answered with another info-hash.
	ErrWrongTorrent = errors.New("peer answered with another info-hash")
	// ErrBothSeeds: neither side wants anything.
	ErrBothSeeds = errors.New("both sides have everything")
	// ErrBanned: the address gave bad data before.
	ErrBanned = errors.New("address is banned")
	// ErrBadData: the peer's blocks made a piece with a wrong hash.
	ErrBadData = errors.New("peer sent bad data")
	// ErrTooMany: the limit of peers is reached.
	ErrTooMany = errors.New("too many peers")
	// ErrShed: an idle peer gave way when descriptors were used up.
	ErrShed = errors.New("idle, and its place was needed")
	// ErrAddressFull: the limit of connections of one address is reached.
	ErrAddressFull = errors.New("too many connections of this address")
	// ErrTorrentFull: the torrent's limit of peers is reached.
	ErrTorrentFull = errors.New("torrent has enough peers")
	// ErrRemoved: the torrent was stopped or removed.
	ErrRemoved = errors.New("torrent stopped")
	// ErrControlFull: the peer does not read and its control queue is full.
	ErrControlFull = errors.New("control queue full")
	// ErrBadRequest: the peer asked for a range outside the torrent.
	ErrBadRequest = errors.New("request outside the torrent")
	// ErrExtension: the peer's extension handshake is no dictionary of the kind.
	ErrExtension = errors.New("malformed extension handshake")
	// ErrRejects: the peer refuses whatever is asked.
	ErrRejects = errors.New("peer rejects every request")
	// ErrFlood: the peer asks on, whatever is refused, or asks and takes back.
	ErrFlood = errors.New("peer floods with requests")
	// ErrContent: our own content could not be read.
	ErrContent = errors.New("content cannot be read")
)

// FileError is what is wrong with a file of the content.
type FileError struct {
	// File is its number in the torrent.
	File int
	// Err is what is wrong.
	Err error
}

// Error numbers the file: who knows where it lies words it better.
func (e *FileError) Error() string { return fmt.Sprintf("file %d: %v", e.File, e.Err) }

// Unwrap returns Err.
func (e *FileError) Unwrap() error { return e.Err }

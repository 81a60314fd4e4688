package wire

import (
	"fmt"
	"math"
)

// ID is the number that says what kind of message follows.
type ID byte

// The messages of BEP 3, 5 (MsgPort), 6 (MsgSuggest to MsgAllowedFast) and 10
// (MsgExtended).
const (
	MsgChoke         ID = 0
	MsgUnchoke       ID = 1
	MsgInterested    ID = 2
	MsgNotInterested ID = 3
	MsgHave          ID = 4
	MsgBitfield      ID = 5
	MsgRequest       ID = 6
	MsgPiece         ID = 7
	MsgCancel        ID = 8
	MsgPort          ID = 9
	MsgSuggest       ID = 13
	MsgHaveAll       ID = 14
	MsgHaveNone      ID = 15
	MsgReject        ID = 16
	MsgAllowedFast   ID = 17
	MsgExtended      ID = 20
)

// maxID is the highest message id that the table below has a row for.
const maxID = MsgExtended

// unbounded stands for a length that only the torrent or a setting limits.
const unbounded = math.MaxUint32

// A spec is what the specifications say about one message id.
type spec struct {
	name string
	// min and max are the lengths that the prefix may claim, in bytes: the
	// id counts, the prefix does not. A max of 0 marks an unknown id.
	min, max uint32
	// head is how many bytes from the start of the prefix must be there to
	// act on the message: all of a fixed one, or what stands before a payload
	// of its own length.
	head int
}

// specs is the table of messages by id. It is never written.
var specs = [maxID + 1]spec{
	MsgChoke:         {"choke", 1, 1, 5},
	MsgUnchoke:       {"unchoke", 1, 1, 5},
	MsgInterested:    {"interested", 1, 1, 5},
	MsgNotInterested: {"not interested", 1, 1, 5},
	MsgHave:          {"have", 5, 5, 9},
	MsgBitfield:      {"bitfield", 1, unbounded, 5},
	MsgRequest:       {"request", 13, 13, 17},
	MsgPiece:         {"piece", 9, unbounded, 13},
	MsgCancel:        {"cancel", 13, 13, 17},
	MsgPort:          {"port", 3, 3, 7},
	MsgSuggest:       {"suggest", 5, 5, 9},
	MsgHaveAll:       {"have all", 1, 1, 5},
	MsgHaveNone:      {"have none", 1, 1, 5},
	MsgReject:        {"reject", 13, 13, 17},
	MsgAllowedFast:   {"allowed fast", 5, 5, 9},
	MsgExtended:      {"extended", 2, unbounded, 6},
}

// PrefixLen is the size in bytes of a message's length prefix and id, which
// every message but the keep-alive begins with.
const PrefixLen = 5

// Known tells whether a specification that this package implements defines id.
func (id ID) Known() bool { return id <= maxID && specs[id].max != 0 }

// Fast tells whether id belongs to the fast extension (BEP 6), whose messages
// are only allowed once both ends have announced it.
func (id ID) Fast() bool { return id >= MsgSuggest && id <= MsgAllowedFast }

// String is the message's name as the specifications write it.
func (id ID) String() string {
	if !id.Known() {
		return fmt.Sprintf("message %d", byte(id))
	}
	return specs[id].name
}

// HeadLen is how many bytes of a message, counted from the start of its length
// prefix, must be there before it can be acted on: all of a message of fixed
// length, the part before the payload of the others; PrefixLen to RequestLen.
func (id ID) HeadLen() int {
	if !id.Known() {
		return PrefixLen
	}
	return specs[id].head
}

// LengthError says that a message's length prefix does not fit its id.
type LengthError struct {
	ID ID
	// Got is the length that the prefix claims; Min and Max are those allowed.
	// All are in bytes, with the id and without the prefix.
	Got, Min, Max uint32
}

// Error is one line such as "request of 12 bytes, must be 13".
func (e *LengthError) Error() string {
	switch {
	case e.Min == e.Max:
		return fmt.Sprintf("%v of %d bytes, must be %d", e.ID, e.Got, e.Min)
	case e.Got < e.Min:
		return fmt.Sprintf("%v of %d bytes, must be at least %d", e.ID, e.Got, e.Min)
	default:
		return fmt.Sprintf("%v of %d bytes, must be at most %d", e.ID, e.Got, e.Max)
	}
}

// CheckLength tells whether a message of this id may have the given length, in
// bytes with the id and without the prefix. It returns nil or a *LengthError.
// An unknown id may have any length.
func CheckLength(id ID, length uint32) error {
	if !id.Known() {
		return nil
	}
	if s := &specs[id]; length < s.min || length > s.max {
		return &LengthError{ID: id, Got: length, Min: s.min, Max: s.max}
	}
	return nil
}

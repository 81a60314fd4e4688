package peer

import (
	"fmt"

	"spate/proto/wire"
)

// FaultKind is the class of a Fault, for counting disconnects by reason.
type FaultKind uint8

// The kinds of faults.
const (
	// FaultProtocol: the stream does not begin with a handshake.
	FaultProtocol FaultKind = iota
	// FaultLength: a length that the message must not have.
	FaultLength
	// FaultTooLong: a length above the limit of Config, or of MaxUnknown.
	FaultTooLong
	// FaultFast: a message of the fast extension, which is not on.
	FaultFast
	// FaultIndex: a piece that the torrent does not have.
	FaultIndex
	// FaultRange: a block that is empty, longer than Config.MaxBlock, or ends
	// beyond 32 bits.
	FaultRange
	// NumFaults is the number of kinds.
	NumFaults
)

// faultNames is the table behind FaultKind.String. It is never written.
var faultNames = [NumFaults]string{
	"protocol", "length", "too long", "fast", "index", "range",
}

// String is the kind's name, short enough for a metric's label.
func (k FaultKind) String() string {
	if k >= NumFaults {
		return fmt.Sprintf("fault %d", uint8(k))
	}
	return faultNames[k]
}

// Fault is an offence against the protocol: the connection has to be closed.
type Fault struct {
	// Kind is the class.
	Kind FaultKind
	// Err says in one line what was wrong; wire.ErrProtocol for FaultProtocol
	// and a *wire.LengthError for FaultLength and FaultTooLong.
	Err error
}

// Error is one line.
func (f Fault) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f Fault) Unwrap() error { return f.Err }

// tooLong is the fault of a message whose length is above a limit of ours.
func tooLong(id wire.ID, got, max uint32) error {
	return Fault{FaultTooLong, &wire.LengthError{ID: id, Got: got, Max: max}}
}

// notFast is the fault of a message of the fast extension while it is off.
func notFast(id wire.ID) error {
	return Fault{FaultFast, fmt.Errorf("%v without the fast extension", id)}
}

// badIndex is the fault of an index that is not below the number of pieces.
func badIndex(id wire.ID, index, pieces uint32) error {
	return Fault{FaultIndex, fmt.Errorf("%v of piece %d, torrent has %d", id, index, pieces)}
}

// badRange is the fault of a block that nobody may ask for.
func badRange(id wire.ID, r wire.Request) error {
	return Fault{FaultRange, fmt.Errorf("%v of %d bytes at %d", id, r.Length, r.Begin)}
}

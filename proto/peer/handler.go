package peer

import (
	"errors"

	"spate/proto/wire"
)

// ErrPause is what OnHandshake returns to stop Input right behind the
// handshake, because the connection has to move before anything else is read
// for it. It ends Input but not the connection. From any other method it is an
// error like the rest.
var ErrPause = errors.New("paused behind the handshake")

// Handler is told of every complete message, in the order of the stream.
//
// An error that a method returns ends Input (or Filled), which returns that
// very error; the connection is then to be closed with it as the reason, and
// the Machine not to be fed again. Slices passed in are views that are valid
// during the call. Piece indices are below the number given to SetPieces, once
// it was given. A method may call the Machine's setters and DropPayload, and
// must not call Input, Scatter or Filled.
type Handler interface {
	// OnHandshake comes first, and once. It is the place for SetPieces and
	// SetFast.
	OnHandshake(h wire.Handshake) error
	// OnKeepAlive says only that the peer is there.
	OnKeepAlive() error

	// OnChoke, OnUnchoke, OnInterested and OnNotInterested may repeat what is
	// known already.
	OnChoke() error
	OnUnchoke() error
	OnInterested() error
	OnNotInterested() error

	// OnHave says that the peer completed a piece; it may come twice.
	OnHave(index uint32) error
	// OnBitfield tells in full what the peer has, as do OnHaveAll and
	// OnHaveNone; each may come at any time, more than once. Once SetPieces
	// was called, bits has the right length. Spare bits are not looked at.
	OnBitfield(bits []byte) error
	OnHaveAll() error
	OnHaveNone() error

	// OnRequest asks for a block: r.Length is 1 to Config.MaxBlock, and
	// r.Begin+r.Length does not overflow; whether the block lies within the
	// piece is for the handler to check.
	OnRequest(r wire.Request) error
	// OnCancel withdraws a request. The same checks as for OnRequest apply.
	OnCancel(r wire.Request) error
	// OnReject refuses a request of ours. The same checks apply.
	OnReject(r wire.Request) error
	// OnSuggest recommends a piece.
	OnSuggest(index uint32) error
	// OnAllowedFast promises to serve a piece even to a choked peer.
	OnAllowedFast(index uint32) error

	// OnPiece announces a block: the handler answers where its payload goes.
	// dst must have r.Length bytes, or be nil to throw the payload away; it is
	// the Machine's to write to until OnBlock, DropPayload or the end of the
	// connection. r.Length may be 0, which is how some clients without the
	// fast extension refuse a request.
	OnPiece(r wire.Request) (dst []byte, err error)
	// OnBlock says that the payload that OnPiece announced has all arrived, in
	// dst or thrown away. Nothing comes between the two.
	OnBlock(r wire.Request) error

	// OnPort names the UDP port of the peer's DHT node.
	OnPort(port uint16) error
	// OnExtended hands over an extended message; id 0 is the extension
	// handshake. It comes whether or not the peer announced the extension.
	OnExtended(id byte, payload []byte) error
}

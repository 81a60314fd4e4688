package load

import "spate/proto/wire"

// silent takes everything that a target may say, without consequences.
type silent struct{}

// OnHaveNone implements peer.Handler.
func (silent) OnHaveNone() error { return nil }

// OnKeepAlive implements peer.Handler.
func (silent) OnKeepAlive() error { return nil }

// OnChoke implements peer.Handler.
func (silent) OnChoke() error { return nil }

// OnUnchoke implements peer.Handler.
func (silent) OnUnchoke() error { return nil }

// OnInterested implements peer.Handler.
func (silent) OnInterested() error { return nil }

// OnNotInterested implements peer.Handler.
func (silent) OnNotInterested() error { return nil }

// OnRequest implements peer.Handler.
func (silent) OnRequest(wire.Request) error { return nil }

// OnCancel implements peer.Handler.
func (silent) OnCancel(wire.Request) error { return nil }

// OnReject implements peer.Handler.
func (silent) OnReject(wire.Request) error { return nil }

// OnSuggest implements peer.Handler.
func (silent) OnSuggest(uint32) error { return nil }

// OnAllowedFast implements peer.Handler.
func (silent) OnAllowedFast(uint32) error { return nil }

// OnPiece implements peer.Handler.
func (silent) OnPiece(wire.Request) ([]byte, error) { return nil, nil }

// OnBlock implements peer.Handler.
func (silent) OnBlock(wire.Request) error { return nil }

// OnPort implements peer.Handler.
func (silent) OnPort(uint16) error { return nil }

// OnExtended implements peer.Handler.
func (silent) OnExtended(byte, []byte) error { return nil }

// OnHandshake implements peer.Handler.
func (silent) OnHandshake(wire.Handshake) error { return nil }

// OnHave implements peer.Handler.
func (silent) OnHave(uint32) error { return nil }

// OnBitfield implements peer.Handler.
func (silent) OnBitfield([]byte) error { return nil }

// OnHaveAll implements peer.Handler.
func (silent) OnHaveAll() error { return nil }

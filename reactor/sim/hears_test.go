package sim_test

import (
	"errors"

	"spate/proto/bitfield"
	"spate/proto/peer"
	"spate/proto/wire"
)

// What an engine says to an actor is held against the rules here: a line is the
// peer.Handler of its own machine.
var _ peer.Handler = (*line)(nil)

// wrong tells of a rule that the engine broke.
func (l *line) wrong(format string, args ...any) {
	l.a.s.t.Helper()
	l.a.s.t.Errorf("%s, to whom %v speaks: "+format, append([]any{l.a.name, l.c.Remote()}, args...)...)
}

func (l *line) OnHandshake(hs wire.Handshake) error {
	l.met = true
	l.fast = hs.Fast() && !l.a.plain
	l.m.SetFast(l.fast)
	l.m.SetPieces(l.a.s.content.Meta().Info.NumPieces())
	if l.a.shy {
		return nil
	}
	var b []byte
	if l.a.reqq > 0 {
		b = wire.AppendExtHandshake(b, wire.ExtHandshake{V: l.a.name, Reqq: l.a.reqq, P: actorPort})
	}
	n := l.a.s.content.Meta().Info.NumPieces()
	switch all := bitfield.New(n); {
	case l.a.empty && l.fast:
		b = wire.AppendHaveNone(b)
	case l.a.empty:
	case l.fast:
		b = wire.AppendHaveAll(b)
	default:
		all.SetAll()
		b = wire.AppendBitfield(b, all.Bytes())
	}
	l.say(b)
	if l.a.greeted != nil {
		l.a.greeted(l)
	}
	return nil
}

func (l *line) OnKeepAlive() error { return nil }

func (l *line) OnChoke() error {
	l.free = false
	if !l.fast {
		clear(l.wanted)
	}
	return nil
}

func (l *line) OnUnchoke() error       { l.free = true; return nil }
func (l *line) OnInterested() error    { return nil }
func (l *line) OnNotInterested() error { return nil }
func (l *line) OnHaveAll() error       { return l.had(func(int) bool { return true }) }
func (l *line) OnHaveNone() error      { return nil }
func (l *line) OnSuggest(uint32) error { return nil }
func (l *line) OnPort(uint16) error    { return nil }
func (l *line) OnHave(i uint32) error  { return l.had(func(p int) bool { return p == int(i) }) }
func (l *line) OnBitfield(b []byte) error {
	have, err := bitfield.FromWire(b, l.a.s.content.Meta().Info.NumPieces())
	if err != nil {
		return err
	}
	return l.had(have.Has)
}
func (l *line) OnAllowedFast(uint32) error    { return nil }
func (l *line) OnExtended(byte, []byte) error { return nil }
func (l *line) OnCancel(r wire.Request) error { delete(l.asked, r); return nil }
func (l *line) OnReject(r wire.Request) error { delete(l.wanted, r); return nil }

// had holds what the engine says to have against its disk.
func (l *line) had(has func(int) bool) error {
	if l.to == nil || l.to.lossy {
		return nil
	}
	for i := range l.a.s.content.Meta().Info.NumPieces() {
		if has(i) && !l.to.disk.Holds(i) {
			l.wrong("it says to have piece %d, which its disk does not hold", i)
		}
	}
	return nil
}

// OnRequest looks whether the engine may ask for the block.
func (l *line) OnRequest(r wire.Request) error {
	info := l.a.s.content.Meta().Info
	switch {
	case r.Begin%(16<<10) != 0 || int(r.Begin)+int(r.Length) > info.PieceSize(int(r.Index)) || r.Length > 16<<10:
		l.wrong("it asks for %v", r)
	case l.a.empty:
		l.wrong("it asks for %v of one that has nothing", r)
	case l.a.asked == nil || l.choked || l.to == nil || l.to.held: // it may ask again for what was never answered
	case l.asked[r]:
		l.wrong("it asks twice for %v", r)
	case l.a.reqq > 0 && len(l.asked) >= l.a.reqq:
		l.wrong("it has %d requests under way, of %d that may be", len(l.asked)+1, l.a.reqq)
	}
	l.asked[r] = true
	if l.a.asked != nil {
		l.a.asked(l, r)
	}
	return nil
}

// OnPiece takes a block that the engine sends.
func (l *line) OnPiece(r wire.Request) ([]byte, error) {
	if !l.wanted[r] && !l.choked {
		l.wrong("it sends %v, for which nobody asked", r)
	}
	l.block = make([]byte, r.Length)
	return l.block, nil
}

// OnBlock compares a block with the content.
func (l *line) OnBlock(r wire.Request) error {
	delete(l.wanted, r)
	if l.to != nil && l.to.store.Faults.Rotten == 0 && !l.a.s.matches(r, l.block) {
		l.wrong("it serves wrong content of %v", r)
		return errors.New("wrong content")
	}
	return nil
}

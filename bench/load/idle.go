package load

import "spate/proto/wire"

// idle is there, and no more.
type idle struct{ base }

func newIdle(k base) *idle {
	i := &idle{base: k}
	i.out = wire.AppendHandshake(nil, k.shard.g.handshake(k.slot.torrent, false))
	return i
}

func (i *idle) active() bool { return false }

func (i *idle) take(data []byte) error {
	_, err := i.machine.Input(data, i)
	return err
}

func (i *idle) flush() error {
	_, err := i.drain()
	return err
}

// OnHandshake implements peer.Handler.
func (i *idle) OnHandshake(h wire.Handshake) error {
	if err := i.greet(h); err != nil || !i.fast {
		return err
	}
	i.out = wire.AppendHaveNone(i.out)
	return nil
}

package load

import "spate/proto/bitfield"

// following takes everything that a target may say, and keeps what it has.
type following struct {
	silent
	has *bitfield.Bits // pieces of the target
}

func follow(pieces int) following { return following{has: bitfield.New(pieces)} }

// OnHave implements peer.Handler.
func (f *following) OnHave(index uint32) error {
	f.has.Set(int(index))
	return nil
}

// OnBitfield implements peer.Handler. Some clients send a further one in place
// of many haves.
func (f *following) OnBitfield(bits []byte) error {
	has, err := bitfield.FromWire(bits, f.has.Len())
	if err == nil {
		f.has = has
	}
	return err
}

// OnHaveAll implements peer.Handler.
func (f *following) OnHaveAll() error {
	f.has.SetAll()
	return nil
}

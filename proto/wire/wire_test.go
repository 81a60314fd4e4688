package wire

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"
)

func TestAppend(t *testing.T) {
	check := func(got []byte, want string) {
		t.Helper()
		if h := hex.EncodeToString(got); h != want {
			t.Errorf("got %s, want %s", h, want)
		}
	}
	r := Request{Index: 1, Begin: 0x4000, Length: 0x2000}
	check(AppendKeepAlive(nil), "00000000")
	check(AppendChoke(nil), "0000000100")
	check(AppendUnchoke(nil), "0000000101")
	check(AppendInterested(nil), "0000000102")
	check(AppendNotInterested(nil), "0000000103")
	check(AppendHave(nil, 0x01020304), "000000050401020304")
	check(AppendBitfield(nil, []byte{0xf0, 0x80}), "0000000305f080")
	check(AppendRequest(nil, r), "0000000d06000000010000400000002000")
	check(AppendPieceHeader(nil, 1, 0x4000, 0x2000), "00002009070000000100004000")
	check(AppendCancel(nil, r), "0000000d08000000010000400000002000")
	check(AppendPort(nil, 6881), "00000003091ae1")
	check(AppendSuggest(nil, 7), "000000050d00000007")
	check(AppendHaveAll(nil), "000000010e")
	check(AppendHaveNone(nil), "000000010f")
	check(AppendReject(nil, r), "0000000d10000000010000400000002000")
	check(AppendAllowedFast(nil, 7), "000000051100000007")
	check(AppendExtended(nil, 3, []byte("de")), "0000000414036465")
	check(AppendHave([]byte{0xff}, 0), "ff000000050400000000")
}

func TestAppendDoesNotAllocate(t *testing.T) {
	b := make([]byte, 0, 64)
	n := testing.AllocsPerRun(100, func() {
		b = AppendRequest(b[:0], Request{Index: 1, Begin: 2, Length: 3})
		b = AppendPieceHeader(b, 1, 2, 3)
		b = AppendHave(b, 1)
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestCheckLength(t *testing.T) {
	check := func(id ID, length uint32, want string) {
		t.Helper()
		got := ""
		if err := CheckLength(id, length); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%v of %d: %q, want %q", id, length, got, want)
		}
	}
	check(MsgChoke, 1, "")
	check(MsgChoke, 2, "choke of 2 bytes, must be 1")
	check(MsgHave, 4, "have of 4 bytes, must be 5")
	check(MsgHave, 5, "")
	check(MsgBitfield, 1, "")
	check(MsgBitfield, math.MaxUint32, "")
	check(MsgRequest, 12, "request of 12 bytes, must be 13")
	check(MsgRequest, 13, "")
	check(MsgRequest, 14, "request of 14 bytes, must be 13")
	check(MsgPiece, 8, "piece of 8 bytes, must be at least 9")
	check(MsgPiece, 9, "")
	check(MsgCancel, 1, "cancel of 1 bytes, must be 13")
	check(MsgPort, 5, "port of 5 bytes, must be 3")
	check(MsgSuggest, 1, "suggest of 1 bytes, must be 5")
	check(MsgHaveAll, 2, "have all of 2 bytes, must be 1")
	check(MsgHaveNone, 9, "have none of 9 bytes, must be 1")
	check(MsgReject, 5, "reject of 5 bytes, must be 13")
	check(MsgAllowedFast, 13, "allowed fast of 13 bytes, must be 5")
	check(MsgExtended, 1, "extended of 1 bytes, must be at least 2")
	check(21, 1, "")
}

func TestLengthErrorAbove(t *testing.T) {
	err := &LengthError{ID: MsgPiece, Got: 20, Min: 9, Max: 10}
	if got, want := err.Error(), "piece of 20 bytes, must be at most 10"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestID(t *testing.T) {
	check := func(id ID, name string, known, fast bool, head int) {
		t.Helper()
		if id.String() != name || id.Known() != known || id.Fast() != fast || id.HeadLen() != head {
			t.Errorf("%d: %q known %v fast %v head %d", byte(id), id, id.Known(), id.Fast(), id.HeadLen())
		}
	}
	check(MsgChoke, "choke", true, false, 5)
	check(MsgNotInterested, "not interested", true, false, 5)
	check(MsgHave, "have", true, false, 9)
	check(MsgBitfield, "bitfield", true, false, 5)
	check(MsgPiece, "piece", true, false, PieceHeaderLen)
	check(MsgPort, "port", true, false, 7)
	check(10, "message 10", false, false, PrefixLen)
	check(12, "message 12", false, false, PrefixLen)
	check(MsgSuggest, "suggest", true, true, 9)
	check(MsgReject, "reject", true, true, RequestLen)
	check(MsgAllowedFast, "allowed fast", true, true, 9)
	check(18, "message 18", false, false, PrefixLen)
	check(MsgExtended, "extended", true, false, 6)
	check(255, "message 255", false, false, PrefixLen)
	for id := range 256 {
		if n := ID(id).HeadLen(); n < PrefixLen || n > RequestLen {
			t.Errorf("%v: head of %d bytes", ID(id), n)
		}
	}
}

// FuzzDecode holds every fixed decoder against its encoder: what any bytes
// decode to encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x40\x00\x00\x00\x20\x00"))
	f.Add([]byte("\x1a\xe1"))
	f.Add([]byte("\x00\x00\x01\x02"))
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x40\x00block"))
	f.Fuzz(func(t *testing.T, p []byte) {
		check := func(id ID, message []byte, payload []byte) {
			if err := CheckLength(id, uint32(len(payload)+1)); err != nil {
				t.Fatal(err)
			}
			if ID(message[4]) != id || !bytes.Equal(message[PrefixLen:], payload) {
				t.Fatalf("%v: %x, want payload %x", id, message, payload)
			}
		}
		switch {
		case len(p) == 2:
			check(MsgPort, AppendPort(nil, DecodePort(p)), p)
		case len(p) == 4:
			check(MsgHave, AppendHave(nil, DecodeIndex(p)), p)
			check(MsgSuggest, AppendSuggest(nil, DecodeIndex(p)), p)
			check(MsgAllowedFast, AppendAllowedFast(nil, DecodeIndex(p)), p)
		case len(p) == 12:
			check(MsgRequest, AppendRequest(nil, DecodeRequest(p)), p)
			check(MsgCancel, AppendCancel(nil, DecodeRequest(p)), p)
			check(MsgReject, AppendReject(nil, DecodeRequest(p)), p)
		case len(p) >= 8:
			r := DecodePiece(p, uint32(len(p)+1))
			m := AppendPieceHeader(nil, r.Index, r.Begin, r.Length)
			check(MsgPiece, append(m, p[8:]...), p)
		}
	})
}

func BenchmarkAppendRequest(b *testing.B) {
	buf := make([]byte, 0, 1<<12)
	b.SetBytes(RequestLen)
	for i := range b.N {
		if cap(buf)-len(buf) < RequestLen {
			buf = buf[:0]
		}
		buf = AppendRequest(buf, Request{Index: uint32(i), Length: 1 << 14})
	}
}

package wire

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

// payload strips the prefix, id and extended id of a message.
func payload(message []byte) []byte { return message[6:] }

func TestAppendExtHandshake(t *testing.T) {
	check := func(h ExtHandshake, want string) {
		t.Helper()
		m := AppendExtHandshake(nil, h)
		if m[4] != byte(MsgExtended) || m[5] != ExtHandshakeID {
			t.Errorf("message %d, extended id %d", m[4], m[5])
		}
		if got := string(payload(m)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check(ExtHandshake{}, "d1:mdee")
	check(ExtHandshake{
		UTMetadata: 3, UTPEX: 1, V: "spate 1", Reqq: 500, P: 6881, MetadataSize: 31235,
		YourIP: netip.MustParseAddr("::ffff:1.2.3.4"), UploadOnly: true,
	}, "d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei31235e1:pi6881e4:reqqi500e"+
		"11:upload_onlyi1e1:v7:spate 16:yourip4:\x01\x02\x03\x04e")
}

func TestParseExtHandshake(t *testing.T) {
	check := func(in string, want ExtHandshake) {
		t.Helper()
		got, err := ParseExtHandshake([]byte(in))
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	check("de", ExtHandshake{})
	// What libtorrent sends, with keys that are not read.
	check("d12:complete_agoi1e1:md11:lt_donthavei7e11:ut_metadatai2e6:ut_pexi1ee1:pi6881e"+
		"4:reqqi500e1:v18:libtorrent/2.0.8.06:yourip4:\x7f\x00\x00\x01e",
		ExtHandshake{UTMetadata: 2, UTPEX: 1, P: 6881, Reqq: 500, V: "libtorrent/2.0.8.0",
			YourIP: netip.MustParseAddr("127.0.0.1")})
	check("d6:yourip16:\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01e",
		ExtHandshake{YourIP: netip.MustParseAddr("2001:db8::1")})
	check("d11:upload_onlyi0ee", ExtHandshake{})
	// Values of the wrong type or out of range do not cost the others.
	check("d1:mi1e1:pi6881ee", ExtHandshake{P: 6881})
	check("d1:md11:ut_metadata1:26:ut_pexi1eee", ExtHandshake{UTPEX: 1})
	check("d1:md6:ut_pexi256eee", ExtHandshake{})
	check("d1:pi65535ee", ExtHandshake{P: 65535})
	check("d1:pi65536ee", ExtHandshake{})
	check("d1:pi0ee", ExtHandshake{})
	check("d4:reqqi-1ee", ExtHandshake{})
	check("d4:reqqi2147483647ee", ExtHandshake{Reqq: 2147483647})
	check("d4:reqqi2147483648ee", ExtHandshake{})
	check("d13:metadata_sizei-5ee", ExtHandshake{})
	check("d6:yourip3:abc1:vi5ee", ExtHandshake{})
	check("d1:v6:a\x1b[\xffb\ne", ExtHandshake{V: "a[b"})
	long := strings.Repeat("x", MaxClientName)
	check("d1:v64:"+long+"e", ExtHandshake{V: long})
	check("d1:v65:"+long+"ye", ExtHandshake{V: long})
}

func TestParseExtHandshakeErrors(t *testing.T) {
	check := func(in string) {
		t.Helper()
		if h, err := ParseExtHandshake([]byte(in)); err == nil || h != (ExtHandshake{}) {
			t.Errorf("%q: %+v, %v", in, h, err)
		}
	}
	check("")
	check("d1:pi5e")
	check("d1:pi5eee")
	check("i5e")
	check(strings.Repeat("l", 1000))
}

func TestUpdate(t *testing.T) {
	h := ExtHandshake{UTMetadata: 2, UTPEX: 1, P: 6881, UploadOnly: true}
	check := func(in string, want ExtHandshake) {
		t.Helper()
		if err := h.Update([]byte(in)); err != nil || h != want {
			t.Errorf("%q: %+v, %v", in, h, err)
		}
	}
	check("d1:md6:ut_pexi0eee", ExtHandshake{UTMetadata: 2, P: 6881, UploadOnly: true})
	check("d1:md6:ut_pexi9ee11:upload_onlyi0ee", ExtHandshake{UTMetadata: 2, UTPEX: 9, P: 6881})
	before := h
	if err := h.Update([]byte("d1:pi1e")); err == nil || h != before {
		t.Errorf("after an error: %+v, %v", h, err)
	}
}

func FuzzParseExtHandshake(f *testing.F) {
	f.Add([]byte("d1:md11:ut_metadatai2e6:ut_pexi1ee1:pi6881e4:reqqi500e1:v3:abc6:yourip4:\x7f\x00\x00\x01e"))
	f.Add([]byte("d13:metadata_sizei31235e11:upload_onlyi1ee"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseExtHandshake(b)
		if err != nil {
			return
		}
		if len(h.V) > MaxClientName || !utf8.ValidString(h.V) {
			t.Fatalf("client name %q", h.V)
		}
		back, err := ParseExtHandshake(payload(AppendExtHandshake(nil, h)))
		if err != nil || back != h {
			t.Fatalf("%+v came back as %+v, %v", h, back, err)
		}
	})
}

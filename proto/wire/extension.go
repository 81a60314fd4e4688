package wire

import (
	"math"
	"net/netip"
	"strings"
	"unicode"

	"spate/proto/bencode"
)

// ExtHandshakeID is the id of the extension handshake among extended messages
// (BEP 10); all others have the id that the receiver assigned.
const ExtHandshakeID = 0

// MaxClientName is how many bytes of a client's name are kept: it is shown and
// logged, and those in use take 10 to 30.
const MaxClientName = 64

// ExtHandshake is the extension handshake (BEP 10). A field that is zero was
// not sent, and is not sent.
type ExtHandshake struct {
	// UTMetadata and UTPEX are the ids under which the sender takes ut_metadata
	// (BEP 9) and ut_pex (BEP 11) messages; 0 means that it takes none.
	UTMetadata, UTPEX byte
	// V is the client's name and version, without unprintable characters.
	V string
	// Reqq is how many requests the sender queues without dropping any.
	Reqq int
	// YourIP is the receiver's address as the sender sees it, unmapped.
	YourIP netip.Addr
	// P is the TCP port on which the sender listens.
	P uint16
	// MetadataSize is the length of the info dictionary in bytes (BEP 9), at
	// least 0 and otherwise as claimed.
	MetadataSize int64
	// UploadOnly says that the sender wants nothing more (BEP 21).
	UploadOnly bool
}

// The names of extensions in the m dictionary.
const (
	nameMetadata = "ut_metadata"
	namePEX      = "ut_pex"
)

// extOut is the dictionary as it is written.
type extOut struct {
	M            map[string]int64 `bencode:"m"`
	MetadataSize int64            `bencode:"metadata_size,omitempty"`
	P            int64            `bencode:"p,omitempty"`
	Reqq         int64            `bencode:"reqq,omitempty"`
	UploadOnly   int64            `bencode:"upload_only,omitempty"`
	V            string           `bencode:"v,omitempty"`
	YourIP       string           `bencode:"yourip,omitempty"`
}

// extIn is the dictionary as it is read: of any type, so that one bad value
// does not cost the others.
type extIn struct {
	M            any `bencode:"m"`
	MetadataSize any `bencode:"metadata_size"`
	P            any `bencode:"p"`
	Reqq         any `bencode:"reqq"`
	UploadOnly   any `bencode:"upload_only"`
	V            any `bencode:"v"`
	YourIP       any `bencode:"yourip"`
}

// AppendExtHandshake appends the whole message that carries h.
func AppendExtHandshake(b []byte, h ExtHandshake) []byte {
	out := extOut{
		M:            make(map[string]int64, 2),
		MetadataSize: h.MetadataSize,
		P:            int64(h.P),
		Reqq:         int64(h.Reqq),
		V:            h.V,
	}
	if h.UTMetadata != 0 {
		out.M[nameMetadata] = int64(h.UTMetadata)
	}
	if h.UTPEX != 0 {
		out.M[namePEX] = int64(h.UTPEX)
	}
	if h.UploadOnly {
		out.UploadOnly = 1
	}
	if h.YourIP.IsValid() {
		out.YourIP = string(h.YourIP.Unmap().AsSlice())
	}
	payload, err := bencode.Marshal(out)
	if err != nil {
		panic("wire: extension handshake: " + err.Error())
	}
	return AppendExtended(b, ExtHandshakeID, payload)
}

// ParseExtHandshake reads the payload of an extension handshake: what follows
// the extended message's own id. Errors are those of bencode.Unmarshal; values
// of the wrong type or out of range count as not sent.
func ParseExtHandshake(payload []byte) (ExtHandshake, error) {
	var h ExtHandshake
	err := h.Update(payload)
	return h, err
}

// Update applies a further extension handshake: what it does not mention stays,
// and an extension with id 0 is turned off (BEP 10). On an error, which is that
// of ParseExtHandshake, h is unchanged.
func (h *ExtHandshake) Update(payload []byte) error {
	var in extIn
	if err := bencode.Unmarshal(payload, &in, bencode.ForExtension()); err != nil {
		return err
	}
	if m, ok := in.M.(map[string]any); ok {
		setInt(&h.UTMetadata, m[nameMetadata], 0, math.MaxUint8)
		setInt(&h.UTPEX, m[namePEX], 0, math.MaxUint8)
	}
	setInt(&h.MetadataSize, in.MetadataSize, 0, math.MaxInt64)
	setInt(&h.P, in.P, 1, math.MaxUint16)
	setInt(&h.Reqq, in.Reqq, 1, math.MaxInt32)
	if v, ok := in.UploadOnly.(int64); ok {
		h.UploadOnly = v != 0
	}
	if v, ok := in.V.(string); ok {
		h.V = clientName(v)
	}
	if v, ok := in.YourIP.(string); ok {
		if a, ok := netip.AddrFromSlice([]byte(v)); ok {
			h.YourIP = a.Unmap()
		}
	}
	return nil
}

// setInt stores v when it is an integer from lo to hi, which T can hold.
func setInt[T byte | uint16 | int | int64](to *T, v any, lo, hi int64) {
	if n, ok := v.(int64); ok && n >= lo && n <= hi {
		*to = T(n)
	}
}

// clientName makes a peer's claim about its client fit to be shown: at most
// MaxClientName bytes of printable UTF-8.
func clientName(s string) string {
	s = s[:min(len(s), MaxClientName)]
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

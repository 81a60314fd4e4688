// Package events writes what happens as JSON, one object a line: the contract
// between `spate get --json`, `spate seed --json` and the scripts that read
// them. Each line has "time" (RFC 3339 with nanoseconds, UTC), "event", and
// "info_hash" where it concerns a torrent; then the fields of its kind, in the
// order of the types below. What is not visible is written as \uXXXX, also where
// JSON would let it through.
//
// A Writer is used by one goroutine. Once a write has failed it stays silent,
// and Err tells why: a reader that went away is for the caller to act on.
package events

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"spate/cmd/internal/safetext"
	"spate/proto/metainfo"
)

// Event is one kind of line; its fields are the line's further fields.
type Event interface{ kind() string }

// Listening says where peers can connect.
type Listening struct {
	Addr string `json:"addr"`
}

// Added says that the engine has a torrent.
type Added struct {
	Name        string `json:"name"`
	Length      int64  `json:"length"` // bytes
	Pieces      int    `json:"pieces"`
	PieceLength int64  `json:"piece_length"` // bytes
}

// Checked says what of a torrent was there at the start.
type Checked struct {
	Have   int `json:"have"` // pieces
	Pieces int `json:"pieces"`
}

// Progress comes each second for every torrent. Of more than 1,000, those of
// folders have it only while they have peers, and for a while afterwards.
type Progress struct {
	Done       int64   `json:"done"`       // verified bytes
	Length     int64   `json:"length"`     // bytes that are wanted
	DownRate   float64 `json:"down_rate"`  // bytes per second
	UpRate     float64 `json:"up_rate"`    // bytes per second
	Downloaded int64   `json:"downloaded"` // bytes of content since the start
	Uploaded   int64   `json:"uploaded"`   // bytes of content since the start
	Peers      int     `json:"peers"`
}

// Complete says that all that is wanted is there and verified.
type Complete struct {
	Seconds    float64 `json:"seconds"`    // since Added
	Downloaded int64   `json:"downloaded"` // bytes of content since the start
}

// Tracker is the outcome of one announce: a number of peers or an error.
type Tracker struct {
	URL   string `json:"url"`
	Peers *int   `json:"peers,omitempty"`
	Error string `json:"error,omitempty"`
}

// Error is what went wrong, in one line.
type Error struct {
	Message string `json:"message"`
}

// Stopped ends a torrent.
type Stopped struct {
	Downloaded int64 `json:"downloaded"` // bytes of content since the start
	Uploaded   int64 `json:"uploaded"`   // bytes of content since the start
}

func (Listening) kind() string { return "listening" }
func (Added) kind() string     { return "added" }
func (Checked) kind() string   { return "checked" }
func (Progress) kind() string  { return "progress" }
func (Complete) kind() string  { return "complete" }
func (Tracker) kind() string   { return "tracker" }
func (Error) kind() string     { return "error" }
func (Stopped) kind() string   { return "stopped" }

// Writer writes events to w, each line with one Write.
type Writer struct {
	w   io.Writer
	err error
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: safetext.NewWriter(w)} }

// Err is why the Writer fell silent, nil while it works.
func (w *Writer) Err() error { return w.err }

// head is what every line begins with.
type head struct {
	Time     string `json:"time"`
	Event    string `json:"event"`
	InfoHash string `json:"info_hash,omitempty"`
}

// Write writes one event. The zero hash stands for none.
func (w *Writer) Write(at time.Time, hash metainfo.Hash, e Event) {
	if w.err != nil {
		return
	}
	h := head{Time: at.UTC().Format(time.RFC3339Nano), Event: e.kind()}
	if hash != (metainfo.Hash{}) {
		h.InfoHash = hex.EncodeToString(hash[:])
	}
	line := encode(nil, h)
	line[len(line)-1] = ','
	_, w.err = w.w.Write(append(encode(line, e), '\n'))
}

// encode appends v as JSON: first as a whole, after that without its opening
// brace, so that two objects become one.
func encode(to []byte, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // structs of strings and finite numbers always encode
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(to) > 0 {
		text = text[1:]
	}
	return append(to, text...)
}

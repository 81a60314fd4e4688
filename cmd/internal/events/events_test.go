package events

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"spate/proto/metainfo"
)

func TestWrite(t *testing.T) {
	at := time.Date(2025, 3, 1, 12, 30, 0, 5e8, time.FixedZone("", 3600))
	hash := metainfo.Hash{0x2b, 19: 0x09}
	check := func(h metainfo.Hash, e Event, want string) {
		t.Helper()
		var b strings.Builder
		w := NewWriter(&b)
		w.Write(at, h, e)
		if b.String() != want+"\n" || w.Err() != nil {
			t.Errorf("got  %swant %s\nerror %v", b.String(), want, w.Err())
		}
	}
	three := 3
	const front = `{"time":"2025-03-01T11:30:00.5Z","event":"`
	const of = `","info_hash":"2b00000000000000000000000000000000000009",`
	check(metainfo.Hash{}, Listening{Addr: "[::]:6881"}, front+`listening","addr":"[::]:6881"}`)
	check(hash, Added{Name: "a <b> \"ü\"\n", Length: 9, Pieces: 3, PieceLength: 4}, front+`added`+of+`"name":"a <b> \"ü\"\n","length":9,"pieces":3,"piece_length":4}`)
	check(hash, Checked{Have: 0, Pieces: 3}, front+`checked`+of+`"have":0,"pieces":3}`)
	check(hash, Progress{Done: 1, Length: 9, DownRate: 2.5}, front+`progress`+of+`"done":1,"length":9,"down_rate":2.5,"up_rate":0,"downloaded":0,"uploaded":0,"peers":0}`)
	check(hash, Complete{Seconds: 1.25, Downloaded: 9}, front+`complete`+of+`"seconds":1.25,"downloaded":9}`)
	check(hash, Tracker{URL: "http://t/a", Peers: &three}, front+`tracker`+of+`"url":"http://t/a","peers":3}`)
	check(hash, Tracker{URL: "http://t/a", Peers: new(int)}, front+`tracker`+of+`"url":"http://t/a","peers":0}`)
	check(hash, Tracker{URL: "http://t/a", Error: "refused"}, front+`tracker`+of+`"url":"http://t/a","error":"refused"}`)
	check(hash, Error{Message: "disk full"}, front+`error`+of+`"message":"disk full"}`)
	check(hash, Stopped{Downloaded: 9, Uploaded: 2}, front+`stopped`+of+`"downloaded":9,"uploaded":2}`)
}

type closedPipe struct{ writes int }

func (p *closedPipe) Write([]byte) (int, error) {
	p.writes++
	return 0, errClosed
}

var errClosed = errors.New("closed")

func TestSilentAfterError(t *testing.T) {
	p := &closedPipe{}
	w := NewWriter(p)
	w.Write(time.Time{}, metainfo.Hash{}, Error{})
	w.Write(time.Time{}, metainfo.Hash{}, Error{})
	if p.writes != 1 || w.Err() != errClosed {
		t.Errorf("%d writes, %v", p.writes, w.Err())
	}
}

// TestEventsAreVisible: a line holds nothing that a terminal obeys, and means
// the same to who reads it as JSON.
func TestEventsAreVisible(t *testing.T) {
	const hostile = "a\nb\r\x1b[2J\u202e\u2028\x7f\u009b"
	var b strings.Builder
	NewWriter(&b).Write(time.Unix(0, 0), metainfo.Hash{1}, Added{Name: hostile})
	line, ended := strings.CutSuffix(b.String(), "\n")
	if !ended || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q", b.String())
	}
	var got Added
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.Name != hostile {
		t.Errorf("%q, %v", got.Name, err)
	}
}

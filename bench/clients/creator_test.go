package clients

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/proto/metainfo"
)

// making is 1 MiB and a bit of content, and where its torrent goes.
func making(t *testing.T) Making {
	t.Helper()
	dir := t.TempDir()
	m := Making{
		Content: filepath.Join(dir, "content.bin"), Output: filepath.Join(dir, "out.torrent"),
		PieceLength: 64 << 10, Scratch: dir,
	}
	if err := os.WriteFile(m.Content, []byte(strings.Repeat("abcdefg", 150_001)), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// All that make torrents make the same one, apart from what they add to it.
func TestCreators(t *testing.T) {
	if testing.Short() {
		t.Skip("builds spate")
	}
	program := filepath.Join(t.TempDir(), "spate")
	if out, err := exec.Command("go", "build", "-o", program, "spate/cmd/spate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var first *metainfo.Torrent
	for _, c := range Creators(program) {
		t.Run(c.Name(), func(t *testing.T) {
			if err := c.Available(); err != nil {
				t.Skip(err)
			}
			m := making(t)
			cost, err := c.Create(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if cost.Took <= 0 || cost.User+cost.System <= 0 {
				t.Errorf("cost %+v", cost)
			}
			if c.Name() == OpenSSL {
				return
			}
			bytes, err := os.ReadFile(m.Output)
			if err != nil {
				t.Fatal(err)
			}
			made, err := metainfo.Parse(bytes)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = made
			}
			if made.Info.PieceLength != m.PieceLength || made.Info.NumPieces() != first.Info.NumPieces() {
				t.Fatalf("%d pieces of %d bytes", made.Info.NumPieces(), made.Info.PieceLength)
			}
			for i := range made.Info.NumPieces() {
				if made.Info.PieceHash(i) != first.Info.PieceHash(i) {
					t.Errorf("piece %d has another hash", i)
				}
			}
		})
	}
}

func TestCreatorsAreToldApart(t *testing.T) { toldApart(t, Creators("/nowhere/spate")) }

// script is a creator that is a shell script.
func script(text string) Creator {
	return creator{
		name: "script", program: func() (string, error) { return "sh", nil },
		args: func(m Making) []string { return []string{"-c", text, "sh", m.Output} },
	}
}

func TestCreateFails(t *testing.T) {
	check := func(text string, change func(*Making), want error, says string) {
		t.Helper()
		m := making(t)
		change(&m)
		_, err := script(text).Create(t.Context(), m)
		if err == nil || want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", text, err)
		}
	}
	same := func(*Making) {}
	check("echo one; echo 'no room' >&2; exit 3", same, nil, `exit status 3 (it said "no room")`)
	check("true", same, ErrNothingMade, "")
	check(": >$1", same, ErrNothingMade, "")
	check("true", func(m *Making) { m.PieceLength = MinPieceLength / 2 }, ErrPieceLength, "16384")
	check("true", func(m *Making) { m.PieceLength = 3 << 20 }, ErrPieceLength, "")
	check("true", func(m *Making) { m.Within = []string{"false"} }, nil, "exit status 1")
}

func TestCreateWithin(t *testing.T) {
	m := making(t)
	m.Within = []string{"env", "WORD=within"}
	if _, err := script(`echo $WORD >$1`).Create(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(m.Output); string(text) != "within\n" {
		t.Errorf("made %q", text)
	}
}

func TestCreateEndsWithItsContext(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, reason)
	defer cancel()
	if _, err := script("sleep 1000 & wait").Create(ctx, making(t)); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}

package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestKills: a download is killed three times at random moments. What it has by
// then is neither wrong, nor served wrongly, nor fetched again.
func TestKills(t *testing.T) {
	const size, kills, most = 48 << 20, 3, 0.05
	l := parallel(t)
	chance := rand.New(rand.NewPCG(rand.Uint64(), 0))
	tor := l.single(size, 128<<10)
	data, state := l.path("got"), l.path("state")
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	args := []string{"get", tor.path, "-d", data, "--state", state, "--no-trackers", "--peer", seed.ready(), "--down-limit", "16MiB", "--up-limit", "4MiB"}
	for i := range kills {
		get := l.spate(args...)
		had := get.on("checked").Have
		w := l.watch(tor, get.ready())
		// Somewhere in the next quarter, and at any moment within a piece.
		quarter := tor.meta.Info.NumPieces() / (kills + 1)
		want := int64(i*quarter + quarter/2 + chance.IntN(quarter/2))
		l.until("the piece to be killed at", func() error {
			if n := w.have.Load(); n < want {
				return fmt.Errorf("%d pieces of %d", n, want)
			}
			return nil
		})
		time.Sleep(time.Duration(chance.Int64N(int64(20 * time.Millisecond))))
		get.kill()
		<-w.ended
		l.Logf("killed at %d pieces, of which %d were there before; %d blocks served and right; %d pieces' worth right on disk",
			w.have.Load(), had, w.served.Load(), tor.partial(data)/tor.meta.Info.PieceLength)

		// What is not whole is not served as if it were.
		said := l.run(1, "seed", tor.path, "-d", data, "--state", state, "--no-trackers").said()
		if !strings.Contains(said, "content is not complete") {
			l.Errorf("seed said %q", said)
		}
		l.run(4, "check", tor.path, "-d", data, "--quiet")
	}
	l.run(0, args...)
	tor.same(data)
	l.run(0, "check", tor.path, "-d", data, "--quiet")
	again := float64(seed.stop().Uploaded-size) / size
	l.Logf("%.2f %% of the content was fetched again over %d kills", again*100, kills)
	if again >= most {
		l.Errorf("%.2f %% was fetched again, want less than %.0f %%", again*100, most*100)
	}
}

package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestLiarsAreBanned: of peers that share each piece, at addresses of their own,
// exactly those that sent a wrong block are banned, by address; the honest ones
// are not, and the download completes with them.
func TestLiarsAreBanned(t *testing.T) {
	const rate, pace = "2MiB", time.Second / (2 << 20 / blockLen) // alike, so that pieces are shared
	check := func(name string, size int, piece int64, honest int, oneIn ...int) {
		t.Run(name, func(t *testing.T) {
			l := parallel(t)
			tor := l.single(size, piece)
			args := []string{"get", tor.path, "-d", l.path("got"), "--no-trackers", "--seed", "--metrics", "127.0.0.1:0"}
			var liars []*liar
			for i, n := range oneIn {
				liars = append(liars, l.lie(fmt.Sprintf("127.0.4.%d:0", i+1), tor, n, pace))
				args = append(args, "--peer", liars[i].addr)
			}
			for i := range honest {
				seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", rate,
					"--listen", fmt.Sprintf("127.0.5.%d:0", i+1))
				args = append(args, "--peer", seed.ready())
			}
			get := l.spate(args...)
			get.on("complete")
			tor.same(l.path("got"))
			lied := int64(0)
			for i, liar := range liars {
				gave := <-liar.ended
				l.Logf("the liar of 1 in %d blocks gave %d, %d of them wrong", oneIn[i], gave.blocks, gave.wrong)
				if gave.wrong > 0 {
					lied++
				}
			}
			figures := get.figures()
			banned, closed := figures.read("spate_banned_addresses_total"), figures.closed("peer sent bad data")
			l.Logf("%d pieces failed; %d addresses are banned", figures.read("spate_hash_fails_total"), banned)
			if lied == 0 || banned != lied || closed != lied {
				l.Errorf("%d lied, %d addresses were banned, %d connections closed for it", lied, banned, closed)
			}
			for i, liar := range liars {
				if again := len(liar.ended); again > 0 {
					l.Errorf("liar %d was dialed %d times more", i, again)
				}
			}
		})
	}
	check("a seed and two that share each piece", 4<<20, 256<<10, 1, 8, 8)
	check("two seeds and one that lies about everything", 4<<20, 256<<10, 2, 1)
	check("a seed and one that lies once about the only piece", 2<<20, 2<<20, 1, 1<<30)
	check("two seeds and two that lie once about the only piece", 2<<20, 2<<20, 2, 1<<30, 1<<30)
}

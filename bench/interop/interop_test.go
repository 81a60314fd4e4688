package interop

import (
	"testing"

	"spate/bench/clients"
)

// TestGet downloads from a foreign client that is the only seeder. One that
// announces before it has verified its content calls itself a downloader.
func TestGet(t *testing.T) {
	each(t, func(l *lab, c clients.Client) {
		l.start(c, clients.Seed)
		l.announced("the seeder announces itself", func(s swarm) bool { return s.Seeds+s.Downloaders == 1 })
		l.run("get", l.torrent, "--data", l.empty, "--listen", "127.0.0.1:0",
			"--state", l.folder("state"), "--timeout", "30s", "--log-level", "info", "-q")
		if err := l.same(false); err != nil {
			t.Fatal(err)
		}
		l.run("check", l.torrent, "--data", l.empty)
	})
}

// TestSeedDials serves a foreign client that has nothing. It is there first, so
// that the seeder must dial it: some clients never dial an address of this
// machine.
func TestSeedDials(t *testing.T) {
	each(t, func(l *lab, c clients.Client) {
		l.start(c, clients.Get)
		l.announced("the leecher announces itself", func(s swarm) bool { return s.Downloaders == 1 })
		l.seed()
		l.leecherCompletes(c)
	})
}

// TestSeedAccepts serves a foreign client that comes second, so that it must
// dial the seeder. Most try an encrypted handshake first.
func TestSeedAccepts(t *testing.T) {
	each(t, func(l *lab, c clients.Client) {
		if c.Traits().NeverDialsLoopback {
			l.Skipf("%s never dials an address of this machine", c.Name())
		}
		l.seed()
		l.announced("the seeder announces itself", func(s swarm) bool { return s.Seeds == 1 })
		l.start(c, clients.Get)
		l.leecherCompletes(c)
	})
}

// TestSeedLimited serves at a steady, high rate: some clients then have many
// thousands of requests under way, more than any seeder announces to keep, and
// wait for ever for one that is forgotten.
func TestSeedLimited(t *testing.T) {
	large := content{"large", "large.bin", []file{{"large.bin", 384 << 20}}}
	exchange(t, []content{large}, func(l *lab, c clients.Client) {
		if c.Traits().Slow {
			l.Skipf("%s takes too long", c.Name())
		}
		l.start(c, clients.Get)
		l.announced("the leecher announces itself", func(s swarm) bool { return s.Downloaders == 1 })
		l.seed("--up-limit", "64MiB")
		l.leecherCompletes(c)
	})
}

// seed runs a seeder of spate until the end of the test.
func (l *lab) seed(flags ...string) {
	l.background(append([]string{"seed", l.torrent, "--data", l.data, "--listen", "127.0.0.1:0",
		"--state", l.folder("state"), "--log-level", "info", "-q"}, flags...)...)
}

func (l *lab) leecherCompletes(c clients.Client) {
	l.Helper()
	if !c.Traits().SilentEnd {
		l.announced("the leecher announces that it is complete", func(s swarm) bool {
			return s.Announces.Completed == 1
		})
	}
	l.until("all content is there", func() error { return l.same(c.Traits().NoEmptyFiles) })
}

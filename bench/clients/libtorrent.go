package clients

// libtorrent is libtorrent-rasterbar with its defaults, in a program of a few
// lines (bench/rivals/libtorrent), which says what is lifted and why. It is two
// clients, since the library has two ways to the disk: mapped files, which is
// what it does by default, and plain reads and writes in one thread.
type libtorrent struct {
	name string
	disk string // "default" or "posix"
}

// libtorrents is the library as each of its disk back ends.
func libtorrents() []Client {
	return []Client{libtorrent{"libtorrent", "default"}, libtorrent{"libtorrent-posix", "posix"}}
}

func (l libtorrent) Name() string { return l.name }

func (libtorrent) Available() error {
	_, err := built("libtorrent")
	return err
}

func (libtorrent) Version() (string, error) { return rivalVersion("libtorrent") }

// Traits: how it gets at content makes no difference to many torrents, of which
// 100,000 take two minutes a time, so that one of the two will do.
func (l libtorrent) Traits() Traits {
	t := Traits{MaxConns: fewConns}
	if l.disk == "posix" {
		t.MaxTorrents = manyTorrents
	}
	return t
}

func (l libtorrent) Start(t Task) (*Process, error) {
	return launchRival(t, "libtorrent", "--disk", l.disk)
}

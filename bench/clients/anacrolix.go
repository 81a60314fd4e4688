package clients

// anacrolix is anacrolix/torrent, a Go library, in a program of a few lines
// (bench/rivals/anacrolix), which says what is lifted and why.
type anacrolix struct{}

func (anacrolix) Name() string { return "anacrolix" }

func (anacrolix) Available() error {
	_, err := built("anacrolix")
	return err
}

func (anacrolix) Version() (string, error) { return rivalVersion("anacrolix") }

func (anacrolix) Traits() Traits {
	return Traits{SilentEnd: true, MaxConns: fewConns, MaxTorrents: manyTorrents}
}

func (anacrolix) Start(t Task) (*Process, error) { return launchRival(t, "anacrolix") }

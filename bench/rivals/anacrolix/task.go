package main

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"strings"
)

// task is what the program is started for. All paths are absolute.
type task struct {
	torrents []string
	// data is the folder that content lies in or goes to.
	data string
	// state is an existing folder for what is kept from one start to the next.
	state  string
	listen netip.AddrPort
}

var errUsage = errors.New("usage: version | session --listen ADDR:PORT --data DIR --state DIR --torrents LIST")

// parse reads the arguments that follow "session". The torrents are the lines
// of a file, since ten thousand paths are more than an argument may be long.
func parse(args []string) (t task, err error) {
	fs := flag.NewFlagSet("session", flag.ContinueOnError)
	fs.TextVar(&t.listen, "listen", netip.AddrPort{}, "where peers are accepted")
	fs.StringVar(&t.data, "data", "", "folder of the content")
	fs.StringVar(&t.state, "state", "", "folder for what is kept")
	list := fs.String("torrents", "", "file with the path of a .torrent file a line")
	if err := fs.Parse(args); err != nil {
		return t, err
	}
	if !t.listen.IsValid() || t.data == "" || t.state == "" || *list == "" || fs.NArg() > 0 {
		return t, errUsage
	}
	text, err := os.ReadFile(*list)
	t.torrents = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	return t, err
}

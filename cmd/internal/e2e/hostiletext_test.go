package e2e

import (
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// hostileText is what a terminal would obey, and passKey what nobody is to read
// over somebody's shoulder.
const (
	hostileText = "a\n\r\x1b[2J\x1b]0;b\x07\u202egpj\u2066\u2028\u009b31m\x7f\xff"
	passKey     = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

// bytestring writes a string as bencode has it.
func bytestring(s string) string { return fmt.Sprintf("%d:%s", len(s), s) }

// named makes a torrent of one file by hand, with a name that no Builder takes.
func (l *lab) named(name, comment string, announce ...string) *torrent {
	l.Helper()
	data := noise(100000)
	sum := sha1.Sum(data)
	var tiers strings.Builder
	for _, url := range announce {
		tiers.WriteString("l" + bytestring(url) + "e")
	}
	raw := fmt.Sprintf("d13:announce-listl%se7:comment%s10:created by%s4:infod6:lengthi%de4:name%s12:piece lengthi%de6:pieces%see",
		&tiers, bytestring(comment), bytestring(comment), len(data), bytestring(name), 1<<17, bytestring(string(sum[:])))
	t := &torrent{lab: l, path: l.path("n.torrent"), dir: l.folder("n"), data: data}
	meta, err := metainfo.Parse([]byte(raw))
	l.must(err, os.WriteFile(t.path, []byte(raw), 0o644))
	t.meta = meta
	l.must(os.WriteFile(filepath.Join(t.dir, filepath.Join(meta.Info.Files[0].Path...)), data, 0o644))
	return t
}

// output is what a command prints, on stdout and stderr, while it runs.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// shows runs a command to its end, or until it has printed all of words, and
// demands of all that it prints that it is visible, and that it does not tell the
// pass key where that is secret.
func (l *lab) shows(code int, secret bool, words []string, args ...string) {
	l.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = l.dir
	cmd.Env = []string{"HOME=" + l.path("home"), "TMPDIR=" + os.TempDir()}
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	l.must(cmd.Start())
	l.Cleanup(func() { _ = cmd.Process.Kill() })
	if words != nil {
		l.until("all is told", func() error {
			said := out.String()
			for _, word := range words {
				if !strings.Contains(said, word) {
					return fmt.Errorf("%q is missing in %s", word, said)
				}
			}
			return nil
		})
		l.must(cmd.Process.Signal(syscall.SIGTERM))
	}
	_ = cmd.Wait() // the code says it
	if got := cmd.ProcessState.ExitCode(); got != code {
		l.Errorf("%q: exit code %d: %s", args, got, &out)
	}
	l.visible(args, out.String(), secret)
}

func (l *lab) visible(args []string, said string, secret bool) {
	l.Helper()
	for line := range strings.SplitSeq(said, "\n") {
		bad := func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }
		if !utf8.ValidString(line) || strings.ContainsFunc(line, bad) {
			l.Errorf("%q printed %q", args, line)
		}
		if secret && (strings.Contains(line, passKey) || strings.Contains(line, "mine")) {
			l.Errorf("%q told the pass key: %s", args, line)
		}
	}
}

// TestHostileText: a torrent's name, its trackers and a peer say what a terminal
// would obey. Nothing of it reaches one, each event is a line, and no pass key is
// told, whatever is printed how.
func TestHostileText(t *testing.T) {
	l := parallel(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/refuses"):
			_, _ = io.WriteString(w, "d14:failure reason"+bytestring(hostileText)+"e")
		case strings.HasPrefix(r.URL.Path, "/warns"):
			_, _ = io.WriteString(w, "d5:peers0:15:warning message"+bytestring(hostileText)+"e")
		default: // a status line in words of its own
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 500 \x1b[2J"+passKey+"\r\nContent-Length: 0\r\n\r\n")
				_ = c.Close()
			}
		}
	}))
	l.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	tor := l.named(hostileText, hostileText,
		"http://me:mine@"+host+"/refuses/"+passKey+"/announce?passkey="+passKey,
		"http://"+host+"/warns/"+passKey+"/announce?"+passKey+"=x",
		"http://"+host+"/fails/announce?"+passKey,
		"http://me:mine@127.0.0.1:1/"+passKey+"/announce",
		"udp://me:mine@127.0.0.1:1/"+passKey,
		"http://me:mine@[127.0.0.1/"+passKey+"/announce",
		"http://"+hostileHost+"/"+passKey+"/announce",
	)
	peer := l.serve(func(p *rawPeer) { p.shouts(tor) })
	told := []string{
		"/refuses/0f…/announce?passkey=…", "tracker says: ", "warning: ", "HTTP 500 Internal Server Error", "connection refused",
		"udp trackers are not supported", "complete",
	}
	for i, as := range [][]string{nil, {"--log-format", "json", "--json"}} {
		l.shows(143, true, told, append([]string{
			"get", tor.path, "-d", l.path(fmt.Sprint("got", i)), "--state", l.path(fmt.Sprint("s", i)),
			"--listen", "127.0.0.1:0", "--peer", peer, "--seed", "--log-level", "debug",
		}, as...)...)
	}
	l.shows(0, false, nil, "info", "--files", tor.path)
	l.shows(0, false, nil, "info", "--json", tor.path)
	check := func(code int, args ...string) {
		l.Helper()
		l.shows(code, true, nil, args...)
	}
	check(0, "check", tor.path, "-d", tor.dir)
	check(4, "check", tor.path, "-d", l.folder("empty"))
	check(4, "check", "--json", tor.path, "-d", l.folder("empty"))
	check(1, "get", "http://me:mine@127.0.0.1:1/"+passKey+"/x.torrent?passkey="+passKey)
	check(1, "get", server.URL+"/"+passKey+"/x.torrent")
	check(1, "get", "magnet:?xt=urn:btih:"+strings.Repeat("0", 40)+"&tr=http%3A%2F%2Fme%3Amine%40t%2F"+passKey)
	check(2, "get", tor.path, "--tracker", "gopher://me:mine@t/"+passKey)
	check(1, "get", hostileText+".torrent")
}

// hostileHost is the name of no host.
const hostileHost = "\u202ehost.invalid"

// shouts serves a torrent under a name that a terminal would obey.
func (p *rawPeer) shouts(tor *torrent) {
	_ = p.readHandshake()
	hs := wire.Handshake{InfoHash: tor.meta.InfoHash}
	copy(hs.PeerID[:], hostileText)
	hs.SetExtensions()
	_ = p.send(wire.AppendHandshake(nil, hs))
	_ = p.send(wire.AppendExtended(nil, 0, []byte("d1:md10:"+hostileText[:10]+"i1ee1:v"+bytestring(hostileText)+"e")))
	_ = p.send(wire.AppendUnchoke(wire.AppendBitfield(nil, []byte{0x80})))
	for {
		id, body, err := p.next()
		if err != nil {
			return
		}
		if id == wire.MsgRequest {
			r := request(body)
			_ = p.send(append(wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length), tor.data[r.Begin:r.Begin+r.Length]...))
		}
	}
}

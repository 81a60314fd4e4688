package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// figures reads the metrics of a process that runs with --metrics. It keeps its
// connection, so that it works when the process has no descriptor left.
type figures struct {
	p      *process
	url    string
	client *http.Client
}

// figures finds where a process started with --metrics 127.0.0.1:0 serves them:
// at the port it listens on besides that for peers.
func (p *process) figures() *figures {
	p.Helper()
	own := map[string]bool{}
	for _, f := range p.files(p) {
		link, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", p.cmd.Process.Pid, f.Name()))
		if inode, ok := strings.CutPrefix(link, "socket:["); ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	peers := p.addr().Port()
	for _, s := range p.sockets() {
		if s.state == tcpListen && own[s.inode] && s.local != peers {
			f := &figures{p, fmt.Sprintf("http://127.0.0.1:%d/metrics", s.local), &http.Client{Timeout: patience}}
			p.Cleanup(f.client.CloseIdleConnections)
			f.read("spate_peers")
			return f
		}
	}
	p.Fatal("no metrics are served")
	return nil
}

// read returns the value of a family, the sum where it has labels.
func (f *figures) read(name string) (sum int64) {
	f.p.Helper()
	for key, n := range f.all() {
		if family, _, _ := strings.Cut(key, "{"); family == name {
			sum += n
		}
	}
	return sum
}

// closed returns how many connections ended for one of these reasons.
func (f *figures) closed(reasons ...string) (sum int64) {
	f.p.Helper()
	all := f.all()
	for _, r := range reasons {
		sum += all[fmt.Sprintf("spate_disconnects_total{reason=%q}", r)]
	}
	return sum
}

// all reads every figure by name and labels.
func (f *figures) all() map[string]int64 {
	f.p.Helper()
	answer, err := f.client.Get(f.url)
	f.p.must(err)
	defer answer.Body.Close()
	all := map[string]int64{}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		key, value, ok := cutLast(lines.Text(), ' ')
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			all[key] = int64(n)
		}
	}
	f.p.must(lines.Err())
	return all
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// States of a TCP socket as the kernel numbers them.
const (
	tcpSynSent = 2
	tcpListen  = 10
)

// socket is a TCP socket of the process's network.
type socket struct {
	local, remote uint16
	at            string // the remote address, in hexadecimal and backwards
	state         uint64
	inode         string
}

// sockets are those of IPv4 in the network of a process.
func (p *process) sockets() (all []socket) {
	p.Helper()
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", p.cmd.Process.Pid))
	p.must(err)
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) < 10 || f[0] == "sl" {
			continue
		}
		state, _ := strconv.ParseUint(f[3], 16, 8)
		at, _, _ := strings.Cut(f[2], ":")
		all = append(all, socket{hexPort(f[1]), hexPort(f[2]), at, state, f[9]})
	}
	return all
}

// hexPort is the port of an address such as 0100007F:1AE1.
func hexPort(s string) uint16 {
	_, text, _ := strings.Cut(s, ":")
	n, _ := strconv.ParseUint(text, 16, 16)
	return uint16(n)
}

// endure waits until the other end has hung up, and returns after how long.
func endure(c net.Conn) time.Duration {
	began := time.Now()
	buf := make([]byte, 1<<10)
	for {
		if _, err := c.Read(buf); err != nil {
			return time.Since(began)
		}
	}
}

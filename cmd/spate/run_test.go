package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/reactor/announce"
)

// running is a spate beside the test.
type running struct {
	*testing.T
	cmd  *exec.Cmd
	out  *bufio.Scanner
	errs strings.Builder
}

func start(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	r := &running{T: t, cmd: command(t, dir, nil, args...)}
	pipe, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.out, r.cmd.Stderr = bufio.NewScanner(pipe), &r.errs
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // fails only when it has ended
		_ = r.cmd.Wait()
	})
	return r
}

// event waits for an event and returns it.
func (r *running) event(kind string) map[string]any {
	r.Helper()
	for r.out.Scan() {
		var e map[string]any
		if err := json.Unmarshal(r.out.Bytes(), &e); err != nil {
			r.Fatalf("%s: %v", r.out.Text(), err)
		}
		if e["event"] == kind {
			return e
		}
	}
	r.Fatalf("ended without %q: %s", kind, r.errs.String())
	return nil
}

// end waits for the end and demands an exit code and no error.
func (r *running) end(code int) {
	r.Helper()
	for r.out.Scan() {
	}
	_ = r.cmd.Wait() // the exit code is looked at
	if got := r.cmd.ProcessState.ExitCode(); got != code || r.errs.Len() > 0 {
		r.Errorf("exit code %d, want %d: %s", got, code, r.errs.String())
	}
}

// own keeps a get or seed apart from others: its state, and any free port.
func own(args ...string) []string {
	return append(args, "--listen", "127.0.0.1:0", "--no-trackers", "--json")
}

// TestTransfer downloads over a real socket, by a .torrent from a server, and
// looks at every event on the way.
func TestTransfer(t *testing.T) {
	dir := place(t)
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	seeder := start(t, dir, own("seed", "album.torrent")...)
	addr := seeder.event("listening")["addr"].(string)
	seeder.event("checked")

	code, out, errs := run(t, dir, nil, own("get", server.URL+"/album.torrent", "-d", "new", "--peer", addr)...)
	if code != 0 || errs != "" {
		t.Fatal(code, errs)
	}
	var kinds []string
	for line := range strings.Lines(out) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(line, err)
		}
		kinds = append(kinds, e["event"].(string))
	}
	if want := []string{"listening", "added", "checked", "complete", "stopped"}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
	if code, out, errs = run(t, dir, nil, "check", "album.torrent", "-d", "new"); code != 0 || out != "album: 4 of 4 pieces are good\n" {
		t.Error(code, out, errs)
	}
	// What is there already is complete at once.
	code, out, errs = run(t, dir, nil, own("get", "album.torrent", "-d", "new", "--timeout", "10s")...)
	if code != 0 || errs != "" {
		t.Error(code, out, errs)
	}
	if err := seeder.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := seeder.event("stopped"); e["uploaded"] != 50100.0 {
		t.Error(e)
	}
	seeder.end(0)
}

// TestSeedFolder serves what is sound in a folder, and tells the rest.
func TestSeedFolder(t *testing.T) {
	dir := place(t)
	seeder := start(t, dir, own("seed", ".")...)
	seeder.event("checked")
	_ = seeder.cmd.Process.Signal(syscall.SIGTERM)
	seeder.event("stopped")
	for seeder.out.Scan() {
	}
	_ = seeder.cmd.Wait()
	const want = "spate: odd.torrent: not a torrent: info: \"pieces\" is 19 bytes, not a multiple of 20\n" +
		"spate: text.torrent: not a torrent: offset 0: 'h' begins no value\n"
	if seeder.cmd.ProcessState.ExitCode() != 0 || seeder.errs.String() != want {
		t.Error(seeder.cmd.ProcessState.ExitCode(), seeder.errs.String())
	}
}

func TestSelect(t *testing.T) {
	dir := place(t)
	seeder := start(t, dir, own("seed", "album.torrent")...)
	addr := seeder.event("listening")["addr"].(string)
	code, _, errs := run(t, dir, []string{"SPATE_SELECT=b", "SPATE_PEER=" + addr}, own("get", "album.torrent", "-d", "new")...)
	if code != 0 || errs != "" {
		t.Fatal(code, errs)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "new/album/b")); err != nil || string(b) != strings.Repeat("b", 100) {
		t.Error(b, err)
	}
}

// TestSignals holds the exit codes of stopped commands.
func TestSignals(t *testing.T) {
	dir := place(t)
	check := func(code int, signal syscall.Signal, args ...string) {
		t.Helper()
		r := start(t, dir, args...)
		r.out.Scan() // it listens
		if err := r.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		r.end(code)
	}
	get, seed := own("get", "album.torrent", "-d", "new"), own("seed", "album.torrent")
	check(130, syscall.SIGINT, get...)
	check(143, syscall.SIGTERM, get...)
	check(130, syscall.SIGINT, seed...)
	check(0, syscall.SIGTERM, seed...)
	check(130, syscall.SIGINT, "tracker", "--listen", "127.0.0.1:0")
	check(0, syscall.SIGTERM, "tracker", "--listen", "127.0.0.1:0")
}

// TestSecondSignal ends a stop at once that waits for a tracker.
func TestSecondSignal(t *testing.T) {
	dir, asked := place(t), make(chan struct{}, 100)
	hangs := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		if r.FormValue("event") == "stopped" {
			<-hangs
		}
		_, _ = w.Write([]byte("d8:intervali1800e5:peers0:e"))
	}))
	defer server.Close()
	defer close(hangs)
	r := start(t, dir, "get", "album.torrent", "-d", "new", "-l", "127.0.0.1:0", "--json", "--tracker", server.URL+"/announce")
	<-asked
	r.event("tracker")
	begin := time.Now()
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	<-asked
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	r.end(130)
	if took := time.Since(begin); took >= announce.StopTimeout {
		t.Errorf("took %s", took)
	}
}

// TestTwice refuses the same torrent in the same folder by two processes.
func TestTwice(t *testing.T) {
	dir := place(t)
	first := start(t, dir, own("seed", "album.torrent")...)
	first.event("checked")
	code, _, errs := run(t, dir, nil, own("seed", "album.torrent")...)
	if code != 1 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "spate: album.torrent: ") {
		t.Error(code, errs)
	}
	t.Log(errs)
	// Another folder is another matter.
	if code, _, errs = run(t, dir, nil, own("get", "album.torrent", "-d", "new", "--timeout", "100ms")...); code != 3 {
		t.Error(code, errs)
	}
}

// TestClosedPipe ends a command whose reader went away by a clean stop.
func TestClosedPipe(t *testing.T) {
	dir := place(t)
	for _, args := range [][]string{own("get", "album.torrent", "-d", "new"), {"info", "album.torrent"}} {
		cmd := command(t, dir, nil, args...)
		var errs strings.Builder
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		cmd.Stdout, cmd.Stderr = w, &errs
		_ = cmd.Run() // the exit code is looked at
		_ = w.Close()
		if code := cmd.ProcessState.ExitCode(); code != codeClosedPipe || errs.Len() > 0 {
			t.Errorf("%s: exit code %d: %s", args[0], code, errs.String())
		}
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	cmd := command(t, place(t), nil, "info", "album.torrent")
	var errs strings.Builder
	cmd.Stdout, cmd.Stderr = full, &errs
	_ = cmd.Run() // the exit code is looked at
	if want := "spate: stdout: no space left on device\n"; cmd.ProcessState.ExitCode() != codeFailed || errs.String() != want {
		t.Error(cmd.ProcessState.ExitCode(), errs.String())
	}
}

// TestConfiguration reads the default file, and lets the environment and the
// flags beat it.
func TestConfiguration(t *testing.T) {
	dir := place(t)
	name := filepath.Join(dir, "home/.config/spate/config.yaml")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("json: true\nannounce: [http://other/command]\nno-trackers: true\nlisten: 127.0.0.1:0\ntimeout: 1h\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, dir, []string{"SPATE_TIMEOUT=50ms", "SPATE_DATA=new"}, "get", "album.torrent")
	if code != 3 || !strings.HasPrefix(out, `{"time":`) || errs != "spate: album.torrent: gave up: nothing has arrived for 50ms\n" {
		t.Error(code, out, errs)
	}
	code, out, errs = run(t, dir, []string{"SPATE_TIMEOUT=1h", "SPATE_DATA=new"}, "get", "album.torrent", "--json=false", "--timeout", "60ms")
	if code != 3 || !strings.HasPrefix(out, "listening on 127.0.0.1:") || errs != "spate: album.torrent: gave up: nothing has arrived for 60ms\n" {
		t.Error(code, out, errs)
	}
}

// TestHelp demands that every command describes itself and every flag.
func TestHelp(t *testing.T) {
	dir := t.TempDir()
	for _, cmd := range []string{"get", "seed", "daemon", "create", "info", "check", "tracker", "version", "completion"} {
		code, out, errs := run(t, dir, nil, cmd, "--help")
		if code != 0 || errs != "" || !strings.Contains(out, "Usage:") {
			t.Error(cmd, code, errs)
		}
		if _, again, _ := run(t, dir, nil, "help", cmd); again != out {
			t.Errorf("help %s differs from %s --help", cmd, cmd)
		}
	}
	_, out, _ := run(t, dir, nil, "get", "--help")
	for _, flag := range strings.Fields("data state listen peer tracker no-trackers no-dht no-pex no-lsd encryption up-limit down-limit " +
		"torrent-up-limit torrent-down-limit max-peers max-peers-per-torrent max-peers-per-address upload-slots loops wire-cache tcp-congestion seed ratio seed-time select sequential timeout json quiet " +
		"log-level log-format log-file metrics config") {
		if !strings.Contains(out, "--"+flag+" ") {
			t.Errorf("get --help lacks --%s", flag)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, errs := run(t, dir, nil, "completion", shell); code != 0 || len(out) < 1000 {
			t.Error(shell, code, errs)
		}
	}
}

// TestFixtures reads torrents that other programs made, where they are there.
func TestFixtures(t *testing.T) {
	dir, err := filepath.Abs("../../../shared/fixtures")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no fixtures here")
	}
	check := func(name, hash string, pieces int) {
		t.Helper()
		code, out, errs := run(t, dir, nil, "info", "--json", name)
		var got struct {
			InfoHash string `json:"info_hash"`
			Pieces   int
		}
		if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil || got.InfoHash != hash || got.Pieces != pieces {
			t.Error(fmt.Sprint(got), code, err, errs)
		}
	}
	check("flagfromserver.torrent", "2b15ca2bfd48cdd76d39ec55a3ab1b8a57180a09", 79)
	check("ubuntu-15.04-server-amd64.iso.torrent", "caa7433472523913ac144b5d287ec03bb4362eed", 1232)
}

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/bench/load/session"
)

func TestBenchLoadErrors(t *testing.T) {
	dir, taken := place(t), busy(t)
	check := func(args string, code int, want string) {
		t.Helper()
		got, _, errs := run(t, dir, nil, strings.Fields(args)...)
		if got != code || errs != "spate: "+want+"\n" {
			t.Errorf("%s\ngot  %d %swant %d spate: %s", args, got, errs, code, want)
		}
	}
	const load = "bench load --torrent album.torrent --addr " + "127.0.0.1:1 --settle 1ms --warmup 1ms --duration 1ms "
	check("bench load", 2, "--torrent: a .torrent file is missing")
	check("bench load --torrent album.torrent", 2, "--addr: the client's HOST:PORT is missing")
	check("bench load --torrent album.torrent --addr here", 2, `--addr: "here": no address: want HOST:PORT`)
	check("bench load --torrent album.torrent --addr 127.0.0.1:0", 2, `--addr: "127.0.0.1:0": "0" is no port`)
	check("bench load more", 2, "more: one argument too many: see spate bench load --help")
	check(load+"--role both", 2, "--data: the content's folder is missing, which seeding needs")
	check(load+"--role sofa", 2, `--role: "sofa" is not one of leech, seed, both, idle, web`)
	check(load+"--conns 0", 2, `--conns: "0" is not a whole number from 1 to 20000`)
	check(load+"--outstanding 4097", 2, `--outstanding: "4097" is not a whole number from 1 to 4096`)
	check(load+"--slow 1.5", 2, `--slow: "1.5" is not a share from 0 to 1`)
	check(load+"--corrupt NaN", 2, `--corrupt: "NaN" is not a share from 0 to 1`)
	check(load+"--churn -1", 2, `--churn: "-1" is not a number from 0 to 1000000`)
	check(load+"--duration 0s", 2, `--duration: "0s" is no time: want a time above zero such as 90s, 15m, 2h or 7d`)
	check("bench load --addr 127.0.0.1:1 --torrent text.torrent", 1, "text.torrent: not a torrent: offset 0: 'h' begins no value")
	check("bench load --addr 127.0.0.1:1 --torrent none.torrent", 1, "none.torrent: no such file or directory")
	check(load+"--role seed --data wrong", 1, "--data: wrong/album/b: no such file or directory")
	check(load+"--pid 4194304", 1, "--pid: no such process: 4194304")
	check(load, 1, "127.0.0.1:1: no connection: connection refused")
	check("bench sendfile", 2, "--torrent: a .torrent file is missing")
	if runtime.GOOS == "linux" {
		check("bench sendfile --torrent album.torrent --listen "+taken, 1, "--listen: "+taken+": address already in use")
		check("bench sendfile --torrent album.torrent --tcp-congestion none", 1, "--tcp-congestion: none: not known to this kernel")
		check(load+"--tcp-congestion none", 1, "--tcp-congestion: none: not known to this kernel")
	}
}

// sender runs spate bench sendfile on place's torrent, and returns its address
// and process.
func sender(t *testing.T, dir string) (addr string, pid int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	cmd := command(t, dir, nil, "bench", "sendfile", "--torrent", "album.torrent", "--threads", "1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("stopped with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on ")), cmd.Process.Pid
}

func TestBenchLoad(t *testing.T) {
	dir := place(t)
	addr, pid := sender(t, dir)
	args := []string{"bench", "load", "--torrent", "album.torrent", "--addr", addr, "--conns", "3", "--warmup", "10ms",
		"--duration", "1200ms", "--verify", "--pid", strconv.Itoa(pid)}
	code, out, errs := run(t, dir, nil, append(args, "--json")...)
	var r session.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || errs != "" || strings.Count(out, "\n") != 1 {
		t.Fatalf("%d, %v: %s%s", code, err, out, errs)
	}
	if r.Bytes == 0 || r.Verified == 0 || r.Bad != 0 || r.Unchoked != 3 || r.Target == nil || r.Target.Threads == 0 {
		t.Errorf("got %s", out)
	}
	code, out, errs = run(t, dir, nil, args...)
	if code != 0 || !strings.Contains(errs, " MB/s ") || !strings.Contains(errs, "3 connected  3 unchoked\n") {
		t.Errorf("%d, %s", code, errs)
	}
	for _, want := range []string{"payload", "connections  3 of 3 connected, 3 unchoked", "first byte", "fairness", "0 bad", "client", "generator"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// SIGINT ends the measurement, whose report comes all the same.
func TestBenchLoadInterrupted(t *testing.T) {
	dir := place(t)
	addr, _ := sender(t, dir)
	cmd := command(t, dir, nil, "bench", "load", "--torrent", "album.torrent", "--addr", addr, "--warmup", "1ms", "--duration", "1h")
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout = out
	progress, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(progress).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	text, _ := os.ReadFile(out.Name())
	if code := cmd.ProcessState.ExitCode(); code != codeInterrupted || !strings.Contains(string(text), "payload") {
		t.Errorf("%d after %v: %s", code, time.Since(begun), text)
	}
}

// Content goes to a client that has none: a get.
func TestBenchLoadSeeds(t *testing.T) {
	dir := place(t)
	get := command(t, dir, nil, "get", "album.torrent", "--listen", "127.0.0.1:0", "--no-trackers", "-d", "new", "--seed", "--json")
	out, err := get.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := get.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = get.Process.Signal(syscall.SIGTERM); _ = get.Wait() }()
	var listening struct{ Addr string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &listening)
	}
	if err != nil {
		t.Fatal(err)
	}
	code, text, errs := run(t, dir, nil, "bench", "load", "--torrent", "album.torrent", "--role", "seed", "--data", ".", "--addr", listening.Addr, "--json")
	var r session.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil || code != 0 || !r.Complete || r.Sent == 0 {
		t.Errorf("%d, %v: %s%s", code, err, text, errs)
	}
}

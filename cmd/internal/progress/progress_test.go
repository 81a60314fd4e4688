package progress

import (
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStatus(t *testing.T) {
	check := func(r Row, want string) {
		t.Helper()
		if got := r.status(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	check(Row{Done: 999, Length: 1000, Down: 1, Up: 2048, Peers: 3}, " 99.9%  down 1 B/s  up 2.0 KiB/s  3 peers  ETA 1s")
	check(Row{Done: 9999, Length: 10000}, " 99.9%  down 0 B/s  up 0 B/s  0 peers")
	check(Row{Done: 1, Length: 1, State: "seeding", Down: 5}, "100.0%  seeding  down 5 B/s  up 0 B/s  0 peers")
	check(Row{}, "100.0%  down 0 B/s  up 0 B/s  0 peers")
	check(Row{Length: 90 << 20, Down: 1 << 20, Peers: -1}, "  0.0%  1.0 MiB/s  ETA 1m30s")
	check(Row{Length: 1 << 60, Down: 1, Peers: -1}, "  0.0%  1 B/s")
}

func TestLines(t *testing.T) {
	var out, log strings.Builder
	d := New(Lines, &out, &log)
	start := time.Unix(1000, 0)
	for s := range 21 {
		d.Show(start.Add(time.Duration(s)*time.Second), []Row{{Name: "a", Done: int64(s), Length: 20, Down: 1, Peers: 1}})
	}
	d.Show(start, nil)
	d.Note("done")
	fmt.Fprintln(d, "logged")
	d.Close()
	const want = "a:  50.0%  down 1 B/s  up 0 B/s  1 peer  ETA 10s\n" +
		"a: 100.0%  down 1 B/s  up 0 B/s  1 peer\ndone\n"
	if out.String() != want || log.String() != "logged\n" {
		t.Errorf("out %q, log %q", out.String(), log.String())
	}
}

func TestFold(t *testing.T) {
	rows := make([]Row, MaxRows+1)
	for i := range rows {
		rows[i] = Row{Name: "x", State: "seeding", Done: 1, Length: 2, Down: 3, Up: 4, Peers: 5}
	}
	if got := fold(rows[:MaxRows]); len(got) != MaxRows {
		t.Errorf("%d rows at the limit", len(got))
	}
	want := Row{Name: "17 torrents", State: "seeding", Done: 17, Length: 34, Down: 51, Up: 68, Peers: 85}
	if got := fold(rows); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
	rows[3].State = "checking"
	if got := fold(rows); got[0].State != "" {
		t.Errorf("%+v", got)
	}
}

func TestQuiet(t *testing.T) {
	var log strings.Builder
	d := New(Quiet, nil, &log)
	d.Show(time.Time{}, make([]Row, 1))
	d.Note("note")
	_, _ = io.WriteString(d, "logged")
	d.Close()
	if log.String() != "logged" {
		t.Error(log.String())
	}
}

func TestBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		d := New(Bars, &out, nil)
		row := Row{Name: "film.mkv", Length: 100, Down: 10, Peers: 2}
		for row.Done < 100 {
			d.Show(time.Now(), []Row{row, {Name: "empty"}})
			time.Sleep(time.Second)
			row.Done += 25
		}
		d.Note("a note")
		row.State = "seeding"
		d.Show(time.Now(), []Row{row, {Name: "empty"}})
		time.Sleep(time.Second)
		d.Show(time.Now(), make([]Row, MaxRows+1))
		time.Sleep(time.Second)
		d.Close()
		text := out.String()
		for _, want := range []string{"film.mkv", " 25.0%", "ETA 5s", "a note\n", "seeding", "100.0%", "17 torrents"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in %q", want, text)
			}
		}
	})
}

// shown keeps the rows it is given.
type shown struct {
	quiet
	rows []Row
}

func (s *shown) Show(_ time.Time, rows []Row) { s.rows = append(s.rows, rows...) }

func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shown{}
		m := NewMeter(s, "a", "hashing", 1000)
		for i := range int64(11) {
			time.Sleep(50 * time.Millisecond)
			m.Set(i * 100)
		}
		// Every second call is within the interval; the last one always counts.
		if len(s.rows) != 6 {
			t.Fatalf("%d rows", len(s.rows))
		}
		want := Row{Name: "a", State: "hashing", Done: 1000, Length: 1000, Down: s.rows[5].Down, Peers: -1}
		if s.rows[5] != want || math.Round(want.Down) != 1818 {
			t.Errorf("%+v", s.rows[5])
		}
	})
}

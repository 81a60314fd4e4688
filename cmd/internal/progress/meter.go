package progress

import "time"

// Meter shows one piece of work that counts bytes and has no peers: hashing.
type Meter struct {
	show  Display
	row   Row
	start time.Time
	next  time.Time
}

// meterInterval keeps a display from costing more than the work.
const meterInterval = 100 * time.Millisecond

// NewMeter begins work on length bytes; state is a word such as "hashing".
func NewMeter(show Display, name, state string, length int64) *Meter {
	return &Meter{show: show, start: time.Now(), row: Row{Name: name, State: state, Length: length, Peers: -1}}
}

// Set shows that done bytes of the whole are through. It may be called as often
// as one likes, by one goroutine at a time.
func (m *Meter) Set(done int64) {
	now := time.Now()
	if now.Before(m.next) && done < m.row.Length {
		return
	}
	m.next = now.Add(meterInterval)
	m.row.Done = done
	m.row.Down = float64(done) / max(now.Sub(m.start).Seconds(), 1e-3)
	m.show.Show(now, []Row{m.row})
}

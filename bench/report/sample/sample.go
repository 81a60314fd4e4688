// Package sample makes up runs for the tests of reports and comparisons: five
// scenarios, measured by log-normal noise round figures of a plausible size.
// Nothing in it was measured.
package sample

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"spate/bench/report/raw"
	"spate/bench/result"
)

// Options says what to make up. The same options give the same run.
type Options struct {
	Seed   uint64
	Rounds int
	// Clients is how many of the names take part, at most Clients.
	Clients int
	// Noise is the standard deviation of a round in logarithms, and Drift that
	// of the whole run: what makes two runs of the same programs differ.
	Noise, Drift float64
	// Wander is the standard deviation of a run for each figure of a client by
	// itself, in logarithms.
	Wander float64
	// Loss is how much worse the first client is in MB per CPU-second and in
	// MB/s, as a share.
	Loss float64
}

// Names of the clients, the first being the one under development.
func Names() []string {
	return []string{"spate", "rtorrent", "libtorrent", "transmission", "aria2", "rain", "anacrolix"}
}

// Run makes up a run. Where all clients take part, one has failed once, and one
// more is absent.
func Run(o Options) *raw.Run {
	m := &maker{o: o, chance: rand.New(rand.NewPCG(o.Seed, 1)), names: Names()[:o.Clients], wander: map[figure]float64{}}
	m.drift = math.Exp(o.Drift * m.chance.NormFloat64())
	m.run = &raw.Run{Name: "sample.jsonl", Header: raw.Header{
		Time: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		CPU:  "Some CPU", Cores: 4, MemoryGiB: 24, Kernel: "6.1.0", Load: 0.25,
		Commit: "abc1234", Command: "spate bench run all", Congestion: "cubic", Pinned: true,
		Options: map[string]string{"rounds": "5", "duration": "5s", "warmup": "1s", "outstanding": "250"},
	}}
	for i, name := range m.names {
		m.run.Header.Clients = append(m.run.Header.Clients, raw.Client{Name: name, Version: "1." + string(rune('0'+i))})
	}
	for round := 1; round <= o.Rounds; round++ {
		for _, client := range m.names {
			m.client(client, round)
		}
	}
	if o.Clients == len(Names()) {
		m.run.Header.Clients = append(m.run.Header.Clients, raw.Client{Name: "qbittorrent", Missing: "qbittorrent-nox is not installed"})
		last := &m.run.Results[len(m.run.Results)-1]
		last.Figures, last.Error = nil, "it ended: exit status 1"
	}
	return m.run
}

type maker struct {
	o      Options
	run    *raw.Run
	chance *rand.Rand
	names  []string
	drift  float64
	wander map[figure]float64
}

// figure is what wanders by itself.
type figure struct {
	scenario, client, name string
	setting                result.Setting
}

// client makes up a client's results in a round.
func (m *maker) client(name string, round int) {
	for _, conns := range []int{1, 50, 500} {
		r := m.result(result.Seed, name, round, result.Setting{Conns: conns, Content: "warm", Congestion: "reno"})
		speed := 6000 / m.handicap(name, conns)
		if name == Names()[0] {
			speed *= 1 - m.o.Loss
			if conns == 50 {
				r.Limit = result.LimitGenerator
			}
		}
		m.set(r, "mb_per_cpu_s", speed)
		m.set(r, "mb_per_s", 1.4*speed)
		m.set(r, "of_ceiling", speed/100)
		m.set(r, "rss_anon", 20e6*m.handicap(name, 1))
		for i, q := range []string{"p50", "p90", "p99", "p999"} {
			tail := math.Pow(2.5, float64(i))
			m.set(r, "first_byte_ms_"+q, 0.2*tail*float64(conns)*m.handicap(name, conns))
			m.set(r, "last_byte_ms_"+q, 0.3*tail*float64(conns)*m.handicap(name, conns))
		}
		r.Set("fairness", 1-0.02*m.chance.Float64())
		m.keep(r)
	}
	for _, conns := range []int{1, 50} {
		r := m.result(result.Get, name, round, result.Setting{Conns: conns, Bytes: 1 << 30, Place: "tmpfs", Congestion: "reno"})
		took := 0.5 * m.handicap(name, conns)
		m.set(r, "took_s", took)
		m.set(r, "cpu_s", 2*took)
		m.set(r, "mb_per_s", 1074/took)
		m.set(r, "mb_per_cpu_s", 537/took)
		m.set(r, "rss_anon", 50e6)
		r.Set("surplus", 0)
		m.keep(r)
	}
	r := m.result(result.Peers, name, round, result.Setting{Conns: 1000})
	m.set(r, "bytes_per_peer", 4000*m.handicap(name, 1))
	m.set(r, "cpu_percent", 0.5)
	r.Set("connected", 1000)
	m.keep(r)

	r = m.result(result.Torrents, name, round, result.Setting{Torrents: 1000})
	m.set(r, "ready_again_s", 0.8*m.handicap(name, 1))
	m.set(r, "ready_s", 2*m.handicap(name, 1))
	m.set(r, "bytes_per_torrent", 9000*m.handicap(name, 1))
	m.keep(r)

	r = m.result(result.Check, name, round, result.Setting{Bytes: 4 << 30, Place: "tmpfs"})
	m.set(r, "mb_per_s", 4000/m.handicap(name, 1))
	m.set(r, "mb_per_cpu_s", 1400)
	m.keep(r)
}

// handicap is how much worse than the best a client is at some work; 1 for the
// first.
func (m *maker) handicap(name string, conns int) float64 {
	if name == Names()[0] {
		return 1
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return 1.3 + float64(h.Sum32()%50)/12 + math.Log10(float64(conns))/3
}

func (m *maker) result(scenario, client string, round int, s result.Setting) *result.Result {
	at := m.run.Header.Time.Add(time.Duration(len(m.run.Results)) * time.Second)
	return &result.Result{Time: at, Scenario: scenario, Setting: s, Client: client, Round: round}
}

// set makes up a figure round a middle.
func (m *maker) set(r *result.Result, name string, middle float64) {
	key := figure{r.Scenario, r.Client, name, r.Setting}
	wander, ok := m.wander[key]
	if !ok {
		wander = math.Exp(m.o.Wander * m.chance.NormFloat64())
		m.wander[key] = wander
	}
	r.Set(name, middle*m.drift*wander*math.Exp(m.o.Noise*m.chance.NormFloat64()))
}

func (m *maker) keep(r *result.Result) { m.run.Results = append(m.run.Results, *r) }

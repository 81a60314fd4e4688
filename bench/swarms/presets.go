package swarms

import "time"

// rate of a line given in Mbit/s, in bytes per second.
const mbit = 1e6 / 8

// Mixes names the mixes of lines, in the order of their showing.
func Mixes() []string { return []string{"even", "adsl", "fibre", "mixed"} }

// Mix gives the classes of a mix, and the line of its seeds; none for a name
// that it does not know.
func Mix(name string) (links []Link, seed Link) {
	var (
		cable = Link{"cable", 1, 10 * mbit, 40 * mbit, 10 * time.Millisecond}
		slow  = Link{"dsl", 3, 1 * mbit, 8 * mbit, 25 * time.Millisecond}
		fast  = Link{"vdsl", 2, 4 * mbit, 24 * mbit, 20 * time.Millisecond}
		home  = Link{"ftth", 3, 100 * mbit, 100 * mbit, 5 * time.Millisecond}
		coax  = Link{"coax", 3, 20 * mbit, 200 * mbit, 10 * time.Millisecond}
		giga  = Link{"giga", 1, 1000 * mbit, 1000 * mbit, 3 * time.Millisecond}
	)
	switch name {
	case "even":
		return []Link{cable}, cable
	case "adsl":
		return []Link{slow, fast}, fast
	case "fibre":
		return []Link{home, coax, giga}, home
	case "mixed":
		return []Link{slow, cable, coax, home}, cable
	}
	return nil, Link{}
}

// Default is what a scenario has where nothing is said.
func Default() Scenario {
	s := Scenario{
		Name: "even", Peers: 100, Seeds: 1, Size: 16 << 20, Piece: 256 << 10,
		Linger: Stay, Neighbours: 50, Limit: 24 * time.Hour,
	}
	s.Links, s.SeedLink = Mix("even")
	return s
}

// Preset is a scenario with a name.
type Preset struct {
	// Text says what is special about it, in a few words.
	Text string
	Scenario
}

// Presets are the scenarios with names, the default one first.
func Presets() []Preset {
	with := func(name, mix, text string, change func(*Scenario)) Preset {
		s := Default()
		s.Name = name
		s.Links, s.SeedLink = Mix(mix)
		if change != nil {
			change(&s)
		}
		return Preset{text, s}
	}
	return []Preset{
		with("even", "even", "all on lines of 10/40 Mbit/s", nil),
		with("adsl", "adsl", "lines of 1/8 and 4/24 Mbit/s", nil),
		with("fibre", "fibre", "lines of 20/200, 100/100 and 1000/1000 Mbit/s", nil),
		with("mixed", "mixed", "lines from 1/8 to 100/100 Mbit/s", nil),
		with("slow-seed", "even", "a seed of 1 Mbit/s among lines of 10/40", func(s *Scenario) {
			s.SeedLink.Name, s.SeedLink.Up = "slow", 1*mbit
		}),
		with("seedbox", "adsl", "a seed of 1 Gbit/s among lines of 1/8 and 4/24", func(s *Scenario) {
			s.SeedLink = Link{"seedbox", 1, 1000 * mbit, 1000 * mbit, 5 * time.Millisecond}
		}),
		with("far", "even", "150 ms from each to the middle", func(s *Scenario) {
			s.Links[0].Latency, s.SeedLink.Latency = 150*time.Millisecond, 150*time.Millisecond
		}),
		with("arrivals", "mixed", "peers arrive over five minutes and leave when complete", func(s *Scenario) {
			s.Arrivals, s.Linger = 5*time.Minute, 0
		}),
		with("churn", "mixed", "a third gives up, the others leave a minute after they are complete", func(s *Scenario) {
			s.Aborts, s.Linger = 1.0/3, time.Minute
		}),
		with("free-riders", "even", "a third never uploads", func(s *Scenario) { s.FreeRiders = 1.0 / 3 }),
	}
}

// PresetByName finds a preset.
func PresetByName(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

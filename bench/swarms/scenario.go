package swarms

import (
	"errors"
	"fmt"
	"time"
)

// Limits of a Scenario.
const (
	// MaxPeers bounds the downloaders: 100,000 need some 70 GB of memory.
	MaxPeers = 100_000
	// MaxSeeds bounds the seeds.
	MaxSeeds = 10_000
	// MaxPieces bounds the pieces of the content: each costs every peer a have
	// message to each of its neighbours.
	MaxPieces = 1 << 20
	// MinPiece is the smallest piece, in bytes: a block.
	MinPiece = 16 << 10
	// MaxPiece is the largest one that a metainfo may name here.
	MaxPiece = 64 << 20
	// MinRate is the slowest line in bytes per second: a block in 16 s, so that
	// a line's queue stays below a peer's patience.
	MinRate = 1 << 10
)

// Stay is a Linger for ever.
const Stay = time.Duration(1<<63 - 1)

// Link is a class of access lines.
type Link struct {
	Name string `json:"name"`
	// Weight is how many peers are on it, in relation to the other classes.
	Weight int `json:"weight"`
	// Up and Down are in bytes per second, with all overhead.
	Up   int64 `json:"up"`
	Down int64 `json:"down"`
	// Latency is the one-way delay to the middle of the network.
	Latency time.Duration `json:"latency_ns"`
}

// Scenario is a swarm and what befalls it.
type Scenario struct {
	Name string `json:"name"`
	// Peers is the number of downloaders, Seeds that of peers that have
	// everything from the start and stay.
	Peers int `json:"peers"`
	Seeds int `json:"seeds"`
	// Size and Piece are the lengths of the content and of a piece in bytes.
	Size  int64 `json:"size"`
	Piece int64 `json:"piece"`
	// Links are the classes of the downloaders' lines; SeedLink is that of
	// each seed.
	Links    []Link `json:"links"`
	SeedLink Link   `json:"seed_link"`
	// Arrivals is the time over which the downloaders arrive, as a Poisson
	// process; 0 lets all of them come at once.
	Arrivals time.Duration `json:"arrivals_ns"`
	// Linger is how long a downloader seeds once complete; 0 leaves at once.
	Linger time.Duration `json:"linger_ns"`
	// Aborts is the share of downloaders that give up on the way, FreeRiders
	// that of those who never upload; from 0 to 1.
	Aborts     float64 `json:"aborts"`
	FreeRiders float64 `json:"free_riders"`
	// Neighbours bounds the connections of a peer.
	Neighbours int `json:"neighbours"`
	// Limit is the virtual time after which it is over in any case.
	Limit time.Duration `json:"limit_ns"`
}

// ErrScenario is wrapped by what is wrong with a Scenario.
var ErrScenario = errors.New("no such swarm")

// Check tells what is wrong with s, in one line.
func (s *Scenario) Check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrScenario}, args...)...)
	}
	switch {
	case s.Peers < 1 || s.Peers > MaxPeers:
		return fail("%d peers, want 1 to %d", s.Peers, MaxPeers)
	case s.Seeds < 1 || s.Seeds > MaxSeeds:
		return fail("%d seeds, want 1 to %d", s.Seeds, MaxSeeds)
	case s.Piece < MinPiece || s.Piece > MaxPiece || s.Piece%MinPiece != 0:
		return fail("pieces of %d bytes, want a multiple of %d up to %d", s.Piece, MinPiece, MaxPiece)
	case s.Size < 1 || (s.Size+s.Piece-1)/s.Piece > MaxPieces:
		return fail("%d bytes in pieces of %d, want 1 to %d pieces", s.Size, s.Piece, MaxPieces)
	case s.Aborts < 0 || s.Aborts >= 1 || s.FreeRiders < 0 || s.FreeRiders >= 1:
		return fail("shares of %v and %v, want 0 to less than 1", s.Aborts, s.FreeRiders)
	case s.Neighbours < 1:
		return fail("%d neighbours, want 1 or more", s.Neighbours)
	case s.Arrivals < 0 || s.Linger < 0 || s.Limit <= 0:
		return fail("a time below zero")
	case len(s.Links) == 0:
		return fail("no lines")
	}
	weight := 0
	for _, l := range append([]Link{s.SeedLink}, s.Links...) {
		if l.Up < MinRate || l.Down < MinRate || l.Latency < 0 || l.Weight < 0 {
			return fail("line %q: want rates of %d bytes/s or more", l.Name, MinRate)
		}
		weight += l.Weight
	}
	if weight-s.SeedLink.Weight < 1 {
		return fail("no line has a weight")
	}
	return nil
}

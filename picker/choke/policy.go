package choke

// SeedPolicy is how a seed with fewer slots than takers shares them.
type SeedPolicy uint8

// The ways.
const (
	// Turns serves each for a while, as the package comment says.
	Turns SeedPolicy = iota
	// Fastest serves those that take most, and some by lot, as the first
	// clients did.
	Fastest
)

// Policy departs from what the package comment says. The zero value does not;
// others are for simulations, which find out what a rule is worth by leaving
// it out.
type Policy struct {
	// Seed is how a seed shares slots.
	Seed SeedPolicy
	// SeedByRate gives a seed without a limit of slots as many as a leecher
	// would have, by its rate, where it would serve everyone.
	SeedByRate bool
	// Optimistic is the part of the slots that is given by lot however many
	// peers have earned one: one in so many, at least one slot. 0 means
	// OptimisticShare.
	Optimistic int
}

// OptimisticShare is the usual Policy.Optimistic: a fifth.
const OptimisticShare = 5

// optimistic is how many of the slots are given by lot in any case.
func (p Policy) optimistic(slots int) int {
	share := p.Optimistic
	if share <= 0 {
		share = OptimisticShare
	}
	return max(1, slots/share)
}

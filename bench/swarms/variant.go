package swarms

import (
	"math"

	"spate/picker"
	"spate/picker/choke"
	"spate/reactor"
)

// Product is the variant that changes nothing.
const Product = "product"

// Variant is a way to choose pieces and peers.
type Variant struct {
	Name string
	// Text says what is different from the product, in a few words.
	Text string
	tune func(*reactor.Config)
}

// unlimited is more slots than any peer has neighbours.
const unlimited = math.MaxInt32

// Variants are all of them, the product first.
func Variants() []Variant {
	pick := func(name, text string, p picker.Policy) Variant {
		return Variant{name, text, func(c *reactor.Config) { c.Policy.Picker = p }}
	}
	slots := func(name, text string, n int, p choke.Policy) Variant {
		return Variant{name, text, func(c *reactor.Config) { c.UploadSlots, c.Policy.Choke = n, p }}
	}
	return []Variant{
		{Product, "rarest first, endgame, re-routing; slots by rate, a seed serves all", func(*reactor.Config) {}},
		pick("random", "pieces at random", picker.Policy{Order: picker.AtRandom}),
		pick("sequential", "pieces in order", picker.Policy{Order: picker.InOrder}),
		pick("no-endgame", "no block is asked for twice", picker.Policy{NoEndgame: true}),
		pick("no-reroute", "no block is taken back from a slow peer", picker.Policy{NoReroute: true}),
		slots("all-slots", "every peer serves all", unlimited, choke.Policy{}),
		slots("slots-4", "four slots", 4, choke.Policy{}),
		slots("slots-8", "eight slots, one of them by lot", 8, choke.Policy{}),
		slots("seed-by-rate", "a seed has slots by its rate too", 0, choke.Policy{SeedByRate: true}),
		slots("seed-fastest", "eight slots, a seed serves the fastest", 8, choke.Policy{Seed: choke.Fastest}),
		slots("generous", "eight slots, half of them by lot", 8, choke.Policy{Optimistic: 2}),
		slots("lottery", "eight slots, all of them by lot", 8, choke.Policy{Optimistic: 1}),
	}
}

// VariantByName finds a variant.
func VariantByName(name string) (Variant, bool) {
	for _, v := range Variants() {
		if v.Name == name {
			return v, true
		}
	}
	return Variant{}, false
}

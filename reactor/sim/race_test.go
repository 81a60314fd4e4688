//go:build race

package sim_test

// worlds is the share of seeds that are run: under the race detector one in
// ten, since a world has only one goroutine.
const worlds = 10

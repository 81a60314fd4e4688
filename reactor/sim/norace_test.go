//go:build !race

package sim_test

// worlds is the share of seeds that are run: all.
const worlds = 1

package looptest

import "testing"

// Run tests the networks that mk makes; mk is called once for each test, with
// that test's t.
func Run(t *testing.T, mk func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		test func(*rig)
	}{
		{"opens both ends once", testOpen},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newRig(t, mk(t))) })
	}
}

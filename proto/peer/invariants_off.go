//go:build !invariants

package peer

// Verify looks nothing over in this build: see the tag invariants.
func (m *Machine) Verify() {}

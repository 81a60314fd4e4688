//go:build !invariants

package swarm

// Verify looks nothing over in this build: see the tag invariants.
func (h *Host) Verify() {}

//go:build !invariants

package picker

// Verify looks nothing over in this build: see the tag invariants.
func (p *Picker) Verify() {}

// verifyAgain looks nothing over in this build.
func (p *Picker) verifyAgain(_, _ int32) {}

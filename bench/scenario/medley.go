package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spate/bench/clients"
)

// Medley is several clients under one name, for a swarm in which all of them
// meet: the first one seeds, and leechers are of each in turn. It implements
// clients.Client, and is no use to other scenarios. One swarm is started at a
// time.
type Medley struct {
	members []clients.Client
	next    int // of the leechers
}

// NewMedley returns a medley of clients that are available.
func NewMedley(members ...clients.Client) *Medley { return &Medley{members: members} }

// Clients is who is measured: a swarm of each of those asked for, and one in
// which all that take part meet.
func (m *Mixed) Clients(asked []clients.Client) []clients.Client {
	members := slices.DeleteFunc(slices.Clone(asked), func(c clients.Client) bool { return !c.Traits().In(m.Name()) })
	if len(members) < 2 {
		return asked
	}
	return append(slices.Clone(asked), NewMedley(members...))
}

// Name implements clients.Client.
func (*Medley) Name() string { return "mixed" }

// errFew says that a medley is none.
var errFew = errors.New("a mixed swarm needs two clients")

// Available implements clients.Client.
func (m *Medley) Available() error {
	if len(m.members) < 2 {
		return errFew
	}
	for _, c := range m.members {
		if err := c.Available(); err != nil {
			return fmt.Errorf("%s: %w", c.Name(), err)
		}
	}
	return nil
}

// Version implements clients.Client: it is those of all.
func (m *Medley) Version() (string, error) {
	words := make([]string, len(m.members))
	for i, c := range m.members {
		version, err := c.Version()
		if err != nil {
			return "", err
		}
		words[i] = c.Name() + " " + version
	}
	return strings.Join(words, ", "), nil
}

// Traits implements clients.Client.
func (*Medley) Traits() clients.Traits { return clients.Traits{} }

// Start implements clients.Client. A seed begins a new swarm.
func (m *Medley) Start(t clients.Task) (*clients.Process, error) {
	if t.Role == clients.Seed {
		m.next = 0
		return m.members[0].Start(t)
	}
	c := m.members[m.next%len(m.members)]
	m.next++
	p, err := c.Start(t)
	if err != nil {
		err = fmt.Errorf("%s: %w", c.Name(), err)
	}
	return p, err
}

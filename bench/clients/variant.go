package clients

import "slices"

// variant is a client with other settings than its own.
type variant struct {
	Client
	name  string
	flags []string
}

// Variant is a client under another name, with more words on its command line.
// Of all clients spate takes them.
func Variant(c Client, name string, flags ...string) Client { return variant{c, name, flags} }

// Name implements Client.
func (v variant) Name() string { return v.name }

// Start implements Client.
func (v variant) Start(t Task) (*Process, error) {
	t.Flags = slices.Concat(v.flags, t.Flags)
	return v.Client.Start(t)
}

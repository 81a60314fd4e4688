package clients

import (
	"slices"
	"testing"
)

// started is a client that only tells with which words it was started.
type started struct {
	Client
	flags *[]string
}

func (s started) Start(t Task) (*Process, error) {
	*s.flags = t.Flags
	return nil, nil
}

func TestVariant(t *testing.T) {
	var flags []string
	c := Variant(Variant(started{Spate("spate"), &flags}, "inner", "--a"), "other", "--b", "2")
	if _, err := c.Start(Task{Flags: []string{"--c"}}); err != nil {
		t.Fatal(err)
	}
	if c.Name() != "other" || !slices.Equal(flags, []string{"--a", "--b", "2", "--c"}) {
		t.Errorf("%s is started with %q", c.Name(), flags)
	}
	if c.Traits() != Spate("spate").Traits() {
		t.Error("a variant has other traits")
	}
}

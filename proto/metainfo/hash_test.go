package metainfo_test

import (
	"errors"
	"strings"
	"testing"

	"spate/proto/metainfo"
)

func TestParseHash(t *testing.T) {
	const want = "2b15ca2bfd48cdd76d39ec55a3ab1b8a57180a09"
	check := func(in string) {
		t.Helper()
		if h, err := metainfo.ParseHash(in); err != nil || h.String() != want {
			t.Errorf("ParseHash(%q) = %v, %v", in, h, err)
		}
	}
	check(want)
	check(strings.ToUpper(want))
	check("FMK4UK75JDG5O3JZ5RK2HKY3RJLRQCQJ")
	check("fmk4uk75jdg5o3jz5rk2hky3rjlrqcqj")

	refuses := func(in string) {
		t.Helper()
		if h, err := metainfo.ParseHash(in); !errors.Is(err, metainfo.ErrHash) || h != (metainfo.Hash{}) {
			t.Errorf("ParseHash(%q) = %v, %v", in, h, err)
		}
	}
	refuses("")
	refuses(want[1:])
	refuses(want + "0")
	refuses("x" + want[1:])
	refuses(strings.Repeat("1", 32))                // no base32 digit
	refuses("FMK4UK75JDG5O3JZ5RK2HKY3RJLRQC==")     // padding
	refuses("FMK4UK75JDG5O3JZ5RK2HKY3RJLRQC\r\n")   // line ends
	refuses("FMK4UK75JDG5O3JZ5RK2HKY3RJLRQC\u017f") // upper case S
}

package errtext

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
)

func TestErrtext(t *testing.T) {
	check := func(got error, want string) {
		t.Helper()
		if got.Error() != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	_, file := os.Open("/none")
	_, dial := net.Dial("tcp", "127.0.0.1:1")
	_, get := http.Get("http://[::1")
	rename := os.Rename("/none", "/none2")
	plain := errors.New("plain")
	check(Reason(file), "no such file or directory")
	check(Reason(fmt.Errorf("x: %w", file)), "no such file or directory")
	check(Reason(rename), "no such file or directory")
	check(Reason(dial), "connect: connection refused")
	check(Reason(get), "missing ']' in host")
	check(Reason(plain), "plain")
	check(Named(file), "/none: no such file or directory")
	check(Named(plain), "plain")
	if !errors.Is(Named(file), os.ErrNotExist) {
		t.Error("Named hides what it names")
	}
	if got := Line(errors.New("a\nb\x1b[2Jü\x7f")); got != `spate: a\u000ab\u001b[2Jü\u007f` {
		t.Errorf("%q", got)
	}
}

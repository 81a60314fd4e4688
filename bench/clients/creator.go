package clients

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Creator is a tool that makes torrents.
type Creator interface {
	// Name is short, unique among creators, and in lower case.
	Name() string
	// Available says in one line what is missing to run it, or is nil.
	Available() error
	// Version is the tool's own, for reports; it fails when the tool is not
	// available.
	Version() (string, error)
	// Create runs it to its end, or to that of ctx. The Cost is of a run that
	// succeeded.
	Create(ctx context.Context, m Making) (Cost, error)
}

// Making is what a torrent is made of. All paths are absolute.
type Making struct {
	// Content is the file or folder.
	Content string
	// Output is the .torrent to write, which is not there yet.
	Output string
	// PieceLength is a power of two in bytes, from MinPieceLength on.
	PieceLength int64
	// Scratch is an existing folder that the process has as its home.
	Scratch string
	// Within is as Task.Within.
	Within []string
}

// MinPieceLength in bytes is the shortest that all creators make.
const MinPieceLength = 32 << 10

// ErrPieceLength says that a piece length is not one that all can make.
var ErrPieceLength = errors.New("piece length is no power of two from 32 KiB on")

// Cost is what a run took: wall clock time, and CPU time of the process with its
// children. (Its peak of memory is not to be had: the kernel counts in what the
// process that started it had.)
type Cost struct{ Took, User, System time.Duration }

// creator is a Creator that is one run of a program.
type creator struct {
	name string
	// program finds the program, or says what is missing.
	program func() (string, error)
	// version is the arguments that make it print its version, of which word
	// is the place in the line.
	version []string
	word    int
	args    func(Making) []string
}

// Creators returns every tool that makes torrents, spate first, then in the
// order of names. program is the path of the built spate. The one called
// OpenSSL makes none: it is what hashing alone costs.
func Creators(program string) []Creator {
	return []Creator{
		creator{"spate", func() (string, error) { return program, Spate(program).Available() }, []string{"version"}, 1,
			func(m Making) []string {
				return []string{"create", m.Content, "--output", m.Output, "--piece-length", strconv.FormatInt(m.PieceLength, 10), "--quiet"}
			}},
		creator{"libtorrent", func() (string, error) { return built("libtorrent") }, []string{"version"}, 0,
			func(m Making) []string {
				return []string{"create", m.Content, m.Output, strconv.FormatInt(m.PieceLength, 10)}
			}},
		// One thread a core by default.
		creator{"mktorrent", debian("mktorrent", "mktorrent"), []string{"-h"}, 1,
			func(m Making) []string {
				return []string{"-l", strconv.Itoa(bits.TrailingZeros64(uint64(m.PieceLength))), "-o", m.Output, m.Content}
			}},
		creator{OpenSSL, debian("openssl", "openssl"), []string{"version"}, 1,
			func(m Making) []string { return []string{"dgst", "-sha1", "-out", m.Output, m.Content} }},
		creator{"transmission", debian("transmission-create", "transmission-cli"), []string{"--version"}, 1,
			func(m Making) []string {
				return []string{"--piecesize", strconv.FormatInt(m.PieceLength>>10, 10), "--outfile", m.Output, m.Content}
			}},
	}
}

// OpenSSL is the name of the reference among creators: the SHA-1 of one file in
// one thread, written as a line of text.
const OpenSSL = "openssl"

// debian finds a program of a Debian package.
func debian(program, pkg string) func() (string, error) {
	return func() (string, error) { return program, installed(program, pkg) }
}

func (c creator) Name() string { return c.name }

func (c creator) Available() error {
	_, err := c.program()
	return err
}

func (c creator) Version() (string, error) {
	program, err := c.program()
	if err != nil {
		return "", err
	}
	line, err := firstLine(program, c.version...)
	if words := strings.Fields(line); c.word < len(words) {
		line = words[c.word]
	}
	return line, err
}

func (c creator) Create(ctx context.Context, m Making) (Cost, error) {
	if m.PieceLength < MinPieceLength || m.PieceLength&(m.PieceLength-1) != 0 {
		return Cost{}, fmt.Errorf("%w: %d bytes", ErrPieceLength, m.PieceLength)
	}
	program, err := c.program()
	if err != nil {
		return Cost{}, err
	}
	if program, err = exec.LookPath(program); err != nil {
		return Cost{}, err
	}
	line := append(append(slices.Clone(m.Within), program), c.args(m)...)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	var said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = m.Scratch, &said, &said
	cmd.Env = environment(m.Scratch)
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	start := time.Now()
	err = cmd.Run()
	took := time.Since(start)
	if ctx.Err() != nil {
		return Cost{}, context.Cause(ctx)
	}
	if err != nil {
		return Cost{}, fmt.Errorf("%s: %w (it said %q)", filepath.Base(program), err, lastLine(said.String()))
	}
	if info, err := os.Stat(m.Output); err != nil || info.Size() == 0 {
		return Cost{}, fmt.Errorf("%s: %w (it said %q)", filepath.Base(program), ErrNothingMade, lastLine(said.String()))
	}
	return Cost{Took: took, User: cmd.ProcessState.UserTime(), System: cmd.ProcessState.SystemTime()}, nil
}

// ErrNothingMade says that a creator succeeded without a torrent.
var ErrNothingMade = errors.New("made nothing")

// lastLine is what a program said last.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

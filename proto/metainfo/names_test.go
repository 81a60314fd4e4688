package metainfo_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"spate/proto/metainfo"
)

// infoOf is an info with empty files at these paths ("/" between elements) and
// one of a byte, at the end, called "end".
func infoOf(name string, paths ...string) dict {
	files := []dict{}
	for _, p := range paths {
		files = append(files, dict{"length": 0, "path": strings.Split(p, "/")})
	}
	files = append(files, dict{"length": 1, "path": []string{"end"}})
	return dict{"name": name, "piece length": 16384, "pieces": hashes(1), "files": files}
}

// pathsOf is the files' paths without the last file's.
func pathsOf(info *metainfo.Info) (paths []string) {
	for _, f := range info.Files[:len(info.Files)-1] {
		paths = append(paths, strings.Join(f.Path, "/"))
	}
	return paths
}

func TestSafeNames(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := pathsOf(parseInfo(t, infoOf("top", in)))[0]; got != "top/"+want {
			t.Errorf("%q is %q, want %q", in, got, "top/"+want)
		}
	}
	check("plain.txt", "plain.txt")
	check("ä/日本.txt", "ä/日本.txt")
	check("..", "_")
	check(".", "_")
	check("", "_")
	check("../../etc/passwd", "etc/passwd")
	check("/etc/passwd", "etc/passwd")
	check("a/./b/../c//d", "a/b/c/d")
	check("...", "...")
	check(`..\..\windows`, ".._.._windows")
	check("a\x00b\nc\x7fd\u0085e", "a_b_c_d_e")
	check("txt.\u202eexe", "txt._exe")
	check("\xff\xfex", "__x")
	check("\uFFFD", "\uFFFD") // a valid character of its own
	check("a\uFFFD\xff", "a\uFFFD_")
	check(`a:b?<>|"*/c. `, `a:b?<>|"*/c. `)
	check("a\u2028b\u2029c", "a_b_c")
	check(" ", " ")

	long := strings.Repeat("x", 255)
	check(long, long)
	check(long+"y", long)
	check(long+".flac", long[:250]+".flac")
	check(long+".no extension this long", long)
	check(strings.Repeat("ä", 128), strings.Repeat("ä", 127))
	check("."+long, "."+long[:254])
	check(strings.Repeat("\u202e", 4<<20)+".mp3", strings.Repeat("_", 251)+".mp3")
}

func TestDevices(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := pathsOf(parseInfo(t, infoOf("top", in)))[0]; got != "top/"+want {
			t.Errorf("%q is %q, want %q", in, got, "top/"+want)
		}
	}
	check("CON", "_CON")
	check("con/aux.tar.gz", "_con/_aux.tar.gz")
	check("Nul .txt", "_Nul .txt")
	check("PRN", "_PRN")
	check("com1", "_com1")
	check("LPT³.x", "_LPT³.x")
	check("conin$", "_conin$")
	check("com0", "com0")
	check("com10", "com10")
	check("COM", "COM")
	check("console", "console")
	check("auxiliary.c", "auxiliary.c")
	check("a.con", "a.con")
	check("_aux", "_aux")
	spaces := strings.Repeat(" ", 300)
	check("CON"+spaces+"x", "_CON"+spaces[:251])
	if name := parseInfo(t, infoOf("NUL", "a")).Name; name != "_NUL" {
		t.Errorf("a torrent called NUL is %q", name)
	}
}

// TestElementWithSlash has a separator inside an element, where no client puts
// one in good faith.
func TestElementWithSlash(t *testing.T) {
	d := infoOf("../up")
	d["files"] = []dict{{"length": 1, "path": []string{"../../x", "y"}}}
	if got := parseInfo(t, d).Files[0].Path; !slices.Equal(got, []string{".._up", ".._.._x", "y"}) {
		t.Errorf("path %q", got)
	}
}

func TestTorrentName(t *testing.T) {
	check := func(changes dict, want string) {
		t.Helper()
		d := single().with(changes)
		info := parseInfo(t, d)
		if want == "" {
			want = info0(t, d).String()
		}
		if info.Name != want || !slices.Equal(info.Files[0].Path, []string{want}) {
			t.Errorf("%v: name %q, path %q; want %q", changes, info.Name, info.Files[0].Path, want)
		}
	}
	check(dict{"name": "x"}, "x")
	check(dict{"name": "x/y"}, "x_y")
	check(dict{"name": "\xe4", "name.utf-8": "ä"}, "ä")
	check(dict{"name": nil, "name.utf-8": "ä"}, "ä")
	check(dict{"name": "x", "name.utf-8": "\xe4"}, "x")
	check(dict{"name": "x", "name.utf-8": ""}, "x")
	check(dict{"name": "x", "name.utf-8": 1}, "x")
	check(dict{"name": ""}, "")
	check(dict{"name": ".."}, "")
}

// info0 is the info-hash of d.
func info0(t *testing.T, d dict) metainfo.Hash {
	t.Helper()
	torrent, err := metainfo.Parse(dict{"info": d}.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	return torrent.InfoHash
}

func TestPathUTF8(t *testing.T) {
	check := func(file dict, want string) {
		t.Helper()
		d := infoOf("top")
		d["files"] = append([]dict{file.with(dict{"length": 0})}, d["files"].([]dict)...)
		if got := pathsOf(parseInfo(t, d))[0]; got != "top/"+want {
			t.Errorf("%v is %q, want %q", file, got, want)
		}
	}
	check(dict{"path": []string{"\xe4"}, "path.utf-8": []string{"ä"}}, "ä")
	check(dict{"path.utf-8": []string{"ä"}}, "ä")
	check(dict{"path": []string{"x"}, "path.utf-8": []string{"\xe4"}}, "x")
	check(dict{"path": []string{"x"}, "path.utf-8": "ä"}, "x")
	check(dict{"path": []string{"x"}, "path.utf-8": []string{}}, "x")
}

func TestCollisions(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		got := pathsOf(parseInfo(t, infoOf("t", strings.Fields(in)...)))
		for i := range got {
			got[i] = strings.ReplaceAll(strings.TrimPrefix(got[i], "t/"), " ", "")
		}
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("%q is %q, want %q", in, joined, want)
		}
	}
	check("a a a", "a a(2) a(3)")
	check("a.txt a.txt", "a.txt a(2).txt")
	check(".rc .rc", ".rc .rc(2)")
	check("a A", "a A(2)")
	check("A.txt a.TXT a(2).txt", "A.txt a(2).TXT a(2).txt")
	check("D/a d/b d/A", "D/a d/b d/A(2)") // folders that meet keep their spelling
	check("A a/x A/y", "A a(2)/x a(2)/y")
	check("ä a\u0308 Ä", "ä a\u0308(2) Ä(3)") // composed and not
	check("Straße STRASSE", "Straße STRASSE(2)")
	check("Σ σ ς", "Σ σ(2) ς(3)")
	check("a a\u200b a\ufe0f \u00ada", "a a\u200b(2) a\ufe0f(3) \u00ada(4)")
	check("a a. a..", "a a(2). a.(3).")
	check("K \u212a", "K \u212a(2)") // the sign of Kelvin
	check("d/a d/a e/a", "d/a d/a(2) e/a")
	check("d/a d", "d/a d(2)")            // a file where a folder is
	check("d d/a d/b", "d d(2)/a d(2)/b") // a folder where a file is
	check("d d/a d(2)", "d d(2)/a d(2)")  // without the blank: no collision
	check("d d/a/x d/a", "d d(2)/a/x d(2)/a(2)")
	check("a//b a/b", "a/b a/b(2)")
	check("end", "end") // the file behind it gives way
}

// TestLongPaths holds that a path fits into PATH_MAX with a data folder of 1 KiB,
// whatever numbers are put into its names.
func TestLongPaths(t *testing.T) {
	folder := strings.Repeat("d", 250) + "/"
	file := strings.Repeat("f", 300) + ".flac"
	cut := "t/" + file[:250] + ".flac"
	long := strings.Repeat(folder, 12) + file
	got := pathsOf(parseInfo(t, infoOf("t", strings.Repeat(folder, 11)+file, long, long, strings.Repeat("x/", 200)+"short")))
	want := []string{"t/" + strings.Repeat(folder, 11) + file[:250] + ".flac", cut, "t/" + file[:245-5] + " (2).flac", "t/" + strings.Repeat("x/", 200) + "short"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTakenNumber has names that already look numbered.
func TestTakenNumber(t *testing.T) {
	got := pathsOf(parseInfo(t, infoOf("t", "a (2)", "a", "a", "a", "a (2)")))
	want := []string{"t/a (2)", "t/a", "t/a (3)", "t/a (4)", "t/a (2) (2)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLongCollisions holds that numbers fit, and that names which become equal
// by cutting cost no more than others: tens of thousands take no time.
func TestLongCollisions(t *testing.T) {
	long := strings.Repeat("x", 245)
	var in []string
	for i := range 8_000 {
		name := fmt.Sprintf("%s%010d", long, i)
		in = append(in, name, name)
	}
	seen := map[string]bool{}
	for _, p := range pathsOf(parseInfo(t, infoOf("t", in...))) {
		if seen[p] || len(p) > len("t/")+metainfo.MaxNameBytes {
			t.Fatalf("%q comes twice, or is too long", p)
		}
		seen[p] = true
	}
}

// folded is a path as the coarsest of file systems tells it apart.
func folded(path string) string {
	path = strings.ToLower(strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, path)))
	elements := strings.Split(norm.NFD.String(path), "/")
	for i, e := range elements {
		elements[i] = strings.TrimRight(e, ". ")
	}
	return strings.Join(elements, "/")
}

// checkPaths holds what a user of Path relies on.
func checkPaths(t *testing.T, info *metainfo.Info) {
	t.Helper()
	files, folders := map[string]bool{}, map[string]bool{}
	for _, f := range info.Files {
		if f.Path[0] != info.Name || info.MultiFile != (len(f.Path) > 1) {
			t.Fatalf("path %q of torrent %q", f.Path, info.Name)
		}
		for _, e := range f.Path {
			odd := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp) }
			if e == "" || e == "." || e == ".." || len(e) > metainfo.MaxNameBytes || strings.ContainsAny(e, `/\`) ||
				!utf8.ValidString(e) || strings.IndexFunc(e, odd) >= 0 {
				t.Fatalf("element %q", e)
			}
		}
		if f.Pad {
			continue
		}
		path := strings.Join(f.Path, "/")
		if len(path) > metainfo.MaxPathBytes || !fs.ValidPath(path) || !filepath.IsLocal(path) {
			t.Fatalf("%d bytes of path %q", len(path), path)
		}
		if files[folded(path)] {
			t.Fatalf("two files at %q", path)
		}
		files[folded(path)] = true
		for i := 1; i < len(f.Path); i++ {
			folders[folded(strings.Join(f.Path[:i], "/"))] = true
		}
	}
	for path := range files {
		if folders[path] {
			t.Fatalf("%q is a file and a folder", path)
		}
	}
}

func FuzzPaths(f *testing.F) {
	f.Add("t", "a\na\na/b\n../c\n\n")
	f.Add("..", "d\nd/a\nd (2)\nD/a")
	f.Add("AUX", "nul.x\nNUL.X\nä\na\u0308\nß\nSS\nß/x\nSs/X\na. \nA\u200b")
	f.Add("t", strings.Repeat(strings.Repeat("ab", 130)+"/", 12)+"x\n"+strings.Repeat("Ab", 127)+".flac")
	f.Fuzz(func(t *testing.T, name, paths string) {
		if len(paths) > 4000 {
			return
		}
		in := strings.Split(paths, "\n")
		info, err := metainfo.ParseInfo(infoOf(name, in...).encode(t))
		if err != nil {
			if strings.Count(paths, "/") < metainfo.MaxPathElements {
				t.Fatalf("refused for a name: %v", err)
			}
			return
		}
		checkPaths(t, info)
		// Paths that were made by the rules stay as they are.
		again := infoOf(info.Name)
		files := []dict{}
		for _, f := range info.Files {
			files = append(files, dict{"length": f.Length, "path": f.Path[1:]})
		}
		again["files"] = files
		for i, f := range parseInfo(t, again).Files {
			if !slices.Equal(f.Path, info.Files[i].Path) {
				t.Fatalf("%q became %q", info.Files[i].Path, f.Path)
			}
		}
	})
}

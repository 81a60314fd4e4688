package house

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/cmd/internal/config"
)

// constants are those of the project's packages, read from their source: with
// their reasons, which are their comments.
type constants struct {
	root     string // of the module
	fset     *token.FileSet
	packages map[string]*types.Package
	docs     map[string]map[string]string // by package and name
	time     types.Importer
}

func newConstants(root string) *constants {
	fset := token.NewFileSet()
	return &constants{
		root: root, fset: fset,
		packages: make(map[string]*types.Package),
		docs:     make(map[string]map[string]string),
		time:     importer.ForCompiler(fset, "source", nil),
	}
}

// Import implements types.Importer. What is neither ours nor of use in the
// value of a constant is an empty package: types.Config.Error passes over what
// is missing from it.
func (c *constants) Import(path string) (*types.Package, error) {
	if p := c.packages[path]; p != nil {
		return p, nil
	}
	dir, ours := strings.CutPrefix(path, "spate/")
	switch {
	case path == "time" || path == "math":
		return c.time.Import(path)
	case !ours:
		p := types.NewPackage(path, filepath.Base(path))
		p.MarkComplete()
		return p, nil
	}
	files, err := c.parse(filepath.Join(c.root, dir))
	if err != nil {
		return nil, err
	}
	c.docs[path] = comments(files)
	conf := types.Config{Importer: c, Error: func(error) {}, IgnoreFuncBodies: true}
	p, _ := conf.Check(path, c.fset, files, nil)
	c.packages[path] = p
	return p, nil
}

// parse reads the files of a package that every system builds.
func (c *constants) parse(dir string) ([]*ast.File, error) {
	product := func(f fs.FileInfo) bool {
		name := strings.TrimSuffix(f.Name(), ".go")
		return !strings.HasSuffix(name, "_test") && !strings.HasSuffix(name, "_darwin")
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		info, err := name.Info()
		if err != nil || filepath.Ext(name.Name()) != ".go" || !product(info) {
			continue
		}
		file, err := parser.ParseFile(c.fset, filepath.Join(dir, name.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// comments are those of constants. A comment that is about several in a row
// names them, and is the comment of each.
func comments(files []*ast.File) map[string]string {
	docs := make(map[string]string)
	for _, file := range files {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			last := decl.Doc.Text()
			for _, spec := range decl.Specs {
				value := spec.(*ast.ValueSpec)
				text := value.Doc.Text() + value.Comment.Text()
				if text == "" {
					text = last
				}
				last = text
				for _, name := range value.Names {
					docs[name.Name] = strings.Join(strings.Fields(text), " ")
				}
			}
		}
	}
	return docs
}

// look finds a constant: its value in the unit given, and its comment.
func (c *constants) look(pkg, name, unit string) (value, doc string, err error) {
	p, err := c.Import("spate/" + pkg)
	if err != nil {
		return "", "", err
	}
	object, ok := p.Scope().Lookup(name).(*types.Const)
	if !ok || object.Val().Kind() == constant.Unknown {
		return "", "", fmt.Errorf("%s: no constant %s", pkg, name)
	}
	doc = c.docs["spate/"+pkg][name]
	if doc == "" {
		return "", "", fmt.Errorf("%s.%s has no comment", pkg, name)
	}
	n, exact := constant.Int64Val(constant.ToInt(object.Val()))
	if !exact {
		return "", "", fmt.Errorf("%s.%s is no whole number", pkg, name)
	}
	if types.TypeString(object.Type(), nil) == "time.Duration" {
		return config.PlainDuration(time.Duration(n)), doc, nil
	}
	if unit == bytesUnit {
		return size(n), doc, nil
	}
	return strings.TrimSpace(digits(n) + " " + unit), doc, nil
}

// size writes a number of bytes in the largest unit that leaves a whole number.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for n != 0 && n%1024 == 0 && i < len(units)-1 {
		n, i = n/1024, i+1
	}
	return digits(n) + " " + units[i]
}

// digits writes a number with its thousands apart.
func digits(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func TestConstants(t *testing.T) {
	c := newConstants("../../..")
	check := func(pkg, name, unit, value, doc string) {
		t.Helper()
		v, d, err := c.look(pkg, name, unit)
		if err != nil || v != value || !strings.HasPrefix(d, doc) {
			t.Errorf("%s.%s: %q, %q, %v; want %q, %q", pkg, name, v, d, err, value, doc)
		}
	}
	check("proto/metainfo", "MaxPieceLength", bytesUnit, "256 MiB", "MaxPieceLength is in bytes.")
	check("proto/metainfo", "MaxFiles", "files", "1,000,000 files", "MaxFiles bounds")
	check("reactor/swarm", "keepAliveAfter", "", "1m30s", "keepAliveAfter is how long")
	if _, _, err := c.look("proto/wire", "NoSuch", ""); err == nil {
		t.Error("a constant that is not there")
	}
}

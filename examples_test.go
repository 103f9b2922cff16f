package doc_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// otherRule says which loops of examples and programs do not ask EndsScan, and why.
var otherRule = map[string]string{
	"message.go: read":                      "a message comes back as a whole, so the loop ends at each error that another try may mend",
	"deadletter_example_test.go: readAgain": "a letter stays after any error",
}

// One rule holds in the loops of all examples and programs: an error for which EndsScan
// reports true ends the loop, and after the others it goes on.
func TestExamplesAskEndsScan(t *testing.T) {
	loops := 0
	for _, file := range sources(t) {
		isTest := strings.HasSuffix(file, "_test.go")
		isExample := strings.HasPrefix(file, "qlogs/") && isTest && strings.Contains(path.Base(file), "example_")
		isProgram := strings.HasPrefix(file, "examples/") && !isTest
		if !isExample && !isProgram {
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || otherRule[path.Base(file)+": "+f.Name.Name] != "" {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				loop, ok := n.(*ast.RangeStmt)
				if !ok || loop.Value == nil || !calls(loop.X, "Records", "Follow", "Objects", "Read") {
					return true
				}
				loops++
				if !calls(loop.Body, "EndsScan") {
					t.Errorf("%s: the loop does not ask EndsScan: return the error for which it reports true, and log or count the others and go on", files.Position(loop.Pos()))
				}
				return true
			})
		}
	}
	if loops == 0 {
		t.Error("no loop over a scan was found in any example")
	}
}

// calls reports whether a method or a function of another package with one of the names is
// called in n.
func calls(n ast.Node, names ...string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, f.Sel.Name) {
			found = true
		}
		return true
	})
	return found
}

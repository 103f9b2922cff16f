package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	load "golang.org/x/tools/go/packages"
)

// find returns all faults that are possible in the packages, in the order of files and lines.
func find(root string, dirs []string) ([]*fault, error) {
	var patterns []string
	for _, dir := range dirs {
		patterns = append(patterns, "./"+dir)
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	loaded, err := load.Load(&load.Config{
		Dir:  root,
		Mode: load.NeedName | load.NeedFiles | load.NeedImports | load.NeedTypes | load.NeedSyntax | load.NeedTypesInfo | load.NeedCompiledGoFiles,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	var faults []*fault
	for _, pkg := range loaded {
		if len(pkg.Errors) > 0 {
			return nil, pkg.Errors[0]
		}
		for _, file := range pkg.Syntax {
			name := pkg.Fset.Position(file.Pos()).Filename
			src, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return nil, err
			}
			f := &finder{fset: pkg.Fset, info: pkg.TypesInfo, src: string(src), file: filepath.ToSlash(rel)}
			f.hasTime = slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"time"` })
			for _, decl := range file.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
					f.look(fn)
				}
			}
			faults = append(faults, f.faults...)
		}
	}
	return faults, nil
}

// A finder finds the faults of one file.
type finder struct {
	fset     *token.FileSet
	info     *types.Info
	src      string
	file     string
	hasTime  bool // time is imported
	function string
	faults   []*fault
}

func (f *finder) offset(pos token.Pos) int { return f.fset.Position(pos).Offset }

// source is the text of a node.
func (f *finder) source(n ast.Node) string { return f.src[f.offset(n.Pos()):f.offset(n.End())] }

// replace adds the fault that has text in the place of a node.
func (f *finder) replace(kind string, n ast.Node, text string) {
	now := oneLine(text)
	if now == "" {
		now = "nothing"
	}
	f.add(kind, n, oneLine(f.source(n))+" → "+now, f.edit(n, text))
}

func (f *finder) edit(n ast.Node, text string) edit {
	return edit{f.offset(n.Pos()), f.offset(n.End()), text}
}

func (f *finder) add(kind string, at ast.Node, change string, edits ...edit) {
	pos := f.fset.Position(at.Pos())
	begin := pos.Offset - pos.Column + 1
	line, _, _ := strings.Cut(f.src[begin:], "\n")
	before := strings.TrimSuffix(f.src[:begin], "\n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	dir, _ := filepath.Split(f.file)
	f.faults = append(f.faults, &fault{
		pkg: strings.TrimSuffix(dir, "/"), file: f.file, line: pos.Line, kind: kind,
		function: f.function, before: strings.TrimSpace(before), text: strings.TrimSpace(line), change: change, edits: edits,
	})
}

func (f *finder) look(fn *ast.FuncDecl) {
	f.function = fn.Name.Name
	if fn.Recv != nil {
		receiver := strings.TrimLeft(f.source(fn.Recv.List[0].Type), "*")
		receiver, _, _ = strings.Cut(receiver, "[")
		f.function = receiver + "." + f.function
	}
	f.locks(fn.Body)
	ast.Inspect(fn.Body, f.visit)
}

func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		f.negate(n.Cond)
	case *ast.ForStmt:
		f.negate(n.Cond)
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.SwitchStmt:
		f.cases(n.Body, n.Tag == nil)
	case *ast.TypeSwitchStmt:
		f.cases(n.Body, false)
	case *ast.SelectStmt:
		f.cases(n.Body, false)
	case *ast.BlockStmt:
		f.dropEach(n.List)
	case *ast.CaseClause:
		f.dropEach(n.Body)
	case *ast.CommClause:
		f.dropEach(n.Body)
	case *ast.IncDecStmt:
		other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok]
		f.replace("one off", n, f.source(n.X)+other)
	case *ast.BasicLit:
		f.number(n)
	case *ast.CallExpr:
		f.call(n)
	case *ast.ReturnStmt:
		if !f.fails(n) {
			f.constants(n.Results...)
			break
		}
		// Nobody looks at what is beside an error.
		err := n.Results[len(n.Results)-1]
		f.constants(err)
		ast.Inspect(err, f.visit)
		return false
	}
	return true
}

package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// locks finds the mutexes that a function locks and unlocks.
func (f *finder) locks(body *ast.BlockStmt) {
	var mutexes []string
	calls := map[string][]ast.Stmt{}
	ast.Inspect(body, func(n ast.Node) bool {
		var call ast.Expr
		switch n := n.(type) {
		case *ast.ExprStmt:
			call = n.X
		case *ast.DeferStmt:
			call = n.Call
		}
		if c, ok := call.(*ast.CallExpr); ok {
			if mutex, ok := lockOf(f.source(c)); ok {
				if calls[mutex] == nil {
					mutexes = append(mutexes, mutex)
				}
				calls[mutex] = append(calls[mutex], n.(ast.Stmt))
			}
		}
		return true
	})
	for _, mutex := range mutexes {
		var edits []edit
		for _, s := range calls[mutex] {
			edits = append(edits, f.edit(s, ""))
		}
		f.add(lostLock, calls[mutex][0], "without the lock of "+mutex, edits...)
	}
}

const lostLock = "lost lock"

func lockOf(call string) (mutex string, ok bool) {
	for _, name := range []string{".Lock()", ".Unlock()", ".RLock()", ".RUnlock()"} {
		if mutex, ok = strings.CutSuffix(call, name); ok {
			return mutex, true
		}
	}
	return "", false
}

// dropEach leaves out statements, one at a time.
func (f *finder) dropEach(list []ast.Stmt) {
	for _, s := range list {
		text := f.source(s)
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt:
			if len(s.Results) > 0 {
				continue
			}
		case *ast.ExprStmt, *ast.DeferStmt:
			if _, ok := lockOf(text); ok {
				continue
			}
		case *ast.IncDecStmt, *ast.SendStmt, *ast.BranchStmt:
		default:
			continue
		}
		f.replace("lost statement", s, "")
	}
}

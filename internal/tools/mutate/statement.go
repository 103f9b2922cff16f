package main

import (
	"go/ast"
	"go/token"
	"go/types"
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

var turned = map[token.Token]token.Token{
	token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL,
}

var moved = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
}

func (f *finder) binary(e *ast.BinaryExpr) {
	with := func(kind string, op token.Token) {
		f.add(kind, e, oneLine(f.source(e))+": "+e.Op.String()+" → "+op.String(),
			edit{f.offset(e.OpPos), f.offset(e.OpPos) + len(e.Op.String()), op.String()})
	}
	if op, ok := turned[e.Op]; ok {
		with("turned comparison", op)
	}
	if op, ok := moved[e.Op]; ok {
		with("moved boundary", op)
	}
	switch e.Op {
	case token.LAND:
		with("and for or", token.LOR)
	case token.LOR:
		with("and for or", token.LAND)
	case token.ADD, token.SUB:
		basic, ok := f.info.TypeOf(e).Underlying().(*types.Basic)
		if other := token.ADD + token.SUB - e.Op; ok && basic.Info()&types.IsInteger != 0 {
			with("one off", other)
		}
	}
}

// negate is for conditions that turning a comparison does not negate.
func (f *finder) negate(cond ast.Expr) {
	switch e := cond.(type) {
	case nil:
	case *ast.UnaryExpr:
		f.replace("negated condition", e, f.source(e.X))
	case *ast.BinaryExpr:
		if _, ok := turned[e.Op]; !ok {
			f.replace("negated condition", e, "!("+f.source(e)+")")
		}
	default:
		f.replace("negated condition", e, "!"+f.source(e))
	}
}

// cases skips each case of a switch.
func (f *finder) cases(body *ast.BlockStmt, conditions bool) {
	for _, s := range body.List {
		const kind = "skipped case"
		switch s := s.(type) {
		case *ast.CaseClause:
			head := oneLine(f.src[f.offset(s.Pos()) : f.offset(s.Colon)+1])
			if conditions && len(s.List) == 1 {
				f.add(kind, s, head, f.edit(s.List[0], "false && ("+f.source(s.List[0])+")"))
			} else {
				f.add(kind, s, head, f.edit(s, ""))
			}
		case *ast.CommClause:
			f.add(kind, s, oneLine(f.src[f.offset(s.Pos()):f.offset(s.Colon)+1]), f.edit(s, ""))
		}
	}
}

package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

func (f *finder) number(lit *ast.BasicLit) {
	n, err := strconv.Atoi(lit.Value)
	if lit.Kind != token.INT || err != nil {
		return
	}
	f.replace("one off", lit, strconv.Itoa(n+1))
	if n > 0 {
		f.replace("one off", lit, strconv.Itoa(n-1))
	}
}

func (f *finder) call(c *ast.CallExpr) {
	text := f.source(c)
	if id, ok := c.Fun.(*ast.Ident); ok && f.info.Uses[id] != nil && f.info.Uses[id].Parent() == types.Universe {
		switch id.Name {
		case "min":
			f.replace("min for max", id, "max")
		case "max":
			f.replace("min for max", id, "min")
		}
	}
	f.hour(c, text)
	for _, arg := range c.Args {
		switch arg.(type) {
		case *ast.Ident, *ast.SelectorExpr:
			if name, ok := f.info.TypeOf(arg).(*types.Named); ok && name.Obj().Name() == "hour" {
				f.hour(arg, f.source(arg))
			}
		}
	}
}

// hour moves a value that is a time, or the number of an hour.
func (f *finder) hour(e ast.Expr, text string) {
	name, ok := f.info.TypeOf(e).(*types.Named)
	if !ok || f.info.Types[e].IsType() {
		return
	}
	if call, ok := e.(*ast.CallExpr); ok && f.info.Types[call.Fun].IsType() { // a conversion
		return
	}
	const kind = "one hour off"
	switch obj := name.Obj(); {
	case obj.Name() == "hour":
		f.replace(kind, e, "("+text+" + 1)")
		f.replace(kind, e, "("+text+" - 1)")
	case obj.Name() == "Time" && obj.Pkg() != nil && obj.Pkg().Path() == "time" && f.hasTime:
		f.replace(kind, e, text+".Add(time.Hour)")
		f.replace(kind, e, text+".Add(-time.Hour)")
	}
}

// fails reports whether a function returns an error, and beside it zero values alone.
func (f *finder) fails(r *ast.ReturnStmt) bool {
	last := len(r.Results) - 1
	if last < 1 || f.source(r.Results[last]) == "nil" || f.info.TypeOf(r.Results[last]).String() != "error" {
		return false
	}
	for _, e := range r.Results[:last] {
		switch text := f.source(e); {
		case text == "0", text == "nil", text == "false", text == `""`, strings.HasSuffix(text, "{}"):
		default:
			return false
		}
	}
	return true
}

// constants has a function return constants.
func (f *finder) constants(results ...ast.Expr) {
	for _, e := range results {
		const kind = "returned constant"
		text := f.source(e)
		other := func(constants ...string) {
			for _, c := range constants {
				if c != text {
					f.replace(kind, e, c)
				}
			}
		}
		switch t := f.info.TypeOf(e).(type) {
		case *types.Tuple:
		case *types.Basic:
			switch {
			case t.Info()&types.IsBoolean != 0:
				other("true", "false")
			case t.Info()&types.IsInteger != 0:
				other("0")
			case t.Info()&types.IsString != 0:
				other(`""`)
			}
		default:
			switch t.Underlying().(type) {
			case *types.Interface, *types.Pointer, *types.Slice, *types.Map:
				other("nil")
			}
		}
	}
}

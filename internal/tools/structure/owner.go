package main

import (
	"go/types"
	"slices"
)

// owners knows, by package, to which type a field or a method of an interface belongs.
type owners map[*types.Package]map[types.Object]*types.TypeName

// of returns the type of a package that obj is, or is a field or a method of, and nil
// for anything else. An alias of one of our types is that type.
func (o owners) of(obj types.Object) *types.TypeName {
	switch obj := obj.(type) {
	case *types.TypeName:
		if obj.Parent() != obj.Pkg().Scope() {
			return nil // of a function, or a type parameter
		}
		if named, ok := types.Unalias(obj.Type()).(*types.Named); ok && named.Obj().Pkg() != nil {
			return named.Obj()
		}
		return obj
	case *types.Func:
		if recv := obj.Signature().Recv(); recv != nil {
			t := recv.Type()
			if p, ok := types.Unalias(t).(*types.Pointer); ok {
				t = p.Elem()
			}
			if named, ok := types.Unalias(t).(*types.Named); ok {
				return named.Origin().Obj()
			}
			return o.in(obj.Pkg())[obj.Origin()]
		}
	case *types.Var:
		if obj.IsField() {
			return o.in(obj.Pkg())[obj.Origin()]
		}
	}
	return nil
}

func (o owners) in(pkg *types.Package) map[types.Object]*types.TypeName {
	if o[pkg] == nil {
		o[pkg] = map[types.Object]*types.TypeName{}
		var names []*types.TypeName
		for _, name := range pkg.Scope().Names() {
			if t, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && !t.IsAlias() {
				names = append(names, t)
			}
		}
		// type A B has the fields of B: they belong to the type that declares them,
		// which is the last one that begins before them.
		slices.SortFunc(names, func(a, b *types.TypeName) int { return int(a.Pos() - b.Pos()) })
		for _, t := range names {
			members(t.Type().Underlying(), func(obj types.Object) {
				if o[pkg][obj] == nil || t.Pos() < obj.Pos() {
					o[pkg][obj] = t
				}
			})
		}
	}
	return o[pkg]
}

// members calls f for each field and each method that is written down in t, which may
// be in a struct without a name inside of t.
func members(t types.Type, f func(types.Object)) {
	switch t := t.(type) {
	case *types.Struct:
		for field := range t.Fields() {
			f(field)
			members(field.Type(), f)
		}
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			f(method)
		}
	case *types.Pointer:
		members(t.Elem(), f)
	case *types.Slice:
		members(t.Elem(), f)
	case *types.Array:
		members(t.Elem(), f)
	case *types.Map:
		members(t.Key(), f)
		members(t.Elem(), f)
	case *types.Chan:
		members(t.Elem(), f)
	}
}

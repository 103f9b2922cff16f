package knot

var _ = outer{}

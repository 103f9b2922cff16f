package knot

type outer struct {
	inner
	box Box[int]
}

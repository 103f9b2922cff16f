package knot

type inner struct {
	count int
	deep  struct{ down int }
}

type copied inner

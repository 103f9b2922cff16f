package knot

func unbox[T any](value T) int {
	o := new(outer)
	return o.box.Get() + o.box.value + limit
}

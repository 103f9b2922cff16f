package knot

func (h *Hub) C() { h.n++ }

package knot

func (h *Hub) B() { h.C() }
